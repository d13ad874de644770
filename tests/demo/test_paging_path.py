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
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from obskit.demo.incidents import Incident, IncidentList
from obskit.demo.pagerduty import PagerDuty
from obskit.demo.shop import function_zip
from obskit.demo.waiting import wait_until
from obskit.deploy import definitions, paging, project, render
from obskit.deploy.forwarder_function import RETRIES
from tests.demo.paging_kit import Alarms, Arrival, Deliveries, letters, part_of, waits
from tests.parts import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from obskit.demo.stack import Stack

PLAIN = "AlarmCheckoutFailures"
BURN = ("AlarmCheckoutBurnFastH1", "AlarmCheckoutBurnFastM5", "AlarmCheckoutBurnSteadyH6", "AlarmCheckoutBurnSteadyM30")
WATCH = "AlarmPagingForwarderDeadLetters"
WANTED = (PLAIN, *BURN, "CompositeCheckoutBurnPage", WATCH)
TIMEOUT_S = 3
"""Seconds of the function, which has 900: what it does in them is the same."""


class Way:
    """Everything on the way, under a name of its own."""

    def __init__(self, stack: Stack, pagerduty: PagerDuty, deliveries: Deliveries, code: Path) -> None:
        self.emulator, self.pagerduty, self.deliveries = stack.emulator, pagerduty, deliveries
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
        here = {**resources, "ForwarderFunction": {**resources["ForwarderFunction"], "Properties": function}}
        stack.load(
            {**self.forwarder, "Resources": here},
            f"{self.name}-forwarder",
            {"CodeBucket": self.name, "CodeKey": "forwarder.zip"},
        )

    def begin(self) -> None:
        """As new, whatever a test left."""
        self.pagerduty.outage = 0
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
        return self.pagerduty.wait_for(lambda one: one.status == status, 10, what)

    def opened(self) -> list[tuple[str, str, str]]:
        return [(one.via, one.alarm, one.status) for one in self.pagerduty.incidents.all()]

    def runs(self) -> list[dict[str, Any]]:
        """Return the lines that the forwarder wrote, all of them since it is there."""
        events = self.emulator.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{self.function}")["events"]
        return [json.loads(one["message"]) for one in events if one["message"].startswith("{")]

    def burn(self) -> None:
        """Two of five checkouts fail in each minute of an hour: a slow burn, too little for the alarm on failures."""
        end = int(time.time()) // 60 * 60 - 120
        data = [
            {
                "MetricName": "CheckoutFailure",
                "Dimensions": [{"Name": "service", "Value": "checkout"}, {"Name": "env", "Value": "prod"}],
                "Timestamp": datetime.fromtimestamp(end - 60 * minute, UTC),
                "Values": [0.0, 1.0],
                "Counts": [3.0, 2.0],
            }
            for minute in range(1, 61)
        ]
        self.emulator.client("cloudwatch").put_metric_data(Namespace=self.name, MetricData=data)
        self.alarms.evaluate(end)

    def recover(self) -> None:
        """An hour later, in which nothing failed: the windows are empty."""
        self.alarms.evaluate(int(time.time()) // 60 * 60 + 6 * 3600)


@pytest.fixture(scope="module")
def way(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    with PagerDuty() as pagerduty, Deliveries(stack.emulator) as deliveries:
        yield Way(stack, pagerduty, deliveries, tmp_path_factory.mktemp("code"))


@pytest.fixture(autouse=True)
def clean(way: Way) -> None:
    way.begin()


def test_a_burn_rate_pages_by_composite_and_forwarder_and_ok_resolves_it(way):
    way.burn()
    changes = way.alarms.changes()
    way.alarms.publish(*changes)
    incident = way.incident("triggered", "the composite pages")
    print(incident)
    way.recover()
    print(way.alarms.changes())
