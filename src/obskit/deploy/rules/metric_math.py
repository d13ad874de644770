"""
The grammar of metric math: what `expression` says in a widget's metrics and in an alarm's.

Source: CloudWatch user guide, "Using math expressions with CloudWatch metrics" (functions, arity, types), read
2026-11-24. Types are the guide's: a scalar S, a time series TS, an array of them TS[].
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from obskit.deploy.rules import search_expression
from obskit.deploy.rules.placeholders import has_unknown
from obskit.deploy.rules.problem import Fault, short
from obskit.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Type: TypeAlias = Literal["S", "TS", "TS[]", "text", "word", "?"]
"""`word`: REPEAT, ASC, …; `?`: an error has been told, or nobody can know."""

SERIES: tuple[Type, ...] = ("TS", "TS[]")
ANY: tuple[Type, ...] = ("S", "TS", "TS[]")


class Function(NamedTuple):
    """*arguments* by the types that each may have, the last *optional* of which may be left out."""

    arguments: tuple[tuple[Type, ...], ...]
    returns: Type | Literal["same", "reduced", "widest"]
    optional: int = 0
    endless: bool = False

    @property
    def least(self) -> int:
        return len(self.arguments) - self.optional

    def result(self, given: list[Type]) -> Type:
        first: Type = given[0] if given else "?"
        if self.returns == "same":
            return first
        if self.returns == "reduced":
            return {"TS": "S", "TS[]": "TS", "S": "S"}.get(first, "?")  # type: ignore[return-value]  # all are types
        if self.returns == "widest":
            return widest(given)
        return self.returns


def widest(given: list[Type]) -> Type:
    """Return the type of what is computed from values of the types *given*."""
    for kind in ("?", "TS[]", "TS"):
        if kind in given:
            return kind
    return "S"


_SAME = Function((ANY,), "same")
_SERIES_SAME = Function((SERIES,), "same")
_REDUCED = Function((SERIES,), "reduced")
_CLOCK = Function((SERIES,), "same")
_TEXT: tuple[Type, ...] = ("text",)
_SCALAR: tuple[Type, ...] = ("S",)
_ARRAY: tuple[Type, ...] = ("TS[]",)
_WORD: tuple[Type, ...] = ("word",)

FUNCTIONS: dict[str, Function] = {
    **dict.fromkeys(("ABS", "CEIL", "FLOOR", "LOG", "LOG10"), _SAME),
    **dict.fromkeys(("AVG", "MAX", "MIN", "STDDEV", "SUM", "DATAPOINT_COUNT"), _REDUCED),
    **dict.fromkeys(("DIFF", "DIFF_TIME", "RATE", "RUNNING_SUM"), _SERIES_SAME),
    **dict.fromkeys(("MINUTE", "HOUR", "DAY", "DATE", "MONTH", "YEAR", "EPOCH"), _CLOCK),
    "ANOMALY_DETECTION_BAND": Function((SERIES, _SCALAR), "TS[]", optional=1),
    "DB_PERF_INSIGHTS": Function((_TEXT, _TEXT, _TEXT), "?", optional=1),
    "FILL": Function((SERIES, ("S", "TS", "word")), "same"),
    "FIRST": Function((_ARRAY,), "TS"),
    "LAST": Function((_ARRAY,), "TS"),
    "IF": Function((ANY, ANY, ANY), "widest", optional=1),
    "INSIGHT_RULE_METRIC": Function((_TEXT, _TEXT), "TS"),
    "LAMBDA": Function((_TEXT,), "?", endless=True),
    "METRIC_COUNT": Function((_ARRAY,), "S"),
    "METRICS": Function((_TEXT,), "TS[]", optional=1),
    "PERIOD": Function((("TS",),), "S"),
    "REMOVE_EMPTY": Function((_ARRAY,), "TS[]"),
    "SEARCH": Function((_TEXT, _TEXT, _SCALAR), "TS[]", optional=1),
    "SERVICE_QUOTA": Function((("TS",),), "TS"),
    "SLICE": Function((_ARRAY, _SCALAR, _SCALAR), "same", optional=1),
    "SORT": Function((_ARRAY, _WORD, _WORD, _SCALAR), "TS[]", optional=1),
    "TIME_SERIES": Function((_SCALAR,), "TS"),
}
WORDS = frozenset({"REPEAT", "LINEAR", "ASC", "DESC"})

LENGTH = 2048
"""Characters of an expression. CloudWatch API, `MetricDataQuery.Expression`."""
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
_BINDS = {
    "OR": 1,
    "||": 1,
    "AND": 2,
    "&&": 2,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 3),
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "^": 6,
}


class _Unreadable(Exception):  # noqa: N818  no error of obskit's: ends the reading of one expression
    """What is wrong and at which character."""


def check(text: object, path: str, known: Mapping[str, Type]) -> tuple[Type, list[Fault]]:
    """
    Return the type of the expression *text* and its faults.

    Args:
        text: the expression; one that is not wholly known is not read.
        path: where it stands.
        known: the ids of the same widget or alarm, each with its type.
    """
    if not isinstance(text, str) or (has_unknown(text) and not _only_in_quotes(text)) or INSIGHTS.match(text):
        return "?", []
    if len(text) > LENGTH:
        return "?", []  # told by the shape
    reader = _Reader(text, path, known)
    return reader.run(), reader.faults


def ids(text: object) -> Iterator[str]:
    """Yield the ids that the expression *text* uses."""
    if isinstance(text, str) and not has_unknown(text) and not INSIGHTS.match(text):
        for token in _TOKEN.finditer(text[:LENGTH]):
            if token.lastgroup == "name" and token["name"][0].islower():
                yield token["name"]


def _only_in_quotes(text: str) -> bool:
    return all(token.lastgroup != "other" for token in _TOKEN.finditer(text[:LENGTH]))


class _Reader:
    """Reads one expression by precedence climbing; stops at the first fault of grammar."""

    def __init__(self, text: str, path: str, known: Mapping[str, Type]) -> None:
        self._text = text
        self._path = path
        self._known = known
        self.faults: list[Fault] = []
        self._tokens = _TOKEN.finditer(text)
        self._take()

    def run(self) -> Type:
        try:
            found = self._whole()
        except _Unreadable as error:
            self.faults.append(Fault(self._path, "math-syntax", f'metric math "{short(self._text)}": {error}'))
            return "?"
        return found

    def _whole(self) -> Type:
        if self._kind == "end":
            raise _Unreadable("is empty")
        found = self._binary(1, 0)
        if self._kind != "end":
            raise _Unreadable(f"{self._here()} is not expected")
        return found

    def _take(self) -> str:
        taken = getattr(self, "_word", "")
        token = next(self._tokens, None)
        self._kind = "end" if token is None else str(token.lastgroup)
        self._word = "" if token is None else token[self._kind]
        self._at = len(self._text) if token is None else token.start(self._kind)
        return taken

    def _here(self) -> str:
        if self._kind == "end":
            return "its end"
        return f"'{short(self._word, 30)}' at character {self._at + 1}"

    def _want(self, sign: str) -> None:
        if self._kind != "sign" or self._word != sign:
            raise _Unreadable(f"'{sign}' is expected before {self._here()}")
        self._take()

    def _binary(self, binds: int, depth: int) -> Type:
        if depth > DEPTH:
            raise _Unreadable(f"more than {DEPTH} brackets inside one another")
        left = self._operand(depth)
        while self._kind in ("sign", "name") and _BINDS.get(self._word, 0) >= binds:
            sign = self._take()
            right = self._binary(_BINDS[sign] + 1, depth + 1)
            for kind in (left, right):
                if kind in ("text", "word"):
                    raise _Unreadable(f"'{sign}' needs a number or a time series on both sides")
            left = widest([left, right])
        return left

    def _operand(self, depth: int) -> Type:
        while self._kind == "sign" and self._word in "+-":
            self._take()
        if self._kind == "number":
            self._take()
            return "S"
        if self._kind == "text":
            self._take()
            return "text"
        if self._kind == "name":
            return self._named(depth)
        if self._kind == "sign" and self._word == "(":
            self._take()
            found = self._binary(1, depth + 1)
            self._want(")")
            return found
        if self._kind == "sign" and self._word == "[":
            self._take()
            self._arguments("]", depth)
            return "TS[]"
        raise _Unreadable(f"a metric, a number or a function is expected before {self._here()}")

    def _arguments(self, closing: str, depth: int) -> list[Type]:
        found: list[Type] = []
        if self._kind == "sign" and self._word == closing:
            self._take()
            return found
        while True:
            found.append(self._binary(1, depth + 1))
            if self._kind == "sign" and self._word == ",":
                self._take()
                continue
            self._want(closing)
            return found

    def _named(self, depth: int) -> Type:
        name = self._take()
        if self._kind == "sign" and self._word == "(":
            self._take()
            return self._call(name, depth)
        if name in self._known:
            return self._known[name]
        if name in WORDS or name in FUNCTIONS:
            return "word"
        hint = did_you_mean(short(name), [*self._known, *FUNCTIONS])
        words = f"metric math \"{short(self._text)}\": nothing here has the id '{short(name)}'.{hint}"
        self.faults.append(Fault(self._path, "math-id", words))
        return "?"

    def _call(self, name: str, depth: int) -> Type:
        start = self._at
        given = self._arguments(")", depth)
        function = FUNCTIONS.get(name.upper())
        if function is None:
            hint = did_you_mean(short(name).upper(), FUNCTIONS)
            self._fault("math-function", f"there is no function '{short(name, 30)}'.{hint}")
            return "?"
        name = name.upper()
        most = len(function.arguments)
        if len(given) < function.least or (len(given) > most and not function.endless):
            wanted = str(most) if most == function.least else f"{function.least} to {most}"
            self._fault("math-arity", f"{name} takes {wanted} arguments, not {len(given)}")
            return function.result(given)
        for number, (allowed, kind) in enumerate(zip(function.arguments, given, strict=False), 1):
            if kind != "?" and kind not in allowed:
                wanted = " or ".join(_CALLED[one] for one in allowed)
                self._fault("math-type", f"argument {number} of {name} is {_CALLED[kind]}; it takes {wanted}")
                return "?"
        if name == "SEARCH":
            inner = self._text[start : self._at]
            self.faults += [Fault(self._path, *fault) for fault in search_expression.faults(inner)]
        if name == "SLICE" and len(given) == 2:
            return "TS"
        return function.result(given)

    def _fault(self, rule: str, words: str) -> None:
        self.faults.append(Fault(self._path, rule, f'metric math "{short(self._text)}": {words}'))


_CALLED: dict[Type, str] = {
    "S": "a number",
    "TS": "a time series",
    "TS[]": "an array of time series",
    "text": "a text",
    "word": "a word such as REPEAT",
    "?": "anything",
}
