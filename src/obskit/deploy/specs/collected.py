"""What a definition file makes, also what no name keeps."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_made: list[object] | None = None


@contextmanager
def collecting() -> Iterator[list[object]]:
    """Collect every dashboard and alarm that is made inside the block, also one that no name keeps."""
    global _made  # noqa: PLW0603  the one home of this state
    made: list[object] = []
    _made = made
    try:
        yield made
    finally:
        _made = None


def collect(thing: object) -> None:
    if _made is not None:
        _made.append(thing)
