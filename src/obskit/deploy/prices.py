"""What CloudWatch charges, as far as a declaration decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from obskit.catalog.model import Metric

METRIC_USD_MONTH = 0.30
"""
A custom metric for a month, prorated by the hour: the first 10,000 of an account and region, us-east-1, list price.

https://aws.amazon.com/cloudwatch/pricing/, read 2026-11-24. More of them cost less, from 0.10 to 0.02 USD.
"""

# The others: us-east-1, list price, without free tier; same page and day unless stated.

ALARM_METRIC_USD_MONTH = 0.10
"""For each metric that an alarm reads; math over two metrics reads two."""

QUICK_METRIC_USD_MONTH = 0.30
"""The same, where the period is below a minute."""

BAND_METRICS = 3
"""An anomaly band reads its metric and two lines of the band."""

COMPOSITE_USD_MONTH = 0.50
DASHBOARD_USD_MONTH = 3.00
LOG_USD_GB = 0.50
"""For each GB that is written to a log group of class STANDARD."""

LOG_USD_GB_MONTH = 0.03
"""For each GB that lies there, for a month; CloudWatch stores it compressed, which is not counted here."""

ASSUMPTION = (
    f"At most, for one environment and region: {METRIC_USD_MONTH:.2f} USD a month for each series (CloudWatch's list"
    " price in us-east-1 for the first 10,000). A metric without dimensions of its own is one series. With them it is"
    " one for the whole, and one for each combination of values: as many as are declared, or the limit. Where the"
    " declaration names no service, that is for each service. A series costs only in hours in which it has values."
)


def usd_month(metrics: Iterable[Metric]) -> float:
    """Return what *metrics* cost a month, at most, in one environment and region."""
    return round(sum(metric.series for metric in metrics) * METRIC_USD_MONTH, 2)


DASHBOARD_USD_MONTH = 3.00
"""A custom dashboard for a month. Same page; the free tier of 3 small ones is shared by all accounts of a bill."""

ALARM_USD_MONTH = 0.10
"""Each metric that an alarm reads, for a month: a ratio of two costs twice that. Same page."""

FAST_ALARM_USD_MONTH = 0.30
"""The same where the period is below 60 seconds. Same page."""

COMPOSITE_USD_MONTH = 0.50
"""A composite alarm for a month. Same page."""

ANOMALY_METRICS = 3
"""What an alarm on an anomaly band is billed as: its metric and both ends of the band. Same page."""


def of_resources(resources: Iterable[Mapping[str, Any]]) -> float:
    """Return what alarms and dashboards among CloudFormation's *resources* cost a month, in USD at list price."""
    return round(sum(map(_of_resource, resources)), 2)


def _of_resource(resource: Mapping[str, Any]) -> float:
    kind, properties = resource.get("Type"), resource.get("Properties", {})
    if kind == "AWS::CloudWatch::Dashboard":
        return DASHBOARD_USD_MONTH
    if kind == "AWS::CloudWatch::CompositeAlarm":
        return COMPOSITE_USD_MONTH
    if kind != "AWS::CloudWatch::Alarm":
        return 0
    stats = [one["MetricStat"] for one in properties.get("Metrics", ()) if "MetricStat" in one]
    periods = [one.get("Period", 60) for one in (properties, *stats)]
    period = min(one if isinstance(one, int) else 60 for one in periods)  # a parameter may fill it
    metrics = ANOMALY_METRICS if "ThresholdMetricId" in properties else max(len(stats), 1)
    return metrics * (FAST_ALARM_USD_MONTH if period < 60 else ALARM_USD_MONTH)
