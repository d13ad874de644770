"""
Compiled modules for a folder that nobody can write to.

A layer is read-only: where it lacks a `.pyc`, every cold start compiles the module anew. The files made here are of the
kind "unchecked hash" (PEP 552), which Python takes without a look at the source: times in a zip mean nothing.

The same source gives the same bytes: each tree is compiled by a fresh interpreter that sees no environment, no
`site-packages` and no path of this machine. Which objects are written as shared depends on what an interpreter has
loaded, so a tree is always compiled as a whole.
"""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from pathlib import Path
from typing import TYPE_CHECKING

from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from obskit.layers.pythons import Python

    Files = dict[str, bytes]
    """Path in the layer, such as `python/obskit/logs.py` -> content."""

PLACE = "/opt"
"""Where Lambda unpacks layers."""

_COMPILE = ("-S", "-s", "-P", "-B", "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash")
_NO_COLUMNS = ("-X", "no_debug_ranges")
"""Line numbers stay; columns, which only the `^^^^` of a traceback shows, are a quarter of a file."""

_HOW = repr((PLACE, _COMPILE, _NO_COLUMNS)).encode()
"""A part of the cache's keys: compiled in another way it is another file."""


def compiled(trees: Sequence[Mapping[str, bytes]], pythons: Sequence[Python], cache: Path, *, slim: bool) -> Files:
    """
    Return the compiled files of all *trees* for all *pythons*.

    Args:
        trees: sources, each tree compiled on its own.
        pythons: who compiles.
        cache: a folder that remembers what was compiled.
        slim: without docstrings and assertions; for obskit's own modules, which need none.

    Raises:
        ObskitError: a module does not compile.
    """
    work = [(tree, python) for tree in trees for python in pythons]
    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        parts = list(pool.map(lambda one: _remembered(one[0], one[1], cache, slim=slim), work))
    return {name: content for part in parts for name, content in part.items()}


def _remembered(tree: Mapping[str, bytes], python: Python, cache: Path, *, slim: bool) -> Files:
    sources = {name: content for name, content in tree.items() if name.endswith(".py")}
    if not sources:
        return {}
    digest = hashlib.sha256(_HOW + python.release.encode() + bytes([slim]))
    for name, content in sorted(sources.items()):
        digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    kept = cache / "compiled" / digest.hexdigest()
    if not kept.is_dir():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            made = Path(folder) / "made"
            _compile(sources, python, made, slim=slim)
            try:
                made.rename(kept)
            except OSError:  # another build was quicker
                if not kept.is_dir():
                    raise
    return {path.relative_to(kept).as_posix(): path.read_bytes() for path in kept.rglob("*.pyc")}


def _compile(sources: Mapping[str, bytes], python: Python, made: Path, *, slim: bool) -> None:
    for name, content in sources.items():
        path = made / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    command = [str(python.path), *_NO_COLUMNS, *_COMPILE]
    command += ["-s", str(made), "-p", PLACE, "-o", "2" if slim else "0", str(made)]
    done = subprocess.run(  # noqa: S603  the interpreter that was chosen
        command,
        env={"PYTHONHASHSEED": "0"},
        cwd=made,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise ObskitError(f"Python {python.version} cannot compile: {(done.stdout + done.stderr).strip()}")
    for path in list(made.rglob("*")):
        if path.name.endswith(f".{python.tag}.opt-2.pyc"):  # Lambda runs without -O and looks for the plain name
            path.rename(path.with_name(path.name.replace(".opt-2.pyc", ".pyc")))
        elif path.suffix == ".py":
            path.unlink()
