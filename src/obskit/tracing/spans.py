"""Spans: one per invocation and those opened inside it. How they leave is another's: `subsegments`, or OTLP."""

from __future__ import annotations

from types import MappingProxyType

from obskit import clock, config, context, ids
from obskit.masking import audit, mask_text
from obskit.tracing.model import TraceContext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Any, ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")

    Event = tuple[str, int, dict[str, object]]

_MOST_CHILDREN = 100
"""Spans kept below one span; more are counted. A document has to fit into one datagram."""

_MOST_SPANS = 1000
_DEEPEST = 50
"""Spans of one invocation, and levels of them; a handler that calls itself opens them without end."""

_MOST_LINKS = 128
_MOST_EVENTS = 128
"""Links and events kept on one span, as in OpenTelemetry; more are counted."""

INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = "internal", "server", "client", "producer", "consumer"
"""Kinds of spans, as OpenTelemetry has them."""


_NOTHING: Mapping[str, object] = MappingProxyType({})


class StatedError(Exception):
    """An error that is known by what somebody said of it: its *kind*, a name as types have, and its text."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


def told(error: BaseException) -> tuple[str, str]:
    """Return the name of *error*'s type, and its text masked, as spans tell of it."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001  an exception's own method may do anything
        text = "[UNREADABLE]"
    name = error.kind if type(error) is StatedError else type(error).__name__
    return name if name.isidentifier() else mask_text(name, audit.SPAN), mask_text(text, audit.SPAN)


