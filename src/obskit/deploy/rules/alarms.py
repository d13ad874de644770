"""The properties of one `AWS::CloudWatch::Alarm`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from obskit import quotas
from obskit.deploy.rules.metric_array import DIMENSIONS
from obskit.deploy.rules.problem import Fault
from obskit.deploy.rules.shape import anything, array, boolean, is_number, number, one_of, record, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from obskit.deploy.rules.problem import Level
    from obskit.deploy.rules.shape import Check

    Rule: TypeAlias = "Callable[[dict[str, object], Level], Iterator[Fault]]"

# Source unless stated: CloudWatch API, `PutMetricAlarm`, and the CloudFormation schema of 2026-10-20, read 2026-11-24.

ACTIONS = 5
"""Actions per state. API only: the CloudFormation schema does not say, so the stack fails late."""
DESCRIPTION = 1024
NAME = 255
DAY, WEEK = 86_400, 604_800
_PERIODS = (10, 20, 30)
_PERCENTILE = r"p(100(\.0{0,10})?|[0-9]{1,2}(\.[0-9]{0,10})?)"
_OTHER_STATISTIC = r"IQM|(tm|tc|ts|wm)(100|[0-9]{1,2}(\.[0-9]{0,10})?)|(TM|TC|TS|WM|PR)\([^()]*:[^()]*\)"


def _or_intrinsic(check: Check) -> Check:
    """Pass over `{"Ref": …}` and `{"Fn::…": …}`: only CloudFormation knows what they become."""

    def checked(value: object, path: str) -> Iterator[Fault]:
        if not is_intrinsic(value):
            yield from check(value, path)

    return checked


def is_intrinsic(value: object) -> bool:
    return isinstance(value, dict) and len(value) == 1 and all(key == "Ref" or key.startswith("Fn::") for key in value)


def _period(value: object, path: str) -> Iterator[Fault]:
    yield from number(1, whole=True)(value, path)
    if is_number(value) and value > 0 and value not in _PERIODS and value % 60:
        yield Fault(path, "period", f"Period is {value}; it is 10, 20, 30 or a multiple of 60 seconds")


def _name(value: object, path: str) -> Iterator[Fault]:
    yield from text(1, NAME)(value, path)
    if isinstance(value, str) and not value.isascii():
        words = "AlarmName has characters beyond ASCII; the topic policy's aws:SourceArn would not match it"
        yield Fault(path, "ascii", words)


_actions = array(_or_intrinsic(text(1, 1024)), 0, ACTIONS)
_DIMENSION = record({"Name": _or_intrinsic(text(1, 255)), "Value": _or_intrinsic(text(1, quotas.DIMENSION_VALUE))})
_PROPERTIES: dict[str, Check] = {
    "AlarmName": _name,
    "AlarmDescription": text(0, DESCRIPTION),
    "ActionsEnabled": boolean,
    "AlarmActions": _actions,
    "OKActions": _actions,
    "InsufficientDataActions": _actions,
    "MetricName": text(1, quotas.METRIC_NAME),
    "Namespace": text(1, 255),
    "Dimensions": array(_DIMENSION, 0, DIMENSIONS),
    "Period": _period,
    "EvaluationPeriods": number(1, whole=True),
    "DatapointsToAlarm": number(1, whole=True),
    "Threshold": number(),
    "ComparisonOperator": one_of(
        "GreaterThanThreshold",
        "GreaterThanOrEqualToThreshold",
        "LessThanThreshold",
        "LessThanOrEqualToThreshold",
        "LessThanLowerOrGreaterThanUpperThreshold",
        "LessThanLowerThreshold",
        "GreaterThanUpperThreshold",
    ),
    "Statistic": one_of("SampleCount", "Average", "Sum", "Minimum", "Maximum"),
    "ExtendedStatistic": text(form=f"{_PERCENTILE}|{_OTHER_STATISTIC}", words="a percentile such as p95 or p99.9"),
    "TreatMissingData": one_of("breaching", "notBreaching", "ignore", "missing"),
    "EvaluateLowSampleCountPercentile": one_of("evaluate", "ignore"),
    "Tags": array(record({"Key": text(1, 128), "Value": _or_intrinsic(text(1, 256))}), 0, 50),
}
_LATER = (
    "Metrics",
    "EvaluationCriteria",
    "EvaluationInterval",
    "EvaluationWindow",
    "ThresholdMetricId",
    "Unit",
    "ActionConfiguration",
    "WarmUpConfiguration",
)
"""Properties of alarms that obskit does not render: known, and not looked into."""
_SHAPE = record({}, {key: _or_intrinsic(check) for key, check in _PROPERTIES.items()} | dict.fromkeys(_LATER, anything))


def check(properties: dict[str, object], *, pages: bool) -> Iterator[Fault]:
    """Yield every rule that *properties* break; *pages* says whether one of the actions reaches a person."""
    yield from _SHAPE(properties, "")
    for rule in RULES:
        yield from rule(properties, "error" if pages else "warning")


def one_source(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    given = [key for key in ("MetricName", "Metrics", "EvaluationCriteria") if key in properties]
    if len(given) != 1:
        yield Fault(
            "", "one-source", f"Should have exactly one of MetricName, Metrics, EvaluationCriteria; has {given}"
        )


def complete(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    required = ["EvaluationPeriods", "ComparisonOperator"] if "EvaluationCriteria" not in properties else []
    required += ["Namespace", "Period"] if "MetricName" in properties else []
    for key in required:
        if key not in properties:
            yield Fault("", "required", f"Should have required property '{key}'")
    if "MetricName" in properties and ("Threshold" in properties) == ("ThresholdMetricId" in properties):
        yield Fault("", "threshold", "Should have exactly one of Threshold, ThresholdMetricId")


def one_statistic(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    if "MetricName" in properties and ("Statistic" in properties) == ("ExtendedStatistic" in properties):
        yield Fault("", "one-statistic", "Should have exactly one of Statistic, ExtendedStatistic")


def m_of_n(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    bad, periods = properties.get("DatapointsToAlarm"), properties.get("EvaluationPeriods")
    if is_number(bad) and is_number(periods) and bad > periods:
        yield Fault("/DatapointsToAlarm", "m-of-n", f"{bad} of {periods}: M is at most N (EvaluationPeriods)")


def window(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    period, periods = properties.get("Period"), properties.get("EvaluationPeriods")
    if not (is_number(period) and is_number(periods)):
        return
    most, words = (DAY, "a day") if period < 3600 else (WEEK, "a week")
    if period * periods > most:
        total = f"Period * EvaluationPeriods is {period * periods:g} s"
        yield Fault("/EvaluationPeriods", "window", f"{total}; with this Period it is at most {most}, {words}")


def long_period(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    """No page says whether it works; docs/unverified.md."""
    period = properties.get("Period")
    if is_number(period) and period > DAY:
        yield Fault("/Period", "long-period", f"Period is {period}; above {DAY} nothing is documented", "warning")


def high_resolution(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    period = properties.get("Period")
    if is_number(period) and period < 60 and str(properties.get("Namespace")).startswith("AWS/"):
        yield Fault("/Period", "high-resolution", f"Period is {period}; metrics of AWS have no points below a minute")


def ok_like_alarm(properties: dict[str, object], level: Level) -> Iterator[Fault]:
    """PagerDuty resolves an incident on an OK action through the same topic, and on nothing else."""
    if properties.get("AlarmActions") and properties.get("AlarmActions") != properties.get("OKActions"):
        words = "OKActions differ from AlarmActions: what they open, nothing closes"
        yield Fault("/OKActions", "ok-actions", words, level)


def missing_data_decided(properties: dict[str, object], level: Level) -> Iterator[Fault]:
    """The default, `missing`, leaves incidents open: INSUFFICIENT_DATA resolves nothing."""
    if "TreatMissingData" not in properties:
        words = "Should have property 'TreatMissingData': notBreaching for error counts, breaching for heartbeats"
        yield Fault("", "missing-data", words, "warning")
    elif properties["TreatMissingData"] == "missing" and level == "error":
        words = "'missing' leaves the incident open when data ends: INSUFFICIENT_DATA resolves nothing"
        yield Fault("/TreatMissingData", "missing-data", words)


def runbook_named(properties: dict[str, object], level: Level) -> Iterator[Fault]:
    """The platform's own rule: whoever is paged finds out what to do in the page itself."""
    description = properties.get("AlarmDescription", "")
    if isinstance(description, str) and not re.search(r"^runbook: https://\S+$", description, re.MULTILINE):
        words = "has no line 'runbook: https://…'"
        yield Fault("/AlarmDescription", "runbook", words, level)


RULES: tuple[Rule, ...] = (
    one_source,
    complete,
    one_statistic,
    m_of_n,
    window,
    long_period,
    high_resolution,
    ok_like_alarm,
    missing_data_decided,
    runbook_named,
)
