"""
Data that was measured: an export of `GetMetricData`, EMF documents as metrics, and tables of values (CSV).

An export names neither namespace nor dimensions, only the id of each query. `queries` makes queries whose ids say it.
"""

from __future__ import annotations

import csv
import json
import math
import zlib
from array import array
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from obskit.backtest.alarms import Metric, MetricAlarm, Read
from obskit.backtest.series import NONE, DataError, Series, from_samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from obskit.backtest.alarms import Alarm

ANY_STEP = ("Sum", "SampleCount", "Minimum", "Maximum")
"""Statistics that longer periods can be made of."""

LONGEST_DAYS = 400
"""Between the first and the last value; a stray time stamp would fill the memory. CloudWatch keeps 455 days."""

Exported = tuple[Read, dict[int, float]]


def reads(alarms: Iterable[Alarm]) -> list[Read]:
    """Return all that *alarms* read, each once, with the period that data should have."""
    found: dict[Read, None] = {}
    for alarm in alarms:
        for read in alarm.reads.values() if isinstance(alarm, MetricAlarm) else ():
            step = min(read.period, 60) if read.statistic in ANY_STEP else read.period
            found[read._replace(period=step)] = None
    return list(found)


def query_id(read: Read) -> str:
    """Return an id that says what is read, the same on every machine."""
    text = json.dumps([read.metric.namespace, read.metric.name, sorted(read.metric.dimensions), *read[1:]])
    return f"m{zlib.crc32(text.encode()):08x}"


def queries(alarms: Iterable[Alarm]) -> list[dict[str, Any]]:
    """Return `MetricDataQueries` of all that *alarms* read, as `aws cloudwatch get-metric-data` takes them."""
    return [
        {
            "Id": query_id(read),
            "MetricStat": {
                "Metric": {
                    "Namespace": read.metric.namespace,
                    "MetricName": read.metric.name,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in sorted(read.metric.dimensions)],
                },
                "Period": read.period,
                "Stat": read.statistic,
            },
        }
        for read in reads(alarms)
    ]


