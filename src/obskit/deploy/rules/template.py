"""A whole CloudFormation template: its limits, and the rules between alarms, topics and dashboards in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from obskit.deploy.rules import alarms, dashboard_body
from obskit.deploy.rules.problem import Fault, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Resources: TypeAlias = "dict[str, tuple[str, dict[str, object]]]"
    Rule: TypeAlias = "Callable[[Resources], Iterator[Fault]]"

# Source unless stated: "AWS CloudFormation quotas", read 2026-11-24.

RESOURCES = 500
INLINE_BYTES = 51_200
"""Bytes of a template that is sent with the call."""
S3_BYTES = 1_000_000
"""Bytes of a template that is read from S3 (1 MB)."""
DYNAMIC_REFERENCES = 60


def check(resource: str, template: object, *, bodies: bool = True) -> list[Problem]:
    """
    Return every rule that *template* breaks; *resource* is what the problems call it.

    Without *bodies*, the dashboard bodies in it are left out: whoever rendered them has checked them.
    """
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        return [Fault("/Resources", "type", "Should be object").of(resource)]
    resources = _resources(template["Resources"])
    found = [fault.of(resource) for fault in _limits(template)]
    for rule in RULES:
        found += [fault.of(resource) for fault in rule(resources)]
    for name, (kind, properties) in resources.items():
        if bodies and kind == "AWS::CloudWatch::Dashboard":
            found += _check_body(f"{resource}/Resources/{name}/Properties/DashboardBody", properties)
    return found


def _resources(found: dict[str, object]) -> Resources:
    result: Resources = {}
    for name, resource in found.items():
        if isinstance(resource, dict):
            properties = resource.get("Properties")
            result[name] = (str(resource.get("Type")), properties if isinstance(properties, dict) else {})
    return result


def _check_body(resource: str, properties: dict[str, object]) -> list[Problem]:
    body = properties.get("DashboardBody")
    if alarms.is_intrinsic(body):
        return []  # Fn::Sub and the like: only CloudFormation knows the text
    if not isinstance(body, str):
        return [Fault("", "type", "Should be string: the body is JSON in a text").of(resource)]
    try:
        return dashboard_body.check(resource, json.loads(body))
    except (ValueError, RecursionError) as error:  # ValueError: not JSON, or a number of thousands of digits
        return [Fault("", "json", f"is not JSON: {error}").of(resource)]


def _limits(template: dict[str, object]) -> Iterator[Fault]:
    count = len(template["Resources"]) if isinstance(template["Resources"], dict) else 0
    if count > RESOURCES:
        yield Fault("/Resources", "resources", f"{count} resources; a stack has at most {RESOURCES}")
    text = json.dumps(template, ensure_ascii=False, separators=(",", ":"))
    size = len(text.encode())
    if size > S3_BYTES:
        yield Fault("", "template-size", f"{size} bytes without blanks; CloudFormation takes {S3_BYTES} from S3")
    elif size > INLINE_BYTES:
        words = f"{size} bytes without blanks; above {INLINE_BYTES} it must be uploaded to S3 first"
        yield Fault("", "template-size", words, "note")
    references = text.count("{{resolve:")
    if references > DYNAMIC_REFERENCES:
        words = f"{references} dynamic references; a template has at most {DYNAMIC_REFERENCES}"
        yield Fault("", "dynamic-references", words)


def sound_alarms(resources: Resources) -> Iterator[Fault]:
    paging = set(_paging_topics(resources))
    for name, (kind, properties) in resources.items():
        if kind == "AWS::CloudWatch::Alarm":
            pages = not paging.isdisjoint(_references(properties.get("AlarmActions")))
            for fault in alarms.check(properties, pages=pages):
                path = f"/Resources/{name}/Properties{fault.path}"
                yield Fault(path, fault.rule, fault.message, fault.severity)


def one_alarm_per_name(resources: Resources) -> Iterator[Fault]:
    """A second alarm of a name silently replaces the first, and its actions."""
    yield from _one_per_name(resources, "AWS::CloudWatch::Alarm", "AlarmName")


def one_dashboard_per_name(resources: Resources) -> Iterator[Fault]:
    yield from _one_per_name(resources, "AWS::CloudWatch::Dashboard", "DashboardName")


def topic_key(resources: Resources) -> Iterator[Fault]:
    """The AWS managed key lets no service publish. re:Post, "CloudWatch alarm doesn't send SNS notification"."""
    for name, (kind, properties) in resources.items():
        if kind == "AWS::SNS::Topic" and str(properties.get("KmsMasterKeyId")).endswith("alias/aws/sns"):
            words = "CloudWatch cannot publish through 'alias/aws/sns', nobody would be paged; use a customer key"
            yield Fault(f"/Resources/{name}/Properties/KmsMasterKeyId", "topic-key", words)


def endpoint_reference(resources: Resources) -> Iterator[Fault]:
    """`ssm-secure` works for a fixed list of properties. CloudFormation guide, "Dynamic references"."""
    for name, (kind, properties) in resources.items():
        if kind == "AWS::SNS::Subscription" and "{{resolve:ssm-secure:" in str(properties.get("Endpoint")):
            words = "CloudFormation does not resolve ssm-secure here; use {{resolve:secretsmanager:…}}"
            yield Fault(f"/Resources/{name}/Properties/Endpoint", "dynamic-reference", words)


def least_privilege(resources: Resources) -> Iterator[Fault]:
    """A role of a few lines is read by nobody again: what it may do is named, action by action, thing by thing."""
    for name, (kind, properties) in resources.items():
        policies = properties.get("Policies")
        if kind != "AWS::IAM::Role" or not isinstance(policies, list):
            continue
        for index, policy in enumerate(policies):
            document = policy.get("PolicyDocument") if isinstance(policy, dict) else None
            path = f"/Resources/{name}/Properties/Policies/{index}/PolicyDocument/Statement"
            statements = document.get("Statement") if isinstance(document, dict) else None
            for number, statement in enumerate(statements if isinstance(statements, list) else []):
                if isinstance(statement, dict):
                    yield from _statement(statement, f"{path}/{number}")


UNBOUND = frozenset(
    {
        *("ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"),
        *("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses"),
        *("cloudwatch:GetMetricData", "ses:GetSendQuota", "ses:GetSendStatistics"),
    }
)
"""
Actions that may have every resource: AWS knows none for them, or names it only while Lambda makes it.

