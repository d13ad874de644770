"""Obskit's spans as the SDK of OpenTelemetry has them: `ReadableSpan`, masked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from obskit import output
from obskit.masking import audit, mask_document, mask_text
from obskit.quotas import OTLP_SPAN_BYTES
from obskit.semconv import ERROR_TYPE, EXCEPTION_MESSAGE, EXCEPTION_TYPE
from obskit.tracing.spans import INTERNAL, told

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from obskit.tracing.model import TraceContext
    from obskit.tracing.spans import Span

_KINDS = {kind.name.lower(): kind for kind in SpanKind}
_SAMPLED, _NOT_SAMPLED = TraceFlags(TraceFlags.SAMPLED), TraceFlags(TraceFlags.DEFAULT)
_UNSET = Status(StatusCode.UNSET)

_LONG_VALUE = 1000
"""Characters that are kept of each value of a span that is too large."""

_LONGEST_NAME = 1024
_LONGEST_KEY = 256

_OWN_BYTES = 256
_PART_BYTES = 64
_LINK_BYTES = 640
"""Bytes of a span, an event or an attribute, and a link with a `tracestate`, beside the texts in them, and to spare."""

_INT64 = 2**63


def span_of(
    span: Span, trace: TraceContext, parent: SpanContext | None, resource: Any, scope: Any
) -> tuple[ReadableSpan, int, SpanContext]:
    """Return *span* of *trace*, masked, with the most bytes that it takes, and its place for those below it."""
    context = SpanContext(
        int(trace.trace_id, 16), int(span.span_id, 16), is_remote=False, trace_flags=_SAMPLED, trace_state=_state(trace)
    )
    name = mask_text(str(span.name), audit.SPAN)[:_LONGEST_NAME]
    attributes = {**span.facts, **(attributes_of(span.attributes) if span.attributes else {})}
    for counted in ("dropped", "links_dropped", "events_dropped"):
        if number := getattr(span, counted):
            attributes[f"obskit.{counted if counted != 'dropped' else 'spans_dropped'}"] = number
    events = [Event(mask_text(said, audit.SPAN), attributes_of(more), at) for said, at, more in span.events]
    status = _UNSET
    if span.error is not None:
        kind, text = told(span.error)
        attributes.setdefault(ERROR_TYPE, kind)
        events.append(Event("exception", {EXCEPTION_TYPE: kind, EXCEPTION_MESSAGE: text}, span.end))
        status = Status(StatusCode.ERROR, text)
    size = _size(name, attributes, events, len(span.links), status.description)
    if size > OTLP_SPAN_BYTES:
        attributes, events = _trimmed(attributes, events)
        size = _size(name, attributes, events, len(span.links), status.description)
    readable = ReadableSpan(
        name,
        context,
        parent,
        resource,
        attributes,
        events,
        [Link(context_of(linked, remote=True)) for linked in span.links],
        _KINDS.get(span.kind, _KINDS[INTERNAL]),
        status=status,
        start_time=span.start,
        end_time=span.end,
        instrumentation_scope=scope,
    )
    return readable, size, context


def context_of(trace: TraceContext, *, remote: bool) -> SpanContext:
    """Return the place that *trace* names; without a span where a header named none."""
    flags = _NOT_SAMPLED if trace.sampled is False else _SAMPLED
    return SpanContext(int(trace.trace_id, 16), int(trace.span_id or "0", 16), remote, flags, _state(trace))


def _state(trace: TraceContext) -> TraceState:
    return TraceState.from_header([trace.tracestate]) if trace.tracestate else _NO_STATE


_NO_STATE = TraceState()


def attributes_of(attributes: Mapping[str, object]) -> dict[str, Any]:
    """Return *attributes* masked, in the types that OpenTelemetry has; what is nested is JSON."""
    masked = mask_document(attributes, audit.SPAN).items()
    return {key[:_LONGEST_KEY]: plain for key, value in masked if (plain := _plain(value)) is not None}


def _plain(value: object) -> Any:
    if isinstance(value, (str, bool, float)) or value is None:
        return value
    if isinstance(value, int):
        return value if -_INT64 <= value < _INT64 else str(value)
    if type(value) is list and value and type(value[0]) in (str, bool, float) and len(set(map(type, value))) == 1:
        return value
    return output.encode_json(value)


def _size(name: str, attributes: Mapping[str, Any], events: list[Event], links: int, description: str | None) -> int:
    size = _OWN_BYTES + _text(name) + _text(description or "") + links * _LINK_BYTES
    for part in (attributes, *(event.attributes or {} for event in events)):
        for key, value in part.items():
            size += _PART_BYTES + _text(key)
            if type(value) is str:
                size += _text(value)
            elif type(value) is list:
                size += sum(_PART_BYTES + _text(one) if type(one) is str else _PART_BYTES for one in value)
    return size + sum(_PART_BYTES + _text(event.name) for event in events)


def _text(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _trimmed(attributes: dict[str, Any], events: list[Event]) -> tuple[dict[str, Any], list[Event]]:
    """
    Return what a request has room for of a span that is too large, and tell of it once.

    Values are cut to a thousand characters; if that is not enough, only the first of them stay.
    """
    output.fault("spans", "a span is larger than a collector takes: its long values were cut or left out")
    room = OTLP_SPAN_BYTES // 2
    kept: dict[str, Any] = {}
    for key, value in attributes.items():
        text = value if not isinstance(value, list) else output.encode_json(value)
        cut = text[:_LONG_VALUE] if isinstance(text, str) else text
        room -= _size("", {key: cut}, [], 0, None)
        if room < 0:
            break
        kept[key] = cut
    room = OTLP_SPAN_BYTES // 4
    first = []
    for event in events:
        room -= _size("", event.attributes or {}, [event], 0, None)
        if room < 0:
            break
        first.append(event)
    return kept, first
