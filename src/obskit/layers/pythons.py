"""The CPythons of this machine, one a minor version: each compiles the layer's modules for its own kind."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SUPPORTED = ("3.11", "3.12", "3.13", "3.14")
"""What the layers are for. A version that this machine lacks runs from source: slower to start, and the same."""

_ASK = """
import json, os, sys, importlib.util
v = sys.version_info
real = os.path.join(sys.base_prefix, "bin", "python%d.%d" % v[:2])  # not an environment that may be deleted
print(json.dumps({
    "path": real if os.path.exists(real) else sys.executable, "version": "%d.%d" % v[:2],
    "release": sys.version, "tag": sys.implementation.cache_tag, "prefix": sys.base_prefix,
    "usable": sys.implementation.name == "cpython" and v[3] == "final",
}))
"""


@dataclass(frozen=True)
class Python:
    """One interpreter."""

    path: Path
    version: str
    """As `3.13`."""
    release: str
    """The whole of `sys.version`: what it compiles may differ between two builds of one version."""
    tag: str
    """In the names of its compiled files: `cpython-313`."""
    prefix: Path


def ask(path: str | Path) -> Python | None:
    """Return the interpreter at *path*; None for one that does not run, or is not a released CPython."""
    try:
        done = subprocess.run(  # noqa: S603  an interpreter that was found or named by the caller
            [str(path), "-I", "-c", _ASK], capture_output=True, text=True, check=True, timeout=60
        )
        said = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):  # a name on PATH proves nothing: pyenv's shims fail
        return None
    if not said["usable"]:
        return None
    return Python(Path(said["path"]), said["version"], said["release"], said["tag"], Path(said["prefix"]))


def find(versions: Sequence[str] = SUPPORTED) -> list[Python]:
    """Return one interpreter for each of *versions* that this machine has, in their order."""
    names = [sys.executable, *(path for version in versions if (path := shutil.which(f"python{version}")))]
    found = {python.version: python for name in reversed(names) if (python := ask(name))}
    # Version managers keep versions side by side: beside one that was found there may be others.
    for python in list(found.values()):
        for version in versions:
            if version not in found:
                beside = _newest(python.prefix.parent.glob(f"{version}.*/bin/python{version}"))
                if beside and (other := ask(beside)):
                    found[version] = other
    return [found[version] for version in versions if version in found]


def chosen(versions: Sequence[str]) -> list[Python]:
    """
    As `find`, for *versions* that somebody asked for by name.

    Raises:
        ObskitError: names those that this machine lacks.
    """
    found = find(versions)
    missing = [version for version in versions if version not in {python.version for python in found}]
    if missing:
        raise ObskitError(
            *(
                f"no Python {version} here: install it, or leave it out and let it run from source"
                for version in missing
            )
        )
    return found


def _newest(paths: Iterable[Path]) -> Path | None:
    def number(path: Path) -> list[int]:
        return [int(part) for part in path.parent.parent.name.split(".") if part.isdigit()]

    return max(paths, key=number, default=None)
