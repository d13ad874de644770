"""The properties of one `AWS::CloudWatch::Alarm`; what only CloudFormation knows is a placeholder in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from obskit import quotas
from obskit.deploy.rules import queries, vocabulary
from obskit.deploy.rules.metric_array import DIMENSIONS, STAT
from obskit.deploy.rules.metric_math import LENGTH
from obskit.deploy.rules.placeholders import has_unknown, is_unknown
from obskit.deploy.rules.problem import Fault, short
from obskit.deploy.rules.queries import Query
from obskit.deploy.rules.shape import anything, array, boolean, is_number, number, one_of, record, text
from obskit.deploy.rules.statistic import bounded
from obskit.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from obskit.deploy.rules.problem import Level
    from obskit.deploy.rules.shape import Check
    from obskit.deploy.rules.vocabulary import Known

    Rule: TypeAlias = "Callable[[dict[str, object], Level], Iterator[Fault]]"

# Source unless stated: CloudWatch API, `PutMetricAlarm`, and the CloudFormation schema of 2026-10-20, read 2026-11-24.

ACTIONS = 5
"""Actions per state. API only: the CloudFormation schema does not say, so the stack fails late."""
DESCRIPTION = 1024
NAME = 255
DAY, WEEK = 86_400, 604_800
METRICS, EXPRESSIONS = 10, 10
"""Metrics that an alarm reads, and expressions over them. CloudWatch API, `MetricDataQuery`."""
BANDS = ("LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold")
PAGE = "CloudWatch API, PutMetricAlarm; CloudFormation schema of 2026-10-20"
"""The source of every rule here that names no other."""
_PERIODS = (10, 20, 30)
_PERCENTILE = r"p(100(\.0{0,10})?|[0-9]{1,2}(\.[0-9]{0,10})?)"
_OTHER_STATISTIC = r"IQM|(tm|tc|ts|wm)(100|[0-9]{1,2}(\.[0-9]{0,10})?)|(TM|TC|TS|WM|PR)\([^()]*:[^()]*\)"


_COUNT = number(1, whole=True)
_NAME = text(1, NAME)


def _period(value: object, path: str) -> Iterator[Fault]:
    yield from _COUNT(value, path)
    if is_number(value) and value > 0 and value not in _PERIODS and value % 60:
        yield Fault(path, "period", f"Period is {value}; it is 10, 20, 30 or a multiple of 60 seconds")


def _name(value: object, path: str) -> Iterator[Fault]:
    yield from _NAME(value, path)
    if isinstance(value, str) and not has_unknown(value) and not value.isascii():
        words = "AlarmName has characters beyond ASCII; the topic policy's aws:SourceArn would not match it"
        yield Fault(path, "ascii", words)


ARN = text(1, 1024, r"arn:.+|\{\{resolve:.+", "an ARN")
TAG_KEY = text(1, 128, r"(?!aws:).+", "a key that does not begin with aws:, which is AWS's own")
_actions = array(ARN, 0, ACTIONS)
_DIMENSION = record({"Name": text(1, 255), "Value": text(1, quotas.DIMENSION_VALUE)})
_METRIC_STAT = record(
    {
        "Metric": record(
            {},
            {
                "Namespace": text(1, 255),
                "MetricName": text(1, quotas.METRIC_NAME),
                "Dimensions": array(_DIMENSION, 0, DIMENSIONS),
            },
        ),
        "Period": _period,
        "Stat": STAT,
    },
    {"Unit": one_of(*sorted(UNITS))},
)
_QUERY = record(
    {"Id": text(1, 255, r"[a-z][A-Za-z0-9_]*", "an id: a lower-case letter, then letters, digits or _")},
    {
        "MetricStat": _METRIC_STAT,
        "Expression": text(1, LENGTH),
        "Label": text(),
        "Period": _period,
        "ReturnData": boolean,
        "AccountId": text(1, 255),
    },
)
_WAITS_FOR_IT = "OnlyStartEvaluatingAfterWarmUpPeriodEnds"
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
    "EvaluationPeriods": _COUNT,
    "DatapointsToAlarm": _COUNT,
    "Threshold": number(),
    "ComparisonOperator": one_of(
        "GreaterThanThreshold",
        "GreaterThanOrEqualToThreshold",
        "LessThanThreshold",
        "LessThanOrEqualToThreshold",
        *BANDS,
    ),
    "Statistic": one_of("SampleCount", "Average", "Sum", "Minimum", "Maximum"),
    "ExtendedStatistic": bounded(
        text(form=f"{_PERCENTILE}|{_OTHER_STATISTIC}", words="a percentile such as p95 or p99.9")
    ),
    "TreatMissingData": one_of("breaching", "notBreaching", "ignore", "missing"),
    "EvaluateLowSampleCountPercentile": one_of("evaluate", "ignore"),
    "Metrics": array(_QUERY, 1, METRICS + EXPRESSIONS),
    "ThresholdMetricId": text(1, 255),
    "Unit": one_of(*sorted(UNITS)),
    "Tags": array(record({"Key": TAG_KEY, "Value": text(1, 256)}), 0, 50),
    "WarmUpConfiguration": record(
        {}, {"WarmUpPeriodDurationInMinutes": number(1, 2880, whole=True), _WAITS_FOR_IT: anything}
    ),
}
_LATER = (
    "EvaluationCriteria",
    "EvaluationInterval",
    "EvaluationWindow",
    "ActionConfiguration",
)
"""Properties of alarms that obskit does not render: known, and not looked into."""
_SHAPE = record({}, _PROPERTIES | dict.fromkeys(_LATER, anything))
_NUMBERS = frozenset({"Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold", "WarmUpPeriodDurationInMinutes"})
_BOOLEANS = frozenset({"ActionsEnabled", "ReturnData"})
_HOLDERS = frozenset({"Metrics", "MetricStat", "WarmUpConfiguration"})
"""Properties that have such ones in them."""


def check(
    properties: dict[str, object],
    *,
    pages: bool,
    house: bool = True,
    own: Mapping[str, Known] | None = None,
) -> Iterator[Fault]:
    """
    Yield every rule that *properties* break.

    Args:
        properties: of the alarm.
        pages: whether one of the actions reaches a person.
        house: whether obskit's own rules hold, too: who is paged finds a runbook, what pages can end.
        own: the metrics of the project, beside AWS's.
    """
    properties = coerced(properties)
    yield from _SHAPE(properties, "")
    level: Level = "error" if pages else "warning"
    for rule in RULES:
        yield from rule(properties, level)
    if house or pages:
        yield from ok_like_alarm(properties, level)
        yield from missing_data_decided(properties, level)
    elif "TreatMissingData" not in properties:
        words = "TreatMissingData is not set, so it is 'missing': without data the state is INSUFFICIENT_DATA"
        yield Fault("", "missing-data", words, "note")
    if house:
        yield from runbook_named(properties, level)
    yield from metrics_exist(properties, own)


def coerced(value: dict[str, object]) -> dict[str, object]:
    """Return *value* with the texts that CloudFormation takes for numbers and booleans as such."""
    return {key: _coerced(key, member) for key, member in value.items()}


def _coerced(key: str, value: object) -> object:
    if key in _HOLDERS and isinstance(value, dict):
        return coerced(value)
    if key in _HOLDERS and isinstance(value, list):
        return [coerced(item) if isinstance(item, dict) else item for item in value]
    if not isinstance(value, str):
        return value
    if key in _NUMBERS and re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,15})?", value, re.ASCII):
        return float(value) if "." in value else int(value)
    if key in _BOOLEANS and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value


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
    if "EvaluationCriteria" in properties:
        return
    if ("Threshold" in properties) == ("ThresholdMetricId" in properties):
        yield Fault("", "threshold", "Should have exactly one of Threshold, ThresholdMetricId")


def one_statistic(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    if "MetricName" in properties and ("Statistic" in properties) == ("ExtendedStatistic" in properties):
        yield Fault("", "one-statistic", "Should have exactly one of Statistic, ExtendedStatistic")


def m_of_n(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    bad, periods = properties.get("DatapointsToAlarm"), properties.get("EvaluationPeriods")
    if is_number(bad) and is_number(periods) and bad > periods:
        yield Fault("/DatapointsToAlarm", "m-of-n", f"{bad} of {periods}: M is at most N (EvaluationPeriods)")


def window(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    periods = properties.get("EvaluationPeriods")
    period = max((period for _, period in _periods(properties)), default=None)
    if period is None or not is_number(periods):
        return
    most, words = (DAY, "a day") if period < 3600 else (WEEK, "a week")
    if period * periods > most:
        total = f"Period * EvaluationPeriods is {period * periods:g} s"
        yield Fault("/EvaluationPeriods", "window", f"{total}; with this Period it is at most {most}, {words}")


def _periods(properties: dict[str, object]) -> Iterator[tuple[str, int | float]]:
    """Yield where a period stands, and the period."""
    if is_number(properties.get("Period")):
        yield "/Period", properties["Period"]  # type: ignore[misc]  # is_number() has looked
    for index, query in enumerate(_queries(properties)):
        stat = query.get("MetricStat")
        if isinstance(stat, dict) and is_number(stat.get("Period")):
            yield f"/Metrics/{index}/MetricStat/Period", stat["Period"]
        if is_number(query.get("Period")):
            yield f"/Metrics/{index}/Period", query["Period"]  # type: ignore[misc]  # is_number() has looked


def _queries(properties: dict[str, object]) -> list[dict[str, object]]:
    found = properties.get("Metrics")
    return [query if isinstance(query, dict) else {} for query in found] if isinstance(found, list) else []


def one_period(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    """CloudWatch user guide, "Creating an alarm based on a metric math expression"."""
    found = [period for place, period in _periods(properties) if place.endswith("MetricStat/Period")]
    if len(set(found)) > 1:
        listed = ", ".join(f"{period:g}" for period in sorted(set(found)))
        yield Fault("/Metrics", "one-period", f"periods of {listed} s; the metrics of an alarm have one", "warning")


def long_period(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    """No page says whether it works; docs/unverified.md."""
    for place, period in _periods(properties):
        if period > DAY:
            yield Fault(place, "long-period", f"Period is {period:g}; above {DAY} nothing is documented", "warning")


def high_resolution(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    words = "metrics of AWS have no points below a minute"
    period = properties.get("Period")
    if period in _PERIODS and str(properties.get("Namespace")).startswith("AWS/"):
        yield Fault("/Period", "high-resolution", f"Period is {period}; {words}")
    for index, query in enumerate(_queries(properties)):
        stat = query.get("MetricStat")
        metric = stat.get("Metric") if isinstance(stat, dict) else None
        if isinstance(stat, dict) and isinstance(metric, dict) and str(metric.get("Namespace")).startswith("AWS/"):
            period = stat.get("Period")
            if period in _PERIODS:
                yield Fault(f"/Metrics/{index}/MetricStat/Period", "high-resolution", f"Period is {period}; {words}")


def metrics_alone(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    """`Metrics` has all that these say."""
    if "Metrics" not in properties or "MetricName" in properties:
        return
    for key in ("Namespace", "Dimensions", "Period", "Statistic", "ExtendedStatistic", "Unit"):
        if key in properties:
            yield Fault(f"/{key}", "metrics-alone", f"'{key}' stands beside Metrics; it belongs in a MetricStat")


def query_sources(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    for index, query in enumerate(_queries(properties)):
        if query and ("MetricStat" in query) == ("Expression" in query):
            yield Fault(f"/Metrics/{index}", "query-source", "Should have exactly one of MetricStat, Expression")


def metrics_counted(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    found = _queries(properties)
    for key, most in (("MetricStat", METRICS), ("Expression", EXPRESSIONS)):
        count = sum(key in query for query in found)
        if count > most:
            what = "metrics" if key == "MetricStat" else "expressions"
            yield Fault("/Metrics", "metrics-count", f"{count} {what}; an alarm has at most {most}")


def one_result(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    """An alarm watches one series; beside a band, the series and the band."""
    band = properties.get("ThresholdMetricId")
    returned = [query.get("ReturnData", True) for query in _queries(properties) if query.get("Id") != band or not band]
    if not returned or any(is_unknown(one) for one in returned) or has_unknown(band):
        return
    count = sum(one is True for one in returned)
    if count != 1:
        words = f"Should have exactly one metric with ReturnData true; {count} have it (it is true where it is not set)"
        yield Fault("/Metrics", "return-data", words)


def sound_queries(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    """Ids, grammar and types of the expressions; what is watched is one series."""
    band = properties.get("ThresholdMetricId")
    found = []
    for index, query in enumerate(_queries(properties)):
        path = f"/Metrics/{index}" + ("/Expression" if "Expression" in query else "")
        name = query.get("Id")
        found.append(Query(name if isinstance(name, str) else "", query.get("Expression"), path))
    if not found:
        return
    types, faults = queries.check(found)
    yield from faults
    for query, one in zip(_queries(properties), found, strict=True):
        expression = one.expression
        if not isinstance(expression, str):
            continue
        if re.search(r"\bSEARCH\s*\(", expression):
            yield Fault(one.path, "alarm-search", "an alarm cannot be on SEARCH; name the metrics")
        elif (
            query.get("ReturnData", True) is True
            and not (band is not None and "ANOMALY_DETECTION_BAND" in expression)
            and types.get(one.path) in ("S", "TS[]", "text", "word")
        ):
            words = f'"{short(expression)}" is not one time series, which is what an alarm watches'
            yield Fault(one.path, "alarm-result", words)


def band(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    """CloudWatch user guide, "Creating an alarm based on anomaly detection"."""
    operator, name = properties.get("ComparisonOperator"), properties.get("ThresholdMetricId")
    if operator in BANDS and "ThresholdMetricId" not in properties:
        words = f"'{operator}' compares with a band: Should have required property 'ThresholdMetricId'"
        yield Fault("/ComparisonOperator", "band", words)
    if not isinstance(name, str) or has_unknown(name) or "Threshold" in properties:
        return
    if isinstance(operator, str) and operator not in BANDS and not has_unknown(operator):
        words = f"'{short(operator)}' compares with a number; with a band it is one of {', '.join(BANDS)}"
        yield Fault("/ComparisonOperator", "band", words)
    expressions = [query.get("Expression") for query in _queries(properties) if query.get("Id") == name]
    if "Metrics" in properties and not any(
        isinstance(one, str) and ("ANOMALY_DETECTION_BAND" in one or has_unknown(one)) for one in expressions
    ):
        words = f"'{short(name)}' is not the id of an ANOMALY_DETECTION_BAND in Metrics"
        yield Fault("/ThresholdMetricId", "band", words)


def dimensions_once(properties: dict[str, object], _level: Level) -> Iterator[Fault]:
    given = properties.get("Dimensions")
    names = [one.get("Name") for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    for name in names:
        if isinstance(name, str) and names.count(name) > 1:
            yield Fault("/Dimensions", "dimension-twice", f"dimension '{short(name)}' is given twice")
            return


def metrics_exist(properties: dict[str, object], own: Mapping[str, Known] | None) -> Iterator[Fault]:
    """The metrics are ones that are published, with these dimensions."""
    found: list[tuple[str, dict[str, object]]] = [("", properties)] if "MetricName" in properties else []
    for index, query in enumerate(_queries(properties)):
        stat = query.get("MetricStat")
        metric = stat.get("Metric") if isinstance(stat, dict) else None
        if isinstance(metric, dict):
            found.append((f"/Metrics/{index}/MetricStat/Metric", metric))
    for path, metric in found:
        given = metric.get("Dimensions", [])
        names = [one.get("Name") for one in given if isinstance(one, dict)] if isinstance(given, list) else None
        for fault in vocabulary.check(metric.get("Namespace"), metric.get("MetricName"), names, own):
            yield Fault(f"{path}{_PLACES[fault.path]}", fault.rule, fault.message, fault.severity)


_PLACES = {"namespace": "/Namespace", "name": "/MetricName", "dimensions": "/Dimensions"}


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
    if (
        isinstance(description, str)
        and not has_unknown(description)
        and not re.search(r"^runbook: https://\S+$", description, re.MULTILINE)
    ):
        words = "has no line 'runbook: https://…'"
        yield Fault("/AlarmDescription", "runbook", words, level)


RULES: tuple[Rule, ...] = (
    one_source,
    complete,
    one_statistic,
    m_of_n,
    window,
    one_period,
    long_period,
    high_resolution,
    metrics_alone,
    query_sources,
    metrics_counted,
    one_result,
    sound_queries,
    band,
    dimensions_once,
)
