"""One command in this process: the streams, the signals and whatever a command raises, as an exit code."""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO, TextIOWrapper
from typing import TYPE_CHECKING, NoReturn, TextIO

import click

from obskit.cli.commands import obskit
from obskit.errors import ObskitError
from obskit.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

GOOD, PROBLEMS, WRONG_USAGE = 0, 1, 2
STOPPED, ENDED = 128 + signal.SIGINT, 128 + signal.SIGTERM


class _Ended(KeyboardInterrupt):
    """A job is cancelled by SIGTERM: what is half written is taken away as on Ctrl-C."""


def main() -> int:
    """Run the command of this process; return its exit code."""
    # A command is short and needs nearly all that it makes: looking for garbage cost 5 % of a render.
    gc.set_threshold(1_000_000)
    if sys.stdin is None:  # `<&-`; the next file that is opened would be it
        os.open(os.devnull, os.O_WRONLY)  # `obskit mask` is told that it cannot be read
        sys.stdin = StringIO()
    out, err = (_stream(one, number) for number, one in ((1, sys.stdout), (2, sys.stderr)))
    code = GOOD
    before = signal.signal(signal.SIGTERM, end_command)
    try:
        code = run(sys.argv[1:], out, err)
        out.flush()
    except OSError as error:
        # `obskit metrics | head`: whoever reads has seen enough; and a command that failed has said why.
        if code == GOOD and not isinstance(error, BrokenPipeError):
            err.write(f"error: {error.strerror}\n")
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        code = PROBLEMS
    except KeyboardInterrupt as stopped:  # beside a command, where click does not heed it
        err.write("\n")
        code = _stopped(stopped, err)
    finally:
        signal.signal(signal.SIGTERM, before)
        gc.freeze()  # what is left goes with the process; the last look for garbage cost 7 % of a render
    return code


def end_command(*_: object) -> NoReturn:
    """Handle SIGTERM."""
    raise _Ended


def _stream(stream: TextIO | None, number: int) -> TextIO:
    """Return what can be written to whatever a text holds; where the shell has closed it (`>&-`), nowhere."""
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    if stream is not None:
        return stream
    nowhere = os.open(os.devnull, os.O_WRONLY)
    if nowhere != number:  # else the next file that is opened would get this number
        os.dup2(nowhere, number)
        os.close(nowhere)
    return open(number, "w", encoding="utf-8", closefd=False)


def run(argv: Sequence[str], stdout: TextIO, stderr: TextIO) -> int:
    """Run one command and return its exit code: 0 good, 1 problems found, 2 wrong usage; 130, 143 ended by a signal."""
    with redirect_stdout(stdout), redirect_stderr(stderr):
        try:
            code = obskit.main(args=list(argv), prog_name="obskit", standalone_mode=False)
        except click.ClickException as error:
            error.show()
            return error.exit_code
        except click.Abort as stopped:
            return _stopped(stopped.__cause__, stderr)
        except ObskitError as error:
            return _tell(*error.problems)
        except BrokenPipeError:
            raise
        except OSError as error:
            return _tell(_said(error))
    return code if isinstance(code, int) else GOOD


def _stopped(cause: BaseException | None, stderr: TextIO) -> int:
    """Say what was stopped, or else by what; return the exit code of that signal."""
    ended = isinstance(cause, _Ended)
    told = getattr(cause, "__notes__", ()) or [f"stopped by {'SIGTERM' if ended else 'Ctrl-C'}"]
    stderr.writelines(f"{visible(line)}\n" for line in told)
    return ENDED if ended else STOPPED


def _tell(*problems: str) -> int:
    for problem in problems:
        click.echo(f"{click.style('error:', fg='red')} {visible(problem, lines=True)}", err=True)
    return PROBLEMS


def _said(error: OSError) -> str:
    """Return what the system refuses, by name: a folder that may not be written, a disk that is full."""
    if isinstance(error, FileNotFoundError) and error.filename is None:
        return "the current folder is not there any more; cd to one that is"
    place = f"{error.filename2 or error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}"
