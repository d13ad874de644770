"""
A template that is too large for CloudFormation, as several: numbered, to be deployed in that order.

A topic is spoken to by its ARN from another stack; what has to come before is in an earlier stack, or in the same.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from obskit.deploy.rules.template import RESOURCES, S3_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
Part: TypeAlias = Literal["dashboards", "alarms", "logs"]
PARTS: tuple[Part, ...] = ("dashboards", "alarms", "logs")


@dataclass(frozen=True)
class Stack:
    """One CloudFormation template: where it is deployed, its file's name, and the part that it belongs to."""

    region: str
    name: str
    template: Json
    part: Part = "alarms"

    @cached_property
    def compact(self) -> str:
        """The template's text without blanks, as it is sent."""
        return json.dumps(self.template, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


ROOM = 50_000
"""Bytes left for what is beside the resources: parameters, outputs, metadata."""


def split(template: Json, region: str, account: str, *, most: int = RESOURCES, size: int = S3_BYTES) -> list[Json]:
    """Return *template* as it is, or as several of at most *most* resources and *size* bytes without blanks."""
    resources: Json = template["Resources"]
    if len(resources) <= most and bytes_of(template) <= size:
        return [template]
    parts: list[Json] = [{}]
    taken = 0
    for group in _groups(resources):
        one = {name: resources[name] for name in group}
        needs = bytes_of(one)
        if parts[-1] and (len(parts[-1]) + len(one) > most or taken + needs > size - ROOM):
            parts.append({})
            taken = 0
        parts[-1] |= one
        taken += needs
    return [_template(template, part, number, region, account) for number, part in enumerate(parts)]


def bytes_of(document: Json) -> int:
    return len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())


def _groups(resources: Json) -> Iterator[list[str]]:
    """Yield names that stay together, those that others wait for first."""
    groups: dict[str, list[str]] = {name: [name] for name in resources}
    for name, resource in resources.items():
        for other in _ties(resource, resources):
            if groups[name] is not groups[other]:
                groups[other].extend(groups[name])
                groups |= dict.fromkeys(groups[name], groups[other])
    done: set[int] = set()
    for name in resources:
        yield from _in_order(name, groups, resources, done)


def _ties(resource: Json, resources: Json) -> Iterator[str]:
    """Yield what *resource* must share a stack with: all that it names, but for the topic that an alarm speaks to."""
    speaks = resource["Type"].startswith("AWS::CloudWatch::")
    for other in _references({key: value for key, value in resource.items() if key != "DependsOn"}):
        if other in resources and not (speaks and _is_topic(resources[other])):
            yield other


def _in_order(name: str, groups: dict[str, list[str]], resources: Json, done: set[int]) -> Iterator[list[str]]:
    group = groups[name]
    if id(group) in done:
        return
    done.add(id(group))
    for member in group:
        for other in _depends_on(resources[member]):
            if other in resources:
                yield from _in_order(other, groups, resources, done)
    yield group


def _template(whole: Json, resources: Json, number: int, region: str, account: str) -> Json:
    arns = {
        name: f"arn:aws:sns:{region}:{account}:{one['Properties']['TopicName']}"
        for name, one in whole["Resources"].items()
        if _is_topic(one) and name not in resources
    }
    found = {name: _alone(_by_arn(one, arns), resources) for name, one in resources.items()}
    used = {name for one in found.values() for name in _references(one)}
    parts = {
        "Parameters": {name: one for name, one in whole.get("Parameters", {}).items() if name in used},
        "Outputs": {
            name: one for name, one in whole.get("Outputs", {}).items() if set(_references(one)) & set(resources)
        },
        "Metadata": whole.get("Metadata", {}) if number == 0 else {},
    }
    kept = {name: part for name, part in whole.items() if name not in (*parts, "Resources")}
    words = f"{whole.get('Description', '')} (stack {number + 1})"
    return {**kept, "Description": words, "Resources": found, **{name: part for name, part in parts.items() if part}}


def _alone(resource: Json, here: Json) -> Json:
    """Leave out what an earlier stack has made by then."""
    if "DependsOn" not in resource:
        return resource
    left = [name for name in _depends_on(resource) if name in here]
    without = {key: value for key, value in resource.items() if key != "DependsOn"}
    return {**without, "DependsOn": left} if left else without


def _by_arn(value: Any, arns: dict[str, str]) -> Any:
    if isinstance(value, dict):
        if len(value) == 1 and value.get("Ref") in arns:
            return arns[value["Ref"]]
        return {key: _by_arn(inner, arns) for key, inner in value.items()}
    return [_by_arn(inner, arns) for inner in value] if isinstance(value, list) else value


def _is_topic(resource: Json) -> bool:
    return bool(resource["Type"] == "AWS::SNS::Topic" and isinstance(resource["Properties"].get("TopicName"), str))


def _depends_on(resource: Json) -> list[str]:
    found = resource.get("DependsOn", [])
    return [found] if isinstance(found, str) else list(found)


def _references(value: Any) -> Iterator[str]:
    """Yield the logical ids that a part of a template names."""
    if isinstance(value, list):
        for inner in value:
            yield from _references(inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref" and isinstance(inner, str):
                yield inner
            elif key == "Fn::GetAtt":
                yield inner[0] if isinstance(inner, list) else str(inner).partition(".")[0]
            elif key == "Fn::Sub":
                text = inner[0] if isinstance(inner, list) else inner
                yield from re.findall(r"\$\{([A-Za-z0-9]+)[.}]", text)
            elif key == "DependsOn":
                yield from _depends_on(value)
            else:
                yield from _references(inner)
