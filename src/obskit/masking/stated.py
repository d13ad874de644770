"""Dates of birth and one-time codes in folded text, which only the words right before them tell from other digits."""

from __future__ import annotations

import re

from obskit.masking.classes import BIRTH, SECRET
from obskit.masking.text import BORDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from obskit.masking.text import Found

_BIRTH_DATE = re.compile(
    r"(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/. ]{1,2}[0-9]{1,2}[-/. ]{1,2}(?:[0-9]{4}|[0-9]{2})"
    r"|[0-9]{1,2}(?:st|nd|rd|th|\.)?[ -](?:of |de )?[A-Za-z]{3,10}\.?,?[ -](?:de )?[0-9]{4}"
    r"|[A-Za-z]{3,10}\.? [0-9]{1,2}(?:st|nd|rd|th)?,? [0-9]{4})(?![0-9A-Za-z])"
)
_BIRTH_WORD = re.compile(
    r"(?:\bdob|\bd\.o\.b\.?|\bborn|\bbirth ?da(?:y|te)|\bdate of birth|geboren|geburtsdatum|\bgeb\.|naissance|\bnee? le"
    r"|nacimiento|\bnacid[oa]|nascita|\bnat[oa] il|geboortedatum)[^0-9\0]{0,24}"
)


def find_births(text: str, found: Found, most: int) -> None:
    """Append the dates in *text* that a word before them says are of a birth."""
    for word in _BIRTH_WORD.finditer(text.lower()):
        most -= 1
        if most < 0:
            found.append((word.start(), len(text), BIRTH))
            return
        # `born on March 3, 1990`: the month is among what stands before the first digit.
        for start in (word.end(), *_word_starts(text, word.end())):
            date = _BIRTH_DATE.match(text, start)
            if date is not None:
                found.append((date.start(), date.end(), BIRTH))
                break


def _word_starts(text: str, end: int) -> list[int]:
    """Return where the last word before *end* begins: a month before a day."""
    head = text[max(0, end - 12) : end].rstrip()
    cut = max(head.rfind(" "), head.rfind(":"), head.rfind('"'), head.rfind(BORDER))
    return [end - len(text[max(0, end - 12) : end]) + cut + 1] if cut >= 0 else []


_CODE_WORD = re.compile(r"code|pin|cvv2?|cvc2?|csc|otp|passcode|tan")
_CODE = re.compile(
    r"(?![a-z])[\"'\])]{0,2}(?: number| no\.?)?[ ]?(?:is|was|:|=|ist|lautet|est|es|->|#)?[ :\"']{1,3}"
    r"([0-9](?:[ -]?[0-9]){2,7})(?![0-9A-Za-z_]|[.-][0-9])",
    re.IGNORECASE,
)
_CODE_KINDS = frozenset(
    "verification security one time access confirmation login sms 2fa mfa otp auth authentication reset your activation"
    " sicherheitscode bestatigungs card pairing unlock signin recovery".split()
)


def find_codes(text: str, found: Found, most: int) -> None:
    """Append the one-time codes and card verification values in *text* that the words right before them name."""
    lower = text.lower()
    for word in _CODE_WORD.finditer(lower):
        most -= 1
        if most < 0:
            found.append((word.start(), len(text), SECRET))
            return
        code = _CODE.match(text, word.end())
        if code is not None and (word[0] != "code" or _asks_for_code(lower, word.start())):
            found.append((code.start(1), code.end(1), SECRET))


def _asks_for_code(lower: str, start: int) -> bool:
    """Say whether the words before `code` make it a secret: an error has a code, too."""
    before = lower[max(0, start - 24) : start].rpartition(BORDER)[2]
    return not _CODE_KINDS.isdisjoint(before.replace("-", " ").split()[-2:])


_CODE_SIGNS = ("code", "pin", "otp", "cvv", "cvc")
_BIRTH_SIGNS = ("birth", "born", "dob", "d.o.b", "geb", "naiss", "naci", "nasci", "nato ", "nata ", "ne le ", "nee le ")


def may_name_code(lower: str) -> bool:
    """Say whether text in lower case may hold a word that `find_codes` looks for."""
    return any(map(lower.__contains__, _CODE_SIGNS))


def may_name_birth(lower: str) -> bool:
    """Say whether text in lower case may hold a word that `find_births` looks for."""
    return any(map(lower.__contains__, _BIRTH_SIGNS))
