"""`obskit layer build | check | publish`."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from obskit import whole
from obskit.cli import options
from obskit.terminal import visible

if TYPE_CHECKING:
    from obskit.layers.check import Report
    from obskit.layers.publish import Outcome

ZIP = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
_MOST_SHOWN = 12


class Pages(options.Page, click.Group):
    """A group with help as its commands have it."""


@click.group("layer", cls=Pages)
def command() -> None:
    """
    Build the Lambda layers, look into one, publish one.

    The lean layer holds what `import obskit` and AWS_LAMBDA_EXEC_WRAPPER=/opt/obskit need, and nothing else. The full
    layers have Powertools, OpenTelemetry and the X-Ray SDK beside it, one for each architecture.

    Examples:
      obskit layer build --out dist      the zips, their hashes, their bills of materials
      obskit layer check dist/NAME.zip   what is inside, and what would go wrong
      obskit layer publish --env prod dist/NAME.zip

    All of it is explained in docs/layer.md.

    Exit codes: 0 good, 1 problems found, 2 wrong usage.
    """


def _cache(given: Path | None) -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return given or Path(base) / "obskit" / "layers"


@command.command("build", cls=options.Page)
@click.option("--out", type=FOLDER, required=True, metavar="DIR", help="Where the zips go.")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(["lean", "x86_64", "arm64"]),
    help="One of the layers. Repeat. Default: all.",
)
@click.option(
    "--python",
    "versions",
    multiple=True,
    metavar="3.13",
    help="Compile for this version. Repeat. Default: all there are.",
)
@click.option("--split", is_flag=True, help="The lean layer once more for each Python alone: half the size.")
@click.option("--cache", type=FOLDER, metavar="DIR", help="Keeps wheels and compiled files. Default: ~/.cache/obskit.")
@click.pass_context
def build(  # noqa: PLR0913  one argument an option
    ctx: click.Context, *, out: Path, only: tuple[str, ...], versions: tuple[str, ...], split: bool, cache: Path | None
) -> int:
    """
    Build the layers' zips, the same bytes each time.

    The lean layer is one zip for every Python and both architectures. Full layers are made of wheels that pip
    downloads by the hashes in layer/full.txt; none is built or run, so that any machine makes both. The modules are
    compiled for each Python that is found here, as a layer cannot keep what Python compiles. A version that is
    missing is told, and runs from source.

    Beside each zip stand its .sha256 and its bill of materials, .cdx.json (CycloneDX).

    Examples:
      obskit layer build --out dist
      obskit layer build --out dist --only lean --python 3.13

    Exit codes: 0 built, 1 something cannot be had, 2 wrong usage.
    """
    from obskit.layers import build as layers
    from obskit.layers import check, pythons

    if unknown := [version for version in versions if version not in pythons.SUPPORTED]:
        known = ", ".join(pythons.SUPPORTED)
        raise click.BadParameter(f"'{unknown[0]}' (known: {known})", ctx, param_hint="'--python'")
    found = pythons.chosen(versions) if versions else pythons.find()
    missing = [version for version in pythons.SUPPORTED if version not in {python.version for python in found}]
    if missing and not versions:
        click.echo(f"not here, so not compiled for: Python {', '.join(missing)}", err=True)
    kept = _cache(cache)
    wanted = only or ("lean", "x86_64", "arm64")
    for name in wanted:
        began = time.monotonic()
        if name == "lean":
            made = [layers.lean(found, kept)]
            made += [layers.lean([python], kept, python.version) for python in found if split]
        else:
            made = [layers.full(name, found, [python.version for python in found], kept)]
        for layer in made:
            layers.write(layer, out)
            size = check.megabytes(len(layer.content))
            click.echo(f"{layer.sha256}  {out / layer.name}")
            click.echo(f"{layer.name}: {size} in {time.monotonic() - began:.1f} s", err=True)
    return 0


@command.command("check", cls=options.Page)
@click.argument("zip_", metavar="ZIP", type=ZIP)
@click.option("--beside", multiple=True, type=ZIP, metavar="ZIP", help="The function's code or another layer. Repeat.")
@click.option(
    "--imports/--no-imports",
    default=False,
    show_default=True,
    help="Try how long each module takes to load, which RUNS the layer's code: for a zip of your own.",
)
@options.format_option("text", "json")
def check_(zip_: Path, *, beside: tuple[Path, ...], imports: bool, format_: str) -> int:
    """
    Say what is in a layer, and what would go wrong with it.

    Lists packages and sizes, modules that are not compiled, names that would hide the runtime's or Python's own, shared
    objects for another architecture, missing licences, links that lead out, and Lambda's limit of 250 MB for the code
    and all layers of a function. With --imports also the slowest imports of the zero-code mode on each Python here.

    Examples:
      obskit layer check dist/obskit-0.1.0.zip --imports
      obskit layer check dist/obskit-full-0.1.0-arm64.zip --beside function.zip --format json

    Exit codes: 0 good (or only warnings), 1 errors, 2 wrong usage.
    """
    from obskit.layers import check, pythons

    report = check.check(zip_, beside, pythons.find() if imports else ())
    if format_ == "json":
        click.echo(json.dumps(asdict(report), indent=2))
    else:
        _show(report)
    for finding in report.findings:
        color = {"error": "red", "warning": "yellow"}.get(finding.severity, "cyan")
        click.echo(f"{click.style(finding.severity, fg=color)}: {visible(finding.message)}", err=True)
    return 1 if any(finding.severity == "error" for finding in report.findings) else 0


@command.command("publish", cls=options.Page)
@click.argument("zip_", metavar="ZIP", type=ZIP)
@options.env_option("Of obskit.toml: its account and its regions.")
@click.option("--region", "regions", multiple=True, metavar="NAME", help="Only this region of them. Repeat.")
@click.option("--organization", "organizations", multiple=True, metavar="o-ID", help="May use it. Repeat.")
@click.option("--account", "accounts", multiple=True, metavar="ID", help="May use it. Repeat.")
@click.option("--public", is_flag=True, help="Everybody may use it.")
@click.option("--keep", type=click.IntRange(1), default=10, show_default=True, metavar="N", help="Versions that stay.")
@click.option("--bucket", default="", metavar="NAME", help="For a zip above 50 MB; '{region}' in it is replaced.")
@click.option(
    "--manifest", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write the ARNs into FILE, too."
)
@click.option("--dry-run", is_flag=True, help="Read what is there, change nothing, say what would change.")
@options.project_option
@click.pass_context
def publish(  # noqa: PLR0913  one argument an option
    ctx: click.Context,
    *,
    zip_: Path,
    env: str,
    regions: tuple[str, ...],
    organizations: tuple[str, ...],
    accounts: tuple[str, ...],
    public: bool,
    keep: int,
    bucket: str,
    manifest: Path | None,
    dry_run: bool,
) -> int:
    """
    Publish a layer in every region of an environment.

    A zip that is there already is not published again: its hash is compared. The ARN goes to SSM Parameter Store as
    /obskit/ENV/layers/NAME in each region. Nobody but the account itself may use a version unless you say who. Older
    versions are deleted, the newest N stay.

    What it needs to be allowed is printed by obskit policy layer. It reads the caller's AWS credentials, and refuses
    those of another account than the environment's.

    Examples:
      obskit layer publish --env prod --organization o-a1b2c3d4e5 dist/obskit-0.1.0.zip
      obskit layer publish --env dev --dry-run dist/obskit-0.1.0.zip

    Exit codes: 0 published or there already, 1 refused or failed somewhere, 2 wrong usage.
    """
    from obskit.deploy import project
    from obskit.layers import built
    from obskit.layers import publish as layers

    loaded = project.load(options.project_root(ctx))
    environment = options.environments(loaded, (env,), every=False)[0]
    if unknown := [region for region in regions if region not in environment.regions]:
        known = ", ".join(environment.regions)
        raise click.BadParameter(f"'{unknown[0]}' is no region of {env} ({known})", ctx, param_hint="'--region'")
    plan = layers.Plan(
        **built.read(zip_)._asdict(),
        environment=environment.name,
        account=environment.account,
        regions=regions or tuple(environment.regions),
        organizations=organizations,
        accounts=accounts,
        public=public,
        keep=keep,
        bucket=bucket,
    )
    existing = manifest.read_text(errors="replace") if manifest is not None and manifest.exists() else ""
    layers.manifest(existing, plan, ())  # one that cannot be kept is told before anything is published
    outcomes = layers.publish(plan, layers.clients(), lambda one: _tell_region(one, dry_run=dry_run), dry_run=dry_run)
    for outcome in outcomes:
        if outcome.arn:
            click.echo(outcome.arn)
    if manifest is not None and not dry_run:
        whole.write(manifest, layers.manifest(existing, plan, outcomes).encode())
    return 1 if any(outcome.error for outcome in outcomes) else 0


def _tell_region(outcome: Outcome, *, dry_run: bool) -> None:
    did = ", ".join(outcome.did) or "nothing to do"
    click.echo(f"{outcome.region}: {'would change: ' if dry_run and outcome.did else ''}{did}", err=True)
    if outcome.error:
        words = visible(outcome.error, lines=True)
        click.echo(f"{outcome.region}: {click.style('error:', fg='red')} {words}", err=True)
        rest = "what was done stays; the next run does the rest, and publishes nothing twice"
        click.echo(f"{outcome.region}: {rest}", err=True)


def _show(report: Report) -> None:
    from obskit.layers.check import megabytes

    compiled = ", ".join(report.compiled) or "no Python"
    click.echo(
        f"{report.name}: {megabytes(report.bytes)}, {megabytes(report.unpacked)} unpacked, compiled for {compiled}"
    )
    click.echo("\npackages")
    for package in report.packages:
        click.echo(visible(f"  {package.name} {package.version}  {package.license}"))
    click.echo("\nsize")
    for part in report.parts[:_MOST_SHOWN]:
        click.echo(
            f"  {visible(part.name):<28} {megabytes(part.bytes):>10} unpacked {megabytes(part.zipped):>10} zipped"
        )
    if len(report.parts) > _MOST_SHOWN:
        click.echo(f"  and {len(report.parts) - _MOST_SHOWN} smaller")
    for version, imports in report.imports.items():
        total = sum(one.microseconds for one in imports)
        click.echo(f"\nimport of obskit.wrapper, Python {version}: {total / 1000:.1f} ms in {len(imports)} modules")
        for one in imports[:5]:
            click.echo(f"  {one.module:<28} {one.microseconds / 1000:>6.1f} ms")
