"""Whether a text is still to be found in what was written, in any of the forms that logs give to texts."""

from __future__ import annotations

import base64
import json
import re
from functools import lru_cache
from urllib.parse import quote, quote_plus

_FEWEST_DIGITS = 7  # in a text whose separators may be left out: with fewer, what is left is found by chance
_SHORTEST_BASE64 = 8  # characters of base64 that say something: six bytes
_BACKSLASHES = re.compile(r"\\+")


def survives(text: str, written: str) -> bool:
    r"""
    Say whether *text* occurs in *written*: as it is, JSON-escaped, URL-encoded, in base64, or as digits alone.

    >>> survives("ann@example.com", '{"q": "ann%40example.com"}'), survives("ann@example.com", '{"q": "[EMAIL]"}')
    (True, False)
    >>> survives("4242 4242 4242 4242", "card 4242424242424242")
    True
    """
    return any(form in written for form in forms(text)) or _unescaped_in(text, written)


@lru_cache(maxsize=4096)
def forms(text: str) -> tuple[str, ...]:
    """Return the texts of which one occurs wherever *text* is written."""
    escaped = json.dumps(text)[1:-1]
    plain = {text, escaped, quote(text, safe=""), quote(text), quote_plus(text), compact(text)}
    encoded = {part for form in (text, json.dumps(text, ensure_ascii=False)[1:-1], escaped) for part in in_base64(form)}
    return tuple(sorted(plain | encoded))


def compact(text: str) -> str:
    """
    Return *text* without the separators of a number; a text with few digits stays as it is.

    >>> compact("DE89 3704 0044 0532 0130 00"), compact("Flat 3, Wharf Lane")
    ('DE89370400440532013000', 'Flat 3, Wharf Lane')
    """
    if sum(map(str.isdigit, text)) < _FEWEST_DIGITS:
        return text
    return re.sub(r"[ ().,/\u00a0\u202f-]", "", text)


def in_base64(text: str) -> set[str]:
    """
    Return what base64 of a longer text holds of *text*, whichever of the three places in a group it begins at.

    >>> any(part in "c2VudCB0byBhbm5AZXhhbXBsZS5jb20=" for part in in_base64("ann@example.com"))  # "sent to ann@…"
    True
    """
    data = text.encode("utf-8", "replace")
    parts = set()
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + data).decode()
        part = encoded[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
        if len(part) >= _SHORTEST_BASE64:
            parts |= {part, part.replace("+", "-").replace("/", "_")}
    return parts


def _unescaped_in(text: str, written: str) -> bool:
    """Look again where JSON stands in JSON: each level doubles the backslashes."""
    if "\\" not in written:
        return False
    flat = _BACKSLASHES.sub(r"\\", written)
    return any(_BACKSLASHES.sub(r"\\", form) in flat for form in forms(text) if "\\" in form or '"' in form)
