"""Metrics as a test reads them: the EMF documents, and the values of one metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from obskit.errors import did_you_mean
from obskit.testing.lines import Document, Documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from obskit.catalog.model import Metric


@dataclass(frozen=True)
class Series:
    """What one EMF document says of one metric."""

    name: str
    unit: str
    namespace: str
    dimensions: Mapping[str, str]
    """All dimensions it is visible by, the widest set."""
    values: tuple[float, ...]

    def __str__(self) -> str:
        labels = ", ".join(f"{name}={value}" for name, value in self.dimensions.items())
        return f"{self.name}{{{labels}}} = {list(self.values)} {self.unit}"


class Values(list[float]):
    """The values of a metric; a comparison that fails in pytest says what was recorded instead."""

    def __init__(self, values: Iterable[float], asked: str, recorded: str) -> None:
        super().__init__(values)
        self._asked = asked
        self._recorded = recorded

    def explain(self, operator: str, left: object, right: object) -> list[str]:
        """Return the lines of a failed assertion, for `pytest_assertrepr_compare`."""
        return [f"{left!r} {operator} {right!r}", *self.told()]

    def told(self) -> list[str]:
        """Return lines that say what was asked for, and what was recorded."""
        return [f"values of {self._asked}", *self._recorded.split("\n")]


class Measurements(Documents):
    """The EMF documents, each a dict; `values` and `series` are the easy view of them."""

    @property
    def series(self) -> list[Series]:
        """Every metric of every document."""
        return [series for document in self for series in _series(document)]

    @property
    def names(self) -> list[str]:
        """The names of the metrics, each once, in the order of writing."""
        return list(dict.fromkeys(series.name for series in self.series))

    def values(self, metric: Metric | str, /, **dimensions: str) -> Values:
        """
        Return the values recorded of *metric*, in the order of writing; all of them where no dimension is given.

        Args:
            metric: a declared metric, such as `obskit.kpis.CHECKOUT_SUCCESS`, or its name in CloudWatch.
            dimensions: some of those it was recorded with, `service` and `env` among them.
        """
        name = metric if isinstance(metric, str) else metric.name
        series = self.series
        found = [
            value
            for one in series
            if one.name == name and all(one.dimensions.get(key) == value for key, value in dimensions.items())
            for value in one.values
        ]
        asked = name + (
            "{" + ", ".join(f"{key}={value}" for key, value in dimensions.items()) + "}" if dimensions else ""
        )
        return Values(found, asked, _recorded(series, name))

    def only(self, metric: Metric | str, /, **dimensions: str) -> float:
        """
        Return the one value recorded of *metric*.

        Raises:
            AssertionError: there is none, or more than one; the message shows what was recorded.
        """
        __tracebackhide__ = True
        found = self.values(metric, **dimensions)
        if len(found) != 1:
            raise AssertionError("\n".join([f"{found!r} is not one value", *found.told()]))
        return found[0]


def _series(document: Document) -> Iterable[Series]:
    for directive in document["_aws"]["CloudWatchMetrics"]:
        names = dict.fromkeys(name for names in directive["Dimensions"] for name in names)
        dimensions = {name: document[name] for name in names}
        for metric in directive["Metrics"]:
            values = document[metric["Name"]]
            yield Series(
                metric["Name"],
                metric.get("Unit", "None"),
                directive["Namespace"],
                dimensions,
                tuple(map(float, values if isinstance(values, list) else [values])),
            )


def _recorded(series: list[Series], name: str) -> str:
    """Return what was recorded: of the metric *name* where there is something, else of all."""
    if not series:
        return "no metric was recorded (inside an invocation they are written when it ends)"
    of_name = [one for one in series if one.name == name]
    head = (
        "recorded were:"
        if of_name
        else f"nothing of that name.{did_you_mean(name, {s.name for s in series})} Recorded were:"
    )
    return "\n".join([head, *(f"  {one}" for one in of_name or series)])
