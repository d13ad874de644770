"""Rendering: whole documents, the same bytes every time, and what an environment may change."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obskit import kpis
from obskit.catalog import Metric
from obskit.deploy import definitions, project, render
from obskit.deploy.check import rendered_problems
from obskit.deploy.definitions import Definitions
from obskit.deploy.render import Rendered
from obskit.deploy.specs import Alarm, AlarmList, AwsMetric, Dashboard, Graph, Logs, Math, Number, Section, Text, Widget
from obskit.errors import DefinitionError
from tests.deploy.conftest import FACTS

MAIN = "arn:aws:cloudwatch:us-east-1:333333333333:alarm:shop-checkout-prod-us-east-1-failures"
DR = "arn:aws:cloudwatch:us-west-2:333333333333:alarm:shop-checkout-prod-us-west-2-failures"


def rendered(root: Path, environment: str, **changes: Any) -> Rendered:
    loaded = project.load(root)
    changed = project.with_environment(loaded, replace(loaded.environments[environment], **changes))
    return render.render(changed, definitions.load(changed), changed.environments[environment])


BODY = {
    "periodOverride": "inherit",
    "start": "-PT8H",
    "variables": [
        {
            "type": "property",
            "property": "region",
            "inputType": "select",
            "id": "region",
            "label": "Region",
            "visible": True,
            "defaultValue": "us-east-1",
            "values": [
                {"value": "us-east-1", "label": "us-east-1"},
                {"value": "us-west-2", "label": "us-west-2"},
            ],
        }
    ],
    "widgets": [
        {
            "type": "text",
            "x": 0,
            "y": 0,
            "width": 24,
            "height": 2,
            "properties": {
                "background": "transparent",
                "markdown": "## Checkout\nowner: payments · runbooks:"
                " [checkout-failures](https://runbooks.shop.example/checkout-failures.md)",
            },
        },
        {
            "type": "metric",
            "x": 0,
            "y": 2,
            "width": 12,
            "height": 6,
            "properties": {
                "title": "Failed",
                "view": "timeSeries",
                "stacked": False,
                "region": "us-east-1",
                "period": 60,
                "metrics": [
                    [
                        "Shop",
                        "CheckoutFailure",
                        "service",
                        "checkout",
                        "env",
                        "prod",
                        {"label": "CheckoutFailure Sum", "stat": "Sum"},
                    ]
                ],
                "legend": {"position": "bottom"},
                "yAxis": {"left": {"label": "Count", "min": 0, "showUnits": False}},
                "annotations": {
                    "horizontal": [{"value": 3, "label": "failures ≥ 3 (page)", "color": "#d13212", "fill": "above"}]
                },
            },
        },
        {
            "type": "alarm",
            "x": 12,
            "y": 2,
            "width": 12,
            "height": 3,
            "properties": {"title": "Alarms", "alarms": [MAIN, DR]},
        },
    ],
}


def tags(service: str, owner: str) -> list[dict[str, str]]:
    return [
        {"Key": "cost_center", "Value": "1234"},
        {"Key": "data_class", "Value": "internal"},
        {"Key": "env", "Value": "prod"},
        {"Key": "owner", "Value": owner},
        {"Key": "service", "Value": service},
    ]


VARIABLE = {"us-east-1": "", "us-west-2": "?~(variables~(region~'us-west-2))"}
"""Dashboards are global: the console of the primary region shows them, for the region that the page is about."""


def parameters(default: str) -> dict[str, Any]:
    """A region that stands by is silent until failover: one parameter."""
    return {
        "ActionsEnabled": {
            "Type": "String",
            "AllowedValues": ["true", "false"],
            "Default": default,
            "Description": "Whether alarms tell anybody; a region that stands by is told to at failover",
        }
    }


def metadata(region: str) -> dict[str, Any]:
    """What the customer key must allow."""
    account = {"StringEquals": {"aws:SourceAccount": "333333333333"}}
    statements = [
        {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": {**account, "ArnLike": {"aws:SourceArn": source}},
        }
        for sid, service, source in (
            ("CloudWatchPublishes", "cloudwatch.amazonaws.com", f"arn:aws:cloudwatch:{region}:333333333333:alarm:*"),
            ("TopicsRedrive", "sns.amazonaws.com", f"arn:aws:sns:{region}:333333333333:*"),
        )
    ]
    return {"obskit": {"KeyPolicy": statements}}


def expected_resources(region: str) -> dict[str, Any]:
    return {
        "TopicPage": {
            "Type": "AWS::SNS::Topic",
            "Properties": {
                "TopicName": "shop-prod-page",
                "KmsMasterKeyId": "alias/shop-data",
                "SignatureVersion": "2",
                "Tags": tags("shop", "platform"),
            },
        },
        "TopicPagePolicy": {
            "Type": "AWS::SNS::TopicPolicy",
            "Properties": {
                "Topics": [{"Ref": "TopicPage"}],
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "AlarmsOfThisAccount",
                            "Effect": "Allow",
                            "Principal": {"Service": "cloudwatch.amazonaws.com"},
                            "Action": "sns:Publish",
                            "Resource": {"Ref": "TopicPage"},
                            "Condition": {
                                "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{region}:333333333333:alarm:*"},
                                "StringEquals": {"aws:SourceAccount": "333333333333"},
                            },
                        }
                    ],
                },
            },
        },
        "PagingDeadLetters": {
            "Type": "AWS::SQS::Queue",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "QueueName": "shop-prod-paging-dead-letters",
                "MessageRetentionPeriod": 1209600,
                "KmsMasterKeyId": "alias/shop-data",
                "Tags": tags("shop", "platform"),
            },
        },
        "PagingDeadLettersPolicy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [{"Ref": "PagingDeadLetters"}],
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "WhatTheTopicCouldNotDeliver",
                            "Effect": "Allow",
                            "Principal": {"Service": "sns.amazonaws.com"},
                            "Action": "sqs:SendMessage",
                            "Resource": {"Fn::GetAtt": ["PagingDeadLetters", "Arn"]},
                            "Condition": {"ArnEquals": {"aws:SourceArn": {"Ref": "TopicPage"}}},
                        }
                    ],
                },
            },
        },
        "TopicPageSubscription": {
            "Type": "AWS::SNS::Subscription",
            "DependsOn": "PagingDeadLettersPolicy",
            "Properties": {
                "TopicArn": {"Ref": "TopicPage"},
                "Protocol": "https",
                "Endpoint": "https://events.pagerduty.com/integration/"
                "{{resolve:secretsmanager:obskit/pagerduty/prod:SecretString:integration_key}}/enqueue",
                "RawMessageDelivery": False,
                "FilterPolicy": {"AlarmRule": [{"exists": False}]},
                "FilterPolicyScope": "MessageBody",
                "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["PagingDeadLetters", "Arn"]}},
                "DeliveryPolicy": {
                    "healthyRetryPolicy": {
                        "numRetries": 50,
                        "numNoDelayRetries": 3,
                        "numMinDelayRetries": 2,
                        "minDelayTarget": 1,
                        "numMaxDelayRetries": 35,
                        "maxDelayTarget": 60,
                        "backoffFunction": "exponential",
                    }
                },
            },
        },
        "AlarmFailures": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmName": f"shop-checkout-prod-{region}-failures",
                "AlarmDescription": "Checkouts are failing.\n"
                "severity: page\n"
                "owner: payments\n"
                "impact: Buyers see an error.\n"
                "dashboard: https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"
                f"#dashboards/dashboard/shop-prod-checkout{VARIABLE[region]}\n"
                "runbook: https://runbooks.shop.example/checkout-failures.md",
                "ActionsEnabled": {"Ref": "ActionsEnabled"},
                "AlarmActions": [{"Ref": "TopicPage"}],
                "OKActions": [{"Ref": "TopicPage"}],
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "DatapointsToAlarm": 1,
                "Dimensions": [{"Name": "service", "Value": "checkout"}, {"Name": "env", "Value": "prod"}],
                "EvaluationPeriods": 1,
                "MetricName": "CheckoutFailure",
                "Namespace": "Shop",
                "Period": 60,
                "Statistic": "Sum",
                "Threshold": 3,
                "TreatMissingData": "notBreaching",
                "Tags": tags("checkout", "payments"),
            },
        },
    }


def test_a_project_renders_whole(shop: Path):
    """Dashboards are global to an account: they stand in the primary region's template and in no other."""
    result = rendered(shop, "prod", fallback="")
    board = {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {
            "DashboardName": "shop-prod-checkout",
            "DashboardBody": json.dumps(BODY, sort_keys=True, separators=(",", ":")),
            "Tags": tags("shop", "platform"),
        },
    }

    assert {"checkout": BODY} == result.bodies
    assert {
        "us-east-1": {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": "Alarms and dashboards of shop, prod, us-east-1; rendered by obskit",
            "Resources": {**expected_resources("us-east-1"), "DashboardCheckout": board},
            "Parameters": parameters("true"),
            "Metadata": metadata("us-east-1"),
        },
        "us-west-2": {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": "Alarms of shop, prod, us-west-2; rendered by obskit",
            "Resources": expected_resources("us-west-2"),
            "Parameters": parameters("false"),
            "Metadata": metadata("us-west-2"),
        },
    } == result.templates


