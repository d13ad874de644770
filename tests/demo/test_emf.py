"""A log line becomes exactly the metrics CloudWatch would take from it, or a named problem."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from obskit.demo.emf import EmfError, decode, metric_data

NOW_MS = int(time.time() * 1000)
WHEN = datetime.fromtimestamp(NOW_MS / 1000, UTC)


def document(**changes: Any) -> dict[str, Any]:
    directive = {
        "Namespace": "Shop",
        "Dimensions": [["service"]],
        "Metrics": [{"Name": "Latency", "Unit": "Milliseconds"}],
    }
    directive |= {key: changes.pop(key) for key in ("Namespace", "Dimensions", "Metrics") if key in changes}
    return {
        "_aws": {"Timestamp": NOW_MS, "CloudWatchMetrics": [directive]},
        "service": "checkout",
        "Latency": 12.5,
        **changes,
    }


def test_one_datum_for_each_metric_and_dimension_set():
    emf = document(
        Dimensions=[["service", "operation"], ["service"], []],
        Metrics=[{"Name": "Latency", "Unit": "Milliseconds", "StorageResolution": 1}, {"Name": "Failures"}],
        operation="pay",
        Failures=[1, 0, 1],
    )
    latency = {
        "MetricName": "Latency",
        "Unit": "Milliseconds",
        "StorageResolution": 1,
        "Value": 12.5,
        "Timestamp": WHEN,
    }
    failures = {
        "MetricName": "Failures",
        "Unit": "None",
        "StorageResolution": 60,
        "Values": [1.0, 0.0],
        "Counts": [2.0, 1.0],
        "Timestamp": WHEN,
    }
    service, operation = {"Name": "service", "Value": "checkout"}, {"Name": "operation", "Value": "pay"}

    assert metric_data(emf) == [
        ("Shop", {**latency, "Dimensions": [service, operation]}),
        ("Shop", {**latency, "Dimensions": [service]}),
        ("Shop", {**latency, "Dimensions": []}),
        ("Shop", {**failures, "Dimensions": [service, operation]}),
        ("Shop", {**failures, "Dimensions": [service]}),
        ("Shop", {**failures, "Dimensions": []}),
    ]


def test_each_directive_has_its_own_namespace():
    emf = document()
    first = emf["_aws"]["CloudWatchMetrics"][0]
    emf["_aws"]["CloudWatchMetrics"].append({**first, "Namespace": "Other"})
    assert [namespace for namespace, _ in metric_data(emf)] == ["Shop", "Other"]


def test_limits_are_reached_without_a_problem():
    metrics = [{"Name": f"m{i}"} for i in range(100)]
    names = [f"d{i}" for i in range(30)]
    emf = document(
        Metrics=metrics,
        Dimensions=[names],
        **{f"m{i}": [1] * 100 for i in range(100)},
        **dict.fromkeys(names, "x" * 1024),
    )
    assert len(metric_data(emf)) == 100


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"_aws": 1}, "_aws is not an object"),
        ({"_aws": {"Timestamp": NOW_MS}}, "CloudWatchMetrics is not an array"),
        ({"_aws": {"Timestamp": NOW_MS / 1, "CloudWatchMetrics": []}}, "Timestamp is not an integer"),
        ({"_aws": {"Timestamp": NOW_MS // 1000, "CloudWatchMetrics": []}}, "not within the last 14 days"),
        ({"Namespace": ""}, "Namespace ''"),
        ({"Namespace": "Größe"}, "Namespace 'Größe'"),
        ({"Dimensions": []}, "at least one array"),
        ({"Dimensions": ["service"]}, "dimension set is not an array"),
        ({"Dimensions": [[f"d{i}" for i in range(31)]]}, "at most 30 names"),
        ({"Dimensions": [["tenant"]]}, "dimension 'tenant' has no member"),
        ({"service": ""}, "dimension 'service' has no member"),
        ({"service": 7}, "dimension 'service' has no member"),
        ({"service": "x" * 1025}, "dimension 'service' has no member"),
        ({"service": "Köln"}, "printable ASCII"),
        ({"Dimensions": [[":service"]]}, "dimension name ':service'"),
        ({"Dimensions": [["service", "service"]]}, "repetition"),
        ({"Metrics": [{"Name": f"m{i}"} for i in range(101)]}, "1 to 100 definitions"),
        ({"Metrics": [{"Name": "Latency"}, {"Name": "Latency"}]}, "defined twice"),
        ({"Metrics": [{"Name": "x" * 256}]}, "metric name"),
        ({"Metrics": [{"Name": "Latency", "Unit": "ms"}]}, "'ms' is no CloudWatch unit"),
        ({"Metrics": [{"Name": "Latency", "StorageResolution": 10}]}, "StorageResolution 10"),
        ({"Metrics": [{"Name": "Gone"}]}, "metric 'Gone' has no member"),
        ({"Latency": "12"}, "no member that is a number"),
        ({"Latency": True}, "no member that is a number"),
        ({"Latency": []}, "0 values"),
        ({"Latency": [1] * 101}, "101 values"),
        ({"Latency": 2.0**361}, "beyond"),
        ({"Latency": float("inf")}, "beyond"),
    ],
)
def test_a_broken_rule_is_named(changes, rule):
    with pytest.raises(EmfError, match=rule.replace("(", r"\(")) as caught:
        metric_data(document(**changes))
    assert caught.value.kind == "Validation"


@pytest.mark.parametrize(
    "line",
    ["START RequestId: 1", '{"level": "INFO"}', '"_aws"', "{}", '{"message": "the _aws member"}', '{"a": {"_aws": 1}}'],
)
def test_other_lines_are_left_alone(line):
    assert decode(line) is None


@pytest.mark.parametrize(
    "line", ['{"_aws": {', '{"_aws": {}, "v": NaN}', '{"_aws": {}} x', json.dumps({"_aws": {}, "pad": "x" * 1_048_576})]
)
def test_what_does_not_parse_is_counted_as_such(line):
    with pytest.raises(EmfError) as caught:
        decode(line)
    assert caught.value.kind == "Parsing"


def test_decode_returns_the_document():
    assert decode(json.dumps(document())) == document()
