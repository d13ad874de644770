"""The invocation of the design's budget: three masked lines, two metrics, a span with a child."""

import time

from figures import figures

import obskit
from obskit import kpis


@obskit.instrument
def handler(event, context):
    obskit.logger.info("checkout started", cart_id="c-1", email="ann@example.com", amount=4200)
    with obskit.span("authorise", provider="stripe"):
        obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation="checkout")
    obskit.logger.info("authorised", provider="stripe", attempt=1)
    obskit.record(kpis.CHECKOUT_LATENCY, 12.5, operation="checkout")
    obskit.logger.info("checkout done", order_id="o-1", note="call +44 20 7946 0958")
    return figures(READY)


READY = time.process_time()