def test_without_pages_nobody_is_subscribed(shop: Path):
    """Alarms and topics are the same; a customer key is not asked for."""
    resources = rendered(shop, "dev").templates["us-east-1"]["Resources"]

    assert {"AlarmFailures", "DashboardCheckout", "TopicPage", "TopicPagePolicy"} == set(resources)
    assert "KmsMasterKeyId" not in resources["TopicPage"]["Properties"]


def test_a_demo_pages_a_loopback_and_recovers_in_seconds(shop: Path):
    changes = {"paging_endpoint": "http://127.0.0.1:9999", "alarm_period": 10}
    result = rendered(shop, "prod", **changes)
    resources = result.templates["us-east-1"]["Resources"]
    subscription = resources["TopicPageSubscription"]["Properties"]

    assert ("http", 10) == (subscription["Protocol"], resources["AlarmFailures"]["Properties"]["Period"])
    assert subscription["Endpoint"].startswith("http://127.0.0.1:9999/integration/{{resolve:secretsmanager:")
    assert 60 == result.bodies["checkout"]["widgets"][1]["properties"]["period"]


def alarm(name: str = "a", **changes: Any) -> Alarm:
    return Alarm(name, **{**FACTS, "watches": kpis.CHECKOUT_LATENCY.p95, "above": 1500, **changes})


