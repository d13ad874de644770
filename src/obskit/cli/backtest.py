"""`obskit backtest`."""

from __future__ import annotations

import inspect
import json
import re
import sys
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from obskit import whole
from obskit.backtest.simulate import KINDS
from obskit.captured import LONGEST, Captured
from obskit.cli import options
from obskit.errors import ObskitError, did_you_mean
from obskit.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from obskit.backtest.alarms import Alarm, Metric
    from obskit.backtest.metric_alarms import Timeline
    from obskit.backtest.recorded import Recording
    from obskit.backtest.report import Report, Span
    from obskit.backtest.series import Series
    from obskit.backtest.verdicts import Catalog

INCIDENTS = "\n".join(f"  {name:<9} {kind.says}" for name, kind in KINDS.items())
"""As the help page has them."""


class _Chosen(NamedTuple):
    """The alarms that are looked at, all of their template, and what is known of their metrics."""

    names: tuple[str, ...]
    alarms: Mapping[str, Alarm]
    catalog: Catalog
    problems: list[str]
    title: str

    def unit(self, name: str) -> str:
        """Return the unit of what the alarm *name* watches; "" where nothing says it, as of an expression."""
        from obskit.backtest.alarms import CompositeAlarm
        from obskit.deploy import aws_metrics

        alarm = self.alarms[name]
        if isinstance(alarm, CompositeAlarm) or (read := alarm.reads.get(alarm.watched)) is None:
            return ""
        if read.statistic == "SampleCount":
            return "Count"
        declared = self.catalog.get((read.metric.namespace, read.metric.name))
        return declared.unit if declared is not None else aws_metrics.unit(read.metric.namespace, read.metric.name)


@click.command("backtest", cls=options.Page)
@click.argument("names", nargs=-1, metavar="[ALARM]...")
@click.option("--env", "environment", metavar="NAME", help="The environment of obskit.toml whose alarms are tried.")
@click.option("--region", metavar="REGION", help="Of the environment. Default: its first one.")
@click.option(
    "--template",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take the alarms of this CloudFormation template (JSON) instead.",
)
@click.option(
    "--data",
    "files",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Measured data; may be repeated.",
)
@click.option("--simulate", "incident", type=click.Choice(list(KINDS)), help="Invent data with this incident in it.")
@click.option("--queries", is_flag=True, help="Print what to ask CloudWatch for, and stop.")
@click.option("--days", type=click.FloatRange(0.01, 400), default=30, show_default=True, help="How much of the data.")
@click.option("--seed", default="1", show_default=True, help="Of invented data.")
@options.format_option("text", "json")
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write backtest.html, backtest.json and a PNG of each alarm there. Needs the extra 'preview'.",
)
@options.project_option
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> int:
    r"""
    Find out what alarms would have done.

    Evaluates alarms by CloudWatch's documented rules: windows that slide, M of N, missing data, composites and their
    suppressors. Tells how often each would have fired in a week, how soon, whether it flaps, and which never or always
    fire. ALARM is a name, or its end; without one it is all of them. docs/backtest.md says what is assumed.

    Data are files of aws cloudwatch get-metric-data (JSON), log lines with EMF documents, or CSV with the columns
    timestamp, metric, value and, where needed, one for each dimension.

    Or they are invented, by the catalog, with one of these incidents in them:
      INCIDENTS

    Examples:
      obskit backtest --env prod --simulate outage
      obskit backtest checkout-latency --env prod --simulate ramp --out report/
      obskit backtest --env prod --queries > queries.json
      aws cloudwatch get-metric-data --metric-data-queries file://queries.json \
        --start-time 2026-11-01T00:00:00Z --end-time 2026-11-15T00:00:00Z > data.json
      obskit backtest --env prod --data data.json --days 14 --format json

    Exit codes: 0 evaluated, 1 some alarm cannot be, or pages while all is well, or sleeps, 2 wrong usage.
    """
    return _run(ctx, _Options(**given))


class _Options(NamedTuple):
    names: tuple[str, ...]
    environment: str | None
    region: str | None
    template: Path | None
    files: tuple[Path, ...]
    incident: str | None
    queries: bool
    days: float
    seed: str
    format_: str
    out: Path | None


