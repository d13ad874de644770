"""Alarms as CloudFormation resources, read for evaluation; what cannot be evaluated is an error that names it."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from obskit.backtest.composites import Rule
from obskit.backtest.composites import parse as parse_rule
from obskit.backtest.expressions import Expression, ExpressionError
from obskit.backtest.expressions import parse as parse_expression
from obskit.backtest.states import MISSING, POLICIES, Rules
from obskit.errors import ObskitError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Properties = Mapping[str, Any]

METRIC_TYPE, COMPOSITE_TYPE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"

COMPARISONS: dict[str, tuple[str, Callable[[float, float], bool]]] = {
    "GreaterThanThreshold": (">", operator.gt),
    "GreaterThanOrEqualToThreshold": (">=", operator.ge),
    "LessThanThreshold": ("<", operator.lt),
    "LessThanOrEqualToThreshold": ("<=", operator.le),
}
BANDS = {
    "LessThanLowerOrGreaterThanUpperThreshold": (True, True),
    "LessThanLowerThreshold": (True, False),
    "GreaterThanUpperThreshold": (False, True),
}
"""Which sides of a band breach: below, above."""

_SEVERITY = re.compile(r"^severity: (\w+)$", re.MULTILINE)
_BAND = re.compile(r"\s*ANOMALY_DETECTION_BAND\(\s*(\w+)\s*(?:,\s*([0-9.]+)\s*)?\)\s*")


class AlarmError(ObskitError):
    """An alarm cannot be evaluated: the message names the alarm and what stands in the way."""


class Metric(NamedTuple):
    """Which series is read: a namespace, a name, and all dimensions."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]] = frozenset()


class Read(NamedTuple):
    """What is read of a series."""

    metric: Metric
    statistic: str
    period: int


@dataclass(frozen=True)
class Common:
    """What both kinds have. *acts*: it tells somebody when it goes to ALARM; *severity* is "" where nothing says it."""

    name: str
    severity: str
    acts: bool
    properties: Properties = field(repr=False)


@dataclass(frozen=True)
class MetricAlarm(Common):
    """
    An alarm on a metric or on an expression.

    *reads* are the metrics by id; *expressions* those that are computed from them, by id; *watched* is the id that is
    compared with *threshold*, or with the band of *width* standard deviations. *every* is seconds between evaluations.
    *low_samples* says whether too few values keep the state as it is. *warm_up* is in seconds.
    """

    reads: Mapping[str, Read]
    expressions: Mapping[str, Expression]
    watched: str
    comparison: str
    threshold: float
    width: float
    rules: Rules
    period: int
    every: int
    low_samples: bool
    warm_up: int

    @property
    def is_band(self) -> bool:
        return self.comparison in BANDS

    @property
    def limit(self) -> str:
        """What it fires at, in words."""
        if self.is_band:
            return f"outside of a band of {self.width:g} standard deviations"
        return f"{COMPARISONS[self.comparison][0]} {self.threshold:g}"

    @property
    def what(self) -> str:
        """What it watches, in words."""
        if self.watched in self.expressions:
            return self.expressions[self.watched].text
        read = self.reads[self.watched]
        return f"{read.metric.name} ({read.statistic} of {duration(read.period)})"


@dataclass(frozen=True)
class CompositeAlarm(Common):
    """An alarm on other alarms; *suppressor* is a name, "" for none, *wait* and *extension* are in seconds."""

    rule: Rule
    suppressor: str
    wait: int
    extension: int


Alarm = MetricAlarm | CompositeAlarm


def duration(seconds: int) -> str:
    """
    Return *seconds* in the longest unit that fits.

    >>> duration(900), duration(90), duration(86400)
    ('15 min', '90 s', '1 d')
    """
    for length, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length and seconds % length == 0:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def about(seconds: float) -> str:
    """
    Return *seconds* to be read: exactly while they are few.

    >>> about(90), about(1440), about(28860)
    ('90 s', '24 min', '8.0 h')
    """
    return duration(round(seconds)) if seconds < 7200 else f"{seconds / 3600:.1f} h"


