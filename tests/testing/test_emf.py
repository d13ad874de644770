"""A log line becomes exactly the metrics CloudWatch would take from it, or every rule that it breaks is named."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from obskit.testing import assert_valid_emf
from obskit.testing.emf import Reading, is_meant, problems

NOW = 1_764_000_000
NOW_MS = NOW * 1000
WHEN = datetime.fromtimestamp(NOW, UTC)
DAY_MS, HOUR_MS = 86_400_000, 3_600_000


def document(**changes: Any) -> dict[str, Any]:
    directive = {
        "Namespace": "Shop",
        "Dimensions": [["service"]],
        "Metrics": [{"Name": "Latency", "Unit": "Milliseconds"}],
    }
    directive |= {key: changes.pop(key) for key in ("Namespace", "Dimensions", "Metrics") if key in changes}
    return {
        "_aws": {"Timestamp": changes.pop("Timestamp", NOW_MS), "CloudWatchMetrics": [directive]},
        "service": "checkout",
        "Latency": 12.5,
        **changes,
    }


def told(**changes: Any) -> list[str]:
    return problems(document(**changes), now=NOW)


def two_directives(**second: Any) -> dict[str, Any]:
    emf = document()
    emf["_aws"]["CloudWatchMetrics"].append({**emf["_aws"]["CloudWatchMetrics"][0], **second})
    return emf


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

    assert Reading(emf, now=NOW).data == [
        ("Shop", {**latency, "Dimensions": [service, operation]}),
        ("Shop", {**latency, "Dimensions": [service]}),
        ("Shop", {**latency, "Dimensions": []}),
        ("Shop", {**failures, "Dimensions": [service, operation]}),
        ("Shop", {**failures, "Dimensions": [service]}),
        ("Shop", {**failures, "Dimensions": []}),
    ]


def test_a_line_reads_as_its_document_does():
    line = json.dumps(document()) + "\n"

    assert Reading(line, now=NOW).data == Reading(document(), now=NOW).data
    assert Reading(line.encode(), now=NOW).data == Reading(document(), now=NOW).data
    assert_valid_emf(line, now=NOW)


def test_each_directive_has_its_own_namespace():
    emf = two_directives(Namespace="Other")

    assert [namespace for namespace, _ in Reading(emf, now=NOW).data] == ["Shop", "Other"]


def of_size(size: int) -> str:
    """Return a sound document of *size* bytes, in letters of two bytes."""
    spare = size - len(json.dumps(document(note=""), ensure_ascii=False).encode())
    return json.dumps(document(note="é" * (spare // 2) + "x" * (spare % 2)), ensure_ascii=False)


# What is allowed at the limit, and what is told one past it.
LIMITS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"Timestamp": NOW_MS - 14 * DAY_MS}, {"Timestamp": NOW_MS - 14 * DAY_MS - 1}, "not within the last 14 days"),
    ({"Timestamp": NOW_MS + 2 * HOUR_MS}, {"Timestamp": NOW_MS + 2 * HOUR_MS + 1}, "or the next 2 hours"),
    ({"Namespace": "x" * 255}, {"Namespace": "x" * 256}, "is not 1 to 255 characters"),
    ({"Namespace": "x"}, {"Namespace": ""}, "Namespace '' is not 1 to 255"),
    ({"Namespace": "Shop:1"}, {"Namespace": ":Shop"}, "the first not ':'"),
    ({"Namespace": "a.b-c_d/e#f g"}, {"Namespace": "Größe"}, "Namespace 'Größe' is not"),
    ({"Dimensions": [[]]}, {"Dimensions": []}, "Dimensions is not an array of at least one array"),
    (
        {"Dimensions": [[f"d{i}" for i in range(30)]], **{f"d{i}": "x" for i in range(30)}},
        {"Dimensions": [[f"d{i}" for i in range(31)]], **{f"d{i}": "x" for i in range(31)}},
        "at most 30 names; it has 31",
    ),
    (
        {"Dimensions": [["d" * 250]], "d" * 250: "x"},
        {"Dimensions": [["d" * 251]], "d" * 251: "x"},
        "is not 1 to 250 printable ASCII characters",
    ),
    ({"Dimensions": [["a:b"]], "a:b": "x"}, {"Dimensions": [[":ab"]], ":ab": "x"}, "dimension name ':ab' is not"),
    ({"Dimensions": [["a b"]], "a b": "x"}, {"Dimensions": [["a\tb"]], "a\tb": "x"}, "dimension name 'a\\tb' is not"),
    ({"Dimensions": [["a"]], "a": "x"}, {"Dimensions": [["ä"]], "ä": "x"}, "dimension name 'ä' is not"),
    (
        {"Dimensions": [["service"], ["service"]]},
        {"Dimensions": [["service", "service"]]},
        "a dimension set names 'service' 2 times",
    ),
    ({"service": "x" * 1024}, {"service": "x" * 1025}, "no member of 1 to 1024 printable ASCII characters"),
    ({"service": "x"}, {"service": ""}, "dimension 'service' is empty; CloudWatch then drops all dimensions"),
    ({"service": " x"}, {"service": " "}, "one not a space"),
    ({"service": "Koln ~"}, {"service": "Köln"}, "printable ASCII"),
    ({"service": "7"}, {"service": 7}, "dimension 'service' has no member of"),
    ({"service": "a"}, {"service": "a\x7f"}, "printable ASCII"),
    (
        {"Metrics": [{"Name": f"m{i}"} for i in range(100)], **{f"m{i}": 1 for i in range(100)}},
        {"Metrics": [{"Name": f"m{i}"} for i in range(101)], **{f"m{i}": 1 for i in range(101)}},
        "1 to 100 definitions; it has 101",
    ),
    ({"Metrics": [{"Name": "Latency"}]}, {"Metrics": ["Latency"]}, "a metric definition is not an object"),
    ({"Dimensions": [["service"]]}, {"Dimensions": [["_aws"]]}, "it is neither a metric nor a dimension"),
    ({}, {"Metrics": []}, "1 to 100 definitions; it has 0"),
    ({"Metrics": [{"Name": "m" * 255}], "m" * 255: 1}, {"Metrics": [{"Name": "m" * 256}], "m" * 256: 1}, "1 to 255"),
    ({"Metrics": [{"Name": "m:"}], "m:": 1}, {"Metrics": [{"Name": ":m"}], ":m": 1}, "metric name ':m' is not"),
    ({"Metrics": [{"Name": "Latency"}]}, {"Metrics": [{"Name": "Lätency"}], "Lätency": 1}, "metric name 'Lätency'"),
    ({"Metrics": [{"Name": "Latency"}]}, {"Metrics": [{"Name": "Latency"}] * 2}, "defined twice in a directive"),
    ({"Metrics": [{"Name": "Latency", "Unit": "Count"}]}, {"Metrics": [{"Name": "Latency", "Unit": "ms"}]}, "'ms' is"),
    (
        {"Metrics": [{"Name": "Latency", "StorageResolution": 1}]},
        {"Metrics": [{"Name": "Latency", "StorageResolution": 2}]},
        "StorageResolution 2 is neither 1 nor 60",
    ),
    (
        {"Metrics": [{"Name": "Latency", "StorageResolution": 60}]},
        {"Metrics": [{"Name": "Latency", "StorageResolution": True}]},
        "StorageResolution True is neither 1 nor 60",
    ),
    ({"Latency": [1] * 100}, {"Latency": [1] * 101}, "metric 'Latency' has 101 values; 1 to 100 are allowed"),
    ({"Latency": [1]}, {"Latency": []}, "metric 'Latency' has 0 values"),
    ({"Latency": 2.0**360}, {"Latency": 2.0**360 * 1.001}, "beyond ±2^360"),
    ({"Latency": -(2**360)}, {"Latency": -(2**360) - 1}, "beyond ±2^360"),
    ({"Latency": 2**360}, {"Latency": 10**400}, "beyond ±2^360"),
    ({"Latency": 0}, {"Latency": "0"}, "no member that is a number or an array of numbers: '0'"),
    ({"Latency": 1}, {"Latency": True}, "no member that is a number or an array of numbers: True"),
    ({"Latency": [1, 2]}, {"Latency": [1, None]}, "no member that is a number or an array of numbers: None"),
    ({"Metrics": [{"Name": "L"}], "L": 1}, {"Metrics": [{"Name": "L"}]}, "metric 'L' has no member"),
    (
        {"Dimensions": [["a.b"]], "a.b": "x"},
        {"Dimensions": [["a.b"]], "a": {"b": "x"}},
        "dimension 'a.b' has no member",
    ),
    (
        {"Dimensions": [["Latency2"]], "Latency2": "x"},
        {"Dimensions": [["Latency"]], "Latency": "x"},
        "'Latency' is a metric and a dimension",
    ),
]


@pytest.mark.parametrize(("allowed", "past", "rule"), LIMITS)
def test_each_rule_at_its_limit_and_one_past_it(allowed: dict[str, Any], past: dict[str, Any], rule: str):
    assert told(**allowed) == []
    assert [problem for problem in told(**past) if rule in problem]


@pytest.mark.parametrize(("size", "rules"), [(1_048_576, 0), (1_048_577, 1)])
def test_an_event_has_one_megabyte(size: int, rules: int):
    line = of_size(size)
    assert len(line.encode()) == size

    assert len(problems(line, now=NOW)) == rules
    assert len(problems(line + "\n", now=NOW)) == rules  # the newline ends the event and is no part of it
    compact = document(note="x" * (size - len(json.dumps(document(note=""), separators=(",", ":")))))
    assert problems(compact, now=NOW) == ["the event has 1048577 bytes; CloudWatch takes 1048576"] * rules


@pytest.mark.parametrize(
    ("second", "rules"),
    [
        ({"Namespace": "Other"}, []),
        (
            {"Namespace": "Other", "Metrics": [{"Name": "Latency", "Unit": "Seconds"}]},
            [
                "metric 'Latency' has several units or resolutions: [('Milliseconds', '60'), ('Seconds', '60')]",
            ],
        ),
        (
            {
                "Namespace": "Other",
                "Metrics": [{"Name": "Latency", "Unit": "Milliseconds", "StorageResolution": 1}],
            },
            [
                "metric 'Latency' has several units or resolutions: [('Milliseconds', '1'), ('Milliseconds', '60')]",
            ],
        ),
    ],
)
def test_a_name_has_one_unit_and_one_resolution_in_a_document(second: dict[str, Any], rules: list[str]):
    assert problems(two_directives(**second), now=NOW) == rules


@pytest.mark.parametrize("name", ["service", "Latency", "_aws", "note"])
def test_metadata_that_overwrites_a_dimension_or_a_metric_is_told(name: str):
    line = json.dumps(document(note=1))[:-1] + f', "{name}": 3}}'

    assert f"member '{name}' stands there 2 times: one overwrites the other" in problems(line, now=NOW)


def test_what_stands_twice_further_in_is_nobodys_metric():
    assert problems(json.dumps(document())[:-1] + ', "note": {"a": 1, "a": 2}}', now=NOW) == []


@pytest.mark.parametrize(
    ("aws", "rule"),
    [
        (1, "_aws is not an object"),
        ({"Timestamp": NOW_MS}, "_aws.CloudWatchMetrics is not an array"),
        ({"Timestamp": NOW_MS, "CloudWatchMetrics": [1]}, "a metric directive is not an object"),
        ({"Timestamp": NOW_MS / 1, "CloudWatchMetrics": []}, "_aws.Timestamp is not an integer of milliseconds"),
        ({"Timestamp": True, "CloudWatchMetrics": []}, "_aws.Timestamp is not an integer of milliseconds"),
        ({"CloudWatchMetrics": []}, "_aws.Timestamp is not an integer of milliseconds"),
        ({"Timestamp": NOW, "CloudWatchMetrics": []}, f"_aws.Timestamp {NOW} is not within the last 14 days"),
    ],
)
def test_the_frame_of_a_document(aws: object, rule: str):
    assert [found for found in problems({**document(), "_aws": aws}, now=NOW) if found.startswith(rule)]


def test_all_rules_are_told_and_nothing_is_taken():
    reading = Reading(document(Namespace="", service="", Latency=[]), now=NOW)

    assert (len(reading.problems), reading.data, reading.kind) == (3, [], "Validation")
    with pytest.raises(AssertionError, match=r"(?s)would not take.*Namespace ''.*'service' is empty.*0 values"):
        assert_valid_emf(document(Namespace="", service="", Latency=[]), now=NOW)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_json_and_no_value(constant: str):
    line = json.dumps(document()).replace("12.5", constant)
    value = float(constant.replace("Infinity", "inf"))

    assert problems(line, now=NOW) == [f"not JSON: {constant} is no JSON"]
    assert f"metric 'Latency' has the value {value}, which is no number to CloudWatch" in told(Latency=value)


@pytest.mark.parametrize(
    "line",
    [
        '{"_aws": {',
        '{"_aws": {}, "v": NaN}',
        '{"_aws": {}} x',
        '{"_aws": {}}\n{"_aws": {}}',
        "[1]",
        '{"a":' * 100_000,
        b'{"_aws": "\xff"}',
        json.dumps({"_aws": {}, "pad": "x" * 1_048_576}),
    ],
)
def test_what_does_not_parse_is_counted_as_such(line: str | bytes):
    assert Reading(line).kind == "Parsing"
    assert Reading(line).problems


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x"])
def test_a_document_that_is_no_json_is_told(value: object):
    assert [problem for problem in told(note=value) if problem.startswith("not JSON")]


@pytest.mark.parametrize(
    "line",
    ["START RequestId: 1", '{"level": "INFO"}', '"_aws"', "{}", '{"message": "the _aws member"}', '{"a": {"_aws": 1}}'],
)
def test_other_lines_are_not_meant(line: str):
    assert not is_meant(line)
    assert problems(line)


@pytest.mark.parametrize("line", [json.dumps(document()), '{"_aws": ', '{"_aws": 1} x', '{"_aws": {}, "v": NaN}'])
def test_what_is_meant_is_read(line: str):
    assert is_meant(line)
