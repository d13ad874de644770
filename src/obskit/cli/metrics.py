"""`obskit metrics`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from obskit.cli import artefact, options
from obskit.terminal import visible

if TYPE_CHECKING:
    from obskit.deploy.coverage import Signal

ON_TERMINALS = ("name", "unit", "objective", "alarmed by", "$/month")
"""What fits into 80 columns."""
WIDE = 200
"""Columns of a terminal that all of it fits into."""
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("metrics", cls=options.Page)
@options.format_option("table", "json", "markdown")
@click.option("--out", type=FILE, metavar="FILE", help="Write FILE instead of stdout.")
@click.option("--check", type=FILE, metavar="FILE", help="Write nothing; exit 1 if FILE is not what would be written.")
@options.project_option
@click.pass_context
def command(ctx: click.Context, format_: str, out: Path | None, check: Path | None) -> int:
    """
    List the metrics that are declared, and what becomes of them.

    Imports the catalogs that obskit.toml names and lists every metric with its unit, service, dimensions (and how many
    values each has at most), owner, objective and runbook; the handlers that record it, where [coverage] names them,
    the dashboards that show it and the alarms that guard it; and what it costs a month, at most, in one environment and
    region. Handlers can emit these and nothing else, dashboards and alarms can show these and nothing else. Beside its
    own dimensions, each has `service` and `env`. A narrow terminal shows the most important columns; a pipe and the
    other formats get all of it. markdown is a page to be committed, and json has files with lines.

    Examples:
      obskit metrics
      obskit metrics --format markdown --out docs/kpis.md
      obskit metrics --format markdown --check docs/kpis.md     in CI: is the committed page up to date?
      obskit metrics --format json | jq -r '.[] | select(.alarmed_by == []) | .name'

    Exit codes: 0 good, 1 a catalog or definition cannot be read (or, with --check, the file differs), 2 wrong usage.
    """
    from obskit.deploy import catalog_page, coverage, definitions, project

    if out is not None and check is not None:
        raise click.UsageError("Give --out or --check, not both.")
    loaded = project.load(options.project_root(ctx))
    found = coverage.signals(loaded, definitions.load(loaded)).by_name
    signals = [found[name] for name in sorted(found)]
    target = out or check
    if format_ == "table" and target is None and sys.stdout.isatty():
        _draw(signals)
        return 0
    if format_ == "json":
        text = json.dumps([catalog_page.facts(signal) for signal in signals], indent=2) + "\n"
    else:
        text = catalog_page.page(signals) if format_ == "markdown" else visible(_plain(signals), lines=True)
    if target is None:
        click.echo(text, nl=False)
        return 0
    return artefact.write(target, text) if out is not None else artefact.check(target, text)


def _plain(signals: list[Signal]) -> str:
    from obskit.deploy import catalog_page

    columns = catalog_page.COLUMNS
    rows = [[column.upper() for column in columns]]
    rows += [list(catalog_page.cells(signal).values()) for signal in signals]
    widths = [max(len(row[index]) for row in rows) for index in range(len(columns))]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows
    )


def _draw(signals: list[Signal]) -> None:
    """Draw what fits; a name is never cut."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    from obskit.deploy import catalog_page

    console = Console()
    columns = catalog_page.COLUMNS if console.width >= WIDE else ON_TERMINALS
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(column, no_wrap=column in ("name", "unit", "$/month"), overflow="fold")
    for signal in signals:
        cells = catalog_page.cells(signal)
        table.add_row(*(cells[column] for column in columns))
    console.print(table)
    console.print(catalog_page.total(signals))
