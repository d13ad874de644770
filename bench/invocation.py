"""
CPU at init and per warm invocation under the real Lambda client, over a bare handler, side by side in one run.

    python bench/invocation.py [--rounds 5] [--invocations 500]

Figures are the handler process's own CPU time (`time.process_time`), medians over the rounds; the variants take turns,
so that a busy machine is busy for all of them. Quote the ratios: absolute times differ from machine to machine.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from obskit.testing.awslambda.environment import Function
from obskit.testing.awslambda.runtime import LambdaRuntime, Outcome

HANDLERS = Path(__file__).parent / "handlers"
VARIANTS = {"bare": None, "with_obskit": "obskit", "with_powertools": "aws_lambda_powertools"}
ENVIRONMENT = {
    "OBSKIT_SERVICE": "checkout",
    "OBSKIT_ENV": "bench",
    "OBSKIT_METRICS_NAMESPACE": "Shop",
    "POWERTOOLS_SERVICE_NAME": "checkout",
    "AWS_LAMBDA_LOG_FORMAT": "JSON",
}
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
EVENT = {"request": {"headers": {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--invocations", type=int, default=500)
    given = parser.parse_args()
    names = [name for name, needs in VARIANTS.items() if needs is None or find_spec(needs)]
    measured: dict[str, list[tuple[float, float, int]]] = {name: [] for name in names}
    for number in range(given.rounds):
        for name in names:
            measured[name].append(measure(name, given.invocations))
        print(f"round {number + 1} of {given.rounds}", file=sys.stderr)
    bare_init, bare_call, _ = medians(measured["bare"])
    print(f"Python {sys.version.split()[0]}, {given.rounds} rounds of {given.invocations} invocations, medians")
    print(f"{'variant':<16} {'init over bare':>15} {'invocation over bare':>21} {'bytes written':>14}")
    for name in names:
        init, call, written = medians(measured[name])
        print(f"{name:<16} {(init - bare_init) * 1e3:>12.1f} ms {(call - bare_call) * 1e6:>18.0f} µs {written:>14.0f}")
    for name in sorted(set(VARIANTS) - set(names)):
        print(f"{name:<16} left out: {VARIANTS[name]} is not installed")


def measure(name: str, invocations: int) -> tuple[float, float, int]:
    """Return CPU seconds at init, CPU seconds per warm invocation, and bytes written by one."""
    function = Function(f"{name}.handler", HANDLERS, name="checkout", env=ENVIRONMENT)
    with LambdaRuntime(function) as runtime:
        first = payload(runtime.invoke(EVENT, trace_header=TRACE))
        warm = payload(runtime.invoke(EVENT, trace_header=TRACE))
        for _ in range(invocations):
            outcome = runtime.invoke(EVENT, trace_header=TRACE)
        last = payload(outcome)
        written = sum(len(line.encode()) + 1 for line in outcome.lines)
    return first["init"], (last["now"] - warm["now"]) / invocations, written


def payload(outcome: Outcome) -> dict[str, Any]:
    if not isinstance(outcome.payload, dict):
        raise SystemExit(f"the handler failed: {outcome.error} {outcome.lines}")
    return outcome.payload


def medians(rounds: list[tuple[float, float, int]]) -> tuple[float, ...]:
    return tuple(statistics.median(values) for values in zip(*rounds, strict=True))


if __name__ == "__main__":
    main()
