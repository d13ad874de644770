"""The one file of a command that has `--out` and `--check`: written, or compared with what would be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path


def write(target: Path, text: str) -> int:
    """Write *text* to *target*, say whether that changed it, and return the exit code."""
    from obskit.deploy import files

    changes = files.write(target.parent, {target.name: text}, ())
    click.echo(f"{'wrote' if changes else 'unchanged'} {target}")
    return 0


def check(target: Path, text: str) -> int:
    """Say how *target* differs from *text*, and return the exit code: 1 if it does."""
    from obskit.deploy import files

    changes = files.differences(target.parent, {target.name: text}, ())
    for _, what in changes:
        click.echo(f"{target}: {what}; make it again with --out", err=True)
    return 1 if changes else 0
