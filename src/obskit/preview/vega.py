"""Vega, by vl-convert: groups in, pieces of SVG out; and SVG as PNG, without a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from obskit.errors import MissingExtraError

if TYPE_CHECKING:
    from types import ModuleType

Json = dict[str, Any]
_SVG = "http://www.w3.org/2000/svg"
ET.register_namespace("", _SVG)


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
            found[int(name[1])] = _plain(element)
    return [found[place] for place in range(len(groups))]


def _plain(element: ET.Element) -> str:
    for one in element.iter():
        for name in ("role", "aria-roledescription", "aria-label", "aria-hidden", "class", "pointer-events"):
            one.attrib.pop(name, None)
    return ET.tostring(element, encoding="unicode").replace(f' xmlns="{_SVG}"', "")


def png(drawing: str, scale: float = 1.0) -> bytes:
    """Return an SVG as PNG."""
    picture: bytes = converter().svg_to_png(drawing, scale=scale)
    return picture
