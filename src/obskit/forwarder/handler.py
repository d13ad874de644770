"""
The forwarder as a Lambda function, subscribed to a topic: its handler is `obskit.forwarder.handler.handler`.

`obskit render` makes the function, its role, its subscription and its dead-letter queue (docs/paging.md).
"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

from obskit.errors import ObskitError
from obskit.forwarder import alarms, dead_letters, endpoint, events, secret, states
from obskit.handler import instrument
from obskit.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET, URL, QUEUE = "PAGING_SECRET", "PAGING_URL", "PAGING_DEAD_LETTERS"
"""Variables: name or ARN of the secret, address of the Events API, URL of the dead-letter queue. None is a secret."""
KEPT_S = 1.0
"""Seconds before the function's own end that are left for its log lines."""
ROUNDS = 3
"""How often one page follows an alarm that changes while it is told, before Lambda runs it anew."""
REDRIVE = {"redrive": True}
"""The event that tells what lies in the dead-letter queue again: `aws lambda invoke`, by hand, after an outage."""

_logger = get_logger("obskit.forwarder")


class UnsettledError(ObskitError):
    """An alarm does not rest: what PagerDuty was told last may be over."""


@instrument(service="forwarder")
def handler(event: Any, context: Any) -> dict[str, int]:
    """
    Hand every notification in *event* over to PagerDuty.

    What it will never take is put into the dead-letter queue at once (`refused`).

    Raises:
        ObskitError: one was not taken. Lambda tries twice more, and then the dead-letter queue has it; what was
            taken is sent again then, and `dedup_key` makes one incident of both.
    """

    def remaining() -> float:
        return float(context.get_remaining_time_in_millis()) / 1000 - KEPT_S

    if event == REDRIVE:
        return _redrive(remaining)
    records = event.get("Records") if isinstance(event, dict) else None
    rest = records if isinstance(records, list) and records else [event]
    outcomes: Counter[str] = Counter(sent=0, skipped=0, refused=0)
    failed: ObskitError | None = None
    for position, record in enumerate(rest):
        try:
            outcomes[_take_or_refuse(record, _share(remaining, len(rest) - position))] += 1
        except ObskitError as error:
            failed = failed or error  # the others are told all the same
    if failed is not None:
        raise failed
    return dict(outcomes)


def _take_or_refuse(record: Any, remaining: Callable[[], float]) -> str:
    try:
        return _take(record, remaining)
    except (alarms.NotAnAlarmError, endpoint.RefusedError) as error:
        queue = os.environ.get(QUEUE)
        if not queue or not getattr(error, "final", True):
            raise
        # A retry cannot help, and would only be later in telling somebody: the queue has an alarm.
        dead_letters.put(queue, {"Records": [record]}, error)
        _logger.error("refused: it is in the dead-letter queue", detail=str(error))  # noqa: TRY400  no stack helps
        return "refused"


def _redrive(remaining: Callable[[], float]) -> dict[str, int]:
    """Tell what lies in the dead-letter queue; what is not taken stays there, hidden for as long as a run may last."""
    url = os.environ[QUEUE]
    outcomes: Counter[str] = Counter(sent=0, skipped=0, left=0)
    for letter in dead_letters.waiting(url, hidden_s=max(1, int(remaining()))):
        try:
            records = letter.event.get("Records")
            for record in records if isinstance(records, list) and records else [letter.event]:
                outcomes[_take(record, _share(remaining, dead_letters.BATCH))] += 1
        except ObskitError as error:
            _logger.error("not taken again: it stays in the queue", detail=str(error))  # noqa: TRY400  no stack helps
            outcomes["left"] += 1
        else:
            dead_letters.remove(url, letter)
        if remaining() <= 0:
            break
    return dict(outcomes)


def _share(remaining: Callable[[], float], records: int) -> Callable[[], float]:
    """Return what one of *records* may use of the time: one that hangs must not use that of the others."""
    kept = remaining() * (records - 1) / records
    return lambda: remaining() - kept


def _take(record: Any, remaining: Callable[[], float]) -> str:
    alarm = alarms.decode(_message(record))
    if events.event(alarm) is None:
        return "skipped"
    page = _Page(alarm)
    for _ in range(ROUNDS):
        told = _hand_over(page, remaining)
        if page.ask() == told:
            return "sent"
        # It changed between asking and telling: its own notification may have been told before this one.
    raise UnsettledError(f"the alarm changed {ROUNDS} times while it was told; Lambda comes back to it")


class _Page:
    """One notification; *alarm* is the newest that is known of it."""

    def __init__(self, alarm: dict[str, Any]) -> None:
        self.notified = alarm["NewStateValue"]
        self.alarm = alarm

    def ask(self) -> str:
        """Return the alarm's state as CloudWatch knows it now; as it was known where CloudWatch does not say."""
        try:
            now = states.now(alarms.arn(self.alarm), self.alarm["AlarmName"])
        except states.StateUnknownError as error:
            _logger.warning("CloudWatch does not say how the alarm is now: told as it is known", detail=str(error))
            now = None
        self.alarm = alarms.latest(self.alarm, now)
        return str(self.alarm["NewStateValue"])


def _hand_over(page: _Page, remaining: Callable[[], float]) -> str:
    """Tell what is so when it is told; return the state that PagerDuty has now."""
    name, url = os.environ[SECRET], os.environ[URL]
    key, told = secret.routing_key(name), ""

    def document() -> dict[str, Any]:
        nonlocal told
        told = page.ask()
        return {"routing_key": key, **(events.event(page.alarm) or {})}

    try:
        sent = endpoint.send(url, document, remaining)
    except endpoint.RefusedError:
        rotated = secret.routing_key(name, again=True)
        if rotated == key:
            raise
        key = rotated
        sent = endpoint.send(url, document, remaining)
    event = sent.document
    known = {"alarm": event["dedup_key"], "action": event["event_action"], "attempts": sent.attempts}
    if told == page.notified:
        _logger.info("handed over", **known)
    else:
        _logger.warning("handed over as it is now, not as it was notified", notified=page.notified, **known)
    return told


def _message(record: Any) -> str:
    try:
        return str(record["Sns"]["Message"])
    except (TypeError, KeyError):
        raise alarms.NotAnAlarmError("the record is no notification of a topic") from None
