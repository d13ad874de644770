"""`obskit page-test` on the embedded stack: what is sound is proven, one incident opens and is resolved, nothing stays."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from obskit.cli import run
from obskit.deploy import definitions, paging, project
from obskit.deploy.render import render
from tests.deploy.conftest import ALARM, DASHBOARD, TOML

if TYPE_CHECKING:
    from pathlib import Path

    from obskit.demo.stack import Stack

ACCOUNT = "000000000000"
KEY = "0123456789abcdef" * 2
"""An integration key."""
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


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
    toml = toml.replace("pages = true", f'pages = true\npaging_endpoint = "{base}"')
    for name, text in (("obskit.toml", toml), ("dashboards/checkout.py", DASHBOARD), ("alarms/checkout.py", ALARM)):
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    loaded = project.load(root)
    template = render(loaded, definitions.load(loaded), loaded.environments["prod"]).templates["us-east-1"]
    aws = stack.emulator.client
    secret = json.dumps({"integration_key": key.removesuffix("/enqueue"), "routing_key": KEY})
    aws("secretsmanager").create_secret(Name="obskit/pagerduty/prod", SecretString=secret)
    policy = json.dumps({"Version": "2012-10-17", "Statement": template["Metadata"]["obskit"]["KeyPolicy"]})
    made = aws("kms").create_key(Policy=policy)["KeyMetadata"]["KeyId"]
    aws("kms").create_alias(AliasName="alias/shop-data", TargetKeyId=made)
    loaded_stack = stack.load(template, "pager")
    return _completed(Deployed(root, stack, loaded_stack.resources["TopicPage"]), template)


def _completed(deployed: Deployed, template: dict[str, Any]) -> Deployed:
    """Set what CloudFormation of the emulator, and its way to confirm subscriptions, lose."""
    sns = deployed.client("sns")
    for word in ("page", "fallback"):
        topic = deployed.topic.replace("-page", f"-{word}")
        sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue="alias/shop-data")
    wanted = template["Resources"]["TopicPageSubscription"]["Properties"]
    (one,) = sns.list_subscriptions_by_topic(TopicArn=deployed.topic)["Subscriptions"]
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:pager-prod-paging-dead-letters"
    for name, value in {
        "FilterPolicy": wanted["FilterPolicy"],
        "FilterPolicyScope": wanted["FilterPolicyScope"],
        "DeliveryPolicy": wanted["DeliveryPolicy"],
        "RedrivePolicy": {"deadLetterTargetArn": queue},
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


def test_a_sound_way_is_sound(deployed: Deployed):
    code, out, err = deployed.run("--dry-run")

    assert (0, "sound, as far as looking shows; nothing was sent") == (code, out.splitlines()[-1]), err


def test_one_incident_opens_and_is_resolved_and_nothing_stays(deployed: Deployed):
    before = deployed.alarms()

    code, out, err = deployed.run("--yes", "--wait", "20", "--format", "json")

    found = json.loads(out)
    assert (0, True) == (code, found["proven"]), err
