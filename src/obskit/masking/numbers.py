"""Numbers in folded text that identify somebody: cards, telephones, accounts, national ids, dates of birth."""

from __future__ import annotations

import re

from obskit.masking import identifiers
from obskit.masking.classes import BANK, BIRTH, CARD, NATIONAL_ID, PHONE, SECRET
from obskit.masking.keys import LAST_WORDS, class_of_phrase
from obskit.masking.text import BORDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from obskit.masking.text import Found

_RUN = re.compile(r"0[-0. ()/\t+_]{5,}+")
"""On the shadow of the text, where every digit is `0` and every letter `a`: digits and what may stand between them."""
_GROUP = re.compile(r"0++")
_EXTENSION = re.compile(
    r"(?:[ ,]{0,2}(?:x|ext\.?|extension|durchwahl|poste)[ .:]{0,2}[0-9]{1,6}(?![0-9A-Za-z]))", re.IGNORECASE
)

_GAP = 3
"""Characters that may stand between two groups of one number."""
_LONGEST_LIST = 10
"""Groups in a run that may be one number and its neighbours; in more, which are a list, a card begins a group of four."""

_CARD_GROUPS = {
    (4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 1), (4, 4, 4, 4, 2), (4, 4, 4, 4, 3), (4, 4, 4), (4, 4, 4, 1),
    (4, 4, 4, 2), (4, 4, 4, 3), (8, 8), (6, 10), (4, 4, 7), (4, 12), (12, 4), (4, 8, 4), (6, 6, 4), (4, 4, 8), (4, 5, 6),
    (6, 13), (8, 4, 4),
}  # fmt: skip
"""How people write the digits of a card; unbroken ones need no table."""

_CARD_BEGINNINGS = frozenset(groups[:2] for groups in _CARD_GROUPS)

_UNITS = re.compile(r"[ ]?(?:bytes?|[kmgt]i?b|ms|us|ns|secs?|seconds?|rows?|items?|records?|px|%)\b", re.IGNORECASE)

_COUNTRY_CODES = frozenset(
    "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86"
    " 90 91 92 93 94 95 98".split()
)
_LONG_COUNTRY_CODES = ("21", "22", "23", "24", "25", "26", "29", "35", "37", "38", "42", "50", "59", "67", "68", "69",
                       "80", "85", "87", "88", "96", "97", "99")  # fmt: skip
"""First digits of the three-digit ones. ITU-T E.164, list of assigned country codes."""

_LOOK_BACK = 40
"""Characters before a number in which a word can say what it is."""

_TELLING = {
    **dict.fromkeys(
        "phone phones tel telephone mobile cell cellphone sms whatsapp fax telefon mobil mobilnummer handy handynummer rufnummer telefonnummer"
        " portable telefone telefono movil celular msisdn hotline landline mob fon tlf".split(),
        PHONE,
    ),
    **dict.fromkeys("card cards visa mastercard amex maestro discover kreditkarte karte carte tarjeta carta".split(), CARD),
    **dict.fromkeys(
        "account acct iban konto kontonummer cuenta compte conto rekening bank routing aba bic swift sortcode".split(),
        BANK,
    ),
    **dict.fromkeys(
        "ssn itin nino nhs passport passports licence license nif nie dni nir insee bsn pesel personnummer hetu idnr"
        " cpf aadhaar aadhar tin tfn sin pps ppsn ausweis personalausweis reisepass passeport pasaporte passaporto"
        " steuer steuernummer steueridentifikationsnummer versicherungsnummer rentenversicherungsnummer rvnr"
        " fuhrerschein codice fiscale rijksregisternummer securite burgerservicenummer niss social medicare personnr contribuinte passnummer passportnumber"
        " identity ausweisnummer sozialversicherungsnummer fiscal spi nss svnr henkilotunnus curp driver drivers".split(),
        NATIONAL_ID,
    ),
    **dict.fromkeys(
        "dob born birth birthday birthdate geboren geburtsdatum geb naissance nacimiento nacido nacida nascita"
        " nato nata geboortedatum fodd".split(),
        BIRTH,
    ),
    **dict.fromkeys("otp pin cvv cvc cvv2 cvc2 csc passcode totp tan einmalcode".split(), SECRET),
}  # fmt: skip
"""Words before a number that say whose it is, in the languages of the shop's customers; accents are folded."""

