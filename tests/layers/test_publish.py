"""`obskit layer publish` against the emulator's Lambda, SSM, S3 and CloudFormation; what it is allowed to do."""

from __future__ import annotations

import dataclasses
import io
import json
import threading
import urllib.error
import urllib.request
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

import boto3
import pytest
from botocore.exceptions import ClientError
from dirty_equals import IsPartialDict

from obskit.demo.emulator import Emulator
from obskit.demo.processes import Processes
from obskit.deploy import definitions
from obskit.deploy import project as deploy_project
from obskit.deploy.iam import layer_job
from obskit.deploy.iam.place import Place
from obskit.deploy.render import render
from obskit.errors import ObskitError
from obskit.layers import archive, build, publish
from obskit.layers.publish import Outcome, Plan
from tests.command import obskit
from tests.parts import EMULATOR, ROOT, require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.layers.conftest import Unpacked

ACCOUNT, OTHER, ORGANIZATION = "111111111111", "222222222222", "o-a1b2c3d4e5"
REGIONS = ("us-east-1", "us-west-2")


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    require("emulator")
    require("node")
    with Processes() as processes:
        running = Emulator(processes, python=EMULATOR / "bin" / "python", account=ACCOUNT)
        yield running
        running.stop()


class Aws:
    """Clients of the emulator, with the calls that went through them."""

    def __init__(self, emulator: Emulator) -> None:
        self.calls: list[tuple[str, str]] = []
        self._session = boto3.session.Session(aws_access_key_id=ACCOUNT, aws_secret_access_key="test")
        self.url = emulator.url

    def __call__(self, service: str, region: str) -> Any:
        client = self._session.client(service, region_name=region, endpoint_url=self.url)
        client.meta.events.register("before-call", self._called)
        return client

    def _called(self, model: Any, **_: Any) -> None:
        self.calls.append((model.service_model.endpoint_prefix, model.name))

    def versions(self, name: str, region: str = "us-east-1") -> list[int]:
        found = self("lambda", region).list_layer_versions(LayerName=name)["LayerVersions"]
        return sorted(one["Version"] for one in found)


@pytest.fixture
def aws(emulator: Emulator) -> Aws:
    return Aws(emulator)


@pytest.fixture
def plan(request: pytest.FixtureRequest) -> Callable[..., Plan]:
    """Make a plan for a layer of the test's own name, whose zip has *text* in it."""
    name = f"obskit-{request.node.name.replace('_', '-').replace('[', '-').strip(']')}"[:60]

    def plan(text: str = "first", **given: Any) -> Plan:
        return Plan(
            **{
                "name": name,
                "version": "1.2.3",
                "content": archive.pack({"python/obskit/__init__.py": text.encode()}),
                "runtimes": ("python3.12", "python3.13"),
                "architectures": ("x86_64", "arm64"),
                "environment": "dev",
                "account": ACCOUNT,
                "regions": REGIONS,
                **given,
            }
        )

    return plan


def run(plan: Plan, aws: Aws, *, dry_run: bool = False) -> list[Outcome]:
    told: list[Outcome] = []
    outcomes = publish.publish(plan, aws, told.append, dry_run=dry_run)
    assert told == outcomes
    return outcomes


def test_a_layer_is_published_in_every_region_and_its_arn_can_be_found(aws: Aws, plan: Callable[..., Plan]):
    first = plan()

    outcomes = run(first, aws)

    for outcome, region in zip(outcomes, REGIONS, strict=True):
        arn = f"arn:aws:lambda:{region}:{ACCOUNT}:layer:{first.name}:1"
        did = [f"publishes a version of {first.name}", f"writes the ARN to /obskit/dev/layers/{first.name}"]
        assert Outcome(region, arn, 1, did) == outcome
        found = aws("lambda", region).get_layer_version(LayerName=first.name, VersionNumber=1)
        assert IsPartialDict(CompatibleRuntimes=["python3.12", "python3.13"]) == found
        assert f"obskit 1.2.3 sha256:{first.sha256}" == found["Description"]
        parameter = aws("ssm", region).get_parameter(Name=f"/obskit/dev/layers/{first.name}")
        assert arn == parameter["Parameter"]["Value"]


def test_the_same_zip_is_not_published_again_and_another_one_is(aws: Aws, plan: Callable[..., Plan]):
    run(plan(), aws)

    assert [[], []] == [outcome.did for outcome in run(plan(), aws)]
    assert [1, 1] == [outcome.version for outcome in run(plan(), aws)]
    assert [2, 2] == [outcome.version for outcome in run(plan("second"), aws)]
    assert [1, 2] == aws.versions(plan().name)
    # Back to the first: it is still there, and the parameter leads to it again.
    assert [1, 1] == [outcome.version for outcome in run(plan(), aws)]


