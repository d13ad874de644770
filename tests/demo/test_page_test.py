"""`obskit page-test` on the embedded stack: one incident opens and is resolved, and nothing of the test stays."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from obskit.cli import run
from obskit.demo.waiting import wait_until
from obskit.deploy import definitions, paging, project
from obskit.deploy.page_test import sending
from obskit.deploy.page_test.incidents import Incident, StandIn
from obskit.deploy.render import render
from tests.deploy.conftest import ALARM, DASHBOARD, TOML

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from obskit.demo import incidents as demo
    from obskit.demo.stack import Stack
    from obskit.deploy.page_test.alarms import TestAlarm

ACCOUNT = "000000000000"
KEY = "0123456789abcdef" * 2
"""An integration key."""
SECRET = "obskit/pagerduty/pager"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:pager-prod-paging-dead-letters"


@dataclass
class Deployed:
    """A project that pages, in the emulator, with what the emulator's CloudFormation leaves out set by hand."""

    root: Path
    stack: Stack
    topic: str

    def client(self, service: str) -> Any:
        return self.stack.emulator.client(service)

    def run(self, *argv: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        there = ("--endpoint-url", self.stack.emulator.url, "--incidents", f"{self.stack.pagerduty.url}incidents")
        code = run(["-C", str(self.root), "page-test", "--env", "prod", *there, *argv], out, err)
        return code, out.getvalue(), err.getvalue()

    def incidents(self, alarm: str) -> list[demo.Incident]:
        return [one for one in self.stack.pagerduty.incidents.all() if one.alarm == alarm]

    def secret(self) -> str:
        """Return the key in PagerDuty's address."""
        return self.stack.pagerduty.endpoint.split("/")[-2]

    def alarms(self) -> list[str]:
        found = self.client("cloudwatch").describe_alarms(
            AlarmNamePrefix="pager-", AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        return [one["AlarmName"] for key in ("MetricAlarms", "CompositeAlarms") for one in found[key]]


@pytest.fixture(scope="session")
def deployed(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    root = tmp_path_factory.mktemp("pager")
    base, key = stack.pagerduty.endpoint.split("/integration/")
    toml = TOML.replace('"shop"', '"pager"').replace("333333333333", ACCOUNT).replace(', "us-west-2"', "")
    toml = toml.replace("alias/shop-data", "alias/pager-data").replace("obskit/pagerduty/prod", SECRET)
    toml = toml.replace("pages = true", f'pages = true\npaging_endpoint = "{base}"')
    for name, text in (("obskit.toml", toml), ("dashboards/checkout.py", DASHBOARD), ("alarms/checkout.py", ALARM)):
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    loaded = project.load(root)
    template = render(loaded, definitions.load(loaded), loaded.environments["prod"]).templates["us-east-1"]
    aws = stack.emulator.client
    secret = json.dumps({"integration_key": key.removesuffix("/enqueue"), "routing_key": KEY})
    aws("secretsmanager").create_secret(Name=SECRET, SecretString=secret)
    policy = json.dumps({"Version": "2012-10-17", "Statement": template["Metadata"]["obskit"]["KeyPolicy"]})
    made = aws("kms").create_key(Policy=policy)["KeyMetadata"]["KeyId"]
    aws("kms").create_alias(AliasName="alias/pager-data", TargetKeyId=made)
    loaded_stack = stack.load(template, "pager")
    return _completed(Deployed(root, stack, loaded_stack.resources["TopicPage"]), template)


def _completed(deployed: Deployed, template: dict[str, Any]) -> Deployed:
    """Set what CloudFormation of the emulator, and its way to confirm subscriptions, lose."""
    sns = deployed.client("sns")
    for word in ("page", "fallback"):
        topic = deployed.topic.replace("-page", f"-{word}")
        sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue="alias/pager-data")
    wanted = template["Resources"]["TopicPageSubscription"]["Properties"]
    (one,) = sns.list_subscriptions_by_topic(TopicArn=deployed.topic)["Subscriptions"]
    for name, value in {
        "FilterPolicy": wanted["FilterPolicy"],
        "FilterPolicyScope": wanted["FilterPolicyScope"],
        "DeliveryPolicy": wanted["DeliveryPolicy"],
        "RedrivePolicy": {"deadLetterTargetArn": QUEUE},
    }.items():
        text = value if isinstance(value, str) else json.dumps(value)
        sns.set_subscription_attributes(SubscriptionArn=one["SubscriptionArn"], AttributeName=name, AttributeValue=text)
    return deployed


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCOUNT)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks follow each other closely: the emulator publishes at once."""
    monkeypatch.setattr(sending, "POLL_S", 0.02)
    monkeypatch.setattr(sending, "SLOW_POLL_S", 0.02)


@pytest.fixture
def composite(deployed: Deployed) -> Iterator[None]:
    """A composite that pages, and a forwarder; the emulator's message has no rule, so PagerDuty gets it direct."""
    cloudwatch, sns, function = deployed.client("cloudwatch"), deployed.client("sns"), deployed.client("lambda")
    (child,) = [one for one in deployed.alarms() if one.endswith("-failures")]
    name = child.replace("-failures", "-both")
    same = {"AlarmActions": [deployed.topic], "OKActions": [deployed.topic]}
    cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=f'ALARM("{child}")', **same)
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("x.py", "def handler(event, context): ...")
    made = function.create_function(
        FunctionName="pager-prod-forwarder",
        Runtime="python3.13",
        Handler="x.handler",
        Role=f"arn:aws:iam::{ACCOUNT}:role/pager-prod-forwarder",
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": {"PAGING_SECRET": SECRET}},
    )
    arn = made["FunctionArn"]
    wait_until(
        lambda: function.get_function_configuration(FunctionName=arn)["State"] == "Active", 20, "the function is active"
    )
    function.add_permission(
        FunctionName=arn,
        StatementId="sns",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
        SourceArn=deployed.topic,
    )
    failures = {"OnFailure": {"Destination": QUEUE}}
    function.put_function_event_invoke_config(FunctionName=arn, DestinationConfig=failures)
    attributes = {
        "FilterPolicy": json.dumps(paging.COMPOSITES),
        "FilterPolicyScope": "MessageBody",
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": QUEUE}),
    }
    subscribed = sns.subscribe(TopicArn=deployed.topic, Protocol="lambda", Endpoint=arn, Attributes=attributes)
    yield
    sns.unsubscribe(SubscriptionArn=subscribed["SubscriptionArn"])
    cloudwatch.delete_alarms(AlarmNames=[name])
    function.delete_function(FunctionName=arn)