CALL = "somebody is called"
"""No class: what a word of `_WEAK` says."""
_WEAK = frozenset(
    "call called calling callback dial ring text texted reach anruf anrufen ruf llamar llame llama appeler appelez"
    " joindre chiamare phones".split()
)
"""Words that say a number is a telephone's if it looks like one: with a zero or a plus first, or in groups."""

_NOTHING = frozenset(
    """
    order orders invoice tracking sku item items product ref reference ticket case version build port pid status code
    took after elapsed duration ms bytes size count total amount price eur usd gbp sum epoch timestamp ts time offset
    sequence seq page row rows line request job batch shipment parcel isbn ean gtin upc zip postcode quantity qty
    line_items attempt retry http error bestellung rechnung commande pedido factura order_id lot serial parts
    """.split()
)
"""Words that say a number is nobody's: the nearest word wins."""

_CODE_WORD = re.compile(r"code|pin|cvv2?|cvc2?|csc|otp|passcode|tan")
_CODE = re.compile(
    r"(?![a-z])[\"'\])]{0,2}(?: number| no\.?)?[ ]?(?:is|was|:|=|ist|lautet|est|es|->|#)?[ :\"']{1,3}([0-9](?:[ -]?[0-9]){2,7})"
    r"(?![0-9A-Za-z_]|[.-][0-9])",
    re.IGNORECASE,
)
_CODE_KINDS = frozenset(
    "verification security one time access confirmation login sms 2fa mfa otp auth authentication reset your activation"
    " sicherheitscode bestatigungs card pairing unlock signin recovery".split()
)


def find_numbers(text: str, shadow: str, found: Found, most: int) -> None:
    """
    Append the numbers in *text* that identify somebody.

    *shadow* is the text with `0` for every digit and `a` for every letter. After *most* groups of digits the rest
    of the text counts as one number.
    """
    for run in _RUN.finditer(shadow):
        start, end = run.span()
        most -= 1
        if shadow.count("0", start, end) < 7:  # fewer digits need a name or a word
            continue
        groups = [group.span() for group in _GROUP.finditer(shadow, start, end)]
        most -= len(groups)
        if most < 0:
            found.append((start, len(text), PHONE))
            return
        if len(groups) == 1:
            _find_unbroken(text, shadow, *groups[0], found)
        else:
            _Run(text, groups).find(found)


def _find_unbroken(text: str, shadow: str, start: int, end: int, found: Found) -> None:
    """Append digits without separators, if they are a card's, or something before them says whose they are."""
    before = text[start - 1] if start else " "
    if before in "+(":
        _Run(text, [(start, end)]).find(found)
        return
    if _continues(before, shadow[start - 2 : start - 1]):
        return
    if _continues(shadow[end : end + 1], shadow[end + 1 : end + 2]):
        if end - start == 8 and identifiers.is_dni((text[start:end] + text[end + 1 : end + 2]).upper()):  # 12345678-Z
            if not shadow[end + 2 : end + 3].isalnum() and word_before(text, start) == NATIONAL_ID:
                found.append((start, end + 2, NATIONAL_ID))
        return
    size = end - start
    if size >= 12 and text[start] in "23456" and size <= 19 and identifiers.is_card(text[start:end]):
        found.append((start, end, CARD))
        return
    if size > 22:
        return
    name = word_before(text, start)
    if name and name != SECRET and _fits(name, text[start:end], (size,)):
        found.append((start, end, PHONE if name == CALL else name))


