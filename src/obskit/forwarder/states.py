"""What CloudWatch says of an alarm now. Asked before and after a page is told; no answer never stops a page."""

from __future__ import annotations

from typing import Any

from obskit.errors import ObskitError
from obskit.forwarder.alarms import State

_CONNECT_S, _READ_S = 1, 2
_TYPES = ["MetricAlarm", "CompositeAlarm"]

_clients: dict[str, Any] = {}


class StateUnknownError(ObskitError):
    """CloudWatch did not answer, or may not be asked; the message names the error alone."""


def now(arn: str, name: str) -> State | None:
    """
    Return the state of the alarm *name*, None where there is no alarm with this *arn*.

    Raises:
        StateUnknownError: CloudWatch did not say it, within three seconds.
    """
    region = arn.split(":")[3] if arn else ""
    if not region:
        return None
    try:
        # Without the types only metric alarms are answered.
        answer = _client(region).describe_alarms(AlarmNames=[name], AlarmTypes=_TYPES)
        found = [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]
        mine = next((one for one in found if one.get("AlarmArn") == arn), None)
        return None if mine is None else _state(mine)
    except Exception as error:  # noqa: BLE001  botocore's errors are made at run time; a page must go whatever happens
        raise StateUnknownError(type(error).__name__) from None


def forget() -> None:
    """Forget the connections."""
    _clients.clear()


def _state(alarm: dict[str, Any]) -> State:
    # The second is also touched by what does not change the value.
    since = alarm.get("StateTransitionedTimestamp") or alarm["StateUpdatedTimestamp"]
    silent = not alarm.get("ActionsEnabled", True) or bool(alarm.get("ActionsSuppressedBy"))
    return State(alarm["StateValue"], since, str(alarm.get("StateReason") or ""), silent)


def _client(region: str) -> Any:
    if region not in _clients:
        import boto3
        from botocore.config import Config

        once = Config(connect_timeout=_CONNECT_S, read_timeout=_READ_S, retries={"total_max_attempts": 1})
        _clients[region] = boto3.client("cloudwatch", region_name=region, config=once)
    return _clients[region]
