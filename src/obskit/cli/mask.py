"""`obskit mask`."""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from obskit.cli import options
from obskit.cli.findings import Findings
from obskit.cli.lines import UnreadableInputError, changed_lines, opened
from obskit.terminal import in_json, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import BufferedReader
    from types import FrameType
    from typing import IO

STDIN = "-"
COLUMNS = ("class", "path", "count")

_STEP = 1 << 16
"""Bytes between two steps of the progress bar."""


@click.command("mask", cls=options.Page)
@click.argument(
    "files",
    nargs=-1,
    metavar="[FILE]...",
    type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True),
)
@click.option("--check", is_flag=True, help="Exit with 1 when anything was found.")
@click.option("--report", is_flag=True, help="Write what was found, by class and place, instead of the masked text.")
@click.option("--format", "format_", type=click.Choice(("table", "json")), help="Of the report.  [default: table]")
def command(files: tuple[str, ...], format_: str | None, *, check: bool, report: bool) -> int:
    """
    Mask personal data in text or JSON, line by line.

    Reads the files one after the other, or standard input without any or for "-"; gzip is read too. JSON in a line,
    alone or after a time stamp, is masked by its keys and its values, all else by what it says. What has nothing to
    mask stays as it is, byte for byte. It is the engine of the library: what it leaves, a function of yours would log.

    Examples of a report of yesterday's logs, which counts what would be masked and shows no value:
      obskit mask --report yesterday.log
      obskit mask --report export/*/*.gz
      obskit mask --report --format json yesterday.log | jq -r '.found[] | [.count, .class, .path] | @tsv'

    More examples:
      obskit mask app.log > masked.log
      aws logs tail /aws/lambda/checkout --follow | obskit mask
      zcat export/*/*.gz | obskit mask --check > /dev/null || echo "not clean"

    In a report, `customer.email` is the key of a JSON line, `items[].note` any element of a list, `body → email` a
    document that is text in another one, and (text) whatever stands in none. The class OTHER was replaced without a
    look, for it was too deep, too much or unreadable.

    Memory is bounded. A line over 1 MiB is masked in pieces of about 32 KiB, and a key above its piece no longer
    counts. It is cut only where what is near is masked the same in halves as whole; where there is no such place, the
    rest of the line becomes [TOO MUCH].

    A line that is not UTF-8 is read as Latin-1. Of doubled keys every value is kept, and the later keys get a number.
    A file that cannot be read to its end is told on stderr, and the next one follows.

    Exit codes: 0 done, 1 something was found and --check is given, or a file could not be read, 2 wrong usage, 130
    stopped by Ctrl-C and 143 by SIGTERM, with whole lines written and the report of what was read.
    """
    if format_ and not report:
        raise click.UsageError("--format is for --report.")
    findings = Findings(detailed=report)
    stop = _Stop()
    good = True
    with stop, _progress(files, shown=report or not sys.stdout.isatty()) as advance:
        write = _drop if report else _writer(sys.stdout.buffer)
        try:
            for name in files or (STDIN,):
                good = _scan(name, findings, stop, write, advance) and good
        except KeyboardInterrupt:
            stop.asked = stop.asked or signal.SIGINT
        except BrokenPipeError:  # `obskit mask app.log | head`: whoever reads has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
    if report:
        _tell(findings, format_ or "table")
    if stop.asked:
        return 128 + stop.asked
    return 1 if not good or (check and findings.lines_found) else 0


class _Stop:
    """Ctrl-C and SIGTERM: at once while something is read, or else when it is written; a second one at once."""

    def __init__(self) -> None:
        self.asked: int = 0
        """The signal."""
        self._at_once = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:  # a job in the background does not hear Ctrl-C
                self._before[number] = signal.signal(number, self._hear)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        second, self.asked = self.asked, number
        if self._at_once or second:
            raise KeyboardInterrupt

    def until_asked(self, parts: Iterator[bytes]) -> Iterator[bytes]:
        """
        Yield *parts* of lines until a signal comes; what is being written then is written.

        Raises:
            KeyboardInterrupt: it came.
        """
        while not self.asked:
            self._at_once = True
            part = next(parts, None)
            self._at_once = False
            if part is None:
                return
            yield part
        raise KeyboardInterrupt