class _Run:
    """Groups of digits with nothing but separators between them."""

    __slots__ = ("groups", "sizes", "text")

    def __init__(self, text: str, groups: list[tuple[int, int]]) -> None:
        self.text = text
        self.groups = groups
        self.sizes = [end - start for start, end in groups]

    def find(self, found: Found) -> None:
        index, count = 0, len(self.groups)
        name = word_before(self.text, self.groups[0][0])  # what is told of the first group is told of them all
        while index < count:
            last = self.at(index, found)
            if last < 0 and name:
                last = self.told(index, name, found)
            index = index + 1 if last < 0 else last + 1

    def at(self, index: int, found: Found) -> int:
        """Append the number that begins with group *index*, and return its last group; -1 if none begins there."""
        start, _ = self.groups[index]
        size = self.sizes[index]
        before = self.text[start - 1] if start else " "
        if before == "+" or (before == "(" and self.text[start - 2 : start - 1] == "+"):
            last = self.international(index)
            if last >= 0:
                return self.take(start - 1 if before == "+" else start - 2, last, PHONE, found)
        if before.isalnum():
            return -1
        if size == 4 and self.sizes[index + 1 : index + 3] == [2, 2] and self.text[start] in "12":
            return index + 2  # a date; whether of a birth is looked at elsewhere
        if size >= 4 and self.text[start] in "23456":  # what issuers' numbers begin with
            last = self.card(index)
            if last >= 0:
                return self.take(start, last, CARD, found)
        name, last = self.grouped(index, start)
        if name:
            return self.take(self.opening(start) if name == PHONE else start, last, name, found)
        return -1

    def grouped(self, index: int, start: int) -> tuple[str, int]:
        """Return the class and the last group of a number that is known by how its digits are grouped."""
        size = self.sizes[index]
        if size == 3:
            last = self.north_american(index)
            if last >= 0:
                return PHONE, last
            last = self.social_security(index)
            if last >= 0:
                return NATIONAL_ID, last
        elif size == 1 and self.text[start] == "1" and index + 1 < len(self.groups):
            last = self.north_american(index + 1)
            if last >= 0 and len(self.gap(index)) <= 2:
                return PHONE, last
        return "", -1

    def take(self, start: int, last: int, name: str, found: Found) -> int:
        end = self.groups[last][1]
        if name == PHONE:
            extension = _EXTENSION.match(self.text, end)
            end = extension.end() if extension is not None else end
        found.append((start, end, name))
        return last

    def opening(self, start: int) -> int:
        return start - 1 if self.text[start - 1 : start] == "(" else start

    def digits(self, first: int, last: int) -> str:
        return "".join([self.text[start:end] for start, end in self.groups[first : last + 1]])

    def gap(self, index: int) -> str:
        """Return what stands between group *index* and the next, without the blanks that escapes leave."""
        between = self.text[self.groups[index][1] : self.groups[index + 1][0]]
        if len(between) > 1 and len(between) <= _GAP + 2:
            between = between.strip() or " "
        return " " if between == "+" else between

    def ends_alone(self, last: int) -> bool:
        """Say whether nothing of an id or a decimal number follows group *last*."""
        end = self.groups[last][1]
        after = self.text[end : end + 1]
        return not _continues(after, self.text[end + 1 : end + 2])

    def ends_phone(self, last: int) -> bool:
        """Say whether a telephone number may end with group *last*: an extension may follow, a time may not."""
        end = self.groups[last][1]
        if self.text[end : end + 1] == ":" and self.text[end + 1 : end + 2].isdigit():
            return False
        return self.ends_alone(last) or _EXTENSION.match(self.text, end) is not None

    def begins_alone(self, index: int) -> bool:
        start = self.groups[index][0]
        before = self.text[start - 1 : start]
        return not _continues(before, self.text[start - 2 : start - 1])

    def card(self, index: int) -> int:
        size = self.sizes[index]
        if size >= 12:
            alone = self.begins_alone(index) and self.ends_alone(index)
            return index if alone and identifiers.is_card(self.digits(index, index)) else -1
        if (len(self.groups) > _LONGEST_LIST and index % 4) or tuple(
            self.sizes[index : index + 2]
        ) not in _CARD_BEGINNINGS:
            return -1
        for last in range(index + 1, min(len(self.groups), index + 5)):
            if len(self.gap(last - 1)) > _GAP:
                return -1
            if last == index + 1 and self.gap(index) == ".":  # a decimal number
                continue
            if (
                tuple(self.sizes[index : last + 1]) in _CARD_GROUPS
                and self.begins_alone(index)
                and self.ends_alone(last)
                and identifiers.is_card(self.digits(index, last))
            ):
                return last
        return -1

    def international(self, index: int) -> int:
        """Return the last group of the telephone number with `+` that begins at *index*, -1 if there is none."""
        total, last = 0, -1
        for number in range(index, len(self.groups)):
            if number > index:
                gap = self.gap(number - 1)
                if len(gap) > _GAP or ("+" in gap and gap != "+"):
                    break
            total += self.sizes[number]
            if total > 15:
                break
            if total >= 8:
                last = number
        if last < 0 or not _is_country(self.text[self.groups[index][0] :][:2]):
            return -1
        # The longest row of groups that is no more than a number; a shorter one where the last is part of an id.
        while last > index and not self.ends_phone(last):
            last -= 1
        while last > index and self.sizes[last] == 1 and sum(self.sizes[index:last]) >= 10:  # `… 2 times`
            last -= 1
        if not self.ends_phone(last):
            return -1
        digits = sum(self.sizes[index : last + 1])
        if digits < 8 or _UNITS.match(self.text, self.groups[last][1]):
            return -1
        return last

    def north_american(self, index: int) -> int:
        """Return the last group of (NPA) NXX-XXXX that begins at *index*, -1 if there is none."""
        if self.sizes[index : index + 3] != [3, 3, 4]:
            return -1
        area, exchange, _ = (self.text[start:end] for start, end in self.groups[index : index + 3])
        if area[0] in "01" or exchange[0] in "01" or area[1:] == "11" or exchange[1:] == "11":
            return -1
        if area[1:] == "00" and exchange[1:] == "00":  # 300-200-1000 counts something
            return -1
        first, second = self.gap(index), self.gap(index + 1)
        start = self.groups[index][0]
        bracketed = first in (")", ")-", ") ", ") -", ")+") and self.text[start - 1 : start] == "(" and len(second) == 1
        if not bracketed and (first != second or first not in ("-", ".", " ", "--")):
            return -1
        alone = bracketed or self.begins_alone(index) or self.text[max(0, start - 2) : start] in ("1-", "1.", "1 ")
        return index + 2 if alone and self.ends_phone(index + 2) else -1

    def social_security(self, index: int) -> int:
        """Return the last group of AAA-GG-SSSS, a US social security or taxpayer number, -1 if there is none."""
        if self.sizes[index : index + 3] != [3, 2, 4] or self.gap(index) != self.gap(index + 1):
            return -1
        if self.gap(index) not in ("-", ".", " ", "/"):
            return -1
        digits = self.digits(index, index + 2)
        valid = identifiers.is_ssn(digits) or identifiers.is_itin(digits) or digits == digits[0] * 9 != "0" * 9
        return index + 2 if valid and self.begins_alone(index) and self.ends_alone(index + 2) else -1

    def told(self, index: int, name: str, found: Found) -> int:
        """Append the number at group *index* if it can be what the words before it *name*."""
        last, total, count = index, self.sizes[index], len(self.sizes)
        while last + 1 < count and total < 16 and len(self.gap(last)) <= _GAP:
            last += 1
            total += self.sizes[last]
        if not 7 <= total <= 22:
            return -1
        start = self.groups[index][0]
        if name == SECRET or not self.begins_alone(index) or not self.ends_alone(last):
            return -1
        if not _fits(name, self.digits(index, last), tuple(self.sizes[index : last + 1])):
            return -1
        name = PHONE if name == CALL else name
        return self.take(self.opening(start), last, name, found)


