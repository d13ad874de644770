"""
Metric math, as far as it can be evaluated one time stamp after the other: the part that alarms need.

What a missing value is beside one that is there, and to IF, says `metric_math`. docs/backtest.md says where reports
from practice differ.
"""

from __future__ import annotations

import math
import operator
from array import array
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from obskit.errors import ObskitError, did_you_mean
from obskit.metric_math import INSIGHTS, NONE, OPERATORS, MetricMathError, branch, half, nodes, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from obskit.metric_math import Node

    Column = array[float]
    """A value for each time stamp; NaN is none."""


class ExpressionError(ObskitError):
    """An expression cannot be evaluated: the message says where it stops making sense."""


class Expression(NamedTuple):
    """A parsed expression; *names* are the ids in it."""

    text: str
    tree: Node
    names: frozenset[str]


class Inputs(NamedTuple):
    """
    What an expression is evaluated over.

    *columns* are metrics and earlier expressions by id; *metrics* are the ids of metrics, in order. *period* is in
    seconds, *phases* is how many time stamps lie in one period: the point before is that many back.
    """

    columns: Mapping[str, Column]
    metrics: tuple[str, ...]
    period: int
    phases: int
    length: int


ELSEWHERE = {
    "SEARCH": "alarms cannot use it",
    "ANOMALY_DETECTION_BAND": "it stands by itself, in ThresholdMetricId",
    "INSIGHT_RULE_METRIC": "its data is not in metrics",
    "SERVICE_QUOTA": "its data is not in metrics",
    "DB_PERF_INSIGHTS": "its data is not in metrics",
    "LAMBDA": "its code is not here",
}

_REPEAT = "REPEAT"
"""The only word that is no id: how FILL fills."""


def parse(text: str) -> Expression:
    """
    Return *text* parsed.

    Raises:
        ExpressionError: it is no metric math, or has a function that cannot be evaluated here.
    """
    if INSIGHTS.match(text):
        raise ExpressionError(f"'{text}': Metrics Insights cannot be evaluated here: its data is of many metrics")
    try:
        tree = read(text)
    except MetricMathError as error:
        raise ExpressionError(f"'{text}': {error}") from None
    parts = list(nodes(tree))
    for node in parts:
        if node.kind == "call":
            _check_call(node, text)
    names = frozenset(node.value for node in parts if node.kind == "name" and node.value != _REPEAT)
    return Expression(text, tree, names)


def _check_call(node: Node, text: str) -> None:
    name = node.value
    if name in ELSEWHERE:
        raise ExpressionError(f"'{text}': {name} cannot be evaluated here: {ELSEWHERE[name]}")
    if name not in FUNCTIONS:
        known = ", ".join(sorted(FUNCTIONS))
        raise ExpressionError(
            f"'{text}': the function {name} cannot be evaluated here (known: {known}).{did_you_mean(name, FUNCTIONS)}"
        )
    least, most = FUNCTIONS[name][0]
    if not least <= len(node.parts) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise ExpressionError(f"'{text}': {name} takes {wanted} arguments, not {len(node.parts)}")


def evaluate(expression: Expression, inputs: Inputs) -> Column:
    """
    Return the value of *expression* at each time stamp.

    Raises:
        ExpressionError: the result is no single time series.
    """
    found = _value(expression.tree, inputs, expression.text)
    if isinstance(found, list):
        raise ExpressionError(f"'{expression.text}': gives {len(found)} series; an alarm watches one")
    if isinstance(found, float):
        raise ExpressionError(f"'{expression.text}': gives a single number; an alarm watches a series")
    return found


def _value(node: Node, inputs: Inputs, text: str) -> float | Column | list[Column]:
    kind = node.value if node.kind == "call" else node.kind
    if kind in _LEAVES:
        return _LEAVES[kind](node, inputs, text)
    parts = [_value(part, inputs, text) for part in node.parts]
    if kind == "operator":
        return _operate(OPERATORS[node.value], parts[0], parts[1], text)
    _, call = FUNCTIONS[kind]
    return call(parts, inputs, f"'{text}': {kind}")


def _name(node: Node, inputs: Inputs, text: str) -> Column:
    return _text(node, inputs, text) if node.value == _REPEAT else inputs.columns[node.value]


def _text(node: Node, _inputs: Inputs, text: str) -> NoReturn:
    raise ExpressionError(f"'{text}': '{node.value}' is text; only METRICS and FILL take some")


