"""The walk itself: alarms of the test are made, go to ALARM and back to OK, are watched, and are always deleted."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from obskit.deploy.page_test import alarms, history, reading
from obskit.deploy.page_test.calls import RefusedError, Unseen
from obskit.deploy.page_test.incidents import IncidentsError
from obskit.deploy.page_test.way import COMPOSITE, METRIC
from obskit.deploy.rules import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from obskit.deploy.model import Environment, Project
    from obskit.deploy.page_test.alarms import TestAlarm
    from obskit.deploy.page_test.calls import Calls
    from obskit.deploy.page_test.history import Action
    from obskit.deploy.page_test.incidents import Incident, Incidents
    from obskit.deploy.page_test.way import Way

Json = dict[str, Any]

WAIT_S = 300
"""Seconds for the whole walk: SNS's metrics come a few minutes late."""
POLL_S, SLOW_POLL_S = 2.0, 15.0
SETTLE_S = 30.0
"""Seconds in which a new composite should have left INSUFFICIENT_DATA."""
CLEAN_S = 5.0
"""Seconds that a walk which is broken off waits for its OK to go out; a job that is cancelled has about seven."""
DELIVERY = {
    "delivered": "NumberOfNotificationsDelivered",
    "failed": "NumberOfNotificationsFailed",
    "redriven": "NumberOfNotificationsRedrivenToDlq",
    "lost": "NumberOfNotificationsFailedToRedriveToDlq",
}


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is and how to wait, so that tests need do neither."""

    now: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    pause: Callable[[float], object] = time.sleep


@dataclass(slots=True)
class Outcome:
    """What was seen of one alarm: actions, the oldest first, seconds by state, incidents of it."""

    alarm: TestAlarm
    actions: list[Action] | Unseen = field(default_factory=list)
    after_s: dict[str, float] = field(default_factory=dict)
    incidents: list[Incident] = field(default_factory=list)

    def action(self, state: str) -> Action | None:
        """Return what CloudWatch did in *state*: the first of its actions is of ALARM, the second of OK."""
        place = 0 if state == "ALARM" else 1
        return self.actions[place] if isinstance(self.actions, list) and len(self.actions) > place else None


@dataclass(slots=True)
class Delivery:
    """What SNS counted of one topic since the walk began, by `DELIVERY`; *expected* is what it should deliver."""

    topic: str
    expected: int
    counted: dict[str, int] | Unseen = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        return isinstance(self.counted, dict) and self.counted.get("delivered", 0) >= self.expected


@dataclass(slots=True)
class Walk:
    """All that came of it. *queues* is how many messages lay in each before and after."""

    outcomes: list[Outcome] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    queues: dict[str, tuple[int, int | Unseen]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    watched: str = ""
    """Where incidents were looked for; empty where nowhere."""
    trouble: str = ""
    """Why incidents could not be looked at, the last time; empty where they could."""


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What is walked: the *topics*, ARNs, of *ways*; *calls* and *ways* are by region.

    *incidents* is where to look for what became of it; *wait_s* is for the whole of it.
    """

    project: Project
    environment: Environment
    severity: str
    calls: Mapping[str, Calls]
    ways: Mapping[str, Way]
    topics: tuple[str, ...]
    incidents: Incidents | None = None
    wait_s: float = WAIT_S

    def alarms(self) -> list[TestAlarm]:
        """Return one new alarm for each kind of message that a topic gets."""
        return [
            alarm
            for topic in self.topics
            for alarm in alarms.for_topic(
                self.project, self.environment, topic, self.ways[topic.split(":")[3]].kinds_to(topic)
            )
        ]


