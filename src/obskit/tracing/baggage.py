"""The W3C `baggage` header. Specification: Baggage, sections 3.2 and 3.3."""

from __future__ import annotations

from obskit.masking import audit, mask_document, mask_text

_MOST_MEMBERS = 64
_MOST_BYTES = 8192
"""What everybody has to pass on (3.3.2); what goes beyond is left out, from the right."""

_LONGEST = 4 * _MOST_BYTES
"""Characters that are looked at."""

_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_OCTETS = frozenset(map(chr, range(0x21, 0x7F))) - frozenset('",;\\')
_PROPERTY = frozenset(map(chr, range(0x20, 0x7F))) - frozenset('",\\')

_masked: tuple[str, str] = ("", "")
"""The header that was masked last, and what became of it: an invocation has one, and many calls."""


def parse(header: str) -> str:
    """
    Return the valid members of *header*, within the limits.

    >>> parse("tier=gold , =x, team=search;since=2026, note=a b")
    'tier=gold,team=search;since=2026'
    """
    members: list[str] = []
    room = _MOST_BYTES + 1
    for item in header[:_LONGEST].split(","):
        member = item.strip(" \t")
        if not _is_member(member):
            continue
        room -= len(member) + 1
        if room < 0 or len(members) == _MOST_MEMBERS:
            break
        members.append(member)
    return ",".join(members)


def masked(header: str) -> str:
    """
    Return *header*, which `parse` returned, without personal data: it goes to queues, archives, other companies.

    >>> masked("tier=gold,user=ann%40example.com")
    'tier=gold,user=[EMAIL]'
    """
    global _masked  # noqa: PLW0603  its one home
    before, after = _masked
    if before != header:
        after = ",".join(filter(None, map(_mask, header.split(","))))
        _masked = (header, after)
    return after


def _is_member(text: str) -> bool:
    first, _, properties = text.partition(";")
    key, equals, value = first.partition("=")
    key, value = key.strip(" \t"), value.strip(" \t")
    return (
        bool(equals and key)
        and _TOKEN.issuperset(key)
        and _OCTETS.issuperset(value)
        and _PROPERTY.issuperset(properties)
    )


def _mask(member: str) -> str:
    """Return *member* masked; nothing where its key is personal data."""
    from urllib.parse import quote, unquote  # only where somebody sent baggage

    first, semicolon, properties = member.partition(";")
    key, _, value = (part.strip(" \t") for part in first.partition("="))
    plain = unquote(value)
    document = mask_document({key: plain}, audit.SPAN)
    if key not in document:
        return ""
    hidden = document[key]
    if hidden != plain:
        first = f"{key}={quote(str(hidden), safe='[]')}"
    said = unquote(properties)
    kept = semicolon + properties if mask_text(said, audit.SPAN) == said else ""
    return first + kept
