"""`capture()`: everything obskit writes inside the block, as parsed documents."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from obskit import config, handler, logs, metrics, output
from obskit.masking import audit, policy
from obskit.tracing import daemon

if TYPE_CHECKING:
    from collections.abc import Iterator

Document = dict[str, Any]


class Captured:
    """What was written so far."""

    def __init__(self) -> None:
        self._written: list[bytes] = []
        self._ended = False

    def end(self) -> None:
        """Take what waits; from now on there is nothing more to come."""
        metrics.flush_waiting()
        self._ended = True

    def take(self, data: bytes) -> None:
        self._written.append(data)

    @property
    def text(self) -> str:
        """The bytes as they would have reached standard output, metrics recorded outside of an invocation included."""
        if not self._ended:
            metrics.flush_waiting()
        return b"".join(self._written).decode("utf-8")

    @property
    def documents(self) -> list[Document]:
        """
        Every line, parsed.

        Raises:
            AssertionError: a line is not one JSON document.
        """
        lines = self.text.split("\n")
        if lines.pop():
            raise AssertionError("the last line has no newline")
        return [_document(line) for line in lines]

    @property
    def logs(self) -> list[Document]:
        """The log lines."""
        return [document for document in self.documents if "_aws" not in document]

    @property
    def metrics(self) -> list[Document]:
        """The EMF documents."""
        return [document for document in self.documents if "_aws" in document]


def _document(line: str) -> Document:
    try:
        document = json.loads(line, parse_constant=_refuse)
    except ValueError as error:
        raise AssertionError(f"not one JSON document a line: {line[:200]!r}") from error
    if not isinstance(document, dict):
        raise AssertionError(f"not a JSON object: {line[:200]!r}")  # noqa: TRY004  a failed expectation
    return document


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


@contextmanager
def capture() -> Iterator[Captured]:
    """
    Collect what obskit writes inside the block instead of letting it reach standard output.

    Settings are read from the environment afresh, and what was recorded before is forgotten: a
    test starts clean, and its first invocation is a cold one.
    """
    captured = Captured()
    config.reset()
    logs.reset()
    policy.reset()
    audit.take()
    metrics.reset()
    output.reset()
    handler.reset()
    before, by_timer = output.redirect(captured.take), metrics.write_by_timer(on=False)
    try:
        yield captured
    finally:
        captured.end()
        metrics.write_by_timer(on=by_timer)
        output.redirect(before)
        config.reset()
        logs.reset()
        policy.reset()
        metrics.reset()
        daemon.reset()
