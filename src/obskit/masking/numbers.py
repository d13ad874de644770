"""Numbers in folded text that identify somebody: cards, telephones, accounts, national ids, dates of birth."""

from __future__ import annotations

import re

from obskit.masking import identifiers
from obskit.masking.classes import BANK, BIRTH, CARD, NATIONAL_ID, PHONE, SECRET
from obskit.masking.keys import class_of_phrase, words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from obskit.masking.text import Found

_RUN = re.compile(r"0[-0. ()/\t+_]{5,}+")
"""On the shadow of the text, where every digit is `0` and every letter `a`: digits and what may stand between them."""
_GROUP = re.compile(r"0++")
_EXTENSION = re.compile(r"(?:[ ,]{0,2}(?:x|ext\.?|extension|durchwahl|poste)[ .:]{0,2}[0-9]{1,6}(?![0-9A-Za-z]))", re.IGNORECASE)

_GAP = 3
"""Characters that may stand between two groups of one number."""
_LONGEST_LIST = 10
"""Groups in a run that may be one number and its neighbours; more are a list of numbers."""

_CARD_GROUPS = {
    (4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 1), (4, 4, 4, 4, 2), (4, 4, 4, 4, 3), (4, 4, 4), (4, 4, 4, 1),
    (4, 4, 4, 2), (4, 4, 4, 3), (8, 8), (6, 10), (4, 4, 7), (4, 12), (12, 4), (4, 8, 4), (6, 6, 4), (4, 4, 8), (4, 5, 6),
    (6, 13), (8, 4, 4),
}  # fmt: skip
"""How people write the digits of a card; unbroken ones need no table."""

_UNITS = re.compile(r"[ ]?(?:bytes?|[kmgt]?i?b|ms|us|ns|s|secs?|seconds?|rows?|items?|records?|px|%)\b", re.IGNORECASE)

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
        "phone phones tel telephone mobile cell cellphone call called calling callback dial ring sms text texted"
        " whatsapp fax reach telefon mobil mobilnummer handy handynummer rufnummer telefonnummer anruf anrufen ruf"
        " portable telefone telefono movil celular llamar llame llama appeler appelez joindre msisdn hotline"
        " landline mob ph fon tlf chiamare numero_de_telephone".split(),
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
        " fuhrerschein codice fiscale rijksregisternummer securite burgerservicenummer niss social medicare"
        " identity ausweisnummer sozialversicherungsnummer fiscal spi nss svnr henkilotunnus curp driver drivers".split(),
        NATIONAL_ID,
    ),
    **dict.fromkeys(
        "dob born birth birthday birthdate geboren geburtsdatum geb naissance ne nee nacimiento nacido nacida nascita"
        " nato nata geboortedatum fodd".split(),
        BIRTH,
    ),
    **dict.fromkeys("otp pin cvv cvc cvv2 cvc2 csc passcode totp tan einmalcode".split(), SECRET),
}  # fmt: skip
"""Words before a number that say whose it is, in the languages of the shop's customers; accents are folded."""

_NOTHING = frozenset(
    """
    order orders invoice tracking sku item items product ref reference ticket case version build port pid status code
    took after elapsed duration ms bytes size count total amount price eur usd gbp sum epoch timestamp ts time offset
    sequence seq page row rows line request job batch shipment parcel isbn ean gtin upc zip postcode quantity qty
    line_items attempt retry http error bestellung rechnung commande pedido factura order_id lot serial parts
    """.split()
)
"""Words that say a number is nobody's: the nearest word wins."""

_CODE_WORDS = re.compile(
    r"(?:verification|security|one[ -]?time|access|confirmation|login|sms|2fa|mfa|otp|auth(?:entication)?|reset)"
    r"[ _-]{0,2}(?:pass)?(?:code|pin|password)?[ ]?(?:is|:|=|ist|lautet|est|es)[ :]{0,2}$"
    r"|(?:\bcode|\bpin|\bcvv2?|\bcvc2?|\botp|passcode)[ ]?(?:is|:|=|ist|lautet)[ :]{0,2}$"
    r"|(?:\bpin|\bcvv2?|\bcvc2?|\botp|passcode) $"
)
_CODE_LENGTHS = range(3, 9)


