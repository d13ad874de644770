"""`obskit mask`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from obskit.cli import options

if TYPE_CHECKING:
    from typing import TextIO


@click.command("mask", cls=options.Page)
@click.argument(
    "files", nargs=-1, type=click.File("r", encoding="utf-8", errors="surrogateescape"), metavar="[FILE]..."
)
@click.option("--check", is_flag=True, help="Exit with 1 when anything was masked.")
def command(files: tuple[TextIO, ...], *, check: bool) -> int:
    """
    Mask personal data in text or JSON, line by line.

    Reads the files, or standard input without any. A line that is a JSON object or array is masked by its keys and its
    values and written as JSON; any other line is masked as text. It is the engine of the library: what it leaves, a
    function of yours would log.

    Examples:
      obskit mask app.log > masked.log
      aws logs tail /aws/lambda/checkout | obskit mask
      obskit mask --check yesterday.log > /dev/null

    Exit codes: 0 done, 1 something was masked and --check is given, 2 wrong usage.
    """
    found = False
    for file in files or (sys.stdin,):
        for line in file:
            masked = _masked(line)
            found = found or masked != line
            click.echo(masked, nl=False)
    return 1 if check and found else 0


def _masked(line: str) -> str:
    """Return *line* masked; one without anything to mask as it was."""
    from obskit.masking import mask, mask_text

    text = line.rstrip("\r\n")
    end = line[len(text) :]
    if text.lstrip().startswith(("{", "[")):
        try:
            value = json.loads(text, object_pairs_hook=_without_doubled_keys)
        except (ValueError, RecursionError):  # not JSON, or a key stands twice and one value would hide the other
            return mask_text(text) + end
        masked = mask(value)
        return line if masked == value else json.dumps(masked, ensure_ascii=False) + end
    return mask_text(text) + end


def _without_doubled_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found
