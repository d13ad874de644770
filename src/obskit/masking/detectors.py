"""Personal data found in text by its form: e-mail addresses, payment cards, telephone numbers."""

from __future__ import annotations

import re

EMAIL = "[EMAIL]"
CARD = "[CARD]"
PHONE = "[PHONE]"

# No two neighbouring parts can match the same character, so the time is linear in the text.
_AT = re.compile("@|%40")
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){1,8}(?:xn--[\w-]{1,59}|[^\W\d_]{2,24})")
_DIGITS = re.compile(r"[0-9]+(?:[ \u00a0\u202f-][0-9]+)*")
_GROUP = re.compile(r"[0-9]+")
_INTERNATIONAL = re.compile(r"(?:\+|%2[Bb])[1-9](?:[ \u00a0\u202f.()/-]{0,2}[0-9]){7,14}")
_NORTH_AMERICAN = re.compile(
    r"(?:\([2-9][0-9]{2}\)[ \u00a0]?|[2-9][0-9]{2}[-. \u00a0])[2-9][0-9]{2}[-. \u00a0][0-9]{4}"
)

# The shortest telephone number has eight digits; with fewer in a row there is neither number nor card to look for.
_SEVEN_DIGITS = re.compile(r"[0-9](?:[ \u00a0\u202f.()/-]{0,2}[0-9]){6}")
_SHORTEST_NUMBER = 8

_LOCAL_PART = frozenset("._%+'&/=-")
_LONGEST_LOCAL_PART = 64

_CARD_RANGES = (
    # first digits from, to; lengths. Public issuer ranges, read 2026-11-24.
    ("4", "4", (16, 19)),
    ("51", "55", (16,)),
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),
    ("37", "37", (15,)),
    ("6011", "6011", (16, 17, 18, 19)),
    ("644", "659", (16, 17, 18, 19)),
    ("300", "305", (14, 15, 16, 17, 18, 19)),
    ("36", "36", (14, 15, 16, 17, 18, 19)),
    ("38", "39", (14, 15, 16, 17, 18, 19)),
    ("3528", "3589", (16, 17, 18, 19)),
    ("62", "62", (16, 17, 18, 19)),
    ("5018", "5018", (12, 13, 14, 15, 16, 17, 18, 19)),
    ("5020", "5020", (12, 13, 14, 15, 16, 17, 18, 19)),
    ("5038", "5038", (12, 13, 14, 15, 16, 17, 18, 19)),
    ("5893", "5893", (12, 13, 14, 15, 16, 17, 18, 19)),
    ("6304", "6304", (12, 13, 14, 15, 16, 17, 18, 19)),
    ("6759", "6763", (12, 13, 14, 15, 16, 17, 18, 19)),
    ("2200", "2204", (16,)),
)


def _by_first_two() -> dict[str, list[tuple[str, str, tuple[int, ...]]]]:
    """Return the ranges by the two digits that a number in them can begin with: most numbers begin with none."""
    table: dict[str, list[tuple[str, str, tuple[int, ...]]]] = {}
    for row in _CARD_RANGES:
        for two in range(int(row[0][:2].ljust(2, "0")), int(row[1][:2].ljust(2, "9")) + 1):
            table.setdefault(str(two), []).append(row)
    return table


_RANGES_BY_FIRST_TWO = _by_first_two()

_SHORTEST_CARD = 12
_LONGEST_CARD = 19

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def is_card(digits: str) -> bool:
    """
    Say whether *digits* is a payment card number: an issuer's range, its length, and the Luhn check digit.

    >>> is_card("4242424242424242"), is_card("1700000000000")
    (True, False)
    """
    length = len(digits)
    for first, last, lengths in _RANGES_BY_FIRST_TWO.get(digits[:2], ()):
        if length in lengths and first <= digits[: len(first)] <= last:
            return _passes_luhn(digits)
    return False


def _passes_luhn(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = ord(digit) - 48
        total += _DOUBLED[value] if position % 2 else value
    return total % 10 == 0


def replace_personal(text: str) -> str:
    """Return *text* with addresses, cards and telephone numbers replaced by their markers."""
    if "@" in text or "%40" in text:
        text = _replace_emails(text)
    if len(text) >= _SHORTEST_NUMBER and _SEVEN_DIGITS.search(text):
        text = _DIGITS.sub(_cards_in, text)
        text = _INTERNATIONAL.sub(_phone_or_same, text)
        text = _NORTH_AMERICAN.sub(_phone_or_same, text)
    return text


def _replace_emails(text: str) -> str:
    parts: list[str] = []
    done = 0
    for found in _AT.finditer(text):
        at = found.start()
        if at < done:  # inside the address before it
            continue
        start = _local_start(text, at, done)
        domain = _DOMAIN.match(text, found.end()) if start < at else None
        if domain is not None:
            parts.append(text[done:start])
            parts.append(EMAIL)
            done = domain.end()
    parts.append(text[done:])
    return "".join(parts)


def _local_start(text: str, at: int, floor: int) -> int:
    """Return where the local part that ends at *at* begins."""
    lowest = max(floor, at - _LONGEST_LOCAL_PART)
    start = at
    while start > lowest and (text[start - 1].isalnum() or text[start - 1] in _LOCAL_PART):
        start -= 1
    local = text[start:at]
    # `email=ann@…` in a query string: the name before '=' is not part of the address and helps the reader.
    before, equals, _ = local.rpartition("=")
    if equals and before.rpartition("&")[2].replace("_", "").isalpha():
        start += len(before) + 1
    while start < at and text[start] in "'=/&":  # a quote, or the end of what stands before the address
        start += 1
    return start


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Say whether a number at *start* to *end* is not part of something longer, such as an id or a version."""
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    if before.isalnum() or before in "-_" or after.isalnum() or after == "_":
        return False
    if before == "." and start > 1 and text[start - 2].isdigit():
        return False
    beyond = text[end + 1] if end + 1 < len(text) else " "
    return not (after == "-" and beyond.isalnum()) and not (after == "." and beyond.isdigit())


def _cards_in(run: re.Match[str]) -> str:
    """
    Return the *run* of digit groups with the cards in it replaced.

    A card begins and ends with a group: `4200 4242 4242 4242 4242` is an amount and a card.
    """
    if run.end() - run.start() < _SHORTEST_CARD:
        return run.group()
    text = run.string
    groups = [(found.start(), found.end()) for found in _GROUP.finditer(text, run.start(), run.end())]
    parts: list[str] = []
    done, number = run.start(), 0
    while number < len(groups):
        last = _card_from(text, groups, number)
        if last < 0:
            number += 1
            continue
        parts.append(text[done : groups[number][0]])
        parts.append(CARD)
        done = groups[last][1]
        number = last + 1
    parts.append(text[done : run.end()])
    return "".join(parts)


def _card_from(text: str, groups: list[tuple[int, int]], first: int) -> int:
    """Return the index of the group that ends a card which begins with group *first*, or -1."""
    start = groups[first][0]
    if text[start] not in "23456":  # what issuers' numbers begin with
        return -1
    digits = ""
    for index in range(first, min(len(groups), first + _LONGEST_CARD)):
        digits += text[groups[index][0] : groups[index][1]]
        if len(digits) > _LONGEST_CARD:
            return -1
        if len(digits) >= _SHORTEST_CARD and is_card(digits) and _stands_alone(text, start, groups[index][1]):
            return index
    return -1


def _phone_or_same(found: re.Match[str]) -> str:
    return PHONE if _stands_alone(found.string, found.start(), found.end()) else found.group()
