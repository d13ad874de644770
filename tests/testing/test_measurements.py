"""Metrics as a test asks for them."""

import pytest

from obskit import kpis
from obskit.testing import Measurements
from obskit.testing.measurements import Series


def document(values, *, operation="checkout", sets=(("service", "env"), ("service", "env", "operation")), units=None):
    return {
        "_aws": {
            "Timestamp": 1_767_323_045_000,
            "CloudWatchMetrics": [
                {
                    "Namespace": "Shop",
                    "Dimensions": [list(names) for names in sets],
                    "Metrics": [{"Name": name, **({"Unit": units[name]} if units else {})} for name in values],
                }
            ],
        },
        "service": "checkout",
        "env": "test",
        "operation": operation,
        "function_request_id": "r-1",
        **values,
    }


FIRST = document(
    {"CheckoutSuccess": 1, "CheckoutLatency": [10, 20.5]},
    units={"CheckoutSuccess": "Count", "CheckoutLatency": "Milliseconds"},
)
SECOND = document({"CheckoutSuccess": 2}, operation="reserve")
METRICS = Measurements(lambda: [FIRST, SECOND])


def test_the_raw_documents():
    assert METRICS == [FIRST, SECOND]


def test_values_by_name_or_by_the_declared_metric():
    assert METRICS.values("CheckoutSuccess") == METRICS.values(kpis.CHECKOUT_SUCCESS) == [1.0, 2.0]
    assert METRICS.values("CheckoutLatency") == [10.0, 20.5]


def test_values_by_dimensions():
    assert METRICS.values("CheckoutSuccess", operation="checkout") == [1.0]
    assert METRICS.values("CheckoutSuccess", operation="reserve", env="test") == [2.0]
    assert METRICS.values("CheckoutSuccess", operation="other") == []
    assert METRICS.values("CheckoutSuccess", function_request_id="r-1") == []  # a member, no dimension
    assert METRICS.only("CheckoutSuccess", operation="reserve") == 2.0


def test_names_and_series():
    assert METRICS.names == ["CheckoutSuccess", "CheckoutLatency"]
    dimensions = {"service": "checkout", "env": "test", "operation": "checkout"}
    assert METRICS.series == [
        Series("CheckoutSuccess", "Count", "Shop", dimensions, (1.0,)),
        Series("CheckoutLatency", "Milliseconds", "Shop", dimensions, (10.0, 20.5)),
        Series("CheckoutSuccess", "None", "Shop", {**dimensions, "operation": "reserve"}, (2.0,)),
    ]


def failure(metrics, name, **dimensions):
    with pytest.raises(AssertionError) as raised:
        metrics.only(name, **dimensions)
    return str(raised.value)


def test_no_value_shows_those_of_other_dimensions():
    assert failure(METRICS, kpis.CHECKOUT_SUCCESS, operation="chekout") == (
        "[] is not one value\n"
        "values of CheckoutSuccess{operation=chekout}\n"
        "recorded were:\n"
        "  CheckoutSuccess{service=checkout, env=test, operation=checkout} = [1.0] Count\n"
        "  CheckoutSuccess{service=checkout, env=test, operation=reserve} = [2.0] None"
    )


def test_several_values_are_not_one():
    assert failure(METRICS, kpis.CHECKOUT_SUCCESS).startswith(
        "[1.0, 2.0] is not one value\nvalues of CheckoutSuccess\n"
    )


def test_an_unknown_name_shows_the_nearest():
    assert failure(Measurements(lambda: [SECOND]), "checkout_success") == (
        "[] is not one value\n"
        "values of checkout_success\n"
        "nothing of that name. Did you mean 'CheckoutSuccess'? Recorded were:\n"
        "  CheckoutSuccess{service=checkout, env=test, operation=reserve} = [2.0] None"
    )


def test_nothing_was_recorded():
    assert failure(Measurements(list), "CheckoutSuccess") == (
        "[] is not one value\n"
        "values of CheckoutSuccess\n"
        "no metric was recorded (inside an invocation they are written when it ends)"
    )
