"""What was masked in a log: how often, by class and by where it stood, and never the values."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from obskit.masking import mask, mask_text
from obskit.masking.classes import CLASSES, marker
from obskit.masking.encoded import mask_base64, mask_json
from obskit.masking.engine import TOO_MUCH

if TYPE_CHECKING:
    from collections.abc import Iterable

    Found = list[tuple[str, str]]
    """(class, path) of each value."""

OTHER = "OTHER"
"""The class of what was replaced without a look: too deep, too much, unreadable."""

TEXT = "(text)"
"""The path of what stands in no document."""

ELSEWHERE = "(more paths)"
"""The path of what is found when `_MOST_PATHS` are known: keys may be ids, and memory is bounded."""

_MOST_PATHS = 1000
_LONGEST_NAME = 60
"""Characters of a key in a path."""

_INTO = " → "
"""Stands in a path before what is in a document that is text in another one."""

_ORDER = {name: number for number, name in enumerate((*CLASSES, OTHER))}
_BY_MARKER = {marker(name): name for name in CLASSES}
_MARKERS = re.compile(r"\[(?:" + "|".join(CLASSES) + r")\]")
_NUMBER = re.compile(r" \(\d+\)\Z")
_UNQUOTED = re.compile(r"[^\s.\"\\→]+")


class Findings:
    """
    What has been masked so far.

    Args:
        detailed: whether classes and paths are wanted, or only whether there was anything.
    """

    def __init__(self, *, detailed: bool) -> None:
        self.counts: dict[tuple[str, str], int] = {}
        """By (class, path)."""
        self.lines = 0
        self.lines_found = 0
        self._detailed = detailed
        self._in_line = False

    def mask(self, text: str) -> str:
        """Return *text* masked, and remember what was found; one in which nothing was found stays as it is."""
        masked = mask_text(text)
        if masked == text:
            return text
        if self._detailed or masked.count("[") <= text.count("["):  # else there is a marker more
            found = compare(text, masked)
            if not found:
                return text  # written in another way, such as a number that JSON does not know
            self._add(found)
        self._in_line = True
        return masked

    def refuse(self) -> str:
        """Return what stands for text that nobody has looked at."""
        self._add([(OTHER, TEXT)])
        self._in_line = True
        return TOO_MUCH

    def end_line(self) -> None:
        self.lines += 1
        self.lines_found += self._in_line
        self._in_line = False

    def rows(self) -> list[tuple[str, str, int]]:
        """Return (class, path, count), by class, the most frequent first."""
        rows = [(name, path, count) for (name, path), count in self.counts.items()]
        return sorted(rows, key=lambda row: (_ORDER[row[0]], row[1] == ELSEWHERE, -row[2], row[1]))

    def totals(self) -> dict[str, int]:
        """Return the count of each class that was found."""
        totals: dict[str, int] = {}
        for name, _, count in self.rows():
            totals[name] = totals.get(name, 0) + count
        return totals

    def _add(self, found: Iterable[tuple[str, str]]) -> None:
        for name, path in found:
            known = (name, path) in self.counts or len(self.counts) < _MOST_PATHS
            row = (name, path if known else ELSEWHERE)
            self.counts[row] = self.counts.get(row, 0) + 1


def compare(text: str, masked: str) -> list[tuple[str, str]]:
    """
    Return the class and the path of each value in *text* that *masked*, which is the same text masked, has no more.

    >>> compare('bob@example.com {"a":[{"pin":"1234"}]}', '[EMAIL] {"a":[{"pin":"[SECRET]"}]}')
    [('EMAIL', '(text)'), ('SECRET', 'a[].pin')]
    """
    found: Found = []
    _in_text(text, masked, "", found)
    return found


def _in_text(text: str, masked: str, path: str, found: Found) -> None:
    """Append what is masked in *text*: in documents by their paths, around them by the path of the text."""
    if text == masked:
        return
    if masked in _BY_MARKER:
        found.append((_BY_MARKER[masked], path or TEXT))
        return
    before = len(found)

    def document(value: object, key: str) -> object:
        inner = _masked_under(key, value)
        _in_value(value, inner, path + _INTO if path else "", found)
        return inner

    def around(part: str) -> str:
        inner = mask_text(part)
        _count(part, inner, path, found)
        return inner

    explained = mask_json(text, document, around)
    if explained is None:
        _count(text, masked, path, found)
        explained = text.encode("utf-8", "replace").decode()  # the engine makes lone surrogates '?'
    if len(found) > before or explained == masked:
        return
    _count(text, masked, path, found)
    if len(found) == before:
        found.append((OTHER, path or TEXT))


def _masked_under(key: str, value: object) -> object:
    """Return *value* as the engine masks it behind *key*, which may name what it holds."""
    if not key:
        return mask(value)
    masked = mask({key.rpartition(".")[2]: value})
    return next(iter(masked.values())) if isinstance(masked, dict) else masked


def _count(text: str, masked: str, path: str, found: Found) -> None:
    """Append the markers that *masked* has and *text* has not, or those in the text that both are in base64."""
    if text == masked:
        return
    rest = _MARKERS.findall(text)
    before = len(found)
    for one in _MARKERS.findall(masked):
        if one in rest:
            rest.remove(one)
        else:
            found.append((_BY_MARKER[one], path or TEXT))
    if len(found) > before:
        return

    def said(inner: str) -> str:
        _in_text(inner, mask_text(inner), f"{path or TEXT} (base64)", found)
        return inner

    mask_base64(text, said)


def _in_value(value: object, masked: object, path: str, found: Found) -> None:
    if isinstance(value, str) and isinstance(masked, str):
        _in_text(value, masked, path.removesuffix(_INTO), found)
    elif isinstance(value, dict) and isinstance(masked, dict):
        for (key, inner), (masked_key, masked_inner) in zip(value.items(), masked.items(), strict=False):
            _in_member(key, inner, masked_key, masked_inner, path, found)
    elif isinstance(value, list) and isinstance(masked, list):
        for inner, masked_inner in zip(value, masked, strict=False):
            _in_value(inner, masked_inner, f"{path}[]", found)
    elif value != masked and str(value) != masked:  # NaN is written as text
        found.append((_BY_MARKER.get(str(masked), OTHER), path.removesuffix(_INTO) or TEXT))


def _in_member(  # noqa: PLR0913, PLR0917  two members and where they are
    key: str, value: object, masked_key: str, masked: object, path: str, found: Found
) -> None:
    """Append what is masked in a key, which appears in the path as it is masked, and in its value."""
    name = masked_key
    if name != key:
        name = _NUMBER.sub("", masked_key)  # of several keys that became the same, the engine numbers the later ones
    inside = f"{path}{'' if not path or path.endswith(_INTO) else '.'}{_written(name)}"
    if masked_key == TOO_MUCH != key:
        found.append((OTHER, path.removesuffix(_INTO) or TEXT))
        return
    _in_text(str(key), name, inside, found)
    _in_value(value, masked, inside, found)


def _written(name: str) -> str:
    """Return *name* as it stands in a path: in quotes where it could be misread, and never with control characters."""
    short = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    if short.isprintable() and _UNQUOTED.fullmatch(short):
        return short
    return json.dumps(short, ensure_ascii=not short.isprintable())
