"""
The grammar of metric math: an expression as a tree; and what operators and IF make of data points.

`deploy.rules` tells the types of its parts, `backtest` and `preview` work it out: what alarms and widgets say is read
once, and a missing data point counts alike in both.
Source: CloudWatch user guide, "Using math expressions with CloudWatch metrics", read 2026-11-24.

>>> [(node.kind, node.value) for node in nodes(read("100 * SUM(errors)"))]
[('operator', '*'), ('number', '100'), ('call', 'SUM'), ('name', 'errors')]
"""

from __future__ import annotations

import math
import operator
import re
from typing import TYPE_CHECKING, NamedTuple

from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEPTH = 100
"""Brackets inside one another that are read: a bound of ours."""
INSIGHTS = re.compile(r"\s*SELECT\s", re.IGNORECASE)
"""A Metrics Insights query is SQL, no metric math."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)
        |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
        |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
        |(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/^<>()\[\],])
        |(?P<end>\Z)|(?P<other>.))""",
    re.VERBOSE | re.DOTALL,
)
_BINDS = {"OR": 1, "AND": 2, **dict.fromkeys("== != < <= > >=".split(), 3), "+": 4, "-": 4, "*": 5, "/": 5, "^": 6}
"""From the loosest to the closest, as everywhere; the guide does not say."""
_OPERATORS = {**{sign: sign for sign in _BINDS}, "||": "OR", "&&": "AND"}


class MetricMathError(ObskitError):
    """A text is no metric math: the message says what is expected where."""


class Token(NamedTuple):
    """*kind* is `number`, `name`, `text`, `sign`, `end` or, for what metric math does not have, `other`."""

    kind: str
    word: str
    start: int
    end: int


class Node(NamedTuple):
    """
    A part of an expression, from the character *start* to before *end*.

    *kind* and *value*: a `number` as it is written; a `text` without its quotes; a `name`, of a metric or such as
    REPEAT; an `array` of its parts; `minus` before one part; an `operator` between two, `AND` and `OR` by these words;
    a `call` of the function *value*, in capitals.
    """

    kind: str
    value: str
    parts: tuple[Node, ...]
    start: int
    end: int


def read(text: str) -> Node:
    """
    Return *text* as a tree.

    Raises:
        MetricMathError: it is no metric math.
    """
    return _Reader(text).whole()


def tokens(text: str) -> Iterator[Token]:
    """Yield the words of *text*, `end` the last; whatever it says."""
    for found in _TOKEN.finditer(text):
        kind = str(found.lastgroup)
        yield Token(kind, found[kind], *found.span(kind))
        if kind == "end":
            return


def names(text: str) -> Iterator[str]:
    """Yield the names in *text*, those of functions too; whatever it says."""
    # Asked often, of every expression: no tokens are made for it.
    for found in _TOKEN.finditer(text):
        if found.lastgroup == "name":
            yield found["name"]


def nodes(tree: Node) -> Iterator[Node]:
    """Yield *tree* and all that is in it."""
    yield tree
    for part in tree.parts:
        yield from nodes(part)


