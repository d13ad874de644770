"""
A built layer to AWS: region by region, the same zip once, for whom it may be used, where its ARN is found.

A region that fails does not stop the others. Nothing is deleted before everything else in its region has succeeded.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from obskit.errors import MissingExtraError, ObskitError, of_aws
from obskit.quotas import LAMBDA_DIRECT_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Client = Callable[[str, str], Any]
    """(service, region) -> boto3 client."""

KEEP = 10
"""Versions that stay. A function goes on with one that was deleted, but cannot be deployed with it again."""

MARK = "obskit-"
"""Statements of a layer's policy whose ids begin so are ours; others are left alone."""

_SUM = " sha256:"
"""In a version's description before the hash of its zip: the list of versions shows no hash."""


@dataclass(frozen=True)
class Plan:
    """What is to be published, and for whom."""

    name: str
    """Of the layer: `obskit`, `obskit-full-arm64`."""
    version: str
    """Of obskit."""
    content: bytes
    runtimes: Sequence[str]
    """As `python3.13`."""
    architectures: Sequence[str]
    environment: str
    account: str
    """Whose credentials must be at hand."""
    regions: Sequence[str]
    organizations: Sequence[str] = ()
    accounts: Sequence[str] = ()
    public: bool = False
    keep: int = KEEP
    bucket: str = ""
    """For a zip too large for a call, `{region}` in it replaced: Lambda reads only from a bucket in the same region."""
    direct_bytes: int = LAMBDA_DIRECT_BYTES

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def parameter(self) -> str:
        """Name of the SSM parameter that holds the ARN."""
        return f"/obskit/{self.environment}/layers/{self.name}"

    @property
    def key(self) -> str:
        """Of the object in S3: by content, so that no upload replaces another."""
        return f"obskit/layers/{self.sha256}.zip"


@dataclass
class Outcome:
    """What happened in one region, or would have."""

    region: str
    arn: str = ""
    """Of the version; empty where it does not exist yet or the region failed."""
    version: int = 0
    did: list[str] = field(default_factory=list)
    """One line for each change; none where everything was as it should be."""
    error: str = ""
    """Begins with the change that failed, if it was one."""
    doing: str = ""
    """The change that failed."""


def clients() -> Client:
    """
    Return what makes clients of the caller's own configuration of AWS, with retries.

    Raises:
        MissingExtraError: boto3 is not installed.
    """
    try:
        import boto3
        import botocore.config
    except ImportError:
        raise MissingExtraError("aws", "obskit layer publish") from None
    config = botocore.config.Config(
        retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=5, read_timeout=120
    )
    session = boto3.session.Session()
    return lambda service, region: session.client(service, region_name=region, config=config)


def publish(plan: Plan, client: Client, tell: Callable[[Outcome], None], *, dry_run: bool = False) -> list[Outcome]:
    """
    Bring every region of *plan* to where it should be; *tell* is called as each is done.

    Raises:
        ObskitError: the credentials are those of another account, or a zip that is too large has no bucket.
    """
    if {"{", "}"} & set(plan.bucket.replace("{region}", "")):
        raise ObskitError(f"bucket '{plan.bucket}': only {{region}} may stand in braces")
    if len(plan.content) > plan.direct_bytes and not plan.bucket:
        raise ObskitError(f"{len(plan.content)} bytes are too many for a call ({plan.direct_bytes}): name a bucket")
    errors = _aws_errors()
    try:
        identity = client("sts", plan.regions[0]).get_caller_identity()["Account"]
    except errors as error:
        raise ObskitError(f"no credentials for account {plan.account}: {of_aws(error)}") from None
    if identity != plan.account:
        raise ObskitError(f"the credentials are those of account {identity}; {plan.environment} is {plan.account}")
    outcomes = []
    for region in plan.regions:
        outcome = Outcome(region)
        try:
            _Region(plan, client, outcome, dry_run=dry_run).run()
        except errors as error:
            outcome.error = f"{outcome.doing}: {error}" if outcome.doing else str(error)
        tell(outcome)
        outcomes.append(outcome)
    return outcomes


def _aws_errors() -> tuple[type[Exception], ...]:
    import botocore.exceptions

    return (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError)


