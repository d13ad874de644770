"""
The way of a page, from the alarm to whoever is woken: what must be so in the rendered templates for it to arrive once.

`rules` looks at one resource after the other, whoever wrote it; this looks at what obskit renders, as a whole.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from obskit.deploy import names, paging
from obskit.deploy.rules import Problem
from obskit.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from obskit.deploy.model import Environment
    from obskit.deploy.render import Rendered
    from obskit.deploy.rules.problem import Level

    Rule: TypeAlias = "Callable[[Way], Iterator[Found]]"
    Found = tuple[str, str, str, Level]
    """Path in the template of the alarms, rule, words, severity."""

Json = dict[str, Any]

ALARM, COMPOSITE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"
DESCRIPTION = 1024
"""Characters. CloudWatch API, `PutMetricAlarm` and `PutCompositeAlarm`, 2026-11-24."""
LINES = ("severity", "owner", "impact", "dashboard", "runbook")
"""What a page says, a line each; the forwarder and the demo read them."""
PATIENCE_S = 30 * 60
"""What retries of a page must at least add up to: PagerDuty's or our own network may be gone for a while."""
EVERYWHERE = "us-east-1"
"""The one region that has the metrics of CloudFront and of its WAF."""


class Way(NamedTuple):
    """The resources of one region by logical id, those of the alarms' template and of the forwarder's."""

    environment: Environment
    region: str
    resources: Json
    forwarder: Json

    def of(self, *kinds: str) -> Iterator[tuple[str, Json]]:
        """Yield logical id and properties of each resource of these types."""
        for logical, resource in self.resources.items():
            if resource["Type"] in kinds:
                yield logical, resource["Properties"]

    def acting(self) -> Iterator[tuple[str, Json]]:
        yield from ((logical, found) for logical, found in self.of(ALARM, COMPOSITE) if found.get("AlarmActions"))

    def topic(self) -> str:
        """Return the logical id of the topic that pages."""
        return "TopicPage"

    def pages(self) -> bool:
        return self.environment.pages and self.topic() in self.resources

    def subscriptions(self) -> Iterator[tuple[str, Json]]:
        """Yield what is subscribed to the topic that pages, in both templates."""
        yield from (
            (logical, found)
            for logical, found in self.of("AWS::SNS::Subscription")
            if found.get("TopicArn") == {"Ref": self.topic()}
        )
        for logical, found in self.forwarding("AWS::SNS::Subscription"):
            if found.get("TopicArn") == self.topic_arn():
                yield logical, found

    def forwarding(self, kind: str) -> Iterator[tuple[str, Json]]:
        """Yield logical id and properties of each resource of this type in the forwarder's template."""
        for logical, resource in self.forwarder.items():
            if resource["Type"] == kind:
                yield logical, resource["Properties"]

    def topic_arn(self) -> str:
        """Return the ARN of the topic that pages, as the forwarder's template names it; empty without one."""
        name = self.resources.get(self.topic(), {}).get("Properties", {}).get("TopicName", "")
        return f"arn:aws:sns:{self.region}:{self.environment.account}:{name}" if name else ""

    def guards(self) -> Iterator[tuple[str, Json]]:
        """Yield the alarms on the way itself: on the topic that pages, its queues and the forwarder."""
        watched = {self.topic_arn().rpartition(":")[2], *_queues(self)}
        watched |= {str(found["FunctionName"]) for _, found in self.forwarding("AWS::Lambda::Function")}
        for logical, found in self.of(ALARM):
            values = [pair["Value"] for pair in found.get("Dimensions", []) if isinstance(pair["Value"], str)]
            if found.get("Namespace") in ("AWS/SNS", "AWS/SQS", "AWS/Lambda") and watched & {*values}:
                yield logical, found


