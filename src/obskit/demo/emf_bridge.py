"""What CloudWatch Logs does and the emulator does not: EMF log events become metrics."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from obskit.testing import emf

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from obskit.demo.emulator import Emulator

EVERY_S = 0.1
"""Between two looks at the logs."""

_OVERLAP_MS = 60_000
"""Log events are asked for again this far back: streams are not written in the order of their time stamps."""

_BATCH = 1000
"""Data in one `PutMetricData`. CloudWatch API, 2026-11-24."""


@dataclass(frozen=True)
class Refused:
    """An event that looked like EMF and gave no metric."""

    log_group: str
    kind: str
    rule: str
    line: str


class EmfBridge:
    """
    Follows log groups and puts what their EMF documents declare, each event once.

    `pump` makes one pass now. As a context manager a thread pumps every `EVERY_S` seconds; what fails in it is raised
    by the next `pump` and at the end of the block.
    """

    def __init__(self, emulator: Emulator, log_groups: Iterable[str] = ()) -> None:
        self.refused: list[Refused] = []
        self.documents = 0
        """EMF documents taken."""
        self._logs = emulator.client("logs")
        self._cloudwatch = emulator.client("cloudwatch")
        self._groups = {group: _Reader(group) for group in log_groups}
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._failure: Exception | None = None

    @property
    def errors(self) -> Counter[str]:
        """The counts that CloudWatch keeps in `AWS/Logs`: `EMFParsingErrors`, `EMFValidationErrors`."""
        return Counter(f"EMF{refused.kind}Errors" for refused in self.refused)

    def follow(self, log_group: str) -> None:
        """Add *log_group*, which need not exist yet."""
        with self._lock:
            self._groups.setdefault(log_group, _Reader(log_group))

    def pump(self) -> int:
        """Read all new log events and put their metrics. Returns the number of data put."""
        with self._lock:
            if self._failure is not None:
                raise self._failure
            data = [
                pair
                for reader in self._groups.values()
                for line in reader.new_lines(self._logs)
                for pair in self._read(reader.log_group, line)
            ]
            by_namespace: dict[str, list[dict[str, Any]]] = {}
            for namespace, datum in data:
                by_namespace.setdefault(namespace, []).append(datum)
            for namespace, datums in by_namespace.items():
                for first in range(0, len(datums), _BATCH):
                    self._cloudwatch.put_metric_data(Namespace=namespace, MetricData=datums[first : first + _BATCH])
            return len(data)

    def _read(self, log_group: str, line: str) -> list[tuple[str, dict[str, Any]]]:
        if not emf.is_meant(line):
            return []
        reading = emf.Reading(line)
        if reading.problems:
            self.refused.append(Refused(log_group, reading.kind, reading.problems[0], line))
            return []
        self.documents += 1
        return reading.data

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, name="emf-bridge", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._ending.clear()
        if self._failure is not None and kind is None:
            raise self._failure

    def _run(self) -> None:
        try:
            while not self._ending.wait(EVERY_S):
                self.pump()
        except Exception as failure:  # noqa: BLE001 - raised in the caller's thread
            self._failure = failure


class _Reader:
    """Reads each event of one log group once; the emulator gives events no id, so equal ones are counted."""

    def __init__(self, log_group: str) -> None:
        self.log_group = log_group
        self._seen: Counter[tuple[str, int, str]] = Counter()
        self._newest_ms = 0

    def new_lines(self, logs: Any) -> list[str]:
        with contextlib.suppress(logs.exceptions.ResourceNotFoundException):  # the function has not logged yet
            start_ms = max(0, self._newest_ms - _OVERLAP_MS)
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=self.log_group, startTime=start_ms)
            found = [event for page in pages for event in page["events"]]
            lines = []
            now: Counter[tuple[str, int, str]] = Counter()
            for event in found:
                key = (event["logStreamName"], event["timestamp"], event["message"])
                now[key] += 1
                if now[key] > self._seen[key]:
                    lines.append(event["message"])
                self._newest_ms = max(self._newest_ms, event["timestamp"])
            self._seen = now  # what is no longer asked for need not be remembered
            return lines
        return []
