"""`obskit deploy`: rendered templates brought into an account, with a look at them before."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypedDict

import click

from obskit.cli import options
from obskit.errors import ObskitError, did_you_mean
from obskit.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Unpack

    from obskit.deploy.publish.change_sets import ChangeSet, Wanted
    from obskit.deploy.render import Rendered


class Chosen(TypedDict):
    """What the options say."""

    env: str
    bucket: str
    parameters: tuple[str, ...]
    dry_run: bool
    yes: bool


@click.command("deploy", cls=options.Page)
@options.env_option()
@click.option(
    "--bucket",
    default="",
    metavar="NAME",
    help="For templates above 51,200 bytes; '{region}' in it is each stack's. Default: `bucket` in obskit.toml.",
)
@click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="KEY=VALUE",
    help="Of the templates that have it; may be repeated. What is not given stays as it was set.",
)
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.project_option
@click.pass_context
def command(ctx: click.Context, **chosen: Unpack[Chosen]) -> int:
    """
    Bring dashboards and alarms of an environment into its account, by CloudFormation.

    Renders and checks, makes a change set for each stack (a file of `obskit render`, with `-ENV` behind its name),
    shows by meaning and by resource what changes, asks, executes, and tells each event. A stack that fails is rolled
    back. Log groups that are there already become part of their stack; none is ever deleted. A parameter that somebody
    has set, such as ActionsEnabled at failover, keeps its value until --parameter names it.

    Examples:
      obskit deploy --env dev --dry-run
      obskit deploy --env prod --yes --bucket shop-{region}    in a job
      obskit policy deploy --env prod                          the rights of that job

    Needs the extra `aws`, and credentials of the environment's account.

    Exit codes: 0 deployed or nothing to do, 1 problems found or declined, 2 wrong usage.
    """
    from obskit.deploy import definitions, project
    from obskit.deploy.check import definition_problems, rendered_problems
    from obskit.deploy.publish import change_sets
    from obskit.deploy.render import render

    loaded = project.load(options.project_root(ctx))
    (environment,) = options.environments(loaded, (chosen["env"],), every=False)
    defined = definitions.load(loaded)
    rendered = render(loaded, defined, environment)
    parameters = options.parameters(ctx, chosen["parameters"])
    wanted = change_sets.wanted(rendered, parameters)
    _known(ctx, parameters, wanted)
    chosen["bucket"] = chosen["bucket"] or environment.bucket
    problems = [*definition_problems(loaded, defined), *rendered_problems(rendered)]
    options.tell(problems)
    if options.errors(problems):
        return 1
    if not (chosen["dry_run"] or chosen["yes"] or sys.stdin.isatty()):
        raise click.UsageError("Nobody is there to be asked: give --yes or --dry-run.", ctx)
    return _deploy(rendered, wanted, chosen)


def _known(ctx: click.Context, parameters: Iterable[str], wanted: list[Wanted]) -> None:
    known = sorted({key for one in wanted for key in one.document.get("Parameters") or {}})
    for key in parameters:
        if key not in known:
            words = f"no template has the parameter '{key}' (known: {', '.join(known) or 'none'})."
            raise click.UsageError(f"{words}{did_you_mean(key, known)}", ctx)


def _deploy(rendered: Rendered, wanted: list[Wanted], chosen: Chosen) -> int:
    from obskit.deploy.publish import account
    from obskit.deploy.publish.change_sets import ChangeSet

    session = account.session()
    account.check(session, rendered.environment)
    upload = account.uploader(session, chosen["bucket"])
    sets = [ChangeSet(one, session.client("cloudformation", region_name=one.region), upload=upload) for one in wanted]
    _difference(rendered, session, sets)
    try:
        changed = _made(sets)
        if not changed:
            click.echo(f"{rendered.environment.name} is as rendered: nothing to do")
            return 0
        if chosen["dry_run"] or not (chosen["yes"] or click.confirm(f"Change {rendered.environment.name}?")):
            _discard(changed)
            click.echo("nothing was changed")
            return 0 if chosen["dry_run"] else 1
    except BaseException:  # Ctrl-C at the question, too
        _give_up(sets)
        raise
    _execute(changed)
    click.echo(f"{options.plural(len(changed), 'stack')} brought up to date")
    return 0


def _made(sets: list[ChangeSet]) -> list[ChangeSet]:
    """Make all change sets, tell what they change, and return those that change something."""
    changed = []
    for one in sets:
        place = f"{one.wanted.region} {one.wanted.name}"
        for key, value in one.kept.items():
            click.echo(f"{place}: keeps {key}={visible(value)}, which was set; --parameter {key}=... changes it")
        for line in one.make():
            click.echo(f"{place}: {visible(line)}")
        changed += [one] if one.changes else []
    return changed


def _execute(changed: list[ChangeSet]) -> None:
    from obskit.deploy.publish.change_sets import GOES_ON

    for place, one in enumerate(changed):
        try:
            one.execute(lambda event: click.echo(visible(event)))
        except BaseException as error:
            if done := ", ".join(f"{before.wanted.region} {before.wanted.name}" for before in changed[:place]):
                click.echo(f"brought up to date before: {done}", err=True)
            if not isinstance(error, ObskitError):
                click.echo(f"{one.wanted.region} {one.wanted.name}: nobody looks any more, {GOES_ON}", err=True)
            _give_up(changed[place + 1 :])
            raise


def _discard(sets: list[ChangeSet]) -> None:
    """Throw all of *sets* away, also where one cannot be."""
    problems: list[str] = []
    for one in sets:
        try:
            one.discard()
        except ObskitError as error:
            problems += error.problems
    if problems:
        raise ObskitError(*(f"a change set is left: {problem}" for problem in problems))


def _give_up(sets: list[ChangeSet]) -> None:
    """As `_discard`, where something else has gone wrong: that is what is told last."""
    try:
        _discard(sets)
    except ObskitError as error:
        for problem in error.problems:
            click.echo(visible(problem), err=True)


def _difference(rendered: Rendered, session: Any, sets: list[ChangeSet]) -> None:
    from obskit.deploy.diff import deployed, report, state

    values: dict[str, dict[str, str]] = {}
    for one in sets:
        values.setdefault(one.wanted.region, {}).update({**one.kept, **one.wanted.parameters})
    before = deployed.read(rendered, lambda region: session.client("cloudwatch", region_name=region))
    now = deployed.of_rendered(rendered, values)
    click.echo(report.as_text([state.compare(rendered.environment.name, "deployed", before, now)]), nl=False)
