"""What an alarm guards and whom it wakes, without CloudWatch's JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict, get_args

from obskit.catalog.model import COUNTER, DURATION, Statistic
from obskit.deploy.specs.collected import collect
from obskit.deploy.specs.metrics import AwsMetric, Math, Measured, Watched, check_name, check_shows, home, measured
from obskit.deploy.specs.types import check_types
from obskit.errors import DefinitionError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

Severity: TypeAlias = Literal["page", "ticket", "info"]
"""`page` wakes somebody, `ticket` is for working hours, `info` only changes colour."""
Missing: TypeAlias = Literal["notBreaching", "breaching", "ignore", "missing"]
"""What an alarm makes of a period without data: error counts `notBreaching`, heartbeats `breaching`."""
LowSamples: TypeAlias = Literal["evaluate", "ignore"]
"""What a percentile over too few values counts as: a value like any other, or nothing: the state stays."""
Side: TypeAlias = Literal["above", "below", "both"]
Comparison: TypeAlias = Literal[
    "GreaterThanThreshold",
    "GreaterThanOrEqualToThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
    "GreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
MATH_METRICS = 10
"""Metrics in an alarm's expression. CloudWatch user guide, "Creating an alarm based on metric math", 2026-11-24."""
WARM_UP_MINUTES = 2880
"""Longest warm-up. CloudFormation schema, `WarmUpPeriodDurationInMinutes`, 2026-10-20."""
EXECUTED_VERSION = "{executed_version}"
"""In a dimension's value: the version that is being rolled out, a parameter of the template."""

_REGULAR = ("AWS/RDS", "AWS/ECS", "ECS/ContainerInsights", "CloudWatchSynthetics")
"""Namespaces whose metrics have a value every minute, also when nothing happens."""


