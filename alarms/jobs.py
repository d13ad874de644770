"""Work behind the API that has stopped or falls behind."""

from obskit import kpis
from obskit.deploy.specs import Alarm

HOUR = 3600
DAY = 24 * HOUR

OUTBOX_AGE = Alarm(
    "outbox-age",
    kpis.OUTBOX_AGE.maximum,
    above=60,
    for_=(3, 3),
    severity="page",
    owner="platform",
    summary="Events wait in the outbox for more than a minute.",
    impact="Orders are accepted, but mail, stock and search do not hear of them.",
    runbook="outbox-backlog.md",
    dashboard="jobs",
    missing="breaching",  # the publisher reports every minute: silence means that it is down
    primary_only=True,  # us-west-2 stands by; its publisher is off
)

INDEXER_LAG = Alarm(
    "indexer-lag",
    kpis.INDEXER_LAG.p95,
    above=30,
    for_=(5, 5),
    severity="ticket",
    owner="search",
    summary="Changes take longer than 30 s to reach the search index.",
    impact="Buyers find listings that are sold, and miss new ones.",
    runbook="indexer-lag.md",
    dashboard="jobs",
)

DSAR_OLDEST = Alarm(
    "dsar-oldest",
    kpis.DSAR_OLDEST.maximum,
    above=20 * DAY,
    period=HOUR,
    severity="ticket",
    owner="privacy",
    summary="A privacy request has been open for more than 20 days.",
    impact="The law gives one month; after that it is a breach that must be answered for.",
    runbook="dsar-oldest.md",
    dashboard="jobs",
)

EMAIL_FAILURES = Alarm(
    "email-failures",
    kpis.EMAIL_FAILED.sum,
    at_least=5,
    period=300,
    for_=(2, 3),
    severity="ticket",
    owner="platform",
    summary="Mails are not being handed over to SES.",
    impact="Buyers get no order confirmation and no password link.",
    runbook="email-failures.md",
    dashboard="jobs",
)
