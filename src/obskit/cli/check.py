"""`obskit check`."""

from __future__ import annotations

import json

import click

from obskit.cli import options


@click.command("check", cls=options.Page)
@options.format_option("text", "json")
@options.project_option
@click.pass_context
def command(ctx: click.Context, format_: str) -> int:
    """
    Check the whole project and write nothing.

    Looks at obskit.toml, the catalogs, the definitions in dashboards/ and alarms/, the runbooks that they name, and
    renders every environment in memory to hold it against the rules of CloudWatch that AWS enforces late or never.
    The problems of all files are told together; a definition file ends at its first mistake of Python.

    Examples:
      obskit check
      obskit -C shop check --format json

    A warning deploys, but shows something else than intended; it does not change the exit code.

    Exit codes: 0 no errors, 1 errors found, 2 wrong usage.
    """
    from obskit.deploy import check

    problems = check.check(options.project_root(ctx))
    options.tell(problems)
    if format_ == "json":
        click.echo(json.dumps({"problems": options.as_json(problems)}, indent=2))
    else:
        click.echo(options.counted(problems))
    return 1 if options.errors(problems) else 0
