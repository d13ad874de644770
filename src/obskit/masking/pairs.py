"""`key=value`, `key: value` and `"key": "value"` in folded text, whose keys name what is secret or personal."""

from __future__ import annotations

import re

from obskit.masking import classes, identifiers
from obskit.masking.keys import CODE, LAST_WORDS, OF_TEXT, KeyMemo, class_of_phrase, is_authorisation_code, words_of
from obskit.masking.patterns import lazy
from obskit.masking.text import BORDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from obskit.masking.text import Found

SECRET = classes.SECRET

_NO_SEPARATORS = frozenset((":", "/", BORDER, ""))
"""What follows the `:` of a URL, all but the last of several, and one without a value, as base64 ends."""
_KEY_REVERSED = lazy(r"[A-Za-z0-9_.$-]{1,64}+")
_COLONS = lazy(":++")
_LOOK_BACK = 64
_STRIPPED = " \t\"'`\\]*!?+:"
_BEFORE_VALUE = lazy(r"[>=~]{0,2}[ \t]{0,24}\\{0,7}(?:[bruf]{0,2}(\"\"\"|'''|[\"'`(\[{])|)[ \t]{0,4}")
_BARE = lazy(r"[^\s,;&|<>\"'`(){}\[\]\0]{1,4096}+")
_MORE_BARE = lazy(r"[^\s,;&|<>\"'`(){}\[\]\0]++")
_LINE = lazy(r"[^\r\n\"'`{}<>\0]{1,4096}+")
_MORE_LINE = lazy(r"[^\r\n\"'`{}<>\0]++")
_LOOKED_AT = 4096
"""Characters that decide whether bare text is a value; one that is longer is masked to its end all the same."""
_LONGEST_PHRASE = 80
_PHRASE = lazy(r"[^\n,;&|<>\"'`(){}\[\]=\0]{1,80}+")
_NEXT_KEY = lazy(r"[ #?][A-Za-z_][A-Za-z0-9_.-]{0,40}[:=]|[ ]{2}| - | \[")
_MORE_GROUPS = lazy(r"(?:[ ][A-Za-z]{0,3}[0-9][0-9A-Za-z./()+-]{0,20}){1,7}")
_ESCAPED = lazy(
    r"(?:[ ]{2}(?:[ ](?![A-Za-z_][A-Za-z0-9_.-]{0,40}[=:])|[^\sA-Za-z0-9;&|<>\"`\0])[^\s,;&|<>\"'`\0]{0,80}+){1,16}+"
)
"""What may follow in a value of a query string: an escaped blank is read as three, another sign as two and it."""
_SCHEME = lazy(
    r"(?:bearer|basic|digest|token|apikey|api-key|negotiate|aws4-hmac-sha256|signature|jwt)[ ]{1,3}", re.IGNORECASE
)

_PLACEHOLDER = lazy(
    r"\[[A-Z][A-Z_ 0-9:./-]{1,60}\]|\$\{[^}\0]{0,60}\}|\$[A-Z_]{2,40}|\{\{?[ ]?[\w.-]{1,40}[ ]?\}?\}|<[\w .-]{1,40}>"
    r"|[*x.#]{2,64}|%\(?\w{0,20}\)?[sd]|%[sdr]|\$\([^)\n\0]{0,80}\)"
)
_AFTER_PLACEHOLDER = ("", BORDER, *" ,;&|\"'`}\r\n\t)]\\<>")
_NO_VALUES = frozenset(
    """
    none null nil undefined true false yes no on off ok empty missing required optional unknown redacted masked hidden
    invalid expired valid n/a na unset set string str int object text any never
    """.split()
)

_WHOLE_LINE = ("authorization", "cookie", "x-amz-security-token")
"""Headers: their values have blanks and run to the end of the line."""

