"""Identifiers of letters and digits in folded text: IBAN, NINO, codice fiscale, driving licences, passports, BIC."""

from __future__ import annotations

from obskit.masking import identifiers
from obskit.masking.classes import BANK, NATIONAL_ID
from obskit.masking.hints import has_word, may_name_identifier, word_before
from obskit.masking.patterns import lazy
from obskit.masking.text import BORDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from obskit.masking.text import Found

_WORDS = bytes(code if chr(code).isalnum() and code < 128 else 32 for code in range(256))
"""Everything that is no letter or digit becomes a blank: where a word begins and ends can be searched for."""
_WIDEST_GAP = 6
"""Characters of a blank that is escaped twice, as in a URL, and one more."""
_LONGEST_IDENTIFIER = 40
_LONGEST_NUMBER = 20
"""Letters and digits after a word; an account's that has hardly a letter may be longer, a hash has more of them."""
_JOINED = ("-a", "-0")
"""What follows the first part of an identifier in groups."""
_MIDDLE = ("a-", "0-")
"""What stands before another part."""
_SPACED_NINOS = ("aa 00 00 00 a", "aa 000000 a", "aa 000 000 a", "aa000000 a", "aa00 00 00 a", "aa 000000a")
"""On the shadow, hyphens as blanks, and so the pluses of a form."""
_HETU = lazy(r"000000[-+a]000[a0]")


def find_identifiers(text: str, shadow: str, found: Found, most: int) -> None:
    """Append the identifiers of letters and digits in *text*; *shadow* is its shadow."""
    if not ("a00" in shadow or "00a" in shadow or "a0a" in shadow):
        return
    if "0aa00" in shadow or "-aa00" in shadow:
        _find_beneficiaries(text, shadow, found, most)
    words = shadow.encode().translate(_WORDS)
    seen: set[int] = set()
    for sign in _MIXED:
        at = shadow.find(sign)
        while at >= 0:
            most -= 1
            if most < 0:
                found.append((at, len(text), NATIONAL_ID))
                return
            start, end = words.rfind(b" ", 0, at) + 1, words.find(b" ", at)
            if end < 0:
                end = len(words)
            if start not in seen:
                seen.add(start)
                end = _word_end(text, shadow, start, end, found)
            at = shadow.find(sign, end)


def _word_end(text: str, shadow: str, start: int, end: int, found: Found) -> int:
    """Append what the word at *start* to *end* begins, if it is an identifier; return where the next one may be."""
    # Hashes, short words and the middle of a UUID, most of all: a call that only says so costs twice as much.
    if shadow[end : end + 16 : 5] == "----" and end - start == 8 and _is_long(shadow[end + 16 : end + _BEHIND_HEAD]):
        return end + _BEHIND_HEAD  # a UUID
    if (
        end - start < _LONGEST_IDENTIFIER
        and (end - start > 6 or shadow.startswith(_JOINED, end) or shadow.startswith("aa00", start))
        and not (start > 1 and shadow.startswith(_MIDDLE, start - 2))
    ):
        return max(end, _identifier(text, shadow, start, end, found))
    return end


def _is_long(part: str) -> bool:
    """Say whether *part* of a word is longer than a group of any identifier."""
    return len(part) > _LONGEST_GROUP and part.isalnum()


_MIXED = ("a00", "00a", "a0a")
"""What every word of letters and digits has that may be an identifier."""
_LONGEST_GROUP = 10
_BEHIND_HEAD = 27
"""Characters of a UUID behind its first part, up to where its last part is too long for any identifier."""


_BENEFICIARY = lazy(r"0a[a0]0-?a[a0]0-?aa00")
"""On the shadow."""
_LOOK_BACK = 40


def _find_beneficiaries(text: str, shadow: str, found: Found, most: int) -> None:
    """Append the Medicare Beneficiary Identifiers in *text* that a word before them calls so: `MBI 1EG4-TE5-MK73`."""
    if not has_word(text, *_BENEFICIARIES):
        return
    for near in _BENEFICIARY.finditer(shadow):
        start, end = near.span()
        most -= 1
        if most < 0:
            found.append((start, len(text), NATIONAL_ID))
            return
        bounded = not shadow[start - 1 : start].isalnum() and not shadow[end : end + 1].isalnum()
        before = text[max(0, start - _LOOK_BACK) : start].rpartition(BORDER)[2]
        if bounded and has_word(before, *_BENEFICIARIES) and identifiers.is_mbi(_compact(text[start:end])):
            found.append((start, end, NATIONAL_ID))


_BENEFICIARIES = (b"mbi", b"medicare")


def find_spaced(text: str, shadow: str, found: Found) -> None:
    """
    Append the national insurance numbers and personal identity codes in *text* that are written in groups.

    They have six digits with nothing else than blanks and hyphens between them.
    """
    spaced = shadow.replace("-", " ").replace("+", " ")
    # Three searches instead of six, as most texts have none of it.
    may_be_nino = ("00 a" in spaced and ("aa0" in spaced or "aa 0" in spaced)) or "aa 000000a" in spaced
    for shape in _SPACED_NINOS if may_be_nino else ():
        start = spaced.find(shape)
        while start >= 0:
            end = start + len(shape)
            bounded = not shadow[start - 1 : start].isalnum() and not shadow[end : end + 1].isalnum()
            if bounded and identifiers.is_nino(_compact(text[start:end])):
                found.append((start, end, NATIONAL_ID))
            start = spaced.find(shape, end)
    for start, end in _forms_of_codes(shadow):
        if identifiers.is_hetu(text[start:end].upper()):
            found.append((start, end, NATIONAL_ID))


