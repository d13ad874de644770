"""What an environment's rendered resources cost a month: each alarm, dashboard, custom metric and log group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from obskit.deploy import prices
from obskit.deploy.rules import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from obskit.catalog.model import Metric
    from obskit.deploy.render import Rendered

Json = dict[str, Any]

KINDS = ("alarm", "composite", "dashboard", "metric", "logs")


class Cost(NamedTuple):
    """One line: what *kind* of thing, its *name*, where it is, USD a month. That of a metric is the most it can be."""

    kind: str
    name: str
    region: str
    usd_month: float


def of(rendered: Rendered, metrics: Mapping[str, Metric]) -> list[Cost]:
    """Return what *rendered* costs; *metrics* are those of the catalogs, recorded in the primary region."""
    found = [
        cost
        for region, template in rendered.templates.items()
        for resource in template["Resources"].values()
        for cost in _of_resource(resource, region)
    ]
    primary = rendered.environment.primary
    found += [Cost("metric", name, primary, prices.usd_month([metric])) for name, metric in sorted(metrics.items())]
    return found + list(_of_logs(rendered))


def totals(costs: list[Cost]) -> dict[str, float]:
    """Return USD a month by kind, and all of it as `total`."""
    found = {kind: round(sum(one.usd_month for one in costs if one.kind == kind), 2) for kind in KINDS}
    return {**found, "total": round(sum(found.values()), 2)}


def problems(rendered: Rendered, metrics: Mapping[str, Metric]) -> Iterator[Problem]:
    """Tell of a budget that is not kept."""
    environment = rendered.environment
    budget = environment.budget_usd_month
    if not budget:
        return
    found = totals(of(rendered, metrics))
    if found["total"] > budget:
        parts = ", ".join(f"{kind} {found[kind]:.2f}" for kind in KINDS if found[kind])
        words = (
            f"environments.{environment.name}.budget_usd_month: {found['total']:.2f} USD a month is more than {budget}:"
            f" {parts}; `obskit check --costs` lists them"
        )
        yield Problem("obskit.toml", "", "budget", "error", words)


def alarm_metrics(properties: Json) -> int:
    """Return how many metrics an alarm is paid for."""
    if "ThresholdMetricId" in properties:
        return prices.BAND_METRICS
    read = sum("MetricStat" in one for one in properties.get("Metrics", []))
    return read or 1


def _of_resource(resource: Json, region: str) -> Iterator[Cost]:
    properties = resource["Properties"]
    match resource["Type"]:
        case "AWS::CloudWatch::Alarm":
            periods = [one["MetricStat"]["Period"] for one in properties.get("Metrics", []) if "MetricStat" in one]
            quick = min(properties.get("Period", 60), *periods, 60) < 60
            each = prices.QUICK_METRIC_USD_MONTH if quick else prices.ALARM_METRIC_USD_MONTH
            yield Cost("alarm", properties["AlarmName"], region, round(alarm_metrics(properties) * each, 2))
        case "AWS::CloudWatch::CompositeAlarm":
            yield Cost("composite", properties["AlarmName"], region, prices.COMPOSITE_USD_MONTH)
        case "AWS::CloudWatch::Dashboard":
            yield Cost("dashboard", properties["DashboardName"], region, prices.DASHBOARD_USD_MONTH)


def _of_logs(rendered: Rendered) -> Iterator[Cost]:
    """Yield metrics of filters, and each group's share of what the environment is expected to write."""
    primary = rendered.environment.primary
    resources = rendered.logs.get(primary, {}).get("Resources", {}).values()
    series = {
        (one["MetricNamespace"], one["MetricName"])
        for resource in resources
        if resource["Type"] == "AWS::Logs::MetricFilter"
        for one in resource["Properties"]["MetricTransformations"]
    }
    for namespace, name in sorted(series):
        yield Cost("metric", f"{namespace} {name}", primary, prices.METRIC_USD_MONTH)
    groups = [one["Properties"] for one in resources if one["Type"] == "AWS::Logs::LogGroup"]
    for group in groups:
        gigabytes = rendered.environment.log_gb_month / len(groups)
        kept = gigabytes * group["RetentionInDays"] / 30
        usd = gigabytes * prices.LOG_USD_GB + kept * prices.LOG_USD_GB_MONTH
        yield Cost("logs", group["LogGroupName"], primary, round(usd, 2))
