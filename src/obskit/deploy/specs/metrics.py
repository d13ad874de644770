"""
What is shown and watched: statistics of the catalog's metrics, AWS's own metrics, and what CloudWatch makes of them.

`{project}`, `{env}`, `{region}` and the ids of the environment (`[environments.<env>.ids]`) may stand in dimension
values of `AwsMetric`, in the queries of `Search` and in labels. Of the classes here only `Statistic`, `AwsMetric` and
`Math` can be watched by an alarm; the others are for dashboards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from obskit.catalog.model import Statistic, is_statistic
from obskit.deploy import aws_metrics
from obskit.deploy.project_rules import NAME
from obskit.deploy.specs.collected import refuse
from obskit.deploy.specs.types import check_types
from obskit.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_EXTENDED = re.compile(r"IQM|(tm|tc|ts|wm)[0-9]{1,3}(\.[0-9]+)?|(PR|TM|TC|TS|WM)\([^()]*:[^()]*\)")
_SCHEMA = re.compile(r"\{([^{},]+)((?:,[^{},]+)*)\}")

SEARCH_CHARACTERS = 1024
"""Of one search expression. CloudWatch user guide, "Search expression syntax", read 2026-11-24."""


@dataclass(frozen=True, slots=True)
class AwsMetric:
    """
    A metric that an AWS service publishes; `obskit.deploy.aws` makes them by name.

    Args:
        namespace, name: as CloudWatch spells them.
        dimensions: exactly one set that the service really publishes.
        stat: how values are folded, e.g. `Sum`, `p95`, `tm99`.
        label: what the line is called; by default the name and the statistic.
        unlisted: take it as it is, for what obskit's data does not know yet.
    """

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    stat: str
    label: str = field(default="", compare=False)
    unlisted: bool = field(default=False, kw_only=True, compare=False)

    def __post_init__(self) -> None:
        who = f"AwsMetric '{self.name}'"
        check_types(who, self)
        if not is_statistic(self.stat) and not _EXTENDED.fullmatch(self.stat):
            refuse(f"{who}: '{self.stat}' is no statistic of CloudWatch; e.g. Sum, Average, Maximum, p95, tm99")
        if not self.unlisted and (found := aws_metrics.problem(self.namespace, self.name, self.dimensions)):
            refuse(f"{found} (unlisted=True takes what obskit's data does not know)")

    def __hash__(self) -> int:
        return hash((self.namespace, self.name, self.stat, *sorted(self.dimensions.items())))

    def read(self, stat: str) -> AwsMetric:
        """Return the same metric, folded by *stat*."""
        return replace(self, stat=stat)

    def called(self, label: str) -> AwsMetric:
        """Return the same metric with a line called *label*."""
        return replace(self, label=label)

    def percentile(self, percent: float) -> AwsMetric:
        return self.read(f"p{percent:g}")

    @property
    def sum(self) -> AwsMetric:
        return self.read("Sum")

    @property
    def average(self) -> AwsMetric:
        return self.read("Average")

    @property
    def minimum(self) -> AwsMetric:
        return self.read("Minimum")

    @property
    def maximum(self) -> AwsMetric:
        return self.read("Maximum")

    @property
    def samples(self) -> AwsMetric:
        return self.read("SampleCount")

    @property
    def p50(self) -> AwsMetric:
        return self.read("p50")

    @property
    def p90(self) -> AwsMetric:
        return self.read("p90")

    @property
    def p95(self) -> AwsMetric:
        return self.read("p95")

    @property
    def p99(self) -> AwsMetric:
        return self.read("p99")

    @property
    def unit(self) -> str:
        return aws_metrics.unit(self.namespace, self.name)

    @property
    def home(self) -> str:
        """The only region that has this series; empty where each region has its own."""
        return aws_metrics.home(self.namespace, self.name, self.dimensions)


Measured: TypeAlias = Statistic | AwsMetric
"""One series that CloudWatch has stored."""


@dataclass(frozen=True, slots=True)
class Math:
    """
    CloudWatch metric math over other series.

    Args:
        expression: in CloudWatch's grammar, with the names of *uses*: `100 * failed / (failed + accepted)`.
        uses: the series behind these names; the same name means the same series in the whole widget.
        label: what the line is called.
        unit: of the result, for the axis; CloudWatch does not know it.
    """

    expression: str
    uses: Mapping[str, Measured]
    label: str = field(compare=False)
    unit: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        who = f"Math '{self.label or self.expression}'"
        check_types(who, self)
        if not self.expression or not self.label:
            refuse(f"{who}: expression and label are texts, not empty")
            return
        for name, used in self.uses.items():
            if not _ID.fullmatch(name):
                refuse(f"{who}: '{name}' is no id of metric math: a lower-case letter, then letters, digits, _")
            elif not isinstance(used, (Statistic, AwsMetric)):
                refuse(f"{who}: '{name}' is {used!r}; it must be a statistic, e.g. kpis.SEARCH_LATENCY.p95")
            elif not re.search(rf"\b{name}\b", self.expression):
                refuse(f"{who}: '{name}' does not occur in '{self.expression}'")

    def __hash__(self) -> int:
        return hash((self.expression, *sorted(self.uses)))


@dataclass(frozen=True, slots=True)
class Each:
    """
    A line for each value that dimensions have: `Each(kpis.QUEUE_AGE.maximum, "queue")`.

    A search of CloudWatch, made when the dashboard is opened: it cannot be alarmed on. What *like* itself says of these
    dimensions is left open. *unit* is what the axis says instead of the metric's own: "Ratio" of ones and zeros.
    """

    like: Measured
    by: tuple[str, ...]
    label: str
    unit: str

    def __init__(self, like: Measured, *by: str, label: str = "", unit: str = "") -> None:
        object.__setattr__(self, "like", like)
        object.__setattr__(self, "by", by)
        object.__setattr__(self, "label", label)
        object.__setattr__(self, "unit", unit)
        known = like.dimensions if isinstance(like, AwsMetric) else like.metric.dimensions
        if not by:
            refuse(f"Each of {_name(like)}: name the dimensions that each line has a value of its own for")
        for name in by:
            if name not in known:
                words = f"Each of {_name(like)}: it has no dimension '{name}' (it has: {', '.join(known) or 'none'})."
                refuse(words + did_you_mean(name, known))


@dataclass(frozen=True, slots=True)
class Search:
    """
    Every series that a search of CloudWatch finds when the dashboard is opened.

    Args:
        query: in CloudWatch's grammar: `{AWS/Lambda,FunctionName} MetricName="Errors" {project}-{env}`.
        stat: how values are folded.
        label: what lines are called, e.g. `${PROP('Dim.FunctionName')}`.
    """

    query: str
    stat: str
    label: str = ""

    def __post_init__(self) -> None:
        who = f"Search '{self.query}'"
        check_types(who, self)
        if not is_statistic(self.stat) and not _EXTENDED.fullmatch(self.stat):
            refuse(f"{who}: '{self.stat}' is no statistic of CloudWatch; e.g. Sum, Average, Maximum, p95, tm99")
        if len(self.query) > SEARCH_CHARACTERS or "'" in self.query:
            refuse(f"{who}: a query has at most {SEARCH_CHARACTERS} characters, and no '")
        schema = _SCHEMA.match(self.query)
        if schema is None:
            refuse(f"{who}: it begins with namespace and dimensions in braces, e.g. {{AWS/Lambda,FunctionName}}")
            return
        metric = re.search(r'\bMetricName="?([^"\s)]+)"?', self.query)
        if metric is None:
            return
        dimensions = [name.strip().strip('"') for name in schema[2].split(",") if name]
        if found := aws_metrics.problem(schema[1].strip(), metric[1], dimensions):
            refuse(f"{who}: {found}")


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A series within the band that CloudWatch expects it in; *deviations* makes the band wider."""

    shown: Measured
    deviations: float = 2

    def __post_init__(self) -> None:
        if not isinstance(self.shown, (Statistic, AwsMetric)):
            refuse(f"Anomaly: {self.shown!r} is no stored series; name a statistic, e.g. kpis.SEARCH_LATENCY.p95")
        if self.deviations <= 0:
            refuse(f"Anomaly of {_name(self.shown)}: deviations is {self.deviations:g}; a band is wider than nothing")


