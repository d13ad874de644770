"""One emulator for all tests here, and skips that say what is missing."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from obskit.demo.emulator import emulator_python
from obskit.demo.stack import Stack
from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]


def require(part: str, *, present: bool) -> None:
    """Skip by the name of *part* where it is missing; in CI that is a failure."""
    if present:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"needs {part}")
    pytest.skip(f"needs {part}")


def _emulator_python() -> Path | None:
    try:
        python = emulator_python(
            None if os.environ.get("OBSKIT_EMULATOR_PYTHON") else REPOSITORY / ".venv-emulator/bin/python"
        )
    except ObskitError:
        return None
    imported = subprocess.run([python, "-c", "import ministack"], check=False, capture_output=True)
    return python if imported.returncode == 0 else None


@pytest.fixture(scope="session")
def ministack() -> Path:
    """The interpreter that runs the emulator."""
    python = _emulator_python()
    require("the emulator (make emulator)", present=python is not None)
    require("boto3", present=importlib.util.find_spec("boto3") is not None)
    assert python is not None
    return python


@pytest.fixture(scope="session")
def awslambdaric() -> None:
    require("awslambdaric", present=importlib.util.find_spec("awslambdaric") is not None)


@pytest.fixture(scope="session")
def stack(ministack: Path, awslambdaric: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stack"), python=ministack) as running:
        yield running
