"""
What a metric looks like when all is well, and when it is not: from its declaration, or else from what watches it.

An objective in words ("p95 at most 300 ms", "at least 1 in 15 minutes") is read where it says a level or a rate. Then
the threshold of an alarm is held against it: normal is half of what the objective allows, an incident is twice as much.
Without one, normal and incident are drawn from the threshold itself, and can only show what no value would change.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from obskit.catalog.model import COUNTER, DURATION, GAUGE
from obskit.units import Unit

if TYPE_CHECKING:
    from obskit.backtest.alarms import Metric as SeriesKey
    from obskit.backtest.alarms import MetricAlarm, Read
    from obskit.catalog.model import Metric

STEADY = 1000
"""Things a period, where nothing says how many: enough for the least count of any ratio."""


class Shape(NamedTuple):
    """
    A metric in words of numbers.

    *counts* says whether values are added up: then *normal* and *bad* are per second; else they are levels. *bad* None
    is silence: no data. *jitter* is the part by which values scatter. *sparse* is no data point where nothing happens.
    *said* is where this comes from. *of* is how many values are recorded a second, 0 for those that do not count, too;
    without it each value counts.
    """

    counts: bool
    normal: float
    bad: float | None
    jitter: float = 0.2
    sparse: bool = False
    said: str = ""
    of: float = 0.0


class Objective(NamedTuple):
    """A limit in the metric's unit: *most* or least, *per* so many seconds for a rate, of *statistic* or any."""

    most: bool
    limit: float
    per: float
    statistic: str


_WORDS = re.compile(
    r"(?:(?P<stat>p\d+(?:\.\d+)?|average|maximum|minimum|sum)\s+)?"
    r"(?P<side>at most|fewer than|less than|below|up to|at least|more than|above)\s+"
    r"(?P<number>\d+(?:[.,]\d+)*)\s*(?P<rest>.*)"
)
_MOST = ("at most", "fewer than", "less than", "below", "up to")
_EACH = re.compile(r"\b(?:in (?P<number>\d+) |per |an? |every |each )(?P<unit>second|minute|hour|day|week)s?\b")
_LENGTHS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86_400.0, "week": 604_800.0}
_TIMES = {"ms": 0.001, "us": 1e-6, "s": 1.0, "min": 60.0, "h": 3600.0, **_LENGTHS}
_IN_SECONDS = {Unit.SECONDS: 1.0, Unit.MILLISECONDS: 0.001, Unit.MICROSECONDS: 1e-6}
_BYTES = {"KB": 2.0**10, "MB": 2.0**20, "GB": 2.0**30, "TB": 2.0**40, "B": 1.0}

_BAD_WORDS = re.compile(
    r"error|fault|fail|throttl|reject|time-?out|[45]xx|drop|dead|dlq|bounce|complain|invalid|denied|block|exceed"
    r"|unhealthy|refus|miss|discard|violation",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"utiliz?sation|utilization|percent", re.IGNORECASE)


def objective(metric: Metric) -> Objective | None:
    """
    Return the level or rate that the objective of *metric* asks for; None where it says none, or a part of others.

    >>> from obskit import kpis
    >>> objective(kpis.SEARCH_LATENCY)
    Objective(most=True, limit=300.0, per=0.0, statistic='p95')
    >>> objective(kpis.SEARCH_REQUESTS)
    Objective(most=False, limit=1.0, per=900.0, statistic='')
    >>> objective(kpis.CHECKOUT_FAILURE)
    """
    found = _WORDS.match(str(metric.objective))
    if not found:
        return None
    limit = float(found["number"].replace(",", ""))
    rest = found["rest"]
    word, _, after = rest.partition(" ")
    each = _EACH.search(rest)
    if word.startswith("%") and (metric.unit != Unit.PERCENT or after.startswith("of ")):
        return None
    if metric.unit in _IN_SECONDS and (length := _TIMES.get(word) or _TIMES.get(word.removesuffix("s"))):
        limit *= length / _IN_SECONDS[metric.unit]
    if metric.unit == Unit.BYTES:
        limit *= _BYTES.get(word, 1.0)
    per = 0.0
    if metric.kind == COUNTER and each:
        per = _LENGTHS[each["unit"]] * float(each["number"] or 1)
    stat = found["stat"] or ""
    return Objective(found["side"] in _MOST, limit, per, stat if stat.startswith("p") else stat.capitalize())


def is_bad(read: Read, metric: Metric | None) -> bool:
    """Say whether more of *read* is worse: its declaration says so, or its name."""
    if metric is not None and metric.direction:
        return metric.direction == "less"
    return bool(_BAD_WORDS.search(read.metric.name))


def is_sparse(read: Read, metric: Metric | None) -> bool:
    """Say whether there is no data point where nothing happens."""
    declared = getattr(metric, "sparse", None)  # not every catalog says it
    if declared is not None:
        return bool(declared)
    if metric is None:
        return counts(read) and is_bad(read, None)
    return metric.kind == DURATION or (metric.kind == COUNTER and metric.direction == "less")


def counts(read: Read) -> bool:
    """Say whether values are added up."""
    return read.statistic in ("Sum", "SampleCount")


