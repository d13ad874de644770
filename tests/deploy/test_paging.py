"""Paging: routes, the forwarder's template, rotation, the second channel, the region that stands by."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from obskit.deploy import definitions, forwarder_function, project, render
from obskit.deploy.check import rendered_problems
from obskit.errors import ConfigError
from tests.deploy.test_delivery import COMPOSITE, rendered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Spoil = Callable[[str, str, str], Path]

TOPIC = "arn:aws:sns:us-west-2:333333333333:shop-prod-page"


@pytest.fixture
def both(shop: Path) -> Path:
    """A project in which a metric alarm and a composite page."""
    file = shop / "alarms/checkout.py"
    file.write_text(file.read_text() + COMPOSITE)
    return shop


def subscriptions(found: render.Rendered, region: str = "us-east-1") -> dict[str, Any]:
    documents = (found.templates[region], found.forwarders.get(region, {"Resources": {}}))
    return {
        one["Properties"]["Protocol"]: one["Properties"].get("FilterPolicy")
        for document in documents
        for one in document["Resources"].values()
        if one["Type"] == "AWS::SNS::Subscription"
    }


def test_each_alarm_has_one_way(both: Path):
    """Only the message of a composite has a rule: the filters exclude each other and together leave nothing out."""
    assert {
        "https": {"AlarmRule": [{"exists": False}]},
        "lambda": {"AlarmRule": [{"exists": True}]},
        "email": None,  # the second channel has a topic of its own
    } == subscriptions(rendered(both))


def test_by_the_forwarder_alone_the_key_is_in_no_url(both: Path):
    found = rendered(both, route="forwarder")

    assert {"lambda": None, "email": None} == subscriptions(found)
    assert [] == rendered_problems(found)
    assert "resolve:secretsmanager" not in "".join(found.alarm_files().values())


def test_without_composites_there_is_no_forwarder(shop: Path):
    assert {} == rendered(shop).forwarders


def test_where_nobody_is_paged_there_is_none(both: Path):
    loaded = project.load(both)
    found = render.render(loaded, definitions.load(loaded), loaded.environments["dev"])

    assert {} == found.forwarders
    assert {} == subscriptions(found)


def test_the_forwarder_whole(both: Path):
    document = rendered(both).forwarders["us-west-2"]
    resources = document["Resources"]
    queue = {"Fn::GetAtt": ["ForwarderDeadLetters", "Arn"]}

    assert {
        "Runtime": "python3.13",
        "Handler": "obskit.forwarder.handler.handler",
        "Timeout": 900,
        "Environment": {
            "Variables": {
                "OBSKIT_ENV": "prod",
                "OBSKIT_SERVICE": "forwarder",
                "OBSKIT_METRICS_NAMESPACE": "Shop",
                "PAGING_DEAD_LETTERS": {"Ref": "ForwarderDeadLetters"},
                "PAGING_SECRET": "obskit/pagerduty/prod",
                "PAGING_URL": "https://events.pagerduty.com/v2/enqueue",
            }
        },
    } == {
        key: resources["ForwarderFunction"]["Properties"][key]
        for key in ("Runtime", "Handler", "Timeout", "Environment")
    }
    assert {
        "TopicArn": TOPIC,
        "Protocol": "lambda",
        "Endpoint": {"Fn::GetAtt": ["ForwarderFunction", "Arn"]},
        "RedrivePolicy": {"deadLetterTargetArn": queue},
        "FilterPolicy": {"AlarmRule": [{"exists": True}]},
        "FilterPolicyScope": "MessageBody",
    } == resources["ForwarderSubscription"]["Properties"]
    assert {
        "FunctionName": {"Ref": "ForwarderFunction"},
        "Qualifier": "$LATEST",
        "MaximumRetryAttempts": 2,
        "MaximumEventAgeInSeconds": 21_600,
        "DestinationConfig": {"OnFailure": {"Destination": queue}},
    } == resources["ForwarderInvocation"]["Properties"]
    assert (TOPIC, "sns.amazonaws.com") == (
        resources["ForwarderPermission"]["Properties"]["SourceArn"],
        resources["ForwarderPermission"]["Properties"]["Principal"],
    )
    assert (1_209_600, "alias/shop-data") == (
        resources["ForwarderDeadLetters"]["Properties"]["MessageRetentionPeriod"],
        resources["ForwarderDeadLetters"]["Properties"]["KmsMasterKeyId"],
    )
    assert 3 * forwarder_function.TIMEOUT_S == 45 * 60  # a run and two retries: as long as the topic tries


def test_its_role_may_do_that_and_nothing_else(both: Path):
    resources = rendered(both).forwarders["us-west-2"]["Resources"]
    (policy,) = resources["ForwarderRole"]["Properties"]["Policies"]

    assert {
        "Logs": (
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            ["arn:aws:logs:us-west-2:333333333333:log-group:/aws/lambda/shop-prod-forwarder:*"],
        ),
        "RoutingKey": (
            ["secretsmanager:GetSecretValue"],
            ["arn:aws:secretsmanager:us-west-2:333333333333:secret:obskit/pagerduty/prod-??????"],
        ),
        "DeadLetters": (
            ["sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:SendMessage"],
            [{"Fn::GetAtt": ["ForwarderDeadLetters", "Arn"]}],
        ),
        "AlarmStates": (["cloudwatch:DescribeAlarms"], ["*"]),
        "Key": (["kms:Decrypt", "kms:GenerateDataKey"], ["arn:aws:kms:us-west-2:333333333333:key/*"]),
    } == {one["Sid"]: (one["Action"], one["Resource"]) for one in policy["PolicyDocument"]["Statement"]}
    assert {
        "StringEquals": {"kms:ViaService": ["secretsmanager.us-west-2.amazonaws.com", "sqs.us-west-2.amazonaws.com"]},
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/shop-data"},
    } == policy["PolicyDocument"]["Statement"][-1]["Condition"]


def endpoint(found: render.Rendered) -> str:
    text: str = found.templates["us-east-1"]["Resources"]["TopicPageSubscription"]["Properties"]["Endpoint"]
    return text


def test_a_rotated_key_makes_the_subscription_anew(shop: Path):
    """`Endpoint` is create-only: another text is another subscription; a secret alone changes no resource."""
    first, second = "1" * 32, "2" * 32

    assert [
        f"https://events.pagerduty.com/integration/{{{{resolve:secretsmanager:obskit/pagerduty/prod:SecretString:"
        f"integration_key{version}}}}}/enqueue"
        for version in ("", f"::{first}", f"::{second}")
    ] == [endpoint(rendered(shop, paging_secret_version=version)) for version in ("", first, second)]


def test_what_is_on_the_way_is_watched_and_told_elsewhere(both: Path):
    resources = rendered(both).templates["us-west-2"]["Resources"]
    found = {
        name: (one["Properties"]["MetricName"], one["Properties"]["Dimensions"][0]["Value"])
        for name, one in resources.items()
        if name.startswith("AlarmPaging")
    }

    assert {
        "AlarmPagingFailed": ("NumberOfNotificationsFailed", "shop-prod-page"),
        "AlarmPagingRedriven": ("NumberOfNotificationsRedrivenToDlq", "shop-prod-page"),
        "AlarmPagingLost": ("NumberOfNotificationsFailedToRedriveToDlq", "shop-prod-page"),
        "AlarmPagingDeadLetters": ("ApproximateNumberOfMessagesVisible", "shop-prod-paging-dead-letters"),
        "AlarmPagingForwarderErrors": ("Errors", "shop-prod-forwarder"),
        "AlarmPagingForwarderDeadLetters": ("ApproximateNumberOfMessagesVisible", "shop-prod-forwarder-dead-letters"),
    } == found
    assert [[{"Ref": "TopicFallback"}]] * 6 == [resources[name]["Properties"]["AlarmActions"] for name in found]
    assert {"TopicArn": {"Ref": "TopicFallback"}, "Protocol": "email", "Endpoint": "oncall@shop.example"} == (
        resources["TopicFallbackSubscription"]["Properties"]
    )


@pytest.mark.parametrize(
    ("fallback", "action", "subscribed"),
    [
        ("https://chat.example.com/hook", {"Ref": "TopicFallback"}, "https"),
        ("arn:aws:sns:{region}:333333333333:chat", "arn:aws:sns:us-east-1:333333333333:chat", None),
    ],
)
def test_the_second_channel_may_be_another_endpoint_or_topic(
    shop: Path, fallback: str, action: object, subscribed: str | None
):
    found = rendered(shop, fallback=fallback)
    resources = found.templates["us-east-1"]["Resources"]

    assert [] == rendered_problems(found)
    assert [action] == resources["AlarmPagingLost"]["Properties"]["AlarmActions"]
    assert subscribed == resources.get("TopicFallbackSubscription", {}).get("Properties", {}).get("Protocol")


def test_a_region_that_stands_by_is_silent_until_failover(both: Path):
    """Its heartbeats would page for ever; one parameter of the stack turns all of it on."""
    found = rendered(both)

    assert {"us-east-1": "true", "us-west-2": "false"} == {
        region: template["Parameters"]["ActionsEnabled"]["Default"] for region, template in found.templates.items()
    }
    acting = [
        one["Properties"]["ActionsEnabled"]
        for one in found.templates["us-west-2"]["Resources"].values()
        if one["Properties"].get("AlarmActions")
    ]
    assert [{"Ref": "ActionsEnabled"}] * len(acting) == acting


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"route": "forwader"}, "route: 'forwader' is not integration or forwarder. Did you mean 'forwarder'?"),
        ({"fallback": "oncall"}, "fallback: 'oncall' is neither an e-mail address, an https URL nor the ARN"),
        ({"fallback": "https://events.pagerduty.com/x"}, "fallback: is the endpoint that pages go to"),
        ({"paging_secret_version": "2"}, "paging_secret_version: '2' is no version id of a secret"),
        ({"ids_in": {"us-west-1": {}}}, "ids_in: 'us-west-1' is no region of this environment. Did you mean"),
        ({"budget_usd_month": -1}, "budget_usd_month: -1 is below 0"),
    ],
)
def test_settings_that_cannot_be_meant(shop: Path, changes: dict[str, Any], problem: str):
    loaded = project.load(shop)

    with pytest.raises(ConfigError) as caught:
        project.with_environment(loaded, replace(loaded.environments["prod"], **changes))

    assert any(problem in one for one in caught.value.problems)
