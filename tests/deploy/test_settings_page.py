"""docs/settings.md names every key of obskit.toml that is read, with its type and default; its examples are read."""

import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from obskit.deploy import project
from obskit.deploy.table import Table
from tests.parts import ROOT

PAGE = (ROOT / "docs" / "settings.md").read_text()
NAMES = {  # what stands for a name of the user's in a heading, and in the example that the rows make
    "environments.NAME": "environments.prod",
    "ids_in.REGION": "ids_in.us-west-2",
    "indexes.NAME": "indexes.listings",
    "queues.NAME": "queues.listings-indexer",
    "patterns.NAME": "patterns.loyalty_number",
}
ALTERNATIVES = ({"via", "cluster", "sql"}, {"host", "port", "tls", "ca", "table", "created", "done", "column"})
"""Keys of [probes] that exclude each other: the page is read once without these, once without those."""


class Row(NamedTuple):
    section: str
    key: str
    kind: str
    default: str
    example: str


def rows() -> list[Row]:
    found = []
    for section, text in re.findall(r"^## \[+([^\]]+)\]+$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL):
        for line in re.findall(r"^\| `.*$", text, re.MULTILINE):
            key, kind, default, _, example = (cell.strip() for cell in line.strip("|").split("|"))
            found.append(Row(section, key.strip("` "), kind, default, example.strip("` |")))
    return found


def example(left_out: set[str]) -> str:
    """Put the examples of all rows together; of keys that exclude each other, only some."""
    sections: dict[str, list[str]] = {}
    for row in rows():
        lines = sections.setdefault(row.section, [])
        if not (row.section.startswith("probes.") and row.key in left_out - _kept(row.section)):
            lines += [row.example] if row.key != "allow" else []
    text = ""
    for section, lines in sections.items():
        head = f"[[{section}]]" if section == "coverage.allow" else f"[{section}]"
        for name, of_ours in NAMES.items():
            head = head.replace(name, of_ours)
        text += "\n".join([head.replace("environments.NAME", "environments.prod"), *lines, "", ""])
    return text


def _kept(section: str) -> set[str]:
    return {"tls", "ca"} if section == "probes.typesense" else set()


def asked(monkeypatch: pytest.MonkeyPatch, root: Path) -> set[tuple[str, str, object]]:
    """Return (path, type, default) of every key that is asked for in *root*; a default of None is none."""
    found: set[tuple[str, str, object]] = set()
    kinds = {
        "text": "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "true or false",
        "texts": "list of texts",
        "tables": "list of tables",
    }

    def listen(method: str, kind: str) -> None:
        real = getattr(Table, method)

        def heard(self: Table, key: str, *positional: Any, **named: Any) -> Any:
            default = () if kind == "list of tables" else next(iter((*positional, *named.values())), None)
            found.add((self._path(key), kind, default))
            return real(self, key, *positional, **named)

        monkeypatch.setattr(Table, method, heard)

    for method, kind in kinds.items():
        listen(method, kind)
    project.load(root)
    return found


@pytest.fixture(params=ALTERNATIVES, ids=["driver", "data-api"])
def heard(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    (tmp_path / "obskit.toml").write_text(example(request.param))
    return asked(monkeypatch, tmp_path)


def general(path: str) -> str:
    """Return *path* as the page calls it: with NAME for what the user calls it."""
    path = re.sub(r"\[\d+\]", "", path)
    path = re.sub(r"^environments\.[^.]+", "environments.NAME", path)
    path = re.sub(r"\bids_in\.[^.]+\.[^.]+$", "ids_in.REGION.NAME", path)
    path = re.sub(r"(\.ids)\.[^.]+(\.parameter)?$", r"\1.NAME\2", path)
    path = re.sub(r"(\.thresholds)\..*", r"\1.ALARM", path)
    path = re.sub(r"(\.variables)\..*", r"\1.VARIABLE", path)
    path = re.sub(r"\b(indexes|queues|nodes)\.[^.]+", r"\1.NAME", path)
    path = re.sub(r"^masking\.environments\.[^.]+", "masking.environments.NAME", path)
    path = re.sub(r"\bclasses\..*", "classes.CLASS", path)
    path = re.sub(r"\bpaths\..*", "paths.PATH", path)
    return re.sub(r"\bpatterns\.[^.]+", "patterns.NAME", path)


def test_every_example_is_read(heard: Any):
    """They make one project without a problem."""
    assert heard


def test_every_key_that_is_read_is_on_the_page_with_its_type_and_default(heard: Any):
    page = {(f"{row.section}.{row.key}", row.kind): row.default.strip("`") for row in rows()}
    wrong = []
    for path, kind, default in heard:
        if (general(path), kind) not in page:
            wrong.append(f"{general(path)} ({kind}) is not there")
            continue
        told = page[general(path), kind]
        if default == "" and path.rpartition(".")[2] in {"table", "created", "done", "column"}:
            continue  # asked for beside `sql`, to be refused
        if default is not None and not told.startswith("the ") and tomllib.loads(f"a = {told}")["a"] != _plain(default):
            wrong.append(f"{general(path)}: the default is {default!r}, not {told}")
        if default is None and told and not told.startswith("the ") and general(path) != "masking.classes.CLASS":
            wrong.append(f"{general(path)}: there is no default, not {told}")

    assert wrong == []


def test_nothing_else_is_on_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    found = set()
    for left_out in ALTERNATIVES:
        (tmp_path / "obskit.toml").write_text(example(left_out))
        with monkeypatch.context() as patched:
            found |= {general(path) for path, _, _ in asked(patched, tmp_path)}

    assert {f"{row.section}.{row.key}" for row in rows()} - found == set()


def _plain(default: object) -> object:
    return list(default) if isinstance(default, tuple) else default
