"""`obskit preview`: dashboards as pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import click

from obskit import whole
from obskit.cli import options
from obskit.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future
    from typing import Unpack

    from obskit.deploy.render import Rendered
    from obskit.preview.page import Shown
    from obskit.preview.series import Source

FORMATS = ("html", "png", "svg")


class Wanted(TypedDict):
    """What the options say."""

    names: tuple[str, ...]
    env: str
    out: Path
    formats: tuple[str, ...]
    before: str
    emf: Path | None
    recorded: Path | None
    live: bool
    record: Path | None
    seed: int
    dark: bool
    scale: float


_TOLD = 10
"""Problems of a file that cannot be drawn; `obskit validate` tells all."""
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("preview", cls=options.Page)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@options.env_option()
@click.option(
    "--out",
    default=Path("build"),
    show_default=True,
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write.",
)
@click.option("--format", "formats", type=click.Choice(FORMATS), multiple=True, help="May be repeated. Default: html.")
@click.option("--before", default="", metavar="REV", help="Show the committed bodies of a git revision beside.")
@click.option("--emf", metavar="FILE", type=_FILE, help="Data from logs: lines that hold EMF documents.")
@click.option("--recorded", metavar="FILE", type=_FILE, help="Data from a recording made with --live --record.")
@click.option("--live", is_flag=True, help="Data from GetMetricData, now. Needs the extra `aws`.")
@click.option(
    "--record", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="With --live: keep the answer."
)
@click.option("--seed", default=0, show_default=True, help="Of invented data, which is the default.")
@click.option("--dark", is_flag=True, help="Dark PNG and SVG; the page follows its reader.")
@click.option("--scale", type=click.FloatRange(0.1, 4), default=1.0, show_default=True, help="Of PNG: 2 for print.")
@options.project_option
@click.pass_context
def command(ctx: click.Context, **wanted: Unpack[Wanted]) -> int:
    """
    Draw dashboards as CloudWatch lays them out.

    NAME is a dashboard of the project, or a file with a dashboard body of anybody's. Without one, all are drawn.
    Data is invented, always the same, unless a source is named.

      DIR/ENV.html         all of them on one page, which loads nothing and runs no script
      DIR/ENV-NAME.png     with --format png; svg likewise

    Examples:
      obskit preview --env prod                             build/prod.html
      obskit preview search --env prod --out pictures --format png
      obskit preview --env prod --before origin/main        with what was, side by side
      obskit preview api --env dev --emf demo-output/logs.jsonl

    Needs the extra `preview`.

    Exit codes: 0 drawn, 1 problems found, 2 wrong usage.
    """
    from obskit.deploy import definitions, project
    from obskit.deploy.render import render

    _check(ctx, wanted)
    loaded = project.load(options.project_root(ctx))
    (environment,) = options.environments(loaded, (wanted["env"],), every=False)
    rendered = render(loaded, definitions.load(loaded), environment)
    bodies = _chosen(rendered, wanted["names"])
    source = _source(wanted, bodies, definitions.catalog(loaded))
    for path in _write(rendered, bodies, source, wanted):
        click.echo(f"wrote {path}")
    return 0


def _check(ctx: click.Context, wanted: Wanted) -> None:
    if sum(map(bool, (wanted["emf"], wanted["recorded"], wanted["live"]))) > 1:
        raise click.UsageError("Give one of --emf, --recorded and --live.", ctx)
    if wanted["record"] and not wanted["live"]:
        raise click.UsageError("--record keeps what --live fetches: give both.", ctx)


def _chosen(rendered: Rendered, names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return bodies by what they are called."""
    if not names:
        return dict(rendered.bodies)
    found: dict[str, dict[str, Any]] = {}
    for name in names:
        if name in rendered.bodies:
            found[name] = rendered.bodies[name]
        elif name.endswith(".json"):
            found[Path(name).stem] = _read(Path(name))
        else:
            known = ", ".join(rendered.bodies)
            hint = did_you_mean(name, rendered.bodies)
            raise click.UsageError(f"There is no dashboard '{name}'; known: {known}, or a file NAME.json.{hint}")
    return found


