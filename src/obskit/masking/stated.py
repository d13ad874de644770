"""Dates of birth and one-time codes in folded text, which only the words right before them tell from other digits."""

from __future__ import annotations

import re

from obskit.masking.classes import BIRTH, PHONE, SECRET
from obskit.masking.patterns import lazy
from obskit.masking.text import BORDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from obskit.masking.text import Found

_CODE_SIGNS = ("code", "codigo", "codice", "pin", "otp", "cvv", "cvc", "time password")
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
    "fod",
    "urodz",
    "ne le",
    "nee le",
)
"""What is searched for before anything is matched: an alternation costs ten times the search."""

_BIRTH_DATE = lazy(
    r"(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/. ]{1,2}[0-9]{1,2}[-/. ]{1,2}(?:[0-9]{4}|[0-9]{2})"
    r"|[0-9]{1,2}(?:st|nd|rd|th|\.)?[ -](?:of |de )?[A-Za-z]{3,10}\.?,?[ -](?:de )?[0-9]{4}"
    r"|[A-Za-z]{3,10}\.? [0-9]{1,2}(?:st|nd|rd|th)?,? [0-9]{4})(?![0-9A-Za-z])"
)
_BIRTH_WORD = lazy(
    r"(?:dob|d\.o\.b\.?|born|birth(?: ?da(?:y|te))?|"
    r"geboren|geburtsdatum|geb\.|geboortedatum|naissance|nee? le|nacimiento"
    r"|nacid[oa]|nascita|nat[oa] il|nascid[oa]|nascimento"
    r"|fodelsedatum|fodselsdato|fod[dt]|urodzenia|urodzon[ya])[^0-9\0]{0,24}"
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
                _find_date(text, at, word.end(), found)
            at = lower.find(sign, at + len(sign))


def _find_date(text: str, at: int, end: int, found: Found) -> None:
    """Append the date behind the words from *at* to *end*, of which all but the first may be a month before a day."""
    for start in (end, *_word_starts(text, at, end)):
        date = _BIRTH_DATE.match(text, start)
        if date is not None:
            found.append((date.start(), date.end(), BIRTH))
            return


def _word_starts(text: str, at: int, end: int) -> list[int]:
    """Return where the last word before *end* begins, a month before a day, if it begins behind *at*."""
    begin = max(at, end - 12)
    head = text[begin:end].rstrip()
    cut = max(head.rfind(" "), head.rfind(":"), head.rfind('"'))
    return [begin + cut + 1] if cut >= 0 else []


_CODE = lazy(
    r"(?![a-z])[\"'\])]{0,2}(?: number| no\.?| d(?:e |i |')[a-z]{4,16})?[ ]?"
    r"(?:is|was|:|=|ist|lautet|est|es|->|#)?[ :\"']{1,3}([0-9](?:[ -]?[0-9]){2,7})(?![0-9A-Za-z_]|[.-][0-9])",
    re.IGNORECASE,
)
_COMPOUNDS = (
    "pass",
    "sicherheits",
    "bestatigungs",
    "verifizierungs",
    "zugangs",
    "einmal",
    "anmelde",
    "aktivierungs",
    "verificatie",
    "beveiligings",
    "bevestigings",
    "inlog",
)
_CODE_OF = lazy(r"cod(?:e|igo|ice) d(?:e |i |')(?:verifi|securi|segurid|sicurez|confirm|conferm|acces|acc?eso|activ)")
_CODE_KINDS = frozenset(
    "verification security one time access confirmation login sms 2fa mfa otp auth authentication reset your activation"
    " sicherheitscode bestatigungs card pairing unlock signin recovery pin cvv cvc".split()
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
            if code is not None and (not sign.startswith("cod") or _asks_for_code(lower, at)) and _begins(lower, at):
                found.append((code.start(1), code.end(1), SECRET))
            at = lower.find(sign, end)


def _begins(lower: str, at: int) -> bool:
    """Say whether a word begins at *at*, or a part of one that says which code it is."""
    return not lower[at - 1 : at].isalnum() or lower.endswith(_COMPOUNDS, 0, at)


def _asks_for_code(lower: str, start: int) -> bool:
    """Say whether the words before `code` make it a secret: an error has a code, too."""
    before = lower[max(0, start - 24) : start].rpartition(BORDER)[2]
    if before.endswith(_COMPOUNDS) or _CODE_OF.match(lower, start) is not None:
        return True
    return not _CODE_KINDS.isdisjoint(before.replace("-", " ").split()[-2:])


_CHAT = lazy(r"wa\.me[ ]{0,2}/(?:  \+)?([0-9]{8,15})(?![A-Za-z0-9])")
CHAT = "wa.me"
"""What links to a chat begin with: the number behind it is somebody's, without a plus."""


def find_chats(text: str, found: Found, most: int) -> None:
    """Append the telephone numbers in links to a chat: `https://wa.me/4915123456789`."""
    for chat in _CHAT.finditer(text):
        most -= 1
        if most < 0:
            found.append((chat.start(), len(text), PHONE))
            return
        found.append((*chat.span(1), PHONE))


def may_name_code(lower: str) -> bool:
    """Say whether text in lower case may hold a word that `find_codes` looks for."""
    return (
        "code" in lower or "codi" in lower or "time pass" in lower or "pin" in lower or "otp" in lower or "cv" in lower
    )


def may_name_birth(lower: str) -> bool:
    """
    Say whether text in lower case may hold a word that `find_births` looks for.

    What the signs have in common is written out: a third of the time of a loop over them, and every text pays for it.
    """
    if "birth" in lower or "born" in lower or "dob" in lower or "geb" in lower or "e le" in lower or "d.o.b" in lower:
        return True
    if "fod" in lower or "urodz" in lower:
        return True
    return "na" in lower and ("nat" in lower or "naiss" in lower or "naci" in lower or "nasci" in lower)