def problems(rendered: Rendered) -> Iterator[Problem]:
    """Yield whatever would keep a page from arriving, or make it arrive twice or say too little."""
    for region, template in rendered.templates.items():
        forwarder = rendered.forwarders.get(region, {}).get("Resources", {})
        way = Way(rendered.environment, region, template["Resources"], forwarder)
        for rule in RULES:
            for path, name, words, severity in rule(way):
                logical, slash, inside = path.removeprefix("/Resources/").partition("/")
                file = (
                    rendered.part_path(region, "forwarder") if logical in forwarder else rendered.template_path(region)
                )
                yield Problem(logical, slash + inside, name, severity, words, file)


def _error(logical: str, key: str, rule: str, words: str) -> Found:
    return f"/Resources/{logical}/Properties{key}", rule, words, "error"


def says_enough(way: Way) -> Iterator[Found]:
    for logical, found in way.of(ALARM, COMPOSITE):
        text = found.get("AlarmDescription", "")
        if len(text) > DESCRIPTION and way.resources[logical]["Type"] == COMPOSITE:  # of others `rules` says it
            words = f"{len(text)} characters; CloudWatch takes {DESCRIPTION}: shorten summary or impact"
            yield _error(logical, "/AlarmDescription", "description", words)
        lines = (line.partition(": ") for line in text.split("\n"))
        said = {word for word, _, rest in lines if rest[:1].strip()}
        for line in LINES:
            if line not in said:
                yield _error(logical, "/AlarmDescription", "page-says", f"has no line '{line}: …'; a page needs it")


def says_where(way: Way) -> Iterator[Found]:
    """PagerDuty's incident key is the alarm's name: without environment and region, incidents of two would merge."""
    part = f"-{way.environment.name}-{way.region}-"
    for logical, found in way.of(ALARM, COMPOSITE):
        if part not in found["AlarmName"]:
            yield _error(logical, "/AlarmName", "page-name", f"'{found['AlarmName']}' does not hold '{part}'")


def speaks_to_a_topic_here(way: Way) -> Iterator[Found]:
    topics = [logical for logical, _ in way.of("AWS::SNS::Topic")]
    for logical, found in way.acting():
        for action in (*found["AlarmActions"], *found.get("OKActions", [])):
            if isinstance(action, str):
                if action.split(":")[2:4] != ["sns", way.region]:
                    words = f"'{action}' is no topic of {way.region}: an alarm reaches those of its own region only"
                    yield _error(logical, "/AlarmActions", "page-region", words)
            elif action.get("Ref") not in topics:
                words = f"{action} is no topic of this template.{did_you_mean(str(action.get('Ref')), topics)}"
                yield _error(logical, "/AlarmActions", "page-topic", words)
        if found.get("ActionsEnabled") is False:
            yield _error(logical, "/ActionsEnabled", "page-silent", "is false: the alarm tells nobody, for good")


def tells_somebody(way: Way) -> Iterator[Found]:
    """An alarm has an action, or is read by a composite; a composite without one is for a deployment to look at."""
    read = "".join(f"{found['AlarmRule']} {found.get('ActionsSuppressor', '')}" for _, found in way.of(COMPOSITE))
    for logical, found in way.of(ALARM, COMPOSITE):
        if found.get("AlarmActions"):
            continue
        if found.get("OKActions"):
            yield _error(logical, "/AlarmActions", "page-topic", "is not set, OKActions are: it tells only of its end")
        elif way.resources[logical]["Type"] == ALARM and found["AlarmName"] not in read:
            yield _error(
                logical, "/AlarmActions", "page-topic", "is not set, and no composite reads it: it tells nobody"
            )


def speaks_to_its_own_topic(way: Way) -> Iterator[Found]:
    """A page goes to the topic that pages; what watches the way of a page goes past it (`is_missed`)."""
    guards = dict(way.guards())
    for logical, found in way.acting():
        severity = re.search(r"^severity: (\S+)", found.get("AlarmDescription", ""), re.MULTILINE)
        if logical in guards or not severity:
            continue
        wanted = {"Ref": names.logical_id("Topic", severity[1])}
        if wanted not in found["AlarmActions"]:
            words = f"of severity {severity[1]}, it does not speak to {wanted['Ref']}"
            yield _error(logical, "/AlarmActions", "page-topic", words)


