"""Numbers in folded text that are known by their digits, by how they are grouped, or by the words before them."""

from __future__ import annotations

import re
from itertools import islice, pairwise

from obskit.masking import identifiers
from obskit.masking.classes import BANK, BIRTH, CARD, NATIONAL_ID, PHONE, SECRET
from obskit.masking.hints import CALL, word_before
from obskit.masking.patterns import lazy
from obskit.masking.text import BORDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from obskit.masking.text import Found

BETWEEN = b"-. ()/\t+_"
"""What may stand between the digits of a number."""
_NUMBER = bytes(ord("0") if code in b"0123456789" + BETWEEN else ord(" ") for code in range(256))
"""Text with `0` for digits and what may stand between them, and a blank for the rest."""
_SHORTEST_NUMBER = b"0" * 7
"""Long runs are searched for, which passes most characters by; a pattern would look at every digit."""
_FEWEST = 7
_GROUP = lazy(r"0++")
_EXTENSION_PATTERN = r"(?:[ ,]{0,2}(?:x|ext\.?|extension|durchwahl|poste)[ .:]{0,2}[0-9]{1,6}(?![0-9A-Za-z]))"
_EXTENSION = lazy(_EXTENSION_PATTERN, re.IGNORECASE)

_GAP = 3
"""Characters that may stand between two groups of one number."""
_WIDEST_ESCAPED = 16
"""Characters of `) ` where both are escaped, as in a URL."""
_LONGEST_LIST = 10
"""Groups in a run that may be a number and its neighbours; more are a list, of which every fourth may begin a card."""

_CARD_GROUPS = {
    (4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 1), (4, 4, 4, 4, 2), (4, 4, 4, 4, 3), (4, 4, 4), (4, 4, 4, 1),
    (4, 4, 4, 2), (4, 4, 4, 3), (8, 8), (6, 10), (4, 4, 7), (4, 12), (12, 4), (4, 8, 4), (6, 6, 4), (4, 4, 8),
    (4, 5, 6), (6, 13), (8, 4, 4),
}  # fmt: skip
"""How people write the digits of a card; unbroken ones need no table."""

_CARD_BEGINNINGS = frozenset(groups[:2] for groups in _CARD_GROUPS)

_TOLD_FIRST = (NATIONAL_ID, BANK)
"""What a word says is believed before the form: the number of a health service is grouped like a telephone's."""

_UNITS_PATTERN = r"[ ]?(?:bytes?|[kmgt]i?b|ms|us|ns|secs?|seconds?|rows?|items?|records?|px|%)\b"
_UNITS = lazy(_UNITS_PATTERN, re.IGNORECASE)

_COUNTRY_CODES = frozenset(
    "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86"
    " 90 91 92 93 94 95 98".split()
)
_LONG_COUNTRY_CODES = ("21", "22", "23", "24", "25", "26", "29", "35", "37", "38", "42", "50", "59", "67", "68", "69",
                       "80", "85", "87", "88", "96", "97", "99")  # fmt: skip
"""First digits of the three-digit ones. ITU-T E.164, list of assigned country codes."""


def find_numbers(text: str, shadow: str, found: Found, most: int) -> None:
    """
    Append the numbers in *text* that identify somebody.

    *shadow* is the text with `0` for every digit and `a` for every letter. After *most* groups of digits the rest
    of the text counts as one number.
    """
    runs = shadow.encode().translate(_NUMBER)
    end = 0
    while True:
        start = runs.find(_SHORTEST_NUMBER, end)
        if start < 0:
            return
        end = runs.find(b" ", start)
        end = len(runs) if end < 0 else end
        most -= 1
        digits = shadow.count("0", start, end)
        if digits < _FEWEST:  # fewer need a name or a word
            continue
        start = shadow.find("0", start)
        before = text[start - 1 : start]
        if before != "+" and most > 0 and shadow.count("0", start, start + digits) == digits:
            most -= 1
            _find_unbroken(text, shadow, start, start + digits, found)
            continue
        form = _form(shadow[start:end])
        if form.plain and before not in _OPENING and not word_before(text, start):
            continue
        if form.end and _find_whole(text, start, form, found):
            continue
        groups = [group.span() for group in islice(_GROUP.finditer(shadow, start, end), most + 1)]
        most -= len(groups)
        if most < 0:
            found.append((start, len(text), PHONE))
            return
        _Run(text, groups).find(found)


def looks_at_digits(text: str, shadow: str) -> bool:
    """
    Say whether `find_numbers` decides about any number in *text* by its digits, and not by how many there are alone.

    >>> looks_at_digits("listing 9188856", "aaaaaaa 0000000"), looks_at_digits("call 9188856", "aaaa 0000000")
    (False, True)
    """
    runs = shadow.encode().translate(_NUMBER)
    start = runs.find(_SHORTEST_NUMBER)
    while start >= 0:
        end = runs.find(b" ", start)
        end = len(runs) if end < 0 else end
        digits = shadow.count("0", start, end)
        if digits >= _FEWEST:
            first = shadow.find("0", start)
            unbroken = shadow.count("0", first, first + digits) == digits
            passed_by = digits < _SHORTEST_CARD if unbroken else _form(shadow[first:end]).plain
            if not passed_by or text[first - 1 : first] in _OPENING or word_before(text, first):
                return True
        start = runs.find(_SHORTEST_NUMBER, end)
    return False


