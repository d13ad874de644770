"""AWS's own metrics by name: what is published, with which dimensions, and what a wrong name is told."""

import subprocess
import sys

import pytest

from obskit.deploy import aws, aws_metrics
from obskit.deploy.specs import AwsMetric
from obskit.errors import DefinitionError
from tests.parts import ROOT


def test_a_metric_has_the_dimensions_and_the_statistic_that_suit_it():
    api, function = aws.appsync("{graphql_api}"), aws.lambda_("{project}-{env}-pay")

    assert api.latency.p95 == AwsMetric("AWS/AppSync", "Latency", {"GraphQLAPIId": "{graphql_api}"}, "p95")
    assert function.throttles == AwsMetric("AWS/Lambda", "Throttles", {"FunctionName": "{project}-{env}-pay"}, "Sum")
    assert ("Milliseconds", "tm99") == (function.duration.unit, function.duration.read("tm99").stat)
    assert "slow" == function.duration.called("slow").label


@pytest.mark.parametrize(
    ("resource", "dimensions"),
    [
        (aws.lambda_("f", alias="live"), {"FunctionName": "f", "Resource": "f:live"}),
        (
            aws.lambda_("f", alias="live", version="7"),
            {"FunctionName": "f", "Resource": "f:live", "ExecutedVersion": "7"},
        ),
        (aws.lambda_(), {}),
    ],
)
def test_a_function_is_seen_as_a_whole_by_alias_or_by_version(resource, dimensions: dict[str, str]):
    assert dimensions == resource.errors.dimensions


def test_every_metric_of_the_data_can_be_named():
    """Each has a name of its own in Python, and each namespace a function."""
    for namespace, metrics in aws_metrics.published().items():
        names = [aws_metrics.attribute(name) for name in metrics]
        assert all(name.isidentifier() for name in names), namespace
        assert len(names) == len(set(names)), namespace
    assert set(aws_metrics.published()) == {service.namespace for service in SERVICES} | {"AWS/Lambda"}


SERVICES = [
    aws.appsync("a").latency,
    aws.appsync("a", resolver="Query.x").graphql_error,
    aws.sqs("q").approximate_age_of_oldest_message,
    aws.sns("t").number_of_notifications_failed,
    aws.events("r").failed_invocations,
    aws.states("arn").executions_failed,
    aws.aurora("c").serverless_database_capacity,
    aws.aurora("c", role="WRITER").cpu_utilization,
    aws.aurora(instance="i").cpu_utilization,
    aws.ecs("c", "s").memory_utilization,
    aws.container_insights("c", "s").running_task_count,
    aws.cloudfront("d").error_rate_5xx,
    aws.waf("w").blocked_requests,
    aws.waf("w", "bots", region="eu-west-1").blocked_requests,
    aws.cognito("p", "c").sign_in_throttles,
    aws.cognito_risk("p", "SignIn").risk,
    aws.ses().reputation_bounce_rate,
    aws.logs("/aws/lambda/f").emf_parsing_errors,
    aws.synthetics("c").success_percent,
    aws.lambda_insights("f").memory_utilization,
]


@pytest.mark.parametrize("metric", SERVICES, ids=lambda metric: f"{metric.namespace} {metric.name}")
def test_a_service_has_the_dimensions_that_it_publishes(metric: AwsMetric):
    assert not aws_metrics.problem(metric.namespace, metric.name, metric.dimensions)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (("AWS/Lamda", "Errors", {}, "Sum"), "no namespace 'AWS/Lamda'. Did you mean 'AWS/Lambda'?"),
        (
            ("AWS/Lambda", "Throtles", {}, "Sum"),
            "AWS/Lambda publishes no metric 'Throtles'. Did you mean 'Throttles'?",
        ),
        (
            ("AWS/SQS", "SentMessageSize", {"Queue": "q"}, "Sum"),
            (
                "AWS/SQS publishes 'SentMessageSize' with no dimensions (Queue), so the graph would be empty; there are"
                " (QueueName). Did you mean (QueueName)?"
            ),
        ),
        (("AWS/SQS", "SentMessageSize", {"QueueName": "q"}, "sum"), "'sum' is no statistic of CloudWatch"),
    ],
)
def test_what_no_service_publishes_is_refused_with_the_nearest(facts: tuple[str, str, dict[str, str], str], words: str):
    with pytest.raises(DefinitionError) as caught:
        AwsMetric(*facts)

    assert words in str(caught.value)


def test_what_the_data_does_not_know_can_be_shown_all_the_same():
    assert AwsMetric("AWS/Lambda", "BrandNew", {}, "Sum", unlisted=True).unit == ""
    assert AwsMetric("Shop/Logs", "Killed", {}, "Sum").home == ""
    assert AwsMetric("AWS/DynamoDB", "ThrottledRequests", {"TableName": "t"}, "Sum").name == "ThrottledRequests"


def test_a_dimension_set_of_another_metric_is_refused():
    with pytest.raises(DefinitionError, match=r"there are \(ClusterName\)"):
        _ = aws.ecs("c", "s").cpu_reservation


def test_a_misspelt_attribute_lists_what_there_is():
    with pytest.raises(AttributeError) as caught:
        _ = aws.sqs("q").aproximate_age_of_oldest_message

    assert "approximate_age_of_oldest_message" in dir(caught.value.obj)


@pytest.mark.parametrize(
    ("metric", "home"),
    [
        (aws.cloudfront("d").requests, "us-east-1"),
        (aws.waf("w").blocked_requests, "us-east-1"),
        (aws.waf("w", region="eu-west-1").blocked_requests, ""),
        (aws.sqs("q").number_of_messages_sent, ""),
    ],
)
def test_metrics_of_the_edge_are_in_one_region(metric: AwsMetric, home: str):
    assert home == metric.home


def test_the_stub_is_current():
    """`make aws-stub` writes it; mypy reads it in tests/typing_api.py."""
    made = subprocess.run(
        [sys.executable, ROOT / "tools/aws_stub.py", "--print"], capture_output=True, text=True, check=True
    ).stdout

    assert (ROOT / "src/obskit/deploy/aws.pyi").read_text() == made
