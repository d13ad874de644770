"""Who needs a policy, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from obskit.deploy.iam import deploy_job, layer_job, page_test_job, reader
from obskit.deploy.iam.rights import Right, document
from obskit.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from obskit.deploy.iam.place import Place

Json = dict[str, Any]


class Job(NamedTuple):
    """Who runs commands: its *rights*, and *notes* on what the policy lacks because nobody said it."""

    rights: Callable[[Place], Iterable[Right]]
    notes: Callable[[Place], list[str]] = lambda _: []


JOBS = {
    "deploy": Job(deploy_job.find, deploy_job.notes),
    "page-test": Job(page_test_job.find),
    "layer": Job(layer_job.find, layer_job.notes),
    "read": Job(reader.find),
}
FUNCTIONS = ("forwarder", "probes")
"""Those whose role is in a rendered template."""
NAMES = (*JOBS, *FUNCTIONS)


def policy(name: str, place: Place) -> Json:
    """
    Return the policy of *name*, one of `NAMES`.

    Raises:
        ConfigError: the environment has no such function.
    """
    if name in JOBS:
        return document(JOBS[name].rights(place))
    allowed, denied = _of_functions(name, place)
    if not allowed:
        raise ConfigError(f"{place.rendered.environment.name} has no {name}, so there is no role")
    found = document(allowed)
    found["Statement"] += denied
    return found


def notes(name: str, place: Place) -> list[str]:
    """Return what *policy* lacks because nobody said it, a line each."""
    return JOBS[name].notes(place) if name in JOBS else []


def _of_functions(name: str, place: Place) -> tuple[list[Right], list[Json]]:
    """Return what the rendered roles of the function *name* allow, and what they deny."""
    rendered = place.rendered
    templates = {"forwarder": rendered.forwarders, "probes": {rendered.environment.primary: rendered.probes}}[name]
    allowed, denied = [], []
    for region, template in templates.items():
        for statement in _statements(template or {}):
            if statement["Effect"] == "Deny":
                denied.append(statement)
                continue
            condition = tuple(
                (operator, key, (values,) if isinstance(values, str) else tuple(values))
                for operator, one in statement.get("Condition", {}).items()
                for key, values in one.items()
            )
            arns = tuple(_arn(place, region, template or {}, one) for one in statement["Resource"])
            allowed += [Right(action, arns, condition) for action in statement["Action"]]
    return allowed, denied


def _statements(template: Json) -> Iterator[Json]:
    for resource in template.get("Resources", {}).values():
        if resource["Type"] == "AWS::IAM::Role":
            for policy in resource["Properties"]["Policies"]:
                yield from policy["PolicyDocument"]["Statement"]


def _arn(place: Place, region: str, template: Json, resource: str | Json) -> str:
    """Return the ARN of a *resource*; the one of a queue in the template is named there."""
    if isinstance(resource, str):
        return resource
    logical, _ = resource["Fn::GetAtt"]
    return place.arn("sqs", region, template["Resources"][logical]["Properties"]["QueueName"])
