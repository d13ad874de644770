"""One CloudFormation template per region: alarms, the topics they speak to, and in the primary region dashboards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from obskit.deploy import alarm_resources, names, paging
from obskit.deploy.specs import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.deploy.project import Environment, Project
    from obskit.deploy.specs import Alarm

Json = dict[str, Any]


def render(
    project: Project, environment: Environment, region: str, alarms: tuple[Alarm, ...], boards: Mapping[str, Json]
) -> Json:
    """Return the template of *region*; *boards* are bodies by dashboard name."""
    resources: Json = {}
    here = names.alarms_in(environment, region, alarms)
    for severity in SEVERITIES:
        if any(alarm.severity == severity for alarm in here):
            resources |= paging.topic(project, environment, region, severity)
    for alarm in here:
        resources[names.logical_id("Alarm", alarm.name)] = alarm_resources.alarm(project, environment, region, alarm)
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


def _dashboard(project: Project, environment: Environment, name: str, body: Json) -> Json:
    return {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {
            "DashboardName": names.dashboard(project, environment, name),
            "DashboardBody": json.dumps(body, sort_keys=True, separators=(",", ":")),
            "Tags": names.tags(project, environment),
        },
    }
