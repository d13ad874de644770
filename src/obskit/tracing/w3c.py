"""The W3C `traceparent` header. Specification: Trace Context, level 1, section 3.2."""

from __future__ import annotations

from obskit.tracing.model import NO_SPAN, NO_TRACE, TraceContext, form, is_hex, is_span_id, is_trace_id

_LENGTH = 55
"""Characters of a version 00 header: 2 + 32 + 16 + 2 hex digits and three dashes."""

_USUAL = form(f"00-{NO_TRACE}-{NO_SPAN}-00")
_FLAGS = {"00": False, "01": True}


def parse(header: str) -> TraceContext | None:
    """
    Return what *header* says, or None if it is not a valid `traceparent`.

    >>> parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").sampled
    True
    """
    if len(header) == _LENGTH and form(header) == _USUAL:  # as nearly all are
        version, trace_id, span_id, flags = header.split("-")
        sampled = _FLAGS.get(flags)
        if version == "00" and sampled is not None and trace_id != NO_TRACE and span_id != NO_SPAN:
            return TraceContext(trace_id, span_id, sampled)
    header = header.strip()
    if len(header) < _LENGTH or header[2] != "-" or header[35] != "-" or header[52] != "-":
        return None
    version, trace_id, span_id, flags = header[:2], header[3:35], header[36:52], header[53:55]
    if not is_hex(version, 2) or version == "ff" or not is_hex(flags, 2):
        return None
    # 3.2.2: version 00 has this length exactly; a later one may go on after a dash.
    if len(header) > _LENGTH and (version == "00" or header[_LENGTH] != "-"):
        return None
    if not is_trace_id(trace_id) or not is_span_id(span_id):
        return None
    return TraceContext(trace_id, span_id, sampled=bool(int(flags, 16) & 1))


def render(trace: TraceContext) -> str:
    """Return the header that carries *trace*."""
    return f"00-{trace.trace_id}-{trace.span_id}-{'01' if trace.sampled else '00'}"
