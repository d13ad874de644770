"""The walk of `obskit page-test`: its alarms go to ALARM and back, what was seen is told, nothing of it stays."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any

import pytest

from obskit.deploy.page_test import alarms, incidents, reading, report, verdict
from obskit.deploy.page_test.calls import At, Calls
from obskit.deploy.page_test.incidents import Incident, IncidentsError, PagerDuty
from obskit.deploy.page_test.sending import Clock, Plan, Sender
from obskit.deploy.page_test.way import DEAD_LETTERS
from obskit.deploy.rules import Problem
from obskit.forwarder import events
from obskit.testing.loopback import Answer, Loopback
from tests.deploy.paged_account import ACCOUNT, REGION, TOKEN, Account, Session, Time, deployed
from tests.deploy.test_delivery import COMPOSITE, rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from obskit.deploy.page_test.alarms import TestAlarm
    from obskit.deploy.page_test.sending import Walk
    from obskit.testing.loopback import Request

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:shop-prod-page"
QUEUE = "shop-prod-paging-dead-letters"
NO_KEY = "CloudWatch Alarms does not have authorization to access the SNS topic encryption key."
SENT = ("PutMetricAlarm", "PutCompositeAlarm", "SetAlarmState", "DeleteAlarms")


@pytest.fixture(scope="module")
def session() -> Session:
    return Session()


class Test:
    """A walk over an account in which a metric alarm and a composite page."""

    __test__ = False

    def __init__(self, root: Path, session: Session) -> None:
        file = root / "alarms/checkout.py"
        file.write_text(file.read_text() + COMPOSITE)
        self.rendered = rendered(root)
        self.account: Account = deployed(self.rendered)
        session.account = self.account
        self.calls = Calls(At(session), REGION)
        self.time = Time()
        self.said: list[str] = []

    def walk(self, found: Any = None) -> Walk:
        way = reading.read(self.calls, self.rendered, reading.expected(self.rendered)[REGION])
        plan = Plan(
            *(self.rendered.project, self.rendered.environment, "page", {REGION: self.calls}, {REGION: way}, (TOPIC,)),
            incidents=found,
        )
        clock = Clock(lambda: self.time.seconds, lambda: 1_700_000_000 + self.time.seconds, self.time.pause)
        self.sender = Sender(plan, self.said.append, clock)
        return self.sender.run()

    def left(self) -> list[str]:
        return [name for name in self.account.alarms if alarms.is_one(name)]

    def sent(self) -> list[str]:
        names = [one.partition(":")[2] for one in self.account.called]
        return [one for one in names if one in SENT]


@pytest.fixture
def test(shop: Path, session: Session) -> Test:
    return Test(shop, session)


def told(walk: Walk) -> list[tuple[str, str, str]]:
    return [(one.severity, one.rule, one.message) for one in verdict.problems(walk)]


def test_each_kind_of_page_is_sent_and_closed_and_counted(test: Test):
    walk = test.walk()

    assert [] == told(walk)
    assert ["metric alarm", "composite alarm"] == [one.alarm.kind for one in walk.outcomes]
    assert [[True, True]] * 2 == [[one.done for one in outcome.actions] for outcome in walk.outcomes]  # type: ignore[union-attr]  # seen
    (delivery,) = walk.deliveries
    assert (4, 4) == (delivery.expected, delivery.counted["delivered"])  # type: ignore[index]  # seen
    assert [
        *(
            "PutMetricAlarm",
            "PutCompositeAlarm",
            "PutCompositeAlarm",
        ),  # the composite may speak only when it is settled
        *("SetAlarmState", "SetAlarmState", "DeleteAlarms", "DeleteAlarms"),
    ] == test.sent()
    assert [] == test.left()
    assert "deleted: all 2 alarms of the test" == test.said[-2]
    assert "was not looked at: --pagerduty-token-secret" in verdict.unlooked(walk)[0]


def test_its_alarms_say_that_they_are_a_test(test: Test):
    made: list[dict[str, Any]] = []
    test.account.on["cloudwatch:PutMetricAlarm"] = made.append
    test.account.on["cloudwatch:PutCompositeAlarm"] = made.append

    test.walk()

    metric, silent, composite = made
    assert metric["AlarmName"].startswith("shop-paging-prod-us-east-1-page-test-")
    assert f"TEST, nothing is wrong: {metric['AlarmName']}" == metric["AlarmDescription"].splitlines()[0]
    assert "Whoever is on call may ignore it" in metric["AlarmDescription"]
    assert ([TOPIC], [TOPIC], "ignore") == (metric["AlarmActions"], metric["OKActions"], metric["TreatMissingData"])
    assert {"env", "service", "owner", "cost_center", "data_class"} == {one["Key"] for one in metric["Tags"]}
    assert (False, True) == (silent["ActionsEnabled"], composite["ActionsEnabled"])
    assert f'ALARM("{metric["AlarmName"]}")' == composite["AlarmRule"]


def test_the_forwarder_makes_one_incident_of_it_that_anybody_finds(test: Test):
    """What CloudWatch sends of the test's composite, in the form that its guide shows."""
    test.walk()
    alarm = test.sender.walk.outcomes[1].alarm
    text = alarms.description(test.rendered.project, test.rendered.environment, alarm, "page")
    message = {"AlarmName": alarm.name, "AlarmArn": alarm.arn, "AlarmDescription": text, "AlarmRule": "ALARM(x)"}

    opened = events.event({**message, "NewStateValue": "ALARM"})
    closed = events.event({**message, "NewStateValue": "OK"})

    assert opened is not None
    assert closed is not None
    assert ("trigger", "resolve") == (opened["event_action"], closed["event_action"])
    assert alarm.arn == opened["dedup_key"] == closed["dedup_key"]
    assert f"TEST, nothing is wrong: {alarm.name}" == opened["payload"]["summary"]


