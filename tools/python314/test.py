"""
Runs what of the suite CPython 3.14 can run as WebAssembly: the runtime's tests, in two processes.

`python tools/python314/test.py FOLDER [pytest's arguments]`: the folder is what `make python314` has made. Exit code 1
where one of them fails. What cannot run there, and why, is `tests/python314.toml`'s.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

LEFT_OUT = ("contracts", "docs", "docstrings", "extras", "frame", "imports", "parts", "python314", "start")
"""Of the repository, not of the runtime: import contracts, papers, make, extras. On 3.14 they would say the same."""


def shares() -> list[list[str]]:
    """Return what each process runs."""
    ours = sorted(path for path in (ROOT / "tests").glob("test_*.py") if path.stem[len("test_") :] not in LEFT_OUT)
    top = [path.relative_to(ROOT).as_posix() for path in ours]
    return [[*top, "tests/tracing", "tests/integrations", "tests/testing"], ["tests/masking"]]


def start(python: Path, share: list[str], more: list[str]) -> subprocess.Popen[str]:
    path = os.pathsep.join(["src", str(python.parents[1] / "packages"), "."])
    return subprocess.Popen(
        [
            python,
            "-m",
            "pytest",
            "-p",
            "tests.python314",
            "-p",
            "no:cacheprovider",
            "-q",
            "--tb=short",
            "-rfE",
            *more,
            *share,
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def main(folder: str, *more: str) -> int:
    python = Path(folder).absolute() / "bin" / "python3.14"
    running = [start(python, share, list(more)) for share in shares()]
    codes = []
    for process in running:
        said, _ = process.communicate()
        print(said, end="" if said.endswith("\n") else "\n")
        codes.append(process.returncode)
    return int(not all(code == 0 or (code == 5 and more) for code in codes))  # 5: ARGS leave nothing of a share


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
