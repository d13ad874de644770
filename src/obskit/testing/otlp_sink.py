"""A collector's OTLP/HTTP port on loopback that keeps what it is sent. Needs the extra `otel`."""

from __future__ import annotations

import gzip
import threading
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from obskit.testing.loopback import Answer, Loopback
from obskit.testing.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from obskit.testing.loopback import Request

_TRACES = "/v1/traces"
_UNPACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "deflate": zlib.decompress}
_KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")
_STATUS = ("unset", "ok", "error")


@dataclass(frozen=True)
class OtlpSpan:
    """One span as it arrived, ids as hex digits."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    """Empty where the span is the first of its trace."""
    kind: str
    attributes: Mapping[str, Any]
    events: tuple[tuple[str, Mapping[str, Any]], ...]
    links: tuple[tuple[str, str], ...]
    """Trace id and span id of each."""
    status: tuple[str, str]
    """`unset`, `ok` or `error`, and what was said of it."""
    start_ns: int
    end_ns: int
    trace_state: str
    scope: str
    """The library that made it."""
    resource: Mapping[str, Any]


class OtlpSink(Loopback):
    """
    Listens from construction to `stop`. A context manager.

    Args:
        answer: called for each request, which it may keep waiting; returns the status, 200 by default.
    """

    def __init__(self, answer: Callable[[], int] = lambda: 200) -> None:
        self.requests: list[Request] = []
        self._answer = answer
        self._lock = threading.Lock()
        super().__init__(self._take)
        self.endpoint = self.url
        """For `OTEL_EXPORTER_OTLP_ENDPOINT`."""

    @property
    def spans(self) -> list[OtlpSpan]:
        """The spans of all requests so far, in the order of arrival."""
        with self._lock:
            requests = list(self.requests)
        return [span for request in requests if request.path.endswith(_TRACES) for span in spans_of(request)]

    def wait_for(self, predicate: Callable[[list[OtlpSpan]], bool], deadline_s: float = 10) -> list[OtlpSpan]:
        """
        Return the spans as soon as *predicate* accepts them.

        Raises:
            DidNotHappenError: not before the deadline; says what came.
        """

        def look() -> list[OtlpSpan] | None:
            return found if predicate(found := self.spans) else None

        return wait_until(
            look, deadline_s, "the awaited spans arrive", evidence=lambda: str([one.name for one in self.spans])
        )

    def _take(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
        return Answer(self._answer())


def spans_of(request: Request) -> list[OtlpSpan]:
    """
    Return the spans of one *request* in protobuf, packed or not.

    Raises:
        DecodeError: google.protobuf's own; it is no such message.
    """
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    unpack = _UNPACK.get(request.headers.get("content-encoding", ""))
    message = ExportTraceServiceRequest()
    message.ParseFromString(unpack(request.body) if unpack else request.body)
    return [
        _span(span, dict(map(_attribute, sent.resource.attributes)), scoped.scope.name)
        for sent in message.resource_spans
        for scoped in sent.scope_spans
        for span in scoped.spans
    ]


def _span(span: Any, resource: dict[str, Any], scope: str) -> OtlpSpan:
    return OtlpSpan(
        name=span.name,
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        kind=_KINDS[span.kind],
        attributes=dict(map(_attribute, span.attributes)),
        events=tuple((event.name, dict(map(_attribute, event.attributes))) for event in span.events),
        links=tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
        status=(_STATUS[span.status.code], span.status.message),
        start_ns=span.start_time_unix_nano,
        end_ns=span.end_time_unix_nano,
        trace_state=span.trace_state,
        scope=scope,
        resource=resource,
    )


def _attribute(pair: Any) -> tuple[str, Any]:
    return pair.key, _value(pair.value)


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    if kind == "kvlist_value":
        return dict(map(_attribute, value.kvlist_value.values))
    return getattr(value, kind) if kind else None
