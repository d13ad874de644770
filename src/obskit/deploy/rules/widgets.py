"""The `properties` of each widget type, by shape and by the rules that tie keys together."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from obskit.deploy.rules import labels, metric_array, queries, search_expression, vocabulary
from obskit.deploy.rules.metric_array import COLOR, STAT, entry, period
from obskit.deploy.rules.placeholders import has_unknown, is_unknown
from obskit.deploy.rules.problem import Fault, short
from obskit.deploy.rules.queries import Query
from obskit.deploy.rules.shape import anything, array, boolean, is_number, number, one_of, record, text
from obskit.metric_math import INSIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from obskit.deploy.rules.shape import Check
    from obskit.deploy.rules.vocabulary import Known

    Rule: TypeAlias = "Callable[[dict[str, object]], Iterator[Fault]]"

# Source unless stated: AWS, "Dashboard Body Structure and Syntax", read 2026-11-24.

WIDGET_METRICS = 500
"""Metrics in one widget. Same page."""
ALARM_WIDGET_ALARMS = 100
"""ARNs in one alarm widget. Same page."""

_ARN = text(form=r"arn:aws[a-z-]*:cloudwatch:[a-z0-9-]+:[0-9]{12}:alarm:.+", words="the ARN of an alarm")
_TIME = text(1)
_START = text(
    form=r"-P([0-9]+[DWM]|T[0-9]+[MH])|[0-9]{4}-[0-9]{2}-[0-9]{2}T.+",
    words="a relative time such as -PT8H or -P7D, or an ISO 8601 time",
)
_LINE = {"label": text(), "color": COLOR, "yAxis": one_of("left", "right"), "visible": boolean}
_horizontal = record({"value": number()}, {**_LINE, "fill": one_of("above", "below", "none")})
_vertical = record(
    {"value": text(1, None, r"[0-9]{4}-[0-9]{2}-[0-9]{2}.*", "an ISO 8601 time")},
    {**_LINE, "fill": one_of("before", "after", "none")},
)
_axis = record({}, {"min": number(), "max": number(), "label": text(), "showUnits": boolean})


def _line_or_band(line: Check) -> Check:
    band = array(line, 2, 2)

    def check(value: object, path: str) -> Iterable[Fault]:
        return (band if isinstance(value, list) else line)(value, path)

    return check


METRIC = record(
    {},
    {
        "region": text(1),
        **dict.fromkeys(("insightRule", "type"), anything),
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
        "timezone": text(form=r"[+-][0-9]{4}|UTC|LOCAL|Local", words="+HHMM or -HHMM"),
        "legend": record({}, {"position": one_of("right", "bottom", "hidden")}),
        "yAxis": record({}, {"left": _axis, "right": _axis}),
        "sparkline": boolean,
        "setPeriodToTimeRange": boolean,
        "singleValueFullPrecision": boolean,
        "labels": record({}, {"visible": boolean}),
        "start": _START,
        "end": _TIME,
        "table": record(
            {},
            {
                "layout": one_of("horizontal", "vertical"),
                "stickySummary": boolean,
                "showTimeSeriesData": boolean,
                "summaryColumns": array(one_of("MIN", "MAX", "SUM", "AVG")),
            },
        ),
    },
)
TEXT = record({"markdown": text(1)}, {"background": one_of("solid", "transparent")})
LOG = record(
    {"query": text(1), "region": text(1)},
    {
        "title": text(),
        "accountId": text(1),
        "view": one_of("table", "timeSeries", "bar", "pie"),
        "stacked": boolean,
        **dict.fromkeys(("queryLanguage", "queryBy", "logGroupPrefixes", "logGroups", "accountIds"), anything),
    },
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
    "explorer": record(
        {
            "metrics": array(record({"metricName": text(1), "resourceType": text(1), "stat": STAT}), 1, 100),
            "labels": array(record({"key": text(1)}, {"value": text()})),
        },
        {
            "aggregateBy": record({}, {"key": text(), "func": one_of("AVG", "MIN", "MAX", "STDDEV", "SUM", "")}),
            "splitBy": text(),
            "period": period,
            "title": text(),
            "widgetOptions": record(
                {},
                {
                    "legend": record({}, {"position": one_of("right", "bottom", "hidden")}),
                    "rowsPerPage": number(1, whole=True),
                    "stacked": boolean,
                    "view": one_of("timeSeries", "singleValue", "gauge", "bar", "pie", "table"),
                    "widgetsPerRow": number(1, 24, whole=True),
                },
            ),
        },
    ),
    "custom": record(
        {"endpoint": text(1)},
        {
            "params": anything,
            "title": text(),
            "updateOn": record({}, dict.fromkeys(("refresh", "resize", "timeRange"), boolean)),
        },
    ),
}


def has_data(properties: dict[str, object]) -> Iterator[Fault]:
    """Something must be shown. Message: PutDashboard's own."""
    annotations = properties.get("annotations")
    if "insightRule" in properties:  # Contributor Insights
        return
    if "metrics" not in properties and not is_unknown(annotations) and not _annotations(properties).get("alarms"):
        yield Fault("", "data-source", "Should have required property 'metrics', or an alarm in annotations.alarms")
    if "region" not in properties and not is_unknown(annotations) and not _annotations(properties).get("alarms"):
        yield Fault("", "required", "Should have required property 'region'")


