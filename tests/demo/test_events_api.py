"""What the stand-in for PagerDuty's Events API takes, and what becomes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from obskit.demo import events_api
from obskit.demo.pagerduty import PagerDuty
from tests.demo.test_incidents import alarm
from tests.demo.test_pagerduty import post

TRIGGER: dict[str, Any] = {
    "routing_key": "r" * 32,
    "event_action": "trigger",
    "dedup_key": "k",
    "payload": {"summary": "s", "source": "x", "severity": "critical", "custom_details": {"alarm": "a", "owner": "o"}},
    "links": [{"href": "https://runbooks.example/a", "text": "runbook"}],
}
RESOLVE = {"routing_key": "r" * 32, "event_action": "resolve", "dedup_key": "k"}


@pytest.fixture
def pagerduty():
    with PagerDuty() as running:
        running.routing_key = "r" * 32
        yield running


def sent(pagerduty: PagerDuty, *events: dict[str, Any]) -> list[tuple[str, int]]:
    assert {202} == {post(pagerduty.events_url, event) for event in events}
    return [(one.status, len(one.log)) for one in pagerduty.incidents.all()]


def test_a_trigger_opens_adds_and_opens_anew_after_its_resolve(pagerduty):
    """A late trigger opens again: the API believes what it is told, and knows no order."""
    assert [("triggered", 2)] == sent(pagerduty, TRIGGER, TRIGGER)
    assert [("resolved", 3)] == sent(pagerduty, RESOLVE)
    assert [("resolved", 3), ("triggered", 1)] == sent(pagerduty, TRIGGER)


def test_a_resolve_of_what_is_not_open_is_taken_and_lost(pagerduty):
    assert [] == sent(pagerduty, RESOLVE)
    assert [("triggered", 1)] == sent(pagerduty, TRIGGER)


def test_an_incident_shows_what_the_engineer_needs(pagerduty):
    sent(pagerduty, TRIGGER)

    (incident,) = pagerduty.incidents.all()
    assert ("a", "s", "critical", "o", "https://runbooks.example/a", "k", "events") == (
        *(incident.alarm, incident.summary, incident.severity, incident.owner, incident.runbook),
        *(incident.key, incident.via),
    )


def test_the_integration_and_the_api_share_no_keys(pagerduty):
    """What one opened the other cannot resolve: they are two integrations of a service."""
    pagerduty.incidents.notify(alarm("ALARM", "01", "k"))

    assert [("triggered", 1)] == sent(pagerduty, RESOLVE)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"routing_key": "short"}, "routing_key is not 32 characters"),
        ({"routing_key": "n" * 32}, "no service has this routing key"),
        ({"event_action": "open"}, "event_action is none of trigger, acknowledge, resolve"),
        ({"dedup_key": "k" * 256}, "dedup_key is no text of 255 characters"),
        ({"event_action": "resolve", "dedup_key": ""}, "dedup_key is missing"),
        ({"payload": None}, "payload is missing"),
        ({"payload": {**TRIGGER["payload"], "summary": ""}}, "payload.summary is missing or blank"),
        ({"payload": {**TRIGGER["payload"], "summary": "s" * 1025}}, "payload.summary is longer than 1024 characters"),
        ({"payload": {**TRIGGER["payload"], "severity": "page"}}, "payload.severity is none of critical, error"),
        ({"payload": {**TRIGGER["payload"], "custom_details": 5}}, "payload.custom_details is no object"),
        ({"links": [{"href": "javascript:1"}]}, "a link has no address"),
    ],
)
def test_what_the_api_refuses(pagerduty, change, problem):
    assert 400 == post(pagerduty.events_url, {**TRIGGER, **change})
    assert [True] == [one.startswith(problem) for one in pagerduty.problems]
    assert [] == pagerduty.incidents.all()


def test_what_is_too_large_or_no_json_is_refused(pagerduty):
    padded = {**TRIGGER, "client": "x" * events_api.EVENT_BYTES}

    assert [413, 400, 400] == [post(pagerduty.events_url, body) for body in (json.dumps(padded).encode(), b"{", b"[]")]


def test_it_fails_as_a_test_wants_it_to(pagerduty):
    pagerduty.answers.extend([429, 503])
    answers = [post(pagerduty.events_url, TRIGGER) for _ in range(3)]
    pagerduty.outage = 500

    assert [429, 503, 202, 500] == [*answers, post(pagerduty.endpoint, {})]
