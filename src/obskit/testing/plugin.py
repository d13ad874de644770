"""The pytest plugin: loaded by pytest where obskit is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from obskit.testing.capture import Captured, capture

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def obskit_captured() -> Iterator[Captured]:
    """Everything that obskit writes during the test, as parsed documents."""
    with capture() as captured:
        yield captured