def of(root: Path, *widgets: Widget, alarms: tuple[Alarm, ...] = (), environment: str = "dev") -> Rendered:
    loaded = project.load(root)
    board = Dashboard("d", "D", (Section("S", (widgets,)),))
    return render.render(loaded, Definitions((board,), alarms, {}, {}), loaded.environments[environment])


def test_tickets_go_to_a_topic_that_wakes_nobody(shop: Path):
    resources = of(shop, Text("x"), alarms=(alarm(),), environment="prod").templates["us-west-2"]["Resources"]

    assert {"AlarmA", "TopicTicket", "TopicTicketPolicy"} == set(resources)
    assert "p95" == resources["AlarmA"]["Properties"]["ExtendedStatistic"]
    assert "Statistic" not in resources["AlarmA"]["Properties"]


def test_a_standby_region_lacks_what_only_the_primary_has(shop: Path):
    result = of(shop, AlarmList("L", ("a",)), alarms=(alarm(primary_only=True),), environment="prod")

    assert {} == result.templates["us-west-2"]["Resources"]
    assert 1 == len(result.bodies["d"]["widgets"][1]["properties"]["alarms"])


@pytest.mark.parametrize(
    ("limit", "operator", "fill"),
    [
        ({"above": 1, "at_least": None}, "GreaterThanThreshold", "above"),
        ({"at_least": 1, "above": None}, "GreaterThanOrEqualToThreshold", "above"),
        ({"below": 1, "above": None}, "LessThanThreshold", "below"),
        ({"at_most": 1, "above": None}, "LessThanOrEqualToThreshold", "below"),
    ],
)
def test_each_way_to_cross_a_line(shop: Path, limit: dict[str, Any], operator: str, fill: str):
    result = of(shop, Graph("G", (kpis.CHECKOUT_LATENCY.p95,)), alarms=(alarm(**limit),))

    assert operator == result.templates["us-east-1"]["Resources"]["AlarmA"]["Properties"]["ComparisonOperator"]
    assert fill == result.bodies["d"]["widgets"][1]["properties"]["annotations"]["horizontal"][0]["fill"]


