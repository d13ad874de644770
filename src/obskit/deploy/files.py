"""Rendered files on disk: compared, or replaced as one."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from obskit import whole
from obskit.deploy.bounds import UnreadableError, content
from obskit.deploy.project_rules import is_below
from obskit.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

RENDERED = "rendered"
"""The folder that is obskit's own, in each of the project's."""


def differences(
    root: Path, files: Mapping[str, str], folders: Iterable[str], stale: Iterable[str] = (), kept: Iterable[str] = ()
) -> list[tuple[str, str]]:
    """
    Return (path, `missing` | `differs` | `stale`) for whatever below *root* is not as in *files*.

    *stale* are paths that are to go, too, as far as they are there; *kept* are paths in *folders* that are to stay.

    Raises:
        ConfigError: a link is in the way: what is behind it is not ours to compare, replace or remove.
    """
    folders, kept = tuple(folders), frozenset(kept)
    _stay(root, files, folders)
    found = []
    for path, text in files.items():
        there = root / path
        if not there.is_file():
            found.append((path, "missing"))
        elif there.is_symlink() or there.read_bytes() != text.encode():
            found.append((path, "differs"))
    old = {path for path in (*_in(root, folders), *stale) if path not in files and path not in kept}
    return sorted([*found, *((path, "stale") for path in old if (root / path).is_file())])


def write(
    root: Path, files: Mapping[str, str], folders: Iterable[str], stale: Iterable[str] = (), kept: Iterable[str] = ()
) -> list[tuple[str, str]]:
    """
    Make *folders* below *root* hold exactly *files*, and return what `differences` said before.

    All new texts are on disk before the first file is replaced, each by a rename: whoever reads sees an old file
    or a new one, and a full disk leaves the old ones.
    """
    changes = differences(root, files, folders, stale, kept)
    ready: list[tuple[Path, Path]] = []
    try:
        for path, what in changes:
            if what != "stale":
                target = root / path
                target.parent.mkdir(parents=True, exist_ok=True)
                ready.append((whole.beside(target, files[path].encode()), target))
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


def listed(root: Path, files: Mapping[str, str], manifest: str = "manifest.json") -> list[str]:
    """Return what manifests below *root* that *files* replaces say was written there: that, and no more, is ours."""
    found: list[str] = []
    for path in files:
        folder, _, name = path.rpartition("/")
        if name != manifest:
            continue
        try:
            old = json.loads(content(root / path))["files"]
            named = [f"{folder}/{one}" if folder else one for one in old if isinstance(one, str)]
        except (UnreadableError, ValueError, KeyError, TypeError, RecursionError):
            continue  # there is none, or it is somebody else's
        found += [one for one in named if one.endswith(".json") and ".." not in one.split("/") and one[0] != "/"]
    return [one for one in found if is_below(root / one, root) and not _has_link(root, one)]


def _stay(root: Path, files: Mapping[str, str], folders: Iterable[str]) -> None:
    places = dict.fromkeys((*folders, *(path.rpartition("/")[0] for path in files)))
    if outside := [place for place in places if not is_below(root / place, root)]:
        words = f"leads out of {root} by a link; nothing there is compared, written or removed"
        raise ConfigError(*(f"{place or root}: {words}" for place in outside))
    if linked := [place for place in places if _has_link(root, place)]:
        words = "goes through a link; what is behind it is somebody else's, and is not compared, written or removed"
        raise ConfigError(*(f"{place or root}: {words}" for place in linked))


def _has_link(root: Path, place: str) -> bool:
    """Say whether *place* goes through a link at `rendered` or below it, or, where there is none, anywhere."""
    parts = place.split("/")
    first = parts.index(RENDERED) if RENDERED in parts else 0
    return any((root / "/".join(parts[: end + 1])).is_symlink() for end in range(first, len(parts)))


def _in(root: Path, folders: Iterable[str]) -> list[str]:
    found = []
    for folder in folders:
        for path, below, names in os.walk(root / folder):  # it does not follow links
            below.sort()
            found += [(Path(path) / name).relative_to(root).as_posix() for name in names if name.endswith(".json")]
    return found


def _remove(path: Path) -> None:
    path.unlink()
    with suppress(OSError):  # not empty, which is fine
        path.parent.rmdir()
        if path.parent.parent.name != RENDERED:
            path.parent.parent.rmdir()