class Sender:
    """Walks a *plan* once; *tell* takes a line of progress."""

    def __init__(self, plan: Plan, tell: Callable[[str], object], clock: Clock | None = None) -> None:
        self._plan, self._tell, self._clock = plan, tell, clock or Clock()
        self._calls = plan.calls
        self._touched: list[TestAlarm] = []
        self._open: set[str] = set()
        self._began = 0.0
        self.walk = Walk(watched=plan.incidents.what if plan.incidents else "")

    def run(self) -> Walk:
        """Walk; whatever happens, KeyboardInterrupt too, nothing of it stays."""
        self._began = self._clock.wall()
        end = self._clock.now() + self._plan.wait_s
        queues = {arn: found for way in self._plan.ways.values() for arn, found in way.queues.items()}
        before = {arn: reading.messages(found) for arn, found in queues.items() if isinstance(found, dict)}
        try:
            self._make()
            self._move("ALARM", self._clock.now() + (end - self._clock.now()) / 2)
            self._move("OK", end)
        finally:
            self._clean()
        self._deliveries(end)
        for arn, number in before.items():
            self.walk.queues[arn] = number, reading.depth(self._calls[arn.split(":")[3]], arn)
        self._look()  # once more, at the very end: a second incident may have come late
        return self.walk

    def _make(self) -> None:
        refused: set[str] = set()
        for alarm in self._plan.alarms():
            if alarm.child in refused:
                continue
            self._tell(f"{alarm.region}: making {alarm.name} ({alarm.kind})")
            self._touched.append(alarm)
            try:
                self._put(alarm)
            except RefusedError as error:
                refused.add(alarm.name)
                self._problem(alarm, "page-test", "; ".join(error.problems))
                continue
            self.walk.outcomes.append(Outcome(alarm))

    def _put(self, alarm: TestAlarm) -> None:
        calls = self._calls[alarm.region]
        if alarm.kind == METRIC:
            given = alarms.parameters(self._plan.project, self._plan.environment, alarm, self._plan.severity)
            calls.need("cloudwatch:PutMetricAlarm", alarm.name, **given)
            return
        # Its first evaluation, to OK, would be told: it may not speak until that is over.
        for acts in (False, True):
            given = alarms.parameters(self._plan.project, self._plan.environment, alarm, self._plan.severity, acts=acts)
            calls.need("cloudwatch:PutCompositeAlarm", alarm.name, **given)
            self._until(self._clock.now() + SETTLE_S, lambda: self._state(alarm) != "INSUFFICIENT_DATA")

    def _state(self, alarm: TestAlarm) -> str:
        found = self._calls[alarm.region].ask(
            *("cloudwatch:DescribeAlarms", alarm.name), AlarmNames=[alarm.name], AlarmTypes=["CompositeAlarm"]
        )
        listed = found.get("CompositeAlarms", []) if isinstance(found, dict) else []
        return str(listed[0].get("StateValue")) if listed else ""

    def _move(self, state: str, end: float) -> None:
        """Set all metric alarms to *state*, composites follow; wait until each was seen, or *end*."""
        since = self._clock.now()
        for outcome in self.walk.outcomes:
            alarm = outcome.alarm
            if alarm.kind == METRIC:
                self._set(alarm, state)
        if self.walk.outcomes:
            self._tell(f"all alarms of the test are set to {state}; waiting for what comes of it")

        def settled() -> bool:
            self._look()
            for one in self.walk.outcomes:
                if state not in one.after_s and self._arrived(one, state):
                    one.after_s[state] = self._clock.now() - since
                    self._tell(f"{one.alarm.region}: {state} of {one.alarm.name} after {one.after_s[state]:.0f} s")
            return all(state in one.after_s or self._failed(one, state) for one in self.walk.outcomes)

        self._until(end, settled)

    def _set(self, alarm: TestAlarm, state: str) -> None:
        if state == "ALARM":
            self._open.add(alarm.name)
        try:
            self._calls[alarm.region].need(
                *("cloudwatch:SetAlarmState", alarm.name),
                AlarmName=alarm.name,
                StateValue=state,
                StateReason=f"TEST by obskit page-test: set to {state}; nothing is wrong",
            )
        except RefusedError as error:
            self._problem(alarm, "page-test", "; ".join(error.problems))
            return
        if state == "OK":
            self._open.discard(alarm.name)

    def _arrived(self, one: Outcome, state: str) -> bool:
        if self._plan.incidents is None:
            return (found := one.action(state)) is not None and found.done
        wanted = ("resolved",) if state == "OK" else ("triggered", "acknowledged", "resolved")
        return bool(one.incidents) and all(incident.status in wanted for incident in one.incidents)

    def _failed(self, one: Outcome, state: str) -> bool:
        found = one.action(state)
        return found is not None and not found.done

    def _look(self) -> None:
        """Read histories and incidents once."""
        for one in self.walk.outcomes:
            one.actions = history.actions(self._calls[one.alarm.region], one.alarm)
        if self._plan.incidents is None:
            return
        try:
            found = self._plan.incidents.of([one.alarm for one in self.walk.outcomes])
        except IncidentsError as error:
            if str(error) != self.walk.trouble:
                self._tell(str(error))
            self.walk.trouble = str(error)
            return
        self.walk.trouble = ""
        for one in self.walk.outcomes:
            one.incidents = [incident for incident in found if incident.is_of(one.alarm)]

    def _deliveries(self, end: float) -> None:
        """Read SNS's own count; wait for it where nothing else says that the messages left the topic."""
        topics = list(dict.fromkeys(one.alarm.topic for one in self.walk.outcomes))
        self.walk.deliveries = [Delivery(topic, self._expected(topic)) for topic in topics]
        proven = self._plan.incidents is not None and all("OK" in one.after_s for one in self.walk.outcomes)

        def counted() -> bool:
            for one in self.walk.deliveries:
                one.counted = self._counted(one.topic)
            return proven or all(one.whole or isinstance(one.counted, Unseen) for one in self.walk.deliveries)

        if topics and not proven:
            self._tell("waiting for SNS's metrics, which come a few minutes late")
        self._until(end, counted, SLOW_POLL_S)

    def _expected(self, topic: str) -> int:
        """Return how many messages the test makes the topic deliver: ALARM and OK of each alarm, to each taker."""
        found = self._plan.ways[topic.split(":")[3]].topics.get(topic)
        mine = [one.alarm for one in self.walk.outcomes if one.alarm.topic == topic]
        return sum(2 * max(len(found.takers(alarm.kind)) if found else 1, 1) for alarm in mine)

    def _counted(self, topic: str) -> dict[str, int] | Unseen:
        *_, region, _, name = topic.split(":")
        dimensions = [{"Name": "TopicName", "Value": name}]
        queries = [
            {
                "Id": word,
                "MetricStat": {
                    "Metric": {"Namespace": "AWS/SNS", "MetricName": metric, "Dimensions": dimensions},
                    "Period": 60,
                    "Stat": "Sum",
                },
            }
            for word, metric in DELIVERY.items()
        ]
        start = self._began // 60 * 60
        found = self._calls[region].ask(
            *("cloudwatch:GetMetricData", f"metrics of topic {name}"),
            MetricDataQueries=queries,
            StartTime=datetime.fromtimestamp(start, UTC),
            EndTime=datetime.fromtimestamp(self._clock.wall() + 60, UTC),
        )
        if not isinstance(found, dict):
            return found or {}
        results = found.get("MetricDataResults", ())
        return {one["Id"]: int(sum(one.get("Values", ()))) for one in results if "Id" in one}

    def _clean(self) -> None:
        """Close what is open, then delete all that the test made, even if that is broken off; say what may be left."""
        if not self._touched:
            return
        left = self._touched
        try:
            try:
                self._close()
            finally:
                left = self._delete()
        finally:
            for command in commands(left):
                self._tell(f"may be left, delete it: {command}")
            if not left:
                self._tell(f"deleted: all {len(self._touched)} alarms of the test")

    def _close(self) -> None:
        unclosed = [one for one in self._touched if one.name in self._open]
        for alarm in unclosed:
            self._set(alarm, "OK")
        if unclosed:
            names = {one.name for one in unclosed}
            mine = [one for one in self.walk.outcomes if one.alarm.name in names or one.alarm.child in names]

            def closed() -> bool:
                self._look()
                return all(self._arrived(one, "OK") or self._failed(one, "OK") for one in mine)

            self._until(self._clock.now() + CLEAN_S, closed)

    def _delete(self) -> list[TestAlarm]:
        """Delete composites first, one a call as AWS wants; return what could not be deleted."""
        left = []
        for alarm in sorted(self._touched, key=lambda one: one.kind != COMPOSITE):
            try:
                self._calls[alarm.region].need("cloudwatch:DeleteAlarms", alarm.name, AlarmNames=[alarm.name])
            except RefusedError as error:
                if "does not exist" in str(error):
                    continue
                self._problem(alarm, "left-over", "; ".join(error.problems), next(iter(commands([alarm]))))
                left.append(alarm)
        return left

    def _problem(self, alarm: TestAlarm, rule: str, words: str, fix: str = "") -> None:
        self.walk.problems.append(Problem(alarm.name, "", rule, "error", words, alarm.region, fix=fix))

    def _until(self, end: float, done: Callable[[], bool], pause: float = 0.0) -> None:
        while not done():
            left = end - self._clock.now()
            if left <= 0:
                return
            self._clock.pause(min(pause or POLL_S, left))


def commands(left: list[TestAlarm]) -> list[str]:
    """Return what deletes *left* by hand, a command for each: a composite must be gone before its child."""
    ordered = sorted(left, key=lambda one: one.kind != COMPOSITE)
    return [alarms.deletion(one.region, one.name) for one in ordered]
