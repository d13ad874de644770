"""Network addresses in folded text: IPv4, IPv6, and of hardware."""

from __future__ import annotations

from _bisect import bisect_right
from _socket import AF_INET6, inet_pton

from obskit.masking.classes import IP, MAC
from obskit.masking.patterns import lazy
from obskit.masking.text import BORDER, HEX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from obskit.masking.text import Found

_QUAD = lazy(
    r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
    + r"\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])" * 3
    + r"(?![0-9A-Za-z_]|\.[0-9]|-[0-9])"
)
_DOTTED = lazy(r"\.0{1,3}\.0{1,3}\.0")
"""On the shadow of the text, where every digit is `0`: it starts with a character that can be searched for."""
_VERSIONS = frozenset(
    b"v rv ver version release build rev revision firmware sdk oid section clause chapter paragraph".split()
)
"""Words before a version, three signs between them at the most."""
_SYSTEMS = frozenset((b"kernel", b"linux"))
_PRODUCTS = frozenset(
    b"chrome chromium headlesschrome crios edg edge edga edgios safari firefox fxios opr opera samsungbrowser yabrowser"
    b" vivaldi electron mobile applewebkit gecko okhttp curl boto3 botocore python java node".split()
)
"""Products of a user agent, and a slash behind them; a path or a host before an address has a slash, too."""
_REQUIREMENTS = tuple(sign + blank for sign in ("==", ">=", "<=", "~=", "^") for blank in ("", " "))
_SIGNS = ' :=/_."-'
_MOST_SIGNS = 3
_LOWER_WORDS = bytes(
    ord(chr(code).lower()) if code < 128 and (chr(code).isalnum() or code == 95) else 32 for code in range(256)
)
_LOOK_BACK = 24
"""Characters before a dotted quad in which a word says that it is a version."""

_LONGEST_AGENT = 400
"""Characters of a user agent before a version in it, at the most."""
_LEAST_OF_ADDRESS = 3
_HEX_RUN = lazy(r"[0-9A-Fa-f:.]{2,45}+(?:%[A-Za-z0-9_.-]{1,16})?")
_COLONS = lazy(r"::|:h{1,4}:h{1,4}:h{1,4}:h{1,4}:h{1,4}:")
"""On a shadow with `h` for every hexadecimal digit: what every IPv6 address has."""
_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
_MAC_SHAPES = (
    ("hh:hh:hh:hh:hh:hh", ":"),
    ("hh-hh-hh-hh-hh-hh", "-"),
    ("hhhh.hhhh.hhhh", "."),
)
_NO_MACS = frozenset(("000000000000", "ffffffffffff"))


def find_ipv4(text: str, shadow: str, found: Found, most: int) -> None:
    """Append the IPv4 addresses in *text*, versions left alone."""
    for dotted in _DOTTED.finditer(shadow):
        most -= 1
        if most < 0:
            found.append((dotted.start(), len(text), IP))
            return
        start = dotted.start()
        while start and shadow[start - 1] == "0" and dotted.start() - start < 4:
            start -= 1
        before = shadow[start - 1] if start else " "
        if before in "a0_" or (before in ".-" and start > 1 and shadow[start - 2] in "a0"):
            continue
        quad = _QUAD.match(text, start)
        if quad is None:
            continue
        before = text[max(0, start - _LOOK_BACK) : start].rpartition(BORDER)[2]
        if before.endswith("/") and (text.startswith(" (", quad.end()) or _in_user_agent(text, start)):
            continue  # `Shop/1.2.3.4 (linux)`
        if not _is_version(before):
            found.append((start, quad.end(), IP))


def _in_user_agent(text: str, start: int) -> bool:
    """Say whether *start* is in what a browser calls itself: there a slash divides a product from its version."""
    agent = text.rfind("Mozilla/", max(0, start - _LONGEST_AGENT), start)
    return agent >= 0 and '"' not in text[agent:start] and BORDER not in text[agent:start]


def _is_version(before: str) -> bool:
    """Say whether the text *before* four numbers says that they are a version."""
    if before.endswith(_REQUIREMENTS):
        return True
    head = before.rstrip(_SIGNS)
    word = head.encode().translate(_LOWER_WORDS).rpartition(b" ")[2]
    signs = len(before) - len(head)
    if word in _VERSIONS:
        return signs <= _MOST_SIGNS
    if signs != 1:
        return False
    return (word in _SYSTEMS and before[-1] in " /-") or (word in _PRODUCTS and before[-1] == "/")


