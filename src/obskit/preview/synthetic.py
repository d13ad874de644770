"""Invented data: the same for the same seed, shaped by what the catalog says of a metric, and calm."""

from __future__ import annotations

import hashlib
import math
import random
import re
from typing import TYPE_CHECKING

from obskit.deploy.entries import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from obskit.catalog.model import Metric
    from obskit.preview.series import Limit, Series

END = 1_767_614_400
"""Noon of 5 January 2026, UTC, a Monday: pictures that are committed may not depend on the day they are made."""

_RARE = re.compile(
    r"error|fault|throttl|fail|4xx|5xx|block|dead|drop|reject|bounce|complaint|evict|deadlock|refused|timeouts",
    re.IGNORECASE,
)
_KINDS = (
    (re.compile(r"utili[sz]ation|percent|cpu", re.IGNORECASE), 34.0, "Percent"),
    (re.compile(r"duration|latency", re.IGNORECASE), 84.0, "Milliseconds"),
    (re.compile(r"(?-i:Age|\bage)|staleness|lag|delay", re.IGNORECASE), 9.0, "Seconds"),
    (re.compile(r"bytes|memory|heap|size|storage", re.IGNORECASE), 310e6, "Bytes"),
    (re.compile(r"ratio|hit", re.IGNORECASE), 0.95, "None"),
    (re.compile(r"concurrent|connections|capacity|running|desired|nodes", re.IGNORECASE), 6.0, "Count"),
)
_SPREAD = {"Minimum": 0.3, "Average": 0.62, "Maximum": 1.9, "IQM": 0.5}
"""Of how long something takes, beside its p95; what is merely counted lies closer together."""
_SCALES = {
    ("Seconds", "minute"): 60.0,
    ("Seconds", "hour"): 3_600.0,
    ("Seconds", "day"): 86_400.0,
    ("Bytes", "GB"): 1e9,
    ("Bytes", "GiB"): 2.0**30,
    ("Bytes", "MB"): 1e6,
}
_SAMPLES_MINUTE = 24.0
_FEW = 10
"""Servers of a cluster, say: where fewer than this many are too few, there are just enough."""


class Synthetic:
    """
    Series that nobody measured.

    Args:
        catalog: declared metrics by name: unit, kind, direction and objective shape what is invented for them.
        seed: another one gives other series.
    """

    def __init__(self, catalog: Mapping[str, Metric] | None = None, seed: int = 0) -> None:
        self.title = f"invented data, seed {seed}"
        self._catalog = catalog or {}
        self._seed = seed

    def end(self) -> int:
        return END

    def unit(self, entry: Entry) -> str:
        if entry.stat == "SampleCount":
            return "Count"
        metric = self._catalog.get(entry.name)
        if metric:
            return metric.unit
        return _guess(entry.name)[1] if not _RARE.search(entry.name) else "Count"

    def search(self, query: str, stat: str, period: int) -> list[Entry]:
        """Return three metrics that would fit *query*: its namespace, dimensions and metric name are read."""
        schema = re.search(r"\{([^}]*)\}", query)
        parts = [part.strip().strip('"') for part in schema[1].split(",")] if schema else [""]
        named = re.search(r'MetricName\s*=\s*"?([\w./%-]+)', query)
        given = dict(re.findall(r'(\w+)\s*=\s*"([^"]*)"', query))
        names = [part for part in parts[1:] if part]
        return [
            Entry(
                namespace=parts[0],
                name=named[1] if named else "Metric",
                dimensions=tuple((name, given.get(name, f"{name.lower()}-{letter}")) for name in names),
                stat=stat,
                period=period,
            )
            for letter in "abc"
        ]

    def read(self, entry: Entry, times: range, near: Sequence[Limit]) -> Series:
        text = repr((self._seed, entry.namespace, entry.name, entry.dimensions))
        dice = random.Random(hashlib.sha256(text.encode()).digest())  # noqa: S311  nothing is secret
        own = random.Random(hashlib.sha256((text + entry.stat).encode()).digest())  # noqa: S311
        phase, wave = dice.random(), 0.10 + 0.08 * dice.random()
        metric = self._catalog.get(entry.name)
        limit = next((one for one in near if one.axis == entry.axis), None)
        if limit and (calm := self._calm(entry, limit)) is not None:
            return [calm for _ in times]
        if self._is_rare(entry, metric):
            none = metric is not None and _objective(metric) == 0
            return [0.0 if none else _rare(own, limit, times.step) for _ in times]
        level = _level(entry, metric, limit)
        values: Series = []
        drift = 0.0
        for when in times:
            drift = 0.86 * drift + 0.05 * (own.random() + own.random() - 1)
            slow = math.sin(2 * math.pi * (when / 21_600 + phase)) + 0.4 * math.sin(
                2 * math.pi * (when / 7_000 + phase)
            )
            value = level * (1 + wave * slow * 0.7 + drift)
            values.append(_bounded(value, level, entry, counts=self.unit(entry) == "Count"))
        return values

    def _calm(self, entry: Entry, limit: Limit) -> float | None:
        """Return the one value that is on the good side of so near a limit: nothing, or as many as there must be."""
        if limit.above:
            return 0.0 if limit.value <= (1 if self.unit(entry) == "Count" else 0) else None
        few = entry.stat in ("SampleCount", "Minimum", "Maximum") and self.unit(entry) == "Count" and limit.value < _FEW
        return math.ceil(limit.value) if few else None

    def _is_rare(self, entry: Entry, metric: Metric | None) -> bool:
        if entry.stat != "Sum" or (metric is not None and metric.direction == "more"):
            return False
        return bool(_RARE.search(entry.name)) or (metric is not None and _objective(metric) == 0)


