"""Buyers who want to pay and cannot, wait too long, or do not come at all."""

from obskit import kpis
from obskit.catalog import own
from obskit.deploy.specs import Alarm, burn_rate, rollback

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

BUDGET = burn_rate(
    "checkout",
    kpis.CHECKOUT_FAILURE.sum,
    kpis.CHECKOUT_FAILURE.samples,  # a success records 0 failures: every checkout is a sample
    minimum=20,
    suppressor=FAILURES,  # it pages for the same thing, and closes when it is over
    owner="payments",
    summary="Checkouts fail faster than their objective allows.",
    impact="Buyers see errors, few at a time; by the end of the month the error budget is gone.",
    runbook="checkout-failures.md",
    dashboard="api",
)

GRAPHQL_ERRORS = Alarm(
    "checkout-graphql-errors",
    own.RESOLVER_ERRORS.sum,
    at_least=5,
    period=300,
    for_=(2, 3),
    missing="notBreaching",  # obskit records errors, never a zero
    service="checkout",
    thresholds={"dev": 50},  # people try things out
    severity="ticket",
    owner="payments",
    summary="The checkout answers with GraphQL errors inside an HTTP 200.",
    impact="Buyers see a part of the page fail; Lambda and AppSync count it as success.",
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

NO_ORDERS = Alarm.heartbeat(
    "checkout-silence",
    kpis.CHECKOUT_SUCCESS.sum,
    period=900,
    for_=(4, 4),
    severity="page",
    owner="payments",
    summary="Nobody has bought anything for an hour.",
    impact="Either buyers cannot reach the checkout, or it fails in a way that nothing else counts.",
    runbook="checkout-failures.md",
    dashboard="api",
)

ROLLBACK = rollback(
    "checkout",
    "{project}-{env}-checkout",
    errors_above=5,
    minimum=20,
    slower_than_ms=3000,
    also=(FAILURES,),
    owner="payments",
    runbook="rollback.md",
    dashboard="api",
)
