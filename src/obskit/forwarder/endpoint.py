"""A POST to the Events API that does not give up early: what may pass is tried again while there is time."""

from __future__ import annotations

import email.utils
import http.client
import json
import random
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from obskit.errors import ObskitError
from obskit.masking import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ATTEMPT_S = 10.0
"""Seconds that one attempt may take, from the connection to the last byte."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 60.0
LONGEST_ASKED_S = 120.0
"""Seconds that a page waits because `Retry-After` says so; PagerDuty counts events by the minute."""
FINAL = (400, 413)
"""PagerDuty on these: the event itself is wrong, do not send it again. Other 4xx come from what stands between."""
_ANSWER_BYTES = 2048
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class RefusedError(ObskitError):
    """
    The API did not take the event, and trying again now helps nobody: 400, 401, 403, 404 and the like.

    *final*: it never will take it. The message says why in the API's masked words, without the routing key.
    """

    def __init__(self, problem: str, *, final: bool = False) -> None:
        super().__init__(problem)
        self.final = final


class UnreachableError(ObskitError):
    """The API did not take the event in time; Lambda tries again, and then the dead-letter queue has it."""


class Answer(NamedTuple):
    """What one attempt got. *wait*: seconds, where the API says how long."""

    status: int
    wait: float | None = None
    body: str = ""


class Sent(NamedTuple):
    """What the API took, and at which attempt."""

    document: Mapping[str, Any]
    attempts: int


def send(
    url: str,
    document: Callable[[], Mapping[str, Any]],
    remaining: Callable[[], float],
    pause: Callable[[float], None] = time.sleep,
) -> Sent:
    """
    POST what *document* gives to *url*; it is asked before each attempt, for the world goes on meanwhile.

    *remaining* says how many seconds are left. 429, 5xx, no answer and no connection are tried again, each time after
    a longer pause, or after the one that the API asks for.

    Raises:
        RefusedError: another answer than these and 2xx.
        UnreachableError: the time is over.
    """
    attempts, wait, why = 0, FIRST_PAUSE_S, ""
    while remaining() > 0:
        current = document()
        left = remaining()
        if left <= 0:
            break
        attempts += 1
        asked = None
        try:
            answer = _post(url, json.dumps(current, ensure_ascii=True).encode(), min(ATTEMPT_S, left))
        except (OSError, http.client.HTTPException) as error:
            why = type(error).__name__
        else:
            if 200 <= answer.status < 300:
                return Sent(current, attempts)
            why = f"the API answered {answer.status}"
            if 400 <= answer.status < 500 and answer.status not in (408, 429):
                raise RefusedError(why + _reason(answer, current), final=answer.status in FINAL)
            asked = answer.wait
        pause(max(0.0, min(_pause(wait, asked), remaining())))
        wait = min(2 * wait, LONGEST_PAUSE_S)
    raise UnreachableError(f"not handed over after {attempts} attempts: {why or 'no time was left'}")


def _pause(wait: float, asked: float | None) -> float:
    """Return the seconds until the next attempt, spread: many alarms at once must not come back at once."""
    if asked is not None:
        return min(asked, LONGEST_ASKED_S) + random.uniform(0, FIRST_PAUSE_S)  # noqa: S311  no secret
    return random.uniform(wait / 2, wait)  # noqa: S311  same


def _reason(answer: Answer, document: Mapping[str, Any]) -> str:
    """Return the API's own words as they may be logged: it may repeat what it was sent."""
    said = answer.body
    key = document.get("routing_key")
    if isinstance(key, str) and key:
        said = said.replace(key, "[KEY]")
    said = str(mask(said)).strip()
    return f": {said}" if said else ""


def _post(url: str, body: bytes, timeout: float) -> Answer:
    """Return the answer; a redirect is one like any other, and followed nowhere: the key is in the body."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(host, parts.port, timeout=timeout)
    elif parts.scheme == "http" and host in _LOOPBACK:
        connection = http.client.HTTPConnection(host, parts.port, timeout=timeout)
    else:
        raise RefusedError("the address of the Events API is not https")
    # The socket's own timeout is for each byte: an answer that trickles would never end.
    late = threading.Event()
    end = threading.Timer(timeout, _cut, (connection, late))
    end.daemon = True
    end.start()
    try:
        headers = {"Content-Type": "application/json", "User-Agent": "obskit-forwarder"}
        connection.request("POST", parts.path or "/", body, headers)
        response = connection.getresponse()
        answer = Answer(response.status, _seconds(response.getheader("Retry-After")), _words(response))
    except (OSError, http.client.HTTPException):
        if late.is_set():  # what it looks like depends on what was under way
            raise TimeoutError from None
        raise
    else:
        if late.is_set():  # half an answer, which http.client takes for a whole one
            raise TimeoutError
        return answer
    finally:
        end.cancel()
        connection.close()


def _words(response: http.client.HTTPResponse) -> str:
    """Return the beginning of the body of a refusal; the status counts, even if this cannot be read."""
    if response.status < 300:
        return ""
    try:
        return response.read(_ANSWER_BYTES).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return ""


def _cut(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    late.set()
    reached = connection.sock
    if reached is None:
        return
    try:
        reached.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it ended by itself


def _seconds(text: str | None) -> float | None:
    """
    Return what `Retry-After` asks for, seconds or a date; None where it says nothing that can be read.

    >>> _seconds("30"), _seconds("soon"), _seconds("Thu, 01 Jan 1970 00:00:00 GMT")
    (30.0, None, 0.0)
    """
    if text is None:
        return None
    if text.strip().isascii() and text.strip().isdigit():
        return float(text.strip()[:9])
    try:
        when = email.utils.parsedate_to_datetime(text)
        return max(0.0, when.timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None
