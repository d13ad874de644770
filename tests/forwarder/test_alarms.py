"""Which is newer, the notification or what CloudWatch says now: who wins, and what each may do to an incident."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obskit.forwarder import alarms
from obskit.forwarder.alarms import ALARM, INSUFFICIENT_DATA, OK, STATES, State

AT = datetime(2026, 11, 24, 16, tzinfo=UTC)
LATER, EARLIER = AT + timedelta(seconds=1), AT - timedelta(seconds=1)


def notified(value, **more):
    return {"AlarmName": "a", "NewStateValue": value, "StateChangeTime": "2026-11-24T16:00:00.000+0000", **more}


def told(alarm, now):
    return alarms.latest(alarm, now)["NewStateValue"]


@pytest.mark.parametrize(
    ("value", "now", "expected"),
    [
        (ALARM, State(OK, LATER), OK),  # late: it must not open what is over
        (OK, State(ALARM, LATER), ALARM),  # late: it must not close what is on
        (ALARM, State(OK, EARLIER), ALARM),  # the answer is older than the notification: that is how it is
        (ALARM, State(OK, AT), ALARM),  # in doubt somebody is woken
        (OK, State(ALARM, EARLIER), OK),
        (ALARM, State(ALARM, LATER), ALARM),
        (ALARM, State(INSUFFICIENT_DATA, LATER), ALARM),  # it would not have closed the incident
        (OK, State(INSUFFICIENT_DATA, LATER), OK),
        (OK, State(ALARM, LATER, silent=True), OK),  # suppressed: nobody is told
        (ALARM, State(OK, LATER, silent=True), OK),
        (ALARM, None, ALARM),
        (OK, None, OK),
    ],
)
def test_what_is_newer_is_told_unless_it_opens_and_closes_nothing(value, now, expected):
    assert expected == told(notified(value), now)


@pytest.mark.parametrize("when", ["yesterday", "", None, 5, "2026-13-99T00:00:00Z"])
def test_without_a_time_the_notification_is_believed(when):
    assert ALARM == told(notified(ALARM, StateChangeTime=when), State(OK, LATER))


def test_what_is_told_instead_has_its_own_reason_and_time():
    alarm = notified(OK, AlarmDescription="x\nseverity: page", NewStateReason="old", TriggeringChildren=[{"Arn": "b"}])

    assert {
        "AlarmName": "a",
        "AlarmDescription": "x\nseverity: page",
        "NewStateValue": ALARM,
        "NewStateReason": "new",
        "StateChangeTime": "2026-11-24T16:00:01+00:00",
        "TriggeringChildren": [],
    } == alarms.latest(alarm, State(ALARM, LATER, "new"))


@given(
    st.lists(st.sampled_from([ALARM, OK]), min_size=1, max_size=8).flatmap(
        lambda states: st.tuples(st.just(states), st.permutations(range(len(states))))
    )
)
def test_in_whatever_order_notifications_come_an_incident_is_open_exactly_while_the_alarm_is(made):
    """Each comes when all changes have happened: a trigger opens, a resolve closes, as the Events API does."""
    states, order = made
    times = [AT + timedelta(minutes=minute) for minute in range(len(states))]
    now = State(states[-1], times[-1])
    is_open = False

    for position in order:
        alarm = notified(states[position], StateChangeTime=times[position].isoformat())
        is_open = told(alarm, now) == ALARM

    assert (states[-1] == ALARM) == is_open


@pytest.mark.parametrize("value", STATES)
def test_a_state_is_one_that_cloudwatch_has(value):
    assert value == alarms.decode(f'{{"AlarmName": "a", "NewStateValue": "{value}"}}')["NewStateValue"]
