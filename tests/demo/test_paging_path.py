"""
A page's whole way on the embedded stack, as it is rendered: metric, alarm, composite, topic, both ways to PagerDuty.

What the emulator leaves out is done by `paging_kit`, which says what and how. The forwarder runs under the real Lambda
client. Retries do not wait: an hour of them takes a moment.
"""

from __future__ import annotations

import json
import secrets
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from dirty_equals import IsPartialDict, IsStr

from obskit.demo.incidents import Incident, IncidentList
from obskit.demo.pagerduty import PagerDuty
from obskit.demo.shop import function_zip
from obskit.demo.waiting import wait_until
from obskit.deploy import definitions, paging, project, render
from obskit.deploy.forwarder_function import RETRIES
from tests.demo.paging_kit import Alarms, Arrival, Deliveries, Notification, letters, part_of, waits
from tests.parts import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from obskit.demo.stack import Stack

PLAIN = "AlarmCheckoutFailures"
BURN = ("AlarmCheckoutBurnFastH1", "AlarmCheckoutBurnFastM5", "AlarmCheckoutBurnSteadyH6", "AlarmCheckoutBurnSteadyM30")
WATCH = "AlarmPagingForwarderDeadLetters"
WANTED = (PLAIN, *BURN, "CompositeCheckoutBurnPage", WATCH)
TIMEOUT_S = 60
"""Seconds of the function, which has 900."""


