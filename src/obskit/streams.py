"""The standard streams: what is printed is masked and leaves as whole lines through `output`."""

from __future__ import annotations

import atexit
import io
import os
import sys
from _thread import RLock, _local
from itertools import count

from obskit import output
from obskit.masking import audit, mask_text
from obskit.masking.engine import TOO_MUCH
from obskit.quotas import LOG_EVENT_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_MOST_LINES = 64
"""Lines that wait for their end, one of each thread and stream; the oldest leaves as it is when another comes."""

_CUT = " [CUT]"
_MARGIN = 16 * 1024
"""Characters at the end of a line that is cut where nothing is kept: a value there may be a half."""

_SHORTEST_PIECE = 6
"""Characters of a write that may hold a value by itself: shorter ones are letters of a text that is written in bits."""

_CONTEXT = 64
"""Characters that are kept of the end of half a line that had to leave: `password: ` says what comes after it."""

_MOST_CONTEXTS = 256

_UNREADABLE = "[UNREADABLE]"

_MOST_WITHIN = 2
"""A signal handler may write while its thread does; whoever writes within that is obskit itself, in a loop."""


class _Line:
    """What a thread has written without an end so far: the last write may hold whole lines before it."""

    __slots__ = ("context", "cut", "has_ends", "pieces", "size")

    def __init__(self, context: str = "") -> None:
        self.context = context
        self.pieces: list[str] = []
        self.size = 0
        self.has_ends = False
        self.cut = False

    def add(self, text: str) -> str:
        """Take *text*, which ends in mid-line; returns the whole lines that earlier writes have left."""
        whole = ""
        if self.has_ends:
            whole, _, rest = self.text().rpartition("\n")
            whole += "\n"
            self.pieces, self.size, self.cut = [rest], len(rest), False
        self.has_ends = "\n" in text
        if self.cut:
            if not self.has_ends:
                return whole
            text = text[text.index("\n") :]  # of a line that was cut, only its end is still of use
            self.cut = False
        self.pieces.append(self._parted(text))
        self.size += len(text)
        if self.size > LOG_EVENT_BYTES and not self.has_ends:
            masked = mask_text(_readable(self.text()), audit.LOG)
            self.pieces = [_cut(masked if masked == TOO_MUCH else masked[:-_MARGIN])]
            self.cut = True
        return whole

    def end(self, text: str) -> str:
        """Return what has waited together with *text*, which ends it."""
        text = text[text.index("\n") :] if self.cut else self._parted(text)
        return self.text() + text

    def _parted(self, text: str) -> str:
        """
        Return *text*, masked by itself where it makes one word with the write before, which is masked so, too.

        `print(card, end="")` and `print("paid")` end as `…1111paid`, in which no card number is seen. Only where a
        digit meets a letter: what is cut elsewhere may be one value, of which a half would be masked here.
        """
        last = self.pieces[-1] if self.pieces else ""
        if not _is_joint(last[-1:] + text[0]):
            return text
        if len(last) >= _SHORTEST_PIECE:
            self.pieces[-1] = mask_text(_readable(last), audit.LOG)
        return mask_text(_readable(text), audit.LOG) if len(text) >= _SHORTEST_PIECE else text

    def text(self) -> str:
        return "".join(self.pieces)


class _Thread(_local):
    """What is kept of each thread, and ends with it: the system gives its own number to the next one."""

    def __init__(self) -> None:  # once in each thread
        self.number = next(_numbers)
        self.within = 0
        """How many writes the thread is in."""


_numbers = count()
_thread = _Thread()

_lines: dict[tuple[int, int], _Line] = {}
"""What waits for its end, by thread and stream, the oldest first."""

_contexts: dict[tuple[int, int], str] = {}
"""The end of what had to leave as half a line, by thread and stream, the oldest first."""

_too_deep: dict[int, bool] = {}
"""Streams that lost text for a stack without room: told at the next `flush`."""

_lock = RLock()  # a signal handler may print while its own thread does
_patched: list[tuple[dict[str, Any], object]] = []
"""The attributes of each object that was changed, and the `write` that was among them before, if one was."""


