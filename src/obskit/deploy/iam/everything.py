"""The calls that a policy allows on `*`, each with the reason. Whatever is not here names its resources."""

from __future__ import annotations

NO_TYPE = "has no resource type in the Service Authorization Reference"
COMPOSITES = "leaves composite alarms out of the answer where the right is narrower (CloudWatch API)"
INTERFACES = (
    "Lambda makes the function's network interfaces by the function's role, under ids that EC2 chooses; a Deny keeps"
    " the function's code from it"
)

EVERYTHING: dict[str, str] = {
    "cloudwatch:DescribeAlarmHistory": COMPOSITES,
    "cloudwatch:DescribeAlarms": COMPOSITES,
    "cloudwatch:GetMetricData": NO_TYPE,
    "cloudwatch:ListDashboards": NO_TYPE,
    "cloudwatch:PutCompositeAlarm": "CloudWatch refuses it where the right is narrower (CloudWatch API)",
    "ec2:AssignPrivateIpAddresses": INTERFACES,
    "ec2:CreateNetworkInterface": INTERFACES,
    "ec2:DeleteNetworkInterface": INTERFACES,
    "ec2:DescribeNetworkInterfaces": NO_TYPE,
    "ec2:DescribeSecurityGroups": NO_TYPE,
    "ec2:DescribeSubnets": NO_TYPE,
    "ec2:DescribeVpcs": NO_TYPE,
    "ec2:UnassignPrivateIpAddresses": INTERFACES,
    "lambda:ListLayerVersions": NO_TYPE,
    "logs:DeleteQueryDefinition": NO_TYPE,
    "logs:DescribeIndexPolicies": NO_TYPE,
    "logs:DescribeLogGroups": NO_TYPE,
    "logs:DescribeQueryDefinitions": NO_TYPE,
    "logs:DescribeResourcePolicies": NO_TYPE,
    "logs:PutQueryDefinition": NO_TYPE,
    "ses:GetSendQuota": NO_TYPE,
    "ses:GetSendStatistics": NO_TYPE,
    "sns:GetSubscriptionAttributes": NO_TYPE,
    "sns:SetSubscriptionAttributes": NO_TYPE,
    "sns:Unsubscribe": NO_TYPE,
    "xray:BatchGetTraces": NO_TYPE,
    "xray:GetTraceSummaries": NO_TYPE,
}
"""Action -> why. Service Authorization Reference and CloudWatch API reference, 2026-11-24."""


def resources(action: str, *arns: str) -> tuple[str, ...]:
    """
    Return what a policy names for *action*: *arns*, or `*` where the table says so.

    >>> resources("sqs:GetQueueUrl", "arn:aws:sqs:us-east-1:333333333333:shop-*")
    ('arn:aws:sqs:us-east-1:333333333333:shop-*',)
    >>> resources("sns:Unsubscribe", "arn:aws:sns:us-east-1:333333333333:shop-*")
    ('*',)
    """
    return ("*",) if action in EVERYTHING else arns
