"""One stack brought up to date by a change set: made, looked at, executed or thrown away."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from obskit.deploy import names
from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from obskit.deploy.render import Rendered

Json = dict[str, Any]

INLINE_BYTES = 51_200
"""A template in a call; a larger one comes from S3. CloudFormation API, `TemplateBody`, 2026-11-24."""

POLL_S = 2.0
_GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")
_STUCK = {
    "ROLLBACK_COMPLETE": "its creation failed and was rolled back; delete it, what it retains stays",
    "ROLLBACK_FAILED": "its creation failed, and so did rolling it back; look at its events, then delete it",
    "DELETE_FAILED": "it could not be deleted; look at its events",
    "UPDATE_ROLLBACK_FAILED": "an update could not be rolled back; `aws cloudformation continue-update-rollback`",
}
_ENDED = {
    **_STUCK,
    "UPDATE_ROLLBACK_COMPLETE": "it is rolled back to what it was",
    "DELETE_COMPLETE": "it is rolled back; nothing of it is left but what it retains",
}
"""What a stack is like that did not become what was wanted."""
GOES_ON = "CloudFormation goes on with it; its events say how it ends"
_GONE = "deleted it, or deployed in between; nothing was changed, run obskit deploy again"
SETTLES_S = 600
"""How long a change set may be in the making: it takes seconds, of the largest templates a minute or two."""
_LOOKS = 15
"""How often a stack without a new event is taken for one that has not begun yet: what is asked may be a moment old."""


class DeployError(ObskitError):
    """A stack was not brought up to date; the message has CloudFormation's own reasons."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A stack as it shall be: *template* without blanks, as it is sent."""

    name: str
    region: str
    template: str
    tags: list[dict[str, str]] = field(default_factory=list)
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def large(self) -> bool:
        return len(self.template.encode()) > INLINE_BYTES

    @property
    def document(self) -> Json:
        found: Json = json.loads(self.template)
        return found


def wanted(rendered: Rendered, parameters: Mapping[str, str] | None = None) -> list[Wanted]:
    """Return the stacks of an environment: one for each rendered template, called after its file and environment."""
    project, environment = rendered.project, rendered.environment
    found = []
    for stack in rendered.stacks():
        name = names.stack(environment, stack.name)
        given = {key: one for key, one in (parameters or {}).items() if key in stack.template.get("Parameters", {})}
        found.append(Wanted(name, stack.region, stack.compact, names.tags(project, environment), given))
    return found