def _continues(near: str, beyond: str) -> bool:
    """Say whether the character *near* a number, and the one *beyond* it, make of it a part of something longer."""
    if near == "-":
        return beyond.isalnum() or beyond == "_"
    return near.isalnum() or near == "_" or (near == "." and beyond.isdigit())


def _is_country(two: str) -> bool:
    return two[:1] in ("1", "7") or two in _COUNTRY_CODES or two in _LONG_COUNTRY_CODES


def _fits(name: str, digits: str, sizes: tuple[int, ...]) -> bool:
    """Say whether *digits* can be what the word before them says."""
    length = len(digits)
    if name == PHONE:
        return length <= 15
    if name == CALL:
        return length <= 15 and (len(sizes) > 1 or digits[0] == "0" or length == 10)
    if name == CARD:
        return 13 <= length <= 19
    if name == BIRTH:
        return length == 8 and sizes in ((4, 2, 2), (2, 2, 4), (8,))
    if name == BANK:
        return length <= 22 and sizes != (12,)  # an account of AWS
    return length <= 18


_WORDS_ONLY = bytes(ord(chr(code).lower()) if chr(code).isalpha() and code < 128 else ord(" ") for code in range(256))


def word_before(text: str, start: int) -> str:
    """
    Return the class that the nearest telling word before *start* gives, an empty string if none does.

    >>> word_before("my phone number is 2125550100", 19), word_before("order 2125550100 by phone", 6)
    ('PHONE', '')
    """
    if start < 3 or text[start - 1] == BORDER:
        return ""
    before = text[max(0, start - _LOOK_BACK) : start]
    if BORDER in before:
        before = before.rpartition(BORDER)[2]
    words = before.encode().translate(_WORDS_ONLY).split()
    for index in range(len(words) - 1, -1, -1):
        word = words[index]
        name = _SAYS.get(word)
        if name is None:
            continue
        if name is _PHRASE:
            name = class_of_phrase([part.decode() for part in words[max(0, index - 3) : index + 1]])
            if not name and word in _SAYS_NOTHING:
                return ""
        if name is not None and (name or word in _SAYS_NOTHING):
            return name
    return ""


