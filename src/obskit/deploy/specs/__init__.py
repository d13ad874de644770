"""
The words that definitions are written in: what a dashboard shows and what an alarm guards.

`dashboards` and `alarms` hold them, `composites` alarms over alarms, `objectives` and `rollbacks` whole sets of both;
`metrics` is what all speak of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit.catalog.model import Statistic
from obskit.deploy.specs.alarms import EXECUTED_VERSION, SEVERITIES, Alarm, Comparison, Missing, Severity
from obskit.deploy.specs.collected import collecting
from obskit.deploy.specs.composites import Composite, Part, Rule, all_of, any_of, named, none_of
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
    Watched,
    home,
    measured,
    plain,
)
from obskit.deploy.specs.objectives import burn_rate
from obskit.deploy.specs.rollbacks import rollback

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "EXECUTED_VERSION",
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
    "Composite",
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
    "Part",
    "Raw",
    "Rule",
    "Search",
    "Section",
    "Series",
    "Severity",
    "Shown",
    "Table",
    "Text",
    "Variable",
    "Watched",
    "Widget",
    "all_of",
    "any_of",
    "burn_rate",
    "collecting",
    "drawn",
    "home",
    "measured",
    "named",
    "none_of",
    "plain",
    "rollback",
    "services",
    "statistics",
    "widgets",
]


def statistics(thing: Dashboard | Alarm) -> Iterator[Statistic]:
    """Yield every statistic of the catalog's metrics that a dashboard shows or an alarm watches."""
    if isinstance(thing, Alarm):
        yield from (one for one in measured((thing.watches,)) if isinstance(one, Statistic))
        return
    for widget in drawn(thing):
        yield from (shown for shown in measured(widget.shows) if isinstance(shown, Statistic))
