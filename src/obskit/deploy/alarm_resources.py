"""An alarm as CloudFormation writes it, and what its page says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from obskit.deploy import bodies, names

if TYPE_CHECKING:
    from obskit.deploy.project import Environment, Project
    from obskit.deploy.specs import Alarm

Json = dict[str, Any]

SIMPLE = frozenset({"SampleCount", "Average", "Sum", "Minimum", "Maximum"})
"""What `Statistic` takes; everything else is an `ExtendedStatistic`. CloudFormation schema, 2026-10-20."""


def alarm(project: Project, environment: Environment, region: str, spec: Alarm) -> Json:
    """Return the resource of *spec*."""
    metric, stat = spec.statistic.metric, spec.statistic.stat
    bad, periods = spec.for_
    actions = [{"Ref": names.logical_id("Topic", spec.severity)}]
    pairs = bodies.dimensions(metric.service, environment, spec.by)
    properties = {
        "AlarmName": names.alarm(project, environment, region, spec),
        "AlarmDescription": description(project, environment, region, spec),
        "AlarmActions": actions,
        # PagerDuty closes an incident on an OK through the same topic only.
        "OKActions": actions,
        "ComparisonOperator": spec.comparison,
        "DatapointsToAlarm": bad,
        "Dimensions": [{"Name": name, "Value": value} for name, value in pairs],
        "EvaluationPeriods": periods,
        "MetricName": metric.name,
        "Namespace": project.namespace,
        "Period": environment.alarm_period or spec.period,
        "Threshold": spec.threshold,
        "TreatMissingData": spec.missing,
        "Tags": names.tags(project, environment, service=metric.service, owner=spec.owner),
        "Statistic" if stat in SIMPLE else "ExtendedStatistic": stat,
    }
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}


def description(project: Project, environment: Environment, region: str, alarm: Alarm) -> str:
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
