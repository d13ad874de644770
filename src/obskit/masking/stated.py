"""Dates of birth and one-time codes in folded text, which only the words right before them tell from other digits."""

from __future__ import annotations

import re

from obskit.masking.classes import BIRTH, SECRET
from obskit.masking.text import BORDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from obskit.masking.text import Found

_CODE_SIGNS = ("code", "pin", "otp", "cvv", "cvc")
_BIRTH_SIGNS = (
    "birth",
    "born",
    "dob",
    "d.o.b",
    "gebo",
    "gebu",
    "geb.",
    "naiss",
    "naci",
    "nasci",
    "nat",
    "ne le",
    "nee le",
)
"""What is searched for before anything is matched: an alternation costs ten times the search."""

_BIRTH_DATE = re.compile(
    r"(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/. ]{1,2}[0-9]{1,2}[-/. ]{1,2}(?:[0-9]{4}|[0-9]{2})"
    r"|[0-9]{1,2}(?:st|nd|rd|th|\.)?[ -](?:of |de )?[A-Za-z]{3,10}\.?,?[ -](?:de )?[0-9]{4}"
    r"|[A-Za-z]{3,10}\.? [0-9]{1,2}(?:st|nd|rd|th)?,? [0-9]{4})(?![0-9A-Za-z])"
)
_BIRTH_WORD = re.compile(
    r"(?:dob|d\.o\.b\.?|born|birth(?: ?da(?:y|te))?|"
    r"geboren|geburtsdatum|geb\.|geboortedatum|naissance|nee? le|nacimiento"
    r"|nacid[oa]|nascita|nat[oa] il)[^0-9\0]{0,24}"
)
"""What begins with one of `_BIRTH_SIGNS`."""


def find_births(text: str, found: Found, most: int) -> None:
    """Append the dates in *text* that a word before them says are of a birth."""
    lower = text.lower()
    for sign in _BIRTH_SIGNS:
        at = lower.find(sign)
        while at >= 0:
            most -= 1
            if most < 0:
                found.append((at, len(text), BIRTH))
                return
            word = _BIRTH_WORD.match(lower, at)
            if word is not None and not lower[at - 1 : at].isalnum():
                _find_date(text, word.end(), found)
            at = lower.find(sign, at + len(sign))


def _find_date(text: str, end: int, found: Found) -> None:
    """Append the date behind the words that end at *end*; a month before a day may be among them."""
    for start in (end, *_word_starts(text, end)):
        date = _BIRTH_DATE.match(text, start)
        if date is not None:
            found.append((date.start(), date.end(), BIRTH))
            return


def _word_starts(text: str, end: int) -> list[int]:
    """Return where the last word before *end* begins: a month before a day."""
    head = text[max(0, end - 12) : end].rstrip()
    cut = max(head.rfind(" "), head.rfind(":"), head.rfind('"'), head.rfind(BORDER))
    return [end - len(text[max(0, end - 12) : end]) + cut + 1] if cut >= 0 else []


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
    for sign in _CODE_SIGNS:
        at = lower.find(sign)
        while at >= 0:
            most -= 1
            if most < 0:
                found.append((at, len(text), SECRET))
                return
            end = at + len(sign)
            code = _CODE.match(text, end + 1 if lower[end : end + 1] == "2" else end)
            if code is not None and (sign != "code" or _asks_for_code(lower, at)) and _begins(lower, at):
                found.append((code.start(1), code.end(1), SECRET))
            at = lower.find(sign, end)


def _begins(lower: str, at: int) -> bool:
    """Say whether a word begins at *at*, or what says `passcode` in one word."""
    return not lower[at - 1 : at].isalnum() or lower.endswith("pass", 0, at)


def _asks_for_code(lower: str, start: int) -> bool:
    """Say whether the words before `code` make it a secret: an error has a code, too."""
    before = lower[max(0, start - 24) : start].rpartition(BORDER)[2]
    if before.endswith("pass"):
        return True
    return not _CODE_KINDS.isdisjoint(before.replace("-", " ").split()[-2:])


def may_name_code(lower: str) -> bool:
    """Say whether text in lower case may hold a word that `find_codes` looks for."""
    return any(map(lower.__contains__, _CODE_SIGNS))


def may_name_birth(lower: str) -> bool:
    """Say whether text in lower case may hold a word that `find_births` looks for."""
    return any(map(lower.__contains__, _BIRTH_SIGNS))
