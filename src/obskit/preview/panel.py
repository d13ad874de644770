"""What a metric widget shows, worked out: its lines with numbers, labels, colours and limits."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from obskit.deploy import entries
from obskit.preview import expressions, window
from obskit.preview.series import Limit, Series, folded, last, present

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.deploy.entries import Entry
    from obskit.preview.series import Source
    from obskit.preview.window import Window

Json = dict[str, Any]

PALETTE = (
    *("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"),
    *("#aec7e8", "#ffbb78", "#98df8a", "#ff9896", "#c5b0d5", "#c49c94", "#f7b6d2", "#c7c7c7", "#dbdb8d", "#9edae5"),
)
"""In the order in which CloudWatch gives them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One visible series. *low* makes it a band, from there to *values*; *note* says why there are no values."""

    label: str
    color: str
    axis: str
    values: Series
    unit: str
    source: str
    stat: str
    low: Series | None = None
    note: str = ""

    @property
    def whole(self) -> float | None:
        """One number for the whole window."""
        return folded(self.values, self.stat)


@dataclass(frozen=True, slots=True)
class Marked:
    """A horizontal annotation: a line at *value*, or a band from there to *until*."""

    value: float
    label: str = ""
    color: str = ""
    fill: str = "none"
    axis: str = "left"
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A vertical annotation: at *when*, or from there to *until*; seconds since 1970."""

    when: int
    label: str = ""
    color: str = ""
    fill: str = "none"
    until: int | None = None


@dataclass(slots=True)
class Panel:
    """A metric widget with its numbers."""

    properties: Json
    times: range
    lines: list[Line] = field(default_factory=list)
    marks: list[Marked] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)

    @property
    def view(self) -> str:
        return str(self.properties.get("view", "timeSeries"))

    def axis(self, side: str) -> Json:
        """Return what `yAxis` says of `left` or `right`."""
        found = (self.properties.get("yAxis") or {}).get(side)
        return found if isinstance(found, dict) else {}

    @property
    def legend(self) -> str:
        return str((self.properties.get("legend") or {}).get("position", "bottom"))


def read(properties: Json, shown: Window, source: Source) -> Panel:
    """Return the panel of a metric widget: every series of its array read, every expression worked out."""
    found = entries.read(properties)
    period = properties.get("period")
    step = period if isinstance(period, int) and period > 0 else min((one.period for one in found), default=300)
    own = window.of(properties, shown.end) if properties.get("start") else shown
    panel = Panel(properties, own.times(step))
    annotations = properties.get("annotations") or {}
    panel.marks = list(_marks(annotations))
    panel.moments = list(_moments(annotations))
    _Reader(panel, found, source).fill()
    return panel


class _Reader:
    def __init__(self, panel: Panel, found: list[Entry], source: Source) -> None:
        self._panel = panel
        self._entries = found
        self._source = source
        self._near = [
            Limit(one.value, one.axis, above=one.fill != "below")
            for one in panel.marks
            if one.fill in ("above", "below")
        ]
        self._scope = expressions.Scope(panel.times, {}, self._search)
        self._values: dict[int, list[expressions.Named] | expressions.Band] = {}
        self._notes: dict[int, str] = {}
        self._searched: dict[str, Entry] = {}

    def _search(self, query: str, stat: str, period: int) -> list[tuple[Entry, Series]]:
        found = self._source.search(query, stat, period)
        self._searched |= {one.called: one for one in found}
        return [(one, self._of(one)) for one in found]

    def _of(self, entry: Entry) -> Series:
        """Read a metric; limits are about what is drawn, not about what only an expression reads."""
        return self._source.read(entry, self._panel.times, self._near if entry.visible else ())

    def fill(self) -> None:
        self._evaluate()
        used = 0
        for place, entry in enumerate(self._entries):
            if not entry.visible:
                continue
            for line in self._lines(place, entry, used):
                self._panel.lines.append(line)
                used += 1

    def _evaluate(self) -> None:
        """Metrics first, then expressions as often as one finds ids that others have given."""
        series: dict[str, expressions.Value] = {}
        self._scope.series = series
        whole = self._panel.view == "singleValue" and self._panel.properties.get("setPeriodToTimeRange")
        waiting = []
        for place, entry in enumerate(self._entries):
            if entry.expression:
                waiting.append(place)
                continue
            named = expressions.Named(self._whole(entry) if whole else self._of(entry))
            self._values[place] = [named]
            series[entry.id or f"_{place}"] = named
        for _ in range(len(waiting)):
            waiting = [place for place in waiting if not self._try(place, series)]

    def _try(self, place: int, series: dict[str, expressions.Value]) -> bool:
        entry = self._entries[place]
        try:
            value = expressions.evaluate(entry.expression, self._scope)
        except (expressions.NotKnownError, RecursionError) as error:
            self._notes[place] = f"not drawn: {error}"
            return False
        self._notes.pop(place, None)
        self._values[place] = value
        if entry.id:
            series[entry.id] = value[0] if isinstance(value, list) and len(value) == 1 else value
        return True

    def _whole(self, entry: Entry) -> Series:
        """Return one number for the whole window, at every time: a ratio of sums is not the mean of ratios."""
        return [folded(self._of(entry), entry.stat)] * len(self._panel.times)

    def _lines(self, place: int, entry: Entry, used: int) -> Iterator[Line]:
        unit = "" if entry.expression else self._source.unit(entry)
        value = self._values.get(place, [expressions.Named([])])
        note = self._notes.get(place, "")
        several = isinstance(value, list) and len(value) > 1
        parts = value if isinstance(value, list) else [expressions.Named(value.high)]
        for number, part in enumerate(parts):
            values = part.values or [None] * len(self._panel.times)
            yield Line(
                label=_label(entry, self._searched.get(part.label, entry), part.label, values),
                color=(entry.color if not several else "") or PALETTE[(used + number) % len(PALETTE)],
                axis=entry.axis,
                values=values,
                unit=unit,
                source=entry.source,
                stat=_stat(entry),
                low=value.low if isinstance(value, expressions.Band) else None,
                note=note,
            )