def test_a_dry_run_says_what_would_change_and_changes_nothing(aws: Aws, plan: Callable[..., Plan]):
    outcomes = run(plan(accounts=(OTHER,)), aws, dry_run=True)

    name = plan().name
    did = [f"publishes a version of {name}", f"permits account-{OTHER}", f"writes the ARN to /obskit/dev/layers/{name}"]
    assert [Outcome(region, did=did) for region in REGIONS] == outcomes
    assert [] == aws.versions(name)
    assert not any(call.startswith(("Publish", "Put", "Add", "Delete")) for _, call in aws.calls)


def test_the_last_versions_stay(aws: Aws, plan: Callable[..., Plan]):
    for text in ("first", "second", "third"):
        run(plan(text), aws)

    (east, _) = run(plan("fourth", keep=2), aws)

    assert ["deletes version 2", "deletes version 1"] == east.did[-2:]
    assert [3, 4] == aws.versions(plan().name)


def test_what_is_current_is_never_deleted(aws: Aws, plan: Callable[..., Plan]):
    for text in ("first", "second", "third"):
        run(plan(text), aws)

    run(plan("first", keep=1), aws)

    assert [1] == aws.versions(plan().name)


def statements(aws: Aws, name: str, version: int) -> dict[str, Any]:
    policy = aws("lambda", "us-east-1").get_layer_version_policy(LayerName=name, VersionNumber=version)["Policy"]
    return {one["Sid"]: one for one in json.loads(policy)["Statement"]}


def test_only_those_who_were_named_may_use_it(aws: Aws, plan: Callable[..., Plan]):
    run(plan(accounts=(OTHER,), organizations=(ORGANIZATION,)), aws)
    name = plan().name
    both = statements(aws, name, 1)

    outcomes = run(plan(organizations=(ORGANIZATION,)), aws)

    assert {f"obskit-account-{OTHER}", f"obskit-organization-{ORGANIZATION}"} == both.keys()
    shared = both[f"obskit-organization-{ORGANIZATION}"]
    assert {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}} == shared["Condition"]
    assert [f"withdraws account-{OTHER}"] == outcomes[0].did
    assert {f"obskit-organization-{ORGANIZATION}"} == statements(aws, name, 1).keys()


def test_it_is_public_only_when_that_is_asked_for(aws: Aws, plan: Callable[..., Plan]):
    run(plan(), aws)
    client = aws("lambda", "us-east-1")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_layer_version_policy(LayerName=plan().name, VersionNumber=1)

    run(plan(public=True), aws)

    (one,) = statements(aws, plan().name, 1).values()
    assert IsPartialDict(Sid="obskit-public", Principal="*", Action="lambda:GetLayerVersion") == one
    assert "Condition" not in one


def test_a_large_zip_goes_by_a_bucket_of_the_region(aws: Aws, plan: Callable[..., Plan]):
    aws("s3", "us-east-1").create_bucket(Bucket="artifacts-us-east-1")
    aws("s3", "us-west-2").create_bucket(
        Bucket="artifacts-us-west-2", CreateBucketConfiguration={"LocationConstraint": "us-west-2"}
    )
    large = plan(direct_bytes=10, bucket="artifacts-{region}")

    outcomes = run(large, aws)

    assert ["", ""] == [outcome.error for outcome in outcomes]
    assert [f"uploads s3://artifacts-{region}/{large.key}" for region in REGIONS] == [one.did[0] for one in outcomes]
    stored = aws("s3", "us-east-1").get_object(Bucket="artifacts-us-west-2", Key=large.key)["Body"].read()
    assert large.content == stored


def test_without_a_bucket_a_large_zip_is_refused_before_anything_happens(aws: Aws, plan: Callable[..., Plan]):
    with pytest.raises(ObskitError, match="name a bucket"):
        run(plan(direct_bytes=10), aws)
    assert [] == aws.calls


def test_credentials_of_another_account_are_refused(aws: Aws, plan: Callable[..., Plan]):
    with pytest.raises(ObskitError, match=f"those of account {ACCOUNT}; dev is {OTHER}"):
        run(plan(account=OTHER), aws)
    assert [("sts", "GetCallerIdentity")] == aws.calls


def test_a_region_that_fails_does_not_stop_the_next(aws: Aws, plan: Callable[..., Plan]):
    class Failing(Aws):
        def __call__(self, service: str, region: str) -> Any:
            found = super().__call__(service, region)
            if (service, region) == ("lambda", "us-east-1"):
                found.meta.events.register("before-call.lambda.PublishLayerVersion", self._fail)
            return found

        def _fail(self, **_: Any) -> Any:
            found = super().__call__("lambda", "us-east-1")
            raise found.exceptions.TooManyRequestsException({"Error": {"Message": "slow down"}}, "PublishLayerVersion")

    failing = Failing.__new__(Failing)
    failing.__dict__.update(aws.__dict__)

    east, west = run(plan(), failing)

    assert ("", 0, []) == (east.arn, east.version, east.did)
    assert east.error.startswith(f"publishes a version of {plan().name}: ")
    assert "slow down" in east.error
    assert 1 == west.version
    assert {"us-west-2"} == json.loads(publish.manifest("", plan(), [east, west]))["layers"][plan().name].keys()