@dataclass(frozen=True, slots=True)
class Series:
    """
    How one line looks.

    Args:
        shown: what it shows.
        label: what it is called; CloudWatch fills in `${LAST}`, `${MAX}` and the like.
        color: six hex digits, `#1f77b4`.
        axis: `left` or `right`.
        divided_by, unit: show it in another unit, thresholds too: seconds `divided_by=86_400` are `unit="Days"`.
        service: the service that recorded it, where the metric's declaration leaves that open.
    """

    shown: Measured | Math
    label: str = ""
    color: str = ""
    axis: Literal["left", "right"] = "left"
    divided_by: float = 1
    unit: str = ""
    service: str = ""

    def __post_init__(self) -> None:
        who = f"Series '{self.label or _name(self.shown)}'"
        check_types(who, self)
        if not isinstance(self.shown, (Statistic, AwsMetric, Math)):
            refuse(f"{who} has {self.shown!r}; name a statistic of a metric, e.g. kpis.SEARCH_LATENCY.p95")
        if self.color and not _COLOR.fullmatch(self.color):
            refuse(f"{who}: color '{self.color}' is not six hex digits such as #d13212")
        if self.axis not in ("left", "right"):
            refuse(f"{who}: axis '{self.axis}' is neither left nor right")
        if self.divided_by <= 0 or (self.divided_by != 1 and not isinstance(self.shown, (Statistic, AwsMetric))):
            refuse(f"{who}: divided_by is above 0, and of a statistic; math divides by itself")
        if self.service and not isinstance(self.shown, Statistic):
            refuse(f"{who}: only a metric of the catalog has a service")


