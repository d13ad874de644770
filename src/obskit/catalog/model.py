"""A metric is declared once, here in words; what is emitted, shown and alarmed on derives from it."""

from __future__ import annotations

from obskit import quotas
from obskit.errors import CatalogError, did_you_mean
from obskit.units import UNITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

ALWAYS = ("service", "env")
"""The two dimensions that every metric has; obskit fills them itself."""

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


class Metric:
    """
    One declared metric.

    Args:
        name: what CloudWatch calls it, 1 to 255 printable ASCII characters, e.g. `CheckoutSuccess`.
        unit: one of `Unit`.
        help: one sentence that says what a value means.
        dimensions: names of the dimensions a recording may give beside `service` and `env`.
        owner: the team that answers for it.
        service: the value of its `service` dimension; without it, the service of the function that records.
        objective: what good looks like, in words with a unit.
        runbook: file name below `alarms/runbooks/`.
        resolution: seconds between stored points, 60 or 1.

    Raises:
        CatalogError: the declaration breaks a rule of CloudWatch or differs from an earlier one.
    """

    __slots__ = (
        "dimension_set",
        "dimensions",
        "help",
        "name",
        "objective",
        "owner",
        "resolution",
        "runbook",
        "service",
        "unit",
    )

    def __init__(  # noqa: PLR0913  a declaration names its facts
        self,
        name: str,
        unit: str,
        help: str,  # noqa: A002  the word the public interface has
        dimensions: tuple[str, ...] = (),
        *,
        owner: str = "",
        service: str = "",
        objective: str = "",
        runbook: str = "",
        resolution: int = 60,
    ) -> None:
        self.name = name
        self.unit = unit
        self.help = help
        self.dimensions = dimensions
        self.dimension_set = frozenset(dimensions)
        self.owner = owner
        self.service = service
        self.objective = objective
        self.runbook = runbook
        self.resolution = resolution
        self._check()
        known = _DECLARED.setdefault(name, self)
        if known is not self and known._facts() != self._facts():  # noqa: SLF001  its own class
            raise CatalogError(f"metric '{name}' is declared twice with different facts; a metric is declared once")

    def _facts(self) -> tuple[object, ...]:
        return tuple(getattr(self, slot) for slot in self.__slots__)

    def _check(self) -> None:
        name = self.name
        if not is_text(name, quotas.METRIC_NAME) or name.startswith(":"):
            raise CatalogError(
                f"metric {name!r}: a name has 1 to {quotas.METRIC_NAME} printable ASCII characters and does not start"
                " with ':' (CloudWatch API, MetricDatum)"
            )
        if self.unit not in UNITS:
            raise CatalogError(
                f"metric '{name}': '{self.unit}' is not a CloudWatch unit.{did_you_mean(str(self.unit), UNITS)}"
            )
        if not self.help:
            raise CatalogError(f"metric '{name}': help is empty; one sentence says what a value means")
        if self.resolution not in (1, 60):
            raise CatalogError(f"metric '{name}': resolution is {self.resolution}; EMF knows 1 and 60 seconds")
        self._check_dimensions()

    def _check_dimensions(self) -> None:
        name, names = self.name, self.dimensions
        if isinstance(names, str):
            raise CatalogError(f"metric '{name}': dimensions is a tuple of names, e.g. ('{names}',)")
        if len(names) + len(ALWAYS) > quotas.EMF_DIMENSIONS:
            raise CatalogError(
                f"metric '{name}': {len(names)} dimensions beside service and env; EMF allows"
                f" {quotas.EMF_DIMENSIONS} in a set"
            )
        if len(self.dimension_set) != len(names):
            raise CatalogError(f"metric '{name}': a dimension is named twice in {names}")
        for dimension in names:
            if dimension in ALWAYS:
                raise CatalogError(f"metric '{name}': dimension '{dimension}' is always there and is not declared")
            if not is_text(dimension, quotas.DIMENSION_NAME) or dimension.startswith((":", "_aws")):
                raise CatalogError(
                    f"metric '{name}': dimension {dimension!r} must have 1 to {quotas.DIMENSION_NAME} printable ASCII"
                    " characters and not start with ':' or '_aws' (EMF specification)"
                )

    def __repr__(self) -> str:
        return f"Metric({self.name!r}, {self.unit!r})"

    def percentile(self, percent: float) -> Statistic:
        """Return the statistic below which *percent* of the values lie, e.g. 99.9."""
        if not 0 <= percent <= 100:
            raise CatalogError(f"metric '{self.name}': percentile {percent} is not between 0 and 100")
        return Statistic(self, f"p{percent:g}")

    @property
    def sum(self) -> Statistic:
        return Statistic(self, "Sum")

    @property
    def average(self) -> Statistic:
        return Statistic(self, "Average")

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
