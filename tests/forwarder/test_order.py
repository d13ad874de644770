"""
The law of the forwarder: when all has been told, an incident is open exactly if the alarm is.

Changes of the alarm, notifications that are late, doubled and out of order, and runs that overtake each other, in any
order: another run may begin and end whenever one asks CloudWatch or posts. Only the network is replaced.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from obskit.forwarder import endpoint, handler, secret, states
from obskit.forwarder.alarms import ALARM, OK, State
from tests.forwarder.test_events import ARN

BEGIN = datetime(2026, 11, 24, 16, tzinfo=UTC)
DEPTH = 2
"""How many runs may be at work at once: more of them are only slower."""
NOTHING, CHANGE, NEWEST, OLDEST, AGAIN, OVERTAKE = range(6)
"""What happens meanwhile: the last is a change whose notification is told before the run that waits goes on."""


class World:
    """CloudWatch, SNS, Lambda and PagerDuty. *choices* say what happens meanwhile, each time somebody waits."""

    def __init__(self, changes: int, choices: list[int]) -> None:
        self.left = changes
        self.choices = choices
        self.state, self.since = OK, BEGIN
        self.notifications: list[str] = []
        self.open = False
        self.depth = 0

    def meanwhile(self) -> None:
        if not self.choices or self.depth >= DEPTH:
            return
        what = self.choices.pop()
        if what in (CHANGE, OVERTAKE):
            self.change()
        if what == AGAIN and self.notifications:
            self.run(self.notifications[0])  # it stays, to come once more
        elif what in (OVERTAKE, NEWEST) and self.notifications:
            self.run(self.notifications.pop())
        elif what == OLDEST and self.notifications:
            self.run(self.notifications.pop(0))

    def change(self) -> None:
        if self.left:
            self.left -= 1
            self.state = OK if self.state == ALARM else ALARM
            self.since += timedelta(seconds=1)
            alarm = {"AlarmName": "a", "AlarmArn": ARN, "NewStateValue": self.state}
            self.notifications.append(json.dumps({**alarm, "StateChangeTime": self.since.isoformat()}))

    def run(self, message: str) -> None:
        self.depth += 1
        try:
            handler._take({"Sns": {"Message": message}}, lambda: 60.0)
        except handler.UnsettledError:
            self.notifications.append(message)  # Lambda comes back to it
        finally:
            self.depth -= 1

    # What the forwarder reaches.

    def now(self, arn: str, name: str) -> State:
        found = State(self.state, self.since)
        self.meanwhile()  # the answer is old when it arrives
        return found

    def post(self, url: str, body: bytes, timeout: float) -> endpoint.Answer:
        self.meanwhile()
        self.open = json.loads(body)["event_action"] == "trigger"
        return endpoint.Answer(202)


@given(st.integers(1, 6), st.lists(st.integers(NOTHING, OVERTAKE), max_size=30))
@example(2, [OVERTAKE, NEWEST])  # it ends while its trigger is on the way
@example(4, [NEWEST, *[OVERTAKE, NOTHING, NOTHING] * 3][::-1])  # it never rests
def test_an_incident_is_open_exactly_if_the_alarm_is(changes, choices):
    world = World(changes, choices)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(handler.SECRET, "s")
        patch.setenv(handler.URL, "https://events.example")
        patch.setattr(secret, "routing_key", Mock(return_value="k"))
        patch.setattr(states, "now", world.now)
        patch.setattr(endpoint, "_post", world.post)
        patch.setattr(handler, "_logger", Mock())
        while world.left or world.notifications:
            world.change()
            while world.notifications and (world.choices or not world.left):
                world.meanwhile() if world.choices else world.run(world.notifications.pop())

    assert (world.state == ALARM) == world.open