def closes_what_it_opens(way: Way) -> Iterator[Found]:
    for logical, found in way.of(COMPOSITE):  # of metric alarms `rules` says it
        if found.get("AlarmActions") and found.get("AlarmActions") != found.get("OKActions"):
            words = "OKActions differ from AlarmActions: what they open, nothing closes"
            yield _error(logical, "/OKActions", "ok-actions", words)


def sees_its_metric(way: Way) -> Iterator[Found]:
    """An alarm without data, on notBreaching, is in OK for ever."""
    if way.region == EVERYWHERE:
        return
    for logical, found in way.of(ALARM):
        series = [found, *(one["MetricStat"]["Metric"] for one in found.get("Metrics", []) if "MetricStat" in one)]
        for one in series:
            dimensions = {pair["Name"] for pair in one.get("Dimensions", [])}
            namespace = one.get("Namespace")
            if namespace == "AWS/CloudFront" or (namespace == "AWS/WAFV2" and "Region" not in dimensions):
                words = f"{namespace} has this metric in {EVERYWHERE} only; say only_in='{EVERYWHERE}'"
                yield _error(logical, "", "metric-region", words)


def may_be_published_to(way: Way) -> Iterator[Found]:
    """CloudWatch, for alarms of this account; without a policy nobody, with a loose one everybody."""
    account = way.environment.account
    allowed = {
        "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{way.region}:{account}:alarm:*"},
        "StringEquals": {"aws:SourceAccount": account},
    }
    policies = [found for _, found in way.of("AWS::SNS::TopicPolicy")]
    for logical, found in way.of("AWS::SNS::Topic"):
        mine = [one for one in policies if {"Ref": logical} in one["Topics"]]
        statements = [one for policy in mine for one in policy["PolicyDocument"]["Statement"]]
        good = [one for one in statements if one.get("Condition") == allowed and one["Action"] == "sns:Publish"]
        if not good or any(one["Principal"] != {"Service": "cloudwatch.amazonaws.com"} for one in good):
            words = "no policy lets CloudWatch publish to it, for alarms of this account and region"
            yield _error(logical, "", "topic-policy", words)
        if len(statements) > len(good):
            yield _error(logical, "", "topic-policy", "its policy lets others publish, too: anybody could page")
        if way.environment.pages and not found.get("KmsMasterKeyId"):
            yield _error(logical, "/KmsMasterKeyId", "topic-key", "is not set: pages lie in the topic unencrypted")


def arrives_once(way: Way) -> Iterator[Found]:
    """Each kind of alarm has exactly one subscription that takes it."""
    if not way.pages():
        return
    paging_now = [way.resources[logical]["Type"] for logical, found in way.acting() if _is_to(found, way.topic())]
    filters = [found.get("FilterPolicy") for _, found in way.subscriptions()]
    for kind, other in ((ALARM, paging.COMPOSITES), (COMPOSITE, paging.METRIC_ALARMS)):
        takers = sum(policy != other for policy in filters)
        if kind in paging_now and takers != 1:
            name = "metric alarms" if kind == ALARM else "composites"
            many = "nobody is told" if not takers else f"{takers} subscriptions take each, and somebody is woken twice"
            yield _error(way.topic(), "", "page-once", f"pages of {name}: {many}")
    for logical, found in way.subscriptions():
        if found.get("FilterPolicy") and found.get("FilterPolicyScope") != "MessageBody":
            words = "is not MessageBody: the filter would look at attributes, which CloudWatch does not set"
            yield _error(logical, "/FilterPolicyScope", "page-once", words)


