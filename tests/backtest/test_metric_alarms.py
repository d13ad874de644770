"""A metric alarm over time: windows that slide, M of N, missing data, percentiles, bands, and a naive peer."""

from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obskit.backtest import bands
from obskit.backtest.alarms import METRIC_TYPE, AlarmError, Metric, read
from obskit.backtest.metric_alarms import Timeline, replay
from obskit.backtest.series import NONE, DataError, Series, from_samples
from obskit.backtest.states import POLICIES, Rules, decide
from tests.backtest.conftest import ERRORS, START, alarm, column, properties, series


def states(line: Timeline, unit: int = 60) -> list[tuple[int, str]]:
    """Return each change as (units since the start, state)."""
    return [((change.time - START) // unit, change.state) for change in line.transitions]


def run(text: str, **changed):
    return replay(alarm(**changed), {ERRORS: series(text)})


def test_it_begins_when_its_range_is_filled_and_changes_with_a_reason():
    line = run("0 0 0 0 0 X X X 0 0 0")

    assert [
        (START + 300, "OK", "0 of 5 data points are > 10: 0, 0, 0, 0, 0"),
        (START + 480, "ALARM", "3 of 5 data points are > 10: 100, 100, 100, 0, 0"),
        (START + 540, "OK", "3 of 5 data points are > 10: 0, 100, 100, 100, 0"),
    ] == list(line.transitions)
    assert (START + 300, START + 660) == (line.start, line.end)
    assert [(time, state) for time, state, _ in line.transitions] == list(line.actions)


def test_two_of_three_fires_sooner_and_lasts_longer():
    text = "0 0 0 0 0 X 0 X 0 0 0"

    assert [(5, "OK")] == states(run(text))
    assert [(5, "OK"), (8, "ALARM"), (9, "OK")] == states(run(text, DatapointsToAlarm=2))


def test_a_sliding_window_of_five_minutes_is_looked_at_every_minute():
    line = run("0 " * 14 + "11 " + "0 " * 10, Period=300, EvaluationPeriods=1)

    assert [(15, "ALARM"), (20, "OK")] == states(line)


def test_a_wall_clock_window_is_looked_at_when_it_ends():
    clock = {"WallClockWindow": {}}
    line = run("0 " * 16 + "11 " + "0 " * 9, Period=300, EvaluationPeriods=1, EvaluationWindow=clock)

    assert [(15, "OK"), (20, "ALARM"), (25, "OK")] == states(line)


def test_wall_clock_windows_begin_at_the_clock():
    data = {ERRORS: Series(START + 120, 60, {"Sum": column("0 " * 16 + "11 " + "0 " * 9)})}

    line = replay(alarm(Period=300, EvaluationPeriods=1, EvaluationWindow={"WallClockWindow": {}}), data)

    assert [(START + 1200, "ALARM"), (START + 1500, "OK")] == [(time, state) for time, state, _ in line.transitions]


def test_more_than_a_day_is_looked_at_every_hour():
    """A daily heartbeat that stops: the range of N + 2 days has to run dry, and an hour may pass until that is seen."""
    data = {ERRORS: Series(START, 60, {"Sum": array("d", ([1.0] + [NONE] * 1439) * 5 + [NONE] * 1440 * 5)})}

    line = replay(
        alarm(
            Period=86_400,
            EvaluationPeriods=2,
            Threshold=1,
            ComparisonOperator="LessThanThreshold",
            TreatMissingData="breaching",
        ),
        data,
    )

    (first, then) = line.transitions
    assert (4 * 24, "OK") == ((first.time - START) // 3600, first.state)
    assert (0, "ALARM") == (then.time % 3600, then.state)
    assert 2 * 86_400 < then.time - (START + 4 * 86_400 + 60) <= 4 * 86_400 + 3600


def test_an_alarm_of_ten_seconds_is_evaluated_every_ten():
    data = {ERRORS: series("0 0 0 X X X 0 0", step=10)}

    assert [(5, "OK"), (6, "ALARM"), (7, "OK")] == states(replay(alarm(Period=10), data), 10)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("missing", [(5, "OK"), (10, "INSUFFICIENT_DATA"), (13, "ALARM")]),
        ("ignore", [(5, "OK")]),
        ("breaching", [(5, "OK"), (10, "ALARM")]),
        ("notBreaching", [(5, "OK")]),
    ],
)
def test_data_that_stops_and_comes_back_bad(policy, expected):
    """The last points stay in the range of 5 when none of the 3 that are evaluated is there any more."""
    assert expected == states(run("0 0 0 0 0 - - - - - X - -", TreatMissingData=policy))


def test_too_few_values_keep_the_state():
    """p99 needs 1,000 values in the periods that are evaluated."""
    few, many = [[500.0] * 10] * 8, [[500.0] * 500] * 4
    data = {ERRORS: from_samples(START, 60, [*few, *many])}
    stat = {"Statistic": None, "ExtendedStatistic": "p99", "Threshold": 400}

    assert [(5, "ALARM")] == states(replay(alarm(**stat), data))
    assert [(10, "ALARM")] == states(replay(alarm(**stat, EvaluateLowSampleCountPercentile="ignore"), data))


def test_too_few_values_cannot_be_seen_without_their_number():
    data = {ERRORS: series("500 " * 8, statistic="p99")}

    line = replay(alarm(Statistic=None, ExtendedStatistic="p99", EvaluateLowSampleCountPercentile="ignore"), data)

    assert [(5, "ALARM")] == states(line)
    assert (
        "EvaluateLowSampleCountPercentile is 'ignore', and the data has no SampleCount: it was evaluated anyway",
    ) == line.notes


def test_an_expression_is_watched():
    total, ratio = Metric("Shop", "Total"), read_ratio()
    data = {ERRORS: series("0 - - 5 5 5 5 - -"), total: series("50 50 50 5 20 20 20 - -")}

    line = replay(ratio, data)

    assert "0 0 0 0 25 25 25 0 0" == " ".join(f"{value:g}" for value in line.points or ())
    assert [(5, "OK"), (7, "ALARM"), (8, "OK")] == states(line)


def read_ratio():
    def query(name, metric):
        stat = {"Metric": {"Namespace": "Shop", "MetricName": metric}, "Period": 60, "Stat": "Sum"}
        return {"Id": name, "MetricStat": stat, "ReturnData": False}

    given = properties()
    for key in ("MetricName", "Namespace", "Statistic", "Period"):
        del given[key]
    rate = {"Id": "rate", "Expression": "IF(FILL(all, 0) >= 20, 100 * FILL(bad, 0) / all, 0)"}
    return read("ratio", METRIC_TYPE, {**given, "Metrics": [query("bad", "Errors"), query("all", "Total"), rate]})


def test_a_band_is_approximated_and_says_so():
    given = properties(
        Metrics=[
            {
                "Id": "m",
                "MetricStat": {"Metric": {"Namespace": "Shop", "MetricName": "Errors"}, "Period": 60, "Stat": "Sum"},
            },
            {"Id": "ad", "Expression": "ANOMALY_DETECTION_BAND(m, 2)"},
        ],
        ThresholdMetricId="ad",
        ComparisonOperator="GreaterThanUpperThreshold",
        EvaluationPeriods=1,
    )
    for key in ("MetricName", "Namespace", "Statistic", "Period", "Threshold"):
        del given[key]
    banded = read("band", METRIC_TYPE, given)
    data = {ERRORS: series("9 11 " * 10 + "30 10 10")}

    line = replay(banded, data)

    assert [(11, "OK"), (21, "ALARM"), (22, "OK")] == states(line)
    assert (bands.NOTE,) == line.notes
    assert "1 of 3 data points are outside of a band of 2 standard deviations: 30, 11, 9" == line.transitions[1].reason


def test_a_warm_up_is_waited_for():
    warm = {"WarmUpPeriodDurationInMinutes": 3, "OnlyStartEvaluatingAfterWarmUpPeriodEnds": True}

    assert [(8, "ALARM")] == states(run("X " * 10, WarmUpConfiguration=warm))


def test_data_that_is_too_short_is_said():
    line = run("0 0 0 0")

    assert [] == states(line)
    assert ("the data is too short: it takes 5 min until the first evaluation",) == line.notes


def test_coarse_data_is_looked_at_as_often_as_it_comes():
    data = {ERRORS: series("0 0 0 X X X 0", step=300)}

    line = replay(alarm(Period=300), data)

    assert [(5, "OK"), (6, "ALARM"), (7, "OK")] == states(line, 300)
    assert ("the data has a point every 300 s: it was evaluated that often, not every 60 s",) == line.notes


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"EvaluationCriteria": {}}, "errors: EvaluationCriteria (PromQL) is not known here"),
        ({"ComparisonOperator": "GreaterThanTreshold"}, "Did you mean 'GreaterThanThreshold'?"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "errors: a band needs ThresholdMetricId"),
        ({"TreatMissingData": "notbreaching"}, "errors: TreatMissingData 'notbreaching'. Did you mean 'notBreaching'?"),
        ({"Period": 45}, "errors: Period is 45; it is 10, 20, 30 or a multiple of 60"),
        ({"EvaluationPeriods": "three"}, "errors: its properties cannot be read"),
        (
            {"EvaluationWindow": {"WallClockWindow": {"Timezone": "Europe/Berlin"}}},
            "errors: a WallClockWindow of Timezone 'Europe/Berlin' is not known here; UTC is",
        ),
    ],
)
def test_what_cannot_be_evaluated_is_named(changed, words):
    with pytest.raises(AlarmError) as raised:
        alarm(**changed)

    assert words in str(raised.value)


