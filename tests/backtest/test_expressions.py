"""Metric math: the guide's examples, what a missing value is, and what cannot be evaluated."""

from array import array

import pytest

from obskit.backtest.expressions import ExpressionError, Inputs, evaluate, parse
from tests.backtest.conftest import column


def value(text: str, phases: int = 1, **columns: str) -> str:
    """Evaluate *text* over *columns*, in words."""
    read = {name: column(words) for name, words in columns.items()}
    length = len(next(iter(read.values())))
    found = evaluate(parse(text), Inputs(read, tuple(read), 60, phases, length))
    assert isinstance(found, array)
    return " ".join("-" if one != one else f"{one:g}" for one in found)


# CloudWatch user guide, "Using metric math", read 2026-11-24: comparison operators, and IF.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metric1 < metric2", "0 0 1 0"),
        ("metric1 >= 30", "1 0 0 0"),
        ("metric1 > 15 AND metric2 > 15", "1 0 0 0"),
    ],
)
def test_comparisons_of_the_guide(text, expected):
    assert expected == value(text, metric1="30 20 0 0", metric2="20 - 20 -")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IF(metric1, metric2, metric3)", "30 0 20 - -"),
        ("IF(metric1, 5, metric3)", "5 5 20 - -"),
        ("IF(metric1, metric2)", "30 0 - - -"),
        ("IF(metric1, metric2, 5)", "30 0 5 5 5"),
        ("IF(1, metric2, metric3)", "30 - 0 0 30"),
        ("IF(0, metric2, metric3)", "0 0 20 - 20"),
    ],
)
def test_if_by_the_guide(text, expected):
    assert expected == value(text, metric1="1 1 0 0 -", metric2="30 - 0 0 30", metric3="0 0 20 - 20")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b", "3 1 2 -"),
        ("a - b", "-1 1 -2 -"),
        ("b / a", "2 0 - -"),
        ("a / 0", "- - - -"),
        ("-a * 2 + 10", "8 8 - -"),
        ("2 ^ a", "2 2 - -"),
        ("(a + 1) * 3", "6 6 - -"),
        ("1 - 2 - 3 + a", "-3 -3 - -"),
        ("FILL(a, 7)", "1 1 7 7"),
        ("FILL(a, b)", "1 1 2 -"),
        ("FILL(b, REPEAT)", "2 2 2 2"),
        ("SUM([a, b])", "3 1 2 -"),
        ("AVG([a, b])", "1.5 0.5 1 -"),
        ("MIN([a, b])", "1 1 2 -"),
        ("MAX(METRICS())", "2 1 2 -"),
        ('SUM(METRICS("a"))', "1 1 - -"),
        ("STDDEV([a, b])", "0.5 0 0 -"),
        ("a / METRIC_COUNT(METRICS())", "0.5 0.5 - -"),
        ("a / PERIOD(a) * 60", "1 1 - -"),
        ("ABS(a - b)", "1 1 2 -"),
        ("CEIL(b / 4) + FLOOR(b / 4)", "1 - 1 -"),
        ("LAST([a, b])", "2 - 2 -"),
        ("a == 1 || b == 2", "1 1 1 -"),
        ("IF(FILL(b, 0) >= 2, 100 * FILL(a, 0) / b, 0)", "50 0 0 0"),
    ],
)
def test_missing_values(text, expected):
    assert expected == value(text, a="1 1 - -", b="2 - 2 -")


def test_differences_are_to_the_last_point_before():
    assert "- 2 - 6 -1" == value("DIFF(m)", m="1 3 - 9 8")
    assert "- 2 - 3 -1" == value("RATE(m) * 60", m="1 3 - 9 8")


def test_windows_that_overlap_differ_by_whole_periods():
    assert "- - 2 20 2" == value("DIFF(m)", phases=2, m="1 10 3 30 5")
    assert "1 10 1 30 5" == value("FILL(m, REPEAT)", phases=2, m="1 10 - 30 5")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SEARCH('{Shop}', 'Sum')", "SEARCH cannot be evaluated here: alarms cannot use it"),
        ("SELECT AVG(CPU) FROM Shop", "Metrics Insights cannot be evaluated here"),
        ("RUNNING_SUM(a)", "the function RUNNING_SUM cannot be evaluated here (known: ABS, AVG, "),
        ("FIL(a, 0)", "Did you mean 'FILL'?"),
        ("FILL(a)", "'FILL(a)': FILL takes 2 arguments, not 1"),
        ("a +", "'a +': expected a number, an id or a function, found the end"),
        ("a + REPEAT", "'REPEAT' is text; only METRICS and FILL take some"),
        ("[a, b]", "'[a, b]': gives 2 series; an alarm watches one"),
        ("1 + 1", "'1 + 1': gives a single number; an alarm watches a series"),
        ("a / SUM(a)", "SUM of one series is a number over all that CloudWatch fetches"),
        ("[1, a]", "'[1, a]': an array has series, not numbers"),
        ("[a] + [b]", "an operator takes one array of series at most"),
        ('a + "b"', "'b' is text; only METRICS and FILL take some"),
    ],
)
def test_what_cannot_be_evaluated_is_named(text, words):
    with pytest.raises(ExpressionError) as raised:
        value(text, a="1", b="2")

    assert words in str(raised.value)
