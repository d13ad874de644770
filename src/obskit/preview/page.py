"""One HTML page with all dashboards: opens from disk, loads nothing, runs no script."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from obskit.preview import svg
from obskit.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.preview.board import Board, Tile
    from obskit.preview.window import Window

CSS = Path(__file__).with_name("page.css")


@dataclass(frozen=True, slots=True)
class Shown:
    """A dashboard on the page: as it is now, and where two are compared as it *was*; *changes* in words."""

    title: str
    now: Board | None
    was: Board | None = None
    changes: tuple[str, ...] = ()


def render(title: str, data: str, shown: list[Shown], *, before: str = "") -> str:
    """Return the page; *data* says where the numbers come from, *before* what it is compared with."""
    parts = "".join(_section(number, one, before) for number, one in enumerate(shown))
    links = "".join(f'<li><a href="#{_id(number)}">{_said(one.title)}</a></li>' for number, one in enumerate(shown))
    both = ' class="both"' if before else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{_said(title)}</title>\n<style>\n{_theme()}{CSS.read_text(encoding='utf-8')}</style></head>\n<body>"
        f'<a class="skip" href="#main">To the dashboards</a>\n<header><h1>{_said(title)}</h1>'
        f'<nav aria-label="Dashboards"><ul>{links}</ul></nav>{_TOGGLE}</header>\n'
        f'<main id="main"{both}>\n{parts}</main>\n'
        f"<footer>Drawn by obskit from the dashboards' bodies; numbers: {_said(data)}. Times are UTC.</footer>\n"
        "</body></html>\n"
    )


_TOGGLE = (
    "<fieldset><legend>Theme</legend>"
    '<label><input type="radio" name="theme" id="auto" checked>auto</label>'
    '<label><input type="radio" name="theme" id="light">light</label>'
    '<label><input type="radio" name="theme" id="dark">dark</label></fieldset>'
)


def _theme() -> str:
    colors = "".join(f"  --{name}: light-dark({light}, {dark});\n" for name, (light, dark) in svg.THEME.items())
    return (
        f":root {{\n  color-scheme: light dark;\n{colors}}}\n"
        ":root:has(#light:checked) { color-scheme: light; }\n:root:has(#dark:checked) { color-scheme: dark; }\n"
    )


def _id(number: int, side: str = "") -> str:
    return f"d{number}{side}"


def _section(number: int, one: Shown, before: str) -> str:
    window = (one.now or one.was or _nothing(one)).window
    ident = _id(number)
    head = f'<section id="{ident}" aria-labelledby="{ident}-t"><h2 id="{ident}-t">{_said(one.title)}</h2>\n'
    head += f'<p class="note">{span(window)}</p>\n'
    if not before:
        return head + _board(one.now, _id(number, "n")) + "</section>\n"
    changes = "".join(f"<li>{_said(words)}</li>" for words in one.changes)
    listed = f'<ul class="changes">{changes}</ul>' if changes else '<p class="note">No change.</p>'
    sides = "".join(
        f"<div><h3>{_said(name)}</h3>{_board(board, _id(number, side))}</div>"
        for name, board, side in ((before, one.was, "b"), ("now", one.now, "n"))
    )
    return f'{head}{listed}<div class="sides">{sides}</div></section>\n'


def _nothing(one: Shown) -> Board:
    raise ValueError(f"{one.title}: neither a dashboard now nor one before")


def span(window: Window) -> str:
    """Return what a window shows, for people."""
    start, end = (datetime.fromtimestamp(one, UTC) for one in (window.start, window.end))
    later = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%d %b %Y %H:%M}"
    return f"{start:%d %b %Y %H:%M} to {later} UTC"


def _board(board: Board | None, name: str) -> str:
    if board is None:
        return '<p class="note">There is none.</p>'
    tiles = "\n".join(_tiles(board, name))
    return f'<div class="board" style="aspect-ratio:{board.width}/{board.height}">\n{tiles}\n</div>\n'


def _tiles(board: Board, name: str) -> Iterator[str]:
    for number, tile in enumerate(board.tiles):
        box, ident = tile.box, f"{name}w{number}"
        place = (
            f"left:{100 * box.x / board.width:.3f}%;top:{100 * box.y / board.height:.3f}%;"
            f"width:{100 * box.w / board.width:.3f}%;height:{100 * box.h / board.height:.3f}%"
        )
        said = _said(f"{tile.drawn.title}: {tile.change + ': ' if tile.change else ''}{tile.drawn.says}")
        changed = " changed" if tile.change else ""
        more = _details(tile, ident) if tile.drawn.kind != "text" else ""
        # An image to readers, but for text: its links must stay links.
        role = f'role="img" aria-label="{said}"' if tile.drawn.kind != "text" else 'role="group"'
        yield (
            f'<figure class="tile{changed}" data-kind="{_said(tile.drawn.kind)}" style="{place}">'
            f'<svg viewBox="0 0 {svg.short(box.w)} {svg.short(box.h)}" {role} font-family="{svg.FONT}">{tile.svg}</svg>'
            f"{more}</figure>"
        )


def _details(tile: Tile, ident: str) -> str:
    """Return the button that opens a widget's numbers, and what it opens; a browser does that without a script."""
    title = _said(tile.drawn.title)
    rows = "".join(
        f"<tr><td>{_said(label)}</td><td>{_said(source)}</td>"
        + "".join(f'<td class="n">{_said(one)}</td>' for one in values)
        + "</tr>"
        for label, source, *values in tile.drawn.rows
    )
    numbers = "".join(f'<th class="n">{name}</th>' for name in ("Least", "Most", "Newest"))
    head = f"<tr><th>Shown as</th><th>Source</th>{numbers}</tr>"
    table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>" if rows else ""
    says = "" if rows else f"<p>{_said(tile.drawn.says)}</p>"
    return (
        f'<button type="button" popovertarget="{ident}" aria-label="Numbers of {title}">numbers</button>'
        f'<div id="{ident}" popover role="dialog" aria-label="{title}">'
        f'<button type="button" class="close" popovertarget="{ident}" popovertargetaction="hide">close</button>'
        f"<h3>{title}</h3>{says}{table}</div>"
    )


def _said(text: str) -> str:
    """Return *text* of anybody as it is read, without what would turn lines round."""
    return escape(visible(text, lines=True))
