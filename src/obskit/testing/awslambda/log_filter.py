"""
Lambda's own log-level filter, which the emulator does not have.

Source: Lambda developer guide, "Advanced logging controls"; the reference's runtime-specs.md, section 5.3 (2026-11-24).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def threshold(env: Mapping[str, str]) -> str | None:
    """Return the level that *env* filters at, or None: without JSON format Lambda filters nothing."""
    if env.get("AWS_LAMBDA_LOG_FORMAT", "").upper() != "JSON":
        return None
    level = env.get("AWS_LAMBDA_LOG_LEVEL", "INFO").upper()
    return level if level in LEVELS else "INFO"


def passes(line: str, minimum: str | None) -> bool:
    """
    Tell whether Lambda lets *line* through at level *minimum*.

    >>> passes('{"level": "DEBUG", "timestamp": "2026-11-24T01:00:00.000Z"}', "INFO")
    False
    >>> passes("plain text", "FATAL")
    True
    """
    if minimum is None:
        return True
    try:
        document = json.loads(line)
    except ValueError:
        return True
    if not isinstance(document, dict):
        return True
    return LEVELS.index(effective_level(document)) >= LEVELS.index(minimum)


def effective_level(document: Mapping[str, object]) -> str:
    """
    Return the level Lambda sees: INFO where `level` is missing or not one of its names, or `timestamp` not RFC 3339.

    So an ERROR line with a timestamp of another form is lost at WARN, and so is an EMF document without a level.
    """
    level, timestamp = document.get("level"), document.get("timestamp")
    if not isinstance(timestamp, str) or not _RFC3339.fullmatch(timestamp):
        return "INFO"
    if not isinstance(level, str) or level.upper() not in LEVELS:
        return "INFO"
    return level.upper()