def _run(ctx: click.Context, given: _Options) -> int:
    from obskit.backtest import recorded

    chosen = _choose(ctx, given)
    wanted = [chosen.alarms[name] for name in _with_parts(chosen)]
    if given.queries:
        click.echo(json.dumps(recorded.queries(wanted), indent=2))
        return 0
    if bool(given.files) == (given.incident is not None):
        raise click.UsageError("Give --data FILE or --simulate INCIDENT (or --queries).", ctx)
    if given.files:
        data, incident = _read(given, wanted), None
    else:
        data, incident = _invent(given, wanted, chosen.catalog)
    report, lines = _replay(given, chosen, data, incident)
    for problem in report.problems:
        click.echo(f"{click.style('error:', fg='red')} {visible(problem)}", err=True)
    _tell(given, chosen, report, lines)
    return 1 if report.problems or any(row.faults for row in report.rows) else 0


# --- which alarms -----------------------------------------------------------------------------------------------------


def _choose(ctx: click.Context, given: _Options) -> _Chosen:
    from obskit.backtest.alarms import read_template

    if (given.template is None) == (given.environment is None):
        raise click.UsageError("Give --env NAME or --template FILE.", ctx)
    document, catalog, title = _template(given.template) if given.template else _rendered(ctx, given)
    alarms, problems = read_template(document)
    names = tuple(alarms) if not given.names else tuple(_named(name, alarms, ctx) for name in given.names)
    return _Chosen(names, alarms, catalog, problems if not given.names else [], title)


def _template(file: Path) -> tuple[Mapping[str, Any], Catalog, str]:
    from obskit.deploy import documents
    from obskit.deploy.bounds import UnreadableError

    try:
        _, document = documents.read(file)
    except UnreadableError as error:
        raise ObskitError(f"{file}: {error}") from None
    if not isinstance(document, dict):
        raise ObskitError(f"{file}: is not a CloudFormation template")
    return document, {}, f"Backtest of {file.name}"


def _rendered(ctx: click.Context, given: _Options) -> tuple[Mapping[str, Any], Catalog, str]:
    from obskit.deploy import definitions, project, render

    loaded = project.load(options.project_root(ctx))
    defined = definitions.load(loaded)
    (environment,) = options.environments(loaded, (given.environment or "",), every=False)
    region = given.region or environment.primary
    if region not in environment.regions:
        known = ", ".join(environment.regions)
        raise click.BadParameter(
            f"'{region}' is no region of {environment.name} (known: {known}).", param_hint="'--region'"
        )
    catalog = {(loaded.namespace, name): metric for name, metric in defined.metrics.items()}
    document = render.render(loaded, defined, environment).templates[region]
    return document, catalog, f"Backtest of {loaded.name}, {environment.name}, {region}"


def _named(name: str, alarms: Mapping[str, Alarm], ctx: click.Context) -> str:
    found = [name] if name in alarms else [one for one in alarms if one.endswith(f"-{name}")]
    if len(found) != 1:
        many = f"'{name}' may be any of {', '.join(found)}" if found else f"no alarm is called '{name}'"
        ends = {one for full in alarms for one in (full, "-".join(full.split("-")[-2:]))}
        raise click.UsageError(f"{many}.{did_you_mean(name, ends)}", ctx)
    return found[0]


def _with_parts(chosen: _Chosen) -> list[str]:
    """Return the chosen alarms and all that they depend on."""
    from obskit.backtest.alarms import CompositeAlarm
    from obskit.backtest.composites import named

    found: dict[str, None] = {}
    waiting = list(reversed(chosen.names))
    while waiting:
        name = waiting.pop()
        alarm = chosen.alarms.get(name)
        if alarm is None or name in found:
            continue
        found[name] = None
        if isinstance(alarm, CompositeAlarm):
            waiting += reversed([*(one for one, _ in named(alarm.rule)), alarm.suppressor])
    return list(found)


# --- data -------------------------------------------------------------------------------------------------------------


def _read(given: _Options, wanted: list[Alarm]) -> Mapping[Metric, Series]:
    from obskit.backtest import recorded

    recording = recorded.Recording(wanted)
    with _progress("reading", len(given.files)) as step:
        for file in given.files:
            step(file.name)
            _add(recording, file)
    if recording.ignored:
        click.echo(f"note: {options.plural(recording.ignored, 'value')} of no alarm passed over", err=True)
    return recording.series(given.days)


def _add(recording: Recording, file: Path) -> None:
    captured = Captured(file)
    if file.suffix == ".csv":
        recording.add_csv(captured.lines(), str(file))
    elif '"MetricDataResults"' in captured.head(4096):
        _add_export(recording, captured.text(), str(file))
    else:
        _add_lines(recording, captured.lines())
    if captured.long:
        words = f"{options.plural(captured.long, 'line')} of more than {LONGEST} characters passed over"
        click.echo(f"note: {file}: {words}", err=True)


