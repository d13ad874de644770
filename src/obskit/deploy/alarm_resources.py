"""An alarm as CloudFormation writes it, and what its page says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from obskit.catalog.model import Statistic
from obskit.deploy import metric_widgets, names
from obskit.deploy.specs import EXECUTED_VERSION, Alarm, AwsMetric, Composite, Math, Measured, Rule, measured, named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from obskit.deploy.model import Environment, Project
    from obskit.deploy.specs import Part

Json = dict[str, Any]

SIMPLE = frozenset({"SampleCount", "Average", "Sum", "Minimum", "Maximum"})
"""What `Statistic` takes; everything else is an `ExtendedStatistic`. CloudFormation schema, 2026-10-20."""
ACTIONS_ENABLED = "ActionsEnabled"
"""The template's parameter that says whether its alarms tell anybody: `false` in a region that stands by."""
BAND, RESULT, WATCHED = "band", "result", "watched"
"""Ids in `Metrics`: an anomaly band, what math gives, and the metric of a band."""


def alarm(project: Project, environment: Environment, region: str, spec: Alarm, topic: object = None) -> Json:
    """
    Return the resource of *spec*, which speaks to *topic*: by default to the one of its severity.

    Raises:
        DefinitionError: a `{name}` in a dimension stands for nothing in this environment.
    """
    bad, periods = spec.for_
    properties = {
        **_common(project, environment, region, spec, topic),
        "ComparisonOperator": spec.comparison,
        "DatapointsToAlarm": bad,
        "EvaluationPeriods": periods,
        "TreatMissingData": spec.missing_data,
    }
    series = _Series(project, environment, region, spec)
    if spec.band is not None:
        properties |= {"Metrics": series.banded(), "ThresholdMetricId": BAND}
    elif isinstance(spec.watches, Math):
        properties |= {"Metrics": series.computed(spec.watches), "Threshold": spec.threshold_in(environment.name)}
    else:
        properties |= {**series.one(spec.watches), "Threshold": spec.threshold_in(environment.name)}
        if properties.get("ExtendedStatistic", "").startswith("p"):
            properties["EvaluateLowSampleCountPercentile"] = spec.low_samples
    if spec.warm_up:
        properties["WarmUpConfiguration"] = {"WarmUpPeriodDurationInMinutes": spec.warm_up}
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}


def composite(project: Project, environment: Environment, region: str, spec: Composite) -> Json:
    """Return the resource of *spec*; CloudFormation does not read its rule, so it is told what comes before."""
    properties = {
        **_common(project, environment, region, spec, None),
        "AlarmRule": _rule(spec.rule, lambda one: names.alarm(project, environment, region, one)),
    }
    before = {names.alarm_id(one) for one in named(spec.rule)}
    if spec.suppressor is not None and names.alarms_in(environment, region, [spec.suppressor]):
        before.add(names.alarm_id(spec.suppressor))
        properties |= {
            "ActionsSuppressor": names.alarm_arn(project, environment, region, spec.suppressor),
            "ActionsSuppressorWaitPeriod": spec.wait,
            "ActionsSuppressorExtensionPeriod": spec.extension,
        }
    return {"Type": "AWS::CloudWatch::CompositeAlarm", "DependsOn": sorted(before), "Properties": properties}


def _common(project: Project, environment: Environment, region: str, spec: Alarm | Composite, topic: object) -> Json:
    properties: Json = {
        "AlarmName": names.alarm(project, environment, region, spec),
        "AlarmDescription": description(project, environment, region, spec),
        "Tags": names.tags(project, environment, service=spec.service, owner=spec.owner),
    }
    if spec.acts:
        # PagerDuty closes an incident on an OK through the same topic only.
        actions = [topic or {"Ref": names.logical_id("Topic", spec.severity)}]
        properties |= {
            "ActionsEnabled": {"Ref": ACTIONS_ENABLED},
            "AlarmActions": actions,
            "OKActions": actions,
        }
    return properties


def parameters(environment: Environment, region: str, specs: Iterable[Alarm | Composite]) -> Json:
    """Return what a deployment of *specs* may say: whether they act, and which version is being rolled out."""
    specs = tuple(specs)
    found: Json = {}
    if any(spec.acts for spec in specs):
        standby = region != environment.primary
        found[ACTIONS_ENABLED] = {
            "Type": "String",
            "AllowedValues": ["true", "false"],
            "Default": "false" if standby else "true",
            "Description": "Whether alarms tell anybody; a region that stands by is told to at failover",
        }
    for spec in specs:
        if isinstance(spec, Alarm) and _reads_version(spec):
            found[version_parameter(spec.service)] = {
                "Type": "String",
                "Default": "none",
                "AllowedPattern": "none|[0-9]+",
                "Description": f"The version of {spec.service} that is being rolled out",
            }
    return found