def test_cloudwatch_that_may_not_use_the_key_is_told_in_its_own_words(test: Test):
    """What breaks in practice, and what only the true path shows."""
    test.account.refuses = NO_KEY

    walk = test.walk()

    assert ("error", "page-refused", f"ALARM did not leave CloudWatch: {NO_KEY}") in told(walk)
    assert "the key's policy must let cloudwatch.amazonaws.com use it" in verdict.problems(walk)[0].fix
    assert not report.proven(verdict.problems(walk))
    assert [] == test.left()


def test_a_history_that_says_nothing_proves_nothing(test: Test):
    class Forgetful(list[Any]):
        def append(self, _: object) -> None: ...

    test.account.history = Forgetful()

    found = told(test.walk())

    words = [f"its history says nothing of an action on {state}" for state in ("ALARM", "OK")] * 2
    assert [("warning", "unseen", one) for one in words] == found
    assert 300 == test.time.seconds
    assert [] == test.left()


def test_what_sns_did_not_count_in_time_is_not_proven(test: Test):
    test.account.counts["delivered"] = 3

    walk = test.walk()

    assert [("warning", "unseen", "SNS's metrics show 3 of 4 messages delivered so far")] == told(walk)
    assert 300 == test.time.seconds


def test_metrics_that_come_late_are_waited_for(test: Test):
    test.account.counts["delivered"] = 0
    test.time.at[100] = test.account.counts.clear

    assert [] == told(test.walk())
    assert 100 <= test.time.seconds < 130


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("failed", "2 attempts to deliver failed since the test began"),
        ("redriven", "2 messages were given up since the test began, and lie in a dead-letter queue"),
        ("lost", "2 messages were lost since the test began: not even the dead-letter queue took them"),
    ],
)
def test_what_sns_could_not_deliver_is_told(test: Test, word: str, message: str):
    test.account.counts[word] = 2

    lost = Problem("topic shop-prod-page", "", "page-lost", "error", message, REGION, fix=DEAD_LETTERS)
    assert [lost] == verdict.problems(test.walk())


def test_a_queue_that_grows_is_told(test: Test):
    def grow(_: object) -> None:
        test.account.queues[QUEUE]["ApproximateNumberOfMessages"] = "2"

    test.account.on["cloudwatch:DeleteAlarms"] = grow

    message = "2 more messages lie there than before the test: 0, then 2"
    lost = Problem(f"queue {QUEUE}", "", "pages-lost", "error", message, REGION, fix=DEAD_LETTERS)
    assert [lost] == verdict.problems(test.walk())


