"""Wait for behaviour, never for time to pass."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

PAUSE_S = 0.02
"""Between two looks: short enough not to be felt, long enough to leave the processor to what is awaited."""


class DidNotHappenError(ObskitError):
    """Something that was awaited did not happen before its deadline; the message names it."""


def wait_until(
    probe: Callable[[], T | None],
    deadline_s: float,
    what: str,
    *,
    evidence: Callable[[], str] | None = None,
    pause_s: float = PAUSE_S,
) -> T:
    """
    Return the first truthy result of *probe*.

    Args:
        probe: looks once, quickly; an exception of its own ends the wait.
        deadline_s: seconds from now.
        what: what should have happened, for the error message: "the emulator answers".
        evidence: asked only on failure, e.g. for the tail of a log file.
        pause_s: between two looks; longer for a probe that is work itself.

    Raises:
        DidNotHappenError: *probe* was never truthy in time; it is tried once more at the deadline.
    """
    end = time.monotonic() + deadline_s
    while True:
        last_look = time.monotonic() >= end
        found = probe()
        if found:
            return found
        if last_look:
            shown = evidence() if evidence else ""
            raise DidNotHappenError(
                f"waited {deadline_s:g} s, but this did not happen: {what}" + (f"\n{shown}" if shown else "")
            )
        time.sleep(pause_s)  # between two looks, never in place of one