_PHRASE = "the words before it tell"
_SAYS_NOTHING = frozenset(word.encode() for word in _NOTHING)
_SAYS = {
    **{word.encode(): "" for word in _NOTHING},
    **{word.encode(): _PHRASE for word in LAST_WORDS},
    **{word.encode(): name for word, name in _TELLING.items()},
    **{word.encode(): CALL for word in _WEAK},
}
"""What a word before a number says: a class, nothing, or something together with the words before it."""


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
    return any([word in _CODE_KINDS for word in before.replace("-", " ").split()[-2:]])


_WORDS = bytes(code if chr(code).isalnum() and code < 128 else 32 for code in range(256))
"""Everything that is no letter or digit becomes a blank: where a word begins and ends can be searched for."""
_LONGEST_IDENTIFIER = 40
_NINO_TEXT = re.compile(
    r"aa[ -]?00(?:[ -]?00){2}[ -]?a(?![a0])|aa[ -]?0{6}[ -]?a(?![a0])|aa[ -]?000[ -]?000[ -]?a(?![a0])"
)
_SPACED_NINO = re.compile(r"aa[ -]0")
_HETU = re.compile(r"000000[-+a]000[a0]")


def find_identifiers(text: str, shadow: str, found: Found, most: int) -> None:
    """Append the identifiers of letters and digits in *text*: IBAN, NINO, codice fiscale, driving licences, DNI …"""
    words = shadow.encode().translate(_WORDS).decode()
    for sign in ("a00", "00a", "a0a"):
        at = shadow.find(sign)
        while at >= 0:
            most -= 1
            if most < 0:
                found.append((at, len(text), NATIONAL_ID))
                return
            start, end = words.rfind(" ", 0, at) + 1, words.find(" ", at)
            end = len(words) if end < 0 else end
            if 3 < end - start < _LONGEST_IDENTIFIER:
                end = max(end, _identifier(text, shadow, start, end, found))
            at = shadow.find(sign, end)
    if " 0" in shadow or "-0" in shadow:
        _find_spaced(text, shadow, found)


