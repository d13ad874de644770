"""One request, put together: from one id over links both ways, and from the lines that share its correlation id."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from obskit.lookup import wanted
from obskit.lookup.walk import Walk

if TYPE_CHECKING:
    from obskit.lookup.source import Source
    from obskit.lookup.spans import Span
    from obskit.lookup.wanted import Wanted

    Line = dict[str, Any]

MOST_LINES = 2000
"""Lines that are kept."""


@dataclass
class Trace:
    """
    One trace of the request.

    Args:
        trace_id: 32 hex digits.
        roots: its spans that have no parent in it, without those of other requests.
        others: how many spans are left out for that.
        below: trace and span that led to it; both empty for what nothing of the request led to.
    """

    trace_id: str
    roots: list[Span]
    others: int = 0
    below: tuple[str, str] = ("", "")

    @property
    def start(self) -> float:
        return min((root.start for root in self.roots), default=0.0)


@dataclass
class Request:
    """What was found: traces in the order of their beginning, lines in the order of their time."""

    traces: list[Trace]
    lines: list[Line]
    correlation_ids: list[str]
    notes: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.lines) or any(trace.roots for trace in self.traces)


def find(asked: Wanted, source: Source) -> Request:
    """Return the request that *asked* names, as far as *source* has it."""
    walk = Walk(source)
    traces, correlations = {asked.trace_id} - {""}, {asked.correlation_id} - {""}
    for trace_id in traces:
        walk.join(trace_id, whole=True)
    walk.follow()
    lines = source.lines({*traces, *walk.trace_ids}, correlations)
    if not asked.correlation_id:
        shared = {wanted.correlation_of(line) for line in lines if wanted.trace_of(line) == asked.trace_id} - {""}
        shared = shared - {asked.trace_id} or shared  # what a relay says of itself is of no request
        if len(shared) == 1:  # else it serves many, and is none of them
            correlations = shared
            lines = source.lines({*traces, *walk.trace_ids}, correlations)
    known = set(walk.trace_ids)
    for line in lines:
        if wanted.correlation_of(line) in correlations and (trace_id := wanted.trace_of(line)):
            walk.join(trace_id, str(line.get("span_id") or ""))
    walk.follow()
    if not known.issuperset(walk.trace_ids):
        lines = source.lines(walk.trace_ids, correlations)
    others = {trace_id: walk.others(trace_id) for trace_id in walk.trace_ids}
    lines = _ours(lines, set().union(*others.values()), correlations, asked.trace_id)
    found = _traces(walk, others)
    notes = [*walk.notes, *source.notes]
    if lines and not any(trace.roots for trace in found):
        notes.append(
            "there are lines and no spans: the request was not sampled, or its traces are kept elsewhere or no more"
        )
    if len(lines) > MOST_LINES:
        notes.append(f"{len(lines)} lines were found; the first {MOST_LINES} are shown")
    return Request(found, lines[:MOST_LINES], sorted(correlations), list(dict.fromkeys(notes)), source.places)


def _ours(lines: list[Line], others: set[str], correlations: set[str], asked: str) -> list[Line]:
    """Return *lines* in order, each once, without those of other requests in the same traces."""

    def is_ours(line: Line) -> bool:
        correlation = wanted.correlation_of(line)
        if correlation in correlations or (asked and wanted.trace_of(line) == asked):
            return True
        # A batch or a relay that serves several requests has its own trace id in the place of theirs.
        is_own = not correlations or correlation in ("", wanted.trace_of(line))
        return is_own and line.get("span_id") not in others

    unique = {repr(line): line for line in lines if is_ours(line)}
    return sorted(unique.values(), key=lambda line: str(line.get("timestamp")))


def _traces(walk: Walk, others: dict[str, set[str]]) -> list[Trace]:
    """Return the joined traces without *others*, each with the place that led to it, and none below itself."""
    found = {}
    for trace_id, left_out in others.items():
        roots = [root for root in walk.roots(trace_id) if root.span_id not in left_out]
        for root in roots:
            _cut(root, left_out)
        found[trace_id] = Trace(trace_id, roots, len(left_out))
    ordered = sorted(found.values(), key=lambda trace: trace.start)
    for trace in ordered:
        links = [link for root in trace.roots for span in root for link in span.links if link.trace_id in found]
        trace.below = next(
            ((link.trace_id, link.span_id) for link in links if _is_free(trace, link.trace_id, found)), ("", "")
        )
    return ordered


def _is_free(trace: Trace, above: str, found: dict[str, Trace]) -> bool:
    """Say whether *trace* can hang below *above* without hanging below itself."""
    while above:
        if above == trace.trace_id:
            return False
        above = found[above].below[0]
    return True


def _cut(span: Span, others: set[str]) -> None:
    for each in span:
        each.children = [child for child in each.children if child.span_id not in others]
