"""Log lines as a test reads them: a sequence of documents that can be asked for one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, overload

from obskit.errors import did_you_mean
from obskit.semconv import RESERVED_LOG_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable

Document = dict[str, Any]

_SHOWN_LINES = 20
_SHOWN_CHARACTERS = 160


class Documents(Sequence[Document]):
    """Documents that are read anew at each look, so that a test sees what was written so far. Equal to a list."""

    def __init__(self, read: Callable[[], Sequence[Document]]) -> None:
        self._read = read

    @overload
    def __getitem__(self, index: int) -> Document: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Document]: ...
    def __getitem__(self, index: int | slice) -> Document | Sequence[Document]:
        return self._read()[index]

    def __len__(self) -> int:
        return len(self._read())

    def __eq__(self, other: object) -> bool:
        return list(self._read()) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # as a list: what is in it changes

    def __repr__(self) -> str:
        return repr(list(self._read()))


class Lines(Documents):
    """
    Log lines, each a dict.

    >>> lines = Lines(lambda: [{"level": "INFO", "message": "paid", "amount": 7}])
    >>> lines.only(message="paid")["amount"]
    7
    """

    @property
    def messages(self) -> list[Any]:
        """The messages, in the order of writing."""
        return [line.get("message") for line in self]

    def where(self, /, **fields: object) -> list[Document]:
        """Return the lines that have all these *fields*, with values that are equal."""
        return [line for line in self if _has(line, fields)]

    def only(self, /, **fields: object) -> Document:
        """
        Return the one line that has all these *fields*.

        Raises:
            AssertionError: there is none (the message shows the nearest), or more than one.
        """
        __tracebackhide__ = True
        lines = list(self)
        found = [line for line in lines if _has(line, fields)]
        if len(found) == 1:
            return found[0]
        wanted = " and ".join(f"{key}={value!r}" for key, value in fields.items())
        if found:
            raise AssertionError(
                f"{_count(len(found))} {'have ' + wanted if wanted else 'were written'}, not one\n"
                + _listed(lines, found)
            )
        if not lines:
            raise AssertionError(f"no line has {wanted}: none was written" if wanted else "no line was written")
        raise AssertionError(f"no line has {wanted}\n{_nearest(lines, fields)}\n{_all(lines)}")


def _has(line: Mapping[str, object], fields: Mapping[str, object]) -> bool:
    return all(key in line and line[key] == value for key, value in fields.items())


def _nearest(lines: Sequence[Document], fields: Mapping[str, object]) -> str:
    """Say which line comes nearest to *fields*, and what is different there."""
    number, line = max(enumerate(lines, 1), key=lambda numbered: _likeness(numbered[1], fields))
    said = [f"the nearest is line {number}:"]
    for key, value in fields.items():
        if key not in line:
            said.append(f"  it has no {key}.{did_you_mean(key, line)}")
        elif line[key] != value:
            said.append(f"  {key} is {line[key]!r}, not {value!r}")
    return "\n".join(said)


def _likeness(line: Document, fields: Mapping[str, object]) -> float:
    """Return how near *line* comes: a field that is equal counts 1, one that is not counts by its likeness."""
    return sum(
        1.0 if line[key] == value else SequenceMatcher(None, repr(line[key]), repr(value)).ratio() / 2
        for key, value in fields.items()
        if key in line
    )


def _count(number: int) -> str:
    return "1 line" if number == 1 else f"{number} lines"


def _all(lines: Sequence[Document]) -> str:
    return f"{_count(len(lines))} {'was' if len(lines) == 1 else 'were'} written:\n" + _listed(lines, lines)


def _listed(lines: Sequence[Document], chosen: Sequence[Document]) -> str:
    """Return the *chosen* of *lines*, each with its number, on one row."""
    numbers = [number for number, line in enumerate(lines, 1) if any(line is one for one in chosen)]
    rows = [f"  {number}: {_short(lines[number - 1])}" for number in numbers[:_SHOWN_LINES]]
    if len(numbers) > _SHOWN_LINES:
        rows.append(f"  … and {len(numbers) - _SHOWN_LINES} more")
    return "\n".join(rows)


def _short(line: Document) -> str:
    """Return level, message and the user's own fields of *line*."""
    own = [f"{key}={value!r}" for key, value in line.items() if key not in RESERVED_LOG_KEYS]
    head = ["EMF"] if "_aws" in line else [str(line.get("level", "-")), repr(line.get("message"))]
    text = " ".join([*head, *own])
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
