"""Take out of a template what the emulator refuses, and keep the rest meaning what it meant."""

from __future__ import annotations

import re
from typing import Any

_REFERENCE = re.compile(r"\$\{([A-Za-z0-9]+)(\.Arn)?\}")


def without_unsupported(template: dict[str, Any], region: str, account: str) -> tuple[dict[str, Any], dict[str, str]]:
    """
    Return *template* without composite and metric-math alarms, and why each was left out, by its alarm name.

    What refers to one of them gets its name or ARN as text, so that a dashboard still shows where it belongs.
    """
    resources: dict[str, Any] = template["Resources"]
    reasons = {logical_id: why for logical_id, resource in resources.items() if (why := _unsupported(resource))}
    names = {logical_id: _alarm_name(logical_id, resources[logical_id]) for logical_id in reasons}
    kept = {logical_id: resource for logical_id, resource in resources.items() if logical_id not in reasons}
    for resource in kept.values():
        _forget_dependencies(resource, set(reasons))
    rewritten = {**template, "Resources": kept}
    arns = {logical_id: f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}" for logical_id, name in names.items()}
    return _rewrite(rewritten, names, arns), {names[logical_id]: why for logical_id, why in reasons.items()}


def _unsupported(resource: dict[str, Any]) -> str:
    if resource["Type"] == "AWS::CloudWatch::CompositeAlarm":
        return "composite alarm"
    if resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource.get("Properties", {}):
        return "metric math alarm"
    return ""


def _alarm_name(logical_id: str, resource: dict[str, Any]) -> str:
    name = resource.get("Properties", {}).get("AlarmName")
    return name if isinstance(name, str) else logical_id


def _forget_dependencies(resource: dict[str, Any], gone: set[str]) -> None:
    depends = resource.pop("DependsOn", [])
    remaining = [one for one in ([depends] if isinstance(depends, str) else depends) if one not in gone]
    if remaining:
        resource["DependsOn"] = remaining


def _rewrite(value: Any, names: dict[str, str], arns: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_rewrite(one, names, arns) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("Ref") in names:
        return names[value["Ref"]]
    attribute = value.get("Fn::GetAtt")
    logical_id = attribute.partition(".")[0] if isinstance(attribute, str) else (attribute or [""])[0]
    if logical_id in arns:
        return arns[logical_id]
    rewritten = {key: _rewrite(one, names, arns) for key, one in value.items()}
    if isinstance(rewritten.get("Fn::Sub"), str):
        rewritten["Fn::Sub"] = _in_text(rewritten["Fn::Sub"], names, arns)
    elif isinstance(rewritten.get("Fn::Sub"), list):
        rewritten["Fn::Sub"][0] = _in_text(rewritten["Fn::Sub"][0], names, arns)
    return rewritten


def _in_text(text: str, names: dict[str, str], arns: dict[str, str]) -> str:
    def known(found: re.Match[str]) -> str:
        return (arns if found[2] else names).get(found[1], found[0])

    return _REFERENCE.sub(known, text)
