"""SVG by hand: text that fits, boxes, and colours that stand for a theme's."""

from __future__ import annotations

import re
from html import escape
from typing import NamedTuple

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""Arial's metrics; the first comes with vl-convert, so that a picture is the same on every machine."""

MONO = f"Liberation Mono, DejaVu Sans Mono, Menlo, Consolas, monospace, {FONT}"
"""
The end is for PNGs: in an image of a container there is often no font at all, and text without one is left out.
"""

THEME = {
    "page": ("#f4f6f8", "#0f1419"),
    "card": ("#ffffff", "#182028"),
    "edge": ("#dfe4ea", "#2a3541"),
    "grid": ("#eceff3", "#26303b"),
    "ink": ("#1b2733", "#e6ebf0"),
    "muted": ("#5b6875", "#9aa8b5"),
    "link": ("#0b62b0", "#6cb2f5"),
    "code": ("#f0f2f5", "#222c36"),
    "good": ("#1d7f3f", "#4cc272"),
    "warn": ("#ad5f00", "#f0a33a"),
    "bad": ("#c0341d", "#ff7a66"),
    "info": ("#0073bb", "#58aef0"),
}
"""Name -> colour in the light, in the dark. Text on its ground has a contrast of 4.5 or more."""

_NARROW = dict(
    zip(
        "il'|jfrt I!,./:;[]\\-()`{}\"",
        (
            222,
            222,
            191,
            260,
            222,
            278,
            333,
            278,
            278,
            278,
            278,
            278,
            278,
            278,
            278,
            278,
            278,
            278,
            278,
            333,
            333,
            333,
            333,
            334,
            334,
            355,
        ),
        strict=True,
    )
)
_WIDE = dict.fromkeys("ABEKPSVXY&", 667) | dict.fromkeys("CDHNRUw", 722) | dict.fromkeys("GOQ", 778)
_WIDE |= (
    dict.fromkeys("cksvxyzJ", 500)
    | dict.fromkeys("FTZ", 611)
    | {"m": 833, "M": 833, "W": 944, "%": 889, "@": 1015, "L": 556}
)
_WIDE |= dict.fromkeys("+<>=~", 584) | {"^": 469, "*": 389, "…": 1000, "·": 333, "—": 1000}
_WIDTHS = _NARROW | _WIDE
"""Thousandths of an em in Helvetica and its kin, where it is not 556."""


class Box(NamedTuple):
    """A place, in pixels."""

    x: float
    y: float
    w: float
    h: float


def color(name: str) -> str:
    return f"var(--{name})"


def resolved(drawing: str, *, dark: bool = False) -> str:
    """Return *drawing* with the theme's colours in it: programs other than browsers know no variables."""
    return re.sub(rf"var\(--({'|'.join(THEME)})\)", lambda found: THEME[found[1]][dark], drawing)


def width(text: str, size: float, *, bold: bool = False, mono: bool = False) -> float:
    """Return how wide *text* is drawn at *size*, in pixels, about."""
    if mono:
        return len(text) * size * 0.6
    return sum(_WIDTHS.get(letter, 556) for letter in text) * size / 1000 * (1.09 if bold else 1)


def fitted(text: str, room: float, size: float, *, bold: bool = False, mono: bool = False) -> str:
    """Return *text*, cut with an ellipsis where it is wider than *room*."""
    if width(text, size, bold=bold, mono=mono) <= room:
        return text
    while text and width(text + "…", size, bold=bold, mono=mono) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def text(x: float, y: float, words: str, size: float, /, **look: str) -> str:
    """Draw *words* with their base line at *y*; *look* are attributes, `_` for `-`."""
    attributes = {"fill": color("ink"), **look}
    place = f'x="{short(x)}" y="{short(y)}" font-size="{size:g}"'
    return f"<text {place}{_written(attributes)}>{_said(words)}</text>"


def _said(words: str) -> str:
    """Return *words* as they are read: what looks like a colour of the theme is none, and controls are not XML."""
    plain = re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "�", words)
    return escape(plain, quote=False).replace("var(--", "var(&#45;-")


def rect(box: Box, **look: str) -> str:
    x, y, w, h = map(short, box)
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}"{_written(look)}/>'


def line(x1: float, y1: float, x2: float, y2: float, **look: str) -> str:
    return f'<path d="M{short(x1)},{short(y1)}L{short(x2)},{short(y2)}"{_written({"fill": "none", **look})}/>'


def _written(look: dict[str, str]) -> str:
    return "".join(f' {name.replace("_", "-")}="{escape(str(value))}"' for name, value in look.items())


def short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
