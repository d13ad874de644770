"""Widgets that show metrics, as CloudWatch's JSON: entries, axes, and a line for each alarm that guards them."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Any

from obskit.catalog.model import Statistic
from obskit.deploy.specs import (
    Alarm,
    Anomaly,
    AwsMetric,
    Band,
    Bar,
    Drawn,
    Each,
    Gauge,
    Graph,
    Level,
    Math,
    Measured,
    Number,
    Search,
    Series,
    Shown,
    Table,
    home,
    measured,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from obskit.deploy.dashboard_context import Context
    from obskit.deploy.model import Environment
    from obskit.deploy.specs import Composite, Watched

COLORS = {"page": "#d13212", "ticket": "#ff9900", "info": "#0073bb"}

Json = dict[str, Any]


def properties(widget: Drawn, context: Context) -> Json:
    """Return the properties of a widget that shows metrics."""
    guards = guards_of(widget, context) if isinstance(widget, (Graph, Gauge)) else []
    period = _period(widget, guards, context.environment)
    found: Json = {
        "title": widget.title,
        "view": _VIEWS[type(widget)],
        "region": _region(widget, context),
        "period": period,
        "metrics": _Entries(widget, context, period).all(),
    }
    match widget:
        case Graph():
            found |= {"stacked": widget.stacked, "legend": {"position": "bottom"}, "yAxis": _axes(widget)}
        case Gauge():
            found["yAxis"] = {"left": {"min": widget.least, "max": widget.most}}
        case Number():
            found |= {"setPeriodToTimeRange": True} if widget.whole_range else {"sparkline": True}
        case Bar():
            found["setPeriodToTimeRange"] = True
        case Table():
            summary = {"summaryColumns": list(widget.summary), "stickySummary": True, "showTimeSeriesData": False}
            found["table"] = {"layout": "horizontal", **summary}
    if isinstance(widget, (Graph, Gauge)) and (guards or widget.levels):
        lines = _thresholds(guards, context.environment)
        found["annotations"] = {"horizontal": [*lines, *map(_level, widget.levels)]}
    return found


_VIEWS: dict[type[Drawn], str] = {
    Graph: "timeSeries",
    Number: "singleValue",
    Gauge: "gauge",
    Bar: "bar",
    Table: "table",
}


def _region(widget: Drawn, context: Context) -> str:
    """Return where a widget looks: the primary region, unless all it shows is in one place only."""
    homes = {home((shown,)) for shown in widget.shows}
    return homes.pop() if len(homes) == 1 and "" not in homes else context.environment.primary


def _axes(widget: Graph) -> Json:
    left: Json = {"showUnits": False}
    left |= {"min": widget.least} if widget.least is not None else {}
    left |= {"max": widget.most} if widget.most is not None else {}
    axes = {"left": left}
    for axis in ("left", "right"):
        shows = [shown for shown in widget.shows if (shown.axis if isinstance(shown, Series) else "left") == axis]
        if shows:
            found = axes.setdefault(axis, {"min": 0, "showUnits": False})
            units = {_unit(shown) for shown in shows}
            if len(units) == 1 and "" not in units:
                found["label"] = units.pop()
    return axes


def _unit(shown: Shown) -> str:
    """Return the unit of what is drawn; empty where nobody knows it."""
    if isinstance(shown, (Series, Each)) and shown.unit:
        return shown.unit
    one = plain(shown)
    if isinstance(one, Math):
        return one.unit
    stored = next(measured((one,)), None)
    if stored is not None and stored.stat == "SampleCount":
        return "Count"
    if isinstance(stored, AwsMetric):
        return stored.unit
    return stored.metric.unit if stored is not None else ""


def guards_of(widget: Graph | Gauge, context: Context) -> list[tuple[Alarm, Series]]:
    """Return the alarms that guard what *widget* shows, each with how that is drawn."""
    shows = [shown if isinstance(shown, Series) else Series(shown) for shown in _own(widget.shows)]
    return [
        (alarm, series)
        for series in shows
        for alarm in context.guarding.get(series.shown, ())
        if alarm.by == widget.by and series.service in ("", alarm.service)
    ]


def guarding(alarms: Iterable[Alarm | Composite]) -> dict[Watched, list[Alarm]]:
    """Return the alarms that draw a line, by what they watch; a band has none."""
    found: dict[Watched, list[Alarm]] = {}
    for alarm in alarms:
        if isinstance(alarm, Alarm) and alarm.band is None:
            found.setdefault(alarm.watches, []).append(alarm)
    return found


def _own(shows: Iterable[Shown]) -> Iterator[Statistic | AwsMetric | Math | Series]:
    yield from (shown for shown in shows if isinstance(shown, (Statistic, AwsMetric, Math, Series)))


def _period(widget: Drawn, guards: list[tuple[Alarm, Series]], environment: Environment) -> int:
    """Take the alarms' period, for a sum over other seconds says nothing about their threshold."""
    if not guards:
        return widget.period
    return max(60, *(environment.alarm_period or alarm.period for alarm, _ in guards))


def _thresholds(guards: list[tuple[Alarm, Series]], environment: Environment) -> list[Json]:
    """Return a line for each alarm; one line for all that have the same, or their names would lie on each other."""
    lines: dict[str, list[Json]] = {}
    for alarm, series in guards:
        line = _threshold(alarm, series, environment)
        lines.setdefault(line["label"].removeprefix(alarm.name), []).append(line)
    return [
        same[0] if len(same) == 1 else {**same[0], "label": f"{len(same)} alarms{words}"}
        for words, same in lines.items()
    ]


