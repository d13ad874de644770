"""Documents inside text: JSON, after a prefix too and in several layers, and base64."""

from __future__ import annotations

import json
import re
from binascii import Error, a2b_base64, b2a_base64

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_DOCUMENT = re.compile(r'\{\s{0,64}+"|\[\s{0,64}+[{"\[]')
_LONGEST_KEY = 80
_KEY_REVERSED = re.compile(r"\s{0,3}[:=]\s{0,3}[\"'\\]{0,3}([A-Za-z0-9_.$-]{1,64})")
_TRIES = 200
"""Braces of one text that may begin JSON and do not: each costs a look at the rest of it."""
_TOO_DEEP = _TRIES // 5
"""What one costs that begins more levels than can be read: the way down and back up again is long."""

TOO_MUCH = "[TOO MUCH]"

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_="
_CONTROLS = bytes(code for code in range(32) if chr(code) not in "\n\r\t")


class DoubledKey(str):
    """A key that equals only itself, so that a dict holds a doubled one twice."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return *pairs* as a dict; where the last of a key would hide the others, every one is kept to be masked."""
    plain = dict(pairs)
    return plain if len(plain) == len(pairs) else {DoubledKey(key): value for key, value in pairs}


_decoder = json.JSONDecoder(object_pairs_hook=_pairs)


def mask_json(text: str, mask: Callable[[object, str], object], rest: Callable[[str], str]) -> str | None:
    """
    Return *text* with the JSON in it masked by *mask*, and what stands around it by *rest*; None if it has none.

    *mask* gets the value and the key that stands before it, if one does: `customer={…}`. JSON in which nothing is
    masked stays as it is written.
    """
    parts: list[str] = []
    done, start, failed = 0, _next_document(text, 0), 0
    while start >= 0 and failed < _TRIES:
        value, stop, cost = _decoded(text, start)
        if isinstance(value, (dict, list)) or (isinstance(value, str) and not text[stop:].strip()):
            if stop - start == len(text):  # most: nothing stands around it
                return _written(value, mask(value, ""), text)
            parts.append(rest(text[done:start]))
            parts.append(_written(value, mask(value, _key_before(text, start)), text[start:stop]))
            done = stop
        else:
            failed += cost
        start = _next_document(text, stop)
    if start >= 0:  # too many false starts: what stands behind them has not been read as what it is
        parts += (rest(text[done:start]), TOO_MUCH)
        done = len(text)
    if not parts:
        return None
    return "".join((*parts, rest(text[done:])))


def _key_before(text: str, start: int) -> str:
    """Return the key whose value begins at *start*, an empty string if there is none."""
    found = _KEY_REVERSED.match(text[max(0, start - _LONGEST_KEY) : start][::-1])
    return found[1][::-1] if found is not None else ""


def _decoded(text: str, start: int) -> tuple[object, int, int]:
    """Return the value that is written in *text* at *start*, where it ends, and how many of the tries that was."""
    try:
        return *_decoder.raw_decode(text, start), 1
    except ValueError:
        return None, start + 1, 1
    except RecursionError:
        return None, start + 1, _TOO_DEEP


def _next_document(text: str, start: int) -> int:
    """Return where an object, a list of objects or of texts may begin in *text*, or at *start* a quoted text; or -1."""
    if start == 0:
        lead = text.lstrip()
        if lead[:1] in ("{", "[", '"'):
            return len(text) - len(lead)
    found = _DOCUMENT.search(text, start)
    return found.start() if found is not None else -1


def _written(value: object, masked: object, text: str) -> str:
    if masked == value:
        return text
    colon = text.find('":')
    spaced = text[colon + 2 : colon + 3] == " " if colon >= 0 else ", " in text
    return _ENCODE[text.isascii(), spaced](masked)


_ENCODE = {
    (ascii_only, spaced): json.JSONEncoder(ensure_ascii=ascii_only, separators=None if spaced else (",", ":")).encode
    for ascii_only in (True, False)
    for spaced in (True, False)
}


def mask_base64(text: str, mask: Callable[[str], str]) -> str | None:
    """
    Return *text*, base64 of readable text, with what it says masked; None if it is not, or holds nothing to mask.

    The text may be packed by gzip: so CloudWatch Logs hands log events to a function.
    """
    if len(text) % 4 == 1 or not text.isascii() or text.encode().translate(None, _BASE64):
        return None
    standard = text.replace("-", "+").replace("_", "/")
    try:
        data = a2b_base64(standard + "=" * (-len(standard) % 4))
        packed = data.startswith(_GZIP)
        if packed:
            data = _unpacked(data)
            if len(data) >= _MOST_UNPACKED:
                return TOO_MUCH
        said = data.decode()
    except (Error, ValueError):
        return None
    if len(data.translate(None, _CONTROLS)) < len(data):
        return None
    masked = mask(said)
    if masked == said:
        return None
    data = masked.encode("utf-8", "replace")
    return b2a_base64(_packed(data) if packed else data, newline=False).decode()


_GZIP = b"\x1f\x8b\x08"
_MOST_UNPACKED = 4_000_000
"""Bytes that are unpacked; of what is longer nothing is kept."""


def _unpacked(data: bytes) -> bytes:
    """
    Return what is in *data*, packed by gzip, up to `_MOST_UNPACKED` bytes.

    Raises:
        ValueError: it is broken.
    """
    import zlib  # only where somebody packed something

    try:
        return zlib.decompressobj(31).decompress(data, _MOST_UNPACKED)  # 31: with gzip's own head
    except zlib.error as error:
        raise ValueError("not packed by gzip") from error


def _packed(data: bytes) -> bytes:
    import zlib

    work = zlib.compressobj(wbits=31)
    return work.compress(data) + work.flush()
