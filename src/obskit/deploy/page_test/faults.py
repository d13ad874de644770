"""What of a deployed way keeps a page from arriving; `delivery` says the same of one that is only rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from obskit.deploy import paging
from obskit.deploy.delivery import PATIENCE_S, patience_s
from obskit.deploy.page_test import policies, reading
from obskit.deploy.page_test.alarms import deletion
from obskit.deploy.page_test.calls import Unseen, reason
from obskit.deploy.page_test.way import COMPOSITE, DEAD_LETTERS, METRIC
from obskit.deploy.rules import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from obskit.deploy.model import Environment
    from obskit.deploy.page_test.way import Key, Topic, Way
    from obskit.deploy.rules.problem import Level

    Rule: TypeAlias = "Callable[[Inspection], Iterator[Problem]]"

Json = dict[str, Any]

PUBLISH = "sns:Publish"
USE_KEY = ("kms:Decrypt", "kms:GenerateDataKey")
CLOUDWATCH, SNS = "cloudwatch.amazonaws.com", "sns.amazonaws.com"
WAKING = ("http", "https", "lambda")
"""Protocols by which something is handed on to people; a queue or an address beside them is only kept informed."""
_SOMEBODY_ELSE = "999999999999"
_KEY_POLICY = "add the statements in Metadata.obskit.KeyPolicy of the rendered template to the key's policy"


class Inspection:
    """A way with what its environment wants of it."""

    def __init__(self, way: Way, environment: Environment, project: str, severity: str = paging.PAGING) -> None:
        self.way, self.environment, self.severity = way, environment, severity
        self.page = f"arn:aws:sns:{way.region}:{way.account}:{project}-{environment.name}-{severity}"
        self.pages = environment.pages or severity != paging.PAGING

    def problem(self, thing: str, rule: str, message: str, fix: str = "", severity: Level = "error") -> Problem:
        return Problem(thing, "", rule, severity, message, self.way.region, fix=fix)

    def context(self, alarm: str = "obskit") -> dict[str, str]:
        """Return what a call of CloudWatch for an alarm carries."""
        region, account = self.way.region, self.way.account
        return {
            "aws:SourceAccount": account,
            "aws:SourceArn": f"arn:aws:cloudwatch:{region}:{account}:alarm:{alarm}",
        }

    def second(self) -> list[str]:
        """Return the topics of the second channel: those that alarms on the way speak to."""
        actions = [action for _, one in self.guards() for action in one.get("AlarmActions", ())]
        return [one for one in dict.fromkeys(actions) if one != self.page]

    def guards(self) -> list[tuple[str, Json]]:
        """Return the alarms on the page's topic and on the queues of what it could not deliver."""
        queues = {queue.rpartition(":")[2] for queue in self.way.queues}
        found = []
        for name, one in self.way.of(METRIC).items():
            values = {pair["Value"] for pair in one.get("Dimensions", ())}
            if one.get("Namespace") == "AWS/SNS" and self.page.rpartition(":")[2] in values:
                found.append((name, one))
            if one.get("Namespace") == "AWS/SQS" and queues & values:
                found.append((name, one))
        return found


def problems(seen: Inspection) -> list[Problem]:
    """Return all that is wrong, all that could not be looked at, and what is so on purpose."""
    return [problem for rule in RULES for problem in rule(seen)]


def is_there(seen: Inspection) -> Iterator[Problem]:
    if isinstance(seen.way.alarms, Unseen):
        return
    missing = sorted(seen.way.expected.alarms.keys() - seen.way.alarms.keys())
    for name in missing:
        yield seen.problem(name, "not-deployed", "the definitions have it, the account does not", "obskit deploy")
    for name in seen.way.left_over:
        command = deletion(seen.way.region, name)
        yield seen.problem(name, "left-over", "an earlier test was killed and left it", command)


def speaks(seen: Inspection) -> Iterator[Problem]:
    way = seen.way
    alarms = way.of(METRIC, COMPOSITE)
    silent = [name for name, one in alarms.items() if one.get("ActionsEnabled") is False and one.get("AlarmActions")]
    if silent and way.expected.standby:
        words = f"actions of {len(silent)} alarms are off on purpose: the region stands by"
        yield seen.problem("alarms", "standby", words, severity="note")
    for name, one in alarms.items():
        actions = one.get("AlarmActions", [])
        if name in silent and not way.expected.standby:
            fix = "update the stack with ActionsEnabled=true, or `aws cloudwatch enable-alarm-actions`"
            yield seen.problem(name, "page-silent", "its actions are off: it tells nobody", fix)
        if not actions and way.expected.alarms.get(name, False):
            yield seen.problem(name, "page-topic", "it has no AlarmActions, its definition has", "obskit deploy")
        if sorted(actions) != sorted(one.get("OKActions", [])):
            words = "OKActions differ from AlarmActions: what it opens, nothing closes"
            yield seen.problem(name, "ok-actions", words, "obskit deploy")
        for action in actions:
            yield from _reaches(seen, name, action)


