"""A metric is declared once, here in words; what is emitted, shown and alarmed on derives from it."""

from __future__ import annotations

import sys

from obskit import quotas
from obskit.errors import CatalogError, did_you_mean
from obskit.semconv import METRIC_PROPERTIES, RESERVED_LOG_KEYS
from obskit.units import UNITS, Unit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypedDict, Unpack

    class Facts(TypedDict, total=False):
        """What `Metric` takes beside name, unit, help, dimensions and kind."""

        owner: str
        service: str
        objective: str
        direction: str
        runbook: str
        resolution: int
        statistics: tuple[str, ...]


ALWAYS = ("service", "env")
"""The two dimensions that every metric has; obskit fills them itself."""

OTHER = "other"
"""What stands for a value of a dimension that is not declared, or one too many."""

VALUES = 100
"""Distinct values of a dimension that one process writes, unless its declaration says otherwise."""

COUNTER, GAUGE, DURATION = "counter", "gauge", "duration"
"""Things that happened, at least 0; how much there is of something; how long something took, at least 0."""

_STATISTICS = {COUNTER: ("Sum",), GAUGE: ("Average", "Maximum"), DURATION: ("p50", "p95", "p99")}
_PLAIN = ("Sum", "Average", "Minimum", "Maximum", "SampleCount")
_TIMES = (Unit.SECONDS, Unit.MILLISECONDS, Unit.MICROSECONDS)
_DIRECTIONS = ("", "more", "less")
_WRITTEN_BY_OBSKIT = RESERVED_LOG_KEYS | METRIC_PROPERTIES

_DECLARED: dict[str, Metric] = {}


def declared() -> Mapping[str, Metric]:
    """Return every metric declared so far, by name."""
    return dict(_DECLARED)


class Statistic:
    """What a widget or an alarm reads: a metric, and how CloudWatch folds its values."""

    __slots__ = ("metric", "stat")

    def __init__(self, metric: Metric, stat: str) -> None:
        self.metric = metric
        self.stat = stat

    def __repr__(self) -> str:
        return f"{self.metric.name}.{self.stat}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Statistic):
            return NotImplemented
        return (self.metric.name, self.stat) == (other.metric.name, other.stat)

    def __hash__(self) -> int:
        return hash((self.metric.name, self.stat))


class Dimension:
    """
    A dimension, and which values it has: each one is a series of its own, and a line on the bill.

    Args:
        name: 1 to 250 printable ASCII characters, and a name that Python can pass as a keyword.
        one_of: all values there are; any other is written as `other`.
        limit: without *one_of*, how many distinct values a process writes; those that come later are `other`.

    Raises:
        CatalogError: a rule of CloudWatch is broken, or both *one_of* and *limit* are given.
    """

    __slots__ = ("limit", "name", "one_of")

    def __init__(self, name: str, *, one_of: tuple[str, ...] = (), limit: int = 0) -> None:
        self.name = name
        self.one_of = one_of
        self.limit = limit or len(one_of) or VALUES
        if not is_text(name, quotas.DIMENSION_NAME) or name.startswith(":"):
            raise CatalogError(
                f"dimension {name!r} must have 1 to {quotas.DIMENSION_NAME} printable ASCII characters and not start"
                " with ':' (EMF specification, DimensionSet)"
            )
        if name in ALWAYS:
            raise CatalogError(f"dimension '{name}' is always there and is not declared")
        if name in _WRITTEN_BY_OBSKIT:
            raise CatalogError(f"dimension '{name}' has the name of a member that obskit writes (obskit.semconv)")
        if one_of and limit:
            raise CatalogError(f"dimension '{name}': give one_of or limit; a list of values is its own limit")
        if isinstance(one_of, str):
            raise CatalogError(f"dimension '{name}': one_of is a tuple of values, e.g. ('{one_of}',)")
        if type(limit) is not int or not 0 <= limit <= quotas.DIMENSION_VALUES:
            raise CatalogError(
                f"dimension '{name}': limit is {limit!r}; it is a number from 1 to {quotas.DIMENSION_VALUES}"
                " (obskit.quotas: each value is billed as a metric)"
            )
        for value in one_of:
            if not is_text(value, quotas.DIMENSION_VALUE) or value != value.strip():
                raise CatalogError(
                    f"dimension '{name}': value {value!r} must have 1 to {quotas.DIMENSION_VALUE} printable ASCII"
                    " characters and no space at its ends (CloudWatch API, Dimension.Value)"
                )
        if len(set(one_of)) != len(one_of):
            raise CatalogError(f"dimension '{name}': a value is named twice in {one_of}")

    def __repr__(self) -> str:
        return f"Dimension({self.name!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Dimension):
            return NotImplemented
        return (self.name, self.one_of, self.limit) == (other.name, other.one_of, other.limit)

    def __hash__(self) -> int:
        return hash((self.name, self.one_of, self.limit))


