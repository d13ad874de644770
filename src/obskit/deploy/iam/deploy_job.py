"""What `obskit deploy` calls, and what CloudFormation calls in its name, for exactly these templates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from obskit.deploy import names
from obskit.deploy.iam.rights import Right, rights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.deploy.iam.place import Place
    from obskit.deploy.stacks import Stack

Json = dict[str, Any]

TYPES: dict[str, str] = {
    "AWS::CloudWatch::Alarm": """
        cloudwatch PutMetricAlarm DeleteAlarms DescribeAlarms TagResource UntagResource ListTagsForResource
        """,
    "AWS::CloudWatch::CompositeAlarm": """
        cloudwatch PutCompositeAlarm DeleteAlarms DescribeAlarms TagResource UntagResource ListTagsForResource
        """,
    "AWS::CloudWatch::Dashboard": """
        cloudwatch PutDashboard GetDashboard DeleteDashboards TagResource UntagResource ListTagsForResource
        """,
    "AWS::SNS::Topic": """
        sns CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes ListSubscriptionsByTopic
        GetDataProtectionPolicy TagResource UntagResource ListTagsForResource
        """,
    "AWS::SNS::TopicPolicy": "sns SetTopicAttributes",
    "AWS::SNS::Subscription": "sns Subscribe Unsubscribe GetSubscriptionAttributes SetSubscriptionAttributes",
    "AWS::SQS::Queue": """
        sqs CreateQueue DeleteQueue GetQueueAttributes SetQueueAttributes GetQueueUrl TagQueue UntagQueue ListQueueTags
        """,
    "AWS::SQS::QueuePolicy": "sqs SetQueueAttributes",
    # No DeleteLogGroup: a log group outlives its stack, and not even a mistake in a template can delete it.
    "AWS::Logs::LogGroup": """
        logs CreateLogGroup DescribeLogGroups PutRetentionPolicy DeleteRetentionPolicy AssociateKmsKey
        DisassociateKmsKey PutDataProtectionPolicy GetDataProtectionPolicy DescribeIndexPolicies
        DescribeResourcePolicies TagResource UntagResource ListTagsForResource
        """,
    "AWS::Logs::MetricFilter": "logs PutMetricFilter DeleteMetricFilter DescribeMetricFilters",
    "AWS::Logs::QueryDefinition": "logs PutQueryDefinition DeleteQueryDefinition DescribeQueryDefinitions",
    "AWS::Lambda::Function": """
        lambda CreateFunction DeleteFunction GetFunction UpdateFunctionCode UpdateFunctionConfiguration
        GetFunctionCodeSigningConfig GetFunctionRecursionConfig GetFunctionScalingConfig GetRuntimeManagementConfig
        TagResource UntagResource
        """,
    "AWS::Lambda::Permission": "lambda AddPermission RemovePermission GetPolicy",
    "AWS::Lambda::EventInvokeConfig": """
        lambda PutFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig
        GetFunctionEventInvokeConfig
        """,
    "AWS::Events::Rule": """
        events PutRule DeleteRule DescribeRule PutTargets RemoveTargets ListTargetsByRule TagResource UntagResource
        ListTagsForResource
        """,
    "AWS::IAM::Role": """
        iam CreateRole DeleteRole GetRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy PutRolePolicy
        DeleteRolePolicy GetRolePolicy ListRolePolicies ListAttachedRolePolicies TagRole UntagRole
        """,
}
"""Type -> service, and what CloudFormation calls of it. Its schemas, `handlers`, 2026-08-07: as far as we render it."""

STACK = """
    CreateChangeSet DescribeChangeSet ExecuteChangeSet DeleteChangeSet DescribeStacks DescribeStackEvents DeleteStack
    GetTemplateSummary
    """
NETWORK = "DescribeSecurityGroups DescribeSubnets DescribeVpcs DescribeNetworkInterfaces"
"""What CloudFormation looks at for a function in a VPC."""

_SECRET = re.compile(r"\{\{resolve:secretsmanager:(arn(?::[^:}]+){6}|[^:}]+)")


def find(place: Place) -> Iterator[Right]:
    """Yield the rights of a deploy job. Types without a row in the table get none; `unknown` names them."""
    yield from rights("cloudwatch", "ListDashboards DescribeAlarms")  # what is there is shown before it is changed
    yield from rights("cloudwatch", "GetDashboard", place.dashboards())
    for stack in place.rendered.stacks():
        yield from _of_stack(place, stack)
    if place.bucket:
        buckets = dict.fromkeys(place.bucket.replace("{region}", region) for region in place.regions)
        yield from rights("s3", "PutObject GetObject", *(f"arn:aws:s3:::{one}/obskit/*" for one in buckets))


def notes(place: Place) -> list[str]:
    """Return what the policy lacks because nobody said it."""
    found = [f"no rights are known for {kind}: add them by hand" for kind in unknown(place)]
    if _functions(place) and not place.parameters.get("CodeBucket"):
        found.append("give --parameter CodeBucket=NAME: CloudFormation reads the functions' code by this role")
    return found


def unknown(place: Place) -> list[str]:
    """Return the types of resources that `find` has no rights for."""
    return sorted({kind for stack in place.rendered.stacks() for kind in _types(stack)} - TYPES.keys())


def _name(place: Place, stack: Stack) -> str:
    return names.stack(place.rendered.environment, stack.name)


def _types(stack: Stack) -> set[str]:
    return {one["Type"] for one in stack.template["Resources"].values()}


def _functions(place: Place) -> list[Stack]:
    return [stack for stack in place.rendered.stacks() if "AWS::Lambda::Function" in _types(stack)]


def _of_stack(place: Place, stack: Stack) -> Iterator[Right]:
    region, kinds = stack.region, _types(stack)
    yield from rights("cloudformation", STACK, place.arn("cloudformation", region, f"stack/{_name(place, stack)}/*"))
    for kind in sorted(kinds & TYPES.keys()):
        service, _, calls = TYPES[kind].strip().partition(" ")
        yield from rights(service, calls, *_arns(place, stack, kind))
    for name in sorted(set(_SECRET.findall(stack.compact))):
        yield from rights("secretsmanager", "GetSecretValue", place.secret(region, name))
        yield from place.key(region, "kms:Decrypt", "secretsmanager")
    if "AWS::Lambda::Function" in kinds:
        yield from _of_functions(place, stack)


def _of_functions(place: Place, stack: Stack) -> Iterator[Right]:
    condition = ("StringEquals", "iam:PassedToService", ("lambda.amazonaws.com",))
    yield Right("iam:PassRole", _arns(place, stack, "AWS::IAM::Role"), (condition,))
    if bucket := place.parameters.get("CodeBucket"):
        yield from rights("s3", "GetObject", f"arn:aws:s3:::{bucket}/{place.parameters.get('CodeKey', '*')}")
    if any("VpcConfig" in one.get("Properties", {}) for one in stack.template["Resources"].values()):
        yield from rights("ec2", NETWORK)


_BEFORE_NAME = {"lambda": "function:", "events": "rule/", "sns": "", "sqs": ""}
"""Service -> what stands before a name in its ARNs."""


def _arns(place: Place, stack: Stack, kind: str) -> tuple[str, ...]:
    """Return what resources of *kind* are called in *stack*."""
    service = kind.split("::")[1].lower()
    if kind == "AWS::CloudWatch::Dashboard":
        return (place.dashboards(),)
    if service == "cloudwatch":
        return (place.alarms(stack.region),)
    if service == "logs":
        return place.log_groups(stack.region)
    if service == "iam":  # CloudFormation names it: stack, logical id, letters
        return (place.arn("iam", "", f"role/{_name(place, stack)}-*"),)
    return (place.arn(service, stack.region, f"{_BEFORE_NAME[service]}{place.prefix}*"),)
