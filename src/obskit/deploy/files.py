"""Rendered files on disk: compared, or replaced as one."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from obskit.deploy.project import is_below
from obskit.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


def differences(root: Path, files: Mapping[str, str], folders: Iterable[str]) -> list[tuple[str, str]]:
    """
    Return (path, `missing` | `differs` | `stale`) for whatever below *root* is not as in *files*.

    Raises:
        ConfigError: a link leads out of *root*: what is there is not ours to compare, replace or remove.
    """
    folders = tuple(folders)
    _stay(root, files, folders)
    found = []
    for path, text in files.items():
        there = root / path
        if not there.is_file():
            found.append((path, "missing"))
        elif there.read_bytes() != text.encode():
            found.append((path, "differs"))
    return sorted([*found, *((path, "stale") for path in _stale(root, files, folders))])


def write(root: Path, files: Mapping[str, str], folders: Iterable[str]) -> list[tuple[str, str]]:
    """
    Make *folders* below *root* hold exactly *files*, and return what `differences` said before.

    All new texts are on disk before the first file is replaced, each by a rename: whoever reads sees an old file
    or a new one, and a full disk leaves the old ones.
    """
    changes = differences(root, files, folders)
    ready: list[tuple[Path, Path]] = []
    try:
        for path, what in changes:
            if what != "stale":
                target = root / path
                target.parent.mkdir(parents=True, exist_ok=True)
                ready.append((_temporary(target, files[path]), target))
        for temporary, target in ready:
            temporary.replace(target)
    except BaseException:
        for temporary, _ in ready:
            temporary.unlink(missing_ok=True)
        raise
    for path, what in changes:
        if what == "stale":
            _remove(root / path)
    return changes


def _stay(root: Path, files: Mapping[str, str], folders: Iterable[str]) -> None:
    places = dict.fromkeys((*folders, *(path.rpartition("/")[0] for path in files)))
    if outside := [place for place in places if not is_below(root / place, root)]:
        words = f"leads out of {root} by a link; nothing there is compared, written or removed"
        raise ConfigError(*(f"{place}: {words}" for place in outside))


def _stale(root: Path, files: Mapping[str, str], folders: Iterable[str]) -> list[str]:
    there = [path.relative_to(root).as_posix() for folder in folders for path in (root / folder).rglob("*.json")]
    return [path for path in there if path not in files]


def _temporary(target: Path, text: str) -> Path:
    """Write *text* beside *target*: a rename is atomic within one file system only."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")  # `tempfile` would cost 8 ms of imports
    try:
        temporary.write_bytes(text.encode())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _remove(path: Path) -> None:
    path.unlink()
    with suppress(OSError):  # not empty, which is fine
        path.parent.rmdir()
