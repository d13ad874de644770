"""Work behind the API that has stopped or falls behind."""

from obskit import kpis
from obskit.deploy.specs import Alarm, AwsMetric, Severity

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

DSAR_DEADLINE = Alarm(
    "dsar-deadline",
    kpis.DSAR_OLDEST.maximum,
    above=27 * DAY,
    period=HOUR,
    severity="page",
    owner="privacy",
    summary="A privacy request has been open for more than 27 days.",
    impact="In a day or two the legal month is over, and a breach must be answered for.",
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

NO_MAIL = Alarm.heartbeat(
    "email-silence",
    kpis.EMAIL_SENT.sum,
    period=HOUR,
    for_=(6, 6),
    severity="ticket",
    owner="platform",
    summary="No mail was sent for six hours.",
    impact="Buyers get no order confirmation and no password link.",
    runbook="email-failures.md",
    dashboard="jobs",
)

QUEUE_AGE = Alarm(
    "queue-age",
    kpis.QUEUE_AGE.maximum,
    above=300,
    for_=(3, 3),
    severity="ticket",
    owner="platform",
    summary="A message has waited in a queue for more than five minutes.",
    impact="What the queue feeds is late: mail, stock or the search index.",
    runbook="queue-backlog.md",
    dashboard="jobs",
)

QUEUE_DEPTH = Alarm(
    "queue-depth",
    kpis.QUEUE_DEPTH.maximum,
    at_least=1000,
    for_=(5, 5),
    severity="ticket",
    owner="platform",
    summary="1,000 messages or more wait in a queue.",
    impact="What the queue feeds is late: mail, stock or the search index.",
    runbook="queue-backlog.md",
    dashboard="jobs",
)

DEAD_LETTERS = tuple(
    Alarm.dead_letters(
        f"{queue}-dead-letters",
        f"{{project}}-{{env}}-{queue}-dead-letters",
        period=300,
        service=service,
        severity="ticket",
        owner=owner,
        summary=f"Messages for {queue} were given up and lie in its dead-letter queue.",
        impact=impact,
        runbook="dead-letters.md",
        dashboard="jobs",
    )
    for queue, service, owner, impact in (
        ("index", "indexer", "search", "Some listings in search are old or missing until the messages are sent again."),
        ("mail", "email", "platform", "Some buyers have no order confirmation."),
        ("stock", "outbox", "platform", "Stock is wrong: something may be sold twice."),
        ("dsar", "dsar", "privacy", "A privacy request is not being worked on; the law gives a month."),
    )
)

_EVENTS: tuple[tuple[str, str, Severity, str], ...] = (
    ("failed-invocations", "FailedInvocations", "ticket", "could not deliver events"),
    ("lost-events", "InvocationsFailedToBeSentToDlq", "page", "lost events"),
)

EVENTS_FAILED = tuple(
    Alarm(
        f"{rule}-{name}",
        AwsMetric("AWS/Events", metric, {"RuleName": f"{{project}}-{{env}}-{rule}"}, "Sum"),
        above=0,
        period=300,
        service="events",
        severity=severity,
        owner="platform",
        summary=f"EventBridge {words} of the rule {rule}.",
        impact="Mail, stock or search do not hear of orders.",
        runbook="events.md",
        dashboard="jobs",
    )
    for rule in ("mail", "index", "stock")
    for name, metric, severity, words in _EVENTS
)

_MAIL = "Mail is refused by more and more providers, and SES may stop sending for us."

BOUNCES = Alarm(
    "email-bounces",
    kpis.EMAIL_BOUNCE_RATE.maximum,
    at_least=2,
    period=HOUR,
    severity="ticket",
    owner="platform",
    summary="2 % or more of the mails of a day bounced; SES reviews an account at 5 %.",
    impact=_MAIL,
    runbook="email-failures.md",
    dashboard="jobs",
)

COMPLAINTS = Alarm(
    "email-complaints",
    kpis.EMAIL_COMPLAINT_RATE.maximum,
    at_least=0.05,
    period=HOUR,
    severity="ticket",
    owner="platform",
    summary="0.05 % or more of the mails of a day were marked as spam; SES reviews an account at 0.1 %.",
    impact=_MAIL,
    runbook="email-failures.md",
    dashboard="jobs",
)

QUOTA = Alarm(
    "email-quota",
    kpis.EMAIL_QUOTA_USED.maximum,
    above=80,
    period=HOUR,
    severity="ticket",
    owner="platform",
    summary="More than 80 % of what SES allows in 24 hours has been sent.",
    impact="None yet; at 100 % no mail leaves until tomorrow.",
    runbook="email-failures.md",
    dashboard="jobs",
)

REJECTED = Alarm(
    "email-rejects",
    AwsMetric("AWS/SES", "Reject", {}, "Sum"),
    above=0,
    period=HOUR,
    service="email",
    severity="ticket",
    owner="platform",
    summary="SES rejected mails because of what is in them.",
    impact="These buyers get no mail; somebody may be sending malware through us.",
    runbook="email-failures.md",
    dashboard="jobs",
)