Watched: TypeAlias = Measured | Math
"""What an alarm can watch."""
Shown: TypeAlias = Watched | Each | Search | Anomaly | Series
"""What a dashboard can show."""
_SHOWN = (Statistic, AwsMetric, Math, Each, Search, Anomaly, Series)


def _name(shown: object) -> str:
    return shown.name if isinstance(shown, AwsMetric) else repr(shown)


def plain(shown: Shown) -> Shown:
    """Return what *shown* shows, without how it looks."""
    return shown.shown if isinstance(shown, Series) else shown


def measured(shows: Iterable[Shown]) -> Iterator[Measured]:
    """Yield the stored series of *shows*, those that math uses among them; a search has none that are known."""
    for one in map(plain, shows):
        if isinstance(one, Math):
            yield from one.uses.values()
        elif isinstance(one, Each):
            yield one.like
        elif isinstance(one, Anomaly):
            yield one.shown
        elif isinstance(one, (Statistic, AwsMetric)):
            yield one


def home(shows: Iterable[Shown]) -> str:
    """Return the only region that has one of these series; empty where each region has its own."""
    return next((one.home for one in measured(shows) if isinstance(one, AwsMetric) and one.home), "")


def check_name(who: str, name: str) -> None:
    if not NAME.fullmatch(name):
        refuse(f"{who}: a name is lower-case words joined by '-', each beginning with a letter")


def check_shows(who: str, shows: object, by: Mapping[str, str]) -> None:
    if not isinstance(shows, tuple) or not shows:
        refuse(f"{who}: what it shows is a tuple with at least one statistic; of one, (kpis.SEARCH_LATENCY.p95,)")
        return
    for shown in shows:
        if not isinstance(shown, _SHOWN):
            refuse(f"{who} has {shown!r}; name a statistic of a metric, e.g. kpis.SEARCH_LATENCY.p95")
    for statistic in measured(shown for shown in shows if isinstance(shown, _SHOWN)):
        if isinstance(statistic, Statistic):
            _check_by(who, statistic, by)


def _check_by(who: str, statistic: Statistic, by: Mapping[str, str]) -> None:
    metric = statistic.metric
    for dimension in by:
        if dimension not in metric.dimension_set:
            known = ", ".join(metric.dimensions) or "none"
            refuse(
                f"{who}: metric '{metric.name}' declares no dimension '{dimension}' (declared: {known})."
                f"{did_you_mean(dimension, metric.dimensions)}"
            )