def install() -> None:
    """
    Mask what is written to the standard streams from now on, by whatever object or method of theirs.

    Their own objects are changed, not replaced: a handler or a variable may hold one of them, or one of their methods.
    """
    if _patched:
        return
    for number, stream in _standard_streams():
        buffer = stream.buffer
        _patch(stream, _text_writer(stream, number))
        # Methods that somebody kept end in the buffer or in the file below it.
        _patch(buffer, _bytes_writer(buffer, number))
        raw = getattr(buffer, "raw", None)
        if raw is not None:
            _patch(raw, _bytes_writer(raw, number))
    atexit.register(flush)


def uninstall() -> None:
    """Write what waits, and leave the streams as they were."""
    flush()
    _contexts.clear()
    atexit.unregister(flush)
    for attributes, before in reversed(_patched):
        if before is None:
            del attributes["write"]
        else:
            attributes["write"] = before
    _patched.clear()


def flush() -> None:
    """
    Write the lines that wait for their end, each as a line of its own. Never raises.

    Nothing of this thread is in a write then, whatever a signal handler's exception has left behind.
    """
    _thread.within = 0
    if _too_deep:
        _too_deep.clear()
        output.fault("streams", RecursionError())
    if not _lines:
        return
    try:
        with _lock:
            waiting = [half for key in list(_lines) if (half := _half(key)) is not None]
        for half in waiting:
            _emit(*half)
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("streams", error)


def guarded(where: str, work: Callable[..., None], *given: object) -> None:
    """Do *work*, which writes, unless this thread is in a loop of it. What it raises is a fault at *where*."""
    depth = _thread.within
    if depth >= _MOST_WITHIN:
        output.fault(where, RecursionError())
        return
    try:
        _thread.within = depth + 1
        work(*given)
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault(where, error)
    finally:
        _thread.within = depth  # not one less: what an exception of a signal handler has left above is healed


def _standard_streams() -> Iterator[tuple[int, io.TextIOWrapper]]:
    """Return the text streams of descriptors 1 and 2, from below what they are wrapped in."""
    seen: set[int] = set()
    for number, stream in ((1, sys.stdout), (2, sys.stderr), (1, sys.__stdout__), (2, sys.__stderr__)):
        inner: Any = stream
        for _ in range(8):  # the Lambda client wraps a stream, once or twice, and keeps it under this name
            if isinstance(inner, io.TextIOWrapper) or "stream" not in getattr(inner, "__dict__", ()):
                break
            inner = inner.stream
        if isinstance(inner, io.TextIOWrapper) and id(inner) not in seen:
            seen.add(id(inner))
            yield number, inner


def _patch(stream: Any, write: Callable[..., int]) -> None:
    attributes = vars(stream)
    _patched.append((attributes, attributes.get("write")))
    attributes["write"] = write


def _text_writer(stream: io.TextIOWrapper, number: int) -> Callable[..., int]:
    def write(text: object, /) -> int:
        if not isinstance(text, str) or stream.closed:
            return type(stream).write(stream, text)  # type: ignore[arg-type]  # raises what it always raised
        try:
            _take(number, text if type(text) is str else str.__str__(text))
        except RecursionError:  # the stream itself needs no room for a call, nor does this
            _too_deep[number] = True
        return len(text)

    return write


def _bytes_writer(stream: Any, number: int) -> Callable[..., int]:
    def write(data: Any, /) -> int:
        if isinstance(data, str) or stream.closed:
            return type(stream).write(stream, data)  # type: ignore[no-any-return]  # raises what it always raised
        view = memoryview(data)
        try:  # a letter may come in two writes: its halves are kept as surrogates until the line is whole
            _take(number, bytes(view).decode("utf-8", "surrogateescape"))
        except RecursionError:  # the stream itself needs no room for a call, nor does this
            _too_deep[number] = True
        return view.nbytes

    return write


def _take(number: int, text: str) -> None:
    """Write the lines that *text* makes whole; what has no end yet waits. What fails is replaced, never raised."""
    if not text:
        return
    try:
        ready = _whole_lines((_thread.number, number), text)
    except Exception as error:  # noqa: BLE001  the stream itself would not have raised it
        output.fault("streams", error)
        ready = [(f"{_UNREADABLE}\n", "")]
    for lines, context in ready:
        _emit(lines, context)