class _Form:
    """
    What can be told of a run of groups by the shadow of the run alone, whatever its digits are.

    `plain`: no number that is known without a word before it. `end`: behind how many characters the last digit stands,
    if no more than one number can be in the run and nothing of one follows; else 0. `is_phone`: it can be one with a
    plus. `card`: how many digits make a card's number, shorter ones first, if the whole can be one.
    """

    __slots__ = ("card", "end", "is_phone", "plain")

    def __init__(self, run: str) -> None:
        groups = [group.span() for group in _GROUP.finditer(run)]
        gaps = [run[end:start] for (_, end), (start, _) in pairwise(groups)]
        sizes = [end - start for start, end in groups]
        whole = run[groups[-1][1] :][:1] in _ENDS
        self.plain = _is_plain(run, sizes)
        self.end = groups[-1][1] if whole else 0
        self.is_phone = _FEWEST_PHONE <= sum(sizes) <= _MOST_PHONE and sizes[-1] > 1 and all(map(_is_within, gaps))
        self.card = _card_lengths(sizes) if all(len(gap) == 1 for gap in gaps) else ()


def _is_plain(run: str, sizes: list[int]) -> bool:
    if "+" in run or max(sizes) >= _SHORTEST_CARD:
        return False
    return not any(
        tuple(sizes[index : index + 2]) in _CARD_BEGINNINGS or sizes[index : index + 3] in _THREE_GROUPS
        for index in range(len(sizes))
    )


def _is_within(gap: str) -> bool:
    """Say whether the *gap* between two groups can be one within a telephone number, and is none before the next."""
    return "+" not in gap and gap != " -" and len(gap) <= _GAP


def _card_lengths(sizes: list[int]) -> tuple[int, ...]:
    groups = tuple(sizes)
    if groups not in _CARD_GROUPS:
        return ()
    return tuple(sum(groups[:last]) for last in range(2, len(groups) + 1) if groups[:last] in _CARD_GROUPS)


class _Forms(dict[str, _Form]):
    """
    The form of a run, by its shadow.

    `00.00.0000` is a date whatever its digits are, so that nothing of a text is remembered but where it has digits.
    """

    def __missing__(self, run: str) -> _Form:
        form = _Form(run)
        if len(self) < _REMEMBERED:
            self[run] = form
        return form


def _form(run: str) -> _Form:
    return _FORMS[run] if len(run) <= _LONGEST_FORM else _LONG


_SHORTEST_CARD = 12
_LONGEST_ACCOUNT = 30
"""Digits of a bank account within an IBAN, at the most."""
_FEWEST_PHONE, _MOST_PHONE = 8, 15
"""Digits of a telephone number with its country's code. ITU-T E.164."""
_THREE_GROUPS = ([3, 3, 4], [3, 2, 4])
"""A telephone number of North America, a social security number."""
_OPENING = ("+", "(")
_ENDS = ("", " ", ".", ")", "/", "\t", "(")
"""What may follow a whole number that it is no part of."""
_GOES_ON = lazy(rf"\w|:[0-9]|{_EXTENSION_PATTERN}|{_UNITS_PATTERN}", re.IGNORECASE)
"""What may make something else of a number before it, or belong to it."""
_LONGEST_FORM = 48
_REMEMBERED = 1024
_FORMS = _Forms()
_LONG = _Form("+0")
"""Of which nothing is told."""


def _find_whole(text: str, start: int, form: _Form, found: Found) -> bool:
    """
    Append the number whose digits begin at *start* if it is all of a run of this *form*, as nearly every one is.

    False where more has to be asked, which `_Run` does; what it would find is the same.
    """
    before, end = text[start - 1 : start], start + form.end
    if before == "+":
        if not form.is_phone or text[start - 2 : start - 1].isalnum() or not _is_country(text[start : start + 2]):
            return False
        first, name = start - 1, PHONE
    elif form.card and text[start] in _CARD_STARTS and before in _BEFORE_CARD:
        digits = text[start:end].replace(" ", "").replace("-", "")
        if [length for length in form.card if identifiers.is_card(digits[:length])] != [len(digits)]:
            return False
        first, name = start, CARD
    else:
        return False
    if _GOES_ON.match(text, end) is not None or word_before(text, start) in _TOLD_FIRST:
        return False
    found.append((first, end, name))
    return True


_CARD_STARTS = frozenset("23456")
_BEFORE_CARD = frozenset(("", " ", BORDER, *":=,;\"'\n[{<>|"))
"""What a number of a card may stand behind and be no part of."""


