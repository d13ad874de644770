"""One CloudFormation template per region: alarms, the topics they speak to, and in the primary region dashboards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from obskit.deploy import bodies, names
from obskit.deploy.specs import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.deploy.project import Environment, Project
    from obskit.deploy.specs import Alarm, Severity

Json = dict[str, Any]

SIMPLE = frozenset({"SampleCount", "Average", "Sum", "Minimum", "Maximum"})
"""What `Statistic` takes; everything else is an `ExtendedStatistic`. CloudFormation schema, 2026-10-20."""

PAGING: Severity = "page"
"""The severity whose topic is subscribed: tickets and news must not wake anybody through the same key."""

RETRIES = {
    "healthyRetryPolicy": {
        "numNoDelayRetries": 3,
        "numMinDelayRetries": 2,
        "minDelayTarget": 1,
        "numRetries": 50,
        "numMaxDelayRetries": 35,
        "maxDelayTarget": 60,
        "backoffFunction": "exponential",
    }
}
"""About 45 minutes, below SNS's cap of an hour; its default gives a page up after 3 tries in one minute."""


def render(
    project: Project, environment: Environment, region: str, alarms: tuple[Alarm, ...], boards: Mapping[str, Json]
) -> Json:
    """Return the template of *region*; *boards* are bodies by dashboard name."""
    resources: Json = {}
    here = names.alarms_in(environment, region, alarms)
    for severity in SEVERITIES:
        if any(alarm.severity == severity for alarm in here):
            resources |= _topic(project, environment, region, severity)
    for alarm in here:
        resources[names.logical_id("Alarm", alarm.name)] = _alarm(project, environment, region, alarm)
    what = "Alarms"
    if region == environment.primary:  # dashboards are global to an account: a second stack would fight over them
        for name, body in boards.items():
            resources[names.logical_id("Dashboard", name)] = _dashboard(project, environment, name, body)
        what = "Alarms and dashboards"
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"{what} of {project.name}, {environment.name}, {region}; rendered by obskit",
        "Resources": resources,
    }


def _topic(project: Project, environment: Environment, region: str, severity: Severity) -> Json:
    logical = names.logical_id("Topic", severity)
    properties: Json = {
        "TopicName": names.topic(project, environment, severity),
        "SignatureVersion": "2",
        "Tags": names.tags(project, environment),
    }
    if environment.kms_key:
        properties["KmsMasterKeyId"] = environment.kms_key
    resources: Json = {
        logical: {"Type": "AWS::SNS::Topic", "Properties": properties},
        f"{logical}Policy": _topic_policy(environment, region, logical),
    }
    if environment.pages and severity == PAGING:
        resources[f"{logical}Subscription"] = _subscription(environment, logical)
    return resources


def _topic_policy(environment: Environment, region: str, topic: str) -> Json:
    """Let CloudWatch publish for alarms of this account and region, and nobody else."""
    statement = {
        "Sid": "AlarmsOfThisAccount",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": {"Ref": topic},
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{region}:{environment.account}:alarm:*"},
            "StringEquals": {"aws:SourceAccount": environment.account},
        },
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": [{"Ref": topic}], "PolicyDocument": document}}


def _subscription(environment: Environment, topic: str) -> Json:
    key = f"{{{{resolve:secretsmanager:{environment.paging_secret}:SecretString:integration_key}}}}"
    return {
        "Type": "AWS::SNS::Subscription",
        "Properties": {
            "TopicArn": {"Ref": topic},
            "Protocol": environment.paging_endpoint.partition(":")[0],
            "Endpoint": f"{environment.paging_endpoint}/integration/{key}/enqueue",
            # PagerDuty's CloudWatch integration reads SNS's envelope.
            "RawMessageDelivery": False,
            "DeliveryPolicy": RETRIES,
        },
    }


def _alarm(project: Project, environment: Environment, region: str, alarm: Alarm) -> Json:
    metric, stat = alarm.statistic.metric, alarm.statistic.stat
    bad, periods = alarm.for_
    actions = [{"Ref": names.logical_id("Topic", alarm.severity)}]
    pairs = bodies.dimensions(metric.service, environment, alarm.by)
    properties = {
        "AlarmName": names.alarm(project, environment, region, alarm),
        "AlarmDescription": description(project, environment, region, alarm),
        "AlarmActions": actions,
        # PagerDuty closes an incident on an OK through the same topic only.
        "OKActions": actions,
        "ComparisonOperator": alarm.comparison,
        "DatapointsToAlarm": bad,
        "Dimensions": [{"Name": name, "Value": value} for name, value in pairs],
        "EvaluationPeriods": periods,
        "MetricName": metric.name,
        "Namespace": project.namespace,
        "Period": environment.alarm_period or alarm.period,
        "Threshold": alarm.threshold,
        "TreatMissingData": alarm.missing,
        "Tags": names.tags(project, environment, service=metric.service, owner=alarm.owner),
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


def _dashboard(project: Project, environment: Environment, name: str, body: Json) -> Json:
    return {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {
            "DashboardName": names.dashboard(project, environment, name),
            "DashboardBody": json.dumps(body, sort_keys=True, separators=(",", ":")),
            "Tags": names.tags(project, environment),
        },
    }
