"""Spans: one per invocation and those opened inside it, sent to X-Ray as one document when the invocation ends."""

from __future__ import annotations

import os
import time

from obskit import context, output
from obskit.masking import audit, mask, mask_document, mask_text
from obskit.quotas import XRAY_NAME, XRAY_STRING
from obskit.tracing import daemon, xray

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")

_NAME_CHARACTERS = frozenset("_.:/%&#=+\\-@ ")

_MOST_CHILDREN = 100
"""Spans kept below one span; more are counted. A document has to fit into one datagram."""


class Span:
    """Something that takes time. Attributes are masked when the span leaves the process."""

    __slots__ = ("_held", "attributes", "children", "dropped", "end", "error", "name", "span_id", "start")

    def __init__(self, name: str, attributes: dict[str, object] | None = None) -> None:
        self.name = name
        self.span_id = os.urandom(8).hex()
        self.attributes = attributes if attributes is not None else {}
        self.children: list[Span] = []
        self.dropped = 0
        self.error: BaseException | None = None
        self.start = time.time()
        self.end = 0.0
        self._held: context.Held | None = None

    def set_attribute(self, key: str, value: object) -> None:
        """Keep *value* under *key*; a later value replaces an earlier one."""
        self.attributes[key] = value

    def record_error(self, error: BaseException) -> None:
        """Mark the span as failed with *error*."""
        self.error = error

    def adopt(self, child: Span) -> None:
        """Make *child* part of this span."""
        if len(self.children) < _MOST_CHILDREN:
            self.children.append(child)
        else:
            self.dropped += 1

    def __enter__(self) -> Span:
        if self._held is None:
            self._held = context.open_span(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.end = time.time()
        if error is not None:
            self.error = error
        held, self._held = self._held, None
        if held is not None:
            held.undo()


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


def traced(function: Callable[P, R]) -> Callable[P, R]:
    """Open a span of the function's name around each call of *function*."""
    from functools import wraps

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with span(function.__qualname__):
            return function(*args, **kwargs)

    return call


def send(root: Span, trace_id: str, parent_id: str, address: str) -> None:
    """Send *root* with everything below it to the X-Ray daemon at *address*. Never raises, never waits."""
    try:
        document = _document(root)
        document.update(type="subsegment", trace_id=xray.root(trace_id), parent_id=parent_id)
        daemon.send(document, address)
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("spans", error)


def _document(span: Span) -> dict[str, object]:
    """Return *span* as an X-Ray subsegment, masked."""
    document: dict[str, object] = {
        "id": span.span_id,
        "name": _name(span.name),
        "start_time": span.start,
        "end_time": span.end or time.time(),
    }
    annotations, metadata = _annotations(mask_document(span.attributes, audit.SPAN))
    if span.dropped:
        metadata["obskit.spans_dropped"] = span.dropped
    if annotations:
        document["annotations"] = annotations
    if metadata:
        document["metadata"] = {"obskit": metadata}
    if span.error is not None:
        document["fault"] = True
        document["cause"] = {"exceptions": [_exception(span.error)]}
    if span.children:
        document["subsegments"] = [_document(child) for child in span.children]
    return document


def _annotations(attributes: dict[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """Split *attributes* into what X-Ray indexes (scalars, keys of letters, digits and `_`) and the rest."""
    annotations: dict[str, object] = {}
    metadata: dict[str, object] = {}
    for key, value in attributes.items():
        indexed = key.replace(".", "_").replace("-", "_")
        if isinstance(value, (str, int, float)) and indexed.isascii() and indexed.replace("_", "a").isalnum():
            annotations[indexed] = value[:XRAY_STRING] if isinstance(value, str) else value
        else:
            metadata[key] = value
    return annotations, metadata


def _exception(error: BaseException) -> dict[str, object]:
    try:
        message = str(error)
    except Exception:  # noqa: BLE001  an exception's own method may do anything
        message = "[UNREADABLE]"
    return {
        "id": os.urandom(8).hex(),
        "type": type(error).__name__[:XRAY_STRING],
        "message": mask_text(message, audit.SPAN)[:XRAY_STRING],
    }


def _name(name: str) -> str:
    """Return *name* masked, in the characters and length that X-Ray takes."""
    masked = str(mask(name, surface=audit.SPAN))
    kept = "".join(char if char.isalnum() or char in _NAME_CHARACTERS else "_" for char in masked[:XRAY_NAME])
    return kept or "span"
