"""
What tracing costs in a loop and on the way out, beside OpenTelemetry's SDK, in one run.

    python bench/tracing.py [--rounds 9] [--no-latency]

Times are the least of the rounds, the variants taking turns: what else a machine does only adds. Quote the ratios.
The second table is the time that a response waits for its spans, of an invocation with three: the median of twenty, and
the most, with a collector that answers, one that takes 300 ms, and none. The peer is what OpenTelemetry's Lambda
instrumentation does: a batch processor and `force_flush` before the response.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SPANS = 50
IMPORTS = {
    "obskit's tracing, over its logs and metrics": (
        "import obskit.logs, obskit.metrics, obskit.exceptions, obskit.watchdog, obskit.output, obskit.masking.policy",
        "import obskit.tracing.carriers, obskit.tracing.spans, obskit.tracing.trigger, obskit.tracing.xray",
    ),
    "obskit, OBSKIT_TRACES=otlp": ("import obskit.handler", "import obskit.integrations.otlp as o; o.prepare()"),
    "opentelemetry-sdk and exporter": (
        "import json, logging, threading; name = 'opentelemetry.exporter.otlp.proto.http.trace_exporter'",
        "import importlib, opentelemetry.sdk.trace; importlib.import_module(name).OTLPSpanExporter()",
    ),
    "aws_xray_sdk": ("import json, logging, threading", "import aws_xray_sdk.core"),
}
"""What is loaded -> what is there before, and what is timed; each in a process of its own."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--no-latency", action="store_true")
    given = parser.parse_args()
    os.environ["_X_AMZN_TRACE_ID"] = TRACE
    print(f"Python {sys.version.split()[0]}, the least of {given.rounds} rounds\n")
    print("| what | µs |\n|---|---|")
    cases = {**ours(), **theirs()}
    best = dict.fromkeys(cases, float("inf"))
    for _ in range(given.rounds):
        for name, (run, count) in cases.items():
            began = time.perf_counter_ns()
            run()
            best[name] = min(best[name], (time.perf_counter_ns() - began) / 1000 / count)
    for name, least in best.items():
        print(f"| {name} | {least:.2f} |")
    print("\n| import, CPU | ms |\n|---|---|")
    for name, (before, code) in IMPORTS.items():
        print(f"| {name} | {min(imported(before, code) for _ in range(given.rounds)):.2f} |")
    if not given.no_latency:
        print("\n| the response waits, ms | median | most |\n|---|---|---|")
        for name, line in latencies():
            print(f"| {name} | {line} |")


def ours() -> dict[str, tuple[Callable[[], object], int]]:
    import obskit
    from obskit import context
    from obskit.testing import events
    from obskit.tracing import model, spans, subsegments

    render = subsegments._rendered  # noqa: SLF001  the part of `send` that is not the system's
    root = spans.Span("root")
    invocation = context.Invocation(root=root)
    invocation.trace = model.TraceContext("5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8", sampled=True)
    context.enter(invocation)
    unsampled = context.Invocation(root=root)
    unsampled.traced = False

    def recorded() -> None:
        root.children.clear()
        root.count = None
        for _ in range(SPANS):
            with obskit.span("authorise", provider="stripe", attempt=2):
                pass
        render(root, "5759e988bd862e3fe1be46a994272793", "127.0.0.1:9", False, [50])

    def kept_out() -> None:
        context.enter(unsampled)
        for _ in range(1000):
            with obskit.span("authorise", provider="stripe", attempt=2):
                pass
        context.leave(unsampled)
        unsampled.ended = False

    event = events.appsync_event(headers={"traceparent": TRACEPARENT})
    return {
        "obskit: a span with two attributes, masked and encoded": (recorded, SPANS),
        "obskit: a span of a trace that nobody records": (kept_out, 1000),
        "obskit: extract": (lambda: [obskit.extract(event) for _ in range(500)], 500),
        "obskit: inject": (lambda: [obskit.inject({}) for _ in range(500)], 500),
    }


