"""An alarm as CloudWatch tells of it in a notification."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Mapping

ALARM, OK, INSUFFICIENT_DATA = STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")


class NotAnAlarmError(ObskitError):
    """The message is none of CloudWatch's alarms."""


class State(NamedTuple):
    """
    What CloudWatch says of an alarm now.

    *silent*: it would tell nobody of an ALARM, for its actions are off or suppressed.
    """

    value: str
    since: datetime
    reason: str = ""
    silent: bool = False


def decode(text: str) -> dict[str, Any]:
    """
    Return the alarm in *text*, the message of a notification. It has a name and a state; all else may be missing.

    Raises:
        NotAnAlarmError: *text* is not what CloudWatch sends; the message quotes nothing of it.
    """
    try:
        alarm = json.loads(text)
    except (ValueError, RecursionError):
        raise NotAnAlarmError("the message is not JSON") from None
    if not isinstance(alarm, dict):
        raise NotAnAlarmError("the message is no object")
    if not isinstance(alarm.get("AlarmName"), str) or not alarm["AlarmName"]:
        raise NotAnAlarmError("the message has no AlarmName")
    if alarm.get("NewStateValue") not in STATES:
        raise NotAnAlarmError("the message has no NewStateValue that is known")
    return alarm


def arn(alarm: Mapping[str, Any]) -> str:
    """
    Return the alarm's ARN, "" where the message has none.

    >>> arn({"AlarmArn": "arn:aws:cloudwatch:us-east-1:333333333333:alarm:shop"}), arn({"AlarmArn": "shop"})
    ('arn:aws:cloudwatch:us-east-1:333333333333:alarm:shop', '')
    """
    found = alarm.get("AlarmArn")
    return found if isinstance(found, str) and found.count(":") >= 6 else ""


def latest(alarm: Mapping[str, Any], now: State | None) -> dict[str, Any]:
    """
    Return *alarm* with the state that CloudWatch gives it *now*, where that is newer than the notification.

    Notifications come late, twice and out of order. INSUFFICIENT_DATA opens and closes nothing, so it hides neither
    an ALARM nor an OK; an ALARM that tells nobody is not told here either.
    """
    told = dict(alarm)
    if now is None or now.value not in (ALARM, OK) or now.value == alarm["NewStateValue"]:
        return told
    if now.value == ALARM and now.silent:
        return told
    since = changed(alarm)
    if since is None or now.since <= since:
        return told
    return {
        **told,
        "NewStateValue": now.value,
        "NewStateReason": now.reason,
        "StateChangeTime": now.since.isoformat(),
        "TriggeringChildren": [],
    }


def changed(alarm: Mapping[str, Any]) -> datetime | None:
    """
    Return when the state changed, None where the message does not say it in ISO 8601.

    >>> changed({"StateChangeTime": "2026-11-24T16:00:00.000+0000"})
    datetime.datetime(2026, 11, 24, 16, 0, tzinfo=datetime.timezone.utc)
    """
    try:
        when = datetime.fromisoformat(str(alarm.get("StateChangeTime")))
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
