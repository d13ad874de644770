"""One walk over any value: JSON types come out, masked; the value itself is not touched."""

from __future__ import annotations

import sys
from itertools import islice

from obskit.errors import is_interruption
from obskit.masking import audit, classes, keys, policy
from obskit.masking.keys import (
    CODE,
    NAMED_PAIR,
    OF_TEXT,
    OTHER,
    PAYMENT_CARD,
    PERSON,
    PLACE,
    VERSION,
    KeyMemo,
    is_authorisation_code,
    is_option,
)
from obskit.masking.text import clean, is_harmless, scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import ModuleType
    from typing import Any, NewType

    from obskit.masking.text import Found

    Masked = NewType("Masked", dict[str, object])
    """A document that the engine has masked; nothing else can be written."""
else:
    Masked = dict

DEEPEST = 32
"""Levels of nesting that are kept; deeper ones are replaced. A log line that a person reads has three."""

MOST_NODES = 20_000
"""Values that one call looks at; the rest is replaced. Bounds the time for cyclic and for huge values."""

MOST_CHARACTERS = 4_000_000
"""Characters of long texts that one call looks at: four times what CloudWatch Logs takes as one event."""

DEEPEST_TEXT = 6
"""Documents inside text inside documents: SNS in SQS has two. Deeper ones are replaced."""

UNREADABLE = "[UNREADABLE]"
TOO_DEEP = "[TOO DEEP]"
TOO_MUCH = "[TOO MUCH]"
CYCLE = "[CYCLE]"

_LONG = 1024
"""Characters from which a text counts against the budget."""

_SHORTEST_BASE64 = 16
SHORTEST_DOCUMENT = 8
"""Characters of the shortest text that holds something by a key: `{"a":1}`."""
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_DEPTH_OF_LAYER = 5
"""Levels that a document inside text begins below the one around it."""

_LEAST_CARD = 10**11
_ABOVE_CARDS = 10**19
_ABOVE_NUMBERS = 10**400
"""Python refuses to write numbers of more than 4,300 digits."""

BODY, BASE64_FLAG = "body", "isBase64Encoded"
_TEXTS = (str, bytes, bytearray)
_LABELS = ("name", "Name", "key", "Key", "field", "header", "attribute", "param")
"""Keys beside `value` that say what it is the value of."""

_CLASSES = KeyMemo()
CLASSES_BELOW = {"": _CLASSES, PERSON: KeyMemo(keys.below_person), PAYMENT_CARD: KeyMemo(keys.below_card)}
_MARKERS = {name: classes.marker(name) for name in classes.CLASSES}


def mask(value: object, surface: str = audit.CALL) -> object:
    """
    Return a masked copy of *value* in JSON types.

    Never raises: a value that cannot be looked into is replaced, not passed on. *surface* is where it leaves the
    process, for the counts of `audit`.

    >>> mask({"email": "ann@example.com", "note": "call +44 20 7946 0958", "count": 3})
    {'email': '[EMAIL]', 'note': 'call [PHONE]', 'count': 3}
    """
    try:
        walk = _new_walk(surface)
        if type(value) is dict:  # nearly always: the rest of `value` is for others
            walk.inside.add(id(value))
            masked: object = walk.mapping(value, 0, "")
        else:
            masked = walk.value(value, 0)
        if walk.pending:
            walk.settle()
        if walk.found:
            walk.report()
    except Exception:  # noqa: BLE001  fails closed, whatever happens
        return _unreadable(surface)
    return masked


def mask_document(fields: Mapping[str, object], surface: str = audit.CALL) -> Masked:
    """Return a masked copy of *fields* that may be written."""
    try:
        walk = _new_walk(surface)
        masked = walk.mapping(fields if type(fields) is dict else _plain(fields), 0, "")
        walk.settle()
        if walk.found:
            walk.report()
    except Exception:  # noqa: BLE001  fails closed, whatever happens
        return Masked({"unreadable": _unreadable(surface)})
    return masked  # type: ignore[return-value]  # what `Masked` would make of it is a copy


