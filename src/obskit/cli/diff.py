"""`obskit diff`: what a change of definitions changes in CloudWatch, by meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from obskit.cli import options

if TYPE_CHECKING:
    from obskit.deploy.diff.report import Report
    from obskit.deploy.model import Project
    from obskit.deploy.render import Rendered


@click.command("diff", cls=options.Page)
@click.option("--env", "names", multiple=True, metavar="NAME", help="An environment; may be repeated. Default: all.")
@click.option(
    "--against",
    default="rendered",
    show_default=True,
    metavar="WHAT",
    help="`rendered`: the files on disk. `deployed`: what the account has now. Else a git revision, such as `main`.",
)
@options.format_option("text", "markdown", "json")
@options.project_option
@click.pass_context
def command(ctx: click.Context, names: tuple[str, ...], against: str, format_: str) -> int:
    """
    Say what the definitions change in dashboards and alarms.

    Widgets that came, went, moved or show something else; alarms with another threshold, severity or period; what it
    costs. Order, and places that shift because something above came or went, are left out.

    Examples:
      obskit diff                                             against the files on disk
      obskit diff --env prod --against origin/main --format markdown   a comment for a pull request
      obskit diff --env prod --against deployed               needs the extra `aws` and rights to read CloudWatch

    Rights for `deployed`: cloudwatch:ListDashboards, cloudwatch:GetDashboard, cloudwatch:DescribeAlarms.

    Exit codes: 0 compared, whatever the difference; 1 problems found, 2 wrong usage.
    """
    from obskit.deploy import definitions, project
    from obskit.deploy.diff import report
    from obskit.deploy.render import render

    root = options.project_root(ctx)
    loaded = project.load(root)
    chosen = options.environments(loaded, names, every=not names)
    defined = definitions.load(loaded)
    units = {name: metric.unit for name, metric in definitions.catalog(loaded).items()}
    reports = [_report(loaded, render(loaded, defined, one), against, units) for one in chosen]
    written = {"text": report.as_text, "markdown": report.as_markdown, "json": report.as_json}
    click.echo(written[format_](reports), nl=False)
    return 0


def _report(project: Project, rendered: Rendered, against: str, units: dict[str, str]) -> Report:
    from obskit.deploy import revisions
    from obskit.deploy.diff import deployed, state

    folders = rendered.dashboards_folder, rendered.alarms_folder
    now = state.of_rendered(rendered)
    if against == "deployed":
        now, before = deployed.of_rendered(rendered), deployed.read(rendered)
    elif against == "rendered":
        before = state.on_disk(project.root, *folders)
    else:
        texts: dict[str, str] = {}
        for folder in folders:
            texts |= revisions.files(project.root, against, folder)
        before = state.of_files(texts, *folders)
    return state.compare(rendered.environment.name, against, before, now, units)
