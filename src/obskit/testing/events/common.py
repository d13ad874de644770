"""What the events share: one account, one moment, bodies as text."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

Event = dict[str, Any]

ACCOUNT = "111111111111"
REGION = "us-east-1"
SOURCE_IP = "192.0.2.1"
"""RFC 5737: for documentation."""
TIME = "2026-01-02T03:04:05Z"
TIME_MS = "2026-01-02T03:04:05.000Z"
EPOCH_S = 1_767_323_045
EPOCH_MS = EPOCH_S * 1000


def as_text(body: object) -> str:
    """Return *body* as it is when it is text, else as JSON."""
    return body if isinstance(body, str) else json.dumps(body)


def as_base64(body: object) -> str:
    """Return *body* (bytes, text, or what JSON can hold) in base64."""
    return base64.b64encode(body if isinstance(body, bytes) else as_text(body).encode()).decode()


def fresh(value: Any) -> Any:
    """Return a copy of *value* that shares nothing with it, as data that came over the network."""
    return json.loads(json.dumps(value))


def an_id(kind: str, number: int = 1) -> str:
    """
    Return an id that is always the same for the *number*th of its *kind*.

    >>> an_id("message", 1) == an_id("message", 1) != an_id("message", 2)
    True
    """
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://example.com/{kind}/{number}"))
