"""The alarms of a test: made for it, unmistakable, and gone afterwards."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from obskit.deploy import names
from obskit.deploy.page_test.way import COMPOSITE, METRIC

if TYPE_CHECKING:
    from collections.abc import Callable

    from obskit.deploy.model import Environment, Project

Json = dict[str, Any]

NAMESPACE, METRIC_NAME = "obskit/page-test", "Nothing"
"""A metric that nobody records: only SetAlarmState moves the alarm, and `ignore` leaves it there."""
_LETTERS = "bcdfghjkmnpqrstvwxz"
"""Of an id: no digits, which masking could take for a number, and no vowels, so that it never spells a word."""
_ID_LENGTH = 8
_ONE = re.compile(rf"-page-test-[{_LETTERS}]{{{_ID_LENGTH}}}$")
RUNBOOK = "paging.md"


@dataclass(frozen=True, slots=True)
class TestAlarm:
    """One alarm that speaks to *topic*, an ARN; a composite follows *child*, a metric alarm of the same test."""

    name: str
    kind: str
    region: str
    account: str
    topic: str
    child: str = ""

    __test__ = False  # for pytest, which would take it for a test

    @property
    def arn(self) -> str:
        return f"arn:aws:cloudwatch:{self.region}:{self.account}:alarm:{self.name}"


def new_id() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_ID_LENGTH))


def is_one(name: str) -> bool:
    """
    Say whether *name* is that of a test's alarm.

    >>> is_one("shop-paging-prod-us-east-1-page-test-bcdfghjk"), is_one("shop-paging-prod-us-east-1-page-test")
    (True, False)
    """
    return _ONE.search(name) is not None


def deletion(region: str, name: str) -> str:
    """Return the command that deletes the alarm *name* by hand."""
    return f"aws cloudwatch delete-alarms --region {region} --alarm-names {name}"


def for_topic(
    project: Project, environment: Environment, topic: str, kinds: list[str], new: Callable[[], str] = new_id
) -> list[TestAlarm]:
    """Return one alarm for each of *kinds* of messages that *topic* gets; a composite comes after its child."""
    region = topic.split(":")[3]

    def called() -> str:
        return f"{project.name}-paging-{environment.name}-{region}-page-test-{new()}"

    first = TestAlarm(called(), METRIC, region, environment.account, topic)
    if COMPOSITE not in kinds:
        return [first]
    return [first, TestAlarm(called(), COMPOSITE, region, environment.account, topic, first.name)]


def parameters(
    project: Project, environment: Environment, alarm: TestAlarm, severity: str, *, acts: bool = True
) -> Json:
    """Return what PutMetricAlarm or PutCompositeAlarm is given; *acts* is false until it may tell somebody."""
    found: Json = {
        "AlarmName": alarm.name,
        "AlarmDescription": description(project, environment, alarm, severity),
        "ActionsEnabled": acts,
        "AlarmActions": [alarm.topic],
        "OKActions": [alarm.topic],
        "Tags": names.tags(project, environment, service="paging"),
    }
    if alarm.kind == COMPOSITE:
        return {**found, "AlarmRule": f'ALARM("{alarm.child}")'}
    return {
        **found,
        "Namespace": NAMESPACE,
        "MetricName": METRIC_NAME,
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "ignore",
    }


def description(project: Project, environment: Environment, alarm: TestAlarm, severity: str) -> str:
    """Return what the page says, in the lines of every page (`alarm_resources.description`)."""
    owner = environment.tags.get("owner") or project.tags["owner"]
    return "\n".join(
        (
            f"TEST, nothing is wrong: {alarm.name}",
            f"severity: {severity}",
            f"owner: {owner}",
            "impact: none. Whoever is on call may ignore it: it closes by itself within minutes; if not, close it.",
            f"dashboard: {names.dashboard_link(project, environment, alarm.region, 'overview')}",
            f"runbook: {project.runbooks}{RUNBOOK}",
        )
    )
