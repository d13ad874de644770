"""
CPU and memory of an invocation under the real Lambda client, over a bare handler, side by side in one run.

    python bench/invocation.py [--rounds 5] [--invocations 500] [--markdown]

CPU is the handler process's own (`time.process_time`), the least over the rounds: what else a machine does only adds.
The variants take turns, so that a busy machine is busy for all of them. Memory is the resident set after the last
invocation. Quote the ratios: absolute times differ from machine to machine.
"""

from __future__ import annotations

import argparse
import socket
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import obskit
from obskit.testing.awslambda.environment import Function
from obskit.testing.awslambda.runtime import LambdaRuntime, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

HANDLERS = Path(__file__).parent / "handlers"
VARIANTS = {
    "bare": (),
    "with_obskit": ("obskit",),
    "with_powertools": ("aws_lambda_powertools",),
    "with_powertools_keys": ("aws_lambda_powertools",),
    "with_powertools_tracer": ("aws_lambda_powertools", "aws_xray_sdk"),
    "with_powertools_masking": ("aws_lambda_powertools", "aws_xray_sdk", "jsonpath_ng"),
}
"""Handlers, with what each needs."""
ENVIRONMENT = {
    "OBSKIT_SERVICE": "checkout",
    "OBSKIT_ENV": "bench",
    "OBSKIT_METRICS_NAMESPACE": "Shop",
    "POWERTOOLS_SERVICE_NAME": "checkout",
    "AWS_LAMBDA_LOG_FORMAT": "JSON",
}
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
EVENT = {"request": {"headers": {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}}


@dataclass(frozen=True)
class Figures:
    """What one variant took in one round."""

    init_ms: float
    call_us: float
    memory_mb: float
    written: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--invocations", type=int, default=500)
    parser.add_argument("--markdown", action="store_true", help="print the table of docs/performance.md")
    given = parser.parse_args()
    names = [name for name, needs in VARIANTS.items() if all(map(find_spec, needs))]
    measured: dict[str, list[Figures]] = {name: [] for name in names}
    with xray_daemon() as address:
        for number in range(given.rounds):
            for name in names:
                measured[name].append(measure(name, given.invocations, address))
            print(f"round {number + 1} of {given.rounds}", file=sys.stderr)
    report(measured, given)


def report(measured: dict[str, list[Figures]], given: argparse.Namespace) -> None:
    columns = ("init over bare, ms", "invocation over bare, µs", "memory over bare, MB", "bytes written")
    bare = least(measured["bare"])
    print(
        f"Python {sys.version.split()[0]}, {given.rounds} rounds of {given.invocations} invocations, the least of each"
    )
    line = "| {:<24} | {:>18} | {:>24} | {:>20} | {:>13} |"
    print(line.format("variant", *columns))
    if given.markdown:
        print("|---|---|---|---|---|")
    for name, rounds in measured.items():
        figures = least(rounds)
        row = (figures.init_ms - bare.init_ms, figures.call_us - bare.call_us, figures.memory_mb - bare.memory_mb)
        print(line.format(name, f"{row[0]:.1f}", f"{row[1]:.0f}", f"{row[2]:.1f}", figures.written))
    for name in sorted(set(VARIANTS) - set(measured)):
        print(f"{name}: left out, {' and '.join(VARIANTS[name])} must be installed")


def measure(name: str, invocations: int, daemon: str) -> Figures:
    """Run one variant in a process of its own."""
    # obskit is the one that this script runs with; its environment has the peers, too.
    env = {**ENVIRONMENT, "AWS_XRAY_DAEMON_ADDRESS": daemon, "PYTHONPATH": str(Path(obskit.__file__).parent.parent)}
    function = Function(f"{name}.handler", HANDLERS, name="checkout", env=env)
    with LambdaRuntime(function) as runtime:
        first = payload(runtime.invoke(EVENT, trace_header=TRACE))
        warm = payload(runtime.invoke(EVENT, trace_header=TRACE))
        for _ in range(invocations):
            outcome = runtime.invoke(EVENT, trace_header=TRACE)
        last = payload(outcome)
        written = sum(len(line.encode()) + 1 for line in outcome.lines)
    call = (last["now"] - warm["now"]) / invocations
    return Figures(first["init"] * 1e3, call * 1e6, last["memory"] / 1024, written)


def payload(outcome: Outcome) -> dict[str, Any]:
    if not isinstance(outcome.payload, dict):
        raise SystemExit(f"the handler failed: {outcome.error} {outcome.lines}")
    return outcome.payload


def least(rounds: list[Figures]) -> Figures:
    return Figures(
        *(min(getattr(figures, name) for figures in rounds) for name in ("init_ms", "call_us", "memory_mb", "written"))
    )


@contextmanager
def xray_daemon() -> Iterator[str]:
    """Take datagrams on a loopback port and throw them away, as a daemon that is there would."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        host, port = listener.getsockname()

        def take() -> None:
            while listener.recv(70_000) != b"end":
                pass

        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield f"{host}:{port}"
        finally:
            listener.sendto(b"end", (host, port))
            thread.join()


if __name__ == "__main__":
    main()
