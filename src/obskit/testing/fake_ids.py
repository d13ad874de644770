"""Ids that count, so that a test can write them down."""

from __future__ import annotations

from obskit import ids

_MARK = bytes.fromhex("face")
"""Begins each id: letters, so that no id looks like a number that must be masked."""


class FakeIds:
    """
    Ids of traces and of spans, as long as it is installed, each counted from 1.

    >>> FakeIds().span(1), FakeIds().trace(2)
    ('face000000000001', 'face0000000000000000000000000002')
    """

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def span(self, number: int) -> str:
        """Return the id of the span that is made as the *number*th."""
        return _bytes(8, number).hex()

    def trace(self, number: int) -> str:
        """Return the id of the trace that is made as the *number*th."""
        return _bytes(16, number).hex()

    def install(self) -> None:
        """Make these the ids of obskit, until `obskit.ids.reset`."""
        ids.set(self._next)

    def _next(self, size: int) -> bytes:
        count = self._counts[size] = self._counts.get(size, 0) + 1
        return _bytes(size, count)


def _bytes(size: int, number: int) -> bytes:
    return _MARK + number.to_bytes(size - len(_MARK), "big")
