"""Spans: one per invocation and those opened inside it, sent to X-Ray as one document when the invocation ends."""

from __future__ import annotations

from obskit import clock, config, context, ids, output
from obskit.masking import audit, mask, mask_document, mask_text
from obskit.quotas import XRAY_NAME, XRAY_STRING
from obskit.tracing import daemon, xray
from obskit.tracing.model import TraceContext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")

_NAME_CHARACTERS = frozenset("_.:/%&#=+\\-@ ")

_MOST_CHILDREN = 100
"""Spans kept below one span; more are counted. A document has to fit into one datagram."""

_MOST_SPANS = 1000
_DEEPEST = 50
"""Spans of one invocation, and levels of them; a handler that calls itself opens them without end."""

_MOST_LINKS = 128
"""Links kept on one span, as in OpenTelemetry; more are counted."""

_LINKS_INDEXED = 6
"""Trace ids of 35 characters that fit into an annotation of 250."""

_MOST_REMEMBERED = 256
"""Names and keys whose form for X-Ray is remembered; those of code are few, those of data without end."""

_names: dict[str, str] = {}
_keys: dict[str, str] = {}


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
        "facts",
        "links",
        "links_dropped",
        "name",
        "span_id",
        "start",
        "took",
    )

    def __init__(self, name: str, attributes: dict[str, object] | None = None) -> None:
        self.name = name
        self.span_id = ids.span_id()
        self.attributes = attributes if attributes is not None else {}
        self.facts: dict[str, object] = {}  # what obskit itself knows: it is not looked at for personal data
        self.children: list[Span] = []
        self.count = [1]
        self.depth = 0
        self.dropped = 0
        self.links: tuple[TraceContext, ...] = ()
        self.links_dropped = 0
        self.correlation_id = ""  # of the request it works for, where that is not the invocation's
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

    def record_error(self, error: BaseException) -> None:
        """Mark the span as failed with *error*."""
        self.error = error

    def adopt(self, child: Span) -> None:
        """Make *child* part of this span, if there is room."""
        child.correlation_id = self.correlation_id
        count = self.count
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
        self.finish()
        if error is not None:
            self.error = error
        before, self._before = self._before, None
        if before is not None:
            context.close_span(self, before)


def span(name: str, /, **attributes: object) -> Span:
    """
    Open a span below the one that is open; use it as a context manager.

    Outside an invocation it measures and is dropped: there is no trace that it could join.
    """
    opened = Span(name, attributes)
    parent = context.scope()[2]
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
    return TraceContext(
        trace.trace_id,
        span.span_id if span is not None and config.settings().traces != "off" else trace.span_id,
        sampled=trace.sampled,
        others=trace.others,
        tracestate=trace.tracestate,
        baggage=trace.baggage,
    )


def traced(function: Callable[P, R]) -> Callable[P, R]:
    """Open a span of the function's name around each call of *function*."""
    from functools import wraps

    if context.works_later(function):
        raise TypeError(
            f"traced() would end before {function.__name__}() has begun; use `with obskit.span(…)` inside it"
        )

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with span(function.__qualname__):
            return function(*args, **kwargs)

    return call


def send(span: Span, trace_id: str, parent_id: str, address: str, *, unfinished: bool = False) -> None:
    """
    Send *span* with everything below it to the X-Ray daemon at *address*. Never raises, never waits.

    One document while it fits into a datagram, else one for each child. *unfinished* sends what is there so far; a
    later document of the same id replaces it.
    """
    try:
        document = _rendered(span, trace_id, address, unfinished)
        daemon.send(_start(trace_id, parent_id) + document, address)
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("spans", error)


def _start(trace_id: str, parent_id: str) -> str:
    return f'{{"type":"subsegment","trace_id":"{xray.root(trace_id)}","parent_id":"{parent_id}",'


def _rendered(span: Span, trace_id: str, address: str, unfinished: bool) -> str:  # noqa: FBT001  handed on
    """
    Return *span* as an X-Ray subsegment, masked, without the brace that opens it.

    Children for which a datagram has no room are sent, each by itself; every span is rendered once.
    """
    try:
        text = _own(span, unfinished)
    except Exception as error:  # noqa: BLE001  a name that is no text: only this span is lost
        output.fault("spans", error)
        text = (
            f'"id":"{span.span_id}","name":"unreadable","start_time":{span.start / 1e9!r},"end_time":{span.end / 1e9!r}'
        )
    if not daemon.fits(text + _ROOM):
        output.fault("spans", "a span whose attributes are larger than one datagram was sent without them")
        text = _head(span, unfinished)
    if not span.children:
        return text + "}"
    children = [_rendered(child, trace_id, address, unfinished) for child in span.children]
    whole = text + ',"subsegments":[{' + ",{".join(children) + "]}"
    if daemon.fits(whole + _ROOM):
        return whole
    for child in children:
        daemon.send(_start(trace_id, span.span_id) + child, address)
    return text + "}"


