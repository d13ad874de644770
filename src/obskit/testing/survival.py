"""Whether a text is still to be found in what was written, in any of the forms that logs give to texts."""

from __future__ import annotations

import base64
import json
import re
from functools import lru_cache
from urllib.parse import quote, quote_plus

FEWEST_DIGITS = 7
"""Digits of a text that is also looked for without its separators: fewer turn up by chance."""

SHORTEST_BASE64 = 8
"""Characters of base64 that say something: six bytes."""

_SEPARATORS = re.compile(r"[ ().,/\u00a0\u202f-]")
_SEPARATED = re.compile(r"(?<=[0-9])[ ().,/\u00a0\u202f-]{1,2}(?=[0-9])")
_BACKSLASHES = re.compile(r"\\+")


def survives(text: str, written: str) -> bool:
    """
    Say whether *text* occurs in *written*: as it is, without separators, JSON-escaped, URL-encoded, or in base64.

    >>> survives("ann@example.com", '{"q": "ann%40example.com"}'), survives("ann@example.com", '{"q": "[EMAIL]"}')
    (True, False)
    >>> survives("4242 4242 4242 4242", "card 4242424242424242")
    True
    """
    if any(form in written for _, form in forms(text)):
        return True
    return "\\" in written and any(_flat(form) in _flat(written) for _, form in forms(text) if "\\" in form)


def surviving_form(text: str, written: str) -> str:
    """
    Return the name of the form in which *text* occurs in *written*, or an empty string; letters may change their case.

    >>> surviving_form("Ann@example.com", "to ann@EXAMPLE.com"), surviving_form("020 7946 0958", "02079-460958")
    ('in another case', 'as digits alone')
    """
    if text in written:
        return "as it is"
    folded, encoded = _flat(written).casefold(), forms(text)
    for name, form in encoded:
        if form in written or (name != "in base64" and _flat(form).casefold() in folded):
            return "in another case" if form == text else name
    bare = compact(text)
    if bare.isdigit() and len(bare) >= FEWEST_DIGITS and bare in _SEPARATED.sub("", written):
        return "as digits alone"
    return ""


@lru_cache(maxsize=4096)
def forms(text: str) -> tuple[tuple[str, str], ...]:
    """Return the texts of which one occurs wherever *text* is written, each with the name of its form."""
    escaped, unescaped = json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]
    found = [("as it is", text), ("JSON-escaped", escaped), ("JSON-escaped", unescaped)]
    found += [("URL-encoded", form) for form in (quote(text, safe=""), quote(text), quote_plus(text))]
    found.append(("as digits alone", compact(text)))
    for form in (text, unescaped, escaped, quote_plus(text)):
        found += [("in base64", part) for part in in_base64(form)]
    return tuple(found)


def compact(text: str) -> str:
    """
    Return *text* without the separators of a number; a text with few digits stays as it is.

    >>> compact("DE89 3704 0044 0532 0130 00"), compact("Flat 3, Wharf Lane")
    ('DE89370400440532013000', 'Flat 3, Wharf Lane')
    """
    return _SEPARATORS.sub("", text) if sum(map(str.isdigit, text)) >= FEWEST_DIGITS else text


def in_base64(text: str) -> list[str]:
    """
    Return what base64 of a longer text holds of *text*, whichever of the three places in a group it begins at.

    >>> any(part in "c2VudCB0byBhbm5AZXhhbXBsZS5jb20=" for part in in_base64("ann@example.com"))  # "sent to ann@…"
    True
    """
    data = text.encode("utf-8", "replace")
    parts = []
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + data).decode()
        part = encoded[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
        if len(part) >= SHORTEST_BASE64:
            parts += [part, part.replace("+", "-").replace("/", "_")]
    return parts


def _flat(text: str) -> str:
    """Return *text* with one backslash for each run of them: every level of JSON in JSON doubles them."""
    return _BACKSLASHES.sub(r"\\", text) if "\\" in text else text
