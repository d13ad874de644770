"""The map of the package is held by import-linter: each contract is broken once on purpose, on a copy."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.parts import ROOT

CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}

LATE = "def late():\n    from obskit.{} import {}"

BREAKS = {
    "the vocabulary imports the catalog": ("layers", "errors", "from obskit import kpis"),
    "an integration imports the handler": ("layers", "integrations", "import obskit.handler"),
    "logs know an integration": ("layers", "logs", LATE.format("integrations", "powertools")),
    "a guest is imported elsewhere": ("no-dependency", "logs", "def late():\n    import aws_lambda_powertools"),
    "siblings know each other": ("layers", "units", "from obskit import quotas"),
    "an import that only type checkers see": (
        "layers",
        "errors",
        "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from obskit.kpis import SEARCH_LATENCY",
    ),
    "an import inside a function": ("layers", "errors", "def late():\n    from obskit import kpis"),
    "the runtime imports the deploy side": ("layers", "handler", "import obskit.deploy"),
    "a module that the map does not know": ("layers", "helpers", ""),
    "the deploy side imports logs": ("two-sides", "deploy", "import obskit.logs"),
    "the deploy side reaches the runtime through the settings": ("two-sides", "deploy", "from obskit import config"),
    "a specification knows how it is rendered": ("deploy", "deploy/specs/metrics", LATE.format("deploy", "render")),
    "a module of the deploy side without a place": ("deploy", "deploy/helpers", ""),
    "a source knows how a request is shown": ("lookup", "lookup/source", LATE.format("lookup", "view")),
    "a file of a layer knows how a layer is built": ("layer-files", "layers/wheels", LATE.format("layers", "build")),
    "a series of data knows the page it is shown on": ("backtest", "backtest/series", LATE.format("backtest", "page")),
    "a window of time knows the board it is drawn on": ("preview", "preview/window", LATE.format("preview", "board")),
    "a change knows how templates are compared": (
        "diff",
        "deploy/diff/change",
        LATE.format("deploy.diff", "templates"),
    ),
    "what is allowed knows where": ("iam", "deploy/iam/rights", LATE.format("deploy.iam", "place")),
    "what may be asked knows who asks": (
        "page-test",
        "deploy/page_test/rights",
        LATE.format("deploy.page_test", "way"),
    ),
    "the catalog's metrics import click": ("no-dependency", "kpis", "import click"),
    "the handler imports boto3": ("no-dependency", "handler", "def late():\n    import boto3"),
    "the deploy side imports pytest": ("no-dependency", "deploy", "import pytest"),
}


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(ROOT / "src" / "obskit", tmp_path / "obskit", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def place(copy: Path, module: str) -> Path:
    """Return the file of the top-level *module*, made empty when it is not there."""
    package = copy / "obskit" / module / "__init__.py"
    file = package if package.exists() else copy / "obskit" / f"{module}.py"
    file.touch()
    return file


def broken_contracts(copy: Path) -> set[str]:
    """Return the ids of the contracts that import-linter finds broken in *copy*."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    run = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    said = " ".join(run.stdout.split())
    broken = {ident for ident, name in CONTRACTS.items() if f"{name} BROKEN" in said}

    assert run.returncode == (1 if broken else 0), run.stdout + run.stderr
    return broken


def test_the_package_keeps_its_contracts(copy):
    assert set() == broken_contracts(copy)


def test_each_contract_is_broken_here():
    assert CONTRACTS.keys() == {contract for contract, _, _ in BREAKS.values()}


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_found_and_named(copy, name):
    contract, module, line = BREAKS[name]
    for needed in ("handler", "logs", "config", "deploy", module):
        place(copy, needed)
    with place(copy, module).open("a") as file:
        file.write(f"\n{line}\n")

    assert {contract} == broken_contracts(copy)
