"""
Powertools' Logger and Metrics with what obskit's lines and documents say: the same keys, for the count of bytes.

Trace and span are taken from the headers as they stand; nothing is masked, opened or counted.
"""

import os
import time

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from figures import figures

logger = Logger(service="checkout")
metrics = Metrics(namespace="Shop", service="checkout")


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event, context):
    caller = event["request"]["headers"]["traceparent"].split("-")[1]
    span = os.environ["_X_AMZN_TRACE_ID"].partition("Parent=")[2][:16]
    logger.append_keys(env="bench", function_version=context.function_version, correlation_id=caller, span_id=span)
    metrics.add_dimension("env", "bench")
    metrics.add_dimension("operation", "checkout")
    metrics.add_metadata("function_request_id", context.aws_request_id)
    metrics.add_metadata("correlation_id", caller)
    metrics.add_metadata("pii", {"EMAIL": {"redact": {"log": 1}}, "PHONE": {"redact": {"log": 1}}})
    logger.info("checkout started", cart_id="c-1", email="ann@example.com", amount=4200)
    metrics.add_metric("CheckoutSuccess", unit=MetricUnit.Count, value=1)
    logger.info("authorised", provider="stripe", attempt=1)
    metrics.add_metric("CheckoutLatency", unit=MetricUnit.Milliseconds, value=12.5)
    logger.info("checkout done", order_id="o-1", note="call +44 20 7946 0958")
    metrics.add_metric("pii_masked", unit=MetricUnit.Count, value=2)
    return figures(READY)


READY = time.process_time()
