"""The traces of one request, over links both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit.lookup import spans

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from obskit.lookup.source import Source
    from obskit.lookup.spans import Span

MOST_TRACES = 25
"""Traces that are put together; that there are more is told. A request of this platform has three to ten."""


class Walk:
    """
    Joins traces until no link leads to another.

    A relay or a batch serves many requests in one trace. So a link is followed only between spans that are ours: all of
    a trace that was asked for; a span that links to one of ours; a span that one of ours links to, and those above it.
    """

    def __init__(self, source: Source) -> None:
        self.notes: list[str] = []
        self._source = source
        self._read: dict[str, list[Span]] = {}
        self._led_to: dict[str, list[tuple[str, str, str]]] = {}
        self._whole: set[str] = set()
        self._seeds: dict[str, set[str]] = {}
        """Of each trace that is joined: our spans, by which it was found."""
        self._upwards: dict[str, set[str]] = {}
        """Those of them whose own links are followed: what led to a consumer beside us is of other requests."""

    @property
    def trace_ids(self) -> Collection[str]:
        return self._seeds.keys()

    def join(self, trace_id: str, span_id: str = "", *, whole: bool = False, upwards: bool = True) -> bool:
        """Make *trace_id* part of the request, all of it or what is around *span_id*; say whether that is new."""
        if trace_id not in self._seeds and len(self._seeds) >= MOST_TRACES:
            self._note(f"more than {MOST_TRACES} traces are linked; the rest is not shown")
            return False
        before = self._size(trace_id)
        seeds, up = self._seeds.setdefault(trace_id, set()), self._upwards.setdefault(trace_id, set())
        if whole:
            self._whole.add(trace_id)
        if span_id:
            seeds.add(span_id)
            if upwards:
                up.add(span_id)
        return before != self._size(trace_id)

    def _size(self, trace_id: str) -> tuple[bool, bool, int, int]:
        return (
            trace_id in self._seeds,
            trace_id in self._whole,
            len(self._seeds.get(trace_id, ())),
            len(self._upwards.get(trace_id, ())),
        )

    def follow(self) -> None:
        """Join whatever links lead to, until that is all."""
        while True:
            self._load(self.trace_ids)
            for trace_id in [*self.trace_ids]:
                self._load_consumers(trace_id)
            steps = [step for trace_id in [*self.trace_ids] for step in (*self._up(trace_id), *self._down(trace_id))]
            news = [self.join(trace_id, span_id, upwards=up) for trace_id, span_id, up in steps]
            if not any(news):
                return

    def roots(self, trace_id: str) -> list[Span]:
        """Return the spans of a joined trace that have no parent in it, as X-Ray has them."""
        return self._read.get(trace_id, [])

    def others(self, trace_id: str) -> set[str]:
        """Return the spans of *trace_id* that are of other requests: with links, none to ours, and all below them."""
        if trace_id in self._whole:
            return set()
        ours = self._above(trace_id, self._seeds[trace_id])
        return {
            below.span_id
            for span in self._spans(trace_id)
            if span.links and span.span_id not in ours and self._seeds.keys().isdisjoint(_led_from(span))
            for below in span
        } - ours

    def _up(self, trace_id: str) -> Iterator[tuple[str, str, bool]]:
        """Yield what led to the trace: trace and span."""
        whole = trace_id in self._whole
        targets = self._upwards[trace_id]
        above = self._above(trace_id, targets)
        for span in self._spans(trace_id):
            if not span.links or not (whole or span.span_id in above):
                continue
            if not whole and span.span_id not in targets and len(_led_from(span)) > 1:
                self._note(f"{len(_led_from(span))} traces led to '{span.name}'; it is not known which to this request")
                continue
            for link in span.links:
                yield link.trace_id, link.span_id, True

    def _down(self, trace_id: str) -> Iterator[tuple[str, str, bool]]:
        """Yield the traces, with their spans, that link to spans of ours in the trace."""
        others = self.others(trace_id)
        for consumer, span_id, linked in self._led_to[trace_id]:
            if linked not in others:
                yield consumer, span_id, False

    def _above(self, trace_id: str, span_ids: Iterable[str]) -> set[str]:
        """Return *span_ids* and the spans above them in their trace."""
        parents = {span.span_id: span.parent_id for span in self._spans(trace_id)}
        path: set[str] = set()
        for span_id in span_ids:
            while span_id in parents and span_id not in path:
                path.add(span_id)
                span_id = parents[span_id]  # noqa: PLW2901  up the tree
        return path

    def _spans(self, trace_id: str) -> list[Span]:
        return [span for root in self._read.get(trace_id, []) for span in root]

    def _load(self, trace_ids: Iterable[str]) -> None:
        new = [trace_id for trace_id in trace_ids if trace_id not in self._read]
        found = self._source.documents(new) if new else {}
        for trace_id in new:
            self._read[trace_id] = spans.read(found.get(trace_id, []))

    def _load_consumers(self, trace_id: str) -> None:
        if trace_id in self._led_to:
            return
        consumers = list(dict.fromkeys(self._source.consumers(trace_id)))
        self._load(consumers)
        self._led_to[trace_id] = [
            (consumer, span.span_id, link.span_id)
            for consumer in consumers
            for span in self._spans(consumer)
            for link in span.links
            if link.trace_id == trace_id
        ]

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def _led_from(span: Span) -> set[str]:
    return {link.trace_id for link in span.links}
