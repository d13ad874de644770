"""The marketplace's own key figures, declared once: handlers emit them, dashboards show them, alarms guard them."""

from __future__ import annotations

from obskit.catalog.model import Dimension, Metric
from obskit.units import Unit

INDEX = Dimension("index", limit=20)
"""A Typesense collection: listings, sellers …"""
OPERATION = Dimension("operation", limit=20)
"""A field of the GraphQL schema that takes part in a checkout."""
TEMPLATE = Dimension("template", limit=50)
"""A mail that is sent: order-confirmation, password-link …"""
NODE = Dimension("node", limit=20)
"""A member of the Typesense cluster."""
QUEUE = Dimension("queue", limit=20)
"""A queue, by its name in `[probes.sqs.queues]`."""
PROBE = Dimension("probe", one_of=("outbox", "dsar", "staleness", "typesense", "sqs", "ses"))
"""One of obskit's probes."""

SEARCH_LATENCY = Metric.duration(
    "SearchLatency",
    "Time from a search request to its answer, as the caller sees it.",
    (INDEX,),
    owner="search",
    service="search",
    objective="p95 at most 300 ms",
    direction="less",
    runbook="search-latency.md",
)
SEARCH_REQUESTS = Metric.counter(
    "SearchRequests",
    "Search requests answered.",
    (INDEX,),
    owner="search",
    service="search",
    objective="at least 1 in 15 minutes, day and night",
    direction="more",
    runbook="search-latency.md",
)
SEARCH_HIT = Metric.gauge(
    "SearchHit",
    Unit.COUNT,
    "1 for a search that found something, 0 for one that did not; the average is the hit ratio.",
    (INDEX,),
    owner="search",
    service="search",
    objective="average at least 0.9",
    direction="more",
    runbook="search-latency.md",
    statistics=("Average",),
)

CHECKOUT_SUCCESS = Metric.counter(
    "CheckoutSuccess",
    "Checkouts that ended in an accepted order.",
    (OPERATION,),
    owner="payments",
    service="checkout",
    objective="at least 1 an hour, day and night",
    direction="more",
    runbook="checkout-failures.md",
)
CHECKOUT_FAILURE = Metric.counter(
    "CheckoutFailure",
    "Checkouts that ended in an error the buyer sees; 0 is recorded for a success.",
    (OPERATION,),
    owner="payments",
    service="checkout",
    objective="fewer than 1 % of checkouts",
    direction="less",
    runbook="checkout-failures.md",
)
CHECKOUT_LATENCY = Metric.duration(
    "CheckoutLatency",
    "Time from a checkout request to its answer.",
    (OPERATION,),
    owner="payments",
    service="checkout",
    objective="p95 at most 1500 ms",
    direction="less",
    runbook="checkout-latency.md",
)

OUTBOX_BACKLOG = Metric.gauge(
    "OutboxBacklog",
    Unit.COUNT,
    "Rows in the outbox that are not published yet.",
    owner="platform",
    service="outbox",
    objective="fewer than 1000 rows",
    direction="less",
    runbook="outbox-backlog.md",
)
OUTBOX_AGE = Metric.gauge(
    "OutboxAge",
    Unit.SECONDS,
    "Age of the oldest outbox row that is not published yet.",
    owner="platform",
    service="outbox",
    objective="at most 60 s",
    direction="less",
    runbook="outbox-backlog.md",
)
INDEX_STALENESS = Metric.gauge(
    "IndexStaleness",
    Unit.SECONDS,
    "How far the newest indexed document lies behind the newest row.",
    (INDEX,),
    owner="search",
    service="indexer",
    objective="at most 120 s",
    direction="less",
    runbook="indexer-lag.md",
)
INDEXER_LAG = Metric.duration(
    "IndexerLag",
    "Time from an event's publication to the end of its indexing.",
    (INDEX,),
    unit=Unit.SECONDS,
    owner="search",
    service="indexer",
    objective="p95 at most 30 s",
    direction="less",
    runbook="indexer-lag.md",
)

