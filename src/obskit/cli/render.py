"""`obskit render`, and `render-dashboards` and `render-alarms`, which are its parts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import click

from obskit.cli import options
from obskit.errors import ConfigError, DefinitionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Unpack

    from obskit.catalog.model import Metric
    from obskit.deploy.model import Environment, Project
    from obskit.deploy.render import Rendered
    from obskit.deploy.rules import Problem
    from obskit.deploy.stacks import Part

PARTS: tuple[Part, ...] = ("dashboards", "alarms", "logs")
POLICY = "deploy-policy.json"
"""Of all parts together: a job that deploys some of them needs no more."""

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
                help="Write to DIR instead, by region, with a manifest.",
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
@click.option("--only", type=click.Choice(PARTS), help="Only one part.")
def command(ctx: click.Context, only: Part | None, **wanted: Unpack[Wanted]) -> int:
    """
    Write the dashboards, alarms and log groups of an environment as CloudWatch JSON.

    Reads obskit.toml, the catalogs and the definitions, checks them and what they render to, and only then writes:
    a project with an error changes no file. The same input gives the same bytes; commit them, and review their diff.
    `obskit check` looks at more: what handlers record, costs, and what each alarm would do in an incident.

      dashboards/rendered/ENV/NAME.json                     dashboard bodies
      alarms/rendered/ENV/REGION/PROJECT.template.json      CloudFormation: alarms, topics, dashboards
      alarms/rendered/ENV/REGION/PROJECT-probes.template.json   the scheduled function of [probes], if there is one

    With --out, for a deploy job; with several environments, a folder for each:

      DIR/REGION/PROJECT.template.json    the templates
      DIR/dashboards/NAME.json            dashboard bodies
      DIR/deploy-policy.json              what the job needs, as obskit policy deploy prints it
      DIR/manifest.json                   hashes, counts, sizes, USD a month

    What is too large for one stack is several templates, PROJECT-2 and so on, to be deployed in this order. An id that
    is a parameter in obskit.toml is one of the template.

    Examples:
      obskit render --env prod
      obskit render --all --check          in CI: are the committed files up to date?
      obskit render --env dev --out build  for a deploy job

    Files that nothing renders to any more are removed; in DIR, those that its manifest names.

    Exit codes: 0 written (or, with --check, the same), 1 problems found (or different), 2 wrong usage.
    """
    return render(ctx, (only,) if only else PARTS, wanted)


@click.command("render-dashboards", cls=options.Page)
@common
def dashboards(ctx: click.Context, **wanted: Unpack[Wanted]) -> int:
    """
    Write only the dashboard bodies of an environment.

    The same as `obskit render --only dashboards`: everything is checked, one part is written, to
    dashboards/rendered/ENV/NAME.json.

    The templates, which deploy them, hold the same bodies: `obskit render` writes both.

    Examples:
      obskit render-dashboards --env prod
      obskit render-dashboards --all --check

    Exit codes: 0 written (or, with --check, the same), 1 problems found (or different), 2 wrong usage.
    """
    return render(ctx, ("dashboards",), wanted)


@click.command("render-alarms", cls=options.Page)
@common
def alarms(ctx: click.Context, **wanted: Unpack[Wanted]) -> int:
    """
    Write only the CloudFormation templates of an environment's alarms.

    The same as `obskit render --only alarms`: everything is checked, one part is written, to
    alarms/rendered/ENV/REGION/PROJECT.template.json.

    The template of the primary region also holds the dashboards, for one stack deploys all.

    Examples:
      obskit render-alarms --env prod
      obskit render-alarms --all --check

    Exit codes: 0 written (or, with --check, the same), 1 problems found (or different), 2 wrong usage.
    """
    return render(ctx, ("alarms",), wanted)


def render(ctx: click.Context, parts: tuple[Part, ...], wanted: Wanted) -> int:
    """Render *parts* of the environments and write or compare them; return the exit code."""
    from obskit.deploy import files, project

    root = options.project_root(ctx)
    loaded = project.load(root)
    problems: list[Problem] = []
    rendered, metrics = _rendered(loaded, wanted, problems)
    options.tell(problems)
    if problems and not rendered:
        _summarise({}, [], problems, wrote=False, compared=False, format_=wanted["format_"])
        return 1
    out = wanted["out"]
    act = files.differences if wanted["check"] or options.errors(problems) else files.write
    if out:
        texts = _built(rendered, metrics, parts)
        changes = act(out, texts, (), files.listed(out, texts))
    else:
        texts = {path: text for one in rendered for path, text in one.files(parts).items()}
        kept = {path for one in rendered for path in one.paths()}  # those of other parts
        changes = act(root, texts, _folders(loaded, rendered, parts, every=wanted["every"]), (), kept)
    where = f"{out}/" if out else ""
    _summarise(
        {where + path: text for path, text in texts.items()},
        [(where + path, what) for path, what in changes],
        problems,
        wrote=act is files.write,
        compared=wanted["check"],
        format_=wanted["format_"],
    )
    return 1 if options.errors(problems) or (wanted["check"] and changes) else 0


def _rendered(project: Project, wanted: Wanted, problems: list[Problem]) -> tuple[list[Rendered], Mapping[str, Metric]]:
    """Return what can be rendered and the catalogs' metrics; note in *problems* all that is wrong, wherever it is."""
    from obskit.deploy import check, definitions

    chosen: list[Environment] = []
    try:
        chosen = options.environments(project, wanted["names"], every=wanted["every"])
    except ConfigError as error:
        problems += check.located(error)
    try:
        defined = definitions.load(project)
    except DefinitionError as error:
        problems += check.located(error)
        return [], {}
    problems += check.definition_problems(project, defined)
    found, more = check.all_rendered(project, defined, chosen)
    problems += more
    return (found if len(found) == len(chosen) else []), defined.metrics


