"""An alarm's notification as an event of the Events API v2."""

import json

import pytest

from obskit.forwarder import events

ARN = "arn:aws:cloudwatch:us-west-2:333333333333:alarm:shop-checkout-prod-us-west-2-checkout-burn-page"
COMPOSITE = {
    "AlarmName": "shop-checkout-prod-us-west-2-checkout-burn-page",
    "AlarmDescription": "Checkouts fail.\nseverity: page\nowner: payments\nimpact: Buyers see errors.\n"
    "dashboard: https://us-east-1.console.aws.amazon.com/d\nrunbook: https://runbooks.shop.example/a.md",
    "AWSAccountId": "333333333333",
    "NewStateValue": "ALARM",
    "NewStateReason": "alarms of ann@example.com",
    "StateChangeTime": "2026-11-24T16:00:00.000+0000",
    "Region": "US West (Oregon)",
    "AlarmArn": ARN,
    "OldStateValue": "OK",
    "AlarmRule": 'ALARM("a")',
    "TriggeringChildren": [{"Arn": ARN + "-child", "State": {"Value": "ALARM"}}],
}


def event(**changes):
    return events.event(json.dumps({**COMPOSITE, **changes}))


def test_a_composite_opens_an_incident_with_what_the_engineer_needs():
    """Its region is that of its ARN: `Region` is a name for people. Personal data does not leave."""
    assert {
        "event_action": "trigger",
        "dedup_key": ARN,
        "client": "CloudWatch",
        "client_url": "https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#alarmsV2:alarm/"
        "shop-checkout-prod-us-west-2-checkout-burn-page",
        "links": [
            {"href": "https://runbooks.shop.example/a.md", "text": "runbook"},
            {"href": "https://us-east-1.console.aws.amazon.com/d", "text": "dashboard"},
        ],
        "payload": {
            "summary": "Checkouts fail.",
            "source": "shop-checkout-prod-us-west-2-checkout-burn-page",
            "severity": "critical",
            "group": "333333333333",
            "custom_details": {
                "alarm": "shop-checkout-prod-us-west-2-checkout-burn-page",
                "impact": "Buyers see errors.",
                "owner": "payments",
                "reason": "alarms of [EMAIL]",
                "since": "2026-11-24T16:00:00.000+0000",
                "region": "us-west-2",
                "account": "333333333333",
                "because_of": [ARN + "-child"],
            },
        },
    } == event()


def test_ok_resolves_what_alarm_opened():
    assert {"event_action": "resolve", "dedup_key": ARN} == event(NewStateValue="OK")


def test_insufficient_data_opens_and_closes_nothing():
    assert event(NewStateValue="INSUFFICIENT_DATA") is None


@pytest.mark.parametrize(
    ("said", "severity"), [("page", "critical"), ("ticket", "warning"), ("info", "info"), ("", "error")]
)
def test_severity_is_that_of_the_description(said, severity):
    found = event(AlarmDescription=f"x\nseverity: {said}")

    assert found is not None
    assert severity == found["payload"]["severity"]


def test_a_summary_has_a_limit_and_masks():
    found = event(AlarmDescription="mail of ann@example.com " + "x" * 2000)

    assert found is not None
    assert "mail of [EMAIL] x" == found["payload"]["summary"][:17]
    assert 1024 == len(found["payload"]["summary"])


def test_an_alarm_without_description_is_still_told():
    found = event(AlarmDescription=None)

    assert found is not None
    assert (COMPOSITE["AlarmName"], []) == (found["payload"]["summary"], found["links"])


@pytest.mark.parametrize(
    "text", ["", "[]", "5", '{"AlarmName": "a"}', json.dumps({**COMPOSITE, "AlarmArn": "arn:x"}), "[" * 100_000]
)
def test_what_is_no_alarm_is_refused(text):
    with pytest.raises(events.NotAnAlarmError):
        events.event(text)
