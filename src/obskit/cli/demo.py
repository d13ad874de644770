"""`obskit demo`."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from obskit.cli import options
from obskit.terminal import in_json, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.demo.tour import StepFailedError, Tour


@click.command("demo", cls=options.Page)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-output"),
    show_default=True,
    metavar="DIR",
    help="Where everything that was seen is written to.",
)
@click.option("--keep", is_flag=True, help="Leave it running at the end and say where to click. Ctrl-C ends it.")
@click.option(
    "--code",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The function's package root. Default: examples/ beside obskit.toml.",
)
@click.option(
    "--handler",
    default="checkout.handler.handler",
    show_default=True,
    metavar="MODULE.FUNCTION",
    help="The handler in it.",
)
@click.option("--port", type=click.IntRange(1, 65535), metavar="PORT", help="Of the AWS emulator. Default: a free one.")
@click.option(
    "--emulator-python",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The interpreter that has ministack. Default: OBSKIT_EMULATOR_PYTHON, or .venv-emulator beside obskit.toml.",
)
@options.format_option("text", "json")
@options.project_option
@click.pass_context
def command(ctx: click.Context, /, format_: str, *, keep: bool, **given: Any) -> int:
    """
    Run a small shop on this machine and watch its logs, metrics and pages.

    Starts an AWS emulator, the checkout function under the real Lambda client and a local PagerDuty on loopback ports,
    sends one GraphQL mutation with personal data, follows it into logs, trace and metrics, loads the rendered
    dashboards and alarms, lets checkouts fail until the page arrives, and lets them recover. It needs no AWS account
    and sends nothing anywhere; all that was started has ended when it returns.

    Examples:
      obskit demo
      obskit demo --keep
      obskit demo --format json | jq .steps

    Exit codes: 0 every step went well, 1 a step failed (it is named), 2 wrong usage, 130 stopped by Ctrl-C.
    """
    from obskit.demo.tour import Options, StepFailedError, Tour

    root = options.project_root(ctx)
    told = Options(
        root=root,
        code=(given["code"] or root / "examples").absolute(),
        out=given["out"].absolute(),
        handler=given["handler"],
        port=given["port"],
        emulator_python=given["emulator_python"] or _beside(root),
    )
    failure: StepFailedError | None = None
    try:
        with Tour(told) as tour:
            try:
                _walk(tour)
            except StepFailedError as error:
                failure = error
            _summary(tour, failure, format_)
            if keep and failure is None:
                _wait(tour)
        if keep and failure is None:
            click.echo("everything that was started has ended", err=True)
    except KeyboardInterrupt:
        click.echo("stopped; everything that was started has ended", err=True)
        return 130
    return 1 if failure is not None else 0


def _beside(root: Path) -> Path | None:
    """Return the emulator's interpreter beside obskit.toml, where neither an option nor the environment names one."""
    python = root / ".venv-emulator" / "bin" / "python"
    return python if "OBSKIT_EMULATOR_PYTHON" not in os.environ and python.exists() else None


def _walk(tour: Tour) -> None:
    from obskit.demo.tour import STEPS

    for number, step in enumerate(STEPS, 1):
        with _busy(f"{number}/{len(STEPS)} {step.title}"):
            seen = tour.take(step)
        mark = click.style("ok", fg="green")
        click.echo(f"{mark}  {number:>2}/{len(STEPS)} {seen.step:<18} {seen.seconds:5.1f} s", err=True)


@contextmanager
def _busy(what: str) -> Iterator[None]:
    """Show that *what* is under way, on a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{what} …"):
        yield


def _summary(tour: Tour, failure: StepFailedError | None, format_: str) -> None:
    files = [str(path) for path in dict.fromkeys(tour.files)]
    if format_ == "json":
        steps = [{"step": seen.step, "seen": seen.what, "seconds": round(seen.seconds, 3)} for seen in tour.seen]
        failed = {"step": failure.step, "problems": list(failure.problems)} if failure is not None else None
        page = tour.incident.as_json() if tour.incident is not None else None
        document = {"steps": steps, "failed": failed, "page": page, "files": files}
        click.echo(in_json(json.dumps(document, indent=2, ensure_ascii=False)))
    elif tour.seen:
        _table(tour)
        _links(tour)
    if failure is not None:
        for problem in failure.problems:
            click.echo(
                f"{click.style('error:', fg='red')} step '{failure.step}': {visible(problem, lines=True)}", err=True
            )


def _table(tour: Tour) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("step", no_wrap=True)
    table.add_column("what was seen", overflow="fold")
    table.add_column("time", justify="right", no_wrap=True)
    for seen in tour.seen:
        table.add_row(seen.step, seen.what, f"{seen.seconds:.1f} s")
    table.add_section()
    table.add_row("together", "", f"{sum(seen.seconds for seen in tour.seen):.1f} s")
    wide = None if sys.stdout.isatty() else 120
    Console(file=sys.stdout, width=wide, highlight=False, markup=False).print(table)


def _links(tour: Tour) -> None:
    """Print what the page says, where the files are, and what to do with them."""
    from obskit.demo.tour import CALLER_TRACE

    if (page := tour.incident) is not None:
        click.echo(" the page")
        for name in ("impact", "dashboard", "runbook"):
            click.echo(f"   {name:<10} {visible(str(getattr(page, name)))}")
    if tour.files:
        out = tour.options.out
        shown = os.path.relpath(out) if out.is_relative_to(Path.cwd()) else str(out)
        click.echo(f" written to {shown}/")
        for path in dict.fromkeys(tour.files):
            click.echo(f"   {path.relative_to(out)}")
        click.echo(
            f" the first request: {_called()} trace {CALLER_TRACE} --logs {shown}/logs.jsonl --spans {shown}/trace.json"
        )


def _called() -> str:
    """Return how obskit was called: `make demo` calls one that no PATH need have."""
    called = sys.argv[0]
    return called if Path(called).name == "obskit" and shutil.which("obskit") is None else "obskit"


def _wait(tour: Tour) -> None:
    """Say where to look, and wait for Ctrl-C."""
    shop = tour.shop
    who = 'email: "bob@example.com", phone: "+44 20 7946 0999", cardNumber: "5555555555554444"'
    order = f'{{cartId: "c-9", {who}, amount: 100, currency: "EUR"}}'
    query = json.dumps({"query": f"mutation {{ checkout(input: {order}) {{ orderId status }} }}"})
    aws = "AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 aws"
    click.echo(
        f"""
Still running; Ctrl-C ends it.
  PagerDuty   {tour.stack.pagerduty.url}
  GraphQL     curl -s {shop.graphql_url} -H 'x-api-key: {shop.api_key}' -d '{query}'
  Logs        {aws} --endpoint-url {tour.stack.emulator.url} logs filter-log-events --log-group-name {shop.log_group}
""",
        err=True,
    )
    with suppress(KeyboardInterrupt):  # what it asks for: the end
        signal.pause()