def _whole_lines(key: tuple[int, int], text: str) -> list[tuple[str, str]]:
    """
    Return the lines that *text* makes whole, each part with its context.

    `print` writes the end by itself: whole lines before an open one wait for the thread's next write, so that a
    document of several lines is masked as one.
    """
    ready = []
    ends = text[-1] == "\n"
    with _lock:
        # Taken out first: a signal handler that prints meanwhile finds nothing of what its thread is about.
        line = _lines.pop(key, None)
        if line is None:
            line = _Line(_contexts.pop(key, ""))
        context = line.context
        try:
            whole = line.end(text) if ends else line.add(text)
        finally:
            if not ends:
                if key in _lines or len(_lines) >= _MOST_LINES:
                    ready.append(_half(key if key in _lines else next(iter(_lines))))
                _lines[key] = line
        if whole:
            line.context = ""
            ready.append((whole, context))
    return [part for part in ready if part is not None]


def _half(key: tuple[int, int]) -> tuple[str, str] | None:
    """Return the line that waits at *key*, with its context, to be written as it is; what follows will need its end."""
    line = _lines.pop(key, None)
    if line is None:  # a signal handler was faster
        return None
    text = line.text()
    if len(_contexts) >= _MOST_CONTEXTS:
        _contexts.pop(next(iter(_contexts)), None)
    _contexts[key] = (line.context + text[-_CONTEXT:]).rpartition("\n")[2][-_CONTEXT:]
    return text + "\n", line.context


def _emit(lines: str, context: str = "") -> None:
    """
    Write whole *lines*, masked; *context* was written before, as a line of its own. Never raises.

    Those of one write are masked together: a private key or a printed document has several.
    """
    guarded("streams", _write, lines, context)


def _write(lines: str, context: str) -> None:
    masked = _continued(context, lines[:-1]) if context else mask_text(_readable(lines[:-1]), audit.LOG)
    if len(masked) >= LOG_EVENT_BYTES // 4:  # a letter is four bytes at most, and the end is one more
        masked = "\n".join(map(_shortened, masked.split("\n")))
    output.write(masked + "\n")


def _continued(context: str, text: str) -> str:
    """Return *text* masked as what goes on after *context*, which is out already and not repeated."""
    text = mask_text(_readable(text), audit.LOG)  # by itself first: digits of the context may hide those of a number
    known = mask_text(_readable(context), audit.LOG)
    both = mask_text(_readable(context + text), audit.LOG)
    if both.startswith(known):
        return both[len(known) :]
    if known != context:  # together less is seen, or more: go on after what was written
        both = mask_text(known + _readable(text), audit.LOG)
    pairs = enumerate(zip(known, both, strict=False))
    start = next((place for place, (ours, theirs) in pairs if ours != theirs), min(len(known), len(both)))
    mark = both.rfind("[", 0, start)
    return both[start if both.find("]", mark, start) >= 0 or mark < 0 else mark :]


def _is_joint(letters: str) -> bool:
    """Say whether these are a digit and a letter, in whatever order."""
    return len(letters) == 2 and letters.isalnum() and letters[0].isdigit() != letters[1].isdigit()


def _readable(text: str) -> str:
    """Return *text* with the bytes that came as surrogates put together to the letters that they are."""
    if text.isascii():
        return text
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeError:
        return text  # masking replaces what is no letter


def _shortened(line: str) -> str:
    """Return a masked *line*, cut if CloudWatch would not take it."""
    if len(line.encode("utf-8", "replace")) < LOG_EVENT_BYTES:  # its end is one more
        return line
    return _cut(line)


def _cut(line: str) -> str:
    return line.encode("utf-8", "replace")[: LOG_EVENT_BYTES - _MARGIN].decode("utf-8", "ignore") + _CUT


def _forget() -> None:
    """Give a forked child a lock of its own, and nothing of what its parent will write itself."""
    global _lock  # noqa: PLW0603  its one home
    _lock = RLock()
    _lines.clear()
    _contexts.clear()


os.register_at_fork(after_in_child=_forget)
