"""Dashboards as CloudWatch's JSON: the layout, and one function per kind of widget."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from obskit.catalog.model import Statistic
from obskit.deploy import names
from obskit.deploy.specs import (
    Accounts,
    Alarm,
    AlarmList,
    Anomaly,
    AwsMetric,
    Band,
    Bar,
    Choice,
    Dashboard,
    Drawn,
    Each,
    Functions,
    Gauge,
    Graph,
    Level,
    Links,
    Logs,
    Math,
    Measured,
    Number,
    Raw,
    Search,
    Section,
    Series,
    Shown,
    Table,
    Text,
    Variable,
    Widget,
    home,
    measured,
    plain,
)
from obskit.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from obskit.catalog.model import Metric
    from obskit.deploy.project import Environment, Project
    from obskit.deploy.specs import Composite, Watched

COLUMNS = 24
COLORS = {"page": "#d13212", "ticket": "#ff9900", "info": "#0073bb"}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """
    What every widget of a dashboard is rendered with.

    *problems* takes what cannot be filled in; *used* the names that were; *dashboards* are all of the project,
    *guarding* the alarms with a line by what they watch.
    """

    project: Project
    environment: Environment
    dashboard: Dashboard
    alarms: tuple[Alarm | Composite, ...]
    problems: list[str]
    dashboards: tuple[Dashboard, ...] = ()
    guarding: Mapping[Watched, list[Alarm]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def fill(self, text: str) -> str:
        """Return *text* with its `{names}` filled in; an unknown one is noted and stays."""
        try:
            found = names.fill(text, self.project, self.environment, self.environment.primary)
        except DefinitionError as error:
            self.problems.extend(f"dashboard '{self.dashboard.name}': {problem}" for problem in error.problems)
            return text
        self.used.update(names.in_braces(text))
        return found

    def fill_all(self, value: object) -> object:
        """Return *value* with the `{names}` of every text in it filled in."""
        if isinstance(value, str):
            return self.fill(value)
        if isinstance(value, dict):
            return {key: self.fill_all(one) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.fill_all(one) for one in value]
        return value


def render(context: Context) -> Json:
    """Return the body of *context*'s dashboard."""
    body: Json = {"periodOverride": "inherit", "start": context.dashboard.since, "widgets": list(_widgets(context))}
    if variables := list(_variables(context)):
        body["variables"] = variables
    return body


def _variables(context: Context) -> Iterator[Json]:
    environment = context.environment
    if len(environment.regions) > 1:
        # One dashboard for all regions: a dashboard is global to its account, its widgets look at one region.
        regions = [(region, region) for region in environment.regions]
        yield _choice("region", "Region", regions, property="region")
    for name in sorted(context.used):
        values = [(environment.ids_of(region).get(name, ""), region) for region in environment.regions]
        if len({value for value, _ in values}) > 1:
            # The chosen region has a resource of its own behind this name.
            yield _choice(name, f"{name} of", values, pattern=values[0][0])
    for variable in context.dashboard.variables:
        yield _variable(variable, context)


def _variable(variable: Variable, context: Context) -> Json:
    match variable:
        case Accounts():
            ours = context.environment
            others = [one for one in context.project.environments.values() if one.account != ours.account]
            accounts = [(one.account, one.name) for one in (ours, *others)]
            return _choice("account", "Account", accounts, property="accountId")
        case Functions():
            functions = [(name, name) for name in map(context.fill, variable.names)]
            return _choice("function", variable.label, functions, property="FunctionName")
        case Choice():
            values = [(context.fill(value), label) for value, label in variable.values]
            what = {"property": variable.property} if variable.property else {"pattern": context.fill(variable.pattern)}
            return _choice(variable.id, variable.label, values, **what)


def _choice(name: str, label: str, values: list[tuple[str, str]], **what: str) -> Json:
    return {
        "type": next(iter(what)),
        **what,
        "inputType": "select",
        "id": name,
        "label": label,
        "visible": True,
        "defaultValue": values[0][0],
        "values": [{"value": value, "label": text} for value, text in values],
    }


def _widgets(context: Context) -> Iterator[Json]:
    y = 0
    for section in context.dashboard.sections:
        if section.title:
            yield _place(_text(_headline(section, context)), 0, y, COLUMNS, 2)
            y += 2
        for row in section.rows:
            x = 0
            for widget, width in zip(row, _widths(row), strict=True):
                yield _place(_widget(widget, context), x, y, width, widget.height)
                x += width
            y += max(widget.height for widget in row)


def _place(widget: Json, x: int, y: int, width: int, height: int) -> Json:
    return {**widget, "x": x, "y": y, "width": width, "height": height}


def _widths(row: tuple[Widget, ...]) -> list[int]:
    """Share what the given widths leave of the 24 columns; the last ones take the odd columns."""
    free = max(COLUMNS - sum(widget.width for widget in row), 0)
    shares = sum(not widget.width for widget in row)
    widths, taken = [], 0
    for widget in row:
        share = (free - taken) // shares if shares and not widget.width else 0
        if not widget.width:
            taken, shares = taken + share, shares - 1
        widths.append(widget.width or max(share, 1))
    return widths


