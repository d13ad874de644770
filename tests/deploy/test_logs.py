"""Log groups of `[logs]`: retention, key, the second line of masking, what only text says, saved queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from obskit.deploy import definitions, logs, names, project, render
from obskit.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Spoil = Callable[[str, str, str], Path]

LOGS = """
[logs]
functions = ["checkout"]
services = ["typesense"]
groups = ["/aws/appsync/apis/{graphql_api}"]

[tags]"""


@pytest.fixture
def logging(shop: Path, spoil: Spoil) -> Path:
    spoil("obskit.toml", "\n[tags]", LOGS)
    spoil("obskit.toml", "log_retention_days = 90", 'log_retention_days = 90\nlogs_key = "alias/shop-logs"')
    spoil("obskit.toml", "log_retention_days = 30", 'log_retention_days = 30\nids = { graphql_api = "dev" }')
    return shop


def of(root: Path, environment: str, region: str = "us-east-1") -> dict[str, Any]:
    loaded = project.load(root)
    found = logs.template(loaded, loaded.environments[environment], region)
    assert found is not None
    return found


def test_a_log_group_whole(logging: Path):
    loaded = project.load(logging)
    prod = loaded.environments["prod"]
    data = [
        f"arn:aws:dataprotection::aws:data-identifier/{name}"
        for name in ("EmailAddress", "CreditCardNumber", "IpAddress", "Ssn-US", "AwsSecretKey", "OpenSshPrivateKey")
    ]

    assert {
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "LogGroupName": "/aws/lambda/shop-prod-checkout",
            "RetentionInDays": 90,
            "KmsKeyId": "arn:aws:kms:us-west-2:333333333333:alias/shop-logs",
            "DataProtectionPolicy": {
                "Name": "second-line",
                "Description": "Masks and counts what was not masked before it was written",
                "Version": "2021-06-01",
                "Statement": [
                    {"Sid": "audit", "DataIdentifier": data, "Operation": {"Audit": {"FindingsDestination": {}}}},
                    {"Sid": "mask", "DataIdentifier": data, "Operation": {"Deidentify": {"MaskConfig": {}}}},
                ],
            },
            "Tags": names.tags(loaded, prod, service="checkout"),
        },
    } == of(logging, "prod", "us-west-2")["Resources"]["LogsCheckout"]


def test_every_group_in_each_environment(logging: Path):
    """Functions, services and others; retention is the environment's."""
    found = {
        one["Properties"]["LogGroupName"]: one["Properties"]["RetentionInDays"]
        for one in of(logging, "dev")["Resources"].values()
        if one["Type"] == "AWS::Logs::LogGroup"
    }

    assert {"/aws/lambda/shop-dev-checkout": 30, "/ecs/shop-dev-typesense": 30, "/aws/appsync/apis/dev": 30} == found


def test_what_only_text_says_is_counted(logging: Path):
    """Text and JSON of Lambda, into one metric without dimensions: it has a value whenever there are lines."""
    resources = of(logging, "prod")["Resources"]

    assert {
        "RuntimeTimeoutsTextCheckout": ('"Task timed out after"', "RuntimeTimeouts"),
        "RuntimeTimeoutsJsonCheckout": (
            '{ $.type = "platform.report" && $.record.status = "timeout" }',
            "RuntimeTimeouts",
        ),
        "RuntimeOutOfMemoryTextCheckout": ('"Runtime.OutOfMemory"', "RuntimeOutOfMemory"),
        "RuntimeOutOfMemoryJsonCheckout": (
            '{ $.type = "platform.report" && $.record.errorType = "Runtime.OutOfMemory" }',
            "RuntimeOutOfMemory",
        ),
    } == {
        name: (one["Properties"]["FilterPattern"], one["Properties"]["MetricTransformations"][0]["MetricName"])
        for name, one in resources.items()
        if one["Type"] == "AWS::Logs::MetricFilter"
    }
    assert {"LogGroupName": {"Ref": "LogsCheckout"}} == {
        key: value
        for key, value in resources["RuntimeTimeoutsTextCheckout"]["Properties"].items()
        if key == "LogGroupName"
    }
    assert [
        {
            "MetricNamespace": "Shop/Logs",
            "MetricName": "RuntimeTimeouts",
            "MetricValue": "1",
            "DefaultValue": 0,
            "Unit": "Count",
        }
    ] == resources["RuntimeTimeoutsTextCheckout"]["Properties"]["MetricTransformations"]


def test_queries_are_saved_over_all_groups(logging: Path):
    found = [
        one["Properties"]
        for one in of(logging, "prod")["Resources"].values()
        if one["Type"] == "AWS::Logs::QueryDefinition"
    ]

    assert [f"shop-prod/{name}" for name in ("errors by type", "slowest requests", "one trace", "masked counts")] == [
        one["Name"] for one in found
    ]
    every = [{"Ref": name} for name in ("LogsCheckout", "LogsTypesense", "LogsOther1")]
    assert [every] * 4 == [one["LogGroupNames"] for one in found]
    assert all(one["QueryString"].startswith("filter ") for one in found)


def test_the_key_must_let_the_service_use_it(logging: Path):
    (statement,) = of(logging, "prod", "us-west-2")["Metadata"]["obskit"]["KeyPolicy"]

    assert (
        {"Service": "logs.us-west-2.amazonaws.com"},
        {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-west-2:333333333333:*"}},
    ) == (statement["Principal"], statement["Condition"])


def test_a_file_of_its_own_in_each_region(logging: Path):
    loaded = project.load(logging)
    found = render.render(loaded, definitions.load(loaded), loaded.environments["prod"])

    assert {
        "alarms/rendered/prod/us-east-1/shop-logs.template.json",
        "alarms/rendered/prod/us-west-2/shop-logs.template.json",
    } < set(found.alarm_files())


def test_without_the_table_nothing_is_rendered(shop: Path):
    loaded = project.load(shop)

    assert logs.template(loaded, loaded.environments["prod"], "us-east-1") is None


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('["checkout"]', '["Check"]', "logs.functions: 'Check' must be lower-case words"),
        ('["typesense"]', '["checkout"]', "logs.services: 'checkout' is named twice"),
        ("/aws/appsync", "/aws appsync", "logs.groups: '/aws appsync/apis/{graphql_api}' is no name of a log group"),
        ("functions", "function", "logs.function: unknown key. Did you mean 'functions'?"),
        ("services", 'identifiers = ["email"]\nservices', "logs.identifiers: 'email' is no data identifier"),
        ('"alias/shop-logs"', '"shop-logs"', "environments.prod.logs_key: 'shop-logs' is neither an alias"),
    ],
)
def test_what_is_wrong_is_told(logging: Path, spoil: Spoil, old: str, new: str, problem: str):
    with pytest.raises(ConfigError) as caught:
        project.load(spoil("obskit.toml", old, new))

    assert any(problem in one for one in caught.value.problems)