def find_numbers(text: str, shadow: str, found: Found, most: int) -> None:
    """
    Append the numbers in *text* that identify somebody.

    *shadow* is the text with `0` for every digit and `a` for every letter. After *most* groups of digits the rest
    of the text counts as one number.
    """
    for run in _RUN.finditer(shadow):
        start, end = run.span()
        groups = [group.span() for group in _GROUP.finditer(shadow, start, end)]
        most -= len(groups)
        if most < 0:
            found.append((start, len(text), PHONE))
            return
        if sum([last - first for first, last in groups]) >= 7:  # fewer digits need a name or a word
            _Run(text, shadow, groups).find(found)


class _Run:
    """Groups of digits with nothing but separators between them."""

    __slots__ = ("groups", "shadow", "text")

    def __init__(self, text: str, shadow: str, groups: list[tuple[int, int]]) -> None:
        self.text = text
        self.shadow = shadow
        self.groups = groups

    def find(self, found: Found) -> None:
        index, count = 0, len(self.groups)
        while index < count:
            last = self.at(index, found)
            index = index + 1 if last < 0 else last + 1

    def at(self, index: int, found: Found) -> int:
        """Append the number that begins with group *index*, and return its last group; -1 if none begins there."""
        start, end = self.groups[index]
        before = self.text[start - 1] if start else " "
        if before == "+" or (before == "(" and self.text[start - 2 : start - 1] == "+"):
            last = self.international(index)
            if last >= 0:
                first = start - 1 if before == "+" else start - 2
                return self.take(first, last, PHONE, found)
        if before.isalnum():
            return -1
        length = end - start
        if length >= 3:
            last = self.card(index)
            if last >= 0:
                return self.take(start, last, CARD, found)
            if length == 3:
                last = self.north_american(index)
                if last >= 0:
                    return self.take(self.opening(start), last, PHONE, found)
                last = self.social_security(index)
                if last >= 0:
                    return self.take(start, last, NATIONAL_ID, found)
            elif length == 6 and self.is_hetu(start):
                found.append((start, start + 11, NATIONAL_ID))
                return index
        elif length == 1 and self.text[start] == "1" and index + 1 < len(self.groups):
            last = self.north_american(index + 1)
            if last >= 0 and self.groups[index + 1][0] - end <= 2:
                return self.take(start, last, PHONE, found)
        return self.told(index, found)

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

    def sizes(self, first: int, last: int) -> tuple[int, ...]:
        return tuple([end - start for start, end in self.groups[first : last + 1]])

    def gap(self, index: int) -> str:
        """Return what stands between group *index* and the next."""
        return self.text[self.groups[index][1] : self.groups[index + 1][0]]

    def ends_alone(self, last: int) -> bool:
        """Say whether nothing of an id or a decimal number follows group *last*."""
        end = self.groups[last][1]
        after = self.text[end : end + 1]
        if after.isalnum() or after == "_":
            return False
        return not (after in ("-", ".") and self.text[end + 1 : end + 2].isalnum())

    def begins_alone(self, index: int) -> bool:
        start = self.groups[index][0]
        before = self.text[start - 1 : start]
        if before.isalnum() or before == "_":
            return False
        return not (before in ("-", ".") and self.text[start - 2 : start - 1].isalnum())

    def card(self, index: int) -> int:
        start, end = self.groups[index]
        if self.text[start] not in "23456":  # what issuers' numbers begin with
            return -1
        if end - start >= 12:
            alone = self.begins_alone(index) and self.ends_alone(index)
            return index if alone and identifiers.is_card(self.text[start:end]) else -1
        if len(self.groups) > _LONGEST_LIST or not self.begins_alone(index):
            return -1
        for last in range(index + 1, min(len(self.groups), index + 5)):
            if len(self.gap(last - 1)) > _GAP:
                return -1
            sizes = self.sizes(index, last)
            if sizes in _CARD_GROUPS and self.ends_alone(last) and identifiers.is_card(self.digits(index, last)):
                return last
        return -1

    def international(self, index: int) -> int:
        """Return the last group of the telephone number with `+` that begins at *index*, -1 if there is none."""
        total, last = 0, -1
        for number in range(index, len(self.groups)):
            if number > index and (len(self.gap(number - 1)) > _GAP or "+" in self.gap(number - 1)):
                if self.gap(number - 1) != "+":
                    break
            total += self.groups[number][1] - self.groups[number][0]
            if total > 15:
                break
            if total >= 8:
                last = number
        if last < 0 or not _is_country(self.text[self.groups[index][0] :][:2]):
            return -1
        # The longest row of groups that is no more than a number; a shorter one where the last is part of an id.
        while last >= index and not self.ends_alone(last):
            last -= 1
        if last < index:
            return -1
        digits = len(self.digits(index, last))
        if digits < 8 or (last == index and digits < 9) or _UNITS.match(self.text, self.groups[last][1]):
            return -1
        return last

    def north_american(self, index: int) -> int:
        """Return the last group of (NPA) NXX-XXXX that begins at *index*, -1 if there is none."""
        if self.sizes(index, index + 2) != (3, 3, 4):
            return -1
        area, exchange, _ = (self.text[start:end] for start, end in self.groups[index : index + 3])
        if area[0] in "01" or exchange[0] in "01" or area[1:] == "11" or exchange[1:] == "11":
            return -1
        if area[1:] == "00" and exchange[1:] == "00":  # 300-200-1000 counts something
            return -1
        first, second = self.gap(index), self.gap(index + 1)
        bracketed = first in (") ", ")", ")-")
        if not (bracketed and len(second) == 1) and (first != second or len(first) != 1 or first in "()_/+\t"):
            return -1
        start = self.groups[index][0]
        if bracketed and self.text[start - 1 : start] != "(":
            return -1
        alone = bracketed or self.begins_alone(index) or self.text[start - 2 : start] in ("1-", "1.", "1 ")
        return index + 2 if alone and self.ends_alone(index + 2) else -1

    def social_security(self, index: int) -> int:
        """Return the last group of AAA-GG-SSSS, a US social security or taxpayer number, -1 if there is none."""
        if self.sizes(index, index + 2) != (3, 2, 4) or self.gap(index) != self.gap(index + 1):
            return -1
        if self.gap(index) not in ("-", ".", " ", "/"):
            return -1
        digits = self.digits(index, index + 2)
        valid = identifiers.is_ssn(digits) or identifiers.is_itin(digits)
        return index + 2 if valid and self.begins_alone(index) and self.ends_alone(index + 2) else -1

    def is_hetu(self, start: int) -> bool:
        """Say whether a Finnish personal identity code begins at *start*: DDMMYY-NNNC."""
        code = self.text[start : start + 11].upper()
        if len(code) < 11 or self.text[start + 11 : start + 12].isalnum():
            return False
        return identifiers.is_hetu(code)

    def told(self, index: int, found: Found) -> int:
        """Append the number at group *index* if a word before it says whose it is."""
        last, total = index, self.groups[index][1] - self.groups[index][0]
        while last + 1 < len(self.groups) and len(self.gap(last)) <= _GAP and total < 16:
            last += 1
            total += self.groups[last][1] - self.groups[last][0]
        if not 7 <= total <= 22 or not self.begins_alone(index) or not self.ends_alone(last):
            return -1
        start = self.groups[index][0]
        name = word_before(self.text, start)
        if not name or name == SECRET or not _fits(name, self.digits(index, last), self.sizes(index, last)):
            return -1
        return self.take(self.opening(start), last, name, found)


