"""Single measurements, folded into the periods and statistics that a widget asks for."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from obskit.deploy.entries import Entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from obskit.preview.series import Limit, Series

Key = tuple[str, str, tuple[tuple[str, str], ...]]
"""Namespace, name, sorted dimensions."""


class Points:
    """Values by metric and time; a source of data for pictures."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._values: defaultdict[Key, list[tuple[int, float, float]]] = defaultdict(list)
        self._units: dict[Key, str] = {}
        self._end = 0

    def add(self, key: Key, when: int, value: float, count: float = 1.0, unit: str = "") -> None:
        """Add *value*, measured *count* times at *when*, in seconds since 1970."""
        self._values[key].append((when, value, count))
        self._units[key] = unit
        self._end = max(self._end, when)

    def __len__(self) -> int:
        return len(self._values)

    def end(self) -> int:
        """Return the next full five minutes after the newest value."""
        return self._end - self._end % 300 + 300

    def unit(self, entry: Entry) -> str:
        return "Count" if entry.stat == "SampleCount" else self._units.get(_key(entry), "")

    def search(self, query: str, stat: str, period: int) -> list[Entry]:
        """Return the metrics whose namespace, dimension names and terms are those of *query*."""
        schema = re.search(r"\{([^}]*)\}", query)
        parts = [part.strip().strip('"') for part in schema[1].split(",")] if schema else []
        terms = {name: value.strip('"') for name, value in re.findall(r'(\w+)\s*=\s*("[^"]*"|[\w./%-]+)', query)}
        name = terms.pop("MetricName", "")
        return [
            Entry(namespace=space, name=metric, dimensions=dimensions, stat=stat, period=period)
            for space, metric, dimensions in sorted(self._values)
            if (not parts or (space == parts[0] and {one for one, _ in dimensions} == set(parts[1:])))
            and name in ("", metric)
            and all(dict(dimensions).get(one) == value for one, value in terms.items())
        ]

    def read(self, entry: Entry, times: range, near: Sequence[Limit]) -> Series:  # noqa: ARG002  a source's signature
        folded: defaultdict[int, list[tuple[float, float]]] = defaultdict(list)
        for when, value, count in self._values.get(_key(entry), ()):
            if times and times.start <= when < times.stop:
                folded[when - when % times.step].append((value, count))
        return [fold(folded[when], entry.stat) if when in folded else None for when in times]


def _key(entry: Entry) -> Key:
    return entry.namespace, entry.name, tuple(sorted(entry.dimensions))


def fold(values: list[tuple[float, float]], stat: str) -> float | None:
    """
    Return the statistic *stat* of *values*, pairs of a value and how often it was measured; None if it is not known.

    >>> fold([(1.0, 3), (5.0, 1)], "Average"), fold([(1.0, 3), (5.0, 1)], "p95")
    (2.0, 5.0)
    """
    count = sum(number for _, number in values)
    total = sum(value * number for value, number in values)
    plain = {"Sum": total, "SampleCount": count, "Average": total / count if count else None}
    if stat in plain:
        return plain[stat]
    if stat in ("Minimum", "Maximum"):
        return (min if stat == "Minimum" else max)(value for value, _ in values)
    percentile = re.fullmatch(r"p(\d+(?:\.\d+)?)", stat)
    if not percentile:
        return None
    wanted, seen = math.ceil(float(percentile[1]) / 100 * count), 0.0
    for value, number in sorted(values):
        seen += number
        if seen >= wanted:
            return value
    return None
