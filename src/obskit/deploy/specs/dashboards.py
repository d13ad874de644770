"""
What a dashboard shows, without CloudWatch's JSON.

`{project}`, `{env}`, `{region}` and the ids of the environment may stand in log group names, queries, labels and in the
texts of `Raw`, too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from obskit.backtest.shapes import objective
from obskit.catalog.model import Statistic
from obskit.deploy.specs.alarms import SEVERITIES, Severity
from obskit.deploy.specs.collected import collect, refuse
from obskit.deploy.specs.metrics import Series, Shown, check_name, check_shows, plain
from obskit.deploy.specs.types import check_parts, check_types
from obskit.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from obskit.catalog import Metric

COMMANDS = (
    *("anomaly", "dedup", "diff", "display", "fields", "filter", "filterIndex", "join", "limit", "lookup", "parse"),
    *("pattern", "sort", "source", "stats", "subqueries", "unmask", "unnest"),
)
"""What a step of a Logs Insights query begins with. CloudWatch Logs user guide, "Query syntax", read 2026-11-24."""

WIDGET_TYPES = ("alarm", "chart", "custom", "explorer", "log", "metric", "text")
"""Kinds of widgets. AWS, "Dashboard Body Structure and Syntax"; `chart` and `custom` from aws-cdk-lib 2.276."""

MINUTE = 60
"""Seconds: the shortest period that every metric has."""

State: TypeAlias = Literal["ALARM", "INSUFFICIENT_DATA", "OK"]
LogView: TypeAlias = Literal["table", "timeSeries", "bar", "pie"]
Summary: TypeAlias = Literal["MIN", "MAX", "SUM", "AVG"]


@dataclass(frozen=True, slots=True)
class Level:
    """A line across a graph that no alarm draws, e.g. an objective; *fill* shades one side of it."""

    value: float
    label: str
    color: str = "#2ca02c"
    fill: Literal["above", "below", "none"] = "none"
    axis: Literal["left", "right"] = "left"

    def __post_init__(self) -> None:
        check_types(f"Level '{self.label}'", self)


@dataclass(frozen=True, slots=True)
class Band:
    """A range of values that is shaded."""

    least: float
    most: float
    label: str
    color: str = "#2ca02c"
    axis: Literal["left", "right"] = "left"

    def __post_init__(self) -> None:
        check_types(f"Band '{self.label}'", self)


@dataclass(frozen=True, slots=True)
class Drawn:
    """
    What every widget that shows metrics has.

    Args:
        title: what is seen.
        shows: catalog statistics (`kpis.SEARCH_LATENCY.p95`), AWS metrics, what is made of them; a tuple, also for one.
        by: values of further declared dimensions, e.g. `{"operation": "checkout"}`; without it, the whole service.
        period: seconds between points; a guarding alarm's period replaces it, for the threshold to mean the same.
        width: columns out of 24; 0 shares the row equally.
        height: rows of the grid.
    """

    title: str
    shows: tuple[Shown, ...]
    by: Mapping[str, str] = field(default_factory=dict)
    period: int = 300
    width: int = 0
    height: int = 6

    def __post_init__(self) -> None:
        who = f"{type(self).__name__} '{self.title}'"
        check_types(who, self)
        check_shows(who, self.shows, self.by)


@dataclass(frozen=True, slots=True)
class Graph(Drawn):
    """
    Lines over time, or areas on top of each other.

    Args:
        stacked: areas.
        levels: lines and ranges beside the thresholds of alarms, which come by themselves.
        least, most: ends of the left axis; by default it begins at 0.
    """

    stacked: bool = field(default=False, kw_only=True)
    levels: tuple[Level | Band, ...] = field(default=(), kw_only=True)
    least: float | None = field(default=0, kw_only=True)
    most: float | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        Drawn.__post_init__(self)
        check_parts(f"Graph '{self.title}'", "levels", self.levels, (Level, Band))


@dataclass(frozen=True, slots=True)
class Number(Drawn):
    """
    The newest value in large digits over a small line; with *whole_range*, one value for all of the time looked at.

    With *objective*, what is shown is called by its metric's objective, and a sum covers the time that this speaks of:
    "at least 1 an hour" makes *period* 3600. A *period* of 0 is that time, or else 300.
    """

    period: int = 0
    height: int = 4
    whole_range: bool = field(default=False, kw_only=True)
    objective: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        Drawn.__post_init__(self)  # super() names the class from before slots were made
        spans = dict(_objective_spans(self)) if self.objective else {}
        for metric, seconds in spans.items():
            if self.whole_range or self.period not in (0, seconds):
                over = "all of the time that is looked at" if self.whole_range else f"{self.period} s"
                words = (
                    f"'{metric.objective}', says something of {seconds} s; a sum over {over} cannot be held against it"
                )
                refuse(f"Number '{self.title}': the objective of '{metric.name}', {words}")
        if len(set(spans.values())) > 1:
            refuse(f"Number '{self.title}': these objectives speak of different times; give each a widget of its own")
        object.__setattr__(self, "period", self.period or next(iter(spans.values()), 300))


def _objective_spans(number: Number) -> Iterator[tuple[Metric, int]]:
    """Yield the metrics that are shown as a sum, each with the seconds that its objective speaks of."""
    for shown in map(plain, number.shows):
        if isinstance(shown, Statistic) and shown.stat in ("Sum", "SampleCount"):
            found = objective(shown.metric)
            if found is not None and found.per >= MINUTE:
                yield shown.metric, int(found.per)


@dataclass(frozen=True, slots=True)
class Gauge(Drawn):
    """The newest value on a dial from *least* to *most*; ranges of it may be shaded."""

    least: float = field(default=0, kw_only=True)
    most: float = field(default=100, kw_only=True)
    levels: tuple[Level | Band, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        Drawn.__post_init__(self)
        check_parts(f"Gauge '{self.title}'", "levels", self.levels, (Level, Band))
        if not self.least < self.most:
            refuse(f"Gauge '{self.title}': least is {self.least:g} and most {self.most:g}; a dial has two ends")


@dataclass(frozen=True, slots=True)
class Bar(Drawn):
    """A bar for each series, of all of the time that is looked at."""


@dataclass(frozen=True, slots=True)
class Table(Drawn):
    """A row for each series; *summary* are columns over all of the time that is looked at."""

    summary: tuple[Summary, ...] = field(default=("MIN", "MAX", "AVG"), kw_only=True)


@dataclass(frozen=True, slots=True)
class Text:
    """Markdown, as it is."""

    markdown: str
    width: int = 0
    height: int = 3

    def __post_init__(self) -> None:
        check_types("Text", self)


@dataclass(frozen=True, slots=True)
class Links:
    """Where to go next: every other dashboard of the project, its runbooks, and the alarms of CloudWatch."""

    width: int = 0
    height: int = 3

    def __post_init__(self) -> None:
        check_types("Links", self)


@dataclass(frozen=True, slots=True)
class Logs:
    """A Logs Insights query over log groups; every refresh scans them, at $0.005 a GB."""

    title: str
    groups: tuple[str, ...]
    query: str
    width: int = 0
    height: int = 6
    view: LogView = field(default="table", kw_only=True)

    def __post_init__(self) -> None:
        who = f"Logs '{self.title}'"
        if not self.groups or isinstance(self.groups, str):
            refuse(f"{who}: groups is a tuple of log group names with at least one")
        check_types(who, self)
        if self.view not in get_args(LogView):
            refuse(f"{who}: view '{self.view}' is none of {', '.join(get_args(LogView))}")
        steps = self.steps
        if not steps:
            refuse(f"{who}: the query is empty")
        for step in steps:
            word = step.split()[0]
            if word.lower() not in (command.lower() for command in COMMANDS) and not step.startswith("#"):
                refuse(f"{who}: a step of a query begins with a command, not '{word}'.{did_you_mean(word, COMMANDS)}")

    @property
    def steps(self) -> list[str]:
        """Return the query's lines, one step each, without the bars between them."""
        found = (line.strip().removeprefix("|").strip() for line in self.query.strip().splitlines())
        return [step for step in found if step]


