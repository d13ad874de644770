"""One emulator for all tests here, and skips that say what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from obskit.demo.stack import Stack
from tests.outbox_db import database, outbox_server
from tests.parts import EMULATOR, require

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["database", "outbox_server"]


@pytest.fixture(scope="session")
def ministack() -> Path:
    """The interpreter that runs the emulator."""
    require("emulator")
    require("node")
    return EMULATOR / "bin" / "python"


@pytest.fixture(scope="session")
def stack(ministack: Path, awslambdaric: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stack"), python=ministack) as running:
        yield running
