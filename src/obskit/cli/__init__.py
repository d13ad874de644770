"""The command line: argv and streams in, an exit code out."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, TextIO

import click

from obskit.cli.commands import obskit
from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Sequence

GOOD, PROBLEMS, WRONG_USAGE = 0, 1, 2
STOPPED = 130


def main() -> None:
    """Run the console script."""
    try:
        code = run(sys.argv[1:], sys.stdout, sys.stderr)
        sys.stdout.flush()
    except BrokenPipeError:  # `obskit metrics | head`: whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = PROBLEMS
    sys.exit(code)


def run(argv: Sequence[str], stdout: TextIO, stderr: TextIO) -> int:
    """Run one command and return its exit code: 0 good, 1 problems found, 2 wrong usage."""
    with redirect_stdout(stdout), redirect_stderr(stderr):
        try:
            code = obskit.main(args=list(argv), prog_name="obskit", standalone_mode=False)
        except click.ClickException as error:
            error.show()
            return error.exit_code
        except click.Abort:
            return STOPPED
        except ObskitError as error:
            for problem in error.problems:
                click.echo(f"{click.style('error:', fg='red')} {problem}", err=True)
            return PROBLEMS
    return code if isinstance(code, int) else GOOD
