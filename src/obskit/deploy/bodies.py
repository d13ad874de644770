"""Dashboards as CloudWatch's JSON: the layout, and one function per kind of widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from obskit.deploy import names
from obskit.deploy.specs import (
    AlarmList,
    AwsMetric,
    Dashboard,
    Graph,
    Logs,
    Math,
    Measured,
    Number,
    Section,
    Text,
    Widget,
    measured,
)
from obskit.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from obskit.deploy.project import Environment, Project
    from obskit.deploy.specs import Alarm

COLUMNS = 24
COLORS = {"page": "#d13212", "ticket": "#ff9900", "info": "#0073bb"}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """What every widget of a dashboard is rendered with; *problems* takes what cannot be filled in."""

    project: Project
    environment: Environment
    dashboard: Dashboard
    alarms: tuple[Alarm, ...]
    problems: list[str]

    def fill(self, text: str) -> str:
        """Return *text* with its `{names}` filled in; an unknown one is noted and stays."""
        try:
            return names.fill(text, self.project, self.environment, self.environment.primary)
        except DefinitionError as error:
            self.problems.extend(f"dashboard '{self.dashboard.name}': {problem}" for problem in error.problems)
            return text


def render(context: Context) -> Json:
    """Return the body of *context*'s dashboard."""
    body: Json = {"periodOverride": "inherit", "start": "-PT8H", "widgets": list(_widgets(context))}
    if len(context.environment.regions) > 1:
        body["variables"] = [_region_variable(context.environment)]
    return body


def _region_variable(environment: Environment) -> Json:
    """One dashboard for all regions: a dashboard is global to its account, its widgets look at one region."""
    return {
        "type": "property",
        "property": "region",
        "inputType": "select",
        "id": "region",
        "label": "Region",
        "visible": True,
        "defaultValue": environment.primary,
        "values": [{"value": region, "label": region} for region in environment.regions],
    }


def _widgets(context: Context) -> Iterator[Json]:
    y = 0
    for section in context.dashboard.sections:
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
    shows = [shown for widget in _shows(section) for shown in measured(widget.shows)]
    metrics = [shown.metric for shown in shows if not isinstance(shown, AwsMetric)]
    owners = _unique(metric.owner for metric in metrics)
    books = _unique(metric.runbook for metric in metrics)
    links = " · ".join(f"[{book.removesuffix('.md')}]({context.project.runbooks}{book})" for book in books)
    parts = [f"owner: {', '.join(owners)}" if owners else "", f"runbooks: {links}" if links else ""]
    line = " · ".join(part for part in parts if part)
    return f"## {section.title}\n{line}" if line else f"## {section.title}"


def _shows(section: Section) -> Iterator[Graph | Number]:
    yield from (widget for row in section.rows for widget in row if isinstance(widget, (Graph, Number)))


def _unique(texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if text]


def _widget(widget: Widget, context: Context) -> Json:
    match widget:
        case Graph():
            return _graph(widget, context)
        case Number():
            return _number(widget, context)
        case Logs():
            return _logs(widget, context)
        case AlarmList():
            return _alarm_list(widget, context)
        case Text():
            return _text(widget.markdown)


def _text(markdown: str) -> Json:
    return {"type": "text", "properties": {"markdown": markdown, "background": "transparent"}}


def _graph(widget: Graph, context: Context) -> Json:
    guards = _guards(widget, context)
    properties: Json = {
        "title": widget.title,
        "view": "timeSeries",
        "stacked": widget.stacked,
        "region": context.environment.primary,
        "period": _period(widget, guards, context.environment),
        "metrics": _entries(widget, context),
        "legend": {"position": "bottom"},
        "yAxis": {"left": {"min": 0, "showUnits": False}},
    }
    units = _unique(shown.metric.unit for shown in widget.shows if not isinstance(shown, (AwsMetric, Math)))
    if len(units) == 1:
        properties["yAxis"]["left"]["label"] = units[0]
    if guards:
        properties["annotations"] = {"horizontal": [_threshold(alarm) for alarm in guards]}
    return {"type": "metric", "properties": properties}


