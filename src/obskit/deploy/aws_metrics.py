"""
What AWS services publish: metrics, their units, and the dimension sets they come in; read when first asked for.

The data is incomplete, as every list of AWS's is: a namespace that is not in it is taken as it is.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obskit.errors import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DATA = Path(__file__).parent / "data" / "aws_metrics.json"
GLOBAL = "us-east-1"
"""Where CloudFront's metrics are, and those of a web ACL in front of it; in no other region."""


@cache
def published() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """Return namespace -> metric -> its facts: `dimensions` (sets of names), `unit`, `stats`, `region`."""
    found: dict[str, dict[str, dict[str, Any]]] = json.loads(DATA.read_bytes())
    return found


_ODD = {
    "IOPs": "Iops",
    "IDs": "Ids",
    "%": "Percent",
    "GraphQL": "Graphql",
    "PostgreSQL": "Postgresql",
    "DBRPO": "DbRpo",
    "EBSIO": "EbsIo",
}
"""What the rule for words would tear apart, or not tell apart."""


def attribute(name: str) -> str:
    """
    Return what Python calls the metric *name*.

    >>> [attribute(name) for name in ("CPUUtilization", "4XXError", "Reputation.BounceRate", "VolumeReadIOPs", "2xx")]
    ['cpu_utilization', 'error_4xx', 'reputation_bounce_rate', 'volume_read_iops', 'responses_2xx']
    """
    code = re.match(r"\d\w\w", name)
    if code:
        rest = attribute(name[3:]) if name[3:] else "responses"
        return f"{rest}_{code[0].lower()}"
    text = name
    for odd, plain in _ODD.items():
        text = text.replace(odd, plain)
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", text))
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


@cache
def attributes(namespace: str) -> Mapping[str, str]:
    """Return the metrics of *namespace* by what Python calls them."""
    return {attribute(name): name for name in published()[namespace]}


def problem(namespace: str, name: str, dimensions: Iterable[str]) -> str:
    """Return why no such series can be, with the nearest that is; empty where nothing speaks against it."""
    known = published()
    if namespace not in known:
        # One's own may be called as one likes, `Shop/Logs`; what is nearly one of these was meant to be it.
        near = nearest(namespace, known, 0.6 if namespace.startswith("AWS/") else 0.85)
        return f"no namespace '{namespace}'. Did you mean '{near}'?" if near else ""
    if name not in known[namespace]:
        return f"{namespace} publishes no metric '{name}'.{did_you_mean(name, known[namespace])}"
    sets = [tuple(sorted(one)) for one in known[namespace][name]["dimensions"]]
    given = tuple(sorted(dimensions))
    if not sets or given in sets:
        return ""
    import difflib  # only ever needed when something is already wrong

    near_set = max(sets, key=lambda one: difflib.SequenceMatcher(None, ",".join(one), ",".join(given)).ratio())
    words = f"{namespace} publishes '{name}' with no dimensions {_words(given)}, so the graph would be empty"
    return f"{words}; there are {', '.join(map(_words, sets))}. Did you mean {_words(near_set)}?"


def _words(names: Iterable[str]) -> str:
    return f"({', '.join(names)})"


def unit(namespace: str, name: str) -> str:
    """Return the unit of a metric as CloudWatch spells it; empty where the data does not say."""
    found = str(published().get(namespace, {}).get(name, {}).get("unit", ""))
    return "" if found == "None" else found


def home(namespace: str, name: str, dimensions: Iterable[str]) -> str:
    """
    Return the only region that has this series, or nothing where each region has its own.

    A web ACL of scope CLOUDFRONT has no dimension `Region`; one of scope REGIONAL has.
    """
    region = str(published().get(namespace, {}).get(name, {}).get("region", ""))
    here = region == GLOBAL or (region.startswith(GLOBAL) and "Region" not in set(dimensions))
    return GLOBAL if here else ""
