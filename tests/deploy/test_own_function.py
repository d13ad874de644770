"""What forwarder and probes have in common: whole resources."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from obskit.deploy import names, project
from obskit.deploy.own_function import OwnFunction, allow, template

if TYPE_CHECKING:
    from pathlib import Path

KEYS = "arn:aws:secretsmanager:us-east-1:333333333333:secret:keys-abcdef"
ROLE = {"Fn::GetAtt": ["ProbesRole", "Arn"]}


@pytest.fixture
def own(shop: Path) -> OwnFunction:
    loaded = project.load(shop)
    environment = replace(
        loaded.environments["prod"], variables={"OBSKIT_PSEUDONYM_SECRET_ARN": KEYS, "TABLE": "orders"}
    )
    return OwnFunction(loaded, environment, "probes", "shop-prod-probes", names.tags(loaded, environment))


def test_a_function_has_obskits_variables_and_its_own(own: OwnFunction, shop: Path):
    loaded = project.load(shop)

    assert {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": "shop-prod-probes",
            "Description": "Measures",
            "Runtime": "python3.13",
            "Architectures": ["arm64"],
            "Handler": "a.b",
            "Code": {"S3Bucket": {"Ref": "CodeBucket"}, "S3Key": {"Ref": "CodeKey"}},
            "Role": ROLE,
            "MemorySize": 256,
            "Timeout": 30,
            "LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "LogGroup": {"Ref": "ProbesLogs"}},
            "Environment": {
                "Variables": {
                    "OBSKIT_PSEUDONYM_SECRET_ARN": KEYS,
                    "OBSKIT_ENV": "prod",
                    "OBSKIT_SERVICE": "probes",
                    "OBSKIT_METRICS_NAMESPACE": "Shop",
                    "A": "b",
                }
            },
            "Tags": names.tags(loaded, loaded.environments["prod"]),
            "VpcConfig": {"SubnetIds": ["s"]},
        },
    } == own.function("a.b", "Measures", 30, {"A": "b"}, VpcConfig={"SubnetIds": ["s"]})


def test_its_role_lets_it_write_lines_and_read_keys_where_it_is_told_to(own: OwnFunction, shop: Path):
    loaded = project.load(shop)
    untold = OwnFunction(loaded, loaded.environments["prod"], "probes", "shop-prod-probes", [])
    logs = "arn:aws:logs:us-east-1:333333333333:log-group:/aws/lambda/shop-prod-probes:*"
    statements = [own.writes_logs("us-east-1"), *own.reads_keys()]

    properties = own.role(statements)["Properties"]

    assert [
        allow("Logs", ["logs:CreateLogStream", "logs:PutLogEvents"], [logs]),
        allow("PseudonymKeys", ["secretsmanager:GetSecretValue"], [KEYS]),
    ] == statements
    assert [
        {"PolicyName": "probes", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    ] == properties["Policies"]
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    assert {"Version": "2012-10-17", "Statement": [trust]} == properties["AssumeRolePolicyDocument"]
    assert [] == list(untold.reads_keys())


def test_who_may_invoke_it_and_what_becomes_of_a_run_that_fails(own: OwnFunction):
    function = {"Ref": "ProbesFunction"}

    assert {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": function,
            "Principal": "sns.amazonaws.com",
            "SourceArn": "arn",
        },
    } == own.permission("sns.amazonaws.com", "arn")
    assert {
        "Type": "AWS::Lambda::EventInvokeConfig",
        "Properties": {
            "FunctionName": function,
            "Qualifier": "$LATEST",
            "MaximumRetryAttempts": 2,
            "MaximumEventAgeInSeconds": 60,
            "DestinationConfig": {},
        },
    } == own.invocation(2, 60, DestinationConfig={})


def test_a_template_asks_where_the_zip_is():
    assert {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Of the shop; rendered by obskit",
        "Metadata": {"a": 1},
        "Parameters": {
            "CodeBucket": {"Type": "String", "Description": "S3 bucket of the function's zip, here"},
            "CodeKey": {"Type": "String", "Description": "Its key: obskit"},
        },
        "Resources": {"R": {}},
    } == template("Of the shop", "obskit", {"R": {}}, bucket=", here", Metadata={"a": 1})
