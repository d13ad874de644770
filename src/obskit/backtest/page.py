"""One HTML page of a backtest: the table and the pictures, light or dark as the reader has it; nothing is fetched."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from obskit.backtest.alarms import about
from obskit.backtest.picture import DARK, LIGHT
from obskit.backtest.report import often, stamp
from obskit.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.backtest.report import Figures, Report

_STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1b2430; --faint: #5b6775; --grid: #e4e8ed; --bad: #d32f3a; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #12181f; --ink: #e8edf3; --faint: #9aa7b5; --grid: #2a3440; --bad: #f4606b; }
EXCHANGE
}
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; }
p { color: var(--faint); margin: .25rem 0; }
table { border-collapse: collapse; margin: 1.5rem 0; width: 100%; }
th, td { text-align: right; padding: .3rem .6rem; border-bottom: 1px solid var(--grid); white-space: nowrap; }
th { color: var(--faint); font-weight: 600; font-size: .8rem; }
th:first-child, td:first-child, th:nth-child(2), td:nth-child(2) { text-align: left; }
td:first-child { white-space: normal; overflow-wrap: anywhere; }
a { color: inherit; }
strong { color: var(--bad); }
section { border-top: 1px solid var(--grid); padding: 1rem 0; }
svg { width: 100%; height: auto; display: block; }
li { color: var(--faint); overflow-wrap: anywhere; }
""".strip()


def page(report: Report, pictures: Mapping[str, str], title: str) -> str:
    """Return the page; *pictures* are SVG texts in the colours of `LIGHT`, by alarm."""
    span = f"{stamp(report.span.start)} to {stamp(report.span.end)} UTC"
    incident = (
        f"<p>{_said(report.incident)}, from {stamp(report.incident_span.start)}</p>" if report.incident_span else ""
    )
    problems = "".join(f"<li><strong>{_said(problem)}</strong></li>" for problem in report.problems)
    return "\n".join(
        (
            "<!doctype html>",
            f'<html lang="en"><head><meta charset="utf-8"><title>{_said(title)}</title>',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<style>\n{_STYLE.replace('EXCHANGE', _exchange())}\n</style></head><body>",
            f"<h1>{_said(title)}</h1>",
            f"<p>{span}: {_said(often(report))}</p>{incident}",
            f"<ul>{problems}</ul>" if problems else "",
            _table(report, pictures),
            *(_section(row, pictures.get(row.name, ""), number) for number, row in enumerate(report.rows)),
            "</body></html>\n",
        )
    )


def _exchange() -> str:
    """Return the rules that give each colour of a light picture its dark one."""
    pairs = [(light, dark) for light, dark in zip(LIGHT, DARK, strict=True) if light != dark]
    return "\n".join(
        f'  svg [{what}="{light}" i] {{ {what}: {dark}; }}' for light, dark in pairs for what in ("fill", "stroke")
    )


def _table(report: Report, pictures: Mapping[str, str]) -> str:
    heads = ("Alarm", "Severity", "Fired", "A week", "Detected", "Flaps", "In ALARM", "")
    rows = "".join(_row(row, number, linked=row.name in pictures) for number, row in enumerate(report.rows))
    return f"<table><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr>{rows}</table>"


def _row(row: Figures, number: int, *, linked: bool) -> str:
    name = f'<a href="#a{number}">{_said(row.name)}</a>' if linked else _said(row.name)
    detected = "-" if row.detected_s is None else about(row.detected_s)
    marked = f"<strong>{row.verdict}</strong>" if row.verdict == "always" or row.faults else row.verdict
    cells = (name, _said(row.severity or "-"), row.fired, f"{row.per_week:g}", detected, row.flaps)
    last = (f"{100 * row.in_alarm:.1f} %", marked)
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in (*cells, *last))}</tr>"


def _section(row: Figures, picture: str, number: int) -> str:
    words = [*([row.why] if row.why else []), *row.faults, *row.notes]
    told = "".join(f"<li>{_said(one)}</li>" for one in words)
    return f'<section id="a{number}">{_plain(picture, number)}{f"<ul>{told}</ul>" if told else ""}</section>'


def _plain(picture: str, number: int) -> str:
    """Return an SVG as a part of a page: its ids are its own, and HTML needs no namespaces."""
    return re.sub(r'(\bid="|url\(#)', rf"\1a{number}-", re.sub(r' xmlns(?::\w+)?="[^"]*"', "", picture))


def _said(text: str) -> str:
    """Return *text* of anybody as it is read, without what would turn lines round."""
    return escape(visible(text, lines=True))
