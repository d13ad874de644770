"""The W3C `tracestate` header. Specification: Trace Context, level 2, section 3.3."""

from __future__ import annotations

from obskit.masking import audit, mask_text

_MOST_MEMBERS = 32
_LONGEST = 32 * 514
"""Characters that 32 members of the greatest length have; more is nobody's."""

_PASSED_ON = 512
"""Characters that everybody has to pass on (3.3.1.5); longer lists lose their long members first."""

_LONG_MEMBER = 128

_KEY_FIRST = frozenset("abcdefghijklmnopqrstuvwxyz")
_TENANT_FIRST = _KEY_FIRST | frozenset("0123456789")
_KEY = _TENANT_FIRST | frozenset("_-*/")
_VALUE = frozenset(map(chr, range(0x20, 0x7F))) - frozenset(",=")


def parse(header: str) -> str:
    """
    Return the members of *header* as they are passed on, or nothing where one of them is not valid.

    A member with personal data is left out, which everybody may do: it goes to queues, archives, other companies.

    >>> parse("congo=t61rcWkgMzE , , rojo=00f067aa0ba902b7")
    'congo=t61rcWkgMzE,rojo=00f067aa0ba902b7'
    >>> parse("congo=t61rcWkgMzE,Rojo=1")
    ''
    """
    if len(header) > _LONGEST:
        return ""
    members: dict[str, str] = {}
    for item in header.split(","):
        member = item.strip(" \t")
        if not member:  # 3.3.1.1: empty members are allowed, and are no members
            continue
        key, equals, value = member.partition("=")
        if not (equals and _is_key(key) and 0 < len(value) <= 256 and _VALUE.issuperset(value)):
            return ""
        if mask_text(member, audit.SPAN) == member:
            members.setdefault(key, member)  # of two with one key, the one on the left is newer
    if len(members) > _MOST_MEMBERS:
        return ""
    return _short(list(members.values()))


def _is_key(key: str) -> bool:
    """Say whether *key* is a `simple-key`, or `tenant@system`."""
    tenant, at, system = key.partition("@")
    if not at:
        return 0 < len(key) <= 256 and key[0] in _KEY_FIRST and _KEY.issuperset(key)
    return (
        0 < len(tenant) <= 241
        and tenant[0] in _TENANT_FIRST
        and _KEY.issuperset(tenant)
        and 0 < len(system) <= 14
        and system[0] in _KEY_FIRST
        and _KEY.issuperset(system)
    )


def _short(members: list[str]) -> str:
    """Return *members* joined; too many of them lose the long ones, then the oldest, which stand on the right."""
    while len(",".join(members)) > _PASSED_ON:
        long = next((member for member in reversed(members) if len(member) > _LONG_MEMBER), None)
        members.remove(members[-1] if long is None else long)
    return ",".join(members)