def theirs() -> dict[str, tuple[Callable[[], object], int]]:
    from opentelemetry import propagate
    from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
    from opentelemetry.sdk.trace import TracerProvider, sampling
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter

    kept: list[Any] = []

    class Keep(SpanExporter):
        def export(self, spans: Any) -> Any:
            kept.extend(spans)

    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(Keep()))
    tracer = provider.get_tracer("bench")
    off = TracerProvider(sampler=sampling.ALWAYS_OFF).get_tracer("bench")

    def recorded() -> None:
        kept.clear()
        for _ in range(SPANS):
            with tracer.start_as_current_span("authorise", attributes={"provider": "stripe", "attempt": 2}):
                pass
        encode_spans(kept).SerializeToString()

    def kept_out() -> None:
        for _ in range(200):
            with off.start_as_current_span("authorise", attributes={"provider": "stripe", "attempt": 2}):
                pass

    def inject() -> None:
        with tracer.start_as_current_span("x"):
            for _ in range(200):
                propagate.inject({})

    headers = {"traceparent": TRACEPARENT}
    return {
        "OpenTelemetry's SDK: the same span, unmasked, encoded": (recorded, SPANS),
        "OpenTelemetry's SDK: a span that is not sampled": (kept_out, 200),
        "OpenTelemetry's API: extract": (lambda: [propagate.extract(headers) for _ in range(200)], 200),
        "OpenTelemetry's API: inject": (inject, 200),
    }


def imported(before: str, code: str) -> float:
    script = f"import time\n{before}\na=time.process_time()\n{code}\nprint((time.process_time()-a)*1000)"
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # as Lambda has it
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, check=True, text=True)
    return float(done.stdout)


def latencies() -> list[tuple[str, str]]:
    from obskit.testing import OtlpSink

    found = []
    for name, delay_s in (("answers", 0.0), ("takes 300 ms", 0.3)):

        def answer(delay_s: float = delay_s) -> int:
            time.sleep(delay_s)  # the slow collector that is measured
            return 200

        with OtlpSink(answer) as sink:
            found += [(f"{who}, a collector that {name}", waited(who, sink.endpoint)) for who in ("obskit", "upstream")]
    with socket.socket() as closed:  # bound, and nobody listens
        closed.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}"
        found += [(f"{who}, no collector", waited(who, endpoint)) for who in ("obskit", "upstream")]
    return found


def waited(who: str, endpoint: str) -> str:
    """Return the median and the most milliseconds of 20 responses (3 of upstream's where each takes seconds)."""
    env = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OBSKIT_TRACES": "otlp", "OBSKIT_ENV": "bench"}
    script = [sys.executable, __file__, "--child", who]
    done = subprocess.run(script, env=env, capture_output=True, text=True, check=True)
    times = [float(line) for line in done.stdout.split("\n")[-2].split()]
    return f"{statistics.median(times):.1f} | {max(times):.1f}"


def child(who: str) -> None:
    times: list[float] = []
    invoke = invoke_ours() if who == "obskit" else invoke_upstream()
    ends = time.monotonic() + 30
    while len(times) < 20 and (time.monotonic() < ends or len(times) < 3):
        began = time.perf_counter()
        invoke()
        times.append((time.perf_counter() - began) * 1000)
    print("\n" + " ".join(map(str, times)))


def invoke_ours() -> Callable[[], object]:
    import obskit
    from obskit.testing import LambdaContext

    @obskit.instrument
    def handler(event, context):
        for _ in range(2):
            with obskit.span("authorise", provider="stripe", attempt=2):
                pass

    context = LambdaContext()
    return lambda: handler({}, context)


def invoke_upstream() -> Callable[[], object]:
    import logging

    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    logging.disable(logging.CRITICAL)
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer("bench")

    def invoke() -> None:
        with tracer.start_as_current_span("handler"):
            for _ in range(2):
                with tracer.start_as_current_span("authorise", attributes={"provider": "stripe", "attempt": 2}):
                    pass
        provider.force_flush(30_000)

    return invoke


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2])
        os._exit(0)  # upstream's processor would flush once more
    main()