def read_template(template: Mapping[str, Any]) -> tuple[dict[str, Alarm], list[str]]:
    """
    Return the alarms of a CloudFormation template by name, and a problem for each that cannot be evaluated.

    A parameter stands for its default. What only CloudFormation knows stays as it is, and matches no data.
    """
    resources = template.get("Resources")
    alarms: dict[str, Alarm] = {}
    problems: list[str] = []
    names = dict(_names(resources if isinstance(resources, dict) else {}))
    parameters = template.get("Parameters")
    defaults = {
        name: one["Default"]
        for name, one in (parameters if isinstance(parameters, dict) else {}).items()
        if isinstance(one, dict) and "Default" in one
    }
    for logical, resource in (resources if isinstance(resources, dict) else {}).items():
        if logical not in names:
            continue
        try:
            properties = _resolved(resource.get("Properties") or {}, defaults)
            alarm = read(names[logical], resource["Type"], properties, names)
        except AlarmError as error:
            problems += error.problems
        else:
            alarms[alarm.name] = alarm
    return alarms, problems


def _resolved(value: Any, defaults: Mapping[str, Any]) -> Any:
    """Return *value* with each reference to a parameter that has a default replaced by it."""
    match value:
        case {"Ref": str(name)} if name in defaults and len(value) == 1:
            return defaults[name]
        case dict():
            return {key: _resolved(inner, defaults) for key, inner in value.items()}
        case list():
            return [_resolved(inner, defaults) for inner in value]
    return value


