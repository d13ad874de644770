"""The way of a page in an account: sound as it is rendered, and each thing that breaks it is told."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from obskit.deploy.page_test import faults, policies, reading, report
from obskit.deploy.page_test.calls import At, Calls
from obskit.deploy.page_test.rights import RIGHTS, UNCALLED
from tests.deploy.paged_account import ACCOUNT, INTEGRATION_KEY, NOW, REGION, Account, Session, deployed
from tests.deploy.test_delivery import COMPOSITE, rendered
from tests.parts import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from obskit.deploy.render import Rendered
    from obskit.deploy.rules import Problem

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:shop-prod-page"
FALLBACK = f"arn:aws:sns:{REGION}:{ACCOUNT}:shop-prod-fallback"
ALARM, BOTH = "shop-checkout-prod-us-east-1-failures", "shop-checkout-prod-us-east-1-both"
QUEUE = "shop-prod-paging-dead-letters"
LEFT = "shop-paging-prod-us-east-1-page-test-bcdfghjk"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:shop-prod-forwarder"


@pytest.fixture(scope="module")
def session() -> Session:
    return Session()


@pytest.fixture
def sound(shop: Path) -> Rendered:
    """A metric alarm and a composite that page: one by the integration, one by the forwarder."""
    file = shop / "alarms/checkout.py"
    file.write_text(file.read_text() + COMPOSITE)
    return rendered(shop)


@pytest.fixture
def account(session: Session, sound: Rendered) -> Account:
    session.account = deployed(sound)
    return session.account


@pytest.fixture
def look(session: Session, sound: Rendered, account: Account) -> Callable[..., list[Problem]]:
    """Look at the account; returns what is wrong."""

    def looked(severity: str = "page", only: str = "", rendered: Rendered = sound) -> list[Problem]:
        calls = Calls(At(session), REGION)
        way = reading.read(calls, rendered, reading.expected(rendered)[REGION], severity, only)
        return faults.problems(faults.Inspection(way, rendered.environment, "shop", severity))

    return looked


def test_what_is_deployed_as_rendered_is_sound(look: Callable[..., list[Problem]], account: Account):
    assert [] == look()
    assert {right.action for right in RIGHTS if right.part == "look"} == set(account.called)


def change(things: Any, *path: str, to: Any = None) -> None:
    """Set what is at *path* in *things*, JSON in text too; without *to* it is gone."""
    key, *inside = path
    if not inside:
        if to is None:
            things.pop(key)
        else:
            things[key] = to
        return
    found = things[key] if not isinstance(things, list) else things[int(key)]
    if isinstance(found, str):
        document = json.loads(found)
        change(document, *inside, to=to)
        things[key] = json.dumps(document)
    else:
        change(found, *inside, to=to)


def pending(account: Account) -> None:
    account.subscriptions[0]["SubscriptionArn"] = "PendingConfirmation"


def without(*subscriptions: int) -> Callable[[Account], None]:
    def gone(account: Account) -> None:
        account.subscriptions = [one for place, one in enumerate(account.subscriptions) if place not in subscriptions]

    return gone


def twice(account: Account) -> None:
    more = copy.deepcopy(account.subscriptions[0])
    account.subscriptions.append({**more, "SubscriptionArn": f"{TOPIC}:00000004", "Endpoint": "https://x.example/y"})


def opened(account: Account) -> None:
    policy = json.loads(account.topics[TOPIC]["Policy"])
    policy["Statement"].append({"Sid": "Any", "Effect": "Allow", "Principal": "*", "Action": "SNS:*", "Resource": "*"})
    account.topics[TOPIC]["Policy"] = json.dumps(policy)


def at(store: str, *path: str, to: Any = None) -> Callable[[Account], None]:
    return lambda account: change(getattr(account, store), *path, to=to)


KEY_STATEMENTS = ("alias/shop-data", "policy", "Statement")
OTHERS = "arn:aws:sns:us-east-1:111111111111:x"
ALARMS_ELSEWHERE = {"aws:SourceArn": "arn:aws:cloudwatch:us-west-2:333333333333:alarm:*"}
ELSEWHERE = "arn:aws:sns:us-west-2:333333333333:shop-prod-page"

FAULTS: dict[str, tuple[Callable[[Account], None], tuple[str, str, str]]] = {
    "an alarm that is not there": (
        at("alarms", BOTH),
        (BOTH, "not-deployed", "the definitions have it, the account does not"),
    ),
    "an alarm of a test that was killed": (
        at("alarms", LEFT, to={"AlarmName": LEFT}),
        (LEFT, "left-over", "an earlier test was killed and left it"),
    ),
    "actions off": (
        at("alarms", ALARM, "ActionsEnabled", to=False),
        (ALARM, "page-silent", "its actions are off: it tells nobody"),
    ),
    "no action": (
        at("alarms", ALARM, "AlarmActions", to=[]),
        (ALARM, "page-topic", "it has no AlarmActions, its definition has"),
    ),
    "no OK action": (
        at("alarms", BOTH, "OKActions"),
        (BOTH, "ok-actions", "OKActions differ from AlarmActions: what it opens, nothing closes"),
    ),
    "a topic of another region": (
        at("alarms", ALARM, "AlarmActions", to=[ELSEWHERE]),
        (ALARM, "page-region", f"speaks to {ELSEWHERE}: no topic of us-east-1 and account 333333333333"),
    ),
    "a topic of another account": (
        at("alarms", ALARM, "AlarmActions", to=[OTHERS]),
        (ALARM, "page-region", f"speaks to {OTHERS}: no topic of us-east-1 and account 333333333333"),
    ),
    "a topic that is gone": (
        at("topics", FALLBACK),
        ("shop-paging-prod-us-east-1-paging-lost", "page-topic", f"speaks to {FALLBACK}, which does not exist"),
    ),
    "the page's topic gone": (at("topics", TOPIC), ("topic shop-prod-page", "page-topic", "does not exist")),
    "no key": (
        at("topics", TOPIC, "KmsMasterKeyId"),
        ("topic shop-prod-page", "topic-key", "is under no key: pages lie in it unencrypted"),
    ),
    "AWS's own key": (
        at("keys", "alias/shop-data", "metadata", "KeyManager", to="AWS"),
        (
            "topic shop-prod-page",
            "topic-key",
            (
                "is under alias/shop-data, a key of AWS's own: cloudwatch.amazonaws.com cannot use it, and its policy"
                " cannot be changed"
            ),
        ),
    ),
    "a key that is not there": (
        at("keys", "alias/shop-data"),
        ("topic shop-prod-page", "topic-key", "its key alias/shop-data does not exist in this region"),
    ),
    "a key that is disabled": (
        at("keys", "alias/shop-data", "metadata", "KeyState", to="Disabled"),
        ("topic shop-prod-page", "topic-key", "its key alias/shop-data is Disabled"),
    ),
    "a key that CloudWatch may not use": (
        at("keys", *KEY_STATEMENTS, "0", "Principal", to={"Service": "events.amazonaws.com"}),
        (
            "topic shop-prod-page",
            "key-policy",
            "its key alias/shop-data does not let cloudwatch.amazonaws.com decrypt and generate data keys",
        ),
    ),
    "a key that CloudWatch may use for decrypting only": (
        at("keys", *KEY_STATEMENTS, "0", "Action", to=["kms:Decrypt"]),
        (
            "topic shop-prod-page",
            "key-policy",
            "its key alias/shop-data does not let cloudwatch.amazonaws.com decrypt and generate data keys",
        ),
    ),
    "a key for alarms of another region": (
        at("keys", *KEY_STATEMENTS, "0", "Condition", "ArnLike", to=ALARMS_ELSEWHERE),
        (
            "topic shop-prod-page",
            "key-policy",
            "its key alias/shop-data does not let cloudwatch.amazonaws.com decrypt and generate data keys",
        ),
    ),
    "a key that topics may not use": (
        at("keys", *KEY_STATEMENTS, "1", "Effect", to="Deny"),
        (
            f"queue {QUEUE}",
            "key-policy",
            "its key alias/shop-data does not let sns.amazonaws.com decrypt and generate data keys",
        ),
    ),
    "a topic that CloudWatch may not publish to": (
        at("topics", TOPIC, "Policy", "Statement", "0", "Principal", to={"Service": "events.amazonaws.com"}),
        (
            "topic shop-prod-page",
            "topic-policy",
            "its policy does not let CloudWatch publish for alarms of this account and region",
        ),
    ),
    "a topic that anybody may publish to": (
        opened,
        (
            "topic shop-prod-page",
            "topic-policy",
            "its policy lets others publish, too (Any, CloudWatch for alarms of other accounts): anybody could page",
        ),
    ),
    "a topic for alarms of all accounts": (
        at("topics", TOPIC, "Policy", "Statement", "0", "Condition"),
        (
            "topic shop-prod-page",
            "topic-policy",
            "its policy lets others publish, too (CloudWatch for alarms of other accounts): anybody could page",
        ),
    ),
    "a subscription that waits": (
        pending,
        (
            "topic shop-prod-page",
            "page-unconfirmed",
            "the subscription of https://events.pagerduty.com/… (https) is not confirmed: it gets nothing",
        ),
    ),
    "nobody hears a page": (
        without(0, 2),
        ("topic shop-prod-page", "page-once", "nobody is subscribed to it, or nobody has confirmed"),
    ),
    "nobody takes metric alarms": (
        without(0),
        ("topic shop-prod-page", "page-once", "pages of metric alarms: no confirmed subscription takes them"),
    ),
    "nobody takes composites": (
        without(2),
        ("topic shop-prod-page", "page-once", "pages of composite alarms: no confirmed subscription takes them"),
    ),
    "nobody hears the second channel": (
        without(1),
        ("topic shop-prod-fallback", "page-once", "nobody is subscribed to it, or nobody has confirmed"),
    ),
    "two take each": (
        twice,
        (
            "topic shop-prod-page",
            "page-once",
            "pages of metric alarms: 2 subscriptions take each, and somebody is woken twice",
        ),
    ),
    "a filter on attributes": (
        at("subscriptions", "0", "Attributes", "FilterPolicyScope"),
        (
            "topic shop-prod-page",
            "page-once",
            "the filter of https://events.pagerduty.com/… looks at attributes, which CloudWatch does not set",
        ),
    ),
    "SNS's own patience": (
        at("subscriptions", "0", "Attributes", "DeliveryPolicy"),
        (
            "subscription of https://events.pagerduty.com/…",
            "page-lost",
            "SNS gives up after 0 minutes; make it 30 at least",
        ),
    ),
    "no redrive": (
        at("subscriptions", "2", "Attributes", "RedrivePolicy"),
        (f"subscription of {FUNCTION}", "page-lost", "has no RedrivePolicy: a page that fails is gone"),
    ),
    "no queue": (at("queues", QUEUE), (f"queue {QUEUE}", "page-lost", "does not exist: a page that fails is gone")),
    "a queue as text": (
        at("queues", QUEUE, "KmsMasterKeyId"),
        (f"queue {QUEUE}", "page-lost", "is not encrypted: lost pages lie there as text"),
    ),
    "a queue that takes nothing": (
        at("queues", QUEUE, "Policy"),
        (f"queue {QUEUE}", "page-lost", f"its policy does not let {TOPIC} put in what it could not deliver"),
    ),
    "pages that were lost": (
        at("queues", QUEUE, "ApproximateNumberOfMessages", to="3"),
        (f"queue {QUEUE}", "pages-lost", "3 messages lie there: pages that reached nobody"),
    ),
    "a queue that nobody watches": (
        at("alarms", "shop-paging-prod-us-east-1-paging-dead-letters"),
        (f"queue {QUEUE}", "page-missed", "no alarm of the project watches it: lost pages would lie there"),
    ),
    "losses that nobody watches": (
        at("alarms", "shop-paging-prod-us-east-1-paging-lost"),
        (
            "topic shop-prod-page",
            "page-missed",
            "no alarm of the project watches NumberOfNotificationsFailedToRedriveToDlq",
        ),
    ),
    "a guard on the same way": (
        at("alarms", "shop-paging-prod-us-east-1-paging-dead-letters", "AlarmActions", to=[TOPIC]),
        (
            "shop-paging-prod-us-east-1-paging-dead-letters",
            "page-missed",
            "speaks to the topic that it watches: if that is broken, nobody hears of it",
        ),
    ),
    "a guard that tells nobody": (
        at("alarms", "shop-paging-prod-us-east-1-paging-dead-letters", "AlarmActions", to=[]),
        (
            "shop-paging-prod-us-east-1-paging-dead-letters",
            "page-missed",
            "it watches the way of a page and tells nobody",
        ),
    ),
    "no forwarder": (
        at("functions", FUNCTION),
        ("function shop-prod-forwarder", "forwarder", "does not exist: what it should hand over reaches nobody"),
    ),
    "a forwarder that does not run": (
        at("functions", FUNCTION, "State", to="Failed"),
        ("function shop-prod-forwarder", "forwarder", "is Failed"),
    ),
    "a forwarder whose update failed": (
        at("functions", FUNCTION, "LastUpdateStatus", to="Failed"),
        ("function shop-prod-forwarder", "forwarder", "its last update failed"),
    ),
    "a forwarder that nobody may invoke": (
        at("functions", FUNCTION, "policy"),
        ("function shop-prod-forwarder", "forwarder", f"its policy does not let {TOPIC} invoke it"),
    ),
    "a forwarder that loses": (
        at("functions", FUNCTION, "invoke"),
        (
            "function shop-prod-forwarder",
            "page-lost",
            "has no destination for failures: a page that it cannot hand over is gone",
        ),
    ),
    "a forwarder with another secret": (
        at("functions", FUNCTION, "Environment", "Variables", "PAGING_SECRET", to="other"),
        (
            "function shop-prod-forwarder",
            "page-key",
            "reads the secret other, obskit.toml says obskit/pagerduty/prod",
        ),
    ),
    "no secret": (
        at("secrets", "obskit/pagerduty/prod"),
        ("secret obskit/pagerduty/prod", "page-key", "does not exist in this region"),
    ),
    "a secret that is going": (
        at("secrets", "obskit/pagerduty/prod", "DeletedDate", to=NOW),
        ("secret obskit/pagerduty/prod", "page-key", "is being deleted"),
    ),
}  # fmt: skip


FAILURES, BOTH = "shop-checkout-prod-us-east-1-failures", "shop-checkout-prod-us-east-1-both"
GUARD = "shop-paging-prod-us-east-1-paging-{}"
OK_DIFFERS = [(FAILURES, "ok-actions")]
KEY_OF_ALL = [
    (thing, "topic-key")
    for thing in (
        "topic shop-prod-fallback",
        "queue shop-prod-paging-dead-letters",
        "queue shop-prod-forwarder-dead-letters",
    )
]
KEY_OF_TOPICS = [("topic shop-prod-fallback", "key-policy")]
ALSO: dict[str, list[tuple[str, str]]] = {
    "no action": OK_DIFFERS,
    "a topic of another region": OK_DIFFERS,
    "a topic of another account": OK_DIFFERS,
    "a topic that is gone": [
        (GUARD.format(end), "page-topic")
        for end in ("failed", "redriven", "forwarder-errors", "dead-letters", "forwarder-dead-letters")
    ],
    "the page's topic gone": [(FAILURES, "page-topic"), (BOTH, "page-topic")],
    "AWS's own key": KEY_OF_ALL,
    "a key that is not there": KEY_OF_ALL,
    "a key that is disabled": KEY_OF_ALL,
    "a key that CloudWatch may not use": KEY_OF_TOPICS,
    "a key that CloudWatch may use for decrypting only": KEY_OF_TOPICS,
    "a key for alarms of another region": KEY_OF_TOPICS,
    "a key that topics may not use": [("queue shop-prod-forwarder-dead-letters", "key-policy")],
    "a topic that CloudWatch may not publish to": [("topic shop-prod-page", "topic-policy")],
    "a subscription that waits": [("topic shop-prod-page", "page-once")],
    "a queue that nobody watches": [(GUARD.format("dead-letters"), "not-deployed")],
    "losses that nobody watches": [(GUARD.format("lost"), "not-deployed")],
    "a guard on the same way": [(GUARD.format("dead-letters"), "ok-actions")],
    "a guard that tells nobody": [(GUARD.format("dead-letters"), rule) for rule in ("page-topic", "ok-actions")],
}
"""What else is wrong then, for the same reason: what, by which rule. All other faults are told once."""


@pytest.mark.parametrize("fault", FAULTS)
def test_what_breaks_the_way_is_told(look: Callable[..., list[Problem]], account: Account, fault: str):
    spoil, told = FAULTS[fault]
    spoil(account)

    found = look()

    errors = [one for one in found if one.severity == "error"]
    assert told in [(one.resource, one.rule, one.message) for one in errors]
    assert sorted([told[:2], *ALSO.get(fault, [])]) == sorted((one.resource, one.rule) for one in errors)
    assert all(one.fix for one in errors)
    assert INTEGRATION_KEY not in json.dumps([report.lines(one) for one in found])


ALLOW = {"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "SNS:Publish"}
INSECURE = {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ([], "no"),
        ([ALLOW], "yes"),
        ([{**ALLOW, "Effect": "Deny"}], "no"),
        ([ALLOW, {**ALLOW, "Effect": "Deny", "Principal": "*"}], "no"),
        ([ALLOW, {**ALLOW, "Effect": "Deny", "Principal": {"AWS": "*"}, "Condition": INSECURE}], "yes"),
        ([ALLOW, {**ALLOW, "Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::333333333333:role/x"}}], "yes"),
        ([{**ALLOW, "Principal": "*"}], "yes"),
        ([{**ALLOW, "Principal": {"Service": ["events.amazonaws.com"]}}], "no"),
        ([{**ALLOW, "Action": ["sns:Pub*"]}], "yes"),
        ([{**ALLOW, "Action": ["sns:Subscribe"]}], "no"),
        ([{key: value for key, value in ALLOW.items() if key != "Action"} | {"NotAction": "sns:Publish"}], "no"),
        ([{**ALLOW, "Condition": {"StringEquals": {"AWS:SourceAccount": ["1", "333333333333"]}}}], "yes"),
        ([{**ALLOW, "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}], "no"),
        ([{**ALLOW, "Condition": {"StringEquals": {"aws:SourceAccount": "333333333*"}}}], "no"),
        ([{**ALLOW, "Condition": {"StringLike": {"aws:SourceAccount": "333333333*"}}}], "yes"),
        ([{**ALLOW, "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:*:333333333333:alarm:*"}}}], "yes"),
        ([{**ALLOW, "Condition": {"StringEquals": {"aws:SourceOrgID": "o-1"}}}], "unsure"),
        ([{**ALLOW, "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}], "unsure"),
        ([{**ALLOW, "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}, ALLOW], "yes"),
    ],
)
def test_what_a_policy_lets_cloudwatch_do(statements: list[Any], said: str):
    context = {
        "aws:SourceAccount": ACCOUNT,
        "aws:SourceArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:x",
    }

    found = policies.permits(
        json.dumps({"Statement": statements}), "cloudwatch.amazonaws.com", ("sns:Publish",), context
    )

    assert said == found


def test_a_condition_that_is_not_known_here_is_left_to_the_walk(look: Callable[..., list[Problem]], account: Account):
    at("topics", TOPIC, "Policy", "Statement", "0", "Condition", to={"StringEquals": {"aws:SourceOrgID": "o-1"}})(
        account
    )
    at("keys", *KEY_STATEMENTS, "0", "Condition", to={"StringEquals": {"aws:SourceOrgID": "o-1"}})(account)

    found = look()

    assert {"topic-policy", "key-policy"} == {one.rule for one in found}
    assert {"note"} == {one.severity for one in found}
    assert report.proven(found)


def test_the_guide_names_each_right_that_it_takes():
    guide = (ROOT / "docs/paging.md").read_text()

    assert [] == [right.action for right in (*RIGHTS, *UNCALLED) if f"`{right.action}`" not in guide]
    assert len(RIGHTS) == len({right.action for right in RIGHTS})
    assert all(right.why for right in RIGHTS if right.resource == "*")


def test_an_address_beside_the_pager_is_no_second_page(look: Callable[..., list[Problem]], account: Account):
    twice(account)
    account.subscriptions[-1].update(Protocol="email", Endpoint="team@shop.example")

    assert [] == look()


def test_all_faults_at_once(look: Callable[..., list[Problem]], account: Account):
    at("alarms", ALARM, "ActionsEnabled", to=False)(account)
    at("queues", QUEUE, "ApproximateNumberOfMessages", to="1")(account)
    at("secrets", "obskit/pagerduty/prod")(account)

    assert ["page-silent", "pages-lost", "page-key"] == [one.rule for one in look()]


def test_an_old_version_of_the_key_is_told(look: Callable[..., list[Problem]], shop: Path):
    (found,) = look(rendered=rendered(shop, paging_secret_version="2" * 32))

    assert (
        f"version {'2' * 32} of paging_secret_version is not the current one: pages go to the old key" == found.message
    )


@pytest.mark.parametrize("right", [right.action for right in RIGHTS if right.part == "look"])
def test_a_missing_right_is_told_and_proves_nothing(look: Callable[..., list[Problem]], account: Account, right: str):
    account.denied.add(right)

    found = look()

    assert [f"could not be looked at: the IAM action {right} is missing"] == [
        one.message for one in found if one.severity == "warning"
    ]
    assert not [one.message for one in found if one.severity == "error"]
    assert not report.proven(found)


def test_only_one_alarm(look: Callable[..., list[Problem]], account: Account):
    at("alarms", ALARM, "ActionsEnabled", to=False)(account)

    assert [] == look(only="both")
    assert ["page-silent"] == [one.rule for one in look(only="failures")]
    assert ["page-silent"] == [one.rule for one in look(only=ALARM)]


def test_a_region_that_stands_by_is_silent_on_purpose(session: Session, sound: Rendered, account: Account):
    for one in account.alarms.values():
        one["ActionsEnabled"] = False
    calls = Calls(At(session), REGION)
    standby = replace(reading.expected(sound)[REGION], standby=True)

    found = faults.problems(faults.Inspection(reading.read(calls, sound, standby), sound.environment, "shop"))

    assert [("note", "actions of 8 alarms are off on purpose: the region stands by")] == [
        (one.severity, one.message) for one in found
    ]


def test_alarms_of_other_environments_and_projects_are_left_alone(look: Callable[..., list[Problem]], account: Account):
    for name in ("shop-checkout-stage-us-east-1-x", "other-checkout-prod-us-east-1-x"):
        account.alarms[name] = {"AlarmName": name, "ActionsEnabled": False, "AlarmActions": ["arn:aws:sns:a:b:c"]}

    assert [] == look()


def test_what_the_region_expects_is_what_is_rendered(sound: Rendered):
    found = reading.expected(sound)

    assert {"us-east-1": False, "us-west-2": True} == {region: one.standby for region, one in found.items()}
    assert found["us-east-1"].alarms[ALARM] is True


def members(answer: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield where each member of *answer* stands; `*` is any item of a list."""
    if isinstance(answer, dict):
        for key, one in answer.items():
            yield (*at, key)
            yield from members(one, (*at, key))
    elif isinstance(answer, list):
        for one in answer:
            yield from members(one, (*at, "*"))


