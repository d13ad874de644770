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
    Accounts,
    AlarmList,
    Band,
    Bar,
    Choice,
    Dashboard,
    Drawn,
    Functions,
    Gauge,
    Graph,
    Level,
    Links,
    Logs,
    Number,
    Raw,
    Section,
    Table,
    Text,
    Variable,
    Widget,
    drawn,
    services,
    widgets,
)
from obskit.deploy.specs.metrics import (
    Anomaly,
    AwsMetric,
    Each,
    Math,
    Measured,
    Search,
    Series,
    Shown,
    home,
    measured,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "SEVERITIES",
    "Accounts",
    "Alarm",
    "AlarmList",
    "Anomaly",
    "AwsMetric",
    "Band",
    "Bar",
    "Choice",
    "Comparison",
    "Dashboard",
    "Drawn",
    "Each",
    "Functions",
    "Gauge",
    "Graph",
    "Level",
    "Links",
    "Logs",
    "Math",
    "Measured",
    "Missing",
    "Number",
    "Raw",
    "Search",
    "Section",
    "Series",
    "Severity",
    "Shown",
    "Table",
    "Text",
    "Variable",
    "Widget",
    "collecting",
    "drawn",
    "home",
    "measured",
    "plain",
    "services",
    "statistics",
    "widgets",
]


def statistics(thing: Dashboard | Alarm) -> Iterator[Statistic]:
    """Yield every statistic of the catalog's metrics that a dashboard shows or an alarm watches."""
    if isinstance(thing, Alarm):
        yield thing.statistic
        return
    for widget in drawn(thing):
        yield from (shown for shown in measured(widget.shows) if isinstance(shown, Statistic))
