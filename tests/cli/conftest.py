"""This repository's own project, copied to where it may be spoilt."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "obskit.toml", tmp_path)
    for folder in ("dashboards", "alarms", "examples"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "cdk"))
    return tmp_path


@pytest.fixture
def spoil(shop: Path) -> Callable[[str, str, str], None]:
    """Replace one piece of text in one file of the project."""

    def replace(file: str, old: str, new: str) -> None:
        path = shop / file
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))

    return replace