def _reaches(seen: Inspection, name: str, action: str) -> Iterator[Problem]:
    way = seen.way
    here = ["sns", way.region, way.account]
    if action.split(":")[2:5] != here:
        if action.split(":")[2:3] == ["sns"]:
            words = f"speaks to {action}: no topic of {way.region} and account {way.account}"
            yield seen.problem(name, "page-region", words, "an alarm reaches topics of its own region only")
    elif action in way.topics and way.topics[action].attributes is None:
        yield seen.problem(name, "page-topic", f"speaks to {action}, which does not exist", "obskit deploy")


def topics(seen: Inspection) -> Iterator[Problem]:
    way = seen.way
    for topic in way.topics.values():
        thing = f"topic {topic.name}"
        if topic.attributes is None:
            if topic.arn == seen.page:
                yield seen.problem(thing, "page-topic", "does not exist", "obskit deploy")
        elif isinstance(topic.attributes, dict):
            yield from _published(seen, thing, topic.attributes)
            yield from _encrypted(seen, thing, topic.attributes.get("KmsMasterKeyId", ""))


def _published(seen: Inspection, thing: str, attributes: Json) -> Iterator[Problem]:
    policy = str(attributes.get("Policy", ""))
    said = policies.permits(policy, CLOUDWATCH, (PUBLISH,), seen.context())
    if said == "no":
        words = "its policy does not let CloudWatch publish for alarms of this account and region"
        yield seen.problem(thing, "topic-policy", words, "obskit deploy puts the policy back")
    elif said == "unsure":
        words = "its policy has conditions that are not known here; the test alarm shows what they do"
        yield seen.problem(thing, "topic-policy", words, severity="note")
    stranger = {
        "aws:SourceAccount": _SOMEBODY_ELSE,
        "aws:SourceArn": f"arn:aws:cloudwatch:{seen.way.region}:{_SOMEBODY_ELSE}:alarm:x",
    }
    loose = policies.others(policy, CLOUDWATCH, PUBLISH)
    if policies.permits(policy, CLOUDWATCH, (PUBLISH,), stranger) == "yes":
        loose.append("CloudWatch for alarms of other accounts")
    if loose:
        words = f"its policy lets others publish, too ({', '.join(loose)}): anybody could page"
        yield seen.problem(thing, "topic-policy", words, "obskit deploy puts the policy back")


def _encrypted(seen: Inspection, thing: str, key: str) -> Iterator[Problem]:
    if not key:
        if seen.environment.pages:
            words = "is under no key: pages lie in it unencrypted"
            yield seen.problem(thing, "topic-key", words, "kms_key in obskit.toml, then obskit deploy")
        return
    yield from _usable(seen, thing, key, CLOUDWATCH, seen.context())


def _usable(seen: Inspection, thing: str, name: str, service: str, context: dict[str, str]) -> Iterator[Problem]:
    """Yield why *service* cannot use the key that is set on *thing*."""
    key = seen.way.keys.get(name)
    if key is None or isinstance(key.metadata, Unseen):
        return
    if key.metadata is None:
        yield seen.problem(
            thing, "topic-key", f"its key {name} does not exist in this region", "make one, or its alias"
        )
        return
    if key.metadata.get("KeyManager") == "AWS":
        words = f"is under {name}, a key of AWS's own: {service} cannot use it, and its policy cannot be changed"
        yield seen.problem(thing, "topic-key", words, "a customer key: kms_key in obskit.toml, then obskit deploy")
        return
    state = key.metadata.get("KeyState", "Enabled")
    if state != "Enabled":
        yield seen.problem(thing, "topic-key", f"its key {name} is {state}", f"aws kms enable-key --key-id {name}")
    if isinstance(key.policy, Unseen):
        return
    said = policies.permits(_text(key), service, USE_KEY, context)
    if said == "no":
        words = f"its key {name} does not let {service} decrypt and generate data keys"
        yield seen.problem(thing, "key-policy", words, _KEY_POLICY)
    elif said == "unsure":
        words = (
            f"the policy of its key {name} has conditions that are not known here; the test alarm shows what they do"
        )
        yield seen.problem(thing, "key-policy", words, severity="note")


def _text(key: Key) -> str:
    return key.policy if isinstance(key.policy, str) else ""