def mask_text(text: str, surface: str = audit.CALL) -> str:
    """Return *text* masked and fit for UTF-8; lone surrogates become '?'."""
    try:
        walk = _new_walk(surface)
        masked = walk.text(text if type(text) is str else str.__str__(text))
        if walk.found:
            walk.report()
    except Exception:  # noqa: BLE001  fails closed
        return _unreadable(surface)
    return masked


def mask_field(name: str, value: object, surface: str = audit.CALL) -> str:
    """
    Return text for *value*, masked by the key *name* it stands under or by what it says.

    Whatever the policy says, markers stand for what is found: a pseudonym in a dimension would be a metric of its own.
    """
    try:
        walk = _new_walk(surface)
        walk.show_markers()
        named = _CLASSES.says(name)
        of = OF_TEXT.get(named, named)
        if of in _MARKERS:
            walk.found.append(of)
            masked = _MARKERS[of]
        else:
            masked = walk.text(str.__str__(value if isinstance(value, str) else str(value)))
        if walk.found:
            walk.report()
    except Exception:  # noqa: BLE001  fails closed
        return _unreadable(surface)
    return masked


_encoded: list[ModuleType] = []
"""Loaded with the first document in a text: an import statement in its place would cost each as much as a look."""


def _documents() -> Any:
    if not _encoded:
        from obskit.masking import encoded

        _encoded.append(encoded)
    return _encoded[0]


def _plain(fields: Mapping[str, object]) -> dict[str, object]:
    from obskit.masking.objects import items

    return items(fields)


def _unreadable(surface: str) -> str:
    """Return what stands for what cannot be read, while the error is handled; what a signal handler raised goes on."""
    error = sys.exc_info()[1]
    if error is not None and is_interruption(error):
        raise error
    audit.add(surface, (audit.UNREADABLE,))
    return UNREADABLE


def _open(surface: str) -> Walk:
    """Return a walk that heeds the policy."""
    rules = policy.policy()
    if rules.plain:
        return Walk(surface)
    from obskit.masking.governed import GovernedWalk

    return GovernedWalk(surface, rules)


def _refuse(surface: str) -> Walk:
    raise RuntimeError(surface)


_new_walk = _open


def close() -> None:
    """Replace every text by `[UNREADABLE]` from now on: the engine cannot be trusted."""
    global _new_walk  # noqa: PLW0603  the one home of this state
    _new_walk = _refuse


def reset() -> None:
    """Undo `close`."""
    global _new_walk  # noqa: PLW0603
    _new_walk = _open


