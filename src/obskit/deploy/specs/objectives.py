"""
Error budgets: alarms on how fast one is used up, over several windows at once.

The windows and factors are those of Google's SRE workbook, chapter 5, "Multiwindow, multi-burn-rate alerts", for an
objective over 30 days. A long window says that it matters, a short one that it still goes on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from obskit.deploy.specs.alarms import Alarm, Severity, share
from obskit.deploy.specs.composites import Composite, Rule, all_of, any_of
from obskit.errors import DefinitionError

if TYPE_CHECKING:
    from typing import TypedDict, Unpack

    from obskit.catalog.model import Metric, Statistic
    from obskit.deploy.specs.metrics import Measured

    class Facts(TypedDict, total=False):
        """What all alarms of an objective are told."""

        owner: str
        summary: str
        impact: str
        runbook: str
        dashboard: str
        service: str


class Window(NamedTuple):
    """A long and a short look back, in seconds, at *burn* times the rate that would use up the budget exactly."""

    word: str
    severity: Severity
    burn: float
    long: int
    short: int
    days: int = 1


HOUR, DAY = 3600, 86_400
WINDOWS = (
    Window("fast", "page", 14.4, HOUR, HOUR // 12),
    Window("steady", "page", 6, 6 * HOUR, HOUR // 2),
    Window("slow", "ticket", 3, DAY, 2 * HOUR),
    # Nothing is documented for a period above a day: instead of three days at once, each of the last three.
    Window("leak", "ticket", 1, DAY, 6 * HOUR, days=3),
)
_BUDGET = re.compile(r"fewer than ([0-9.]+) %")


def budget(metric: Metric) -> float:
    """
    Return the percentage of failures that *metric*'s objective allows: "fewer than 1 % of checkouts" is 1.0.

    Raises:
        DefinitionError: the objective is in other words.
    """
    found = _BUDGET.match(metric.objective)
    if not found:
        raise DefinitionError(
            f"metric '{metric.name}': its objective, '{metric.objective}', does not begin with 'fewer than N %':"
            " there is no error budget to guard"
        )
    return float(found[1])


def burn_rate(
    name: str,
    bad: Statistic,
    total: Measured,
    *,
    minimum: int,
    suppressor: Alarm | Composite | None = None,
    **facts: Unpack[Facts],
) -> tuple[Alarm | Composite, ...]:
    """
    Return the alarms that guard the error budget of *bad*'s objective: one composite that pages, one for tickets.

    Args:
        name: their names begin with it.
        bad: failures; the objective of its metric says how many percent of *total* are allowed.
        total: failures and successes.
        minimum: how many of *total* a window needs, or its rate means nothing.
        suppressor: an alarm that pages for the same thing already; see `Composite`.
        facts: owner, summary, impact, runbook, dashboard, as of an `Alarm`.
    """
    allowed = budget(bad.metric)
    parts: list[Alarm | Composite] = []
    rules: dict[Severity, list[Rule]] = {}
    for window in WINDOWS:
        if window.burn * allowed >= 100:
            raise DefinitionError(f"'{name}': {window.burn:g} times {allowed:g} % is never reached: too wide a budget")
        pair = [
            Alarm(
                f"{name}-burn-{window.word}-{_span(seconds * days)}",
                share(bad, total, minimum, "failed, %"),
                above=window.burn * allowed,
                period=seconds,
                for_=(days, days),
                missing="notBreaching",
                severity=window.severity,
                acts=False,
                **facts,
            )
            for seconds, days in ((window.long, window.days), (window.short, 1))
        ]
        parts += pair
        rules.setdefault(window.severity, []).append(all_of(*pair))
    composites = (
        Composite(f"{name}-burn-{severity}", any_of(*held), severity=severity, suppressor=suppressor, **facts)
        for severity, held in rules.items()
    )
    return (*parts, *composites)


def _span(seconds: int) -> str:
    """
    Return *seconds* as a part of a name, which begins with a letter.

    >>> [_span(300), _span(3600), _span(86400), _span(259200)]
    ['m5', 'h1', 'd1', 'd3']
    """
    for unit, size in (("d", DAY), ("h", HOUR)):
        if seconds % size == 0:
            return f"{unit}{seconds // size}"
    return f"m{seconds // 60}"
