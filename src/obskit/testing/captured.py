"""`capture()`: everything obskit writes inside the block, as parsed documents."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from obskit import metrics, output
from obskit.testing import state
from obskit.testing.lines import Lines
from obskit.testing.measurements import Measurements

if TYPE_CHECKING:
    from collections.abc import Iterator

Document = dict[str, Any]

_open = 0


class Captured:
    """What was written so far."""

    def __init__(self) -> None:
        self._written: list[bytes] = []
        self._ended = False
        self._parsed: tuple[int, list[Document]] = (0, [])
        self.logs = Lines(lambda: [document for document in self.documents if "_aws" not in document])
        """The log lines."""
        self.metrics = Measurements(lambda: [document for document in self.documents if "_aws" in document])
        """The EMF documents."""

    def end(self) -> None:
        """Take what waits; from now on there is nothing more to come."""
        self._take_waiting()
        self._ended = True

    def _take_waiting(self) -> None:
        if not self._ended:
            metrics.flush_waiting()

    def take(self, data: bytes) -> None:
        self._written.append(data)

    @property
    def text(self) -> str:
        """The bytes as they would have reached standard output, metrics recorded outside of an invocation included."""
        self._take_waiting()
        return b"".join(self._written).decode("utf-8")

    @property
    def documents(self) -> list[Document]:
        """
        Every line, parsed.

        Raises:
            AssertionError: a line is not one JSON document, or has a key twice.
        """
        self._take_waiting()
        count = len(self._written)
        if self._parsed[0] != count:
            lines = self.text.split("\n")
            if lines.pop():
                raise AssertionError("the last line has no newline")
            self._parsed = (count, [_document(line) for line in lines])
        return list(self._parsed[1])


def _document(line: str) -> Document:
    try:
        document = json.loads(line, parse_constant=_refuse, object_pairs_hook=each_once)
    except ValueError as error:
        raise AssertionError(f"not one JSON document a line ({error}): {line[:200]!r}") from error
    if not isinstance(document, dict):
        raise AssertionError(f"not a JSON object: {line[:200]!r}")  # noqa: TRY004  a failed expectation
    return document


def each_once(pairs: list[tuple[str, Any]]) -> Document:
    """
    Return *pairs* of a JSON object as a dict, for `json.loads`.

    Raises:
        ValueError: a key stands there twice: of its values the dict would hide all but the last.
    """
    document = dict(pairs)
    if len(document) < len(pairs):
        keys = [key for key, _ in pairs]
        doubled = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {doubled!r} stands there twice")
    return document


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def is_open() -> bool:
    """Say whether something is being captured."""
    return _open > 0


@contextmanager
def capture() -> Iterator[Captured]:
    """
    Collect what obskit writes inside the block instead of letting it reach standard output.

    Settings are read from the environment afresh, and what was recorded before is forgotten: a
    test starts clean, and its first invocation is a cold one.
    """
    global _open  # noqa: PLW0603  its one home
    captured = Captured()
    if _open:
        metrics.flush_waiting()  # it was recorded in the block around this one
    state.forget()
    before, by_timer = output.redirect(captured.take), metrics.write_by_timer(on=False)
    _open += 1
    try:
        yield captured
    finally:
        _open -= 1
        captured.end()
        metrics.write_by_timer(on=by_timer)
        output.redirect(before)
        state.forget()
