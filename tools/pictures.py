"""docs/pictures: prod's dashboards and a backtest with invented data, small enough to be committed. `make pictures`."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections import Counter
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obskit.backtest import alarms, invented, picture, replay, report
from obskit.deploy import definitions, names, project
from obskit.deploy.render import render
from obskit.preview import board, page, synthetic, vega

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.backtest.verdicts import Catalog

    Color = tuple[int, ...]

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "pictures"
SCALE = 0.75
"""Of a dashboard; a backtest's picture has its own size."""
BACKTEST = "shop-checkout-prod-us-east-1-checkout-latency"
COLORS = 224
"""In a picture: the most frequent ones; all others become the nearest of these."""


def drawings() -> Iterator[tuple[str, str]]:
    """Yield name and SVG of each picture."""
    loaded = project.load(ROOT)
    environment = loaded.environment("prod")
    catalog = definitions.catalog(loaded)
    source = synthetic.Synthetic(catalog)
    rendered = render(loaded, definitions.load(loaded), environment)
    for name, body in rendered.bodies.items():
        drawn = board.draw(name, body, source)
        title = names.dashboard(loaded, environment, name)
        yield f"prod-{name}", board.picture(drawn, title, f"{page.span(drawn.window)} · {source.title}")
    template = rendered.templates[environment.primary]
    yield "backtest", _backtest(template, {(loaded.namespace, name): metric for name, metric in catalog.items()})


def _backtest(template: dict[str, Any], catalog: Catalog) -> str:
    """
    Return what `obskit backtest checkout-latency --env prod --simulate outage --days 3` draws.

    Raises:
        TypeError: the alarm is a composite now.
    """
    alarm = alarms.read_template(template)[0][BACKTEST]
    if isinstance(alarm, alarms.CompositeAlarm):
        raise TypeError(f"{BACKTEST} watches no metric")
    data, incident = invented.data([alarm], catalog, invented.Plan(invented.START, 3, "outage", "1"))
    lines, _ = replay.replay({BACKTEST: alarm}, data)
    figures = report.figures(alarm, lines[BACKTEST], incident)
    unit = catalog[alarm.reads[alarm.watched].metric[:2]].unit
    return picture.svg(picture.spec(alarm, lines, figures, incident=incident, unit=unit))


def mark(drawing: str) -> bytes:
    """Return what a picture says of the drawing that it was made from."""
    return b"Source\0sha256 " + hashlib.sha256(drawing.encode()).hexdigest().encode()


def small(drawing: str, scale: float = SCALE) -> bytes:
    """Return *drawing* as a PNG with a palette."""
    png = vega.png(drawing, scale)
    wide, high = struct.unpack(">II", png[16:24])
    (size,) = struct.unpack(">I", png[33:37])
    raw = zlib.decompress(png[41 : 41 + size])
    rows = [_pixels(raw[start : start + 1 + 3 * wide]) for start in range(0, len(raw), 1 + 3 * wide)]
    counts = Counter(pixel for row in rows for pixel in row)
    palette = [color for color, _ in counts.most_common(COLORS)]
    nearest = {color: _nearest(color, palette) for color in counts}
    packed = b"".join(b"\0" + bytes(nearest[pixel] for pixel in row) for row in rows)
    header = struct.pack(">II5B", wide, high, 8, 3, 0, 0, 0)
    colors = bytes(value for color in palette for value in color)
    chunks = ((b"IHDR", header), (b"PLTE", colors), (b"tEXt", mark(drawing)), (b"IDAT", zlib.compress(packed, 9)))
    return png[:8] + b"".join(_chunk(kind, body) for kind, body in (*chunks, (b"IEND", b"")))


def _nearest(color: Color, palette: list[Color]) -> int:
    return min(range(len(palette)), key=lambda one: sum((a - b) ** 2 for a, b in zip(color, palette[one], strict=True)))


def _pixels(row: bytes) -> list[Color]:
    """
    Undo the filter Sub.

    Raises:
        ValueError: the row has another one.
    """
    if row[0] != 1:
        raise ValueError(f"row with filter {row[0]}: only Sub (1) is known here")
    channels = (bytes(value & 255 for value in accumulate(row[1 + channel :: 3])) for channel in range(3))
    return list(zip(*channels, strict=True))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    scales = {"backtest": 1.0}
    made = {FOLDER / f"{name}.png": small(drawing, scales.get(name, SCALE)) for name, drawing in drawings()}
    for stale in {*FOLDER.glob("*.png")} - made.keys():
        stale.unlink()
    for path, content in made.items():
        path.write_bytes(content)
        print(f"{path.relative_to(ROOT)}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
