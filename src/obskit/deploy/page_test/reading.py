"""What is deployed, read along the way of a page: alarms, their topics, what is subscribed, keys, queues, secret."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from obskit.deploy import names, paging
from obskit.deploy.page_test import alarms
from obskit.deploy.page_test.calls import Unseen, lacking
from obskit.deploy.page_test.way import (
    COMPOSITE,
    METRIC,
    Expected,
    Function,
    Key,
    Subscription,
    Topic,
    Way,
    document,
    shown,
)

if TYPE_CHECKING:
    from obskit.deploy.model import Environment
    from obskit.deploy.page_test.calls import Answer, Calls
    from obskit.deploy.render import Rendered

Json = dict[str, Any]

_ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
_TOPIC = "AWS::SNS::Topic"
_QUEUE = ("QueueArn", "KmsMasterKeyId", "SqsManagedSseEnabled", "Policy", "MessageRetentionPeriod")
_DEPTH = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


def expected(rendered: Rendered) -> dict[str, Expected]:
    """Return what the definitions say, by region."""
    found = {}
    for region, template in rendered.templates.items():
        guards = [one["Properties"] for one in template["Resources"].values() if one["Type"] in _ALARMS]
        acts = {one["AlarmName"]: bool(one.get("AlarmActions")) for one in guards}
        topics = [one["Properties"]["TopicName"] for one in template["Resources"].values() if one["Type"] == _TOPIC]
        found[region] = Expected(region, region != rendered.environment.primary, acts, frozenset(topics))
    return found


def read(calls: Calls, rendered: Rendered, wanted: Expected, severity: str = paging.PAGING, only: str = "") -> Way:
    """
    Return the way of the region of *calls*, for alarms of *severity*.

    *only* is the name of an alarm, whole or as in its definition: what watches the way is kept beside it.
    """
    project, environment = rendered.project, rendered.environment
    part = f"-{environment.name}-{calls.region}-"
    prefix = f"{project.name}-"
    found = _alarms(calls, prefix)
    page = names.topic(project, environment, severity)
    if isinstance(found, Unseen):
        return _with_topics(calls, environment, Way(wanted, environment.account, found), page)
    mine = {name: one for name, one in found.items() if part in name}
    left = tuple(name for name in mine if alarms.is_one(name))
    kept = {name: one for name, one in mine.items() if name not in left}
    if only:
        wanted = replace(wanted, alarms={name: acts for name, acts in wanted.alarms.items() if _is(name, only, part)})
        guards = {name for name, one in kept.items() if one.get("Namespace") in ("AWS/SNS", "AWS/SQS", "AWS/Lambda")}
        kept = {name: one for name, one in kept.items() if _is(name, only, part) or name in guards}
    way = Way(wanted, environment.account, kept, left)
    return _with_topics(calls, environment, way, page)


def _is(name: str, wanted: str, part: str) -> bool:
    return name == wanted or name.endswith(part + wanted)


def named(way: Way, wanted: str, environment: str) -> list[str]:
    """Return the alarms of *way* that are called *wanted*."""
    part = f"-{environment}-{way.region}-"
    return [name for name in way.of(METRIC, COMPOSITE) if _is(name, wanted, part)]


def depth(calls: Calls, arn: str) -> int | Unseen:
    """Return how many messages lie in a queue; 0 where there is no such queue."""
    found = _queue(calls, arn)
    if isinstance(found, Unseen):
        return found
    return messages(found)


def messages(queue: Json | None) -> int:
    return sum(int((queue or {}).get(key, 0)) for key in _DEPTH)


def _alarms(calls: Calls, prefix: str) -> dict[str, Json] | Unseen:
    found: dict[str, Json] = {}
    for key in ("MetricAlarms", "CompositeAlarms"):
        some = calls.pages(
            *("cloudwatch:DescribeAlarms", f"alarms {prefix}*", key),
            AlarmNamePrefix=prefix,
            AlarmTypes=[key.removesuffix("s")],
            MaxRecords=100,
        )
        if isinstance(some, Unseen):
            return some
        found |= {one["AlarmName"]: one for one in some if "AlarmName" in one}
    return found


def _with_topics(calls: Calls, environment: Environment, way: Way, page: str) -> Way:
    """Follow *way* from its alarms' actions on, and from the topic *page* where there should be one."""
    here = f"arn:aws:sns:{calls.region}:{environment.account}:"
    actions = [action for one in way.of(METRIC, COMPOSITE).values() for action in _actions(one)]
    meant = [here + page] if page in way.expected.topics else []
    for arn in dict.fromkeys((*meant, *(one for one in actions if one.startswith(here)))):
        way.topics[arn] = _topic(calls, arn)
    subscriptions = [one for topic in way.topics.values() for one in topic.confirmed]
    for function in dict.fromkeys(one.where for one in subscriptions if one.protocol == "lambda"):
        way.functions[function] = _function(calls, function)
    failures = [one.failures for one in way.functions.values() if isinstance(one.failures, str)]
    for queue in dict.fromkeys((*(one.redrives_to for one in subscriptions), *failures)):
        if queue.split(":")[2:3] == ["sqs"]:
            way.queues[queue] = _queue(calls, queue)
    holders = [*(topic.attributes for topic in way.topics.values()), *way.queues.values()]
    for key in dict.fromkeys(str(one.get("KmsMasterKeyId", "")) for one in holders if isinstance(one, dict)):
        if key:
            way.keys[key] = _key(calls, key)
    if not (environment.pages and environment.paging_secret):
        return way
    name = environment.paging_secret
    secret = calls.ask("secretsmanager:DescribeSecret", f"secret {name}", SecretId=name)
    return replace(way, secret=secret, secret_name=name)