def _headline(section: Section, context: Context) -> str:
    """Say whose section this is and what to do when it looks bad."""
    shows = [shown for row in section.rows for widget in row if isinstance(widget, Drawn) for shown in widget.shows]
    metrics = [shown.metric for shown in measured(shows) if isinstance(shown, Statistic)]
    guards = [alarm for widget in _guarded(section) for alarm, _ in _guards(widget, context)]
    things: list[Metric | Alarm] = [*metrics, *guards]
    owners = _unique(thing.owner for thing in things)
    links = " · ".join(_book(book, context) for book in _unique(thing.runbook for thing in things))
    parts = [f"owner: {', '.join(owners)}" if owners else "", f"runbooks: {links}" if links else ""]
    line = " · ".join(part for part in parts if part)
    return f"## {section.title}\n{line}" if line else f"## {section.title}"


def _guarded(section: Section) -> Iterator[Graph | Gauge]:
    yield from (widget for row in section.rows for widget in row if isinstance(widget, (Graph, Gauge)))


def _book(name: str, context: Context) -> str:
    return f"[{name.removesuffix('.md')}]({context.project.runbooks}{name})"


def _unique(texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if text]


def _widget(widget: Widget, context: Context) -> Json:
    match widget:
        case Drawn():
            return {"type": "metric", "properties": _metric(widget, context)}
        case Logs():
            return _logs(widget, context)
        case AlarmList():
            return _alarm_list(widget, context)
        case Text():
            return _text(widget.markdown)
        case Links():
            return _text(_links(context))
        case Raw():
            return {"type": widget.type, "properties": context.fill_all(dict(widget.properties))}


def _text(markdown: str) -> Json:
    return {"type": "text", "properties": {"markdown": markdown, "background": "transparent"}}


def _links(context: Context) -> str:
    primary = context.environment.primary
    boards = [
        f"[{board.title}]({names.dashboard_link(context.project, context.environment, primary, board.name)})"
        for board in context.dashboards
        if board.name != context.dashboard.name
    ]
    books = [_book(book, context) for book in sorted({alarm.runbook for alarm in context.alarms if alarm.runbook})]
    alarms = f"https://{primary}.console.aws.amazon.com/cloudwatch/home?region={primary}#alarmsV2:"
    lines = [
        f"**Dashboards** {' · '.join(boards)}" if boards else "",
        f"**Runbooks** {' · '.join(books)}" if books else "",
        f"**CloudWatch** [all alarms of {context.environment.name}]({alarms})",
    ]
    return "\n\n".join(line for line in lines if line)


def _metric(widget: Drawn, context: Context) -> Json:
    """Return the properties of a widget that shows metrics."""
    guards = _guards(widget, context) if isinstance(widget, (Graph, Gauge)) else []
    period = _period(widget, guards, context.environment)
    properties: Json = {
        "title": widget.title,
        "view": _VIEWS[type(widget)],
        "region": _region(widget, context),
        "period": period,
        "metrics": _Entries(widget, context, period).all(),
    }
    match widget:
        case Graph():
            properties |= {"stacked": widget.stacked, "legend": {"position": "bottom"}, "yAxis": _axes(widget)}
        case Gauge():
            properties["yAxis"] = {"left": {"min": widget.least, "max": widget.most}}
        case Number():
            properties |= {"setPeriodToTimeRange": True} if widget.whole_range else {"sparkline": True}
        case Bar():
            properties["setPeriodToTimeRange"] = True
        case Table():
            summary = {"summaryColumns": list(widget.summary), "stickySummary": True, "showTimeSeriesData": False}
            properties["table"] = {"layout": "horizontal", **summary}
    if isinstance(widget, (Graph, Gauge)) and (guards or widget.levels):
        lines = _thresholds(guards, context.environment)
        properties["annotations"] = {"horizontal": [*lines, *map(_level, widget.levels)]}
    return properties


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


def _guards(widget: Graph | Gauge, context: Context) -> list[tuple[Alarm, Series]]:
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


def _logs(widget: Logs, context: Context) -> Json:
    sources = [f"SOURCE '{context.fill(group)}'" for group in widget.groups]
    steps = [context.fill(step) for step in widget.steps]
    properties = {
        "title": widget.title,
        "view": widget.view,
        "region": context.environment.primary,
        "query": "\n| ".join([" | ".join(sources), *steps]),
    }
    return {"type": "log", "properties": properties}


def _alarm_list(widget: AlarmList, context: Context) -> Json:
    listed = tuple(alarm for alarm in context.alarms if _is_listed(alarm, widget, context.dashboard.name))
    arns = [
        names.alarm_arn(context.project, context.environment, region, alarm)
        for region in context.environment.regions
        for alarm in names.alarms_in(context.environment, region, listed)
    ]
    states = {"states": list(widget.states)} if widget.states else {}
    return {"type": "alarm", "properties": {"title": widget.title, "alarms": arns, **states}}


def _is_listed(alarm: Alarm | Composite, widget: AlarmList, dashboard: str) -> bool:
    if widget.alarms:
        return alarm.name in widget.alarms
    wanted = widget.every or alarm.dashboard == dashboard
    return alarm.acts and wanted and (not widget.severities or alarm.severity in widget.severities)