def _scan(
    name: str, findings: Findings, stop: _Stop, write: Callable[[bytes], object], advance: Callable[[IO[bytes]], object]
) -> bool:
    """Mask the input called *name*; tell, and return False, if it could not be read to its end."""
    part = b"\n"
    try:
        with _opened(name) as file:
            for part in stop.until_asked(_parts(file, findings)):
                write(part)
                advance(file)
                if part.endswith(b"\n"):
                    findings.end_line()
    except UnreadableInputError as error:
        click.echo(f"{click.style('error:', fg='red')} {visible(click.format_filename(name))}: {error}", err=True)
        return False
    except KeyboardInterrupt:
        if not part.endswith(b"\n"):
            write(b"\n")  # a line so long that it leaves in parts, and perhaps without an end
        raise
    finally:
        if not part.endswith(b"\n"):
            findings.end_line()
    return True


def _opened(name: str) -> BufferedReader:
    """
    Return the input called *name*, to be closed.

    Raises:
        UnreadableInputError: it cannot be opened any more.
    """
    try:
        return open(0 if name == STDIN else name, "rb", closefd=name != STDIN)
    except OSError as error:
        raise UnreadableInputError(error.strerror) from None


def _parts(file: BufferedReader, findings: Findings) -> Iterator[bytes]:
    """
    Yield the lines of *file* masked.

    Raises:
        UnreadableInputError: it is damaged, or no text.
    """
    try:
        yield from changed_lines(opened(file), findings.mask, findings.refuse)
    except EOFError:
        raise UnreadableInputError("ends within its compressed data") from None
    except (OSError, zlib.error) as error:
        raise UnreadableInputError(getattr(error, "strerror", None) or str(error)) from None


def _drop(_: object) -> None:
    """Do nothing, where there is nothing to write or to show."""


def _writer(out: BinaryIO) -> Callable[[bytes], object]:
    """Return what writes to *out*: into a file by the block, to a terminal or a pipe at once, for somebody reads it."""
    try:
        regular = stat.S_ISREG(os.fstat(out.fileno()).st_mode)
    except OSError:
        regular = False
    if regular:
        return out.write

    def write(part: bytes) -> None:
        out.write(part)
        out.flush()

    return write


@contextmanager
def _progress(names: tuple[str, ...], *, shown: bool) -> Iterator[Callable[[IO[bytes]], object]]:
    """Show on stderr, if that is a terminal, how much of the files is read; yield what is to be called after a line."""
    if not (names and shown and sys.stderr.isatty() and all(Path(name).is_file() for name in names)):
        yield _drop
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("masking"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=sum(Path(name).stat().st_size for name in names))
        told: dict[object, int] = {}

        def advance(file: IO[bytes]) -> None:
            read = file.tell() - told.get(file.name, 0)
            if read >= _STEP:
                progress.advance(task, read)
                told[file.name] = file.tell()

        yield advance


def _tell(findings: Findings, format_: str) -> None:
    """Write the report."""
    if format_ == "json":
        click.echo(in_json(json.dumps(_document(findings), indent=2, ensure_ascii=False)))
        return
    rows = [(name, visible(path), f"{count:,}") for name, path, count in findings.rows()]
    if rows:
        if sys.stdout.isatty():
            _draw(rows)
        else:
            click.echo(_plain(rows))
    values = sum(findings.counts.values())
    click.echo(f"{findings.lines_found:,} of {findings.lines:,} lines had something to mask: {values:,} in all")


def _document(findings: Findings) -> dict[str, object]:
    return {
        "lines": findings.lines,
        "lines_found": findings.lines_found,
        "classes": findings.totals(),
        "found": [{"class": name, "path": path, "count": count} for name, path, count in findings.rows()],
    }


def _plain(rows: list[tuple[str, str, str]]) -> str:
    table = [tuple(column.upper() for column in COLUMNS), *rows]
    names, paths, counts = (max(map(len, column)) for column in zip(*table, strict=True))
    return "\n".join(f"{name:<{names}}  {path:<{paths}}  {count:>{counts}}" for name, path, count in table)


def _draw(rows: list[tuple[str, str, str]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in COLUMNS:
        table.add_column(
            column, no_wrap=column != "path", overflow="fold", justify="right" if column == "count" else "left"
        )
    for row in rows:
        table.add_row(*map(Text, row))  # a path may have brackets, which are rich's markup in a plain text
    Console().print(table)