class Way:
    """Everything on the way, under a name of its own."""

    def __init__(self, stack: Stack, pagerduty: PagerDuty, deliveries: Deliveries, code: Path) -> None:
        self.emulator, self.pagerduty, self.deliveries = stack.emulator, pagerduty, deliveries
        self._routing_key = pagerduty.routing_key
        self._burnt = 0
        self._old: set[str] = set()
        """Runs of the function in earlier tests; each test waits for the lines of its own."""
        self.name = f"s{secrets.token_hex(3)}"
        loaded = project.load(ROOT)
        shop = replace(loaded, name=self.name, namespace=self.name)
        environment = replace(
            loaded.environment("prod"),
            account=stack.emulator.account,
            regions=(stack.emulator.region,),
            paging_endpoint=pagerduty.url.rstrip("/"),
            paging_secret=self.name,
        )
        keys = {"integration_key": pagerduty.integration_key, "routing_key": pagerduty.routing_key}
        stack.emulator.client("secretsmanager").create_secret(Name=self.name, SecretString=json.dumps(keys))
        rendered = render.render(shop, definitions.load(loaded), environment)
        template = rendered.templates[stack.emulator.region]
        main = stack.load(part_of(template, WANTED), self.name)
        self.forwarder = rendered.forwarders[stack.emulator.region]
        self._load_forwarder(stack, code)
        topics = {name: arn for name, arn in main.resources.items() if name.startswith("Topic") and ":sns:" in arn}
        for name in ("TopicPage", "TopicFallback"):
            deliveries.take_over(topics[name])
        self.alarms = Alarms(stack.emulator, template, WANTED, topics)
        self.integration_queue = paging.dead_letters(shop, environment)
        self.forwarder_queue = paging.forwarder_dead_letters(shop, environment)
        self.function = paging.forwarder(shop, environment)

    def _load_forwarder(self, stack: Stack, code: Path) -> None:
        s3 = stack.emulator.client("s3")
        s3.create_bucket(Bucket=self.name)
        s3.put_object(Bucket=self.name, Key="forwarder.zip", Body=function_zip(code, sys.executable))
        resources = self.forwarder["Resources"]
        function = {**resources["ForwarderFunction"]["Properties"], "Runtime": "provided.al2023", "Timeout": TIMEOUT_S}
        variables = {**function["Environment"]["Variables"], "AWS_XRAY_DAEMON_ADDRESS": stack.xray.address}
        function["Environment"] = {"Variables": variables}
        here = {**resources, "ForwarderFunction": {**resources["ForwarderFunction"], "Properties": function}}
        stack.load(
            {**self.forwarder, "Resources": here},
            f"{self.name}-forwarder",
            {"CodeBucket": self.name, "CodeKey": "forwarder.zip"},
        )

    def queue_depth(self, messages: int) -> None:
        datum = {
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{"Name": "QueueName", "Value": self.forwarder_queue}],
            "Value": messages,
        }
        self.emulator.client("cloudwatch").put_metric_data(Namespace="AWS/SQS", MetricData=[datum])

    def invoke(self, event: dict[str, Any]) -> Any:
        answer = self.emulator.client("lambda").invoke(FunctionName=self.function, Payload=json.dumps(event))
        return json.load(answer["Payload"])

    def begin(self) -> None:
        """As new, whatever a test left."""
        self._old = {one["function_request_id"] for one in self._lines()}
        self.pagerduty.outage = 0
        self.pagerduty.routing_key = self._routing_key
        self.pagerduty.answers.clear()
        for end in ("-checkout-failures", "-h1", "-m5", "-h6", "-m30", "-burn-page", "-forwarder-dead-letters"):
            self.alarms.force(self.alarms.name(end), "OK")
        self.alarms.changes()
        self.pagerduty.incidents = IncidentList()
        self.pagerduty.problems.clear()
        self.deliveries.arrivals.clear()
        self.deliveries.attempts.clear()
        self.deliveries.mails.clear()
        sqs = self.emulator.client("sqs")
        for queue in (self.integration_queue, self.forwarder_queue):
            sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"])

    def incident(self, status: str, what: str) -> Incident:
        return self.pagerduty.wait_for(lambda one: one.status == status, 20, what)

    def opened(self) -> list[tuple[str, str]]:
        return [(one.via, one.status) for one in self.pagerduty.incidents.all()]

    def _lines(self) -> list[dict[str, Any]]:
        logs = self.emulator.client("logs")
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{self.function}")
        found = [json.loads(one["message"]) for page in pages for one in page["events"] if one["message"][0] == "{"]
        return [one for one in found if "function_request_id" in one]

    def lines(self, text: str, count: int) -> list[dict[str, Any]]:
        """Return what the forwarder wrote of this since the test began, as soon as there are *count* lines."""

        def written() -> list[dict[str, Any]]:
            fresh = [one for one in self._lines() if one["function_request_id"] not in self._old]
            found = [one for one in fresh if text in f"{one.get('message')} {one.get('exception')}"]
            return found if len(found) >= count else []

        return wait_until(written, 20, f"{count} lines say '{text}'")

    def runs(self) -> int:
        """Return how often the function has run, whether it ended well, failed, or ran out of time."""
        logs = self.emulator.client("logs")
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{self.function}")
        return sum(one["message"].startswith("REPORT ") for page in pages for one in page["events"])

    def set_timeout(self, seconds: int) -> None:
        self.emulator.client("lambda").update_function_configuration(FunctionName=self.function, Timeout=seconds)

    def told(self, count: int) -> list[dict[str, Any]]:
        return [one for one in self.lines("handed over", count) if "action" in one]

    def put(self, values: list[float], counts: list[float], *times: int) -> None:
        data = [
            {
                "MetricName": "CheckoutFailure",
                "Dimensions": [{"Name": "service", "Value": "checkout"}, {"Name": "env", "Value": "prod"}],
                "Timestamp": datetime.fromtimestamp(at, UTC),
                "Values": values,
                "Counts": counts,
            }
            for at in times
        ]
        self.emulator.client("cloudwatch").put_metric_data(Namespace=self.name, MetricData=data)

    def fail(self) -> Notification:
        """Three checkouts fail now. The emulator's own evaluation: 1 of 1, a sum, nothing else has this name."""
        self.put([1.0], [3.0], int(time.time()))
        return self.alarms.changed("-checkout-failures")

    def burn(self) -> Notification:
        """Two of five checkouts fail in each minute of an hour: a slow burn, too little for the alarm on failures."""
        if not self._burnt:  # once: what is put again is added
            self._burnt = int(time.time()) // 60 * 60 - 120
            self.put([0.0, 1.0], [3.0, 2.0], *range(self._burnt - 3600, self._burnt, 60))
        self.alarms.evaluate(self._burnt)
        return self.alarms.changed("-burn-page")

    def recover(self, end: str) -> Notification:
        """Some hours later, in which nothing failed: the windows are empty."""
        self.alarms.evaluate(int(time.time()) // 60 * 60 + 7 * 3600)
        return self.alarms.changed(end)


@pytest.fixture(scope="module")
def way(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    with PagerDuty() as pagerduty, Deliveries(stack.emulator) as deliveries:
        yield Way(stack, pagerduty, deliveries, tmp_path_factory.mktemp("code"))


@pytest.fixture(autouse=True)
def clean(way: Way) -> None:
    way.begin()


def early(one: Notification) -> Notification:
    """Return it as if its state had changed a minute before it did: what came after is newer."""
    when = datetime.fromisoformat(one.message["StateChangeTime"]) - timedelta(minutes=1)
    return one.changed(StateChangeTime=when.strftime("%Y-%m-%dT%H:%M:%S.000+0000"))


def test_a_metric_that_breaches_opens_one_incident_by_the_integration_and_ok_resolves_it(way):
    alarm = way.fail()
    assert ("OK", "ALARM") == (alarm.message["OldStateValue"], alarm.message["NewStateValue"])

    way.alarms.publish(alarm)
    incident = way.incident("triggered", "the alarm pages")
    way.alarms.publish(way.recover("-checkout-failures"))
    way.incident("resolved", "OK resolves it")

    assert incident.as_json() == IsPartialDict(
        alarm=alarm.message["AlarmName"],
        summary="Checkouts are failing.",
        severity="page",
        owner="payments",
        runbook="https://runbooks.shop.example/checkout-failures.md",
        dashboard=IsStr(regex=f"https://us-east-1.console.aws.amazon.com/.*/{way.name}-prod-api"),
    )
    assert [("integration", "resolved")] == way.opened()
    assert [("http", "ALARM"), ("http", "OK")] == [(one.protocol, one.state) for one in way.deliveries.arrivals]


def test_a_burn_rate_opens_one_incident_by_composite_and_forwarder_and_ok_resolves_it(way):
    alarm = way.burn()
    way.alarms.publish(alarm)
    incident = way.incident("triggered", "the composite pages")
    way.alarms.publish(way.recover("-burn-page"))
    way.told(2)

    assert incident.as_json() == IsPartialDict(
        status="triggered",
        summary="Checkouts fail faster than their objective allows.",
        severity="critical",
        owner="payments",
        impact="Buyers see errors, few at a time; by the end of the month the error budget is gone.",
        reason=IsStr(regex=r".*burn-fast-m5 transitioned to ALARM at .*"),
        runbook="https://runbooks.shop.example/checkout-failures.md",
        dashboard=IsStr(regex=f"https://us-east-1.console.aws.amazon.com/.*/{way.name}-prod-api"),
        alarm=alarm.message["AlarmName"],
        key=alarm.message["AlarmArn"],
    )
    assert [("events", "resolved")] == way.opened()
    assert [("lambda", "ALARM"), ("lambda", "OK")] == [(one.protocol, one.state) for one in way.deliveries.arrivals]


def test_each_kind_of_alarm_reaches_one_way_and_never_both(way):
    """The rendered filters decide, evaluated by the emulator on the body of what is published."""
    plain = way.fail()
    composite = way.burn()
    states = ("ALARM", "OK")
    sent = [one.changed(NewStateValue=state) for one in (plain, composite) for state in states]

    way.alarms.publish(*sent[:2])
    for number, one in enumerate(sent[2:], 1):  # one after the other: two runs at once would be two cold starts
        way.alarms.publish(one)
        way.told(number)
    wait_until(lambda: len(way.deliveries.arrivals) >= len(sent), 20, "all of it arrives")

    assert {
        *(Arrival("http", plain.message["AlarmName"], state) for state in states),
        *(Arrival("lambda", composite.message["AlarmName"], state) for state in states),
    } == set(way.deliveries.arrivals)
    assert len(sent) == len(way.deliveries.arrivals)


def test_the_integration_down_for_a_while_gets_it_later(way):
    way.pagerduty.answers.extend([503] * 12)

    way.alarms.publish(way.fail())
    way.incident("triggered", "it is back")
    wait_until(lambda: 202 in way.deliveries.attempts, 20, "the answer is there, too")

    assert [("integration", "triggered")] == way.opened()
    assert [*[503] * 12, 202] == way.deliveries.attempts


def test_the_integration_down_for_longer_keeps_it_in_the_queue_to_be_told_again(way):
    """Three quarters of an hour of retries; then the queue. Sent to the topic again it takes the way it came."""
    way.pagerduty.outage = 503
    alarm = way.fail()

    way.alarms.publish(alarm)
    (letter,) = letters(way.emulator, way.integration_queue)
    assert [] == way.opened()
    assert [503] * 51 == way.deliveries.attempts
    assert alarm.message == json.loads(letter["Message"])

    way.pagerduty.outage = 0
    way.emulator.client("sns").publish(TopicArn=letter["TopicArn"], Message=letter["Message"])
    way.incident("triggered", "it is told again")
    assert [("integration", "triggered")] == way.opened()


def test_the_topic_tries_for_three_quarters_of_an_hour_and_no_more_than_sns_does():
    assert 30 * 60 <= sum(waits(paging.RETRIES["healthyRetryPolicy"])) <= 3600
    assert 50 == len(list(waits(paging.RETRIES["healthyRetryPolicy"])))


def test_the_events_api_busy_or_broken_for_a_moment_gets_it_from_the_same_run(way):
    way.pagerduty.answers.extend([429, 503])

    way.alarms.publish(way.burn())

    (line,) = way.told(1)
    assert ("trigger", 3) == (line["action"], line["attempts"])
    assert [("events", "triggered")] == way.opened()


def test_what_the_events_api_will_never_take_is_in_the_queue_after_one_run(way):
    way.pagerduty.routing_key = "n" * 32

    way.alarms.publish(way.burn())

    (letter,) = letters(way.emulator, way.forwarder_queue)
    assert ("RefusedError", "the API answered 400") == tuple(letter["responsePayload"].values())
    assert 1 == len(way.lines("refused: it is in the dead-letter queue", 1))
    assert ["no service has this routing key"] == way.pagerduty.problems


def test_no_key_is_in_any_line_of_the_function_or_in_any_template(way):
    way.pagerduty.answers.append(503)
    way.alarms.publish(way.burn())
    way.told(1)

    events = way.emulator.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{way.function}")["events"]
    cloudformation = way.emulator.client("cloudformation")
    bodies = [cloudformation.get_template(StackName=name) for name in (way.name, f"{way.name}-forwarder")]
    written = json.dumps([[one["message"] for one in events], bodies], default=str)
    assert "handed over" in written
    assert [] == [key for key in (way.pagerduty.routing_key, way.pagerduty.integration_key) if key in written]


def test_the_same_notification_twice_is_one_incident(way):
    alarm = way.burn()

    for number in (1, 2):
        way.alarms.publish(alarm)
        way.told(number)

    (incident,) = way.pagerduty.incidents.all()
    assert ("triggered", 2) == (incident.status, len(incident.log))


def test_an_alarm_that_comes_after_its_ok_opens_nothing(way):
    alarm, ok = early(way.burn()), way.recover("-burn-page")

    way.alarms.publish(ok)
    way.told(1)
    way.alarms.publish(alarm)

    assert ["resolve", "resolve"] == [one["action"] for one in way.told(2)]
    assert [] == way.opened()


def test_an_ok_that_comes_before_its_alarm_is_not_lost(way):
    """The alarm's run finds that it is over; what it had opened meanwhile it closes."""
    alarm = way.burn()
    way.alarms.publish(alarm)
    way.incident("triggered", "the composite pages")
    ok = way.recover("-burn-page")

    way.alarms.publish(early(alarm))
    way.incident("resolved", "the alarm that came twice finds that it is over")
    way.alarms.publish(ok)
    way.told(3)

    assert [("events", "resolved")] == way.opened()


def test_an_ok_that_comes_after_the_next_alarm_closes_nothing(way):
    alarm = way.burn()
    way.alarms.publish(alarm)
    way.told(1)

    way.alarms.publish(early(alarm).changed(NewStateValue="OK"))

    assert ["trigger", "trigger"] == [one["action"] for one in way.told(2)]
    assert [("events", "triggered")] == way.opened()


def test_the_events_api_down_for_longer_keeps_it_in_the_queue_and_the_second_channel_hears(way):
    """Each run tries to its end, Lambda runs it twice more, its destination has it; told again, the incident opens."""
    before = way.runs()
    way.set_timeout(2)
    way.pagerduty.outage = 503
    way.alarms.publish(way.burn())

    (letter,) = letters(way.emulator, way.forwarder_queue)
    assert [] == way.opened()
    assert "RetriesExhausted" == letter["requestContext"]["condition"]
    assert 1 + RETRIES == way.runs() - before

    way.queue_depth(1)  # SQS's own metric, which the emulator does not write
    way.alarms.publish(way.alarms.changed("-forwarder-dead-letters"))
    (mail,) = wait_until(lambda: way.deliveries.mails, 20, "the second channel hears")
    assert f"{way.name}-paging-prod-us-east-1-paging-forwarder-dead-letters" == mail["AlarmName"]
    assert [] == way.opened()

    way.set_timeout(TIMEOUT_S)
    way.pagerduty.outage = 0
    assert {"sent": 1, "skipped": 0, "left": 0} == way.invoke({"redrive": True})
    assert [("events", "triggered")] == way.opened()
    way.told(1)