def broken_off(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("action", "calls"),
    [
        ("cloudwatch:PutCompositeAlarm", ["PutMetricAlarm", "PutCompositeAlarm", "DeleteAlarms", "DeleteAlarms"]),
        (
            "cloudwatch:DescribeAlarmHistory",
            [
                *("PutMetricAlarm", "PutCompositeAlarm", "PutCompositeAlarm", "SetAlarmState"),
                *("SetAlarmState", "DeleteAlarms", "DeleteAlarms"),
            ],
        ),
    ],
)
def test_broken_off_it_closes_what_it_opened_and_deletes_all(test: Test, action: str, calls: list[str]):
    def once(given: object) -> None:
        del test.account.on[action]
        broken_off()

    test.account.on[action] = once

    with pytest.raises(KeyboardInterrupt):
        test.walk()

    assert calls == test.sent()
    assert [] == test.left()
    assert {"OK"} >= {one["StateValue"] for name, one in test.account.alarms.items() if alarms.is_one(name)}
    assert "deleted: all 2 alarms of the test" == test.said[-1]


def test_broken_off_again_it_waits_no_longer_and_deletes(test: Test):
    test.account.on["cloudwatch:DescribeAlarmHistory"] = broken_off

    with pytest.raises(KeyboardInterrupt):
        test.walk()

    assert [] == test.left()
    assert "deleted: all 2 alarms of the test" == test.said[-1]


def test_broken_off_while_deleting_it_says_what_may_be_left(test: Test):
    test.account.on["cloudwatch:DeleteAlarms"] = broken_off

    with pytest.raises(KeyboardInterrupt):
        test.walk()

    metric, composite = test.left()
    command = "may be left, delete it: aws cloudwatch delete-alarms --region us-east-1 --alarm-names"
    assert [f"{command} {composite}", f"{command} {metric}"] == test.said[-2:]


def test_an_error_cleans_up_too(test: Test):
    def fails(_: object) -> None:
        raise RuntimeError

    test.account.on["cloudwatch:DescribeAlarmHistory"] = fails

    with pytest.raises(RuntimeError):
        test.walk()

    assert [] == test.left()


@pytest.mark.parametrize(
    ("right", "severity", "message"),
    [
        ("cloudwatch:PutMetricAlarm", "error", "the IAM action cloudwatch:PutMetricAlarm is missing"),
        ("cloudwatch:PutCompositeAlarm", "error", "the IAM action cloudwatch:PutCompositeAlarm is missing"),
        ("cloudwatch:SetAlarmState", "error", "the IAM action cloudwatch:SetAlarmState is missing"),
        ("cloudwatch:DeleteAlarms", "error", "the IAM action cloudwatch:DeleteAlarms is missing"),
        ("cloudwatch:DescribeAlarmHistory", "warning", "the IAM action cloudwatch:DescribeAlarmHistory is missing"),
        ("cloudwatch:GetMetricData", "warning", "the IAM action cloudwatch:GetMetricData is missing"),
    ],
)
def test_a_missing_right_is_told(test: Test, right: str, severity: str, message: str):
    test.account.denied.add(right)

    found = verdict.problems(test.walk())

    assert [one for one in found if message in one.message and one.severity == severity]
    assert not report.proven(found)
    assert ([] == test.left()) == (right != "cloudwatch:DeleteAlarms")


class Seen:
    """Where incidents are, as a table: for each look, what is there of an alarm by its kind."""

    what = "PagerDuty"

    def __init__(self, *looks: list[tuple[str, str]]) -> None:
        self.looks = list(looks)

    def of(self, alarms: list[TestAlarm]) -> list[Incident]:
        now = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        return [Incident(number, (alarm.name,), status) for alarm in alarms for number, status in now]


def test_an_incident_that_opened_once_and_closed_is_proof_without_metrics(test: Test):
    test.account.counts["delivered"] = 0

    walk = test.walk(Seen([], [("1", "triggered")], [("1", "resolved")]))

    assert [("note", "unseen", "SNS's metrics show 0 of 4 messages delivered so far")] == told(walk)
    assert test.time.seconds < 10
    assert report.proven(verdict.problems(walk))