def keeps_trying(way: Way) -> Iterator[Found]:
    if not way.pages():
        return
    for logical, found in way.subscriptions():
        queue = found.get("RedrivePolicy", {}).get("deadLetterTargetArn", {}).get("Fn::GetAtt", [""])[0]
        there = way.resources.get(queue) or way.forwarder.get(queue)
        if not there:
            yield _error(logical, "/RedrivePolicy", "page-lost", "leads to no queue: a page that fails is gone")
        elif not there["Properties"].get("KmsMasterKeyId"):
            yield _error(queue, "/KmsMasterKeyId", "page-lost", "is not set: lost pages lie there unencrypted")
        if found["Protocol"] == "lambda":
            continue
        if patience_s(found) < PATIENCE_S:
            words = f"gives up after {patience_s(found) // 60} minutes; make it {PATIENCE_S // 60} at least"
            yield _error(logical, "/DeliveryPolicy", "page-lost", words)
        if "{{resolve:secretsmanager:" not in str(found.get("Endpoint")):
            words = "holds no {{resolve:secretsmanager:…}}: the key would stand in the template"
            yield _error(logical, "/Endpoint", "page-key", words)
        elif f"{{{{resolve:secretsmanager:{way.environment.paging_secret}:" not in found["Endpoint"]:
            words = f"does not read the secret {way.environment.paging_secret}"
            yield _error(logical, "/Endpoint", "page-key", words)


def may_be_given_up(way: Way) -> Iterator[Found]:
    """The queue takes from the topic what it could not deliver; without a policy nothing, and the page is gone."""
    if not way.pages():
        return
    topics = ({"Ref": way.topic()}, way.topic_arn())
    policies = [found for _, found in (*way.of("AWS::SQS::QueuePolicy"), *way.forwarding("AWS::SQS::QueuePolicy"))]
    for logical, found in way.subscriptions():
        queue = found.get("RedrivePolicy", {}).get("deadLetterTargetArn", {}).get("Fn::GetAtt", [""])[0]
        mine = [one for one in policies if {"Ref": queue} in one["Queues"]]
        statements = [one for policy in mine for one in policy["PolicyDocument"]["Statement"]]
        if queue and not any(_lets_sns(one, "sqs:SendMessage", "ArnEquals", topics) for one in statements):
            words = f"leads to {queue}, whose policy does not let the topic put anything in: a page that fails is gone"
            yield _error(logical, "/RedrivePolicy", "page-lost", words)


def is_forwarded(way: Way) -> Iterator[Found]:
    """The forwarder is there, SNS may invoke it, it may read its key, and what it cannot hand over is kept."""
    if not way.pages():
        return
    functions = dict(way.forwarding("AWS::Lambda::Function"))
    for logical, found in way.subscriptions():
        if found["Protocol"] != "lambda":
            continue
        name = found["Endpoint"].get("Fn::GetAtt", [""])[0] if isinstance(found["Endpoint"], dict) else ""
        if name not in functions:
            yield _error(logical, "/Endpoint", "forwarder", "leads to no function: what it takes reaches nobody")
            continue
        yield from _invoked(way, name)
        yield from _reads_its_key(way, name, functions[name])


def _invoked(way: Way, function: str) -> Iterator[Found]:
    permissions = [found for _, found in way.forwarding("AWS::Lambda::Permission")]
    mine = [one for one in permissions if one.get("FunctionName") == {"Ref": function}]
    if not any(one["Principal"] == "sns.amazonaws.com" and one.get("SourceArn") == way.topic_arn() for one in mine):
        yield _error(function, "", "forwarder", f"no permission lets {way.topic_arn()} invoke it")
    queues = [logical for logical, _ in way.forwarding("AWS::SQS::Queue")]
    for _, one in way.forwarding("AWS::Lambda::EventInvokeConfig"):
        failed = one.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", {})
        if one.get("FunctionName") == {"Ref": function} and failed.get("Fn::GetAtt", [""])[0] in queues:
            return
    yield _error(function, "", "page-lost", "has no destination for failures: a page that it cannot hand over is gone")


