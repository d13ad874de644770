"""Tables as pictures: columns as wide as what is in them, rows until the box is full."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from obskit.preview import svg
from obskit.preview.panel import number
from obskit.preview.series import present

if TYPE_CHECKING:
    from collections.abc import Callable

    from obskit.preview.panel import Panel
    from obskit.preview.series import Series
    from obskit.preview.svg import Box

ROW = 19
_FOLDS: dict[str, Callable[[list[float]], float]] = {
    "MIN": min,
    "MAX": max,
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
}


def draw(columns: list[str], rows: list[list[str]], box: Box, *, mono: bool = False) -> str:
    """Return a table in *box*; the last row that fits says how many do not."""
    size = 11.0
    widths = _widths(columns, rows, box.w, size, mono=mono)
    fits = max(int((box.h - ROW) / ROW), 0)
    shown = rows if len(rows) <= fits else rows[: max(fits - 1, 0)]
    drawn, x = [], box.x
    for name, wide in zip(columns, widths, strict=True):
        head = {"font_weight": "700", "fill": svg.color("muted")}
        drawn.append(svg.text(x, box.y + 12, svg.fitted(name, wide - 10, size, bold=True), size, **head))
        x += wide
    drawn.append(svg.line(box.x, box.y + ROW - 1, box.x + box.w, box.y + ROW - 1, stroke=svg.color("edge")))
    family = {"font_family": svg.MONO} if mono else {}
    for place, row in enumerate(shown):
        x, y = box.x, box.y + ROW * (place + 1)
        for cell, wide in zip(row, widths, strict=True):
            drawn.append(svg.text(x, y + 13, svg.fitted(cell, wide - 10, size, mono=mono), size, **family))
            x += wide
        drawn.append(svg.line(box.x, y + ROW - 0.5, box.x + box.w, y + ROW - 0.5, stroke=svg.color("grid")))
    if len(shown) < len(rows):
        y = box.y + ROW * (len(shown) + 1) + 13
        drawn.append(svg.text(box.x, y, f"+{len(rows) - len(shown)} more", size, fill=svg.color("muted")))
    return "".join(drawn)


def _widths(columns: list[str], rows: list[list[str]], room: float, size: float, *, mono: bool) -> list[float]:
    """Share *room* by what the columns hold, none below a twelfth of it where that is more than it needs."""
    wanted = [
        max([svg.width(name, size, bold=True), *(svg.width(row[place], size, mono=mono) for row in rows)]) + 14
        for place, name in enumerate(columns)
    ]
    whole = sum(wanted)
    if whole <= room:
        spare = (room - whole) / max(len(wanted), 1)
        return [one + spare for one in wanted]
    least = room / 12
    kept = [min(one, least) for one in wanted]
    over = [max(one - least, 0.0) for one in wanted]
    return [base + (room - sum(kept)) * more / (sum(over) or 1) for base, more in zip(kept, over, strict=True)]


def of_metrics(panel: Panel, box: Box) -> str:
    """Return the table view of a metric widget: series as rows, or as columns where its layout is vertical."""
    asked = panel.properties.get("table") or {}
    folds = [name for name in asked.get("summaryColumns", ["MIN", "MAX", "SUM", "AVG"]) if name in _FOLDS]
    newest = list(panel.times)[-4:] if asked.get("showTimeSeriesData", True) else []
    head = ["Metric", *folds, *(f"{datetime.fromtimestamp(when, UTC):%H:%M}" for when in newest)]
    rows = [
        [
            one.label,
            *(_folded(one.values, name, one.unit) for name in folds),
            *(number(value, one.unit) for value in (one.values[-4:] if newest else [])),
        ]
        for one in panel.lines
    ]
    if asked.get("layout") == "vertical":
        across = [head, *rows]
        head = [row[0] for row in across]
        rows = [[row[place] for row in across] for place in range(1, len(across[0]))]
    return draw(head, rows, box)


def _folded(values: Series, name: str, unit: str) -> str:
    there = present(values)
    return number(_FOLDS[name](there) if there else None, unit)
