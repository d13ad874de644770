"""CloudWatch's notification of an alarm as an event of PagerDuty's Events API v2."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from obskit.forwarder.alarms import ALARM, OK, arn
from obskit.masking import mask

if TYPE_CHECKING:
    from collections.abc import Mapping

SUMMARY = 1024
"""Characters of `payload.summary`. PagerDuty, "Events API v2: send an alert event", 2026-11-24."""
DEDUP_KEY = 255
"""Characters of `dedup_key`. Same page."""
DETAIL, CHILDREN, LINK = 2000, 20, 2000
"""Characters of one detail, children of a composite, characters of an address: an event has 512 KB at most."""
ACTIONS = {ALARM: "trigger", OK: "resolve"}
"""What a state asks for. INSUFFICIENT_DATA asks for nothing: it neither opens nor closes an incident."""
SEVERITIES = {"page": "critical", "ticket": "warning", "info": "info"}
_LINES = ("severity", "owner", "impact", "dashboard", "runbook")


def event(alarm: Mapping[str, Any]) -> dict[str, Any] | None:
    """
    Return the event for *alarm*, without its routing key; None where nothing is to do.

    Its texts are masked. The same alarm has the same `dedup_key` for ever: what is sent twice opens one incident.
    """
    action = ACTIONS.get(alarm["NewStateValue"])
    if action is None:
        return None
    found: dict[str, Any] = {"event_action": action, "dedup_key": dedup_key(arn(alarm) or _plain(alarm["AlarmName"]))}
    if action == "resolve":
        return found
    said = lines(str(alarm.get("AlarmDescription") or ""))
    name = _plain(alarm["AlarmName"])
    region, account = arn(alarm).split(":")[3:5] if arn(alarm) else ("", str(alarm.get("AWSAccountId") or ""))
    links = [{"href": said[key], "text": key} for key in ("runbook", "dashboard") if _is_link(said.get(key, ""))]
    details = {
        "alarm": name,
        "impact": said.get("impact", ""),
        "owner": said.get("owner", ""),
        "reason": str(alarm.get("NewStateReason") or ""),
        "since": str(alarm.get("StateChangeTime") or ""),
        "region": region,
        "account": account,
        "because_of": _children(alarm.get("TriggeringChildren")),
    }
    return {
        **found,
        "client": "CloudWatch",
        **({"client_url": _console(region, alarm["AlarmName"])} if region else {}),
        "links": links,
        "payload": {
            "summary": _masked(said.get("summary") or alarm["AlarmName"])[:SUMMARY],
            "source": name,
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
    return arn if len(arn) <= DEDUP_KEY else hashlib.sha256(arn.encode("utf-8", "surrogatepass")).hexdigest()


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


def _console(region: str, name: str) -> str:
    return (
        f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        f"#alarmsV2:alarm/{quote(_plain(name), safe='')}"
    )


def _children(found: object) -> list[str]:
    if not isinstance(found, list):
        return []
    return [str(one["Arn"]) for one in found[:CHILDREN] if isinstance(one, dict) and one.get("Arn")]


def _is_link(text: str) -> bool:
    """Say whether *text* is an address: one that is none could cost the whole event."""
    return text.startswith(("https://", "http://")) and len(text) <= LINK and text.isprintable() and " " not in text


def _details(key: str, value: object) -> object:
    """Return *value* as it may leave; names, regions, accounts and ARNs are CloudWatch's own words."""
    if isinstance(value, list):
        return [_plain(one)[:DETAIL] for one in value]
    return (_masked(value) if key in ("impact", "owner", "reason") else _plain(value))[:DETAIL]


def _masked(text: object) -> str:
    return _plain(mask(text))


def _plain(text: object) -> str:
    """Return *text* without half characters, which JSON can spell and UTF-8 cannot."""
    return str(text).encode("utf-8", "replace").decode()
