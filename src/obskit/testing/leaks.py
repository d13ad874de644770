"""`assert_no_pii`: fails when personal data or a secret is in what was written."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from obskit.masking import mask
from obskit.testing.captured import Captured, each_once
from obskit.testing.run import Outcome
from obskit.testing.spans import Spans
from obskit.testing.survival import surviving_form

if TYPE_CHECKING:
    from obskit.testing.draft import Path

Written = Captured | Outcome | Spans | str | Mapping[str, object] | Iterable[object]
"""What a test can hand in."""

_MARKER = re.compile(r"(?:\[|%5B)([A-Z][A-Z_ ]*)(?::[^\]]*)?(?:\]|%5D)")
_DASH = "[-]"
_SCHEMES = re.compile(r"\b(?:Bearer|Basic|Token)\b", re.IGNORECASE)  # a marker stands behind them: nothing is left
_COUNTS = ("pii", "pii_unseen", "pii_shadow")
_SHOWN = 2  # characters of a found text in a message


def assert_no_pii(captured: Written, *planted: str) -> None:
    """
    Fail when the engine would still mask something in *captured*, or when a *planted* text is in it in any form.

    The forms are: as it is, in another case, with other separators or none, URL-encoded, JSON-escaped, in base64.
    The message names place and class; of a found text it shows two characters and the length.

    Args:
        captured: what `capture()` or a fixture gives (lines, metrics, spans), what `run_under_runtime` returns, a text,
            a document, or several documents. Of an outcome everything that leaves the function is looked at, beside
            the payload: that is the caller's own data, `assert_no_pii(outcome.payload)` looks at it.
        planted: texts that the test put in and that must not come out: names, passwords, anything.

    Raises:
        AssertionError: something was found; the message has a line for each finding.
        ValueError: a planted text is empty.

    >>> assert_no_pii({"message": "paid", "email": "[EMAIL]"}, "ann@example.com")
    >>> assert_no_pii({"message": "paid by ann@example.com"})
    Traceback (most recent call last):
    AssertionError: personal data was written:
      message: EMAIL 'an…' (15 characters)
    """
    if not all(planted):
        raise ValueError("a planted text is empty: it would be found everywhere")
    exits = list(_exits(captured))
    found = [
        (f"{place}: " if place and len(exits) > 1 else "") + finding
        for place, document in exits
        for finding in [*_still_masked(document), *_planted_in(document, planted)]
    ]
    if found:
        raise AssertionError("personal data was written:\n  " + "\n  ".join(dict.fromkeys(found)))


def _exits(captured: Written) -> Iterator[tuple[str, object]]:
    """Yield what is looked at, each with the words that help to find it."""
    if isinstance(captured, Outcome):
        yield from _numbered("line", map(_parsed, captured.lines))
        yield from _numbered("span", map(_in_own_words, captured.spans.documents))
        failed = [posted for one in captured.invocations if one.error is not None for posted in one.posted]
        for posted in failed:
            yield "error", _parsed(posted.body.decode(errors="replace"))
            own = {name: value for name, value in posted.headers.items() if name.startswith("lambda-runtime-")}
            yield from ((f"header {name}", _parsed(value)) for name, value in own.items())
    elif isinstance(captured, Spans):
        yield from _numbered("span", map(_in_own_words, captured.documents))
    elif isinstance(captured, (Captured, str)):
        text = captured if isinstance(captured, str) else captured.text
        yield from _numbered("line", map(_parsed, _lines(text)))
    else:
        yield from _numbered("line", [captured] if isinstance(captured, Mapping) else captured)


def _in_own_words(span: Mapping[str, Any]) -> dict[str, object]:
    """Return *span* without X-Ray's word `annotations`, in which `Ann` would be found."""
    own = {"attributes" if key == "annotations" else key: value for key, value in span.items()}
    if "subsegments" in own:
        own["children"] = [_in_own_words(child) for child in own.pop("subsegments")]
    return own


def _numbered(kind: str, documents: Iterable[object]) -> Iterator[tuple[str, object]]:
    for number, document in enumerate(documents, 1):
        yield f"{kind} {number}", document


def _lines(text: str) -> list[str]:
    """Return the lines where each is a JSON document, else the whole text: a value may span lines."""
    lines = [line for line in text.split("\n") if line]
    return lines if all(isinstance(_parsed(line), dict) for line in lines) else [text]


