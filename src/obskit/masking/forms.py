"""
The normal form of a value of each class, and what may be shown of it.

Imported when a policy first wants more than a marker.
"""

from __future__ import annotations

from obskit.masking.classes import BANK, CARD, CLASSES, EMAIL, IP, MAC, NATIONAL_ID, PHONE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 1024
"""Characters of a value that is looked at; a longer one is no address, number or name."""

MAC_LETTERS = frozenset("abcdefghijklmnop")
"""Of a pseudonym: one a nibble. Without a digit it can be no telephone, card or account number to anything that reads
the line later, be it obskit on a second pass or the log service's own data protection."""

MAC_LENGTH = 16
_KEY_ID_LENGTH = 12
_KEY_ID = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_DIGITS = frozenset("0123456789")
_HEX = frozenset("0123456789abcdef")
_LABEL = _KEY_ID | {"-"}
_SEPARATORS = frozenset(" \t\u00a0\u202f.-/()")
_NEVER_IN_LOCAL = frozenset('<>,;:"()@')
_MOST_DIGITS_OF_A_DOMAIN = 6  # seven begin to look like a telephone number
_SHORTEST_ACCOUNT = 8


def normal(name: str, text: str) -> str:
    """
    Return *text*, a value of class *name*, as all ways of writing it have it; "" when it is no single such value.

    >>> normal(EMAIL, " Ann.Lee@Example.COM"), normal(PHONE, "+44 (0)20 7946-0958"), normal(IP, "2001:DB8:0::1")
    ('ann.lee@example.com', '442079460958', '2001:db8::1')
    """
    if len(text) > LONGEST:
        return ""
    return _NORMAL.get(name, _words)(text)


def partial(name: str, text: str) -> str:
    """
    Return what may be shown of *text*, a value of class *name*; "" when that is nothing.

    >>> partial(EMAIL, "ann@example.com"), partial(IP, "192.0.2.77"), partial(CARD, "4111 1111 1111 1111")
    ('[EMAIL example.com]', '[IP 192.0.2.*]', '[CARD 1111]')
    """
    shown = _SHOWN.get(name)
    value = normal(name, text) if shown is not None else ""
    part = shown(value) if shown is not None and value else ""
    return f"[{name} {part}]" if part else ""


def is_token(text: str) -> bool:
    """
    Say whether *text* is, as a whole, what obskit writes in the place of a value.

    Strict: nothing that a marker, pseudonym or partial form would not show passes for one.

    >>> is_token("[EMAIL]"), is_token("[CARD 1111]"), is_token("[CARD 4111111111111111]")
    (True, True, False)
    """
    if len(text) > LONGEST or not text.startswith("[") or not text.endswith("]"):
        return False
    inner = text[1:-1]
    if inner in CLASSES or inner == "REDACTED":
        return True
    name, colon, rest = inner.partition(":")
    if colon and name in CLASSES:
        key_id, _, mac = rest.partition(":")
        return is_key_id(key_id) and len(mac) == MAC_LENGTH and MAC_LETTERS.issuperset(mac)
    name, _, part = inner.partition(" ")
    check = _IS_SHOWN.get(name)
    return check is not None and check(part)


def is_key_id(text: str) -> bool:
    """Say whether *text* can name a key within a pseudonym: letter first, letters and digits, at most twelve."""
    return 0 < len(text) <= _KEY_ID_LENGTH and _KEY_ID.issuperset(text) and text[0] not in _DIGITS


def _email(text: str) -> str:
    """Lower case; the domain in ASCII. A name beside the address, or two addresses, are no address."""
    bare = text.strip(" \t\r\n<>\"'").casefold().removeprefix("mailto:").replace("%40", "@")
    local, at, domain = bare.rpartition("@")
    domain = domain.removesuffix(".")
    if not domain.isascii():
        domain = _ascii_domain(domain)
    if not at or local.split() != [local] or not _NEVER_IN_LOCAL.isdisjoint(local) or not _is_domain(domain):
        return ""
    return f"{_composed(local)}@{domain}"


def _ascii_domain(domain: str) -> str:
    try:
        return _composed(domain).encode("idna").decode("ascii")  # 5 ms at the first: only such a domain pays it
    except UnicodeError:
        return ""


