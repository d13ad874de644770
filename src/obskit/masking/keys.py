"""
What the name of a key says of its value: matched as whole words, never as parts of words.

A name is looked up in its normal form (`names`); one word that is glued from several (`oauthtoken`,
`homephone`) by its end, or where it splits wholly into known words.
"""

from __future__ import annotations

from obskit.masking import classes
from obskit.masking.names import (
    ABBREVIATIONS,
    BELOW_CARD,
    BELOW_PERSON,
    CODE,
    GLUED,
    HARMLESS_BEGINNINGS,
    HARMLESS_ENDINGS,
    HARMLESS_NAMES,
    HARMLESS_SPELLINGS,
    HARMLESS_STARTS,
    KEY_ENDS,
    MAIL,
    NAME_ENDS,
    NAMED_PAIR,
    NOT_IN_PROSE,
    OF_TEXT,
    ONLY_ALONE,
    ONLY_LAST,
    OPEN,
    OTHER,
    PASSES,
    PAYMENT_CARD,
    PERSON,
    PERSONS,
    PLACE,
    SECRET,
    SENSITIVE,
    SESSION,
    STRONG_ENDS,
    SUBJECTS,
    VERSION,
    WEAK_ENDS,
    WHOLE,
    by_name,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container

# With the marks, which whoever reads keys has to know.
__all__ = (
    "CODE",
    "LAST_WORDS",
    "MAIL",
    "NAMED_PAIR",
    "OF_TEXT",
    "OTHER",
    "PAYMENT_CARD",
    "PERSON",
    "PLACE",
    "SECRET",
    "SESSION",
    "VERSION",
    "KeyMemo",
    "below_card",
    "below_person",
    "class_of",
    "class_of_phrase",
    "is_authorisation_code",
    "is_option",
    "last_words",
    "words_of",
)

_UNACCENTED = str.maketrans(
    "àáâãäåçèéêëìíîïñòóôõöùúûüýøłđÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝØŁĐ",
    "aaaaaaceeeeiiiinooooouuuuyoldAAAAAACEEEEIIIINOOOOOUUUUYOLD",
)

_REMEMBERED = 4096
"""Keys kept in a memo: those of one platform's log lines are a few hundred."""

_LONGEST_NAME = 96
"""Characters of a key that is looked at by name; a longer one is data, not a name."""

_LONGEST_NAME_OF_DATA = 48
"""Characters of a key that may be data and is looked at by name all the same, where only its value is in question."""

_MOST_DIGITS = 4
"""Digits in a key that may be remembered: fewer than any telephone number has."""

_MOST_WORDS = 8
"""Words of such a key."""

_DIGITS = b"0123456789"
_NAME_CHARACTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-.$:#/ []"

_LONGEST_GRAM = 4
_SHORTEST_PLURAL = 6
"""Letters of a single word from which an `s` is a plural: `tokens` are counted, `signatures` are secret."""


def words_of(key: str) -> list[str]:
    """
    Return the words of *key* in lower case: camel case and every other character divide them.

    >>> words_of("X-Amz-userID2"), words_of("customerEmail")
    (['x', 'amz', 'user', 'id', '2'], ['customer', 'email'])
    """
    if key.islower() and key.isascii() and key.replace("_", "").isalpha():  # as most keys of Python's are
        return [word for word in key.split("_") if word]
    global _find_words  # noqa: PLW0603  its one home
    if _find_words is None:
        import re  # a cold start has no such key, and compiles nothing

        _find_words = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+").findall
    return [word.lower() for word in _find_words(key)]


_find_words: Callable[[str], list[str]] | None = None


if TYPE_CHECKING:
    LAST_WORDS: frozenset[str]
    """Words that a sensitive name can end with: only behind one of them is a phrase looked at."""


def __getattr__(name: str) -> object:
    """Make `LAST_WORDS` when it is first asked for: a cold start that reads no prose does without."""
    if name != "LAST_WORDS":
        raise AttributeError(name)
    last = globals()[name] = last_words(SENSITIVE)
    return last


def last_words(kinds: Container[str]) -> frozenset[str]:
    """Return the words that a name of one of *kinds* can end with."""
    return frozenset([key.rpartition("_")[2] for key, found in WHOLE.items() if found in kinds])


def class_of(key: str) -> str:
    """
    Return the class of what *key* names, a structural mark, or an empty string.

    >>> class_of("customerEmail"), class_of("session_count"), class_of("author"), class_of("twiliotoken")
    ('EMAIL', '', '', 'SECRET')
    >>> class_of("shippingAddress") is PLACE, class_of("shippingAddressId")
    (True, '')
    """
    if len(key) > _LONGEST_NAME or key in HARMLESS_SPELLINGS:
        return ""
    if not key.isascii():
        key = key.translate(_UNACCENTED).replace("ß", "ss")
    if "[" in key:
        key = _without_tokens(key)
    words = words_of(key)
    name = "_".join(words)
    found = WHOLE.get(name)
    if found is not None:
        return found
    if name.startswith(HARMLESS_STARTS):
        return ""
    return _behind_subject(words) or _by_words(words)


def _without_tokens(key: str) -> str:
    """Return *key* without what obskit has put there: a key that was masked itself does not name what it holds."""
    from obskit.masking.forms import is_token  # keys in brackets are few

    kept, rest = "", key
    while "[" in rest:
        before, _, rest = rest.partition("[")
        inside, bracket, after = rest.partition("]")
        if bracket and is_token(f"[{inside}]"):
            kept, rest = kept + before, after
        else:
            kept += before + "["
    return kept + rest


def _behind_subject(words: list[str]) -> str:
    """Return what a name says that means something only alone, behind words that say whose it is: `user_nie`."""
    count = len(words)
    start = 0
    while start < count - 1 and words[start] in SUBJECTS:
        start += 1
    if not start:
        return ""
    rest = "_".join(words[start:])
    if rest in ONLY_ALONE:
        found = ONLY_ALONE[rest]
        if not found and words[start - 1] in PERSONS:
            return BELOW_PERSON.get(rest, "")
        return OF_TEXT.get(found, "") if found is MAIL else "" if found in (CODE, NAMED_PAIR) else found
    found = WHOLE.get(rest, "")
    return found if found in (PERSON, PAYMENT_CARD) else ""


def _by_words(words: list[str]) -> str:
    """Return the class of the words that name something sensitive, the longest and last first."""
    for end in range(len(words), 0, -1):
        last = words[end - 1]
        open_ended = last[-1] == "s" or last in OPEN
        for start in range(max(0, end - _LONGEST_GRAM), end - 1):
            gram = "_".join(words[start:end])
            found = WHOLE.get(gram)
            if found and gram in ONLY_ALONE:
                continue
            if found is None and open_ended:
                found = _family(words, start, end) or WHOLE.get(_singular(gram))
            if found == "":
                return ""
            if found in SENSITIVE and not _is_about(words, start, end):
                return found
        found = _word(last, words[end:])
        if found is not None and not _is_about(words, end - 1, end):
            return found
    return ""


def _word(word: str, behind: list[str]) -> str | None:
    """Return the class that one *word* names before those *behind*, "" for a harmless name, None if it is no name."""
    if word in ONLY_ALONE or (word in ONLY_LAST and not all(map(str.isdigit, behind))):
        return None
    found = WHOLE.get(word)
    if found is not None:
        return found if not found or found in SENSITIVE else None
    if word[-1] == "s" and len(word) > _SHORTEST_PLURAL:
        found = WHOLE.get(_singular(word))
        if found in SENSITIVE and _singular(word) not in ONLY_ALONE:
            return found
    return _glued(word)


def _singular(name: str) -> str:
    return name[:-2] if name.endswith("resses") else name[:-1]


def _family(words: list[str], start: int, end: int) -> str | None:
    """Return SECRET where two words say so by their kind: `redis_pass`, `stripeapi_key`."""
    first, last = words[start], words[end - 1]
    if end - start == 2:
        if last == "pass" and end == len(words) and first not in PASSES and not first.isdigit():
            return SECRET
        if last in OPEN and (first + last).endswith(KEY_ENDS):
            return SECRET
    return None


def _is_about(words: list[str], start: int, end: int) -> bool:
    """Say whether the other words make of a name something about it: `password_length`, `has_phone`."""
    before = words[:start]
    if before and (before[0] in HARMLESS_BEGINNINGS or "is" in before or "has" in before):
        return True
    if before[:2] == ["number", "of"] or (before[:1] == ["next"] and words[-1] == "token"):
        return True
    if end == len(words):
        return False
    return words[-1] in HARMLESS_ENDINGS or words[-2:] in (["opt", "in"], ["key", "id"])


def class_of_phrase(words: list[str]) -> str:
    """
    Return the class that the last of *words* name, an empty string if they name nothing sensitive.

    >>> class_of_phrase(["your", "date", "of", "birth"]), class_of_phrase(["password", "policy"])
    ('BIRTH', '')
    """
    count = len(words)
    for start in range(max(0, count - _LONGEST_GRAM), count):
        name = words[start] if start + 1 == count else "_".join(words[start:])
        found = WHOLE.get(name)
        if found == "" or name in NOT_IN_PROSE:
            return ""
        if found in OF_TEXT:
            return OF_TEXT[found]
        if found in classes.CLASSES:
            return found
    return ""


def below_person(key: str) -> str:
    """Return the class of *key* where a person is the subject, or an empty string."""
    return BELOW_PERSON.get("_".join(words_of(key)), "")


def below_card(key: str) -> str:
    """Return the class of *key* where a payment card is the subject, or an empty string."""
    return BELOW_CARD.get("_".join(words_of(key)), "")


_SHORTEST_CODE = 10
_LONG_CODE = 20


def is_authorisation_code(text: str) -> bool:
    """
    Say whether *text* under `code` looks like OAuth's and not like an error's.

    >>> is_authorisation_code("SplxlOBeZQQYbYS6WxSbIA"), is_authorisation_code("card_declined")
    (True, False)
    """
    if len(text) < _SHORTEST_CODE or not text.replace("-", "").replace("_", "").replace("/", "").isalnum():
        return False
    if text.isalpha() or text.isdigit():
        return False
    return (text.lower() != text != text.upper()) or (len(text) >= _LONG_CODE and "_" not in text)


def is_option(option: object, value: str) -> bool:
    """
    Say whether *value* is the secret that an *option* of a command before it names.

    >>> is_option("--password", "hunter2"), is_option("-u", "ann:tiger"), is_option("--password", "--verbose")
    (True, True, False)
    """
    if type(option) is not str or not option.startswith("-") or not value or value.startswith("-"):
        return False
    if " " in option or "=" in option:  # has its value with it
        return False
    if option in ("-u", "-U", "--user", "--proxy-user"):
        return ":" in value
    return option.startswith("--") and class_of(option) == SECRET


# --- one word that is glued from several ------------------------------------------------------------------------------

_SHORTEST_GLUED, _LONGEST_GLUED = 5, 32
"""Letters of a word that is looked at."""
_SHORTEST_PART = 3
_MOST_PARTS = 4
_TAIL = 2
"""Letters of the end of a word that are looked at first: most words have none of the ends."""

_STRONG = tuple(STRONG_ENDS)
_ENDS = (*_STRONG, *WEAK_ENDS, *NAME_ENDS)
_TAILS = frozenset([end[-_TAIL:] for end in _ENDS])
_HARMLESS_RUNS = (*" ".join(HARMLESS_NAMES).replace("_", "").split(),)

_RUNS: dict[str, str] = {}
"""Classes by name without joints (`firstname`); filled by the first word that could be glued."""
_KNOWN: set[str] = set()
"""The words that a glued word may consist of; filled together with the runs."""


def _glued(word: str) -> str | None:
    """Return the class of a *word* that is glued from several, "" if it is harmless, None if it is no name."""
    if word[-_TAIL:] not in _TAILS or not _SHORTEST_GLUED <= len(word) <= _LONGEST_GLUED or not word.endswith(_ENDS):
        return None
    if not _RUNS:
        _learn_runs()
    found = _RUNS.get(word)
    if found is not None:
        return found
    if word.endswith(_STRONG):
        return _behind_strong_end(word)
    words = _split(word, _MOST_PARTS) if word.endswith(WEAK_ENDS) else []
    return _behind_subject(words) or _by_words(words) or None


def _behind_strong_end(word: str) -> str:
    """Return the class that the end of *word* names; "" where what is glued before it makes it harmless."""
    for end, name in STRONG_ENDS.items():
        if word.endswith(end):
            harmless = word.removesuffix(end) in HARMLESS_BEGINNINGS or word.endswith(_HARMLESS_RUNS)
            return "" if harmless else name
    return ""


def _split(word: str, most: int) -> list[str]:
    """Return the known words, *most* of them at most, that *word* is wholly glued from; none if it is not."""
    for at in range(2, len(word) - 1):
        if word[:at] in _KNOWN:
            rest = word[at:]
            if rest in _KNOWN:
                return [word[:at], rest]
            words = _split(rest, most - 1) if most > 2 else []
            if words:
                return [word[:at], *words]
    return []


def _learn_runs() -> None:
    """Fill the tables for glued words."""
    names = by_name()
    words = set(" ".join(names).replace("_", " ").split()) - ABBREVIATIONS
    _KNOWN.update([word for word in words if len(word) >= _SHORTEST_PART], GLUED)
    names.update(dict.fromkeys(HARMLESS_NAMES, ""))
    for name in ONLY_ALONE:
        names.pop(name, None)
    _RUNS.update(zip(" ".join(names).replace("_", "").split(), names.values(), strict=True))


# --- what is remembered -----------------------------------------------------------------------------------------------

_VERSIONS = ("version", "release", "build", "revision")
_SHORTEST_TOKEN = 16


def _may_be_data(key: str, digits: int) -> bool:
    """Say whether a *key* of name characters is rather a token or an address than a name."""
    if key.islower() and not digits and "::" not in key:
        return False
    if not any(map(str.isalpha, key)) or "::" in key:
        return True
    if len(key) < _SHORTEST_TOKEN:
        return False
    return any(
        len(word) >= _SHORTEST_TOKEN and (digits > 0 or word.isupper()) and "_" not in word[4:]
        for word in key.replace(":", " ").split()
    )


class KeyMemo(dict[str, str]):
    """
    Classes by key.

    Bounded, and it keeps only what reads as a name, so that no personal data stays in memory. A key that does not is
    `OTHER`: it may be personal data itself.

    Args:
        below: what gives the class of a key that only its subject makes sensitive.
    """

    __slots__ = ("_below",)

    def __init__(self, below: Callable[[str], str] | None = None) -> None:
        super().__init__()
        self._below = below

    def says(self, key: str) -> str:
        """
        Return the class of *key* where only its value is in question, of one that may be data itself, too.

        >>> KeyMemo().says("X-TYPESENSE-API-KEY"), KeyMemo()["X-TYPESENSE-API-KEY"] is OTHER
        ('SECRET', True)
        """
        name = self[key]
        if name is not OTHER:
            return name
        # A body of base64 has more digits and words: to read it as a name takes as long as to mask a line.
        if len(key) > _LONGEST_NAME_OF_DATA or sum(map(str.isdigit, key)) > _MOST_DIGITS:
            return ""
        return class_of(key) if len(words_of(key)) <= _MOST_WORDS else ""

    def __missing__(self, key: object) -> str:
        if type(key) is not str or len(key) > _LONGEST_NAME or not key.isascii():
            return OTHER
        if key.startswith("[") and key[1:].partition("]")[0] in classes.CLASSES:  # was masked itself
            return ""
        # Keys that are data come by the thousand and are not remembered: bytes tell them apart fastest.
        letters = key.encode().translate(None, _DIGITS)
        if len(key) - len(letters) > _MOST_DIGITS or letters.translate(None, _NAME_CHARACTERS):
            return OTHER
        if _may_be_data(key, len(key) - len(letters)):
            return OTHER
        name = class_of(key)
        if not name and key.lower().endswith(_VERSIONS):
            name = VERSION
        if self._below is not None and name not in classes.CLASSES:
            name = self._below(key) or name
        if len(self) < _REMEMBERED:
            self[key] = name
        return name
