"""
The embedded metric format, read as strictly as CloudWatch documents it: what is wrong with an event, and its metrics.

CloudWatch says nothing to whoever wrote a wrong document: it takes no metric from it, or fewer, and counts
`EMFParsingErrors` or `EMFValidationErrors` in `AWS/Logs`.

Rules: CloudWatch user guide, "Specification: Embedded metric format"; `MetricDatum` and `Dimension` of the CloudWatch
API; limits in `obskit.quotas`. Some are stricter than the pages: what stands in a document twice is a fault of whoever
wrote it, whichever of the two CloudWatch takes.
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
from obskit.units import UNITS

PAST_S, FUTURE_S = 14 * 86_400, 2 * 3_600
"""How far from now a time stamp may be. CloudWatch Logs API, `PutLogEvents`, 2026-11-24."""

PARSING, VALIDATION = "Parsing", "Validation"
"""The two kinds of refusal that CloudWatch counts, as `EMF<kind>Errors`."""

_NAMESPACE = re.compile(r"[0-9A-Za-z.\-_/# ][0-9A-Za-z.\-_/#: ]*")
_PRINTABLE = re.compile(r"[ -~]+")

MetricData = list[tuple[str, dict[str, Any]]]
"""Pairs of a namespace and a `MetricDatum` as boto3 takes it."""


def problems(event: str | bytes | dict[str, Any], *, now: float | None = None) -> list[str]:
    """
    Return every rule that *event*, a log line or a parsed document, breaks; empty if CloudWatch takes all of it.

    *now* is in seconds since 1970, by default the machine's.

    >>> problems('{"_aws": {"Timestamp": 1700000000000, "CloudWatchMetrics": []}}', now=1_700_000_000)
    []
    >>> problems('{"latency": 3}')
    ['there is no member _aws: this is no EMF document']
    """
    return Reading(event, now=now).problems


def assert_valid_emf(event: str | bytes | dict[str, Any], *, now: float | None = None) -> None:
    """
    Fail where CloudWatch would not take all of *event*; the message has every rule that is broken.

    Raises:
        AssertionError: a rule is broken.
    """
    if found := problems(event, now=now):
        raise AssertionError("CloudWatch would not take this EMF document:\n" + "\n".join(found))


def is_meant(line: str) -> bool:
    """Say whether log event *line* is written to be EMF: a JSON object with a member `_aws`, or broken on the way."""
    if '"_aws"' not in line:
        return False
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return line.lstrip().startswith("{")
    return isinstance(document, dict) and "_aws" in document


class Reading:
    """
    What CloudWatch makes of *event*: `data`, one datum for each metric and dimension set, and `problems`.

    `kind` says which of CloudWatch's two counts a refused event adds to. A document with any problem gives no data.
    """

    def __init__(self, event: str | bytes | dict[str, Any], *, now: float | None = None) -> None:
        self.problems: list[str] = []
        self.kind = VALIDATION
        self.data: MetricData = []
        document = event if isinstance(event, dict) else self._parse(event)
        if isinstance(event, dict):
            self._check_size(event)
        if document is not None:
            data = self._document(document, time.time() if now is None else now)
            self.data = [] if self.problems else data

    def _note(self, rule: str) -> None:
        self.problems.append(rule)

    def _refuse(self, rule: str) -> None:
        self.kind = PARSING
        self._note(rule)

    def _parse(self, line: str | bytes) -> dict[str, Any] | None:
        encoded = line if isinstance(line, bytes) else line.encode("utf-8", "surrogatepass")
        self._check_bytes(len(encoded.rstrip(b"\r\n")))
        last: list[tuple[str, Any]] = []

        def as_dict(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            nonlocal last
            last = pairs  # the outermost object is the last one to be complete
            return dict(pairs)

        try:
            document = json.loads(encoded.decode(), parse_constant=_no_constant, object_pairs_hook=as_dict)
        except (ValueError, RecursionError) as error:
            self._refuse(f"not JSON: {error}")
            return None
        if not isinstance(document, dict):
            self._refuse("not a JSON object")
            return None
        for name, count in Counter(name for name, _ in last).items():
            if count > 1:
                self._note(f"member {name!r} stands there {count} times: one overwrites the other")
        return document

    def _check_size(self, document: dict[str, Any]) -> None:
        try:
            text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            self._refuse(f"not JSON: {error}")
        else:
            self._check_bytes(len(text.encode("utf-8", "surrogatepass")))

    def _check_bytes(self, size: int) -> None:
        if size > quotas.LOG_EVENT_BYTES:
            self._refuse(f"the event has {size} bytes; CloudWatch takes {quotas.LOG_EVENT_BYTES}")

    def _document(self, document: dict[str, Any], now: float) -> MetricData:
        if "_aws" not in document:
            self._note("there is no member _aws: this is no EMF document")
            return []
        aws = document["_aws"]
        if not isinstance(aws, dict):
            self._note("_aws is not an object")
            return []
        when = self._timestamp(aws.get("Timestamp"), now)
        directives = aws.get("CloudWatchMetrics")
        if not isinstance(directives, list):
            self._note("_aws.CloudWatchMetrics is not an array")
            return []
        data = [pair for directive in directives for pair in self._directive(document, directive, when)]
        self._check_names(data)
        return data

    def _timestamp(self, value: object, now: float) -> datetime:
        if not isinstance(value, int) or isinstance(value, bool):
            self._note("_aws.Timestamp is not an integer of milliseconds")
        elif not -PAST_S * 1000 <= value - round(now * 1000) <= FUTURE_S * 1000:
            self._note(f"_aws.Timestamp {value} is not within the last 14 days or the next 2 hours")
        else:
            return datetime.fromtimestamp(value / 1000, UTC)
        return datetime.fromtimestamp(now, UTC)

    def _directive(self, document: dict[str, Any], directive: object, when: datetime) -> MetricData:
        if not isinstance(directive, dict):
            self._note("a metric directive is not an object")
            return []
        namespace = directive.get("Namespace")
        limit = quotas.NAMESPACE
        if not isinstance(namespace, str) or len(namespace) > limit or not _NAMESPACE.fullmatch(namespace):
            words = f"1 to {limit} characters of 0-9 A-Z a-z . - _ / # : and space, the first not ':'"
            self._note(f"Namespace {_short(namespace)} is not {words}")
        metrics = directive.get("Metrics")
        if not isinstance(metrics, list) or not 1 <= len(metrics) <= quotas.EMF_METRICS:
            self._note(f"Metrics is not an array of 1 to {quotas.EMF_METRICS} definitions{_length(metrics)}")
        sets = directive.get("Dimensions")
        if not isinstance(sets, list) or not sets:
            self._note("Dimensions is not an array of at least one array")
        dimensions = [self._dimension_set(document, names) for names in (sets if isinstance(sets, list) else ())]
        data = [self._metric(document, one) for one in (metrics if isinstance(metrics, list) else ())]
        for name, count in Counter(datum["MetricName"] for datum in data).items():
            if count > 1:
                self._note(f"metric {_short(name)} is defined twice in a directive")
        return [
            (str(namespace), {**datum, "Dimensions": dimension_set, "Timestamp": when})
            for datum in data
            for dimension_set in dimensions
        ]

    def _dimension_set(self, document: dict[str, Any], names: object) -> list[dict[str, str]]:
        if not isinstance(names, list) or len(names) > quotas.EMF_DIMENSIONS:
            self._note(f"a dimension set is not an array of at most {quotas.EMF_DIMENSIONS} names{_length(names)}")
            return []
        for name, count in Counter(map(str, names)).items():
            if count > 1:
                self._note(f"a dimension set names {_short(name)} {count} times")
        return [{"Name": str(name), "Value": str(self._dimension_value(document, name))} for name in names]

    def _dimension_value(self, document: dict[str, Any], name: object) -> object:
        limit = quotas.DIMENSION_NAME
        if not isinstance(name, str) or not _is_text(name, limit) or name.startswith(":"):
            words = f"1 to {limit} printable ASCII characters, one not a space, the first not ':'"
            self._note(f"dimension name {_short(name)} is not {words}")
        value = document.get(name) if isinstance(name, str) else None
        if value == "":
            self._note(f"dimension {_short(name)} is empty; CloudWatch then drops all dimensions of the document")
        elif not isinstance(value, str) or not _is_text(value, quotas.DIMENSION_VALUE):
            words = f"member of 1 to {quotas.DIMENSION_VALUE} printable ASCII characters, one not a space"
            self._note(f"dimension {_short(name)} has no {words}: {_short(value)}")
        return value

    def _metric(self, document: dict[str, Any], definition: object) -> dict[str, Any]:
        if not isinstance(definition, dict):
            self._note("a metric definition is not an object")
            definition = {}
        name, unit = definition.get("Name"), definition.get("Unit", "None")
        resolution = definition.get("StorageResolution", 60)
        if not isinstance(name, str) or not _is_text(name, quotas.METRIC_NAME) or name.startswith(":"):
            words = f"1 to {quotas.METRIC_NAME} printable ASCII characters, one not a space, the first not ':'"
            self._note(f"metric name {_short(name)} is not {words}")
            name = str(name)
        if not isinstance(unit, str) or unit not in UNITS:
            self._note(f"metric {_short(name)}: {_short(unit)} is no CloudWatch unit")
        if type(resolution) is not int or resolution not in (1, 60):
            self._note(f"metric {_short(name)}: StorageResolution {_short(resolution)} is neither 1 nor 60")
        datum = {"MetricName": name, "Unit": unit, "StorageResolution": resolution}
        value = document.get(name)
        if not isinstance(value, list):
            return {**datum, "Value": self._number(name, value)}
        if not 1 <= len(value) <= quotas.EMF_VALUES:
            self._note(f"metric {_short(name)} has {len(value)} values; 1 to {quotas.EMF_VALUES} are allowed")
        counts = Counter(self._number(name, one) for one in value)
        return {**datum, "Values": list(counts), "Counts": [float(count) for count in counts.values()]}

    def _number(self, name: str, value: object) -> float:
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            self._note(f"metric {_short(name)} has no member that is a number or an array of numbers: {_short(value)}")
        elif isinstance(value, float) and not math.isfinite(value):
            self._note(f"metric {_short(name)} has the value {value}, which is no number to CloudWatch")
        elif abs(value) > quotas.METRIC_VALUE:
            self._note(f"metric {_short(name)} has the value {_short(value)}, beyond ±2^360")
        else:
            return float(value)
        return 0.0

    def _check_names(self, data: MetricData) -> None:
        """Hold the document to one meaning of each name: CloudWatch reads all of them from the same members."""
        facts: dict[str, set[tuple[str, str]]] = {}
        dimensions: set[str] = set()
        for _, datum in data:
            facts.setdefault(datum["MetricName"], set()).add((str(datum["Unit"]), str(datum["StorageResolution"])))
            dimensions.update(dimension["Name"] for dimension in datum["Dimensions"])
        for name, found in facts.items():
            if len(found) > 1:
                self._note(f"metric {_short(name)} has several units or resolutions: {sorted(found)}")
            if name in dimensions:
                self._note(f"{_short(name)} is a metric and a dimension, and one member cannot be both")
        if "_aws" in facts or "_aws" in dimensions:
            self._note("_aws is the member that holds the directives; it is neither a metric nor a dimension")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _is_text(value: str, limit: int) -> bool:
    return len(value) <= limit and bool(value.strip()) and bool(_PRINTABLE.fullmatch(value))


def _length(value: object) -> str:
    return f"; it has {len(value)}" if isinstance(value, list) else ""


def _short(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # a number of more digits than Python writes
        return "a very long number"
    return text if len(text) <= 80 else f"{text[:60]}… ({len(text)} characters)"
