"""The command line as a test runs it: in this process, and in one of its own to see what that loads."""

import io
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from obskit.cli import run


class Done(NamedTuple):
    """What a command has said, and its exit code."""

    code: int
    stdout: str
    stderr: str


def obskit(*argv: str | Path) -> Done:
    """Run a command."""
    stdout, stderr = io.StringIO(), io.StringIO()
    code = run([str(arg) for arg in argv], stdout, stderr)
    return Done(code, stdout.getvalue(), stderr.getvalue())


def modules_of(*argv: str | Path) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after a command."""
    code = "import io, sys; from obskit.cli import run; run(sys.argv[1:], io.StringIO(), io.StringIO())"
    code += "; print(*sys.modules)"
    command = [sys.executable, "-c", code, *map(str, argv)]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def tree(root: Path) -> dict[str, str]:
    """Return the JSON files below *root*, by path."""
    return {str(path.relative_to(root)): path.read_text() for path in sorted(root.rglob("*.json"))}