_QUOTES = ('"', "'", "`", '"""', "'''")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_CLASSES = frozenset(classes.CLASSES)
_WITH_DIGIT = frozenset(
    (
        classes.PHONE,
        classes.CARD,
        classes.BANK,
        classes.NATIONAL_ID,
        classes.BIRTH,
        classes.IP,
        classes.MAC,
        classes.GEO,
    )
)
_PHRASES = frozenset((classes.NAME, classes.ADDRESS, classes.BIRTH))
_LOOK_INTO = 256
"""Characters of a line that say whether it is a header's value."""
_LONGEST_REFUSAL = 400
_LONG_SECRET = 24
"""Characters of a value without a digit that is no longer a word."""

_KEYS = KeyMemo()


_TYPES = frozenset("string str text varchar char bytes const var let secure securestring object any".split())

_NAMES = bytes(
    code if chr(code).isalnum() or chr(code) in "_.$-" else ord("=") if chr(code) in ":=" else 32 for code in range(128)
) + b" " * 128  # fmt: skip
"""`=` for both separators, and a blank for everything that no key is made of."""
_WORDS = bytes(ord("0") if 48 <= code < 58 else code for code in _NAMES)
"""
`=` for both separators, `0` for every digit, and a blank for everything that no key is made of.

Where a separator is and where its key begins is then searched for, which takes a twentieth of matching.
"""

_harmless: set[bytes] = set()
"""Keys that say nothing, whatever stands before them. Bounded like the memo, which decides what may be kept."""


def _is_harmless(key: str) -> bool:
    """Say whether a bare *key* names nothing; remembers it if it reads as a name."""
    if _KEYS[key.rpartition(".")[2] or key] or key.lower() in _SPEAKING or key.lower() in LAST_WORDS:
        return False
    if not _KEYS[key] and key in _KEYS and len(_harmless) < _MOST_HARMLESS:
        _harmless.add(key.encode())
    return True


def names_nothing(data: bytes) -> bool:
    """
    Say whether every key in *data* is known to name nothing, which is so of most texts; a key is, once it was seen.

    >>> names_nothing(b"password: hunter2"), names_nothing(b"https://example.com")
    (False, True)
    """
    for key in _keys(data):
        name = key.rpartition(b" ")[2]
        if name not in _harmless and not (name[-2:].isdigit() and len(name) > 1):  # a time, a port, an account
            return False
    return True


def has_digit_in_name(data: bytes) -> bool:
    """
    Say whether any key in *data* has a digit beside other characters.

    >>> has_digit_in_name(b"line-2: x"), has_digit_in_name(b"at 09:15 took=3")
    (True, False)
    """
    names = [key.rpartition(b" ")[2] for key in _keys(data)]
    return any(not name.isdigit() and name.translate(None, _DIGITS) != name for name in names)


def _keys(data: bytes) -> list[bytes]:
    """Return what stands before each separator in *data*, with a blank for each character that no key is made of."""
    keys = data.replace(b":/", b"  ").translate(_NAMES).split(b"=")
    del keys[-1]  # what stands behind the last separator
    return keys


_DIGITS = b"0123456789"

_SPEAKING = frozenset("pass userpass input_value value".split()) | _TYPES
_MOST_HARMLESS = 4096


_LOOKS = 5
"""Separators that are passed by for each that is looked at closely."""


def find_pairs(text: str, data: bytes, found: Found, most: int) -> None:
    """
    Append the values in *text* whose keys name them; after *most* separators the rest of the text is secret.

    *data* is the text's bytes.
    """
    done = 0
    looks = most * _LOOKS
    words = data.translate(_WORDS)
    at, after = words.find(b"="), 0
    while at >= 0:
        looks -= 1
        if looks < 0:
            found.append((at, len(text), SECRET))
            return
        before, separator = after, at  # the text from the last separator on
        after = at + 1
        at = words.find(b"=", after)
        if separator < done or text[after : after + 1] in _NO_SEPARATORS:
            if text.startswith("::", after):  # a megabyte of colons, one by one, would take a second of this loop
                after = _COLONS.match(text, after).end() - 1  # type: ignore[union-attr]  # it begins with one
                at = after
            continue
        start = words.rfind(b" ", before, separator) + 1 or before
        if start < separator:
            if words.startswith(b"00", separator - 2):  # a time, a port, an account
                continue
            key = text[max(start, separator - _LOOK_BACK) : separator]
            if key.encode() in _harmless or _is_harmless(key):
                continue
        most -= 1
        if most < 0:
            found.append((separator, len(text), SECRET))
            return
        name = _named(text, done, separator)
        if name:
            end = _value(text, separator, name, found)
            done = max(done, end)


