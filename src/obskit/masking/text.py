"""
Texts in, spans of what is secret or personal out.

All texts of a document are looked at together, joined by a character that no detector crosses: the gates and searches
are the expensive part, and each then runs once, over everything.
"""

from __future__ import annotations

import re

from obskit.masking.classes import SECRET

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    Found = list[tuple[int, int, str]]
    """Spans with the class of each: (start, end, class)."""

BORDER = "\0"
"""Stands between texts that are looked at together."""

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

SHADOW = bytes(ord("0") if 48 <= code < 58 else ord("a") if chr(code) in _LETTERS else code for code in range(256))
"""Text with `0` for every digit and `a` for every letter: what is searched for becomes a literal."""

HEX = bytes(ord("h") if chr(code) in "0123456789abcdefABCDEF" else code for code in range(256))

"""Text with `h` for every hexadecimal digit."""


def _shapes() -> frozenset[bytes]:
    h4, h8, h16, h32 = "hhhh", "h" * 8, "h" * 16, "h" * 32
    uuid = f"{h8}-{h4}-{h4}-{h4}-{h8}{h4}"
    day, time = "hhhh-hh-hh", "hh:hh:hh"
    moments = [day]
    for joint in "T ":
        for fraction in ("", ".h", ".hh", ".hhh", ".hhhhhh", ".hhhhhhhhh", ",hhh"):
            moments += [f"{day}{joint}{time}{fraction}{zone}" for zone in ("", "Z", "+hh:hh", "-hh:hh", "+hhhh")]
    ids = [uuid, uuid.replace("-", "_"), h32, h8 * 5, h32 * 2, h32 * 4, f"h-{h8}-{h16}{h8}", f"hh-{h32}-{h16}-hh"]
    root = f"Root=h-{h8}-{h16}{h8}"
    ids += [root, f"{root};Phrhnt={h16};Shmplhh=h"]
    return frozenset(shape.encode() for shape in [*ids, *moments, time, f"{time}.hhh"])


SHAPES = _shapes()
"""Whole texts that are ids or moments, with `h` for every hexadecimal digit: UUID, trace ids, hashes, RFC 3339."""
SHAPE_LENGTHS = frozenset(map(len, SHAPES))

ZEROS = bytes(ord("0") if 48 <= code < 58 else code for code in range(256))
"""Text with `0` for every digit: what lines that are made from one template have in common."""

_REMEMBERED = 4096
_TEMPLATES_REMEMBERED = 1024
_LONGEST_REMEMBERED = 64
_MOST_DIGITS_REMEMBERED = 6
_LONGEST_KNOWN = 1024

clean: set[str] = set()
"""
Texts that were found to hold nothing, so that they need not be looked at again.

Bounded; short ones only, and with fewer digits than a telephone number, so that nothing personal stays in memory.
"""

_clean: set[int] = set()
"""Hashes of longer ones, such as the names of browsers."""

_templates: set[bytes] = set()
"""Texts, by their `ZEROS`, that hold nothing whatever their digits are."""


def forget() -> None:
    """Forget every text that was found to hold nothing."""
    clean.clear()
    _clean.clear()
    _templates.clear()


def is_harmless(text: str) -> bool:
    """
    Say whether the whole of *text* is an id or a moment, or known to hold nothing: no detector would find anything.

    >>> is_harmless("3f2b8c1e-9d4a-4f7b-8a6c-1d2e3f4a5b6c"), is_harmless("2026-11-24T07:07:50.123Z")
    (True, True)
    >>> is_harmless("4006381333931"), is_harmless("arn:aws:sqs:us-east-1:123456789012:orders")
    (True, True)
    """
    if text.isalnum():
        return text.isascii() and _is_harmless_word(text, len(text))
    if not text.isascii():
        return False
    size = len(text)
    data = text.encode()
    if size in SHAPE_LENGTHS and data.translate(HEX) in SHAPES:
        return True
    line = data.translate(ZEROS)
    if line in _templates:
        if size <= _LONGEST_REMEMBERED and line.count(b"0") <= _MOST_DIGITS_REMEMBERED:
            _keep(text)
        return True
    if size > _LONGEST_REMEMBERED and hash(text) in _clean:
        return True
    return data.startswith(b"arn:") and re.fullmatch(_ARN, text) is not None  # compiled when the first is met


