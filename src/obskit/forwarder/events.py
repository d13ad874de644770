"""CloudWatch's notification of an alarm as an event of PagerDuty's Events API v2."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from obskit.errors import ObskitError
from obskit.masking import mask

if TYPE_CHECKING:
    from collections.abc import Mapping

SUMMARY = 1024
"""Characters of `payload.summary`. PagerDuty, "Events API v2: send an alert event", 2026-11-24."""
DEDUP_KEY = 255
"""Characters of `dedup_key`. Same page."""
ACTIONS = {"ALARM": "trigger", "OK": "resolve"}
"""What a state asks for. INSUFFICIENT_DATA asks for nothing: it neither opens nor closes an incident."""
SEVERITIES = {"page": "critical", "ticket": "warning", "info": "info"}
_LINES = ("severity", "owner", "impact", "dashboard", "runbook")


class NotAnAlarmError(ObskitError):
    """The message is none of CloudWatch's alarms."""


def event(text: str) -> dict[str, Any] | None:
    """
    Return the event for *text*, the message in a notification, without its routing key; None where nothing is to do.

    Its texts are masked. The same alarm has the same `dedup_key` for ever: what is sent twice opens one incident.

    Raises:
        NotAnAlarmError: *text* is not what CloudWatch sends.
    """
    alarm = _decoded(text)
    action = ACTIONS.get(alarm["NewStateValue"])
    if action is None:
        return None
    said = lines(str(alarm.get("AlarmDescription") or ""))
    arn = alarm["AlarmArn"]
    found: dict[str, Any] = {"event_action": action, "dedup_key": dedup_key(arn)}
    if action == "resolve":
        return found
    links = [{"href": said[key], "text": key} for key in ("runbook", "dashboard") if said.get(key)]
    region, account = arn.split(":")[3:5]
    details = {
        "alarm": alarm["AlarmName"],
        "impact": said.get("impact", ""),
        "owner": said.get("owner", ""),
        "reason": str(alarm.get("NewStateReason") or ""),
        "since": str(alarm.get("StateChangeTime") or ""),
        "region": region,
        "account": account,
        "because_of": [str(one.get("Arn")) for one in alarm.get("TriggeringChildren") or [] if isinstance(one, dict)],
    }
    return {
        **found,
        "client": "CloudWatch",
        "client_url": f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        f"#alarmsV2:alarm/{alarm['AlarmName']}",
        "links": links,
        "payload": {
            "summary": _masked(said.get("summary") or alarm["AlarmName"])[:SUMMARY],
            "source": alarm["AlarmName"],
            "severity": SEVERITIES.get(said.get("severity", ""), "error"),
            "group": account,
            "custom_details": {key: _details(key, value) for key, value in details.items() if value},
        },
    }


def dedup_key(arn: str) -> str:
    """
    Return what incidents of one alarm share: its ARN, or a digest of one that is too long.

    >>> dedup_key("arn:aws:cloudwatch:us-east-1:333333333333:alarm:shop")
    'arn:aws:cloudwatch:us-east-1:333333333333:alarm:shop'
    >>> len(dedup_key("arn" * 100))
    64
    """
    return arn if len(arn) <= DEDUP_KEY else hashlib.sha256(arn.encode()).hexdigest()


def lines(description: str) -> dict[str, str]:
    r"""
    Return the first line of *description* as `summary`, and those that obskit writes by their names.

    >>> lines("Too slow.\nseverity: page\nnote: x\nrunbook: https://r.example/a.md")
    {'summary': 'Too slow.', 'severity': 'page', 'runbook': 'https://r.example/a.md'}
    """
    first, *others = description.splitlines() or [""]
    found = {"summary": first.strip()}
    for line in others:
        key, colon, value = line.partition(": ")
        if colon and key in _LINES:
            found[key] = value.strip()
    return found


def _decoded(text: str) -> Mapping[str, Any]:
    try:
        alarm = json.loads(text)
    except (ValueError, RecursionError):
        raise NotAnAlarmError("the message is not JSON") from None
    if not isinstance(alarm, dict):
        raise NotAnAlarmError("the message is no object")
    missing = [key for key in ("AlarmName", "AlarmArn", "NewStateValue") if not isinstance(alarm.get(key), str)]
    if missing or alarm["AlarmArn"].count(":") < 6:
        raise NotAnAlarmError(f"the message has no {' and no '.join(missing) or 'ARN of an alarm'}")
    return alarm


def _details(key: str, value: object) -> object:
    """Return *value* as it may leave; names, regions, accounts and ARNs are CloudWatch's own words."""
    return _masked(value) if key in ("impact", "owner", "reason") else value


def _masked(text: object) -> str:
    return str(mask(text))
