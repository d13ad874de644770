"""Data from logs: the EMF documents that functions wrote, read as CloudWatch reads them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from obskit.backtest.recorded import LAST
from obskit.captured import Captured
from obskit.errors import ObskitError
from obskit.preview.points import Points
from obskit.testing import emf

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def read(path: Path) -> Points:
    """
    Return what the EMF documents in *path*, a file of log lines, measured.

    A line may also be an event of CloudWatch Logs: a JSON object whose `message` is the line.

    Raises:
        ObskitError: the file cannot be read, or no line of it is EMF that CloudWatch would take.
    """
    points = _read(Captured(path).lines(), f"EMF logs, {path.name}")
    if not len(points):
        raise ObskitError(f"{path}: no line is an EMF document that CloudWatch would take")
    return points


def _read(lines: Iterable[str], title: str) -> Points:
    points = Points(title)
    for raw in lines:
        line = _message(raw)
        if not emf.is_meant(line):
            continue
        for namespace, datum in emf.Reading(line, now=_written(line)).data:
            dimensions = tuple(sorted((one["Name"], one["Value"]) for one in datum["Dimensions"]))
            key = (namespace, datum["MetricName"], dimensions)
            when = int(datum["Timestamp"].timestamp())
            values = datum.get("Values", [datum.get("Value")])
            for value, count in zip(values, datum.get("Counts", [1.0]), strict=True):
                points.add(key, when, value, count, datum["Unit"])
    return points


def _message(raw: str) -> str:
    """Return the line itself, taken out of an event that an export of CloudWatch Logs wraps round it."""
    if '"message"' not in raw or not raw.startswith("{"):
        return raw
    try:
        event = json.loads(raw)
    except (ValueError, RecursionError):
        return raw
    inner = event.get("message")
    return inner if "_aws" not in event and isinstance(inner, str) else raw


def _written(line: str) -> float:
    """Return the document's own time: logs may be read long after, when CloudWatch would refuse them as too old."""
    try:
        when = float(json.loads(line)["_aws"]["Timestamp"]) / 1000
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return 0.0
    return when if 0 <= when < LAST else 0.0
