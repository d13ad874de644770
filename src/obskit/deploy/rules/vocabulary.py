"""
Which metrics there are: AWS's own by the data in `deploy/data`, the project's by its catalog.

The data is not complete, so that what it does not know is a warning with the nearest that it knows. Namespaces that
are not AWS's are passed over, unless they are the project's.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from obskit.deploy.aws_metrics import published
from obskit.deploy.rules.placeholders import has_unknown
from obskit.deploy.rules.problem import Fault, short
from obskit.errors import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    DimensionSets: TypeAlias = "frozenset[frozenset[str]]"

_NAMES = Path(__file__).parents[1] / "data" / "aws_names.json"


class Known(NamedTuple):
    """The *metrics* of a namespace by name; *whole* says whether the data means to have all of them."""

    metrics: dict[str, DimensionSets]
    whole: bool


@cache
def aws(namespace: str) -> Known | None:
    """Return what the data knows of *namespace*; of all of them would take a while, and a template has few."""
    whole = published().get(namespace)
    named = _named().get(namespace)
    if whole is None and named is None:
        return None
    found = {name: _sets(sets) for name, sets in (named or {}).items()}
    for name, metric in (whole or {}).items():
        found[name] = _sets(metric["dimensions"]) | found.get(name, frozenset())
    return Known(found, whole=whole is not None)


@cache
def _named() -> Mapping[str, Mapping[str, list[list[str]]]]:
    """Return namespace -> metric -> sets of dimensions, of what is known by no more than that."""
    found: dict[str, dict[str, list[list[str]]]] = json.loads(_NAMES.read_bytes())["namespaces"]
    return found


def _sets(dimensions: list[list[str]]) -> DimensionSets:
    return frozenset(frozenset(names) for names in dimensions)


def check(
    namespace: object, name: object, dimensions: object, own: Mapping[str, Known] | None = None
) -> Iterator[Fault]:
    """
    Yield what is not known of a metric; paths are `namespace`, `name` or `dimensions`.

    Args:
        namespace: of the metric.
        name: of the metric.
        dimensions: names of its dimensions; None where they are not known.
        own: the project's namespaces, beside AWS's.
    """
    if not (isinstance(namespace, str) and isinstance(name, str)) or has_unknown(namespace):
        return
    known = (own or {}).get(namespace) or aws(namespace)
    if known is None:
        if namespace.startswith("AWS/"):
            hint = did_you_mean(short(namespace), {**_named(), **published()})
            yield Fault(
                "namespace", "unknown-namespace", f"no namespace '{short(namespace)}' is known.{hint}", "warning"
            )
        return
    if has_unknown(name):
        return
    if name not in known.metrics:
        if known.whole or _misspelt(name, known.metrics):
            hint = did_you_mean(short(name), known.metrics)
            words = f"no metric '{short(name)}' is known in '{namespace}'.{hint}"
            yield Fault("name", "unknown-metric", words, "warning")
        return
    if isinstance(dimensions, list) and all(isinstance(one, str) and not has_unknown(one) for one in dimensions):
        yield from _dimensions(dimensions, known.metrics[name], f"'{namespace}' '{short(name)}'", whole=known.whole)


def _misspelt(name: str, known: Iterable[str]) -> bool:
    """Tell whether *name* is so near one of *known* that it is hardly another: the data does not have all of them."""
    return bool(nearest(short(name), known, 0.9))


def _dimensions(given: list[str], known: DimensionSets, metric: str, *, whole: bool) -> Iterator[Fault]:
    if not known or frozenset(given) in known:
        return
    names = {name for names in known for name in names}
    strange = [name for name in given if name not in names]
    hint = "".join(did_you_mean(short(name), names) for name in strange[:1])
    if not (whole or any(_misspelt(name, names) for name in strange)):
        return
    nearest = min(known, key=lambda one: (len(one ^ frozenset(given)), sorted(one)))
    shown = ", ".join(sorted(nearest)) or "none"
    words = f"{metric} is not known with the dimensions {short(', '.join(given) or 'none')}; nearest: {shown}.{hint}"
    yield Fault("dimensions", "unknown-dimensions", words, "warning")
