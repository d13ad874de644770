"""A whole CloudFormation template: its limits, each resource by its type, and the rules between resources."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from obskit.deploy.rules import alarms, composites, dashboard_body, leaks, logs, subscriptions
from obskit.deploy.rules.intrinsics import Reader
from obskit.deploy.rules.placeholders import has_unknown, is_unknown, names, quoted
from obskit.deploy.rules.problem import Fault, Problem, short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from obskit.deploy.rules.vocabulary import Known

    Resources: TypeAlias = "dict[str, tuple[str, dict[str, object]]]"
    Rule: TypeAlias = "Callable[[Resources], Iterator[tuple[str, Fault]]]"

PAGE = "AWS CloudFormation quotas"

# Source unless stated: "AWS CloudFormation quotas", read 2026-11-24.

RESOURCES = 500
INLINE_BYTES = 51_200
"""Bytes of a template that is sent with the call."""
S3_BYTES = 1_000_000
"""Bytes of a template that is read from S3 (1 MB)."""
DYNAMIC_REFERENCES = 60


def check(  # noqa: PLR0913  what is known of a template beside it
    file: str,
    template: object,
    *,
    text: str | None = None,
    bodies: bool = True,
    house: bool = True,
    own: Mapping[str, Known] | None = None,
) -> list[Problem]:
    """
    Return every rule that *template* breaks; problems name the logical id, and a place in the resource.

    Args:
        file: what the problems call the template.
        template: parsed, with intrinsic functions in their long form.
        text: *template* as JSON without blanks, where that has been written already.
        bodies: whether dashboard bodies are looked into; whoever rendered them has checked them.
        house: whether obskit's own rules hold, too, beside those of AWS.
        own: the metrics of the project, beside AWS's.
    """
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        return [Fault("/Resources", "type", "Should be object").of("", file=file, page=PAGE)]
    found = [fault.of("", file=file, page=PAGE) for fault in _limits(template, text)]
    declared = template.get("Parameters")
    if isinstance(declared, dict):
        found += [fault.of("", file=file) for fault in leaks.parameters(declared)]
    for holds in (True, False):
        reader = Reader(_declared(template), holds=holds)
        resources = _resources(template["Resources"], reader)
        found += [fault.of(name, file=file) for name, fault in reader_faults(reader)]
        found += _of_resources(file, resources, house=house, own=own, bodies=bodies)
        if not reader.choices:
            break  # without a choice the other reading is the same
    return list(dict.fromkeys(found))


def reader_faults(reader: Reader) -> Iterator[tuple[str, Fault]]:
    """Yield what is wrong with intrinsic functions, by logical id."""
    for fault in reader.faults:
        name, _, path = fault.path.lstrip("/").partition("/")
        yield name, Fault(f"/{path}", fault.rule, fault.message, fault.severity)


def _declared(template: dict[str, object]) -> frozenset[str]:
    sections = (template.get(section) for section in ("Parameters", "Resources"))
    return frozenset(name for section in sections if isinstance(section, dict) for name in section)


def _resources(found: dict[str, object], reader: Reader) -> Resources:
    result: Resources = {}
    for name, resource in found.items():
        if isinstance(resource, dict):
            properties = reader.read(resource.get("Properties"), f"/{name}/Properties")
            result[name] = (str(resource.get("Type")), properties if isinstance(properties, dict) else {})
    return result


def _of_resources(
    file: str, resources: Resources, *, house: bool, own: Mapping[str, Known] | None, bodies: bool
) -> Iterator[Problem]:
    paging = set(_paging_topics(resources, house=house))
    for name, (kind, properties) in resources.items():
        if kind == "AWS::CloudWatch::Alarm":
            pages = not paging.isdisjoint(_references(properties.get("AlarmActions")))
            faults = alarms.check(properties, pages=pages, house=house, own=own)
            yield from _properties(file, name, faults, alarms.PAGE)
        elif kind in CHECKS:
            check_, page = CHECKS[kind]
            yield from _properties(file, name, check_(properties), page)
        elif kind == "AWS::CloudWatch::Dashboard" and bodies:
            yield from _body(file, name, properties, own)
        yield from _properties(file, name, leaks.secrets(properties), "")
    for rule in RULES:
        yield from _places(file, rule(resources))
    if house:
        yield from _places(file, least_privilege(resources))


def _properties(file: str, name: str, faults: Iterator[Fault], page: str) -> Iterator[Problem]:
    for fault in faults:
        yield fault.under("/Properties").of(name, file=file, page=page)


def _places(file: str, faults: Iterator[tuple[str, Fault]]) -> Iterator[Problem]:
    for name, fault in faults:
        yield fault.under("/Properties").of(name, file=file, page=PAGE)


CHECKS: dict[str, tuple[Callable[[dict[str, object]], Iterator[Fault]], str]] = {
    "AWS::CloudWatch::CompositeAlarm": (composites.check, composites.PAGE),
    "AWS::Logs::LogGroup": (logs.log_group, logs.PAGE),
    "Custom::LogRetention": (logs.log_group, logs.PAGE),
    "AWS::Logs::AccountPolicy": (logs.account_policy, logs.PAGE),
    "AWS::Logs::MetricFilter": (logs.metric_filter, logs.PAGE),
    "AWS::Logs::SubscriptionFilter": (logs.pattern, logs.PAGE),
    "AWS::SNS::Subscription": (subscriptions.check, subscriptions.PAGE),
    "AWS::AppSync::GraphQLApi": (leaks.appsync, ""),
    "AWS::RDS::DBParameterGroup": (leaks.parameter_group, ""),
    "AWS::RDS::DBClusterParameterGroup": (leaks.parameter_group, ""),
}
"""Type -> its rules, and the page that they are from unless they say."""


def _body(file: str, name: str, properties: dict[str, object], own: Mapping[str, Known] | None) -> Iterator[Problem]:
    path, page = "/Properties/DashboardBody", dashboard_body.PAGE
    body = properties.get("DashboardBody")
    if is_unknown(body):
        return
    if isinstance(body, str):
        try:
            yield from dashboard_body.check(name, json.loads(quoted(body), strict=False), file=file, own=own)
        except (ValueError, RecursionError) as error:  # ValueError: not JSON, or a number of thousands of digits
            if quoted(body) == body:  # else a placeholder may stand for more than a value
                yield Fault(path, "json", f"is not JSON: {short(error)}").of(name, file=file, page=page)
        return
    words = (
        "Should be string: the body is JSON in a text"
        if "DashboardBody" in properties
        else ("Should have required property 'DashboardBody'")
    )
    yield Fault(path, "type", words).of(name, file=file, page=page)


def check_body(file: str, name: str, properties: dict[str, object], own: Mapping[str, Known] | None) -> list[Problem]:
    """Return every rule that the `DashboardBody` of *properties* breaks, as it is and without CloudFormation."""
    return list(_body(file, name, properties, own))


def _limits(template: dict[str, object], text: str | None) -> Iterator[Fault]:
    resources = template["Resources"]
    count = len(resources) if isinstance(resources, dict) else 0
    if count > RESOURCES:
        yield Fault("/Resources", "resources", f"{count} resources; a stack has at most {RESOURCES}")
    text = text or json.dumps(template, ensure_ascii=False, separators=(",", ":"), default=str)
    size = len(text.encode(errors="replace"))
    if size > S3_BYTES:
        yield Fault("", "template-size", f"{size} bytes without blanks; CloudFormation takes {S3_BYTES} from S3")
    elif size > INLINE_BYTES:
        words = f"{size} bytes without blanks; above {INLINE_BYTES} it must be uploaded to S3 first"
        yield Fault("", "template-size", words, "note")
    references = text.count("{{resolve:")
    if references > DYNAMIC_REFERENCES:
        words = f"{references} dynamic references; a template has at most {DYNAMIC_REFERENCES}"
        yield Fault("", "dynamic-references", words)


def one_alarm_per_name(resources: Resources) -> Iterator[tuple[str, Fault]]:
    """A second alarm of a name silently replaces the first, and its actions."""
    yield from _one_per_name(resources, ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"), "AlarmName")


def one_dashboard_per_name(resources: Resources) -> Iterator[tuple[str, Fault]]:
    yield from _one_per_name(resources, ("AWS::CloudWatch::Dashboard",), "DashboardName")


def no_circles(resources: Resources) -> Iterator[tuple[str, Fault]]:
    found = {name: properties for name, (kind, properties) in resources.items() if kind.endswith("::CompositeAlarm")}
    yield from composites.circles(found)


def topic_key(resources: Resources) -> Iterator[tuple[str, Fault]]:
    """The AWS managed key lets no service publish. re:Post, "CloudWatch alarm doesn't send SNS notification"."""
    used = {
        topic
        for kind, properties in resources.values()
        if kind in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
        for key in ("AlarmActions", "OKActions", "InsufficientDataActions")
        for topic in _references(properties.get(key))
    }
    for name, (kind, properties) in resources.items():
        if kind == "AWS::SNS::Topic" and str(properties.get("KmsMasterKeyId")).endswith("alias/aws/sns"):
            words = "CloudWatch cannot publish through 'alias/aws/sns', nobody would be paged; use a customer key"
            yield name, Fault("/KmsMasterKeyId", "topic-key", words, "error" if name in used else "warning")


def endpoint_reference(resources: Resources) -> Iterator[tuple[str, Fault]]:
    """`ssm-secure` works for a fixed list of properties. CloudFormation guide, "Dynamic references"."""
    for name, (kind, properties) in resources.items():
        if kind == "AWS::SNS::Subscription":
            yield from _secure(name, properties.get("Endpoint"), "/Endpoint")
        subscriptions = properties.get("Subscription") if kind == "AWS::SNS::Topic" else None
        for index, one in enumerate(subscriptions if isinstance(subscriptions, list) else []):
            if isinstance(one, dict):
                yield from _secure(name, one.get("Endpoint"), f"/Subscription/{index}/Endpoint")


def _secure(name: str, endpoint: object, path: str) -> Iterator[tuple[str, Fault]]:
    if "{{resolve:ssm-secure:" in str(endpoint):
        words = "CloudFormation does not resolve ssm-secure here; use {{resolve:secretsmanager:…}}"
        yield name, Fault(path, "dynamic-reference", words)


def filters_of_a_group(resources: Resources) -> Iterator[tuple[str, Fault]]:
    """CloudWatch Logs quotas: regular expressions in the patterns of one group."""
    most = 5
    groups = Counter(
        str(properties.get("LogGroupName"))
        for kind, properties in resources.values()
        if kind in ("AWS::Logs::MetricFilter", "AWS::Logs::SubscriptionFilter")
        and "%" in str(properties.get("FilterPattern"))
    )
    for name, (kind, properties) in resources.items():
        group = str(properties.get("LogGroupName"))
        if kind == "AWS::Logs::MetricFilter" and groups[group] > most and "%" in str(properties.get("FilterPattern")):
            words = f"{groups[group]} patterns of this log group have regular expressions; it takes {most}"
            yield name, Fault("/FilterPattern", "filter-count", words)


def least_privilege(resources: Resources) -> Iterator[tuple[str, Fault]]:
    """A role of a few lines is read by nobody again: what it may do is named, action by action, thing by thing."""
    for name, (kind, properties) in resources.items():
        policies = properties.get("Policies")
        if kind != "AWS::IAM::Role" or not isinstance(policies, list):
            continue
        for index, policy in enumerate(policies):
            document = policy.get("PolicyDocument") if isinstance(policy, dict) else None
            path = f"/Policies/{index}/PolicyDocument/Statement"
            statements = document.get("Statement") if isinstance(document, dict) else None
            for number, statement in enumerate(statements if isinstance(statements, list) else []):
                if isinstance(statement, dict):
                    yield from ((name, fault) for fault in _statement(statement, f"{path}/{number}"))


UNBOUND = frozenset(
    {
        *("ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"),
        *("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses"),
        *("cloudwatch:GetMetricData", "ses:GetSendQuota", "ses:GetSendStatistics"),
        "cloudwatch:DescribeAlarms",
    }
)
"""
Actions that may have every resource: AWS knows none for them, or names it only while Lambda makes it.

