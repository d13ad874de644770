"""Text in, masked text out: cheap gates first, then the detectors that a gate lets through."""

from __future__ import annotations

from obskit.masking.classes import SECRET

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Found = list[tuple[int, int, str]]
    """Spans in folded text with the class of each: (start, end, class)."""

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = "0123456789"

SHADOW = bytes(
    ord("0") if chr(code) in _DIGITS else ord("a") if chr(code) in _LETTERS else code for code in range(256)
)
"""Text with `0` for every digit and `a` for every letter: what can be searched for becomes a literal."""
_HARMLESS_ALONE = "".join(map(chr, range(0x21))) + _LETTERS + ".,!?'\"_-/()<>*#$|;~^`}]+"
_ONLY_TELLING = bytes(SHADOW)
_DELETED = _HARMLESS_ALONE.encode()

_HEX = bytes(ord("h") if chr(code) in "0123456789abcdefABCDEF" else code for code in range(256))


def _shapes() -> frozenset[bytes]:
    h4, h8, h16, h32 = "hhhh", "h" * 8, "h" * 16, "h" * 32
    uuid = f"{h8}-{h4}-{h4}-{h4}-{h8}{h4}"
    day, time = "hhhh-hh-hh", "hh:hh:hh"
    moments = [day]
    for joint in "T ":
        for fraction in ("", ".h", ".hh", ".hhh", ".hhhhhh", ".hhhhhhhhh", ",hhh"):
            moments += [f"{day}{joint}{time}{fraction}{zone}" for zone in ("", "Z", "+hh:hh", "-hh:hh", "+hhhh")]
    ids = [uuid, uuid.replace("-", "_"), h32, h8 * 5, h32 * 2, h32 * 4, f"h-{h8}-{h16}{h8}", f"hh-{h32}-{h16}-hh"]
    root = f"Root=h-{h8}-{h16}{h8}"
    ids += [root, f"{root};Phrhnt={h16};Shmplhh=h"]
    return frozenset(shape.encode() for shape in [*ids, *moments, time, f"{time}.hhh"])


_SHAPES = _shapes()
"""Whole leaves that are ids or moments, with `h` for every hexadecimal digit: UUID, trace ids, hashes, RFC 3339."""
_SHAPE_LENGTHS = frozenset(map(len, _SHAPES))

_SHORTEST = 6
"""Characters of the shortest personal value that is known by its form: a@b.de."""

_REMEMBERED = 4096
_LONGEST_REMEMBERED = 64
_MOST_DIGITS_REMEMBERED = 6

clean: set[str] = set()
"""
Texts that were found to hold nothing, so that they need not be looked at again.

Bounded; short ones only, and with fewer digits than a telephone number, so that nothing personal stays in memory.
"""


def spans(text: str) -> Found:
    """Return what is secret or personal in *text*, in order, none touching another."""
    if text in clean:
        return _NOTHING
    size = len(text)
    if text.isascii():
        if size < _SHORTEST:
            return _NOTHING
        data = text.encode()
        telling = data.translate(_ONLY_TELLING, _DELETED)
        if not telling:
            if size < 20 or ("IA" not in text and "CCA" not in text):  # letters may be an AWS key: AKIA…, ACCA…
                _remember(text, size, 0)
                return _NOTHING
        elif size in _SHAPE_LENGTHS and data.translate(_HEX) in _SHAPES:
            return _NOTHING
        folded = text
        if b"%" in telling or b"\\" in telling or b"&" in telling or "\x1b" in text:
            from obskit.masking.fold import fold

            folded = fold(text)
            data = folded.encode()
            telling = data.translate(_ONLY_TELLING, _DELETED)
    else:
        from obskit.masking.fold import fold

        folded = fold(text)
        if len(folded) < _SHORTEST:
            return _NOTHING
        data = folded.encode()
        telling = data.translate(_ONLY_TELLING, _DELETED)
    found: Found = []
    signs = telling.decode()
    digits = signs.count("0")
    _detect(folded, data, signs, digits, found)
    if not found:
        _remember(text, size, digits)
        return found
    return _merged(found if folded is text else [_whole(text, folded, *span) for span in found])


def _whole(text: str, folded: str, start: int, end: int, name: str) -> tuple[int, int, str]:
    """Return a span that takes the whole of the escape it begins with, such as `%2B` for a plus."""
    if folded[start] != text[start] and text[start].isascii():
        while start and folded[start - 1] != text[start - 1] and folded[start - 1] in " x" and text[start] not in "%\\&":
            start -= 1
    return start, end, name


_NOTHING: Found = []


def _remember(text: str, size: int, digits: int) -> None:
    if size <= _LONGEST_REMEMBERED and digits <= _MOST_DIGITS_REMEMBERED:
        if len(clean) >= _REMEMBERED:
            clean.clear()
        clean.add(text)


_detectors: dict[str, Callable[..., None]] = {}
"""Loaded when a gate first lets something through: a function that logs plain words never pays for them."""


def _detect(text: str, data: bytes, signs: str, digits: int, found: Found) -> None:
    if "detect" not in _detectors:
        from obskit.masking.detection import detect

        _detectors["detect"] = detect
    _detectors["detect"](text, data, signs, digits, found)


def _merged(found: Found) -> Found:
    """Return *found* in order; of those that overlap one is made, secret if any is, else of the longer one's class."""
    found.sort()
    merged = [found[0]]
    for start, end, name in found[1:]:
        first, last, before = merged[-1]
        if start >= last:
            merged.append((start, end, name))
            continue
        if SECRET not in (before, name) and end - start > last - first:
            before = name
        elif name == SECRET:
            before = SECRET
        merged[-1] = (first, max(last, end), before)
    return merged
