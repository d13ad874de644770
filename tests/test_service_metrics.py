"""What obskit measures by itself: only what Lambda does not count, only where it is not zero."""

import time

import pytest
from dirty_equals import IsFloat, IsPartialDict

import obskit
from obskit import handler, output, service_metrics
from obskit.testing import LambdaContext, appsync_event, capture


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("OBSKIT_SERVICE", "shop")
    monkeypatch.setenv("OBSKIT_ENV", "test")
    monkeypatch.setenv("OBSKIT_METRICS_NAMESPACE", "Shop")
    monkeypatch.setenv("OBSKIT_EXITS", "off")  # what pytest prints is not to be masked
    monkeypatch.delenv("_X_AMZN_TRACE_ID", raising=False)


def answer(result):
    return obskit.instrument(lambda *_: result)


def names(captured):
    return [
        (metric["Name"], document[metric["Name"]])
        for document in captured.metrics
        for directive in document["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]
    ]


@pytest.mark.parametrize(
    ("event", "result", "errors"),
    [
        ([appsync_event(), appsync_event()], [{"data": 1}, {"errorMessage": "no", "errorType": "E"}], 1),
        ([appsync_event()] * 3, [{"errorMessage": "a"}, {"errorMessage": "b"}, None], 2),
        ([appsync_event()], [{"data": 1}], 0),
        (appsync_event(), {"errorMessage": "no"}, 1),
        (appsync_event(), {"errorMessage": ""}, 0),
        ({"Records": []}, {"errorMessage": "no"}, 0),  # not a resolver: it may mean anything
        (appsync_event(), None, 0),
    ],
)
def test_errors_within_a_resolvers_result_are_counted(event, result, errors):
    with capture() as captured:
        assert answer(result)(event, LambdaContext()) is result

    assert names(captured) == ([("ResolverErrors", errors)] if errors else [])


def test_the_document_has_service_and_env_and_leads_to_the_request():
    with capture() as captured:
        answer({"errorMessage": "no"})(appsync_event(), LambdaContext(aws_request_id="r-1"))

    (document,) = captured.metrics
    assert document["_aws"]["CloudWatchMetrics"] == [
        {
            "Namespace": "Shop",
            "Dimensions": [["service", "env"]],
            "Metrics": [{"Name": "ResolverErrors", "Unit": "Count"}],
        }
    ]
    assert document == IsPartialDict(service="shop", env="test", function_request_id="r-1", ResolverErrors=1)


def test_the_first_invocation_in_lambda_is_a_cold_start(monkeypatch):
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")
    with capture() as captured:
        for _ in range(3):
            answer(None)({}, LambdaContext())

    assert names(captured) == [("ColdStarts", 1), ("InitDuration", IsFloat(gt=0))]


def test_a_start_that_the_kernel_noted_later_than_the_load_took_no_time():
    """It notes hundredths of a second."""
    assert (service_metrics.init_duration(0.001), service_metrics.init_duration(0)) == (0.0, 0.0)


def test_without_the_kernels_clock_the_function_runs_and_its_start_took_nobody_knows_how_long(monkeypatch):
    """A sandbox may name the clock and not have it."""

    def refused(clock):
        raise OSError(22, "Invalid argument")

    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")
    monkeypatch.setattr(time, "clock_gettime", refused)
    monkeypatch.setattr(handler, "_loaded_at", 0.0)
    with capture() as captured:
        assert answer(1)({}, LambdaContext()) == 1

    assert names(captured) == [("ColdStarts", 1)]


def test_in_a_test_there_is_no_cold_start(monkeypatch):
    monkeypatch.delenv("AWS_LAMBDA_RUNTIME_API", raising=False)
    with capture() as captured:
        answer(None)({}, LambdaContext())

    assert captured.metrics == []


def test_faults_of_obskit_are_counted_once():
    @obskit.instrument
    def handler(event, context):
        if event:
            output.fault("spans", "one")
            output.fault("spans", "two")

    with capture() as captured:
        for event in (True, True, False):
            handler(event, LambdaContext())

    assert names(captured) == [("TelemetryFaults", 2), ("TelemetryFaults", 2)]


def test_one_switch_turns_them_off(monkeypatch):
    monkeypatch.setenv("OBSKIT_SERVICE_METRICS", "off")
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")
    with capture() as captured:
        answer({"errorMessage": "no"})(appsync_event(), LambdaContext())

    assert captured.metrics == []
