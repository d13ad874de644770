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

_DEEPEST = 4
"""Hops over which it is decided whether a span is ours: the time grows with each."""


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
                break
        for span in (span for trace_id in self.trace_ids for span in self._leading_up(trace_id)):
            if not self._may_follow(span) and self._seeds.keys().isdisjoint(_led_from(span)):
                self._note(f"{len(_led_from(span))} traces led to '{span.name}'; it is not known which to this request")

    def roots(self, trace_id: str) -> list[Span]:
        """Return the spans of a joined trace that have no parent in it, as X-Ray has them."""
        return self._read.get(trace_id, [])

    def others(self, trace_id: str) -> set[str]:
        """Return the spans of *trace_id* that are of other requests: with links, none to ours, and all below them."""
        return self._others(trace_id, frozenset())

    def _others(self, trace_id: str, asking: frozenset[str]) -> set[str]:
        """As `others`; *asking* are the traces whose others depend on these: there a link counts as one to ours."""
        if trace_id in self._whole or trace_id in asking or len(asking) == _DEEPEST:
            return set()
        ours = self._above(trace_id, self._seeds[trace_id])
        found: set[str] = set()
        for span in self._spans(trace_id):
            if (
                span.links
                and span.span_id not in ours
                and not any(
                    link.trace_id in self._seeds
                    and link.span_id not in self._others(link.trace_id, asking | {trace_id})
                    for link in span.links
                )
            ):
                found |= {below.span_id for below in span}
        return found - ours

    def _leading_up(self, trace_id: str) -> list[Span]:
        """Return the spans with links whose producers are ours too: all of a whole trace, else what we came up to."""
        spans_with_links = [span for span in self._spans(trace_id) if span.links]
        if trace_id in self._whole:
            return spans_with_links
        above = self._above(trace_id, self._upwards[trace_id])
        return [span for span in spans_with_links if span.span_id in above]

    def _may_follow(self, span: Span) -> bool:
        """Say whether what led to *span* led to us: a batch has several producers, and does not say which is whose."""
        return span.trace_id in self._whole or len(_led_from(span)) == 1

    def _up(self, trace_id: str) -> Iterator[tuple[str, str, bool]]:
        """Yield what led to the trace: trace and span."""
        for span in self._leading_up(trace_id):
            if self._may_follow(span):
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
