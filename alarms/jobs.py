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

OUTBOX_BACKLOG = Alarm(
    "outbox-backlog",
    kpis.OUTBOX_BACKLOG.maximum,
    at_least=1000,
    for_=(5, 5),
    severity="ticket",
    owner="platform",
    summary="1,000 rows or more wait in the outbox.",
    impact="Mail, stock and search hear of orders later than they should.",
    runbook="outbox-backlog.md",
    dashboard="jobs",
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

INDEX_STALENESS = Alarm(
    "index-staleness",
    kpis.INDEX_STALENESS.maximum,
    above=120,
    for_=(3, 3),
    severity="ticket",
    owner="search",
    summary="The search index lies more than two minutes behind the database.",
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

DSAR_QUEUE = Alarm(
    "dsar-queue",
    kpis.DSAR_QUEUE.maximum,
    at_least=50,
    period=HOUR,
    severity="ticket",
    owner="privacy",
    summary="50 privacy requests or more are open.",
    impact="The law gives a month for each; somebody must help to answer them.",
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

NO_MAIL = Alarm(
    "email-silence",
    kpis.EMAIL_SENT.sum,
    below=1,
    period=HOUR,
    for_=(6, 6),
    severity="ticket",
    owner="platform",
    summary="No mail was sent for six hours.",
    impact="Buyers get no order confirmation and no password link.",
    runbook="email-failures.md",
    dashboard="jobs",
    missing="breaching",  # no value is no mail
    primary_only=True,
)
