"""Metric math over series, by the user guide's words."""

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obskit.backtest import expressions
from obskit.deploy.entries import Entry
from obskit.metric_math import OPERATORS
from obskit.preview.expressions import Band, Named, NotKnownError, Scope, evaluate

TIMES = range(0, 240, 60)
A, B = [1.0, None, 3.0, 4.0], [2.0, 2.0, 0.0, 8.0]


def scope():
    series = {"a": Named(list(A)), "b": Named(list(B)), "all": [Named(list(A), "a"), Named(list(B), "b")]}
    return Scope(TIMES, series, lambda *_: [(Entry(name="found"), list(B))])


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("a", A),
        ("a + b", [3.0, 2.0, 3.0, 12.0]),
        ("b - a", [1.0, 2.0, -3.0, 4.0]),
        ("a * b", [2.0, 0.0, 0.0, 32.0]),
        ("b / a", [2.0, None, 0.0, 2.0]),
        ("a + a", [2.0, None, 6.0, 8.0]),
        ("a + 1", [2.0, None, 4.0, 5.0]),
        ("b > a", [1.0, 1.0, 0.0, 1.0]),
        ("IF(b, a, 7)", [1.0, 0.0, 7.0, 4.0]),
        ("IF(a > 1, b)", [None, None, 0.0, 8.0]),
        ("-b * 2 + 1", [-3.0, -3.0, 1.0, -15.0]),
        ("b ^ 2 / 2", [2.0, 2.0, 0.0, 32.0]),
        ("a / b", [0.5, 0.0, None, 0.5]),
        ("100 * FILL(a, 0) / SUM(b)", [100 / 12, 0.0, 300 / 12, 400 / 12]),
        ("FILL(a, REPEAT)", [1.0, 1.0, 3.0, 4.0]),
        ("FILL(a, LINEAR)", [1.0, 2.0, 3.0, 4.0]),
        ("IF(b > 1, b, 0)", [2.0, 2.0, 0.0, 8.0]),
        ("IF(b > 1 AND b < 5, 1, 0)", [1.0, 1.0, 0.0, 0.0]),
        ("b >= 2 || b == 0", [1.0, 1.0, 1.0, 1.0]),
        ("SUM([a, b])", [3.0, 2.0, 3.0, 12.0]),
        ("AVG(all)", [1.5, 1.0, 1.5, 6.0]),
        ("b - MIN(b)", [2.0, 2.0, 0.0, 8.0]),
        ("ABS(0 - b)", [2.0, 2.0, 0.0, 8.0]),
        ("DIFF(b)", [None, 0.0, -2.0, 8.0]),
        ("RATE(b) * PERIOD(b)", [None, 0.0, -2.0, 8.0]),
        ("RUNNING_SUM(b)", [2.0, 4.0, 4.0, 12.0]),
        ("TIME_SERIES(7)", [7.0] * 4),
        ("3", [3.0] * 4),
        ("MINUTE(a)", [0.0, 1.0, 2.0, 3.0]),
        ("SEARCH('{X} y', 'Sum', 60)", B),
        ("FIRST(SORT(all, MAX, DESC, 1))", [2.0, 2.0, 0.0, 8.0]),
        ("CEIL(b / 3)", [1.0, 1.0, 0.0, 3.0]),
    ],
)
def test_an_expression_is_worked_out(expression, values):
    (found,) = evaluate(expression, scope())

    assert pytest.approx(values) == found.values


POINTS = st.lists(st.none() | st.integers(-3, 3).map(float), min_size=4, max_size=4)
BOTH = [f"{left} {sign} {right}" for sign in OPERATORS for left, right in ("ab", "a2", "2a")]
BOTH += ["-a", "IF(a, b, c)", "IF(a, b)", "IF(a, 5, c)", "IF(a, b, 5)", "IF(a > 0, 1, 0)", "IF(1, a, b)", "IF(0, a, b)"]
BOTH += [f"{name}([a, b, c])" for name in ("AVG", "MAX", "MIN", "STDDEV", "SUM")] + ["FILL(a, 0) / (a + b)"]


@given(st.sampled_from(BOTH), POINTS, POINTS, POINTS)
def test_a_widget_and_an_alarm_make_the_same_of_an_expression(text, a, b, c):
    given_ = {"a": a, "b": b, "c": c}
    columns = {name: array("d", [math.nan if one is None else one for one in each]) for name, each in given_.items()}

    (drawn,) = evaluate(text, Scope(TIMES, {name: Named(each) for name, each in given_.items()}, lambda *_: []))
    counted = expressions.evaluate(expressions.parse(text), expressions.Inputs(columns, ("a", "b", "c"), 60, 1, 4))

    assert pytest.approx([None if math.isnan(one) else one for one in counted]) == drawn.values


def test_several_series_keep_their_names():
    assert ["a", "b"] == [one.label for one in evaluate("all * 2", scope())]
    assert ["a", "b"] == [one.label for one in evaluate("METRICS()", scope())]
    assert ["found"] == [one.label for one in evaluate("SEARCH('x', 'Sum')", scope())]


@pytest.mark.parametrize(("expression", "label"), [("a + b", "a"), ("b + c", "b"), ("c + b", "b"), ("c + c", "")])
def test_what_is_computed_of_two_is_called_after_the_first_that_has_a_name(expression, label):
    series = {"a": Named(list(A), "a"), "b": Named(list(B), "b"), "c": Named(list(B))}

    assert [label] == [one.label for one in evaluate(expression, Scope(TIMES, series, lambda *_: []))]


def test_a_band_lies_about_its_series():
    band = evaluate("ANOMALY_DETECTION_BAND(b, 2)", scope())

    assert isinstance(band, Band)
    assert all(low < high for low, high in zip(band.low, band.high, strict=True))


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("c + 1", "'c' is no id of this widget"),
        ("a +", "expected a number, an id or a function, found the end"),
        ("NEW(a)", "'NEW()' is not known here"),
        ("select avg(x) from y", "a Metrics Insights query"),
        ("FILL(a)", "FILL wants other arguments"),
        ("'text'", "text alone is no series"),
        ("'text' + a", "text or a band has no arithmetic"),
    ],
)
def test_what_is_not_known_is_named(expression, says):
    with pytest.raises(NotKnownError) as caught:
        evaluate(expression, scope())

    assert says == str(caught.value)


WORDS = (
    "a",
    "b",
    "all",
    "(",
    ")",
    "[",
    "]",
    ",",
    "+",
    "/",
    "^",
    "9",
    "IF(",
    "FILL(",
    "SUM(",
    "SORT(",
    "SLICE(",
    "'x'",
    "DESC",
    ">",
)


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_any_words_give_series_or_one_kind_of_error(expression):
    try:
        found = evaluate(expression, scope())
    except NotKnownError:
        return

    assert isinstance(found, Band) or all(len(one.values) == len(TIMES) for one in found)
