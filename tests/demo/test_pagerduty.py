"""The endpoint itself, over HTTP: who may post, what is fetched, what is kept."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request

import pytest

from obskit.demo.pagerduty import BODY_BYTES, PagerDuty, loopback_target
from obskit.demo.waiting import DidNotHappenError
from obskit.testing.loopback import Answer, Loopback
from tests.demo.test_incidents import alarm


@pytest.fixture
def pagerduty():
    with PagerDuty() as running:
        yield running


def post(url: str, body: bytes | dict[str, object]) -> int:
    data = json.dumps(body).encode() if isinstance(body, dict) else body
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=5) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def notification(state: str = "ALARM", at: str = "01") -> dict[str, object]:
    return {"Type": "Notification", "Message": alarm(state, at)}


def test_a_notification_opens_an_incident_that_both_views_show(pagerduty):
    assert post(pagerduty.endpoint, notification()) == 202

    incident = pagerduty.wait_for(lambda one: one.status == "triggered", 1, "an incident is open")
    with urllib.request.urlopen(f"{pagerduty.url}incidents") as response:
        assert json.load(response) == [json.loads(json.dumps(incident.as_json()))]
    with urllib.request.urlopen(pagerduty.url) as response:
        assert "team-checkout" in response.read().decode()


def test_a_wrong_key_gets_404_and_leaves_nothing(pagerduty):
    assert post(f"{pagerduty.url}integration/wrong/enqueue", notification()) == 404
    assert pagerduty.incidents.all() == []


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"Type": "Notification"}', b"\xff"])
def test_what_is_no_sns_message_gets_400(pagerduty, body):
    assert post(pagerduty.endpoint, body) == 400
    assert len(pagerduty.problems) == 1


def test_a_body_beyond_the_bound_is_not_read(pagerduty):
    connection = http.client.HTTPConnection(pagerduty.url.split("/")[2], timeout=5)
    connection.putrequest("POST", "/integration/x/enqueue")
    connection.putheader("Content-Length", str(BODY_BYTES + 1))
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == 413
    response.read()
    connection.close()


def test_a_confirmation_is_fetched_from_loopback(pagerduty):
    asked = []

    def sns(request):
        asked.append(request.path)
        return Answer()

    with Loopback(sns) as server:
        url = f"{server.url}/?Action=ConfirmSubscription&Token=t"
        assert (
            post(pagerduty.endpoint, {"Type": "SubscriptionConfirmation", "TopicArn": "arn:t", "SubscribeURL": url})
            == 200
        )
    assert asked == ["/?Action=ConfirmSubscription&Token=t"]
    assert pagerduty.confirmed == ["arn:t"]


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/?Action=ConfirmSubscription",
        "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription",
        "http://127.0.0.1@evil.example/?Action=ConfirmSubscription",
        "http://evil.example#@127.0.0.1/?Action=ConfirmSubscription",
        "http://user@127.0.0.1/?Action=ConfirmSubscription",
        "http://localhost.evil.example/?Action=ConfirmSubscription",
        "http://localhost/?Action=ConfirmSubscription",
        "http://2130706433/?Action=ConfirmSubscription",
        "http://0.0.0.0/?Action=ConfirmSubscription",
        "http://127.0.0.1:99999/?Action=ConfirmSubscription",
        "http://127.0.0.1/shutdown",
        "ftp://127.0.0.1/?Action=ConfirmSubscription",
        "file:///etc/passwd?Action=ConfirmSubscription",
        "//127.0.0.1/?Action=ConfirmSubscription",
        "None",
        "",
    ],
)
def test_nothing_else_is_ever_fetched(pagerduty, monkeypatch, url):
    def fetched(*_args: object, **_more: object) -> None:
        raise AssertionError(url)

    monkeypatch.setattr("obskit.demo.pagerduty.http.client.HTTPConnection", fetched)
    assert (
        pagerduty.accept(
            pagerduty.endpoint.removeprefix(pagerduty.url[:-1]),
            json.dumps({"Type": "SubscriptionConfirmation", "TopicArn": "arn:t", "SubscribeURL": url}).encode(),
        )
        == 403
    )
    assert pagerduty.confirmed == []
    assert len(pagerduty.problems) == 1


def test_ipv6_loopback_counts():
    assert loopback_target("http://[::1]:80/?Action=ConfirmSubscription") == ("::1", 80, "/?Action=ConfirmSubscription")


def test_waiting_in_vain_says_what_was_there(pagerduty):
    post(pagerduty.endpoint, notification())
    with pytest.raises(DidNotHappenError, match=r"it is resolved\nincidents: \['checkout-errors triggered'\]"):
        pagerduty.wait_for(lambda one: one.status == "resolved", 0.05, "it is resolved")