class _Reader:
    """Reads one expression by precedence climbing."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._next = next(self._tokens)
        self._end = 0

    def whole(self) -> Node:
        found = self._binary(1, 0)
        if self._next.kind != "end":
            raise self._error("an operator or the end")
        return found

    def _take(self) -> Token:
        taken = self._next
        self._end = taken.end
        self._next = next(self._tokens)
        return taken

    def _at(self, sign: str) -> bool:
        return self._next.kind == "sign" and self._next.word == sign

    def _want(self, sign: str) -> None:
        if not self._at(sign):
            raise self._error(f"'{sign}'")
        self._take()

    def _error(self, wanted: str) -> MetricMathError:
        there = f"'{self._next.word[:30]}' at character {self._next.start + 1}"
        return MetricMathError(f"expected {wanted}, found {'the end' if self._next.kind == 'end' else there}")

    def _operator(self) -> str:
        return _OPERATORS.get(self._next.word, "") if self._next.kind in ("sign", "name") else ""

    def _binary(self, binds: int, depth: int) -> Node:
        if depth > DEPTH:
            raise MetricMathError(f"more than {DEPTH} brackets inside one another")
        left = self._operand(depth)
        while (sign := self._operator()) and _BINDS[sign] >= binds:
            self._take()
            right = self._binary(_BINDS[sign] + 1, depth + 1)
            left = Node("operator", sign, (left, right), left.start, right.end)
        return left

    def _operand(self, depth: int) -> Node:
        while self._at("+"):
            self._take()
        token = self._next
        if token.kind in ("number", "text"):
            self._take()
            return Node(token.kind, token.word if token.kind == "number" else token.word[1:-1], (), *token[2:])
        if token.kind == "name" and not self._operator():
            return self._named(self._take(), depth)
        if self._at("-"):
            self._take()
            part = self._binary(_BINDS["^"], depth + 1)
            return Node("minus", "-", (part,), token.start, part.end)
        if self._at("["):
            self._take()
            return Node("array", "", self._parts("]", depth), token.start, self._end)
        if self._at("("):
            self._take()
            part = self._binary(1, depth + 1)
            self._want(")")
            return part
        raise self._error("a number, an id or a function")

    def _named(self, token: Token, depth: int) -> Node:
        if not self._at("("):
            return Node("name", token.word, (), token.start, token.end)
        self._take()
        return Node("call", token.word.upper(), self._parts(")", depth), token.start, self._end)

    def _parts(self, closing: str, depth: int) -> tuple[Node, ...]:
        found: list[Node] = []
        while not self._at(closing):
            if found and not self._at(","):
                raise self._error(f"',' or '{closing}'")
            if found:
                self._take()
            found.append(self._binary(1, depth + 1))
        self._take()
        return tuple(found)


# --- data points ------------------------------------------------------------------------------------------------------

NONE = math.nan
"""No data point."""


def _divide(left: float, right: float) -> float:
    return left / right if right else NONE


def _power(left: float, right: float) -> float:
    try:
        return float(left**right)
    except (OverflowError, ZeroDivisionError, TypeError):  # TypeError: a root of what is below 0
        return NONE


OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "^": _power,
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "AND": lambda left, right: bool(left) and bool(right),
    "OR": lambda left, right: bool(left) or bool(right),
}
"""
What each makes of two numbers that are there. The guide, "Basic arithmetic functions": a point that would be divided by
zero is dropped.
"""


def half(call: Callable[[float, float], float], left: float, right: float) -> float:
    """
    Return *call* of the data points of two series of which one or both are `NONE`.

    The guide, "Basic arithmetic functions": "Missing values in a time series are treated as 0"; "Comparison and logical
    operators": the same "when only one of the time series has a value for a particular time stamp". Where neither has
    one there is no time stamp to give a value for.

    >>> half(OPERATORS["-"], NONE, 3.0)
    -3.0
    """
    if left != left and right != right:
        return NONE
    return call(0.0 if left != left else left, 0.0 if right != right else right)


def branch(test: float, then: float, otherwise: float, *, filled: bool, number: bool) -> float:
    """
    Return what IF takes at one time stamp, by the tables of the guide's "Using IF expressions".

    Args:
        test: the condition; any may be `NONE`.
        then: where it holds.
        otherwise: where it does not; `NONE` all along where IF has no third argument.
        filled: the condition is a series: then a missing first value counts as 0.
        number: the first value is a series and the second a number, which is taken where there is no condition.

    >>> branch(1.0, NONE, 5.0, filled=True, number=True)
    0.0
    """
    if test != test:
        return otherwise if number and then == then else NONE
    if not test:
        return otherwise
    return 0.0 if then != then and filled else then