def alarm_annotation_alone(properties: dict[str, object]) -> Iterator[Fault]:
    """The graph of an alarm shows nothing else: a threshold beside metrics is a horizontal annotation."""
    annotations = _annotations(properties)
    if annotations.get("alarms") and (
        properties.get("metrics") or annotations.get("horizontal") or annotations.get("vertical")
    ):
        text = "an alarm cannot be combined with metrics or other annotations; use a horizontal annotation"
        yield Fault("/annotations/alarms", "annotation-alarm", text)


def gauge_has_ends(properties: dict[str, object]) -> Iterator[Fault]:
    if properties.get("view") != "gauge" or is_unknown(properties.get("yAxis")):
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


def queries_are_sound(properties: dict[str, object]) -> Iterator[Fault]:
    """Ids are unique and known, expressions can be read, and what is drawn is a series."""
    found: list[Query] = []
    for index, value in enumerate(_entries(properties)):
        last = value[-1] if isinstance(value, list) and value else None
        rendering = last if isinstance(last, dict) else {}
        name = rendering.get("id")
        path = f"/metrics/{index}"
        expression = rendering.get("expression")
        if isinstance(value, list) and len(value) == 1 and expression is not None:
            path = f"/metrics/{index}/0/expression"
        found.append(Query(name if isinstance(name, str) else "", expression, path))
        if is_unknown(value):
            found.append(Query(str(value), None, path))  # any ids at all
    types, faults = queries.check(found)
    yield from faults
    yield from _drawn(found, types, _entries(properties))


def _drawn(found: list[Query], types: Mapping[str, object], entries: list[object]) -> Iterator[Fault]:
    for query, value in zip(found, entries, strict=False):
        last = value[-1] if isinstance(value, list) and value else None
        hidden = isinstance(last, dict) and last.get("visible") is False
        if types.get(query.path) == "S" and not hidden:
            words = f'"{short(query.expression)}" is a single number; a graph draws time series'
            yield Fault(query.path, "math-result", f"{words}: TIME_SERIES(…) makes it one", "warning")


def shorthand_has_above(properties: dict[str, object]) -> Iterator[Fault]:
    yield from metric_array.shorthand(_entries(properties))


def labels_are_known(properties: dict[str, object]) -> Iterator[Fault]:
    for index, value in enumerate(_entries(properties)):
        last = value[-1] if isinstance(value, list) and value else None
        if isinstance(last, dict) and isinstance(value, list):
            yield from labels.check(last.get("label"), f"/metrics/{index}/{len(value) - 1}/label")


