"""Whether a text is still to be found in what was written, in any of the forms that logs give to texts."""

from __future__ import annotations

import base64
import binascii
import json
import re
from functools import lru_cache
from urllib.parse import unquote_plus

FEWEST_DIGITS = 7
"""Digits of a text that is also looked for without its separators: fewer turn up by chance."""

SHORTEST_BASE64 = 8
"""Characters of base64 that say something: six bytes."""

_AS_IT_IS, _OTHER_CASE, _DIGITS = "as it is", "in another case", "as digits alone"
_JSON, _URL, _BASE64 = "JSON-escaped", "URL-encoded", "in base64"

_SEPARATORS = re.compile(r"[ ().,/\u00a0\u202f-]")
_SEPARATED = re.compile(r"(?<=[0-9])[ ().,/\u00a0\u202f-]{1,2}(?=[0-9])")
_BACKSLASHES = re.compile(r"\\+")
_BASE64_RUN = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")


def survives(text: str, written: str) -> bool:
    """
    Say whether *text* occurs in *written*: as it is, without separators, JSON-escaped, URL-encoded, or in base64.

    >>> survives("ann@example.com", '{"q": "ann%40example.com"}'), survives("ann@example.com", '{"q": "[EMAIL]"}')
    (True, False)
    >>> survives("4242 4242 4242 4242", "card 4242424242424242")
    True
    """
    return any(form in reading for _, reading in _readings(written) for _, form in _forms(text))


def surviving_form(text: str, written: str) -> str:
    """
    Return the name of the form in which *text* occurs in *written*, or an empty string.

    Stricter than `survives`: letters may change their case, and numbers may be separated in another way.

    >>> surviving_form("Ann@example.com", "to ann@EXAMPLE.com"), surviving_form("020 7946 0958", "02079-460958")
    ('in another case', 'as digits alone')
    """
    bare = compact(text)
    for encoding, reading in _readings(written):
        folded = reading.casefold()
        for name, form in _forms(text):
            if form in reading:
                return name if encoding == _AS_IT_IS else encoding
            if name != _BASE64 and form.casefold() in folded:
                return encoding if encoding != _AS_IT_IS else _OTHER_CASE if name == _AS_IT_IS else name
        if bare.isdigit() and len(bare) >= FEWEST_DIGITS and bare in _SEPARATED.sub("", reading):
            return _DIGITS
    return ""


def compact(text: str) -> str:
    """
    Return *text* without the separators of a number; a text with few digits stays as it is.

    >>> compact("DE89 3704 0044 0532 0130 00"), compact("Flat 3, Wharf Lane")
    ('DE89370400440532013000', 'Flat 3, Wharf Lane')
    """
    return _SEPARATORS.sub("", text) if sum(map(str.isdigit, text)) >= FEWEST_DIGITS else text


@lru_cache(maxsize=4096)
def _forms(text: str) -> tuple[tuple[str, str], ...]:
    """Return what to look for, each with the name of its form."""
    found = [(_AS_IT_IS, text), (_JSON, json.dumps(text)[1:-1]), (_JSON, json.dumps(text, ensure_ascii=False)[1:-1])]
    found.append((_DIGITS, compact(text)))
    found += [(_BASE64, part) for part in in_base64(text)]
    return tuple((name, _flat(form)) for name, form in found)


@lru_cache(maxsize=64)
def _readings(written: str) -> tuple[tuple[str, str], ...]:
    """Return *written*, and what comes out when its URL encoding and its base64 are undone, each with how it stood."""
    readings = [(_AS_IT_IS, written)]
    if "%" in written or "+" in written:
        once = unquote_plus(written)
        readings += [(_URL, once), (_URL, unquote_plus(once))]
    for run in _BASE64_RUN.findall(written):
        readings += [(_BASE64, text) for _, text in _readings(_decoded(run))]
    return tuple((name, _flat(text)) for name, text in readings if text)


def _decoded(run: str) -> str:
    """Return the text that *run* is the base64 of; most runs are something else."""
    padded = run.rstrip("=") + "=" * (-len(run.rstrip("=")) % 4)
    try:
        return base64.b64decode(padded.replace("-", "+").replace("_", "/"), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


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
