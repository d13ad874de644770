"""`obskit page-test` at the command line: what it is asked, what it answers, what it never says."""

from __future__ import annotations

import io
import json
import os
import signal
from typing import TYPE_CHECKING

import pytest

from obskit.cli import process, run
from obskit.deploy.page_test import alarms
from obskit.deploy.publish import account as module
from tests.deploy.conftest import ALARM, DASHBOARD, TOML
from tests.deploy.paged_account import INTEGRATION_KEY, REGION, TOKEN, Account, Session, deployed
from tests.deploy.test_delivery import COMPOSITE, rendered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


LOOKED_AT = "us-east-1: 7 metric alarms, 1 composite alarms, 2 topics, 3 confirmed subscriptions, 2 dead-letter queues"


@pytest.fixture(scope="module")
def session() -> Session:
    return Session()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for name, text in (("obskit.toml", TOML), ("dashboards/x.py", DASHBOARD), ("alarms/x.py", ALARM + COMPOSITE)):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.fixture
def account(shop: Path, session: Session, monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.setattr(module, "session", lambda _: session)
    session.account = deployed(rendered(shop))
    return session.account


@pytest.fixture
def page_test(shop: Path, account: Account) -> Callable[..., tuple[int, str, str]]:
    def called(*argv: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        code = run(["-C", str(shop), "page-test", "--env", "prod", "--region", REGION, *argv], out, err)
        assert INTEGRATION_KEY not in out.getvalue() + err.getvalue()
        assert TOKEN not in out.getvalue() + err.getvalue()
        return code, out.getvalue(), err.getvalue()

    return called


def test_looking_says_what_there_is_and_changes_nothing(page_test, account):
    code, out, err = page_test("--dry-run")

    assert (
        0,
        f"{LOOKED_AT}\nsound, as far as looking shows; nothing was sent\n",
        "us-east-1: looking\n",
    ) == (code, out, err)
    assert {"Get", "Des", "Lis"} == {call.partition(":")[2][:3] for call in account.called}


def test_a_fault_is_told_with_what_to_do(page_test, account):
    account.subscriptions.pop(1)

    code, out, err = page_test("--dry-run")

    assert (1, "NOT PROVEN: 1 wrong, 0 not seen") == (code, out.splitlines()[-1])
    assert (
        "us-east-1: topic shop-prod-fallback: error: nobody is subscribed to it, or nobody has confirmed [page-once]\n"
        "    obskit deploy\n"
    ) in err


def test_the_walk_is_proven(page_test, account):
    code, out, _ = page_test("--yes")

    assert (0, "PROVEN: the test alarms went the whole way") == (code, out.splitlines()[-1])
    assert "  topic shop-prod-page: 4 delivered, 0 failed, 0 redriven, 0 lost (expected 4 delivered)\n" in out
    assert "What PagerDuty made of the messages was not looked at" in out
    assert not [name for name in account.alarms if alarms.is_one(name)]


def test_the_walk_as_json(page_test):
    code, out, _ = page_test("--yes", "--format", "json")

    found = json.loads(out)
    assert (0, True, True, []) == (code, found["proven"], found["sound"], found["problems"])
    assert [
        ("metric alarm", {"ALARM": "published, seen after 0 s", "OK": "published, seen after 0 s"}),
        ("composite alarm", {"ALARM": "published, seen after 0 s", "OK": "published, seen after 0 s"}),
    ] == [(one["kind"], one["actions"]) for one in found["tests"]]


def test_only_looking_proves_nothing(page_test):
    _, out, _ = page_test("--dry-run", "--format", "json")

    assert (False, True) == (json.loads(out)["proven"], json.loads(out)["sound"])


def test_one_alarm_walks_the_topics_that_it_speaks_to(page_test, account):
    made: list[dict[str, object]] = []
    account.on["cloudwatch:PutMetricAlarm"] = made.append

    code, _, _ = page_test("--yes", "--alarm", "paging-lost")

    assert 0 == code
    assert ["arn:aws:sns:us-east-1:333333333333:shop-prod-fallback"] == made[0]["AlarmActions"]


def test_tickets_go_their_own_way(page_test, account, shop):
    """Nobody is subscribed to them by obskit: where nobody is, a walk would prove nothing."""
    file = shop / "alarms/x.py"
    file.write_text(file.read_text().replace('severity="page"', 'severity="ticket"', 1))
    ticket = {**account.topics["arn:aws:sns:us-east-1:333333333333:shop-prod-page"]}
    account.topics["arn:aws:sns:us-east-1:333333333333:shop-prod-ticket"] = ticket

    code, _, err = page_test("--dry-run", "--severity", "ticket")

    assert 1 == code
    assert "topic shop-prod-ticket: error: nobody is subscribed to it, or nobody has confirmed [page-once]" in err


def test_a_severity_that_no_alarm_has_is_wrong_usage(page_test):
    code, _, err = page_test("--dry-run", "--severity", "ticket")

    assert 2 == code
    assert "No alarm of prod is of severity ticket there." in err


def test_a_token_that_cannot_be_read_is_told_before_anything_is_sent(page_test, account):
    code, _, err = page_test("--yes", "--pagerduty-token-secret", "obskit/rest")

    assert (1, "error: us-east-1: secret obskit/rest does not exist\n") == (code, err[err.index("error:") :])
    assert "cloudwatch:PutMetricAlarm" not in account.called


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ((), "Nobody is there to be asked: give --yes or --dry-run."),
        (("--yes", "--region", "us-west-1"), "prod has no alarms in 'us-west-1'. Did you mean 'us-west-2'?"),
        (
            ("--yes", "--incidents", "http://127.0.0.1/", "--pagerduty-token-secret", "x"),
            "Give --incidents or --pagerduty-token-secret, not both.",
        ),
        (("--yes", "--wait", "0"), "'--wait': 0 is not in the range"),
        (("--yes", "--severity", "info"), "'info' is not one of"),
        (("--yes", "--env", "dev"), "dev pages nobody (pages = false): give --dry-run to look only."),
    ],
)
def test_wrong_usage_is_two_and_sends_nothing(page_test, account, monkeypatch, argv, words):
    monkeypatch.setattr("sys.stdin", io.StringIO())

    code, _, err = page_test(*argv)

    assert 2 == code
    assert words in " ".join(err.split())
    assert [] == account.called