def has_form_of_code(shadow: str) -> bool:
    """Say whether text with this *shadow* may hold a personal identity code: its check character decides."""
    return bool(_forms_of_codes(shadow))


def _forms_of_codes(shadow: str) -> list[tuple[int, int]]:
    """Return where in text with this *shadow* six digits, a sign and four characters stand alone, as in a HETU."""
    if "-000" not in shadow and "+000" not in shadow:
        return []
    return [
        near.span()
        for near in _HETU.finditer(shadow)
        if not shadow[near.start() - 1 : near.start()].isalnum() and not shadow[near.end() : near.end() + 1].isalnum()
    ]


def _is_identifier(word: str) -> bool:
    return identifiers.is_identifier_with_letters(word.upper())


def _identifier(text: str, shadow: str, start: int, end: int, found: Found) -> int:  # noqa: PLR0911  one per kind
    """Append what begins at *start*, where a word ends at *end*; return where it ends, 0 if it is nothing."""
    before = shadow[start - 1] if start else " "
    if before == "_" or (before == "-" and start > 1 and shadow[start - 2] in "a0"):
        return 0
    if shadow.startswith("aa00", start):
        stop = _iban_end(text, start)
        if stop:
            found.append((start, stop, BANK))
            return stop
    after = shadow[end : end + 1]
    if after and after in "_-" and shadow[end + 1 : end + 2] in ("a", "0"):
        return _spaced(text, shadow, start, found) if after == "-" else 0
    length = end - start
    if length < 7:
        return 0
    if length in (9, 11, 16) and _may_stand_alone(shadow[start:end]) and _is_identifier(text[start:end]):
        found.append((start, end, NATIONAL_ID))
        return end
    digits = shadow.count("0", start, end)
    if before != BORDER and start and digits >= 3 and (length <= _LONGEST_NUMBER or length - digits < 3):
        name = _told(text, start)
        if name == BANK or (name == NATIONAL_ID and length <= _LONGEST_NUMBER):
            found.append((start, end, name))
            return end
    return 0


def _told(text: str, start: int) -> str:
    """Return the class that a word before *start* gives, and not the end of a longer word in base64."""
    name = word_before(text, start)
    return name if name and may_name_identifier(text) else ""


def _may_stand_alone(shape: str) -> bool:
    """Say whether a word of this shape may be a NINO, a HETU, a British driving licence or a codice fiscale."""
    if len(shape) == 9:
        return shape == "aa000000a"
    if len(shape) == 11:
        return shape.startswith("000000a000")
    if shape.startswith("aaaaaa"):
        return shape[8] == shape[11] == shape[15] == "a"
    return shape[5:11] == "000000" and shape.endswith("aa")


_HYPHENED = lazy(r"[a0]{1,10}(?:[ .-][a0]{1,10}){1,5}(?![a0_-])")


def _spaced(text: str, shadow: str, start: int, found: Found) -> int:
    """Append the identifier with hyphens or dots that begins at *start*, where a word before it says what it is."""
    spaced = _HYPHENED.match(shadow, start)
    if spaced is None or shadow.count("0", start, spaced.end()) < 6:
        return 0
    if _told(text, start) != NATIONAL_ID:
        return 0
    found.append((start, spaced.end(), NATIONAL_ID))
    return spaced.end()


def _iban_end(text: str, start: int) -> int:
    """Return where the IBAN that begins at *start* ends, 0 if none does."""
    length = identifiers.IBAN_LENGTHS.get(text[start : start + 2].upper())
    if length is None:
        return 0
    compact, at = "", start
    while at < len(text) and len(compact) < length:
        char = text[at]
        if char.isalnum():
            compact += char
        elif char not in " -.+" or not text[at + 1 : at + _WIDEST_GAP].lstrip()[:1].isalnum():
            return 0
        at += 1
    if len(compact) < length or text[at : at + 1].isalnum():
        return 0
    return at if identifiers.is_iban(compact.upper()) else 0


def _compact(text: str) -> str:
    return text.replace(" ", "").replace("-", "").replace("+", "").upper()


_BIC = lazy(
    r"(?:\b(?:BIC|bic|SWIFT|Swift)\b[^A-Za-z0-9\0]{1,6}){1,2}(?:code[ :]{1,2})?"
    r"([A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)(?![A-Za-z0-9])"
)


def find_bics(text: str, found: Found, most: int) -> None:
    """Append the codes of banks in *text* that the word before them names."""
    if not has_word(text, b"bic", b"swift"):  # the letters are in base64, too, which takes the pattern long
        return
    for bic in _BIC.finditer(text):
        most -= 1
        if most < 0:
            found.append((bic.start(), len(text), BANK))
            return
        if identifiers.is_bic(bic[1]):
            found.append((bic.start(1), bic.end(1), BANK))
