"""
The types of metric math: what `expression` returns in a widget's metrics and in an alarm's.

Source: CloudWatch user guide, "Using math expressions with CloudWatch metrics" (functions, arity, types), read
2026-11-24. Types are the guide's: a scalar S, a time series TS, an array of them TS[].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from obskit.deploy.rules import search_expression
from obskit.deploy.rules.placeholders import has_unknown
from obskit.deploy.rules.problem import Fault, short
from obskit.errors import did_you_mean
from obskit.metric_math import INSIGHTS, MetricMathError, names, read, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from obskit.metric_math import Node

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
    try:
        tree = read(text)
    except MetricMathError as error:
        return "?", [Fault(path, "math-syntax", f'metric math "{short(text)}": {error}')]
    reader = _Types(text, path, known)
    return reader.of(tree), reader.faults


def ids(text: object) -> Iterator[str]:
    """Yield the ids that the expression *text* uses."""
    if isinstance(text, str) and not has_unknown(text) and not INSIGHTS.match(text):
        yield from (name for name in names(text[:LENGTH]) if name[0].islower())


def _only_in_quotes(text: str) -> bool:
    return all(token.kind != "other" for token in tokens(text[:LENGTH]))


class _Types:
    """Tells the type of each part of one expression, and what is wrong with it."""

    def __init__(self, text: str, path: str, known: Mapping[str, Type]) -> None:
        self._text = text
        self._path = path
        self._known = known
        self.faults: list[Fault] = []

    def of(self, node: Node) -> Type:
        if node.kind == "name":
            return self._named(node.value)
        given = [self.of(part) for part in node.parts]
        if node.kind == "operator":
            return self._operated(node.value, given)
        if node.kind == "call":
            return self._called(node, given)
        return given[0] if node.kind == "minus" else _LEAVES[node.kind]

    def _named(self, name: str) -> Type:
        if name in self._known:
            return self._known[name]
        if name in WORDS or name in FUNCTIONS:
            return "word"
        hint = did_you_mean(short(name), [*self._known, *FUNCTIONS])
        self._fault("math-id", f"nothing here has the id '{short(name)}'.{hint}")
        return "?"

    def _operated(self, sign: str, given: list[Type]) -> Type:
        if "text" in given or "word" in given:
            self._fault("math-syntax", f"'{sign}' needs a number or a time series on both sides")
            return "?"
        return widest(given)

    def _called(self, node: Node, given: list[Type]) -> Type:
        name, function = node.value, FUNCTIONS.get(node.value)
        if function is None:
            hint = did_you_mean(short(name), FUNCTIONS)
            written = self._text[node.start : node.start + len(name)]
            self._fault("math-function", f"there is no function '{short(written, 30)}'.{hint}")
            return "?"
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
            inner = self._text[node.parts[0].start : node.end]
            self.faults += [Fault(self._path, *fault) for fault in search_expression.faults(inner)]
        if name == "SLICE" and len(given) == 2:
            return "TS"
        return function.result(given)

    def _fault(self, rule: str, words: str) -> None:
        self.faults.append(Fault(self._path, rule, f'metric math "{short(self._text)}": {words}'))


_LEAVES: dict[str, Type] = {"number": "S", "text": "text", "array": "TS[]"}
_CALLED: dict[Type, str] = {
    "S": "a number",
    "TS": "a time series",
    "TS[]": "an array of time series",
    "text": "a text",
    "word": "a word such as REPEAT",
    "?": "anything",
}
