"""Alarms and series in a line or two."""

from __future__ import annotations

from array import array
from typing import Any

from obskit.backtest.alarms import METRIC_TYPE, Metric, MetricAlarm, read
from obskit.backtest.series import NONE, Series

ERRORS = Metric("Shop", "Errors")
START = 1_764_547_200
"""2025-12-01T00:00:00Z, a Monday."""


def properties(**changed: Any) -> dict[str, Any]:
    """Return the properties of an alarm on the sum of errors: 3 of 3 minutes at more than 10."""
    return {
        "AlarmName": "errors",
        "Namespace": "Shop",
        "MetricName": "Errors",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": 10,
        "ComparisonOperator": "GreaterThanThreshold",
        "AlarmActions": ["arn:aws:sns:us-east-1:111122223333:page"],
        **changed,
    }


def alarm(**changed: Any) -> MetricAlarm:
    found = read("errors", METRIC_TYPE, properties(**changed))
    assert isinstance(found, MetricAlarm)
    return found


def column(text: str) -> array[float]:
    """Return values in words: `0 - 12 X`, where `-` is none and `X` is 100."""
    return array("d", [NONE if word == "-" else 100.0 if word == "X" else float(word) for word in text.split()])


def series(text: str, *, step: int = 60, statistic: str = "Sum") -> Series:
    return Series(START, step, {statistic: column(text)})
