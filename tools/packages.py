"""
Prove that each package of `docs/packages.toml` carries load, and that the base needs none of them.

A copy of `.venv` is made, the package is uninstalled from the copy, and exactly the tests that its row names must fail;
everything else in the set must pass. Run by `make packages`, with the Python of `.venv`.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
TRIAL = ROOT / "build" / "packages" / "venv"
PYTHON = TRIAL / "bin" / "python"
# What the base tests are run with; none of them is an extra that calls or hosts something.
TEST_TOOLS = ("pytest", "hypothesis", "dirty-equals", "pip")


def trial_without(*packages: str) -> None:
    """Make the copy anew and uninstall *packages* from it. Files are linked, not copied: pip only unlinks them."""
    shutil.rmtree(TRIAL, ignore_errors=True)
    shutil.copytree(sys.prefix, TRIAL, symlinks=True, copy_function=os.link)
    if packages:
        subprocess.run([PYTHON, "-m", "pip", "uninstall", "-qq", "--yes", *packages], check=True)


def run_tests(*arguments: str) -> dict[str, bool]:
    """Run pytest in the copy and return which tests passed; empty when pytest itself cannot start."""
    report = TRIAL.with_name("report.xml")
    report.unlink(missing_ok=True)
    command = [str(PYTHON), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "junit_family=xunit1"]
    command += [f"--junitxml={report}", *arguments]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if not report.exists():
        if "No module named pytest" in said.stderr:
            return {}
        sys.exit(f"pytest wrote no report:\n{said.stdout}{said.stderr}")
    tests: dict[str, bool] = {}
    for case in ET.parse(report).iter("testcase"):
        passed = all(case.find(outcome) is None for outcome in ("failure", "error", "skipped"))
        tests[_node(case)] = tests.get(_node(case), True) and passed  # the cases of one parametrized test
    return tests


def _node(case: ET.Element) -> str:
    """Return the test's id without its parameters: a row names tests, not their cases."""
    file, name = case.get("file"), case.get("name", "")
    return f"{file}::{name.partition('[')[0]}" if file else case.get("classname", "") or name


def wrong(expected: set[str], tests: dict[str, bool]) -> list[str]:
    """Return what differs from: exactly the *expected* tests fail."""
    failed = {name for name, passed in tests.items() if not passed}
    return [f"{name} passes without it" for name in sorted(expected - failed)] + [
        f"{name} fails too, which its row does not say" for name in sorted(failed - expected)
    ]


def prove(row: dict[str, Any], beside: list[str]) -> list[str]:
    """Remove one package and return what did not come out as its row says."""
    trial_without(row["name"], *row.get("parts", ()))
    subprocess.run([PYTHON, "-c", "import obskit, obskit.kpis"], cwd=ROOT, check=True)
    tests = run_tests(*{*(name.partition("::")[0] for name in row["fails"]), *beside})
    if not tests:  # the package is what runs the tests
        return [] if row["name"] == "pytest" else ["no test was run"]
    return wrong(set(row["fails"]), tests)


def needed_by(names: tuple[str, ...]) -> set[str]:
    """Return *names* and all that they depend on, extras left out."""
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = _canonical(todo.pop())
        if name in found:
            continue
        found.add(name)
        try:
            requires = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:  # for another platform
            continue
        todo += [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in requires if "extra ==" not in line]
    return found


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def prove_base() -> list[str]:
    """Remove all that the base install does not bring, and run the tests marked `base`."""
    installed = {_canonical(found.name) for found in importlib.metadata.distributions()}
    trial_without(*sorted(installed - needed_by(("obskit", *TEST_TOOLS))))
    files = [str(path) for path in (ROOT / "tests").rglob("test_*.py") if "mark.base" in path.read_text()]
    tests = run_tests("-m", "base", *files)
    return wrong(set(), tests) if tests else ["no test is marked base"]


def main() -> int:
    table = tomllib.loads((ROOT / "docs" / "packages.toml").read_text())
    beside = table["beside"]
    proven = table["package"]
    problems = 0

    def tell(name: str, wrongs: list[str], good: str) -> None:
        nonlocal problems
        problems += len(wrongs)
        print(f"{name:28} {good if not wrongs else 'NOT PROVEN'}", *wrongs, sep="\n    ", flush=True)

    trial_without()
    files = {name.partition("::")[0] for row in proven for name in row["fails"]}
    tests = run_tests(*files, *beside)
    unknown = [f"no test {name}" for row in proven for name in row["fails"] if name not in tests]
    tell("all packages there", wrong(set(), tests) + unknown, f"{len(tests)} tests pass")
    for row in proven:
        others = "as does every test" if row["name"] == "pytest" else "the others pass"
        tell(row["name"], prove(row, beside), f"removed: {', '.join(row['fails'])} fails, {others}")
    tell("base install", prove_base(), "no extra there: the tests marked base pass")
    shutil.rmtree(TRIAL.parent)
    return min(problems, 1)


if __name__ == "__main__":
    sys.exit(main())