class Walk:
    """
    One call of the engine, with what is left of its budgets.

    `found` has the class of each value that was replaced; a subclass may say more of each.
    """

    __slots__ = ("characters", "found", "inside", "layers", "left", "pending", "subject", "surface")

    def __init__(self, surface: str) -> None:
        self.surface = surface
        self.found: list[Any] = []
        self.left = MOST_NODES
        self.characters = MOST_CHARACTERS
        self.layers = 0
        self.subject = ""  # what the key of the text that is looked at is about
        self.inside: set[int] = set()  # the containers that the walk is in at this moment, by id
        self.pending: list[Any] = []  # texts: (what holds it, key or index, text); a subclass says more of each

    def show_markers(self) -> None:
        """Put a marker for whatever is found, whatever a policy says; this walk never puts anything else."""

    def value(self, value: object, depth: int, subject: str = "") -> object:  # noqa: PLR0911  one line per kind of value
        """Return *value* masked; *subject* is what the key above it is about: a person, a card, or nothing."""
        kind = type(value)
        if kind is not dict and kind is not list:  # those that come here most
            if kind is str:
                return self.text(value)  # type: ignore[arg-type]  # the check above is exact on purpose
            if value is None or kind is bool:
                return value
            if kind is int:
                return self.integer(value)  # type: ignore[arg-type]
            if kind is float:
                return self.real(value)  # type: ignore[arg-type]
        if depth >= DEEPEST:
            self.found.append(audit.TOO_MUCH)
            return TOO_DEEP
        identity = id(value)
        if identity in self.inside:
            return CYCLE
        self.inside.add(identity)
        try:
            if kind is dict:
                return self.mapping(value, depth, subject)  # type: ignore[arg-type]
            if kind is list or kind is tuple:
                return self.sequence(value, depth, subject)  # type: ignore[arg-type]
            return self.other(value, depth, subject)
        finally:
            self.inside.discard(identity)

    def mapping(  # noqa: C901, PLR0912  the hot loop: a call for each kind of value would double its time
        self, mapping: dict[str, object], depth: int, subject: str
    ) -> dict[str, object]:
        """Return *mapping* masked: a copy, in which what has to change is replaced."""
        self.left -= len(mapping)
        if self.left < 0:
            return self.rest(mapping, {}, depth, subject)
        known = CLASSES_BELOW.get(subject, _CLASSES)
        pending = len(self.pending)
        result = mapping.copy()
        for key, value in result.items():  # replacing values while iterating is allowed, adding keys is not
            name = known[key]
            if not name:
                kind = type(value)
                if kind is str:
                    if value not in clean and not is_harmless(value):  # type: ignore[arg-type]  # the check is exact
                        self.pending.append((result, key, value))
                elif kind is int or kind is float:
                    if not -_LEAST_CARD < value < _LEAST_CARD:  # type: ignore[operator]  # NaN neither
                        result[key] = self.value(value, depth)
                elif kind is not bool and value is not None:
                    result[key] = self.value(value, depth + 1)
            elif name in _MARKERS:
                if value is not None and type(value) is not bool and value != "":
                    result[key] = _MARKERS[name]
                    self.found.append(name)
            elif name is OTHER:
                return self.renamed(mapping, result, list(result).index(key), pending, depth, subject)
            else:
                result[key] = self.structural(name, value, mapping, depth)
        if BASE64_FLAG in result and result[BASE64_FLAG] is True:
            self.body(result, pending)
        return result

    def structural(  # noqa: C901, PLR0911  one line per mark
        self, name: str, value: object, mapping: Mapping[str, object], depth: int
    ) -> object:
        """Return *value* masked, whose key says what is below it or beside it, or what it is if it looks like it."""
        if name is NAMED_PAIR:
            of = _label(mapping) if value is not None and type(value) is not bool and value != "" else ""
            return self.named(of, value, depth) if of else self.value(value, depth + 1)
        if isinstance(value, (bytes, bytearray)) and name in OF_TEXT:
            return self.named(OF_TEXT[name], value, depth)
        if isinstance(value, str):
            text = str.__str__(value)
            if name in OF_TEXT:
                return self.named(OF_TEXT[name], text, depth) if text else text
            if name is VERSION and _is_version(text):
                return text
            if name in (PERSON, PAYMENT_CARD):
                self.subject = name
                try:
                    return self.text(text)
                finally:
                    self.subject = ""
            if name is CODE and is_authorisation_code(text):
                return self.named(classes.SECRET, text, depth)
        elif name in OF_TEXT and isinstance(value, (list, tuple)) and all(isinstance(item, _TEXTS) for item in value):
            return [self.named(OF_TEXT[name], item, depth) if item != "" else "" for item in value]
        elif (
            type(value) is dict and len(value) == 1 and isinstance(value.get("S"), str)
        ):  # DynamoDB's way to say a text
            return {"S": self.structural(name, value["S"], mapping, depth)}
        masked = self.value(value, depth + 1, PERSON if name is PLACE else name)
        if type(masked) is str and not isinstance(value, str):  # such as a UUID: its text is judged as any other
            return self.structural(name, masked, mapping, depth)
        return masked

    def named(self, name: str, value: object, depth: int) -> object:  # noqa: ARG002  a subclass looks at them
        """Return what stands for *value*, which is of class *name*."""
        self.found.append(name)
        return _MARKERS[name]

    def card(self, number: int) -> object:  # noqa: ARG002  a subclass looks at it
        """Return what stands for *number*, a payment card's."""
        self.found.append(classes.CARD)
        return _MARKERS[classes.CARD]

    def rest(
        self, mapping: Mapping[str, object], result: dict[str, object], depth: int, subject: str
    ) -> dict[str, object]:
        """Add to *result* those of *mapping* that are not in it yet: where keys change, too, or the budget ends."""
        known = CLASSES_BELOW.get(subject, _CLASSES)
        same: dict[str, int] = {}  # how many keys became the same text
        left = len(mapping) + min(self.left, 0)
        for number, (key, value) in enumerate(list(mapping.items())[len(result) :], len(result)):
            if number >= left:
                result[TOO_MUCH] = TOO_MUCH
                self.found.append(audit.TOO_MUCH)
                break
            name = known[key]
            text = key if type(key) is str else key_text(key)
            if name is OTHER:
                name = class_of_data(text)
                text = self.text(text)
            if text in result:
                same[text] = same.get(text, 1) + 1
                text = free(text, same[text], result)
            if name in _MARKERS:
                kept = value is None or type(value) is bool or value == ""
                result[text] = value if kept else self.named(name, value, depth)
            elif name:
                result[text] = self.structural(name, value, mapping, depth)
            else:
                is_body = text == BODY and type(value) is str and mapping.get(BASE64_FLAG) is True
                body = self.body_text(value) if is_body else None  # type: ignore[arg-type]  # just looked at
                result[text] = self.value(value, depth + 1) if body is None else body
        return result

    def renamed(  # noqa: PLR0913, PLR0917  where the walk of the mapping stands
        self, mapping: dict[str, object], result: dict[str, object], done: int, pending: int, depth: int, subject: str
    ) -> dict[str, object]:
        """Go on with *mapping*, of which *done* keys are in *result*, where a key is data and becomes another."""
        kept = dict(islice(result.items(), done))
        self.pending[pending:] = [
            (kept if place is result else place, key, text) for place, key, text in self.pending[pending:]
        ]
        if mapping.get(BASE64_FLAG) is True:
            self.body(kept, pending)
        return self.rest(mapping, kept, depth, subject)

    def sequence(self, values: Iterable[object], depth: int, subject: str) -> list[object]:
        """Return *values* masked; pairs of a name and a value, as headers come, are masked by the name."""
        result = list(values)
        self.left -= len(result)
        spent = self.left < 0
        if spent:
            del result[max(0, len(result) + self.left) :]
            self.left = 0
        if are_pairs(result):
            self.pairs(result, depth)
        else:
            self.elements(result, depth, subject)
        if spent:
            result.append(TOO_MUCH)
            self.found.append(audit.TOO_MUCH)
        return result

    def elements(self, result: list[object], depth: int, subject: str) -> None:
        for index, value in enumerate(result):
            if type(value) is str:
                if index and is_option(result[index - 1], value):
                    result[index] = self.named(classes.SECRET, value, depth)
                elif value not in clean and not is_harmless(value):
                    self.pending.append((result, index, value))
            else:
                result[index] = self.value(value, depth + 1, subject)

    def pairs(self, result: list[Any], depth: int) -> None:
        result[:] = [self.pair(pair, depth) for pair in result]

    def pair(self, pair: list[object] | tuple[object, ...], depth: int) -> list[object]:
        key, value = pair
        name = _CLASSES[key]  # type: ignore[index]  # the memo takes any key
        if name is OTHER:
            name = class_of_data(str(key))
        of = OF_TEXT.get(name, name)
        if of in _MARKERS and value is not None and type(value) is not bool and value != "":
            return [self.text(str(key)), self.named(of, value, depth)]
        return self.sequence(pair, depth + 1, "")

    def body(self, result: dict[str, object], pending: int) -> None:
        """Mask what `body` says in base64; it is then none of the texts that are *pending* since that index."""
        body = result.get(BODY)
        masked = self.body_text(body) if type(body) is str else None
        if masked is None:
            return
        result[BODY] = masked
        for number in range(pending, len(self.pending)):
            place, key, _ = self.pending[number]
            if place is result and key == BODY:
                del self.pending[number]
                break

    def body_text(self, body: str) -> str | None:
        """Return API Gateway's *body*, which `isBase64Encoded` declares to be base64, masked; None if it stays."""
        masked: str | None = _documents().mask_base64(body, self.text)
        return masked

    def text(self, text: str) -> str:
        """Return *text* masked at once: the documents in it by their keys, the rest by what it says."""
        return text if text in clean or is_harmless(text) else self.texts([text])[0]

    def settle(self) -> None:
        """Mask the texts that the walk has met, all together, and put them where they belong."""
        pending = self.pending
        if pending:
            self.pending = []
            for (place, key, text), masked in zip(pending, self.texts([text for _, _, text in pending]), strict=True):
                if masked is not text:
                    place[key] = masked  # an index of a list, or a key of a dict

    def texts(self, texts: list[str]) -> list[str]:
        """Return *texts* masked; one in which nothing changes is returned as it is."""
        result = texts.copy()
        plain = texts.copy()  # a document leaves an empty text in its place: two lists of numbers would cost more
        for number, text in enumerate(texts):
            size = len(text)
            # What `document` looks at, without a call for each of the many texts that are none.
            if size >= SHORTEST_DOCUMENT and (
                '"' in text
                or size >= _LONG
                or text[0] in "{["
                or (not size & 3 and size >= _SHORTEST_BASE64 and _is_base64(text))
            ):
                masked = self.document(text, size)
                if masked is not None:
                    result[number] = masked
                    plain[number] = ""
                    continue
            if not text.isascii():
                result[number] = plain[number] = readable(text)
        if any(plain):
            for number, spans in scan(plain).items():
                result[number] = self.replaced(plain[number], spans)
        return result

    def document(self, text: str, size: int) -> str | None:
        """Return *text* masked if it is one document or holds some, or is too long; None if it is plain."""
        if size >= _LONG:
            self.characters -= size
            if self.characters < 0:
                self.found.append(audit.TOO_MUCH)
                return TOO_MUCH
        if text[0] in '{["' or ('"' in text and ("{" in text or "[" in text)):
            masked = self.deeper(_documents().mask_json, text, self.parsed, self.around)
            if masked is not None and masked.endswith(TOO_MUCH) and not text.endswith(TOO_MUCH):
                self.found.append(audit.TOO_MUCH)  # too many braces that begin nothing
            return masked
        if not size & 3 and size >= _SHORTEST_BASE64 and _is_base64(text):
            return self.deeper(_documents().mask_base64, text, self.text)
        return None

    def around(self, text: str) -> str:
        """Return *text* from beside a document, masked."""
        if not text or text in clean:
            return text
        spans = scan([text], remember=False).get(0)  # a part may be clean of what the whole is not
        return readable(self.replaced(text, spans) if spans else text)

    def deeper(self, mask: Callable[..., str | None], *arguments: object) -> str | None:
        if self.layers >= DEEPEST_TEXT:
            self.found.append(audit.TOO_MUCH)
            return TOO_DEEP
        self.layers += 1
        try:
            return mask(*arguments)
        finally:
            self.layers -= 1

    def parsed(self, value: object, key: str) -> object:
        """Return a *value* that stood in text behind *key* masked; it is as deep as the texts around it."""
        name = _CLASSES.says(key.rpartition(".")[2]) if key else self.subject
        if name in _MARKERS and not isinstance(value, str):
            return self.named(name, value, self.layers * _DEPTH_OF_LAYER)
        subject, self.subject = self.subject, ""
        outer, self.pending = self.pending, []
        try:
            masked = self.value(value, self.layers * _DEPTH_OF_LAYER, PERSON if name is PLACE else name)
            self.settle()
        finally:
            self.pending = outer
            self.subject = subject
        return masked

    def other(self, value: object, depth: int, subject: str) -> object:
        """Handle what is not one of JSON's own types."""
        try:
            from obskit.masking.objects import converted

            return converted(self, value, depth, subject)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # an object's own methods may raise anything
            if is_interruption(error):
                raise
            self.found.append(audit.UNREADABLE)
            return UNREADABLE

    def integer(self, number: int) -> object:
        """Return *number* unless its digits are a payment card's, or too many to be written."""
        digits = abs(number)
        if digits < _LEAST_CARD:
            return number
        if digits < _ABOVE_CARDS:
            from obskit.masking.identifiers import is_card

            return self.card(number) if is_card(str(digits)) else number
        if digits < _ABOVE_NUMBERS:
            return number
        self.found.append(audit.TOO_MUCH)
        return TOO_MUCH

    def real(self, number: float) -> object:
        """Return *number* unless it is a payment card's, or none that JSON has."""
        if number - number != 0:
            return str(number)  # NaN and infinities are not JSON
        if number == number // 1 and _LEAST_CARD <= abs(number) < _ABOVE_CARDS:
            whole = int(number)
            masked = self.integer(whole)
            return number if masked is whole else masked
        return number

    def replaced(self, text: str, found: Found) -> str:
        """Return *text* with what was *found* in it replaced."""
        parts: list[str] = []
        done = 0
        for start, end, name in found:
            parts += (text[done:start], _MARKERS[name])
            self.found.append(name)
            done = end
        parts.append(text[done:])
        return "".join(parts)

    def report(self) -> None:
        """Count what was found."""
        audit.add(self.surface, self.found)


