"""Captured output that somebody names: a file, read in bounded memory as lines or as one text."""

from __future__ import annotations

import gzip
import os
import stat
import zlib
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST = 2 << 20
"""Characters of a line that is read: CloudWatch Logs takes an event of 1 MiB; a tool may put something before it."""

WHOLE = 500_000_000
"""Characters of a text that is read as one: what GetMetricData prints of 500 alarms in a month."""

UNREADABLE = {
    b"\xff\xfe": "is UTF-16; iconv -f utf-16 -t utf-8 makes it readable",
    b"\xfe\xff": "is UTF-16; iconv -f utf-16 -t utf-8 makes it readable",
    b"\x28\xb5\x2f\xfd": "is compressed, and not with gzip; zstd -dc makes it readable",
    b"\xfd7zXZ": "is compressed, and not with gzip; xz -dc makes it readable",
    b"BZh91AY&SY": "is compressed, and not with gzip; bzip2 -dc makes it readable",
    b"PK\x03\x04": "is an archive; unzip -p makes it readable",
}
"""First bytes of a file in which nothing would be found, and what to do."""

GZIP = b"\x1f\x8b"


class Captured:
    """
    The file at *path*, plain or gzip, in UTF-8 as far as it is.

    Each reading begins anew and raises `ObskitError`, which names the file, where that cannot be done: it is no regular
    file (a device has no end, and a pipe is empty the second time), damaged, or in a form that has to be undone first.
    *long* counts the lines over `LONGEST` that were passed over.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.long = 0

    def lines(self) -> Iterator[str]:
        """Yield the lines."""
        self.long = 0
        with self._opened() as file:
            while line := file.readline(LONGEST):
                if len(line) < LONGEST or line.endswith("\n"):
                    yield line
                    continue
                self.long += 1
                while line and not line.endswith("\n"):
                    line = file.readline(LONGEST)

    def text(self) -> str:
        """Return all of it, at most `WHOLE` characters."""
        with self._opened() as file:
            if self.path.stat().st_size <= WHOLE and len(text := file.read(WHOLE + 1)) <= WHOLE:
                return text
        raise ObskitError(f"{self.path}: has more than {WHOLE:,} characters; give several smaller files")

    def head(self, size: int) -> str:
        """Return the first *size* characters."""
        with self._opened() as file:
            return file.read(size)

    @contextmanager
    def _opened(self) -> Iterator[TextIOWrapper]:
        try:
            with open(self.path, "rb", opener=_at_once) as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise ObskitError(f"{self.path}: is not a regular file; write what it gives to one, and name that")
                first = file.peek(16)
                for sign, words in UNREADABLE.items():
                    if first.startswith(sign):
                        raise ObskitError(f"{self.path}: {words}")
                content: Any = gzip.GzipFile(fileobj=file) if first.startswith(GZIP) else file
                with TextIOWrapper(content, encoding="utf-8-sig", errors="replace") as text:
                    yield text
        except (OSError, EOFError, zlib.error) as error:
            said = getattr(error, "strerror", None) or error
            raise ObskitError(f"{self.path}: cannot be read: {said}") from None


def _at_once(path: str, flags: int) -> int:
    """Open *path*; a pipe to which nobody writes would hold the call."""
    return os.open(path, flags | os.O_NONBLOCK)
