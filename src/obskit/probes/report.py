"""What the checks found as metrics, and a line of log for each that has no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit import kpis
from obskit.logs import get_logger
from obskit.metrics import record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from obskit.probes.model import Outcome

_logger = get_logger("obskit.probes")


def report(outcomes: Iterable[Outcome]) -> dict[str, object]:
    """
    Record *outcomes* and return them in short, as the scheduled function answers.

    A check that failed records no value of what it measures, only that it failed.
    """
    values, failed = 0, {}
    for outcome in outcomes:
        probe = outcome.check.probe
        for metric, value, dimensions in outcome.measured.measurements:
            record(metric, value, **dimensions)
            values += 1
        record(kpis.PROBE_FAILURE, 0 if outcome.failure is None else 1, probe=probe)
        if outcome.failure is None:
            record(kpis.PROBE_SUCCESS, 1, probe=probe)
            continue
        failed[outcome.check.name] = outcome.failure.reason
        _logger.warning(
            "probe has no answer",
            probe=outcome.check.name,
            reason=outcome.failure.reason,
            detail=outcome.failure.detail,
            duration_ms=round(outcome.seconds * 1000),
        )
    return {"values": values, "failed": failed}
