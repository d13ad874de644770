"""A request as text and as JSON: the tree of its spans, its lines, where the consoles show them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from obskit.lookup.wanted import hex_of
from obskit.masking import mask, mask_text
from obskit.semconv import RESERVED_LOG_KEYS
from obskit.terminal import visible
from obskit.tracing import xray

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from obskit.lookup.request import Request, Trace
    from obskit.lookup.source import Window
    from obskit.lookup.spans import Span

MOST_CHILDREN = 50
"""Spans shown below one span; the rest is counted. JSON has all."""

DEEPEST = 150
"""Levels shown, of spans and of traces below them; obskit itself keeps 50 in one trace."""

_LONGEST_VALUE = 300
"""Characters shown of one field of a line."""


class Node(NamedTuple):
    """A line of the tree and what hangs below it."""

    label: str
    children: list[Node]


def tree(request: Request) -> list[Node]:
    """Return the spans: each trace below the span that led to it."""
    numbers = {trace.trace_id: number for number, trace in enumerate(request.traces, 1)}
    start = min((trace.start for trace in request.traces if trace.roots), default=0.0)
    below: dict[tuple[str, str], list[Trace]] = {}
    for trace in request.traces:
        known = {span.span_id for root in _of(request, trace.below[0]) for span in root}
        place = trace.below if trace.below[1] in known else (trace.below[0], "")
        below.setdefault(place, []).append(trace)

    def of_trace(trace: Trace, depth: int) -> Node:
        label = f"[{numbers[trace.trace_id]}] trace {xray.root(trace.trace_id)}"
        if trace.below[0]:
            label = f"{label}, linked to [{numbers[trace.below[0]]}]"
        if trace.others:
            label += f"; {_counted(trace.others, 'span')} of other requests left out"
        if not trace.roots:
            label += "; no spans"
        children = [of_span(root, depth + 1) for root in trace.roots]
        return Node(label, children + [of_trace(one, depth + 1) for one in below.get((trace.trace_id, ""), [])])

    def of_span(span: Span, depth: int) -> Node:
        if depth > DEEPEST:
            return Node("more is below", [])
        children = [of_span(child, depth + 1) for child in span.children[:MOST_CHILDREN]]
        if len(span.children) > MOST_CHILDREN:
            children.append(Node(f"{_counted(len(span.children) - MOST_CHILDREN, 'span')} more", []))
        linked = [of_trace(one, depth + 1) for one in below.get((span.trace_id, span.span_id), [])]
        return Node(_label(span, start), children + linked)

    return [of_trace(trace, 0) for trace in below.get(("", ""), [])]


def plain(nodes: Iterable[Node], indent: str = "") -> Iterator[str]:
    r"""
    Yield the lines of *nodes* with the branches drawn.

    >>> print("\n".join(plain([Node("a", [Node("b", [Node("c", [])]), Node("d", [])])])))
    a
    ├─ b
    │  └─ c
    └─ d
    """
    for node in nodes:
        yield f"{indent}{node.label}"
        for index, child in enumerate(node.children):
            last = index == len(node.children) - 1
            first, *rest = plain([child])
            yield f"{indent}{'└─ ' if last else '├─ '}{first}"
            yield from (f"{indent}{'   ' if last else '│  '}{line}" for line in rest)


def head(request: Request) -> str:
    """Return what was found, in a line."""
    ids = f"correlation id {', '.join(request.correlation_ids)}" if request.correlation_ids else "no correlation id"
    spans = sum(1 for trace in request.traces for root in trace.roots for _ in root)
    counts = [(len(request.traces), "trace"), (spans, "span"), (len(request.lines), "line")]
    return visible(" · ".join([ids, *(_counted(number, word) for number, word in counts)]))


def line(document: Mapping[str, Any], numbers: Mapping[str, int], trace_id: str) -> str:
    """
    Return a log line for reading: time, level, number of its trace, service, message, fields; masked once more.

    A message of several lines goes on indented, so that none of them passes for a line of its own.
    """
    time = str(document.get("timestamp", ""))[11:23]
    where = f"[{numbers[trace_id]}]" if trace_id in numbers else "[-]"
    fields = mask({key: value for key, value in document.items() if key not in RESERVED_LOG_KEYS})
    shown = [f"{key}={_short(value)}" for key, value in fields.items()] if isinstance(fields, dict) else []
    message = mask_text(str(document.get("message", "")))
    words = [time, f"{document.get('level', '')!s:<5}", where, str(document.get("service", "")), message, *shown]
    return visible(" ".join(word for word in words if word), lines=True).replace("\n", "\n    ")


def as_json(request: Request, links: list[str]) -> dict[str, Any]:
    """Return all that was found as JSON types."""
    return {
        "correlation_ids": request.correlation_ids,
        "traces": [
            {
                "trace_id": trace.trace_id,
                "xray_trace_id": xray.root(trace.trace_id),
                "linked_to": {"trace_id": trace.below[0], "span_id": trace.below[1]} if trace.below[0] else None,
                "spans_of_other_requests": trace.others,
                "spans": [_span_json(root, 0) for root in trace.roots],
            }
            for trace in request.traces
        ],
        "lines": [_masked(document) for document in request.lines],
        "links": links,
        "notes": request.notes,
        "places": request.places,
    }


def console_links(request: Request, region: str, window: Window, groups: Iterable[str]) -> list[str]:
    """Return where the CloudWatch console shows the traces and the lines."""
    home = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
    links = [f"{home}#xray:traces/{xray.root(trace.trace_id)}" for trace in request.traces if trace.roots]
    terms = [f'correlation_id = "{correlation}"' for correlation in request.correlation_ids]
    terms = terms or [f'xray_trace_id = "{xray.root(trace.trace_id)}"' for trace in request.traces]
    if not terms or not (names := list(groups)):
        return links
    query = f"fields @timestamp, @message | filter {' or '.join(terms)} | sort @timestamp asc"
    start, end = (datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds") for at in window)
    source = "".join(f"~'{_jsurl(name)}" for name in names)
    detail = (
        f"~(end~'{_jsurl(end)}~start~'{_jsurl(start)}~timeType~'ABSOLUTE~tz~'UTC"
        f"~editorString~'{_jsurl(query)}~source~({source}))"
    )
    return [*links, f"{home}#logsV2:logs-insights?queryDetail={detail}"]


def _jsurl(text: str) -> str:
    """
    Return *text* as the console's address holds it.

    >>> _jsurl("/aws/lambda/a-b")
    '*2faws*2flambda*2fa-b'
    """
    kept = (char if char.isascii() and (char.isalnum() or char in "-_.") else _escaped(char) for char in text)
    return "".join(kept)


def _escaped(char: str) -> str:
    return "".join(f"*{byte:02x}" for byte in char.encode())


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _masked(document: dict[str, Any]) -> dict[str, Any]:
    """Return a line masked once more: it may be of others than obskit. Ids of traces stay, whatever their digits."""
    masked: Any = mask(document)
    kept = {key: document[key] for key in ("xray_trace_id", "trace_id", "caller_trace_id") if hex_of(document.get(key))}
    return {**masked, **kept} if isinstance(masked, dict) else kept


def _of(request: Request, trace_id: str) -> list[Span]:
    return next((trace.roots for trace in request.traces if trace.trace_id == trace_id), [])


def _label(span: Span, start: float) -> str:
    words = [mask_text(span.name)]
    if span.kind:
        words.append(f"({span.kind})")
    words.append(f"+{_ms(span.start - start)}")
    words.append("open" if span.end is None else _ms(span.end - span.start))
    if span.failed:
        words.append(f"{span.failed.upper()}{' ' if span.why else ''}{mask_text(span.why)}")
    return visible(" ".join(words))


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


def _short(value: object) -> str:
    text = str(value).strip().replace("\r", "").replace("\n", " ⏎ ")
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _span_json(span: Span, depth: int) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": mask_text(span.name),
        "span_id": span.span_id,
        "parent_id": span.parent_id,
        "kind": span.kind,
        "start": span.start,
        "end": span.end,
        "failed": span.failed,
        "why": mask_text(span.why),
        "links": [{"trace_id": link.trace_id, "span_id": link.span_id} for link in span.links],
        "spans": [_span_json(child, depth + 1) for child in span.children] if depth < DEEPEST else [],
    }
    return document