def searches(properties: dict[str, object]) -> Iterator[Fault]:
    count = sum(str(text).count("SEARCH(") for text in _expressions(properties))
    if count > search_expression.IN_GRAPH:
        words = f"{count} SEARCH expressions; a graph has at most {search_expression.IN_GRAPH}"
        yield Fault("/metrics", "search-count", words)


def one_insights_query(properties: dict[str, object]) -> Iterator[Fault]:
    """At most one Metrics Insights query in a widget. CloudWatch user guide, "Metrics Insights quotas"."""
    asked = [index for index, text in enumerate(_expressions(properties)) if INSIGHTS.match(str(text))]
    for index in asked[1:]:
        yield Fault(f"/metrics/{index}", "insights", "only one Metrics Insights query (SELECT …) fits in a widget")


def axis_ends(properties: dict[str, object]) -> Iterator[Fault]:
    axes = properties.get("yAxis")
    for side, axis in axes.items() if isinstance(axes, dict) else ():
        if isinstance(axis, dict) and is_number(axis.get("min")) and is_number(axis.get("max")):
            least, most = axis["min"], axis["max"]
            if least >= most:
                yield Fault(f"/yAxis/{side}", "axis", f"min is {least:g} and max is {most:g}: nothing is between them")


def metrics_exist(properties: dict[str, object], own: Mapping[str, Known] | None) -> Iterator[Fault]:
    """The metric is one that is published, with these dimensions."""
    region = properties.get("region")
    for index, one in enumerate(metric_array.in_full(_entries(properties))):
        if len(one.words) < 2 or "..." in one.words:
            continue
        path = f"/metrics/{index}"
        names = one.words[2::2] if len(one.words) % 2 == 0 else None
        for fault in vocabulary.check(one.words[0], one.words[1], names, own):
            yield Fault(f"{path}{_PLACES[fault.path]}", fault.rule, fault.message, fault.severity)
        at = one.rendering.get("region", region)
        if one.words[0] in _GLOBAL and isinstance(at, str) and not has_unknown(at) and at != "us-east-1":
            words = f"the metrics of {one.words[0]} are in us-east-1 only, not in '{short(at)}'"
            yield Fault(path, "metric-region", words, "warning")


_PLACES = {"namespace": "/0", "name": "/1", "dimensions": ""}
_GLOBAL = ("AWS/CloudFront", "AWS/Route53", "AWS/Billing")
"""Published in us-east-1 and nowhere else. Guides of the three."""


def log_sources(properties: dict[str, object]) -> Iterator[Fault]:
    """A query without a log group asks nothing; the console writes `SOURCE 'group' | …`."""
    query = properties.get("query")
    if isinstance(query, str) and not has_unknown(query[:1]) and query.strip():
        words = query.strip().split(None, 1)[0].upper()
        if words not in ("SOURCE", "SELECT", "WITH", "PPL") and not query.lstrip().startswith(("#", "--", "/*")):
            yield Fault("/query", "log-source", "Should begin with SOURCE 'log group' |", "warning")


METRIC_RULES: tuple[Rule, ...] = (
    has_data,
    alarm_annotation_alone,
    gauge_has_ends,
    end_needs_start,
    one_value_or_sparkline,
    axis_ends,
    shorthand_has_above,
    queries_are_sound,
    labels_are_known,
    searches,
    one_insights_query,
)


def _annotations(properties: dict[str, object]) -> dict[str, object]:
    found = properties.get("annotations")
    return found if isinstance(found, dict) else {}


def _entries(properties: dict[str, object]) -> list[object]:
    found = properties.get("metrics")
    return found if isinstance(found, list) else []


def _expressions(properties: dict[str, object]) -> list[object]:
    """Return the expression of each entry, None for a metric."""
    return [
        value[0].get("expression") if isinstance(value, list) and value and isinstance(value[0], dict) else None
        for value in _entries(properties)
    ]
