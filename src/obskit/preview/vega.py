"""
Vega, by vl-convert: groups in, pieces of SVG out; and SVG as PNG, without a browser.

As a program: SVG from stdin to PNG on stdout, `python -m obskit.preview.vega SCALE`.
"""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from obskit.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor, Future
    from types import ModuleType

Json = dict[str, Any]
_SVG = "http://www.w3.org/2000/svg"
ET.register_namespace("", _SVG)
_UP = 2
_LEVEL = 7
"""Of zlib: 9 takes five times as long for 2 % fewer bytes."""


def converter() -> ModuleType:
    """
    Return vl-convert.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import vl_convert
    except ImportError as error:
        raise MissingExtraError("preview", "obskit preview") from error
    return vl_convert


def drawn(groups: list[Json]) -> list[str]:
    """Return each of *groups*, drawn by one run of Vega, as a piece of SVG."""
    if not groups:
        return []
    named = [{**group, "name": f"obskit{place}"} for place, group in enumerate(groups)]
    text = converter().vega_to_svg({"width": 100, "height": 100, "padding": 0, "autosize": "none", "marks": named})
    found = {}
    for element in ET.fromstring(text).iter(f"{{{_SVG}}}g"):  # noqa: S314  Vega's own output
        name = re.search(r"\bobskit(\d+)\b", element.get("class", ""))
        if name:
            found[int(name[1])] = f'<g fill="none">{_plain(element)}</g>'
    return [found[place] for place in range(len(groups))]


def _plain(element: ET.Element) -> str:
    for one in element.iter():
        for name in ("role", "aria-roledescription", "aria-label", "aria-hidden", "class", "pointer-events"):
            one.attrib.pop(name, None)
    return ET.tostring(element, encoding="unicode").replace(f' xmlns="{_SVG}"', "")


def png(drawing: str, scale: float = 1.0) -> bytes:
    """Return an SVG as PNG."""
    return _packed(converter().svg_to_png(drawing, scale=scale))


@contextmanager
def threads() -> Iterator[Executor]:
    """As many as there are cores, for `beside`; where an exception leaves, Ctrl-C too, nothing more is begun."""
    from concurrent.futures import ThreadPoolExecutor  # of no use to the program

    with ThreadPoolExecutor(os.cpu_count()) as made:
        try:
            yield made
        except BaseException:
            made.shutdown(wait=False, cancel_futures=True)
            raise


def beside(pool: Executor, drawing: str, scale: float) -> Future[bytes]:
    """
    Return an SVG as PNG, in time, made by a process beside this one: vl-convert lets no other thread run meanwhile.

    Raises:
        MissingExtraError: vl-convert is not installed.
    """
    converter()
    command = (sys.executable, "-P", "-m", __name__, str(scale))
    return pool.submit(_made, command, drawing.encode())


def _made(command: tuple[str, ...], drawing: bytes) -> bytes:
    modules = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}  # those of this process
    # In a group of its own: Ctrl-C is for this process, and the other would show a traceback of its own.
    done = subprocess.run(  # noqa: S603  our own
        command, input=drawing, stdout=subprocess.PIPE, check=True, env=modules, process_group=0
    )
    return done.stdout


def _packed(picture: bytes) -> bytes:
    """
    Return *picture* with its pixels packed as tight as they go, a quarter of vl-convert's own bytes.

    Every picture has a ground, so that nothing shows through: alpha is left out. The filters None, Sub and Up work on
    each channel alone, so that one can be taken out of filtered bytes.
    """
    header, pixels, place = b"", b"", 8
    while place < len(picture):
        (size,) = struct.unpack(">I", picture[place : place + 4])
        kind, body = picture[place + 4 : place + 8], picture[place + 8 : place + 8 + size]
        if kind == b"IDAT":
            pixels += body
        elif kind == b"IHDR":
            header = body
        place += 12 + size
    rows = zlib.decompress(pixels)
    long = 1 + 4 * int.from_bytes(header[:4], "big")
    if header[8:10] == bytes((8, 6)) and max(rows[::long]) <= _UP:
        kept = bytearray()
        for start in range(0, len(rows), long):
            row = bytearray(rows[start : start + long])
            del row[4::4]
            kept += row
        header, rows = header[:9] + b"\2" + header[10:], bytes(kept)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, _LEVEL)), (b"IEND", b""))
    return picture[:8] + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


if __name__ == "__main__":
    sys.stdout.buffer.write(png(sys.stdin.buffer.read().decode(), float(sys.argv[1])))
