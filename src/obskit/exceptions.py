"""The exception that leaves a handler: Lambda logs it, answers the caller with it and puts it into an X-Ray header."""

from __future__ import annotations

from obskit.masking import audit, mask, mask_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_MOST_OF_A_GROUP = 200
"""Errors of a group, and of groups within it, that leave with it: each is a type of its own."""


def masked_error(error: BaseException, room: list[int] | None = None) -> BaseException:
    """
    Return an error of the same name, still caught by `except` for the type of *error*, that shows masked text only.

    Never raises. A type that cannot be derived from is replaced by one of the same name. `SystemExit` with a number
    stays what it is. Of a group the first 200 errors leave; *room* holds how many more may.
    """
    room = [_MOST_OF_A_GROUP] if room is None else room
    if isinstance(error, SystemExit):
        return SystemExit(mask_text(error.code, audit.ERROR)) if isinstance(error.code, str) else error
    kind = type(error)
    try:
        text = mask_text(str(error), audit.ERROR)
    except Exception:  # noqa: BLE001  an exception's own method may do anything
        text = "[UNREADABLE]"
    name = masked_name(kind)
    members: dict[str, object] = {
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__ if name == kind.__name__ else name,
        "__setattr__": object.__setattr__,
        "__str__": lambda _: text,
        "__repr__": lambda _: f"{name}({text!r})",
    }
    for base in (*kind.__mro__[:-1], Exception):
        try:
            return _derived(base, members, error, text, room)
        except Exception:  # noqa: BLE001, S112  a type that cannot be derived from: the next of its bases
            continue
    return Exception(text)


def masked_name(kind: type) -> str:
    """Return the name of *kind*; one that no code can have, as of a type made at run time, is masked."""
    name = kind.__name__
    return name if name.isidentifier() else mask_text(name, audit.ERROR)


def _derived(base: Any, members: dict[str, object], error: BaseException, text: str, room: list[int]) -> BaseException:
    """Return an error of a type made for it: below *base*, named as the type of *error*, and with its attributes."""
    solid = base
    while solid.__module__ != "builtins":  # the one that decides of the object's layout
        solid = solid.__base__
    kind = _below(base, solid, masked_name(type(error)), members)
    if issubclass(solid, BaseExceptionGroup):
        masked = solid.__new__(kind, text, _parts(error, room))
    else:
        masked = solid.__new__(kind)
        more = tuple(mask(argument, audit.ERROR) for argument in BaseException.args.__get__(error)[1:])  # type: ignore[attr-defined]  # as below
        BaseException.args.__set__(masked, (text, *more))  # type: ignore[attr-defined]  # past a property or a frozen class
    vars(masked).update(vars(error))
    vars(masked).pop("__notes__", None)  # notes hold text too; the log line has them, masked
    if type(error).__module__.startswith("awslambdaric"):  # the client shows the fields of its own errors
        vars(masked).update({key: mask(value, audit.ERROR) for key, value in vars(error).items()})
    if isinstance(error, OSError) and isinstance(masked, OSError):
        masked.errno = error.errno
    for slot in (name for owner in type(error).__mro__ for name in _slots(owner)):
        if hasattr(error, slot):
            setattr(masked, slot, getattr(error, slot))
    result: BaseException = masked
    return result


def _parts(group: Any, room: list[int]) -> list[BaseException]:
    """Return the errors of *group*, masked: at least the first, as no group is empty, and no more than *room* has."""
    parts: list[BaseException] = []
    for part in group.exceptions:
        if parts and room[0] <= 0:
            break
        room[0] -= 1
        parts.append(masked_error(part, room))
    return parts


def _below(base: type, solid: type, name: str, members: dict[str, object]) -> type:
    """Return a type below *base*, whose `__init_subclass__` is not asked: it may count, or want arguments."""
    stem = type(name, (solid,), {})
    found = type(name, (stem,), dict(members))
    try:
        found.__bases__ = (base,)
    except TypeError:  # a metaclass, or another layout
        found = type(base)(name, (base,), dict(members))
    return found


def _slots(owner: type) -> tuple[str, ...]:
    found = vars(owner).get("__slots__", ())
    return (found,) if isinstance(found, str) else tuple(found)
