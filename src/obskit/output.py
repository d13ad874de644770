"""The only writer: masked documents become whole lines on standard output; obskit's own faults are told here."""

from __future__ import annotations

import os
import time
from _thread import RLock
from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined]  # not in the stubs

from obskit import clock
from obskit.errors import is_interruption
from obskit.masking import audit, mask_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from obskit.masking import Masked

STDOUT = 1

_WAITS_WHEN_FULL = 200
"""Waits of 5 ms for a full pipe. After a reader has hung for that second nothing waits for it until it reads again."""

encode_text = encode_basestring
"""Text of a masked string: quoted, letters beyond ASCII as they are."""

_faults: dict[str, int] = {}
_first: dict[str, object] = {}
"""What was told of each place: an object of whoever was first."""
_told = 0
"""Faults that a metric has told of."""
# Lines are longer than what the system writes as one piece; a signal handler may log while its own thread writes.
_lock = RLock()
_counting = RLock()
_stuck = False
_torn = False
_writer: Callable[[bytes], None] | None = None


def _refuse(value: object) -> object:
    raise TypeError(f"{type(value).__name__} is not a JSON type")


# `JSONEncoder.encode` builds this encoder anew for every call, which costs more than the encoding of a log line.
# Its arguments: no cycle check, no default, escaper, no indent, separators, unsorted, bad keys refused, NaN refused.
_encoder = c_make_encoder(None, _refuse, encode_basestring, None, ":", ",", False, False, False)


def encode_json(value: object) -> str:
    """Return a masked *value* as JSON: one line, no spaces, NaN refused."""
    return "".join(_encoder(value, 0))


def encode(document: Masked) -> str:
    """Return *document* as one line of JSON without its newline."""
    return "".join(_encoder(document, 0))


def write(lines: str) -> None:
    """
    Write whole *lines*, each ended by a newline, at once: past Python's own buffers, out even if the process is killed.

    *lines* come from `encode`, or are put together from parts that were masked. Never raises: what cannot be
    written is counted in `faults`.
    """
    if not lines:
        return
    try:
        data = lines.encode("utf-8", "replace")
        if _writer is not None:
            _writer(data)
            return
        with _lock:
            if _torn or _stuck:
                written = 0
            else:
                try:
                    written = os.write(STDOUT, data)
                except BlockingIOError:
                    written = 0
                if written == len(data):  # as nearly always
                    return
            _write_rest(data, written)
    except OSError as error:
        if is_interruption(error):
            raise
        count_fault("stdout")  # nobody reads the other end: telling it on the same stream would fail too


def _write_rest(data: bytes, written: int) -> None:
    """Write what is left of *data*, of which so many bytes are *written*: the pipe was full, or is since long."""
    global _stuck, _torn  # noqa: PLW0603  the one home of this state
    left: bytes | memoryview = memoryview(data)[written:] if written else b"\n" + data if _torn else data
    whole = len(left) + written
    waits = _WAITS_WHEN_FULL if _stuck else 0
    try:
        while left:
            try:
                left = memoryview(left)[os.write(STDOUT, left) :]
                _stuck = False
            except BlockingIOError:
                waits += 1
                if waits > _WAITS_WHEN_FULL:
                    _stuck = True
                    raise
                _wait_writable()
    finally:
        if len(left) < whole:
            _torn = len(left) > 0  # half a line is out: the next write ends it, so that only this one is lost


def _forget_lock() -> None:
    """Give a forked child locks of its own: another thread of the parent may have held these."""
    global _lock, _counting
    _lock, _counting = RLock(), RLock()


os.register_at_fork(after_in_child=_forget_lock)


def _wait_writable() -> None:
    import select  # only for a pipe that is full and does not block

    select.select([], [STDOUT], [], 0.005)


def fault(where: str, error: BaseException | str) -> None:
    """
    Count a fault of obskit's own, and tell the first one of each place on a line of its own.

    The type of an exception is told, its text is not: it may hold the data that could not be handled. What a signal
    handler of the user's has raised is no fault: it goes on.
    """
    try:
        _tell(where, error)
    except RecursionError:  # no room on the stack, which is the fault itself: another one of this place is told
        if where in _first:
            del _first[where]  # noqa: RUF051  `pop` is a call


def _tell(where: str, error: BaseException | str) -> None:
    if isinstance(error, BaseException) and is_interruption(error):
        raise error
    count_fault(where)
    mine = object()
    if _first.setdefault(where, mine) is not mine:  # one step, so that of two threads, too, one alone is first
        return
    what = mask_text(error, audit.LOG) if isinstance(error, str) else type(error).__name__
    line = {"level": "WARN", "message": "obskit: telemetry fault", "obskit_fault": where, "reason": what}
    write('{"timestamp":"' + timestamp() + '",' + encode_json(line)[1:] + "\n")


def count_fault(where: str) -> None:
    """Count a fault at *where* that is not told."""
    with _counting:
        _faults[where] = _faults.get(where, 0) + 1


def has_new_faults() -> bool:
    """Say whether there were faults since `take_new_faults` was called."""
    return _told != sum(_faults.values()) if _faults else False


def take_new_faults() -> int:
    """Return how many faults there were since the last call."""
    global _told
    with _counting:
        total = sum(_faults.values())
        new, _told = total - _told, total
    return new


def faults() -> dict[str, int]:
    """Return how often obskit itself failed, by place, since the process began."""
    return dict(_faults)


_minute = (1 << 63, "")
"""The last minute that was written: when it began, in nanoseconds, at first beyond any clock, and its text; one object,
so that threads see both or neither."""


def timestamp() -> str:
    """Return the time as RFC 3339 in UTC with milliseconds: what Lambda's level filter needs to trust a line."""
    global _minute  # noqa: PLW0603  its one home
    start, minute = _minute
    now = clock.time_ns()
    within = now - start
    if not 0 <= within < 60_000_000_000:  # not by the second: most first lines would pay
        within = now % 60_000_000_000
        start = now - within
        minute = time.strftime("%Y-%m-%dT%H:%M:", time.gmtime(start // 1_000_000_000))
        _minute = (start, minute)
    digits = str(100_000 + within // 1_000_000)  # in half the time of formats with leading zeros
    return f"{minute}{digits[1:3]}.{digits[3:]}Z"


def redirect(writer: Callable[[bytes], None] | None) -> Callable[[bytes], None] | None:
    """Send what is written to *writer* instead of standard output, None to undo; returns the one before."""
    global _writer
    before, _writer = _writer, writer
    return before


def reset() -> None:
    """Forget the faults that were counted."""
    global _told  # noqa: PLW0603
    with _counting:
        _faults.clear()
        _first.clear()
        _told = 0