def lacking(answer: Any, path: tuple[str, ...]) -> Any:
    if isinstance(answer, list):
        return [lacking(one, path[1:]) for one in answer]
    if not isinstance(answer, dict) or path[0] not in answer:
        return answer
    rest = {key: one for key, one in answer.items() if key != path[0]}
    return rest if len(path) == 1 else {**rest, path[0]: lacking(answer[path[0]], path[1:])}


def test_an_answer_that_lacks_a_member_is_told_or_does_not_matter(
    look: Callable[..., list[Problem]], account: Account, monkeypatch: pytest.MonkeyPatch
):
    """botocore's models say of few members of an answer that they must be there."""
    given: set[tuple[str, tuple[str, ...]]] = set()
    gone: tuple[str, tuple[str, ...]] | None = None
    whole = account.answer

    def answer(action: str, asked: dict[str, Any]) -> Any:
        found = whole(action, asked)
        given.update((action, path) for path in members(found))
        return lacking(found, gone[1]) if gone and gone[0] == action else found

    monkeypatch.setattr(account, "answer", answer)
    assert [] == look()
    told = {}
    for gone in sorted(given):
        told[gone[0], *gone[1]] = [problem.message for problem in look()]

    assert len(told) > 40
    said = ["could not be looked at: sqs:GetQueueUrl fails: the answer has no QueueUrl"]
    assert said == told["sqs:GetQueueUrl", "QueueUrl"]
    assert told["kms:DescribeKey", "KeyMetadata"] == told["kms:DescribeKey", "KeyMetadata", "Arn"]
    assert told["sns:ListSubscriptionsByTopic", "Subscriptions", "*", "SubscriptionArn"]
    assert told["cloudwatch:DescribeAlarms", "MetricAlarms", "*", "AlarmName"]
