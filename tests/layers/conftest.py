"""Layers as they are built, unpacked as Lambda unpacks them, and a runtime that has nothing but Lambda's client."""

from __future__ import annotations

import importlib
import shutil
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from obskit.layers import build, pythons
from obskit.testing.awslambda.environment import Function
from obskit.testing.awslambda.runtime import LambdaRuntime
from tests.helpers import XRAY_HEADER
from tests.parts import ROOT, require

if TYPE_CHECKING:
    from obskit.layers.build import Layer
    from obskit.layers.pythons import Python

CLIENT = ("awslambdaric", "simplejson", "snapshot_restore_py", "runtime_client")
"""Modules that Lambda's own folder holds; the last is the client's compiled part."""

TOLD = {"OBSKIT_ENV": "test", "OBSKIT_METRICS_NAMESPACE": "Shop", "OBSKIT_SERVICE_METRICS": "off"}


class Unpacked(NamedTuple):
    """A layer in a folder of its own."""

    layer: Layer
    root: Path

    @property
    def wrapper(self) -> Path:
        return self.root / "obskit"


@pytest.fixture(scope="session")
def cache() -> Path:
    """What was downloaded and compiled, kept between runs: the index is asked once."""
    return ROOT / "build" / "layers"


@pytest.fixture(scope="session")
def all_pythons() -> list[Python]:
    return pythons.find()


@pytest.fixture(scope="session")
def this(all_pythons: list[Python]) -> Python:
    """The interpreter that runs the tests; CI runs them on each."""
    version = ".".join(map(str, sys.version_info[:2]))
    (found,) = [python for python in all_pythons if python.version == version]
    return found


@pytest.fixture(scope="session")
def lean(all_pythons: list[Python], cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Unpacked:
    return unpacked(build.lean(all_pythons, cache), tmp_path_factory.mktemp("lean"))


@pytest.fixture(scope="session")
def full(this: Python, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Unpacked:
    """For this machine's architecture, and one Python: the suite runs on each."""
    require("x86_64")
    return unpacked(build.full("x86_64", [this], [this.version], cache), tmp_path_factory.mktemp("full"))


def unpacked(layer: Layer, root: Path) -> Unpacked:
    build.write(layer, root / "zip")
    with zipfile.ZipFile(root / "zip" / layer.name) as archive:
        for entry in archive.infolist():
            path = Path(archive.extract(entry, root / "opt"))
            path.chmod(entry.external_attr >> 16 & 0o555)  # nobody writes to /opt
    return Unpacked(layer, root / "opt")


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Lambda's client, as `/var/runtime` is: nothing that the tests' own environment has besides."""
    require("awslambdaric")
    folder = tmp_path_factory.mktemp("runtime")
    for name in CLIENT:
        path = Path(str(importlib.import_module(name).__file__))
        if path.name == "__init__.py":
            shutil.copytree(path.parent, folder / name)
        else:
            shutil.copy(path, folder)
    return folder


@pytest.fixture
def run(client: Path, this: Python, tmp_path: Path):
    """Run *code*, files by name, once, with layers: `run(handler, code, layers, **variables)`."""

    def run(handler, code, *layers, wrapper=True, event=None, python=None, **variables):
        folder = tmp_path / "task"
        for name, text in code.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        function = Function(
            handler,
            folder,
            python=str(python or this.path),
            layers=[layer.root for layer in layers],
            env={**TOLD, "PYTHONNOUSERSITE": "1", **variables, "PYTHONPATH": str(client)},
            wrapper=layers[0].wrapper if wrapper is True else wrapper or None,
        )
        with LambdaRuntime(function) as runtime:
            return runtime.invoke(event or {}, trace_header=XRAY_HEADER)

    return run
