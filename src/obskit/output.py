"""The only writer: masked documents become whole lines on standard output; obskit's own faults are told here."""

from __future__ import annotations

import os
from _thread import RLock
from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined]  # not in the stubs

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
# Lines are longer than what the system writes as one piece; a signal handler may log while its own thread writes.
_lock = RLock()
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
    return encode_json(document)


def write(lines: str) -> None:
    """
    Write whole *lines*, each ended by a newline, at once.

    *lines* come from `encode`, or are put together from parts that were masked. Never raises: what cannot be
    written is counted in `faults`.
    """
    try:
        data = lines.encode("utf-8", "replace")
        if _writer is not None:
            _writer(data)
        else:
            _write_all(data)
    except OSError:
        # Nobody reads the other end. Telling it on the same stream would fail too, so it is only counted.
        _faults["stdout"] = _faults.get("stdout", 0) + 1


def _write_all(data: bytes) -> None:
    """Write *data* past Python's own buffers, so that it is out even if the process is killed right after."""
    global _stuck, _torn  # noqa: PLW0603  the one home of this state
    with _lock:
        view = memoryview(b"\n" + data if _torn else data)
        whole = len(view)
        waits = _WAITS_WHEN_FULL if _stuck else 0
        try:
            while view:
                try:
                    view = view[os.write(STDOUT, view) :]
                    _stuck = False
                except BlockingIOError:
                    waits += 1
                    if waits > _WAITS_WHEN_FULL:
                        _stuck = True
                        raise
                    _wait_writable()
        finally:
            if len(view) < whole:
                _torn = bool(view)  # half a line is out: the next write ends it, so that only this one is lost


def _forget_lock() -> None:
    """Give a forked child a lock of its own: another thread of the parent may have held this one."""
    global _lock  # noqa: PLW0603
    _lock = RLock()


os.register_at_fork(after_in_child=_forget_lock)


def _wait_writable() -> None:
    import select  # only for a pipe that is full and does not block

    select.select([], [STDOUT], [], 0.005)


def fault(where: str, error: BaseException | str) -> None:
    """
    Count a fault of obskit's own, and tell the first one of each place on a line of its own.

    The type of an exception is told, its text is not: it may hold the data that could not be handled.
    """
    count = _faults.get(where, 0)
    _faults[where] = count + 1
    if count:
        return
    what = mask_text(error, audit.LOG) if isinstance(error, str) else type(error).__name__
    line = {"level": "WARN", "message": "obskit: telemetry fault", "obskit_fault": where, "reason": what}
    write('{"timestamp":"' + _now() + '",' + encode_json(line)[1:] + "\n")


def faults() -> dict[str, int]:
    """Return how often obskit itself failed, by place, since the process began."""
    return dict(_faults)


def _now() -> str:
    import time

    now = time.time_ns() // 1_000_000
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 1000)) + f".{now % 1000:03d}Z"


def redirect(writer: Callable[[bytes], None] | None) -> Callable[[bytes], None] | None:
    """Send what is written to *writer* instead of standard output, None to undo; returns the one before."""
    global _writer
    before, _writer = _writer, writer
    return before


def reset() -> None:
    """Forget the faults that were counted."""
    _faults.clear()