def _metrics(node: Node, inputs: Inputs, _text: str) -> list[Column]:
    part = node.parts[0].value if node.parts else ""
    return [inputs.columns[name] for name in inputs.metrics if part in name]


def _array(node: Node, inputs: Inputs, text: str) -> list[Column]:
    parts = [_value(part, inputs, text) for part in node.parts]
    return [column for part in parts for column in _columns(part, text)]


def _minus(node: Node, inputs: Inputs, text: str) -> float | Column | list[Column]:
    return _operate(operator.sub, 0.0, _value(node.parts[0], inputs, text), text)


def _fill(node: Node, inputs: Inputs, text: str) -> float | Column | list[Column]:
    what, how = node.parts
    given = _value(what, inputs, text)
    if (how.kind, how.value) == ("name", _REPEAT):
        return _each(given, lambda column: _repeat(column, inputs.phases))
    filler = _value(how, inputs, text)
    if isinstance(filler, list):
        raise ExpressionError(f"'{text}': FILL takes one number or series to fill with")
    return _each(given, lambda column: _filled(column, filler))


def _filled(column: Column, filler: float | Column) -> Column:
    others = repeat(filler) if isinstance(filler, float) else filler
    return array("d", [other if value != value else value for value, other in zip(column, others, strict=False)])


_LEAVES: dict[str, Callable[[Node, Inputs, str], float | Column | list[Column]]] = {
    "number": lambda node, _inputs, _text: float(node.value),
    "name": _name,
    "text": _text,
    "METRICS": _metrics,
    "PERIOD": lambda _node, inputs, _text: float(inputs.period),
    "FILL": _fill,
    "array": _array,
    "minus": _minus,
}
"""What is not computed from the values of its parts alone."""


def _columns(value: float | Column | list[Column], text: str) -> list[Column]:
    if isinstance(value, float):
        raise ExpressionError(f"'{text}': an array has series, not numbers")
    return value if isinstance(value, list) else [value]


def _each(value: float | Column | list[Column], change: Callable[[Column], Column]) -> float | Column | list[Column]:
    if isinstance(value, float):
        return change(array("d", [value]))[0]
    return [change(column) for column in value] if isinstance(value, list) else change(value)


# --- operators --------------------------------------------------------------------------------------------------------


def _operate(
    call: Callable[[float, float], float],
    left: float | Column | list[Column],
    right: float | Column | list[Column],
    text: str,
) -> float | Column | list[Column]:
    if isinstance(left, float) and isinstance(right, float):
        return float(call(left, right))
    if isinstance(left, list) and isinstance(right, list):
        raise ExpressionError(f"'{text}': an operator takes one array of series at most")
    if isinstance(left, list):
        return [_pairs(call, column, right) for column in left]  # type: ignore[arg-type]  # both lists are refused above
    if isinstance(right, list):
        return [_pairs(call, left, column) for column in right]
    return _pairs(call, left, right)


def _pairs(call: Callable[[float, float], float], left: float | Column, right: float | Column) -> Column:
    """Apply *call* at each time stamp: beside a value that is there, a missing one counts as 0."""
    if isinstance(right, float):
        return array("d", [value if value != value else call(value, right) for value in left])  # type: ignore[union-attr]  # not both are numbers
    if isinstance(left, float):
        return array("d", [value if value != value else call(left, value) for value in right])
    return array(
        "d",
        [
            call(one, other) if one == one and other == other else half(call, one, other)
            for one, other in zip(left, right, strict=True)
        ],
    )


# --- functions --------------------------------------------------------------------------------------------------------


def _if(parts: Sequence[float | Column | list[Column]], inputs: Inputs, who: str) -> Column:
    condition, yes = (_stream(part, who) for part in parts[:2])
    no = _stream(parts[2], who) if len(parts) == 3 else repeat(NONE)
    steady = isinstance(parts[0], float)
    number = len(parts) == 3 and isinstance(parts[2], float) and not isinstance(parts[1], float)
    rows = zip(condition, yes, no, range(inputs.length), strict=False)
    chosen = [branch(test, one, other, filled=not steady, number=number) for test, one, other, _ in rows]
    return array("d", chosen)


def _stream(part: float | Column | list[Column], who: str) -> Iterator[float] | Column:
    if isinstance(part, list):
        raise ExpressionError(f"{who} takes single series and numbers")
    return repeat(part) if isinstance(part, float) else part


