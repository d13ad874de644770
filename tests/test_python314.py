"""The list of what CPython 3.14 cannot run as WebAssembly; that each entry cannot, make test-314 sees."""

import ast
import tomllib

import pytest

from tests.parts import ROOT
from tests.python314 import ABSENT, LIST, listed

SECTIONS = tomllib.loads(LIST.read_text())


@pytest.mark.parametrize("entry", listed())
def test_what_is_listed_is_there(entry):
    file, _, name = entry.partition("::")
    tree = ast.parse((ROOT / file).read_text())

    assert not name or name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_each_stands_there_once_and_with_a_reason():
    entries = [entry for section in SECTIONS.values() for entry in section["tests"]]

    assert entries == list(listed())
    assert [] == [name for name, section in SECTIONS.items() if not section["why"]]


def test_a_file_is_left_out_only_for_a_package_that_it_imports():
    files = {entry: what for entry, what in listed().items() if what in ABSENT and "::" not in entry}

    assert {} == {file: what for file, what in files.items() if f"import {what}" not in (ROOT / file).read_text()}