def _parsed(line: str) -> object:
    """Return the document that *line* is; as text what is none, and one with a key twice: a dict would hide a value."""
    try:
        document = json.loads(line, object_pairs_hook=each_once)
    except ValueError:
        return line
    return document if isinstance(document, (dict, list)) else line


def _still_masked(document: object) -> Iterator[str]:
    document = _neutral(_without_counts(document))
    for path, before, after in _differences(document, mask(document), ()):
        for class_name, text in _replaced(str(before), str(after)):
            yield f"{_place(path)}{class_name} {_hint(text)}"


def _without_counts(document: object) -> object:
    """Return *document* without what masking counted (`masking.audit`): under the name of a class stand numbers."""
    if not isinstance(document, Mapping) or "_aws" not in document:
        return document
    return {key: value for key, value in document.items() if key not in _COUNTS or not _is_of_numbers(value)}


def _is_of_numbers(value: object) -> bool:
    return all(map(_is_of_numbers, value.values())) if isinstance(value, Mapping) else type(value) is int


def _neutral(value: object) -> object:
    """Return *value* with a dash in each marker: a key `[IP]` or a text `ssn: [NATIONAL_ID]` is no new finding."""
    if isinstance(value, Mapping):
        return {_neutral(str(key)): _neutral(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_neutral(inner) for inner in value]
    return _MARKER.sub(_DASH, value) if isinstance(value, str) else value


def _differences(before: object, after: object, path: Path) -> Iterator[tuple[Path, object, object]]:
    """Yield the leaves and keys that the engine changed; keys in the path are the masked ones."""
    if isinstance(before, Mapping) and isinstance(after, dict):
        for (key, value), (masked_key, masked_value) in zip(before.items(), after.items(), strict=False):
            if str(key) != masked_key:
                yield (*path, masked_key), str(key), masked_key
            yield from _differences(value, masked_value, (*path, masked_key))
    elif isinstance(before, (list, tuple)) and isinstance(after, list):
        for index, (value, masked_value) in enumerate(zip(before, after, strict=False)):
            yield from _differences(value, masked_value, (*path, index))
    elif before != after and _says_something(str(before)):
        opened, opened_after = _opened(before), _opened(after)
        if opened is not None and opened_after is not None:
            yield from _differences(_neutral(opened), opened_after, path)
        else:
            yield path, before, after


def _opened(leaf: object) -> object:
    """Return the document in a *leaf* that is JSON, or JSON in base64, or None."""
    if not isinstance(leaf, str):
        return None
    text = leaf
    if not leaf.startswith(("{", "[")):
        try:
            text = base64.b64decode(leaf, validate=True).decode()
        except ValueError:
            return None
    document = _parsed(text)
    return document if isinstance(document, (dict, list)) else None


def _says_something(text: str) -> bool:
    """Say whether anything but markers is in *text*: `[IP], [IP]` becomes `[IP]` under a key, and nothing leaked."""
    return any(map(str.isalnum, _SCHEMES.sub("", _MARKER.sub("", text))))


def _replaced(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Yield the class of each marker in *after* with the text of *before* in its place."""
    pieces = _MARKER.split(after)  # literal, class, literal, class, … literal
    pattern = "(.*?)".join(re.escape(literal) for literal in pieces[::2])
    match = re.fullmatch(pattern, before, re.DOTALL)
    classes = pieces[1::2]
    if match is None or not classes:
        yield " or ".join(dict.fromkeys(classes)) or "changed", before
        return
    for class_name, text in zip(classes, match.groups(), strict=True):
        if _says_something(text):
            yield class_name, text


def _planted_in(document: object, planted: tuple[str, ...]) -> Iterator[str]:
    for path, leaf in _leaves(document, ()):
        for text in planted:
            form = surviving_form(text, leaf)
            if form:
                yield f"{_place(_without(path, planted))}planted {_hint(text)} {form}"


def _leaves(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield (*path, str(key)), str(key)
            yield from _leaves(inner, (*path, str(key)))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*path, index))
    elif isinstance(value, str):
        yield path, value
    elif value is not None:
        yield path, json.dumps(value, default=str)


def _without(path: Path, planted: tuple[str, ...]) -> Path:
    """Return *path* fit for a message: a key can be what leaked."""
    return tuple(
        part
        if isinstance(part, int)
        else "…"
        if any(surviving_form(text, part) for text in planted)
        else str(mask(part))
        for part in path
    )


def _place(path: Path) -> str:
    return ".".join(map(str, path)) + ": " if path else ""


def _hint(text: str) -> str:
    return f"{text[:_SHOWN] + '…'!r} ({len(text)} characters)"
