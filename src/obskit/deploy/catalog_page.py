"""The catalog as people read it: one row for each metric, and the page `docs/kpis.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit.deploy import prices

if TYPE_CHECKING:
    from collections.abc import Iterable

    from obskit.deploy.coverage import Signal

COLUMNS = (
    "name",
    "unit",
    "service",
    "dimensions",
    "owner",
    "objective",
    "runbook",
    "emitted by",
    "shown on",
    "alarmed by",
    "$/month",
)


_HEAD = """\
# Metrics

Made by `obskit metrics --format markdown` from the catalogs, handlers, dashboards and alarms of obskit.toml.
Do not edit.

Each metric has the dimensions `service` and `env` beside its own; in parentheses, how many values these have at most.
"""


def facts(signal: Signal) -> dict[str, object]:
    """Return all that is known of a metric, in JSON types; `usd_month` is for one environment and region, at most."""
    metric = signal.metric
    return {
        "name": metric.name,
        "unit": metric.unit,
        "service": metric.service,
        "dimensions": list(metric.dimensions),
        "owner": metric.owner,
        "objective": metric.objective,
        "runbook": metric.runbook,
        "help": metric.help,
        "kind": metric.kind,
        "direction": metric.direction,
        "resolution": metric.resolution,
        "statistics": list(metric.stats),
        "values": {bound.name: list(bound.one_of) or bound.limit for bound in metric.bounds},
        "series": metric.series,
        "usd_month": prices.usd_month([metric]),
        "declared": signal.declared,
        "emitted_by": list(signal.emitted),
        "shown_on": list(signal.dashboards),
        "charted": list(signal.charted),
        "alarmed_by": list(signal.alarms),
        "guarded": list(signal.guarded),
    }


def cells(signal: Signal) -> dict[str, str]:
    """Return the texts of a row, by column; files without lines, which change with every edit."""
    metric = signal.metric
    files = dict.fromkeys(place.rpartition(":")[0] for place in signal.emitted)
    texts = (
        metric.name,
        metric.unit,
        metric.service,
        ", ".join(f"{bound.name} ({bound.limit})" for bound in metric.bounds),
        metric.owner,
        metric.objective,
        metric.runbook,
        ", ".join(files),
        ", ".join(signal.dashboards),
        ", ".join(signal.alarms),
        f"{prices.usd_month([metric]):.2f}",
    )
    return dict(zip(COLUMNS, texts, strict=True))


def total(signals: Iterable[Signal]) -> str:
    """Return what all of them cost together, in a sentence."""
    metrics = [signal.metric for signal in signals]
    series = sum(metric.series for metric in metrics)
    return f"{len(metrics)} metrics, {series} series, {prices.usd_month(metrics):.2f} USD a month. {prices.ASSUMPTION}"


def page(signals: Iterable[Signal]) -> str:
    """Return the page of the catalog in Markdown; the same project gives the same bytes."""
    found = list(signals)
    parts = [
        _HEAD,
        *map(_section, found),
        f"## Together\n\n{total(found)}",
    ]
    return "\n".join(parts) + "\n"


def _section(signal: Signal) -> str:
    metric = signal.metric
    row = cells(signal)
    better = f"; {metric.direction} is better" if metric.direction else ""
    lines = [
        ("kind", f"{metric.kind}, {metric.unit}, read as {', '.join(metric.stats)}"),
        ("service", metric.service and f"`{metric.service}`"),
        ("dimensions", row["dimensions"]),
        ("owner", metric.owner),
        ("objective", metric.objective and metric.objective + better),
        ("runbook", metric.runbook and f"`{metric.runbook}`"),
        ("resolution", "" if metric.resolution == 60 else f"{metric.resolution} s"),
        ("emitted by", ", ".join(f"`{file}`" for file in row["emitted by"].split(", ") if file)),
        ("shown on", row["shown on"]),
        ("alarmed by", row["alarmed by"]),
        ("costs", f"{row['$/month']} USD a month ({metric.series} series)"),
    ]
    rows = "\n".join(f"| {name} | {_cell(text)} |" for name, text in lines if text)
    return f"## {metric.name}\n\n{metric.help}\n\n| | |\n|---|---|\n{rows}\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
