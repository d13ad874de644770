"""All alarms of a template over the same data: metric alarms first, then the composite ones that name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit.backtest import metric_alarms
from obskit.backtest.alarms import AlarmError, CompositeAlarm
from obskit.backtest.composites import holds, named
from obskit.backtest.metric_alarms import Timeline, Transition
from obskit.backtest.states import ALARM, OK
from obskit.backtest.suppression import actions
from obskit.errors import ObskitError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from obskit.backtest.alarms import Alarm, Metric
    from obskit.backtest.series import Series


def in_order(alarms: Mapping[str, Alarm]) -> tuple[list[str], list[str]]:
    """Return the names of *alarms*, each after those that it depends on, and problems of those without a place."""
    order: list[str] = []
    problems: list[str] = []
    lost: set[str] = set()
    left = {name: set(_needs(alarm)) for name, alarm in alarms.items()}
    for name, needs in left.items():
        for other in sorted(needs - alarms.keys()):
            lost.add(name)
            problems.append(f"{name}: its rule names '{other}', which is not here.{did_you_mean(other, alarms)}")
    while ready := [name for name, needs in left.items() if name not in order and needs <= set(order)]:
        order += ready
    circle = [name for name in left if name not in order and name not in lost and not _reaches(name, left, lost)]
    if circle:
        problems.append(f"{circle[0]}: its rule depends on itself, through {', '.join(circle)}")
    return order, problems


def _needs(alarm: Alarm) -> list[str]:
    return [name for name, _ in named(alarm.rule)] if isinstance(alarm, CompositeAlarm) else []


def _reaches(name: str, left: Mapping[str, set[str]], lost: set[str]) -> bool:
    """Say whether *name* depends on one of *lost*."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one in lost:
            return True
        if one not in seen:
            seen.add(one)
            waiting += left.get(one, ())
    return False


def replay(
    alarms: Mapping[str, Alarm],
    data: Mapping[Metric, Series],
    progress: Callable[[str], None] = lambda _name: None,
) -> tuple[dict[str, Timeline], list[str]]:
    """Return what becomes of each of *alarms* over *data*, and the problems of those that cannot be evaluated."""
    order, problems = in_order(alarms)
    found: dict[str, Timeline] = {}
    for name in order:
        progress(name)
        alarm = alarms[name]
        try:
            if isinstance(alarm, CompositeAlarm):
                found[name] = composite(alarm, found)
            else:
                found[name] = metric_alarms.replay(alarm, data)
        except ObskitError as error:
            problems += [text if text.startswith(f"{name}: ") else f"{name}: {text}" for text in error.problems]
    return found, problems


def composite(alarm: CompositeAlarm, found: Mapping[str, Timeline]) -> Timeline:
    """
    Return what becomes of *alarm* while the alarms of its rule are as *found*.

    Raises:
        AlarmError: one of them could not be evaluated.
    """
    children = list(dict.fromkeys(name for name, _ in named(alarm.rule)))
    for name in children:
        if name not in found:
            raise AlarmError(f"{alarm.name}: '{name}' in its rule could not be evaluated")
    start = max((found[name].start for name in children), default=min((one.start for one in found.values()), default=0))
    end = max((one.end for one in found.values()), default=0)
    states = {name: found[name].state_at(start) for name in children}
    events = sorted((change.time, name, change.state) for name in children for change in found[name].transitions)
    transitions: list[Transition] = []
    for time, name, state in [(start, "", ""), *(event for event in events if event[0] > start)]:
        if name:
            states[name] = state
        now = ALARM if holds(alarm.rule, states) else OK
        if not transitions or transitions[-1].state != now:
            # Several children may change at once: what counts is how it is when all have.
            if transitions and transitions[-1].time == time:
                transitions.pop()
            why = f"{name} is {state}" if name else "first evaluation"
            if not transitions or transitions[-1].state != now:
                transitions.append(Transition(time, now, why))
    told = tuple(dict.fromkeys(note for name in children for note in found[name].notes if note))
    changes = tuple(transitions)
    acted = tuple((change.time, change.state) for change in changes)
    if alarm.suppressor and alarm.suppressor in found:
        stops = [(change.time, change.state) for change in found[alarm.suppressor].transitions]
        acted = tuple(actions(acted, stops, alarm.wait, alarm.extension, end))
    elif alarm.suppressor:
        told = (*told, f"its suppressor '{alarm.suppressor}' is not here: it was taken to be OK")
    return Timeline(alarm.name, start, end, changes, actions=acted, notes=told)
