"""`obskit probe`."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from typing import TYPE_CHECKING

import click

from obskit.cli import options
from obskit.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from obskit.probes.model import Check, Outcome
    from obskit.probes.settings import Settings

COLUMNS = ("PROBE", "METRIC", "DIMENSIONS", "VALUE", "UNIT", "MS")


@click.command("probe", cls=options.Page)
@click.option("--once", is_flag=True, help="Measure, show a table, end. The default.")
@click.option("--watch", is_flag=True, help="Measure again and again; write metrics to stdout as EMF.")
@click.option("--env", "env", metavar="NAME", envvar="OBSKIT_ENV", show_envvar=True, help="Whose probes.")
@click.option("--only", multiple=True, metavar="NAME", help="A probe, or one target of it: sqs, sqs:orders. Repeat.")
@click.option(
    "--every", type=click.IntRange(1, 86_400), metavar="SECONDS", help="With --watch. Default: the settings'."
)
@options.format_option("table", "json")
@options.project_option
@click.pass_context
def command(  # noqa: PLR0913  one argument an option
    ctx: click.Context,
    *,
    once: bool,
    watch: bool,
    env: str | None,
    only: tuple[str, ...],
    every: int | None,
    format_: str,
) -> int:
    """
    Measure what no request handler can: backlogs, staleness, servers.

    Asks what [probes] in obskit.toml names, all at once, each with a timeout of its own:
      outbox, dsar   rows that wait in a table, and how long the oldest has (SQL)
      staleness      how far a search index lies behind its table
      typesense      CPU, memory and requests of each node
      sqs            messages in each queue, and how old the oldest is
      ses            bounces, complaints and quota of the mails sent

    What has no answer has no value: never a zero. Where there is no obskit.toml, as in a container, the settings come
    from obskit_settings.py (see `obskit settings`), which must be on Python's path.

    Credentials are read from the secrets that the settings name by ARN, with the caller's AWS credentials. Nothing is
    written anywhere but to stdout: --once records no metric.

    Examples:
      obskit probe --env prod
      obskit probe --env prod --only outbox --only sqs:orders --format json
      obskit probe --watch --every 30       in a container: EMF for the awslogs driver, until SIGTERM

    Needs the extra: pip install './obskit[probes]', from where obskit is cloned. docs/probes.md explains all of it.

    Exit codes: 0 all answered (or --watch was ended by a signal), 1 some did not, 2 wrong usage.
    """
    from obskit.probes import run

    if once and watch:
        raise click.UsageError("Give --once or --watch, not both.")
    if every is not None and not watch:
        raise click.UsageError("--every goes with --watch.")
    settings = _settings(ctx, env or "")
    checks = run.checks(settings, only)
    run.warm(settings.names)
    if watch:
        seconds = every or settings.every
        if not seconds:
            raise click.UsageError(f"{env} has no schedule (every is 'off'); give --every SECONDS.")
        _watch(checks, seconds)
        return 0
    outcomes = run.run(checks)
    if format_ == "json":
        click.echo(json.dumps([_document(outcome) for outcome in outcomes], indent=2))
    else:
        click.echo(_table(outcomes))
    for outcome in outcomes:
        _tell(outcome)
    return 1 if any(outcome.failure for outcome in outcomes) else 0


def _settings(ctx: click.Context, env: str) -> Settings:
    """Return the probes of *env*: from obskit.toml where there is one, else from the module made of it."""
    from pathlib import Path

    from obskit.deploy import project
    from obskit.probes import settings

    root = ctx.find_root().obj or project.find(Path.cwd())
    if not env:
        raise click.UsageError("Give --env NAME, or set OBSKIT_ENV.")
    if root is None:
        return settings.load(env)
    loaded = project.load(options.project_root(ctx))
    options.environments(loaded, (env,), every=False)
    return settings.of({name: probes.plain for name, probes in loaded.probes.items()}, env)


def _watch(checks: Sequence[Check], seconds: float) -> None:
    """Measure every *seconds* until SIGTERM or SIGINT; what is being measured then is finished and written."""
    from obskit import config
    from obskit.metrics import flush
    from obskit.probes import report, run

    os.environ.setdefault("OBSKIT_SERVICE", "probes")
    config.reset()
    # The interpreter writes to the pipe the moment a signal comes. A handler of ours would run before the wait or after
    # it: for a signal that comes just as it begins, that is a whole interval late.
    ended, end = os.pipe()
    os.set_blocking(end, False)
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [(number, signal.signal(number, lambda *_: None)) for number in numbers]
    wakeup = signal.set_wakeup_fd(end, warn_on_full_buffer=False)
    try:
        while True:
            began = time.monotonic()
            report.report(run.run(checks))
            flush()
            if select.select([ended], [], [], max(0.0, began + seconds - time.monotonic()))[0]:
                return
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before:
            signal.signal(number, handler)
        os.close(ended)
        os.close(end)


def _document(outcome: Outcome) -> dict[str, object]:
    failure = outcome.failure
    return {
        "probe": outcome.check.name,
        "answered": failure is None,
        "milliseconds": round(outcome.seconds * 1000),
        "values": [
            {"metric": metric.name, "value": value, "unit": metric.unit, "dimensions": dict(dimensions)}
            for metric, value, dimensions in outcome.measured.measurements
        ],
        "without_value": list(outcome.measured.without),
        "failure": None if failure is None else {"reason": failure.reason, "detail": failure.detail},
    }


def _table(outcomes: Sequence[Outcome]) -> str:
    rows: list[tuple[str, ...]] = [COLUMNS]
    for outcome in outcomes:
        milliseconds = str(round(outcome.seconds * 1000))
        name = outcome.check.name
        for metric, value, dimensions in outcome.measured.measurements:
            pairs = ",".join(f"{key}={visible(text)}" for key, text in dimensions.items())
            rows.append((name, metric.name, pairs or "-", f"{value:.15g}", metric.unit, milliseconds))
        rows += [(name, missing, "-", "no value", "", milliseconds) for missing in outcome.measured.without]
        if outcome.failure is not None:
            rows.append((name, "-", "-", "no answer", "", milliseconds))
    widths = [max(len(row[index]) for row in rows) for index in range(len(COLUMNS))]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _tell(outcome: Outcome) -> None:
    from obskit.probes.model import REASONS

    if outcome.failure is not None:
        failure = outcome.failure
        detail = f" ({visible(failure.detail)})" if failure.detail else ""
        click.echo(f"{outcome.check.name}: {failure.reason}: {REASONS[failure.reason]}{detail}", err=True)