def _find_spaced(text: str, shadow: str, found: Found) -> None:
    """Append the national insurance numbers and personal identity codes that are written in groups."""
    for near in _SPACED_NINO.finditer(shadow):
        start = near.start()
        nino = _NINO_TEXT.match(shadow, start)
        if nino is not None and not shadow[start - 1 : start].isalnum():
            if identifiers.is_nino(_compact(text[start : nino.end()])):
                found.append((start, nino.end(), NATIONAL_ID))
    if "-000" in shadow or "+000" in shadow:
        for near in _HETU.finditer(shadow):
            start, end = near.span()
            bounded = not shadow[start - 1 : start].isalnum() and not shadow[end : end + 1].isalnum()
            if bounded and identifiers.is_hetu(text[start:end].upper()):
                found.append((start, end, NATIONAL_ID))


def _identifier(text: str, shadow: str, start: int, end: int, found: Found) -> int:
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
    if length in (9, 11, 16) and _may_stand_alone(shadow[start:end]):
        if identifiers.is_identifier_with_letters(text[start:end].upper()):
            found.append((start, end, NATIONAL_ID))
            return end
    if length <= 20 and shadow.count("0", start, end) >= 3:
        name = word_before(text, start)
        if name in (NATIONAL_ID, BANK):
            found.append((start, end, name))
            return end
    return 0


def _may_stand_alone(shape: str) -> bool:
    """Say whether a word of this shape may be a NINO, a HETU, a British driving licence or a codice fiscale."""
    if len(shape) == 9:
        return shape == "aa000000a"
    if len(shape) == 11:
        return shape.startswith("000000a000")
    if shape.startswith("aaaaaa"):
        return shape[8] == shape[11] == shape[15] == "a"
    return shape[5:11] == "000000" and shape.endswith("aa")


_HYPHENED = re.compile(r"[a0]{1,10}(?:[ .-][a0]{1,10}){1,5}(?![a0_-])")


def _spaced(text: str, shadow: str, start: int, found: Found) -> int:
    """Append the identifier with hyphens or dots that begins at *start*, where a word before it says what it is."""
    spaced = _HYPHENED.match(shadow, start)
    if spaced is None or shadow.count("0", start, spaced.end()) < 6:
        return 0
    if word_before(text, start) != NATIONAL_ID:
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
        elif char not in " -." or not text[at + 1 : at + 2].isalnum():
            return 0
        at += 1
    if len(compact) < length or text[at : at + 1].isalnum():
        return 0
    return at if identifiers.is_iban(compact.upper()) else 0


def _compact(text: str) -> str:
    return text.replace(" ", "").replace("-", "").upper()


_BIC = re.compile(
    r"(?:\b(?:BIC|bic|SWIFT|Swift)\b[^A-Za-z0-9\0]{1,6}){1,2}(?:code[ :]{1,2})?([A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)(?![A-Za-z0-9])"
)


def find_bics(text: str, found: Found, most: int) -> None:
    """Append the codes of banks in *text* that the word before them names."""
    for bic in _BIC.finditer(text):
        most -= 1
        if most < 0:
            found.append((bic.start(), len(text), BANK))
            return
        if identifiers.is_bic(bic[1]):
            found.append((bic.start(1), bic.end(1), BANK))


_CODE_SIGNS = ("code", "pin", "otp", "cvv", "cvc")
_BIRTH_SIGNS = ("birth", "born", "dob", "d.o.b", "geb", "naiss", "naci", "nasci", "nato ", "nata ", "ne le ", "nee le ")


def may_name_code(lower: str) -> bool:
    """Say whether text in lower case may hold a word that `find_codes` looks for."""
    for sign in _CODE_SIGNS:
        if sign in lower:
            return True
    return False


def may_name_birth(lower: str) -> bool:
    """Say whether text in lower case may hold a word that `find_births` looks for."""
    for sign in _BIRTH_SIGNS:
        if sign in lower:
            return True
    return False
