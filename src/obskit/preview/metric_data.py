"""Data from `GetMetricData`: asked for now, or recorded in a file before."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from obskit.captured import Captured
from obskit.deploy import entries
from obskit.errors import MissingExtraError, ObskitError
from obskit.preview import window
from obskit.preview.points import Key, Points
from obskit.preview.series import at
from obskit.preview.window import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from obskit.deploy.entries import Entry
    from obskit.preview.series import Limit, Series

Json = dict[str, Any]
QUERIES = 500
"""In one call. CloudWatch API, `GetMetricData`, 2026-11-24."""


class Recorded:
    """What CloudWatch answered; each metric only in the statistic and period that it was asked for."""

    def __init__(self, document: Json, title: str) -> None:
        self.title = title
        asked = {query["Id"]: query["MetricStat"] for query in document["MetricDataQueries"] if "MetricStat" in query}
        self._found: dict[tuple[Key, str], dict[int, float]] = {}
        self._end = moment(document.get("EndTime")) or 0
        self._names = Points(title)
        for result in document["MetricDataResults"]:
            if result["Id"] in asked:
                self._take(asked[result["Id"]], result)

    def _take(self, asked: Json, result: Json) -> None:
        metric = asked["Metric"]
        dimensions = tuple(sorted((one["Name"], one["Value"]) for one in metric.get("Dimensions", ())))
        key = (metric["Namespace"], metric["MetricName"], dimensions)
        values = self._found.setdefault((key, asked["Stat"]), {})
        for when, value in zip(result["Timestamps"], result["Values"], strict=True):
            second = int(when.timestamp()) if isinstance(when, datetime) else moment(when) or 0
            values[second] = float(value)
            self._names.add(key, second, value)
            self._end = max(self._end, second)

    def end(self) -> int:
        return self._end

    def unit(self, entry: Entry) -> str:
        return "Count" if entry.stat == "SampleCount" else ""

    def search(self, query: str, stat: str, period: int) -> list[Entry]:
        return self._names.search(query, stat, period)

    def read(self, entry: Entry, times: range, near: Sequence[Limit]) -> Series:  # noqa: ARG002  a source's signature
        key = (entry.namespace, entry.name, tuple(sorted(entry.dimensions)))
        found = self._found.get((key, entry.stat), {})
        return at(times, {when - when % times.step: value for when, value in found.items()})


def read(path: Path) -> Recorded:
    """
    Return what was recorded in *path*: the request and the answer of `GetMetricData` in one object.

    Raises:
        ObskitError: the file is not such an object.
    """
    text = Captured(path).text()
    try:
        document = json.loads(text)
        return Recorded(document, f"GetMetricData, {path.name}")
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ObskitError(
            f"{path}: not a recording of GetMetricData: an object with MetricDataQueries and MetricDataResults, as"
            " `obskit preview --live --record FILE` writes it"
        ) from error


def fetch_bodies(bodies: Iterable[Json], client: Any = None, now: int | None = None) -> Json:
    """As `fetch`, for all metrics of dashboards over the longest of their windows, until *now*."""
    now = int(time.time()) if now is None else now
    end = now - now % 60
    wanted, start = [], end
    for body in bodies:
        start = min(start, window.of(body, end).start)
        for widget in body.get("widgets") or []:
            if isinstance(widget, dict) and isinstance(widget.get("properties"), dict):
                wanted += entries.read(widget["properties"])
    return fetch(wanted, start, end, client)


def fetch(wanted: Iterable[Entry], start: int, end: int, client: Any = None) -> Json:
    """
    Ask CloudWatch for *wanted* from *start* to *end*, in seconds since 1970; return request and answer in one object.

    *client* serves every region; without it one is made for each, from the usual AWS configuration.

    Raises:
        MissingExtraError: boto3 is not installed.
        ObskitError: AWS refuses, or there are no credentials.
    """
    by_region: dict[str, dict[str, Json]] = {}
    for entry in wanted:
        if entry.expression:
            continue
        queries = by_region.setdefault(entry.region, {})
        query = _query(entry)
        queries.setdefault(json.dumps(query, sort_keys=True), query)
    document: Json = {"StartTime": _iso(start), "EndTime": _iso(end), "MetricDataQueries": [], "MetricDataResults": []}
    for region, asked in sorted(by_region.items()):
        queries_here = [
            {"Id": f"q{len(document['MetricDataQueries']) + place}", "MetricStat": query}
            for place, query in enumerate(asked.values())
        ]
        document["MetricDataQueries"] += queries_here
        document["MetricDataResults"] += _ask(client or _client(region), queries_here, start, end)
    return document


def _query(entry: Entry) -> Json:
    dimensions = [{"Name": name, "Value": value} for name, value in entry.dimensions]
    metric = {"Namespace": entry.namespace, "MetricName": entry.name, "Dimensions": dimensions}
    return {"Metric": metric, "Period": entry.period, "Stat": entry.stat}


def _iso(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()


def _client(region: str) -> Any:
    try:
        import boto3
    except ImportError as error:
        raise MissingExtraError("aws", "GetMetricData") from error
    return boto3.client("cloudwatch", region_name=region or None)


def _ask(client: Any, queries: list[Json], start: int, end: int) -> list[Json]:
    from botocore.exceptions import BotoCoreError, ClientError

    results: dict[str, Json] = {}
    try:
        for first in range(0, len(queries), QUERIES):
            pages = client.get_paginator("get_metric_data").paginate(
                MetricDataQueries=queries[first : first + QUERIES],
                StartTime=datetime.fromtimestamp(start, UTC),
                EndTime=datetime.fromtimestamp(end, UTC),
                ScanBy="TimestampAscending",
            )
            for result in (one for page in pages for one in page["MetricDataResults"]):
                there = results.setdefault(result["Id"], {"Id": result["Id"], "Timestamps": [], "Values": []})
                there["Timestamps"] += [when.isoformat() for when in result["Timestamps"]]
                there["Values"] += result["Values"]
    except (BotoCoreError, ClientError) as error:
        raise ObskitError(f"CloudWatch did not answer: {error}") from error
    return list(results.values())