def _is_domain(text: str) -> bool:
    labels = text.split(".")
    return (
        len(labels) >= 2
        and len(text) <= 253
        and all(0 < len(label) <= 63 and _LABEL.issuperset(label) for label in labels)
        and not labels[-1].isdigit()
    )


def _phone(text: str) -> str:
    """Digits from the country code on. A national number keeps its leading 0: its country is not known."""
    bare = text.strip().casefold().removeprefix("tel:").replace("%2b", "+")
    international = bare.startswith("+")
    bare = bare.removeprefix("+")
    digits = "".join(c for c in bare if c in _DIGITS)
    if international or digits.startswith("00"):
        digits = "".join(c for c in bare.replace("(0)", "") if c in _DIGITS).removeprefix("00")
    elif len(digits) == 10 and digits[0] in "23456789" and digits[3] in "23456789":
        digits = f"1{digits}"  # the North American plan writes it without
    return digits if 7 <= len(digits) <= 15 and all(c in _DIGITS or c in _SEPARATORS for c in bare) else ""


def _card(text: str) -> str:
    digits = "".join(c for c in text if c in _DIGITS)
    return digits if 12 <= len(digits) <= 19 and all(c in _DIGITS or c in _SEPARATORS for c in text) else ""


def _number(text: str) -> str:
    return "".join(c for c in text if c.isalnum()).upper()


def _ip(text: str) -> str:
    bare = text.strip().strip("[]").partition("%")[0]
    if ":" not in bare:
        parts = bare.split(".")
        good = len(parts) == 4 and all(part in _OCTETS for part in parts)
        return bare if good else ""
    import ipaddress  # 3 ms: only an address of version 6 pays it

    try:
        address = ipaddress.IPv6Address(bare)
    except ValueError:
        return ""
    return str(address.ipv4_mapped or address)


_OCTETS = frozenset(map(str, range(256)))


def _mac(text: str) -> str:
    digits = "".join(c for c in text.casefold() if c in _HEX)
    good = len(digits) in (12, 16) and all(c in _HEX or c in ":-. " for c in text.casefold())
    return digits if good else ""


def _words(text: str) -> str:
    return " ".join(_composed(text.casefold()).casefold().split())


def _composed(text: str) -> str:
    """Return *text* with each letter and its accents in one way of writing."""
    if text.isascii():
        return text
    from unicodedata import normalize

    return normalize("NFKC", text)


_NORMAL: dict[str, Callable[[str], str]] = {
    EMAIL: _email,
    PHONE: _phone,
    CARD: _card,
    BANK: _number,
    NATIONAL_ID: _number,
    IP: _ip,
    MAC: _mac,
}
"""Class -> its normal form; names, addresses, dates and places are words."""


def _domain_of(email: str) -> str:
    domain = email.rpartition("@")[2]
    return domain if _is_shown_domain(domain) else ""


def _is_shown_domain(text: str) -> bool:
    return _is_domain(text) and sum(c in _DIGITS for c in text) <= _MOST_DIGITS_OF_A_DOMAIN


def _last_four(number: str) -> str:
    digits = sum(c in _DIGITS for c in number)
    return number[-4:] if digits >= _SHORTEST_ACCOUNT and _is_four(number[-4:]) else ""


def _is_four(text: str) -> bool:
    return len(text) == 4 and _DIGITS.issuperset(text)


def _network(address: str) -> str:
    """Return the /24 or /48 that *address* is in, written so that it is no address itself."""
    if ":" not in address:
        return address.rpartition(".")[0] + ".*"
    import ipaddress

    groups = ipaddress.IPv6Address(address).exploded.split(":")[:3]
    return ":".join(f"{int(group, 16):x}" for group in groups) + ":*"


def _is_network(text: str) -> bool:
    *four, star = text.split(".")
    if len(four) == 3:
        return star == "*" and all(part in _OCTETS for part in four)
    *six, star = text.split(":")
    return len(six) == 3 and star == "*" and all(0 < len(part) <= 4 and _HEX.issuperset(part) for part in six)


_SHOWN: dict[str, Callable[[str], str]] = {EMAIL: _domain_of, IP: _network, CARD: _last_four, BANK: _last_four}
_IS_SHOWN: dict[str, Callable[[str], bool]] = {EMAIL: _is_shown_domain, IP: _is_network, CARD: _is_four, BANK: _is_four}
