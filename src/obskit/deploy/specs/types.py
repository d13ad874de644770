"""Whether a definition's values have the types that it declares: not every definition is read by a type checker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING

from obskit.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Callable

    Form = tuple[Callable[[object], bool], str]

LARGEST = 2.0**360
"""What CloudWatch takes: values between -2^360 and 2^360. CloudWatch API, `MetricDatum`, 2026-11-24."""


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= LARGEST


def _all(of: type, each: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, of) and all(each(one) for one in value)  # type: ignore[attr-defined]  # tuples


def _mapping(each: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, Mapping) and all(_is_text(key) and each(value[key]) for key in value)


FORMS: dict[str, Form] = {
    "str": (_is_text, "text in quotes"),
    "int": (_is_whole, "a whole number"),
    "float": (_is_number, "a number"),
    "float | None": (lambda value: value is None or _is_number(value), "a number"),
    "bool": (lambda value: isinstance(value, bool), "True or False"),
    "Mapping[str, str]": (_mapping(_is_text), 'a mapping of texts, e.g. {"operation": "checkout"}'),
    "Mapping[str, float]": (_mapping(_is_number), 'a mapping of numbers, e.g. {"dev": 50}'),
    "Mapping[str, Any]": (_mapping(lambda _value: True), "a mapping with texts as keys"),
    "tuple[int, int]": (
        lambda value: isinstance(value, tuple) and len(value) == 2 and all(map(_is_whole, value)),
        "a pair of whole numbers; (2, 3) is 2 of the newest 3",
    ),
    "tuple[str, ...]": (_all(tuple, _is_text), 'a tuple of texts; of one, ("name",)'),
    "tuple[tuple[str, str], ...]": (
        _all(tuple, lambda one: isinstance(one, tuple) and len(one) == 2 and all(map(_is_text, one))),
        'a tuple of pairs of texts; of one, (("value", "label"),)',
    ),
}
"""What is looked at, by the words of the annotation; others have rules of their own, which say more."""


@cache
def _looked_at(of: type) -> tuple[tuple[str, Callable[[object], bool], str], ...]:
    return tuple((one.name, *FORMS[one.type]) for one in fields(of) if one.type in FORMS)


def check_types(who: str, thing: object) -> None:
    """
    Hold each value of the data class *thing* to its declared type.

    Raises:
        DefinitionError: one is of another; nothing can be made of it, so the file ends here.
    """
    for name, fits, words in _looked_at(type(thing)):  # type: ignore[arg-type]  # any class can be looked up
        if not fits(value := getattr(thing, name)):
            raise DefinitionError(f"{who}: {name} is {_short(value)}; it must be {words}")


def check_parts(who: str, name: str, given: object, kinds: tuple[type, ...]) -> None:
    """
    Hold *given* to be a tuple of *kinds*.

    Raises:
        DefinitionError: it is not.
    """
    if not isinstance(given, tuple) or not all(isinstance(one, kinds) for one in given):
        known = " or ".join(kind.__name__ for kind in kinds)
        raise DefinitionError(
            f"{who}: {name} is {_short(given)}; it must be a tuple of {known}; of one, ({kinds[0].__name__}(…),)"
        )


def _short(value: object) -> str:
    """Return *value* as Python writes it, cut where that is long."""
    try:
        text = repr(value)
    except ValueError:  # a number of more digits than Python writes
        text = f"a {type(value).__name__}"
    return text if len(text) <= 40 else f"{text[:39]}…"