def _keep(text: str) -> None:
    """Remember *text*, which the memo knows faster the next time."""
    if len(clean) > _REMEMBERED:
        clean.clear()
    clean.add(text)


def _is_harmless_word(word: str, size: int) -> bool:
    """Say whether *word*, letters and digits with nothing beside them, is too short for a secret, or a number's id."""
    if word.isdigit():
        return not 12 <= size <= 19 or word[:2] not in (_CARDS if size > 13 else _SHORT_CARDS)
    if size < _SHORTEST_ACCOUNT:
        if size in _SIX_DIGITS and word[_SIX_DIGITS[size]].isdigit():
            return False
        if word[:-1].isalpha():  # names of levels, of regions, of states
            _keep(word)
        return True
    data = word.encode()
    if size in SHAPE_LENGTHS and data.translate(HEX) in SHAPES:
        return True
    if data.translate(None, _LOWER_HEX) or (size == _LICENCE and _has_form_of_licence(word)):
        return False
    # Two letters and two digits begin an account's number. Most ids are told from one by their first character.
    return not (word[0] > "9" and word[1] > "9" and word[2:4].isdigit() and _HEX_ACCOUNTS.get(word[:2]) == size)


def _has_form_of_licence(word: str) -> bool:
    """Say whether *word* has digits and letters where a British driving licence or a codice fiscale has them."""
    return word[15] > "9" and (word[:6].isalpha() or (word[5:11].isdigit() and word[14] > "9"))


_SHORTEST_ACCOUNT = 15
"""Characters of an IBAN. A secret that is known by its form has more."""
_HEX_ACCOUNTS = {"ad": 24, "ae": 23, "ba": 20, "be": 16, "bf": 28, "cf": 27, "de": 22, "ee": 20}
"""Characters of the accounts of countries whose code is made of hexadecimal digits."""
_SIX_DIGITS = {9: slice(2, 8), 11: slice(6)}
"""
Where a NINO and a HETU have their digits, by their length: what is as long without those is neither.

With a third length they are the identifiers of letters and digits that need no word beside them.
"""
_LICENCE = 16
"""Characters of both."""
_SHORT_CARDS = frozenset("50 58 63 67".split())
_CARDS = frozenset([f"{two}" for two in range(20, 70)])
"""First digits of the numbers of cards: of up to 13 digits, and of more."""
_LOWER_HEX = b"0123456789abcdef"
_ARN = (
    r"arn:aws[a-z-]{0,12}:[a-z0-9-]{2,32}:[a-z0-9-]{0,20}:[0-9]{12}:[a-z-]{1,40}(?::[a-z-]{1,40}){0,2}"
    r"(?:[:/](?:[a-z._-]{1,24}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}))?"
)
"""Names of resources in small letters, whose id may be a UUID."""


def scan(texts: list[str], *, remember: bool = True) -> dict[int, Found]:
    """Return what is secret or personal in *texts*: spans by the text's number, in order, apart."""
    joined = BORDER.join(texts)
    folded = texts
    if not joined.isascii() or "%" in joined or "\\" in joined or "&" in joined or "\x1b" in joined:
        folded = _folded(texts)
        joined = BORDER.join(folded)
    if joined.count(BORDER) >= len(texts):  # a text has the character itself
        folded = [text.replace(BORDER, " ") for text in folded]
        joined = BORDER.join(folded)
    if "]" in joined and "[" in joined:
        from obskit.masking.fold import fold_tokens

        joined = fold_tokens(joined)
    data = joined.encode()
    shadow = data.translate(SHADOW).decode()
    found: Found = []
    _detect(joined, data, shadow, found)
    if not found:
        if remember:
            _remember(texts, shadow, _NOTHING)
        return _NOTHING
    spans = _by_text(texts, folded, merged(found) if len(found) > 1 else found)
    if remember and len(spans) < len(texts):
        _remember(texts, shadow, spans)
    return spans


_NOTHING: dict[int, Found] = {}


def _folded(texts: list[str]) -> list[str]:
    from obskit.masking.fold import fold

    return [
        text if text.isascii() and "%" not in text and "\\" not in text and "&" not in text and "\x1b" not in text
        else fold(text)
        for text in texts
    ]  # fmt: skip