def test_data_that_cannot_give_the_statistic_is_named():
    with pytest.raises(DataError) as raised:
        replay(alarm(Statistic=None, ExtendedStatistic="p99", Period=300), {ERRORS: series("1 2 3", statistic="p99")})

    assert (
        "errors: Errors: p99 over 300 s cannot be made of p99 over 60 s; export p99 with a period of 300 s, or take EMF"
        " logs, which have each value"
    ) == str(raised.value)


# --- laws -------------------------------------------------------------------------------------------------------------

WORDS = st.lists(st.sampled_from(["0", "X", "-"]), min_size=1, max_size=60).map(" ".join)
CASES = st.integers(1, 5).flatmap(
    lambda n: st.tuples(WORDS, st.integers(1, n), st.just(n), st.sampled_from(POLICIES), st.sampled_from([60, 180]))
)


def naive(text: str, rules: Rules, period: int) -> list[tuple[int, str]]:
    """At every minute look at all points again, sums taken anew."""
    values = column(text)
    width, fetched = period // 60, rules.fetched
    state, changes = "INSUFFICIENT_DATA", []
    for minute in range(fetched * width, len(values) + 1):
        present = breaching = 0
        for age in range(fetched):
            window = [v for v in values[minute - (age + 1) * width : minute - age * width] if v == v]
            present |= bool(window) << age
            breaching |= (sum(window) > 10) << age
        verdict = decide(rules, present, breaching)
        if verdict not in (None, state):
            state = str(verdict)
            changes.append((minute, state))
    return changes


@settings(deadline=None)
@given(CASES)
def test_sliding_by_bits_is_looking_at_everything_again(case):
    text, needed, periods, policy, period = case

    line = run(text, DatapointsToAlarm=needed, EvaluationPeriods=periods, TreatMissingData=policy, Period=period)

    assert naive(text, Rules(needed, periods, policy), period) == states(line)


@settings(deadline=None)
@given(CASES)
def test_each_change_has_a_reason_and_is_one(case):
    text, needed, periods, policy, period = case

    line = run(text, DatapointsToAlarm=needed, EvaluationPeriods=periods, TreatMissingData=policy, Period=period)

    before = "INSUFFICIENT_DATA"
    for change in line.transitions:
        assert change.reason
        assert before != change.state
        assert line.start <= change.time <= line.end
        assert change.state == line.state_at(change.time)
        before = change.state


@settings(deadline=None)
@given(CASES)
def test_what_never_breaches_never_fires_unless_silence_does(case):
    text, needed, periods, policy, period = case

    line = run(
        text.replace("X", "0"),
        DatapointsToAlarm=needed,
        EvaluationPeriods=periods,
        TreatMissingData=policy,
        Period=period,
    )

    if policy != "breaching":
        assert "ALARM" not in {state for _, state in states(line)}