class Span:
    """Something that takes time. Attributes are masked when the span leaves the process."""

    __slots__ = (
        "_before",
        "_began",
        "attributes",
        "children",
        "correlation_id",
        "count",
        "depth",
        "dropped",
        "error",
        "events",
        "events_dropped",
        "facts",
        "kind",
        "links",
        "links_dropped",
        "name",
        "scope",
        "span_id",
        "start",
        "took",
    )

    def __init__(
        self, name: str, attributes: dict[str, object] | None = None, *, kind: str = INTERNAL, span_id: str = ""
    ) -> None:
        self.name = name
        self.span_id = span_id or ids.span_id()
        self.kind = kind
        self.attributes = attributes if attributes is not None else {}
        self.facts: Mapping[str, object] = _NOTHING  # what obskit itself knows: not looked at for personal data
        self.children: list[Span] = []
        self.count: list[int] | None = None  # of all spans of the invocation, once there are two
        self.depth = 0
        self.dropped = 0
        self.links: tuple[TraceContext, ...] = ()
        self.links_dropped = 0
        self.events: tuple[Event, ...] = ()
        self.events_dropped = 0
        self.correlation_id = ""  # of the request it works for, where that is not the invocation's
        self.scope = ""  # the library that opened it, where that is not obskit
        self.error: BaseException | None = None
        self.start = clock.time_ns()
        self._began = clock.monotonic_ns()
        self.took = -1
        self._before: context.Scope | None = None

    @property
    def end(self) -> int:
        """When the span ended, or now while it is open, in nanoseconds since 1970; never before its start."""
        return self.start + (self.took if self.took >= 0 else clock.monotonic_ns() - self._began)

    def set_attribute(self, key: str, value: object) -> None:
        """Keep *value* under *key*; a later value replaces an earlier one."""
        self.attributes[key] = value

    def add_link(self, trace: TraceContext) -> None:
        """Note that *trace*, of another request, led to this span; a second time changes nothing."""
        if trace in self.links:
            return
        if len(self.links) < _MOST_LINKS:
            self.links += (trace,)
        else:
            self.links_dropped += 1

    def add_event(self, name: str, /, **attributes: object) -> None:
        """Note that something of this *name* happened now."""
        self.note_event(name, attributes)

    def note_event(self, name: str, attributes: dict[str, object], time_ns: int | None = None) -> None:
        """Note that something of this *name* happened at *time_ns*, by default now; its attributes have any names."""
        if len(self.events) < _MOST_EVENTS:
            self.events += ((name, clock.time_ns() if time_ns is None else time_ns, attributes),)
        else:
            self.events_dropped += 1

    def record_error(self, error: BaseException) -> None:
        """Mark the span as failed with *error*."""
        self.error = error

    def adopt(self, child: Span) -> None:
        """Make *child* part of this span, if there is room."""
        child.correlation_id = self.correlation_id
        count = self.count
        if count is None:
            count = self.count = [1]
        if len(self.children) < _MOST_CHILDREN and self.depth < _DEEPEST and count[0] < _MOST_SPANS:
            count[0] += 1
            child.count = count
            child.depth = self.depth + 1
            self.children.append(child)
        else:
            self.dropped += 1
            child.depth = _DEEPEST  # what is below it has no place either

    def finish(self) -> None:
        """Note how long the span took; it does not grow any more."""
        self.took = clock.monotonic_ns() - self._began

    def __enter__(self) -> Span:
        if self._before is None:
            self._before = context.open_span(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.took = clock.monotonic_ns() - self._began
        if error is not None:
            self.error = error
        before, self._before = self._before, None
        if before is not None:
            context.close_span(self, before)


class Unrecorded(Span):
    """What stands for every span of a trace that nobody records: it keeps nothing, and nothing is below it."""

    __slots__ = ()

    def set_attribute(self, key: str, value: object) -> None: ...

    def add_link(self, trace: TraceContext) -> None: ...

    def note_event(self, name: str, attributes: dict[str, object], time_ns: int | None = None) -> None: ...

    def record_error(self, error: BaseException) -> None: ...

    def adopt(self, child: Span) -> None: ...

    def finish(self) -> None: ...

    def __enter__(self) -> Span:
        return self

    def __exit__(self, *_: object) -> None: ...


UNRECORDED = Unrecorded("unrecorded", span_id="0" * 16)


def span(name: str, /, **attributes: object) -> Span:
    """
    Open a span below the one that is open; use it as a context manager.

    Outside an invocation it measures and is dropped: there is no trace that it could join. In an invocation whose trace
    is not recorded it is one that keeps nothing.
    """
    invocation, _, parent = context.scope()
    if invocation is not None and not invocation.traced:
        return UNRECORDED
    opened = Span(name, attributes)
    if isinstance(parent, Span):
        parent.adopt(opened)
    return opened


def open_below(name: str, attributes: dict[str, object], *, kind: str = INTERNAL, span_id: str = "") -> Span:
    """
    Open a span below the one that is open, of a trace that is not recorded, too: what is sent inside belongs to it.

    For those who know more of a span than its name: the kind, the id that others know it by, a correlation id.
    """
    parent = context.scope()[2]
    opened = Span(name, attributes, kind=kind, span_id=span_id)
    if isinstance(parent, Span):
        parent.adopt(opened)
    return opened


def current_trace() -> TraceContext | None:
    """Return where in the trace the caller is, as the parent of what it calls; None outside an invocation."""
    invocation, _, span = context.scope()
    return place(invocation, span)


def place(invocation: context.Invocation | None, span: context.ActiveSpan | None) -> TraceContext | None:
    """Return where in the trace somebody in *span* of *invocation* is."""
    trace: Any = invocation.trace if invocation is not None else None
    if trace is None:
        return None
    span_id = span.span_id if span is not None and config.settings().traces != "off" else trace.span_id
    return TraceContext(trace.trace_id, span_id, trace.sampled, trace.others, trace.tracestate, trace.baggage)


def traced(function: Callable[P, R]) -> Callable[P, R]:
    """
    Open a span of the function's name around each call of *function*.

    Around the awaiting of a coroutine, too, and around a generator from its first value to its last: what whoever reads
    it does in between is not inside.
    """
    if context.works_later(function):
        from obskit.tracing import deferred

        return deferred.traced(function)
    from functools import wraps

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with span(function.__qualname__):
            return function(*args, **kwargs)

    return call