def subscriptions(seen: Inspection) -> Iterator[Problem]:
    """Of the topic that pages and of the second channel; tickets are for everybody to subscribe to."""
    second = seen.second()
    for topic in seen.way.topics.values():
        if isinstance(topic.subscriptions, Unseen) or topic.attributes is None:
            continue
        thing = f"topic {topic.name}"
        for one in topic.subscriptions:
            if not one.confirmed:
                words = f"the subscription of {one.where} ({one.protocol}) is not confirmed: it gets nothing"
                yield seen.problem(thing, "page-unconfirmed", words, _confirm(one.protocol))
        if not topic.confirmed and ((topic.arn == seen.page and seen.pages) or topic.arn in second):
            yield seen.problem(
                thing, "page-once", "nobody is subscribed to it, or nobody has confirmed", "obskit deploy"
            )
        elif topic.arn == seen.page and seen.pages:
            yield from _each_once(seen, topic, thing)
            yield from _tries(seen, topic)


def _confirm(protocol: str) -> str:
    if protocol in ("email", "email-json"):
        return "open the link that SNS sent to the address; subscribe again for another one (it is good for two days)"
    if protocol in ("http", "https"):
        return "the endpoint must fetch the SubscribeURL that SNS posts to it; PagerDuty does: is its key right?"
    return "confirm it with `aws sns confirm-subscription`"


def _each_once(seen: Inspection, topic: Topic, thing: str) -> Iterator[Problem]:
    if seen.severity != paging.PAGING:
        return
    for guard in seen.way.kinds_to(topic.arn):
        takers = topic.takers(guard)
        if not takers:
            yield seen.problem(
                thing, "page-once", f"pages of {guard}s: no confirmed subscription takes them", "obskit deploy"
            )
            continue
        waking = [one for one in takers if one.protocol in WAKING]
        if len(waking) > 1 and not any(isinstance(one.attributes, Unseen) for one in waking):
            words = f"pages of {guard}s: {len(waking)} subscriptions take each, and somebody is woken twice"
            yield seen.problem(thing, "page-once", words, "unsubscribe one")
    for one in topic.confirmed:
        scope = isinstance(one.attributes, dict) and one.attributes.get("FilterPolicyScope")
        if one.document("FilterPolicy") and scope != "MessageBody":
            words = f"the filter of {one.where} looks at attributes, which CloudWatch does not set"
            yield seen.problem(thing, "page-once", words, "FilterPolicyScope is MessageBody: obskit deploy")


def _tries(seen: Inspection, topic: Topic) -> Iterator[Problem]:
    for one in topic.confirmed:
        thing = f"subscription of {one.where}"
        if not isinstance(one.attributes, dict):
            continue
        effective = one.document("DeliveryPolicy") or one.document("EffectiveDeliveryPolicy")
        patience = patience_s({"DeliveryPolicy": effective})
        if one.protocol in ("http", "https") and patience < PATIENCE_S:
            words = f"SNS gives up after {patience // 60} minutes; make it {PATIENCE_S // 60} at least"
            yield seen.problem(thing, "page-lost", words, "its DeliveryPolicy: obskit deploy")
        if one.protocol in WAKING and not one.redrives_to:
            yield seen.problem(thing, "page-lost", "has no RedrivePolicy: a page that fails is gone", "obskit deploy")


def queues(seen: Inspection) -> Iterator[Problem]:
    watched = {pair["Value"]: (name, one) for name, one in seen.guards() for pair in one.get("Dimensions", ())}
    for arn, found in seen.way.queues.items():
        name = arn.rpartition(":")[2]
        thing = f"queue {name}"
        if isinstance(found, Unseen):
            continue
        if found is None:
            yield seen.problem(thing, "page-lost", "does not exist: a page that fails is gone", "obskit deploy")
            continue
        yield from _takes(seen, thing, arn, found)
        lying = reading.messages(found)
        if lying:
            words = f"{lying} {'message lies' if lying == 1 else 'messages lie'} there: pages that reached nobody"
            yield seen.problem(thing, "pages-lost", words, DEAD_LETTERS)
        if name not in watched and not isinstance(seen.way.alarms, Unseen):
            words = "no alarm of the project watches it: lost pages would lie there"
            yield seen.problem(thing, "page-missed", words, "fallback in obskit.toml, then obskit deploy")


def _takes(seen: Inspection, thing: str, arn: str, found: Json) -> Iterator[Problem]:
    key = found.get("KmsMasterKeyId", "")
    if key:
        for topic in _redriving(seen.way, arn):
            yield from _usable(seen, thing, key, SNS, {"aws:SourceAccount": seen.way.account, "aws:SourceArn": topic})
    elif found.get("SqsManagedSseEnabled") != "true":
        yield seen.problem(thing, "page-lost", "is not encrypted: lost pages lie there as text", "obskit deploy")
    for topic in _redriving(seen.way, arn):
        context = {"aws:SourceAccount": seen.way.account, "aws:SourceArn": topic}
        if policies.permits(str(found.get("Policy", "")), SNS, ("sqs:SendMessage",), context) == "no":
            words = f"its policy does not let {topic} put in what it could not deliver"
            yield seen.problem(thing, "page-lost", words, "obskit deploy puts the policy back")


