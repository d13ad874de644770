"""Patterns that somebody writes into `obskit.toml` and that later run over every log line: which ones are safe."""

from __future__ import annotations

import re
import re._constants as op  # type: ignore[import-not-found]  # not in the stubs; only the parser that compiles a
import re._parser as parser  # type: ignore[import-not-found]  # pattern knows for certain how it is read
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_REPEATS = 256
MOST_STEPS = 2_000
"""
Steps that a pattern may need at one place of a text, at worst. With 1,534 of them at each place of 10 kB of hostile
text, Python 3.13 takes 0.3 s (2 cores, x86_64, 2026-11-24).

A repeat that can give back what it took matches in as many ways as it has lengths, and what follows is tried for each:
`[a-z]{1,64}-[0-9]{1,10}` needs 768 steps, `(a|aa){50}` more than a million millions. A possessive repeat,
`[a-z]{1,64}+`, gives nothing back.
"""

LONGEST = 500
"""Characters of a pattern."""

_ONE_CHARACTER = frozenset(
    {
        op.LITERAL,
        op.NOT_LITERAL,
        op.ANY,
        op.IN,
        op.AT,
    }
)
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)


_MANY = 10**9


class _UnsafeError(Exception):
    """Why a pattern is refused."""


class _Effort(NamedTuple):
    """Bounds for a part of a pattern at one place: in how many *ways* it matches, in how many *steps* it tries all."""

    ways: int
    steps: int


def problem(pattern: str) -> str:
    """
    Return why *pattern* may not run over log lines, or an empty string.

    >>> problem(r"LOY-[0-9]{8}"), problem(r"LOY-[0-9]+")
    ('', "has a repeat without an end; write e.g. '{1,64}' for '+' and '{0,64}' for '*'")
    """
    try:
        tree = _parsed(pattern)
        steps = _sequence(tree).steps
    except _UnsafeError as error:
        return str(error)
    except RecursionError:
        return "is nested too deeply"
    if tree.getwidth()[0] == 0:
        return "matches the empty string, so it would match everywhere"
    if steps <= MOST_STEPS:
        return ""
    words = f"{steps:,}" if steps < _MANY else "millions of"
    return (
        f"may take {words} steps at one place of a text, {MOST_STEPS:,} are the most; shorten its repeats, or make them"
        " possessive, '{1,64}+'"
    )


def _parsed(pattern: str) -> Any:
    if len(pattern) > LONGEST:
        raise _UnsafeError(f"has {len(pattern)} characters; {LONGEST} are the most")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = parser.parse(pattern)
            re.compile(pattern)
    except (re.error, Warning, OverflowError) as error:
        raise _UnsafeError(f"is no regular expression of Python: {error}") from None
    return tree


def _sequence(items: Iterable[tuple[Any, Any]]) -> _Effort:
    ways, steps = 1, 0
    for code, value in items:
        part = _effort(code, value)
        steps = min(steps + ways * part.steps, _MANY)
        ways = min(ways * part.ways, _MANY)
    return _Effort(ways, steps)


def _effort(code: Any, value: Any) -> _Effort:
    if code in _ONE_CHARACTER:
        return _Effort(1, 1)
    if code in _REPEATS:
        return _repeat(code, *value)
    if code is op.SUBPATTERN:
        return _sequence(value[-1])
    if code is op.BRANCH:
        branches = [_sequence(branch) for branch in value[1]]
        return _Effort(sum(one.ways for one in branches), sum(one.steps for one in branches))
    if code is op.ATOMIC_GROUP:
        return _Effort(1, _sequence(value).steps)
    if code in (op.ASSERT, op.ASSERT_NOT) and value[0] > 0:
        return _Effort(1, _sequence(value[1]).steps)
    raise _UnsafeError(_REASONS.get(code, f"uses {str(code).lower()}, which is not known to be safe"))


_LOOKS_BEHIND = r"looks behind; write '\b' for the edge of a word"
_REFERS_BACK = "refers back to a group; say what may stand there instead"
_REASONS = {
    op.ASSERT: _LOOKS_BEHIND,
    op.ASSERT_NOT: _LOOKS_BEHIND,
    op.GROUPREF: _REFERS_BACK,
    op.GROUPREF_EXISTS: _REFERS_BACK,
}


def _repeat(code: Any, least: int, most: int, item: Any) -> _Effort:
    if most == op.MAXREPEAT:
        raise _UnsafeError("has a repeat without an end; write e.g. '{1,64}' for '+' and '{0,64}' for '*'")
    if most > MOST_REPEATS:
        raise _UnsafeError(f"repeats {most} times; {MOST_REPEATS} are the most")
    one = _sequence(item)
    ways, steps, so_far = 0, 0, 1  # so_far: in how many ways as many repeats as were counted match
    for times in range(int(most) + 1):
        ways = min(ways + so_far * (times >= least), _MANY)
        steps = min(steps + so_far * one.steps * (times < most), _MANY)
        so_far = min(so_far * one.ways, _MANY)
    return _Effort(1 if code is op.POSSESSIVE_REPEAT else ways, steps)