def _repeat(column: Column, phases: int) -> Column:
    """Fill with the last point before, one or several periods earlier."""
    found = array("d")
    for at, value in enumerate(column):
        found.append(found[at - phases] if value != value and at >= phases else value)
    return found


def _differences(column: Column, inputs: Inputs, *, per_second: bool) -> Column:
    """Return by how much each point differs from the last one before it, whole periods earlier."""
    last: list[tuple[float, int]] = [(NONE, 0)] * inputs.phases
    found = array("d")
    for at, value in enumerate(column):
        before, when = last[at % inputs.phases]
        seconds = (at - when) // inputs.phases * inputs.period if per_second else 1
        found.append((value - before) / (seconds or 1))
        if value == value:
            last[at % inputs.phases] = (value, at)
    return found


def _pointwise(change: Callable[[float], float]) -> Call:
    def call(
        parts: Sequence[float | Column | list[Column]], _inputs: Inputs, _who: str
    ) -> float | Column | list[Column]:
        return _each(
            parts[0],
            lambda column: array("d", [value if value != value else change(value) for value in column]),
        )

    return call


def _over_time(*, per_second: bool) -> Call:
    def call(parts: Sequence[float | Column | list[Column]], inputs: Inputs, who: str) -> float | Column | list[Column]:
        if isinstance(parts[0], float):
            raise ExpressionError(f"{who} takes series")
        return _each(parts[0], lambda column: _differences(column, inputs, per_second=per_second))

    return call


def _across(fold: Callable[[list[float]], float], *, zeros: bool = False) -> Call:
    """Return a function over an array of series; with *zeros* a missing value counts as 0."""

    def call(parts: Sequence[float | Column | list[Column]], _inputs: Inputs, who: str) -> Column:
        if not isinstance(parts[0], list):
            raise ExpressionError(
                f"{who} of one series is a number over all that CloudWatch fetches for the alarm, and how much that"
                " is is not documented; give it an array: [m1, m2] or METRICS()"
            )
        found = array("d")
        for values in zip(*parts[0], strict=True):
            there = [value for value in values if value == value]
            missing = [0.0] * (len(values) - len(there)) if zeros and there else []
            found.append(fold(there + missing) if there else NONE)
        return found

    return call


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _deviation(values: list[float]) -> float:
    mean = _mean(values)
    return math.sqrt(_mean([(value - mean) ** 2 for value in values]))


def _count(parts: Sequence[float | Column | list[Column]], _inputs: Inputs, who: str) -> float:
    if not isinstance(parts[0], list):
        raise ExpressionError(f"{who} takes an array of series")
    return float(len(parts[0]))


def _end(index: int) -> Call:
    def call(parts: Sequence[float | Column | list[Column]], _inputs: Inputs, who: str) -> Column:
        if not isinstance(parts[0], list) or not parts[0]:
            raise ExpressionError(f"{who} takes an array of series")
        return parts[0][index]

    return call


if TYPE_CHECKING:
    Call = Callable[[Sequence[float | Column | list[Column]], Inputs, str], float | Column | list[Column]]

FUNCTIONS: dict[str, tuple[tuple[int, int], Call]] = {
    "ABS": ((1, 1), _pointwise(abs)),
    "AVG": ((1, 1), _across(_mean, zeros=True)),
    "CEIL": ((1, 1), _pointwise(lambda value: float(math.ceil(value)))),
    "DIFF": ((1, 1), _over_time(per_second=False)),
    "FILL": ((2, 2), _count),
    "FIRST": ((1, 1), _end(0)),
    "FLOOR": ((1, 1), _pointwise(lambda value: float(math.floor(value)))),
    "IF": ((2, 3), _if),
    "LAST": ((1, 1), _end(-1)),
    "LOG": ((1, 1), _pointwise(lambda value: math.log(value) if value > 0 else NONE)),
    "LOG10": ((1, 1), _pointwise(lambda value: math.log10(value) if value > 0 else NONE)),
    "MAX": ((1, 1), _across(max)),
    "METRICS": ((0, 1), _across(max)),
    "METRIC_COUNT": ((1, 1), _count),
    "MIN": ((1, 1), _across(min)),
    "PERIOD": ((1, 1), _count),
    "RATE": ((1, 1), _over_time(per_second=True)),
    "STDDEV": ((1, 1), _across(_deviation)),
    "SUM": ((1, 1), _across(sum)),
}
"""How many arguments each takes, and what it does. FILL, METRICS and PERIOD are in `_LEAVES`."""
