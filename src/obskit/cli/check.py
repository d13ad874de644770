"""`obskit check`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from obskit.cli import options
from obskit.errors import ObskitError

if TYPE_CHECKING:
    from pathlib import Path


@click.command("check", cls=options.Page)
@options.format_option("text", "json")
@click.option("--signals", is_flag=True, help="Tell of every signal, not only of problems.")
@click.option("--costs", is_flag=True, help="Tell what each environment costs a month.")
@options.project_option
@click.pass_context
def command(ctx: click.Context, format_: str, *, signals: bool, costs: bool) -> int:
    """
    Check the whole project and write nothing.

    Looks at obskit.toml, the catalogs, the definitions in dashboards/ and alarms/, the runbooks that they name, and
    renders every environment in memory to hold it against the rules of CloudWatch that AWS enforces late or never.
    Where [coverage] in obskit.toml names the handlers, their source is read, never imported: a metric that is
    recorded and on no dashboard, shown and recorded nowhere, or has an objective and no alarm is a problem, with
    file and line; so is a name or dimension in a call that the catalog does not have, and a log call that would
    raise. `allow` lists exceptions, each with its reason. The problems of all files are told together; a definition
    file ends at its first mistake of Python.

    Each alarm is tried on invented data: one that pages while all is well, or sleeps through an incident, is an error
    (docs/backtest.md).

    Examples:
      obskit check
      obskit check --signals              where each metric is emitted, charted and alarmed, and its runbook
      obskit check --costs                USD a month by environment; with --format json each alarm, dashboard …
      obskit -C shop check --format json

    budget_usd_month of an environment is a limit: what costs more is an error. Prices are AWS's list in us-east-1, with
    source and day in obskit.deploy.prices; custom metrics count with the most series that they can have.

    A warning deploys, but shows something else than intended; it does not change the exit code.

    Exit codes: 0 no errors, 1 errors found, 2 wrong usage.
    """
    from obskit.deploy import check

    root = options.project_root(ctx)
    problems = check.check(root)
    options.tell(problems)
    found = _signals(root) if signals else []
    paid = _costs(root) if costs else {}
    if format_ == "json":
        parts: dict[str, Any] = {"signals": found} if signals else {}
        parts |= {"costs": paid} if costs else {}
        click.echo(json.dumps({"problems": options.as_json(problems), **parts}, indent=2))
    else:
        for name, one in paid.items():
            click.echo(f"{name}: {_sum(one['totals'])}")
        for signal in found:
            click.echo(_told(signal))
        click.echo(options.counted(problems))
    return 1 if options.errors(problems) else 0


def _signals(root: Path) -> list[dict[str, object]]:
    """Return where each signal is, as far as the project can be read."""
    from obskit.deploy import catalog_page, coverage, definitions, project

    try:
        loaded = project.load(root)
        found = coverage.signals(loaded, definitions.load(loaded)).by_name
    except ObskitError:  # told already, as a problem
        return []
    return [catalog_page.facts(found[name]) for name in sorted(found)]


def _costs(root: Path) -> dict[str, Any]:
    """Return totals and lines of each environment, as far as the project can be read."""
    from obskit.deploy import costs, definitions, project, render

    try:
        loaded = project.load(root)
        defined = definitions.load(loaded)
        found = {
            name: costs.of(render.render(loaded, defined, environment), defined.metrics)
            for name, environment in loaded.environments.items()
        }
    except ObskitError:  # told already, as a problem
        return {}
    return {
        name: {"totals": costs.totals(lines), "lines": [line._asdict() for line in lines]}
        for name, lines in found.items()
    }


def _sum(totals: dict[str, float]) -> str:
    parts = ", ".join(f"{kind} {usd:.2f}" for kind, usd in totals.items() if kind != "total" and usd)
    return f"{totals['total']:.2f} USD a month at most ({parts})"


def _told(signal: dict[str, Any]) -> str:
    lines = [signal["name"]]
    for word, key in (
        ("emitted", "emitted_by"),
        ("charted", "charted"),
        ("alarmed", "guarded"),
        ("runbook", "runbook"),
    ):
        where = signal[key] if isinstance(signal[key], list) else [signal[key]]
        lines.append(f"  {word}  {', '.join(where) or '-'}")
    return "\n".join(lines)
