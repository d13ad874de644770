"""OpenTelemetry's TracerProvider, Tracer, Span and runtime context over obskit's spans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.util._decorator import _agnosticcontextmanager

from obskit import context
from obskit.semconv import EXCEPTION_MESSAGE, EXCEPTION_TYPE
from obskit.tracing import spans
from obskit.tracing.model import TraceContext

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType
    from typing import Any

_OPEN = "obskit-open-span"
"""Key in a context of OpenTelemetry's: the span of obskit that was open when it was attached."""

_EXCEPTION = "exception"

_SAMPLED, _NOT_SAMPLED = trace.TraceFlags(trace.TraceFlags.SAMPLED), trace.TraceFlags(trace.TraceFlags.DEFAULT)


class View(trace.Span):
    """A span of obskit as OpenTelemetry's code sees it. It has no state: two views of one span are the same."""

    def __init__(self, span: spans.Span, invocation: context.Invocation) -> None:
        self.span = span
        self._invocation = invocation

    def get_span_context(self) -> trace.SpanContext:
        held: Any = self._invocation.trace
        if held is None:
            return trace.INVALID_SPAN_CONTEXT
        flags = _SAMPLED if held.sampled else _NOT_SAMPLED
        state = trace.TraceState.from_header([held.tracestate]) if held.tracestate else None
        return trace.SpanContext(int(held.trace_id, 16), int(self.span.span_id, 16), False, flags, state)

    def is_recording(self) -> bool:
        return self._invocation.traced and not self._invocation.ended and self.span.took < 0

    def set_attribute(self, key: str, value: Any) -> None:
        if self.is_recording():
            self.span.set_attribute(key, value)

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        if self.is_recording():
            self.span.attributes.update(attributes)

    def add_event(self, name: str, attributes: Any = None, timestamp: int | None = None) -> None:
        if self.is_recording():
            self.span.note_event(name, dict(attributes or {}), timestamp)

    def add_link(self, context: trace.SpanContext, attributes: Any = None) -> None:
        if self.is_recording() and context.is_valid:
            self.span.add_link(_trace_of(context))

    def update_name(self, name: str) -> None:
        if self.is_recording():
            self.span.name = name

    def set_status(self, status: Any, description: str | None = None) -> None:
        if not self.is_recording():
            return
        code = status.status_code if isinstance(status, trace.Status) else status
        text = status.description if isinstance(status, trace.Status) else description
        if code is trace.StatusCode.OK:
            self.span.error = None
        elif code is trace.StatusCode.ERROR and self.span.error is None:
            kind, known = "Error", text or ""
            if self.span.events and self.span.events[-1][0] == _EXCEPTION:  # what it failed by was noted before
                *events, (_, _, said) = self.span.events
                self.span.events = tuple(events)
                kind, known = str(said[EXCEPTION_TYPE]), str(said[EXCEPTION_MESSAGE])
            self.span.record_error(spans.StatedError(kind, known))

    def record_exception(
        self,
        exception: BaseException,
        attributes: Any = None,
        timestamp: int | None = None,
        escaped: bool = False,
    ) -> None:
        """Note it as an event; it is the span's error once the status says that there is one."""
        if self.is_recording():
            kind, text = spans.told(exception)
            known = {EXCEPTION_TYPE: kind, EXCEPTION_MESSAGE: text}
            self.span.note_event(_EXCEPTION, {**known, **(attributes or {})}, timestamp)

    def end(self, end_time: int | None = None) -> None:
        span = self.span
        if span.took < 0:
            span.finish()
            if end_time is not None:
                span.took = max(0, end_time - span.start)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if error is not None and self.is_recording():
            self.span.record_error(error)
        self.end()


class Tracer(trace.Tracer):
    """Opens spans of obskit below the one that is open."""

    def __init__(self, scope: str, provider: Provider) -> None:
        self._scope = scope
        self._provider = provider

    def start_span(
        self,
        name: str,
        context: Context | None = None,
        kind: trace.SpanKind = trace.SpanKind.INTERNAL,
        attributes: Any = None,
        links: Any = (),
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
    ) -> trace.Span:
        invocation, _, opened = scope()
        above = trace.get_current_span(context)
        if invocation is None or not self._provider.joined or not isinstance(opened, spans.Span):
            return trace.NonRecordingSpan(above.get_span_context())
        if not invocation.traced:
            return trace.NonRecordingSpan(View(opened, invocation).get_span_context())
        span = spans.Span(name, dict(attributes or {}), kind=kind.name.lower())
        span.scope = self._scope
        if start_time is not None:
            span.start = start_time
        if isinstance(above, View) and not above._invocation.ended:  # noqa: SLF001  this module's own
            above.span.adopt(span)
        else:
            opened.adopt(span)
            _link_if_elsewhere(span, invocation, above.get_span_context())
        for link in links or ():
            if link.context.is_valid:
                span.add_link(_trace_of(link.context))
        return View(span, invocation)

    @_agnosticcontextmanager
    def start_as_current_span(
        self,
        name: str,
        context: Context | None = None,
        kind: trace.SpanKind = trace.SpanKind.INTERNAL,
        attributes: Any = None,
        links: Any = (),
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
        end_on_exit: bool = True,
    ) -> Iterator[trace.Span]:
        span = self.start_span(name, context, kind, attributes, links, start_time)
        with trace.use_span(
            span,
            end_on_exit=end_on_exit,
            record_exception=record_exception,
            set_status_on_exception=set_status_on_exception,
        ):
            yield span


class Provider(trace.TracerProvider):
    """Hands out tracers; *joined* says whether they record."""

    joined = False

    def get_tracer(
        self,
        instrumenting_module_name: str,
        instrumenting_library_version: str | None = None,
        schema_url: str | None = None,
        attributes: Any = None,
    ) -> trace.Tracer:
        return Tracer(instrumenting_module_name, self)


PROVIDER = Provider()


class JoinedContext:
    """
    OpenTelemetry's runtime context, in which the span that is open is obskit's.

    What else a context holds, such as baggage or that instrumentation is suppressed, is the *inner* one's.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def attach(self, attached: Context) -> Any:
        view = trace.get_current_span(attached)
        before = None
        if isinstance(view, View) and not view._invocation.ended:  # noqa: SLF001
            before = context.open_span(view.span)
        token = self._inner.attach(Context({**attached, _OPEN: context.scope()[2]}))
        return token, view, before

    def detach(self, token: Any) -> None:
        inner, view, before = token
        self._inner.detach(inner)
        if before is not None:
            context.close_span(view.span, before)

    def get_current(self) -> Context:
        found: Context = self._inner.get_current()
        invocation, _, span = context.scope()
        if invocation is None or not isinstance(span, spans.Span) or found.get(_OPEN) is span:
            return found
        return trace.set_span_in_context(View(span, invocation), Context({**found, _OPEN: span}))


def scope() -> context.Scope:
    return context.scope()


def _trace_of(context: trace.SpanContext) -> TraceContext:
    return TraceContext(
        trace.format_trace_id(context.trace_id),
        trace.format_span_id(context.span_id),
        sampled=context.trace_flags.sampled,
    )


def _link_if_elsewhere(span: spans.Span, invocation: context.Invocation, above: trace.SpanContext) -> None:
    """Link *span* to a parent that somebody named and that is of another trace: it stays in the invocation's."""
    held: Any = invocation.trace
    if above.is_valid and held is not None and trace.format_trace_id(above.trace_id) != held.trace_id:
        span.add_link(_trace_of(above))
