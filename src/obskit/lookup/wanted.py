"""What a person writes for a request: an id in any form, a header, a log line."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from obskit.errors import ObskitError
from obskit.masking import mask_text
from obskit.tracing import w3c
from obskit.tracing.carriers import is_correlation_id
from obskit.tracing.model import is_trace_id

_ROOT = re.compile(r"(?<![0-9a-zA-Z])1-([0-9a-fA-F]{8})-([0-9a-fA-F]{24})(?![0-9a-fA-F])")
_ROOT_KEY = re.compile(r"root\s*=\s*([0-9a-f-]{35})(?![0-9a-f-])", re.IGNORECASE)
_TRACEPARENT = re.compile(r"(?<![0-9a-zA-Z])[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(?![0-9a-fA-F])")
_HEADER = re.compile(r"""["']?x-correlation-id["']?\s*[:=]\s*["']?([^\s"',;]+)""", re.IGNORECASE)

FORMS = """\
an X-Ray id       1-5759e988-bd862e3fe1be46a994272793
a W3C id          5759e988bd862e3fe1be46a994272793
a header          X-Amzn-Trace-Id: Root=1-5759e988-..., traceparent: 00-5759e988...-01, x-correlation-id: cart-1
a correlation id  cart-1
a log line        {"timestamp": ..., "xray_trace_id": "1-5759e988-...", "correlation_id": "cart-1"}"""


class Wanted(NamedTuple):
    """
    What is looked for. Either may be empty.

    Args:
        trace_id: 32 hex digits.
        correlation_id: the id that all lines of the request share.
    """

    trace_id: str
    correlation_id: str


def parse(text: str) -> Wanted:
    """
    Return what *text* names.

    32 hex digits may be either: where nobody chose a correlation id, it is the first trace id.

    >>> parse("X-Amzn-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")
    Wanted(trace_id='5759e988bd862e3fe1be46a994272793', correlation_id='')
    >>> parse("cart-1")
    Wanted(trace_id='', correlation_id='cart-1')

    Raises:
        ObskitError: it is none of the forms; the message lists them and does not show *text*.
    """
    text = text.strip()
    line = document(text)
    if line is not None and (of_line := Wanted(trace_of(line), correlation_of(line))) != Wanted("", ""):
        return of_line
    header = _HEADER.search(text)
    correlation = header[1] if header and is_correlation_id(header[1]) else ""
    if header := _TRACEPARENT.search(text):
        trace = w3c.parse(header[0])
        if trace is not None:
            return Wanted(trace.trace_id, correlation)
    # A load balancer's `Self` may stand before `Root`.
    for found in (*_ROOT_KEY.findall(text), *(root[0] for root in _ROOT.finditer(text))):
        if trace_id := hex_of(found):
            return Wanted(trace_id, correlation)
    if correlation:
        return Wanted("", correlation)
    bare = text.strip("\"'").lower()
    if is_trace_id(bare):
        return Wanted(bare, bare)
    if is_correlation_id(text) and mask_text(text) == text:
        return Wanted("", text)
    raise ObskitError(f"ID is no form of an id (it is not shown here: it may be personal data). It is one of\n{FORMS}")


def document(text: str) -> dict[str, object] | None:
    """Return the JSON object that *text* is, or that follows a prefix in it, such as CloudWatch's time."""
    at = text.find("{")
    if at < 0:
        return None
    try:
        found = json.JSONDecoder().raw_decode(text, at)[0]
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def trace_of(line: dict[str, object]) -> str:
    """Return the 32 hex digits of the trace that a log *line* belongs to, or an empty string."""
    for key in ("xray_trace_id", "trace_id"):
        if (trace_id := hex_of(line.get(key))) != "":
            return trace_id
    return ""


def correlation_of(line: dict[str, object]) -> str:
    value = line.get("correlation_id")
    return value if isinstance(value, str) and is_correlation_id(value) else ""


def hex_of(value: object) -> str:
    """
    Return the 32 hex digits of a trace id in X-Ray's form or W3C's, or an empty string.

    >>> hex_of("1-5759e988-bd862e3fe1be46a994272793")
    '5759e988bd862e3fe1be46a994272793'
    """
    if not isinstance(value, str):
        return ""
    root = _ROOT.fullmatch(value)
    digits = (root[1] + root[2] if root else value).lower()
    return digits if is_trace_id(digits) else ""
