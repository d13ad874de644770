"""Where spans and lines are looked for: what a source can do, and captured files as one."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from obskit.captured import LONGEST, Captured
from obskit.lookup import spans, wanted
from obskit.tracing import xray

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    Document = dict[str, Any]


class Window(NamedTuple):
    """Where in time is looked, seconds since 1970."""

    start: float
    end: float


class Source(Protocol):
    """Somewhere that spans and lines can be."""

    notes: list[str]
    """What was left out, for people."""
    places: list[str]
    """Where it was looked, for people."""
    groups: list[str]
    """The log groups that were searched."""

    def documents(self, trace_ids: Collection[str]) -> dict[str, list[Document]]:
        """Return X-Ray's documents of each of *trace_ids* (32 hex digits) that is there."""

    def consumers(self, trace_id: str) -> list[str]:
        """Return the traces that have a link to *trace_id*."""

    def lines(self, trace_ids: Collection[str], correlation_ids: Collection[str]) -> list[Document]:
        """Return the log lines that have one of these ids, as parsed documents."""


class Files:
    """Captured output: files of log lines, and files of X-Ray documents. Plain or gzip."""

    def __init__(self, logs: Iterable[Path], documents: Iterable[Path]) -> None:
        self.notes: list[str] = []
        self.groups: list[str] = []
        self._logs = [Captured(path) for path in logs]
        files = [Captured(path) for path in documents]
        self.places = [str(file.path) for file in (*self._logs, *files)]
        self._documents: dict[str, list[Document]] = defaultdict(list)
        for file in files:
            text = file.text()
            found = [(trace_id, one) for one in _documents(text) if (trace_id := wanted.hex_of(one.get("trace_id")))]
            if not found and text:
                self.notes.append(f"no X-Ray document in {file.path}")
            for trace_id, document in found:
                self._documents[trace_id].append(document)

    def documents(self, trace_ids: Collection[str]) -> dict[str, list[Document]]:
        return {trace_id: self._documents[trace_id] for trace_id in trace_ids if trace_id in self._documents}

    def consumers(self, trace_id: str) -> list[str]:
        return [
            other
            for other, documents in self._documents.items()
            for root in spans.read(documents)
            for span in root
            if any(link.trace_id == trace_id for link in span.links)
        ]

    def lines(self, trace_ids: Collection[str], correlation_ids: Collection[str]) -> list[Document]:
        texts = chain.from_iterable(file.lines() for file in self._logs)
        found = list(matching(texts, trace_ids, correlation_ids))
        long = [
            f"{file.path}: {file.long} lines of more than {LONGEST} characters are passed over"
            for file in self._logs
            if file.long
        ]
        self.notes += [note for note in long if note not in self.notes]
        return found


def matching(
    texts: Iterable[str], trace_ids: Collection[str], correlation_ids: Collection[str]
) -> Iterator[dict[str, Any]]:
    """Yield the log lines among *texts* that have one of the ids. EMF documents are measurements, not lines."""
    forms = [*correlation_ids, *trace_ids, *map(xray.root, trace_ids)]
    for text in texts:
        if not any(form in text for form in forms):  # a tenth of the time that parsing takes
            continue
        line = wanted.document(text)
        if line is None or "_aws" in line or "timestamp" not in line:
            continue
        if wanted.trace_of(line) in trace_ids or wanted.correlation_of(line) in correlation_ids:
            yield line


def _documents(text: str) -> Iterator[Document]:
    """
    Yield the X-Ray documents of *text*: one a line, in lists or mappings, or what `aws xray batch-get-traces` prints.

    Lines that are not documents, such as a datagram's header, are passed over.
    """
    try:
        values = [json.loads(text)]
    except (ValueError, RecursionError):
        values = [found for line in text.splitlines() if (found := wanted.document(line)) is not None]
    waiting = values[::-1]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value))
        elif isinstance(value, dict):
            if "id" in value and "trace_id" in value:
                yield value
            elif isinstance(value.get("Document"), str):
                waiting.append(wanted.document(value["Document"]))
            else:
                waiting.extend(reversed(value.values()))
