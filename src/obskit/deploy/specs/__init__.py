"""
The words that definitions are written in: what a dashboard shows and what an alarm guards.

`dashboards` and `alarms` hold them; `metrics` is what both speak of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit.catalog.model import Statistic
from obskit.deploy.specs.alarms import SEVERITIES, Alarm, Comparison, Missing, Severity
from obskit.deploy.specs.collected import collecting
from obskit.deploy.specs.dashboards import (
    AlarmList,
    Dashboard,
    Graph,
    Logs,
    Number,
    Section,
    Text,
    Widget,
    widgets,
)
from obskit.deploy.specs.metrics import AwsMetric, Math, Measured, Shown, measured

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "SEVERITIES",
    "Alarm",
    "AlarmList",
    "AwsMetric",
    "Comparison",
    "Dashboard",
    "Graph",
    "Logs",
    "Math",
    "Measured",
    "Missing",
    "Number",
    "Section",
    "Severity",
    "Shown",
    "Text",
    "Widget",
    "collecting",
    "measured",
    "statistics",
    "widgets",
]


def statistics(thing: Dashboard | Alarm) -> Iterator[Statistic]:
    """Yield every statistic of the catalog's metrics that a dashboard shows or an alarm watches."""
    if isinstance(thing, Alarm):
        yield thing.statistic
        return
    for widget in widgets(thing):
        if isinstance(widget, (Graph, Number)):
            yield from (shown for shown in measured(widget.shows) if isinstance(shown, Statistic))
