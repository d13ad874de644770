"""Methods of somebody else's classes, replaced where their output passes, and put back."""

from __future__ import annotations

from functools import update_wrapper

from obskit.errors import IntegrationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Method = Callable[..., Any]
    Around = Callable[[Method], Method]


class Seams:
    """
    The methods that one integration has replaced.

    Args:
        library: its name and version, for the message when a seam is missing.
    """

    def __init__(self, library: str) -> None:
        self._library = library
        self._undo: list[Callable[[], None]] = []

    def require(self, owner: type, name: str) -> None:
        """
        Make sure that *owner* itself has a method *name*.

        Raises:
            IntegrationError: it has not.
        """
        if name not in vars(owner) or not callable(getattr(owner, name)):
            raise self._missing(f"{owner.__module__}.{owner.__qualname__}.{name}")

    def require_call(self, caller: Any, name: str) -> None:
        """
        Make sure that the function *caller*, which puts something out, calls *name* to get it.

        Raises:
            IntegrationError: its code does not name it.
        """
        code = getattr(_unwrap(caller), "__code__", None)
        if name not in getattr(code, "co_names", ()):
            raise self._missing(f"call of {name} in {caller.__module__}.{caller.__qualname__}")

    def _missing(self, what: str) -> IntegrationError:
        return IntegrationError(f"{self._library} has no {what}, which obskit masks through; nothing is protected")

    def method(self, owner: type, name: str, around: Around) -> None:
        """
        Put what *around* makes of `owner.name` in its place, for all objects, those that exist as well.

        Raises:
            IntegrationError: there is no such method.
        """
        original = getattr(owner, name, None)
        if not callable(original):
            raise self._missing(f"{owner.__module__}.{owner.__qualname__}.{name}")
        inherited = name not in vars(owner)
        replacement = around(original)
        update_wrapper(replacement, original)
        setattr(owner, name, replacement)
        self._undo.append(lambda: delattr(owner, name) if inherited else setattr(owner, name, original))

    def everywhere(self, base: type, name: str, around: Around) -> None:
        """
        Do the same to *base* and to every class below it that has a `name` of its own, those still to come as well.

        Raises:
            IntegrationError: *base* has no such method.
        """
        for owner in _classes(base):
            if owner is base or name in vars(owner):
                self.method(owner, name, around)
        inherited = "__init_subclass__" not in vars(base)
        original = vars(base).get("__init_subclass__")

        def __init_subclass__(cls: Any, /, **options: object) -> None:  # noqa: N807  it becomes that method
            if original is None:
                super(base, cls).__init_subclass__(**options)  # type: ignore[arg-type]  # the class that is made
            else:
                original.__func__(cls, **options)
            if name in vars(cls):
                self.method(cls, name, around)

        base.__init_subclass__ = classmethod(__init_subclass__)  # type: ignore[assignment]  # as a class body does

        def take_back() -> None:
            if inherited:
                del base.__init_subclass__
            else:
                base.__init_subclass__ = original  # type: ignore[assignment]  # what stood there

        self._undo.append(take_back)

    def undo(self) -> None:
        """Put back every method that was replaced, the last one first."""
        while self._undo:
            self._undo.pop()()


def _unwrap(function: Any) -> Any:
    """Return the function inside its decorators."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def _classes(base: type) -> list[type]:
    """Return *base* and every class below it, once each."""
    found: list[type] = [base]
    for owner in found:  # it grows while it is read
        below: list[type] = owner.__subclasses__()
        found += [each for each in below if each not in found]
    return found
