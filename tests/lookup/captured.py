"""Captured spans and lines, made: X-Ray documents of obskit's shape, and log lines."""

from __future__ import annotations

from typing import Any

START = float(0x6B05B400)


def trace_id(number: int) -> str:
    return f"6b05b400{number:024x}"


def root_of(number: int) -> str:
    return f"1-6b05b400-{number:024x}"


def span_id(number: int) -> str:
    return f"{number:016x}"


def span(number: int, name: str, *children: dict[str, Any], links: Any = (), **more: Any) -> dict[str, Any]:
    """A span; *links* are (trace, span) by number."""
    document = {"id": span_id(number), "name": name, "start_time": START + number, "end_time": START + number + 0.5}
    if links:
        linked = [{"trace_id": root_of(trace), "span_id": span_id(one)} for trace, one in links]
        document["metadata"] = {"obskit": {"links": linked}}
        document["annotations"] = {"linked_trace_ids": ",".join(root_of(trace) for trace, _ in links)}
    return {**document, **({"subsegments": list(children)} if children else {}), **more}


def sent(trace: int, document: dict[str, Any]) -> dict[str, Any]:
    """*document* as it leaves by itself."""
    return {"trace_id": root_of(trace), **document}


def line(trace: int, number: int, message: str, correlation: str, **more: Any) -> dict[str, Any]:
    second = number % 60
    return {
        "timestamp": f"2026-11-24T16:00:{second:02}.000Z",
        "level": "INFO",
        "message": message,
        "service": "shop",
        "xray_trace_id": root_of(trace),
        "correlation_id": correlation,
        "span_id": span_id(number),
        **more,
    }


# Two requests (1, 2), the relay that publishes both (3), and an indexer for each (4, 5).
DOCUMENTS = [
    sent(1, span(10, "checkout", span(11, "place order"), origin="AWS::Lambda::Function")),
    sent(2, span(12, "checkout", span(13, "place order"))),
    sent(3, span(20, "relay", span(21, "publish", links=[(1, 11)]), span(22, "publish", links=[(2, 13)]))),
    sent(4, span(30, "index", span(31, "process", links=[(3, 21)]))),
    sent(5, span(32, "index", span(33, "process", links=[(3, 22)]))),
]
LINES = [
    line(1, 11, "placed", "cart-1"),
    line(2, 13, "placed", "cart-2"),
    line(3, 20, "begins", trace_id(3)),
    line(3, 21, "publishing", "cart-1"),
    line(3, 22, "publishing", "cart-2"),
    line(4, 31, "indexed", "cart-1"),
    line(5, 33, "indexed", "cart-2"),
]
