"""Lines of logs in bounded memory: read from plain or compressed input, changed in their own encoding."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, BinaryIO, cast

from obskit.captured import GZIP, UNREADABLE
from obskit.masking import mask_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import BufferedReader

    Change = Callable[[str], str]
    """Text in, masked text out."""

LONGEST = 1 << 20
"""Bytes of a line that is masked as a whole: what CloudWatch Logs takes as one event."""

_PIECE = 32 * 1024
"""Bytes of the pieces of a longer line. They are short, for the engine looks for few documents in one text."""

_NEAR = 8 * 1024
"""Bytes on each side of a cut that decide whether it is safe. A private key has half of that."""

_SEPARATORS = (b"},", b",", b" ", b"\t")
"""Where a line may be cut, best first."""

_TRIES = 5
"""Places that are tried with each separator."""

_CONTINUATION = bytes(range(0x80, 0xC0))
_NOT_ASCII = bytes(range(0x80, 0x100))


class UnreadableInputError(Exception):
    """An input that cannot be read as lines; says why."""


def opened(file: BufferedReader) -> BinaryIO:
    """
    Return *file*, uncompressed if its first bytes say that it is gzip.

    Raises:
        UnreadableInputError: nothing would be found in it, for it is in a form that has to be undone first.
    """
    first = file.peek(16)
    for sign, reason in UNREADABLE.items():
        if first.startswith(sign):
            raise UnreadableInputError(reason)
    return cast("BinaryIO", gzip.GzipFile(fileobj=file)) if first.startswith(GZIP) else file


def changed_lines(file: BinaryIO, change: Change, refuse: Callable[[], str]) -> Iterator[bytes]:
    """
    Yield the lines of *file*, their text by *change*; one longer than `LONGEST` as several parts.

    What *refuse* returns stands for the rest of a line that can neither be held nor be cut.
    """
    while line := file.readline(LONGEST):
        if len(line) < LONGEST or line.endswith(b"\n"):
            yield changed(line, change)
        else:
            yield from _pieces(line, file, change, refuse)


def changed(line: bytes, change: Change) -> bytes:
    r"""
    Return *line*, its text by *change*, in its own encoding: UTF-8, or else Latin-1, which all bytes are.

    >>> changed(b"caf\xe9 ann@example.com\r\n", mask_text)
    b'caf\xe9 [EMAIL]\r\n'
    """
    said = line.rstrip(b"\r\n")
    try:
        text, encode = said.decode(), _utf8
    except UnicodeDecodeError:
        text, encode = said.decode("latin-1"), _latin1
    masked = change(text)
    return line if masked == text else encode(masked) + line[len(said) :]


def _utf8(text: str) -> bytes:
    return text.encode()


def _latin1(text: str) -> bytes:
    """Return *text* in Latin-1; what that lacks was an escape in JSON, and becomes one again."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        chars = (char if char < "\u0100" else json.dumps(char)[1:-1] for char in text)
        return "".join(chars).encode("latin-1")


def _pieces(begun: bytes, file: BinaryIO, change: Change, refuse: Callable[[], str]) -> Iterator[bytes]:
    """Yield the long line that has *begun*, the last part with the line's end."""
    while True:
        while len(begun) < _PIECE + _NEAR and not begun.endswith(b"\n") and (more := file.readline(_PIECE)):
            begun += more
        if len(begun) < _PIECE + _NEAR:
            yield changed(begun, change)
            return
        cut = _cut(begun)
        if not cut:
            break
        yield changed(begun[:cut], change)
        begun = begun[cut:]
    yield refuse().encode()
    while not begun.endswith(b"\n") and (more := file.readline(_PIECE)):
        begun = begun[-1:] + more  # a carriage return may be the last byte of the part before
    yield begun[len(begun.rstrip(b"\r\n")) :]


def _cut(line: bytes) -> int:
    """Return where the first piece of *line* ends, behind a document rather than a word; 0 for nowhere."""
    for separator in _SEPARATORS:
        end = _PIECE
        for _ in range(_TRIES):
            place = line.rfind(separator, _NEAR, end)
            if place < 0:
                break
            cut = place + len(separator)
            if _is_safe(line, cut):
                return cut
            end = place
    return 0


def _is_safe(line: bytes, cut: int) -> bool:
    """Say whether *line* can be cut at *cut*: what is near it is masked the same, whether whole or in halves."""
    before = line[cut - _NEAR : cut].lstrip(_CONTINUATION)
    after = line[cut : cut + _NEAR].rstrip(_NOT_ASCII)
    return changed(before + after, mask_text) == changed(before, mask_text) + changed(after, mask_text)
