"""Names of log keys (Powertools'), span attributes (OpenTelemetry's), and what masking tells apart and may do."""

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
        "durable_replay",
    }
)
"""Keys that obskit writes itself (`_aws` makes a line a metric); such a user field is kept as `field_<name>`."""

METRIC_PROPERTIES = frozenset({"pii", "pii_unseen", "pii_shadow"})
"""Members of metric documents that obskit writes beside those keys: what masking did (`masking.audit`)."""

FAAS_INVOCATION_ID = "faas.invocation_id"
FAAS_COLDSTART = "faas.coldstart"
FAAS_TRIGGER = "faas.trigger"
CLOUD_RESOURCE_ID = "cloud.resource_id"
HTTP_STATUS = "http.response.status_code"
ERROR_TYPE = "error.type"
EXCEPTION_MESSAGE = "exception.message"
EXCEPTION_TYPE = "exception.type"

_PLAIN = ("redact", "pseudonym", "drop", "keep")
_SHORTENED = ("redact", "partial", "pseudonym", "drop", "keep")

MASKING_CLASSES = {
    "EMAIL": _SHORTENED,
    "PHONE": _PLAIN,
    "CARD": ("redact", "partial", "pseudonym", "drop"),
    "BANK": _SHORTENED,
    "NATIONAL_ID": _PLAIN,
    "IP": _SHORTENED,
    "MAC": _PLAIN,
    "NAME": _PLAIN,
    "BIRTH": _PLAIN,
    "ADDRESS": _PLAIN,
    "GEO": _PLAIN,
    "SECRET": ("redact", "drop"),
}
"""
Class -> what a policy may do with it, personal classes first (docs/adr/0009-masking-policy.md).

A card number is never kept: PCI DSS wants it unreadable wherever it is stored. A secret leaves no trace: a part of it
helps to guess it, and a pseudonym of a weak one could be tried out by whoever gets the key.
"""

MASKING_ACTIONS = _SHORTENED
"""What can be done with a value, the default first."""