class Facts(TypedDict, total=False):
    """What every alarm is told, whatever its kind; `Alarm` says what each means."""

    severity: Severity
    owner: str
    summary: str
    impact: str
    runbook: str
    dashboard: str
    for_: tuple[int, int]
    by: Mapping[str, str]
    period: int
    service: str
    thresholds: Mapping[str, float]
    warm_up: int
    primary_only: bool
    only_in: str
    acts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The line that is not to be crossed; exactly one is given. *band* is the width of an anomaly band instead."""

    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None
    band: float | None = None


_COMPARISONS: dict[str, tuple[Comparison, str]] = {
    "above": ("GreaterThanThreshold", ">"),
    "at_least": ("GreaterThanOrEqualToThreshold", "≥"),
    "below": ("LessThanThreshold", "<"),
    "at_most": ("LessThanOrEqualToThreshold", "≤"),
}
_SIDES: dict[Side, tuple[Comparison, str]] = {
    "above": ("GreaterThanUpperThreshold", "above the band"),
    "below": ("LessThanLowerThreshold", "below the band"),
    "both": ("LessThanLowerOrGreaterThanUpperThreshold", "outside the band"),
}


@dataclass(frozen=True, slots=True)
class Alarm(Limits):
    """
    One alarm on one series; `ratio`, `anomaly`, `rate_of_change`, `heartbeat` and `dead_letters` make special ones.

    Args:
        name: lower-case words; project, service, environment and region are put before it.
        watches: a statistic of the catalog, a metric of AWS, or math over both.
        above, at_least, below, at_most: exactly one, in the metric's unit: when a data point is bad.
        band: instead of these, standard deviations around what CloudWatch expects; *side* says where it is bad.
        for_: M of N: how many of the newest N periods must be bad.
        severity: who hears of it, see `Severity`.
        owner: the team that answers for it.
        summary: the first line of the page: what is wrong, for a person just woken.
        impact: who notices, and how.
        runbook: file name below `alarms/runbooks/`.
        dashboard: name of the dashboard to open first.
        by: values of further declared dimensions.
        period: seconds that one data point covers.
        missing: what a period without data counts as; derived where it is left out: `notBreaching` for what is only
            written when something happens, `ignore` for what has a value every minute.
        low_samples: of a percentile: `ignore` leaves the state while there are fewer than 10 / (1 - p) values.
        service: whose alarm it is, where the watched metric does not say.
        thresholds: the line in environments where it is another, e.g. `{"dev": 50}`.
        warm_up: minutes after its creation in which it is not evaluated.
        primary_only: leave the other regions without it.
        only_in: the one region that has its metric; CloudFront's and its WAF's, in us-east-1 alone, are known.
        acts: False for one that only a composite reads.
    """

    name: str
    watches: Watched
    severity: Severity = field(kw_only=True)
    owner: str = field(kw_only=True)
    summary: str = field(kw_only=True)
    impact: str = field(kw_only=True)
    runbook: str = field(kw_only=True)
    dashboard: str = field(kw_only=True)
    for_: tuple[int, int] = field(default=(1, 1), kw_only=True)
    by: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    period: int = field(default=60, kw_only=True)
    missing: Missing | None = field(default=None, kw_only=True)
    low_samples: LowSamples = field(default="evaluate", kw_only=True)
    side: Side = field(default="above", kw_only=True)
    service: str = field(default="", kw_only=True)
    thresholds: Mapping[str, float] = field(default_factory=dict, kw_only=True)
    warm_up: int = field(default=0, kw_only=True)
    primary_only: bool = field(default=False, kw_only=True)
    only_in: str = field(default="", kw_only=True)
    acts: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        who = f"Alarm '{self.name}'"
        check_types(who, self)
        check_name(who, self.name)
        watched: object = self.watches  # mypy holds callers to the type; not every definition is checked by it
        if not isinstance(watched, (Statistic, AwsMetric, Math)):
            raise DefinitionError(
                f"{who}: an alarm watches a statistic, e.g. kpis.CHECKOUT_FAILURE.sum, an AwsMetric or Math over them"
            )
        check_shows(who, (self.watches,), self.by)
        if isinstance(self.watches, Math) and not 1 <= len(self.watches.uses) <= MATH_METRICS:
            raise DefinitionError(
                f"{who}: math over {len(self.watches.uses)} metrics; an alarm takes 1 to {MATH_METRICS}"
            )
        self._check_limits(who)
        check_facts(who, self)
        if self.missing is not None and self.missing not in get_args(Missing):
            raise DefinitionError(f"{who}: missing '{self.missing}'.{_one_of(self.missing, get_args(Missing))}")
        if self.low_samples not in get_args(LowSamples):
            raise DefinitionError(f"{who}: low_samples '{self.low_samples}'. It is evaluate or ignore.")
        if not 0 <= self.warm_up <= WARM_UP_MINUTES:
            raise DefinitionError(f"{who}: warm_up is {self.warm_up}; it is 0 to {WARM_UP_MINUTES} minutes")
        metric = next((one for one in measured((self.watches,)) if isinstance(one, Statistic)), None)
        if not self.service and metric is not None:
            object.__setattr__(self, "service", metric.metric.service)
        if not self.service and metric is None:
            raise DefinitionError(f"{who}: a metric of AWS says no service; add service=, it becomes part of the name")
        if not self.only_in:
            object.__setattr__(self, "only_in", home((self.watches,)))
        collect(self)

    def _check_limits(self, who: str) -> None:
        words = (*_COMPARISONS, "band")
        given = [word for word in words if getattr(self, word) is not None]
        if len(given) != 1:
            raise DefinitionError(f"{who}: give exactly one of {', '.join(words)}; it has {given or 'none'}")
        if self.band is not None:
            if isinstance(self.watches, Math) or self.thresholds or self.band <= 0:
                raise DefinitionError(f"{who}: a band is above 0, around one metric, and has no thresholds of its own")
            if self.side not in _SIDES:
                raise DefinitionError(f"{who}: side '{self.side}'.{_one_of(self.side, tuple(_SIDES))}")

    @classmethod
    def ratio(  # noqa: PLR0913  an alarm names its facts
        cls,
        name: str,
        bad: Measured,
        total: Measured,
        *,
        above: float,
        minimum: int,
        label: str = "bad, %",
        **facts: Unpack[Facts],
    ) -> Alarm:
        """Guard *bad* as percent of *total*; a period with fewer than *minimum* of *total* is good."""
        return cls(name, share(bad, total, minimum, label), above=above, missing="notBreaching", **facts)

    @classmethod
    def anomaly(
        cls, name: str, watches: Measured, *, band: float, side: Side = "above", **facts: Unpack[Facts]
    ) -> Alarm:
        """Guard against what is unusual for this hour and weekday; CloudWatch learns from up to two weeks."""
        return cls(name, watches, band=band, side=side, **facts)

    @classmethod
    def rate_of_change(cls, name: str, watches: Measured, *, above: float, **facts: Unpack[Facts]) -> Alarm:
        """Guard how much more a period has than the one before it, in its unit; no value is 0 where it can be."""
        value = "FILL(value, 0)" if is_sparse(watches) else "value"
        return cls(name, Math(f"DIFF({value})", {"value": watches}, "change"), above=above, **facts)

    @classmethod
    def heartbeat(cls, name: str, watches: Measured, **facts: Unpack[Facts]) -> Alarm:
        """Guard that something happens: a period without any value, or with less than 1, is bad."""
        return cls(name, watches, below=1, missing="breaching", **facts)

    @classmethod
    def dead_letters(cls, name: str, queue: str, **facts: Unpack[Facts]) -> Alarm:
        """Guard that the dead-letter queue *queue* (its name) is empty; what is there was given up by a consumer."""
        visible = AwsMetric(
            "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue}, "Maximum", "dead letters"
        )
        return cls(name, visible, above=0, missing="notBreaching", **facts)

    @property
    def comparison(self) -> Comparison:
        return _SIDES[self.side][0] if self.band is not None else _COMPARISONS[self._limit][0]

    @property
    def threshold(self) -> float:
        """The line; of a band, its width in standard deviations."""
        value: float = getattr(self, self._limit)
        return value

    def threshold_in(self, environment: str) -> float:
        return self.thresholds.get(environment, self.threshold)

    @property
    def sign(self) -> str:
        return _SIDES[self.side][1] if self.band is not None else _COMPARISONS[self._limit][1]

    @property
    def missing_data(self) -> Missing:
        """What is given, or else what the metric's nature says."""
        if self.missing is not None:
            return self.missing
        return "notBreaching" if any(is_sparse(one) for one in measured((self.watches,))) else "ignore"

    @property
    def _limit(self) -> str:
        return next(word for word in (*_COMPARISONS, "band") if getattr(self, word) is not None)


