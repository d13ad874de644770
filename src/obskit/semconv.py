"""Names of log keys and span attributes: Powertools' for log lines, OpenTelemetry's for spans."""

from __future__ import annotations

RESERVED_LOG_KEYS = frozenset(
    {
        "_aws",
        "timestamp",
        "level",
        "message",
        "location",
        "logger",
        "service",
        "env",
        "function_name",
        "function_version",
        "function_request_id",
        "cold_start",
        "xray_trace_id",
        "trace_id",
        "span_id",
        "correlation_id",
        "caller_trace_id",
        "tenant_id",
    }
)
"""Keys that obskit writes itself (`_aws` makes a line a metric); such a user field is kept as `field_<name>`."""

FAAS_INVOCATION_ID = "faas.invocation_id"
FAAS_COLDSTART = "faas.coldstart"
FAAS_TRIGGER = "faas.trigger"
CLOUD_RESOURCE_ID = "cloud.resource_id"
ERROR_TYPE = "error.type"
EXCEPTION_MESSAGE = "exception.message"
EXCEPTION_TYPE = "exception.type"