@pytest.mark.parametrize(
    ("call", "failed", "left"),
    [
        ("ssm.PutParameter", "writes the ARN to /obskit/dev/layers/{name}", ["writes the ARN to {parameter}"]),
        (
            "lambda.AddLayerVersionPermission",
            "permits account-222222222222",
            ["permits account-222222222222", "writes the ARN to {parameter}"],
        ),
    ],
)
def test_the_next_run_does_the_rest_of_one_that_failed(
    aws: Aws, plan: Callable[..., Plan], call: str, failed: str, left: list[str]
):
    service, _, name = call.partition(".")
    one = plan(accounts=(OTHER,), regions=REGIONS[:1])

    class Refusing(Aws):
        def __call__(self, wanted: str, region: str) -> Any:
            client = super().__call__(wanted, region)
            if wanted == service:
                client.meta.events.register(f"before-call.{call}", self._refuse)
            return client

        def _refuse(self, **_: Any) -> Any:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, name)

    refusing = Refusing.__new__(Refusing)
    refusing.__dict__.update(aws.__dict__)

    (first,) = run(one, refusing)
    (second,) = run(one, aws)

    words = f"An error occurred (AccessDenied) when calling the {name} operation: not you"
    assert f"{failed.format(name=one.name)}: {words}" == first.error
    assert f"publishes a version of {one.name}" == first.did[0]
    assert ("", [told.format(parameter=one.parameter) for told in left]) == (second.error, second.did)
    assert [1] == aws.versions(one.name)


