"""What obskit measures of itself, with the service of the function that it runs in."""

from __future__ import annotations

from obskit.catalog.model import Metric
from obskit.units import Unit

PII_MASKED = Metric(
    "pii_masked",
    Unit.COUNT,
    "Values that masking replaced or dropped in an invocation; nothing is recorded where it found none.",
    owner="privacy",
)
