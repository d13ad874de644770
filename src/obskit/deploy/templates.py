"""One CloudFormation template per region: alarms, the topics they speak to, and in the primary region dashboards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from obskit.deploy import alarm_resources, names, paging, parameters
from obskit.deploy.specs import SEVERITIES, Alarm, Composite
from obskit.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.deploy.model import Environment, Project

Json = dict[str, Any]


def render(
    project: Project,
    environment: Environment,
    region: str,
    alarms: tuple[Alarm | Composite, ...],
    boards: Mapping[str, Json],
) -> Json:
    """
    Return the template of *region*; *boards* are bodies by dashboard name.

    Raises:
        DefinitionError: a `{name}` in an alarm's dimensions stands for nothing; carries all of them.
    """
    here = names.alarms_in(environment, region, alarms)
    resources: Json = {}
    problems: list[str] = []
    for severity in SEVERITIES:
        if any(alarm.severity == severity and alarm.acts for alarm in here):
            resources |= paging.topic(project, environment, region, severity)
    for alarm in here:
        try:
            resources[names.alarm_id(alarm)] = _alarm(project, environment, region, alarm)
        except DefinitionError as error:
            problems += [f"alarm '{alarm.name}': {problem}" for problem in error.problems]
    if problems:
        raise DefinitionError(*problems)
    if any(alarm.severity == paging.PAGING and alarm.acts for alarm in here):
        first = next(iter(boards), "alarms")
        forwarded = paging.forwards(environment, here)
        resources |= paging.second(project, environment, region, first, forwarded=forwarded)
    what = "Alarms"
    if region == environment.primary:  # dashboards are global to an account: a second stack would fight over them
        for name, body in boards.items():
            resources[names.logical_id("Dashboard", name)] = _dashboard(project, environment, name, body)
        what = "Alarms and dashboards"
    parts = {
        "Parameters": alarm_resources.parameters(environment, region, here),
        "Outputs": alarm_resources.outputs(here),
        "Metadata": _metadata(environment, region, resources),
    }
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"{what} of {project.name}, {environment.name}, {region}; rendered by obskit",
        "Resources": resources,
        **{name: part for name, part in parts.items() if part},
    }
    return parameters.declare(template, environment)


def _alarm(project: Project, environment: Environment, region: str, spec: Alarm | Composite) -> Json:
    if isinstance(spec, Composite):
        return alarm_resources.composite(project, environment, region, spec)
    return alarm_resources.alarm(project, environment, region, spec)


def _metadata(environment: Environment, region: str, resources: Json) -> Json:
    """Say what the customer key must allow, for whoever owns the key."""
    if not any("KmsMasterKeyId" in resource["Properties"] for resource in resources.values()):
        return {}
    return {"obskit": {"KeyPolicy": paging.key_policy(environment, region)}}


def _dashboard(project: Project, environment: Environment, name: str, body: Json) -> Json:
    return {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {
            "DashboardName": names.dashboard(project, environment, name),
            "DashboardBody": json.dumps(body, sort_keys=True, separators=(",", ":")),
            "Tags": names.tags(project, environment),
        },
    }