_ELEMENT = lazy(r"<([A-Za-z_][A-Za-z0-9_.:-]{0,60})(?:[ ][^<>\0]{0,200})?>(?:<!\[CDATA\[)?([^<\0]++)</")
_ATTRIBUTES = lazy(
    r"(?:key|name)[ ]?=[ ]?[\"']([^\"'\0]{1,64})[\"'][ ]{1,4}value[ ]?=[ ]?[\"']([^\"'\0]++)[\"']", re.IGNORECASE
)
_ARGUMENTS = lazy(r"[(,][ ]?[\"']([A-Za-z_][A-Za-z0-9_.-]{2,60})[\"'],[ ]?[\"']([^\"'\0]{4,}+)[\"']")


def may_be_marked_up(text: str) -> bool:
    """
    Say whether *text* may hold elements, attributes or arguments as `find_marked_up` looks for.

    >>> may_be_marked_up('<add Key="a" Value="b"/>'), may_be_marked_up("input_value='b'")
    (True, False)
    """
    if ("<" in text and "</" in text) or _may_hold_attribute(text):
        return True
    return "(" in text and ('("' in text or "('" in text)


def _may_hold_attribute(text: str) -> bool:
    return " value" in text or " Value" in text or " VALUE" in text


def find_marked_up(text: str, found: Found, most: int) -> None:
    """Append the values of elements, of attributes and of arguments whose names name them."""
    for pattern, may_hold in (
        (_ELEMENT, "</" in text),
        (_ATTRIBUTES, _may_hold_attribute(text)),
        (_ARGUMENTS, "(" in text),
    ):
        if not may_hold:
            continue
        for pair in pattern.finditer(text):
            most -= 1
            if most < 0:
                found.append((pair.start(), len(text), SECRET))
                return
            name = _KEYS.says(pair[1].rpartition(":")[2])
            kept = pair[2].removesuffix("]]>").strip()
            if name not in _CLASSES or kept.lower() in _NO_VALUES or (pattern is _ARGUMENTS and name != SECRET):
                continue
            start = pair.start(2) + len(pair[2]) - len(pair[2].lstrip())
            if _PLACEHOLDER.fullmatch(kept) is None:
                found.append((start, start + len(kept), name))


_ROW_END = lazy(r"\)\.(?=[\s]{1,8}(?:[A-Z]{3,12}:|\Z|[\"'\0])|[\"'\\\0]|\Z)")
_PARAMETERS_END = lazy(r"\)\](?=[\s]{0,8}(?:\(Background|\Z|[\"'\\\0]))")
_SETS_END = lazy(r"\]\](?=[\s]{0,8}(?:\(Background|\Z|[\"'\\\0]))")
_ROWS = (
    ("row contains (", ")", _ROW_END),
    ("[parameters: (", ")]", _PARAMETERS_END),
    ("[parameters: [(", "]]", _SETS_END),
)
"""
How rows begin that are shown as a whole, the end that they have at least, and the one that the message gives them.

PostgreSQL's `Failing row contains (17, Ann Lee, …).` and SQLAlchemy's `[parameters: ('ann@example.com', 'Ann Lee')]`.
"""


def may_hold_row(text: str) -> bool:
    """Say whether *text* may hold a row of values that nothing names."""
    return "row contains (" in text or "[parameters: " in text