def _threshold(alarm: Alarm, series: Series, environment: Environment) -> Json:
    line = alarm.threshold_in(environment.name)
    value = line / series.divided_by if series.divided_by != 1 else line
    drawn: Json = {
        "value": value,
        "label": f"{alarm.name} {alarm.sign} {value:g} ({alarm.severity})",
        "color": COLORS[alarm.severity],
        "fill": "above" if alarm.comparison.startswith("Greater") else "below",
    }
    return drawn if series.axis == "left" else {**drawn, "yAxis": series.axis}


def _level(level: Level | Band) -> Json | list[Json]:
    right = {} if level.axis == "left" else {"yAxis": level.axis}
    if isinstance(level, Band):
        return [
            {"value": level.most, "label": level.label, "color": level.color, **right},
            {"value": level.least, **right},
        ]
    return {"value": level.value, "label": level.label, "color": level.color, "fill": level.fill, **right}


class _Entries:
    """The metric array of one widget; what math uses stands hidden before it, once."""

    def __init__(self, widget: Drawn, context: Context, period: int) -> None:
        self.widget = widget
        self.context = context
        self.period = period
        self.hidden: dict[str, list[object]] = {}
        self.shown: list[list[object]] = []
        self.numbers = count(1)

    def all(self) -> list[list[object]]:
        for shown in self.widget.shows:
            series = shown if isinstance(shown, Series) else None
            self._add(plain(shown), series)
        return [*self.hidden.values(), *self.shown]

    def _add(self, shown: Shown, series: Series | None) -> None:
        looks = self._looks(shown, series)
        match shown:
            case Math():
                for name, used in shown.uses.items():
                    self._hide(name, used)
                self._expression(shown.expression, {"label": shown.label, **looks})
            case Each() | Search():
                place = {"region": found} if (found := home((shown,))) else {}
                self._expression(self._search(shown), {"label": _each_label(shown), **looks, **place})
            case Anomaly():
                name = f"shown{next(self.numbers)}"
                self.shown.append(self._entry(shown.shown, id=name))
                self._expression(f"ANOMALY_DETECTION_BAND({name}, {shown.deviations:g})", {"label": "expected"})
            case Statistic() | AwsMetric():
                if series is None or series.divided_by == 1:
                    self.shown.append(self._entry(shown, series.service if series else "", **looks))
                    return
                name = f"shown{next(self.numbers)}"
                self._hide(name, shown, series.service)
                label = looks.pop("label", "") or f"{_name(shown)} {shown.stat}"
                self._expression(f"{name} / {series.divided_by:.12g}", {"label": label, **looks})

    def _looks(self, shown: Shown, series: Series | None) -> Json:
        looks: Json = {}
        if isinstance(self.widget, Number) and self.widget.objective and isinstance(shown, Statistic):
            looks |= {"label": shown.metric.objective} if shown.metric.objective else {}
        if series is not None:
            looks |= {"label": self.context.fill(series.label)} if series.label else {}
            looks |= {"color": series.color} if series.color else {}
            looks |= {"yAxis": "right"} if series.axis == "right" else {}
        return looks

    def _expression(self, expression: str, looks: Json) -> None:
        self.shown.append([{"expression": expression, **looks}])

    def _hide(self, name: str, used: Measured, service: str = "") -> None:
        entry = self._entry(used, service, id=name, visible=False)
        if self.hidden.setdefault(name, entry) != entry:
            words = f"dashboard '{self.context.dashboard.name}': '{self.widget.title}': '{name}' stands for two series"
            self.context.problems.append(words)

    def _entry(self, shown: Measured, service: str = "", **more: object) -> list[object]:
        """Return a full entry; shorthand would make diffs jump when one is put in between."""
        label = self.context.fill(shown.label) if isinstance(shown, AwsMetric) and shown.label else ""
        options = {"label": label or f"{_name(shown)} {shown.stat}", "stat": shown.stat, **more}
        place = {"region": found} if (found := home((shown,))) else {}
        pairs = self._pairs(shown, service)
        return [self._namespace(shown), _name(shown), *_flat(pairs), {**options, **place}]

    def _pairs(self, shown: Measured, service: str = "") -> list[tuple[str, str]]:
        if isinstance(shown, AwsMetric):
            return [(name, self.context.fill(value)) for name, value in shown.dimensions.items()]
        return dimensions(service or shown.metric.service, self.context.environment, self.widget.by)

    def _namespace(self, shown: Measured) -> str:
        return shown.namespace if isinstance(shown, AwsMetric) else self.context.project.namespace

    def _search(self, shown: Each | Search) -> str:
        if isinstance(shown, Search):
            return f"SEARCH('{self.context.fill(shown.query)}', '{shown.stat}', {self.period})"
        fixed = [pair for pair in self._pairs(shown.like) if pair[0] not in shown.by]
        names_ = [*(name for name, _ in fixed), *shown.by]
        schema = ",".join([self._namespace(shown.like), *map(_quoted, names_)])
        terms = [f'MetricName="{_name(shown.like)}"', *(f'{_quoted(name)}="{value}"' for name, value in fixed)]
        return f"SEARCH('{{{schema}}} {' '.join(terms)}', '{shown.like.stat}', {self.period})"


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"\w+", name) else f'"{name}"'


def _each_label(shown: Each | Search) -> str:
    if shown.label or isinstance(shown, Search):
        return shown.label
    return " ".join(f"${{PROP('Dim.{name}')}}" for name in shown.by)


def _name(shown: Measured) -> str:
    return shown.name if isinstance(shown, AwsMetric) else shown.metric.name


def dimensions(service: str, environment: Environment, by: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the dimensions that obskit emits a catalog metric with, and *by*."""
    return [("service", service), ("env", environment.name), *by.items()]


def _flat(pairs: list[tuple[str, str]]) -> list[str]:
    return [word for pair in pairs for word in pair]
