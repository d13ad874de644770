"""The vocabulary that metrics are declared in."""

from obskit.catalog.model import Metric, Statistic, declared
from obskit.units import Unit

__all__ = ["Metric", "Statistic", "Unit", "declared"]
