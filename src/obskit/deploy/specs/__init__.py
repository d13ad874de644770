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
from obskit.deploy.specs.objectives import burn_rate
from obskit.deploy.specs.rollbacks import rollback

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "EXECUTED_VERSION",
    "SEVERITIES",
    "Alarm",
    "AlarmList",
    "AwsMetric",
    "Comparison",
    "Composite",
    "Dashboard",
    "Graph",
    "Logs",
    "Math",
    "Measured",
    "Missing",
    "Number",
    "Part",
    "Rule",
    "Section",
    "Severity",
    "Shown",
    "Text",
    "Widget",
    "all_of",
    "any_of",
    "burn_rate",
    "collecting",
    "measured",
    "named",
    "none_of",
    "rollback",
    "statistics",
    "widgets",
]


def statistics(thing: Dashboard | Alarm) -> Iterator[Statistic]:
    """Yield every statistic of the catalog's metrics that a dashboard shows or an alarm watches."""
    if isinstance(thing, Alarm):
        yield from (one for one in measured((thing.watches,)) if isinstance(one, Statistic))
        return
    for widget in widgets(thing):
        if isinstance(widget, (Graph, Number)):
            yield from (shown for shown in measured(widget.shows) if isinstance(shown, Statistic))
