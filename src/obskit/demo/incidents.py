"""PagerDuty's view: notifications of alarms and events of its API in, incidents out. No input or output of its own."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.demo.events_api import Event

Via = Literal["integration", "events"]

_STATES = {"ALARM", "OK", "INSUFFICIENT_DATA"}
_DESCRIBED = ("severity", "owner", "impact", "dashboard", "runbook")


class NotAnAlarmError(ObskitError):
    """The notification is not a CloudWatch alarm's; the message says what is missing."""


@dataclass(frozen=True)
class LogEntry:
    """One notification of an incident: the alarm's state, when it changed, and CloudWatch's reason."""

    state: str
    at: str
    reason: str


@dataclass(frozen=True)
class Incident:
    """One page: opened by an alarm, resolved by its return to OK."""

    number: int
    alarm: str
    status: Literal["triggered", "resolved"]
    summary: str
    severity: str
    owner: str
    impact: str
    dashboard: str
    runbook: str
    reason: str
    triggered_at: str
    resolved_at: str | None
    log: tuple[LogEntry, ...]
    key: str = ""
    """What is told of one thing shares it: the alarm's name in the integration, `dedup_key` in the Events API."""
    via: Via = "integration"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def described(description: str) -> dict[str, str]:
    r"""
    Return the `key: value` lines of an alarm's *description*, and its other first line as `summary`.

    >>> described("Checkout fails\nseverity: page\nrunbook: https://runbooks/checkout")
    {'summary': 'Checkout fails', 'severity': 'page', 'runbook': 'https://runbooks/checkout'}
    """
    first, *rest = description.strip().splitlines() or [""]
    found = {"summary": first.strip()}
    for line in rest:
        key, colon, value = line.partition(":")
        if colon and key.strip().lower() in _DESCRIBED:
            found[key.strip().lower()] = value.strip()
    return found


class IncidentList:
    """
    All incidents, the oldest first.

    ALARM opens one, or adds to the open one of that alarm; OK resolves it; INSUFFICIENT_DATA changes nothing. A
    notification older than the newest of its alarm is late: it never opens or resolves anything. An event of the API
    is believed whenever it comes: `trigger` opens one or adds to the open one of its key, `resolve` ends that.
    """

    def __init__(self) -> None:
        self._incidents: list[Incident] = []
        self._newest: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def all(self) -> list[Incident]:
        with self._lock:
            return list(self._incidents)

    def notify(self, message: str) -> Incident | None:
        """
        Take the *message* of an SNS notification; return the incident that it changed.

        Raises:
            NotAnAlarmError: nothing was changed.
        """
        alarm = _decode(message)
        name, state, changed = str(alarm["AlarmName"]), str(alarm["NewStateValue"]), _time(alarm["StateChangeTime"])
        entry = LogEntry(state, changed.isoformat(), str(alarm.get("NewStateReason") or ""))
        with self._lock:
            if changed < self._newest.get(name, changed):
                return None
            self._newest[name] = changed
            if state == "INSUFFICIENT_DATA":
                return None
            if state == "OK":
                return self._resolve(name, "integration", entry)
            fresh = _open(len(self._incidents) + 1, name, entry, str(alarm.get("AlarmDescription") or ""))
            return self._trigger(fresh, entry)

    def take(self, event: Event, at: datetime) -> Incident | None:
        """Take an *event* of the Events API that came *at*; return the incident that it changed."""
        entry = LogEntry(event.action, at.isoformat(), str(event.details.get("reason", "")))
        with self._lock:
            if event.action == "resolve":
                return self._resolve(event.key, "events", entry)
            if event.action == "acknowledge":  # somebody looks at it: no change that is shown here
                return None
            return self._trigger(_open_event(len(self._incidents) + 1, event, entry), entry)

    def _trigger(self, fresh: Incident, entry: LogEntry) -> Incident:
        position = self._open_one(fresh.key, fresh.via)
        if position is None:
            self._incidents.append(fresh)
            return fresh
        return self._replace(position, log=(*self._incidents[position].log, entry))

    def _resolve(self, key: str, via: Via, entry: LogEntry) -> Incident | None:
        position = self._open_one(key, via)
        if position is None:
            return None
        log = (*self._incidents[position].log, entry)
        return self._replace(position, log=log, status="resolved", resolved_at=entry.at)

    def _open_one(self, key: str, via: Via) -> int | None:
        wanted = (key, via, "triggered")
        return next((i for i, one in enumerate(self._incidents) if (one.key, one.via, one.status) == wanted), None)

    def _replace(self, position: int, **changes: Any) -> Incident:
        self._incidents[position] = replace(self._incidents[position], **changes)
        return self._incidents[position]


def _open(number: int, name: str, entry: LogEntry, description: str) -> Incident:
    facts = described(description)
    return Incident(
        number=number,
        alarm=name,
        status="triggered",
        summary=facts["summary"],
        severity=facts.get("severity", ""),
        owner=facts.get("owner", ""),
        impact=facts.get("impact", ""),
        dashboard=facts.get("dashboard", ""),
        runbook=facts.get("runbook", ""),
        reason=entry.reason,
        triggered_at=entry.at,
        resolved_at=None,
        log=(entry,),
        key=name,
    )


def _open_event(number: int, event: Event, entry: LogEntry) -> Incident:
    return Incident(
        number=number,
        alarm=str(event.details.get("alarm", event.source)),
        status="triggered",
        summary=event.summary,
        severity=event.severity,
        owner=str(event.details.get("owner", "")),
        impact=str(event.details.get("impact", "")),
        dashboard=event.links.get("dashboard", ""),
        runbook=event.links.get("runbook", ""),
        reason=entry.reason,
        triggered_at=entry.at,
        resolved_at=None,
        log=(entry,),
        key=event.key,
        via="events",
    )


def _decode(message: str) -> Mapping[str, object]:
    try:
        alarm = json.loads(message)
    except ValueError:
        raise NotAnAlarmError("the message is not JSON") from None
    if not isinstance(alarm, dict):
        raise NotAnAlarmError("the message is not an object")
    missing = [key for key in ("AlarmName", "NewStateValue", "StateChangeTime") if not isinstance(alarm.get(key), str)]
    if missing:
        raise NotAnAlarmError(f"the message has no {', '.join(missing)}")
    if alarm["NewStateValue"] not in _STATES:
        raise NotAnAlarmError(f"{alarm['NewStateValue']!r} is no alarm state")
    return alarm


def _time(text: object) -> datetime:
    try:
        when = datetime.fromisoformat(str(text))
    except ValueError:
        raise NotAnAlarmError(f"StateChangeTime {text!r} is not ISO 8601") from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
