"""The same with Powertools' Logger and Metrics, unmasked and without spans; needs aws-lambda-powertools."""

import time

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from figures import figures

logger = Logger(service="checkout")
metrics = Metrics(namespace="Shop", service="checkout")


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event, context):
    logger.info("checkout started", cart_id="c-1", email="ann@example.com", amount=4200)
    metrics.add_metric("CheckoutSuccess", unit=MetricUnit.Count, value=1)
    logger.info("authorised", provider="stripe", attempt=1)
    metrics.add_metric("CheckoutLatency", unit=MetricUnit.Milliseconds, value=12.5)
    logger.info("checkout done", order_id="o-1", note="call +44 20 7946 0958")
    return figures(READY)


READY = time.process_time()