def with_zeros(alarm: MetricAlarm) -> set[SeriesKey]:
    """Return the metrics that *alarm* reads by sum and by number: a part of the values of such a metric is 0."""
    read_by: dict[SeriesKey, set[str]] = {}
    for read in alarm.reads.values():
        read_by.setdefault(read.metric, set()).add(read.statistic)
    return {metric for metric, statistics in read_by.items() if {"Sum", "SampleCount"} <= statistics}


def watched(alarm: MetricAlarm, metric: Metric | None) -> Shape:
    """Return the shape of the one metric that *alarm* watches by itself."""
    read = alarm.reads[alarm.watched]
    found = objective(metric) if metric is not None else None
    above = alarm.comparison.startswith("Greater")
    if found and found.most == above and found.statistic in ("", read.statistic) and metric is not None:
        return _from_objective(found, read, metric)
    return _from_threshold(alarm, read, metric, above=above)


def _from_objective(found: Objective, read: Read, metric: Metric) -> Shape:
    said = f"objective: {metric.objective}"
    sparse = is_sparse(read, metric)
    if counts(read):
        per = found.per or read.period
        if found.most:
            return Shape(True, _few(found.limit) / per, (2 * found.limit + 5) / per, sparse=sparse, said=said)
        return Shape(True, 6 * found.limit / per, None, sparse=sparse, said=said)
    top = _top(read, metric, found.limit)
    if found.most:
        bad = 2 * found.limit if top is None else min(2 * found.limit, found.limit + 0.85 * (top - found.limit))
        return Shape(False, 0.5 * found.limit, bad or 5.0, sparse=sparse, said=said)
    if top is None:
        return Shape(False, 2 * found.limit, 0.5 * found.limit, sparse=sparse, said=said)
    return Shape(False, found.limit + 0.6 * (top - found.limit), 0.5 * found.limit, 0.01, sparse, said)


def _few(limit: float) -> float:
    """Return how many things are normal where *limit* are too many: they come whole, and not evenly."""
    return 0.3 * max(0.0, limit - 1)


def _from_threshold(alarm: MetricAlarm, read: Read, metric: Metric | None, *, above: bool) -> Shape:
    limit, said = alarm.threshold, f"drawn from the threshold: {alarm.limit}"
    sparse = is_sparse(read, metric)
    if counts(read):
        if above:
            normal, bad = _few(limit), max(0.0, 2 * limit + 2)
            return Shape(True, normal / read.period, bad / read.period, sparse=sparse, said=said)
        return Shape(True, max(0.0, 4 * limit + 4) / read.period, None, sparse=sparse, said=said)
    top, least = _top(read, metric, None), _least(read, metric)
    if above:
        normal, bad = (0.5 * limit, 2 * limit) if limit > 0 else (limit - 1, limit + 1)
    else:
        normal, bad = (2 * limit, 0.5 * limit) if limit > 0 else (limit + 1, limit - 1)
        if top is not None and limit > 0:
            normal = limit + 0.6 * (top - limit)
    return Shape(False, _within(normal, least, top), _within(bad, least, top), 0.05, sparse, said)


def _top(read: Read, metric: Metric | None, limit: float | None) -> float | None:
    """Return the largest value there can be."""
    if (metric is not None and metric.unit == Unit.PERCENT) or (metric is None and _PERCENT.search(read.metric.name)):
        return 100.0
    return 1.0 if limit is not None and metric is not None and metric.unit == Unit.COUNT and 0 < limit < 1 else None


def _least(read: Read, metric: Metric | None) -> float | None:
    """Return the smallest value there can be: a gauge of one's own may be negative, what AWS measures is not."""
    if metric is None or metric.kind != GAUGE or _top(read, metric, None):
        return 0.0
    return None


def _within(value: float, least: float | None, top: float | None) -> float:
    value = value if least is None else max(value, least)
    return value if top is None else min(value, top)


def part(read: Read, metric: Metric | None) -> Shape:
    """Return the shape of a metric that is one part of an expression."""
    found = objective(metric) if metric is not None else None
    sparse, bad = is_sparse(read, metric), is_bad(read, metric)
    if counts(read):
        steady = STEADY / read.period
        said = f"{STEADY} in {read.period} s" if not bad else f"next to none of {STEADY} in {read.period} s"
        return Shape(True, steady * (0.0003 if bad else 1), steady / 2 if bad else None, sparse=sparse, said=said)
    if found is not None and metric is not None:
        return _from_objective(found, read, metric)
    return Shape(False, 1.0, 10.0 if bad else 0.1, sparse=sparse, said="a level of 1")


def scaled(alarm: MetricAlarm, read: Read, metric: Metric | None) -> Shape:
    """Return the shape of a part as if its expression were a number of things, held against the threshold as it is."""
    if not counts(read):
        return part(read, metric)
    limit, bad = abs(alarm.threshold), is_bad(read, metric)
    few = _few(limit) / len(alarm.reads)
    normal = few if bad or alarm.comparison.startswith("Greater") else 4 * limit + 4
    worse = max(STEADY / 2, 2 * limit + 2) / read.period if bad else None
    said = f"drawn from the threshold: {alarm.limit}"
    return Shape(True, normal / read.period, worse, sparse=is_sparse(read, metric), said=said)


def steady(read: Read) -> Shape:
    """Return the shape of a metric that comes all the time: a band is learned from what there is."""
    if counts(read):
        return Shape(True, STEADY / read.period, 10 * STEADY / read.period, said=f"{STEADY} in {read.period} s")
    return Shape(False, 1.0, 10.0, said="a level of 1")