@pytest.mark.parametrize(
    ("now", "rule", "message"),
    [
        ([], "page-not-opened", "PagerDuty opened no incident"),
        ([("1", "resolved"), ("2", "resolved")], "page-twice", "PagerDuty opened 2 incidents: 1, 2"),
        ([("1", "acknowledged")], "page-open", "incident 1 of PagerDuty is still acknowledged"),
    ],
)
def test_anything_but_one_closed_incident_is_told(test: Test, now: list[tuple[str, str]], rule: str, message: str):
    assert [("error", rule, message)] * 2 == told(test.walk(Seen(now)))


class Rest(Loopback):
    """PagerDuty's list of incidents: what *answer* says to a path."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.status = 200
        self.answer: Callable[[str], Any] = lambda _: {"incidents": [], "more": False}
        super().__init__(self._take)

    def _take(self, request: Request) -> Answer:
        self.asked.append((request.path, request.headers["authorization"]))
        return Answer(self.status, json.dumps(self.answer(request.path)).encode())


@pytest.fixture
def rest() -> Iterator[Rest]:
    with Rest() as running:
        yield running


ONE = alarms.TestAlarm("shop-paging-prod-us-east-1-page-test-bcdfghjk", "metric alarm", REGION, ACCOUNT, TOPIC)


def test_pagerduty_is_asked_by_title_and_by_key_and_page_by_page(rest: Rest):
    def answer(path: str) -> dict[str, Any]:
        if "incident_key=" in path:
            return {"incidents": [{"id": "P3", "title": "x", "status": "triggered"}] if "%3Aalarm%3A" in path else []}
        if "offset=0" in path:
            return {"incidents": [{"id": "P1", "title": "of somebody else", "status": "triggered"}], "more": True}
        return {"incidents": [{"id": "P2", "title": f'ALARM: "{ONE.name}" in US East', "status": "resolved"}]}

    rest.answer = answer

    found = PagerDuty(rest.url, TOKEN, "2026-11-24T12:00:00+00:00").of([ONE])

    assert [("P2", "resolved"), ("P3", "triggered")] == [(one.number, one.status) for one in found]
    assert all(one.is_of(ONE) for one in found)
    assert 4 == len(rest.asked), "two pages by title, one by each of two keys"
    assert {f"Token token={TOKEN}"} == {token for _, token in rest.asked}
    assert "since=2026-11-24T12%3A00%3A00%2B00%3A00" in rest.asked[0][0]


@pytest.mark.parametrize("status", [302, 401, 429, 500])
def test_an_answer_that_is_none_is_told_without_the_token(rest: Rest, status: int):
    rest.status = status

    with pytest.raises(IncidentsError, match=f"/incidents answered {status}") as caught:
        PagerDuty(rest.url, TOKEN, "now").of([ONE])

    assert TOKEN not in str(caught.value)


def test_what_is_neither_https_nor_here_is_never_asked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http.client, "HTTPConnection", broken_off)

    with pytest.raises(IncidentsError, match=r"http://api.example.com/incidents is neither https nor on this machine"):
        PagerDuty("http://api.example.com", TOKEN, "now").of([ONE])


def test_incidents_that_cannot_be_looked_at_are_not_proof(test: Test, rest: Any):
    rest.status = 401

    found = told(test.walk(PagerDuty(rest.url, TOKEN, "now")))

    assert ("warning", "unseen", f"PagerDuty could not be looked at: {rest.url}/incidents answered 401") in found
    assert TOKEN not in json.dumps([found, test.said])


@pytest.mark.parametrize("text", [TOKEN, f"{TOKEN}\n", json.dumps({"api_token": TOKEN})])
def test_a_token_is_text_or_in_json(text: str):
    assert TOKEN == incidents.token_in(text)


@pytest.mark.parametrize("text", ["", "{}", '{"api_token": 1}', "a b", "a\nHost: b", "[]"])
def test_what_is_no_token_is_refused_without_saying_it(text: str):
    with pytest.raises(
        IncidentsError, match=r"^the secret holds no token: it is the text itself, or JSON with 'api_token'$"
    ):
        incidents.token_in(text)