def _add_export(recording: Recording, text: str, file: str) -> None:
    """Add results while they are read: as a document of its own, an export of a month is a gigabyte of objects."""
    from obskit.backtest import recorded

    def keep(document: dict[str, Any]) -> dict[str, Any]:
        if "Timestamps" not in document or "Values" not in document:
            return document
        points = recorded.chunk(document["Timestamps"], document["Values"])
        recording.add_result(str(document.get("Id")), str(document.get("Label")), points, file)
        return {}

    try:
        json.loads(text, object_hook=keep)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise ObskitError(f"{file}: cannot be read as what get-metric-data prints: {error}") from None


def _add_lines(recording: Recording, lines: Iterable[str]) -> None:
    """Add the EMF documents among log lines; whatever stands before one is passed over, as a tool's time stamp is."""
    from obskit.backtest import recorded
    from obskit.testing import emf

    for line in lines:
        event = line[line.find("{") :].strip()
        if not emf.is_meant(event):
            continue
        try:
            now = json.loads(event)["_aws"]["Timestamp"] / 1000  # an old document is as good as a new one
        except (ValueError, LookupError, TypeError, RecursionError):
            continue
        if not 0 <= now < recorded.LAST:
            continue
        for namespace, datum in emf.Reading(event, now=now).data:
            recording.add_datum(namespace, datum)


def _invent(given: _Options, wanted: list[Alarm], catalog: Catalog) -> tuple[Mapping[Metric, Series], Span | None]:
    from obskit.backtest import invented

    return invented.data(wanted, catalog, invented.Plan(invented.START, given.days, str(given.incident), given.seed))


# --- replay and report ------------------------------------------------------------------------------------------------


def _replay(
    given: _Options, chosen: _Chosen, data: Mapping[Metric, Series], incident: Span | None
) -> tuple[Report, Mapping[str, Timeline]]:
    from obskit.backtest import invented, replay, report, verdicts

    names = _with_parts(chosen)
    alarms = {name: chosen.alarms[name] for name in names}
    with _progress("evaluating", len(alarms)) as step:
        lines, problems = replay.replay(alarms, data, step)
    faults = {one.name: one.faults for one in verdicts.judge(alarms, chosen.catalog)}
    rows = tuple(
        report.figures(alarms[name], lines[name], incident, faults.get(name, ())) for name in names if name in lines
    )
    start = min((one.start for one in data.values()), default=invented.START)
    end = max((one.end for one in data.values()), default=invented.START)
    says = f"simulated: {KINDS[given.incident].says}" if given.incident else ""
    return report.Report(report.Span(start, end), rows, (*chosen.problems, *problems), says, incident), lines


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[str], None]]:
    """Show a bar on terminals while the block runs; it calls what is yielded once for each step."""
    if not sys.stderr.isatty():
        yield lambda _name: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda name: bar.update(task, advance=1, description=f"{what} {name[:60]}")


def _tell(given: _Options, chosen: _Chosen, found: Report, lines: Mapping[str, Timeline]) -> None:
    from obskit.backtest import report

    document = json.dumps(report.as_json(found, lines), indent=2)
    click.echo(document if given.format_ == "json" else report.text(found), nl=given.format_ == "json")
    if given.out is not None:
        _draw(given.out, chosen, found, lines)
        whole.write(given.out / "backtest.json", f"{document}\n".encode())


_FILE_NAME = 200
"""Characters; an alarm's name may have 255, which is what a file's has in all."""


def _file(name: str) -> str:
    """Return *name* as one of a file: a template may call an alarm anything; what is not as written gets a sum."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", name).lstrip(".")[:_FILE_NAME] or "alarm"
    return plain if plain == name else f"{plain}-{zlib.crc32(name.encode(errors='replace')):08x}"


def _draw(out: Path, chosen: _Chosen, found: Report, lines: Mapping[str, Timeline]) -> None:
    from obskit.backtest import page, picture

    out.mkdir(parents=True, exist_ok=True)
    pictures: dict[str, str] = {}
    with _progress("drawing", len(found.rows)) as step:
        for row in found.rows:
            step(row.name)
            document = picture.spec(
                chosen.alarms[row.name], lines, row, incident=found.incident_span, unit=chosen.unit(row.name)
            )
            pictures[row.name] = picture.svg(document)
            whole.write(out / f"{_file(row.name)}.png", picture.png(pictures[row.name]))
    whole.write(out / "backtest.html", page.page(found, pictures, chosen.title).encode(errors="replace"))
    click.echo(
        f"wrote {out / 'backtest.html'}, backtest.json and {options.plural(len(found.rows), 'picture')}", err=True
    )


command.help = inspect.cleandoc(command.help or "").replace("  INCIDENTS", INCIDENTS)  # before 3.13 it is indented
