"""Ids of traces and spans: random, or what a test wants them to be."""

from __future__ import annotations

from os import urandom

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Bytes of the kernel: a process that was restored from a snapshot, or forked, must not repeat the ids of another.
_random_bytes: Callable[[int], bytes] = urandom


def trace_id() -> str:
    """Return 32 lower-case hex digits."""
    return _random_bytes(16).hex()


def span_id() -> str:
    """Return 16 lower-case hex digits."""
    return _random_bytes(8).hex()


def set(random_bytes: Callable[[int], bytes]) -> None:  # noqa: A001  read as `ids.set(…)`
    """
    Take the bytes of new ids from *random_bytes*, which is given their number.

    >>> set(lambda count: bytes(range(1, count + 1)))
    >>> span_id()
    '0102030405060708'
    >>> reset()
    """
    global _random_bytes  # noqa: PLW0603  its one home
    _random_bytes = random_bytes


def reset() -> None:
    """Take them from the kernel again."""
    set(urandom)
