"""What PagerDuty's Events API v2 takes, and what it says of the rest: pure, by its public reference of 2026-11-24."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PATH = "/v2/enqueue"
EVENT_BYTES = 512 * 1024
SUMMARY, DEDUP_KEY = 1024, 255
ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "error", "warning", "info")
_ROUTING_KEY = re.compile(r"[0-9A-Za-z]{32}")


class InvalidEventError(ObskitError):
    """The API does not take the event; `problems` says why."""


@dataclass(frozen=True)
class Event:
    """One event; *links* are addresses by their texts."""

    routing_key: str
    action: str
    key: str
    summary: str = ""
    source: str = ""
    severity: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)


def read(body: bytes) -> Event:
    """
    Return the event in *body*.

    Raises:
        InvalidEventError: what the API answers with 400.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidEventError("the body is not JSON") from None
    if not isinstance(document, dict):
        raise InvalidEventError("the body is no object")
    if problems := list(_problems(document)):
        raise InvalidEventError(*problems)
    payload = document.get("payload") or {}
    return Event(
        routing_key=document["routing_key"],
        action=document["event_action"],
        key=document.get("dedup_key", ""),
        summary=payload.get("summary", ""),
        source=payload.get("source", ""),
        severity=payload.get("severity", ""),
        details=payload.get("custom_details") or {},
        links={one.get("text", ""): one["href"] for one in document.get("links") or []},
    )


def _problems(document: Mapping[str, Any]) -> Iterator[str]:
    key, action = document.get("routing_key"), document.get("event_action")
    if not isinstance(key, str) or not _ROUTING_KEY.fullmatch(key):
        yield "routing_key is not 32 characters"
    if action not in ACTIONS:
        yield "event_action is none of trigger, acknowledge, resolve"
    dedup_key = document.get("dedup_key", "")
    if not isinstance(dedup_key, str) or len(dedup_key) > DEDUP_KEY:
        yield "dedup_key is no text of 255 characters"
    if action == "trigger":
        yield from _problems_of_payload(document.get("payload"))
    elif not dedup_key:
        yield "dedup_key is missing"
    links = document.get("links") or []
    if not isinstance(links, list) or not all(isinstance(one, dict) and _is_address(one.get("href")) for one in links):
        yield "a link has no address"


def _problems_of_payload(payload: object) -> Iterator[str]:
    if not isinstance(payload, dict):
        yield "payload is missing"
        return
    for name in ("summary", "source"):
        if not isinstance(payload.get(name), str) or not payload[name]:
            yield f"payload.{name} is missing or blank"
    if len(str(payload.get("summary", ""))) > SUMMARY:
        yield "payload.summary is longer than 1024 characters"
    if payload.get("severity") not in SEVERITIES:
        yield "payload.severity is none of critical, error, warning, info"
    if not isinstance(payload.get("custom_details", {}), dict):
        yield "payload.custom_details is no object"


def _is_address(text: object) -> bool:
    return isinstance(text, str) and text.startswith(("https://", "http://"))
