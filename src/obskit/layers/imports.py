"""How long a layer's modules take to load: interpreters of this machine run its code."""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.layers.pythons import Python

WAIT_S = 60
_ROW = re.compile(r"^import time: +(\d+) \| +\d+ \| +(obskit[\w.]*)$", re.MULTILINE)


class NotLoadedError(ObskitError):
    """The layer cannot be unpacked, or its wrapper cannot be imported: the message says why."""


@dataclass(frozen=True)
class Import:
    """How long a module took to load in a fresh interpreter, without what it imports itself."""

    module: str
    microseconds: int


def of(files: Mapping[str, bytes], python: Python) -> list[Import]:
    """
    Load obskit's wrapper out of the unpacked zip, as Lambda would for the zero-code mode; the slowest come first.

    Raises:
        NotLoadedError: that does not go.
    """
    with tempfile.TemporaryDirectory() as folder:
        _unpack(files, Path(folder))
        said = _run(python, Path(folder) / "python")
    return sorted((Import(name, int(own)) for own, name in _ROW.findall(said)), key=lambda one: -one.microseconds)


def _unpack(files: Mapping[str, bytes], folder: Path) -> None:
    try:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except (OSError, ValueError) as error:  # a file where another name has a folder, a name that is too long
        raise NotLoadedError(f"it cannot be unpacked: {error}") from None


def _run(python: Python, root: Path) -> str:
    """Return what the interpreter says of the imports."""
    code = f"import sys; sys.path.insert(0, {str(root)!r}); import obskit.wrapper"
    try:
        done = subprocess.run(  # noqa: S603  an interpreter of this machine
            [str(python.path), "-I", "-S", "-B", "-X", "importtime", "-c", code],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=WAIT_S,
            env={},
        )
    except subprocess.TimeoutExpired:
        words = f"the import of obskit.wrapper from it does not end in {WAIT_S} s"
        raise NotLoadedError(f"Python {python.version}: {words}") from None
    if done.returncode:
        said = next((line for line in reversed(done.stderr.splitlines()) if not line.startswith("import time:")), "")
        said = said or f"it ends with {done.returncode}"
        raise NotLoadedError(f"Python {python.version} cannot import obskit.wrapper from it: {said}")
    return done.stderr
