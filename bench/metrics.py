"""
What it costs to record metrics and to write them, beside Powertools and aws-embedded-metrics, in one run.

    python bench/metrics.py [--rounds 40]

Two metrics with one dimension become one EMF document. Every library writes to nowhere; CPU time, the least of the
rounds, the libraries taking turns: what else a machine does only adds. Quote the ratios. The second table is one
invocation that records more and more: time of one value, and the most memory held meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import os
import sys
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

os.environ |= {"OBSKIT_SERVICE": "checkout", "OBSKIT_ENV": "bench", "POWERTOOLS_METRICS_NAMESPACE": "Shop"}

import obskit
from obskit import context, kpis, metrics, output

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS = 500
MANY = (100, 1_000, 10_000, 100_000)


class Nowhere(io.StringIO):
    """A stream that keeps nothing."""

    def write(self, text: str) -> int:
        return len(text)


def ours() -> Callable[[], object]:
    def run() -> None:
        invocation = context.Invocation()
        context.enter(invocation)
        obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation="checkout")
        obskit.record(kpis.CHECKOUT_LATENCY, 12.5, operation="checkout")
        output.write(metrics.pending(invocation))
        context.leave(invocation)

    return run


def powertools() -> Callable[[], object]:
    from aws_lambda_powertools.metrics import EphemeralMetrics

    recorder = EphemeralMetrics(service="checkout")

    def run() -> None:
        recorder.add_metric("CheckoutSuccess", "Count", 1)
        recorder.add_metric("CheckoutLatency", "Milliseconds", 12.5)
        recorder.add_dimension("operation", "checkout")
        recorder.flush_metrics()

    return run


def embedded() -> Callable[[], object]:
    from aws_embedded_metrics.environment.lambda_environment import LambdaEnvironment
    from aws_embedded_metrics.logger.metrics_context import MetricsContext
    from aws_embedded_metrics.logger.metrics_logger import MetricsLogger

    place = LambdaEnvironment()

    async def found() -> Any:
        return place

    async def one() -> None:
        logger = MetricsLogger(found, MetricsContext.empty())
        logger.put_dimensions({"operation": "checkout"})
        logger.put_metric("CheckoutSuccess", 1, "Count")
        logger.put_metric("CheckoutLatency", 12.5, "Milliseconds")
        await logger.flush()

    loop = asyncio.new_event_loop()
    return lambda: loop.run_until_complete(one())


def microseconds(call: Callable[[], object]) -> float:
    """Return the CPU time of one call, over one round."""
    began = time.process_time_ns()
    for _ in range(CALLS):
        call()
    return (time.process_time_ns() - began) / CALLS / 1000


def many(count: int) -> tuple[float, float]:
    """Return µs of one value and the most MB held, of an invocation that records *count* values."""
    invocation = context.Invocation()
    context.enter(invocation)
    tracemalloc.start()
    for number in range(count):
        obskit.record(kpis.CHECKOUT_LATENCY, number, operation="checkout")
    output.write(metrics.pending(invocation))
    held = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    began = time.process_time_ns()
    for number in range(count):
        obskit.record(kpis.CHECKOUT_LATENCY, number, operation="checkout")
    output.write(metrics.pending(invocation))
    took = (time.process_time_ns() - began) / count / 1000
    context.leave(invocation)
    return took, held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    output.redirect(lambda _: None)
    cases = {"obskit": ours(), "Powertools": powertools(), "aws-embedded-metrics": embedded()}
    best = dict.fromkeys(cases, float("inf"))
    with contextlib.redirect_stdout(Nowhere()):
        for _ in range(rounds):
            for name, call in cases.items():
                best[name] = min(best[name], microseconds(call))
    print(f"Python {sys.version.split()[0]}, the least of {rounds} rounds of {CALLS}\n")
    print("| two metrics with one dimension, recorded and written | µs | ratio |\n|---|---|---|")
    for name, least in best.items():
        print(f"| {name} | {least:.1f} | {least / best['obskit']:.1f} |")
    print("\n| values in one invocation | µs each | most held, MB |\n|---|---|---|")
    for count in MANY:
        took, held = min(many(count) for _ in range(3))
        print(f"| {count:,} | {took:.2f} | {held:.2f} |")


if __name__ == "__main__":
    main()
