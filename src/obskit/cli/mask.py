"""`obskit mask`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from obskit.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO


@click.command("mask", cls=options.Page)
@click.argument("files", nargs=-1, type=click.File("rb"), metavar="[FILE]...")
@click.option("--check", is_flag=True, help="Exit with 1 when anything was masked.")
def command(files: tuple[IO[bytes], ...], *, check: bool) -> int:
    """
    Mask personal data in text or JSON, line by line.

    Reads the files, or standard input without any. A line that is a JSON object or array is masked by its keys and its
    values and written as JSON, and so are the JSON objects within a line; all else is masked as text. What has nothing
    to mask stays as it is, byte for byte. It is the engine of the library: what it leaves, a function of yours would
    log.

    A line that is not UTF-8 is read as Latin-1. Of doubled keys every value is kept, and the later keys get a number.

    Examples:
      obskit mask app.log > masked.log
      aws logs tail /aws/lambda/checkout | obskit mask
      obskit mask --check yesterday.log > /dev/null

    Exit codes: 0 done, 1 something was masked and --check is given, 2 wrong usage.
    """
    found = False
    for line in _lines(files):
        masked = _masked_bytes(line)
        found = found or masked != line
        click.echo(masked, nl=False)
    return 1 if check and found else 0


def _lines(files: tuple[IO[bytes], ...]) -> Iterator[bytes]:
    for file in files or (sys.stdin.buffer,):
        yield from file


def _masked_bytes(line: bytes) -> bytes:
    """Return *line* masked, in its own encoding; every sequence of bytes is Latin-1, so that nothing fails here."""
    try:
        return _masked(line.decode("utf-8"), "utf-8").encode("utf-8")
    except UnicodeDecodeError:
        return _masked(line.decode("latin-1"), "latin-1").encode("latin-1")


def _masked(line: str, encoding: str) -> str:
    """Return *line* masked: JSON by keys and values, whatever stands around it as text."""
    from obskit.masking import mask_text

    text = line.rstrip("\r\n")
    end = line[len(text) :]
    if text.lstrip().startswith(("{", "[")):
        try:
            value = json.loads(text, object_pairs_hook=_pairs)
        except (ValueError, RecursionError):
            pass  # cut off, or something follows it
        else:
            return _document(value, text, encoding) + end
    parts: list[str] = []
    done = 0
    for start, stop, value in _objects(text):
        parts += (mask_text(text[done:start]), _document(value, text[start:stop], encoding))
        done = stop
    return "".join((*parts, mask_text(text[done:]), end))


_TRIES = 50
"""Braces of a line that may begin JSON: each costs a look at the rest of it."""


def _objects(text: str) -> Iterator[tuple[int, int, Any]]:
    """Yield (start, end, value) of the JSON objects within *text*, such as what follows a time stamp."""
    decoder = json.JSONDecoder(object_pairs_hook=_pairs)
    start = text.find("{")
    for _ in range(_TRIES):
        if start < 0:
            return
        try:
            value, stop = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            stop = start + 1
        else:
            yield start, stop, value
        start = text.find("{", stop)


class _Key(str):
    """A key that equals only itself, so that a dict holds a doubled one twice."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


def _pairs(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return *pairs* as a dict; where the last of a key would hide the others, every one is kept to be masked."""
    pairs = list(pairs)
    plain = dict(pairs)
    return plain if len(plain) == len(pairs) else {_Key(key): value for key, value in pairs}


def _document(value: object, text: str, encoding: str) -> str:
    """Return *value* masked, as JSON; *text*, which says it, when there was nothing to mask."""
    from obskit.masking import mask

    masked = mask(value)
    if masked == value:
        return text
    written = json.dumps(masked, ensure_ascii=False)
    try:
        written.encode(encoding)
    except UnicodeEncodeError:
        return json.dumps(masked)
    return written