def _is_country(two: str) -> bool:
    return two[:1] in ("1", "7") or two in _COUNTRY_CODES or two in _LONG_COUNTRY_CODES


def _fits(name: str, digits: str, sizes: tuple[int, ...]) -> bool:
    """Say whether *digits* can be what the word before them says."""
    length = len(digits)
    if name == PHONE:
        return length <= 15
    if name == CARD:
        return 13 <= length <= 19
    if name == BIRTH:
        return length == 8 and sizes in ((4, 2, 2), (2, 2, 4), (8,))
    if name == BANK:
        return 7 <= length <= 22
    return 7 <= length <= 18


def word_before(text: str, start: int) -> str:
    """
    Return the class that the nearest telling word before *start* gives, an empty string if none does.

    >>> word_before("my phone number is 2125550100", 19), word_before("order 2125550100 by phone", 6)
    ('PHONE', '')
    """
    words = words_of(text[max(0, start - _LOOK_BACK) : start])
    for index in range(len(words) - 1, -1, -1):
        word = words[index]
        if word in _NOTHING:
            return class_of_phrase(words[: index + 1]) if word == "code" else ""
        name = _TELLING.get(word) or class_of_phrase(words[max(0, index - 3) : index + 1])
        if name:
            return name
    return ""


_BIRTH_DATE = re.compile(
    r"(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/. ]{1,2}[0-9]{1,2}[-/. ]{1,2}(?:[0-9]{4}|[0-9]{2})"
    r"|[0-9]{1,2}(?:st|nd|rd|th|\.)?[ -](?:of |de )?[A-Za-z]{3,10}\.?,?[ -](?:de )?[0-9]{4}"
    r"|[A-Za-z]{3,10}\.? [0-9]{1,2}(?:st|nd|rd|th)?,? [0-9]{4})(?![0-9A-Za-z])"
)
_BIRTH_WORD = re.compile(
    r"(?:\bdob|\bd\.o\.b\.?|\bborn|\bbirth ?da(?:y|te)|\bdate of birth|geboren|geburtsdatum|\bgeb\.|naissance|\bnee? le"
    r"|nacimiento|\bnacid[oa]|nascita|\bnat[oa] il|geboortedatum)[^0-9]{0,24}"
)


