"""Network addresses in folded text: IPv4, IPv6, and of hardware."""

from __future__ import annotations

import re
from _socket import AF_INET6, inet_pton

from obskit.masking.classes import IP, MAC

TYPE_CHECKING = False
if TYPE_CHECKING:
    from obskit.masking.text import Found

_QUAD = re.compile(
    r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
    + r"\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])" * 3
    + r"(?![0-9A-Za-z_]|\.[0-9]|-[0-9])"
)
_DOTTED = re.compile(r"0{1,3}+\.0{1,3}+\.0{1,3}+\.0")
"""On the shadow of the text, where every digit is `0`: it starts with a letter that can be searched for."""
_VERSION = re.compile(
    r"(?:\bv|ver|version|release|build|revision|rev|chrome|chromium|crios|edg|edga|safari|firefox|opera|opr|kernel"
    r"|linux|driver|firmware|sdk|lib|schema|[a-z]/|section|clause|chapter|paragraph|oid|==|>=|<=|~=|\^)[ :=/_.-]{0,3}$"
)
_LOOK_BACK = 14
"""Characters before a dotted quad in which a word says that it is a version."""

_HEX_RUN = re.compile(r"[0-9A-Fa-f:.]{2,45}+")
_HEX_BEFORE = re.compile(r"[0-9A-Fa-f]{0,4}+")
_NOBODYS = frozenset(("0.0.0.0", "127.0.0.1", "255.255.255.255", "::", "::1"))  # noqa: S104  nothing is bound here
"""Addresses that say nothing of anybody, and much to whoever looks for a fault."""

_HEX_DIGITS = bytes(104 if chr(code) in "0123456789abcdefABCDEF" else code for code in range(256))
_MAC_SHAPES = ("hh:hh:hh:hh:hh:hh", "hh-hh-hh-hh-hh-hh", "hhhh.hhhh.hhhh")
_NO_MACS = frozenset(("000000000000", "ffffffffffff"))


def find_ipv4(text: str, shadow: str, found: Found, most: int) -> None:
    """Append the IPv4 addresses in *text*, versions left alone."""
    for dotted in _DOTTED.finditer(shadow):
        most -= 1
        if most < 0:
            found.append((dotted.start(), len(text), IP))
            return
        start = dotted.start()
        before = shadow[start - 1] if start else " "
        if before in "a0_" or (before in ".-" and start > 1 and shadow[start - 2] in "a0"):
            continue
        quad = _QUAD.match(text, start)
        if quad is None or quad[0] in _NOBODYS:
            continue
        if _VERSION.search(text[max(0, start - _LOOK_BACK) : start].lower()) is None:
            found.append((start, quad.end(), IP))


def find_ipv6(text: str, found: Found, most: int) -> None:
    """Append the IPv6 addresses in *text*."""
    colon = text.find(":")
    while colon >= 0:
        most -= 1
        if most < 0:
            found.append((colon, len(text), IP))
            return
        head = _HEX_BEFORE.match(text[max(0, colon - 4) : colon][::-1])
        start = colon - (head.end() if head is not None else 0)
        run = _HEX_RUN.match(text, start)
        end = run.end() if run is not None else colon + 1
        if run is not None and _is_ipv6(text, start, end):
            found.append((start, len(text[:end].rstrip(":.")) if text[end - 1] == "." else end, IP))
        colon = text.find(":", max(end, colon + 1))


def _is_ipv6(text: str, start: int, end: int) -> bool:
    run = text[start:end].rstrip(".")
    if run.count(":") < 2:
        return False
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    if before.isalnum() or before in "_-." or after.isalnum() or after == "_":
        return False
    # `dead::beef` is as good a name in C++ or Rust as an address: somebody's address has digits and more parts.
    if run in _NOBODYS or not any(map(str.isdigit, run)) or ("::" not in run and run.count(":") != 7 and "." not in run):
        return False
    if "::" in run and run.count(":") < 3 and len(run) < 6:
        return False
    try:
        inet_pton(AF_INET6, run)
    except OSError:
        return False
    return True


def find_macs(text: str, found: Found, most: int) -> None:
    """Append the hardware addresses in *text*."""
    shadow = text.encode().translate(_HEX_DIGITS).decode()
    for shape in _MAC_SHAPES:
        start = shadow.find(shape)
        while start >= 0:
            most -= 1
            if most < 0:
                found.append((start, len(text), MAC))
                return
            end = start + len(shape)
            separator = shape[4] if shape[2] == "h" else shape[2]
            before = text[start - 1] if start else " "
            after = text[end] if end < len(text) else " "
            address = text[start:end].replace(separator, "").lower()
            if not (before.isalnum() or after.isalnum() or before in separator + "_-" or after in separator + "_-"):
                if address not in _NO_MACS and (separator != "." or not address.isdigit()):
                    found.append((start, end, MAC))
            start = shadow.find(shape, end)
