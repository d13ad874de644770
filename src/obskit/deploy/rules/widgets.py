"""The `properties` of each widget type, by shape and by the rules that tie keys together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from obskit.deploy.rules.metric_array import COLOR, STAT, entry, period
from obskit.deploy.rules.problem import Fault
from obskit.deploy.rules.shape import anything, array, boolean, number, one_of, record, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from obskit.deploy.rules.shape import Check

    Rule: TypeAlias = "Callable[[dict[str, object]], Iterator[Fault]]"

# Source unless stated: AWS, "Dashboard Body Structure and Syntax", read 2026-11-24.

WIDGET_METRICS = 500
"""Metrics in one widget. Same page."""
ALARM_WIDGET_ALARMS = 100
"""ARNs in one alarm widget. Same page."""

_ARN = text(form=r"arn:aws[a-z-]*:cloudwatch:[a-z0-9-]+:[0-9]{12}:alarm:.+", words="the ARN of an alarm")
_TIME = text(1)
_LINE = {"label": text(), "color": COLOR, "yAxis": one_of("left", "right"), "visible": boolean}
_horizontal = record({"value": number()}, {**_LINE, "fill": one_of("above", "below", "none")})
_vertical = record({"value": text(1)}, {**_LINE, "fill": one_of("before", "after", "none")})
_axis = record({}, {"min": number(), "max": number(), "label": text(), "showUnits": boolean})


def _line_or_band(line: Check) -> Check:
    band = array(line, 2, 2)

    def check(value: object, path: str) -> Iterator[Fault]:
        yield from (band if isinstance(value, list) else line)(value, path)

    return check


METRIC = record(
    {"region": text(1)},
    {
        "metrics": array(entry, 0, WIDGET_METRICS),
        "annotations": record(
            {},
            {
                "alarms": array(_ARN, 0, 1),
                "horizontal": array(_line_or_band(_horizontal)),
                "vertical": array(_line_or_band(_vertical)),
            },
        ),
        "view": one_of("timeSeries", "singleValue", "gauge", "bar", "pie", "table"),
        "stacked": boolean,
        "period": period,
        "stat": STAT,
        "title": text(),
        "accountId": text(1),
        "liveData": boolean,
        "timezone": text(form=r"[+-][0-9]{4}", words="+HHMM or -HHMM"),
        "legend": record({}, {"position": one_of("right", "bottom", "hidden")}),
        "yAxis": record({}, {"left": _axis, "right": _axis}),
        "sparkline": boolean,
        "setPeriodToTimeRange": boolean,
        "singleValueFullPrecision": boolean,
        "labels": anything,
        "start": _TIME,
        "end": _TIME,
        "table": anything,
    },
)
TEXT = record({"markdown": text(1)}, {"background": one_of("solid", "transparent")})
LOG = record(
    {"query": text(1), "region": text(1)},
    {"title": text(), "accountId": text(1), "view": one_of("table", "timeSeries", "bar", "pie"), "stacked": boolean},
)
ALARM = record(
    {"alarms": array(_ARN, 1, ALARM_WIDGET_ALARMS)},
    {
        "title": text(),
        "sortBy": one_of("default", "stateUpdatedTimestamp", "timestamp"),
        "states": array(one_of("ALARM", "INSUFFICIENT_DATA", "OK")),
    },
)
PROPERTIES: dict[str, Check] = {
    "metric": METRIC,
    "text": TEXT,
    "log": LOG,
    "alarm": ALARM,
    # Known to CloudWatch, not rendered by obskit: only that they are objects is checked.
    "explorer": record(
        {"metrics": anything, "labels": anything},
        dict.fromkeys(("aggregateBy", "splitBy", "period", "title", "widgetOptions"), anything),
    ),
    "custom": record({"endpoint": text(1)}, dict.fromkeys(("params", "title", "updateOn"), anything)),
}


def has_data(properties: dict[str, object]) -> Iterator[Fault]:
    """Something must be shown. Message: PutDashboard's own."""
    if "metrics" not in properties and not _annotations(properties).get("alarms"):
        yield Fault("", "data-source", "Should have required property 'metrics', or an alarm in annotations.alarms")


def alarm_annotation_alone(properties: dict[str, object]) -> Iterator[Fault]:
    """The graph of an alarm shows nothing else: a threshold beside metrics is a horizontal annotation."""
    annotations = _annotations(properties)
    if annotations.get("alarms") and (
        properties.get("metrics") or annotations.get("horizontal") or annotations.get("vertical")
    ):
        text = "an alarm cannot be combined with metrics or other annotations; use a horizontal annotation"
        yield Fault("/annotations/alarms", "annotation-alarm", text)


def gauge_has_ends(properties: dict[str, object]) -> Iterator[Fault]:
    if properties.get("view") != "gauge":
        return
    axes = properties.get("yAxis")
    left = axes.get("left") if isinstance(axes, dict) else None
    for end in ("min", "max"):
        if not isinstance(left, dict) or end not in left:
            yield Fault("/yAxis/left", "gauge", f"Should have required property '{end}': a gauge has two ends")


def end_needs_start(properties: dict[str, object]) -> Iterator[Fault]:
    """`end` alone deploys and is ignored (aws/aws-cdk#27124)."""
    if "end" in properties and "start" not in properties:
        yield Fault("", "time-range", "Should have property 'start' when property 'end' is present")


def one_value_or_sparkline(properties: dict[str, object]) -> Iterator[Fault]:
    """As aws-cdk-lib 2.276, `SingleValueWidget`."""
    if properties.get("setPeriodToTimeRange") is True and properties.get("sparkline") is True:
        yield Fault("/sparkline", "sparkline", "a value for the whole range has no sparkline")


def ids_are_unique(properties: dict[str, object]) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, value in enumerate(_entries(properties)):
        last = value[-1] if isinstance(value, list) and value else None
        name = last.get("id") if isinstance(last, dict) else None
        if isinstance(name, str) and name in seen:
            yield Fault(f"/metrics/{index}", "metric-id", f"id '{name}' is used twice in this widget")
        seen.add(str(name))


def one_insights_query(properties: dict[str, object]) -> Iterator[Fault]:
    """At most one Metrics Insights query in a widget. CloudWatch user guide, "Metrics Insights quotas"."""
    queries = [
        index
        for index, value in enumerate(_entries(properties))
        if isinstance(value, list)
        and value
        and isinstance(value[0], dict)
        and re.match(r"\s*SELECT\s", str(value[0].get("expression")), re.IGNORECASE)
    ]
    for index in queries[1:]:
        yield Fault(f"/metrics/{index}", "insights", "only one Metrics Insights query (SELECT …) fits in a widget")


METRIC_RULES: tuple[Rule, ...] = (
    has_data,
    alarm_annotation_alone,
    gauge_has_ends,
    end_needs_start,
    one_value_or_sparkline,
    ids_are_unique,
    one_insights_query,
)


def _annotations(properties: dict[str, object]) -> dict[str, object]:
    found = properties.get("annotations")
    return found if isinstance(found, dict) else {}


def _entries(properties: dict[str, object]) -> list[object]:
    found = properties.get("metrics")
    return found if isinstance(found, list) else []
