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
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from obskit.backtest.alarms import Metric, MetricAlarm, Read
from obskit.backtest.series import AVERAGE, NONE, DataError, Series, from_samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from obskit.backtest.alarms import Alarm

ANY_STEP = ("Sum", "SampleCount", "Minimum", "Maximum")
"""Statistics that longer periods can be made of."""

DAY = 86_400
LAST = 253_402_300_800
"""Where the year 10000 begins, which no calendar here has."""
LONGEST_DAYS = 400
"""Between the first and the last value; a stray time stamp would fill the memory. CloudWatch keeps 455 days."""


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


class Chunk(NamedTuple):
    """Points of one result: *times* in seconds since 1970, *values* beside them."""

    times: array[int]
    values: array[float]


def chunk(stamps: Iterable[object], values: Iterable[object]) -> Chunk:
    """Return a result's points in little memory; an export has millions of time stamps."""
    found = Chunk(array("q", map(seconds, stamps)), array("d", map(float, values)))  # type: ignore[arg-type]  # or it raises
    if len(found.times) != len(found.values):
        raise ValueError(f"a result has {len(found.times)} Timestamps and {len(found.values)} Values")
    return found


class Recording:
    """
    Measured data of several files, until it is made into series.

    Args:
        alarms: whose metrics are looked for; what is of no other use is passed over and counted in `ignored`.
    """

    def __init__(self, alarms: Iterable[Alarm]) -> None:
        self._reads = reads(alarms)
        self._ids = {query_id(read): read for read in self._reads}
        self._exported: dict[Metric, dict[str, list[Chunk]]] = {}
        self._measured: dict[Metric, _Measured] = {}
        self.ignored = 0

    def add_result(self, identity: str, label: str, points: Chunk, file: str) -> None:
        """
        Add one of `MetricDataResults`, which its id names, or its label if only one thing is read of that metric.

        Raises:
            DataError: its label may be several things.
        """
        read = self._ids.get(identity) or self._labelled(label, file)
        if read is None:
            self.ignored += 1
        elif points.times:
            self._exported.setdefault(read.metric, {}).setdefault(read.statistic, []).append(points)

    def _labelled(self, label: str, file: str) -> Read | None:
        found = [read for read in self._reads if read.metric.name == label]
        if len(found) > 1:
            raise DataError(
                f"{file}: '{label}' may be {len(found)} different things that are read; ask with the queries of"
                " `obskit backtest --queries`, whose ids say which"
            )
        return found[0] if found else None

    def add_datum(self, namespace: str, datum: Mapping[str, Any]) -> None:
        """Add one `MetricDatum`, as an EMF document gives it."""
        pairs = frozenset((one["Name"], one["Value"]) for one in datum["Dimensions"])
        values = datum.get("Values", [datum.get("Value")])
        counts = datum.get("Counts", [1.0] * len(values))
        metric = Metric(namespace, datum["MetricName"], pairs)
        for value, count in zip(values, counts, strict=True):
            self._add(metric, int(datum["Timestamp"].timestamp()), value, count)

    def add_csv(self, lines: Iterable[str], file: str) -> None:
        """
        Add rows of values: columns `timestamp`, `metric`, `value`, and, as far as needed, one for each dimension.

        Raises:
            DataError: a column is missing, or a cell is no number or time; names the line.
        """
        rows = csv.DictReader(lines)
        try:
            self._add_rows(rows, file)
        except csv.Error as error:
            raise DataError(f"{file}:{rows.line_num + 1}: {error}") from None

    def _add_rows(self, rows: csv.DictReader[str], file: str) -> None:
        missing = {"timestamp", "metric", "value"} - set(rows.fieldnames or ())
        if missing:
            raise DataError(f"{file}: has no column {', '.join(sorted(missing))}; it needs timestamp, metric, value")
        known: dict[str, set[Metric]] = {}
        for read in self._reads:
            known.setdefault(read.metric.name, set()).add(read.metric)
        for row in rows:
            try:
                when, value = seconds(row["timestamp"]), float(row["value"])
                if not math.isfinite(value):
                    raise ValueError(f"{value} is no value that CloudWatch takes")  # noqa: TRY301  told with the line
            except (TypeError, ValueError) as error:
                raise DataError(f"{file}:{rows.line_num}: {error}") from None
            given = {name: cell for name, cell in row.items() if name not in ("timestamp", "metric", "value") and cell}
            fits = [one for one in known.get(row["metric"], ()) if given.items() <= dict(one.dimensions).items()]
            for metric in fits:
                self._add(metric, when, value, 1.0)
            self.ignored += not fits

    def _add(self, metric: Metric, when: int, value: float, count: float) -> None:
        if metric not in self._measured:
            own = [read for read in self._reads if read.metric == metric]
            if not own:
                self.ignored += 1
                return
            singly = any(read.statistic not in (*ANY_STEP, AVERAGE) for read in own)
            self._measured[metric] = _Measured(min(60, *(read.period for read in own)), singly=singly)
        self._measured[metric].add(when, value, count)

    def series(self, days: float | None = None) -> dict[Metric, Series]:
        """
        Return all series, over the same time: what lies before the last *days* of it is left out.

        Raises:
            DataError: there is no data, or it lies too far apart.
        """
        chunks = [one for columns in self._exported.values() for found in columns.values() for one in found]
        spans = [(min(one.times), max(one.times)) for one in chunks] + [one.span for one in self._measured.values()]
        if not spans:
            raise DataError("no value in the data belongs to an alarm; `obskit backtest --queries` says what is read")
        start, end = min(span[0] for span in spans), max(span[1] for span in spans) + 60
        if days is not None:
            start = max(start, end - round(days * DAY))
        if end - start > LONGEST_DAYS * DAY:
            raise DataError(
                f"the data lies {(end - start) // DAY} days apart, from {_day(start)} to {_day(end)}; at most"
                f" {LONGEST_DAYS} are read: use --days, or correct the time stamps"
            )
        start -= start % 3600
        found = {metric: one.series(start, end) for metric, one in self._measured.items()}
        for metric, columns in self._exported.items():
            found[metric] = _exported(columns, start, end, self._longest(metric))
        return found

    def _longest(self, metric: Metric) -> dict[str, int]:
        """Return the period that each statistic of *metric* is read with."""
        return {read.statistic: read.period for read in self._reads if read.metric == metric}


