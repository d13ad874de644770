"""What a definition file makes, also what no name keeps, and what is wrong with it, so that all of it is told."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from obskit.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Collected:
    """
    What was made while one file ran.

    *faults* are (line, words): what `refuse` was told; the file goes on, for the next mistake to be told as well.
    """

    file: str = ""
    made: list[object] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)


_now: Collected | None = None


@contextmanager
def collecting(file: str = "") -> Iterator[Collected]:
    """Collect every dashboard and alarm that is made inside the block, also one that no name keeps."""
    global _now  # noqa: PLW0603  the one home of this state
    _now = found = Collected(file)
    try:
        yield found
    finally:
        _now = None


def collect(thing: object) -> None:
    if _now is not None:
        _now.made.append(thing)


def refuse(words: str) -> None:
    """
    Say that a definition is wrong.

    Raises:
        DefinitionError: nobody collects, or the line of the definition is not known.
    """
    line = _line(_now.file) if _now is not None and _now.file else 0
    if _now is None or not line:
        raise DefinitionError(words)
    if (line, words) not in _now.faults:
        _now.faults.append((line, words))


def _line(file: str) -> int:
    """Return the line of *file* that is being run; 0 if none is."""
    frame = sys._getframe(2)  # noqa: SLF001  the documented name
    while frame is not None:
        if frame.f_code.co_filename == file:
            return frame.f_lineno
        if frame.f_back is None:
            break
        frame = frame.f_back
    return 0
