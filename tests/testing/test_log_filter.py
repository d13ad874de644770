"""Lambda's level filter: what it drops, and the traps it sets."""

from __future__ import annotations

import json

import pytest

from obskit.testing.awslambda.log_filter import LEVELS, passes, threshold

TIME = "2026-11-24T01:02:03.456Z"


def line(level: object = "INFO", timestamp: object = TIME) -> str:
    return json.dumps({"level": level, "timestamp": timestamp, "message": "m"})


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("minimum", LEVELS)
def test_a_line_passes_at_its_level_and_below(level, minimum):
    assert passes(line(level), minimum) == (LEVELS.index(level) >= LEVELS.index(minimum))


@pytest.mark.parametrize(
    "as_info",
    [
        line("WARNING"),
        line("CRITICAL"),
        line(40),
        line("ERROR", "2026-11-24 01:59:43,317+0000"),  # the default of a well-known logger
        line("ERROR", None),
        line("ERROR", 1795492463754),
        json.dumps({"level": "ERROR"}),
        json.dumps({"_aws": {"Timestamp": 1, "CloudWatchMetrics": []}, "Latency": 1}),
    ],
)
def test_what_lambda_does_not_understand_counts_as_info(as_info):
    assert passes(as_info, "INFO")
    assert not passes(as_info, "WARN")


@pytest.mark.parametrize("other", ["START RequestId: 1", "[1, 2]", '"text"', "7", "{broken", ""])
def test_other_lines_always_pass(other):
    assert passes(other, "FATAL")


@pytest.mark.parametrize("timestamp", ["2026-11-24T01:02:03Z", "2026-11-24T01:02:03.1+02:00", "2026-11-24t01:02:03z"])
def test_rfc_3339_in_its_forms(timestamp):
    assert passes(line("ERROR", timestamp), "ERROR")


@pytest.mark.parametrize(
    ("env", "minimum"),
    [
        ({}, None),
        ({"AWS_LAMBDA_LOG_LEVEL": "ERROR"}, None),
        ({"AWS_LAMBDA_LOG_FORMAT": "Text", "AWS_LAMBDA_LOG_LEVEL": "ERROR"}, None),
        ({"AWS_LAMBDA_LOG_FORMAT": "JSON"}, "INFO"),
        ({"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "warn"}, "WARN"),
        ({"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "WARNING"}, "INFO"),
    ],
)
def test_only_json_format_filters(env, minimum):
    assert threshold(env) == minimum


def test_without_a_threshold_everything_passes():
    assert passes(line("TRACE"), None)
