"""One-fault mutants of sound documents."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

GONE = object()
"""The value of a key that is taken away."""


def mutant(sound: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return a copy of *sound* with *value* at the JSON pointer *path*."""
    document = deepcopy(sound)
    *parents, last = path.strip("/").split("/")
    place: Any = document
    for part in parents:
        place = place[int(part) if isinstance(place, list) else part]
    key = int(last) if isinstance(place, list) else last
    if value is GONE:
        del place[key]
    else:
        place[key] = value
    return document


JUNK: tuple[object, ...] = (None, True, -1, 1.5, 10**400, "", "x", [], {}, [[]], [{}], {"Ref": 5}, {"Fn::Sub": []})


def spoilt_everywhere(sound: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield *sound* with each piece of junk in each place."""
    for path in _paths(sound, ""):
        yield from (mutant(sound, path, value) for value in JUNK)


def _paths(value: object, path: str) -> Iterator[str]:
    members: list[tuple[object, object]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    for key, member in members:
        yield f"{path}/{key}"
        yield from _paths(member, f"{path}/{key}")
