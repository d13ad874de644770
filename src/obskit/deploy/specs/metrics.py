"""
What is shown and watched: statistics of the catalog's metrics, AWS's own metrics, and math over both.

`{project}`, `{env}`, `{region}` and the ids of the environment (`[environments.<env>.ids]`) may stand in dimension
values of `AwsMetric`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from obskit.catalog.model import Statistic
from obskit.deploy.project import NAME
from obskit.errors import DefinitionError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class AwsMetric:
    """A metric that an AWS service publishes; *dimensions* is exactly one set that the service really publishes."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    stat: str
    label: str = ""


Measured: TypeAlias = Statistic | AwsMetric
"""One series that CloudWatch has stored."""


@dataclass(frozen=True, slots=True)
class Math:
    """
    CloudWatch metric math over other series.

    Args:
        expression: in CloudWatch's grammar, with the names of *uses*: `100 * failed / (failed + accepted)`.
        uses: the series behind these names; the same name means the same series in the whole widget.
        label: what the line is called.
    """

    expression: str
    uses: Mapping[str, Measured]
    label: str

    def __post_init__(self) -> None:
        who = f"Math '{self.label or self.expression}'"
        if not self.expression or not self.label:
            raise DefinitionError(f"{who}: expression and label are texts, not empty")
        for name, used in self.uses.items():
            if not _ID.fullmatch(name):
                raise DefinitionError(
                    f"{who}: '{name}' is no id of metric math: a lower-case letter, then letters, digits, _"
                )
            if not isinstance(used, (Statistic, AwsMetric)):
                raise DefinitionError(
                    f"{who}: '{name}' is {used!r}; it must be a statistic, e.g. kpis.SEARCH_LATENCY.p95"
                )
            if not re.search(rf"\b{name}\b", self.expression):
                raise DefinitionError(f"{who}: '{name}' does not occur in '{self.expression}'")


Shown: TypeAlias = Measured | Math


def measured(shows: Iterable[Shown]) -> Iterator[Measured]:
    """Yield the stored series of *shows*, those that math uses among them."""
    for shown in shows:
        if isinstance(shown, Math):
            yield from shown.uses.values()
        else:
            yield shown


def check_name(who: str, name: str) -> None:
    if not NAME.fullmatch(name):
        raise DefinitionError(f"{who}: a name is lower-case words joined by '-', each beginning with a letter")


def check_shows(who: str, shows: object, by: Mapping[str, str]) -> None:
    if not isinstance(shows, tuple) or not shows:
        raise DefinitionError(f"{who}: what it shows is a tuple with at least one statistic")
    for shown in shows:
        if not isinstance(shown, (Statistic, AwsMetric, Math)):
            raise DefinitionError(f"{who} has {shown!r}; name a statistic of a metric, e.g. kpis.SEARCH_LATENCY.p95")
    for statistic in measured(shows):
        if isinstance(statistic, Statistic):
            _check_by(who, statistic, by)


def _check_by(who: str, statistic: Statistic, by: Mapping[str, str]) -> None:
    metric = statistic.metric
    for dimension in by:
        if dimension not in metric.dimension_set:
            known = ", ".join(metric.dimensions) or "none"
            raise DefinitionError(
                f"{who}: metric '{metric.name}' declares no dimension '{dimension}' (declared: {known})."
                f"{did_you_mean(dimension, metric.dimensions)}"
            )
