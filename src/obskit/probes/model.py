"""The words of a probe: what is asked, how long it may take, what was measured, why there is no answer."""

from __future__ import annotations

import math
import time
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from obskit.catalog.model import Metric

REASONS = {
    "timeout": "no answer in time",
    "unreachable": "no connection, or it was cut",
    "unauthorised": "the credentials are refused",
    "missing": "what is asked for does not exist",
    "too-large": "the answer is larger than anything that was asked for",
    "no-answer": "the answer does not hold a value",
    "credentials": "the credentials cannot be had",
    "settings": "the settings are wrong",
    "failed": "the other side reports an error",
}
"""Why a probe has no value. The word stands in the log line; a detail beside it is a code, never another's text."""


class ProbeError(ObskitError):
    """
    A probe has no value, for one of `REASONS`.

    *detail* is ours or a code (SQLSTATE, HTTP status, AWS error code): texts of a server may quote data or secrets.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Deadline:
    """
    The moment at which a probe must have answered. Whatever waits for a server asks `left` for how long it may.

    When the moment is past, `expire` calls what was given to `closing`, which ends a wait that went on regardless.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds
        self._lock = Lock()
        self._closing: list[Callable[[], object]] = []
        self._expired = False

    def left(self) -> float:
        """
        Return the seconds that are left, more than 0.

        Raises:
            ProbeError: none are.
        """
        left = self._end - self._clock()
        if left <= 0 or self._expired:
            raise ProbeError("timeout", f"{self.seconds:g} s")
        return left

    def is_past(self) -> bool:
        return self._expired or self._clock() >= self._end

    def closing(self, close: Callable[[], object]) -> None:
        """Have *close* called when the time is over; at once, if it is."""
        with self._lock:
            if not self._expired:
                self._closing.append(close)
                return
        close()

    def expire(self) -> None:
        with self._lock:
            self._expired = True
            closing, self._closing = self._closing, []
        for close in closing:
            close()


class Measurement(NamedTuple):
    """One value of a declared metric."""

    metric: Metric
    value: float
    dimensions: Mapping[str, str]


class Measured(NamedTuple):
    """
    What a probe answers.

    *without* names what the other side did not tell: those metrics get no value, which is not the same as zero.
    """

    measurements: tuple[Measurement, ...]
    without: tuple[str, ...] = ()


class Check(NamedTuple):
    """One question of a probe: *target* is empty, or names the index, node or queue where there are several."""

    probe: str
    target: str
    timeout: float
    measure: Callable[[Deadline], Measured]

    @property
    def name(self) -> str:
        return f"{self.probe}:{self.target}" if self.target else self.probe


class Outcome(NamedTuple):
    """What became of a check; *failure* is None when it was answered."""

    check: Check
    seconds: float
    measured: Measured
    failure: ProbeError | None = None


def measured(*found: tuple[Metric, float | None], **dimensions: str) -> Measured:
    """Return what was *found*, all with the same *dimensions*; None means that there is no value."""
    return Measured(
        tuple(Measurement(metric, value, dimensions) for metric, value in found if value is not None),
        tuple(metric.name for metric, value in found if value is None),
    )


def number(value: Any) -> float | None:
    """
    Return *value* as a finite number, also when it is text or a Decimal; None when it is none.

    >>> number("12.50"), number("nan"), number(True), number("")
    (12.5, None, None, None)
    """
    if isinstance(value, bool) or value is None:
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
