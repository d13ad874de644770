"""What obskit measures of itself and of the function it runs in; each has that function's service."""

from __future__ import annotations

from obskit.catalog.model import Metric
from obskit.units import Unit

COLD_STARTS = Metric("ColdStarts", Unit.COUNT, "Invocations that waited for their environment to start.")
INIT_DURATION = Metric(
    "InitDuration", Unit.MILLISECONDS, "From the start of the process to the loading of the handler, at a cold start."
)
TIMEOUTS = Metric("Timeouts", Unit.COUNT, "Invocations that were still running when their time had nearly run out.")
RESOLVER_ERRORS = Metric(
    "ResolverErrors", Unit.COUNT, "Errors within what a resolver returned, which Lambda counts as success."
)
TELEMETRY_FAULTS = Metric(
    "TelemetryFaults", Unit.COUNT, "What obskit itself could not mask, write or send; the log says where."
)
PII_MASKED = Metric(
    "pii_masked",
    Unit.COUNT,
    "Values that masking replaced or dropped in an invocation; nothing is recorded where it found none.",
    owner="privacy",
)
