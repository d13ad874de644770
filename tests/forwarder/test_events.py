"""An alarm's notification as an event of the Events API v2."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obskit.forwarder import alarms, events

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
    return events.event(alarms.decode(json.dumps({**COMPOSITE, **changes})))


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
    "text",
    [
        "",
        "[]",
        "5",
        '{"AlarmName": "a"}',
        '{"AlarmName": "a", "NewStateValue": "BAD"}',
        '{"NewStateValue": "OK"}',
        "[" * 100_000,
    ],
)
def test_what_is_no_alarm_is_refused(text):
    with pytest.raises(alarms.NotAnAlarmError):
        alarms.decode(text)


@pytest.mark.parametrize(
    "trigger",
    [
        {"MetricName": "CheckoutFailure", "Namespace": "Shop", "Dimensions": [{"name": "env", "value": "prod"}]},
        {"Metrics": [{"Id": "e1", "Expression": "m1/m2", "ReturnData": True}], "Threshold": 5.0},
        {"Metrics": [{"Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)"}], "ThresholdMetricId": "ad1"},
        None,
    ],
    ids=["metric", "metric math", "anomaly", "composite"],
)
def test_every_kind_of_alarm_is_told_alike(trigger):
    """With `route = "forwarder"` all of them come here; none is understood by what it watches."""
    found = event(Trigger=trigger)

    assert found == event()


def test_an_alarm_that_lacks_all_but_name_and_state_is_still_told():
    found = events.event(alarms.decode('{"AlarmName": "shop-x", "NewStateValue": "ALARM"}'))

    assert {
        "event_action": "trigger",
        "dedup_key": "shop-x",
        "client": "CloudWatch",
        "links": [],
        "payload": {
            "summary": "shop-x",
            "source": "shop-x",
            "severity": "error",
            "group": "",
            "custom_details": {"alarm": "shop-x"},
        },
    } == found


def test_what_is_too_much_is_cut_and_what_is_no_address_is_no_link():
    """PagerDuty takes 512 KB; an event that it refuses wakes nobody."""
    found = event(
        AlarmName="größe/\ud800 ☂" + "n" * 300,
        NewStateReason="r" * 200_000,
        TriggeringChildren=[{"Arn": f"{ARN}-{number}"} for number in range(500)],
        AlarmDescription="s" * 100_000 + "\nrunbook: javascript:alert(1)\ndashboard: https://d.example/ two words",
    )

    assert found is not None
    details = found["payload"]["custom_details"]
    assert (events.DETAIL, events.CHILDREN) == (len(details["reason"]), len(details["because_of"])) == (2000, 20)
    assert 12_000 > len(json.dumps(found))
    assert [] == found["links"]
    assert found["client_url"].endswith("#alarmsV2:alarm/gr%C3%B6%C3%9Fe%2F%3F%20%E2%98%82" + "n" * 300)
    json.dumps(found, ensure_ascii=False).encode()


@pytest.mark.parametrize(("length", "links"), [(2000, 1), (2001, 0)])
def test_an_address_has_a_limit(length, links):
    found = event(AlarmDescription="s\nrunbook: " + "https://r.example/".ljust(length, "x"))

    assert found is not None
    assert links == len(found["links"])


def test_of_a_description_only_the_lines_that_obskit_writes_count():
    said = "Slow.\nnote: x\nseverity page\nowner: search"

    assert {"summary": "Slow.", "owner": "search"} == events.lines(said)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from([*COMPOSITE, "Trigger"])


@given(st.dictionaries(KEYS, VALUES, max_size=12))
def test_whatever_a_member_holds_an_alarm_is_an_event_or_refused(changes):
    """No message crashes it: a crash is retried and, at last, a page that is lost."""
    try:
        found = event(**changes)
    except alarms.NotAnAlarmError:
        return

    assert found is None or len(json.dumps(found, ensure_ascii=False).encode()) < 400_000
    assert found is None or 0 < len(found["dedup_key"]) <= 255
