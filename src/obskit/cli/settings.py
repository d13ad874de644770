"""`obskit settings`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from obskit.cli import artefact, options

FILE = click.Path()  # as it was written: a '/' at the end says folder


@click.command("settings", cls=options.Page)
@click.option("--env", "name", metavar="NAME", help="Only what one environment needs. Default: all of them.")
@click.option("--out", type=FILE, metavar="FILE", help="Write FILE, or obskit_settings.py in a folder.")
@click.option("--check", type=FILE, metavar="FILE", help="Write nothing; exit 1 if FILE is not what would be written.")
@options.project_option
@click.pass_context
def command(ctx: click.Context, name: str | None, out: str | None, check: str | None) -> int:
    """
    Write the runtime's part of obskit.toml as a Python module.

    The runtime reads no TOML, which would cost each cold start 9 ms. This puts the masking policy of [masking], and
    what [probes] asks where an environment has probes, into a module of plain values: obskit_settings.py. Ship it
    beside the function's code or in its layer, where obskit imports it by that name. Without it every class of personal
    data is redacted.

    A module for all environments chooses by OBSKIT_ENV when the function starts, and takes what [masking] says where
    [masking.environments] says nothing. The same obskit.toml gives the same bytes.

    Examples:
      obskit settings
      obskit settings --env prod --out build/obskit_settings.py
      obskit settings --check src/obskit_settings.py      in CI: is the committed file up to date?

    Exit codes: 0 good, 1 obskit.toml has problems (or, with --check, the file differs), 2 wrong usage.
    """
    from obskit.deploy import project, settings

    if out is not None and check is not None:
        raise click.UsageError("Give --out or --check, not both.")
    loaded = project.load(options.project_root(ctx))
    environment = options.environments(loaded, (name,), every=False)[0].name if name is not None else ""
    text = settings.module(loaded, environment)
    given = out or check
    if given is None:
        click.echo(text, nl=False)
        return 0
    target = _file(given)
    return artefact.write(target, text) if out is not None else artefact.check(target, text)


def _file(given: str) -> Path:
    path = Path(given)
    if path.is_dir() or given.endswith(os.sep):
        path /= "obskit_settings.py"
    if not path.parent.is_dir():
        raise click.UsageError(f"There is no folder '{path.parent}'; make it first.")
    return path