def share(bad: Measured, total: Measured, minimum: int, label: str) -> Math:
    """
    Return *bad* as percent of *total*, 0 while *total* is below *minimum*.

    One missing input makes all of an expression missing, also in the branch of `IF` that is not taken, and nothing is
    divided by 0: hence FILL everywhere.
    """
    divisor = "IF(FILL(total, 0) > 0, FILL(total, 0), 1)"
    expression = f"IF(FILL(total, 0) >= {minimum}, 100 * FILL(bad, 0) / {divisor}, 0)"
    return Math(expression, {"bad": bad, "total": total}, label, unit="Percent")


def is_sparse(series: Measured) -> bool:
    """Say whether *series* has no values while nothing happens."""
    if isinstance(series, Statistic):
        return series.metric.kind in (COUNTER, DURATION)
    return series.namespace not in _REGULAR


def check_facts(who: str, thing: object) -> None:
    """Hold *thing*, an alarm or a composite, to what whoever is paged needs."""
    severity = getattr(thing, "severity", "")
    if severity not in SEVERITIES:
        raise DefinitionError(f"{who}: severity '{severity}'.{_one_of(severity, SEVERITIES)}")
    for word in ("owner", "summary", "impact", "runbook", "dashboard"):
        text = getattr(thing, word)
        if not text or "\n" in text:
            raise DefinitionError(f"{who}: {word} must be one line of text; a person reads it at night")


def _one_of(given: str, known: tuple[str, ...]) -> str:
    return f" It is one of {', '.join(known)}.{did_you_mean(given, known)}"
