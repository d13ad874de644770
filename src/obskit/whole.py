"""Files that are whole: written beside their place and renamed into it, so that nobody sees a half one."""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write(target: Path, content: bytes) -> None:
    """
    Make *target* hold *content*; what was there stays until all of it is on disk. A link stays one.

    Raises:
        OSError: it cannot be written; names *target*.
    """
    if target.exists() and not target.is_file():  # `/dev/stdout`
        target.write_bytes(content)
        return
    target = target.resolve()
    temporary = beside(target, content)
    try:
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def beside(target: Path, content: bytes) -> Path:
    """
    Write *content* to a file beside *target* and return it: a rename is atomic within one file system only.

    Raises:
        OSError: it cannot be written; names *target*. Nothing is left.
    """
    # A name may have the most that the system takes. `tempfile` would cost 8 ms of imports.
    short = f"{target.name[:50]}.{zlib.crc32(os.fsencode(target.name)):08x}"
    temporary = target.with_name(f".{short}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):  # a disk that is full says not where
            error.filename = str(target)
        raise
    return temporary
