"""The ids of a widget's metrics or an alarm's: used once, known where they are used, and not in a circle."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from obskit.deploy.rules import metric_math
from obskit.deploy.rules.placeholders import has_unknown
from obskit.deploy.rules.problem import Fault, short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.deploy.rules.metric_math import Type

    Uses: TypeAlias = "dict[str, list[str]]"
    """The ids that each expression uses, by its path."""


class Query(NamedTuple):
    """One metric or expression: its *id*, its *expression* if it has one, and where that stands."""

    id: str
    expression: object
    path: str


def check(queries: list[Query]) -> tuple[dict[str, Type], list[Fault]]:
    """Return the type of each expression by its path, and the faults of all of them."""
    faults = list(_twice(queries))
    if any(has_unknown(query.id) for query in queries):
        return {}, faults  # what is used may be the one whose name is not known
    by_id = {query.id: query for query in queries if query.id}
    uses = {query.path: [one for one in metric_math.ids(query.expression) if one in by_id] for query in queries}
    circular = set(_in_circles(by_id, uses))
    for name in circular:
        words = (
            f"the expression '{short(name)}' needs its own result: through {_through(uses[by_id[name].path], circular)}"
        )
        faults.append(Fault(by_id[name].path, "math-cycle", words))
    types: dict[str, Type] = {}
    for query in _inputs_first(queries, by_id, uses, circular):
        if query.expression is None:
            types[query.id] = "TS"
            continue
        known = {name: types.get(name, "?") for name in by_id}
        found, wrong = metric_math.check(query.expression, query.path, known)
        faults += wrong
        types[query.id or query.path] = found
        types[query.path] = found
    return types, faults


def _twice(queries: list[Query]) -> Iterator[Fault]:
    for name, count in Counter(query.id for query in queries if query.id and not has_unknown(query.id)).items():
        if count > 1:
            for query in [query for query in queries if query.id == name][1:]:
                yield Fault(query.path, "metric-id", f"id '{short(name)}' is used twice")


def _in_circles(by_id: dict[str, Query], uses: Uses) -> list[str]:
    """Return the ids that lead back to themselves: what is left when whatever needs nothing is taken away."""
    needs = _taken_away({name: set(uses[query.path]) for name, query in by_id.items()})
    # The same the other way round: what only leads into a circle is not in it.
    used_by: dict[str, set[str]] = {name: set() for name in needs}
    for name, used in needs.items():
        for one in used:
            used_by[one].add(name)
    return [name for name in by_id if name in _taken_away(used_by)]


def _taken_away(needs: dict[str, set[str]]) -> dict[str, set[str]]:
    needs = {name: set(used) for name, used in needs.items()}
    while free := [name for name, used in needs.items() if not used]:
        for name in free:
            del needs[name]
        for used in needs.values():
            used.difference_update(free)
    return needs


def _through(uses: list[str], circular: set[str]) -> str:
    return ", ".join(f"'{short(one)}'" for one in sorted(circular.intersection(uses)))


def _inputs_first(queries: list[Query], by_id: dict[str, Query], uses: Uses, circular: set[str]) -> Iterator[Query]:
    """Yield *queries* so that what an expression uses comes before it, outside of circles."""
    done: set[int] = set()
    for query in queries:
        stack = [query]
        while stack:
            last = stack[-1]
            waits = [
                by_id[used]
                for used in uses[last.path]
                if used not in circular and id(by_id[used]) not in done and by_id[used] is not last
            ]
            if waits and id(last) not in done and len(stack) <= len(queries):
                stack += waits[:1]
                continue
            stack.pop()
            if id(last) not in done:
                done.add(id(last))
                yield last