def find_births(text: str, found: Found, most: int) -> None:
    """Append the dates in *text* that a word before them says are of a birth."""
    lower = text.lower()
    for word in _BIRTH_WORD.finditer(lower):
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
    cut = max(head.rfind(" "), head.rfind(":"), head.rfind('"'))
    return [end - len(text[max(0, end - 12) : end]) + cut + 1] if cut >= 0 else []


def find_codes(text: str, shadow: str, found: Found, most: int) -> None:
    """Append the one-time codes and card verification values in *text* that the words right before them name."""
    for group in _GROUP.finditer(shadow):
        most -= 1
        if most < 0:
            found.append((group.start(), len(text), SECRET))
            return
        start, end = group.span()
        if end - start in _CODE_LENGTHS and not shadow[end : end + 1].isalnum():
            if _CODE_WORDS.search(text[max(0, start - _LOOK_BACK) : start].lower()) is not None:
                found.append((start, end, SECRET))


_IBAN_START = re.compile("aa00")
_ADJACENT = re.compile("a0|0a|aa 00 00 00 a")
_WORD = re.compile(r"[a0]{1,64}+")
_IBAN_TEXT = re.compile(r"[A-Za-z]{2}[0-9]{2}(?:[ -.]?[A-Za-z0-9]){11,40}")
_NINO_TEXT = re.compile(r"aa[ -]?00[ -]?00[ -]?00[ -]?a(?![a0])")


def find_identifiers(text: str, shadow: str, found: Found, most: int) -> None:
    """Append the identifiers of letters and digits in *text*: IBAN, NINO, codice fiscale, driving licences, DNI …"""
    done = 0
    for near in _ADJACENT.finditer(shadow):
        at = near.start()
        if at < done:
            continue
        most -= 1
        if most < 0:
            found.append((at, len(text), NATIONAL_ID))
            return
        start = at
        floor = max(done, at - 24)
        while start > floor and shadow[start - 1] in "a0":
            start -= 1
        word = _WORD.match(shadow, start)
        done = word.end() if word is not None else at + 2
        before = shadow[start - 1] if start else " "
        if before in "a0_" or (before == "-" and start > 1 and shadow[start - 2] in "a0"):
            continue
        end = _identifier(text, shadow, start, done, found)
        done = max(done, end)


def _identifier(text: str, shadow: str, start: int, end: int, found: Found) -> int:
    """Append what begins at *start*, where a word ends at *end*; return where it ends, 0 if it is nothing."""
    if shadow.startswith("aa00", start):
        stop = _iban_end(text, start)
        if stop:
            found.append((start, stop, BANK))
            return stop
    if shadow.startswith("aa", start) and shadow[start + 2 : start + 4] in ("00", " 0", "-0"):  # AB123456C, AB 12 34 56 C
        nino = _NINO_TEXT.match(shadow, start)
        if nino is not None and identifiers.is_nino(_compact(text[start : nino.end()])):
            found.append((start, nino.end(), NATIONAL_ID))
            return nino.end()
    if shadow[end : end + 1] in ("_", "-") and shadow[end + 1 : end + 2] in ("a", "0"):
        return _spaced(text, shadow, start, found)
    word = text[start:end].upper()
    length = len(word)
    if length in (11, 16) and identifiers.is_identifier_with_letters(word):
        found.append((start, end, NATIONAL_ID))
        return end
    if 7 <= length <= 20 and shadow.count("0", start, end) >= 5:
        name = word_before(text, start)
        if name in (NATIONAL_ID, BANK):
            found.append((start, end, name))
            return end
    return 0


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


_CODE_SIGNS = ("code", "pin", "otp", "cvv", "cvc", "dob", "d.o.b", "born", "birth", "geb", "naiss", "naci", "nasci", "nat")


def may_name_code(text: str) -> bool:
    """Say whether *text* may hold a word that `find_codes` or `find_births` looks for."""
    lower = text.lower()
    return any([sign in lower for sign in _CODE_SIGNS])
