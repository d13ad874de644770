"""`obskit render` and its two halves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict

import click

from obskit.cli import options

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from obskit.deploy.render import Rendered
    from obskit.deploy.rules import Problem

Part: TypeAlias = Literal["dashboards", "alarms"]
PARTS: tuple[Part, ...] = ("dashboards", "alarms")

_WRITTEN = {"missing": "wrote", "differs": "wrote", "stale": "removed"}


class Wanted(TypedDict):
    """What the options of the three commands say."""

    names: tuple[str, ...]
    every: bool
    out: Path | None
    check: bool
    format_: str


def common(function: Callable[..., int]) -> Callable[..., int]:
    """Add the options that all three commands have."""
    for option in reversed(
        (
            click.option("--env", "names", multiple=True, metavar="NAME", help="An environment; may be repeated."),
            click.option("--all", "every", is_flag=True, help="All environments."),
            click.option(
                "--out",
                metavar="DIR",
                type=click.Path(file_okay=False, path_type=Path),
                help="Write below DIR, in the same layout. Default: the project's folder.",
            ),
            click.option(
                "--check", is_flag=True, help="Write nothing; exit 1 if files differ from what would be written."
            ),
            options.format_option("text", "json"),
            options.project_option,
            click.pass_context,
        )
    ):
        function = option(function)
    return function


@click.command("render", cls=options.Page)
@common
@click.option("--only", type=click.Choice(PARTS), help="Only one half.")
def command(ctx: click.Context, only: Part | None, **wanted: Unpack[Wanted]) -> int:
    """
    Write the dashboards and alarms of an environment as CloudWatch JSON.

    Reads obskit.toml, the catalogs and the definitions, checks them and what they render to, and only then writes:
    a project with an error changes no file. The same input gives the same bytes; commit them, and review their diff.

      dashboards/rendered/ENV/NAME.json                     dashboard bodies
      alarms/rendered/ENV/REGION/PROJECT.template.json      CloudFormation: alarms, topics, dashboards
      alarms/rendered/ENV/REGION/PROJECT-probes.template.json   the scheduled function of [probes], if there is one

    Examples:
      obskit render --env prod
      obskit render --all --check          in CI: are the committed files up to date?
      obskit render --env dev --out build  elsewhere

    Files of the environment that nothing renders to any more are removed.

    Exit codes: 0 written (or, with --check, the same), 1 problems found (or different), 2 wrong usage.
    """
    return render(ctx, (only,) if only else PARTS, wanted)


def render(ctx: click.Context, parts: tuple[Part, ...], wanted: Wanted) -> int:
    """Render *parts* of the environments and write or compare them; return the exit code."""
    from obskit.deploy import definitions, files, project
    from obskit.deploy.check import definition_problems, rendered_problems
    from obskit.deploy.render import render as rendered_of

    root = options.project_root(ctx)
    loaded = project.load(root)
    chosen = options.environments(loaded, wanted["names"], every=wanted["every"])
    defined = definitions.load(loaded)
    problems = definition_problems(loaded, defined)
    rendered = [rendered_of(loaded, defined, environment) for environment in chosen]
    for one in rendered:
        problems += rendered_problems(one)
    options.tell(problems)
    texts, folders = _texts(rendered, parts)
    act = files.differences if wanted["check"] or options.errors(problems) else files.write
    changes = act(wanted["out"] or root, texts, folders)
    _summarise(texts, changes, problems, wrote=act is files.write, format_=wanted["format_"])
    return 1 if options.errors(problems) or (wanted["check"] and changes) else 0


def _texts(rendered: list[Rendered], parts: tuple[Part, ...]) -> tuple[dict[str, str], list[str]]:
    texts: dict[str, str] = {}
    folders: list[str] = []
    for one in rendered:
        if "dashboards" in parts:
            texts |= one.dashboard_files()
            folders.append(one.dashboards_folder)
        if "alarms" in parts:
            texts |= one.alarm_files()
            folders.append(one.alarms_folder)
    return texts, folders


def _summarise(
    texts: dict[str, str], changes: list[tuple[str, str]], problems: list[Problem], *, wrote: bool, format_: str
) -> None:
    states = dict.fromkeys(sorted(texts), "unchanged")
    states |= {path: _WRITTEN[what] if wrote else what for path, what in changes}
    if format_ == "json":
        document = {
            "files": [{"path": path, "state": state} for path, state in sorted(states.items())],
            "problems": options.as_json(problems),
        }
        click.echo(json.dumps(document, indent=2))
        return
    for path, what in changes:
        if wrote:
            click.echo(f"{_WRITTEN[what]} {path}")
        else:
            click.echo(f"{path}: {what}", err=True)
    done = "changed" if wrote else "not up to date, nothing written"
    total = options.plural(len(texts), "file")
    click.echo(f"{total} rendered, {len(changes)} {done}; {options.counted(problems)}")
