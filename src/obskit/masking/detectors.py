"""Personal data found in text by its form: e-mail addresses, payment cards, telephone numbers."""

from __future__ import annotations

import re

EMAIL = "[EMAIL]"
CARD = "[CARD]"
PHONE = "[PHONE]"

# Every repeat is bounded and no two neighbours can match the same character, so the time is linear.
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){1,8}(?:xn--[\w-]{1,59}|[^\W\d_]{2,24})")
_DIGITS = re.compile(r"[0-9](?:[ -]?[0-9]){11,18}")
_INTERNATIONAL = re.compile(r"(?:\+|%2[Bb])[1-9](?:[ .()/-]{0,2}[0-9]){7,14}")
_NORTH_AMERICAN = re.compile(r"(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[-. ])[2-9][0-9]{2}[-. ][0-9]{4}")

# The shortest telephone number has eight digits; with fewer in a row there is neither number nor card to look for.
_SEVEN_DIGITS = re.compile(r"[0-9](?:[ .()/-]{0,2}[0-9]){6}")
_SHORTEST_NUMBER = 8

_LOCAL_PART = frozenset("._%+'&/=-")
_LONGEST_LOCAL_PART = 64

_CARD_RANGES = (
    # first digits from, to (compared at the length of the text), lengths; public issuer ranges
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
    ("5018", "5018", tuple(range(12, 20))),
    ("5020", "5020", tuple(range(12, 20))),
    ("5038", "5038", tuple(range(12, 20))),
    ("5893", "5893", tuple(range(12, 20))),
    ("6304", "6304", tuple(range(12, 20))),
    ("6759", "6763", tuple(range(12, 20))),
    ("2200", "2204", (16,)),
)

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def is_card(digits: str) -> bool:
    """
    Say whether *digits* is a payment card number: an issuer's range, its length, and the Luhn check digit.

    >>> is_card("4242424242424242"), is_card("1700000000000")
    (True, False)
    """
    length = len(digits)
    if not any(length in lengths and first <= digits[: len(first)] <= last for first, last, lengths in _CARD_RANGES):
        return False
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
        text = _DIGITS.sub(_card_or_same, text)
        text = _INTERNATIONAL.sub(_phone_or_same, text)
        text = _NORTH_AMERICAN.sub(_phone_or_same, text)
    return text


def _replace_emails(text: str) -> str:
    parts: list[str] = []
    done = position = 0
    while (found := _next_at(text, position)) is not None:
        at, after = found
        position = after
        start = _local_start(text, at, done)
        domain = _DOMAIN.match(text, after)
        if domain is None or start == at:
            continue
        parts.append(text[done:start])
        parts.append(EMAIL)
        done = position = domain.end()
    parts.append(text[done:])
    return "".join(parts)


def _next_at(text: str, position: int) -> tuple[int, int] | None:
    plain, encoded = text.find("@", position), text.find("%40", position)
    if plain < 0 and encoded < 0:
        return None
    if encoded < 0 or 0 <= plain < encoded:
        return plain, plain + 1
    return encoded, encoded + 3


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


def _stands_alone(found: re.Match[str]) -> bool:
    """Say whether a run of digits is not part of something longer, such as an id or a version."""
    text, start, end = found.string, found.start(), found.end()
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    if before.isalnum() or before in "-_" or after.isalnum() or after == "_":
        return False
    beyond = text[end + 1] if end + 1 < len(text) else " "
    return not (after in "-." and beyond.isalnum()) and not (before == "." and start > 1 and text[start - 2].isdigit())


def _card_or_same(found: re.Match[str]) -> str:
    text = found.group()
    digits = text.replace(" ", "").replace("-", "")
    return CARD if is_card(digits) and _stands_alone(found) else text


def _phone_or_same(found: re.Match[str]) -> str:
    return PHONE if _stands_alone(found) else found.group()