def _actions(alarm: Json) -> list[str]:
    return [*alarm.get("AlarmActions", ()), *alarm.get("OKActions", ())]


def _topic(calls: Calls, arn: str) -> Topic:
    name = f"topic {arn.rpartition(':')[2]}"
    found = calls.ask("sns:GetTopicAttributes", name, TopicArn=arn)
    if found is None:
        return Topic(arn, None)
    attributes = found.get("Attributes", {}) if isinstance(found, dict) else found
    listed = calls.pages("sns:ListSubscriptionsByTopic", name, "Subscriptions", TopicArn=arn)
    if isinstance(listed, Unseen):
        return Topic(arn, attributes, listed)
    return Topic(arn, attributes, [_subscription(calls, one) for one in listed])


def _subscription(calls: Calls, listed: Json) -> Subscription:
    arn, protocol = listed.get("SubscriptionArn", ""), listed.get("Protocol", "")
    where = shown(protocol, listed.get("Endpoint", ""))
    if not arn.startswith("arn:"):  # `PendingConfirmation` stands for it until it is confirmed
        return Subscription(arn, protocol, where, None)
    topic = arn.split(":")[5]
    found = calls.ask("sns:GetSubscriptionAttributes", f"subscription of {where} to {topic}", SubscriptionArn=arn)
    if isinstance(found, dict):
        found = {key: value for key, value in found.get("Attributes", {}).items() if key != "Endpoint"}
    return Subscription(arn, protocol, where, found)


def _queue(calls: Calls, arn: str) -> Answer:
    name = arn.rpartition(":")[2]
    url = calls.ask("sqs:GetQueueUrl", f"queue {name}", QueueName=name)
    if not isinstance(url, dict):
        return url
    if "QueueUrl" not in url:
        return lacking("sqs:GetQueueUrl", f"queue {name}", "QueueUrl")
    found = calls.ask(
        *("sqs:GetQueueAttributes", f"queue {name}"),
        QueueUrl=url["QueueUrl"],
        AttributeNames=[*_QUEUE, *_DEPTH],
    )
    return found.get("Attributes", {}) if isinstance(found, dict) else found


def _key(calls: Calls, key: str) -> Key:
    found = calls.ask("kms:DescribeKey", f"key {key}", KeyId=key)
    if not isinstance(found, dict):
        return Key(found, None)
    metadata = found.get("KeyMetadata", {})
    if "Arn" not in metadata:
        unseen = lacking("kms:DescribeKey", f"key {key}", "KeyMetadata.Arn")
        return Key(unseen, unseen)
    policy = calls.ask("kms:GetKeyPolicy", f"key {key}", KeyId=metadata["Arn"], PolicyName="default")
    return Key(metadata, str(policy.get("Policy", "")) if isinstance(policy, dict) else policy)


def _function(calls: Calls, arn: str) -> Function:
    name = arn.split(":")[6] if arn.count(":") > 5 else arn
    thing = f"function {name}"
    configuration = calls.ask("lambda:GetFunctionConfiguration", thing, FunctionName=arn)
    if configuration is None:
        return Function(None, None, None)
    if isinstance(configuration, dict):  # variables of others may be secrets: only those that are meant stay
        variables = configuration.get("Environment", {}).get("Variables", {})
        configuration = {
            **{key: configuration.get(key) for key in ("State", "StateReason", "LastUpdateStatus")},
            "Secret": variables.get("PAGING_SECRET", ""),
        }
    policy = calls.ask("lambda:GetPolicy", thing, FunctionName=arn)
    invoked = calls.ask("lambda:GetFunctionEventInvokeConfig", thing, FunctionName=arn)
    failures: str | Unseen | None = None
    if isinstance(invoked, Unseen):
        failures = invoked
    elif invoked is not None:
        failures = document(document(invoked.get("DestinationConfig")).get("OnFailure")).get("Destination", "")
    return Function(configuration, policy.get("Policy", "") if isinstance(policy, dict) else policy, failures)
