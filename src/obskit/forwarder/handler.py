"""
The forwarder as a Lambda function, subscribed to a topic: its handler is `obskit.forwarder.handler.handler`.

`obskit render` makes the function, its role, its subscription and its dead-letter queue (docs/paging.md).
"""

from __future__ import annotations

import os
from typing import Any

from obskit.forwarder import endpoint, events, secret
from obskit.handler import instrument
from obskit.logs import get_logger

SECRET, URL = "PAGING_SECRET", "PAGING_URL"
"""Variables: name or ARN of the secret, and the address of the Events API. Neither is a secret itself."""
KEPT_S = 1.0
"""Seconds before the function's own end that are left for its log lines."""

_logger = get_logger("obskit.forwarder")


@instrument(service="forwarder")
def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """
    Hand every notification in *event* over to PagerDuty.

    Raises:
        ObskitError: one was not taken. Lambda tries twice more, and then the dead-letter queue has it; what was
            taken is sent again then, and `dedup_key` makes one incident of both.
    """
    sent = skipped = 0
    for record in event.get("Records", []):
        try:
            page = events.event(str(record["Sns"]["Message"]))
        except events.NotAnAlarmError as error:  # it never will be one: a retry would only hide the next page
            _logger.error("not a notification of an alarm", detail=str(error))  # noqa: TRY400  its stack says nothing
            page = None
        if page is None:
            skipped += 1
            continue
        attempts = _hand_over(page, lambda: context.get_remaining_time_in_millis() / 1000 - KEPT_S)
        _logger.info("handed over", action=page["event_action"], alarm=page["dedup_key"], attempts=attempts)
        sent += 1
    return {"sent": sent, "skipped": skipped}


def _hand_over(page: dict[str, Any], remaining: Any) -> int:
    name, url = os.environ[SECRET], os.environ[URL]
    key = secret.routing_key(name)
    try:
        return endpoint.send(url, {"routing_key": key, **page}, remaining)
    except endpoint.RefusedError:
        rotated = secret.routing_key(name, again=True)
        if rotated == key:
            raise
        return endpoint.send(url, {"routing_key": rotated, **page}, remaining)
