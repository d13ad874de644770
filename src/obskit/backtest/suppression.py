"""
When a composite alarm acts although another alarm may suppress its actions.

CloudWatch user guide, "Suppressing composite alarm actions", read 2026-11-24: its six examples are the tests. What it
leaves open: an end of both periods acts once if any change was held back, whatever the state was before; a period that
ends at the second of another event ends first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit.backtest.states import ALARM

if TYPE_CHECKING:
    from collections.abc import Iterable

    Change = tuple[int, str]
    """A time in seconds, and the state from then on."""


def actions(
    changes: Iterable[Change], suppressor: Iterable[Change], wait: int, extension: int, end: int
) -> list[Change]:
    """
    Return when a composite alarm acts until *end*, and with which state.

    Args:
        changes: of the composite alarm.
        suppressor: changes of the alarm that suppresses it.
        wait: seconds that an action waits for the suppressor to go to ALARM.
        extension: seconds that it waits after the suppressor has left ALARM.
        end: nothing that is later is known.
    """
    hold = _Hold(wait, extension)
    events = [(time, 0, state) for time, state in suppressor] + [(time, 1, state) for time, state in changes]
    for time, whose, state in sorted(events):
        hold.pass_time(time)
        if whose == 0:
            hold.suppress(time, state)
        else:
            hold.change(time, state)
    hold.pass_time(end)
    return hold.acted


class _Hold:
    """What is held back: *due* is when the period that runs ends, None while none runs."""

    def __init__(self, wait: int, extension: int) -> None:
        self.acted: list[Change] = []
        self._wait = wait
        self._extension = extension
        self._state = ""
        self._suppressed = False
        self._held = False
        self._due: int | None = None

    def pass_time(self, now: int) -> None:
        if self._due is not None and self._due <= now:
            if self._held:
                self.acted.append((self._due, self._state))
            self._held = False
            self._due = None

    def change(self, time: int, state: str) -> None:
        self._state = state
        self._held = True
        if not self._suppressed:
            self._due = time + self._wait
            self.pass_time(time)

    def suppress(self, time: int, state: str) -> None:
        before, self._suppressed = self._suppressed, state == ALARM
        if self._suppressed:
            self._due = None
        elif before:
            self._due = time + self._extension
            self.pass_time(time)
