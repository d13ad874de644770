"""Numbers over time, one for each period of a window, None where there is no datapoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from obskit.deploy.entries import Entry

Series = list[float | None]

POINTS = 240
"""How many points of a series are drawn: a picture has not many more pixels for them."""


class Source(Protocol):
    """Where the numbers of a picture come from."""

    title: str
    """Said on the page."""

    def read(self, entry: Entry, times: range, near: Sequence[Limit]) -> Series:
        """Return the values of a metric at *times*; *near* are the limits drawn beside it."""

    def unit(self, entry: Entry) -> str:
        """Return the unit of a metric, empty if unknown."""

    def search(self, query: str, stat: str, period: int) -> list[Entry]:
        """Return the metrics that `SEARCH` finds."""

    def end(self) -> int:
        """Return the end of what is shown, in seconds since 1970."""


class Limit:
    """A threshold that stands beside a series: *above* says that values above it are bad."""

    __slots__ = ("above", "axis", "value")

    def __init__(self, value: float, axis: str = "left", *, above: bool = True) -> None:
        self.value = value
        self.axis = axis
        self.above = above


def present(values: Series) -> list[float]:
    return [value for value in values if value is not None]


def last(values: Series) -> float | None:
    """Return the newest value there is."""
    return next((value for value in reversed(values) if value is not None), None)


def folded(values: Series, stat: str) -> float | None:
    """Return one number for the whole window, folded as *stat* folds."""
    there = present(values)
    if not there:
        return None
    match stat:
        case "Sum" | "SampleCount":
            return sum(there)
        case "Maximum":
            return max(there)
        case "Minimum":
            return min(there)
        case _:
            return sum(there) / len(there)


def thinned(times: range, values: Series) -> tuple[list[int], Series]:
    """Return at most `POINTS` points: of each bucket the one that stands out most."""
    size = -(-len(times) // POINTS)
    if size <= 1:
        return list(times), values
    there = present(values)
    mean = sum(there) / len(there) if there else 0.0
    kept_times, kept = [], []
    for first in range(0, len(times), size):
        bucket = [(value, when) for when, value in zip(times, values, strict=True)][first : first + size]
        value, when = max(bucket, key=lambda pair: -1.0 if pair[0] is None else abs(pair[0] - mean))
        kept_times.append(when)
        kept.append(value)
    return kept_times, kept


def at(times: range, found: dict[int, float]) -> Series:
    """Return for each of *times* what is *found* in its period, by the time it begins."""
    return [found.get(when) for when in times]