_MOST_DAYS = 4 * LONGEST_DAYS
"""Days that are kept until it is known which of them are wanted: 46 kB each."""


class _Measured:
    """
    Single values of one metric, folded into slots, day by day; *singly* keeps each, as percentiles need them.

    Memory grows with the days, and only *singly* with the values.
    """

    def __init__(self, step: int, *, singly: bool) -> None:
        self._step = step
        self._singly = singly
        self._days: dict[int, tuple[array[float], ...]] = {}
        self._samples: dict[int, array[float]] = {}
        self._first = self._last = 0

    @property
    def span(self) -> tuple[int, int]:
        return self._first, self._last

    def add(self, when: int, value: float, count: float) -> None:
        self._first = min(self._first or when, when)
        self._last = max(self._last, when)
        slot = when // self._step
        if self._singly:
            self._samples.setdefault(slot, array("d")).extend([value] * max(1, round(count)))
            return
        per_day = DAY // self._step
        day, place = divmod(slot, per_day)
        if day not in self._days:
            if len(self._days) > _MOST_DAYS:
                raise DataError(f"the data is of more than {_MOST_DAYS} days; at most {LONGEST_DAYS} are read")
            self._days[day] = tuple(array("d", [one]) * per_day for one in (0.0, 0.0, math.inf, -math.inf))
        sums, counts, least, most = self._days[day]
        sums[place] += value * count
        counts[place] += count
        least[place] = min(least[place], value)
        most[place] = max(most[place], value)

    def series(self, start: int, end: int) -> Series:
        step = self._step
        slots = range(start // step, -(-end // step))
        if self._singly:
            return from_samples(start, step, [self._samples.get(slot, ()) for slot in slots])
        per_day = DAY // step
        empty = tuple(array("d", [NONE]) * per_day for _ in range(4))
        parts = [array("d") for _ in range(4)]
        for day in range(slots[0] // per_day, slots[-1] // per_day + 1):
            for part, own in zip(parts, self._days.get(day, empty), strict=True):
                part.extend(own)
        lead = slots[0] % per_day
        sums, counts, least, most = (part[lead : lead + len(slots)] for part in parts)
        there = [count > 0 for count in counts]
        columns = {
            name: array("d", [value if is_there else NONE for value, is_there in zip(column, there, strict=True)])
            for name, column in zip(
                ("Sum", "SampleCount", "Minimum", "Maximum"), (sums, counts, least, most), strict=True
            )
        }
        return Series(start, step, columns)


def _day(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).date().isoformat()


@lru_cache(maxsize=1 << 17)  # the results of one export have the same time stamps
def seconds(stamp: object) -> int:
    """
    Return a time stamp as seconds since 1970: ISO 8601, seconds or milliseconds.

    Raises:
        ValueError: it is none of these.

    >>> seconds("2025-12-01T00:01:00Z"), seconds("1764547260"), seconds(1764547260000)
    (1764547260, 1764547260, 1764547260)
    """
    text = str(stamp)
    try:
        if "-" in text[1:]:
            when = datetime.fromisoformat(text)
            number = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
        else:
            number = float(text)
            number = number / 1000 if number > 1e11 else number
    except ValueError:
        number = math.nan
    if not 0 <= number < LAST:
        raise ValueError(f"'{text[:80]}' is no time: ISO 8601, or seconds or milliseconds since 1970")
    return int(number)


def _exported(columns: Mapping[str, list[Chunk]], start: int, end: int, periods: Mapping[str, int]) -> Series:
    """Return one series for each length of slots, the shortest with all others in it."""
    found: dict[int, dict[str, array[float]]] = {}
    for statistic, chunks in columns.items():
        step = _step(chunks, periods[statistic])
        slots = array("d", [NONE]) * -(-(end - start) // step)
        for one in chunks:
            for time, value in zip(one.times, one.values, strict=True):
                if start <= time < end:
                    slots[(time - start) // step] = value
        found.setdefault(step, {})[statistic] = slots
    shortest, *others = (Series(start, step, found[step]) for step in sorted(found))
    shortest.others = tuple(others)
    return shortest


def _step(chunks: list[Chunk], period: int) -> int:
    """Return the seconds between points: what their distances have in common, at most *period*."""
    common = period
    for one in chunks:
        times = sorted(one.times)
        common = math.gcd(common, *{after - before for before, after in pairwise(times)})
    return common
