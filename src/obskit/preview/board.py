"""A whole dashboard: every widget drawn in its place on the grid of 24 columns."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from obskit.preview import svg, vega, widgets, window
from obskit.preview.svg import Box

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.preview.series import Source
    from obskit.preview.widgets import Drawn
    from obskit.preview.window import Window

Json = dict[str, Any]
COLUMNS = 24
COLUMN, ROW = 60, 50
"""Pixels of a column and a row of the grid, about as in a window of 1440 pixels."""
GAP = 8
MOST = 100_000
"""Rows of a board that are drawn: CloudWatch names no limit of `y`."""

OUTLINES = {"added": "good", "removed": "bad", "changed": "warn", "moved": "info"}
"""How a widget is framed, by what has become of it."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One widget, drawn: *box* is its place on the board in pixels, *svg* what is in it."""

    box: Box
    drawn: Drawn
    svg: str
    change: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """A drawn dashboard, its *height* in pixels."""

    name: str
    tiles: list[Tile]
    height: int
    window: Window

    @property
    def width(self) -> int:
        return COLUMNS * COLUMN


def draw(name: str, body: Json, source: Source, changes: Mapping[int, str] | None = None) -> Board:
    """
    Return the dashboard *name*, drawn; *changes* says of widgets, by place in the body, what has become of them.

    Raises:
        MissingExtraError: the extra `preview` is not installed.
    """
    shown = window.of(body, source.end())
    where = widgets.Where(shown, source)
    placed = list(zip(_boxes(body.get("widgets") or []), body.get("widgets") or [], strict=True))
    drawn = [widgets.draw(widget, Box(0, 0, box.w, box.h), where) for box, widget in placed]
    pieces = iter(vega.drawn([group for one in drawn for group in one.groups]))
    tiles = []
    for place, ((box, widget), one) in enumerate(zip(placed, drawn, strict=True)):
        charts = "".join(next(pieces) for _ in one.groups)
        change = (changes or {}).get(place, "")
        clear = (widget.get("properties") or {}).get("background") == "transparent"
        tiles.append(Tile(box, one, _framed(box, one, charts, change, clear=clear), change))
    height = max((tile.box.y + tile.box.h for tile in tiles), default=2 * ROW) + GAP / 2
    return Board(name, tiles, int(height), shown)


def _boxes(found: list[Json]) -> list[Box]:
    """Return where each widget stands; those without a place follow one another, as CloudWatch lays them out."""
    boxes, x, y, tall = [], 0, 0, 0
    for widget in found:
        wide, high = _whole(widget.get("width"), 6), _whole(widget.get("height"), 6)
        if "x" in widget and "y" in widget:
            left, top = _whole(widget["x"], 0), _whole(widget["y"], 0)
        else:
            if x + wide > COLUMNS:
                x, y, tall = 0, y + tall, 0
            left, top = x, y
            x, tall = x + wide, max(tall, high)
        boxes.append(
            Box(left * COLUMN + GAP / 2, top * ROW + GAP / 2, max(wide, 1) * COLUMN - GAP, max(high, 1) * ROW - GAP)
        )
    return boxes


def _whole(value: object, otherwise: int) -> int:
    return int(min(value, MOST)) if isinstance(value, (int, float)) else otherwise


def _framed(box: Box, drawn: Drawn, charts: str, change: str, *, clear: bool) -> str:
    frame = Box(0.5, 0.5, box.w - 1, box.h - 1)
    look = {"rx": "8", "fill": svg.color("card"), "stroke": svg.color("edge")}
    if clear:
        look = {"rx": "8", "fill": "none"}
    if change:
        look |= {"stroke": svg.color(OUTLINES[change]), "stroke_width": "3"}
        look |= {"stroke_dasharray": "7 4"} if change == "moved" else {}
        frame = Box(1.5, 1.5, box.w - 3, box.h - 3)
    marks = "".join(drawn.marks)
    inside = marks.replace("\0", charts, 1) if "\0" in marks else marks + charts
    return svg.rect(frame, **look) + inside + (_flag(box, change) if change else "")


def _flag(box: Box, change: str) -> str:
    """Write what happened in the corner: a colour alone says nothing to many."""
    wide = svg.width(change, 10.5, bold=True) + 14
    flag = svg.rect(Box(box.w - wide - 8, 8, wide, 18), rx="9", fill=svg.color(OUTLINES[change]))
    look = {"fill": svg.color("card"), "font_weight": "700", "text_anchor": "middle"}
    return flag + svg.text(box.w - wide / 2 - 8, 20.5, change, 10.5, **look)


def picture(board: Board, title: str, note: str, *, dark: bool = False) -> str:
    """Return *board* as one SVG with a headline: *title*, and *note* in small letters."""
    head = 44
    wide, high = board.width + 16, board.height + head + 8
    ground = svg.rect(Box(0, 0, wide, high), fill=svg.color("page"))
    words = svg.text(14, 29, title, 18, font_weight="700")
    small = {"fill": svg.color("muted"), "text_anchor": "end"}
    words += svg.text(wide - 14, 28, note, 11.5, **small)
    tiles = "".join(
        f'<g transform="translate({svg.short(tile.box.x + 8)},{svg.short(tile.box.y + head)})">{tile.svg}</g>'
        for tile in board.tiles
    )
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" role="img"'
        f' font-family="{svg.FONT}"><title>{escape(title)}</title>{ground}{words}{tiles}</svg>\n'
    )
    return svg.resolved(drawing, dark=dark)