_ROOM = " " * 128
"""For what stands before a document when it is sent by itself."""


def reset() -> None:
    """Forget the forms of names that were remembered."""
    _names.clear()
    _keys.clear()


def _own(span: Span, unfinished: bool) -> str:  # noqa: FBT001  as above
    """Return what *span* says of itself, without what is below it."""
    annotations = dict(span.facts)
    if unfinished and span.took < 0:
        annotations["timed_out"] = True
    metadata: dict[str, object] = {}
    if span.links:
        annotations["linked_trace_ids"] = _linked(span)
    if span.attributes:
        _sort(mask_document(span.attributes, audit.SPAN), annotations, metadata)
    if span.links:
        metadata["links"] = [_link(trace) for trace in span.links]
    if span.links_dropped:
        metadata["links_dropped"] = span.links_dropped
    if span.dropped:
        metadata["spans_dropped"] = span.dropped
    text = _head(span, unfinished)
    if annotations:
        text += ',"annotations":' + output.encode_json(annotations)
    if metadata:
        text += ',"metadata":{"obskit":' + output.encode_json(metadata) + "}"
    return text


def _linked(span: Span) -> str:
    """Return the first traces that *span* links to, to search by: X-Ray's subsegments have no links of their own."""
    return ",".join(list(dict.fromkeys(xray.root(trace.trace_id) for trace in span.links))[:_LINKS_INDEXED])


def _link(trace: TraceContext) -> dict[str, str]:
    place = {"trace_id": xray.root(trace.trace_id)}
    return {**place, "span_id": trace.span_id} if trace.span_id else place


def _head(span: Span, unfinished: bool) -> str:  # noqa: FBT001  as above
    """Return what every document says of *span*: who it is, when, and whether it failed."""
    text = (
        f'"id":"{span.span_id}","name":{_names.get(span.name) or _name(span.name)},'
        f'"start_time":{span.start // 1000 / 1e6!r},'
    )
    text += '"in_progress":true' if unfinished and span.took < 0 else f'"end_time":{span.end // 1000 / 1e6!r}'
    if span.error is not None:
        text += ',"fault":true,"cause":' + output.encode_json({"exceptions": [_exception(span.error)]})
    return text


def _sort(attributes: dict[str, object], annotations: dict[str, object], metadata: dict[str, object]) -> None:
    """Put *attributes* under what X-Ray indexes (scalars, keys of letters, digits and `_`), and the rest elsewhere."""
    for key, value in attributes.items():
        indexed = _keys.get(key)
        if indexed is None:
            indexed = _annotation_key(key)
        if indexed and isinstance(value, (str, int, float)) and indexed not in annotations:
            annotations[indexed] = value[:XRAY_STRING] if isinstance(value, str) else value
        else:
            metadata[key] = value


def _annotation_key(key: str) -> str:
    """Return *key* as X-Ray indexes it, or nothing if it cannot."""
    indexed = key.replace(".", "_").replace("-", "_")
    if not (indexed.isascii() and indexed.replace("_", "a").isalnum()):
        indexed = ""
    if len(_keys) < _MOST_REMEMBERED:
        _keys[key] = indexed
    return indexed


def _exception(error: BaseException) -> dict[str, object]:
    try:
        message = str(error)
    except Exception:  # noqa: BLE001  an exception's own method may do anything
        message = "[UNREADABLE]"
    return {
        "id": ids.span_id(),
        "type": type(error).__name__[:XRAY_STRING],
        "message": mask_text(message, audit.SPAN)[:XRAY_STRING],
    }


def _name(name: str) -> str:
    """Return *name* masked, in the characters and length that X-Ray takes, as JSON."""
    masked = str(mask(name, surface=audit.SPAN))
    kept = "".join(char if char.isalnum() or char in _NAME_CHARACTERS else "_" for char in masked[:XRAY_NAME])
    text: str = output.encode_text(kept or "span")
    if masked == name and len(_names) < _MOST_REMEMBERED:  # a name with personal data in it is never kept
        _names[name] = text
    return text
