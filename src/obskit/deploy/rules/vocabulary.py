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

from obskit.deploy.rules.placeholders import has_unknown
from obskit.deploy.rules.problem import Fault, short
from obskit.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    DimensionSets: TypeAlias = "frozenset[frozenset[str]]"

_DATA = Path(__file__).parents[1] / "data"


class Known(NamedTuple):
    """The *metrics* of a namespace by name; *whole* says whether the data means to have all of them."""

    metrics: dict[str, DimensionSets]
    whole: bool


@cache
def aws() -> dict[str, Known]:
    """Return what the data knows, by namespace."""
    found = {
        namespace: Known({name: _sets(sets) for name, sets in metrics.items()}, whole=False)
        for namespace, metrics in json.loads((_DATA / "aws_names.json").read_text(encoding="utf-8"))[
            "namespaces"
        ].items()
    }
    for namespace, metrics in json.loads((_DATA / "aws_metrics.json").read_text(encoding="utf-8")).items():
        others = found[namespace].metrics if namespace in found else {}
        known = {name: _sets(metric["dimensions"]) for name, metric in metrics.items()}
        both = {name: known.get(name, frozenset()) | others.get(name, frozenset()) for name in {**others, **known}}
        found[namespace] = Known(both, whole=True)
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
    known = (own or {}).get(namespace) or aws().get(namespace)
    if known is None:
        if namespace.startswith("AWS/"):
            hint = did_you_mean(short(namespace), aws())
            yield Fault(
                "namespace", "unknown-namespace", f"no namespace '{short(namespace)}' is known.{hint}", "warning"
            )
        return
    if has_unknown(name):
        return
    if name not in known.metrics:
        hint = did_you_mean(short(name), known.metrics)
        if known.whole or _misspelt(name, known.metrics):
            words = f"no metric '{short(name)}' is known in '{namespace}'.{hint}"
            yield Fault("name", "unknown-metric", words, "warning")
        return
    if isinstance(dimensions, list) and all(isinstance(one, str) and not has_unknown(one) for one in dimensions):
        yield from _dimensions(dimensions, known.metrics[name], f"'{namespace}' '{short(name)}'", whole=known.whole)


def _misspelt(name: str, known: Iterable[str]) -> bool:
    """Tell whether *name* is so near one of *known* that it is hardly another: the data does not have all of them."""
    import difflib

    return bool(difflib.get_close_matches(short(name), list(known), n=1, cutoff=0.9))


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
