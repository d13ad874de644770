"""Limits that AWS sets, each with its source and the day it was read."""

from __future__ import annotations

EMF_METRICS = 100
"""Metric definitions in one EMF directive. CloudWatch user guide, "Embedded metric format", 2026-11-24."""

EMF_VALUES = 100
"""Values of one metric in one EMF document. Same page, 2026-11-24."""

EMF_DIMENSIONS = 30
"""Dimension names in one EMF dimension set. Same page, 2026-11-24."""

METRIC_NAME = 255
"""Characters of a metric name. CloudWatch API, `MetricDatum.MetricName`, 2026-11-24."""

DIMENSION_NAME = 250
"""Characters of an EMF dimension name. EMF specification, 2026-11-24."""

DIMENSION_VALUE = 1024
"""Characters of a dimension value. CloudWatch API, `Dimension.Value`, 2026-11-24."""

DIMENSION_VALUES = 10_000
"""Distinct values that one dimension may be declared with. Our own: at list price these cost 3,000 USD a month."""

NAMESPACE = 255
"""Characters of a metric namespace. CloudWatch API, `PutMetricData.Namespace`, 2026-11-24."""

METRIC_VALUE = 2.0**360
"""Largest magnitude of a metric value. CloudWatch API, `MetricDatum.Value`, 2026-11-24."""

LOG_EVENT_BYTES = 1_048_576
"""Bytes of one log event. CloudWatch Logs API, `PutLogEvents`, 2026-11-24."""

DATAGRAM_BYTES = 65_507
"""Payload of one UDP datagram over IPv4 (65,535 less the IP and UDP headers)."""

XRAY_NAME = 200
"""Characters of an X-Ray segment name. X-Ray segment documents, 2026-11-24."""

XRAY_STRING = 250
"""Characters of other X-Ray strings, unless stated. X-Ray segment documents, 2026-11-24."""

XRAY_ANNOTATIONS = 50
"""Annotations that X-Ray indexes of one trace. X-Ray segment documents, 2026-11-24."""

OTLP_REQUEST_BYTES = 1_000_000
"""Bytes of one request to a collector, before it is compressed. Our own, as what is in between may take less:
CloudWatch takes 5 MB (CloudWatch user guide, "OTLP endpoints", 2026-11-24)."""

OTLP_SPAN_BYTES = 200_000
"""Bytes of one span. Same page, 2026-11-24."""

MESSAGE_ATTRIBUTES = 10
"""Attributes of one SQS message. SQS developer guide, "Message metadata", 2026-11-24. SNS has no such limit, but a raw
delivery to SQS with more of them is discarded (SNS developer guide, "Raw message delivery")."""

MESSAGE_BYTES = (262_144, 1_048_576)
"""Bytes of a message or an input, attributes counted: SNS, EventBridge and Step Functions take the first, SQS the
second (APIs of the four, 2026-11-24). Services moved from one to the other: neither limit is crossed."""

CLIENT_CONTEXT_BYTES = 3583
"""Base64 text of `Invoke`'s `ClientContext`. Lambda API, `Invoke`, 2026-11-24."""

EVENTBRIDGE_TRACE_HEADER = 500
"""Characters of `PutEventsRequestEntry.TraceHeader`. EventBridge API, 2026-11-24."""

STEP_FUNCTIONS_TRACE_HEADER = 256
"""Characters of `StartExecution.traceHeader`. Step Functions API, 2026-11-24."""

REGIONS = (
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "me-west-1",
    "mx-central-1",
    "sa-east-1",
    "sa-west-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
)
"""Regions of the commercial, European, Chinese and US government partitions. botocore 1.44.5, `partitions.json`,
2026-11-24; a newer one needs its line here."""

LAMBDA_UNZIPPED_BYTES = 262_144_000
"""Bytes of a function's code and all its layers, unpacked: 250 MB. Lambda quotas, 2026-11-24."""

LAMBDA_DIRECT_BYTES = 50_000_000
"""Bytes of a zip in a call of Lambda's API; a larger one goes by S3. Lambda quotas, 2026-11-24."""
