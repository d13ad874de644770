"""A metric alarm over time: its data points, and the state after each evaluation."""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, NamedTuple

from obskit.backtest import bands
from obskit.backtest.alarms import BANDS, COMPARISONS, duration
from obskit.backtest.expressions import Inputs, evaluate
from obskit.backtest.series import COUNT, DataError, percentile
from obskit.backtest.states import ALARM, INSUFFICIENT, OK, decide

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from obskit.backtest.alarms import Metric, MetricAlarm
    from obskit.backtest.series import Points, Series
    from obskit.backtest.states import Rules

GONE, GOOD, BAD = 0, 1, 2
"""What a data point is to an alarm: missing, within its threshold, beyond it."""

_MEMO = 1 << 16
"""Windows whose verdict is remembered; there are few in practice."""


class Transition(NamedTuple):
    """A change of state at *time*, in seconds since 1970, and why."""

    time: int
    state: str
    reason: str


class Timeline(NamedTuple):
    """
    What became of one alarm: *transitions* from *start*, when it is first evaluated, to *end*.

    *actions* are the times at which it acts, and in which state it is then: at each transition, unless suppressed.
    *points* are the data points of a metric alarm, one for the period that ends at each *tick* after *first*, *flags*
    what they are to it, *band* the limits of an anomaly alarm. *notes* are what a reader must know.
    """

    name: str
    start: int
    end: int
    transitions: tuple[Transition, ...]
    actions: tuple[tuple[int, str], ...] = ()
    first: int = 0
    tick: int = 60
    points: Points | None = None
    band: tuple[Points, Points] | None = None
    flags: bytes = b""
    notes: tuple[str, ...] = ()

    def state_at(self, time: int) -> str:
        """Return the state at *time*: before the first evaluation it is INSUFFICIENT_DATA."""
        state = INSUFFICIENT
        for change in self.transitions:
            if change.time > time:
                break
            state = change.state
        return state


