"""Traces: read from any carrier, written into any, and the spans of an invocation."""

from obskit.tracing.carriers import extract
from obskit.tracing.model import TraceContext
from obskit.tracing.spans import Span, current_trace, span, traced

__all__ = ["Span", "TraceContext", "current_trace", "extract", "span", "traced"]