_UNDRAWABLE = ("type", "range", "count")
"""Rules whose breach leaves nothing to draw: what is no widget, and numbers beyond any picture."""


def _read(path: Path) -> dict[str, Any]:
    from obskit.deploy import documents
    from obskit.deploy.bounds import UnreadableError
    from obskit.deploy.rules import dashboard_body

    try:
        _, body = documents.read(path)
    except UnreadableError as error:
        raise ConfigError(f"{path}: {error}") from error
    if not isinstance(body, dict) or not isinstance(body.get("widgets"), list):
        raise ConfigError(f"{path}: no dashboard body: an object with an array 'widgets'")
    found = dashboard_body.check(path.stem, body, file=str(path))
    if wrong := [str(one) for one in found if one.rule in _UNDRAWABLE and one.severity == "error"]:
        raise ConfigError(*wrong[:_TOLD], f"{path}: cannot be drawn; `obskit validate` says what else is wrong")
    text = json.dumps(body, ensure_ascii=False).encode(errors="replace")  # JSON may hold half a character
    drawable: dict[str, Any] = json.loads(text)
    return drawable


def _source(wanted: Wanted, bodies: dict[str, dict[str, Any]], catalog: Any) -> Source:
    from obskit.preview import emf_logs, metric_data, synthetic

    if wanted["emf"]:
        return emf_logs.read(wanted["emf"])
    if wanted["recorded"]:
        return metric_data.read(wanted["recorded"])
    if not wanted["live"]:
        return synthetic.Synthetic(catalog, wanted["seed"])
    document = metric_data.fetch_bodies(bodies.values())
    if wanted["record"]:
        whole.write(wanted["record"], (json.dumps(document, indent=1) + "\n").encode())
    return metric_data.Recorded(document, "GetMetricData")


def _write(rendered: Rendered, bodies: dict[str, dict[str, Any]], source: Source, wanted: Wanted) -> list[Path]:
    from obskit.deploy import names
    from obskit.preview import compared, page, vega

    was = compared.before(rendered, wanted["before"]) if wanted["before"] else {}
    shown: list[Shown] = []
    pictures: dict[Path, bytes | Future[bytes]] = {}
    formats = wanted["formats"] or ("html",)
    # Each thread waits for a process that makes a PNG, while the next dashboard is drawn here.
    with vega.threads() as pool:
        for name in [*bodies, *(one for one in was if one not in bodies and not wanted["names"])]:
            ours = name in {*rendered.bodies, *was}
            title = names.dashboard(rendered.project, rendered.environment, name) if ours else name
            shown.append(compared.pair(name, title, (bodies.get(name), was.get(name)), source))
            pictures |= _pictures(rendered.environment.name, shown[-1], source, wanted, pool)
        texts: dict[Path, bytes] = {}
        env = rendered.environment.name
        if "html" in formats:
            heading = f"{rendered.project.name} {env}"
            text = page.render(heading, source.title, shown, before=wanted["before"])
            texts[wanted["out"] / f"{env}.html"] = text.encode()
        for path, made in pictures.items():
            texts[path] = made if isinstance(made, bytes) else made.result()
    wanted["out"].mkdir(parents=True, exist_ok=True)
    for path, content in texts.items():
        whole.write(path, content)
    return list(texts)


def _pictures(
    env: str, one: Shown, source: Source, wanted: Wanted, pool: Executor
) -> dict[Path, bytes | Future[bytes]]:
    """Return what is drawn of a dashboard without a browser, by file: a PNG comes later."""
    from obskit.preview import board, page, vega

    found: dict[Path, bytes | Future[bytes]] = {}
    if one.now is None or not {"svg", "png"} & {*wanted["formats"]}:
        return found
    note = f"{page.span(one.now.window)} · {source.title}"
    drawing = board.picture(one.now, one.title, note, dark=wanted["dark"])
    stem = f"{env}-{one.now.name}"
    if "svg" in wanted["formats"]:
        found[wanted["out"] / f"{stem}.svg"] = drawing.encode()
    if "png" in wanted["formats"]:
        found[wanted["out"] / f"{stem}.png"] = vega.beside(pool, drawing, wanted["scale"])
    return found