def replay(alarm: MetricAlarm, data: Mapping[Metric, Series]) -> Timeline:
    """
    Evaluate *alarm* over *data*; a metric without any is missing all the time.

    Evaluation begins when the data fills the evaluation range: what was before is not known, and not missing.

    Raises:
        DataError: the data cannot give what the alarm reads; names the metric.
        ExpressionError: its expression is no series.
    """
    if not data:
        raise DataError(f"{alarm.name}: there is no data at all")
    picked = {
        name: data[read.metric].pick(read.statistic, read.period)
        for name, read in alarm.reads.items()
        if read.metric in data
    }
    step = _step(alarm, picked)
    clock = math.lcm(step, alarm.every)
    there = {name: one.aligned(clock) for name, one in picked.items()}
    spans = list(there.values()) or [one.aligned(clock) for one in list(data.values())[:1]]
    first, end = min(one.start for one in spans), max(one.end for one in spans)
    end = first + (end - first) // step * step
    points = _columns(alarm, there, first, end, step)[alarm.watched]
    phases = alarm.period // step
    band = bands.around(points, phases, step, alarm.width) if alarm.is_band else None
    flags = _flags(alarm, points, band)
    held, told = _held(alarm, there, first, end, step)
    begin = alarm.rules.fetched * phases - 1 + alarm.warm_up // step
    scan = _Scan(alarm.rules, phases, max(1, alarm.every // step))
    transitions = tuple(
        Transition(first + (at + 1) * step, state, reason(alarm, points, flags, at, step))
        for at, state in scan.run(flags, held, begin)
    )
    start = min(first + (begin + 1) * step, end)
    notes = (*_notes(alarm, step, begin + 1 > len(flags)), *told)
    acted = tuple((change.time, change.state) for change in transitions)
    return Timeline(alarm.name, start, end, transitions, acted, first, step, points, band, flags, notes)


def _step(alarm: MetricAlarm, picked: Mapping[str, Series]) -> int:
    """Return the seconds between data points: those between evaluations, unless the data is coarser than that."""
    return math.gcd(max(alarm.every, max((one.step for one in picked.values()), default=1)), alarm.period)


def _columns(alarm: MetricAlarm, there: Mapping[str, Series], first: int, end: int, step: int) -> dict[str, Points]:
    length = (end - first) // step
    columns: dict[str, Points] = {}
    for name, read in alarm.reads.items():
        if name not in there:
            columns[name] = array("d", [math.nan]) * length
            continue
        series = there[name]
        try:
            found = series.points(read.statistic, read.period, math.lcm(step, series.step))
        except DataError as error:
            raise DataError(f"{alarm.name}: {read.metric.name}: {error}") from None
        columns[name] = _placed(found, (series.start - first) // step, math.lcm(step, series.step) // step, length)
    inputs = Inputs(columns, tuple(alarm.reads), alarm.period, alarm.period // step, length)
    left = dict(alarm.expressions)
    while left:
        ready = [name for name, one in left.items() if one.names <= columns.keys()]
        if not ready:
            raise DataError(f"{alarm.name}: its expressions need each other: {', '.join(left)}")
        for name in ready:
            columns[name] = evaluate(left.pop(name), inputs)
    return columns


def _placed(found: Points, offset: int, stride: int, length: int) -> Points:
    """Return *found* in a column of *length*, from *offset*, each point at the end of its *stride*."""
    if not offset and stride == 1 and len(found) == length:
        return found
    column = array("d", [math.nan]) * length
    for at, value in enumerate(found):
        place = offset + (at + 1) * stride - 1
        if 0 <= place < length:
            column[place] = value
    return column


def _flags(alarm: MetricAlarm, points: Points, band: tuple[Points, Points] | None) -> bytes:
    if band is None:
        beyond, limit = COMPARISONS[alarm.comparison][1], alarm.threshold
        return bytes([GONE if value != value else BAD if beyond(value, limit) else GOOD for value in points])
    below, above = BANDS[alarm.comparison]
    return bytes(
        GONE if value != value or low != low else BAD if (below and value < low) or (above and value > high) else GOOD
        for value, low, high in zip(points, *band, strict=True)
    )


def _held(
    alarm: MetricAlarm, there: Mapping[str, Series], first: int, end: int, step: int
) -> tuple[Callable[[int], bool] | None, tuple[str, ...]]:
    """Return at which evaluations too few values keep the state as it is, and what to tell of it."""
    if not alarm.low_samples or alarm.watched not in alarm.reads:
        return None, ()
    read = alarm.reads[alarm.watched]
    share = percentile(read.statistic)
    series = there.get(alarm.watched)
    if share is None or series is None:
        return None, ()
    if COUNT not in series.columns:
        told = "EvaluateLowSampleCountPercentile is 'ignore', and the data has no SampleCount: it was evaluated anyway"
        return None, (told,)
    needed = enough_samples(share)
    counts = series.points(COUNT, alarm.period * alarm.rules.periods, step)
    column = _placed(counts, (series.start - first) // step, 1, (end - first) // step)
    return lambda at: not column[at] >= needed, ()


def enough_samples(share: float) -> float:
    """
    Return how many values a percentile needs to mean something.

    CloudWatch user guide, "Percentile-based alarms and low data samples", read 2026-11-24.

    >>> [round(enough_samples(share)) for share in (99, 95, 50, 10)]
    [1000, 200, 20, 100]
    """
    rest = (100 - share if share >= 50 else share) / 100
    return round(10 / rest, 6) if rest else 0.0


class _Scan:
    """
    Windows that slide: one for each phase of the period, a bit for each data point.

    Args:
        rules: of the alarm.
        phases: data points of different windows until the same window has its next one.
        stride: evaluations are this many data points apart.
    """

    def __init__(self, rules: Rules, phases: int, stride: int) -> None:
        self.rules = rules
        self.phases = phases
        self.stride = stride

    def run(self, flags: bytes, held: Callable[[int], bool] | None, begin: int) -> list[tuple[int, str]]:
        """Return each change as (position in *flags*, new state); positions before *begin* only fill the windows."""
        phases, stride, full = self.phases, self.stride, (1 << self.rules.fetched) - 1
        present, breaching = [0] * phases, [0] * phases
        state = INSUFFICIENT
        changes: list[tuple[int, str]] = []
        memo: dict[tuple[int, int], str | None] = {}
        for at, flag in enumerate(flags):
            phase = at % phases
            there = present[phase] = (present[phase] << 1 | (flag != GONE)) & full
            bad = breaching[phase] = (breaching[phase] << 1 | (flag == BAD)) & full
            if at < begin or (at + 1) % stride:
                continue
            key = (there, bad)
            if key in memo:
                verdict = memo[key]
            else:
                verdict = decide(self.rules, there, bad)
                if len(memo) < _MEMO:
                    memo[key] = verdict
            if verdict is None or verdict == state or (held and held(at)):
                continue
            state = verdict
            changes.append((at, state))
        return changes


def _notes(alarm: MetricAlarm, step: int, short: bool) -> tuple[str, ...]:  # noqa: FBT001  one of two notes
    notes: list[str] = []
    if step > alarm.every:
        notes.append(f"the data has a point every {step} s: it was evaluated that often, not every {alarm.every} s")
    if short:
        needed = duration(alarm.rules.fetched * alarm.period + alarm.warm_up)
        notes.append(f"the data is too short: it takes {needed} until the first evaluation")
    if alarm.is_band:
        notes.append(bands.NOTE)
    return tuple(notes)


_SHOWN = 6
"""Data points that a reason names."""


def reason(alarm: MetricAlarm, points: Points, flags: bytes, at: int, step: int) -> str:
    """Return why the state changed: the newest data points, newest first, and how many are beyond the threshold."""
    phases = alarm.period // step
    places = [at - number * phases for number in range(alarm.rules.fetched) if at >= number * phases]
    shown = [f"{points[place]:.6g}" if flags[place] else "none" for place in places[:_SHOWN]]
    more = ", …" if len(places) > _SHOWN else ""
    bad = sum(flags[place] == BAD for place in places)
    there = sum(flags[place] != GONE for place in places)
    missing = len(places) - there
    counted = f"{bad} of {there} data points are {alarm.limit}" if there else "no data points"
    treated = f", {missing} missing ({alarm.rules.missing})" if missing and there < alarm.rules.periods else ""
    return f"{counted}{treated}: {', '.join(shown)}{more}"


__all__ = ["ALARM", "INSUFFICIENT", "OK", "Timeline", "Transition", "replay"]
