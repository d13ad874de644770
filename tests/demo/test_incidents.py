"""Alarms become incidents the way PagerDuty's CloudWatch integration makes them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from obskit.demo.incidents import IncidentList, NotAnAlarmError, described
from obskit.demo.incidents_page import page

DESCRIPTION = """Checkout fails for more than 5 % of buyers.
severity: page
owner: team-checkout
impact: Buyers can't pay: no orders.
dashboard: https://console.example/dashboards/api?x=1&y=2
runbook: https://runbooks.example/checkout
note: not one of ours"""


def alarm(state: str, at: str, name: str = "checkout-errors", **more: Any) -> str:
    return json.dumps(
        {
            "AlarmName": name,
            "AlarmDescription": DESCRIPTION,
            "NewStateValue": state,
            "NewStateReason": f"because {state}",
            "StateChangeTime": f"2026-11-24T01:00:{at}.000+0000",
            **more,
        }
    )


def entry(state: str, at: str) -> dict[str, str]:
    return {"state": state, "at": f"2026-11-24T01:00:{at}+00:00", "reason": f"because {state}"}


def states(incidents: IncidentList) -> list[tuple[str, str]]:
    return [(incident.alarm, incident.status) for incident in incidents.all()]


def test_from_alarm_to_ok():
    incidents = IncidentList()
    for state, at in (("ALARM", "01"), ("ALARM", "02"), ("INSUFFICIENT_DATA", "03"), ("OK", "04")):
        incidents.notify(alarm(state, at))

    assert [json.loads(json.dumps(incident.as_json())) for incident in incidents.all()] == [
        {
            "number": 1,
            "alarm": "checkout-errors",
            "status": "resolved",
            "summary": "Checkout fails for more than 5 % of buyers.",
            "severity": "page",
            "owner": "team-checkout",
            "impact": "Buyers can't pay: no orders.",
            "dashboard": "https://console.example/dashboards/api?x=1&y=2",
            "runbook": "https://runbooks.example/checkout",
            "reason": "because ALARM",
            "triggered_at": "2026-11-24T01:00:01+00:00",
            "resolved_at": "2026-11-24T01:00:04+00:00",
            "log": [entry("ALARM", "01"), entry("ALARM", "02"), entry("OK", "04")],
            "key": "checkout-errors",
            "via": "integration",
        }
    ]


def test_a_new_alarm_after_ok_is_a_new_incident():
    incidents = IncidentList()
    for state, at in (("ALARM", "01"), ("OK", "02"), ("ALARM", "03")):
        incidents.notify(alarm(state, at))
    assert states(incidents) == [("checkout-errors", "resolved"), ("checkout-errors", "triggered")]


def test_a_late_alarm_does_not_reopen():
    incidents = IncidentList()
    incidents.notify(alarm("ALARM", "01"))
    incidents.notify(alarm("OK", "05"))
    assert incidents.notify(alarm("ALARM", "04")) is None
    assert states(incidents) == [("checkout-errors", "resolved")]


def test_a_late_ok_does_not_resolve():
    incidents = IncidentList()
    incidents.notify(alarm("ALARM", "05"))
    assert incidents.notify(alarm("OK", "04")) is None
    assert states(incidents) == [("checkout-errors", "triggered")]


def test_an_alarm_that_arrives_after_its_ok_opens_nothing():
    incidents = IncidentList()
    incidents.notify(alarm("OK", "05"))
    incidents.notify(alarm("ALARM", "04"))
    assert states(incidents) == []


def test_alarms_are_told_apart_by_name():
    incidents = IncidentList()
    incidents.notify(alarm("ALARM", "01"))
    incidents.notify(alarm("OK", "02", name="search-latency"))
    incidents.notify(alarm("ALARM", "02", name="search-latency"))
    assert states(incidents) == [("checkout-errors", "triggered"), ("search-latency", "triggered")]


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA"])
def test_nothing_opens_without_an_alarm(state):
    incidents = IncidentList()
    assert incidents.notify(alarm(state, "01")) is None
    assert states(incidents) == []


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ("text", "not JSON"),
        ("[]", "not an object"),
        ("{}", "no AlarmName, NewStateValue, StateChangeTime"),
        (alarm("BROKEN", "01"), "'BROKEN' is no alarm state"),
        (alarm("ALARM", "01", StateChangeTime="yesterday"), "'yesterday' is not ISO 8601"),
    ],
)
def test_other_messages_are_refused(message, problem):
    incidents = IncidentList()
    with pytest.raises(NotAnAlarmError, match=problem):
        incidents.notify(message)
    assert states(incidents) == []


def test_a_bare_description():
    assert described("") == {"summary": ""}


def test_the_page_escapes_what_it_shows_and_links_only_to_the_web():
    incidents = IncidentList()
    incidents.notify(
        alarm(
            "ALARM",
            "01",
            name="<script>alert(1)</script>",
            AlarmDescription='<b>summary</b>\nrunbook: javascript:alert(1)\ndashboard: https://d.example/?a="x"&b',
        )
    )
    html = page(incidents.all())
    assert "<script" not in html
    assert "<b>" not in html
    assert 'href="javascript' not in html
    assert 'href="https://d.example/?a=&quot;x&quot;&amp;b"' in html
