"""Every type of widget as a picture: SVG by hand, and the charts that Vega draws into it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from obskit.preview import charts, logs, markdown, panel, svg, tables
from obskit.preview.panel import number
from obskit.preview.series import last
from obskit.preview.svg import Box

if TYPE_CHECKING:
    from collections.abc import Callable

    from obskit.preview.panel import Line, Panel
    from obskit.preview.series import Source
    from obskit.preview.window import Window

Json = dict[str, Any]
EDGE = 12
"""Between a widget's frame and what is in it, in pixels."""


@dataclass(slots=True)
class Drawn:
    """
    A widget's picture, still without its charts.

    *title* and *says* are its accessible name and what it shows in words; *rows* are its numbers, for a table beside
    the picture: label, source, least, most, newest. *groups* are for Vega.
    """

    title: str
    kind: str
    says: str = ""
    marks: list[str] = field(default_factory=list)
    groups: list[Json] = field(default_factory=list)
    rows: list[tuple[str, str, str, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Where:
    """What every widget is drawn with."""

    window: Window
    source: Source


def draw(widget: Json, size: Box, where: Where) -> Drawn:
    """Return the picture of *widget* in a frame of *size*; one that cannot be read says so in its place."""
    properties = widget.get("properties")
    kind = str(widget.get("type", ""))
    if not isinstance(properties, dict):
        return _placeholder({}, size, kind or "widget", "it has no properties")
    try:
        return _KINDS.get(kind, _unknown)(properties, size, where)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:  # a body is what somebody wrote
        return _placeholder(properties, size, kind or "widget", f"cannot be drawn: {error}")


def _titled(drawn: Drawn, size: Box) -> Box:
    """Draw the title and return the place below it."""
    if not drawn.title:
        return Box(EDGE, EDGE, size.w - 2 * EDGE, size.h - 2 * EDGE)
    title = svg.fitted(drawn.title, size.w - 2 * EDGE, 13, bold=True)
    drawn.marks.append(svg.text(EDGE, 23, title, 13, font_weight="700"))
    return Box(EDGE, 34, size.w - 2 * EDGE, size.h - 34 - EDGE)


# --- metrics ----------------------------------------------------------------------------------------------------------


def _metric(properties: Json, size: Box, where: Where) -> Drawn:
    alarms = (properties.get("annotations") or {}).get("alarms") or []
    if alarms and not properties.get("metrics"):
        name = str(alarms[0]).rpartition(":alarm:")[2]
        return _placeholder(properties, size, "alarm graph", f"the metric and threshold of alarm {name}")
    read = panel.read(properties, where.window, where.source)
    title = str(properties.get("title", ""))
    drawn = Drawn(title, read.view)
    place = _titled(drawn, size)
    _VIEWS.get(read.view, _time_series)(read, place, drawn)
    drawn.rows = [_row(one) for one in read.lines]
    shown = ", ".join(f"{one.label} {number(last(one.values), one.unit)}" for one in read.lines[:8])
    limits = ", ".join(mark.label or number(mark.value) for mark in read.marks)
    drawn.says = f"{shown or 'no metrics'}{f'; limits: {limits}' if limits else ''}"
    return drawn


def _row(one: Line) -> tuple[str, str, str, str, str]:
    there = [value for value in one.values if value is not None]
    least, most = (number(min(there), one.unit), number(max(there), one.unit)) if there else ("--", "--")
    return one.label, one.note or one.source, least, most, number(last(one.values), one.unit)


def _time_series(read: Panel, place: Box, drawn: Drawn) -> None:
    sides = [side for side in ("left", "right") if any(one.axis == side for one in read.lines)] or ["left"]
    place = _legend(read, place, drawn)
    top = 14 if any(_axis_name(read, side) for side in sides) else 4
    room = place.h - top - 20
    scales = {side: charts.stacked_scale(read, side, room) for side in sides}
    left = 40 if "left" in sides else 6
    right = 40 if "right" in sides else 14
    box = Box(place.x + left, place.y + top, max(place.w - left - right, 40), max(room, 20))
    for side in sides:
        name = _axis_name(read, side)
        x, anchor = (place.x, "start") if side == "left" else (place.x + place.w, "end")
        drawn.marks.append(svg.text(x, place.y + 6, name, 10.5, fill=svg.color("muted"), text_anchor=anchor))
    drawn.groups.append(charts.time_series(read, box, scales))
    drawn.marks.append("\0")  # the charts; what follows lies on top
    _labels(read, box, scales, drawn)
    if not any(value is not None for one in read.lines for value in one.values):
        drawn.marks.append(_empty(box, "no data in this range"))


def _axis_name(read: Panel, side: str) -> str:
    axis = read.axis(side)
    if axis.get("label"):
        return str(axis["label"])
    units = {one.unit for one in read.lines if one.axis == side and one.unit}
    return units.pop() if len(units) == 1 and axis.get("showUnits", True) else ""


def _empty(box: Box, words: str) -> str:
    look = {"fill": svg.color("muted"), "text_anchor": "middle"}
    return svg.text(box.x + box.w / 2, box.y + box.h / 2, words, 12, **look)


def _labels(read: Panel, box: Box, scales: dict[str, charts.Scale], drawn: Drawn) -> None:
    """Write the labels of annotations beside them, never one over another."""
    halo = {"paint_order": "stroke", "stroke": svg.color("card"), "stroke_width": "3", "stroke_linejoin": "round"}
    taken: list[float] = []
    for mark in read.marks:
        if mark.label and mark.axis in scales:
            at = scales[mark.axis].y(mark.value, box)
            y = at + 12 if at - box.y < 14 or (mark.fill == "below" and box.y + box.h - at > 16) else at - 4
            y = _free(y, taken, box)
            taken.append(y)
            label = svg.fitted(mark.label, box.w - 8, 10.5)
            anchor = {"text_anchor": "end", "fill": svg.color("ink")}
            drawn.marks.append(svg.text(box.x + box.w - 4, y, label, 10.5, **anchor, **halo))
    start, end = read.times.start, read.times.stop
    for moment in read.moments:
        if moment.label and start <= moment.when <= end:
            x = box.x + box.w * (moment.when - start) / (end - start)
            room, flip = box.x + box.w - x - 6, x > box.x + box.w * 0.7
            label = svg.fitted(moment.label, x - box.x - 6 if flip else room, 10.5)
            anchor = {"text_anchor": "end" if flip else "start", "fill": svg.color("ink")}
            drawn.marks.append(svg.text(x - 4 if flip else x + 4, box.y + 11, label, 10.5, **anchor, **halo))


def _free(wanted: float, taken: list[float], box: Box) -> float:
    """Return the nearest place for a line of text to *wanted* that is not *taken*, inside of *box* if there is one."""
    places = [wanted + side * step for step in range(0, int(box.h), 12) for side in (1, -1)]
    free = [y for y in places if all(abs(y - other) >= 12 for other in taken)]
    return next((y for y in free if box.y + 8 < y < box.y + box.h), free[0] if free else wanted)


def _legend(read: Panel, place: Box, drawn: Drawn) -> Box:
    """Draw the legend and return what it leaves of *place*."""
    shown = read.lines
    if read.legend == "hidden" or not shown:
        return place
    if read.legend == "right":
        wide = min(max(svg.width(_called(one), 11) for one in shown) + 20, place.w * 0.36)
        x = place.x + place.w - wide
        fits = int(place.h / 16)
        for nth, one in enumerate(shown[:fits]):
            drawn.marks += _key(x, place.y + 10 + nth * 16, one, wide)
        return Box(place.x, place.y, place.w - wide - 12, place.h)
    rows = _rows(shown, place.w)
    most = max(1, int(place.h * 0.3 / 16))
    for line, keys in enumerate(rows[:most]):
        x = place.x
        for one in keys:
            wide = min(svg.width(_called(one), 11) + 32, place.w)
            drawn.marks += _key(x, place.y + place.h - 16 * (min(len(rows), most) - line) + 14, one, wide)
            x += wide
    hidden = sum(len(row) for row in rows[most:])
    if hidden:
        more = {"fill": svg.color("muted"), "text_anchor": "end"}
        drawn.marks.append(svg.text(place.x + place.w, place.y + place.h - 2, f"+{hidden} more", 11, **more))
    return Box(place.x, place.y, place.w, place.h - 16 * min(len(rows), most) - 2)


def _rows(lines: list[Line], room: float) -> list[list[Line]]:
    rows: list[list[Line]] = [[]]
    x = 0.0
    for one in lines:
        wide = svg.width(_called(one), 11) + 32
        if x + wide > room + 16 and rows[-1]:
            rows.append([])
            x = 0.0
        rows[-1].append(one)
        x += wide
    return rows


def _called(one: Line) -> str:
    return f"{one.label} (not drawn)" if one.note else one.label


def _key(x: float, y: float, one: Line, room: float) -> list[str]:
    label = svg.fitted(_called(one), room - 16, 11)
    return [
        svg.rect(Box(x, y - 8, 10, 8), fill=one.color, rx="2"),
        svg.text(x + 15, y, label, 11, fill=svg.color("muted")),
    ]


def _single_value(read: Panel, place: Box, drawn: Drawn) -> None:
    count = max(len(read.lines), 1)
    columns = min(count, max(1, int(place.w / 110)))
    rows = -(-count // columns)
    wide, high = place.w / columns, place.h / rows
    for nth, one in enumerate(read.lines):
        cell = Box(place.x + nth % columns * wide, place.y + nth // columns * high, wide - 10, high)
        words = number(last(one.values), one.unit)
        size = max(min(30.0, cell.h * 0.36, 30 * cell.w / max(svg.width(words, 30, bold=True), 1)), 12)
        drawn.marks.append(svg.text(cell.x, cell.y + size, words, size, font_weight="700"))
        name = svg.fitted(one.label, cell.w - 14, 11)
        label = cell.y + size + 20
        drawn.marks += _key(cell.x, label, one, cell.w) if name else []
        left = cell.y + cell.h - label - 6
        if read.properties.get("sparkline") and left > 14:
            spark = Box(cell.x, label + 8, cell.w, min(left - 2, 64))
            drawn.groups.append(charts.sparkline(one.values, one.color, spark))


def _gauge(read: Panel, place: Box, drawn: Drawn) -> None:
    axis = read.axis("left")
    low, high = float(axis.get("min", 0)), float(axis.get("max", 100))
    span = (high - low) or 1.0
    steps = [_step(mark, low, span) for mark in read.marks]
    count = max(len(read.lines), 1)
    wide = place.w / count
    for nth, one in enumerate(read.lines):
        cell = Box(place.x + nth * wide, place.y, wide, place.h)
        high_ring = min(cell.h - 34, cell.w / 2 - 8)
        ring = Box(cell.x + (cell.w - 2 * high_ring) / 2, cell.y + 4, 2 * high_ring, high_ring)
        value = last(one.values)
        share = ((value if value is not None else low) - low) / span
        color = next((step[2] for step in steps if step[0] <= share <= step[1]), one.color)
        drawn.groups.append(charts.gauge(share, ring, color, steps))
        middle = {"text_anchor": "middle"}
        size = max(min(24.0, high_ring * 0.34), 11)
        words = number(value, one.unit)
        drawn.marks.append(svg.text(cell.x + cell.w / 2, ring.y + ring.h - 2, words, size, font_weight="700", **middle))
        muted = {"fill": svg.color("muted"), **middle}
        drawn.marks.append(svg.text(ring.x + high_ring * 0.2, ring.y + ring.h + 13, number(low), 10.5, **muted))
        drawn.marks.append(svg.text(ring.x + high_ring * 1.8, ring.y + ring.h + 13, number(high), 10.5, **muted))
        label = svg.fitted(one.label, cell.w - 8, 11)
        drawn.marks.append(svg.text(cell.x + cell.w / 2, ring.y + ring.h + 28, label, 11, **muted))


def _step(mark: panel.Marked, low: float, span: float) -> tuple[float, float, str]:
    at = (mark.value - low) / span
    until = (mark.until - low) / span if mark.until is not None else at
    start, end = {"above": (at, 1.0), "below": (0.0, at)}.get(mark.fill, (at - 0.006, at + 0.006))
    if mark.until is not None:
        start, end = sorted((at, until))
    return start, end, mark.color or svg.color("bad")


def _bar(read: Panel, place: Box, drawn: Drawn) -> None:
    place = _legend(read, place, drawn)
    values = [one.whole or 0.0 for one in read.lines]
    box = Box(place.x + 40, place.y + 4, place.w - 48, place.h - 10)
    of = charts.scale([list(values)], read.marks, read.axis("left"), box.h)
    drawn.groups.append(
        charts.bars([(value, one.color) for value, one in zip(values, read.lines, strict=True)], box, of)
    )
    for nth, (value, one) in enumerate(zip(values, read.lines, strict=True)):
        x = box.x + box.w / len(values) * (nth + 0.5)
        words = number(value, one.unit)
        look = {"text_anchor": "middle", "fill": svg.color("muted")}
        drawn.marks.append(svg.text(x, max(of.y(value, box) - 4, place.y + 8), words, 10.5, **look))


def _pie(read: Panel, place: Box, drawn: Drawn) -> None:
    place = _legend(read, place, drawn)
    values = [max(one.whole or 0.0, 0.0) for one in read.lines]
    box = Box(place.x, place.y + 4, place.w, place.h - 8)
    drawn.groups.append(charts.pie([(value, one.color) for value, one in zip(values, read.lines, strict=True)], box))
    middle = {"text_anchor": "middle"}
    units = {one.unit for one in read.lines}
    total = number(sum(values), units.pop() if len(units) == 1 else "")
    x, y = box.x + box.w / 2, box.y + box.h / 2
    drawn.marks.append(svg.text(x, y + 3, total, 16, font_weight="700", **middle))
    drawn.marks.append(svg.text(x, y + 17, "in all", 10.5, fill=svg.color("muted"), **middle))


def _table(read: Panel, place: Box, drawn: Drawn) -> None:
    drawn.marks.append(tables.of_metrics(read, place))


_VIEWS: dict[str, Callable[[Panel, Box, Drawn], None]] = {
    "timeSeries": _time_series,
    "singleValue": _single_value,
    "gauge": _gauge,
    "bar": _bar,
    "pie": _pie,
    "table": _table,
}


# --- others -----------------------------------------------------------------------------------------------------------


def _text(properties: Json, size: Box, where: Where) -> Drawn:  # noqa: ARG001  one signature for all
    written = str(properties.get("markdown", ""))
    said = markdown.plain(written)
    drawn = Drawn(said[:60] or "Text", "text", said)
    inset = 4 if properties.get("background") == "transparent" else EDGE
    drawn.marks.append(markdown.draw(written, Box(inset, 8, size.w - 2 * inset, size.h - 10)))
    return drawn


def _alarms(properties: Json, size: Box, where: Where) -> Drawn:  # noqa: ARG001  one signature for all
    arns = [str(arn) for arn in properties.get("alarms") or []]
    drawn = Drawn(str(properties.get("title", "Alarms")), "alarm", f"{len(arns)} alarms, drawn as OK")
    place = _titled(drawn, size)
    states = [str(state) for state in properties.get("states") or []]
    if states and "OK" not in states:
        words = f"none of {len(arns)} alarms is in {' or '.join(states)}"
        drawn.marks.append(svg.text(place.x, place.y + 12, words, 11.5, fill=svg.color("muted")))
        drawn.rows = [(name, arn, "", "", "OK, not shown") for name, arn in zip(_short_names(arns), arns, strict=True)]
        return drawn
    columns = max(1, min(int(place.w / 210), -(-len(arns) // max(1, int(place.h / 22)))))
    wide = place.w / columns
    fits = max(1, int(place.h / 22)) * columns
    names = _short_names(arns)
    for nth, name in enumerate(names[: fits if len(arns) <= fits else fits - 1]):
        x, y = place.x + nth % columns * wide, place.y + nth // columns * 22
        drawn.marks += _pill(x, y, "OK", "good")
        drawn.marks.append(svg.text(x + 32, y + 12, svg.fitted(name, wide - 40, 11.5), 11.5))
    if len(arns) > fits:
        x, y = place.x + (fits - 1) % columns * wide, place.y + (fits - 1) // columns * 22
        drawn.marks.append(svg.text(x + 32, y + 12, f"+{len(arns) - fits + 1} more", 11.5, fill=svg.color("muted")))
    drawn.rows = [(name, arn, "", "", "OK") for name, arn in zip(names, arns, strict=True)]
    return drawn


def _short_names(arns: list[str]) -> list[str]:
    """Return what is behind the region in the names of alarms, and the region where there is more than one."""
    regions = {arn.split(":")[3] for arn in arns if arn.count(":") >= 6}
    names = []
    for arn in arns:
        name = arn.rpartition(":alarm:")[2] or arn
        region = next((one for one in regions if f"-{one}-" in name), "")
        short = name.partition(f"-{region}-")[2] if region else name
        names.append(f"{short} · {region}" if region and len(regions) > 1 else short)
    return names


def _pill(x: float, y: float, words: str, look: str) -> list[str]:
    box = Box(x, y + 1, 25, 15)
    text = svg.text(x + 12.5, y + 12, words, 9.5, fill=svg.color(look), text_anchor="middle", font_weight="700")
    return [svg.rect(box, rx="7.5", fill="none", stroke=svg.color(look)), text]


def _log(properties: Json, size: Box, where: Where) -> Drawn:
    query = str(properties.get("query", ""))
    drawn = Drawn(str(properties.get("title", "Log query")), "log", f"rows are invented; query: {query}")
    place = _titled(drawn, size)
    read = logs.read(query, where.window)
    if properties.get("view") in ("timeSeries", "bar", "pie") and read.numbers:
        shown = logs.panel(read, str(properties["view"]), where.window)
        _VIEWS[shown.view](shown, place, drawn)
        return drawn
    drawn.marks.append(tables.draw(read.columns, read.rows, place, mono=True))
    return drawn


def _explorer(properties: Json, size: Box, where: Where) -> Drawn:  # noqa: ARG001  one signature for all
    metrics = ", ".join(
        f"{one.get('metricName')} {one.get('stat', '')}".strip() for one in properties.get("metrics") or []
    )
    labels = ", ".join(f"{one.get('key')}={one.get('value', '*')}" for one in properties.get("labels") or [])
    return _placeholder(properties, size, "explorer", f"{metrics} of every resource tagged {labels}")


def _custom(properties: Json, size: Box, where: Where) -> Drawn:  # noqa: ARG001  one signature for all
    return _placeholder(properties, size, "custom", f"what {properties.get('endpoint', 'a function')} returns")


def _unknown(properties: Json, size: Box, where: Where) -> Drawn:  # noqa: ARG001  one signature for all
    return _placeholder(properties, size, "unknown type", "obskit does not know this type of widget")


def _placeholder(properties: Json, size: Box, kind: str, says: str) -> Drawn:
    """Draw a labelled box where only AWS knows what belongs there."""
    drawn = Drawn(str(properties.get("title") or kind), kind, says)
    place = _titled(drawn, size)
    dashes = {"fill": "none", "stroke": svg.color("edge"), "stroke_dasharray": "5 4", "rx": "6"}
    drawn.marks.append(svg.rect(place, **dashes))
    middle = {"text_anchor": "middle"}
    x, y = place.x + place.w / 2, place.y + place.h / 2
    drawn.marks.append(svg.text(x, y - 4, kind, 12, font_weight="700", fill=svg.color("muted"), **middle))
    words = svg.fitted(re.sub(r"\s+", " ", says), place.w - 20, 11)
    drawn.marks.append(svg.text(x, y + 14, words, 11, fill=svg.color("muted"), **middle))
    return drawn


_KINDS: dict[str, Callable[[Json, Box, Where], Drawn]] = {
    "metric": _metric,
    "text": _text,
    "alarm": _alarms,
    "log": _log,
    "explorer": _explorer,
    "custom": _custom,
}