class Lossy(BaseHTTPRequestHandler):
    """Hands on to the emulator; the first answer to PublishLayerVersion is lost on the way."""

    url = ""
    lost: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self._hand_on(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def do_GET(self) -> None:
        self._hand_on(None)

    def do_DELETE(self) -> None:
        self._hand_on(None)

    def do_PUT(self) -> None:
        self._hand_on(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _hand_on(self, body: bytes | None) -> None:
        headers = {key: value for key, value in self.headers.items() if key.lower() not in ("host", "content-length")}
        asked = urllib.request.Request(self.url + self.path, body, headers, method=self.command)
        try:
            answer: Any = urllib.request.urlopen(asked)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            content = answer.read()
        if self.command == "POST" and self.path.endswith("/versions") and self.path not in self.lost:
            self.lost.append(self.path)
            self.close_connection = True
            return
        self.send_response(answer.status)
        for key in ("Content-Type", "x-amzn-errortype"):
            if key in answer.headers:
                self.send_header(key, answer.headers[key])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_an_answer_that_is_lost_leaves_one_version(aws: Aws, plan: Callable[..., Plan]):
    """Lambda has published it, boto asks again, and Lambda publishes it again."""
    one = plan(regions=REGIONS[:1])
    handler = type("Handler", (Lossy,), {"url": aws.url, "lost": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            lossy = Aws.__new__(Aws)
            lossy.__dict__.update(aws.__dict__, url=f"http://127.0.0.1:{server.server_port}")
            (outcome,) = run(one, lossy)
        finally:
            server.shutdown()
            thread.join()

    assert ("", 2) == (outcome.error, outcome.version)
    assert "deletes version 1, the same once more: an answer was lost" == outcome.did[-1]
    assert [2] == aws.versions(one.name)


def test_only_the_region_may_stand_in_a_bucket_s_braces(aws: Aws, plan: Callable[..., Plan]):
    with pytest.raises(ObskitError, match=r"bucket 'a-\{account\}': only \{region\} may stand in braces"):
        run(plan(direct_bytes=10, bucket="a-{account}"), aws)
    assert [] == aws.calls


def test_the_policy_allows_every_call_that_is_made_and_nothing_else(aws: Aws, plan: Callable[..., Plan]):
    aws("s3", "us-east-1").create_bucket(Bucket="artifacts")
    aws.calls.clear()
    for text, given in (("1", {"accounts": (OTHER,)}), ("1", {}), ("2", {"keep": 1})):
        run(plan(text, direct_bytes=10, bucket="artifacts", regions=REGIONS[:1], **given), aws)

    loaded = deploy_project.load(ROOT)
    rendered = render(loaded, definitions.load(loaded), loaded.environment("prod"))
    allowed = {right.action for right in layer_job.find(Place(rendered, "artifacts"))}
    called = {f"{service}:{name}" for service, name in aws.calls} - {"sts:GetCallerIdentity"}  # needs no permission
    assert allowed == called | {"s3:GetObject"}  # by which Lambda reads the zip
    assert not any("*" in action for action in allowed)


def test_a_manifest_keeps_what_others_wrote(plan: Callable[..., Plan]):
    one = plan()
    text = publish.manifest("", one, [Outcome("us-east-1", "arn:1", 1)])
    text = publish.manifest(
        text, dataclasses.replace(one, name="obskit-full-arm64"), [Outcome("us-east-1", "arn:2", 7)]
    )

    layers = json.loads(text)["layers"]
    assert {one.name, "obskit-full-arm64"} == layers.keys()
    assert {
        "arn": "arn:1",
        "version": 1,
        "sha256": one.sha256,
        "runtimes": ["python3.12", "python3.13"],
        "architectures": ["x86_64", "arm64"],
    } == layers[one.name]["us-east-1"]
    with pytest.raises(ObskitError, match="no manifest"):
        publish.manifest("[]", one, [])


@pytest.fixture
def project(tmp_path: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose dev is the emulator's account, and the environment of a deploy job."""
    from obskit.cli import options

    (tmp_path / "obskit.toml").write_text(options.START)
    for name, value in (
        ("AWS_ENDPOINT_URL", emulator.url),
        ("AWS_ACCESS_KEY_ID", ACCOUNT),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ):
        monkeypatch.setenv(name, value)
    return tmp_path


CODE = """
import logging
def handler(event, context):
    import obskit.masking
    return {"masked": obskit.mask("ann@example.com"), "from": obskit.masking.__file__}
"""


def test_what_the_command_publishes_is_what_a_function_gets(
    project: Path, lean: Unpacked, emulator: Emulator, aws: Aws
):
    build.write(lean.layer, project)
    argv = ("layer", "publish", project / lean.layer.name, "--env", "dev", "-C", project)

    dry = obskit(*argv, "--dry-run")
    code, stdout, stderr = obskit(*argv, "--manifest", project / "layers.json")

    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:obskit:1"
    changes = "publishes a version of obskit, writes the ARN to /obskit/dev/layers/obskit"
    assert (0, "", f"us-east-1: would change: {changes}\n") == dry
    assert (0, f"{arn}\n", f"us-east-1: {changes}\n") == (code, stdout, stderr)
    assert arn == json.loads((project / "layers.json").read_text())["layers"]["obskit"]["us-east-1"]["arn"]
    assert (0, f"{arn}\n", "us-east-1: nothing to do\n") == obskit(*argv)
    (project / "layers.json").write_text("[]")
    refused = "error: the manifest is no manifest of layers; remove it or name another\n"
    assert (1, "", refused) == obskit(*argv, "--manifest", project / "layers.json")
    assert {"masked": "[EMAIL]", "from": IsLayer()} == invoked(aws, arn)


class IsLayer:
    """Equals a path in an unpacked layer, and none of this project."""

    def __eq__(self, other: object) -> bool:
        return str(other).endswith("/python/obskit/masking/__init__.py") and str(ROOT) not in str(other)

    def __hash__(self) -> int:
        return 0


def invoked(aws: Aws, arn: str) -> Any:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archived:
        archived.writestr("app.py", CODE)
    functions = aws("lambda", "us-east-1")
    functions.create_function(
        FunctionName="with-layer",
        Runtime="python3.13",
        Role=f"arn:aws:iam::{ACCOUNT}:role/function",
        Handler="app.handler",
        Code={"ZipFile": code.getvalue()},
        Layers=[arn],
    )
    return json.load(functions.invoke(FunctionName="with-layer")["Payload"])


def test_the_template_makes_the_layer_and_writes_its_arn(aws: Aws, lean: Unpacked):
    aws("s3", "us-east-1").create_bucket(Bucket="by-template")
    aws("s3", "us-east-1").put_object(Bucket="by-template", Key="obskit.zip", Body=lean.layer.content)
    stacks = aws("cloudformation", "us-east-1")
    given = {"Bucket": "by-template", "Key": "obskit.zip", "LayerName": "by-template", "Organization": ORGANIZATION}
    given |= {"Owner": "platform", "CostCenter": "1234"}

    stacks.create_stack(
        StackName="layer",
        TemplateBody=(ROOT / "layer" / "template.yaml").read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
    )
    stacks.get_waiter("stack_create_complete").wait(StackName="layer", WaiterConfig={"Delay": 1, "MaxAttempts": 30})

    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:by-template:1"
    parameter = aws("ssm", "us-east-1").get_parameter(Name="/obskit/dev/layers/by-template")
    assert arn == parameter["Parameter"]["Value"]
    assert [1] == aws.versions("by-template")
