"""An alarm over time as a picture, its data points, threshold and states: Vega-Lite, drawn by vl-convert."""

from __future__ import annotations

import re
import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from obskit.backtest.alarms import CompositeAlarm, about
from obskit.backtest.composites import named
from obskit.backtest.metric_alarms import BAD
from obskit.backtest.states import ALARM, INSUFFICIENT, OK
from obskit.errors import MissingExtraError
from obskit.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from obskit.backtest.alarms import Alarm, MetricAlarm
    from obskit.backtest.metric_alarms import Timeline
    from obskit.backtest.report import Figures, Span

Json = dict[str, Any]

WIDTH, HEIGHT, STRIP = 900, 260, 16
BUCKETS = 450
"""Of a line: the least and the largest value of each are drawn, so that no peak is lost."""


_TIME = (
    "utchours(datum.value) + utcminutes(datum.value)"
    " ? utcFormat(datum.value, '%H:%M') : utcFormat(datum.value, '%a %-d %b')"
)
"""The label of a tick: the day at midnight, else the time."""

_UNIT: Json = {
    "titleAngle": 0,
    "titleAlign": "left",
    "titleAnchor": "end",
    "titleBaseline": "bottom",
    "titleX": -34,
    "titleY": -4,
    "titleFontWeight": "normal",
    "titleFontSize": 12,
}
"""Where the unit stands: over the numbers."""

_NUMBER = "abs(datum.value) < 1 ? format(datum.value, '~g') : format(datum.value, '~s')"


class Theme(NamedTuple):
    """Colours; each is one of its own, so that a page can exchange them."""

    paper: str
    ink: str
    faint: str
    grid: str
    line: str
    range: str
    threshold: str
    ok: str
    alarm: str
    insufficient: str
    incident: str


LIGHT = Theme(
    "#ffffff",
    "#1b2430",
    "#5b6775",
    "#e4e8ed",
    "#2563a8",
    "#9dbfe3",
    "#b45309",
    "#2f9e66",
    "#d32f3a",
    "#a6b0bb",
    "#fde8c8",
)
DARK = Theme(
    "#12181f",
    "#e8edf3",
    "#9aa7b5",
    "#2a3440",
    "#6bb0f5",
    "#31557c",
    "#f0a34a",
    "#35b276",
    "#f4606b",
    "#66717d",
    "#453417",
)


def spec(  # noqa: PLR0913  what is drawn, and how
    alarm: Alarm,
    lines: Mapping[str, Timeline],
    figures: Figures,
    *,
    incident: Span | None = None,
    unit: str = "",
    theme: Theme = LIGHT,
) -> Json:
    """Return the Vega-Lite document of *alarm*, one of *lines*; *unit* is of its values, where it is known."""
    line = lines[alarm.name]
    shown = [alarm.name]
    if isinstance(alarm, CompositeAlarm):
        shown += [name for name in dict.fromkeys(name for name, _ in named(alarm.rule)) if name in lines]
        shown += [alarm.suppressor] if alarm.suppressor in lines else []
    start = min(lines[name].start if lines[name].points is None else lines[name].first for name in shown)
    span = [start * 1000, line.end * 1000]
    parts = []
    if not isinstance(alarm, CompositeAlarm):
        parts = [_chart(alarm, line, span, incident, unit, theme)]
    strips = [row for name in shown for row in _states(name, lines[name], start)]
    parts.append(_strip(strips, len(shown), span, theme, labels=len(shown) > 1))
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": theme.paper,
        "padding": {"left": 16, "right": 20, "top": 14, "bottom": 12},
        "title": _title(alarm, line, figures, theme),
        "spacing": 6,
        "vconcat": parts,
        "config": _config(theme),
    }


def _title(alarm: Alarm, line: Timeline, figures: Figures, theme: Theme) -> Json:
    detected = "" if figures.detected_s is None else f", detected after {about(figures.detected_s)}"
    times = "once" if figures.fired == 1 else f"{figures.fired} times"
    fired = f"fired {times} ({figures.per_week:g} a week)" if alarm.acts else "has no actions of its own"
    rest = f"{figures.flaps} flaps, {100 * figures.in_alarm:.1f} % of the time in ALARM"
    told = f"{fired}{detected}, {rest}"
    what = "composite of the alarms below" if isinstance(alarm, CompositeAlarm) else _watches(alarm)
    if line.points is not None and (points := _together(line)) > 1:
        told += f"; pale: from the least to the greatest value of {about(points * line.tick)}"
    subtitle = [*textwrap.wrap(what, 130)[:2], told]
    return {
        "text": alarm.name,
        "subtitle": subtitle,
        "anchor": "start",
        "color": theme.ink,
        "subtitleColor": theme.faint,
        "fontSize": 15,
        "subtitleFontSize": 12,
        "subtitlePadding": 4,
        "offset": 12,
    }


