"""
What the Lambda service does with X-Ray around a function: continue the caller's trace, write a segment of its own.

The emulator always starts a fresh trace. Header form: reference/runtime-specs.md, sections 2.1, 2.2a and 7.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

HEADER = "x-amzn-trace-id"

_ROOT = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
_PARENT = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class FunctionTrace:
    """The trace one invocation belongs to. *segment_id* is Lambda's own segment, the function's parent."""

    root: str
    segment_id: str
    sampled: str
    caller: str | None = None
    links: tuple[tuple[str, str | None], ...] = ()
    """Root and parent of producers: a queue hop links traces, it does not continue one."""
    extras: tuple[str, ...] = ()
    """Other pairs of the header, such as `Lineage=…`: they must survive."""

    @property
    def header(self) -> str:
        """The value for `_X_AMZN_TRACE_ID`."""
        return ";".join([f"Root={self.root}", f"Parent={self.segment_id}", f"Sampled={self.sampled}", *self.extras])


def parse(header: str) -> dict[str, str]:
    """Return the pairs of an X-Ray *header*; what is not a pair is dropped."""
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return {key: value for key, equals, value in pairs if equals}


def _new_root() -> str:
    return f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"


def function_trace(event: object, service_header: str | None = None) -> FunctionTrace:
    """
    Return the trace that Lambda gives an invocation with *event*.

    Args:
        event: the decoded event; headers of AppSync (`request.headers`) and API Gateway (`headers`) are continued,
            `AWSTraceHeader` of SQS records is linked.
        service_header: what the invoking service passed, used when the event carries nothing valid.
    """
    links = tuple(
        (pairs["Root"], pairs.get("Parent"))
        for pairs in map(parse, _sqs_headers(event))
        if _ROOT.fullmatch(pairs.get("Root", ""))
    )
    for header in (_event_header(event), service_header):
        pairs = parse(header or "")
        if not _ROOT.fullmatch(pairs.get("Root", "")):
            continue
        parent, sampled = pairs.get("Parent", ""), pairs.get("Sampled", "1")
        return FunctionTrace(
            root=pairs["Root"],
            segment_id=secrets.token_hex(8),
            sampled=sampled if sampled in {"0", "1"} else "1",  # "?" asks the callee to decide
            caller=parent if _PARENT.fullmatch(parent) else None,
            links=links,
            extras=tuple(f"{k}={v}" for k, v in pairs.items() if k not in {"Root", "Parent", "Sampled", "Self"}),
        )
    return FunctionTrace(root=_new_root(), segment_id=secrets.token_hex(8), sampled="1", links=links)


def _event_header(event: object) -> str | None:
    if not isinstance(event, Mapping):
        return None
    request = event.get("request")
    for holder in (request, event):
        headers = holder.get("headers") if isinstance(holder, Mapping) else None
        if isinstance(headers, Mapping):
            for name, value in headers.items():
                if isinstance(name, str) and name.lower() == HEADER and isinstance(value, str):
                    return value
    return None


def _sqs_headers(event: object) -> list[str]:
    records = event.get("Records") if isinstance(event, Mapping) else None
    found = []
    for record in records if isinstance(records, list) else []:
        attributes = record.get("attributes") if isinstance(record, Mapping) else None
        header = attributes.get("AWSTraceHeader") if isinstance(attributes, Mapping) else None
        if isinstance(header, str):
            found.append(header)
    return found


def segment(trace: FunctionTrace, name: str, times: tuple[float, float], failure: str | None) -> dict[str, object]:
    """
    Return Lambda's own segment document for one invocation.

    Args:
        trace: as given to the function.
        name: the function's name.
        times: start and end, epoch seconds.
        failure: `fault` (the function failed), `error`, or None.
    """
    document: dict[str, object] = {
        "trace_id": trace.root,
        "id": trace.segment_id,
        "name": name,
        "origin": "AWS::Lambda::Function",
        "start_time": times[0],
        "end_time": times[1],
    }
    if trace.caller:
        document["parent_id"] = trace.caller
    if failure:
        document[failure] = True
    if trace.links:
        document["links"] = [
            {
                "trace_id": root,
                **({"id": parent} if parent else {}),
                "attributes": {"aws.xray.reserved.reference_type": "parent"},
            }
            for root, parent in trace.links
        ]
    return document
