"""Text of others on somebody's terminal: what it would do there instead of being read is made visible."""

from __future__ import annotations

_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
_TURNS = (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Marks that turn the direction of what follows: text that reads as another. Unicode Technical Report 36."""

_VISIBLE = {number: f"\\x{number:02x}" for number in _CONTROLS} | {number: f"\\u{number:04x}" for number in _TURNS}
_VISIBLE |= {ord("\t"): "\t", ord("\n"): "\\n", ord("\r"): "\\r"}
_LINES = {**_VISIBLE, ord("\n"): "\n"}
_IN_JSON = {number: f"\\u{number:04x}" for number in (*range(0x7F, 0xA0), *_TURNS)}


def visible(text: str, *, lines: bool = False) -> str:
    r"""
    Return *text* without control characters: it clears no screen, names no window and hides no line.

    Args:
        text: of a log, a template, a file name: of anybody.
        lines: whether it may have several lines.

    >>> visible("\x1b[2Jall is well\nreally")
    '\\x1b[2Jall is well\\nreally'
    """
    return text.translate(_LINES if lines else _VISIBLE)


def in_json(document: str) -> str:
    r"""
    Return the JSON *document* with escapes for what JSON allows in a text, and a terminal obeys.

    >>> print(in_json('"\x9b2J"'))
    "\u009b2J"
    """
    return document.translate(_IN_JSON)