`DescribeAlarms` has one, but tells of composite alarms only where all are allowed (its API reference, 2026-11-24).

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
    one_alarm_per_name,
    one_dashboard_per_name,
    no_circles,
    topic_key,
    endpoint_reference,
    filters_of_a_group,
)


def _one_per_name(resources: Resources, wanted: tuple[str, ...], key: str) -> Iterator[tuple[str, Fault]]:
    first: dict[str, str] = {}
    for name, (kind, properties) in resources.items():
        given = properties.get(key)
        if kind not in wanted or not isinstance(given, str) or has_unknown(given):
            continue
        if given in first:
            words = f"'{short(given)}' is also the name of {first[given]}; one would replace the other"
            yield name, Fault(f"/{key}", "name-twice", words)
        first.setdefault(given, name)


def _paging_topics(resources: Resources, *, house: bool) -> Iterator[str]:
    """Topics that reach a person: by any web address in a project of ours, elsewhere by PagerDuty's."""
    for kind, properties in resources.values():
        to_web = kind == "AWS::SNS::Subscription" and properties.get("Protocol") in ("http", "https")
        if to_web and (house or "pagerduty.com" in str(properties.get("Endpoint"))):
            yield from names(properties.get("TopicArn"))


def _references(values: object) -> Iterator[str]:
    for value in values if isinstance(values, list) else []:
        yield from names(value)
