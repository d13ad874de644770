"""The standard streams: what is printed is masked and leaves as whole lines through `output`."""

from __future__ import annotations

import atexit
import io
import os
import sys
from _thread import RLock, get_ident

from obskit import output
from obskit.masking import audit, mask_text
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

_MOST_WITHIN = 2
"""A signal handler may write while its thread does; whoever writes within that is obskit itself, in a loop."""


class _Line:
    """What a thread has written without an end so far: the last write may hold whole lines before it."""

    __slots__ = ("cut", "has_ends", "pieces", "size")

    def __init__(self) -> None:
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
            self.pieces = [_cut(mask_text(_readable(self.text()), audit.LOG)[:-_MARGIN])]
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
        if not last or not (last[-1] + text[0]).isalnum() or last[-1].isdigit() == text[0].isdigit():
            return text
        if len(last) >= _SHORTEST_PIECE:
            self.pieces[-1] = mask_text(_readable(last), audit.LOG)
        return mask_text(_readable(text), audit.LOG) if len(text) >= _SHORTEST_PIECE else text

    def text(self) -> str:
        return "".join(self.pieces)


_lines: dict[tuple[int, int], _Line] = {}
"""What waits for its end, by thread and stream, the oldest first."""

_within: dict[int, int] = {}
"""How many writes a thread is in, by thread."""

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
    atexit.unregister(flush)
    for attributes, before in reversed(_patched):
        if before is None:
            del attributes["write"]
        else:
            attributes["write"] = before
    _patched.clear()


def flush() -> None:
    """Write the lines that wait for their end, each as a line of its own. Never raises."""
    if not _lines:
        return
    with _lock:
        waiting = [line.text() for line in _lines.values()]
        _lines.clear()
    for text in waiting:
        _emit(text + "\n")


def enter() -> bool:
    """Say whether this thread may write, and have it be in a write until `leave`; False is a loop."""
    thread = get_ident()
    depth = _within.get(thread, 0)
    if depth >= _MOST_WITHIN:
        return False
    _within[thread] = depth + 1
    return True


def leave() -> None:
    """End what `enter` began."""
    thread = get_ident()
    depth = _within.get(thread, 0)
    if depth > 1:
        _within[thread] = depth - 1
    else:
        _within.pop(thread, None)


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
        _take(number, text if type(text) is str else str.__str__(text))
        return len(text)

    return write


def _bytes_writer(stream: Any, number: int) -> Callable[..., int]:
    def write(data: Any, /) -> int:
        if isinstance(data, str) or stream.closed:
            return type(stream).write(stream, data)  # type: ignore[no-any-return]  # raises what it always raised
        view = memoryview(data)
        # A letter may come in two writes: its halves are kept as surrogates until the line is whole.
        _take(number, bytes(view).decode("utf-8", "surrogateescape"))
        return view.nbytes

    return write


def _take(number: int, text: str) -> None:
    """
    Write the lines that *text* makes whole; what has no end yet waits.

    `print` writes the end by itself: whole lines before an open one wait for the thread's next write, so that a
    document of several lines is masked as one.
    """
    if not text:
        return
    key = (get_ident(), number)
    spare = ""
    with _lock:
        line = _lines.get(key)
        if text[-1] == "\n":
            if line is not None:
                del _lines[key]
                text = line.end(text)
        else:
            if line is None:
                if len(_lines) >= _MOST_LINES:
                    spare = _lines.pop(next(iter(_lines))).text() + "\n"
                line = _lines[key] = _Line()
            text = line.add(text)
    if spare:
        _emit(spare)
    if text:
        _emit(text)


def _emit(lines: str) -> None:
    """
    Write whole *lines*, masked. Never raises.

    Those of one write are masked together: a private key or a printed document has several.
    """
    if not enter():
        output.fault("streams", RecursionError())
        return
    try:
        masked = mask_text(_readable(lines[:-1]), audit.LOG)
        if len(masked) > LOG_EVENT_BYTES // 4:  # a letter is four bytes at most
            masked = "\n".join(map(_shortened, masked.split("\n")))
        output.write(masked + "\n")
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("streams", error)
    finally:
        leave()


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
    _within.clear()


os.register_at_fork(after_in_child=_forget)
