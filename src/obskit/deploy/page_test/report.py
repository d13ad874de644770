"""What a run of `obskit page-test` has to say, as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from obskit.deploy.page_test.calls import Unseen
from obskit.deploy.page_test.verdict import STATES, unlooked
from obskit.deploy.page_test.way import COMPOSITE, METRIC

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.deploy.page_test.sending import Outcome, Walk
    from obskit.deploy.page_test.way import Way
    from obskit.deploy.rules import Problem

Json = dict[str, Any]


def proven(problems: list[Problem]) -> bool:
    """Say whether nothing is wrong and nothing was left unseen; notes are neither."""
    return not any(problem.severity in ("error", "warning") for problem in problems)


def lines(problem: Problem) -> list[str]:
    """
    Return *problem* for a person: what, then what to do.

    >>> from obskit.deploy.rules import Problem
    >>> lines(Problem("topic a", "", "page-once", "error", "nobody is there", "us-east-1", fix="obskit deploy"))
    ['us-east-1: topic a: error: nobody is there [page-once]', '    obskit deploy']
    """
    return [str(problem), *([f"    {problem.fix}"] if problem.fix else [])]


def looked_at(way: Way) -> str:
    """Return what there is in one region, in a line."""
    standby = " (stands by: its alarms' actions are off on purpose)" if way.expected.standby else ""
    if isinstance(way.alarms, Unseen):
        return f"{way.region}{standby}: alarms could not be looked at"
    counts = {
        "metric alarms": len(way.of(METRIC)),
        "composite alarms": len(way.of(COMPOSITE)),
        "topics": sum(isinstance(topic.attributes, dict) for topic in way.topics.values()),
        "confirmed subscriptions": sum(len(topic.confirmed) for topic in way.topics.values()),
        "dead-letter queues": sum(isinstance(queue, dict) for queue in way.queues.values()),
    }
    return f"{way.region}{standby}: " + ", ".join(f"{number} {what}" for what, number in counts.items())


def walked(walk: Walk) -> Iterator[str]:
    """Yield what was seen of the test's alarms."""
    for outcome in walk.outcomes:
        yield f"{outcome.alarm.region} {outcome.alarm.name} ({outcome.alarm.kind})"
        for state in STATES:
            yield f"  {state:<6}{_seen(outcome, state)}"
        for one in outcome.incidents:
            yield f"  incident {one.number} of {walk.watched}: {one.status}"
    for delivery in walk.deliveries:
        name = delivery.topic.rpartition(":")[2]
        if isinstance(delivery.counted, dict) and delivery.counted:
            counted = ", ".join(f"{number} {word}" for word, number in delivery.counted.items())
            yield f"  topic {name}: {counted} (expected {delivery.expected} delivered)"
        else:
            yield f"  topic {name}: SNS has no count of it yet"
    for arn, (before, after) in walk.queues.items():
        yield f"  queue {arn.rpartition(':')[2]}: {before} messages before, {_number(after)} after"


def _seen(outcome: Outcome, state: str) -> str:
    action = outcome.action(state)
    said = "not in its history" if action is None else "published" if action.done else f"REFUSED: {action.error}"
    seconds = outcome.after_s.get(state)
    return said if seconds is None else f"{said}, seen after {seconds:.0f} s"


def _number(found: int | Unseen) -> str:
    return "unknown" if isinstance(found, Unseen) else str(found)


def verdict(problems: list[Problem], *, sent: bool) -> str:
    if not proven(problems):
        wrong = sum(problem.severity == "error" for problem in problems)
        unseen = sum(problem.severity == "warning" for problem in problems)
        return f"NOT PROVEN: {wrong} wrong, {unseen} not seen"
    return "PROVEN: the test alarms went the whole way" if sent else "sound, as far as looking shows; nothing was sent"


def as_json(environment: str, ways: list[Way], walk: Walk | None, problems: list[Problem]) -> Json:
    """Return all of it as one document."""
    return {
        "environment": environment,
        "proven": proven(problems) and walk is not None,
        "sound": proven(problems),
        "regions": [{"region": way.region, "standby": way.expected.standby, "summary": looked_at(way)} for way in ways],
        "problems": [problem._asdict() for problem in problems],
        "tests": [] if walk is None else [_test(outcome) for outcome in walk.outcomes],
        "deliveries": [] if walk is None else [_delivered(one) for one in walk.deliveries],
        "queues": {}
        if walk is None
        else {
            arn: {"before": before, "after": None if isinstance(after, Unseen) else after}
            for arn, (before, after) in walk.queues.items()
        },
        "not_looked_at": [] if walk is None else unlooked(walk),
    }


def _test(outcome: Outcome) -> Json:
    alarm = outcome.alarm
    return {
        "alarm": alarm.name,
        "kind": alarm.kind,
        "region": alarm.region,
        "topic": alarm.topic,
        "actions": {state: _seen(outcome, state) for state in STATES},
        "seconds": outcome.after_s,
        "incidents": [{"number": one.number, "status": one.status} for one in outcome.incidents],
    }


def _delivered(delivery: Any) -> Json:
    counted = delivery.counted if isinstance(delivery.counted, dict) else None
    return {"topic": delivery.topic, "expected": delivery.expected, "counted": counted}