class Metric:
    """
    One declared metric; `Metric.counter`, `Metric.duration` and `Metric.gauge` say its kind.

    Args:
        name: what CloudWatch calls it, 1 to 255 printable ASCII characters, e.g. `CheckoutSuccess`.
        unit: one of `Unit`.
        help: one sentence that says what a value means.
        dimensions: the dimensions a recording may give beside `service` and `env`: a name, with 100 values a process,
            or a `Dimension` that says which.
        kind: `counter`, `gauge` or `duration`; a counter and a duration are never below 0.
        owner: the team that answers for it.
        service: the value of its `service` dimension; without it, the service of the function that records.
        objective: what good looks like, in words with a unit; it makes the metric a KPI, which needs an alarm.
        direction: `more` or `less`, whichever is better.
        runbook: file name below `alarms/runbooks/`.
        resolution: seconds between stored points, 60 or 1.
        statistics: what it is read by, e.g. `("Sum",)` or `("p50", "p99.9")`; by default what suits its kind.

    Raises:
        CatalogError: the declaration breaks a rule of CloudWatch or differs from an earlier one.
    """

    __slots__ = (
        "bounds",
        "declared_in",
        "dimension_set",
        "dimensions",
        "direction",
        "help",
        "kind",
        "least",
        "name",
        "objective",
        "owner",
        "resolution",
        "runbook",
        "service",
        "stats",
        "unit",
    )

    def __init__(  # noqa: PLR0913  a declaration names its facts
        self,
        name: str,
        unit: str,
        help: str,  # noqa: A002  the word the public interface has
        dimensions: tuple[str | Dimension, ...] = (),
        *,
        kind: str = GAUGE,
        owner: str = "",
        service: str = "",
        objective: str = "",
        direction: str = "",
        runbook: str = "",
        resolution: int = 60,
        statistics: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.unit = unit
        self.help = help
        self.kind = kind
        self.owner = owner
        self.service = service
        self.objective = objective
        self.direction = direction
        self.runbook = runbook
        self.resolution = resolution
        self._check()
        self.bounds = self._bounds(dimensions)
        self.dimensions = tuple(bound.name for bound in self.bounds)
        self.dimension_set = frozenset(self.dimensions)
        self.stats = statistics or _STATISTICS[kind]
        self.least = -quotas.METRIC_VALUE if kind == GAUGE else 0.0
        self.declared_in = _caller()
        self._check_dimensions()
        for stat in self.stats:
            if not is_statistic(stat):
                raise CatalogError(
                    f"metric '{name}': '{stat}' is no statistic that obskit knows; it is one of {', '.join(_PLAIN)},"
                    f" or a percentile such as p99.9.{did_you_mean(str(stat), _PLAIN)}"
                )
        known = _DECLARED.setdefault(name, self)
        if known is not self and known._facts() != self._facts():  # noqa: SLF001  its own class
            place = ":".join(map(str, known.declared_in))
            raise CatalogError(
                f"metric '{name}' is declared twice with different facts, first in {place}; a metric is declared once"
            )

    @classmethod
    def counter(
        cls,
        name: str,
        help: str,  # noqa: A002
        dimensions: tuple[str | Dimension, ...] = (),
        *,
        unit: str = Unit.COUNT,
        **facts: Unpack[Facts],
    ) -> Metric:
        """Declare how many things happened: values are added up."""
        return cls(name, unit, help, dimensions, kind=COUNTER, **facts)

    @classmethod
    def gauge(
        cls,
        name: str,
        unit: str,
        help: str,  # noqa: A002
        dimensions: tuple[str | Dimension, ...] = (),
        **facts: Unpack[Facts],
    ) -> Metric:
        """Declare how much there is of something: each value stands for itself."""
        return cls(name, unit, help, dimensions, kind=GAUGE, **facts)

    @classmethod
    def duration(
        cls,
        name: str,
        help: str,  # noqa: A002
        dimensions: tuple[str | Dimension, ...] = (),
        *,
        unit: str = Unit.MILLISECONDS,
        **facts: Unpack[Facts],
    ) -> Metric:
        """Declare how long something takes: what `obskit.timer` measures, read in percentiles."""
        return cls(name, unit, help, dimensions, kind=DURATION, **facts)

    def _facts(self) -> tuple[object, ...]:
        return tuple(getattr(self, slot) for slot in self.__slots__ if slot != "declared_in")

    def _check(self) -> None:
        name = self.name
        if not is_text(name, quotas.METRIC_NAME) or name.startswith(":"):
            raise CatalogError(
                f"metric {name!r}: a name has 1 to {quotas.METRIC_NAME} printable ASCII characters and does not start"
                " with ':' (CloudWatch API, MetricDatum)"
            )
        if name in _WRITTEN_BY_OBSKIT:
            raise CatalogError(f"metric '{name}' has the name of a member that obskit writes itself (obskit.semconv)")
        if self.unit not in UNITS:
            raise CatalogError(
                f"metric '{name}': '{self.unit}' is not a CloudWatch unit (CloudWatch API, MetricDatum.Unit)."
                f"{did_you_mean(str(self.unit), UNITS)}"
            )
        if not self.help:
            raise CatalogError(f"metric '{name}': help is empty; one sentence says what a value means")
        if self.kind not in _STATISTICS:
            raise CatalogError(f"metric '{name}': kind '{self.kind}' is none of {', '.join(_STATISTICS)}")
        if self.kind == DURATION and self.unit not in _TIMES:
            raise CatalogError(f"metric '{name}': a duration has a unit of time ({', '.join(_TIMES)})")
        if self.direction not in _DIRECTIONS:
            raise CatalogError(f"metric '{name}': direction '{self.direction}' is neither 'more' nor 'less'")
        if type(self.resolution) is not int or self.resolution not in (1, 60):
            raise CatalogError(
                f"metric '{name}': resolution is {self.resolution!r}; EMF knows 1 and 60 seconds (EMF specification,"
                " StorageResolution)"
            )

    def _bounds(self, dimensions: tuple[str | Dimension, ...]) -> tuple[Dimension, ...]:
        if isinstance(dimensions, (str, Dimension)):
            raise CatalogError(f"metric '{self.name}': dimensions is a tuple of names, e.g. ({dimensions!r},)")
        try:
            return tuple(one if isinstance(one, Dimension) else Dimension(one) for one in dimensions)
        except CatalogError as error:
            raise CatalogError(f"metric '{self.name}': {error}") from None

    def _check_dimensions(self) -> None:
        name, names = self.name, self.dimensions
        if len(names) + len(ALWAYS) > quotas.EMF_DIMENSIONS:
            raise CatalogError(
                f"metric '{name}': {len(names)} dimensions beside service and env; EMF allows"
                f" {quotas.EMF_DIMENSIONS} in a set (EMF specification, DimensionSet)"
            )
        if len(self.dimension_set) != len(names):
            raise CatalogError(f"metric '{name}': a dimension is named twice in {names}")
        for dimension in names:
            if dimension == name or dimension in _DECLARED:
                raise CatalogError(f"metric '{name}': dimension '{dimension}' has the name of a metric; {_ONE_MEMBER}")
        for other in _DECLARED.values():
            if name in other.dimension_set:
                raise CatalogError(f"metric '{name}' has the name of a dimension of '{other.name}'; {_ONE_MEMBER}")

    def __repr__(self) -> str:
        return f"Metric({self.name!r}, {self.unit!r})"

    def percentile(self, percent: float) -> Statistic:
        """
        Return the statistic below which *percent* of the values lie, e.g. 99.9.

        Raises:
            CatalogError: *percent* is not from 0 to 100.
        """
        if not 0 <= percent <= 100:
            raise CatalogError(f"metric '{self.name}': percentile {percent} is not between 0 and 100")
        return Statistic(self, f"p{percent:g}")

    @property
    def statistics(self) -> tuple[Statistic, ...]:
        """What it is read by, e.g. to be shown in a `Graph`."""
        return tuple(Statistic(self, stat) for stat in self.stats)

    @property
    def series(self) -> int:
        """How many metrics CloudWatch bills in one environment and region, at most: the whole, and each combination."""
        count = 1
        for bound in self.bounds:
            count *= bound.limit
        return 1 + count if self.bounds else 1

    @property
    def sum(self) -> Statistic:
        return Statistic(self, "Sum")

    @property
    def average(self) -> Statistic:
        return Statistic(self, "Average")

    @property
    def ratio(self) -> Statistic:
        """The average of what is recorded as 1 or 0: the share of ones."""
        return self.average

    @property
    def minimum(self) -> Statistic:
        return Statistic(self, "Minimum")

    @property
    def maximum(self) -> Statistic:
        return Statistic(self, "Maximum")

    @property
    def samples(self) -> Statistic:
        return Statistic(self, "SampleCount")

    @property
    def p50(self) -> Statistic:
        return Statistic(self, "p50")

    @property
    def p95(self) -> Statistic:
        return Statistic(self, "p95")

    @property
    def p99(self) -> Statistic:
        return Statistic(self, "p99")


def is_text(text: object, longest: int) -> bool:
    """Say whether CloudWatch takes *text* as a name or value: printable ASCII, not blank, at most *longest*."""
    return (
        isinstance(text, str)
        and 0 < len(text) <= longest
        and text.isascii()
        and text.isprintable()
        and not text.isspace()
    )


def is_statistic(text: object) -> bool:
    """Say whether *text* is one of CloudWatch's plain statistics or a percentile such as `p99.9`."""
    if not isinstance(text, str):
        return False
    if text in _PLAIN:
        return True
    whole, _, part = text[1:].partition(".")
    digits = whole.isascii() and whole.isdigit() and (not part or (part.isascii() and part.isdigit()))
    return text.startswith("p") and digits and float(text[1:]) <= 100


_ONE_MEMBER = "one member of a document cannot be both (EMF specification, target members)"


def _caller() -> tuple[str, int]:
    """Return file and line of the declaration: the nearest frame outside of this module."""
    frame = sys._getframe(1)  # noqa: SLF001  the documented name
    while frame.f_back is not None and frame.f_globals.get("__name__") == __name__:
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno
