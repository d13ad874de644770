"""
Metric math, worked out over series as CloudWatch's user guide describes it ("Using math expressions with metrics").

What is not known here raises `NotKnownError`: a picture then says so instead of inventing a line.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from obskit.metric_math import INSIGHTS, NONE, OPERATORS, MetricMathError, branch, half, read
from obskit.preview.series import Series, present

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from obskit.deploy.entries import Entry
    from obskit.metric_math import Node


class NotKnownError(Exception):
    """An expression that cannot be worked out; says what of it is not known."""


@dataclass(frozen=True, slots=True)
class Named:
    """A series, and what it is called where several come from one expression."""

    values: Series
    label: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """What `ANOMALY_DETECTION_BAND` returns: between *low* and *high* all is as expected."""

    low: Series
    high: Series


Value: TypeAlias = "float | str | Named | Band | list[Named]"


_WORDS = frozenset({"REPEAT", "LINEAR", "ASC", "DESC", "AVG", "MIN", "MAX", "SUM"})
"""Names that say how, and are no ids."""


@dataclass(slots=True)
class Scope:
    """What an expression is worked out over: the *series* of its array by id, their *times*, and how `SEARCH` reads."""

    times: range
    series: Mapping[str, Value]
    search: Callable[[str, str, int], list[tuple[Entry, Series]]]
    open: set[str] = field(default_factory=set)


def evaluate(expression: str, scope: Scope) -> list[Named] | Band:
    """
    Return the series that *expression* stands for; a plain number is a level line.

    Raises:
        NotKnownError: it uses what is not known here.

    >>> scope = Scope(range(0, 180, 60), {"a": Named([1.0, None, 3.0])}, lambda *_: [])
    >>> evaluate("100 * FILL(a, 0) / 4", scope)
    [Named(values=[25.0, 0.0, 75.0], label='')]
    """
    if INSIGHTS.match(expression):
        raise NotKnownError("a Metrics Insights query")
    try:
        tree = read(expression)
    except MetricMathError as error:
        raise NotKnownError(str(error)) from None
    value = _value(tree, scope)
    match value:
        case Band():
            return value
        case str():
            raise NotKnownError("text alone is no series")
        case list():
            return value
        case Named():
            return [value]
    return [Named([float(value)] * len(scope.times))]


def _value(node: Node, scope: Scope) -> Value:
    if node.kind == "name":
        return _named(node.value, scope)
    parts = [_value(part, scope) for part in node.parts]
    match node.kind:
        case "operator":
            return _both(OPERATORS[node.value], parts[0], parts[1])
        case "minus":
            return _each(operator.neg, parts[0])
        case "array":
            return [one for part in parts for one in _list(part)]
        case "call":
            return _call(node.value, parts, scope)
    return float(node.value) if node.kind == "number" else node.value


def _named(name: str, scope: Scope) -> Value:
    if name in scope.series:
        return scope.series[name]
    if name in _WORDS:
        return name
    raise NotKnownError(f"'{name}' is no id of this widget")


def _point(value: float | None) -> float:
    return NONE if value is None else value


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _list(value: Value) -> list[Named]:
    match value:
        case list():
            return value
        case Named():
            return [value]
    raise NotKnownError("a list of series is wanted")


def _series(value: Value) -> Series:
    if isinstance(value, Named):
        return value.values
    if isinstance(value, list) and len(value) == 1:
        return value[0].values
    raise NotKnownError("one series is wanted")


def _each(how: Callable[[float], float], value: Value) -> Value:
    if isinstance(value, float):
        return how(value)
    if isinstance(value, Named):
        return Named([None if one is None else _finite(how(one)) for one in value.values], value.label)
    return [
        Named([None if one is None else _finite(how(one)) for one in item.values], item.label) for item in _list(value)
    ]


def _both(how: Callable[[float, float], float], left: Value, right: Value) -> Value:
    """Work on two values, series by series; a missing datapoint counts as `metric_math` says."""
    if isinstance(left, float) and isinstance(right, float):
        return float(how(left, right))
    if isinstance(left, list) or isinstance(right, list):
        pairs = _paired(left, right)
        return [Named(_series(_both(how, a, b)), _label(a) or _label(b)) for a, b in pairs]
    if isinstance(left, float) and isinstance(right, Named):
        return _each(lambda one: how(left, one), right)
    if isinstance(left, Named) and isinstance(right, float):
        return _each(lambda one: how(one, right), left)
    if isinstance(left, Named) and isinstance(right, Named):
        values = [_finite(half(how, _point(a), _point(b))) for a, b in zip(left.values, right.values, strict=True)]
        return Named(values, left.label or right.label)
    raise NotKnownError("text or a band has no arithmetic")


def _paired(left: Value, right: Value) -> list[tuple[Value, Value]]:
    if isinstance(left, list) and isinstance(right, list):
        return list(zip(left, right, strict=False))
    if isinstance(left, list):
        return [(one, right) for one in left]
    return [(left, one) for one in _list(right)]


def _label(value: Value) -> str:
    return value.label if isinstance(value, Named) else ""


_FOLDS: dict[str, Callable[[list[float]], float]] = {
    "AVG": lambda there: sum(there) / len(there),
    "MAX": max,
    "MIN": min,
    "SUM": sum,
    "STDDEV": lambda there: math.sqrt(sum((one - sum(there) / len(there)) ** 2 for one in there) / len(there)),
    "DATAPOINT_COUNT": lambda there: float(len(there)),
    "FIRST": lambda there: there[0],
    "LAST": lambda there: there[-1],
}
_MAPS: dict[str, Callable[[float], float]] = {
    "ABS": abs,
    "CEIL": math.ceil,
    "FLOOR": math.floor,
    "LOG": lambda one: math.log(one) if one > 0 else math.nan,
    "LOG10": lambda one: math.log10(one) if one > 0 else math.nan,
}
_CLOCKS: dict[str, Callable[[datetime], float]] = {
    "MINUTE": lambda when: when.minute,
    "HOUR": lambda when: when.hour,
    "DAY": lambda when: when.isoweekday(),
    "DATE": lambda when: when.day,
    "MONTH": lambda when: when.month,
    "YEAR": lambda when: when.year,
    "EPOCH": lambda when: when.timestamp(),
}


def _call(name: str, values: list[Value], scope: Scope) -> Value:
    if name in _OTHERS:
        try:
            return _OTHERS[name](values, scope)
        except (IndexError, ValueError) as error:
            raise NotKnownError(f"{name} wants other arguments") from error
    if not values:
        raise NotKnownError(f"'{name}()' is not known here")
    if name in _FOLDS:
        return _fold(_FOLDS[name], values[0], scope)
    if name in _MAPS:
        return _each(_MAPS[name], values[0])
    if name in _CLOCKS:
        clock = _CLOCKS[name]
        return Named([clock(datetime.fromtimestamp(when, UTC)) for when in scope.times])
    raise NotKnownError(f"'{name}()' is not known here")


def _fold(how: Callable[[list[float]], float], value: Value, scope: Scope) -> Value:
    """Fold one series to a number, and several to one series."""
    if isinstance(value, Named):
        there = present(value.values)
        return float(how(there)) if there else 0.0
    columns = [present([one.values[place] for one in _list(value)]) for place in range(len(scope.times))]
    if how is _FOLDS["AVG"]:  # the guide: over an array "missing values are treated as 0", for this one alone
        columns = [there + [0.0] * (len(_list(value)) - len(there)) if there else [] for there in columns]
    return Named([float(how(there)) if there else None for there in columns])


def _fill(values: list[Value], scope: Scope) -> Value:
    what, gap = values[0], values[1]
    if isinstance(what, list):
        return [Named(_series(_fill([one, gap], scope)), one.label) for one in what]
    series = _series(what)
    filled: Series = []
    for place, one in enumerate(series):
        if one is not None:
            filled.append(one)
        elif gap == "REPEAT":
            filled.append(filled[-1] if filled else None)
        elif gap == "LINEAR":
            filled.append(_between(series, place))
        elif isinstance(gap, Named):
            filled.append(gap.values[place])
        else:
            filled.append(float(gap) if isinstance(gap, float) else None)
    return Named(filled, _label(what))


def _between(series: Series, place: int) -> float | None:
    before = next(((at, one) for at, one in reversed(list(enumerate(series[:place]))) if one is not None), None)
    after = next(((at, one) for at, one in enumerate(series) if at > place and one is not None), None)
    if before is None or after is None:
        return None
    return before[1] + (after[1] - before[1]) * (place - before[0]) / (after[0] - before[0])


def _if(values: list[Value], scope: Scope) -> Value:
    condition = values[0]
    then = values[1]
    otherwise: Value = values[2] if len(values) > 2 else Named([None] * len(scope.times))
    if isinstance(condition, float):
        return then if condition else otherwise
    number = isinstance(otherwise, float) and not isinstance(then, float)
    rows = zip(_series(condition), _spread(then, scope), _spread(otherwise, scope), strict=True)
    chosen = [branch(*map(_point, row), filled=True, number=number) for row in rows]
    return Named([_finite(one) for one in chosen], _label(then))


def _spread(value: Value, scope: Scope) -> Series:
    return [value] * len(scope.times) if isinstance(value, float) else _series(value)


def _metrics(values: list[Value], scope: Scope) -> Value:
    wanted = values[0] if values else ""
    return [
        Named(value.values, "" if name.startswith("_") else name)
        for name, value in scope.series.items()
        if isinstance(value, Named) and isinstance(wanted, str) and wanted in name
    ]


def _differences(values: list[Value], *, over: float) -> Value:
    found: list[Named] = []
    for one in _list(values[0]):
        pairs = zip([None, *one.values], one.values, strict=False)
        found.append(Named([None if a is None or b is None else (b - a) / over for a, b in pairs], one.label))
    return found[0] if isinstance(values[0], Named) else found


def _running(values: list[Value], _scope: Scope) -> Value:
    total, sums = 0.0, []
    for one in _series(values[0]):
        total += one or 0.0
        sums.append(total)
    return Named(list(sums), _label(values[0]))


def _sort(values: list[Value], _scope: Scope) -> Value:
    how = _FOLDS.get(str(values[1]) if len(values) > 1 else "AVG", _FOLDS["AVG"])
    ordered = sorted(
        _list(values[0]),
        key=lambda one: how(there) if (there := present(one.values)) else -math.inf,
        reverse="DESC" in values,
    )
    return ordered[: int(values[3])] if len(values) > 3 and isinstance(values[3], float) else ordered


def _slice(values: list[Value], _scope: Scope) -> Value:
    bounds = [int(one) for one in values[1:] if isinstance(one, float)]
    return _list(values[0])[slice(*(bounds if len(bounds) > 1 else [bounds[0], None]))]


def _band(values: list[Value], _scope: Scope) -> Value:
    series = _series(values[0])
    width = values[1] if len(values) > 1 and isinstance(values[1], float) else 2.0
    there = present(series)
    if not there:
        return Band(list(series), list(series))
    spread = _FOLDS["STDDEV"](there) * width / 2 or abs(there[0]) * 0.1
    middle = [sum(near) / len(near) for near in _neighbours(series)]
    return Band([one - spread for one in middle], [one + spread for one in middle])


def _neighbours(series: Series, reach: int = 6) -> list[list[float]]:
    whole = present(series)
    return [present(series[max(place - reach, 0) : place + reach + 1]) or whole for place in range(len(series))]


def _search(values: list[Value], scope: Scope) -> Value:
    query, stat = str(values[0]), str(values[1])
    period = int(values[2]) if len(values) > 2 and isinstance(values[2], float) else 300
    return [Named(series, entry.called) for entry, series in scope.search(query, stat, period)]


_OTHERS: dict[str, Callable[[list[Value], Scope], Value]] = {
    "FILL": _fill,
    "IF": _if,
    "METRICS": _metrics,
    "RATE": lambda values, scope: _differences(values, over=scope.times.step),
    "DIFF": lambda values, _scope: _differences(values, over=1),
    "PERIOD": lambda _values, scope: float(scope.times.step),
    "RUNNING_SUM": _running,
    "SORT": _sort,
    "SLICE": _slice,
    "REMOVE_EMPTY": lambda values, _scope: [one for one in _list(values[0]) if present(one.values)],
    "TIME_SERIES": lambda values, scope: Named(_spread(values[0], scope)),
    "ANOMALY_DETECTION_BAND": _band,
    "SEARCH": _search,
}