def test_a_finer_dimension_comes_last(shop: Path):
    """`by` names one series; an alarm on the whole service is not its threshold."""
    by = {"operation": "pay"}
    result = of(shop, Graph("G", (kpis.CHECKOUT_LATENCY.p95,), by=by), alarms=(alarm(), alarm("b", by=by, above=9)))
    properties = result.bodies["d"]["widgets"][1]["properties"]

    assert ["service", "checkout", "env", "dev", "operation", "pay"] == properties["metrics"][0][2:8]
    assert [9] == [line["value"] for line in properties["annotations"]["horizontal"]]
    assert {"Name": "operation", "Value": "pay"} == (
        result.templates["us-east-1"]["Resources"]["AlarmB"]["Properties"]["Dimensions"][2]
    )


def test_each_widget_renders_whole(shop: Path):
    found = AwsMetric("AWS/Lambda", "Errors", {"FunctionName": "{project}-{env}-x"}, "Sum")
    result = of(
        shop,
        Number("N", (kpis.SEARCH_HIT.average,)),
        Number("W", (kpis.SEARCH_REQUESTS.sum,), whole_range=True),
        Logs("L", ("/a/{env}", "/b"), "fields message\n  | limit 5\n"),
        Graph("A", (found,), period=60, stacked=True),
        Text("*hi*"),
    )
    dims = ["service", "search", "env", "dev"]

    assert [
        {
            "title": "N",
            "view": "singleValue",
            "region": "us-east-1",
            "period": 300,
            "sparkline": True,
            "metrics": [["Shop", "SearchHit", *dims, {"label": "SearchHit Average", "stat": "Average"}]],
        },
        {
            "title": "W",
            "view": "singleValue",
            "region": "us-east-1",
            "period": 300,
            "setPeriodToTimeRange": True,
            "metrics": [["Shop", "SearchRequests", *dims, {"label": "SearchRequests Sum", "stat": "Sum"}]],
        },
        {
            "title": "L",
            "view": "table",
            "region": "us-east-1",
            "query": "SOURCE '/a/dev' | SOURCE '/b'\n| fields message\n| limit 5",
        },
        {
            "title": "A",
            "view": "timeSeries",
            "stacked": True,
            "region": "us-east-1",
            "period": 60,
            "legend": {"position": "bottom"},
            "yAxis": {"left": {"label": "Count", "min": 0, "showUnits": False}},
            "metrics": [["AWS/Lambda", "Errors", "FunctionName", "shop-dev-x", {"label": "Errors Sum", "stat": "Sum"}]],
        },
        {"markdown": "*hi*", "background": "transparent"},
    ] == [widget["properties"] for widget in result.bodies["d"]["widgets"][1:]]


def test_an_unknown_placeholder_is_told_with_its_nearest(shop: Path):
    with pytest.raises(DefinitionError) as caught:
        of(shop, Logs("L", ("{prject}", "{graphql_ap}"), "limit 1"), environment="prod")

    assert [
        (
            "dashboard 'd': '{prject}' stands for nothing; known: env, graphql_api, project,"
            " region; ids are set in [environments.NAME.ids]. Did you mean 'project'?"
        ),
        (
            "dashboard 'd': '{graphql_ap}' stands for nothing; known: env, graphql_api, project,"
            " region; ids are set in [environments.NAME.ids]. Did you mean 'graphql_api'?"
        ),
    ] == list(caught.value.problems)


def test_files_are_where_they_are_committed(shop: Path):
    result = rendered(shop, "prod")

    assert {"dashboards/rendered/prod/checkout.json": result.bodies["checkout"]} == {
        path: json.loads(text) for path, text in result.dashboard_files().items()
    }
    assert {
        "alarms/rendered/prod/us-east-1/shop.template.json": result.templates["us-east-1"],
        "alarms/rendered/prod/us-west-2/shop.template.json": result.templates["us-west-2"],
    } == {path: json.loads(text) for path, text in result.alarm_files().items()}


