"""`obskit trace`."""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from obskit.cli import options
from obskit.errors import ObskitError
from obskit.terminal import in_json, visible

if TYPE_CHECKING:
    from obskit.lookup.request import Request
    from obskit.lookup.source import Source, Window
    from obskit.lookup.wanted import Wanted

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

BEFORE_S = 300
"""Seconds before the time in a trace id at which the search begins: clocks differ."""

HOURS = 3
"""Hours that are searched when nothing says how many: consumers may be late."""

KEPT_S = 30 * 86400

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_WIDTH = 1000
"""Columns: the terminal wraps what is longer than itself, and an id that is copied stays whole."""

_COLORS = {"ERROR": "red", "FATAL": "red", "WARN": "yellow", "DEBUG": "dim", "TRACE": "dim"}


class Duration(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on only
    """A number and a unit: `30m`, `6h`, `2d`."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = re.fullmatch(r"(\d{1,4})\s*([smhd])", str(value).strip())
        if not found or not int(found[1]):
            self.fail(f"'{value}' is no duration: a number and s, m, h or d, such as 30m, 6h, 2d", param, ctx)
        return float(int(found[1]) * _UNITS[found[2]])


@click.command("trace", cls=options.Page)
@click.argument("words", nargs=-1, metavar="ID")
@click.option("--env", "env", metavar="NAME", help="An environment of obskit.toml, for its region.")
@click.option("--region", metavar="NAME", help="Default: the first of --env, else what AWS_REGION or the profile says.")
@click.option(
    "--since", type=Duration(), metavar="TIME", help="How far back: 30m, 6h, 2d. Default: from the id's time."
)
@click.option("--log-group", "groups", multiple=True, metavar="NAME", help="Search it alone; may be given again.")
@click.option(
    "--log-group-prefix", "prefix", default="/aws/lambda/", show_default=True, metavar="TEXT", help="Of those searched."
)
@click.option("--timeout", type=click.IntRange(1, 600), default=60, show_default=True, help="Seconds to look for.")
@click.option("--logs", type=FILE, multiple=True, metavar="FILE", help="Captured log lines, instead of AWS.")
@click.option("--spans", type=FILE, multiple=True, metavar="FILE", help="Captured X-Ray documents, instead of AWS.")
@options.format_option("text", "json")
@options.project_option
@click.pass_context
def command(  # noqa: PLR0913  one argument an option
    ctx: click.Context,
    *,
    words: tuple[str, ...],
    env: str | None,
    region: str | None,
    since: float | None,
    groups: tuple[str, ...],
    prefix: str,
    timeout: int,
    logs: tuple[Path, ...],
    spans: tuple[Path, ...],
    format_: str,
) -> int:
    """
    Show one request: the tree of its spans over all links, then its log lines in order.

    ID is whatever you have of it; `-` reads it from standard input, which saves quoting:
      1-5759e988-bd862e3fe1be46a994272793                  X-Ray's
      5759e988bd862e3fe1be46a994272793                     W3C's
      "X-Amzn-Trace-Id: Root=1-5759e988-...;Sampled=1"     a header, whole; traceparent too
      cart-1                                               a correlation id
      '{"timestamp": ..., "correlation_id": ...}'          a log line

    A trace that was led to by a link (from a queue, a bus, an outbox) hangs below the span that led to it. Of a trace
    that serves many requests, such as a relay's or a batch's, only what belongs to this one is shown.

    Examples:
      obskit trace cart-1 --env prod --since 6h
      pbpaste | obskit trace - --region us-east-1
      obskit trace cart-1 --logs lambda.log --spans traces.json      captured output, no AWS

    A file of spans holds X-Ray documents, one a line or as `aws xray batch-get-traces` prints them; a file of logs one
    line of JSON a line, which may have a prefix. Either may be gzip.

    AWS: the caller's credentials need xray:BatchGetTraces, xray:GetTraceSummaries, logs:DescribeLogGroups and
    logs:FilterLogEvents. X-Ray keeps traces for 30 days, and only those that were sampled.

    Exit codes: 0 good, 1 nothing found or AWS refuses, 2 wrong usage.
    """
    from obskit.lookup import request, view, wanted

    text = " ".join(words)
    text = sys.stdin.read(1 << 20) if text == "-" else text
    if not text.strip():
        raise click.UsageError(f"Give an ID, or - to read it from standard input. It is one of\n{wanted.FORMS}")
    try:
        asked = wanted.parse(text)
    except ObskitError as error:
        raise click.BadParameter(str(error), param_hint="ID") from None
    now = time.time()
    window = _window(asked, since, now)
    if env is not None and region is None:
        region = _region(ctx, env)
    source: Source
    searched: list[str] = list(groups)
    if logs or spans:
        from obskit.lookup.source import Files

        source = Files(logs, spans)
    else:
        from obskit.lookup.aws import Aws

        end = time.monotonic() + timeout
        source = aws = Aws(region, searched, prefix, window, lambda: end - time.monotonic())
        region = aws.region
    found = request.find(asked, source)
    if not found:
        raise ObskitError(_nothing(asked, found, None if logs or spans else window))
    links = view.console_links(found, region, window, source.groups) if region else []
    if format_ == "json":
        click.echo(in_json(json.dumps(view.as_json(found, links), indent=2, ensure_ascii=False)))
    else:
        _print(found, links)
    for note in found.notes:
        click.echo(f"{click.style('note:', fg='cyan')} {visible(note)}", err=True)
    return 0


def _window(asked: Wanted, since: float | None, now: float) -> Window:
    """Return where in time is looked: by --since, else from the time that an id of X-Ray's begins with."""
    from obskit.lookup.source import Window

    if since is not None:
        return Window(now - since, now)
    began = int(asked.trace_id[:8], 16) if asked.trace_id else 0
    if now - KEPT_S < began < now + BEFORE_S:
        return Window(began - BEFORE_S, min(now, began + HOURS * 3600) + 1)
    return Window(now - HOURS * 3600, now)


def _region(ctx: click.Context, env: str) -> str:
    from obskit.deploy import project

    loaded = project.load(options.project_root(ctx))
    return options.environments(loaded, (env,), every=False)[0].regions[0]


def _nothing(asked: Wanted, found: Request, window: Window | None) -> str:
    """Return that nothing was found, and where it was looked for."""
    from obskit.tracing import xray

    names = [f"trace {xray.root(asked.trace_id)}"] if asked.trace_id else []
    names += [f"correlation id {asked.correlation_id}"] if asked.correlation_id else []
    rows = [f"nothing found of {' or '.join(names)}. Looked in:", *(f"  {place}" for place in found.places)]
    if window is not None:
        start, end = (time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at)) for at in window)
        rows.append(f"  lines and links from {start} to {end} UTC; --since 2d looks further back")
        rows.append("X-Ray keeps a trace for 30 days, and has only those that were sampled; log groups keep what they")
        rows.append("are told to. Another account or region has its own: AWS_PROFILE, --region.")
    return "\n".join([*rows, *(f"note: {note}" for note in found.notes)])


