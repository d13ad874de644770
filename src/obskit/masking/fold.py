"""
Text as the detectors read it: plain ASCII, character for character as long as the original.

Full-width digits, typographic dashes, percent-encoding, JSON and HTML escapes all hide personal data from patterns.
Folding turns each into what it stands for and fills up, so that a span found in the folded text is one of the original.
"""

from __future__ import annotations

import re
import unicodedata

from obskit.masking.classes import TOKEN

_JOINING = "@._%#!$*~^"

LETTER = "z"
"""What a letter of another script is read as: of `x` a name would be a placeholder."""

# What stands before a filler of letters joins on (`ann%40example` is `annxx@example`), a filler of blanks divides.
_PERCENT = {
    **{f"{code:02x}": "   " for code in range(0x21)},
    **{f"{code:02x}": f"  {chr(code)}" for code in range(0x21, 0x7F)},
    "7f": "   ",
    **{f"{code:02x}": LETTER * 3 for code in range(0x80, 0x100)},
    **{f"{ord(char):02x}": f"xx{char}" for char in _JOINING},
}
_PERCENT_CODE = re.compile("%((?:25){0,3})([0-9A-Fa-f]{2})")
"""Encoded twice and three times is met in redirects."""
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|[nrtfvbae0])")
_ENTITY = re.compile(
    r"&(?:#(\d{1,4})|#[xX]([0-9A-Fa-f]{1,4})|(amp|lt|gt|quot|apos|nbsp|commat|period|plus|equals|colon));"
)
_ENTITIES = {
    "amp": "&",
    "lt": "<",
    "gt": ">",
    "quot": '"',
    "apos": "'",
    "nbsp": " ",
    "commat": "@",
    "period": ".",
    "plus": "+",
    "equals": "=",
    "colon": ":",
}
UNSPACED = "\x7f"
"""What a letter without case is read as: a letter in an address, and a border to a number."""

_TOKEN = re.compile(TOKEN)
_COLOUR = re.compile(r"\x1b\[[0-9;]{0,16}[A-Za-z]")
_UNSEEN = re.compile("[\u00ad\u034f\u200c\u200d\u2060\ufe00-\ufe0f]{1,8}+")
"""Marks within a word that nobody sees. A blank of no width is none: text is divided by it."""


_STROKED = {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ß": "s", "\u0131": "i"}
"""Letters that Unicode does not take apart into a plain one and its accent; one for one, so ß is a single s."""


def _one(char: str) -> str:
    """Return the ASCII character that *char* is read as."""
    digit = unicodedata.decimal(char, None)
    if digit is not None or char in _STROKED:
        return str(digit) if digit is not None else _STROKED[char]
    category = unicodedata.category(char)
    if category == "Pd" or char == "\u2212":
        return "-"
    if category[0] == "Z":
        return "\n" if category in ("Zl", "Zp") else " "
    parts = unicodedata.normalize("NFKD", char)
    plain = parts[0]
    if plain.isascii():
        return plain if plain.isalnum() or len(parts) == 1 else "?"  # an ellipsis is no dot
    if category == "Lo":  # letters of scripts that are written without blanks: a number may stand right beside them
        return UNSPACED
    return LETTER if category[0] in "LM" else " " if category[0] == "C" else "?"


class _Letters(dict[int, str]):
    """Characters as they are read, computed when first met."""

    def __missing__(self, code: int) -> str:
        read = _one(chr(code))
        if len(self) < 4096:
            self[code] = read
        return read


_LETTERS = _Letters()


def fold(text: str) -> str:
    """
    Return *text* as the detectors read it: ASCII, of the same length.

    >>> fold("\uff41nn\uff20example.com"), fold("ann%40example.com"), fold("4242\u20114242")
    ('ann@example.com', 'annxx@example.com', '4242-4242')
    """
    if not text.isascii():
        text = _UNSEEN.sub(_joined, text).translate(_LETTERS)
    if "%" in text:
        text = _PERCENT_CODE.sub(_decoded, text)
    if "\\" in text:
        text = _ESCAPE.sub(_unescaped, text)
    if "&" in text and ";" in text:
        text = _ENTITY.sub(_named, text)
    if "\x1b" in text:
        text = _COLOUR.sub(_blank, text)
    return text


def _decoded(found: re.Match[str]) -> str:
    layers, code = found.groups()
    read = _PERCENT[code.lower()]
    return read[0] * len(layers) + read if layers else read


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    if code is None:
        return "  "
    return _filled(chr(int(code, 16)), len(found[0]))


def _named(found: re.Match[str]) -> str:
    code, hexadecimal, name = found.groups()
    char = _ENTITIES[name] if name else chr(int(code) if code else int(hexadecimal, 16))
    return _filled(char, len(found[0]))


def _filled(char: str, length: int) -> str:
    """Return *char* as it is read, filled up on its left to *length*."""
    if not char.isascii():
        char = _one(char)
    char = max(char, " ")
    return char.rjust(length, "x" if char in _JOINING or char.isalnum() else " ")


def _joined(found: re.Match[str]) -> str:
    """Return what stands for marks that nobody sees: letters within an address, blanks elsewhere."""
    text, start, end = found.string, found.start(), found.end()
    before, after = text[start - 1 : start], text[end : end + 1]
    within = (before.isalpha() and after.isalpha() and "@" in text) or _beside_joint(before, after)
    return ("x" if within else " ") * (end - start)


def _beside_joint(before: str, after: str) -> bool:
    """Say whether these letters stand around a place within an address, beside its sign or a dot."""
    return bool(before and after) and (
        (before in _JOINTS and after.isalnum()) or (after in _JOINTS and before.isalnum())
    )


_JOINTS = "@."


def _blank(found: re.Match[str]) -> str:
    """Return what stands for a change of colour: a blank, but a letter within an address."""
    text, start, end = found.string, found.start(), found.end()
    return ("x" if _beside_joint(text[start - 1 : start], text[end : end + 1]) else " ") * (end - start)


def fold_tokens(text: str) -> str:
    """Return *text* with what obskit wrote in the place of values made plain: `[CARD 1111]` holds no number."""
    return _TOKEN.sub(_plain_token, text)


def _plain_token(found: re.Match[str]) -> str:
    from obskit.masking.forms import is_token

    written = found[0]
    return f"[{'X' * (len(written) - 2)}]" if is_token(written) else written