def _built(rendered: list[Rendered], metrics: Mapping[str, Metric], parts: tuple[Part, ...]) -> dict[str, str]:
    from obskit.deploy import manifest
    from obskit.deploy.iam import deploy_job
    from obskit.deploy.iam.place import Place
    from obskit.deploy.iam.rights import document
    from obskit.deploy.render import dump

    texts: dict[str, str] = {}
    for one in rendered:
        folder = f"{one.environment.name}/" if len(rendered) > 1 else ""
        whole = {POLICY: dump(document(deploy_job.find(Place(one, one.environment.bucket))))} if parts == PARTS else {}
        texts |= {folder + path: text for path, text in manifest.built(one, metrics, parts, whole).items()}
    return texts


def _folders(project: Project, rendered: list[Rendered], parts: tuple[Part, ...], *, every: bool) -> list[str]:
    """Return the folders that hold what is rendered; with *every*, those of environments that are gone, too."""
    chosen = dict.fromkeys(project.dashboards if part == "dashboards" else project.alarms for part in parts)
    if every:
        return [f"{folder}/rendered" for folder in chosen]
    return [f"{folder}/rendered/{one.environment.name}" for folder in chosen for one in rendered]


def _summarise(  # noqa: PLR0913  what was wanted, and what was done
    texts: dict[str, str],
    changes: list[tuple[str, str]],
    problems: list[Problem],
    *,
    wrote: bool,
    compared: bool,
    format_: str,
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
        elif compared:
            click.echo(f"{path}: {what}", err=True)
    if not texts:
        click.echo(f"nothing rendered; {options.counted(problems)}")
        return
    if wrote:
        done = f"{len(changes)} changed"
    elif compared:
        done = f"{len(changes)} not up to date, nothing written"
    else:
        done = "nothing written"
    click.echo(f"{options.plural(len(texts), 'file')} rendered, {done}; {options.counted(problems)}")
