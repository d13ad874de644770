"""One screen: every KPI against its objective, what is in alarm, and where to go next."""

import re

from obskit import kpis
from obskit.catalog import Metric
from obskit.catalog.model import Statistic
from obskit.deploy.specs import AlarmList, Dashboard, Graph, Links, Math, Number, Section, Series

DAY = 86_400
GIGABYTE = 1024**3
WIDTH, HEIGHT = 3, 3


def goal(metric: Metric) -> str:
    """Return the objective as far as its number and unit: there is no room for more, and titles say the rest."""
    found = re.match(r"(?:p[\d.]+ )?\D*[\d.]+(?: (?:ms|s|%|days|GB)(?!\w))?", metric.objective)
    return found[0] if found else metric.objective


def tile(title: str, shown: Statistic, period: int = 0, size: float = 1, unit: str = "") -> Number:
    """Return a number with its objective below it; seconds and bytes divided by *size* are in *unit*."""
    series = Series(shown, goal(shown.metric), divided_by=size, unit=unit)
    return Number(title, (series,), period=period, objective=True, width=WIDTH, height=HEIGHT)


def percent(title: str, bad: Metric, good: Metric) -> Number:
    """Return what part of all goes wrong, in percent."""
    expression = "100 * FILL(bad, 0) / (FILL(bad, 0) + FILL(good, 0))"
    share = Math(expression, {"bad": bad.sum, "good": good.sum}, goal(bad))
    return Number(title, (share,), period=3600, width=WIDTH, height=HEIGHT)


OVERVIEW = Dashboard(
    "overview",
    "Overview",
    (
        Section(
            "",
            (
                (
                    AlarmList("What wakes somebody", every=True, severities=("page",), height=5),
                    Links(height=5),
                ),
                (
                    tile("Orders an hour", kpis.CHECKOUT_SUCCESS.sum),
                    percent("Failed checkouts, %", kpis.CHECKOUT_FAILURE, kpis.CHECKOUT_SUCCESS),
                    tile("Checkout, p95", kpis.CHECKOUT_LATENCY.p95),
                    tile("Searches in 15 min", kpis.SEARCH_REQUESTS.sum),
                    tile("Search, p95", kpis.SEARCH_LATENCY.p95),
                    tile("Hit ratio", kpis.SEARCH_HIT.ratio),
                    tile("Index behind", kpis.INDEX_STALENESS.maximum),
                    tile("Event to index", kpis.INDEXER_LAG.p95),
                ),
                (
                    tile("Outbox: rows", kpis.OUTBOX_BACKLOG.maximum),
                    tile("Outbox: oldest", kpis.OUTBOX_AGE.maximum),
                    tile("Queues: messages", kpis.QUEUE_DEPTH.maximum),
                    tile("Queues: oldest", kpis.QUEUE_AGE.maximum),
                    tile("Privacy requests", kpis.DSAR_QUEUE.maximum, 3600),
                    tile("Oldest request, days", kpis.DSAR_OLDEST.maximum, 3600, DAY, "Days"),
                    tile("Probes in 15 min", kpis.PROBE_SUCCESS.sum),
                    tile("Probes failed", kpis.PROBE_FAILURE.sum, 900),
                ),
                (
                    tile("Mails in 6 hours", kpis.EMAIL_SENT.sum),
                    percent("Failed mails, %", kpis.EMAIL_FAILED, kpis.EMAIL_SENT),
                    tile("Mails bounced", kpis.EMAIL_BOUNCE_RATE.maximum),
                    tile("Marked as spam", kpis.EMAIL_COMPLAINT_RATE.maximum),
                    tile("Mail quota used", kpis.EMAIL_QUOTA_USED.maximum),
                    tile("Typesense: CPU", kpis.TYPESENSE_CPU.maximum),
                    tile("Typesense: GB used", kpis.TYPESENSE_HEAP.maximum, size=GIGABYTE, unit="GB"),
                    tile("Typesense: requests", kpis.TYPESENSE_REQUESTS.maximum),
                ),
                (
                    Graph("Orders accepted", (Series(kpis.CHECKOUT_SUCCESS.sum, "orders"),), height=5),
                    Graph("Failed checkouts", (Series(kpis.CHECKOUT_FAILURE.sum, "failed"),), height=5),
                    Graph("Searches", (Series(kpis.SEARCH_REQUESTS.sum, "searches"),), height=5),
                ),
            ),
        ),
    ),
)
