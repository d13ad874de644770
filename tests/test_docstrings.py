"""The examples in docstrings are run."""

import doctest
import importlib

import pytest

from tests.parts import ROOT

SOURCE = ROOT / "src"
WITH_EXAMPLES = sorted(
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
    for path in SOURCE.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_in_docstrings_hold(name):
    result = doctest.testmod(importlib.import_module(name))

    assert result.attempted
    assert 0 == result.failed
