"""What an alarm guards and whom it wakes, without CloudWatch's JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from obskit.catalog.model import Statistic
from obskit.deploy.specs.collected import collect
from obskit.deploy.specs.metrics import check_name, check_shows
from obskit.errors import DefinitionError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

Severity: TypeAlias = Literal["page", "ticket", "info"]
"""`page` wakes somebody, `ticket` is for working hours, `info` only changes colour."""
Missing: TypeAlias = Literal["notBreaching", "breaching", "ignore", "missing"]
"""What an alarm makes of a period without data: error counts `notBreaching`, heartbeats `breaching`."""
Comparison: TypeAlias = Literal[
    "GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"
]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The line that is not to be crossed; exactly one is given."""

    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None


_COMPARISONS: dict[str, tuple[Comparison, str]] = {
    "above": ("GreaterThanThreshold", ">"),
    "at_least": ("GreaterThanOrEqualToThreshold", "≥"),
    "below": ("LessThanThreshold", "<"),
    "at_most": ("LessThanOrEqualToThreshold", "≤"),
}


@dataclass(frozen=True, slots=True)
class Alarm(Limits):
    """
    One alarm.

    Args:
        name: lower-case words; project, service, environment and region are put before it.
        statistic: what is watched.
        above, at_least, below, at_most: exactly one, in the metric's unit: when a data point is bad.
        for_: M of N: how many of the newest N periods must be bad.
        severity: who hears of it, see `Severity`.
        owner: the team that answers for it.
        summary: the first line of the page: what is wrong, for a person just woken.
        impact: who notices, and how.
        runbook: file name below `alarms/runbooks/`.
        dashboard: name of the dashboard to open first.
        by: values of further declared dimensions.
        period: seconds that one data point covers.
        missing: what a period without data counts as.
        primary_only: leave the other regions without it: there, a heartbeat of a job that stands by is always late.
    """

    name: str
    statistic: Statistic
    severity: Severity = field(kw_only=True)
    owner: str = field(kw_only=True)
    summary: str = field(kw_only=True)
    impact: str = field(kw_only=True)
    runbook: str = field(kw_only=True)
    dashboard: str = field(kw_only=True)
    for_: tuple[int, int] = field(default=(1, 1), kw_only=True)
    by: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    period: int = field(default=60, kw_only=True)
    missing: Missing = field(default="notBreaching", kw_only=True)
    primary_only: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        who = f"Alarm '{self.name}'"
        check_name(who, self.name)
        check_shows(who, (self.statistic,), self.by)
        watched: object = self.statistic  # mypy holds callers to the type; not every definition is checked by it
        if not isinstance(watched, Statistic):
            raise DefinitionError(f"{who}: an alarm watches a metric of the catalog, e.g. kpis.CHECKOUT_FAILURE.sum")
        given = [word for word in _COMPARISONS if getattr(self, word) is not None]
        if len(given) != 1:
            raise DefinitionError(f"{who}: give exactly one of {', '.join(_COMPARISONS)}; it has {given or 'none'}")
        if self.severity not in SEVERITIES:
            raise DefinitionError(f"{who}: severity '{self.severity}'.{_one_of(self.severity, SEVERITIES)}")
        if self.missing not in get_args(Missing):
            raise DefinitionError(f"{who}: missing '{self.missing}'.{_one_of(self.missing, get_args(Missing))}")
        for word in ("owner", "summary", "impact", "runbook", "dashboard"):
            text = getattr(self, word)
            if not text or "\n" in text:
                raise DefinitionError(f"{who}: {word} must be one line of text; a person reads it at night")
        collect(self)

    @property
    def comparison(self) -> Comparison:
        return _COMPARISONS[self._limit][0]

    @property
    def threshold(self) -> float:
        value: float = getattr(self, self._limit)
        return value

    @property
    def sign(self) -> str:
        return _COMPARISONS[self._limit][1]

    @property
    def _limit(self) -> str:
        return next(word for word in _COMPARISONS if getattr(self, word) is not None)


def _one_of(given: str, known: tuple[str, ...]) -> str:
    return f" It is one of {', '.join(known)}.{did_you_mean(given, known)}"