def outputs(specs: Iterable[Alarm | Composite]) -> Json:
    """Return name and ARN of each composite that a deployment asks for."""
    found: Json = {}
    for spec in specs:
        if isinstance(spec, Composite) and spec.output:
            resource, name = names.alarm_id(spec), names.logical_id("", spec.output)
            found[f"{name}Name"] = {"Value": {"Ref": resource}}
            found[f"{name}Arn"] = {"Value": {"Fn::GetAtt": [resource, "Arn"]}}
    return found


def version_parameter(service: str) -> str:
    return names.logical_id("ExecutedVersion", service)


def _reads_version(spec: Alarm) -> bool:
    uses = spec.watches.uses.values() if isinstance(spec.watches, Math) else (spec.watches,)
    return any(isinstance(one, AwsMetric) and EXECUTED_VERSION in one.dimensions.values() for one in uses)


class _Series:
    """What *spec* watches, in the three forms that an alarm takes it in."""

    def __init__(self, project: Project, environment: Environment, region: str, spec: Alarm) -> None:
        self._project = project
        self._environment = environment
        self._region = region
        self._spec = spec
        # Metrics of AWS have no points below a minute, demonstration or not.
        ours = all(isinstance(one, Statistic) for one in measured((spec.watches,)))
        self._period = (ours and environment.alarm_period) or spec.period

    def one(self, shown: Measured) -> Json:
        stat = shown.stat
        return {
            **self._metric(shown),
            "Period": self._period,
            "Statistic" if stat in SIMPLE else "ExtendedStatistic": stat,
        }

    def computed(self, math: Math) -> list[Json]:
        inputs = [self._input(name, used, returned=False) for name, used in math.uses.items()]
        result = {"Id": RESULT, "Expression": math.expression, "Label": math.label, "ReturnData": True}
        return [result, *inputs]

    def banded(self) -> list[Json]:
        watched: Any = self._spec.watches
        expression = f"ANOMALY_DETECTION_BAND({WATCHED}, {self._spec.band:g})"
        band = {"Id": BAND, "Expression": expression, "Label": "expected", "ReturnData": True}
        return [self._input(WATCHED, watched, returned=True), band]

    def _input(self, name: str, shown: Measured, *, returned: bool) -> Json:
        stat = {"Metric": self._metric(shown), "Period": self._period, "Stat": shown.stat}
        return {"Id": name, "MetricStat": stat, "ReturnData": returned}

    def _metric(self, shown: Measured) -> Json:
        if isinstance(shown, AwsMetric):
            filled = {name: self._value(value) for name, value in shown.dimensions.items()}
            return _named(shown.namespace, shown.name, filled)
        # The alarm's own service, where the metric is one that every function has.
        service = shown.metric.service or self._spec.service
        pairs = metric_widgets.dimensions(service, self._environment, self._spec.by)
        return _named(self._project.namespace, shown.metric.name, dict(pairs))

    def _value(self, text: str) -> object:
        if text == EXECUTED_VERSION:
            return {"Ref": version_parameter(self._spec.service)}
        return names.fill(text, self._project, self._environment, self._region)


def _named(namespace: str, name: str, dimensions: Mapping[str, object]) -> Json:
    return {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
    }


def _rule(part: Part, name: Any) -> str:
    """Write *part* in CloudWatch's grammar, with all parentheses: no page says what binds closer."""
    if not isinstance(part, Rule):
        return f'ALARM("{name(part)}")'
    joined = f" {part.word} ".join(_rule(one, name) for one in part.parts)
    joined = f"({joined})" if len(part.parts) > 1 or part.negated else joined
    return f"NOT {joined}" if part.negated else joined


def description(project: Project, environment: Environment, region: str, alarm: Alarm | Composite) -> str:
    """Return what the page says; tools parse these lines."""
    return "\n".join(
        (
            alarm.summary,
            f"severity: {alarm.severity}",
            f"owner: {alarm.owner}",
            f"impact: {alarm.impact}",
            f"dashboard: {names.dashboard_link(project, environment, region, alarm.dashboard)}",
            f"runbook: {project.runbooks}{alarm.runbook}",
        )
    )
