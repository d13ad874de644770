"""One entry of a widget's `metrics`: the array grammar of the dashboard body."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from obskit.deploy.rules.placeholders import is_unknown
from obskit.deploy.rules.problem import Fault, short
from obskit.deploy.rules.shape import anything, boolean, number, one_of, record, text
from obskit.deploy.rules.statistic import bounded

if TYPE_CHECKING:
    from collections.abc import Iterator

# Source of all of this: AWS, "Dashboard Body Structure and Syntax", "Metrics array format", read 2026-11-24.

COLOR = text(form=r"#[0-9a-fA-F]{6}", words="a colour of six hex digits such as #d13212")
"""A word such as `red` fails the whole stack (aws/aws-cdk#20024)."""
PERIODS = (1, 5, 10, 20, 30)
"""Seconds below a minute. The page says "multiple of 60"; the console writes these for high-resolution metrics."""
STAT = bounded(
    text(
        form=r"SampleCount|Average|Sum|Minimum|Maximum|IQM|(p|tm|tc|ts|wm)[0-9]{1,2}(\.[0-9]+)?|(p|tm|tc|ts|wm)100"
        r"|(PR|TM|TC|TS|WM)\([^()]*:[^()]*\)",
        words="a statistic such as Sum, Average or p95",
    )
)


_COUNT = number(1, whole=True)


def period(value: object, path: str) -> Iterator[Fault]:
    yield from _COUNT(value, path)
    if not isinstance(value, int) or value <= 0 or value % 60 == 0:
        return
    if value in PERIODS:
        yield Fault(path, "period", f"{value} s is below the documented 60; high-resolution metrics only", "warning")
    else:
        yield Fault(path, "period", f"Should be multiple of 60 (it is {short(value)})")


_RENDER = {
    "color": COLOR,
    "label": text(),
    "period": period,
    "stat": STAT,
    "visible": boolean,
    "yAxis": one_of("left", "right"),
    "id": text(form=r"[a-z][A-Za-z0-9_]*", words="an id: a lower-case letter, then letters, digits or _"),
    "region": text(1),
    "accountId": text(1),
}
_render = record({}, {**_RENDER, "expression": anything})
_expression = record({"expression": text(1, 2048)}, {**_RENDER, "queryLanguage": text(), "queryLanguages": anything})
_word = text(1, 1024)

DIMENSIONS = 30
"""Dimensions of a metric. CloudWatch API, `Metric.Dimensions`, read 2026-11-24."""


class Entry(NamedTuple):
    """One entry written in full: its *words* (namespace, name, dimensions and values) and what is said about it."""

    words: list[object]
    rendering: dict[str, object]


def entry(value: object, path: str) -> Iterator[Fault]:
    """Check `[namespace, name, (dimension, value)*, render?]` or `[{expression, …}]`."""
    if not isinstance(value, list):
        if not is_unknown(value):
            yield Fault(path, "type", "Should be array")
        return
    if value and isinstance(value[0], dict):
        yield from _expression(value[0], f"{path}/0")
        if len(value) > 1:
            yield Fault(path, "metric-array", "Should NOT have more than 1 items: an expression stands alone")
        return
    words = value[:-1] if value and isinstance(value[-1], dict) else value
    for index, word in enumerate(words):
        if isinstance(word, dict):
            # AWS's words for a dimension that was rendered as an object.
            yield Fault(path, "metric-array", f"Should NOT have more than {index + 1} items: an object stands last")
            return
        yield from _word(word, f"{path}/{index}")
    yield from _count(words, path)
    if len(words) < len(value):
        yield from _render(value[-1], f"{path}/{len(words)}")


def _count(words: list[object], path: str) -> Iterator[Fault]:
    if "..." in words or any(is_unknown(word) for word in words):
        return  # shorthand for as many as the entry above has; what is not known may be more than one
    if len(words) < 2:
        yield Fault(path, "metric-array", "Should NOT have less than 2 items: a namespace and a metric name")
    elif len(words) % 2:
        said = f"'{short(words[-1])}' has no value"
        yield Fault(path, "metric-array", f"Should have dimension names and values in pairs: {said}")
    elif len(words) > 2 + 2 * DIMENSIONS:
        yield Fault(path, "metric-array", f"Should NOT have more than {DIMENSIONS} dimensions")


def in_full(entries: list[object]) -> list[Entry]:
    """
    Return *entries* without shorthand: `.` is what stands there in the entry above, `...` the rest of it.

    >>> [one.words for one in in_full([["N", "A", "d", "v"], [".", "B", ".", "."], ["...", "w"]])][1:]
    [['N', 'B', 'd', 'v'], ['N', 'B', 'd', 'w']]
    """
    found: list[Entry] = []
    above: list[object] = []
    for value in entries:
        given = value if isinstance(value, list) else []
        last = given[-1] if given else None
        rendering = last if isinstance(last, dict) else {}
        words = [word for word in given if not isinstance(word, dict)]
        if words:
            words = above = _expanded(words, above)
        found.append(Entry(words, rendering))
    return found


def shorthand(entries: list[object]) -> Iterator[Fault]:
    """`.` and `...` need an entry above that has as many items."""
    above: list[object] = []
    for index, value in enumerate(entries):
        words = [word for word in value if not isinstance(word, dict)] if isinstance(value, list) else []
        if not words:
            continue
        missing = [word for word in _expanded(words, above) if word in (".", "...")]
        if missing and not any(is_unknown(word) for word in above):
            words_ = f"'{missing[0]}' stands for what the entry above has, and there is nothing"
            yield Fault(f"/metrics/{index}", "shorthand", words_)
        above = _expanded(words, above)


def _expanded(words: list[object], above: list[object]) -> list[object]:
    if "..." in words:
        at = words.index("...")
        rest = words[at + 1 :]
        filled = above[at : max(len(above) - len(rest), at)]
        words = [*words[:at], *(filled or ["..."]), *rest]
    return [above[index] if word == "." and index < len(above) else word for index, word in enumerate(words)]
