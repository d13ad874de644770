"""Templates lose only what the emulator refuses, and it is said."""

from __future__ import annotations

from typing import Any

from obskit.demo.left_out import without_unsupported

ARN = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:"


def template() -> dict[str, Any]:
    return {
        "Parameters": {"Env": {"Type": "String"}},
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Errors": {
                "Type": "AWS::CloudWatch::Alarm",
                "DependsOn": ["Burn", "Topic"],
                "Properties": {"MetricName": "E"},
            },
            "Burn": {
                "Type": "AWS::CloudWatch::Alarm",
                "Properties": {"AlarmName": "burn-rate", "Metrics": [{"Id": "e1"}]},
            },
            "Page": {
                "Type": "AWS::CloudWatch::CompositeAlarm",
                "DependsOn": "Errors",
                "Properties": {"AlarmRule": {"Fn::Sub": "ALARM(${Errors})"}},
            },
            "Board": {
                "Type": "AWS::CloudWatch::Dashboard",
                "DependsOn": "Page",
                "Properties": {
                    "DashboardBody": {"Fn::Sub": '{"alarms":["${Burn.Arn}","${Errors.Arn}","${Env}","${Burn}"]}'}
                },
            },
        },
        "Outputs": {
            "Rule": {"Value": {"Ref": "Page"}},
            "Arn": {"Value": {"Fn::GetAtt": ["Burn", "Arn"]}},
            "Short": {"Value": {"Fn::GetAtt": "Burn.Arn"}},
            "Both": {"Value": {"Fn::Sub": ["${Burn} ${x}", {"x": {"Ref": "Burn"}}]}},
            "Topic": {"Value": {"Ref": "Topic"}},
        },
    }


def test_composite_and_metric_math_go_and_references_become_text():
    body, left_out = without_unsupported(template(), "us-east-1", "000000000000")

    assert left_out == {"burn-rate": "metric math alarm", "Page": "composite alarm"}
    assert body == {
        "Parameters": {"Env": {"Type": "String"}},
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Errors": {"Type": "AWS::CloudWatch::Alarm", "DependsOn": ["Topic"], "Properties": {"MetricName": "E"}},
            "Board": {
                "Type": "AWS::CloudWatch::Dashboard",
                "Properties": {
                    "DashboardBody": {
                        "Fn::Sub": f'{{"alarms":["{ARN}burn-rate","${{Errors.Arn}}","${{Env}}","burn-rate"]}}'
                    }
                },
            },
        },
        "Outputs": {
            "Rule": {"Value": "Page"},
            "Arn": {"Value": f"{ARN}burn-rate"},
            "Short": {"Value": f"{ARN}burn-rate"},
            "Both": {"Value": {"Fn::Sub": ["burn-rate ${x}", {"x": "burn-rate"}]}},
            "Topic": {"Value": {"Ref": "Topic"}},
        },
    }
