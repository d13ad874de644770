"""
The row of a transactional outbox: written with the business's own rows, read later by the relay that publishes it.

A row has the columns `traceparent`, `tracestate` and `correlation_id`, or one of JSON named `trace_context`.
"""

from __future__ import annotations

from json import dumps, loads

from obskit.tracing import spans
from obskit.tracing.carriers import CORRELATION, context_of, is_correlation_id, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from typing import Any

    from obskit.tracing.model import TraceContext

COLUMN = "trace_context"
"""The column of JSON; a row that has it gets no others."""

COLUMNS = ("traceparent", "tracestate", "correlation_id")
"""The columns of text, each of which may be NULL."""


def write(row: MutableMapping[str, Any], headers: Mapping[str, str]) -> None:
    """
    Put *headers* into *row*: into its column `trace_context` as JSON, or into a column for each.

    >>> row = {"id": 7}
    >>> write(row, {"x-correlation-id": "c-1"})
    >>> row
    {'id': 7, 'traceparent': None, 'tracestate': None, 'correlation_id': 'c-1'}
    """
    if COLUMN in row:
        row[COLUMN] = dumps(headers, separators=(",", ":")) if headers else None
        return
    for column in COLUMNS:
        row[column] = headers.get(CORRELATION if column == "correlation_id" else column)


def read(row: Mapping[Any, Any]) -> tuple[TraceContext | None, str]:
    """
    Return the trace that wrote *row* and its correlation id, or None and an empty string. Never raises.

    *row* maps names of columns to values; the column of JSON may come as text or, from most drivers, parsed.
    """
    try:
        columns = {name.lower(): value for name, value in row.items() if isinstance(name, str)}
        given = columns.get(COLUMN)
        if isinstance(given, (str, bytes)):
            given = loads(given)
        headers = {**texts(columns), **texts(given)}
        trace = context_of(headers)
        correlation = headers.get(CORRELATION) or columns.get("correlation_id")
    except Exception:  # noqa: BLE001  a row of anybody's making: it names no trace
        return None, ""
    if not (isinstance(correlation, str) and is_correlation_id(correlation)):
        correlation = trace.trace_id if trace is not None else ""
    return trace, correlation


def relay(row: Mapping[str, Any], name: str = "outbox publish", /, **attributes: object) -> spans.Span:
    """
    Open a span for publishing *row*; use it as a context manager.

    The span links to the request that wrote the row, and `inject` inside it passes on that request's correlation id:

        with outbox.relay(row):
            entries.append(obskit.inject(entry, kind="eventbridge"))
    """
    from obskit.masking import audit, mask_text

    span = spans.open_below(name, attributes)  # in a trace that nobody records, too: lines have the row's id
    trace, correlation = read(row)
    if trace is not None:
        span.add_link(trace)
    if mask_text(correlation, audit.SPAN) != correlation:  # personal data: a marker would join what is not one
        correlation = trace.trace_id if trace is not None else ""
    span.correlation_id = correlation
    return span
