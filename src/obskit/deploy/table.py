"""One table of a TOML file, read key by key; what is wrong is noted, not raised, so that all is told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from obskit.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")
_WORDS: dict[type, str] = {str: "text in quotes", int: "a whole number", bool: "true or false", list: "a list of texts"}
_INTEGERS = 2**63


class Table:
    """
    Typed access to *data*, which is called *name* in *file*.

    A wrong or missing value is added to *problems* and read as an empty one of its type.
    """

    def __init__(self, file: str, name: str, data: dict[str, object], problems: list[str]) -> None:
        self._file = file
        self._name = name
        self._data = data
        self._problems = problems
        self._asked: set[str] = set()
        self._reported: set[str] = set()

    def names(self) -> tuple[str, ...]:
        return tuple(self._data)

    def has(self, key: str) -> bool:
        return key in self._data

    def text(self, key: str, default: str | None = None) -> str:
        return self._get(key, str, default)

    def holds(self, key: str, kind: type) -> bool:
        """Say whether *key* has a value of *kind*, so that a rule about it makes sense."""
        return isinstance(self._data.get(key), kind)

    def integer(self, key: str, default: int | None = None) -> int:
        found = self._get(key, int, default)
        if -_INTEGERS <= found < _INTEGERS:
            return found
        self.report([(key, "a whole number of TOML has 64 bits")])  # Python would not even print a very long one
        return 0

    def number(self, key: str) -> float:
        found = self._data.get(key)
        if isinstance(found, (int, float)) and not isinstance(found, bool) and abs(found) < 2.0**360:
            self._asked.add(key)
            return found
        self._asked.add(key)
        self.report([(key, "must be a number")])
        return 0

    def boolean(self, key: str, *, default: bool) -> bool:
        return self._get(key, bool, default)

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        found = self._get(key, list, None if default is None else list(default))
        if all(isinstance(item, str) for item in found):
            return tuple(found)
        self.report([(key, "must be a list of texts")])
        return ()

    def table(self, key: str, *, optional: bool = False) -> Table:
        self._asked.add(key)
        found = self._data.get(key)
        if isinstance(found, dict):
            return Table(self._file, self._path(key), found, self._problems)
        if found is not None:
            self.report([(key, f"must be a table, [{self._path(key)}]")])
        elif not optional:
            self.report([(key, f"missing; add a table [{self._path(key)}]")])
        # Its keys are not missed as well: one problem, one line.
        return Table(self._file, self._path(key), {}, [])

    def tables(self, key: str) -> list[Table]:
        """Return the tables in the list *key*, each called by its number; none where there is no such list."""
        found = self._get(key, list, [])
        if not all(isinstance(item, dict) for item in found):
            self.report([(key, "must be a list of tables, e.g. [{ … }, { … }]")])
            return []
        return [
            Table(self._file, f"{self._path(key)}[{number}]", item, self._problems) for number, item in enumerate(found)
        ]

    def report(self, problems: Iterable[tuple[str, str]]) -> None:
        """Note (key, what is wrong) pairs, one per key: a value of the wrong type breaks no further rule."""
        for key, text in problems:
            if key not in self._reported:
                self._problems.append(f"{self._file}: {self._path(key)}: {text}")
            self._reported.add(key)

    def finish(self) -> None:
        """Note every key that nobody asked for."""
        self.report(
            (key, f"unknown key.{did_you_mean(key, self._asked)}") for key in self._data if key not in self._asked
        )

    def _path(self, key: str) -> str:
        return ".".join(part for part in (self._name, key) if part)

    def _get(self, key: str, kind: type[T], default: T | None) -> T:
        self._asked.add(key)
        found = self._data.get(key, default)
        # type(), not isinstance(): true is an int to Python and not to TOML.
        if type(found) is kind:
            return found
        self.report([(key, f"must be {_WORDS[kind]}" if key in self._data else f"missing; it is {_WORDS[kind]}")])
        return kind()
