"""
Texts in which nothing was found, and in which nothing would be whatever their digits were: `order 17 took 230 ms`.

Lines are made from few templates. One that is known saves the look at every line that is made from it, so here is
decided what may count as one, and in doubt nothing does. A text is a template only if no detector asks more of its
digits than that they are some: no check digit, no range, no first digit of a card, no name with a digit in it.
"""

from __future__ import annotations

from obskit.masking import national, numbers, pairs, tokens
from obskit.masking.fold import fold_tokens

_LONGEST = 256
_DIGITS = b"0123456789"
_NEVER = b'@%\\&\x1b\0"<>`'
"""Addresses, escapes, what may hold a document or an element."""
_SIGNS = b" -_.,:;!?#*'~|()[]{}^$\n\t"
"""Characters that base64 has not."""
_WORDS = ("a0", "0a", "_0", "0_", "0//")
"""
On the shadow: a digit that is part of a word or a name. Identifiers with letters, hexadecimal and base32 bodies, heads
of tokens and names of keys are read by their digits; `0//` begins a token of Google's without a letter.
"""
_LITERALS = ("true", "false", "null", "NaN", "Infinity")
_MOST_SIGNS = 4
"""An address of hardware has five."""


def is_template(text: str, shadow: str) -> bool:
    """
    Say whether *text*, in which nothing was found, tells the same of every text that differs in its digits only.

    *shadow* is its shadow.

    >>> is_template("order 17 took 230 ms", "aaaaa 00 aaaa 000 aa")
    True
    >>> is_template("call 20 7946 0958", "aaaa 00 0000 0000"), is_template("key-2=ann", "aaa-0=aaa")
    (False, False)
    """
    if len(text) > _LONGEST or any([word in shadow for word in _WORDS]) or not text.isascii():  # noqa: C419  see detection
        return False
    data = text.encode()
    return (
        len(data.translate(None, _NEVER)) == len(data)
        and not numbers.looks_at_digits(text, shadow)
        and not national.has_form_of_code(shadow)
        and (len(data) % 4 != 0 or len(data.translate(None, _SIGNS)) < len(data))  # else it may be base64
        and not _may_be_document(text)
        and not _may_be_address(text, data, shadow)
        and _names_nothing(text, data)
        and not (pairs.may_hold_row(text) or "value" in text.lower() or "('" in text)
        and not _has_head(text)
        and ("[" not in text or fold_tokens(text) == text)
    )


def _may_be_document(text: str) -> bool:
    """Say whether *text* may be JSON: a number with a zero before it is none, so digits decide."""
    return text[0] == "{" or (text[0] == "[" and (not text[1:2].isalpha() or text.startswith(_LITERALS, 1)))


def _may_be_address(text: str, data: bytes, shadow: str) -> bool:
    """Say whether *text* may hold an address of a network, of whatever digits."""
    if ":" in text and ("::" in text or "  :" in text or text.count(":") > _MOST_SIGNS):
        return True
    return (".0" in shadow and b"..." in data.translate(None, _DIGITS)) or text.count("-") > _MOST_SIGNS


def _names_nothing(text: str, data: bytes) -> bool:
    """Say whether no key in *text* names a value, and none has a digit beside other characters."""
    if "=" not in text and ":" not in text:
        return True
    return pairs.names_nothing(data) and not pairs.has_digit_in_name(data)


def _has_head(text: str) -> bool:
    """Say whether a token may begin in *text*, which has no `@`: no password stands in a URL of it."""
    heads = tokens.heads_of(text.replace("://", "   "))
    return any(tokens.is_place(heads, place.start()) for place in tokens.PLACE.finditer(heads))