def _watches(alarm: MetricAlarm) -> str:
    limit = f"{alarm.what} {alarm.limit}"
    return (
        f"{limit}: {alarm.rules.needed} of {alarm.rules.periods} data points, missing data is '{alarm.rules.missing}'"
    )


def _chart(  # noqa: PLR0913, PLR0917  what a chart is made of
    alarm: MetricAlarm, line: Timeline, span: list[int], incident: Span | None, unit: str, theme: Theme
) -> Json:
    rows = list(_buckets(line, alarm.period // line.tick - 1))
    x = {"field": "time", "type": "temporal", "scale": {"type": "utc", "domain": span}, "axis": None}
    data = {"values": rows}
    above = alarm.comparison.startswith("Greater")
    y: Json = {
        "field": "high" if above else "low",
        "type": "quantitative",
        "title": None,
        "axis": {"labelExpr": _NUMBER, "tickCount": 6, **_UNIT},
        "scale": {"domain": _domain(alarm, rows), "nice": False},
    }
    layers: list[Json] = []
    if incident is not None:
        layers += _incident(incident, span, theme)
    if line.band is not None:
        layers.append(_area(data, x, ("lower", "upper"), theme.grid, 0.9))
    layers += [
        _area(data, x, ("low", "high"), theme.range, 0.9),
        {
            "data": data,
            "mark": {"type": "line", "color": theme.line, "strokeWidth": 1.3, "interpolate": "monotone"},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": {"values": [row for row in rows if row["bad"] and row["high"] is not None]},
            "mark": {"type": "point", "filled": True, "size": 16, "opacity": 1, "color": theme.alarm},
            "encoding": {"x": x, "y": y},
        },
    ]
    if not alarm.is_band:
        layers += _threshold(alarm, span, theme)
    for layer in layers:  # they share an axis, and one without a title would take it from all
        if "field" in (axis := layer["encoding"].get("y", {})):
            axis["title"] = unit or None
    return {"width": WIDTH, "height": HEIGHT, "layer": layers}


def _domain(alarm: MetricAlarm, rows: list[Json]) -> list[float]:
    """Return from where to where the values go: 0 and the threshold are always in it, with a little room."""
    values = [row[key] for row in rows for key in ("low", "high", "lower", "upper") if row.get(key) is not None]
    values += [0.0] if alarm.is_band else [0.0, alarm.threshold]
    least, most = min(values), max(values)
    room = 0.06 * ((most - least) or 1.0)
    return [least - room if least < 0 else 0.0, most + room]


def _area(data: Json, x: Json, fields: tuple[str, str], color: str, opacity: float) -> Json:
    return {
        "data": data,
        "mark": {"type": "area", "color": color, "opacity": opacity, "line": False, "interpolate": "monotone"},
        "encoding": {
            "x": x,
            "y": {"field": fields[0], "type": "quantitative", "title": None},
            "y2": {"field": fields[1]},
        },
    }


def _incident(incident: Span, span: list[int], theme: Theme) -> list[Json]:
    values = {"values": [{"from": incident.start * 1000, "to": incident.end * 1000, "text": "incident"}]}
    x = {"field": "from", "type": "temporal", "scale": {"type": "utc", "domain": span}, "axis": None}
    label = {"type": "text", "align": "right", "baseline": "top", "dx": -5, "fontSize": 12, "color": theme.faint}
    return [
        {
            "data": values,
            "mark": {"type": "rect", "color": theme.incident, "opacity": 1},
            "encoding": {"x": x, "x2": {"field": "to"}},
        },
        {
            "data": values,
            "mark": label,
            "encoding": {"x": x, "y": {"value": 2}, "text": {"field": "text", "type": "nominal"}},
        },
    ]


def _threshold(alarm: MetricAlarm, span: list[int], theme: Theme) -> list[Json]:
    values = {"values": [{"limit": alarm.threshold, "text": alarm.limit, "at": span[1]}]}
    y = {"field": "limit", "type": "quantitative", "title": None}
    x = {"field": "at", "type": "temporal", "scale": {"type": "utc", "domain": span}, "axis": None}
    label = {"type": "text", "align": "right", "baseline": "bottom", "dy": -3, "fontSize": 12, "color": theme.threshold}
    return [
        {
            "data": values,
            "mark": {"type": "rule", "color": theme.threshold, "strokeWidth": 1.4, "strokeDash": [6, 4]},
            "encoding": {"y": y},
        },
        {
            "data": values,
            "mark": {**label, "fontWeight": "bold"},
            "encoding": {"x": x, "y": y, "text": {"field": "text", "type": "nominal"}},
        },
    ]


def _strip(rows: list[Json], count: int, span: list[int], theme: Theme, *, labels: bool) -> Json:
    axis = {"labels": labels, "ticks": False, "domain": False, "title": None, "labelLimit": 320, "grid": False}
    return {
        "width": WIDTH,
        "height": (STRIP + 6) * count,
        "data": {"values": rows},
        "mark": {"type": "rect", "height": {"band": 0.72}, "clip": True},
        "encoding": {
            "x": {
                "field": "from",
                "type": "temporal",
                "scale": {"type": "utc", "domain": span},
                "axis": {
                    "title": None,
                    "grid": False,
                    "labelOverlap": "greedy",
                    "labelSeparation": 10,
                    "tickCount": 10,
                    "labelExpr": _TIME,
                },
            },
            "x2": {"field": "to"},
            "y": {"field": "alarm", "type": "nominal", "sort": None, "axis": axis if labels else None},
            "color": {
                "field": "state",
                "type": "nominal",
                "scale": {"domain": [OK, ALARM, INSUFFICIENT], "range": [theme.ok, theme.alarm, theme.insufficient]},
                "legend": {"title": None, "orient": "bottom", "symbolType": "square", "direction": "horizontal"},
            },
        },
    }


def _states(name: str, line: Timeline, start: int) -> Iterator[Json]:
    """Yield the times between changes; what lasts too short to be seen is drawn a little longer."""
    least = max(1, (line.end - start) // WIDTH) * 2000
    points = [(start, INSUFFICIENT), *((change.time, change.state) for change in line.transitions), (line.end, "")]
    rows: list[Json] = []
    for (since, state), (until, _) in pairwise(points):
        if until > since:
            rows.append({"alarm": name, "state": state, "from": since * 1000, "to": until * 1000})
    for row in rows:
        if row["state"] == ALARM:
            row["to"] = min(max(row["to"], row["from"] + least), line.end * 1000)
    yield from sorted(rows, key=lambda row: row["state"] == ALARM)  # drawn last, on top


def _together(line: Timeline) -> int:
    """Return how many data points share a bucket."""
    return max(1, -(-len(line.points or ()) // BUCKETS))


def _buckets(line: Timeline, partial: int) -> Iterator[Json]:
    """
    Yield what is drawn of the data points: a bucket's extremes, and whether one of them is bad.

    The first *partial* ones are left out: their periods began before the data.
    """
    points = line.points or ()
    width = _together(line)
    for begin in range(0, len(points), width):
        part = slice(max(begin, partial), begin + width)
        values = [value for value in points[part] if value == value]
        row: Json = {"time": (line.first + (begin + min(width, len(points) - begin)) * line.tick) * 1000}
        row["low"], row["high"] = (min(values), max(values)) if values else (None, None)
        row["bad"] = BAD in line.flags[part]
        if line.band is not None:
            row["lower"], row["upper"] = (_edge(side[part]) for side in line.band)
        yield row


def _edge(values: Any) -> float | None:
    there = [value for value in values if value == value]
    return there[-1] if there else None


def _config(theme: Theme) -> Json:
    axis = {
        "labelColor": theme.faint,
        "titleColor": theme.faint,
        "gridColor": theme.grid,
        "domainColor": theme.grid,
        "tickColor": theme.grid,
        "labelFontSize": 12,
    }
    return {
        "view": {"stroke": None},
        "axis": axis,
        "legend": {"labelColor": theme.faint, "labelFontSize": 12},
        "font": "Helvetica Neue, Arial, sans-serif",
    }


def svg(document: Json) -> str:
    """
    Draw *document*; the same one gives the same text.

    Raises:
        MissingExtraError: vl-convert is not installed.
    """
    drawn = str(_converter().vegalite_to_svg(_drawable(document)))
    ids = {name: f"p{place}" for place, name in enumerate(dict.fromkeys(re.findall(r'\bid="(\w+)"', drawn)))}
    # Vega counts on from one picture to the next.
    return re.sub(r'(\bid="|url\(#)(\w+)', lambda found: found[1] + ids.get(found[2], found[2]), drawn)


def _drawable(value: Any) -> Any:
    """Return *value* without controls in its texts: they are no XML, and the converter ends the process over them."""
    if isinstance(value, dict):
        return {key: _drawable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_drawable(one) for one in value]
    return visible(value) if isinstance(value, str) else value


def png(drawn: str, scale: float = 2.0) -> bytes:
    """Turn an SVG into pixels, *scale* to each of its own; raises what `svg` does."""
    return bytes(_converter().svg_to_png(drawn, scale=scale))


def _converter() -> Any:
    try:
        import vl_convert
    except ImportError:
        raise MissingExtraError("preview", "drawing pictures") from None
    return vl_convert
