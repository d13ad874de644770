"""A whole dashboard body: its top level, the grid, and the limits over all widgets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from obskit.deploy.rules.placeholders import has_unknown
from obskit.deploy.rules.problem import Fault, Problem, short
from obskit.deploy.rules.shape import anything, array, is_number, number, one_of, record, text
from obskit.deploy.rules.widgets import METRIC_RULES, PROPERTIES, log_sources, metrics_exist

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from obskit.deploy.rules.vocabulary import Known

    Widgets: TypeAlias = "list[dict[str, object]]"
    Rule: TypeAlias = "Callable[[dict[str, object], Widgets], Iterator[Fault]]"

# Source unless stated: AWS, "Dashboard Body Structure and Syntax", read 2026-11-24.

COLUMNS = 24
WIDGETS = 500
"""Widgets in one dashboard. Same page."""
DASHBOARD_METRICS = 2500
"""Metrics over all widgets, hidden ones included. CloudWatch user guide, "CloudWatch service quotas"."""
VARIABLES = 25
"""Variables in one dashboard. Body page."""

_START = text(
    form=r"-P([0-9]+[DWM]|T[0-9]+[MH])|[0-9]{4}-[0-9]{2}-[0-9]{2}T.+",
    words="a relative time such as -PT8H or -P7D, or an ISO 8601 time",
)
_INDEX = re.compile(r"/widgets/(\d+)")
_VARIABLE = record(
    {
        "type": one_of("property", "pattern"),
        "inputType": one_of("input", "select", "radio"),
        "id": text(1, 32, r"[0-9A-Za-z_-]+"),
    },
    {
        "property": text(1),
        "pattern": text(1),
        "label": text(0, 30),
        "defaultValue": text(0, 255),
        "visible": anything,
        "search": text(1, 2048),
        "populateFrom": text(1),
        "values": array(record({"value": text(0, 255)}, {"label": text(0, 255)}), 1, 500),
    },
)
_TOP = record(
    {"widgets": array(anything, 0, WIDGETS)},
    {
        "variables": array(_VARIABLE, 0, VARIABLES),
        "start": _START,
        "end": text(1),
        "periodOverride": one_of("auto", "inherit"),
    },
)
_WIDGET = record(
    {"type": one_of(*PROPERTIES, "chart"), "properties": anything},
    {
        "x": number(0, COLUMNS - 1, whole=True),
        "y": number(0, whole=True),
        "width": number(1, COLUMNS, whole=True),
        "height": number(1, 1000, whole=True),
    },
)


PAGE = "AWS, Dashboard Body Structure and Syntax"
"""The source of every rule here that names no other."""


def check(
    resource: str, body: object, *, file: str = "", dashboard: str = "", own: Mapping[str, Known] | None = None
) -> list[Problem]:
    """
    Return every rule that *body* breaks; a message ends with the title of the widget that it is about.

    Args:
        resource: what the problems call it.
        dashboard: its name, where *resource* is only a file.
        body: the parsed JSON.
        file: the template that it stands in, if any.
        own: the metrics of the project, beside AWS's.
    """
    faults = [*_TOP(body, "")]
    if isinstance(body, dict) and isinstance(body.get("widgets"), list):
        # Rules over several widgets keep the indices of the body; what is over the limit has been told.
        widgets = [widget if isinstance(widget, dict) else {} for widget in body["widgets"][:WIDGETS]]
        for index, widget in enumerate(body["widgets"][:WIDGETS]):
            faults += _check_widget(widget, f"/widgets/{index}", own)
        for rule in RULES:
            faults += rule(body, widgets)
    return [_about(fault, body, dashboard).of(resource, file=file, page=PAGE) for fault in faults]


def _about(fault: Fault, body: object, dashboard: str) -> Fault:
    """Return *fault* with words that a person finds it by: nobody counts widgets."""
    of = f"dashboard '{dashboard}'" if dashboard else ""
    title = _title(body, fault.path)
    about = ", ".join(filter(None, (of, f"widget '{title}'" if title else "")))
    return fault._replace(message=f"{fault.message} ({about})") if about else fault


def _title(body: object, path: str) -> str:
    """Return the title of the widget that holds *path*, of one of text its first line; "" where there is none."""
    found = _INDEX.match(path)
    if not found or not isinstance(body, dict):
        return ""
    widget = body["widgets"][int(found[1])]
    properties = widget.get("properties") if isinstance(widget, dict) else None
    if not isinstance(properties, dict):
        return ""
    title = properties.get("title") or properties.get("markdown")
    if not isinstance(title, str) or has_unknown(title):
        return ""
    return short(next(filter(None, (line.strip("# \t") for line in title.splitlines())), ""), 60)


def _check_widget(widget: object, path: str, own: Mapping[str, Known] | None) -> Iterator[Fault]:
    yield from _WIDGET(widget, path)
    if not isinstance(widget, dict):
        return
    if ("x" in widget) != ("y" in widget):
        yield Fault(path, "position", "x and y are given both or not at all")
    kind, properties = widget.get("type"), widget.get("properties")
    if not isinstance(kind, str) or kind not in PROPERTIES or "properties" not in widget:
        return
    inside = f"{path}/properties"
    yield from PROPERTIES[kind](properties, inside)
    if not isinstance(properties, dict):
        return
    if kind == "metric":
        for rule in METRIC_RULES:
            yield from (fault.under(inside) for fault in rule(properties))
        yield from (fault.under(inside) for fault in metrics_exist(properties, own))
    elif kind == "log":
        yield from (fault.under(inside) for fault in log_sources(properties))


def within_the_grid(_body: dict[str, object], widgets: Widgets) -> Iterator[Fault]:
    """CloudWatch stores a widget that sticks out and moves it."""
    for index, widget in enumerate(widgets):
        x, width = widget.get("x"), widget.get("width", 6)
        if is_number(x) and is_number(width) and x + width > COLUMNS:
            yield Fault(f"/widgets/{index}", "grid", f"x + width is {x + width:g}; the grid has {COLUMNS} columns")


def no_overlap(body: dict[str, object], widgets: Widgets) -> Iterator[Fault]:
    """The API stores overlapping widgets; one of them is then elsewhere than intended."""
    placed: list[tuple[int, float, float, float, float]] = []
    for index, widget in enumerate(widgets):
        x, y, width, height = (widget.get(key, 6) for key in ("x", "y", "width", "height"))
        if "x" not in widget or not (is_number(x) and is_number(y) and is_number(width) and is_number(height)):
            continue
        for other, left, top, right, bottom in placed:
            if x < right and left < x + width and y < bottom and top < y + height:
                title = _title(body, f"/widgets/{other}")
                words = f"overlaps /widgets/{other} '{title}'" if title else f"overlaps /widgets/{other}"
                yield Fault(f"/widgets/{index}", "overlap", words)
        placed.append((index, x, y, x + width, y + height))


def metrics_in_all(_body: dict[str, object], widgets: Widgets) -> Iterator[Fault]:
    total = 0
    for widget in widgets:
        properties = widget.get("properties")
        metrics = properties.get("metrics") if isinstance(properties, dict) else None
        total += len(metrics) if isinstance(metrics, list) and widget.get("type") == "metric" else 0
    if total > DASHBOARD_METRICS:
        text = f"{total} metrics over all widgets; a dashboard has at most {DASHBOARD_METRICS}, hidden ones included"
        yield Fault("/widgets", "metrics-in-all", text)


def end_needs_start(body: dict[str, object], _widgets: Widgets) -> Iterator[Fault]:
    """`end` alone deploys and is ignored (aws/aws-cdk#27124)."""
    if "end" in body and "start" not in body:
        yield Fault("", "time-range", "Should have property 'start' when property 'end' is present")


def variables_are_whole(body: dict[str, object], _widgets: Widgets) -> Iterator[Fault]:
    """A variable replaces a property or a pattern, and a list to choose from comes from one place."""
    variables = body.get("variables")
    seen: set[str] = set()
    for index, variable in enumerate(variables if isinstance(variables, list) else []):
        if not isinstance(variable, dict):
            continue
        path = f"/variables/{index}"
        name, kind, input_ = (variable.get(key) for key in ("id", "type", "inputType"))
        if isinstance(name, str) and name in seen:
            yield Fault(f"{path}/id", "variable", f"id '{short(name)}' is used twice")
        seen.add(str(name))
        if kind in ("property", "pattern") and kind not in variable:
            yield Fault(path, "variable", f"Should have required property '{kind}': what the variable replaces")
        if input_ in ("select", "radio") and ("values" in variable) == ("search" in variable):
            yield Fault(path, "variable", "Should have exactly one of values, search: what there is to choose from")
        if "search" in variable and "populateFrom" not in variable:
            yield Fault(path, "variable", "Should have required property 'populateFrom' when 'search' is present")
        if variable.get("defaultValue") == "__FIRST" and "search" not in variable:
            yield Fault(f"{path}/defaultValue", "variable", "'__FIRST' is the first that a search finds; there is none")


RULES: tuple[Rule, ...] = (within_the_grid, no_overlap, metrics_in_all, end_needs_start, variables_are_whole)