def find_rows(text: str, found: Found) -> None:
    """
    Append the values of rows that a database refused and an error shows as a whole: nothing names any of them.

    A value may hold brackets and line ends: what ends the row is its bracket before the next part of the message, else
    the last one of the text.
    """
    for head, least, end_of_row in _ROWS:
        at = text.find(head)
        while at >= 0:
            start = at + len(head)
            limit = text.find(BORDER, start)
            limit = len(text) if limit < 0 else limit
            last = end_of_row.search(text, start, limit)
            end = last.start() if last is not None else text.rfind(least, start, limit)
            end = limit if end < 0 else end
            if end > start:
                found.append((start, end, SECRET))
            at = text.find(head, end)


def _named(text: str, floor: int, at: int) -> str:  # noqa: C901, PLR0911  one per form of key
    """Return the class of the key that ends before the separator at *at*, an empty string if it names nothing."""
    before = text[max(floor, at - _LOOK_BACK) : at]
    if BORDER in before:
        before = before.rpartition(BORDER)[2]
    before = before.rstrip(_STRIPPED)
    if not before:
        return ""
    last = before[-1]
    if last == ")":
        return _columns(before)
    if last.isdigit() and (before[-2:-1].isdigit() or len(before) < 2):  # a time, a port
        return ""
    found = _KEY_REVERSED.match(before[::-1])
    if found is None:
        return ""
    key = found[0][::-1]
    begin = len(before) - len(key)
    if begin > 1 and before[begin - 1] == ":" and (before[begin - 2].isalnum() or before[begin - 2] in "_-"):
        return ""  # `arn:…:secret:name`
    if before.endswith("://", 0, begin):  # a login
        return ""
    name = _KEYS.says(key.rpartition(".")[2] or key)
    if name in _CLASSES:
        return name
    if name:
        return OF_TEXT.get(name, name if name is CODE else "")
    if key == "input_value":
        return _refused(text, at)
    return _named_otherwise(before, begin, key.lower())


def _refused(text: str, at: int) -> str:
    """Return the class of the field whose value pydantic refused and quotes: its name stands on the line before."""
    begin = max(0, at - _LONGEST_REFUSAL, text.rfind(BORDER, 0, at) + 1)
    line = text.rfind("\n", begin, at)
    field = text[max(begin, text.rfind("\n", begin, line) + 1) : line] if line > 0 else ""
    name = _KEYS.says(field.rpartition(".")[2])
    return name if name in _CLASSES else OF_TEXT.get(name, "")


def _named_otherwise(before: str, begin: int, key: str) -> str:
    """Return the class of a *key* that says nothing alone, by the words before it."""
    if key in ("pass", "userpass"):
        return SECRET
    if key in _TYPES or key == "value":  # `token: string = "…"`; `parameter password, value: …`
        words = before[:begin].rstrip(" ,:")
        found = _KEY_REVERSED.match(words[::-1])
        named = _KEYS.says(found[0][::-1].rpartition(".")[2]) if found is not None else ""
        return "" if named not in _CLASSES else named
    if begin and key in LAST_WORDS:
        return class_of_phrase(words_of(before[-40:])[-4:])
    return ""


def _columns(before: str) -> str:
    """Return the class of `(email, dob)`: PostgreSQL's `Key (email)=(…)`."""
    opened = before.rfind("(")
    if opened < 0:
        return ""
    for column in before[opened + 1 : -1].split(","):
        name = _KEYS.says(column.strip(" \"'"))
        if name in _CLASSES or name in OF_TEXT:
            return OF_TEXT.get(name, name)
    return ""


