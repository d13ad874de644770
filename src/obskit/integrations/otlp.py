"""
`OBSKIT_TRACES=otlp`: obskit's spans leave by OpenTelemetry's own exporter, over HTTP, to a collector or to CloudWatch.

A finished span becomes the SDK's `ReadableSpan`, masked. One thread sends, and the response waits for it no longer than
`OBSKIT_OTLP_WAIT_MS`. `OTEL_EXPORTER_OTLP_…` and `OTEL_RESOURCE_ATTRIBUTES` mean what OpenTelemetry says.
"""

from __future__ import annotations

import os
import queue
import threading

from obskit import config, output
from obskit.errors import MissingExtraError
from obskit.quotas import OTLP_REQUEST_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from obskit.tracing.model import TraceContext
    from obskit.tracing.spans import Span

_MOST_WAITING = 2000
"""Spans that wait for a collector that does not answer; more are counted and lost."""

_exporter: Exporter | None = None


class Exporter:
    """
    What sends: OpenTelemetry's exporter, the resource that all spans have, and the thread.

    `is_late` says that the collector did not answer in time, or not well, when it was asked last.
    """

    def __init__(self) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http import trace_exporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace.export import SpanExportResult
            from opentelemetry.sdk.util.instrumentation import InstrumentationScope
        except ImportError:
            raise MissingExtraError("otel", "OBSKIT_TRACES=otlp") from None
        if os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") == "grpc":
            output.fault("otlp protocol", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is grpc; obskit sends http/protobuf")
        self._otlp = trace_exporter.OTLPSpanExporter(session=_session())
        self._sent = SpanExportResult.SUCCESS
        self._resource = Resource.create(_resource())
        self._scopes: dict[str, Any] = {"": InstrumentationScope("obskit")}
        self._new_scope = InstrumentationScope
        self._jobs: queue.SimpleQueue[tuple[list[Any], threading.Event]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._waiting = 0
        self.is_late = False
        self._thread: threading.Thread | None = None

    def spans(self, root: Span, trace: TraceContext) -> Iterator[tuple[Any, int]]:
        """Yield *root* and all below it as the SDK's spans, masked, each with the most bytes that it takes."""
        from obskit.integrations import readable

        stack: list[tuple[Span, Any]] = [(root, readable.context_of(trace, remote=True) if trace.span_id else None)]
        while stack:
            span, parent = stack.pop()
            scope = self._scopes.get(span.scope)
            if scope is None:
                scope = self._scopes[span.scope] = self._new_scope(span.scope)
            try:
                one, size, own = readable.span_of(span, trace, parent, self._resource, scope)
                yield one, size
            except Exception as error:  # noqa: BLE001  attributes of any shape: only this span is lost
                output.fault("spans", error)
                own = parent
            stack += [(child, own) for child in span.children]

    def send(self, spans: Iterator[tuple[Any, int]], wait_ms: float) -> None:
        """Have *spans* sent, and wait for it, but no longer than *wait_ms*, and not at all after a wait in vain."""
        done: list[threading.Event] = []
        for batch in _batches(spans):
            with self._lock:
                full = self._waiting + len(batch) > _MOST_WAITING
                self._waiting += 0 if full else len(batch)
            if full:
                output.fault("spans", "the collector does not take spans: some were lost")
                break
            done.append(threading.Event())
            self._jobs.put((batch, done[-1]))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="obskit-otlp", daemon=True)
            self._thread.start()
        if done and not self.is_late and not done[-1].wait(wait_ms / 1000):
            self.is_late = True

    def _run(self) -> None:
        _suppress_instrumentation()
        while True:
            batch, done = self._jobs.get()
            try:
                result = self._otlp.export(batch)
                self.is_late = result is not self._sent
                if self.is_late:
                    _tell(self, "the collector did not take spans")
            except Exception as error:  # noqa: BLE001  the thread goes on
                self.is_late = True
                _tell(self, error)
            with self._lock:
                self._waiting -= len(batch)
            done.set()


def send(root: Span, trace: TraceContext, *, unfinished: bool = False) -> None:
    """
    Send *root* with everything below it. Never raises.

    *unfinished* says that the invocation still runs: OpenTelemetry has no spans without an end, so those that are open
    end now, and the first says so.
    """
    try:
        if unfinished:
            root.facts = {**root.facts, "obskit.timed_out": True}
        exporter = prepare()
        exporter.send(exporter.spans(root, trace), config.settings().otlp_wait)
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("otlp", error)


def prepare() -> Exporter:
    """
    Return the exporter, made at the first call.

    Raises:
        MissingExtraError: the SDK or its exporter is not installed.
    """
    global _exporter  # noqa: PLW0603  its one home
    if _exporter is None:
        _exporter = Exporter()
        try:
            from obskit.integrations import otel

            otel.join()  # the setting asks for OpenTelemetry: what uses its API is part of it
        except Exception as error:  # noqa: BLE001  obskit's own spans are sent all the same
            output.fault("otel", error)
    return _exporter


def reset() -> None:
    """Forget the exporter. What it was given is still sent; how that went is told no more: others write by then."""
    global _exporter  # noqa: PLW0603
    with _telling:
        _exporter = None


def _tell(exporter: Exporter, error: BaseException | str) -> None:
    """Tell of a fault of *exporter*, unless it was forgotten: whole before that or not at all."""
    with _telling:
        if exporter is _exporter:
            output.fault("otlp", error)


_telling = threading.Lock()


def _forget() -> None:
    """A forked child has a connection and a thread of its own; a thread that is not here may have held the lock."""
    global _exporter, _telling
    _exporter, _telling = None, threading.Lock()


os.register_at_fork(after_in_child=_forget)


def _batches(spans: Iterator[tuple[Any, int]]) -> Iterator[list[Any]]:
    """Yield *spans* in lists of which none takes more bytes than one request may have."""
    batch: list[Any] = []
    room = OTLP_REQUEST_BYTES - _RESOURCE_BYTES
    for span, size in spans:
        if batch and size > room:
            yield batch
            batch, room = [], OTLP_REQUEST_BYTES - _RESOURCE_BYTES
        batch.append(span)
        room -= size
    if batch:
        yield batch


_RESOURCE_BYTES = 32_768
"""Room for the resource, and for the names of libraries."""


def _resource() -> dict[str, str]:
    """Return what all spans of this function have in common, in OpenTelemetry's words."""
    settings = config.settings()
    environ = os.environ
    known = {
        "service.name": settings.service,
        "deployment.environment.name": settings.env,
        "faas.name": settings.function_name,
        "faas.version": settings.function_version,
        "faas.instance": environ.get("AWS_LAMBDA_LOG_STREAM_NAME", ""),
        "cloud.region": environ.get("AWS_REGION", ""),
        "aws.log.group.names": environ.get("AWS_LAMBDA_LOG_GROUP_NAME", ""),
    }
    if settings.function_name:
        known |= {"cloud.provider": "aws", "cloud.platform": "aws_lambda"}
    return {key: value for key, value in known.items() if value}


def _suppress_instrumentation() -> None:
    """Have instrumented HTTP libraries make no spans of this thread's requests: each would be sent by another."""
    from opentelemetry import context

    context.attach(context.set_value(context._SUPPRESS_INSTRUMENTATION_KEY, True))  # noqa: SLF001  as the SDK does


def _session() -> Any:
    """Return the connections to use: where they lead to CloudWatch, requests are signed; else the exporter's own."""
    import logging

    # It logs each failure as an error of the function's; `Exporter` tells of the first.
    logging.getLogger("opentelemetry.exporter.otlp.proto.http.trace_exporter").setLevel(logging.CRITICAL)
    from obskit.integrations import sigv4

    environ = os.environ
    given = environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "")
    region = sigv4.region_of(given)
    return sigv4.session(region) if region else None
