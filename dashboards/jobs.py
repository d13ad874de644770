"""What runs behind the API: outbox, indexer, privacy requests, mail."""

from obskit import kpis
from obskit.deploy.specs import AlarmList, Dashboard, Graph, Number, Section

JOBS = Dashboard(
    "jobs",
    "Jobs",
    (
        Section(
            "From order to index",
            (
                (AlarmList("Alarms"),),
                (
                    Graph("Age of the oldest outbox row", (kpis.OUTBOX_AGE.maximum,)),
                    Graph("Rows waiting in the outbox", (kpis.OUTBOX_BACKLOG.maximum,)),
                ),
                (
                    Graph("Event to index", (kpis.INDEXER_LAG.p50, kpis.INDEXER_LAG.p95)),
                    Graph("How far the index lies behind", (kpis.INDEX_STALENESS.maximum,)),
                ),
            ),
        ),
        Section(
            "Privacy requests (DSAR)",
            (
                (
                    Number("Open", (kpis.DSAR_QUEUE.maximum,), height=6, width=6),
                    Graph("Age of the oldest", (kpis.DSAR_OLDEST.maximum,)),
                ),
            ),
        ),
        Section(
            "Mail",
            (
                (Graph("Sent", (kpis.EMAIL_SENT.sum,)), Graph("Failed", (kpis.EMAIL_FAILED.sum,))),
                (
                    Graph(
                        "Bounces and complaints", (kpis.EMAIL_BOUNCE_RATE.maximum, kpis.EMAIL_COMPLAINT_RATE.maximum)
                    ),
                    Graph("Sending quota", (kpis.EMAIL_QUOTA_USED.maximum,)),
                ),
            ),
        ),
        Section(
            "Queues and probes",
            (
                (Graph("Messages", (kpis.QUEUE_DEPTH.maximum,)), Graph("Oldest message", (kpis.QUEUE_AGE.maximum,))),
                (Graph("Probes", (kpis.PROBE_SUCCESS.sum, kpis.PROBE_FAILURE.sum)),),
            ),
        ),
    ),
)
