"""The marketplace's own key figures, declared once: handlers emit them, dashboards show them, alarms guard them."""

from __future__ import annotations

from obskit.catalog.model import Metric
from obskit.units import Unit

SEARCH_LATENCY = Metric(
    "SearchLatency",
    Unit.MILLISECONDS,
    "Time from a search request to its answer, as the caller sees it.",
    ("index",),
    owner="search",
    service="search",
    objective="p95 at most 300 ms",
    runbook="search-latency.md",
)
SEARCH_REQUESTS = Metric(
    "SearchRequests",
    Unit.COUNT,
    "Search requests answered.",
    ("index",),
    owner="search",
    service="search",
    runbook="search-latency.md",
)
SEARCH_HIT = Metric(
    "SearchHit",
    Unit.COUNT,
    "1 for a search that found something, 0 for one that did not; the average is the hit ratio.",
    ("index",),
    owner="search",
    service="search",
    objective="average at least 0.9",
    runbook="search-latency.md",
)

CHECKOUT_SUCCESS = Metric(
    "CheckoutSuccess",
    Unit.COUNT,
    "Checkouts that ended in an accepted order.",
    ("operation",),
    owner="payments",
    service="checkout",
    runbook="checkout-failures.md",
)
CHECKOUT_FAILURE = Metric(
    "CheckoutFailure",
    Unit.COUNT,
    "Checkouts that ended in an error the buyer sees; 0 is recorded for a success.",
    ("operation",),
    owner="payments",
    service="checkout",
    objective="fewer than 1 % of checkouts",
    runbook="checkout-failures.md",
)
CHECKOUT_LATENCY = Metric(
    "CheckoutLatency",
    Unit.MILLISECONDS,
    "Time from a checkout request to its answer.",
    ("operation",),
    owner="payments",
    service="checkout",
    objective="p95 at most 1500 ms",
    runbook="checkout-latency.md",
)

OUTBOX_BACKLOG = Metric(
    "OutboxBacklog",
    Unit.COUNT,
    "Rows in the outbox that are not published yet.",
    owner="platform",
    service="outbox",
    objective="fewer than 1000 rows",
    runbook="outbox-backlog.md",
)
OUTBOX_AGE = Metric(
    "OutboxAge",
    Unit.SECONDS,
    "Age of the oldest outbox row that is not published yet.",
    owner="platform",
    service="outbox",
    objective="at most 60 s",
    runbook="outbox-backlog.md",
)
INDEX_STALENESS = Metric(
    "IndexStaleness",
    Unit.SECONDS,
    "How far the newest indexed document lies behind the newest row.",
    ("index",),
    owner="search",
    service="indexer",
    objective="at most 120 s",
    runbook="indexer-lag.md",
)
INDEXER_LAG = Metric(
    "IndexerLag",
    Unit.SECONDS,
    "Time from an event's publication to the end of its indexing.",
    ("index",),
    owner="search",
    service="indexer",
    objective="p95 at most 30 s",
    runbook="indexer-lag.md",
)

DSAR_QUEUE = Metric(
    "DsarQueue",
    Unit.COUNT,
    "Privacy requests that are open.",
    owner="privacy",
    service="dsar",
    runbook="dsar-oldest.md",
)
DSAR_OLDEST = Metric(
    "DsarOldest",
    Unit.SECONDS,
    "Age of the oldest open privacy request; the law gives one month.",
    owner="privacy",
    service="dsar",
    objective="at most 20 days",
    runbook="dsar-oldest.md",
)

EMAIL_SENT = Metric(
    "EmailSent",
    Unit.COUNT,
    "Mails that SES accepted.",
    ("template",),
    owner="platform",
    service="email",
    runbook="email-failures.md",
)
EMAIL_FAILED = Metric(
    "EmailFailed",
    Unit.COUNT,
    "Mails that SES refused or that could not be handed over.",
    ("template",),
    owner="platform",
    service="email",
    objective="fewer than 1 % of mails",
    runbook="email-failures.md",
)
EMAIL_BOUNCE_RATE = Metric(
    "EmailBounceRate",
    Unit.PERCENT,
    "Share of the mails of the last 24 hours that bounced; SES reviews an account at 5 %.",
    owner="platform",
    service="email",
    objective="less than 2 %",
    runbook="email-failures.md",
)
EMAIL_COMPLAINT_RATE = Metric(
    "EmailComplaintRate",
    Unit.PERCENT,
    "Share of the mails of the last 24 hours that were marked as spam; SES reviews an account at 0.1 %.",
    owner="platform",
    service="email",
    objective="less than 0.05 %",
    runbook="email-failures.md",
)
EMAIL_QUOTA_USED = Metric(
    "EmailQuotaUsed",
    Unit.PERCENT,
    "Part of what SES allows in 24 hours that was sent in the last 24 hours.",
    owner="platform",
    service="email",
    objective="at most 80 %",
    runbook="email-failures.md",
)

QUEUE_DEPTH = Metric(
    "QueueDepth",
    Unit.COUNT,
    "Messages in a queue: waiting, in work, or delayed.",
    ("queue",),
    owner="platform",
    service="queues",
    runbook="queue-backlog.md",
)
QUEUE_AGE = Metric(
    "QueueAge",
    Unit.SECONDS,
    "Age of the oldest message in a queue.",
    ("queue",),
    owner="platform",
    service="queues",
    objective="at most 300 s",
    runbook="queue-backlog.md",
)

TYPESENSE_CPU = Metric(
    "TypesenseCpu",
    Unit.PERCENT,
    "CPU in use on a Typesense node.",
    ("node",),
    owner="search",
    service="typesense",
    objective="at most 80 %",
    runbook="typesense-capacity.md",
)
TYPESENSE_HEAP = Metric(
    "TypesenseHeap",
    Unit.BYTES,
    "Memory that Typesense has allocated on a node.",
    ("node",),
    owner="search",
    service="typesense",
    runbook="typesense-capacity.md",
)
TYPESENSE_REQUESTS = Metric(
    "TypesenseRequests",
    Unit.COUNT_PER_SECOND,
    "Requests a second that a Typesense node serves.",
    ("node",),
    owner="search",
    service="typesense",
    runbook="typesense-capacity.md",
)

PROBE_SUCCESS = Metric(
    "ProbeSuccess",
    Unit.COUNT,
    "Checks of a probe that were answered; none at all means that the probes do not run.",
    ("probe",),
    owner="platform",
    service="probes",
    runbook="probe-failures.md",
)
PROBE_FAILURE = Metric(
    "ProbeFailure",
    Unit.COUNT,
    "Checks of a probe that had no answer, and so no value; 0 is recorded for one that had.",
    ("probe",),
    owner="platform",
    service="probes",
    objective="0",
    runbook="probe-failures.md",
)
