"""The clock that lines, metrics and spans are timed by; a test sets its own."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Bare names that are bound anew, so that `clock.time_ns()` costs one look-up and the call of a C function.
# Whoever does `from obskit.clock import time_ns` keeps the clock of that moment: write `clock.time_ns()`.
time_ns: Callable[[], int] = time.time_ns
"""Nanoseconds since 1970: when something was. It may go back."""
monotonic_ns: Callable[[], int] = time.monotonic_ns
"""Nanoseconds since some moment: how long something took. It never goes back."""


def set(  # noqa: A001  read as `clock.set(…)`
    *, time_ns: Callable[[], int] | None = None, monotonic_ns: Callable[[], int] | None = None
) -> None:
    """
    Take the time from these functions; what is not given stays as it is.

    >>> from obskit import clock
    >>> clock.set(time_ns=lambda: 1_700_000_000_000_000_000)
    >>> clock.time_ns()
    1700000000000000000
    >>> clock.reset()
    """
    names = globals()
    names["time_ns"] = time_ns or names["time_ns"]
    names["monotonic_ns"] = monotonic_ns or names["monotonic_ns"]


def reset() -> None:
    """Take the time from the machine again."""
    set(time_ns=time.time_ns, monotonic_ns=time.monotonic_ns)
