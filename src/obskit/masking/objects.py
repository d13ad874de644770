"""Values of other than JSON's own types: bytes, members of an Enum, errors, records of any library, collections."""

from __future__ import annotations

from itertools import islice

from obskit.errors import is_interruption
from obskit.masking import audit
from obskit.masking.engine import MOST_NODES, UNREADABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from obskit.masking.engine import Walk


def converted(walk: Walk, value: object, depth: int, subject: str) -> object:  # noqa: PLR0911  one line per kind
    """
    Return *value* in JSON types, masked.

    Raises:
        BaseException: whatever the value's own methods raise.
    """
    if isinstance(value, str):
        return walk.text(str.__str__(value))
    if isinstance(value, float):
        return walk.value(float(value), depth)
    if hasattr(value, "_value_") and hasattr(value, "_name_"):  # an Enum's member
        return walk.value(value._value_, depth + 1, subject)
    if isinstance(value, int):
        return walk.value(int(value), depth)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return walk.text(bytes(value).decode("utf-8", "replace"))
    if isinstance(value, BaseException):
        return _exception(walk, value, depth)
    fields = _fields(value)
    if fields is not None:
        return walk.mapping(fields, depth, subject)
    if hasattr(value, "__next__"):
        return f"[{type(value).__name__}]"  # an iterator stays unconsumed
    if isinstance(value, (list, tuple, set, frozenset)) or _is_plain_collection(value):
        return walk.sequence(_elements(value), depth, subject)
    return walk.text(str.__str__(str(value)))


def _exception(walk: Walk, error: BaseException, depth: int) -> dict[str, object]:
    """Return what *error* says, with its notes, its cause and the members of a group."""
    told: dict[str, object] = {"type": walk.text(type(error).__name__), "message": _said(walk, error)}
    notes = getattr(error, "__notes__", None)
    if notes:
        told["notes"] = walk.value(_elements(notes), depth + 1)
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        told["cause"] = walk.value(cause, depth + 1)
    members = getattr(error, "exceptions", None)
    if isinstance(error, BaseExceptionGroup) and members:
        told["exceptions"] = walk.value(_elements(members), depth + 1)
    return told


def _said(walk: Walk, error: BaseException) -> str:
    try:
        return walk.text(str.__str__(str(error)))
    except KeyboardInterrupt:
        raise
    except BaseException as fault:  # an object's own methods may raise anything
        if is_interruption(fault):
            raise
        walk.found.append(audit.UNREADABLE)
        return UNREADABLE


def _fields(value: object) -> dict[str, object] | None:
    """Return the fields of a mapping or a record, by whatever library; None for anything else."""
    if isinstance(value, type):
        return None
    kind = type(value)
    names = getattr(kind, "__dataclass_fields__", None) or getattr(kind, "_fields", None)
    names = names or getattr(kind, "__struct_fields__", None)  # msgspec
    if names is None and hasattr(kind, "__attrs_attrs__"):
        names = [attribute.name for attribute in kind.__attrs_attrs__]
    if names is not None:
        return {name: getattr(value, name, UNREADABLE) for name in names}
    if kind.__module__ == "types" and kind.__name__ == "SimpleNamespace":
        return dict(vars(value))
    if hasattr(kind, "__pydantic_fields__"):
        return dict(vars(value))
    if hasattr(kind, "keys") and hasattr(kind, "__getitem__"):
        return items(value)
    return None


def items(mapping: Any) -> dict[str, object]:
    """Return what *mapping*, of whatever kind, holds: as much of it as the walk would look at."""
    keys = islice(mapping.keys(), MOST_NODES + 1)  # it need not have an end
    return {key: mapping[key] for key in keys}


def _elements(values: Any) -> list[object]:
    """Return what is in *values*: as much of it as the walk would look at. A range may have more than memory holds."""
    return list(islice(values, MOST_NODES + 1))


def _is_plain_collection(value: object) -> bool:
    """Say whether *value* is one of Python's own collections, which are read without side effects."""
    for kind in type(value).__mro__:
        if kind.__module__ in _COLLECTIONS and kind.__name__ not in ("object", "UserString"):
            return hasattr(kind, "__iter__") and hasattr(kind, "__len__")
    return False


_COLLECTIONS = frozenset(("builtins", "collections", "_collections_abc", "array"))