def _guards(widget: Graph, context: Context) -> list[Alarm]:
    return [alarm for alarm in context.alarms if alarm.statistic in widget.shows and alarm.by == widget.by]


def _period(widget: Graph, guards: list[Alarm], environment: Environment) -> int:
    """Take the alarms' period, for a sum over other seconds says nothing about their threshold."""
    if not guards:
        return widget.period
    return max(60, *(environment.alarm_period or alarm.period for alarm in guards))


def _threshold(alarm: Alarm) -> Json:
    return {
        "value": alarm.threshold,
        "label": f"{alarm.name} {alarm.sign} {alarm.threshold:g} ({alarm.severity})",
        "color": COLORS[alarm.severity],
        "fill": "above" if alarm.comparison.startswith("Greater") else "below",
    }


def _entries(widget: Graph | Number, context: Context) -> list[list[object]]:
    """Return the metric array; what math uses stands hidden before it, once."""
    hidden: dict[str, list[object]] = {}
    entries: list[list[object]] = []
    for shown in widget.shows:
        if not isinstance(shown, Math):
            entries.append(_entry(shown, widget.by, context))
            continue
        for name, used in shown.uses.items():
            entry = _entry(used, widget.by, context, id=name, visible=False)
            if hidden.setdefault(name, entry) != entry:
                words = f"dashboard '{context.dashboard.name}': '{widget.title}': '{name}' stands for two series"
                context.problems.append(words)
        entries.append([{"expression": shown.expression, "label": shown.label}])
    return [*hidden.values(), *entries]


def _entry(shown: Measured, by: Mapping[str, str], context: Context, **more: object) -> list[object]:
    """Return a full entry of the metric array; shorthand would make diffs jump when one is put in between."""
    if isinstance(shown, AwsMetric):
        pairs = [(name, context.fill(value)) for name, value in shown.dimensions.items()]
        label = shown.label or f"{shown.name} {shown.stat}"
        return [shown.namespace, shown.name, *_flat(pairs), {"label": label, "stat": shown.stat, **more}]
    metric = shown.metric
    pairs = dimensions(shown.metric.service, context.environment, by)
    options = {"label": f"{metric.name} {shown.stat}", "stat": shown.stat, **more}
    return [context.project.namespace, metric.name, *_flat(pairs), options]


def dimensions(service: str, environment: Environment, by: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the dimensions that obskit emits a catalog metric with, and *by*."""
    return [("service", service), ("env", environment.name), *by.items()]


def _flat(pairs: list[tuple[str, str]]) -> list[str]:
    return [word for pair in pairs for word in pair]


def _number(widget: Number, context: Context) -> Json:
    properties: Json = {
        "title": widget.title,
        "view": "singleValue",
        "region": context.environment.primary,
        "period": widget.period,
        "metrics": _entries(widget, context),
    }
    properties |= {"setPeriodToTimeRange": True} if widget.whole_range else {"sparkline": True}
    return {"type": "metric", "properties": properties}


def _logs(widget: Logs, context: Context) -> Json:
    sources = [f"SOURCE '{context.fill(group)}'" for group in widget.groups]
    steps = [line.strip().removeprefix("|").strip() for line in widget.query.strip().splitlines()]
    properties = {
        "title": widget.title,
        "view": "table",
        "region": context.environment.primary,
        "query": "\n| ".join([" | ".join(sources), *steps]),
    }
    return {"type": "log", "properties": properties}


def _alarm_list(widget: AlarmList, context: Context) -> Json:
    listed = tuple(
        alarm
        for alarm in context.alarms
        if alarm.name in widget.alarms or (not widget.alarms and alarm.dashboard == context.dashboard.name)
    )
    arns = [
        names.alarm_arn(context.project, context.environment, region, alarm)
        for region in context.environment.regions
        for alarm in names.alarms_in(context.environment, region, listed)
    ]
    return {"type": "alarm", "properties": {"title": widget.title, "alarms": arns}}
