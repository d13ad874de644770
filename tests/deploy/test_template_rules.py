"""Templates: a sound one passes, and each fault is found where it is."""

import json
from typing import Any

import pytest

from obskit.deploy.rules import logs, subscriptions, template
from tests.deploy.mutants import GONE, mutant, spoilt_everywhere

DESCRIPTION = "Bad.\nrunbook: https://runbooks.example/a.md"
ALARM: dict[str, Any] = {
    "AlarmName": "shop-a",
    "AlarmDescription": DESCRIPTION,
    "AlarmActions": [{"Ref": "Topic"}],
    "OKActions": [{"Ref": "Topic"}],
    "MetricName": "CheckoutLatency",
    "Namespace": "Shop",
    "Dimensions": [{"Name": "service", "Value": "checkout"}],
    "Period": 60,
    "EvaluationPeriods": 5,
    "DatapointsToAlarm": 3,
    "Threshold": 1500,
    "ComparisonOperator": "GreaterThanThreshold",
    "ExtendedStatistic": "p95",
    "TreatMissingData": "notBreaching",
}
SOUND: dict[str, Any] = {
    "Resources": {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": "alias/shop"}},
        "Quiet": {"Type": "AWS::SNS::Topic", "Properties": {}},
        "Subscription": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "https", "Endpoint": "https://x.example"},
        },
        "A": {"Type": "AWS::CloudWatch::Alarm", "Properties": ALARM},
        "B": {"Type": "AWS::CloudWatch::Alarm", "Properties": {**ALARM, "AlarmName": {"Fn::Sub": "${Env}-b"}}},
        "D": {
            "Type": "AWS::CloudWatch::Dashboard",
            "Properties": {"DashboardName": "d", "DashboardBody": json.dumps({"widgets": []})},
        },
    }
}
A = "/Resources/A/Properties"
P = "/Properties"
"""Where a problem of a resource stands."""


def found(document: object) -> list[tuple[str, str, str]]:
    return [(p.path, p.rule, p.severity) for p in template.check("t", document)]


def test_a_sound_template_has_no_problem():
    assert [] == template.check("t", SOUND)


@pytest.mark.parametrize(
    ("key", "value", "where", "rule"),
    [
        ("AlarmName", "", "/AlarmName", "length"),
        ("AlarmName", "shop-ä", "/AlarmName", "ascii"),
        ("AlarmDescription", "Bad.", "/AlarmDescription", "runbook"),
        ("AlarmDescription", GONE, "/AlarmDescription", "runbook"),
        ("OKActions", GONE, "/OKActions", "ok-actions"),
        ("OKActions", [], "/OKActions", "ok-actions"),
        ("OKActions", [{"Ref": "Quiet"}], "/OKActions", "ok-actions"),
        ("InsufficientDataActions", "arn", "/InsufficientDataActions", "type"),
        ("MetricName", GONE, "", "one-source"),
        ("Metrics", [{"Id": "e1", "Expression": "TIME_SERIES(1)"}], "", "one-source"),
        ("Namespace", GONE, "", "required"),
        ("Period", GONE, "", "required"),
        ("Period", 45, "/Period", "period"),
        ("Period", 90, "/Period", "period"),
        ("Period", 0, "/Period", "range"),
        ("Period", "sixty", "/Period", "type"),
        ("EvaluationPeriods", GONE, "", "required"),
        ("EvaluationPeriods", 2, "/DatapointsToAlarm", "m-of-n"),
        ("DatapointsToAlarm", 6, "/DatapointsToAlarm", "m-of-n"),
        ("DatapointsToAlarm", 0, "/DatapointsToAlarm", "range"),
        ("Threshold", GONE, "", "threshold"),
        ("Threshold", "high", "/Threshold", "type"),
        ("ThresholdMetricId", "band", "", "threshold"),
        ("ComparisonOperator", GONE, "", "required"),
        ("ComparisonOperator", "GreaterThan", "/ComparisonOperator", "enum"),
        ("Statistic", "Sum", "", "one-statistic"),
        ("ExtendedStatistic", GONE, "", "one-statistic"),
        ("ExtendedStatistic", "p101", "/ExtendedStatistic", "form"),
        ("ExtendedStatistic", "95", "/ExtendedStatistic", "form"),
        ("ExtendedStatistic", "Sum", "/ExtendedStatistic", "form"),
        ("TreatMissingData", "notbreaching", "/TreatMissingData", "enum"),
        ("TreatMissingData", "missing", "/TreatMissingData", "missing-data"),
        ("Dimensions", [{"Name": "service"}], "/Dimensions/0", "required"),
        ("Dimensions", [{"Name": "service", "Value": ""}], "/Dimensions/0/Value", "length"),
        ("Tags", [{"Key": "owner", "Value": ""}], "/Tags/0/Value", "length"),
    ],
)
def test_one_fault_of_an_alarm_is_found_where_it_is(key: str, value: object, where: str, rule: str):
    assert (P + where, rule, "error") in found(mutant(SOUND, f"{A}/{key}", value))
    assert 1 == len(found(mutant(SOUND, f"{A}/{key}", value)))