DSAR_QUEUE = Metric.gauge(
    "DsarQueue",
    Unit.COUNT,
    "Privacy requests that are open.",
    owner="privacy",
    service="dsar",
    objective="fewer than 50 open",
    direction="less",
    runbook="dsar-oldest.md",
)
DSAR_OLDEST = Metric.gauge(
    "DsarOldest",
    Unit.SECONDS,
    "Age of the oldest open privacy request; the law gives one month.",
    owner="privacy",
    service="dsar",
    objective="at most 20 days",
    direction="less",
    runbook="dsar-oldest.md",
)

EMAIL_SENT = Metric.counter(
    "EmailSent",
    "Mails that SES accepted.",
    (TEMPLATE,),
    owner="platform",
    service="email",
    objective="at least 1 in 6 hours, day and night",
    direction="more",
    runbook="email-failures.md",
)
EMAIL_FAILED = Metric.counter(
    "EmailFailed",
    "Mails that SES refused or that could not be handed over.",
    (TEMPLATE,),
    owner="platform",
    service="email",
    objective="fewer than 1 % of mails",
    direction="less",
    runbook="email-failures.md",
)
EMAIL_BOUNCE_RATE = Metric.gauge(
    "EmailBounceRate",
    Unit.PERCENT,
    "Share of the mails of the last 24 hours that bounced; SES reviews an account at 5 %.",
    owner="platform",
    service="email",
    objective="less than 2 %",
    direction="less",
    runbook="email-failures.md",
)
EMAIL_COMPLAINT_RATE = Metric.gauge(
    "EmailComplaintRate",
    Unit.PERCENT,
    "Share of the mails of the last 24 hours that were marked as spam; SES reviews an account at 0.1 %.",
    owner="platform",
    service="email",
    objective="less than 0.05 %",
    direction="less",
    runbook="email-failures.md",
)
EMAIL_QUOTA_USED = Metric.gauge(
    "EmailQuotaUsed",
    Unit.PERCENT,
    "Part of what SES allows in 24 hours that was sent in the last 24 hours.",
    owner="platform",
    service="email",
    objective="at most 80 %",
    direction="less",
    runbook="email-failures.md",
)

QUEUE_DEPTH = Metric.gauge(
    "QueueDepth",
    Unit.COUNT,
    "Messages in a queue: waiting, in work, or delayed.",
    (QUEUE,),
    owner="platform",
    service="queues",
    objective="fewer than 1000 messages",
    direction="less",
    runbook="queue-backlog.md",
)
QUEUE_AGE = Metric.gauge(
    "QueueAge",
    Unit.SECONDS,
    "Age of the oldest message in a queue.",
    (QUEUE,),
    owner="platform",
    service="queues",
    objective="at most 300 s",
    direction="less",
    runbook="queue-backlog.md",
)

TYPESENSE_CPU = Metric.gauge(
    "TypesenseCpu",
    Unit.PERCENT,
    "CPU in use on a Typesense node.",
    (NODE,),
    owner="search",
    service="typesense",
    objective="at most 80 %",
    direction="less",
    runbook="typesense-capacity.md",
)
TYPESENSE_HEAP = Metric.gauge(
    "TypesenseHeap",
    Unit.BYTES,
    "Memory that Typesense has allocated on a node.",
    (NODE,),
    owner="search",
    service="typesense",
    objective="at most 6 GB of a node's 8",
    direction="less",
    runbook="typesense-capacity.md",
)
TYPESENSE_REQUESTS = Metric.gauge(
    "TypesenseRequests",
    Unit.COUNT_PER_SECOND,
    "Requests a second that a Typesense node serves.",
    (NODE,),
    owner="search",
    service="typesense",
    objective="at most 400 a second on a node",
    direction="less",
    runbook="typesense-capacity.md",
)

PROBE_SUCCESS = Metric.counter(
    "ProbeSuccess",
    "Checks of a probe that were answered; none at all means that the probes do not run.",
    (PROBE,),
    owner="platform",
    service="probes",
    objective="at least 1 in 15 minutes, day and night",
    direction="more",
    runbook="probe-failures.md",
)
PROBE_FAILURE = Metric.counter(
    "ProbeFailure",
    "Checks of a probe that had no answer, and so no value; 0 is recorded for one that had.",
    (PROBE,),
    owner="platform",
    service="probes",
    objective="at most 0",
    direction="less",
    runbook="probe-failures.md",
)
