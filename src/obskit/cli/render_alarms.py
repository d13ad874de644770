"""`obskit render-alarms`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from obskit.cli import options
from obskit.cli.render import common, render

if TYPE_CHECKING:
    from typing import Unpack

    from obskit.cli.render import Wanted


@click.command("render-alarms", cls=options.Page)
@common
def command(ctx: click.Context, **wanted: Unpack[Wanted]) -> int:
    """
    Write only the CloudFormation templates of an environment.

    The same as `obskit render --only alarms`: everything is checked, one half is written, to
    alarms/rendered/ENV/REGION/PROJECT.template.json.

    The template of the primary region also holds the dashboards, for one stack deploys all.

    Examples:
      obskit render-alarms --env prod
      obskit render-alarms --all --check

    Exit codes: 0 written (or, with --check, the same), 1 problems found (or different), 2 wrong usage.
    """
    return render(ctx, ("alarms",), wanted)