def _print(found: Request, links: list[str]) -> None:
    from obskit.lookup import view, wanted

    nodes = view.tree(found)
    numbers = {trace.trace_id: number for number, trace in enumerate(found.traces, 1)}
    lines = [(document, view.line(document, numbers, wanted.trace_of(document))) for document in found.lines]
    if sys.stdout.isatty():
        _print_rich(view.head(found), nodes, lines, links)
        return
    click.echo("\n".join([view.head(found), "", *view.plain(nodes)]))
    for part in ([text for _, text in lines], links):
        if part:
            click.echo("\n".join(["", *part]))


def _print_rich(head: str, nodes: list[Any], lines: list[tuple[dict[str, Any], str]], links: list[str]) -> None:
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    def grow(branch: Tree, node: Any) -> None:
        style = "bold" if node.label.startswith("[") else "red" if " FAULT" in node.label else ""
        twig = branch.add(Text(node.label, style))
        for child in node.children:
            grow(twig, child)

    console = Console(highlight=False, width=_WIDTH)
    top = Tree(Text(head, "bold"), hide_root=False)
    for node in nodes:
        grow(top, node)
    console.print(top)
    console.print()
    for document, text in lines:
        console.print(Text(text, _COLORS.get(str(document.get("level")), "")), soft_wrap=True)
    for link in ["", *links]:
        console.print(Text(link, "dim"), soft_wrap=True)
