"""Alarms that page on normal or sleep through an incident are refused, with what the series was."""

import pytest

from obskit import kpis
from obskit.backtest.alarms import COMPOSITE_TYPE, METRIC_TYPE, Alarm, read
from obskit.backtest.verdicts import Verdict, judge
from obskit.catalog.model import Metric
from tests.backtest.conftest import properties

CATALOG = {
    ("Shop", metric.name): metric
    for metric in (
        kpis.SEARCH_LATENCY,
        kpis.SEARCH_HIT,
        kpis.CHECKOUT_FAILURE,
        kpis.CHECKOUT_SUCCESS,
        kpis.TYPESENSE_CPU,
        kpis.OUTBOX_AGE,
        kpis.PROBE_FAILURE,
    )
}
ABOVE, BELOW = "GreaterThanThreshold", "LessThanThreshold"


def verdict(metric: Metric | str, stat: str, comparison: str, threshold: float, **changed: object) -> Verdict:
    name = metric if isinstance(metric, str) else metric.name
    kind = "Statistic" if stat[0] != "p" else "ExtendedStatistic"
    given = properties(MetricName=name, ComparisonOperator=comparison, Threshold=threshold)
    given |= {"Statistic": None, kind: stat, **changed}
    (found,) = judge({"errors": read("errors", METRIC_TYPE, given)}, CATALOG)
    return found


@pytest.mark.parametrize(
    ("metric", "stat", "comparison", "threshold", "changed"),
    [
        (kpis.SEARCH_LATENCY, "p95", ABOVE, 300, {}),
        (kpis.SEARCH_LATENCY, "p95", ABOVE, 500, {"EvaluateLowSampleCountPercentile": "ignore"}),
        (kpis.SEARCH_LATENCY, "p99", ABOVE, 2000, {}),  # the objective says p95
        (kpis.SEARCH_HIT, "Average", BELOW, 0.9, {"Period": 300}),
        (kpis.CHECKOUT_FAILURE, "Sum", "GreaterThanOrEqualToThreshold", 1, {"TreatMissingData": "notBreaching"}),
        (kpis.CHECKOUT_SUCCESS, "Sum", BELOW, 1, {"Period": 900, "TreatMissingData": "breaching"}),
        (kpis.TYPESENSE_CPU, "Maximum", ABOVE, 80, {}),
        (kpis.TYPESENSE_CPU, "Maximum", ABOVE, 95, {}),
        (kpis.OUTBOX_AGE, "Maximum", ABOVE, 60, {"TreatMissingData": "breaching"}),
        (kpis.PROBE_FAILURE, "Sum", ABOVE, 0, {"TreatMissingData": "notBreaching"}),
        ("Errors", "Sum", ABOVE, 0, {"Period": 10}),
        ("CPUUtilization", "Average", ABOVE, 90, {"Period": 86_400, "EvaluationPeriods": 2}),
        ("FreeStorageSpace", "Minimum", BELOW, 1e9, {}),
    ],
)
def test_sound_alarms_have_no_fault(metric, stat, comparison, threshold, changed):
    assert Verdict("errors", "OK", "ALARM", ()) == verdict(metric, stat, comparison, threshold, **changed)


