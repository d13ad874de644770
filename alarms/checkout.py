"""Buyers who want to pay and cannot, or wait too long."""

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
    dashboard="checkout",
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
    dashboard="checkout",
)
