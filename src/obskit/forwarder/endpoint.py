"""A POST to the Events API that does not give up early: what may pass is tried again while there is time."""

from __future__ import annotations

import http.client
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ATTEMPT_S = 10.0
"""Seconds that one attempt may take."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 60.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class RefusedError(ObskitError):
    """The API will never take this event (400, 401, 403, 404 …): trying again helps nobody."""


class UnreachableError(ObskitError):
    """The API did not take the event in time; Lambda tries again, and then the dead-letter queue has it."""


def send(
    url: str, document: Mapping[str, Any], remaining: Callable[[], float], pause: Callable[[float], None] = time.sleep
) -> int:
    """
    POST *document* to *url* and return how many attempts it took.

    *remaining* says how many seconds are left. 429, 5xx, no answer and no connection are tried again, each time after
    a longer pause.

    Raises:
        RefusedError: another answer than these and 2xx.
        UnreachableError: the time is over.
    """
    body = json.dumps(document, ensure_ascii=True).encode()
    attempts, wait, why = 0, FIRST_PAUSE_S, ""
    while (left := remaining()) > 0:
        attempts += 1
        try:
            status = _post(url, body, min(ATTEMPT_S, left))
        except (OSError, http.client.HTTPException) as error:
            why = type(error).__name__
        else:
            if 200 <= status < 300:
                return attempts
            if 400 <= status < 500 and status not in (408, 429):
                raise RefusedError(f"the API answered {status}")
            why = f"the API answered {status}"
        pause(max(0.0, min(wait, remaining())))
        wait = min(2 * wait, LONGEST_PAUSE_S)
    raise UnreachableError(f"not handed over after {attempts} attempts: {why or 'no time was left'}")


def _post(url: str, body: bytes, timeout: float) -> int:
    """Return the status; a redirect is an answer like any other, and followed nowhere: the key is in the body."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(host, parts.port, timeout=timeout)
    elif parts.scheme == "http" and host in _LOOPBACK:
        connection = http.client.HTTPConnection(host, parts.port, timeout=timeout)
    else:
        raise RefusedError("the address of the Events API is not https")
    try:
        headers = {"Content-Type": "application/json", "User-Agent": "obskit-forwarder"}
        connection.request("POST", parts.path or "/", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()