def _stat(entry: Entry) -> str:
    """Sums add up over a window; what an expression returns does not."""
    return "Average" if entry.expression else entry.stat


def _label(entry: Entry, of: Entry, called: str, values: Series) -> str:
    """Return the label of *entry* with its dynamic parts filled in; *of* is the metric, where a search has found it."""
    plain = called or entry.called
    if not entry.label:
        return plain
    there = present(values)
    numbers = {
        "AVG": sum(there) / len(there) if there else None,
        "MIN": min(there, default=None),
        "MAX": max(there, default=None),
        "SUM": sum(there) if there else None,
        "LAST": last(values),
        "FIRST": there[0] if there else None,
        "DATAPOINT_COUNT": float(len(there)),
    }

    def value(found: re.Match[str]) -> str:
        word = found[1]
        if word in numbers:
            return number(numbers[word])
        if word == "LABEL":
            return plain
        prop = re.fullmatch(r"PROP\('([^']+)'\)", word)
        facts = {
            "MetricName": of.name,
            "Namespace": of.namespace,
            "Stat": of.stat,
            "Period": str(of.period),
            "Region": of.region,
            **{f"Dim.{name}": value for name, value in of.dimensions},
        }
        return facts.get(prop[1], "") if prop else found[0]

    filled = re.sub(r"\$\{!?([^}]+)\}", value, entry.label)
    told_apart = "${PROP(" in entry.label or called in filled
    return filled if told_apart else f"{filled} {called}"


def number(value: float | None, unit: str = "") -> str:
    """
    Return *value* in few characters, as CloudWatch writes it.

    >>> [number(one) for one in (None, 0.9471, 3.0, 84.26, 1234.5, 12_800_000.0)]
    ['--', '0.947', '3', '84.3', '1.23k', '12.8M']
    """
    if value is None:
        return "--"
    size, letter = abs(value), ""
    for limit, name in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if size >= limit:
            value, letter = value / limit, name
            break
    digits = 3 if abs(value) < 1 else 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    if not letter and digits < 2:
        digits = 1 if abs(value) < 100 else 0
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    short = SHORT.get(unit, "")
    return f"{text}{letter}{short}"


SHORT = {
    "Percent": " %",
    "Milliseconds": " ms",
    "Seconds": " s",
    "Microseconds": " µs",
    "Bytes": "B",
    "Kilobytes": " kB",
    "Megabytes": " MB",
    "Bytes/Second": "B/s",
    "Count/Second": "/s",
}
"""How a unit is written behind a number."""


def _marks(annotations: Json) -> Iterator[Marked]:
    for raw in annotations.get("horizontal") or []:
        first = raw[0] if isinstance(raw, list) and raw else raw
        if not isinstance(first, dict) or first.get("visible") is False or not _is_number(first.get("value")):
            continue
        second = raw[1] if isinstance(raw, list) and len(raw) > 1 and isinstance(raw[1], dict) else {}
        label = " to ".join(str(part["label"]) for part in (first, second) if part.get("label"))
        yield Marked(
            float(first["value"]),
            label,
            str(first.get("color", "")),
            str(first.get("fill", "none")),
            "right" if first.get("yAxis") == "right" else "left",
            float(second["value"]) if _is_number(second.get("value")) else None,
        )


def _moments(annotations: Json) -> Iterator[Moment]:
    for raw in annotations.get("vertical") or []:
        first = raw[0] if isinstance(raw, list) and raw else raw
        when = window.moment(first.get("value")) if isinstance(first, dict) else None
        if when is None or first.get("visible") is False:
            continue
        second = raw[1] if isinstance(raw, list) and len(raw) > 1 and isinstance(raw[1], dict) else {}
        label = " to ".join(str(part["label"]) for part in (first, second) if part.get("label"))
        until = window.moment(second.get("value")) if second else None
        yield Moment(when, label, str(first.get("color", "")), str(first.get("fill", "none")), until)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