def _names(resources: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the logical id and the name of each alarm; one without a name is called by its id."""
    for logical, resource in resources.items():
        if isinstance(resource, dict) and resource.get("Type") in (METRIC_TYPE, COMPOSITE_TYPE):
            name = (resource.get("Properties") or {}).get("AlarmName")
            yield logical, name if isinstance(name, str) else logical


def read(name: str, kind: str, properties: Properties, names: Mapping[str, str] | None = None) -> Alarm:
    """
    Return one alarm; *names* are those of the template by logical id, which references stand for.

    Raises:
        AlarmError: it has no meaning, or one that is not known here.
    """
    try:
        if kind == COMPOSITE_TYPE:
            return _composite(name, properties, names or {})
        return _metric_alarm(name, properties)
    except ExpressionError as error:
        raise AlarmError(f"{name}: {error}") from None
    except KeyError as error:
        raise AlarmError(f"{name}: has no {error.args[0]}") from None
    except (TypeError, ValueError, AttributeError):
        raise AlarmError(f"{name}: its properties cannot be read; `obskit validate` says what is wrong") from None


def _common(name: str, properties: Properties) -> dict[str, Any]:
    description = properties.get("AlarmDescription")
    found = _SEVERITY.search(description) if isinstance(description, str) else None
    return {
        "name": name,
        "severity": found[1] if found else "",
        "acts": bool(properties.get("AlarmActions")) and str(properties.get("ActionsEnabled", True)).lower() != "false",
        "properties": properties,
    }


def _composite(name: str, properties: Properties, names: Mapping[str, str]) -> CompositeAlarm:
    suppressor = _plain(properties.get("ActionsSuppressor", ""), names)
    return CompositeAlarm(
        **_common(name, properties),
        rule=parse_rule(_plain(properties["AlarmRule"], names)),
        suppressor=suppressor.rpartition(":alarm:")[2],
        wait=int(properties.get("ActionsSuppressorWaitPeriod", 0)),
        extension=int(properties.get("ActionsSuppressorExtensionPeriod", 0)),
    )


def _plain(value: object, names: Mapping[str, str]) -> str:
    """Return the text that CloudFormation makes of *value*: `Ref` and `Arn` of an alarm are its name here."""
    match value:
        case str():
            return value
        case {"Ref": str(logical)} | {"Fn::GetAtt": [str(logical), "Arn"]} if logical in names:
            return names[logical]
        case {"Fn::Join": [str(between), list(parts)]}:
            return between.join(_plain(part, names) for part in parts)
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{(\w+)(?:\.Arn)?\}", lambda found: names.get(found[1], found[0]), text)
    raise ExpressionError(f"only CloudFormation knows what {value!r} becomes")


def _metric_alarm(name: str, properties: Properties) -> MetricAlarm:
    for key in ("EvaluationCriteria", "EvaluationInterval"):
        if key in properties:
            raise AlarmError(f"{name}: {key} (PromQL) is not known here")
    comparison = properties["ComparisonOperator"]
    if comparison not in COMPARISONS and comparison not in BANDS:
        raise AlarmError(f"{name}: ComparisonOperator '{comparison}'.{did_you_mean(comparison, COMPARISONS)}")
    reads, expressions, band = _sources(properties)
    if (comparison in BANDS) != (band is not None):
        raise AlarmError(f"{name}: a band needs ThresholdMetricId and one of {', '.join(BANDS)}")
    watched = band[0] if band else _watched(properties, reads, expressions)
    period = _period(name, properties, reads)
    periods = int(properties["EvaluationPeriods"])
    policy = properties.get("TreatMissingData", MISSING)
    if policy not in POLICIES:
        raise AlarmError(f"{name}: TreatMissingData '{policy}'.{did_you_mean(policy, POLICIES)}")
    warm_up = properties.get("WarmUpConfiguration") or {}
    waits = warm_up.get("OnlyStartEvaluatingAfterWarmUpPeriodEnds", False)
    return MetricAlarm(
        **_common(name, properties),
        reads=reads,
        expressions=expressions,
        watched=watched,
        comparison=comparison,
        threshold=float(properties.get("Threshold", 0)),
        width=band[1] if band else 0.0,
        rules=Rules(int(properties.get("DatapointsToAlarm", periods)), periods, policy),
        period=period,
        every=_every(name, properties, period, periods),
        low_samples=properties.get("EvaluateLowSampleCountPercentile") == "ignore",
        warm_up=60 * int(warm_up.get("WarmUpPeriodDurationInMinutes", 0)) if waits else 0,
    )


def _sources(
    properties: Properties,
) -> tuple[dict[str, Read], dict[str, Expression], tuple[str, float] | None]:
    """Return what is read and computed, by id, and for a band the id in it and its width."""
    if "MetricName" in properties:
        statistic = properties.get("Statistic") or properties["ExtendedStatistic"]
        return {"m1": Read(_metric(properties), statistic, int(properties["Period"]))}, {}, None
    reads: dict[str, Read] = {}
    expressions: dict[str, Expression] = {}
    band: tuple[str, float] | None = None
    for query in properties["Metrics"]:
        if "MetricStat" in query:
            stat = query["MetricStat"]
            reads[query["Id"]] = Read(_metric(stat["Metric"]), stat["Stat"], int(stat["Period"]))
        elif query["Id"] == properties.get("ThresholdMetricId"):
            found = _BAND.fullmatch(query["Expression"])
            if not found:
                raise ExpressionError(f"the threshold '{query['Expression']}' is not ANOMALY_DETECTION_BAND(id, width)")
            band = (found[1], float(found[2] or 2))
        else:
            expressions[query["Id"]] = parse_expression(query["Expression"])
    if band and band[0] not in reads and band[0] not in expressions:
        raise ExpressionError(f"ANOMALY_DETECTION_BAND names '{band[0]}', which Metrics does not have")
    return reads, expressions, band


def _metric(properties: Properties) -> Metric:
    pairs = frozenset((one["Name"], str(one["Value"])) for one in properties.get("Dimensions") or ())
    return Metric(properties.get("Namespace", ""), properties["MetricName"], pairs)


def _watched(properties: Properties, reads: Mapping[str, Read], expressions: Mapping[str, Expression]) -> str:
    if "Metrics" not in properties:
        return "m1"
    known = [query["Id"] for query in properties["Metrics"]]
    shown = [query["Id"] for query in properties["Metrics"] if query.get("ReturnData", True)]
    if len(shown) != 1:
        raise ExpressionError(f"one of Metrics has ReturnData, the others have it false; it is true for {shown}")
    for expression in expressions.values():
        for name in expression.names:
            if name not in reads and name not in expressions:
                raise ExpressionError(
                    f"'{expression.text}' names '{name}', which Metrics does not have.{did_you_mean(name, known)}"
                )
    return str(shown[0])


def _period(name: str, properties: Properties, reads: Mapping[str, Read]) -> int:
    periods = {read.period for read in reads.values()}
    if len(periods) != 1:
        raise AlarmError(f"{name}: its metrics have the periods {sorted(periods)}; all of an alarm have the same")
    (period,) = periods
    if period not in (10, 20, 30) and (period < 60 or period % 60):
        raise AlarmError(f"{name}: Period is {properties.get('Period', period)}; it is 10, 20, 30 or a multiple of 60")
    return period


def _every(name: str, properties: Properties, period: int, periods: int) -> int:
    """Return the seconds between two evaluations."""
    window = properties.get("EvaluationWindow") or {}
    if "WallClockWindow" in window:
        zone = (window["WallClockWindow"] or {}).get("Timezone", "UTC")
        if zone not in ("UTC", "+00:00"):
            raise AlarmError(f"{name}: a WallClockWindow of Timezone '{zone}' is not known here; UTC is")
        return period
    if period < 60:
        return 10
    return 3600 if period * periods > 86_400 else 60
