"""
What `obskit.integrations.powertools.protect()` costs: Powertools before and after it, in turns, in one run.

    .venv/bin/python bench/powertools.py        CPU time of one call, the least of 40 rounds of 500 calls
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import time
from typing import TYPE_CHECKING

os.environ |= {
    "POWERTOOLS_SERVICE_NAME": "checkout",
    "POWERTOOLS_METRICS_NAMESPACE": "Shop",
    "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
}

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics
from aws_xray_sdk.core.models.segment import Segment
from aws_xray_sdk.core.models.subsegment import Subsegment

from obskit.integrations import powertools

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS, CALLS = 40, 500


class Nowhere(io.StringIO):
    """A stream that keeps nothing."""

    def write(self, text: str) -> int:
        return len(text)


def logger() -> Logger:
    """Return a logger with the keys that `inject_lambda_context` appends."""
    logger = Logger(stream=Nowhere())
    logger.append_keys(
        cold_start=True,
        function_name="checkout",
        function_memory_size=128,
        function_arn="arn:aws:lambda:us-east-1:123456789012:function:checkout",
        function_request_id="4c59e7a4-c6ce-4f65-9819-74c7449ba4ed",
    )
    return logger


def cases() -> dict[str, Callable[[], object]]:
    log = logger()
    numbers = iter(range(10**9))

    def clean_line() -> None:
        log.info("checkout started", extra={"cart_id": f"c-{next(numbers)}", "amount": 4200, "currency": "EUR"})

    def line_with_two_hits() -> None:
        number = next(numbers)
        log.info(f"receipt for ann{number}@example.com", extra={"cart_id": f"c-{number}", "email": "ann@example.com"})  # noqa: G004  as people do

    def error_line() -> None:
        try:
            raise ValueError(f"no order {next(numbers)} of ann@example.com")  # noqa: TRY301  as handlers do
        except ValueError:
            log.exception("failed")

    metrics = EphemeralMetrics()

    def emf_document() -> None:
        metrics.add_metric("CheckoutSuccess", "Count", 1)
        metrics.add_metric("CheckoutLatency", "Milliseconds", next(numbers))
        metrics.add_dimension("operation", "checkout")
        metrics.add_metadata("order_id", f"o-{next(numbers)}")
        metrics.flush_metrics()

    parent = Segment("function", traceid="1-5759e988-bd862e3fe1be46a994272793")

    def xray_document() -> None:
        entity = Subsegment("## handler", "local", parent)
        entity.put_annotation("ColdStart", True)
        entity.put_metadata("handler response", {"order": f"o-{next(numbers)}", "status": "ACCEPTED"}, "checkout")
        entity.close()
        entity.serialize()

    return {
        "log line, nothing to mask": clean_line,
        "log line, two hits": line_with_two_hits,
        "log line with an exception": error_line,
        "EMF document, 2 metrics": emf_document,
        "X-Ray subsegment": xray_document,
    }


def microseconds(call: Callable[[], object]) -> float:
    """Return the CPU time of one call, over one round."""
    began = time.process_time_ns()
    for _ in range(CALLS):
        call()
    return (time.process_time_ns() - began) / CALLS / 1000


def main() -> None:
    before: dict[str, list[float]] = {}
    after: dict[str, list[float]] = {}
    calls = cases()
    with contextlib.redirect_stdout(Nowhere()):
        for _ in range(ROUNDS):
            for found, protected in ((before, False), (after, True)):
                if protected:
                    powertools.protect()
                for name, call in calls.items():
                    found.setdefault(name, []).append(microseconds(call))
                powertools.unprotect()
    print(f"{'CPU µs of one call':30} {'before':>8} {'after':>8} {'more':>8} {'ratio':>7}")
    for name in calls:
        was, now = min(before[name]), min(after[name])
        print(f"{name:30} {was:8.1f} {now:8.1f} {now - was:8.1f} {now / was:7.2f}")
    print(json.dumps({name: round(min(after[name]) / min(before[name]), 2) for name in calls}))


if __name__ == "__main__":
    main()
