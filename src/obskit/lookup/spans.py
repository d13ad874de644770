"""Spans out of X-Ray's documents: segments with what is inside them, and subsegments that came by themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from obskit.lookup.wanted import hex_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LAST = 1e11
"""Seconds since 1970 that no span has: it is the year 5138."""

_DEEPEST = 200
"""Levels that are read; a document of X-Ray's has 64 kB."""


class Link(NamedTuple):
    """Another trace that led to a span, and the span there where it is known."""

    trace_id: str
    span_id: str = ""


@dataclass
class Span:
    """One span. Times are seconds since 1970; *end* is None while it is open."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    start: float
    end: float | None
    kind: str = ""
    """`AWS::Lambda::Function`, or a subsegment's namespace."""
    failed: str = ""
    """`fault`, `error`, `throttle`, or empty."""
    why: str = ""
    links: tuple[Link, ...] = ()
    inferred: bool = False
    children: list[Span] = field(default_factory=list)

    def __iter__(self) -> Iterator[Span]:
        """Yield this span and all below it."""
        waiting = [self]
        while waiting:
            span = waiting.pop()
            yield span
            waiting.extend(reversed(span.children))


def read(documents: Iterable[dict[str, Any]]) -> list[Span]:
    """
    Return the spans of one trace that have no parent in it, the earliest first, with the others below them.

    Of two documents of one id the complete one counts. What X-Ray invents for a call whose other side sent nothing is
    left out.
    """
    found: dict[str, Span] = {}
    for document in documents:
        for span in _spans(document, hex_of(document.get("trace_id")), str(document.get("parent_id") or ""), 0):
            known = found.get(span.span_id)
            if known is None or known.end is None:
                found[span.span_id] = span
    parents = {span.parent_id for span in found.values()}
    roots: list[Span] = []
    for span in found.values():
        if span.inferred and span.span_id not in parents:
            continue
        parent = found.get(span.parent_id)
        if parent is None or parent is span:
            roots.append(span)
        else:
            parent.children.append(span)
    for span in found.values():
        span.children.sort(key=_start)
    return sorted(roots, key=_start)


def _start(span: Span) -> float:
    return span.start


def _spans(document: dict[str, Any], trace_id: str, parent_id: str, depth: int) -> Iterator[Span]:
    span_id = str(document.get("id") or "")
    if not span_id or depth > _DEEPEST:
        return
    yield Span(
        trace_id,
        span_id,
        parent_id,
        str(document.get("name") or "?"),
        _seconds(document.get("start_time")) or 0.0,
        _seconds(document.get("end_time")),
        str(document.get("origin") or document.get("namespace") or ""),
        next((flag for flag in ("fault", "throttle", "error") if document.get(flag) is True), ""),
        _why(document.get("cause")),
        tuple(dict.fromkeys(_links(document, trace_id))),
        document.get("inferred") is True,
    )
    inner = document.get("subsegments")
    for child in inner if isinstance(inner, list) else []:
        if isinstance(child, dict):
            yield from _spans(child, trace_id, span_id, depth + 1)


def _links(document: dict[str, Any], own: str) -> Iterator[Link]:
    """Yield what obskit notes in metadata, what X-Ray itself keeps of a queue's messages, then the annotation."""
    metadata = document.get("metadata")
    obskit = metadata.get("obskit") if isinstance(metadata, dict) else None
    exact: set[str] = set()
    for place in (obskit, document):
        links = place.get("links") if isinstance(place, dict) else None
        for link in links if isinstance(links, list) else []:
            if isinstance(link, dict) and (trace_id := hex_of(link.get("trace_id"))) not in ("", own):
                exact.add(trace_id)
                yield Link(trace_id, str(link.get("span_id") or link.get("id") or ""))
    annotations = document.get("annotations")
    listed = annotations.get("linked_trace_ids") if isinstance(annotations, dict) else None
    for text in listed.split(",") if isinstance(listed, str) else []:
        if (trace_id := hex_of(text)) not in ("", own) and trace_id not in exact:
            yield Link(trace_id)


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if abs(value) < _LAST else None  # NaN is not


def _why(cause: object) -> str:
    """Return type and message of the exception that *cause* has."""
    exceptions = cause.get("exceptions") if isinstance(cause, dict) else None
    first = exceptions[0] if isinstance(exceptions, list) and exceptions else None
    if not isinstance(first, dict):
        return ""
    return ": ".join(str(first[key]) for key in ("type", "message") if first.get(key))