@pytest.mark.parametrize(
    ("case", "fault"),
    [
        (
            (kpis.SEARCH_LATENCY, "p95", ABOVE, 100),
            (
                "pages while all is well: SearchLatency (p95 of 1 min) (objective: p95 at most 300 ms), and 4 of 4 data"
                " points are > 100: 169.5, none, 131.266, 130.383, 163.307"
            ),
        ),
        (
            (kpis.SEARCH_LATENCY, "p95", ABOVE, 3000),
            (
                "sleeps through an incident: SearchLatency (p95 of 1 min) is 600 for 8 min (objective: p95 at most 300"
                " ms); it fires at > 3000 in 3 of 3 periods of 1 min, and missing data is 'missing'"
            ),
        ),
        (
            (kpis.TYPESENSE_CPU, "Maximum", ABOVE, 100),
            (
                "sleeps through an incident: TypesenseCpu (Maximum of 1 min) is 97 for 8 min (objective: at most 80 %);"
                " it fires at > 100 in 3 of 3 periods of 1 min, and missing data is 'missing'"
            ),
        ),
        (
            ("CPUUtilization", "Average", ABOVE, 100),
            (
                "sleeps through an incident: CPUUtilization (Average of 1 min) is 100 for 8 min (drawn from the"
                " threshold: > 100); it fires at > 100 in 3 of 3 periods of 1 min, and missing data is 'missing'"
            ),
        ),
        (
            ("Errors", "Sum", BELOW, 0),
            (
                "sleeps through an incident: Errors (Sum of 1 min) is without data for 8 min (drawn from the"
                " threshold: < 0); it fires at < 0 in 3 of 3 periods of 1 min, and missing data is 'missing'"
            ),
        ),
    ],
)
def test_a_threshold_on_the_wrong_side_of_the_objective(case, fault):
    found = verdict(*case)

    assert (fault,) == found.faults


def test_silence_that_counts_as_good_is_slept_through():
    found = verdict(kpis.CHECKOUT_SUCCESS, "Sum", BELOW, 1, Period=900, TreatMissingData="notBreaching")

    (fault,) = found.faults
    assert fault == (
        "sleeps through an incident: CheckoutSuccess (Sum of 15 min) is without data for 2 h (objective: at least 1 an"
        " hour, day and night); it fires at < 1 in 3 of 3 periods of 15 min, and missing data is 'notBreaching'"
        "; with 'breaching' it would fire"
    )


def test_no_errors_that_count_as_bad_page_all_night():
    found = verdict(kpis.CHECKOUT_FAILURE, "Sum", ABOVE, 3, TreatMissingData="breaching")

    (fault,) = found.faults
    assert fault.startswith(
        "pages while all is well: CheckoutFailure (Sum of 1 min) (drawn from the threshold: > 3), and"
    )
    assert "missing (breaching): none" in fault


def test_what_no_one_hears_of_has_no_fault():
    assert () == verdict(kpis.SEARCH_LATENCY, "p95", ABOVE, 3000, AlarmActions=[]).faults
    assert () == verdict(kpis.SEARCH_LATENCY, "p95", ABOVE, 3000, ActionsEnabled=False).faults


def query(name: str, metric: str, stat: str = "Sum") -> dict[str, object]:
    read = {"Metric": {"Namespace": "Shop", "MetricName": metric}, "Period": 60, "Stat": stat}
    return {"Id": name, "MetricStat": read, "ReturnData": False}


def expression(text: str, threshold: float, *queries: dict[str, object], **changed: object) -> Alarm:
    given = properties(Threshold=threshold, Metrics=[*queries, {"Id": "e", "Expression": text}], **changed)
    for key in ("MetricName", "Namespace", "Statistic", "Period"):
        del given[key]
    return read("errors", METRIC_TYPE, given)


BAD, GOOD = query("bad", "CheckoutFailure"), query("good", "CheckoutSuccess")
RATIO = "IF(FILL(bad, 0) + FILL(good, 0) >= 20, 100 * FILL(bad, 0) / (FILL(bad, 0) + FILL(good, 0)), 0)"


@pytest.mark.parametrize(
    "alarm",
    [
        expression(RATIO, 5, BAD, GOOD),
        expression(RATIO, 1.44, BAD, GOOD),
        expression("FILL(good, 0)", 1, GOOD, ComparisonOperator=BELOW),
        expression("DIFF(m)", 1, query("m", "QueueLength", "Maximum")),
        expression("RATE(m)", 0.01, query("m", "Size", "Maximum")),
        expression("good", 5000, GOOD),
        expression("100 * bad / FILL(all, 0)", 14.4, BAD, query("all", "CheckoutFailure", "SampleCount")),
        expression("FILL(a, 0) + FILL(b, 0)", 0, query("a", "Timeouts"), query("b", "OutOfMemoryErrors")),
        expression(
            "DIFF(m)", 5000, query("m", "BlockedRequests"), EvaluationPeriods=1, TreatMissingData="notBreaching"
        ),
        expression("FILL(good, 0)", 5000, GOOD, ComparisonOperator=BELOW),
    ],
)
def test_sound_expressions_have_no_fault(alarm):
    assert [Verdict("errors", "OK", "ALARM", ())] == judge({"errors": alarm}, CATALOG)


