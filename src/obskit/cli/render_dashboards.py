"""`obskit render-dashboards`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from obskit.cli import options
from obskit.cli.render import common, render

if TYPE_CHECKING:
    from typing import Unpack

    from obskit.cli.render import Wanted


@click.command("render-dashboards", cls=options.Page)
@common
def command(ctx: click.Context, **wanted: Unpack[Wanted]) -> int:
    """
    Write only the dashboard bodies of an environment.

    The same as `obskit render --only dashboards`: everything is checked, one half is written, to
    dashboards/rendered/ENV/NAME.json.

    The templates, which deploy them, hold the same bodies: `obskit render` writes both.

    Examples:
      obskit render-dashboards --env prod
      obskit render-dashboards --all --check

    Exit codes: 0 written (or, with --check, the same), 1 problems found (or different), 2 wrong usage.
    """
    return render(ctx, ("dashboards",), wanted)