def _rare(dice: random.Random, limit: Limit | None, seconds: int) -> float:
    """Mostly nothing, now and then one or two: what an error count looks like on a good day."""
    chance, many = dice.random(), dice.random()
    most = limit.value * 0.5 if limit and limit.above else 2.0
    return float(min(1 + int(many * many * 3), int(most))) if chance < min(seconds / 2400, 0.3) else 0.0


def _guess(name: str) -> tuple[float, str]:
    return next(((level, unit) for pattern, level, unit in _KINDS if pattern.search(name)), (_SAMPLES_MINUTE, "Count"))


def _level(entry: Entry, metric: Metric | None, limit: Limit | None) -> float:
    """Return what the series hovers about: on the good side of its limit or objective, else what its name suggests."""
    if entry.stat == "SampleCount":
        return _SAMPLES_MINUTE * entry.period / 60
    takes_time = metric.kind == "duration" if metric else _guess(entry.name)[1] == "Milliseconds"
    factor = _of_stat(entry.stat) if takes_time else {"Minimum": 0.9, "Maximum": 1.1}.get(entry.stat, 1.0)
    if limit and limit.value:
        return _good(limit.value, entry, above=limit.above) * (min(factor, 1.0) if limit.above else 1.0)
    objective = _objective(metric) if metric else None
    if metric and objective:
        return _good(objective, entry, above=metric.direction == "less") * factor
    level = _guess(entry.name)[0]
    return level * entry.period / 60 if entry.stat == "Sum" else level * factor


def _objective(metric: Metric) -> float | None:
    """Return the number of a metric's objective, in its unit: `at most 20 days` of seconds is 1,728,000."""
    found = re.search(r"(?:at most|at least|fewer than|less than|below|over) ([\d.]+) ?(\w*)", metric.objective)
    if not found:
        return None
    return float(found[1].rstrip(".")) * _SCALES.get((metric.unit, found[2].removesuffix("s")), 1.0)


def _of_stat(stat: str) -> float:
    percentile = re.fullmatch(r"(?:p|tm)(\d+(?:\.\d+)?)", stat)
    if percentile:
        return 0.35 + 0.65 * (float(percentile[1]) / 95) ** 3
    return _SPREAD.get(stat, 1.0)


def _good(value: float, entry: Entry, *, above: bool) -> float:
    if above:
        return value * 0.58
    if _is_share(value, entry):
        return value + (1 - value) * 0.5
    return max(value * 2.2, _SAMPLES_MINUTE * entry.period / 60)


def _is_share(value: float, entry: Entry) -> bool:
    """Say whether *value* is a part of 1: what is added up is none."""
    return value <= 1 and entry.stat not in ("Sum", "SampleCount")


def _bounded(value: float, level: float, entry: Entry, *, counts: bool) -> float:
    """Keep a share within 1, counts whole, and everything above nothing."""
    if entry.stat in ("Sum", "SampleCount") or (counts and entry.stat in ("Minimum", "Maximum")):
        return float(max(round(value), 0))
    if 0.8 < level < 1:
        return min(max(round(level + (value - level) * 0.12, 4), 0.0), 1.0)
    return max(round(value, 4 if level < 10 else 2), 0.0)
