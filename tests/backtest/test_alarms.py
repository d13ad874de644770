"""Alarms of a template: by name or logical id, with parameters, and one problem for each that has no meaning here."""

from obskit.backtest.alarms import CompositeAlarm, MetricAlarm, read_template
from tests.backtest.conftest import properties

METRIC, COMPOSITE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"


def test_a_parameter_stands_for_its_default():
    """The standby region's actions are off by one; a version is known when it is deployed."""
    version = {"Name": "ExecutedVersion", "Value": {"Ref": "Version"}}
    standing_by = properties(ActionsEnabled={"Ref": "Actions"}, Threshold={"Ref": "Limit"}, Dimensions=[version])
    parameters = {
        "Actions": {"Type": "String", "Default": "false"},
        "Limit": {"Type": "Number", "Default": 7},
        "Version": {"Type": "String"},
    }

    alarms, problems = read_template(
        {"Parameters": parameters, "Resources": {"A": {"Type": METRIC, "Properties": standing_by}}}
    )

    (found,) = alarms.values()
    assert isinstance(found, MetricAlarm)
    assert (False, 7.0, []) == (found.acts, found.threshold, problems)
    assert frozenset({("ExecutedVersion", "{'Ref': 'Version'}")}) == found.reads["m1"].metric.dimensions


def test_alarms_without_a_name_are_called_by_their_id():
    unnamed = {key: value for key, value in properties().items() if key != "AlarmName"}
    rule = {"AlarmRule": {"Fn::Sub": "ALARM(${Errors.Arn})"}, "AlarmName": {"Fn::Sub": "${AWS::Region}-both"}}
    resources = {"Errors": {"Type": METRIC, "Properties": unnamed}, "Both": {"Type": COMPOSITE, "Properties": rule}}

    alarms, problems = read_template({"Resources": resources})

    assert ({"Errors", "Both"}, []) == (set(alarms), problems)
    assert isinstance(alarms["Both"], CompositeAlarm)
    assert ("ALARM", "Errors") == alarms["Both"].rule


def test_what_is_no_alarm_is_passed_over_and_what_is_broken_is_named():
    resources = {
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Odd": "text",
        "Empty": {"Type": METRIC},
        "Mixed": {"Type": METRIC, "Properties": {**properties(AlarmName="mixed"), "Period": 90}},
    }

    assert (
        {},
        ["Empty: has no ComparisonOperator", "mixed: Period is 90; it is 10, 20, 30 or a multiple of 60"],
    ) == read_template({"Resources": resources})
    assert ({}, []) == read_template({"Resources": []})
    assert ({}, []) == read_template({})


def test_severity_is_what_the_description_says():
    found, _ = read_template(
        {
            "Resources": {
                "A": {"Type": METRIC, "Properties": properties(AlarmDescription="Bad.\nseverity: page\nowner: a")}
            }
        }
    )

    assert "page" == found["errors"].severity
