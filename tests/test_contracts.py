"""The map of the package is held by import-linter: each contract is broken once on purpose, on a copy."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts import ROOT

MAP = "imports run strictly down the map"
TWO_SIDES = "the deploy side meets the runtime only at the catalog"
DEPLOY = "inside the deploy side, imports run from policy down to words"
NO_DEPENDENCY = "only the modules named here need more than Python"

BREAKS = {
    "the vocabulary imports the catalog": (MAP, "errors", "from obskit import kpis"),
    "an integration imports the handler": (MAP, "integrations", "import obskit.handler"),
    "logs know an integration": (MAP, "logs", "def late():\n    from obskit.integrations import powertools"),
    "a guest is imported elsewhere": (NO_DEPENDENCY, "logs", "def late():\n    import aws_lambda_powertools"),
    "siblings know each other": (MAP, "units", "from obskit import quotas"),
    "an import that only type checkers see": (
        MAP,
        "errors",
        "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from obskit.kpis import SEARCH_LATENCY",
    ),
    "an import inside a function": (MAP, "errors", "def late():\n    from obskit import kpis"),
    "the runtime imports the deploy side": (MAP, "handler", "import obskit.deploy"),
    "a module that the map does not know": (MAP, "helpers", ""),
    "the deploy side imports logs": (TWO_SIDES, "deploy", "import obskit.logs"),
    "the deploy side reaches the runtime through the settings": (TWO_SIDES, "deploy", "from obskit import config"),
    "a specification knows how it is rendered": (
        DEPLOY,
        "deploy/specs/metrics",
        "def late():\n    from obskit.deploy import render",
    ),
    "a module of the deploy side without a place": (DEPLOY, "deploy/helpers", ""),
    "the catalog's metrics import click": (NO_DEPENDENCY, "kpis", "import click"),
    "the handler imports boto3": (NO_DEPENDENCY, "handler", "def late():\n    import boto3"),
    "the deploy side imports pytest": (NO_DEPENDENCY, "deploy", "import pytest"),
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
    """Return the names of the contracts that import-linter finds broken in *copy*."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    run = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    broken = {
        name for name in (MAP, TWO_SIDES, DEPLOY, NO_DEPENDENCY) if f"{name} BROKEN" in " ".join(run.stdout.split())
    }

    assert run.returncode == (1 if broken else 0), run.stdout + run.stderr
    return broken


def test_the_package_keeps_its_contracts(copy):
    assert set() == broken_contracts(copy)


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_found_and_named(copy, name):
    contract, module, line = BREAKS[name]
    for needed in ("handler", "logs", "config", "deploy", module):
        place(copy, needed)
    with place(copy, module).open("a") as file:
        file.write(f"\n{line}\n")

    assert {contract} == broken_contracts(copy)
