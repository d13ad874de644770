"""
A thread that calls back when the time of an invocation has nearly run out.

Invocations may overlap: a handler calls another, or threads serve one each. Each has a deadline of its own.

It is one thread for the life of the process, and the invocation does not wake it: a deadline is put where the thread
finds it when it wakes by itself. It never sleeps longer than the last invocation had time, so the deadline of the next
one, which has as much, lies behind the moment at which it wakes. Waking it would cost each invocation a switch of
threads, a timer of its own 150 µs. A process that is frozen between invocations sleeps on: its clock stands still too.
"""

from __future__ import annotations

import os
from _thread import allocate_lock, start_new_thread

from obskit import clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Watched = tuple[int, Callable[..., None], tuple[object, ...]]

_watched: dict[object, Watched] = {}
"""What is watched, by the first of its subjects."""
_patience = 0
"""Nanoseconds that the last one had when it was given: as long as the thread sleeps with nothing to watch."""
_until = 0
"""When the thread wakes by itself, on the monotonic clock; 0 while there is no thread."""
_bell = allocate_lock()


def watch(nanoseconds: int, call: Callable[..., None], *subjects: object) -> None:
    """
    Call *call* with *subjects*, from a thread of obskit's, when *nanoseconds* have passed without `rest`.

    The first of the subjects says what it is that is watched.
    """
    global _patience, _until  # noqa: PLW0603  their one home
    now = clock.monotonic_ns()
    deadline = now + nanoseconds
    _patience = max(nanoseconds, _SHORTEST_SLEEP)
    _watched[subjects[0] if subjects else call] = (deadline, call, subjects)
    if not _until:
        start_new_thread(_run, ())  # may fail: then the next invocation tries
        _until = deadline
    # What lies behind was told by another clock, such as a test's: nobody knows how long the thread sleeps on.
    elif not now <= _until <= deadline and _bell.locked():
        _ring()


def rest(subject: object = None) -> None:
    """Watch *subject* no longer, or nothing at all."""
    if subject is None:
        _watched.clear()
    else:
        _watched.pop(subject, None)


def _ring() -> None:
    try:
        _bell.release()
    except RuntimeError:  # another thread has rung in the meantime
        return


def _run() -> None:
    global _until  # noqa: PLW0603
    _bell.acquire(blocking=False)
    while True:
        watched = _nearest()
        now = clock.monotonic_ns()
        if watched is not None and watched[0] <= now:
            if _take(watched):
                _call(watched)
            continue
        _until = watched[0] if watched is not None else now + _patience
        if _nearest() is watched:  # else it has changed before `_until` could be seen: nobody would ring
            _bell.acquire(timeout=min((_until - now) / 1e9, _LONGEST_SLEEP))


def _nearest() -> Watched | None:
    """Return what ends first."""
    return min(list(_watched.values()), key=_deadline, default=None)  # a list: others change the dict meanwhile


def _deadline(watched: Watched) -> int:
    return watched[0]


def _take(watched: Watched) -> bool:
    """Say whether *watched* still is, and watch it no longer."""
    _, call, subjects = watched
    subject = subjects[0] if subjects else call
    if _watched.get(subject) is not watched:
        return False
    return _watched.pop(subject, None) is not None


_LONGEST_SLEEP = 3600.0
"""Seconds; no invocation of Lambda has more than 900."""
_SHORTEST_SLEEP = 100_000_000
"""Nanoseconds that the thread sleeps at least while there is nothing to watch."""


def _call(watched: Watched) -> None:
    _, call, subjects = watched
    try:
        call(*subjects)
    except Exception as error:  # noqa: BLE001  the thread lives as long as the process
        from obskit import output

        output.fault("watchdog", error)


def _forget_thread() -> None:
    """A forked child has no such thread; its next invocation starts one."""
    global _until, _bell
    _watched.clear()
    _until, _bell = 0, allocate_lock()


os.register_at_fork(after_in_child=_forget_thread)
