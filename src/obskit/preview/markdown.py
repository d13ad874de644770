"""The markdown of text widgets, drawn: headings, paragraphs, lists, tables, code, links."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from obskit.preview import svg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.preview.svg import Box

_HEADINGS = {1: 20.0, 2: 17.0, 3: 14.0, 4: 13.0, 5: 12.0, 6: 12.0}
_SIZE = 12.5
_INLINE = re.compile(
    r"\*\*(?P<bold>.+?)\*\*|(?<!\w)[*_](?P<italic>[^*_]+?)[*_](?!\w)|`(?P<code>[^`]+)`"
    r"|!?\[(?P<label>[^\]]*)\]\((?P<href>[^)\s]*)[^)]*\)"
)
_SAFE = re.compile(r"(?:https?:|mailto:|#|/)")


class Span(NamedTuple):
    """A run of text of one look."""

    text: str
    look: str = ""
    href: str = ""


class _Place:
    """Where the next line goes."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.y = box.y
        self.drawn: list[str] = []

    @property
    def full(self) -> bool:
        return self.y > self.box.y + self.box.h - 4


def draw(markdown: str, box: Box) -> str:
    """Return *markdown* drawn in *box*; what does not fit is left out, as behind CloudWatch's scroll bar."""
    place = _Place(box)
    for kind, level, lines in _blocks(markdown):
        if place.full:
            break
        if kind == "heading":
            _flow(place, spans(lines[0]), _HEADINGS[level], heading=True)
        elif kind == "rule":
            place.drawn.append(svg.line(box.x, place.y + 8, box.x + box.w, place.y + 8, stroke=svg.color("edge")))
            place.y += 16
        elif kind == "table":
            _table(place, lines)
        elif kind == "code":
            for one in lines:
                _flow(place, [Span(one, "code")], _SIZE)
        else:
            mark = {"bullet": "•", "number": f"{level}."}.get(kind, "")
            _flow(place, spans(" ".join(lines)), _SIZE, mark=mark)
    return "".join(place.drawn)


def plain(markdown: str) -> str:
    """Return the words alone, for readers that do not look."""
    words = " ".join(span.text for one in markdown.splitlines() for span in spans(one.lstrip("#-*> ")))
    return re.sub(r"\s+", " ", words.replace("|", " ")).strip()


def spans(words: str) -> list[Span]:
    """
    Return the runs of one line.

    >>> spans("see **now** [the book](https://example.com/)")
    [Span(text='see ', look='', href=''), Span(text='now', look='bold', href=''), Span(text=' ', look='', href=''), \
Span(text='the book', look='link', href='https://example.com/')]
    """
    found, place = [], 0
    for match in _INLINE.finditer(words):
        if match.start() > place:
            found.append(Span(words[place : match.start()]))
        kind = match.lastgroup or ""
        if kind == "href":
            label = match["label"].removeprefix("button:").removeprefix("primary:")
            href = match["href"] if _SAFE.match(match["href"]) else ""
            found.append(Span(label or match["href"], "link", href))
        else:
            found.append(Span(match[kind], kind))
        place = match.end()
    return [*found, Span(words[place:])] if place < len(words) else found


def _blocks(markdown: str) -> Iterator[tuple[str, int, list[str]]]:
    lines = markdown.splitlines()
    place = 0
    while place < len(lines):
        one = lines[place].strip()
        place += 1
        heading = re.match(r"(#{1,6})\s+(.*)", one)
        item = re.match(r"([-*+]|(\d+)[.)])\s+(.*)", one)
        if one.startswith("```"):
            code = []
            while place < len(lines) and not lines[place].strip().startswith("```"):
                code.append(lines[place])
                place += 1
            place += 1
            yield "code", 0, code
        elif heading:
            yield "heading", len(heading[1]), [heading[2]]
        elif re.fullmatch(r"[-*_]{3,}", one):
            yield "rule", 0, []
        elif item:
            yield ("number" if item[2] else "bullet"), int(item[2] or 0), [item[3]]
        elif one:
            kept = [one]
            table = one.startswith("|") or " | " in one
            while place < len(lines) and _goes_on(lines[place].strip(), table=table):
                kept.append(lines[place].strip())
                place += 1
            yield ("table" if table and len(kept) > 1 else "paragraph"), 0, kept


def _goes_on(one: str, *, table: bool) -> bool:
    if table:
        return "|" in one
    return bool(one) and not re.match(r"#{1,6}\s|[-*+]\s|\d+[.)]\s|```|\|", one)


def _flow(place: _Place, found: list[Span], size: float, *, mark: str = "", heading: bool = False) -> None:
    """Draw words one after another, with new lines where the box ends; words of one look are drawn together."""
    left = place.box.x + (16 if mark else 0)
    if mark:
        place.drawn.append(svg.text(place.box.x + 2, place.y + size * 1.05, mark, size, fill=svg.color("muted")))
    x, row = left, ""
    for span in found:
        bold, mono = heading or span.look == "bold", span.look == "code"
        begun, run = x, ""
        for word in re.findall(r"\s+|\S+", span.text):
            wide = svg.width(word, size, bold=bold, mono=mono)
            if x + wide > place.box.x + place.box.w and x > left and not word.isspace():
                place.drawn.append(row + _run((begun, place.y + size * 1.05), run, size, span, bold=bold))
                place.y += size * 1.4
                begun, x, row, run = left, left, "", ""
                if place.full:
                    return
            if word.isspace() and x == left:
                continue
            run += word
            x += wide
        row += _run((begun, place.y + size * 1.05), run, size, span, bold=bold)
    place.drawn.append(row)
    place.y += size * 1.4 + (4 if heading else 3)


def _run(spot: tuple[float, float], words: str, size: float, span: Span, *, bold: bool) -> str:
    """Draw *words*; spaces before them move them on, for SVG would swallow these."""
    if not words.strip():
        return ""
    ahead = svg.width(" " * (len(words) - len(words.lstrip())), size)
    look = {"fill": svg.color("link" if span.href else "ink")}
    if bold:
        look["font_weight"] = "700"
    if span.look == "italic":
        look["font_style"] = "italic"
    if span.look == "code":
        look["font_family"] = svg.MONO
    drawn = svg.text(spot[0] + ahead, spot[1], words.strip(), size, **look)
    return f'<a href="{escape(span.href)}">{drawn}</a>' if span.href else drawn


def _table(place: _Place, lines: list[str]) -> None:
    rows = [[cell.strip() for cell in one.strip("|").split("|")] for one in lines]
    rows = [row for row in rows if not all(re.fullmatch(r":?-+:?", cell) for cell in row)]
    columns = max(len(row) for row in rows)
    wide = place.box.w / columns
    for number, row in enumerate(rows):
        if place.full:
            return
        top = place.y
        for column, cell in enumerate(row):
            x = place.box.x + column * wide
            words = svg.fitted("".join(span.text for span in spans(cell)), wide - 8, _SIZE, bold=not number)
            link = next((span for span in spans(cell) if span.href), Span(""))
            look = Span(words, "bold" if not number else link.look, link.href)
            place.drawn.append(_run((x, top + _SIZE * 1.1), words, _SIZE, look, bold=not number))
        place.y += _SIZE * 1.6
        place.drawn.append(
            svg.line(place.box.x, place.y - 2, place.box.x + place.box.w, place.y - 2, stroke=svg.color("edge"))
        )
