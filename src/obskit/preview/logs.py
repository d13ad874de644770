"""Log widgets: what a Logs Insights query would bring, with rows that are invented."""

from __future__ import annotations

import hashlib
import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from obskit.preview import panel as panels

if TYPE_CHECKING:
    from obskit.preview.panel import Panel
    from obskit.preview.window import Window

ROWS = 8
_VALUES = {
    "level": ("ERROR", "ERROR", "WARN"),
    "message": ("checkout failed", "payment provider did not answer", "order was not accepted"),
    "exception_name": ("TimeoutError", "CardDeclined", "KeyError"),
    "operation": ("checkout", "search", "createOrder"),
    "service": ("checkout", "search"),
    "index": ("listings", "sellers"),
}


@dataclass(slots=True)
class Read:
    """The columns and rows of an answer; *numbers* are the columns that an aggregate fills, *binned* says over time."""

    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    binned: bool = False


def read(query: str, window: Window) -> Read:
    """Return an invented answer to *query*: its columns are the ones that the query names."""
    steps = [step.strip() for step in re.split(r"\n\s*\||\|", query) if step.strip()]
    columns, numbers, binned = ["@timestamp", "@message"], [], False
    for step in steps:
        word, _, rest = step.partition(" ")
        if word.lower() in ("fields", "display"):
            columns = [_called(part) for part in _parts(rest)]
        elif word.lower() == "stats":
            folds, _, by = re.sub(r"\s+", " ", rest).partition(" by ")
            numbers = [_called(part) for part in _parts(folds)]
            groups = [_called(part) for part in _parts(by)] if by else []
            binned = any(group.startswith("bin(") for group in groups)
            columns = [*groups, *numbers]
    limit = next((int(step.split()[1]) for step in steps if re.fullmatch(r"(?i)limit \d+", step)), ROWS)
    dice = random.Random(hashlib.sha256(query.encode()).digest())  # noqa: S311  nothing is secret
    count = min(limit, ROWS) if len(columns) > len(numbers) or not numbers else 1
    found = Read(columns, numbers=numbers, binned=binned)
    found.rows = [[_cell(name, place, found, dice, window) for name in columns] for place in range(count)]
    return found


def _parts(text: str) -> list[str]:
    """Split at the commas that stand in no parentheses."""
    return [part.strip() for part in re.split(r",(?![^(]*\))", text) if part.strip()]


def _called(part: str) -> str:
    """Return the name of a column: what stands after `as`, else the term itself."""
    return re.split(r"\s+as\s+", part, flags=re.IGNORECASE)[-1].strip()


def _cell(name: str, place: int, found: Read, dice: random.Random, window: Window) -> str:
    if name in found.numbers:
        return str(int(3 + 90 * dice.random()))
    if name.lstrip("@") in ("timestamp", "time", "ingestionTime") or name.startswith("bin("):
        when = window.end - int((place + dice.random()) * 420)
        return f"{datetime.fromtimestamp(when, UTC):%H:%M:%S}"
    if name.lower().endswith(("id", "@ptr")) or name.lower().endswith("logstream"):
        return f"{dice.getrandbits(48):012x}"
    if re.search(r"duration|latency|ms$|bytes|count|memory", name, re.IGNORECASE):
        return str(int(20 + 900 * dice.random()))
    values = _VALUES.get(name.lstrip("@").lower(), ("…",))
    return values[int(dice.random() * len(values))]


def panel(found: Read, view: str, window: Window) -> Panel:
    """Return the answer as a panel: a line for each number over time, or a bar for each row."""
    times = window.times(max((window.end - window.start) // 48, 60))
    shown = panels.Panel({"view": view}, times)
    dice = random.Random(repr(found.columns))  # noqa: S311  nothing is secret
    groups = [one for one in found.columns if one not in found.numbers and not one.startswith("bin(")]
    names = (
        found.numbers
        if not groups
        else sorted({" ".join(row[found.columns.index(group)] for group in groups) for row in found.rows})
    )
    for place, name in enumerate(names):
        level = 8 + 30 * dice.random()
        values = [round(level * (0.7 + 0.6 * dice.random()), 1) for _ in times]
        color = panels.PALETTE[place % len(panels.PALETTE)]
        shown.lines.append(panels.Line(name, color, "left", list(values), "", "Logs Insights", "Sum"))
    return shown
