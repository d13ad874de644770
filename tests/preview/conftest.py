"""A body with every type of widget, drawn once for all tests."""

import json
from pathlib import Path

import pytest

from obskit.preview import board, page, synthetic

EVERY = Path(__file__).with_name("every_widget.json")


@pytest.fixture(scope="session")
def body():
    return json.loads(EVERY.read_text())


@pytest.fixture(scope="session")
def drawn(body):
    return board.draw("every", body, synthetic.Synthetic())


@pytest.fixture(scope="session")
def html(drawn):
    return page.render("every widget", "invented", [page.Shown("Every <widget>", drawn)])