def _redriving(way: Way, queue: str) -> list[str]:
    return [topic.arn for topic in way.topics.values() if any(one.redrives_to == queue for one in topic.confirmed)]


def is_missed(seen: Inspection) -> Iterator[Problem]:
    """What watches the way of a page speaks by another one, and is heard."""
    page = seen.way.topics.get(seen.page)
    if not seen.environment.pages or seen.severity != paging.PAGING or page is None or page.attributes is None:
        return
    if isinstance(seen.way.alarms, Unseen):
        return
    guards = seen.guards()
    there = {one.get("MetricName") for _, one in guards}
    thing = f"topic {page.name}"
    for _, metric, _ in paging.LOST:
        if metric not in there:
            words = f"no alarm of the project watches {metric}"
            yield seen.problem(thing, "page-missed", words, "fallback in obskit.toml, then obskit deploy")
    for name, one in guards:
        actions = one.get("AlarmActions", [])
        if not actions:
            yield seen.problem(name, "page-missed", "it watches the way of a page and tells nobody", "obskit deploy")
        elif seen.page in actions:
            words = "speaks to the topic that it watches: if that is broken, nobody hears of it"
            yield seen.problem(name, "page-missed", words, "fallback in obskit.toml, then obskit deploy")


def forwarder(seen: Inspection) -> Iterator[Problem]:
    for arn, found in seen.way.functions.items():
        thing = f"function {arn.rpartition(':')[2]}"
        if found.configuration is None:
            words = "does not exist: what it should hand over reaches nobody"
            yield seen.problem(thing, "forwarder", words, "deploy the forwarder's template")
            continue
        if isinstance(found.configuration, dict):
            state, reason_ = found.configuration.get("State"), found.configuration.get("StateReason")
            if state not in ("Active", None):
                words = f"is {state}{f' ({reason_})' if reason_ else ''}"
                yield seen.problem(thing, "forwarder", words, "look at it in the console, deploy it again")
            if found.configuration.get("LastUpdateStatus") == "Failed":
                yield seen.problem(thing, "forwarder", "its last update failed", "deploy it again")
            own = found.configuration.get("Secret")
            if own and seen.way.secret_name and own != seen.way.secret_name:
                words = f"reads the secret {own}, obskit.toml says {seen.way.secret_name}"
                yield seen.problem(thing, "page-key", words, "deploy the forwarder's template")
        yield from _invoked(seen, thing, arn)


def _invoked(seen: Inspection, thing: str, arn: str) -> Iterator[Problem]:
    found = seen.way.functions[arn]
    if not isinstance(found.policy, Unseen):
        context = {"aws:SourceAccount": seen.way.account, "aws:SourceArn": seen.page}
        if policies.permits(found.policy or "", SNS, ("lambda:InvokeFunction",), context) == "no":
            words = f"its policy does not let {seen.page} invoke it"
            yield seen.problem(thing, "forwarder", words, "deploy the forwarder's template")
    if not isinstance(found.failures, Unseen) and not found.failures:
        words = "has no destination for failures: a page that it cannot hand over is gone"
        yield seen.problem(thing, "page-lost", words, "deploy the forwarder's template")


def secret(seen: Inspection) -> Iterator[Problem]:
    """Only that it is there and in which versions: the value is never read."""
    found, name = seen.way.secret, seen.way.secret_name
    if not name or isinstance(found, Unseen):
        return
    thing = f"secret {name}"
    if found is None:
        yield seen.problem(thing, "page-key", "does not exist in this region", "make it: docs/paging.md says its form")
        return
    if found.get("DeletedDate"):
        yield seen.problem(
            thing, "page-key", "is being deleted", f"aws secretsmanager restore-secret --secret-id {name}"
        )
    version = seen.environment.paging_secret_version
    stages = found.get("VersionIdsToStages")
    if version and stages is not None and "AWSCURRENT" not in stages.get(version, ()):
        words = f"version {version} of paging_secret_version is not the current one: pages go to the old key"
        yield seen.problem(thing, "page-key", words, "docs/paging.md, Rotation")


def unseen(seen: Inspection) -> Iterator[Problem]:
    """One for each right that is missing and each call that failed, with all that it would have shown."""
    things: dict[str, list[str]] = {}
    for one in seen.way.unseen():
        things.setdefault(reason(one), []).append(one.thing)
    for why, missing in things.items():
        words = f"could not be looked at: {why}"
        yield seen.problem(", ".join(dict.fromkeys(missing)), "unseen", words, severity="warning")


RULES: tuple[Rule, ...] = (
    is_there, speaks, topics, subscriptions, queues, is_missed, forwarder, secret, unseen,
)  # fmt: skip