_SHORTEST = 12
"""Characters of the shortest text that holds something without a digit or one of the signs: `BIC DEUTDEFF`."""
_detection: list[ModuleType] = []
"""Loaded when a gate first lets something through: a function that logs plain words never pays for it."""


def _detect(text: str, data: bytes, shadow: str, found: Found) -> None:
    digits = shadow.count("0")
    if not digits and "@" not in text and "=" not in text and ":" not in text and len(text) < _SHORTEST:
        return
    if not _detection:
        from obskit.masking import canary

        _detection.append(canary.load())
        try:
            canary.check_texts()
        except BaseException:
            _detection.clear()  # this text fails; the next one tries again
            raise
    _detection[0].detect(text, data, shadow, digits, found)


def _remember(texts: list[str], shadow: str, spans: dict[int, Found]) -> None:
    """Remember those of *texts* that have no *spans*; *shadow* is that of all of them."""
    for memo, most in ((clean, _REMEMBERED), (_clean, _REMEMBERED), (_templates, _TEMPLATES_REMEMBERED)):
        if len(memo) > most:
            memo.clear()
    for number, (text, part) in enumerate(zip(texts, shadow.split(BORDER), strict=True)):
        if number in spans:
            continue
        digits = part.count("0")
        if digits and _detection[0].is_template(text, part):
            _templates.add(text.encode().translate(ZEROS))
        size = len(part)
        if size > _LONGEST_REMEMBERED:
            if size <= _LONGEST_KNOWN:
                _clean.add(hash(text))
        elif digits <= _MOST_DIGITS_REMEMBERED or ("0000000" not in part and part.isalnum()):
            clean.add(text)


def merged(found: Found) -> Found:
    """Return *found* in order; of those that overlap one is made, of the class that says most."""
    found.sort()
    merged = [found[0]]
    for start, end, name in found[1:]:
        first, last, before = merged[-1]
        if start >= last:
            merged.append((start, end, name))
        else:
            longer = end - start > last - first
            merged[-1] = (first, max(last, end), _stronger(before, name) if not longer else _stronger(name, before))
    return merged


def _stronger(longer: str, shorter: str) -> str:
    """Return the class of two that overlap: a secret is one whatever else it looks like."""
    return SECRET if shorter == SECRET else longer


def _by_text(texts: list[str], folded: list[str], found: Found) -> dict[int, Found]:
    """Return the spans of each text, counted from its beginning; one that goes beyond a text is cut at its end."""
    if len(texts) == 1 and folded[0] is texts[0] and found[0][0] >= 0 and found[-1][1] <= len(texts[0]):
        return {0: found}
    result: dict[int, Found] = {}
    begin, number = 0, 0
    end = len(texts[0])
    for start, stop, name in found:
        while stop > begin:
            if start <= end and start < stop:
                first, last = max(start - begin, 0), min(stop, end) - begin
                if last > first:
                    _put(result.setdefault(number, []), texts[number], folded[number], (first, last, name))
            if stop <= end:
                break
            begin = end + 1
            number += 1
            if number == len(texts):
                return result
            end = begin + len(texts[number])
    return result


def _put(spans: Found, text: str, folded: str, span: tuple[int, int, str]) -> None:
    """Append the *span* of *folded*, as it is in *text*; where the last one of *spans* goes on it is a part of that."""
    first, last, name = span
    begin, done, before = spans[-1] if spans else (0, 0, name)
    if last > done and folded is not text:
        first = _whole(text, folded, first)
        last = _tail(text, folded, first, last)
    if first >= done:
        spans.append((first, last, name))
    else:
        spans[-1] = (min(begin, first), max(done, last), _stronger(before, name))


def _tail(text: str, folded: str, first: int, last: int) -> int:
    """Return where a value of a query string ends: an escaped `&` in it is of the value, a plain one is not."""
    if text[first - 1 : first] != "=" or text[last : last + 1] != "%" or folded[last] == "%":
        return last
    while last < len(text) and text[last] not in " &;\n\t\"'<>|":
        last += 1
    return last


def _whole(text: str, folded: str, start: int) -> int:
    """Return where the escape begins whose last character is at *start*, such as `%2B` for a plus; else *start*."""
    if folded[start] != text[start] and text[start].isascii():
        while (
            start and folded[start - 1] != text[start - 1] and folded[start - 1] in " x" and text[start] not in "%\\&"
        ):
            start -= 1
    return start
