"""The command line: argv and streams in, an exit code out. Light: what it takes is loaded where Ctrl-C is heeded."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO


def main() -> None:
    """Run the console script."""
    try:
        from obskit.cli import process

        code = process.main()
    except KeyboardInterrupt:  # while click was imported, or before anything else heeded it
        os.write(2, b"\nstopped by Ctrl-C\n")
        code = 130
    sys.exit(code)


def run(argv: Sequence[str], stdout: TextIO, stderr: TextIO) -> int:
    """Run one command and return its exit code: 0 good, 1 problems found, 2 wrong usage; 130, 143 ended by a signal."""
    from obskit.cli import process

    return process.run(argv, stdout, stderr)
