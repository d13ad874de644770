"""Measured data becomes series: exports by their ids, values of EMF and CSV, and what does not fit is named."""

import csv
import io
import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obskit.backtest.recorded import Recording, chunk, queries, query_id, reads, seconds
from obskit.backtest.series import DataError, Series
from tests.backtest.conftest import ERRORS, START, alarm, column, series

LATENCY = alarm(Statistic=None, ExtendedStatistic="p95", Period=300)
SUM = alarm()
STAMPS = [datetime.fromtimestamp(START + 60 * number, UTC).isoformat() for number in range(6)]


def shown(found: Series, statistic: str) -> list[float | None]:
    return [None if value != value else value for value in found.columns[statistic]]


def test_queries_ask_for_what_longer_periods_can_be_made_of():
    metric = {"Namespace": "Shop", "MetricName": "Errors", "Dimensions": []}

    assert [
        {"Id": query_id(reads([SUM])[0]), "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}},
        {"Id": query_id(reads([LATENCY])[0]), "MetricStat": {"Metric": metric, "Period": 300, "Stat": "p95"}},
    ] == queries([SUM, LATENCY, alarm(Period=600)])
    assert [10] == [one["MetricStat"]["Period"] for one in queries([alarm(Period=10)])]


def test_an_export_is_known_by_its_ids_whatever_the_order():
    recording = Recording([SUM])
    recording.add_result(query_id(reads([SUM])[0]), "x", chunk(STAMPS[:3], [1, 2, 3]), "a.json")
    recording.add_result(query_id(reads([SUM])[0]), "x", chunk([STAMPS[5], STAMPS[4]], [6, 5]), "page 2")
    recording.add_result("other", "Other", chunk(STAMPS, range(6)), "a.json")

    found = recording.series()[ERRORS]

    assert (START, 60, [1, 2, 3, None, 5, 6]) == (found.start, found.step, shown(found, "Sum"))
    assert 1 == recording.ignored


def test_without_ids_the_label_says_it_where_it_can_be_one_only():
    recording = Recording([SUM])
    recording.add_result("m1", "Errors", chunk(STAMPS, range(6)), "a.json")

    assert [0, 1, 2, 3, 4, 5] == shown(recording.series()[ERRORS], "Sum")
    with pytest.raises(DataError) as raised:
        Recording([SUM, LATENCY]).add_result("m1", "Errors", chunk(STAMPS, range(6)), "a.json")
    assert (
        "a.json: 'Errors' may be 2 different things that are read; ask with the queries of `obskit backtest --queries`,"
        " whose ids say which"
    ) == str(raised.value)


def test_statistics_of_other_periods_stand_beside_each_other():
    recording = Recording([SUM, LATENCY])
    by_sum, by_percentile = reads([SUM, LATENCY])
    recording.add_result(query_id(by_sum), "", chunk(STAMPS, [1] * 6), "a.json")
    recording.add_result(query_id(by_percentile), "", chunk([STAMPS[0], STAMPS[5]], [200, 300]), "a.json")

    found = recording.series()[ERRORS]

    assert [1] * 6 == list(found.points("Sum", 60, 60))
    assert [200, 300] == list(found.pick("p95", 300).points("p95", 300, 300))
    assert found is found.pick("p50", 300)


def test_values_are_folded_by_slot():
    recording = Recording([SUM])
    rows = "timestamp,metric,value,service\n"
    rows += f"{STAMPS[0]},Errors,1,\n{START + 20},Errors,4,\n{(START + 130) * 1000},Errors,2,\n{START},Other,9,\n"
    rows += f"{START},Errors,9,elsewhere\n"  # the alarm's metric has no such dimension
    recording.add_csv(io.StringIO(rows), "a.csv")

    found = recording.series()[ERRORS]

    assert 2 == recording.ignored
    assert {"Sum": [5, None, 2], "SampleCount": [2, None, 1], "Minimum": [1, None, 2], "Maximum": [4, None, 2]} == {
        name: shown(found, name)[:3] for name in ("Sum", "SampleCount", "Minimum", "Maximum")
    }


def test_percentiles_keep_each_value():
    recording = Recording([LATENCY])
    for value in range(1, 21):
        recording.add_datum("Shop", datum(value % 5 * 60, float(value)))
    recording.add_datum("Shop", datum(0, Values=[100.0], Counts=[2.0]))
    recording.add_datum("Elsewhere", datum(0, 1.0))

    points = recording.series()[ERRORS].points("p95", 300, 60)

    assert 100 == points[4]  # 22 values, the 21st
    assert 1 == recording.ignored


def datum(after: int, value: float | None = None, **more: Any) -> dict[str, Any]:
    when = datetime.fromtimestamp(START + after, UTC)
    return {"MetricName": "Errors", "Dimensions": [], "Timestamp": when, "Value": value, **more}


def test_only_the_last_days_are_taken():
    recording = Recording([SUM])
    for day in range(5):
        recording.add_datum("Shop", datum(day * 86_400, 1.0))

    assert START + 2 * 86_400 + 43_200 == recording.series(days=1.5)[ERRORS].start


FAR = "\n".join(["timestamp,metric,value", *(f"{START + day * 86_400},Errors,1" for day in range(0, 4000, 2))])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("time,metric\n", "a.csv: has no column timestamp, value; it needs timestamp, metric, value"),
        (f"timestamp,metric,value\n{START},Errors,many\n", "a.csv:2: could not convert string to float: 'many'"),
        (
            "timestamp,metric,value\nyesterday,Errors,1\n",
            "a.csv:2: 'yesterday' is no time: ISO 8601, or seconds or milliseconds since 1970",
        ),
        (
            "timestamp,metric,value\nnan,Errors,1\n",
            "a.csv:2: 'nan' is no time: ISO 8601, or seconds or milliseconds since 1970",
        ),
        (f"timestamp,metric,value\n{START},Errors,nan\n", "a.csv:2: nan is no value that CloudWatch takes"),
        (FAR, "the data is of more than 1600 days; at most 400 are read"),
    ],
)
def test_a_table_that_cannot_be_read_is_named_with_its_line(text, words):
    with pytest.raises(DataError) as raised:
        Recording([SUM]).add_csv(io.StringIO(text), "a.csv")

    assert words == str(raised.value)