def test_an_expression_that_cannot_fire():
    (found,) = judge({"errors": expression(RATIO, 101, BAD, GOOD)}, CATALOG)

    (fault,) = found.faults
    assert fault.startswith(
        f"sleeps through every incident: {RATIO} was, for 8 min each, with half as many failures as the rest: 29.5858"
        " to 37.594; "
    )
    assert fault.endswith("it fires at > 101 in 3 of 3 periods of 1 min, and missing data is 'missing'")


def test_a_missing_part_that_pages():
    """A ratio without FILL has no value while nothing fails: with `breaching` that is an alarm."""
    alarm = expression("IF(bad > 0, bad / good, bad)", 0.5, BAD, GOOD, TreatMissingData="breaching")

    (found,) = judge({"errors": alarm}, CATALOG)

    assert found.faults[0].startswith(
        "pages while all is well: IF(bad > 0, bad / good, bad) (bad: next to none of 1000"
    )


@pytest.mark.parametrize(
    ("metric", "comparison"),
    [("CheckoutSuccess", "LessThanLowerThreshold"), ("4XXError", "GreaterThanUpperThreshold")],
)
def test_a_band_is_tried_on_incidents_only(metric, comparison):
    given = properties(
        Metrics=[query("m", metric), {"Id": "ad", "Expression": "ANOMALY_DETECTION_BAND(m, 2)"}],
        ThresholdMetricId="ad",
        ComparisonOperator=comparison,
    )
    for key in ("MetricName", "Namespace", "Statistic", "Period", "Threshold"):
        del given[key]

    assert [()] == [one.faults for one in judge({"errors": read("errors", METRIC_TYPE, given)}, CATALOG)]


def composed(rule: str, **alarms: Alarm) -> tuple[str, ...]:
    both = read("both", COMPOSITE_TYPE, {"AlarmRule": rule, "AlarmActions": ["x"]})
    return judge({**alarms, "both": both}, CATALOG)[-1].faults


def quiet(threshold: float, comparison: str = ABOVE) -> Alarm:
    return read(
        "x",
        METRIC_TYPE,
        properties(MetricName="CheckoutFailure", Threshold=threshold, AlarmActions=[], ComparisonOperator=comparison),
    )


def test_composites_are_judged_by_the_alarms_in_their_rule():
    good = quiet(5)
    always = read("x", METRIC_TYPE, properties(MetricName="CheckoutSuccess", Threshold=-1))
    never = read("x", METRIC_TYPE, properties(MetricName="CPUUtilization", Statistic="Average", Threshold=100))

    assert () == composed("ALARM(a) AND ALARM(b)", a=good, b=good)
    assert () == composed("ALARM(a) AND NOT ALARM(b)", a=good, b=good)
    assert () == composed("AT_LEAST(50%, ALARM, (a, b))", a=good, b=never)
    assert ("sleeps through every incident: its rule does not hold with 'a' in ALARM, 'b' in OK",) == composed(
        "ALARM(a) AND ALARM(b)", a=good, b=never
    )
    assert ("pages while all is well: its rule holds with 'a' in ALARM",) == composed("ALARM(a)", a=always)
    assert ("pages while all is well: its rule holds with no alarm at all",) == composed("TRUE")


def test_verdicts_are_the_same_every_time_and_kept_for_alarms_that_differ_in_name():
    known: dict[object, Verdict] = {}
    one = {"a": quiet(5), "b": quiet(5), "c": quiet(6)}

    assert judge(one, CATALOG) == judge(one, CATALOG, known)
    assert 2 == len(known)
