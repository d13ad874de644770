"""A zip whose bytes depend on nothing but its content: no clock, no owner, no order of a file system."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first time that a zip can hold."""

LEVEL = 9
"""Of deflate, the one method that Lambda reads. zlib's bytes are the same on every machine with the same zlib."""

_UNIX = 3
_FILE, _PROGRAM = 0o100644, 0o100755


def pack(files: Mapping[str, bytes], programs: Collection[str] = ()) -> bytes:
    """Return the zip of *files*; those of *programs* can be executed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = (_PROGRAM if name in programs else _FILE) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
