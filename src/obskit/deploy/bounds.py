"""What is read of hand-written files at most, so that none of them takes for ever; and the error of one that is not."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BYTES = 5_000_000
"""Of one file; CloudFormation takes 1 MB."""
DEPTH = 100
"""Objects inside one another."""
NODES = 1_000_000
"""Values of one YAML file, with what its aliases repeat."""
FILES = 10_000
"""Files looked at below one folder."""


class UnreadableError(Exception):
    """A file cannot be read: *rule* is `file`, `syntax` or `duplicate-key`; *resources*: it looks like a template."""

    def __init__(self, rule: str, words: str) -> None:
        super().__init__(words)
        self.rule = rule
        self.resources = False


def content(file: Path) -> bytes:
    """
    Return what *file* holds.

    Raises:
        UnreadableError: it is no regular file, too large, or cannot be read.
    """
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):  # reading a FIFO would wait for ever
            raise UnreadableError("file", "is not a regular file")
        if found.st_size > BYTES:
            raise UnreadableError("file", f"has more than {BYTES} bytes")
        return file.read_bytes()
    except OSError as error:
        raise UnreadableError("file", f"cannot be read: {error.strerror or error}") from error
