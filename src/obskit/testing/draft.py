"""
A record in the making: documents in which every planted and harmless text stands as one private character.

A stand-in goes through f-strings, dicts and encodings like any text, so the shapes of records are written as they look
in a log. Rendering puts the texts back, inside JSON, base64 or a query string where the shape says so. The same draft
rendered with markers shows what a perfect masker would write.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from random import Random

Path = tuple[str | int, ...]
"""Keys and indexes from the document to a leaf. A text inside encoded JSON has the path of the leaf that holds it."""

_FIRST_STAND_IN = 0xE000  # the private use area of Unicode: no real text holds these characters


@dataclass(frozen=True)
class Encoded:
    """A part of a document that becomes text: *encode* is called with *inner* rendered."""

    encode: Callable[[Any], object]
    inner: object


@dataclass(frozen=True)
class Value:
    """A text of a draft; *class_name* is empty for a harmless one."""

    class_name: str
    kind: str
    text: str


def as_json(inner: object) -> Encoded:
    """JSON in a string, with the spaces that json.dumps writes and other languages do not."""
    return Encoded(json.dumps, inner)


def as_compact_json(inner: object) -> Encoded:
    return Encoded(lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False), inner)


def as_base64(inner: object) -> Encoded:
    return Encoded(lambda text: base64.b64encode(text.encode()).decode(), inner)


def as_form(inner: Mapping[str, object]) -> Encoded:
    """A query string or the body of a form."""
    return Encoded(urlencode, inner)


def as_url_encoded(inner: object) -> Encoded:
    return Encoded(lambda text: quote(text, safe=""), inner)


def as_repr(inner: object) -> Encoded:
    return Encoded(repr, inner)


def as_number(inner: str) -> Encoded:
    """A number where the text reads as one; a marker stays text."""
    return Encoded(_number, inner)


def joined(*parts: object) -> Encoded:
    """One text of several parts, some of them encoded."""
    return Encoded("".join, list(parts))


def _number(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


class Draft:
    """The texts of one record, and whether personal data belongs in it."""

    def __init__(self, random: Random, *, personal: bool) -> None:
        self.random = random
        self.personal = personal
        self.values: list[Value] = []

    def put(self, class_name: str, kind: str, text: str) -> str:
        """Return the stand-in for *text*; the same text gets the same one."""
        value = Value(class_name, kind, text)
        if value not in self.values:
            self.values.append(value)
        return chr(_FIRST_STAND_IN + self.values.index(value))

    def text_of(self, stand_in: str) -> str:
        return self.values[ord(stand_in) - _FIRST_STAND_IN].text

    def class_of(self, stand_in: str) -> str:
        return self.values[ord(stand_in) - _FIRST_STAND_IN].class_name

    def render(self, node: object) -> Any:
        """Return the document with its texts."""
        return _render(node, self._table([value.text for value in self.values]))

    def render_masked(self, node: object) -> Any:
        """Return the document as a masker leaves it that misses nothing and touches nothing else."""
        shown = [f"[{value.class_name}]" if value.class_name else value.text for value in self.values]
        return _render(node, self._table(shown))

    def places(self, node: object) -> Iterator[tuple[Value, Path]]:
        """Yield each text with the path of each leaf that holds it, and of each key that does."""
        texts = self._table([value.text for value in self.values])
        for path, leaf in _leaves(node, ()):
            plain = tuple(part.translate(texts) if isinstance(part, str) else part for part in path)
            for character in _characters(leaf):
                number = ord(character) - _FIRST_STAND_IN
                if 0 <= number < len(self.values):
                    yield self.values[number], plain

    def _table(self, texts: list[str]) -> dict[int, str]:
        return dict(enumerate(texts, _FIRST_STAND_IN))


def _render(node: object, texts: dict[int, str]) -> Any:
    if isinstance(node, str):
        return node.translate(texts)
    if isinstance(node, dict):
        return {_render(key, texts): _render(value, texts) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [_render(value, texts) for value in node]
    if isinstance(node, Encoded):
        return node.encode(_render(node.inner, texts))
    return node


def _leaves(node: object, path: Path) -> Iterator[tuple[Path, object]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield (*path, key), key
            yield from _leaves(value, (*path, key))
    elif isinstance(node, (list, tuple)):
        for index, value in enumerate(node):
            yield from _leaves(value, (*path, index))
    else:
        yield path, node


def _characters(node: object) -> str:
    """Return every character of *node*, looking into what is encoded."""
    if isinstance(node, str):
        return node
    if isinstance(node, Encoded):
        return _characters(node.inner)
    if isinstance(node, dict):
        return "".join(_characters(part) for item in node.items() for part in item)
    if isinstance(node, (list, tuple)):
        return "".join(map(_characters, node))
    return ""
