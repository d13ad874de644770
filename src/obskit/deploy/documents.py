"""
Files with a dashboard body or a template, hand-written or made: read into JSON types, within bounds.

Intrinsic functions in YAML's short form (`!Sub`) come out in their long form.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from obskit.deploy.bounds import DEPTH, FILES, UnreadableError, content

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES = (".json", ".yaml", ".yml", ".template")
_LEFT_OUT = re.compile(r"asset\..*|\..+|node_modules|__pycache__|site-packages")
"""Folders that hold no templates: assets of `cdk.out`, environments, caches."""


class Found(NamedTuple):
    """A *file* below a folder, or what is *wrong* with it."""

    file: Path
    wrong: str = ""


def below(folder: Path) -> Iterator[Found]:
    """Yield the files of *folder* that may hold documents, in order; links that lead out of it are wrong."""
    root = folder.resolve()
    seen = 0
    for here, folders, files in os.walk(folder):
        kept = sorted(name for name in folders if not _LEFT_OUT.fullmatch(name))
        folders[:] = [name for name in kept if not Path(here, name).is_symlink()]
        for name in kept:
            if Path(here, name).is_symlink() and not Path(here, name).resolve().is_relative_to(root):
                yield Found(Path(here, name), "is a link that leads out of the folder; it is not followed")
        for name in sorted(files):
            if not name.endswith(SUFFIXES) or name.startswith(".") or name.endswith(".assets.json"):
                continue
            seen += 1
            if seen > FILES:
                yield Found(folder, f"has more than {FILES} files; name a smaller folder")
                return
            file = Path(here, name)
            if file.is_symlink() and not file.resolve().is_relative_to(root):
                yield Found(file, "is a link that leads out of the folder; it is not followed")
            else:
                yield Found(file)


def read(file: Path) -> tuple[str, object]:
    """
    Return the text of *file* and what it says.

    Raises:
        UnreadableError: it is no regular file, too large, or neither JSON nor YAML.
    """
    data = content(file)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(
            "syntax", f"cannot be read as JSON or YAML: it is not UTF-8 at byte {error.start}"
        ) from error
    try:
        return text, parse(text, json_only=file.suffix == ".json")
    except UnreadableError as error:
        error.resources = re.search(r"""^["']?(?:Resources|widgets)["']?:""", text, re.MULTILINE) is not None
        raise


def parse(text: str, *, json_only: bool = False) -> object:
    """
    Return what *text* says in JSON types.

    Raises:
        UnreadableError: it says nothing readable.
    """
    if json_only or text.lstrip()[:1] == "{":
        try:
            return _json(text)
        except json.JSONDecodeError as error:
            if json_only:
                place = f"line {error.lineno}, column {error.colno}"
                raise UnreadableError("syntax", f"cannot be read as JSON: {error.msg} at {place}") from error
    return _yaml(text)


def _json(text: str) -> object:
    if _depth(text) > DEPTH:
        raise UnreadableError("syntax", f"has more than {DEPTH} objects or arrays inside one another")
    try:
        return json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError:
        raise
    except ValueError as error:  # a number of thousands of digits
        raise UnreadableError("syntax", f"cannot be read as JSON: {error}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # None
        raise UnreadableError("duplicate-key", f"the key '{twice[:80]}' stands twice in one object")
    return found


_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


def _depth(text: str) -> int:
    """Return how deep the brackets of JSON *text* go, as far as it matters."""
    depth = most = 0
    if text.count("[") + text.count("{") <= DEPTH:
        return 0
    for found in _BRACKETS.finditer(text):
        if found[0] in "[{":
            depth += 1
            if depth > DEPTH:
                return depth
        elif found[0] in "]}":
            depth -= 1
        most = max(most, depth)
    return most


def _yaml(text: str) -> object:
    from obskit.deploy import yaml_documents

    return yaml_documents.parse(text)
