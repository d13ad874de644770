"""
What commands of a deploy job cost as whole processes, beside importing boto3 in the same run.

    python bench/render.py [--rounds 15] [--previews 3]

Each round runs every command once, one after the other, so that what else a machine does meets all of them. CPU is the
process's own, user and system together, as the system accounts it; a ratio is of one round, and the median of all is
printed. Files are written into a folder that goes away. Compiled files are there: what is imported has been imported
before the first round.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PYTHON = sys.executable
OBSKIT = (str(Path(PYTHON).with_name("obskit")),)
BOTO3 = "import boto3"


class Took(NamedTuple):
    """Seconds of one run."""

    cpu: float
    wall: float


def commands(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return what is run in each round, by name; the first is what the others are compared with."""
    out = str(folder / "prod")
    rendered = {
        f"obskit render --env {name}": (*OBSKIT, "render", "--env", name, "--out", str(folder / name))
        for name in ("prod", "stage", "dev")
    }
    return {
        BOTO3: (PYTHON, "-c", BOTO3),
        **rendered,
        "obskit validate, of what prod renders to": (*OBSKIT, "validate", out),
        "obskit --help": (*OBSKIT, "--help"),
        "python -c pass": (PYTHON, "-c", "pass"),
    }


def previews(folder: Path) -> dict[str, tuple[str, ...]]:
    draw = (*OBSKIT, "preview", "--env", "prod", "--out", str(folder / "pictures"))
    return {"html": draw, "png": (*draw, "--format", "png"), "both": (*draw, "--format", "html", "--format", "png")}


def run(command: tuple[str, ...]) -> Took:
    """Run *command*, what it prints thrown away, and return what it took."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    nowhere = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
    began = time.perf_counter()
    process = os.posix_spawn(command[0], command, environment, file_actions=nowhere)
    _, status, used = os.wait4(process, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed")
    return Took(used.ru_utime + used.ru_stime, time.perf_counter() - began)


def rounds(count: int, wanted: dict[str, tuple[str, ...]]) -> dict[str, list[Took]]:
    """Return what each command took in each round; one round before is not counted."""
    found: dict[str, list[Took]] = {name: [] for name in wanted}
    for number in range(count + 1):
        for name, command in wanted.items():
            took = run(command)
            if number:
                found[name].append(took)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--previews", type=int, default=3, help="rounds of the pictures; 0 for none")
    chosen = parser.parse_args()
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as name:
        _compared(rounds(chosen.rounds, commands(Path(name))), chosen.rounds)
        if chosen.previews:
            _drawn(rounds(chosen.previews, previews(Path(name))))


def _compared(found: dict[str, list[Took]], count: int) -> None:
    print(f"Python {sys.version.split()[0]}, medians of {count} rounds\n")
    print(f"| whole process | CPU, ms | CPU over `{BOTO3}` | lowest to highest |\n|---|---|---|---|")
    for name, took in found.items():
        cpu = statistics.median(one.cpu for one in took)
        ratios = sorted(one.cpu / other.cpu for one, other in zip(took, found[BOTO3], strict=True))
        print(
            f"| `{name}` | {cpu * 1000:.0f} | {statistics.median(ratios):.2f} | {ratios[0]:.2f} to {ratios[-1]:.2f} |"
        )


def _drawn(found: dict[str, list[Took]]) -> None:
    print("\n| the four dashboards of prod as | wall clock, s | CPU, s |\n|---|---|---|")
    for name, took in found.items():
        wall, cpu = (statistics.median(values) for values in ([one.wall for one in took], [one.cpu for one in took]))
        print(f"| {name} | {wall:.2f} | {cpu:.2f} |")


if __name__ == "__main__":
    main()