def _value(text: str, at: int, name: str, found: Found) -> int:
    """Append the value behind the separator at *at*; return where it ends."""
    lead = _BEFORE_VALUE.match(text, at + 1)
    if lead is None:
        return at + 1
    quote = lead[1] or ""
    start = lead.end()
    placeholder = _PLACEHOLDER.match(text, start - (1 if quote in ("[", "{", "(") else 0))
    if placeholder is not None and _is_placeholder(placeholder[0], text[placeholder.end() : placeholder.end() + 2]):
        return placeholder.end()
    sign = start - len(quote)
    if quote not in _QUOTES and _is_escaped(text, at, sign):
        quote, start = "", sign
        end = _escaped_end(text, start)
    elif quote:
        limit = text.find(BORDER, start)
        limit = len(text) if limit < 0 else limit
        end = _nested_end(text, start, limit, quote) if quote in _CLOSING else _quoted_end(text, start, limit, quote)
    else:
        end = _bare_end(text, at, start, name)
    kept = text[start:end].strip()
    if not kept or kept.lower() in _NO_VALUES or (quote and name is CODE and not is_authorisation_code(kept)):
        return end
    if not quote:
        key = text[max(0, at - 24) : at].rstrip(_STRIPPED).lower()
        more = _ESCAPED.match(text, end) if text[at] == "=" and text.startswith("  ", end) else None
        if not _is_value(kept if more is None else kept + more[0], name, text[at], key):
            return at + 1
        joined = more is not None and "@" in more[0]  # one value with the address in it, not two side by side
        end = more.end() if more is not None and joined else _uncut(text, start, end, name, key)
    # An escaped quote leaves blanks before it, which are not of the value.
    found.append((start, start + len(text[start:end].rstrip(" ")), SECRET if name is CODE else name))
    return end


def _is_placeholder(said: str, after: str) -> bool:
    """
    Say whether *said* stands for a value, before these two characters: at a full stop it ends if the sentence does.

    Behind a marker the next one may begin, `[IP][EMAIL]`, which is read as `[XX][XXXXX]`: masked is masked.
    """
    if after[:1] in _AFTER_PLACEHOLDER or after in (".", ". ", ".\n"):
        return True
    return after[0] == "[" and not said.strip("[X]")


def _is_escaped(text: str, at: int, start: int) -> bool:
    """Say whether the value that begins at *start* begins with an escaped sign: `password=%29x` in a query string."""
    return start - at == len("%29") and text.startswith("=  ", at) and not text[start : start + 1].isalnum()


def _escaped_end(text: str, start: int) -> int:
    """Return where a value ends that begins with an escaped sign, up to the next one."""
    bare = _BARE.match(text, start + 1)
    return bare.end() if bare is not None else min(start + 1, len(text))


def _uncut(text: str, start: int, end: int, name: str, key: str) -> int:
    """Return where a value ends of which no more was looked at than up to *end*; nothing is looked at twice for it."""
    if end - start < (_LONGEST_PHRASE if name in _PHRASES else _LOOKED_AT):
        return end
    more = (_MORE_LINE if name == SECRET and key.endswith(_WHOLE_LINE) else _MORE_BARE).match(text, end)
    return more.end() if more is not None else end


def _is_form(kept: str, name: str) -> bool:
    """Say whether a bare value may be a coordinate or an address of hardware, if that is what its key says."""
    if name == classes.GEO:
        return "." in kept
    if name != classes.MAC or kept.count(":") + kept.count("-") > 4:
        return True
    return len(kept) in _HARDWARE_LENGTHS and _HEX_DIGITS.issuperset(kept)


def _is_value(kept: str, name: str, separator: str, key: str) -> bool:  # noqa: PLR0911  one per class
    """Say whether bare text behind a key is its value and not prose: `password: wrong` says nothing."""
    digits = sum(map(str.isdigit, kept))
    if name == SECRET:
        if digits == len(kept) or kept.replace(".", "").isdigit():  # `session: 12345`, `dsn=4.0.0`, `pin: 1234`
            return digits > _MOST_DIGITS_OF_A_COUNT or (digits > 2 and key.endswith(_CODES))
        if separator == ":":
            return digits > 0 or "=" in kept or len(kept) > _LONG_SECRET
        return True
    if name is CODE:
        return separator == "=" and is_authorisation_code(kept.replace("  /", "/"))  # an escaped one
    least = _LEAST_DIGITS.get(name)
    if least is not None:
        return (digits >= least and _is_form(kept, name)) or (name == classes.BANK and identifiers.is_bic(kept.upper()))
    if name == classes.EMAIL:
        return "@" in kept
    if name == classes.ADDRESS and " " not in kept and "+" not in kept and _ESCAPED_LETTER not in kept:
        return False
    return _UNSPACED in kept or (digits < len(kept) > 1 and any(map(str.isalpha, kept)))


