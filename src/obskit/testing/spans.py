"""Spans as a test reads them: trees made of the X-Ray documents that were sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from obskit.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

Document = dict[str, Any]

_HEADER = {"format": "json", "version": 1}


@dataclass(frozen=True)
class Span:
    """One span, and those below it."""

    name: str
    attributes: Mapping[str, Any]
    """X-Ray's annotations and obskit's metadata together. A dot or a dash in an annotation's key became `_`."""
    error: Mapping[str, str] | None
    """`type` and `message` of what ended it, masked; None where nothing did."""
    children: tuple[Span, ...]
    span_id: str
    trace_id: str
    """In X-Ray's form, `1-<8 hex>-<24 hex>`."""
    parent_id: str
    """Empty for a child that came inside its parent's document."""
    start: float
    """Seconds since 1970."""
    end: float | None
    """None while it was in progress."""
    document: Mapping[str, Any]
    """As it was sent."""

    @property
    def duration_s(self) -> float | None:
        return None if self.end is None else self.end - self.start

    def walk(self) -> Iterator[Span]:
        """Yield this span and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


class Spans(Sequence[Span]):
    """The spans that have no parent among those that were sent; `only` and `where` look below them, too."""

    def __init__(self, read: Callable[[], Iterable[Document]]) -> None:
        self._read = read

    @property
    def documents(self) -> list[Document]:
        """The X-Ray documents as they were sent."""
        return list(self._read())

    @property
    def names(self) -> list[str]:
        """The names of all spans, parents first."""
        return [span.name for span in self.all()]

    @property
    def tree(self) -> str:
        """All spans as text, children indented."""
        return "\n".join(row for root in self for row in _rows(root, 0))

    def all(self) -> list[Span]:
        """Return all spans, parents first."""
        return [span for root in self for span in root.walk()]

    def where(self, name: str | None = None, /, **attributes: object) -> list[Span]:
        """Return the spans of this *name* that have these *attributes*."""
        return [
            span
            for span in self.all()
            if (name is None or span.name == name)
            and all(key in span.attributes and span.attributes[key] == value for key, value in attributes.items())
        ]

    def only(self, name: str | None = None, /, **attributes: object) -> Span:
        """
        Return the one span of this *name* that has these *attributes*.

        Raises:
            AssertionError: there is none, or more than one; the message shows the tree.
        """
        __tracebackhide__ = True
        found = self.where(name, **attributes)
        if len(found) == 1:
            return found[0]
        raise AssertionError(self._not_one(len(found), name, attributes))

    def _not_one(self, count: int, name: str | None, attributes: Mapping[str, object]) -> str:
        wanted = " with ".join(
            filter(None, [repr(name) if name else "", " and ".join(f"{k}={v!r}" for k, v in attributes.items())])
        )
        if not self.documents:
            return f"no span {wanted}: none was sent (they are when an invocation ends)"
        hint = did_you_mean(name, self.names) if name and name not in self.names else ""
        said = f"{count} spans {wanted}, not one." if count else f"no span {wanted}.{hint}"
        return f"{said}\nSent were:\n" + "\n".join(f"  {row}" for row in self.tree.split("\n"))

    @overload
    def __getitem__(self, index: int) -> Span: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Span]: ...
    def __getitem__(self, index: int | slice) -> Span | Sequence[Span]:
        return _trees(self._read())[index]

    def __len__(self) -> int:
        return len(_trees(self._read()))

    def __repr__(self) -> str:
        return f"<spans\n{self.tree}>"


def parse_datagram(datagram: bytes) -> Document:
    """
    Return the X-Ray document of *datagram*.

    Raises:
        AssertionError: it is not a header line and one JSON object.
    """
    header, _, body = datagram.partition(b"\n")
    try:
        document = json.loads(body)
        if json.loads(header) == _HEADER and isinstance(document, dict):
            return document
    except ValueError:
        pass
    raise AssertionError(f"not a segment document for X-Ray: {datagram[:200]!r}")


def _trees(documents: Iterable[Document]) -> list[Span]:
    """Put children that were sent alone below their parents; the last document of an id counts."""
    latest: dict[str, Document] = {}
    for document in documents:
        latest[document["id"]] = document
    alone: dict[str, list[Document]] = {}
    known = {one["id"] for document in latest.values() for one in _nested(document)}
    for document in latest.values():
        parent = document.get("parent_id", "")
        alone.setdefault(parent if parent in known else "", []).append(document)
    return [_span(document, document.get("trace_id", ""), alone) for document in alone.get("", [])]


def _nested(document: Document) -> Iterator[Document]:
    yield document
    for child in document.get("subsegments", []):
        yield from _nested(child)


def _span(document: Document, trace_id: str, alone: Mapping[str, list[Document]]) -> Span:
    children = [*document.get("subsegments", []), *alone.get(document["id"], [])]
    metadata = document.get("metadata", {}).get("obskit", {})
    return Span(
        name=document["name"],
        attributes={**document.get("annotations", {}), **metadata},
        error=_error(document),
        children=tuple(
            _span(child, trace_id, alone) for child in sorted(children, key=lambda child: float(child["start_time"]))
        ),
        span_id=document["id"],
        trace_id=trace_id,
        parent_id=document.get("parent_id", ""),
        start=document["start_time"],
        end=document.get("end_time"),
        document=document,
    )


def _error(document: Document) -> Mapping[str, str] | None:
    if not (document.get("fault") or document.get("error")):
        return None
    cause = document.get("cause")
    exceptions = cause.get("exceptions", []) if isinstance(cause, dict) else []
    first = exceptions[0] if exceptions else {}
    return {"type": first.get("type", ""), "message": first.get("message", "")}


def _rows(span: Span, depth: int) -> Iterator[str]:
    attributes = "".join(f" {key}={value!r}" for key, value in span.attributes.items())
    error = f" ! {span.error['type']}: {span.error['message']}" if span.error else ""
    yield f"{'  ' * depth}{span.name}{attributes}{error}"
    for child in span.children:
        yield from _rows(child, depth + 1)
