"""
Whether alarms are of any use: quiet while all is well, awake in an incident; tried on short invented series.

A verdict costs a few hundred evaluations: series have one slot a period, and no day in them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from obskit.backtest import metric_alarms, shapes, simulate
from obskit.backtest.alarms import CompositeAlarm, MetricAlarm, duration
from obskit.backtest.composites import holds, named
from obskit.backtest.replay import in_order
from obskit.backtest.simulate import Incident
from obskit.backtest.states import ALARM, OK
from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.backtest.alarms import Alarm, Metric
    from obskit.backtest.metric_alarms import Timeline
    from obskit.backtest.series import Series
    from obskit.backtest.shapes import Shape
    from obskit.backtest.simulate import Effect
    from obskit.catalog.model import Metric as Declared

    Catalog = Mapping[tuple[str, str], Declared]
    """Declared metrics by namespace and name."""


class Verdict(NamedTuple):
    """
    What was found of the alarm *name*: *normal* and *incident* are its states after each series.

    *faults* say what is wrong, a sentence each.
    """

    name: str
    normal: str
    incident: str
    faults: tuple[str, ...]


class _Scenario(NamedTuple):
    """An incident in *words*, and what it does to a metric of which more is bad, or good."""

    words: str
    bad: Effect | None
    good: Effect | None


def _times(factor: float) -> Effect:
    return lambda shape, _into: shape.normal * factor


def _grows(per_slot: float) -> Effect:
    return lambda shape, into: max(0.0, shape.normal * (1 + per_slot * (into + 1)))


def _all_fail(shape: Shape, _into: int) -> float | None:
    return None if shape.bad is None else 2 * shape.bad


def _many_fail(shape: Shape, _into: int) -> float | None:
    return None if shape.bad is None else 10 * shape.bad


def _silence(_shape: Shape, _into: int) -> float | None:
    return None


SCENARIOS = (
    _Scenario("half as many failures as the rest", simulate.bad, None),
    _Scenario("as many failures as the rest", _all_fail, None),
    _Scenario("nothing but failures", _all_fail, _silence),
    _Scenario("half as many failures at ten times the load", _many_fail, _times(10)),
    _Scenario("what should happen does not", None, _silence),
    _Scenario("no data at all", _silence, _silence),
    _Scenario("ten times as much", _times(10), _times(10)),
    _Scenario("a tenth as much", _times(0.1), _times(0.1)),
    _Scenario("more and more", _grows(5), _grows(5)),
    _Scenario("less and less", _grows(-0.2), _grows(-0.2)),
)
"""What is tried on an expression; an alarm has to see one of them."""


def judge(alarms: Mapping[str, Alarm], catalog: Catalog, known: dict[object, Verdict] | None = None) -> list[Verdict]:
    """
    Return a verdict on each of *alarms*, which one template has.

    Args:
        alarms: by name. One that nobody hears of, neither by an action nor through a composite one, has no faults.
        catalog: what is known of its metrics.
        known: verdicts by what decides them, to be reused between templates that differ in names only.
    """
    order, _ = in_order(alarms)  # what has no place is a problem of its own
    known = {} if known is None else known
    found: dict[str, Verdict] = {}
    for name in order:
        alarm = alarms[name]
        if isinstance(alarm, CompositeAlarm):
            found[name] = _composite(alarm, found)
            continue
        key = _key(alarm)
        if key not in known:
            known[key] = _metric_alarm(alarm, catalog)
        found[name] = known[key]._replace(name=name)
    return [verdict if alarms[name].acts else verdict._replace(faults=()) for name, verdict in found.items()]


def _key(alarm: MetricAlarm) -> object:
    """Return what decides the verdict on *alarm*: not its name, its dimensions or whom it tells."""
    reads = tuple((name, (one.metric.namespace, one.metric.name), *one[1:]) for name, one in alarm.reads.items())
    texts = tuple((name, one.text) for name, one in alarm.expressions.items())
    limits = (alarm.watched, alarm.comparison, alarm.threshold, alarm.width, alarm.rules, alarm.every)
    return (reads, texts, *limits, alarm.low_samples)


def _metric_alarm(alarm: MetricAlarm, catalog: Catalog) -> Verdict:
    try:
        if alarm.watched in alarm.reads and not alarm.is_band:
            return _plain(alarm, catalog)
        return _expression(alarm, catalog)
    except ObskitError as error:
        return Verdict(alarm.name, OK, OK, tuple(str(problem) for problem in error.problems))


def _plain(alarm: MetricAlarm, catalog: Catalog) -> Verdict:
    read = alarm.reads[alarm.watched]
    shape = shapes.watched(alarm, catalog.get(read.metric[:2]))
    trial = _Trial(alarm, {alarm.watched: shape})
    normal, incident = trial.run(), trial.run({alarm.watched: simulate.bad})
    faults = []
    if _fires(normal):
        faults.append(_pages(alarm, normal, shape.said))
    if not _fires(incident, trial.incident_from):
        seen = f"{alarm.what} is {_range(incident, trial.incident_from)} for {trial.length} ({shape.said})"
        faults.append(f"sleeps through an incident: {seen}; it fires {_condition(alarm)}{_silence_counts(trial)}")
    return _verdict(alarm, normal, incident, faults, trial)


def _expression(alarm: MetricAlarm, catalog: Catalog) -> Verdict:
    """Try the parts at several scales, because an expression does not say its own; one at which it is sound will do."""
    found = [_at_scale(alarm, catalog, parts) for parts in _scales(alarm, catalog)]
    return next((verdict for verdict in found if not verdict.faults), found[0])


def _scales(alarm: MetricAlarm, catalog: Catalog) -> list[dict[str, Shape]]:
    declared = {name: catalog.get(read.metric[:2]) for name, read in alarm.reads.items()}
    usual = {name: shapes.part(read, declared[name]) for name, read in alarm.reads.items()}
    if alarm.is_band:
        return [{name: shapes.steady(read) for name, read in alarm.reads.items()}]
    zeros = shapes.with_zeros(alarm)
    usual = {
        name: shape._replace(of=shapes.STEADY / alarm.period) if alarm.reads[name].metric in zeros else shape
        for name, shape in usual.items()
    }
    scaled = {name: shapes.scaled(alarm, read, declared[name]) for name, read in alarm.reads.items()}
    return [usual, scaled]


def _at_scale(alarm: MetricAlarm, catalog: Catalog, parts: Mapping[str, Shape]) -> Verdict:
    bad = {name: shapes.is_bad(read, catalog.get(read.metric[:2])) for name, read in alarm.reads.items()}
    trial = _Trial(alarm, parts)
    normal = incident = trial.run()
    faults = []
    if _fires(normal) and not alarm.is_band:  # the band is an approximation: it is not held to what it does by chance
        faults.append(_pages(alarm, normal, ", ".join(f"{name}: {shape.said}" for name, shape in parts.items())))
    seen: list[str] = []
    for scenario in SCENARIOS:
        effects = {name: scenario.bad if bad[name] else scenario.good for name in parts}
        if any(effects.values()):
            incident = trial.run(effects)
            if _fires(incident, trial.incident_from):
                break
            seen.append(f"{scenario.words}: {_range(incident, trial.incident_from)}")
    else:
        faults.append(
            f"sleeps through every incident: {alarm.what} was, for {trial.length} each, with {'; '.join(seen)};"
            f" it fires {_condition(alarm)}"
        )
    return _verdict(alarm, normal, incident, faults, trial)


def _verdict(alarm: MetricAlarm, normal: Timeline, incident: Timeline, faults: list[str], trial: _Trial) -> Verdict:
    states = [ALARM if fires else OK for fires in (_fires(normal), _fires(incident, trial.incident_from))]
    return Verdict(alarm.name, states[0], states[1], tuple(faults))


class _Trial:
    """
    Short series for one alarm: normal ones with gaps where a metric is sparse, and an incident at their end.

    Slots are periods. The incident lasts for the whole evaluation range and N periods more.
    """

    def __init__(self, alarm: MetricAlarm, parts: Mapping[str, Shape]) -> None:
        self._alarm = alarm
        self.parts = parts
        fetched = alarm.rules.fetched
        self._normal = 4 * fetched + 20
        self._incident = fetched + alarm.rules.periods
        self._gap = range(2 * fetched + 4, 3 * fetched + 8)
        self.incident_from = self._normal * alarm.period
        self.length = duration(self._incident * alarm.period)

    def heeding_silence(self) -> _Trial:
        """Return the same trial of an alarm that takes missing data as bad."""
        rules = self._alarm.rules._replace(missing="breaching")
        return _Trial(replace(self._alarm, rules=rules), self.parts)

    def run(self, effects: Mapping[str, Effect | None] | None = None) -> Timeline:
        """Evaluate over normal data, or with an incident that has these *effects* on the parts of the expression."""
        statistics: dict[Metric, list[str]] = {}
        for read in self._alarm.reads.values():
            statistics.setdefault(read.metric, []).append(read.statistic)
        data: dict[Metric, Series] = {}
        for name, read in self._alarm.reads.items():
            effect = effects.get(name) if effects else None
            data[read.metric] = simulate.series(
                self.parts[name],
                statistics[read.metric],
                start=0,
                step=self._alarm.period,
                slots=self._normal + (self._incident if effects else 0),
                seed=f"{read.metric.name} {name}",
                incident=Incident(self._normal, self._incident, effect) if effect else None,
                quiet=lambda slot: slot in self._gap or slot % 7 == 3,
            )
        return metric_alarms.replay(self._alarm, data)


def _fires(line: Timeline, since: int = 0) -> bool:
    """Say whether it is in ALARM at *since* or at any time later."""
    return line.state_at(since) == ALARM or any(
        change.state == ALARM and change.time > since for change in line.transitions
    )


def _silence_counts(trial: _Trial) -> str:
    """Return what would mend an alarm on a single metric that does not see silence, or nothing."""
    heeding = trial.heeding_silence()
    quiet = not _fires(heeding.run())
    seen = _fires(heeding.run(dict.fromkeys(trial.parts, simulate.bad)), trial.incident_from)
    return "; with 'breaching' it would fire" if quiet and seen else ""


def _pages(alarm: MetricAlarm, normal: Timeline, said: str) -> str:
    why = next(change.reason for change in normal.transitions if change.state == ALARM)
    return f"pages while all is well: {alarm.what} ({said}), and {why}"


def _range(line: Timeline, since: int) -> str:
    points = [value for value in (line.points or ())[(since - line.first) // line.tick :] if value == value]
    if not points:
        return "without data"
    least, most = min(points), max(points)
    return f"{least:g}" if least == most else f"{least:.6g} to {most:.6g}"


def _condition(alarm: MetricAlarm) -> str:
    rules = alarm.rules
    periods = f"{rules.needed} of {rules.periods} periods of {duration(alarm.period)}"
    limit = alarm.limit if alarm.is_band else f"at {alarm.limit}"
    return f"{limit} in {periods}, and missing data is '{rules.missing}'"


def _composite(alarm: CompositeAlarm, found: Mapping[str, Verdict]) -> Verdict:
    """Judge by the states of the alarms in its rule: in an incident, those that speak for it are in theirs."""
    speaks: dict[str, bool] = {}
    for name, for_it in named(alarm.rule):
        speaks[name] = speaks.get(name, True) and for_it
    if any(name not in found for name in speaks):
        return Verdict(alarm.name, OK, OK, ())  # what is wrong with them is told already
    normal = {name: found[name].normal for name in speaks}
    incident = {name: found[name].incident if for_it else found[name].normal for name, for_it in speaks.items()}
    states = [ALARM if holds(alarm.rule, one) else OK for one in (normal, incident)]
    faults = []
    if states[0] == ALARM:
        faults.append(f"pages while all is well: its rule holds with {_told(normal)}")
    if states[1] != ALARM:
        faults.append(f"sleeps through every incident: its rule does not hold with {_told(incident)}")
    return Verdict(alarm.name, states[0], states[1], tuple(faults))


def _told(states: Mapping[str, str]) -> str:
    return ", ".join(f"'{name}' in {state}" for name, state in states.items()) or "no alarm at all"
