"""
Where an invocation's time goes, in instructions: the same in every run, however busy the machine.

    PYTHONPATH=src python bench/instructions.py [--invocations 600] [--cold]

Needs valgrind. Each handler runs warm under callgrind, twice, and what the longer run took more is an invocation's; the
parts are differences between handlers. Calls of the system count as nothing, neither does a cache that was lost.

With `--cold` the simulated caches are emptied before each invocation, by reading four times as much as they hold, and
what is counted is how much an invocation has to fetch from beyond them: lines of 64 bytes of code, the interpreter's,
and of data, among them the bytecode. On Lambda the client and the next sandbox on the core have used the caches in the
meantime; each line is then 10 to 100 ns, where an instruction is 0.1. Over a handler without obskit. Two runs differ by
two hundred, so there are no differences between handlers. A hundred invocations are enough, and take two minutes.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import obskit
from obskit import kpis
from obskit.testing import LambdaContext

ENVIRONMENT = {
    "OBSKIT_SERVICE": "checkout",
    "OBSKIT_ENV": "bench",
    "OBSKIT_METRICS_NAMESPACE": "Shop",
    "AWS_LAMBDA_FUNCTION_NAME": "checkout",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_LOG_FORMAT": "JSON",
    "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
    "PYTHONHASHSEED": "0",
}
EVENT = {"request": {"headers": {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}}
PARTS = {
    "beginning and end, with a document of the root span": ("nothing", ""),
    "the first line, which puts the ids together": ("line", "nothing"),
    "each further line with two fields": ("lines", "line"),
    "an e-mail address by its key": ("email", "line"),
    "a telephone number to be found in one": ("phone", "line"),
    "a span inside, opened, closed and sent": ("span", "nothing"),
    "the first value, with its document": ("value", "nothing"),
    "each further value": ("values", "value"),
    "all of bench/handlers/with_obskit.py": ("everything", ""),
    "the same without the telephone number": ("calm", ""),
}
"""What is told -> the handler that does it, and the one that does all else."""
CACHE = 1 << 20
"""Bytes of the last cache that is simulated: as much as a core of Lambda's has to itself."""
SIMULATED = ("--cache-sim=yes", "--I1=32768,8,64", "--D1=32768,8,64", f"--LL={CACHE},16,64")
CODE, DATA = 6, (7, 8)
"""Which of callgrind's counts are lines of code and of data, read or written, that were in no cache."""


def nothing() -> None: ...


def line() -> None:
    obskit.logger.info("authorised", provider="stripe", attempt=1)


def lines() -> None:
    obskit.logger.info("authorised", provider="stripe", attempt=1)
    obskit.logger.info("authorised", provider="stripe", attempt=1)


def email() -> None:
    obskit.logger.info("authorised", provider="stripe", email="ann@example.com")


def phone() -> None:
    obskit.logger.info("authorised", provider="call +44 20 7946 0958", attempt=1)


def span() -> None:
    with obskit.span("authorise", provider="stripe"):
        pass


def value() -> None:
    obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation="checkout")


def values() -> None:
    obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation="checkout")
    obskit.record(kpis.CHECKOUT_LATENCY, 12.5, operation="checkout")


def everything(note: str = "call +44 20 7946 0958") -> None:
    obskit.logger.info("checkout started", cart_id="c-1", email="ann@example.com", amount=4200)
    with obskit.span("authorise", provider="stripe"):
        obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation="checkout")
    obskit.logger.info("authorised", provider="stripe", attempt=1)
    obskit.record(kpis.CHECKOUT_LATENCY, 12.5, operation="checkout")
    obskit.logger.info("checkout done", order_id="o-1", note=note)


def calm() -> None:
    everything("called back")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--invocations", type=int, default=600)
    parser.add_argument("--cold", action="store_true", help="count what is fetched from beyond caches that were lost")
    parser.add_argument("--run", nargs=2, metavar=("HANDLER", "INVOCATIONS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        run(given.run[0], int(given.run[1]), cold=given.cold)
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:  # takes what its buffer holds, and loses the rest
        daemon.bind(("127.0.0.1", 0))
        os.environ.update(ENVIRONMENT, AWS_XRAY_DAEMON_ADDRESS="{}:{}".format(*daemon.getsockname()))
        parts = {said: pair for said, pair in PARTS.items() if not (given.cold and pair[1])}
        names = dict.fromkeys(["bare", *(name for pair in parts.values() for name in pair if name)])
        took = {name: counts(name, given.invocations, cold=given.cold) for name in names}
    if given.cold:
        report_cold({said: took[name] for said, (name, _) in parts.items()}, took["bare"])
        return
    print(f"Python {sys.version.split()[0]}, thousands of instructions")
    for said, (name, without) in parts.items():
        print(f"| {said:<52} | {(took[name][0] - took[without or 'bare'][0]) / 1000:>5.0f} |")


def report_cold(took: dict[str, list[float]], bare: list[float]) -> None:
    """Print what handlers *took* over a *bare* one."""
    print(f"Python {sys.version.split()[0]}, lines of 64 bytes from beyond a cache of {CACHE >> 20} MB")
    print(f"| {'':<52} | code | data |")
    for said, counts_of in took.items():
        more = [one - other for one, other in zip(counts_of, bare, strict=True)]
        print(f"| {said:<52} | {more[CODE]:>4.0f} | {sum(more[kind] for kind in DATA):>4.0f} |")


def counts(name: str, invocations: int, *, cold: bool) -> list[float]:
    """Return what one invocation of the handler *name* takes: instructions, and if *cold* callgrind's other counts."""
    few, many = (counted(name, number, cold=cold) for number in (invocations // 2, invocations + invocations // 2))
    return [(more - less) / invocations for less, more in zip(few, many, strict=True)]


def counted(name: str, invocations: int, *, cold: bool) -> list[int]:
    """Return callgrind's counts of a process that runs the handler *name* so often."""
    with tempfile.TemporaryDirectory() as folder:
        tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={Path(folder) / 'out'}"]
        command = [*tool, *(SIMULATED if cold else ()), sys.executable, __file__, "--run", name, str(invocations)]
        command += ["--cold"] if cold else []
        told = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True).stderr
    found = re.search(r"Collected : ([\d ]+)", told)
    if found is None:
        raise SystemExit(f"valgrind said nothing of instructions: {told}")
    return [int(number) for number in found[1].split()]


def run(name: str, invocations: int, *, cold: bool) -> None:
    body = nothing if name == "bare" else globals()[name]

    def handler(event: Any, context: Any) -> dict[str, int]:
        body()
        return {"status": 1}

    context = LambdaContext(timeout_s=900)
    called = handler if name == "bare" else obskit.instrument(handler)
    memory = bytearray(4 * CACHE if cold else 0)
    for _ in range(invocations):
        memory[::64]  # one byte of each line: what was in the caches is there no more
        called(EVENT, context)


if __name__ == "__main__":
    main()
