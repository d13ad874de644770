"""The X-Ray SDK's context over obskit's: what the SDK opens is a span of obskit's, with the SDK's own id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_xray_sdk.core.context import Context
from aws_xray_sdk.core.models.dummy_entities import DummySegment
from aws_xray_sdk.core.models.facade_segment import FacadeSegment
from aws_xray_sdk.core.models.subsegment import Subsegment

from obskit import context, output
from obskit.tracing import spans, xray

if TYPE_CHECKING:
    from typing import Any

_HTTP = {"method": "http.request.method", "url": "url.full"}
_AWS = {
    "operation": "rpc.method",
    "region": "cloud.region",
    "request_id": "aws.request_id",
    "queue_url": "aws.queue_url",
    "table_name": "aws.table_name",
}
_SQL = {"sanitized_query": "db.query.text", "database_type": "db.system.name", "url": "db.namespace"}
"""Members of a document's blocks -> OpenTelemetry's names, of which `tracing.calls` makes the blocks again."""


class SdkSpan(spans.Span):
    """A span that the SDK opened, with its *entity* and the scope before it."""

    __slots__ = ("before", "entity")
    before: context.Scope
    entity: Any


class JoinedContext(Context):  # type: ignore[misc]  # the SDK ships no types
    """
    Where the SDK keeps what is open; threads and tasks have what obskit's scope gives them.

    The parent of what the SDK opens is obskit's open span. In a trace that nobody records, and outside of an
    invocation, it gets dummies, as it does on Lambda.
    """

    def __init__(self) -> None:
        """Leave out the SDK's thread-local store: obskit's scope is the only one."""

    def put_segment(self, segment: Any) -> None:
        """Do nothing: the invocation has a segment, Lambda's."""

    def end_segment(self, end_time: float | None = None) -> None:
        """Do nothing, as above."""

    def get_trace_entity(self) -> Any:
        invocation, _, span = context.scope()
        if isinstance(span, SdkSpan):
            return span.entity
        trace: Any = invocation.trace if invocation is not None else None
        if invocation is None or not invocation.traced or not isinstance(span, spans.Span) or trace is None:
            return DummySegment()
        return FacadeSegment("obskit", span.span_id, xray.root(trace.trace_id), True)

    def set_trace_entity(self, trace_entity: Any) -> None:
        """Do nothing: a thread that is to go on in a span takes `obskit.keep_context`."""

    def clear_trace_entities(self) -> None:
        """Do nothing: what belongs to an invocation ends with it."""

    def put_subsegment(self, subsegment: Any) -> None:
        above = self.get_trace_entity()
        above.add_subsegment(subsegment)
        if not subsegment.sampled or type(subsegment) is not Subsegment:
            return
        span = SdkSpan(str(subsegment.name), span_id=subsegment.id)
        span.scope = "aws_xray_sdk"
        span.entity = subsegment
        opened = context.scope()[2]
        if isinstance(opened, spans.Span):
            opened.adopt(span)
        span.before = context.open_span(span)

    def end_subsegment(self, end_time: float | None = None) -> bool:
        span = context.scope()[2]
        if not isinstance(span, SdkSpan):
            return False
        span.entity.close(end_time)
        span.finish()
        try:
            _take_over(span, span.entity)
        except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
            output.fault("xray subsegment", error)
        context.close_span(span, span.before)
        return True

    def handle_context_missing(self) -> None:
        """Do nothing, as the SDK does on Lambda."""

    @property
    def context_missing(self) -> None:
        return None

    @context_missing.setter
    def context_missing(self, value: str) -> None:
        """Do nothing, as above."""


class Nothing:
    """The SDK's emitter and its streaming, neither of which has anything to do: spans leave with the invocation."""

    def send_entity(self, entity: Any) -> None: ...

    def set_daemon_address(self, address: str) -> None: ...

    def is_eligible(self, segment: Any) -> bool:  # noqa: ARG002  the SDK's signature
        return False

    def stream(self, entity: Any, callback: Any) -> None: ...


def _take_over(span: spans.Span, entity: Any) -> None:
    """Keep in *span* what the SDK's *entity* says."""
    span.name = str(entity.name)
    attributes = span.attributes
    attributes.update(entity.annotations)
    for space, values in entity.metadata.items():
        attributes.update({(key if space == "default" else f"{space}.{key}"): value for key, value in values.items()})
    if entity.namespace in ("aws", "remote"):
        span.kind = spans.CLIENT
    if entity.namespace == "aws":
        attributes["rpc.system"] = "aws-api"
    for names, block in ((_AWS, entity.aws), (_SQL, getattr(entity, "sql", None)), (_HTTP, _part(entity, "request"))):
        for key, value in (block or {}).items():
            attributes.setdefault(names.get(key, key), value)
    if isinstance(status := (_part(entity, "response") or {}).get("status"), int):
        attributes.setdefault("http.response.status_code", status)
    cause = getattr(entity, "cause", None)
    exceptions = cause.get("exceptions") if isinstance(cause, dict) else None
    if exceptions:
        first = exceptions[0]
        span.record_error(spans.StatedError(str(first.type or "Error"), str(first.message)))
    elif entity.fault:
        span.record_error(spans.StatedError("Error", ""))


def _part(entity: Any, name: str) -> Any:
    return entity.http.get(name) if isinstance(getattr(entity, "http", None), dict) else None
