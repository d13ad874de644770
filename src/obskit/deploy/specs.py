"""
The words that definitions are written in: what a dashboard shows and what an alarm guards, without CloudWatch's JSON.

`{project}`, `{env}`, `{region}` and the ids of the environment (`[environments.<env>.ids]`) may stand in dimension
values of `AwsMetric` and in log group names.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from obskit.catalog.model import Statistic
from obskit.deploy.project import NAME
from obskit.errors import DefinitionError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Severity: TypeAlias = Literal["page", "ticket", "info"]
"""`page` wakes somebody, `ticket` is for working hours, `info` only changes colour."""
Missing: TypeAlias = Literal["notBreaching", "breaching", "ignore", "missing"]
"""What an alarm makes of a period without data: error counts `notBreaching`, heartbeats `breaching`."""
Comparison: TypeAlias = Literal[
    "GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"
]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


_made: list[Dashboard | Alarm] | None = None


@contextmanager
def collecting() -> Iterator[list[Dashboard | Alarm]]:
    """Collect every dashboard and alarm that is made inside the block, also one that no name keeps."""
    global _made  # noqa: PLW0603  the one home of this state
    made: list[Dashboard | Alarm] = []
    _made = made
    try:
        yield made
    finally:
        _made = None


def _collect(thing: Dashboard | Alarm) -> None:
    if _made is not None:
        _made.append(thing)


@dataclass(frozen=True, slots=True)
class AwsMetric:
    """A metric that an AWS service publishes; *dimensions* is exactly one set that the service really publishes."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    stat: str
    label: str = ""


Shown: TypeAlias = Statistic | AwsMetric


@dataclass(frozen=True, slots=True)
class Graph:
    """
    Lines over time.

    Args:
        title: what is seen.
        shows: catalog statistics (`kpis.SEARCH_LATENCY.p95`) or AWS metrics; a tuple, also for one.
        by: values of further declared dimensions, e.g. `{"operation": "checkout"}`; without it, the whole service.
        period: seconds between points; a guarding alarm's period replaces it, for the threshold to mean the same.
        width: columns out of 24; 0 shares the row equally.
    """

    title: str
    shows: tuple[Shown, ...]
    by: Mapping[str, str] = field(default_factory=dict)
    period: int = 300
    stacked: bool = False
    width: int = 0
    height: int = 6

    def __post_init__(self) -> None:
        _check_shows(f"Graph '{self.title}'", self.shows, self.by)


@dataclass(frozen=True, slots=True)
class Number:
    """The newest value in large digits; with *whole_range*, one value for all of the time that is looked at."""

    title: str
    shows: tuple[Shown, ...]
    by: Mapping[str, str] = field(default_factory=dict)
    period: int = 300
    whole_range: bool = False
    width: int = 0
    height: int = 4

    def __post_init__(self) -> None:
        _check_shows(f"Number '{self.title}'", self.shows, self.by)


@dataclass(frozen=True, slots=True)
class Text:
    """Markdown."""

    markdown: str
    width: int = 0
    height: int = 3


@dataclass(frozen=True, slots=True)
class Logs:
    """A Logs Insights query over log groups; every refresh scans them, at $0.005 a GB."""

    title: str
    groups: tuple[str, ...]
    query: str
    width: int = 0
    height: int = 6

    def __post_init__(self) -> None:
        if not self.groups or isinstance(self.groups, str):
            raise DefinitionError(f"Logs '{self.title}': groups is a tuple of log group names with at least one")


@dataclass(frozen=True, slots=True)
class AlarmList:
    """The states of alarms, by the names they have here; without names, all whose `dashboard` this one is."""

    title: str
    alarms: tuple[str, ...] = ()
    width: int = 0
    height: int = 3


Widget: TypeAlias = Graph | Number | Text | Logs | AlarmList


@dataclass(frozen=True, slots=True)
class Section:
    """A headline and rows of widgets, laid out over 24 columns from left to right."""

    title: str
    rows: tuple[tuple[Widget, ...], ...]

    def __post_init__(self) -> None:
        rows: tuple[object, ...] = self.rows  # mypy holds callers to the type; not every definition is checked by it
        for row in rows:
            if not isinstance(row, tuple) or not row:
                raise DefinitionError(
                    f"Section '{self.title}': rows is a tuple of tuples of widgets; a row is not empty"
                )


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One dashboard; *name* is what alarms and file names call it."""

    name: str
    title: str
    sections: tuple[Section, ...]

    def __post_init__(self) -> None:
        _check_name(f"Dashboard '{self.name}'", self.name)
        _collect(self)


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
        _check_name(who, self.name)
        _check_shows(who, (self.statistic,), self.by)
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
        _collect(self)

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


def widgets(dashboard: Dashboard) -> Iterator[Widget]:
    """Yield every widget of *dashboard*, row by row."""
    yield from (widget for section in dashboard.sections for row in section.rows for widget in row)


def statistics(thing: Dashboard | Alarm) -> Iterator[Statistic]:
    """Yield every statistic of the catalog's metrics that a dashboard shows or an alarm watches."""
    if isinstance(thing, Alarm):
        yield thing.statistic
        return
    for widget in widgets(thing):
        if isinstance(widget, (Graph, Number)):
            yield from (shown for shown in widget.shows if not isinstance(shown, AwsMetric))


def _check_name(who: str, name: str) -> None:
    if not NAME.fullmatch(name):
        raise DefinitionError(f"{who}: a name is lower-case words joined by '-', each beginning with a letter")


def _check_shows(who: str, shows: object, by: Mapping[str, str]) -> None:
    if not isinstance(shows, tuple) or not shows:
        raise DefinitionError(f"{who}: what it shows is a tuple with at least one statistic")
    for shown in shows:
        if isinstance(shown, AwsMetric):
            continue
        if not isinstance(shown, Statistic):
            raise DefinitionError(f"{who} has {shown!r}; name a statistic of a metric, e.g. kpis.SEARCH_LATENCY.p95")
        for dimension in by:
            if dimension not in shown.metric.dimension_set:
                known = ", ".join(shown.metric.dimensions) or "none"
                raise DefinitionError(
                    f"{who}: metric '{shown.metric.name}' declares no dimension '{dimension}' (declared: {known})."
                    f"{did_you_mean(dimension, shown.metric.dimensions)}"
                )


def _one_of(given: str, known: tuple[str, ...]) -> str:
    return f" It is one of {', '.join(known)}.{did_you_mean(given, known)}"
