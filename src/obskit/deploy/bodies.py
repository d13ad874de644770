"""Dashboards as CloudWatch's JSON: the layout, and widgets of every kind; those with metrics are `metric_widgets`'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from obskit.catalog.model import Statistic
from obskit.deploy import metric_widgets, names
from obskit.deploy.specs import (
    Accounts,
    Alarm,
    AlarmList,
    Choice,
    Drawn,
    Functions,
    Gauge,
    Graph,
    Links,
    Logs,
    Raw,
    Section,
    Text,
    Variable,
    Widget,
    measured,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from obskit.catalog.model import Metric
    from obskit.deploy.dashboard_context import Context
    from obskit.deploy.specs import Composite

COLUMNS = 24

Json = dict[str, Any]


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
    guards = [alarm for widget in _guarded(section) for alarm, _ in metric_widgets.guards_of(widget, context)]
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
            return {"type": "metric", "properties": metric_widgets.properties(widget, context)}
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
