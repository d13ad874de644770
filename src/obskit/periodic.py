"""
Calls a function every ten seconds, and once more when the process ends: for programs that have no invocations.

The thread is started by the first `start` and lives as long as the process. The end is told by `atexit`, and by SIGTERM
where nobody else takes it: that is how ECS ends a task, and Python would end without `atexit`.
"""

from __future__ import annotations

import atexit
import os
import signal
import threading
from _thread import allocate_lock, start_new_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

EVERY_S = 10.0

_call: Callable[[], None] | None = None
_ended = False
_terminates = False
"""Whether SIGTERM is ours."""


def start(call: Callable[[], None]) -> bool:
    """
    Have *call* called from now on; once is enough, and again does no harm.

    False where that cannot be: the process is ending, or it can have no thread. *call* must not raise.
    """
    global _call, _ended  # noqa: PLW0603  their one home
    if _ended:
        return False
    if _call is None:
        _call = call
        try:
            start_new_thread(_run, ())
            atexit.register(_at_exit)
        except RuntimeError:  # no thread is to be had, or the interpreter is already ending
            _ended = True
            return False
    if not _terminates and threading.current_thread() is threading.main_thread():
        _take_sigterm()
    return True


def _run() -> None:
    sleeping = allocate_lock()
    sleeping.acquire()
    while not _ended:
        sleeping.acquire(timeout=EVERY_S)
        _now()


def _now() -> None:
    if _call is not None:
        _call()


def _at_exit() -> None:
    global _ended  # noqa: PLW0603
    _ended = True  # what comes later is written at once
    _now()


def _take_sigterm() -> None:
    global _terminates  # noqa: PLW0603
    _terminates = True
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _terminate)


def _terminate(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  what a handler is given
    """Write what waits, then let the signal do what it would have done."""
    _now()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _forget_thread() -> None:
    """A forked child has no such thread; its next `start` makes one. Its signal handler it has, and `atexit` too."""
    global _call, _ended
    _call, _ended = None, False


os.register_at_fork(after_in_child=_forget_thread)