@dataclass(frozen=True, slots=True)
class AlarmList:
    """
    The states of alarms, by the names they have here; without names, all whose `dashboard` this one is.

    With *every*, all of the project; with *severities*, those alone; with *states*, those that are in one of them.
    A widget has at most 100, those of all regions together.
    """

    title: str
    alarms: tuple[str, ...] = ()
    width: int = 0
    height: int = 3
    every: bool = field(default=False, kw_only=True)
    severities: tuple[Severity, ...] = field(default=(), kw_only=True)
    states: tuple[State, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        who = f"AlarmList '{self.title}'"
        check_types(who, self)
        _check_words(who, "severities", self.severities, SEVERITIES)
        _check_words(who, "states", self.states, get_args(State))


def _check_words(who: str, word: str, given: object, known: tuple[str, ...]) -> None:
    for one in given if isinstance(given, tuple) else (given,):
        if one not in known:
            refuse(f"{who}: {word}: '{one}' is none of {', '.join(known)}.{did_you_mean(str(one), known)}")


@dataclass(frozen=True, slots=True)
class Raw:
    """A widget as CloudWatch writes it, for what obskit has no word for; it is filled in and checked like any other."""

    type: str
    properties: Mapping[str, Any]
    width: int = 0
    height: int = 6

    def __post_init__(self) -> None:
        if self.type not in WIDGET_TYPES:
            hint = did_you_mean(str(self.type), WIDGET_TYPES)
            refuse(f"Raw: there is no widget of type '{self.type}'; it is one of {', '.join(WIDGET_TYPES)}.{hint}")
        check_types(f"Raw '{self.type}'", self)


Widget: TypeAlias = Drawn | Text | Links | Logs | AlarmList | Raw


@dataclass(frozen=True, slots=True)
class Section:
    """A headline and rows of widgets, laid out over 24 columns from left to right; without a title, no headline."""

    title: str
    rows: tuple[tuple[Widget, ...], ...]

    def __post_init__(self) -> None:
        check_types(f"Section '{self.title}'", self)
        rows: object = self.rows
        for row in rows if isinstance(rows, tuple) else (rows,):
            if not isinstance(row, tuple) or not row or not all(isinstance(one, get_args(Widget)) for one in row):
                refuse(
                    f"Section '{self.title}': rows is a tuple of tuples of widgets, none empty; one is ((Graph(…),),)"
                )


@dataclass(frozen=True, slots=True)
class Choice:
    """
    What a viewer chooses above the dashboard.

    Args:
        id: letters, digits, - and _.
        label: what the viewer reads.
        values: (value, label) pairs, the first is the default.
        property: the property or dimension that the value replaces in every widget, e.g. `FunctionName`; or
        pattern: the text that it replaces wherever it stands.
    """

    id: str
    label: str
    values: tuple[tuple[str, str], ...]
    property: str = ""
    pattern: str = ""

    def __post_init__(self) -> None:
        check_types(f"Choice '{self.id}'", self)
        if bool(self.property) == bool(self.pattern):
            refuse(f"Choice '{self.id}': give property or pattern: what the chosen value replaces")
        if not self.values:
            refuse(f"Choice '{self.id}': values is a tuple of (value, label) with at least one")


@dataclass(frozen=True, slots=True)
class Accounts:
    """The viewer chooses the environment whose account is shown; works where accounts share their metrics."""


@dataclass(frozen=True, slots=True)
class Functions:
    """The viewer chooses one of these Lambda functions, for every widget of the dashboard that shows one."""

    names: tuple[str, ...]
    label: str = "Function"

    def __post_init__(self) -> None:
        check_types("Functions", self)
        if not self.names:
            refuse("Functions: names is a tuple of function names with at least one")


Variable: TypeAlias = Choice | Accounts | Functions


@dataclass(frozen=True, slots=True)
class Dashboard:
    """
    One dashboard; *name* is what alarms and file names call it.

    *variables* are what a viewer chooses; the region is among them by itself where there are several. *since* is how
    far back it looks when it is opened.
    """

    name: str
    title: str
    sections: tuple[Section, ...]
    variables: tuple[Variable, ...] = ()
    since: str = "-PT8H"

    def __post_init__(self) -> None:
        who = f"Dashboard '{self.name}'"
        check_types(who, self)
        check_name(who, self.name)
        check_parts(who, "sections", self.sections, (Section,))
        check_parts(who, "variables", self.variables, (Choice, Accounts, Functions))
        collect(self)


def widgets(dashboard: Dashboard) -> Iterator[Widget]:
    """Yield every widget of *dashboard*, row by row."""
    yield from (widget for section in dashboard.sections for row in section.rows for widget in row)


def drawn(dashboard: Dashboard) -> Iterator[Drawn]:
    """Yield every widget of *dashboard* that shows metrics."""
    yield from (widget for widget in widgets(dashboard) if isinstance(widget, Drawn))


def services(widget: Drawn) -> dict[object, str]:
    """Return the services that *widget* gives to metrics which declare none."""
    return {plain(one): one.service for one in widget.shows if isinstance(one, Series) and one.service}
