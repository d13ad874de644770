"""
The embedded metric format, read as strictly as CloudWatch documents it: log line in, metric data out.

Rules: CloudWatch user guide, "Specification: Embedded metric format"; limits in `obskit.quotas`.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any, NoReturn

from obskit import quotas
from obskit.errors import ObskitError
from obskit.units import UNITS

NAMESPACE = 255
"""Characters of a namespace. CloudWatch API, `PutMetricData.Namespace`, 2026-11-24."""

PAST_S, FUTURE_S = 14 * 86_400, 2 * 3_600
"""How far from now a time stamp may be. CloudWatch API, `MetricDatum.Timestamp`, 2026-11-24."""

_NAMESPACE = re.compile(r"[0-9A-Za-z.\-_/#: ]+")
_PRINTABLE = re.compile(r"[ -~]+")

MetricData = list[tuple[str, dict[str, Any]]]
"""Pairs of a namespace and a `MetricDatum` as boto3 takes it."""


class EmfError(ObskitError):
    """CloudWatch would not take metrics from this event; it would count `EMF<kind>Errors` and say nothing."""

    def __init__(self, kind: str, rule: str) -> None:
        super().__init__(rule)
        self.kind = kind
        """`Parsing` or `Validation`."""


def _invalid(rule: str) -> NoReturn:
    raise EmfError("Validation", rule)


def _no_constant(name: str) -> NoReturn:
    raise EmfError("Parsing", f"{name} is not JSON")


def decode(line: str) -> dict[str, Any] | None:
    """
    Return the document in log event *line*, or None when it is not meant as EMF.

    Raises:
        EmfError: it names `_aws`, yet is no JSON, or is too large.
    """
    if '"_aws"' not in line:
        return None
    if len(line.encode()) > quotas.LOG_EVENT_BYTES:
        raise EmfError("Parsing", f"the event is larger than {quotas.LOG_EVENT_BYTES} bytes")
    try:
        document = json.loads(line, parse_constant=_no_constant)
    except ValueError as error:
        raise EmfError("Parsing", f"not JSON: {error}") from None
    return document if isinstance(document, dict) and "_aws" in document else None


def metric_data(document: dict[str, Any]) -> MetricData:
    """
    Return the metrics of *document*, one datum for each metric and dimension set.

    Raises:
        EmfError: names the first rule that is broken; nothing of the document is taken then.
    """
    if "_aws" not in document:
        return []
    aws = document["_aws"]
    if not isinstance(aws, dict):
        _invalid("_aws is not an object")
    when = _timestamp(aws.get("Timestamp"))
    directives = aws.get("CloudWatchMetrics")
    if not isinstance(directives, list):
        _invalid("_aws.CloudWatchMetrics is not an array")
    return [pair for directive in directives for pair in _directive(document, directive, when)]


def _timestamp(value: object) -> datetime:
    if not isinstance(value, int) or isinstance(value, bool):
        _invalid("_aws.Timestamp is not an integer of milliseconds")
    if not -PAST_S <= value / 1000 - time.time() <= FUTURE_S:
        _invalid(f"_aws.Timestamp {value} is not within the last 14 days or the next 2 hours")
    return datetime.fromtimestamp(value / 1000, UTC)


def _directive(document: dict[str, Any], directive: object, when: datetime) -> MetricData:
    if not isinstance(directive, dict):
        _invalid("a metric directive is not an object")
    namespace = directive.get("Namespace")
    if not isinstance(namespace, str) or not 1 <= len(namespace) <= NAMESPACE or not _NAMESPACE.fullmatch(namespace):
        _invalid(f"Namespace {namespace!r} is not 1 to {NAMESPACE} characters of 0-9 A-Z a-z . - _ / # : and space")
    metrics = directive.get("Metrics")
    if not isinstance(metrics, list) or not 1 <= len(metrics) <= quotas.EMF_METRICS:
        _invalid(f"Metrics is not an array of 1 to {quotas.EMF_METRICS} definitions")
    sets = directive.get("Dimensions")
    if not isinstance(sets, list) or not sets:
        _invalid("Dimensions is not an array of at least one array")
    dimensions = [_dimension_set(document, names) for names in sets]
    data = [_metric(document, definition) for definition in metrics]
    doubled = [name for name, count in Counter(datum["MetricName"] for datum in data).items() if count > 1]
    if doubled:
        _invalid(f"metric {doubled[0]!r} is defined twice")
    return [
        (namespace, {**datum, "Dimensions": dimension_set, "Timestamp": when})
        for datum in data
        for dimension_set in dimensions
    ]


def _dimension_set(document: dict[str, Any], names: object) -> list[dict[str, str]]:
    if not isinstance(names, list) or len(names) > quotas.EMF_DIMENSIONS:
        _invalid(f"a dimension set is not an array of at most {quotas.EMF_DIMENSIONS} names")
    dimensions = []
    for name in names:
        if not isinstance(name, str) or not _is_text(name, quotas.DIMENSION_NAME) or name.startswith(":"):
            limit = quotas.DIMENSION_NAME
            _invalid(f"dimension name {name!r} is not 1 to {limit} printable ASCII characters, the first not ':'")
        value = document.get(name)
        if not isinstance(value, str) or not _is_text(value, quotas.DIMENSION_VALUE):
            limit = quotas.DIMENSION_VALUE
            _invalid(f"dimension {name!r} has no member of 1 to {limit} printable ASCII characters: {value!r}")
        dimensions.append({"Name": name, "Value": value})
    if len(set(names)) < len(names):
        _invalid(f"a dimension set names {names!r} with a repetition")
    return dimensions


def _is_text(value: str, limit: int) -> bool:
    return len(value) <= limit and bool(value.strip()) and bool(_PRINTABLE.fullmatch(value))


def _metric(document: dict[str, Any], definition: object) -> dict[str, Any]:
    if not isinstance(definition, dict):
        _invalid("a metric definition is not an object")
    name, unit, resolution = (
        definition.get("Name"),
        definition.get("Unit", "None"),
        definition.get("StorageResolution", 60),
    )
    if not isinstance(name, str) or not _is_text(name, quotas.METRIC_NAME):
        _invalid(f"metric name {name!r} is not 1 to {quotas.METRIC_NAME} printable ASCII characters")
    if unit not in UNITS:
        _invalid(f"metric {name!r}: {unit!r} is no CloudWatch unit")
    if resolution not in (1, 60) or isinstance(resolution, bool):
        _invalid(f"metric {name!r}: StorageResolution {resolution!r} is neither 1 nor 60")
    datum = {"MetricName": name, "Unit": unit, "StorageResolution": resolution}
    value = document.get(name)
    if not isinstance(value, list):
        return {**datum, "Value": _number(name, value)}
    if not 1 <= len(value) <= quotas.EMF_VALUES:
        _invalid(f"metric {name!r} has {len(value)} values; 1 to {quotas.EMF_VALUES} are allowed")
    counts = Counter(_number(name, one) for one in value)
    return {**datum, "Values": list(counts), "Counts": [float(count) for count in counts.values()]}


def _number(name: str, value: object) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        _invalid(f"metric {name!r} has no member that is a number or an array of numbers: {value!r}")
    if not math.isfinite(value) or abs(value) > quotas.METRIC_VALUE:
        _invalid(f"metric {name!r} has the value {value}, beyond ±2^360")
    return float(value)
