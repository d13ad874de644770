"""What of the way of a page is in one region, as plain data; nothing in it is a secret."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from obskit.deploy.page_test.calls import Unseen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.deploy.page_test.calls import Answer

Json = dict[str, Any]

METRIC, COMPOSITE = "metric alarm", "composite alarm"
PENDING = "PendingConfirmation"
DEAD_LETTERS = "obskit runbook paging-dead-letters"
"""What to do about pages that lie in a queue."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the definitions say of one region: its alarms, whether each tells anybody, and its topics by name."""

    region: str
    standby: bool
    alarms: Mapping[str, bool]
    topics: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Subscription:
    """*where* is the endpoint without what is secret in it; *attributes* are without it, too."""

    arn: str
    protocol: str
    where: str
    attributes: Answer

    @property
    def confirmed(self) -> bool:
        if not self.arn.startswith("arn:"):
            return False
        return not (isinstance(self.attributes, dict) and self.attributes.get(PENDING) == "true")

    @property
    def redrives_to(self) -> str:
        return str(self.document("RedrivePolicy").get("deadLetterTargetArn", ""))

    def document(self, key: str) -> Json:
        """Return the attribute *key*, which is JSON; empty where it is not there."""
        return document((self.attributes or {}).get(key)) if isinstance(self.attributes, dict) else {}

    def takes(self, kind: str) -> bool:
        """Say whether messages of this *kind* of alarm pass the filter; an unknown filter lets everything pass."""
        rules = self.document("FilterPolicy").get("AlarmRule")
        if rules not in ([{"exists": True}], [{"exists": False}]):
            return True
        return bool(rules[0]["exists"]) == (kind == COMPOSITE)


@dataclass(frozen=True, slots=True)
class Topic:
    arn: str
    attributes: Answer
    subscriptions: list[Subscription] | Unseen = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.arn.rpartition(":")[2]

    @property
    def confirmed(self) -> list[Subscription]:
        return [] if isinstance(self.subscriptions, Unseen) else [one for one in self.subscriptions if one.confirmed]

    def takers(self, kind: str) -> list[Subscription]:
        return [one for one in self.confirmed if one.takes(kind)]


@dataclass(frozen=True, slots=True)
class Key:
    """*metadata* is DescribeKey's, *policy* the document as text."""

    metadata: Answer
    policy: str | Unseen | None


@dataclass(frozen=True, slots=True)
class Function:
    """*policy* is who may invoke it, as text; *failures* where what fails goes."""

    configuration: Answer
    policy: str | Unseen | None
    failures: str | Unseen | None


@dataclass(frozen=True, slots=True)
class Way:
    """All of one region: alarms by name, topics, queues and functions by ARN, keys by what is set on topic or queue."""

    expected: Expected
    account: str
    alarms: dict[str, Json] | Unseen
    left_over: tuple[str, ...] = ()
    """Alarms of an earlier test that was killed."""
    topics: dict[str, Topic] = field(default_factory=dict)
    queues: dict[str, Answer] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    secret: Answer | None = None
    secret_name: str = ""

    @property
    def region(self) -> str:
        return self.expected.region

    def of(self, *kinds: str) -> dict[str, Json]:
        """Return the alarms of these *kinds*."""
        if isinstance(self.alarms, Unseen):
            return {}
        return {name: one for name, one in self.alarms.items() if kind(one) in kinds}

    def of_name(self, name: str) -> Json:
        return {} if isinstance(self.alarms, Unseen) else self.alarms[name]

    def kinds_to(self, topic: str) -> list[str]:
        """Return which kinds of alarms speak to *topic*; there are always metric alarms."""
        composites = self.of(COMPOSITE).values()
        return [METRIC, *([COMPOSITE] if any(topic in one.get("AlarmActions", ()) for one in composites) else [])]

    def unseen(self) -> list[Unseen]:
        """Return all that could not be looked at, each once."""
        found: list[object] = [self.alarms, self.secret, *self.queues.values()]
        for topic in self.topics.values():
            found += [topic.attributes, topic.subscriptions]
            found += [] if isinstance(topic.subscriptions, Unseen) else [one.attributes for one in topic.subscriptions]
        for key in self.keys.values():
            found += [key.metadata, key.policy]
        for function in self.functions.values():
            found += [function.configuration, function.policy, function.failures]
        return list(dict.fromkeys(one for one in found if isinstance(one, Unseen)))


def kind(alarm: Json) -> str:
    return COMPOSITE if "AlarmRule" in alarm else METRIC


def document(text: object) -> Json:
    """Return the object in *text*, JSON; an empty one for anything else."""
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def shown(protocol: str, endpoint: str) -> str:
    """
    Return *endpoint* without what may be secret or personal: PagerDuty's key is in the path of its address.

    >>> shown("https", "https://events.pagerduty.com/integration/0123/enqueue")
    'https://events.pagerduty.com/…'
    >>> shown("email", "oncall@shop.example")
    '…@shop.example'
    >>> shown("sms", "+1 555 0100")
    '…'
    >>> shown("lambda", "arn:aws:lambda:us-east-1:333333333333:function:shop-prod-forwarder")
    'arn:aws:lambda:us-east-1:333333333333:function:shop-prod-forwarder'
    """
    if endpoint.startswith("arn:"):
        return endpoint
    if protocol in ("http", "https"):
        try:
            parts = urlsplit(endpoint)
            host = f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
        except ValueError:
            return "…"
        return f"{parts.scheme}://{host}/…"
    return f"…@{endpoint.rpartition('@')[2]}" if "@" in endpoint else "…"
