"""
The checkout resolver of a marketplace, small: what an ordinary function looks like with obskit.

AppSync's `Mutation.checkout` calls it. It talks to a payment provider (here: a few lines that stand in for one),
counts successes and failures from the catalog, and logs what an engineer wants to read. That some of it is personal
data is obskit's concern, not the handler's.
"""

from __future__ import annotations

import hashlib
from typing import Any

import obskit
from obskit import kpis


class PaymentDeclined(Exception):  # noqa: N818  the word the business has for it
    """The buyer's card was refused: no failure of ours, and not counted as one."""


class ProviderError(Exception):
    """The provider did not do its part; the text is what it sent back."""


@obskit.instrument(service="checkout")
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001  Lambda passes it
    """Take one order; returns what the GraphQL type `CheckoutResult` has."""
    order = event["arguments"]["input"]
    with obskit.bind(cart_id=order["cartId"]), obskit.timer(kpis.CHECKOUT_LATENCY, operation="checkout"):
        obskit.logger.info("checkout started", email=order["email"], phone=order["phone"], amount=order["amount"])
        try:
            payment = authorise(order)
        except PaymentDeclined:
            obskit.record(kpis.CHECKOUT_FAILURE, 0, operation="checkout")
            raise
        except Exception:
            obskit.record(kpis.CHECKOUT_FAILURE, 1, operation="checkout")
            raise
        # A zero for each success gives the failure alarm something to recover on.
        obskit.record(kpis.CHECKOUT_FAILURE, 0, operation="checkout")
        obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation="checkout")
        obskit.logger.info("checkout done", order_id=payment, receipt=f"mailed to {order['email']}")
    return {"orderId": payment, "status": "ACCEPTED"}


def authorise(order: dict[str, Any]) -> str:
    """Ask the payment provider; returns the order id."""
    with obskit.span("authorise", provider="stripe") as span:
        span.set_attribute("amount", order["amount"])
        if reason := order.get("failWith"):
            kind = PaymentDeclined if reason == "card_declined" else ProviderError
            # Providers do echo what they were sent.
            raise kind(f"{reason}: card {order['cardNumber']} of {order['email']} was not charged")
        return "ord_" + hashlib.sha256(order["cartId"].encode()).hexdigest()[:16]
