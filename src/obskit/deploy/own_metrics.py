"""The project's own metrics, as the rules over dashboards and templates look them up."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from obskit.catalog import own
from obskit.catalog.model import Metric
from obskit.deploy import definitions, project
from obskit.deploy.rules.vocabulary import Known

if TYPE_CHECKING:
    from pathlib import Path

    from obskit.deploy.rules.vocabulary import DimensionSets

_MOST = 4
"""Dimensions of which every selection is looked up; a metric with more may have any."""


def load(root: Path) -> dict[str, Known]:
    """
    Return the metrics of the project in *root* by namespace.

    Raises:
        ObskitError: obskit.toml or a catalog cannot be read.
    """
    found = project.load(root)
    metrics = {name: _sets(metric) for name, metric in definitions.catalog(found).items()}
    # What obskit records by itself is in no catalog.
    metrics |= {metric.name: _sets(metric) for metric in vars(own).values() if isinstance(metric, Metric)}
    return {found.namespace: Known(metrics, whole=True)}


def _sets(metric: Metric) -> DimensionSets:
    """Return every set of dimensions under which a value is visible: a recording may leave some out."""
    if len(metric.dimensions) > _MOST:
        return frozenset()
    counts = range(len(metric.dimensions) + 1)
    return frozenset(
        frozenset({"service", "env", *some}) for count in counts for some in combinations(metric.dimensions, count)
    )
