"""`obskit runbook`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from obskit.cli import options
from obskit.errors import did_you_mean
from obskit.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.deploy.definitions import Definitions
    from obskit.deploy.model import Project


@click.command("runbook", cls=options.Page)
@click.argument("alarm", metavar="ALARM")
@click.option(
    "--env", "environment", metavar="NAME", default="", help="Write it instead of <env> in names and queries."
)
@options.project_option
@click.pass_context
def command(ctx: click.Context, alarm: str, environment: str) -> None:
    """
    Print the runbook of an alarm.

    ALARM is the name in the definitions or the whole name that a page shows; the whole one also says which environment
    is meant. On a terminal the text is laid out; a pipe gets it as it is.

    Examples:
      obskit runbook checkout-failures
      obskit runbook shop-checkout-prod-us-east-1-checkout-failures
      obskit runbook outbox-age --env prod | less

    Exit codes: 0 printed, 1 the project cannot be read or has no such file, 2 no such alarm.
    """
    from obskit.deploy import definitions, project

    root = options.project_root(ctx)
    loaded = project.load(root)
    if environment:
        options.environments(loaded, (environment,), every=False)
    known = _known(loaded, definitions.load(loaded))
    if alarm not in known:
        short = [name for name, (_, env) in known.items() if not env]
        raise click.BadParameter(f"no alarm is called '{alarm}'.{did_you_mean(alarm, short)}", param_hint="'ALARM'")
    book, env = known[alarm]
    folder = root / loaded.alarms / "runbooks"
    path = folder / book
    if path not in folder.glob("*.md") or not path.is_file():
        raise click.ClickException(f"{path.relative_to(root)}: no such runbook; `obskit check` tells of all of them")
    text = path.read_text(encoding="utf-8", errors="replace")
    if environment or env:
        text = text.replace("<env>", environment or env)
    _show(text)


def _known(project: Project, definitions: Definitions) -> Mapping[str, tuple[str, str]]:
    """Return runbook and environment by each name that an alarm has; the short one says no environment."""
    from obskit.deploy import names, paging

    found = {one.name: (one.runbook, "") for one in definitions.guards}
    for environment in project.environments.values():
        guards = list(definitions.guards)
        if environment.pages and environment.fallback:
            guards += paging.path_alarms(project, environment, "alarms", forwarded=True)
            found |= {one.name: (one.runbook, "") for one in guards[len(definitions.guards) :]}
        for region in environment.regions:
            for one in guards:
                found[names.alarm(project, environment, region, one)] = (one.runbook, environment.name)
    return found


def _show(text: str) -> None:
    if not sys.stdout.isatty():
        click.echo(text, nl=False)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(visible(text, lines=True), hyperlinks=True))
