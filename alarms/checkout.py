"""Buyers who want to pay and cannot, wait too long, or do not come at all."""

from obskit import kpis
from obskit.deploy.specs import Alarm

FAILURES = Alarm(
    "checkout-failures",
    kpis.CHECKOUT_FAILURE.sum,
    at_least=3,
    severity="page",
    owner="payments",
    summary="Checkouts are failing.",
    impact="Buyers see an error instead of an order; every minute loses orders.",
    runbook="checkout-failures.md",
    dashboard="api",
)

LATENCY = Alarm(
    "checkout-latency",
    kpis.CHECKOUT_LATENCY.p95,
    above=1500,
    for_=(3, 5),
    severity="ticket",
    owner="payments",
    summary="One checkout in twenty takes longer than 1.5 s.",
    impact="Buyers wait, press twice or leave.",
    runbook="checkout-latency.md",
    dashboard="api",
)

NO_ORDERS = Alarm(
    "checkout-silence",
    kpis.CHECKOUT_SUCCESS.sum,
    below=1,
    period=900,
    for_=(4, 4),
    severity="page",
    owner="payments",
    summary="Nobody has bought anything for an hour.",
    impact="Either buyers cannot reach the checkout, or it fails in a way that nothing else counts.",
    runbook="checkout-failures.md",
    dashboard="api",
    missing="breaching",  # no value is no order
    primary_only=True,
)