METRICS = st.sampled_from([value for value in vars(kpis).values() if isinstance(value, Metric)])
STATISTICS = st.builds(Metric.percentile, METRICS, st.sampled_from([50, 95, 99.9]))
TITLES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SHOWN = st.lists(STATISTICS, min_size=1, max_size=4).map(tuple)
WIDGETS = st.one_of(
    st.builds(Graph, TITLES, SHOWN, height=st.integers(1, 9)),
    st.builds(Number, TITLES, SHOWN, whole_range=st.booleans()),
    st.builds(Text, TITLES.filter(bool), width=st.integers(0, 4)),
)
ROWS = st.lists(st.lists(WIDGETS, min_size=1, max_size=6).map(tuple), max_size=4).map(tuple)
ALARMS = st.lists(
    st.builds(alarm, st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z]{1,3})?", fullmatch=True), watches=STATISTICS),
    max_size=5,
    unique_by=lambda found: found.name,
).map(tuple)


def sorted_pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    assert sorted(key for key, _ in pairs) == [key for key, _ in pairs]
    return dict(pairs)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, alarms=ALARMS)
def test_whatever_is_defined_renders_soundly_and_twice_the_same(
    shop: Path, rows: tuple[tuple[Widget, ...], ...], alarms: tuple[Alarm, ...]
):
    """Same bytes, sorted keys, a final newline, nothing that CloudWatch would refuse, no resource lost to a clash."""
    loaded = project.load(shop)
    defined = Definitions((Dashboard("d", "D", (Section("S", rows),)),), alarms, {}, {})
    first, second = (render.render(loaded, defined, loaded.environments["prod"]) for _ in range(2))
    texts = {**first.dashboard_files(), **first.alarm_files()}

    assert {**second.dashboard_files(), **second.alarm_files()} == texts
    assert [] == rendered_problems(first)
    for text in texts.values():
        assert text.endswith("}\n")
        json.loads(text, object_pairs_hook=sorted_pairs)
    kinds = [resource["Type"] for resource in first.templates["us-east-1"]["Resources"].values()]
    assert len(alarms) == kinds.count("AWS::CloudWatch::Alarm")


def test_math_stands_after_what_it_uses(shop: Path):
    share = Math(
        "100 * failed / (failed + FILL(accepted, 0))",
        {"failed": kpis.CHECKOUT_FAILURE.sum, "accepted": kpis.CHECKOUT_SUCCESS.sum},
        "failed, %",
    )
    head = ["Shop", "CheckoutFailure", "service", "checkout", "env", "dev"]
    hidden = {"stat": "Sum", "visible": False}

    result = of(shop, Graph("Failed", (share,)))

    assert [
        [*head, {"id": "failed", "label": "CheckoutFailure Sum", **hidden}],
        ["Shop", "CheckoutSuccess", *head[2:], {"id": "accepted", "label": "CheckoutSuccess Sum", **hidden}],
        [{"expression": "100 * failed / (failed + FILL(accepted, 0))", "label": "failed, %"}],
    ] == result.bodies["d"]["widgets"][1]["properties"]["metrics"]


def test_one_id_cannot_stand_for_two_series(shop: Path):
    failed, accepted = kpis.CHECKOUT_FAILURE.sum, kpis.CHECKOUT_SUCCESS.sum

    with pytest.raises(DefinitionError, match="'W': 'a' stands for two series"):
        of(shop, Graph("W", (Math("a", {"a": failed}, "one"), Math("2 * a", {"a": accepted}, "two"))))


@pytest.mark.parametrize(
    ("expression", "uses", "words"),
    [
        ("A + 1", {"A": kpis.CHECKOUT_FAILURE.sum}, "'A' is no id of metric math"),
        ("a + 1", {"a": kpis.CHECKOUT_FAILURE}, "it must be a statistic, e.g. kpis.SEARCH_LATENCY.p95"),
        ("ab + 1", {"a": kpis.CHECKOUT_FAILURE.sum}, "'a' does not occur in 'ab + 1'"),
        ("", {}, "expression and label are texts, not empty"),
    ],
)
def test_math_that_cannot_be_meant_is_refused(expression: str, uses: Any, words: str):
    with pytest.raises(DefinitionError, match=re.escape(words)):
        Math(expression, uses, "m")
