"""The vocabulary that metrics are declared in."""

from obskit.catalog.model import Dimension, Metric, Statistic, declared
from obskit.units import Unit

__all__ = ["Dimension", "Metric", "Statistic", "Unit", "declared"]