_UNSPACED = "\x7f"
"""What a letter without case is read as: one alone may be a whole name."""
_ESCAPED_LETTER = "zzz"
"""What a byte of another script's letter is read as in a URL: such streets have no blank."""
_HARDWARE_LENGTHS = (12, 16)
_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
_CODES = ("pin", "otp", "cvv", "cvc", "cvv2", "cvc2", "csc", "code", "passcode", "password", "passwd", "pwd", "pw")
_MOST_DIGITS_OF_A_COUNT = 8
_LEAST_DIGITS = {
    classes.PHONE: 6,
    classes.CARD: 12,
    classes.BANK: 6,
    classes.NATIONAL_ID: 5,
    classes.BIRTH: 4,
    classes.IP: 4,
    classes.MAC: 1,
    classes.GEO: 3,
}
"""Digits that a bare value of each class has at least: `phone=0`, `lat: 12` and `pan: 3` are something else."""


def _is_header(line: str) -> bool:
    """Say whether *line* is a header's value: `cookie: 3 found` is none."""
    head = line[:_LOOK_INTO]
    return "=" in head or max(map(len, head.split()), default=0) > _LONG_SECRET or _SCHEME.match(line) is not None


def _quoted_end(text: str, start: int, limit: int, quote: str) -> int:
    """Return where the text in *quote* ends: before the same quote, or at the end of the text."""
    end = text.find(quote, start, limit)
    # `\"` inside a value that is quoted the same way; where every quote is escaped, the escape belongs to the end.
    escaped = text[start - len(quote) - 1 : start - len(quote)] == "\\"
    while end > 0 and text[end - 1] == "\\" and not escaped and not text.endswith("\\\\", start, end):
        end = text.find(quote, end + 1, limit)
    if end < 0:
        return limit
    return end - 1 if escaped and text[end - 1] == "\\" and end - 1 > start else end


def _nested_end(text: str, start: int, limit: int, opening: str) -> int:
    """Return where what *opening* opened is closed again; nested brackets of the same kind are counted."""
    closing = _CLOSING[opening]
    depth, at = 1, start
    while depth:
        end = text.find(closing, at, limit)
        if end < 0:
            return limit
        depth += text.count(opening, at, end) - 1
        at = end + 1
    return at - 1


def _bare_end(text: str, at: int, start: int, name: str) -> int:
    """Return where a value without quotes ends."""
    if name == SECRET:
        key = text[max(0, at - 24) : at].rstrip(_STRIPPED).lower()
        if text[at] == ":" and key.endswith(_WHOLE_LINE):
            line = _LINE.match(text, start)
            if line is not None and _is_header(line[0]):
                return line.end()
        scheme = _SCHEME.match(text, start)
        bare = _BARE.match(text, scheme.end() if scheme is not None else start)
        return bare.end() if bare is not None else start
    if name in _PHRASES:
        phrase = _PHRASE.match(text, start)
        if phrase is None:
            return start
        follows = _NEXT_KEY.search(text, start, min(len(text), phrase.end() + 1))
        return follows.start() if follows is not None else start + len(phrase[0].rstrip(" .-"))
    bare = _BARE.match(text, start)
    if bare is None:
        return start
    more = _MORE_GROUPS.match(text, bare.end()) if name in _WITH_DIGIT else None
    end = more.end() if more is not None else bare.end()
    return end - 1 if text[end - 1] in ".:" and end - 1 > start else end