def _reads_its_key(way: Way, function: str, found: Json) -> Iterator[Found]:
    secret = found.get("Environment", {}).get("Variables", {}).get("PAGING_SECRET")
    if secret != way.environment.paging_secret:
        words = f"PAGING_SECRET is {secret!r}, not the environment's {way.environment.paging_secret!r}"
        yield _error(function, "/Environment", "page-key", words)
    role = found.get("Role", {}).get("Fn::GetAtt", [""])[0]
    policies = dict(way.forwarding("AWS::IAM::Role")).get(role, {}).get("Policies", [])
    actions = [action for one in policies for it in one["PolicyDocument"]["Statement"] for action in it["Action"]]
    if "secretsmanager:GetSecretValue" not in actions:
        yield _error(function, "/Role", "page-key", "may not read the secret: secretsmanager:GetSecretValue")


def _lets_sns(statement: Json, action: str, operator: str, sources: tuple[object, ...]) -> bool:
    source = statement.get("Condition", {}).get(operator, {}).get("aws:SourceArn")
    return (
        statement.get("Principal") == {"Service": "sns.amazonaws.com"}
        and statement.get("Action") == action
        and source in sources
    )


def is_missed(way: Way) -> Iterator[Found]:
    """What watches the way of a page speaks by another one."""
    if not way.pages():
        return
    if not way.environment.fallback:
        words = (
            f"no second channel: nobody hears that a page is lost. Name one, e.g. [environments.{way.environment.name}]"
            ' fallback = "oncall@shop.example"'
        )
        yield f"/Resources/{way.topic()}", "page-missed", words, "warning"
        return
    guards = dict(way.guards())
    there = {found.get("MetricName") for found in guards.values()}
    forwarded = [("Errors", "of the forwarder")] if any(way.forwarding("AWS::Lambda::Function")) else []
    for metric, what in (*((metric, "") for _, metric, _ in paging.LOST), *forwarded):
        if metric not in there:
            yield _error(way.topic(), "", "page-missed", f"no alarm watches {metric} {what}".rstrip())
    watched = [pair["Value"] for found in guards.values() for pair in found["Dimensions"]]
    for name in (name for name in _queues(way) if name not in watched):
        words = f"no alarm watches the queue {name}: lost pages would lie there"
        yield _error(way.topic(), "", "page-missed", words)
    heard = [found.get("TopicArn") for _, found in way.of("AWS::SNS::Subscription")]
    for logical, found in guards.items():
        if _is_to(found, way.topic()):
            words = "speaks to the topic that it watches: if that is broken, nobody hears of it"
            yield _error(logical, "/AlarmActions", "page-missed", words)
        elif not found.get("AlarmActions"):
            yield _error(logical, "/AlarmActions", "page-missed", "is not set: it watches the way and tells nobody")
        elif not any(isinstance(action, str) or action in heard for action in found["AlarmActions"]):
            yield _error(logical, "/AlarmActions", "page-missed", "speaks to a topic that nobody is subscribed to")


RULES: tuple[Rule, ...] = (
    says_enough,
    says_where,
    speaks_to_a_topic_here,
    tells_somebody,
    speaks_to_its_own_topic,
    closes_what_it_opens,
    sees_its_metric,
    may_be_published_to,
    arrives_once,
    keeps_trying,
    may_be_given_up,
    is_forwarded,
    is_missed,
)


def _queues(way: Way) -> Iterator[str]:
    for resource in (*way.resources.values(), *way.forwarder.values()):
        if resource["Type"] == "AWS::SQS::Queue":
            yield resource["Properties"]["QueueName"]


def _is_to(found: Json, topic: str) -> bool:
    return {"Ref": topic} in found.get("AlarmActions", [])


def patience_s(subscription: Json) -> int:
    """Return for how many seconds SNS tries, about: retries in the middle count as half of the longest pause."""
    policy = subscription.get("DeliveryPolicy", {})
    policy = json.loads(policy) if isinstance(policy, str) else policy
    found = policy.get("healthyRetryPolicy", {})
    longest, least = found.get("maxDelayTarget", 20), found.get("minDelayTarget", 20)
    at_once, early, late = (found.get(f"num{word}Retries", 0) for word in ("NoDelay", "MinDelay", "MaxDelay"))
    between = max(found.get("numRetries", 3) - at_once - early - late, 0)
    return int(early * least + late * longest + between * longest / 2)
