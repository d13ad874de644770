"""`obskit metrics`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from obskit.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from obskit.catalog.model import Metric

ON_TERMINALS = ("name", "unit", "service", "dimensions", "objective")
COLUMNS = ("name", "unit", "service", "dimensions", "owner", "objective", "runbook")


@click.command("metrics", cls=options.Page)
@options.format_option("table", "json", "markdown")
@options.project_option
@click.pass_context
def command(ctx: click.Context, format_: str) -> int:
    """
    List the metrics that are declared.

    Imports the catalogs that obskit.toml names and lists every metric with its unit, service, dimensions, owner,
    objective and runbook. Handlers can emit these and nothing else, dashboards and alarms can show these and nothing
    else. Beside its own dimensions, each has `service` and `env`. A terminal shows what fits into 80 columns; a pipe
    and the other formats get all of it.

    Examples:
      obskit metrics
      obskit metrics --format markdown > docs/metrics.md
      obskit metrics --format json | jq -r '.[].name'

    Exit codes: 0 good, 1 a catalog cannot be imported, 2 wrong usage.
    """
    from obskit.deploy import definitions, project

    found = definitions.catalog(project.load(options.project_root(ctx)))
    metrics = [found[name] for name in sorted(found)]
    if format_ == "json":
        click.echo(json.dumps([{**_facts(metric), "help": metric.help} for metric in metrics], indent=2))
    elif format_ == "markdown":
        click.echo(_markdown(metrics))
    elif sys.stdout.isatty():
        _draw(metrics)
    else:
        click.echo(_plain(metrics))
    return 0


def _facts(metric: Metric) -> dict[str, object]:
    facts = {column: getattr(metric, column) for column in COLUMNS}
    return {**facts, "dimensions": list(metric.dimensions)}


def _cells(metric: Metric) -> list[str]:
    return [", ".join(value) if isinstance(value, list) else str(value) for value in _facts(metric).values()]


def _markdown(metrics: Iterable[Metric]) -> str:
    header = ["metric", *COLUMNS[1:], "meaning"]
    rows = [header, ["---"] * len(header), *([*_cells(metric), metric.help] for metric in metrics)]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)


def _plain(metrics: Iterable[Metric]) -> str:
    rows = [[column.upper() for column in COLUMNS], *(_cells(metric) for metric in metrics)]
    widths = [max(len(row[index]) for row in rows) for index in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _draw(metrics: Iterable[Metric]) -> None:
    """Draw what fits into 80 columns; a name is never cut."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in ON_TERMINALS:
        table.add_column(column, no_wrap=column in ("name", "unit"))
    for metric in metrics:
        cells = dict(zip(COLUMNS, _cells(metric), strict=True))
        table.add_row(*(cells[column] for column in ON_TERMINALS))
    Console().print(table)
