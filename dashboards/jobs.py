"""What runs behind the API: outbox, indexer, queues, privacy requests, mail, and the probes that measure them."""

from obskit import kpis
from obskit.deploy import aws
from obskit.deploy.specs import AlarmList, Dashboard, Each, Gauge, Graph, Level, Number, Section, Series
from obskit.deploy.specs.alarms import share

DAY = 86_400
QUEUES = ("index", "mail", "stock", "dsar")
RULES = ("mail", "index", "stock")
FUNCTIONS = ("outbox", "indexer", "dsar", "email")

JOBS = Dashboard(
    "jobs",
    "Jobs",
    (
        Section(
            "From order to index",
            (
                (
                    AlarmList("What wakes somebody", severities=("page",), height=4),
                    AlarmList("Open tickets", severities=("ticket",), states=("ALARM",), height=4),
                ),
                (
                    Graph(
                        "Age of the oldest outbox row",
                        (Series(kpis.OUTBOX_AGE.maximum, "oldest"),),
                        period=60,
                    ),
                    Graph("Rows waiting in the outbox", (Series(kpis.OUTBOX_BACKLOG.maximum, "rows"),), period=60),
                    Graph(
                        "From event to index",
                        (
                            Series(kpis.INDEXER_LAG.p50, "half are faster (p50)"),
                            Series(kpis.INDEXER_LAG.p95, "1 in 20 is slower (p95)"),
                        ),
                    ),
                ),
            ),
        ),
        Section(
            "Queues",
            (
                (
                    Graph(
                        "Age of the oldest message, by queue",
                        (
                            Series(kpis.QUEUE_AGE.maximum, "oldest of all", color="#7f7f7f"),
                            Each(kpis.QUEUE_AGE.maximum, "queue"),
                        ),
                    ),
                    Graph(
                        "Messages waiting, by queue",
                        (
                            Series(kpis.QUEUE_DEPTH.maximum, "fullest", color="#7f7f7f"),
                            Each(kpis.QUEUE_DEPTH.maximum, "queue"),
                        ),
                    ),
                    Graph(
                        "Dead letters: given up by a consumer",
                        tuple(
                            Series(
                                aws.sqs(
                                    f"{{project}}-{{env}}-{queue}-dead-letters"
                                ).approximate_number_of_messages_visible.maximum,
                                queue,
                            )
                            for queue in QUEUES
                        ),
                    ),
                    Graph(
                        "Events that EventBridge could not deliver",
                        tuple(
                            Series(metric.sum, f"{rule}: {words}")
                            for rule in RULES
                            for metric, words in (
                                (aws.events(f"{{project}}-{{env}}-{rule}").failed_invocations, "failed"),
                                (
                                    aws.events(f"{{project}}-{{env}}-{rule}").invocations_failed_to_be_sent_to_dlq,
                                    "lost",
                                ),
                            )
                        ),
                    ),
                ),
            ),
        ),
        Section(
            "Privacy requests (DSAR)",
            (
                (
                    Number("Open now", (kpis.DSAR_QUEUE.maximum,), period=3600, height=6, width=6, objective=True),
                    Graph("Open requests", (Series(kpis.DSAR_QUEUE.maximum, "open"),), period=3600),
                    Graph(
                        "Age of the oldest; the law gives a month",
                        (Series(kpis.DSAR_OLDEST.maximum, "oldest, days", divided_by=DAY, unit="Days"),),
                        levels=(Level(30, "the law's month", "#d13212"),),
                    ),
                ),
            ),
        ),
        Section(
            "Mail",
            (
                (
                    Graph("Mails that SES accepted", (Series(kpis.EMAIL_SENT.sum, "accepted"),)),
                    Graph(
                        "Mails not handed over, by template",
                        (
                            Series(kpis.EMAIL_FAILED.sum, "all", color="#7f7f7f"),
                            Each(kpis.EMAIL_FAILED.sum, "template"),
                        ),
                    ),
                ),
                (
                    Graph(
                        "Bounced, of the last 24 hours",
                        (Series(kpis.EMAIL_BOUNCE_RATE.maximum, "bounced, %"),),
                        levels=(Level(5, "SES reviews the account", "#d13212"),),
                    ),
                    Graph(
                        "Marked as spam, of the last 24 hours",
                        (Series(kpis.EMAIL_COMPLAINT_RATE.maximum, "complaints, %"),),
                        levels=(Level(0.1, "SES reviews the account", "#d13212"),),
                    ),
                    Gauge(
                        "Used of what SES allows in 24 hours",
                        (Series(kpis.EMAIL_QUOTA_USED.maximum, "used, %"),),
                        width=6,
                        levels=(Level(80, "objective", "#ff9900", "above"),),
                    ),
                ),
            ),
        ),
        Section(
            "Functions and probes",
            (
                tuple(
                    Graph(
                        f"Invocations of {name} that fail",
                        (
                            share(
                                aws.lambda_(f"{{project}}-{{env}}-{name}").errors.sum,
                                aws.lambda_(f"{{project}}-{{env}}-{name}").invocations.sum,
                                10,
                                f"{name}, %",
                            ),
                        ),
                    )
                    for name in FUNCTIONS
                ),
                (
                    Graph(
                        "Checks that had an answer, by probe; none at all: probes do not run",
                        (
                            Series(kpis.PROBE_SUCCESS.sum, "all", color="#7f7f7f"),
                            Each(kpis.PROBE_SUCCESS.sum, "probe"),
                        ),
                    ),
                    Graph(
                        "Checks without an answer, by probe",
                        (
                            Series(kpis.PROBE_FAILURE.sum, "all", color="#7f7f7f"),
                            Each(kpis.PROBE_FAILURE.sum, "probe"),
                        ),
                    ),
                ),
            ),
        ),
    ),
)
