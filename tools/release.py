"""
Check a release tag against `pyproject.toml` and print its section of `CHANGELOG.md`.

    python tools/release.py v0.1.0 > notes.md
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def notes(tag: str, version: str, changelog: str) -> str:
    """
    Return what *changelog* says about *version*, without the heading.

    Raises:
        ValueError: *tag* is not `v` and *version*, or the changelog has no dated section for it.
    """
    if tag != f"v{version}":
        raise ValueError(f"the tag is {tag}, but pyproject.toml says {version}: expected v{version}")
    heading = re.compile(
        rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d\n(.*?)(?=^## \[|\Z)", re.DOTALL | re.MULTILINE
    )
    found = heading.search(changelog)
    if not found or not found[1].strip():
        raise ValueError(f"CHANGELOG.md has no section '## [{version}] - YYYY-MM-DD' with something in it")
    return found[1].strip() + "\n"


def main() -> int:
    (tag,) = sys.argv[1:]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    try:
        print(notes(tag, project["version"], (ROOT / "CHANGELOG.md").read_text()), end="")
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