def test_an_unknown_alarm_names_the_nearest(page_test):
    code, _, err = page_test("--dry-run", "--alarm", "shop-checkout-prod-us-east-1-failure")

    assert 1 == code
    assert "Did you mean 'shop-checkout-prod-us-east-1-failures'?" in err


def test_who_declines_sends_nothing(page_test, account, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal("n\n"))

    code, _, err = page_test()

    assert 1 == code
    assert "Send a test alarm to shop-prod-page in us-east-1? Whoever is on call may be woken." in err
    assert err.endswith("nothing was sent\n")
    assert "cloudwatch:PutMetricAlarm" not in account.called


@pytest.fixture
def heeded():
    """SIGTERM as `main` heeds it."""
    before = signal.signal(signal.SIGTERM, process.end_command)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_a_cancelled_job_clean_up(page_test, account, number):
    def ended(_: object) -> None:
        del account.on["cloudwatch:DescribeAlarmHistory"]
        os.kill(os.getpid(), number)

    account.on["cloudwatch:DescribeAlarmHistory"] = ended

    code, _, err = page_test("--yes")

    by = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}[number]
    told = ["deleted: all 2 alarms of the test", "", f"stopped by {by}"]
    assert (128 + number, told) == (code, err.splitlines()[-3:])
    assert not [name for name in account.alarms if alarms.is_one(name)]


def test_credentials_of_another_account_are_refused(page_test, shop):
    toml = (shop / "obskit.toml").read_text()
    (shop / "obskit.toml").write_text(toml.replace("333333333333", "222222222222"))

    code, _, err = page_test("--dry-run")

    assert (1, "error: these credentials are of account 333333333333; prod is 222222222222\n") == (code, err)


def test_an_answer_that_does_not_say_whose_the_credentials_are_is_no_traceback(page_test, account, monkeypatch):
    monkeypatch.setattr(account, "_get_caller_identity", lambda _: {}, raising=False)

    code, _, err = page_test("--dry-run")

    assert (1, "error: AWS does not say who you are: the answer has no Account\n") == (code, err)


def test_metrics_without_their_ids_prove_nothing_and_are_no_traceback(page_test, account, monkeypatch):
    monkeypatch.setattr(
        account, "_get_metric_data", lambda _: {"MetricDataResults": [{"Values": [1.0]}]}, raising=False
    )
    monkeypatch.setattr("time.sleep", lambda _: None)

    code, _, err = page_test("--yes", "--wait", "5")

    assert (1, "    wait longer: --wait") == (code, err.splitlines()[-1])