def test_no_data_and_stray_time_stamps_are_said():
    recording = Recording([SUM])
    with pytest.raises(DataError, match="no value in the data belongs to an alarm"):
        recording.series()
    recording.add_datum("Shop", datum(0, 1.0))
    recording.add_datum("Shop", datum(500 * 86_400, 1.0))
    with pytest.raises(DataError, match="the data lies 500 days apart, from 2025-12-01 to 2027-04-15; at most 400"):
        recording.series()


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7200), st.integers(-5, 5)), min_size=1, max_size=30))
def test_folding_day_by_day_is_folding_all(values):
    recording = Recording([SUM])
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(["timestamp", "metric", "value"])
    rows.writerows([START + 86_000 + after, "Errors", value] for after, value in values)
    recording.add_csv(io.StringIO(table.getvalue()), "a.csv")

    found = recording.series()[ERRORS]

    for at in range(found.slots):
        begin = found.start + 60 * at - START - 86_000
        there = [value for after, value in values if begin <= after < begin + 60]
        row = tuple(found.columns[name][at] for name in ("Sum", "SampleCount", "Minimum", "Maximum"))
        assert (row == (sum(there), len(there), min(there), max(there))) if there else all(map(math.isnan, row))


# --- series -----------------------------------------------------------------------------------------------------------


def points(found: Series, statistic: str, period: int) -> list[float | None]:
    return [None if value != value else value for value in found.points(statistic, period, 60)]


VALUES = "1 - 5 2 - - 4"


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        ("Sum", [1, 1, 6, 7, 7, 2, 4]),
        ("SampleCount", [1, 1, 6, 7, 7, 2, 4]),
        ("Maximum", [1, 1, 5, 5, 5, 2, 4]),
        ("Minimum", [1, 1, 1, 2, 2, 2, 4]),
    ],
)
def test_longer_periods_are_made_of_shorter_ones(statistic, expected):
    assert expected == points(series(VALUES, statistic=statistic), statistic, 180)


def test_an_average_needs_sum_and_count():
    both = Series(START, 60, {"Sum": column("6 - 8"), "SampleCount": column("2 - 6")})

    assert [3, 3, 1.75] == points(both, "Average", 180)
    with pytest.raises(DataError, match="Average over 180 s cannot be made of Average over 60 s"):
        points(series(VALUES, statistic="Average"), "Average", 180)
    assert [1, None, 5, 2, None, None, 4] == points(series(VALUES, statistic="Average"), "Average", 60)


def test_slots_that_do_not_fit_are_said():
    with pytest.raises(DataError) as raised:
        series(VALUES, step=300).points("Sum", 60, 60)

    assert "data points every 300 s cannot give periods of 60 s; export them at 60 s" == str(raised.value)


@settings(deadline=None)
@given(st.lists(st.one_of(st.just(math.nan), st.integers(0, 9)), min_size=1, max_size=40), st.integers(1, 7))
def test_windows_are_what_they_hold(values, width):
    found = {
        name: Series(START, 60, {name: column(" ".join("-" if v != v else str(v) for v in values))}) for name in _FOLD
    }

    for name, fold in _FOLD.items():
        windows = [[v for v in values[max(0, end - width) : end] if v == v] for end in range(1, len(values) + 1)]
        assert [fold(window) if window else None for window in windows] == points(found[name], name, 60 * width)


_FOLD = {"Sum": sum, "Maximum": max, "Minimum": min}


@pytest.mark.parametrize("stamp", ["2025-12-01T00:00:00Z", "2025-12-01 00:00:00", "2025-12-01T01:00:00+01:00"])
def test_times_are_in_utc_unless_they_say_otherwise(stamp):
    assert START == seconds(stamp)