def find_escaped(text: str, found: Found, most: int) -> None:
    """Append the addresses in *text* whose colons are escaped, as in a URL: folding leaves two blanks before each."""
    squeezed: Found = []
    short = text.replace("  :", ":")
    hexed = short.encode().translate(HEX).decode()
    find_ipv6(short, hexed, squeezed, most)
    find_macs(short, hexed, squeezed, most)
    if squeezed:
        colons = _squeezed_colons(text)
        for start, end, name in squeezed:
            first = start + 2 * bisect_right(colons, start)
            last = end - 1 + 2 * bisect_right(colons, end - 1)
            found.append((first, last + 1, name))


def _squeezed_colons(text: str) -> list[int]:
    """Return where the escaped colons of *text* stand without the blanks: to count anew for each is quadratic."""
    colons: list[int] = []
    at = text.find("  :")
    while at >= 0:
        colons.append(at - 2 * len(colons))
        at = text.find("  :", at + 3)
    return colons


def find_ipv6(text: str, hexed: str, found: Found, most: int) -> None:
    """Append the IPv6 addresses in *text*; *hexed* has `h` for every hexadecimal digit."""
    done = 0
    for colons in _COLONS.finditer(hexed):
        most -= 1
        if most < 0:
            found.append((colons.start(), len(text), IP))
            return
        start = colons.start()
        floor = max(done, start - 35)
        while start > floor and hexed[start - 1] in "h:":
            start -= 1
        run = _HEX_RUN.match(text, start)
        if run is None:
            continue
        done = run.end()
        first, last = _inside(text, start, done)
        if first and text[first - 1].isalnum():  # `id:2001:…`: the end of the word before it is a hexadecimal digit
            first = text.find(":", first, last) + 1
        if first < last and _is_ipv6(text, first, last):
            found.append((first, last, IP))


def _inside(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the part of a run that may be an address: `addr: reason` and the end of a sentence leave signs at it."""
    while text[start] == ":" and not text.startswith("::", start) and start < end - 1:
        start += 1
    while end > start and (text[end - 1] == "." or (text[end - 1] == ":" and text[end - 2] != ":")):
        end -= 1
    return start, end


def _is_ipv6(text: str, start: int, end: int) -> bool:
    run = text[start:end].partition("%")[0]
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    if before.isalnum() or before in "_-." or after.isalnum() or after == "_":
        return False
    # `dead::beef` is as good a name in C++ or Rust as an address: somebody's address has digits and more parts.
    # `x[1::2]` is of a program: somebody's address has more of it.
    if sum(map(str.isalnum, run)) < _LEAST_OF_ADDRESS and (run != "::1" or before == "["):
        return False
    if not any(map(str.isdigit, run)) or ("::" not in run and run.count(":") != 7 and "." not in run):
        return False
    try:
        inet_pton(AF_INET6, run)
    except OSError:
        return not _KNOWS_IPV6 and _reads_as_ipv6(run)
    return True


def _knows_ipv6() -> bool:
    """Say whether `inet_pton` takes addresses at all: in a Python that was built without IPv6 it takes none."""
    try:
        inet_pton(AF_INET6, "::1")
    except OSError:
        return False
    return True


_KNOWS_IPV6 = _knows_ipv6()


def _reads_as_ipv6(run: str) -> bool:
    import ipaddress  # 3 ms, where there is nothing better

    try:
        ipaddress.IPv6Address(run)
    except ValueError:
        return False
    return True


def find_macs(text: str, hexed: str, found: Found, most: int) -> None:
    """Append the hardware addresses in *text*; *hexed* has `h` for every hexadecimal digit."""
    for shape, separator in _MAC_SHAPES:
        if shape not in hexed:  # half the price of `find`, which has arguments to read
            continue
        start = hexed.find(shape)
        while start >= 0:
            most -= 1
            if most < 0:
                found.append((start, len(text), MAC))
                return
            end = start + len(shape)
            if _is_mac(text, start, end, separator):
                found.append((start, end, MAC))
            start = hexed.find(shape, end)


def _is_mac(text: str, start: int, end: int, separator: str) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    if before.isalnum() or before == "_" or after.isalnum() or after == "_":
        return False
    if before == separator and _is_group(text, start - 1, separator):
        return False
    if after == separator and text[end + 1 : end + 2].isalnum():
        return False
    address = text[start:end].replace(separator, "").lower()
    return address not in _NO_MACS and not (separator == "." and address.isdigit())


def _is_group(text: str, end: int, separator: str) -> bool:
    """Say whether what ends at *end* is one more group of an address of hardware, and not the end of a word."""
    group = text[max(0, end - 2) : end]
    before = text[max(0, end - 3) : end - 2]
    return len(group) == 2 and _HEX_DIGITS.issuperset(group) and (before == separator or not before.isalnum())
