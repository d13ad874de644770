"""Charts as Vega groups: lines and areas over time, bars, pies, gauges. One Vega run draws all of a dashboard."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from obskit.preview import svg
from obskit.preview.series import Series, present, thinned

if TYPE_CHECKING:
    from obskit.preview.panel import Line, Marked, Panel
    from obskit.preview.svg import Box

Json = dict[str, Any]
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Scale:
    """A vertical axis: from *low* to *high* in steps of *step*."""

    low: float
    high: float
    step: float

    def y(self, value: float, box: Box) -> float:
        """Return where *value* lies in *box*; what is outside lies on its edge."""
        share = (value - self.low) / (self.high - self.low)
        return box.y + box.h * (1 - min(max(share, 0.0), 1.0))

    @property
    def format(self) -> str:
        """Return the d3 format of its labels."""
        if max(abs(self.high), abs(self.low)) >= 1000:
            return "~s"
        return f".{max(0, -math.floor(math.log10(self.step)))}f"


def scale(lines: list[Series], marks: list[Marked], axis: Json, height: float) -> Scale:
    """Return the scale that shows *lines* and *marks*; what *axis* says of `min` and `max` goes before."""
    values = [value for series in lines for value in present(series)]
    values += [value for mark in marks for value in (mark.value, mark.until) if value is not None]
    low = min([*values, 0.0]) if min(values, default=0.0) > 0 and "min" not in axis else min(values, default=0.0)
    low = float(axis["min"]) if _is_number(axis.get("min")) else low
    high = float(axis["max"]) if _is_number(axis.get("max")) else max(values, default=1.0)
    if high <= low:
        high = low + 1.0
    step = _step((high - low) / max(2, min(5, int(height / 32))))
    if all(value.is_integer() for value in values) and high - low > 1:
        step = max(step, 1.0)  # there is no half an error
    if not _is_number(axis.get("max")):
        high = math.ceil(high / step + 0.08) * step
    if not _is_number(axis.get("min")):
        low = math.floor(low / step) * step
    return Scale(low, high, step)


def _step(rough: float) -> float:
    size = 10.0 ** math.floor(math.log10(rough))
    return next((size * nice for nice in (1, 2, 2.5, 5) if size * nice >= rough), size * 10)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def time_series(panel: Panel, box: Box, scales: dict[str, Scale]) -> Json:
    """Return the group of a chart over time, drawn in *box*; *scales* by axis."""
    start, end = panel.times.start, panel.times.stop
    marks: list[Json] = [*_fills(panel, box, scales, (start, end))]
    data: list[Json] = []
    stacks: dict[str, list[float]] = {}
    for place, one in enumerate(panel.lines):
        times, values = thinned(panel.times, one.values)
        lows = thinned(panel.times, one.low)[1] if one.low else None
        if panel.properties.get("stacked") and not lows:
            below = stacks.get(one.axis, [0.0] * len(values))
            lows = list(below)
            values = [low + (value or 0.0) for low, value in zip(below, values, strict=True)]
            stacks[one.axis] = [value or 0.0 for value in values]
        rows = _rows(times, values, lows, scales[one.axis], box)
        data.append({"name": f"d{place}", "values": rows})
        data.append({"name": f"d{place}alone", "values": _without_neighbours(rows)})
        marks += _drawn(place, one, filled=bool(lows))
        marks += _alone(f"d{place}", one)
    return {
        **_group(box),
        "data": data,
        "scales": [
            {"name": "x", "type": "utc", "domain": [start * 1000, end * 1000], "range": [0, box.w]},
            *(
                {"name": side, "type": "linear", "domain": [one.low, one.high], "range": [box.h, 0]}
                for side, one in scales.items()
            ),
        ],
        "axes": [_times_axis(end - start, box), *(_values_axis(side, one) for side, one in scales.items())],
        "marks": [*marks, *_rules(panel, box, scales, (start, end))],
    }


def stacked_scale(panel: Panel, side: str, height: float) -> Scale:
    """Return the scale of the lines on *side*, one upon the other where the widget says so."""
    lines = [one for one in panel.lines if one.axis == side]
    series: list[Series] = [one.values for one in lines] + [one.low for one in lines if one.low]
    if panel.properties.get("stacked") and lines:
        series = [
            [sum(value or 0.0 for value in column) for column in zip(*(one.values for one in lines), strict=True)]
        ]
    return scale(series, [mark for mark in panel.marks if mark.axis == side], panel.axis(side), height)


def _group(box: Box) -> Json:
    size = {"x": box.x, "y": box.y, "width": box.w, "height": box.h}
    return {
        "type": "group",
        "encode": {"enter": {name: {"value": round(value, 1)} for name, value in size.items()}},
        # How long grid lines are.
        "signals": [{"name": "width", "value": round(box.w, 1)}, {"name": "height", "value": round(box.h, 1)}],
    }


def _rows(times: list[int], values: Series, lows: Series | None, of: Scale, box: Box) -> list[Json]:
    """Points in pixels of height: what lies outside of the scale runs along its edge."""

    def y(value: float | None) -> float | None:
        return None if value is None else round(of.y(value, box) - box.y, 1)

    if lows is None:
        return [{"t": when * 1000, "v": y(value)} for when, value in zip(times, values, strict=True)]
    return [
        {"t": when * 1000, "v": y(value), "l": y(low)} for when, value, low in zip(times, values, lows, strict=True)
    ]


def _x(when: float, span: tuple[int, int], box: Box) -> float:
    start, end = span
    return round(box.w * min(max((when - start) / (end - start), 0.0), 1.0), 1)


def _drawn(place: int, one: Line, *, filled: bool) -> list[Json]:
    there = {
        "x": {"scale": "x", "field": "t"},
        "y": {"field": "v"},
        "defined": {"signal": "isValid(datum.v)"},
    }
    source = {"data": f"d{place}"}
    stroke = {"stroke": {"value": one.color}, "strokeWidth": {"value": 1.6}, "strokeJoin": {"value": "round"}}
    line = {"type": "line", "from": source, "encode": {"enter": {**there, **({} if one.low else stroke)}}}
    if not filled:
        return [line]
    strength = 0.18 if one.low else 0.45
    area = {**there, "y2": {"field": "l"}, "fill": {"value": one.color}, "fillOpacity": {"value": strength}}
    return [{"type": "area", "from": source, "encode": {"enter": area}}, *([] if one.low else [line])]


def _alone(data: str, one: Line) -> list[Json]:
    """Draw dots for points without neighbours: no line leads to them."""
    there = {"x": {"scale": "x", "field": "t"}, "y": {"field": "v"}, "size": {"value": 16}}
    look = {**there, "fill": {"value": one.color}}
    return [{"type": "symbol", "from": {"data": f"{data}alone"}, "encode": {"enter": look}}]


def _without_neighbours(rows: list[Json]) -> list[Json]:
    values = [None, *(row["v"] for row in rows), None]
    return [
        row
        for place, row in enumerate(rows)
        if row["v"] is not None and values[place] is None and values[place + 2] is None
    ]


def _fills(panel: Panel, box: Box, scales: dict[str, Scale], span: tuple[int, int]) -> list[Json]:
    """Return what lies behind the lines: the bad side of a limit, a band, a stretch of time."""
    found = []
    for mark in panel.marks:
        if mark.axis not in scales:
            continue
        of = scales[mark.axis]
        at = of.y(mark.value, box) - box.y
        edges = {"above": (0.0, at), "below": (at, box.h)}
        edge = (of.y(mark.until, box) - box.y, at) if mark.until is not None else edges.get(mark.fill)
        if edge:
            found.append(_area((0, box.w), edge, mark.color or svg.color("bad"), 0.07))
    for moment in panel.moments:
        at = _x(moment.when, span, box)
        sides = {"before": (0.0, at), "after": (at, box.w)}
        side = (at, _x(moment.until, span, box)) if moment.until is not None else sides.get(moment.fill)
        if side:
            found.append(_area(side, (0, box.h), moment.color or svg.color("info"), 0.09))
    return found


def _area(edges_x: tuple[float, float], edges_y: tuple[float, float], fill: str, opacity: float) -> Json:
    (x, x2), (y, y2) = sorted(edges_x), sorted(edges_y)
    edges = {"x": x, "y": y, "x2": x2, "y2": y2, "fill": fill, "fillOpacity": opacity}
    return {"type": "rect", "encode": {"enter": {name: {"value": value} for name, value in edges.items()}}}


def _rules(panel: Panel, box: Box, scales: dict[str, Scale], span: tuple[int, int]) -> list[Json]:
    found = []
    for mark in panel.marks:
        for value in (mark.value, mark.until):
            if value is not None and mark.axis in scales:
                at = scales[mark.axis].y(value, box) - box.y
                found.append(_rule((0, at), (box.w, at), mark.color or svg.color("bad")))
    for moment in panel.moments:
        for when in (moment.when, moment.until):
            if when is not None:
                at = _x(when, span, box)
                found.append(_rule((at, 0), (at, box.h), moment.color or svg.color("info")))
    return found


def _rule(start: tuple[float, float], end: tuple[float, float], stroke: str) -> Json:
    facts: Json = {"x": start[0], "y": start[1], "x2": end[0], "y2": end[1], "stroke": stroke, "strokeWidth": 1.2}
    encoded = {name: {"value": value} for name, value in facts.items()}
    return {"type": "rule", "encode": {"enter": {**encoded, "strokeDash": {"value": [5, 3]}}}}


_LOOK: Json = {"labelFont": svg.FONT, "labelFontSize": 10.5, "labelColor": svg.color("muted"), "domain": False}


def _times_axis(seconds: int, box: Box) -> Json:
    shown = "%H:%M" if seconds <= 2 * DAY_S else "%d %b"
    count = max(2, int(box.w / 75))
    edge = {"domain": True, "domainColor": svg.color("edge"), "tickColor": svg.color("edge"), "tickSize": 4}
    return {
        **_LOOK, **edge, "orient": "bottom", "scale": "x", "format": shown, "formatType": "utc", "tickCount": count,
        "labelPadding": 4,
    }  # fmt: skip


def _values_axis(side: str, of: Scale) -> Json:
    ticks, value = [], of.low
    while value <= of.high + of.step / 1e6:
        ticks.append(round(value, 10))
        value += of.step
    return {
        **_LOOK, "orient": side, "scale": side, "values": ticks, "ticks": False,
        "encode": {"labels": {"update": {"text": {"signal": f"format(datum.value, '{of.format}')"}}}},
        "labelPadding": 6, "grid": side == "left", "gridColor": svg.color("grid"),
    }  # fmt: skip


def sparkline(values: Series, color: str, box: Box) -> Json:
    """Return a line without axes, as it stands under a number."""
    there = present(values) or [0.0]
    low, high = min(there), max(there)
    of = Scale(low - (high - low) * 0.15, high + (high - low) * 0.1 if high > low else low + 1, 1)
    size = -(-len(values) // 80)
    rows = [
        {"x": round(box.w * place / max(len(values) - 1, 1), 1), "v": round(of.y(value, box) - box.y, 1)}
        for place, value in enumerate(values)
        if value is not None and place % size == 0
    ]
    place = {"x": {"field": "x"}, "y": {"field": "v"}}
    area = {**place, "y2": {"value": box.h}, "fill": {"value": color}, "fillOpacity": {"value": 0.12}}
    line = {**place, "stroke": {"value": color}, "strokeWidth": {"value": 1.4}}
    marks = [
        {"type": kind, "from": {"data": "d"}, "encode": {"enter": how}}
        for kind, how in (("area", area), ("line", line))
    ]
    return {**_group(box), "data": [{"name": "d", "values": rows}], "marks": marks}


def bars(values: list[tuple[float, str]], box: Box, of: Scale) -> Json:
    """Return standing bars of (value, colour)."""
    wide = box.w / max(len(values), 1)
    marks = []
    for place, (value, color) in enumerate(values):
        inset = min(wide * 0.18, 40)
        top, foot = of.y(value, box) - box.y, of.y(max(0.0, of.low), box) - box.y
        marks.append(_area((place * wide + inset, (place + 1) * wide - inset), (top, foot), color, 0.85))
    return {
        **_group(box),
        "scales": [{"name": "left", "type": "linear", "domain": [of.low, of.high], "range": [box.h, 0]}],
        "axes": [_values_axis("left", of)],
        "marks": marks,
    }


def pie(values: list[tuple[float, str]], box: Box) -> Json:
    """Return a ring of shares of (value, colour)."""
    whole = sum(value for value, _ in values) or 1.0
    radius, angle, marks = min(box.w, box.h) / 2, 0.0, []
    for value, color in values:
        until = angle + 2 * math.pi * value / whole
        marks.append(_arc(box, (angle, until), (radius * 0.58, radius), color))
        angle = until
    return {**_group(box), "marks": marks}


def gauge(share: float, box: Box, color: str, steps: list[tuple[float, float, str]]) -> Json:
    """Return half a ring, filled up to *share* of it; *steps* are parts (from, to, colour) of the thin ring outside."""
    radius = min(box.w / 2, box.h)
    centre = svg.Box(0, 0, box.w, box.h * 2)
    start = -math.pi / 2

    def angle(part: float) -> float:
        return start + math.pi * min(max(part, 0.0), 1.0)

    inner, outer = radius * 0.66, radius * 0.92
    marks = [
        _arc(centre, (angle(0), angle(1)), (inner, outer), svg.color("grid")),
        _arc(centre, (angle(0), angle(share)), (inner, outer), color),
        *(_arc(centre, (angle(a), angle(b)), (radius * 0.95, radius), step) for a, b, step in steps),
    ]
    return {**_group(box), "marks": marks}


def _arc(box: Box, angles: tuple[float, float], radii: tuple[float, float], fill: str) -> Json:
    facts: Json = {
        "x": box.w / 2, "y": box.h / 2, "startAngle": angles[0], "endAngle": angles[1],
        "innerRadius": radii[0], "outerRadius": radii[1], "fill": fill, "stroke": svg.color("card"), "strokeWidth": 1,
    }  # fmt: skip
    return {"type": "arc", "encode": {"enter": {name: {"value": value} for name, value in facts.items()}}}
