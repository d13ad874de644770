"""Composite alarms: the properties of one, and circles between those of a template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit.deploy.rules import alarm_rule
from obskit.deploy.rules.alarms import ACTIONS, ARN, DESCRIPTION, NAME, TAG_KEY
from obskit.deploy.rules.placeholders import has_unknown, is_unknown, names, spelled
from obskit.deploy.rules.problem import Fault, short
from obskit.deploy.rules.shape import anything, array, boolean, is_number, number, record, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PAGE = "CloudWatch API, PutCompositeAlarm"
_ACTIONS = array(ARN, 0, ACTIONS)
_SHAPE = record(
    {"AlarmRule": text(1, alarm_rule.LENGTH)},
    {
        "AlarmName": text(1, NAME),
        "AlarmDescription": text(0, DESCRIPTION),
        "ActionsEnabled": anything,
        "AlarmActions": _ACTIONS,
        "OKActions": _ACTIONS,
        "InsufficientDataActions": _ACTIONS,
        "ActionsSuppressor": text(1, 1600),
        "ActionsSuppressorWaitPeriod": anything,
        "ActionsSuppressorExtensionPeriod": anything,
        "Tags": array(record({"Key": TAG_KEY, "Value": text(0, 256)}), 0, 50),
    },
)
_WAITS = ("ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")


def check(properties: dict[str, object]) -> Iterator[Fault]:
    yield from _SHAPE(properties, "")
    if not (isinstance(flag := properties.get("ActionsEnabled", True), str)):
        yield from boolean(flag, "/ActionsEnabled")
    yield from _rule(properties.get("AlarmRule"))
    for key in _WAITS:
        if key in properties and "ActionsSuppressor" not in properties:
            yield Fault(
                f"/{key}", "suppressor", "Should have property 'ActionsSuppressor': there is nothing to wait for"
            )
        if "ActionsSuppressor" in properties and key not in properties:
            yield Fault("", "suppressor", f"Should have required property '{key}' when 'ActionsSuppressor' is present")
        if is_number(properties.get(key)):
            yield from number(0, whole=True)(properties[key], f"/{key}")


def _rule(text_: object) -> Iterator[Fault]:
    if not isinstance(text_, str) or not text_ or is_unknown(text_) or len(text_) > alarm_rule.LENGTH:
        return
    found = alarm_rule.read(text_)
    if found.wrong and not (has_unknown(text_) and "is not expected" in found.wrong):
        yield Fault("/AlarmRule", "alarm-rule", f'rule "{short(spelled(text_))}": {found.wrong}')
    children = len(dict.fromkeys(found.children))
    if children > alarm_rule.CHILDREN:
        words = f"{children} alarms; a composite has at most {alarm_rule.CHILDREN} children"
        yield Fault("/AlarmRule", "alarm-rule-size", words)
    elif found.elements > alarm_rule.ELEMENTS:
        words = f"{found.elements} elements; a rule has at most {alarm_rule.ELEMENTS}"
        yield Fault("/AlarmRule", "alarm-rule-size", words)


def circles(composites: Mapping[str, dict[str, object]]) -> Iterator[tuple[str, Fault]]:
    """Yield (logical id, fault) for each composite that depends on itself or silences itself, by logical id."""
    by_name = {
        str(properties["AlarmName"]): name for name, properties in composites.items() if "AlarmName" in properties
    }
    needs: dict[str, set[str]] = {}
    for name, properties in composites.items():
        rule = properties.get("AlarmRule")
        children = alarm_rule.read(rule).children if isinstance(rule, str) and len(rule) <= alarm_rule.LENGTH else []
        needs[name] = {one for child in children if (one := _logical(child, by_name)) in composites}
    for name, properties in composites.items():
        suppressor = properties.get("ActionsSuppressor")
        if isinstance(suppressor, str) and _logical(suppressor, by_name) == name:
            words = "suppresses itself: in ALARM it would silence its own actions"
            yield name, Fault("/ActionsSuppressor", "suppressor", words)
        if way := _way_back(name, needs):
            words = f"depends on itself, through {' → '.join(way)}: evaluation stops, and neither can be deleted"
            yield name, Fault("/AlarmRule", "composite-cycle", words)


def _logical(child: str, by_name: Mapping[str, str]) -> str:
    """Return the logical id of *child*, a name, an ARN or a placeholder for either."""
    if child in by_name:
        return by_name[child]
    plain = child.rpartition(":alarm:")[2]
    if plain in by_name:
        return by_name[plain]
    found = list(names(plain))
    return found[-1].partition(".")[0] if found else plain


def _way_back(start: str, needs: Mapping[str, set[str]]) -> list[str]:
    """Return the shortest way from *start* back to it, or nothing."""
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:  # grows while it is walked
        for one in sorted(needs[way[-1]]):
            if one == start:
                return [*way, start]
            if one not in seen:
                seen.add(one)
                ways.append([*way, one])
    return []
