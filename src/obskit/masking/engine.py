"""One walk over any value: JSON types come out, masked; the value itself is not touched."""

from __future__ import annotations

from obskit.masking.detectors import CARD, is_card, replace_personal
from obskit.masking.keys import KeyMemo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import NewType

    Masked = NewType("Masked", dict[str, object])
    """A document that the engine has masked; nothing else can be written."""
else:
    Masked = dict

DEEPEST = 32
"""Levels of nesting that are kept; deeper ones are replaced. A log line that a person reads has three."""

MOST_NODES = 20_000
"""Values that one call looks at; the rest is replaced. Bounds the time for cyclic and for huge values."""

UNREADABLE = "[UNREADABLE]"
TOO_DEEP = "[TOO DEEP]"
TOO_MUCH = "[TOO MUCH]"
CYCLE = "[CYCLE]"

_MARKERS = KeyMemo()


def mask(value: object) -> object:
    """
    Return a masked copy of *value* in JSON types.

    Never raises: a value that cannot be looked into is replaced, not passed on.

    >>> mask({"email": "ann@example.com", "note": "call +44 20 7946 0958", "count": 3})
    {'email': '[EMAIL]', 'note': 'call [PHONE]', 'count': 3}
    """
    try:
        return _Walk().value(value, 0)
    except Exception:  # noqa: BLE001  fails closed, whatever an object's methods do
        return UNREADABLE


def mask_document(fields: Mapping[str, object]) -> Masked:
    """Return a masked copy of *fields* that may be written."""
    try:
        return Masked(_Walk().mapping(fields.items(), 0))
    except Exception:  # noqa: BLE001  fails closed, whatever an object's methods do
        return Masked({"unreadable": UNREADABLE})


def mask_text(text: str) -> str:
    """Return *text* masked and fit for UTF-8; lone surrogates become '?'."""
    if type(text) is not str:
        text = str.__str__(text)
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    return replace_personal(text)


class _Walk:
    """One call of the engine, with what is left of its budget."""

    __slots__ = ("inside", "left")

    def __init__(self) -> None:
        self.left = MOST_NODES
        self.inside: set[int] = set()  # the containers that the walk is in at this moment, by id

    def value(self, value: object, depth: int) -> object:  # noqa: PLR0911  one line per kind of value
        kind = type(value)
        if kind is str:
            return mask_text(value)  # type: ignore[arg-type]  # the check above is exact on purpose
        if value is None or kind is bool:
            return value
        if kind is int:
            return _number(value)  # type: ignore[arg-type]
        self.left -= 1
        if self.left < 0:
            return TOO_MUCH
        if depth >= DEEPEST:
            return TOO_DEEP
        identity = id(value)
        if identity in self.inside:
            return CYCLE
        self.inside.add(identity)
        try:
            if kind is dict:
                return self.mapping(value.items(), depth)  # type: ignore[attr-defined]
            if kind is list or kind is tuple:
                return self.sequence(value, depth)  # type: ignore[arg-type]
            return self.other(value, depth)
        finally:
            self.inside.discard(identity)

    def mapping(self, items: Iterable[tuple[object, object]], depth: int) -> dict[str, object]:
        result: dict[str, object] = {}
        same: dict[str, int] = {}  # how many keys became the same text
        known = _MARKERS.get  # what the memo holds reads as a name and needs no masking itself
        for key, value in items:
            self.left -= 1
            if self.left < 0:
                result[TOO_MUCH] = TOO_MUCH
                break
            name = key if type(key) is str else _key_text(key)
            marker = known(name)
            if marker is None:
                marker = _MARKERS[name]
                name = mask_text(name)
            if name in result:
                same[name] = same.get(name, 1) + 1
                name = _free(name, same[name], result)
            if marker:
                masked: object = value if value is None or type(value) is bool or value == "" else marker
            else:
                masked = self.value(value, depth + 1)
            result[name] = masked
        return result

    def sequence(self, values: Iterable[object], depth: int) -> list[object]:
        result: list[object] = []
        for value in values:
            self.left -= 1
            if self.left < 0:
                result.append(TOO_MUCH)
                break
            result.append(self.value(value, depth + 1))
        return result

    def other(self, value: object, depth: int) -> object:
        """Handle what is not one of JSON's own types."""
        try:
            return self._converted(value, depth)
        except Exception:  # noqa: BLE001  an object's own methods may do anything
            return UNREADABLE

    def _converted(self, value: object, depth: int) -> object:  # noqa: C901, PLR0911  one line per kind of value
        if isinstance(value, str):
            return mask_text(value)
        if isinstance(value, float):
            number = float(value)
            return number if number - number == 0 else str(number)  # NaN and infinities are not JSON
        if hasattr(value, "_value_") and hasattr(value, "_name_"):  # an Enum's member
            return self.value(value._value_, depth + 1)
        if isinstance(value, int):
            return _number(int(value))
        if isinstance(value, (bytes, bytearray, memoryview)):
            return mask_text(bytes(value).decode("utf-8", "replace"))
        if isinstance(value, BaseException):
            return {"type": type(value).__name__, "message": mask_text(str(value))}
        if isinstance(value, (list, tuple, set, frozenset)):
            return self.sequence(value, depth)
        if hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
            names = value.__dataclass_fields__
            return self.mapping([(name, getattr(value, name, UNREADABLE)) for name in names], depth)
        if hasattr(value, "__next__"):
            return f"[{type(value).__name__}]"  # an iterator stays unconsumed
        if hasattr(value, "keys") and hasattr(value, "__getitem__") and not isinstance(value, type):
            return self.mapping(((key, value[key]) for key in value.keys()), depth)  # noqa: SIM118
        return mask_text(str(value))


def _number(number: int) -> int | str:
    """Return *number* unless its digits are a payment card's."""
    if number > 99_999_999_999 and number < 10**19 and is_card(str(number)):
        return CARD
    return number


def _key_text(key: object) -> str:
    if key is None or key is True or key is False:
        return {None: "null", True: "true", False: "false"}[key]
    if isinstance(key, bytes):
        return key.decode("utf-8", "replace")
    try:
        return str.__str__(str(key))
    except Exception:  # noqa: BLE001  a key's own method may do anything
        return UNREADABLE


def _free(name: str, number: int, taken: dict[str, object]) -> str:
    """Return *name* with a number: where two keys became the same text, nothing is lost."""
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"