def _label(mapping: Mapping[str, object]) -> str:
    """Return the class that the name beside a value in *mapping* names, an empty string if it names none."""
    for label in _LABELS:
        said = mapping.get(label)
        if type(said) is str:
            name = _CLASSES.says(said)
            of = OF_TEXT.get(name, name)
            return of if of in _MARKERS else ""
    return ""


def _is_version(text: str) -> bool:
    """Say whether *text* is made of four numbers like an address of a network, which under this key it is not."""
    parts = text.split(".")
    return len(parts) == 4 and all(part.isdigit() and part.isascii() and len(part) < 6 for part in parts)


def are_pairs(values: list[object]) -> bool:
    """Say whether every one of *values* is a name and a value, as headers come in lists."""
    if not values or not isinstance(values[0], (list, tuple)):
        return False
    for value in values:
        if not isinstance(value, (list, tuple)) or len(value) != 2 or type(value[0]) is not str:
            return False
    return True


def _is_base64(text: str) -> bool:
    """Say whether *text* has no other characters than base64; bytes tell it in a tenth of a set's time."""
    return text.isascii() and not text.encode().translate(None, _BASE64)


def readable(text: str) -> str:
    """Return *text* fit for UTF-8, as long as it was: a lone surrogate becomes '?'."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def class_of_data(key: str) -> str:
    """Return the class of what *key* names, which is data itself."""
    if key.isascii():
        return keys.class_of(key)
    from obskit.masking.fold import fold

    return keys.class_of(fold(key))


def key_text(key: object) -> str:
    if key is None or key is True or key is False:
        return {None: "null", True: "true", False: "false"}[key]
    if isinstance(key, bytes):
        return key.decode("utf-8", "replace")
    try:
        if hasattr(key, "_value_") and hasattr(key, "_name_"):  # an Enum's member says what it stands for, as values do
            key = key._value_
        # What a text holds decides, as it does in `json`; its own `__str__` may say something else.
        return str.__str__(key if isinstance(key, str) else str(key))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # an object's own methods may raise anything
        if is_interruption(error):
            raise
        return UNREADABLE


def free(name: str, number: int, taken: dict[str, object]) -> str:
    """Return *name* with a number: where two keys became the same text, nothing is lost."""
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"
