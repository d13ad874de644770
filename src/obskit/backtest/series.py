"""A metric over time, in slots of equal length, and the data points that an alarm's windows make of it."""

from __future__ import annotations

import math
from array import array
from itertools import accumulate
from typing import TYPE_CHECKING

from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Points = array[float]
    """A data point for each tick; NaN is none."""

NONE = math.nan
SUM, COUNT, AVERAGE, MINIMUM, MAXIMUM = "Sum", "SampleCount", "Average", "Minimum", "Maximum"


class DataError(ObskitError):
    """Data cannot give what an alarm asks for: the message names the metric, the statistic and the period."""


class Series:
    """
    One metric: *columns* hold a value for each slot by statistic, e.g. `{"Sum": array("d", …)}`; NaN is none.

    Args:
        start: of the first slot, seconds since 1970, a multiple of *step*.
        step: seconds of a slot.
        columns: all of the same length.
        samples: the single values of each slot, for percentiles; None where they are not known.
        loose: whether averages and percentiles of a longer period may be means of shorter ones: of invented data only.

    *others* are the same metric with other statistics, in slots of other lengths.
    """

    __slots__ = ("columns", "loose", "others", "samples", "start", "step")

    def __init__(
        self,
        start: int,
        step: int,
        columns: Mapping[str, Points],
        *,
        samples: Sequence[Sequence[float]] | None = None,
        loose: bool = False,
    ) -> None:
        self.start = start
        self.step = step
        self.columns = dict(columns)
        self.samples = samples
        self.loose = loose
        self.others: tuple[Series, ...] = ()

    @property
    def slots(self) -> int:
        return len(next(iter(self.columns.values())))

    @property
    def end(self) -> int:
        return self.start + self.slots * self.step

    def pick(self, statistic: str, period: int) -> Series:
        """Return the one of *others* that has this *statistic* in slots that fit *period*, or the series itself."""
        fits = [one for one in (self, *self.others) if statistic in one.columns and period % one.step == 0]
        return fits[0] if fits else self

    def aligned(self, step: int) -> Series:
        """Return the part of the series that begins at a multiple of *step* seconds."""
        lead = -self.start % step // self.step
        if not lead:
            return self
        columns = {name: column[lead:] for name, column in self.columns.items()}
        samples = self.samples[lead:] if self.samples is not None else None
        return Series(self.start + lead * self.step, self.step, columns, samples=samples, loose=self.loose)

    def points(self, statistic: str, period: int, tick: int) -> Points:
        """
        Return the data point of the period that ends at each tick: the first at `start + tick`.

        Raises:
            DataError: the slots do not fit, or cannot give this statistic over this period.
        """
        if period % self.step or tick % self.step:
            raise DataError(
                f"data points every {self.step} s cannot give periods of {period} s; export them at"
                f" {math.gcd(period, 60)} s"
            )
        return self._windows(statistic, period // self.step, tick // self.step)

    def _windows(self, statistic: str, width: int, stride: int) -> Points:
        if width == 1 and statistic in self.columns:
            return self.columns[statistic][::stride]
        if width == 1 and statistic == AVERAGE and {SUM, COUNT} <= self.columns.keys():
            return self._average(1, stride)
        if self.loose and statistic in self.columns and statistic not in _FOLDS:
            return _mean(self.columns[statistic], width, stride)
        if statistic in _FOLDS and statistic in self.columns:
            return _FOLDS[statistic](self.columns[statistic], width, stride)
        if statistic == AVERAGE and {SUM, COUNT} <= self.columns.keys():
            return self._average(width, stride)
        if self.samples is not None and (share := percentile(statistic)) is not None:
            return self._percentiles(share, width, stride)
        known = ", ".join(self.columns)
        raise DataError(
            f"{statistic} over {width * self.step} s cannot be made of {known} over {self.step} s; export {statistic}"
            f" with a period of {width * self.step} s, or take EMF logs, which have each value"
        )

    def _average(self, width: int, stride: int) -> Points:
        sums = _sums(self.columns[SUM], width, stride)
        counts = _sums(self.columns[COUNT], width, stride)
        return array("d", [a / n if n else NONE for a, n in zip(sums, counts, strict=True)])

    def _percentiles(self, share: float, width: int, stride: int) -> Points:
        samples = self.samples or ()
        found = array("d")
        for end in range(stride, len(samples) + 1, stride):
            values = [value for slot in samples[max(0, end - width) : end] for value in slot]
            found.append(nearest_rank(values, share) if values else NONE)
        return found


def percentile(statistic: str) -> float | None:
    """
    Return which part of 100 the percentile *statistic* asks for, None if it is no percentile.

    >>> percentile("p99.9"), percentile("tm90")
    (99.9, None)
    """
    if not statistic.startswith("p"):
        return None
    try:
        return float(statistic[1:])
    except ValueError:
        return None


def nearest_rank(values: Sequence[float], share: float) -> float:
    """Return the smallest of *values* that *share* per cent of them do not exceed."""
    return sorted(values)[max(0, math.ceil(share / 100 * len(values) - 1e-9) - 1)]


def from_samples(start: int, step: int, samples: Sequence[Sequence[float]]) -> Series:
    """Return the series of single values, by slot; an empty slot is no data point."""
    columns = {
        SUM: array("d", [sum(slot) if slot else NONE for slot in samples]),
        COUNT: array("d", [len(slot) or NONE for slot in samples]),
        AVERAGE: array("d", [sum(slot) / len(slot) if slot else NONE for slot in samples]),
        MINIMUM: array("d", [min(slot) if slot else NONE for slot in samples]),
        MAXIMUM: array("d", [max(slot) if slot else NONE for slot in samples]),
    }
    return Series(start, step, columns, samples=samples)


def _sums(column: Points, width: int, stride: int) -> Points:
    totals = _windows([0.0 if value != value else value for value in column], width, stride)
    there = _windows([value == value for value in column], width, stride)
    return array("d", [total if count else NONE for total, count in zip(totals, there, strict=True)])


def _mean(column: Points, width: int, stride: int) -> Points:
    totals = _windows([0.0 if value != value else value for value in column], width, stride)
    there = _windows([value == value for value in column], width, stride)
    return array("d", [total / count if count else NONE for total, count in zip(totals, there, strict=True)])


def _windows(values: Sequence[float], width: int, stride: int) -> list[float]:
    """Return the sum of the *width* values that end at each *stride*, of fewer at the beginning."""
    running = list(accumulate(values, initial=0.0))
    before = [0.0] * width + running
    return [end - begin for end, begin in zip(running[stride::stride], before[stride::stride], strict=False)]


def _extremes(largest: bool) -> Callable[[Points, int, int], Points]:  # noqa: FBT001  one of two
    better: Callable[[float, float], float] = max if largest else min
    worst = -math.inf if largest else math.inf

    def fold(column: Points, width: int, stride: int) -> Points:
        """Cut into blocks of *width*: each window is the end of one block and the beginning of the next."""
        values = [worst if value != value else value for value in column]
        blocks = [values[at : at + width] for at in range(0, len(values), width)]
        before = [value for block in blocks for value in accumulate(block, better)]
        after = [value for block in blocks for value in reversed(list(accumulate(reversed(block), better)))]
        found = array("d")
        for end in range(stride, len(values) + 1, stride):
            value = better(after[max(0, end - width)], before[end - 1]) if end >= width else before[end - 1]
            found.append(NONE if value == worst else value)
        return found

    return fold


_FOLDS: dict[str, Callable[[Points, int, int], Points]] = {
    SUM: _sums,
    COUNT: _sums,
    MINIMUM: _extremes(largest=False),
    MAXIMUM: _extremes(largest=True),
}
