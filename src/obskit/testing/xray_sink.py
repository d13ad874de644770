"""An X-Ray daemon's UDP port that checks and keeps what it is sent, and hands it on to an X-Ray API if asked."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from obskit.testing.awslambda.datagram_port import DatagramPort
from obskit.testing.waiting import wait_until
from obskit.testing.xray_document import XrayError, parse_datagram

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

Documents = list[dict[str, Any]]


@dataclass(frozen=True)
class Rejected:
    """A datagram X-Ray would drop, and the rule it breaks."""

    reason: str
    datagram: bytes


class XraySink:
    """
    Listens from construction to `stop`. A context manager.

    Args:
        relay: a boto3 client for X-Ray, of an emulator; each document that X-Ray would take goes to its
            `put_trace_segments`, and what that refuses is in `rejected`.
    """

    def __init__(self, relay: Any = None) -> None:
        self._relay = relay
        self.rejected: list[Rejected] = []
        self._documents: dict[str, Documents] = {}
        self._complete: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self._port = DatagramPort(self.take)
        self.address = self._port.address
        """For `AWS_XRAY_DAEMON_ADDRESS`."""

    def trace_ids(self) -> list[str]:
        self._port.settle()
        with self._lock:
            return list(self._documents)

    def documents(self, trace_id: str) -> Documents:
        """Return the documents of *trace_id* (X-Ray's form or 32 hex digits) in the order of arrival."""
        self._port.settle()
        return self._kept(trace_id)

    def _kept(self, trace_id: str) -> Documents:
        with self._lock:
            return list(self._documents.get(_xray_form(trace_id), []))

    def wait_for(self, trace_id: str, predicate: Callable[[Documents], bool], deadline_s: float) -> Documents:
        """
        Return the documents of *trace_id* as soon as *predicate* accepts them.

        Raises:
            DidNotHappenError: not before the deadline; says what came and what was rejected.
        """

        def look() -> Documents | None:
            documents = self.documents(trace_id)
            return documents if predicate(documents) else None

        def evidence() -> str:
            names = [document["name"] for document in self.documents(trace_id)]
            return f"documents of this trace: {names}; rejected: {[rejected.reason for rejected in self.rejected]}"

        return wait_until(look, deadline_s, f"the awaited documents of trace {trace_id} arrive", evidence=evidence)

    def take(self, datagram: bytes) -> None:
        """Check and keep one datagram."""
        try:
            self._keep(parse_datagram(datagram))
        except XrayError as problem:
            self.rejected.append(Rejected(str(problem), datagram))

    def _keep(self, document: dict[str, Any]) -> None:
        key = (document["trace_id"], document["id"])
        with self._lock:
            if key in self._complete:
                raise XrayError(f"id {key[1]} was complete already: one in-progress and one complete document per id")
            if not document.get("in_progress"):
                self._complete.add(key)
            self._documents.setdefault(key[0], []).append(document)
        if self._relay is not None:
            self._hand_on(document)

    def _hand_on(self, document: dict[str, Any]) -> None:
        try:
            answer = self._relay.put_trace_segments(TraceSegmentDocuments=[json.dumps(document)])
        except Exception as error:
            raise XrayError(f"the X-Ray API was not reached: {error}") from error
        for refused in answer.get("UnprocessedTraceSegments", ()):
            raise XrayError(f"the X-Ray API refused it: {refused.get('ErrorCode')} {refused.get('Message')}")

    def stop(self) -> None:
        self._port.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _xray_form(trace_id: str) -> str:
    return trace_id if "-" in trace_id else f"1-{trace_id[:8]}-{trace_id[8:]}"
