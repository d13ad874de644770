"""One-fault mutants of sound documents."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

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