Service authorization reference (CloudWatch, SES, EC2); AWSLambdaVPCAccessExecutionRole.
"""


def _statement(statement: dict[str, object], path: str) -> Iterator[Fault]:
    effect = statement.get("Effect")
    if effect not in ("Allow", "Deny"):
        yield Fault(f"{path}/Effect", "policy-effect", "Should be equal to one of the allowed values: Allow, Deny")
    if effect != "Allow":
        return
    actions, resources = _texts(statement.get("Action")), _texts(statement.get("Resource"))
    for action in actions:
        if "*" in action:
            yield Fault(f"{path}/Action", "policy-action", f"'{action}' allows more than one action; name each")
    if "*" in resources and (loose := [action for action in actions if action not in UNBOUND]):
        words = f"'*' allows {', '.join(loose)} on everything in the account; name what is meant"
        yield Fault(f"{path}/Resource", "policy-resource", words)


def _texts(value: object) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


RULES: tuple[Rule, ...] = (
    sound_alarms,
    one_alarm_per_name,
    one_dashboard_per_name,
    topic_key,
    endpoint_reference,
    least_privilege,
)


def _one_per_name(resources: Resources, wanted: str, key: str) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for name, (kind, properties) in resources.items():
        given = properties.get(key)
        if kind != wanted or not isinstance(given, str):
            continue
        if given in first:
            words = f"'{given}' is also the name of /Resources/{first[given]}; one would replace the other"
            yield Fault(f"/Resources/{name}/Properties/{key}", "name-twice", words)
        first.setdefault(given, name)


def _paging_topics(resources: Resources) -> Iterator[str]:
    for kind, properties in resources.values():
        if kind == "AWS::SNS::Subscription" and properties.get("Protocol") in ("http", "https"):
            yield from _references([properties.get("TopicArn")])


def _references(values: object) -> Iterator[str]:
    for value in values if isinstance(values, list) else []:
        if isinstance(value, dict) and isinstance(value.get("Ref"), str):
            yield value["Ref"]
