"""What an account really has: dashboards by `GetDashboard`, alarms by `DescribeAlarms`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from obskit.deploy import names
from obskit.deploy.diff import templates
from obskit.deploy.diff.state import State
from obskit.errors import MissingExtraError, ObskitError, of_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from obskit.deploy.render import Rendered

Json = dict[str, Any]

_ALARM = (
    *("AlarmName", "AlarmDescription", "MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Dimensions"),
    *("Period", "Unit", "EvaluationPeriods", "DatapointsToAlarm", "Threshold", "ThresholdMetricId", "Metrics"),
    *("ComparisonOperator", "TreatMissingData", "EvaluateLowSampleCountPercentile", "ActionsEnabled"),
    *("AlarmActions", "OKActions", "InsufficientDataActions"),
)
_COMPOSITE = (
    *("AlarmName", "AlarmDescription", "AlarmRule", "ActionsEnabled", "AlarmActions", "OKActions"),
    *("InsufficientDataActions", "ActionsSuppressor", "ActionsSuppressorWaitPeriod"),
    "ActionsSuppressorExtensionPeriod",
)
_DEFAULTS: Json = {"ActionsEnabled": True, "AlarmActions": [], "OKActions": [], "InsufficientDataActions": []}


def client(region: str) -> Any:
    """
    Return CloudWatch of *region*, from the usual AWS configuration.

    Raises:
        MissingExtraError: boto3 is not installed.
    """
    try:
        import boto3
    except ImportError as error:
        raise MissingExtraError("aws", "obskit diff --against deployed") from error
    return boto3.client("cloudwatch", region_name=region)


def read(rendered: Rendered, cloudwatch: Callable[[str], Any] = client) -> State:
    """
    Return what is deployed of *rendered*'s environment; *cloudwatch* makes the client of a region.

    Alarms are found by the project's prefix and by environment and region in their names.

    Raises:
        ObskitError: AWS refuses; the message has its words.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return State(_bodies(rendered, cloudwatch), _templates(rendered, cloudwatch))
    except (BotoCoreError, ClientError) as error:
        raise ObskitError(f"what is deployed cannot be read: {of_aws(error)}") from error


def _bodies(rendered: Rendered, cloudwatch: Callable[[str], Any]) -> dict[str, Json]:
    """Return the deployed bodies by the names of their definitions; one that nothing defines any more, too."""
    there = cloudwatch(rendered.environment.primary)
    prefix = names.dashboard(rendered.project, rendered.environment, "")
    pages = there.get_paginator("list_dashboards").paginate(DashboardNamePrefix=prefix)
    found = [entry["DashboardName"] for page in pages for entry in page.get("DashboardEntries", ())]
    return {
        name.removeprefix(prefix): json.loads(there.get_dashboard(DashboardName=name)["DashboardBody"])
        for name in sorted(found)
        if name.startswith(prefix)
    }


def _templates(rendered: Rendered, cloudwatch: Callable[[str], Any]) -> dict[str, Json]:
    project, environment = rendered.project, rendered.environment
    found = {}
    for region in rendered.templates:
        pages = (
            cloudwatch(region)
            .get_paginator("describe_alarms")
            .paginate(AlarmNamePrefix=f"{project.name}-", AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        )
        resources: dict[str, Json] = {}
        for page in pages:
            for kind, alarms in ((templates.ALARM, "MetricAlarms"), (templates.COMPOSITE, "CompositeAlarms")):
                mine = [one for one in page.get(alarms, ()) if f"-{environment.name}-{region}-" in one["AlarmName"]]
                resources |= {one["AlarmName"]: _resource(kind, one) for one in mine}
        found[region] = {"Resources": resources}
    return found


def of_rendered(rendered: Rendered, values: Mapping[str, Mapping[str, str]] | None = None) -> State:
    """
    Return *rendered* in the form in which `read` returns what is deployed: alarms by name, topics by ARN.

    *values* are those of parameters, by region. What no value is known of has its default, so one that was set
    otherwise shows as a difference.
    """
    found = {}
    for region, template in rendered.templates.items():
        resources = template["Resources"]
        topics = {
            logical: f"arn:aws:sns:{region}:{rendered.environment.account}:{one['Properties']['TopicName']}"
            for logical, one in resources.items()
            if one["Type"] == "AWS::SNS::Topic" and isinstance(one["Properties"].get("TopicName"), str)
        }
        alarms = [one for one in resources.values() if one["Type"] in (templates.ALARM, templates.COMPOSITE)]
        known = {**topics, **_parameters(template, (values or {}).get(region, {}))}
        named = [(one["Type"], _resolved(one["Properties"], known)) for one in alarms]
        found[region] = {
            "Resources": {
                one["AlarmName"]: _resource(kind, one) for kind, one in named if isinstance(one["AlarmName"], str)
            }
        }
    return State(rendered.bodies, found)


def _parameters(template: Json, values: Mapping[str, str]) -> Json:
    """Return what the parameters of *template* are, by default where no value is given; true and false as JSON."""
    declared = template.get("Parameters", {})
    found = {name: one["Default"] for name, one in declared.items() if "Default" in one}
    found |= {name: one for name, one in values.items() if name in declared}
    return {name: {"true": True, "false": False}.get(value, value) for name, value in found.items()}


def _resolved(value: Any, known: Mapping[str, Any]) -> Any:
    """Return *value* with each `Ref` to one of *known* replaced."""
    if isinstance(value, dict):
        if list(value) == ["Ref"]:
            return known.get(value["Ref"], value)
        return {key: _resolved(one, known) for key, one in value.items()}
    return [_resolved(one, known) for one in value] if isinstance(value, list) else value


def _resource(kind: str, properties: Json) -> Json:
    """Return an alarm with the properties that are compared, defaults said, lists without an order sorted."""
    kept = {key: properties[key] for key in (_ALARM if kind == templates.ALARM else _COMPOSITE) if key in properties}
    kept = {**_DEFAULTS, **kept}
    if "EvaluationPeriods" in kept:
        kept.setdefault("DatapointsToAlarm", kept["EvaluationPeriods"])
    if kind == templates.ALARM:
        kept.setdefault("TreatMissingData", "missing")
        kept["Dimensions"] = sorted(kept.get("Dimensions", ()), key=lambda one: str(one["Name"]))
        kept["Metrics"] = [_metric(one) for one in sorted(kept.get("Metrics", ()), key=lambda one: str(one["Id"]))]
    return {"Type": kind, "Properties": kept}


def _metric(query: Json) -> Json:
    """Say the default: whether a query returns data."""
    return {"ReturnData": True, **query}
