"""Committed files as they were in another revision, read by git."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from obskit.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def files(root: Path, revision: str, folder: str) -> dict[str, str]:
    """
    Return the text of each file below *folder* in *revision*, by its path below *root*; none if there is no folder.

    Raises:
        ConfigError: there is no git, no repository, or no such revision.
    """
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        raise ConfigError(f"{root}: git knows no revision '{revision}' here")
    listed = _git(root, "ls-tree", "-r", "-z", "--name-only", commit.strip(), "--", f"{folder}/") or ""
    found = {}
    for path in filter(None, listed.split("\0")):
        found[path] = _git(root, "show", f"{commit.strip()}:./{path}") or ""
    return found


def _git(root: Path, *words: str) -> str | None:
    """Return what git says in *root*, None if it fails."""
    try:
        done = subprocess.run(  # noqa: S603  words of our own, and a revision that git has checked
            ["git", "-C", str(root), *words],  # noqa: S607  whichever git the user has
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise ConfigError("git is needed to read another revision, and there is none on PATH") from error
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None
