"""Two templates of one region: alarms that came, went or watch otherwise, and every other resource."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from obskit.deploy.diff import bodies
from obskit.deploy.diff.change import ADDED, CHANGED, REMOVED, Change, Detail, facts, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Json = dict[str, Any]
ALARM, COMPOSITE, DASHBOARD = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm", "AWS::CloudWatch::Dashboard"
_NAMES = {ALARM: "alarm", COMPOSITE: "composite alarm", DASHBOARD: "dashboard"}
_SHORT = {"Milliseconds": "ms", "Seconds": "s", "Percent": "%", "Bytes": "B", "Count/Second": "/s"}
_SEVERITY = re.compile(r"^severity: (\w+)$", re.MULTILINE)


def compare(
    region: str, before: Json, after: Json, units: Mapping[str, str] | None = None, name: str = ""
) -> list[Change]:
    """
    Return what has changed from *before* to *after* in the template *name* of *region*; *units* are those of metrics.

    Tags, descriptions and links count, parameters, outputs and metadata, too; the order of a list of tags does not.
    Bodies of dashboards are compared as dashboards.
    """
    old, new = before.get("Resources") or {}, after.get("Resources") or {}
    changes: list[Change] = []
    if old and new and (rest := facts(_rest(before), _rest(after))):
        changes.append(Change(CHANGED, "template", name or region, region, tuple(rest)))
    for logical in sorted(old.keys() | new.keys()):
        was, now = old.get(logical), new.get(logical)
        if was == now:
            continue
        either = now or was or {}
        kind, called = _kind(either), _called(either, logical)
        if was is None or now is None:
            changes.append(Change(REMOVED if now is None else ADDED, kind, called, region))
        elif was.get("Type") != now.get("Type"):
            details = (Detail("type", shown(was.get("Type")), shown(now.get("Type"))),)
            changes.append(Change(CHANGED, kind, called, region, details))
        else:
            changes += _changed(Change(CHANGED, kind, called, region), was, now, units or {})
    return changes


def _rest(template: Json) -> Json:
    return {key: one for key, one in template.items() if key != "Resources"}


def _changed(change: Change, was: Json, now: Json, units: Mapping[str, str]) -> Iterator[Change]:
    inside: list[Change] = []
    if was.get("Type") == DASHBOARD:
        texts = [one.get("Properties", {}).get("DashboardBody") for one in (was, now)]
        read = [_body(text) for text in texts]
        if read[0] is not None and read[1] is not None:
            inside = bodies.compare(change.name, read[0], read[1])
            was, now = (_without(one, "DashboardBody") for one in (was, now))
    details = _alarm(was, now, units) if was.get("Type") == ALARM else _facts(was, now)
    if details:
        yield replace(change, details=tuple(details))
    yield from inside


def _kind(resource: Json) -> str:
    kind = str(resource.get("Type", ""))
    return _NAMES.get(kind, kind.removeprefix("AWS::"))


def _called(resource: Json, logical: str) -> str:
    properties = resource.get("Properties") or {}
    return next(
        (
            value
            for key, value in properties.items()
            if key.endswith("Name") and key != "MetricName" and isinstance(value, str)
        ),
        logical,
    )


def _body(text: object) -> Json | None:
    """Return a body that stands in a template, as text or inside `Fn::Sub`."""
    if isinstance(text, dict):
        inner = text.get("Fn::Sub")
        text = inner[0] if isinstance(inner, list) and inner else inner
    try:
        body = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _without(resource: Json, name: str) -> Json:
    return {**resource, "Properties": {key: one for key, one in resource.get("Properties", {}).items() if key != name}}


def _facts(was: Json, now: Json) -> list[Detail]:
    old, new = ({**one, "Properties": _plain(one.get("Properties") or {})} for one in (was, now))
    return [Detail(one.fact.removeprefix("Properties."), one.before, one.after) for one in facts(old, new)]


def _plain(properties: Json) -> Json:
    """Return lists of names and values as mappings: their order means nothing."""
    plain = dict(properties)
    for name, keys in (("Tags", ("Key", "Value")), ("Dimensions", ("Name", "Value"))):
        listed = plain.get(name)
        if isinstance(listed, list) and all(isinstance(one, dict) and set(one) == set(keys) for one in listed):
            plain[name] = {str(one[keys[0]]): one[keys[1]] for one in listed}
    return plain


def _alarm(was: Json, now: Json, units: Mapping[str, str]) -> list[Detail]:
    old, new = was.get("Properties") or {}, now.get("Properties") or {}
    details = []
    severities = [severity(one) for one in (old, new)]
    if severities[0] != severities[1]:
        details.append(Detail("severity", *severities))
    for one in _facts(was, now):
        if one.fact == "Threshold":
            unit = _SHORT.get(units.get(new.get("MetricName", ""), ""), "")
            details.append(Detail("threshold", one.before, f"{one.after} {unit}".strip()))
        elif one.fact in ("AlarmActions", "OKActions") and _follow(one.fact, (old, new), severities):
            continue  # said by the severity
        elif one.fact == "AlarmDescription":
            details += _description(shown_in(old), shown_in(new))
        else:
            details.append(Detail(_SAID.get(one.fact, one.fact), one.before, one.after))
    return details


def _follow(key: str, sides: tuple[Json, Json], severities: list[str]) -> bool:
    """Say whether the topics on both sides are those of the severities, so that these tell it all."""
    return severities[0] != severities[1] and all(
        properties.get(key) and all(shown(one).lower().endswith(word.lower()) for one in properties[key])
        for properties, word in zip(sides, severities, strict=True)
    )


_SAID = {
    "Period": "period (s)",
    "EvaluationPeriods": "periods looked at",
    "DatapointsToAlarm": "periods over the threshold",
    "TreatMissingData": "missing data",
    "ComparisonOperator": "comparison",
    "Statistic": "statistic",
    "ExtendedStatistic": "statistic",
    "AlarmActions": "tells",
    "OKActions": "tells when it is over",
}


def shown_in(properties: Json) -> str:
    text = properties.get("AlarmDescription", "")
    return text if isinstance(text, str) else shown(text)


def severity(properties: Json) -> str:
    """Return the severity that an alarm's description states, else the topic it speaks to, else `none`."""
    stated = _SEVERITY.search(shown_in(properties))
    if stated:
        return stated[1]
    return shown(properties["AlarmActions"]) if properties.get("AlarmActions") else "none"


def _description(before: str, after: str) -> list[Detail]:
    """Compare line by line; the line with the severity is told on its own."""
    old, new = ([line for line in text.splitlines() if not line.startswith("severity: ")] for text in (before, after))
    gone, came = [line for line in old if line not in new], [line for line in new if line not in old]
    if not gone and not came:
        return [Detail("description in another order")] if old != new else []
    return [Detail("description", "; ".join(gone), "; ".join(came))]
