"""
Where an invocation's time goes, in instructions: the same in every run, however busy the machine.

    PYTHONPATH=src python bench/instructions.py [--invocations 600]

Needs valgrind. Each handler runs warm under callgrind, twice, and what the longer run took more is an invocation's; the
parts are differences between handlers. Calls of the system count as nothing, neither does a cache that was lost.
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
}
"""What is told -> the handler that does it, and the one that does all else."""


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


def everything() -> None:
    obskit.logger.info("checkout started", cart_id="c-1", email="ann@example.com", amount=4200)
    with obskit.span("authorise", provider="stripe"):
        obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation="checkout")
    obskit.logger.info("authorised", provider="stripe", attempt=1)
    obskit.record(kpis.CHECKOUT_LATENCY, 12.5, operation="checkout")
    obskit.logger.info("checkout done", order_id="o-1", note="call +44 20 7946 0958")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--invocations", type=int, default=600)
    parser.add_argument("--run", nargs=2, metavar=("HANDLER", "INVOCATIONS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        run(given.run[0], int(given.run[1]))
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:  # takes what its buffer holds, and loses the rest
        daemon.bind(("127.0.0.1", 0))
        os.environ.update(ENVIRONMENT, AWS_XRAY_DAEMON_ADDRESS="{}:{}".format(*daemon.getsockname()))
        names = dict.fromkeys(name for pair in PARTS.values() for name in pair if name)
        took = {name: instructions(name, given.invocations) for name in names}
    print(f"Python {sys.version.split()[0]}, thousands of instructions")
    for said, (name, without) in PARTS.items():
        print(f"| {said:<52} | {(took[name] - took.get(without, 0)) / 1000:>5.0f} |")


def instructions(name: str, invocations: int) -> float:
    """Return what one invocation of the handler *name* takes."""
    few, many = (counted(name, number) for number in (invocations // 2, invocations + invocations // 2))
    return (many - few) / invocations


def counted(name: str, invocations: int) -> int:
    """Return the instructions of a process that runs the handler *name* so often."""
    with tempfile.TemporaryDirectory() as folder:
        tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={Path(folder) / 'out'}"]
        command = [*tool, sys.executable, __file__, "--run", name, str(invocations)]
        told = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True).stderr
    found = re.search(r"Collected : (\d+)", told)
    if found is None:
        raise SystemExit(f"valgrind said nothing of instructions: {told}")
    return int(found[1])


def run(name: str, invocations: int) -> None:
    body = globals()[name]

    def handler(event: Any, context: Any) -> dict[str, int]:
        body()
        return {"status": 1}

    instrumented, context = obskit.instrument(handler), LambdaContext(timeout_s=900)
    for _ in range(invocations):
        instrumented(EVENT, context)


if __name__ == "__main__":
    main()