def dimensions(count: int) -> list[dict[str, str]]:
    return [{"Name": f"n{number}", "Value": "v"} for number in range(count)]


@pytest.mark.parametrize(
    ("key", "at", "beyond", "where"),
    [
        ("AlarmName", "a" * 255, "a" * 256, "/AlarmName"),
        ("AlarmDescription", DESCRIPTION.rjust(1024), DESCRIPTION.rjust(1025), "/AlarmDescription"),
        ("InsufficientDataActions", ["arn:a"] * 5, ["arn:a"] * 6, "/InsufficientDataActions"),
        ("DatapointsToAlarm", 5, 6, "/DatapointsToAlarm"),
        ("EvaluationPeriods", 86_400 // 60, 86_400 // 60 + 1, "/EvaluationPeriods"),
        ("ExtendedStatistic", "p100", "p100.1", "/ExtendedStatistic"),
        ("Dimensions", dimensions(30), dimensions(31), "/Dimensions"),
        ("Dimensions", [{"Name": "n" * 255, "Value": "v"}], [{"Name": "n" * 256, "Value": "v"}], "/Dimensions/0/Name"),
        ("Tags", [{"Key": "k", "Value": "v" * 256}], [{"Key": "k", "Value": "v" * 257}], "/Tags/0/Value"),
    ],
)
def test_a_limit_of_an_alarm_holds_at_it_and_not_one_past_it(key: str, at: object, beyond: object, where: str):
    assert [] == found(mutant(SOUND, f"{A}/{key}", at))
    assert [P + where] == [path for path, _, _ in found(mutant(SOUND, f"{A}/{key}", beyond))]


@pytest.mark.parametrize("period", [10, 20, 30, 60, 120, 3600, 86_400])
def test_periods_of_cloudwatch_are_taken(period: int):
    assert [] == found(mutant(mutant(SOUND, f"{A}/Period", period), f"{A}/EvaluationPeriods", 3))


@pytest.mark.parametrize(("periods", "good"), [(168, True), (169, False)])
def test_an_hourly_alarm_looks_back_a_week(periods: int, *, good: bool):
    """PutMetricAlarm: Period * EvaluationPeriods is at most a day, or a week from an hour on."""
    document = mutant(mutant(SOUND, f"{A}/Period", 3600), f"{A}/EvaluationPeriods", periods)

    assert good == (found(document) == [])


def test_a_period_of_more_than_a_day_is_warned_about():
    document = mutant(mutant(SOUND, f"{A}/Period", 86_460), f"{A}/EvaluationPeriods", 3)

    assert [(f"{P}/Period", "long-period", "warning")] == found(document)


def test_metrics_of_aws_have_no_seconds():
    document = mutant(mutant(SOUND, f"{A}/Period", 10), f"{A}/Namespace", "AWS/SQS")
    document = mutant(document, f"{A}/MetricName", "NumberOfMessagesSent")
    document = mutant(document, f"{A}/Dimensions/0/Name", "QueueName")

    assert [(f"{P}/Period", "high-resolution", "error")] == found(document)


@pytest.mark.parametrize("key", ["OKActions", "AlarmDescription"])
def test_an_alarm_that_reaches_nobody_is_only_warned_about(key: str):
    document = mutant(SOUND, f"{A}/{key}", GONE)
    document["Resources"]["A"]["Properties"]["AlarmActions"] = [{"Ref": "Quiet"}]

    assert {"warning"} == {severity for _, _, severity in found(document)}


def test_missing_data_is_decided():
    assert [(P, "missing-data", "warning")] == found(mutant(SOUND, f"{A}/TreatMissingData", GONE))


@pytest.mark.parametrize("value", [{"Ref": "X"}, {"Fn::Sub": "${X}"}, {"Fn::GetAtt": ["X", "Arn"]}])
def test_what_only_cloudformation_knows_is_passed_over(value: object):
    assert [] == found(mutant(SOUND, f"{A}/MetricName", value))
    assert [] == found(mutant(SOUND, "/Resources/D/Properties/DashboardBody", value))


@pytest.mark.parametrize(
    ("path", "value", "where", "rule"),
    [
        ("/Resources/B/Properties/AlarmName", "shop-a", "/Properties/AlarmName", "name-twice"),
        (
            "/Resources/Topic/Properties/KmsMasterKeyId",
            "alias/aws/sns",
            "/Properties/KmsMasterKeyId",
            "topic-key",
        ),
        (
            "/Resources/Subscription/Properties/Endpoint",
            "https://x/{{resolve:ssm-secure:k:1}}",
            "/Properties/Endpoint",
            "dynamic-reference",
        ),
        ("/Resources", [], "/Resources", "type"),
    ],
)
def test_rules_between_resources(path: str, value: object, where: str, rule: str):
    assert [(where, rule, "error")] == found(mutant(SOUND, path, value))


@pytest.mark.parametrize(("body", "rule"), [("{", "json"), (5, "type"), ('{"widgets": 1}', "type")])
def test_a_dashboard_in_a_template_is_checked(body: object, rule: str):
    problems = template.check("t", mutant(SOUND, "/Resources/D/Properties/DashboardBody", body))

    assert [("t", "D", rule)] == [(p.file, p.resource, p.rule) for p in problems]


def many(count: int) -> dict[str, Any]:
    return {"Resources": {f"R{i}": {"Type": "X"} for i in range(count)}}


def sized(size: int) -> dict[str, Any]:
    empty = {"Description": "", "Resources": {}}
    return {"Description": "x" * (size - len(json.dumps(empty, separators=(",", ":")))), "Resources": {}}


def references(count: int) -> dict[str, Any]:
    return {"Description": "{{resolve:x}}" * count, "Resources": {}}


@pytest.mark.parametrize(
    ("at", "beyond", "rule", "severity"),
    [
        (many(500), many(501), "resources", "error"),
        (sized(51_200), sized(51_201), "template-size", "note"),
        (references(60), references(61), "dynamic-references", "error"),
    ],
)
def test_a_limit_holds_at_it_and_not_one_past_it(at: object, beyond: object, rule: str, severity: str):
    assert [] == found(at)
    assert [(rule, severity)] == [(rule, severity) for _, rule, severity in found(beyond)]


@pytest.mark.parametrize(("size", "severity"), [(1_000_000, "note"), (1_000_001, "error")])
def test_a_template_from_s3_has_a_limit_too(size: int, severity: str):
    assert [("", "template-size", severity)] == found(sized(size))


def test_anything_at_all_can_be_checked():
    """A hand-written file may hold any JSON anywhere; it gets problems, not a traceback."""
    small = {"Resources": {name: SOUND["Resources"][name] for name in ("Topic", "Subscription", "A", "D")}}

    for document in spoilt_everywhere(small):
        assert isinstance(found(document), list)


@pytest.mark.parametrize(
    "statistic",
    ["TM(10%:90%)", "TM(:95%)", "TC(5%:)", "TS(150:1000)", "WM(0%:100%)", "PR(:300)", "PR(-1.5:2)", "TM(150:90%)"],
)
def test_the_bounds_of_a_statistic_are_read(statistic: str):
    """CloudWatch user guide, "CloudWatch statistics definitions"; what no page rules out is passed."""
    assert [] == found(mutant(SOUND, f"{A}/ExtendedStatistic", statistic))


@pytest.mark.parametrize(
    ("statistic", "words"),
    [
        ("TM(90%:10%)", "the lower bound 90% is not below the upper one, 10%"),
        ("TM(1000:150)", "the lower bound 1000 is not below the upper one, 150"),
        ("PR(300:300)", "the lower bound 300 is not below the upper one, 300"),
        ("WM(:)", "has no bound; give one or both, as in TM(10%:90%), TM(:95%)"),
        ("TC(a:b)", "a bound is a number, or a number and %, as in TM(10%:90%), PR(100:2000)"),
        ("TS(10%:101%)", "101% is no percentage from 0% to 100%"),
        ("TS(-1%:90%)", "-1% is no percentage from 0% to 100%"),
        ("PR(10%:90%)", "the bounds of PR are values of the metric, as in PR(100:2000), no percentages"),
    ],
)
def test_bounds_of_a_statistic_that_say_nothing_are_told(statistic: str, words: str):
    document = mutant(SOUND, f"{A}/ExtendedStatistic", statistic)

    assert [f'"{statistic}": {words}'] == [one.message for one in template.check("t", document)]


def healthy(wait: int) -> dict[str, object]:
    counts = {"numRetries": 60, "numNoDelayRetries": 3, "numMaxDelayRetries": 35}
    return {"healthyRetryPolicy": {**counts, "minDelayTarget": 1, "maxDelayTarget": wait}}


@pytest.mark.parametrize(("wait", "rules"), [(102, []), (103, ["retry-time"])])
@pytest.mark.parametrize("form", [dict, json.dumps], ids=["object", "text"])
def test_the_retries_of_a_subscription_end_within_an_hour(wait: int, rules: list[str], form):
    """SNS developer guide: 22 waits of a second and 35 of 102 are 3,592 seconds."""
    given = {"Protocol": "https", "Endpoint": "https://a.example/", "DeliveryPolicy": form(healthy(wait))}

    assert rules == [fault.rule for fault in subscriptions.check(given)]


def test_a_namespace_of_aws_is_no_place_for_a_filter_s_metric():
    made = {"MetricName": "Errors", "MetricNamespace": "AWS/Lambda", "MetricValue": "1"}
    given = {"LogGroupName": "g", "FilterPattern": "", "MetricTransformations": [made]}

    found = [(fault.path, fault.rule, fault.severity) for fault in logs.metric_filter(given)]

    assert [("/MetricTransformations/0/MetricNamespace", "filter-namespace", "warning")] == found


@pytest.mark.parametrize(
    ("key", "value", "nearest"),
    [
        ("ComparisonOperator", "greaterthanthreshold", "GreaterThanThreshold"),
        ("ComparisonOperator", "LESS_THAN_OR_EQUAL_TO_THRESHOLD", "LessThanOrEqualToThreshold"),
        ("TreatMissingData", "NOT_BREACHING", "notBreaching"),
        ("Unit", "MILLISECONDS", "Milliseconds"),
        ("EvaluateLowSampleCountPercentile", "IGNORE", "ignore"),
    ],
)
def test_a_word_in_another_case_is_an_error_that_names_the_right_one(key: str, value: str, nearest: str):
    (one,) = (one for one in template.check("t", mutant(SOUND, f"{A}/{key}", value)) if one.rule == "enum")

    assert one.message.endswith(f" Did you mean '{nearest}'?")