def _find_unbroken(text: str, shadow: str, start: int, end: int, found: Found) -> None:
    """Append digits without separators, if they are a card's, or something before them says whose they are."""
    before = shadow[start - 1] if start else " "
    if before == "(":
        _Run(text, [(start, end)]).find(found)
        return
    if before in "a_" or (before in "-." and _continues(before, shadow[start - 2 : start - 1])):
        return
    after = shadow[end : end + 1]
    if after and after in "a_-." and _continues(after, shadow[end + 1 : end + 2]):
        if _is_dni(text, start, end):
            found.append((start, end + 2, NATIONAL_ID))
        return
    size = end - start
    if size >= 12 and text[start] in "23456" and size <= 19 and identifiers.is_card(text[start:end]):
        found.append((start, end, CARD))
        return
    if size > _LONGEST_ACCOUNT or before == BORDER or not start:
        return
    name = word_before(text, start)
    if name and name != SECRET and _fits(name, text[start:end], (size,)):
        found.append((start, end, PHONE if name == CALL else name))


def _is_dni(text: str, start: int, end: int) -> bool:
    """Say whether the digits and the letter behind a hyphen are a Spanish DNI, and are called so: 12345678-Z."""
    if end - start != 8 or text[end + 2 : end + 3].isalnum():
        return False
    letter = text[end + 1 : end + 2].upper()
    return identifiers.is_dni(text[start:end] + letter) and word_before(text, start) == NATIONAL_ID


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
            last = self.told(index, name, found) if name in _TOLD_FIRST else -1
            if last < 0:
                last = self.at(index, found)
            if last < 0 and name:
                last = self.told(index, name, found)
            index = index + 1 if last < 0 else last + 1

    def at(self, index: int, found: Found) -> int:
        """Append the number that begins with group *index*, and return its last group; -1 if none begins there."""
        start, _ = self.groups[index]
        size = self.sizes[index]
        before = self.text[start - 1] if start else " "
        plus = self.plus(start)
        if plus >= 0:
            last = self.international(index)
            if last >= 0:
                return self.take(plus, last, PHONE, found)
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

    def plus(self, start: int) -> int:
        """Return where the plus before the digits at *start* is, -1 if there is none: `+44`, `+(44)`, `%2B%2844%29`."""
        before = self.text[start - 1 : start]
        if before == "+":
            return -1 if self.text[start - 2 : start - 1].isalnum() else start - 1
        opened = self.text[max(0, start - _GAP - 1) : start - 1].rstrip(" ") if before == "(" else ""
        return start - 1 - min(_GAP, start - 1) + len(opened) - 1 if opened.endswith("+") else -1

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
        if 1 < len(between) <= (_WIDEST_ESCAPED if ")" in between else _GAP + 2):
            between = "".join(between.split()) or " "
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
        start = self.groups[index][0]
        last = self.longest(index)
        if last < 0 or not _is_country(self.text[start : start + 2]):
            return -1
        # The longest row of groups that is no more than a number; a shorter one where the last is part of an id.
        while not self.ends_phone(last):
            if last == index:
                return -1
            last -= 1
        whole = last
        while last > index and self.sizes[last] == 1 and sum(self.sizes[index:last]) >= 10:  # `… 2 times`
            last -= 1
        if last < whole and not self.ends_phone(last):
            return -1
        digits = sum(self.sizes[index : last + 1])
        if digits < 8 or _UNITS.match(self.text, self.groups[last][1]):
            return -1
        return last

    def longest(self, index: int) -> int:
        """Return the last group with which the digits from *index* on are 8 to 15, -1 if there is none."""
        total, last = 0, -1
        for number in range(index, len(self.groups)):
            if number > index:
                between = self.text[self.groups[number - 1][1] : self.groups[number][0]]
                # A plus with a blank before it begins the next number; else it is a blank of a form.
                if len(between) > 1 and (between == " -" or _begins_next(between) or len(self.gap(number - 1)) > _GAP):
                    break
            total += self.sizes[number]
            if total > 15:
                break
            if total >= 8:
                last = number
        return last

    def north_american(self, index: int) -> int:
        """Return the last group of a number like (212) 555-0123 that begins at *index*, -1 if there is none."""
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

    def is_version(self, first: int, last: int) -> bool:
        """Say whether the groups are divided by dots alone and more than one is a single digit: `36.0.0.13.91`."""
        if self.sizes[first : last + 1].count(1) < 2:
            return False
        return all(self.gap(index) == "." for index in range(first, last))

    def told(self, index: int, name: str, found: Found) -> int:
        """Append the number at group *index* if it can be what the words before it *name*."""
        last, total, count = index, self.sizes[index], len(self.sizes)
        while last + 1 < count and total < 16 and len(self.gap(last)) <= _GAP:
            last += 1
            total += self.sizes[last]
        if not 7 <= total <= 22:
            return -1
        start = self.groups[index][0]
        if name == SECRET or not self.begins_alone(index) or not self.ends_alone(last) or self.is_version(index, last):
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


def _begins_next(between: str) -> bool:
    """Say whether a plus in what stands *between* two groups begins the next number: `+44 …` and not `+%28242%29+`."""
    return "+" in between and (" +" in between or "".join(between.split()) not in _FORM_BLANKS)


_FORM_BLANKS = ("+", "+(", ")+")


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
        return length <= _LONGEST_ACCOUNT and sizes != (12,)  # an account of AWS
    return length <= 18
