"""What obskit measures by itself: what neither Lambda nor AppSync counts. Loaded when there is something to record."""

from __future__ import annotations

import os

from obskit import metrics, output
from obskit.catalog import own


def record(*, cold_start: bool = False, loaded_at: float = 0.0, errors: int = 0, timeouts: int = 0) -> None:
    """Record what is not zero, and the faults of obskit's that are new. Never raises."""
    if cold_start:
        metrics.record(own.COLD_STARTS, 1)
        if milliseconds := init_duration(loaded_at):
            metrics.record(own.INIT_DURATION, milliseconds)
    if errors:
        metrics.record(own.RESOLVER_ERRORS, errors)
    if timeouts:
        metrics.record(own.TIMEOUTS, timeouts)
    if faults := output.take_new_faults():
        metrics.record(own.TELEMETRY_FAULTS, faults)


def init_duration(loaded_at: float) -> float:
    """
    Return milliseconds from the start of the process to *loaded_at*, 0 where nobody can tell.

    *loaded_at* is in seconds since the machine started. The kernel notes starts in hundredths of a second; Lambda's own
    figure begins a little earlier.
    """
    try:
        with open("/proc/self/stat", "rb") as file:  # noqa: PTH123  pathlib costs more than all the rest
            fields = file.read().rpartition(b")")[2].split()  # a name in brackets may hold anything
        started = int(fields[19]) / os.sysconf("SC_CLK_TCK")  # field 22 of proc(5)
    except (OSError, ValueError, IndexError):
        return 0.0
    return max(0.0, (loaded_at - started) * 1000) if loaded_at else 0.0