class ChangeSet:
    """
    What it takes to bring one stack from what it is to what is *wanted*.

    Args:
        cloudformation: boto3's client, of the stack's region.
        upload: puts a template where CloudFormation can read it and returns its URL; needed for large ones only.
        pause: waits between two looks.
    """

    def __init__(
        self,
        wanted: Wanted,
        cloudformation: Any,
        *,
        upload: Callable[[Wanted], str] | None = None,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self.wanted = wanted
        self.changes: list[str] = []
        self._aws = cloudformation
        self._upload = upload
        self._pause = pause
        self._name = "obskit-" + hashlib.sha256(wanted.template.encode()).hexdigest()[:16]
        self._stack, self._made = wanted.name, ""
        self._new = False
        self._looked = False
        self._set: dict[str, str] = {}

    @property
    def kept(self) -> dict[str, str]:
        """
        Return parameters that stay as somebody has set them: at failover, while a canary is rolled out.

        A value that is the default of the template that is deployed now was set by nobody: a new default counts.

        Raises:
            DeployError: the stack is in a state that has to be mended first, or AWS does not answer.
        """
        self._look()
        declared = self.wanted.document.get("Parameters") or {}
        return {key: one for key, one in self._set.items() if key in declared and key not in self.wanted.parameters}

    def make(self) -> list[str]:
        """
        Make the change set and return what it changes, a line each; empty if the stack is as wanted.

        Raises:
            DeployError: the stack is in a state that has to be mended first, or the template is refused.
        """
        self._look()
        self._delete_change_set()
        with self._asking():
            made = self._aws.create_change_set(**self._request())
        self._stack, self._made = made["StackId"], made["Id"]
        described = self._settled()
        if described["Status"] == "FAILED":
            reason = described.get("StatusReason", "")
            self.discard()
            if "didn't contain changes" in reason or "No updates" in reason:
                return []
            raise self._error(reason)
        self.changes = [_told(one["ResourceChange"]) for one in described["Changes"] if "ResourceChange" in one]
        if not self.changes and not self._new:
            self.discard()
        return self.changes

    def execute(self, progress: Callable[[str], object]) -> None:
        """
        Execute the change set, tell *progress* of each event, and return when the stack is as wanted.

        Raises:
            DeployError: it failed, and the message says what is left; or AWS does not answer any more.
        """
        seen = {event["EventId"] for event in self._events()}
        with self._asking():
            try:
                self._aws.execute_change_set(ChangeSetName=self._made)
            except self._aws.exceptions.ChangeSetNotFoundException:
                raise self._error(f"its change set is gone: somebody has {_GONE}") from None
        try:
            status, failures = self._watch(seen, progress)
        except DeployError as error:
            raise DeployError(*error.problems, f"{error.problems[0].partition(': ')[0]}: {GOES_ON}") from error
        if status not in _GOOD:
            raise self._error(f"{status}: {_ENDED.get(status, 'look at its events')}", *failures)

    def _watch(self, seen: set[str], progress: Callable[[str], object]) -> tuple[str, list[str]]:
        """Return what the stack has become, and what failed in it; *seen* are the events of before."""
        before, failures, looks = len(seen), list[str](), 0
        while True:
            status, looks = self._status(), looks + 1
            for event in reversed(self._events()):
                if event["EventId"] not in seen:
                    seen.add(event["EventId"])
                    line = _event(event)
                    progress(f"{self.wanted.region} {line}")
                    if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in line:
                        failures.append(line)
            if not status.endswith("_IN_PROGRESS") and (len(seen) > before or looks > _LOOKS):
                return status, failures
            self._pause(POLL_S)

    def discard(self) -> None:
        """Throw the change set away, and the empty stack that CloudFormation made for it."""
        self._delete_change_set()
        if self._new and self._made and self._status() == "REVIEW_IN_PROGRESS":
            with self._asking():
                self._aws.delete_stack(StackName=self.wanted.name)

    def _look(self) -> None:
        """Find out once whether the stack is there, and which of its parameters somebody has set."""
        if self._looked:
            return
        stack = self._there()
        self._looked, self._new = True, stack is None or stack["StackStatus"] == "REVIEW_IN_PROGRESS"
        if stack is None or self._new or not stack.get("Parameters"):
            return
        defaults = self._defaults()
        self._set = {
            one["ParameterKey"]: one.get("ParameterValue", "")
            for one in stack["Parameters"]
            if defaults.get(one["ParameterKey"]) != one.get("ParameterValue", "")
        }

    def _defaults(self) -> dict[str, str]:
        """Return the defaults of the template that is deployed; none where we may not ask: then everything is kept."""
        with self._asking():
            try:
                found = self._aws.get_template_summary(StackName=self.wanted.name).get("Parameters", ())
            except self._aws.exceptions.ClientError:
                return {}
        return {one["ParameterKey"]: one["DefaultValue"] for one in found if "DefaultValue" in one}

    def _there(self) -> Json | None:
        with self._asking():
            try:
                (stack,) = self._aws.describe_stacks(StackName=self.wanted.name)["Stacks"]
            except self._aws.exceptions.ClientError as error:
                if "does not exist" in str(error):
                    return None
                raise
        status = stack["StackStatus"]
        if status in _STUCK:
            raise self._error(f"it is {status}: {_STUCK[status]}")
        if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
            raise self._error(f"it is {status}: somebody else is at it")
        found: Json = stack
        return found

    def _request(self) -> Json:
        document = self.wanted.document
        request: Json = {
            "StackName": self.wanted.name,
            "ChangeSetName": self._name,
            "ChangeSetType": "CREATE" if self._new else "UPDATE",
            "Tags": self.wanted.tags,
            "Parameters": list(self._parameters(document)),
            # What bears a name and is there already, such as the log group that Lambda made, becomes part of the stack.
            "ImportExistingResources": True,
            # A stack whose creation failed cannot be updated: it would stand in the way of the next try.
            "OnStackFailure": "DELETE" if self._new else "ROLLBACK",
        }
        if any(one["Type"].startswith("AWS::IAM::") for one in document["Resources"].values()):
            request["Capabilities"] = ["CAPABILITY_NAMED_IAM"]
        if not self.wanted.large:
            return {**request, "TemplateBody": self.wanted.template}
        if self._upload is None:
            size = len(self.wanted.template.encode())
            words = "it goes through a bucket: --bucket, or `bucket` of the environment in obskit.toml"
            raise self._error(f"its template has {size} bytes; above {INLINE_BYTES} {words}")
        return {**request, "TemplateURL": self._upload(self.wanted)}

    def _parameters(self, document: Json) -> Iterator[dict[str, Any]]:
        for key in document.get("Parameters") or {}:
            if key in self.wanted.parameters:
                yield {"ParameterKey": key, "ParameterValue": self.wanted.parameters[key]}
            elif key in self._set:
                yield {"ParameterKey": key, "UsePreviousValue": True}

    def _settled(self) -> Json:
        """
        Return the change set as it is once CloudFormation has made it, or has failed to.

        Raises:
            DeployError: it takes longer than `SETTLES_S`, or is deleted meanwhile.
        """
        for _ in range(round(SETTLES_S / POLL_S)):
            with self._asking():
                found = list(self._aws.get_paginator("describe_change_set").paginate(ChangeSetName=self._made))
            status = found[0]["Status"]
            if status.startswith("DELETE_"):
                raise self._error(f"its change set is gone: somebody has {_GONE}")
            if status not in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
                return {**found[0], "Changes": [one for page in found for one in page.get("Changes", ())]}
            self._pause(POLL_S)
        told = found[0].get("StatusReason", "")
        raise self._error(
            f"CloudFormation has been making its change set {self._name} for {SETTLES_S // 60} minutes and is not done"
            f" ({status}{f': {told}' if told else ''}); nothing was changed, run obskit deploy again",
            f"how it stands: aws cloudformation describe-change-set --region {self.wanted.region}"
            f" --stack-name {self.wanted.name} --change-set-name {self._name}",
        )

    def _status(self) -> str:
        with self._asking():
            (stack,) = self._aws.describe_stacks(StackName=self._stack)["Stacks"]
        return str(stack["StackStatus"])

    def _events(self) -> list[Json]:
        with self._asking():
            pages = self._aws.get_paginator("describe_stack_events").paginate(StackName=self._stack)
            return [event for page in pages for event in page["StackEvents"]]

    def _delete_change_set(self) -> None:
        with self._asking():
            try:
                self._aws.delete_change_set(StackName=self.wanted.name, ChangeSetName=self._name)
            except self._aws.exceptions.ClientError as error:
                if "does not exist" not in str(error):
                    raise

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Say of which stack AWS's refusals and a network that is gone are."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (BotoCoreError, ClientError) as error:
            raise self._error(str(error)) from error

    def _error(self, *words: str) -> DeployError:
        return DeployError(f"stack {self.wanted.name} in {self.wanted.region}: {words[0]}", *words[1:])


def _told(change: Json) -> str:
    kind = change["ResourceType"].removeprefix("AWS::")
    replaced = " (replaced: it has a moment without it)" if change.get("Replacement") == "True" else ""
    return f"{change['Action'].lower()} {kind} {change['LogicalResourceId']}{replaced}"


def _event(event: Json) -> str:
    reason = event.get("ResourceStatusReason", "")
    return f"{event['LogicalResourceId']} {event['ResourceStatus']}{f': {reason}' if reason else ''}"