class Recording:
    """
    Measured data of several files, until it is made into series.

    Args:
        alarms: whose metrics are looked for; what is of no other use is passed over and counted in `ignored`.
    """

    def __init__(self, alarms: Iterable[Alarm]) -> None:
        self._reads = reads(alarms)
        self._exported: dict[Metric, dict[str, tuple[int, dict[int, float]]]] = {}
        self._values: dict[Metric, dict[int, list[float]]] = {}
        self.ignored = 0

    def add_export(self, document: object, file: str) -> None:
        """
        Add what `aws cloudwatch get-metric-data` printed.

        Raises:
            DataError: it is none, or a result cannot be told from another.
        """
        results = document.get("MetricDataResults") if isinstance(document, dict) else None
        if not isinstance(results, list):
            raise DataError(f"{file}: has no MetricDataResults; it is not what get-metric-data prints")
        known = {query_id(read): read for read in self._reads}
        for result in results:
            read = known.get(str(result.get("Id"))) or self._labelled(str(result.get("Label", "")), file)
            if read is None:
                self.ignored += 1
                continue
            points = dict(zip(map(seconds, result["Timestamps"]), map(float, result["Values"]), strict=True))
            step = _step(points, read.period)
            columns = self._exported.setdefault(read.metric, {})
            _, before = columns.get(read.statistic, (step, {}))  # pages of one answer are several files
            columns[read.statistic] = (step, before | points)

    def _labelled(self, label: str, file: str) -> Read | None:
        found = [read for read in self._reads if read.metric.name == label]
        if len({read.metric for read in found}) > 1 or len(found) > 1:
            raise DataError(
                f"{file}: '{label}' may be {len(found)} different reads; ask with the queries of"
                " `obskit backtest --queries`, whose ids say which"
            )
        return found[0] if found else None

    def add_datum(self, namespace: str, datum: Mapping[str, Any]) -> None:
        """Add one `MetricDatum`, as an EMF document gives it."""
        pairs = frozenset((one["Name"], one["Value"]) for one in datum["Dimensions"])
        values = datum.get("Values", [datum.get("Value")])
        counts = datum.get("Counts", [1.0] * len(values))
        self._add(Metric(namespace, datum["MetricName"], pairs), datum["Timestamp"].timestamp(), values, counts)

    def add_csv(self, lines: Iterable[str], file: str) -> None:
        """
        Add rows of values: columns `timestamp`, `metric`, `value`, and, as far as needed, one for each dimension.

        Raises:
            DataError: a column is missing, or a cell is no number or time; names the line.
        """
        rows = csv.DictReader(lines)
        missing = {"timestamp", "metric", "value"} - set(rows.fieldnames or ())
        if missing:
            raise DataError(f"{file}: has no column {', '.join(sorted(missing))}; it needs timestamp, metric, value")
        for row in rows:
            try:
                when, value = seconds(row["timestamp"]), float(row["value"])
            except (TypeError, ValueError) as error:
                raise DataError(f"{file}:{rows.line_num}: {error}") from None
            given = {name: cell for name, cell in row.items() if name not in ("timestamp", "metric", "value") and cell}
            for metric in {read.metric for read in self._reads if read.metric.name == row["metric"]}:
                if given.items() <= dict(metric.dimensions).items():
                    self._add(metric, when, [value], [1.0])

    def _add(self, metric: Metric, when: float, values: Iterable[float], counts: Iterable[float]) -> None:
        steps = [min(60, read.period) for read in self._reads if read.metric == metric]
        if not steps:
            self.ignored += 1
            return
        slots = self._values.setdefault(metric, {})
        slot = slots.setdefault(int(when) // min(steps) * min(steps), [])
        for value, count in zip(values, counts, strict=True):
            slot += [float(value)] * max(1, round(count))

    def series(self, days: float | None = None) -> dict[Metric, Series]:
        """
        Return all series, over the same time: what lies before the last *days* of it is left out.

        Raises:
            DataError: there is no data, or it lies too far apart.
        """
        times = [time for slots in self._values.values() for time in slots]
        times += [time for columns in self._exported.values() for _, points in columns.values() for time in points]
        if not times:
            raise DataError("no value in the data belongs to an alarm; `obskit backtest --queries` says what is read")
        steps = [60] + [step for columns in self._exported.values() for step, _ in columns.values()]
        start, end = min(times), max(times) + max(steps)
        if days is not None:
            start = max(start, end - round(days * 86_400))
        if end - start > LONGEST_DAYS * 86_400:
            raise DataError(
                f"the data lies {(end - start) // 86_400} days apart, from {_day(start)} to {_day(end)}; at most"
                f" {LONGEST_DAYS} are read: use --days, or correct the time stamps"
            )
        start -= start % 3600
        found = {metric: _sampled(slots, start, end) for metric, slots in self._values.items()}
        for metric, columns in self._exported.items():
            found[metric] = _exported(columns, start, end)
        return found


def _day(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).date().isoformat()


def seconds(stamp: object) -> int:
    """
    Return a time stamp as seconds since 1970: ISO 8601, seconds or milliseconds.

    Raises:
        ValueError: it is none of these.

    >>> seconds("2025-12-01T00:01:00Z"), seconds("1764547260"), seconds(1764547260000)
    (1764547260, 1764547260, 1764547260)
    """
    try:
        number = float(str(stamp))
    except ValueError:
        when = datetime.fromisoformat(str(stamp).replace(" ", "T", 1) if " " in str(stamp) else str(stamp))
        return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
    if not math.isfinite(number):
        raise ValueError(f"{stamp} is no time")
    return int(number / 1000 if number > 1e11 else number)


def _step(points: Mapping[int, float], period: int) -> int:
    """Return the seconds between points: what their distances have in common, at most *period*."""
    times = sorted(points)
    return math.gcd(period, *(after - before for before, after in pairwise(times))) or period


def _sampled(slots: Mapping[int, list[float]], start: int, end: int) -> Series:
    step = math.gcd(60, *slots)
    return from_samples(start, step, [slots.get(time, ()) for time in range(start, end, step)])


def _exported(columns: Mapping[str, tuple[int, Mapping[int, float]]], start: int, end: int) -> Series:
    """Return one series for each length of slots, the shortest with all others in it."""
    found: dict[int, dict[str, array[float]]] = {}
    for statistic, (step, points) in columns.items():
        slots = array("d", [NONE]) * ((end - start) // step)
        for time, value in points.items():
            place = (time - start) // step
            if 0 <= place < len(slots):
                slots[place] = value
        found.setdefault(step, {})[statistic] = slots
    shortest, *others = (Series(start, step, found[step]) for step in sorted(found))
    shortest.others = tuple(others)
    return shortest
