"""Records of a marketplace on AWS: what its functions receive, call and log, each as one function of a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit.testing.shapes import called, logged, received

if TYPE_CHECKING:
    from collections.abc import Callable

    from obskit.testing.placements import Filler, Node

SHAPES: tuple[Callable[[Filler], Node], ...] = (
    received.appsync_event,
    received.api_gateway_v1,
    received.api_gateway_v2,
    received.eventbridge_event,
    received.sns_message,
    received.sqs_event,
    received.dynamodb_stream,
    received.kinesis_record,
    received.edge_request,
    called.stripe_charge,
    called.mail_request,
    logged.order_line,
    logged.order_line,
    logged.checkout_line,
    logged.search_line,
    logged.support_line,
    logged.access_line,
    logged.failure_line,
    logged.failure_line,
    logged.headers_line,
    logged.release_line,
    logged.privacy_job,
)
"""One function a shape; each returns a document in which texts are stand-ins."""
