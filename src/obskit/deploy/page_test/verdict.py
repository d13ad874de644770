"""What a walk proves, and what it does not: problems and plain sentences, from what was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from obskit.deploy.page_test.calls import Unseen, reason
from obskit.deploy.page_test.way import DEAD_LETTERS
from obskit.deploy.rules import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.deploy.page_test.sending import Delivery, Outcome, Walk
    from obskit.deploy.rules.problem import Level

STATES = ("ALARM", "OK")
_FIXES = (
    ("encryption key", "the key's policy must let cloudwatch.amazonaws.com use it: docs/paging.md, Keys"),
    ("not authorized", "the topic's policy must let cloudwatch.amazonaws.com publish: obskit deploy"),
    ("does not exist", "the topic is gone: obskit deploy"),
)


def problems(walk: Walk) -> list[Problem]:
    """Return what went wrong (errors), what was not seen (warnings), and what something better has shown (notes)."""
    found = [*walk.problems]
    for outcome in walk.outcomes:
        found += _actions(outcome, watched=bool(walk.watched))
        found += _incidents(outcome, walk.watched, walk.trouble) if walk.watched else ()
    for delivery in walk.deliveries:
        found += _delivery(delivery, watched=bool(walk.watched))
    for arn, (before, after) in walk.queues.items():
        found += _queue(arn, before, after)
    return found


def unlooked(walk: Walk) -> list[str]:
    """Return sentences on what the walk could not show, whatever came of it."""
    found = []
    if not walk.watched:
        found.append(
            "What PagerDuty made of the messages was not looked at: --pagerduty-token-secret has a look. Delivered"
            " means that its address, or the forwarder's Lambda, took them. What SNS still tries to deliver lies in no"
            " queue yet: it does so for about 45 minutes."
        )
    found.append("Whether a telephone rang is not looked at: only whoever is on call knows.")
    return found


def _problem(outcome: Outcome, rule: str, words: str, fix: str = "", level: Level = "error") -> Problem:
    return Problem(outcome.alarm.name, "", rule, level, words, outcome.alarm.region, fix=fix)


def _actions(outcome: Outcome, *, watched: bool) -> Iterator[Problem]:
    if isinstance(outcome.actions, Unseen):
        words = f"its history could not be looked at: {reason(outcome.actions)}"
        yield _problem(outcome, "unseen", words, level="note" if watched else "warning")
        return
    for state in STATES:
        action = outcome.action(state)
        if action is not None and not action.done:
            fix = next((fix for words, fix in _FIXES if words in action.error), "obskit page-test --dry-run says more")
            yield _problem(outcome, "page-refused", f"{state} did not leave CloudWatch: {action.error}", fix)
        elif action is None:
            words = f"its history says nothing of an action on {state}"
            yield _problem(outcome, "unseen", words, level="note" if watched else "warning")


def _incidents(outcome: Outcome, watched: str, trouble: str) -> Iterator[Problem]:
    found = outcome.incidents
    if trouble:
        yield _problem(outcome, "unseen", f"{watched} could not be looked at: {trouble}", level="warning")
    elif not found:
        words = f"{watched} opened no incident"
        yield _problem(outcome, "page-not-opened", words, "is the key in the secret that of this service?")
    elif len(found) > 1:
        words = f"{watched} opened {len(found)} incidents: {', '.join(one.number for one in found)}"
        yield _problem(
            outcome, "page-twice", words, "one alarm is one incident: look for a second subscription or rule"
        )
    for one in found:
        if one.status != "resolved" and not trouble:
            words = f"incident {one.number} of {watched} is still {one.status}"
            yield _problem(outcome, "page-open", words, "close it by hand; does the OK take the same way?")


def _delivery(delivery: Delivery, *, watched: bool) -> Iterator[Problem]:
    region, name = delivery.topic.split(":")[3], f"topic {delivery.topic.rpartition(':')[2]}"

    def problem(rule: str, words: str, level: Level = "error", fix: str = "") -> Problem:
        return Problem(name, "", rule, level, words, region, fix=fix)

    if isinstance(delivery.counted, Unseen):
        words = f"what SNS delivered could not be looked at: {reason(delivery.counted)}"
        yield problem("unseen", words, "note" if watched else "warning")
        return
    counted: dict[str, Any] = delivery.counted
    for word, words in (
        ("failed", "attempts to deliver failed since the test began"),
        ("redriven", "messages were given up since the test began, and lie in a dead-letter queue"),
        ("lost", "messages were lost since the test began: not even the dead-letter queue took them"),
    ):
        if counted.get(word):
            yield problem("page-lost", f"{counted[word]} {words}", fix=DEAD_LETTERS)
    if not delivery.whole:
        words = f"SNS's metrics show {counted.get('delivered', 0)} of {delivery.expected} messages delivered so far"
        yield problem("unseen", words, "note" if watched else "warning", "wait longer: --wait")


def _queue(arn: str, before: int, after: int | Unseen) -> Iterator[Problem]:
    region, name = arn.split(":")[3], f"queue {arn.rpartition(':')[2]}"
    if isinstance(after, Unseen):
        yield Problem(name, "", "unseen", "warning", f"could not be looked at: {reason(after)}", region)
    elif after > before:
        words = f"{after - before} more messages lie there than before the test: {before}, then {after}"
        yield Problem(name, "", "pages-lost", "error", words, region, fix=DEAD_LETTERS)
