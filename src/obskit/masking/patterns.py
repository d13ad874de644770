"""Regular expressions that are compiled when they are first used: a function that ends soon uses few of them."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Pattern:
    """A regular expression: its methods are those of the compiled one, which is made when one of them is asked for."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.pattern = pattern
        self.flags = flags

    def __getattr__(self, name: str) -> Any:
        """Return the method *name* of the compiled pattern, and keep it for the next call."""
        method = getattr(re.compile(self.pattern, self.flags), name)  # `re` keeps what it compiled
        setattr(self, name, method)
        return method


def lazy(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """
    Return *pattern* with the methods of a compiled one.

    >>> lazy("a+").findall("a baa")
    ['a', 'aa']
    """
    return Pattern(pattern, flags)  # type: ignore[return-value]  # it has its methods
