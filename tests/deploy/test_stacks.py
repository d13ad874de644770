"""A template that is too large becomes several, and nothing of it is lost."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from obskit.deploy import stacks

Json = dict[str, Any]
REGION, ACCOUNT = "us-east-1", "111111111111"
TOPIC: Json = {
    "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "shop-page"}},
    "TopicPolicy": {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": [{"Ref": "Topic"}]}},
}


def alarm(number: int) -> Json:
    properties = {"AlarmName": f"a{number}", "AlarmActions": [{"Ref": "Topic"}], "ActionsEnabled": {"Ref": "Enabled"}}
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}


def template(count: int, **more: Json) -> Json:
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Alarms",
        "Parameters": {"Enabled": {"Type": "String"}, "Other": {"Type": "String"}},
        "Resources": {**TOPIC, **{f"A{number}": alarm(number) for number in range(count)}, **more},
        "Outputs": {"Last": {"Value": {"Fn::GetAtt": [f"A{count - 1}", "Arn"]}}},
    }


def test_what_fits_stays_one():
    whole = template(3)

    assert [whole] == stacks.split(whole, REGION, ACCOUNT)


def test_a_topic_is_spoken_to_by_its_arn_from_another_stack():
    first, second = stacks.split(template(4), REGION, ACCOUNT, most=4)

    assert {"Topic", "TopicPolicy", "A0", "A1"} == set(first["Resources"])
    assert [{"Ref": "Topic"}] == first["Resources"]["A1"]["Properties"]["AlarmActions"]
    assert {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Alarms (stack 2)",
        "Parameters": {"Enabled": {"Type": "String"}},
        "Resources": {
            f"A{number}": {
                "Type": "AWS::CloudWatch::Alarm",
                "Properties": {
                    "AlarmName": f"a{number}",
                    "AlarmActions": ["arn:aws:sns:us-east-1:111111111111:shop-page"],
                    "ActionsEnabled": {"Ref": "Enabled"},
                },
            }
            for number in (2, 3)
        },
        "Outputs": {"Last": {"Value": {"Fn::GetAtt": ["A3", "Arn"]}}},
    } == second


def test_a_composite_comes_after_what_it_reads():
    """Also where it stands before it; in the same stack CloudFormation is told so, in a later one it is so."""
    rule = {"Type": "AWS::CloudWatch::CompositeAlarm", "DependsOn": ["A0", "A3"], "Properties": {"AlarmName": "c"}}
    whole = template(4)
    whole["Resources"] = {"C": rule, **whole["Resources"]}

    parts = stacks.split(whole, REGION, ACCOUNT, most=3)
    place = {name: number for number, part in enumerate(parts) for name in part["Resources"]}

    assert place["C"] >= max(place["A0"], place["A3"])
    left = parts[place["C"]]["Resources"]["C"].get("DependsOn", [])
    assert [name for name in ("A0", "A3") if place[name] == place["C"]] == left


def test_bytes_count_too():
    """A dashboard's body is the largest thing there is."""
    board = {"Type": "AWS::CloudWatch::Dashboard", "Properties": {"DashboardBody": "x" * 600_000}}

    parts = stacks.split(template(2, D1=board, D2=board), REGION, ACCOUNT)

    assert 2 == len(parts)
    assert all(stacks.bytes_of(part) < 1_000_000 for part in parts)


@given(st.integers(1, 30), st.integers(3, 12), st.randoms())
def test_nothing_is_lost_and_nothing_points_nowhere(count: int, most: int, random: Any):
    """Each resource is in one stack; what a stack names is in it."""
    whole = template(count)
    names = list(whole["Resources"])
    random.shuffle(names)
    whole["Resources"] = {name: whole["Resources"][name] for name in names}

    parts = stacks.split(whole, REGION, ACCOUNT, most=most)

    assert sorted(names) == sorted(name for part in parts for name in part["Resources"])
    assert {"Last"} == {name for part in parts for name in part.get("Outputs", {})}
    for part in parts:
        assert len(part["Resources"]) <= most
        there = {*part["Resources"], *part.get("Parameters", {})}
        text = json.dumps({key: value for key, value in part.items() if key != "DependsOn"})
        assert {name for name in ("Topic", "Enabled") if f'"Ref": "{name}"' in text} <= there
