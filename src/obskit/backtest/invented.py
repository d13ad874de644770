"""Invented data for all alarms of a template at once: each metric looks the same to every alarm that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from obskit.backtest import shapes, simulate
from obskit.backtest.alarms import MetricAlarm
from obskit.backtest.report import Span
from obskit.backtest.simulate import DAY, KINDS, Incident

if TYPE_CHECKING:
    from collections.abc import Iterable

    from obskit.backtest.alarms import Alarm, Metric
    from obskit.backtest.series import Series
    from obskit.backtest.shapes import Shape
    from obskit.backtest.verdicts import Catalog

_BEFORE = 0.6
"""The part of the time that lies before the incident."""


START = 1_764_547_200
"""2025-12-01, a Monday, so that what is invented is the same every time."""


class Plan(NamedTuple):
    """What to invent: from *start*, in seconds since 1970, for *days*; *incident* is one of `simulate.KINDS`."""

    start: int
    days: float
    incident: str
    seed: str


def data(alarms: Iterable[Alarm], catalog: Catalog, plan: Plan) -> tuple[dict[Metric, Series], Span | None]:
    """Return a series for each metric that *alarms* read, and when the incident is."""
    found = list(alarms)
    kind = KINDS[plan.incident]
    begin = round(_BEFORE * plan.days * DAY) // 3600 * 3600
    span = Span(plan.start + begin, plan.start + begin + kind.seconds) if kind.seconds else None
    shortest: dict[Metric, int] = {}
    for alarm in found:
        for read in alarm.reads.values() if isinstance(alarm, MetricAlarm) else ():
            shortest[read.metric] = min(60, read.period, shortest.get(read.metric, 60))
    return {
        metric: _series(metric, shape, statistics, plan, shortest[metric])
        for metric, (shape, statistics) in _shapes(found, catalog).items()
    }, span


def _series(metric: Metric, shape: Shape, statistics: set[str], plan: Plan, step: int) -> Series:
    kind = KINDS[plan.incident]
    begin = round(_BEFORE * plan.days * DAY) // 3600 * 3600 // step
    return simulate.series(
        shape,
        statistics,
        start=plan.start,
        step=step,
        slots=max(1, round(plan.days * DAY / step)),
        seed=f"{plan.seed} {metric.name} {sorted(metric.dimensions)}",
        incident=Incident(begin, max(1, kind.seconds // step), kind.effect(step)) if kind.seconds else None,
        quiet=lambda slot: 2 <= slot * step % DAY / 3600 < 4,  # nobody is there at night
        days=True,
    )


def _shapes(alarms: list[Alarm], catalog: Catalog) -> dict[Metric, tuple[Shape, set[str]]]:
    """
    Return the shape of each metric, and the statistics it is read by.

    What fails and what does not, in one expression, must fit each other: a ratio says first what there is, then an
    alarm on one metric.
    """
    found: dict[Metric, tuple[Shape, set[str]]] = {}
    plain = [alarm for alarm in alarms if isinstance(alarm, MetricAlarm)]
    for alarm in sorted(plain, key=lambda one: (one.is_band, not _is_ratio(one, catalog), one.period)):
        ratio = _is_ratio(alarm, catalog)
        for name, read in alarm.reads.items():
            declared = catalog.get(read.metric[:2])
            if alarm.is_band:
                shape = shapes.steady(read)
            elif name == alarm.watched:
                shape = shapes.watched(alarm, declared)
            else:
                shape = shapes.part(read, declared) if ratio else shapes.scaled(alarm, read, declared)
            if read.metric in shapes.with_zeros(alarm):
                shape = shape._replace(of=shapes.STEADY / alarm.period)
            if ratio and shape.bad is None:
                shape = shape._replace(bad=shape.normal)  # others fail beside it; it does not stop for that
            found.setdefault(read.metric, (shape, set()))[1].add(read.statistic)
    return found


def _is_ratio(alarm: MetricAlarm, catalog: Catalog) -> bool:
    """Say whether *alarm* holds what fails against what does not."""
    kinds = {shapes.is_bad(read, catalog.get(read.metric[:2])) for read in alarm.reads.values()}
    return alarm.watched in alarm.expressions and (len(kinds) == 2 or bool(shapes.with_zeros(alarm)))
