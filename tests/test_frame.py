"""The frame round the code: commands, locks, workflows, the release's papers."""

import json
import os
import re
import shutil
import subprocess
import tomllib

import pytest

from tests.parts import ROOT
from tools import release

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
CHANGELOG = """# Changelog

## [Unreleased]

## [0.2.0] - 2026-12-01

### Added

- A thing.

## [0.1.0] - 2026-11-24
"""


def run(*command, **environment):
    """Run *command* in the repository, as if from a terminal: not as a part of the make that runs the tests."""
    inherited = ("MAKE", "MFLAGS", "PYTHON", "VENV", "ARGS")
    outer = {key: value for key, value in os.environ.items() if not key.startswith(inherited)}
    return subprocess.run(command, cwd=ROOT, env=outer | environment, capture_output=True, text=True, check=False)


def test_mypy_reads_every_folder_with_python_in_it():
    folders = {path.partition("/")[0] for path in run("git", "ls-files", "*.py").stdout.splitlines() if "/" in path}

    assert set() == folders - set(PROJECT["tool"]["mypy"]["files"])


def test_make_alone_lists_every_command():
    (phony,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)

    shown = run("make", "--no-print-directory").stdout

    assert phony.split() == [line.split()[1] for line in shown.splitlines()]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_has_hashes_and_no_address(lock):
    text = lock.read_text()
    entry = r"^[a-z0-9._-]+==.*\\\n(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+"

    assert "" == re.sub(entry, "", text.partition("make lock\n")[2], flags=re.MULTILINE)
    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links" not in text


@pytest.mark.parametrize("folder", ["appsync", "python314"])
def test_a_lock_of_npm_has_hashes_and_no_address(folder):
    lock = json.loads((ROOT / "tools" / folder / "package-lock.json").read_text())["packages"]
    del lock[""]

    assert [name for name, entry in lock.items() if "integrity" not in entry or "resolved" in entry] == []


def test_the_lock_has_what_the_project_asks_for():
    asked = [
        *PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"]["aws"],
        *PROJECT["project"]["optional-dependencies"]["otel"],
        *PROJECT["project"]["optional-dependencies"]["powertools"],
        *PROJECT["project"]["optional-dependencies"]["preview"],
        *PROJECT["project"]["optional-dependencies"]["probes"],
        *PROJECT["project"]["optional-dependencies"]["test"],
        *PROJECT["project"]["optional-dependencies"]["xray"],
        *PROJECT["dependency-groups"]["dev"],
    ]
    locked = (ROOT / "requirements" / "dev.txt").read_text()

    assert [] == [name for name in asked if not re.search(rf"^{re.split('[<>=]', name)[0]}==", locked, re.MULTILINE)]


def test_what_python_3_14_gets_is_what_the_lock_has():
    wanted = (ROOT / "tools" / "python314" / "packages.txt").read_text().split()
    locked = re.findall("^([a-z0-9-]+)==", (ROOT / "requirements" / "dev.txt").read_text(), re.MULTILINE)

    assert wanted == sorted(set(wanted))
    assert [] == [name for name in wanted if name not in locked]


def test_the_interpreters_found_can_be_used():
    """One of each minor version, newest first."""
    ask = "import sys, venv, ensurepip; print(sys.version_info[1])"
    found = [int(run(path, "-c", ask).stdout) for path in run("tools/pythons").stdout.split()]

    assert found
    assert found == sorted(set(found), reverse=True)
    assert min(found) >= 11


def test_without_an_interpreter_make_says_what_it_needs(tmp_path):
    for name in ("make", "sh", "head", "awk", "sort", "rm"):
        (tmp_path / name).symlink_to(shutil.which(name))

    made = run("make", f"VENV={tmp_path / 'venv'}", "venv", PATH=str(tmp_path))

    assert made.returncode != 0
    assert "needs CPython 3.11 or newer" in made.stderr
    assert "PYTHON=/path/to/python3" in made.stderr


def test_an_interpreter_that_is_too_old_is_refused(tmp_path):
    old = tmp_path / "python"
    old.write_text("#!/bin/sh\necho 'obskit needs Python 3.11 or newer' >&2\nexit 1\n")
    old.chmod(0o755)
    kept = tmp_path / "venv" / "kept"
    kept.parent.mkdir()
    kept.touch()

    made = run("make", f"VENV={kept.parent}", f"PYTHON={old}", "venv")

    assert made.returncode != 0
    assert "needs Python 3.11 or newer" in made.stderr
    assert kept.exists()


def test_release_notes_are_the_section_of_the_version():
    assert release.notes("v0.2.0", "0.2.0", CHANGELOG) == "### Added\n\n- A thing.\n"


@pytest.mark.parametrize(
    ("tag", "version", "says"),
    [
        ("v0.2.1", "0.2.0", "expected v0.2.0"),
        ("0.2.0", "0.2.0", "expected v0.2.0"),
        ("v0.1.0", "0.1.0", r"no section '## \[0.1.0\]"),
        ("v0.3.0", "0.3.0", r"no section '## \[0.3.0\]"),
    ],
    ids=["another version", "without the v", "an empty section", "no section"],
)
def test_a_release_that_does_not_fit_its_papers_is_refused(tag, version, says):
    with pytest.raises(ValueError, match=says):
        release.notes(tag, version, CHANGELOG)


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda path: path.name)
def test_a_workflow_states_its_permissions_and_runs_what_everybody_runs(path):
    text = path.read_text()
    actions = re.findall(r"uses: (\S+)", text)

    assert re.search(r"^permissions:", text, re.MULTILINE)
    assert ".ci/run" in text
    assert [] == [name for name in actions if not re.fullmatch(r"[\w-]+/[\w-]+@(v\d+|release/v\d+)", name)]
    assert "secrets." not in text


def test_nothing_of_one_machine_is_committed():
    """No home folder, no interpreter of a version manager, no package index."""
    paths = r"/root/|\.pyenv|https?://[^ )]+/simple|files\.pythonhosted|^ *--(extra-)?index-url"

    assert "" == run("git", "grep", "-nIE", paths, "--", ".", ":!tests/test_frame.py").stdout


def test_every_dependency_has_a_reason():
    """docs/adr/0008 names what pyproject.toml and requirements/*.in ask for, and nothing else."""
    asked = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    for name, extra in PROJECT["project"]["optional-dependencies"].items():
        asked += extra if name != "all" else []
    for path in [*(ROOT / "requirements").glob("*.in"), *ROOT.glob("layer/*.in"), *ROOT.glob("bench/layers/*.in")]:
        asked += [line for line in path.read_text().splitlines() if not line.startswith("#")]
    rows = re.findall(r"^\| [\w]+ \| ([^|]+) \|", (ROOT / "docs/adr/0008-dependencies.md").read_text(), re.MULTILINE)
    reasons = {name for row in rows for name in row.split(", ")} - {"package", "uv", "pip-audit"}

    assert {re.split("[<>=]", name)[0] for name in asked} == reasons