def test_looking_at_a_sound_way_proves_that_it_is_sound(deployed: Deployed):
    code, out, err = deployed.run("--dry-run")

    assert (0, "sound, as far as looking shows; nothing was sent") == (code, out.splitlines()[-1]), err


@pytest.mark.usefixtures("quick")
def test_one_incident_opens_and_is_resolved_and_nothing_stays(deployed: Deployed):
    before = deployed.alarms()

    code, out, err = deployed.run("--yes", "--wait", "20", "--format", "json")

    found = json.loads(out)
    assert (0, True) == (code, found["proven"]), err
    (test,) = found["tests"]
    (incident,) = deployed.incidents(test["alarm"])
    assert ("resolved", ["ALARM", "OK"]) == (incident.status, [one.state for one in incident.log])
    assert f"TEST, nothing is wrong: {test['alarm']}" == incident.summary
    assert ("page", "platform", "https://runbooks.shop.example/paging.md") == (
        incident.severity,
        incident.owner,
        incident.runbook,
    )
    assert before == deployed.alarms()
    assert deployed.secret() not in out + err


@pytest.mark.usefixtures("quick", "composite")
def test_a_composite_of_the_test_is_an_incident_of_its_own(deployed: Deployed):
    looked, _, said = deployed.run("--dry-run")
    code, out, err = deployed.run("--yes", "--wait", "20", "--format", "json")

    assert (0, 0) == (looked, code), said + err
    tests = json.loads(out)["tests"]
    assert ["metric alarm", "composite alarm"] == [one["kind"] for one in tests]
    assert [["resolved"]] * 2 == [[it.status for it in deployed.incidents(one["alarm"])] for one in tests]
    assert not [name for name in deployed.alarms() if "page-test" in name]


@pytest.mark.usefixtures("quick")
def test_what_is_broken_on_the_way_opens_nothing_and_is_told(deployed: Deployed):
    """The filter that lets nothing through: looking says it, and walking proves it."""
    sns = deployed.client("sns")
    (one,) = sns.list_subscriptions_by_topic(TopicArn=deployed.topic)["Subscriptions"]
    change = {"SubscriptionArn": one["SubscriptionArn"], "AttributeName": "FilterPolicy"}
    sns.set_subscription_attributes(**change, AttributeValue=json.dumps(paging.COMPOSITES))
    try:
        code, out, err = deployed.run("--yes", "--wait", "1")
    finally:
        sns.set_subscription_attributes(**change, AttributeValue=json.dumps(paging.METRIC_ALARMS))

    assert 1 == code
    assert "pages of metric alarms: no confirmed subscription takes them [page-once]" in err
    assert "the embedded stack opened no incident [page-not-opened]" in err
    assert "NOT PROVEN: 2 wrong, 0 not seen" == out.splitlines()[-1]
    assert not [name for name in deployed.alarms() if "page-test" in name]


@pytest.mark.usefixtures("quick")
def test_broken_off_it_resolves_what_it_opened(deployed: Deployed, monkeypatch: pytest.MonkeyPatch):
    """As by Ctrl-C, once the incident is open."""

    def broken_off(self: StandIn, alarms: list[TestAlarm]) -> list[Incident]:
        found = looked(self, alarms)
        if found and found[0].status == "triggered":
            monkeypatch.setattr(StandIn, "of", looked)
            raise KeyboardInterrupt
        return found

    looked = StandIn.of
    monkeypatch.setattr(StandIn, "of", broken_off)

    code, _, err = deployed.run("--yes", "--wait", "20")

    told = ["deleted: all 1 alarms of the test", "", "stopped by Ctrl-C"]
    assert (130, told) == (code, err.splitlines()[-3:])
    newest = deployed.stack.pagerduty.incidents.all()[-1]
    assert ("resolved", True) == (newest.status, "page-test" in newest.alarm)
    assert not [name for name in deployed.alarms() if "page-test" in name]