class _Region:
    """One region: reads what is there, changes what differs."""

    def __init__(self, plan: Plan, client: Client, outcome: Outcome, *, dry_run: bool) -> None:
        self._plan = plan
        self._client = client
        self._outcome = outcome
        self._dry_run = dry_run
        self._lambda = client("lambda", outcome.region)

    def run(self) -> None:
        versions = self._versions()
        found = next((one for one in versions if self._is_same(one)), None)
        if found is None:
            self._publish()
        else:
            self._outcome.arn, self._outcome.version = found["LayerVersionArn"], found["Version"]
        self._permit()
        self._write_parameter()
        self._prune([one["Version"] for one in versions])
        if found is None and not self._dry_run:
            self._delete_twins({one["Version"] for one in versions})

    def _change(self, told: str, call: Callable[..., Any], **given: Any) -> Any:
        """Make a change by *call*, unless it is only to be told; return the answer, if there is one."""
        self._outcome.doing = told
        answer = None if self._dry_run else call(**given)
        self._outcome.doing = ""
        self._outcome.did.append(told)
        return answer

    def _versions(self) -> list[dict[str, Any]]:
        """Return the versions there are, the newest first."""
        pages = self._lambda.get_paginator("list_layer_versions").paginate(LayerName=self._plan.name)
        found = [one for page in pages for one in page["LayerVersions"]]
        return sorted(found, key=lambda one: -int(one["Version"]))

    def _is_same(self, one: Mapping[str, Any]) -> bool:
        """Say whether a version is this zip: its description says so, and Lambda's own hash of it agrees."""
        plan = self._plan
        if not one.get("Description", "").endswith(_SUM + plan.sha256):
            return False
        if set(one.get("CompatibleRuntimes", [])) != set(plan.runtimes):
            return False
        held = self._lambda.get_layer_version(LayerName=plan.name, VersionNumber=one["Version"])["Content"]
        return bool(held["CodeSha256"] == base64.b64encode(bytes.fromhex(plan.sha256)).decode())

    def _publish(self) -> None:
        plan = self._plan
        content: dict[str, Any] = {"ZipFile": plan.content}
        if len(plan.content) > plan.direct_bytes:
            bucket = plan.bucket.replace("{region}", self._outcome.region)
            content = {"S3Bucket": bucket, "S3Key": plan.key}
            self._change(
                f"uploads s3://{bucket}/{plan.key}",
                self._client("s3", self._outcome.region).put_object,
                Bucket=bucket,
                Key=plan.key,
                Body=plan.content,
                ExpectedBucketOwner=plan.account,
            )
        made = self._change(
            f"publishes a version of {plan.name}",
            self._lambda.publish_layer_version,
            LayerName=plan.name,
            Description=f"obskit {plan.version}{_SUM}{plan.sha256}",
            Content=content,
            CompatibleRuntimes=list(plan.runtimes),
            CompatibleArchitectures=list(plan.architectures),
            LicenseInfo="Apache-2.0; third parties: see licenses in *.dist-info",
        )
        if made:
            self._outcome.arn, self._outcome.version = made["LayerVersionArn"], made["Version"]

    def _permit(self) -> None:
        """Let the accounts that were asked for use the version, and nobody else whom a statement of ours had named."""
        plan = self._plan
        wanted: dict[str, dict[str, str]] = {}
        for account in plan.accounts:
            wanted[f"{MARK}account-{account}"] = {"Principal": account}
        for organization in plan.organizations:
            wanted[f"{MARK}organization-{organization}"] = {"Principal": "*", "OrganizationId": organization}
        if plan.public:
            wanted[f"{MARK}public"] = {"Principal": "*"}
        there = self._statements()
        for sid in sorted(wanted.keys() - there):
            self._change(
                f"permits {sid.removeprefix(MARK)}",
                self._lambda.add_layer_version_permission,
                LayerName=plan.name,
                VersionNumber=self._outcome.version,
                StatementId=sid,
                Action="lambda:GetLayerVersion",
                **wanted[sid],
            )
        for sid in sorted(one for one in there - wanted.keys() if one.startswith(MARK)):
            self._change(
                f"withdraws {sid.removeprefix(MARK)}",
                self._lambda.remove_layer_version_permission,
                LayerName=plan.name,
                VersionNumber=self._outcome.version,
                StatementId=sid,
            )

    def _statements(self) -> set[str]:
        if not self._outcome.version:
            return set()
        try:
            policy = self._lambda.get_layer_version_policy(
                LayerName=self._plan.name, VersionNumber=self._outcome.version
            )
        except self._lambda.exceptions.ResourceNotFoundException:
            return set()
        return {statement["Sid"] for statement in json.loads(policy["Policy"])["Statement"]}

    def _write_parameter(self) -> None:
        ssm = self._client("ssm", self._outcome.region)
        try:
            there = ssm.get_parameter(Name=self._plan.parameter)["Parameter"]["Value"]
        except ssm.exceptions.ParameterNotFound:
            there = ""
        if there == self._outcome.arn and there:
            return
        self._change(
            f"writes the ARN to {self._plan.parameter}",
            ssm.put_parameter,
            Name=self._plan.parameter,
            Value=self._outcome.arn,
            Type="String",
            Overwrite=True,
            DataType="text",
        )

    def _prune(self, before: Sequence[int]) -> None:
        """Delete all but the newest `keep`; what has just been published counts, and is never deleted."""
        current = self._outcome.version
        others = sorted((one for one in before if one != current), reverse=True)
        for version in others[max(self._plan.keep - 1, 0) :]:
            self._change(
                f"deletes version {version}",
                self._lambda.delete_layer_version,
                LayerName=self._plan.name,
                VersionNumber=version,
            )

    def _delete_twins(self, before: set[int]) -> None:
        """Delete what a call has made whose answer was lost, so that boto made another one."""
        for one in self._versions():
            version = one["Version"]
            if version not in before and version != self._outcome.version and self._is_same(one):
                self._change(
                    f"deletes version {version}, the same once more: an answer was lost",
                    self._lambda.delete_layer_version,
                    LayerName=self._plan.name,
                    VersionNumber=version,
                )


def manifest(existing: str, plan: Plan, outcomes: Sequence[Outcome]) -> str:
    """
    Return *existing*, the text of a manifest or nothing, with what was published now.

    Shape: `{"layers": {name: {region: {"arn", "version", "sha256", "runtimes", "architectures"}}}}`, sorted.

    Raises:
        ObskitError: *existing* is no manifest.
    """
    try:
        document = json.loads(existing or "{}")
        regions = document.setdefault("layers", {}).setdefault(plan.name, {})
        for outcome in outcomes:
            if outcome.arn and not outcome.error:
                regions[outcome.region] = {
                    "arn": outcome.arn,
                    "version": outcome.version,
                    "sha256": plan.sha256,
                    "runtimes": list(plan.runtimes),
                    "architectures": list(plan.architectures),
                }
    except (ValueError, AttributeError, TypeError):
        raise ObskitError("the manifest is no manifest of layers; remove it or name another") from None
    return json.dumps(document, indent=2, sort_keys=True) + "\n"
