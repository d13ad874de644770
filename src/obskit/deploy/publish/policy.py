"""The rights that a deploy job needs for exactly these templates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from obskit.deploy.publish.change_sets import Wanted

Json = dict[str, Any]

_TAGS = ("TagResource", "UntagResource", "ListTagsForResource")
_ACTIONS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "AWS::CloudWatch::Alarm": (
        "cloudwatch",
        ("PutMetricAlarm", "DeleteAlarms", "DescribeAlarms", *_TAGS),
        ("arn:aws:cloudwatch:{region}:{account}:alarm:{project}-*",),
    ),
    "AWS::CloudWatch::CompositeAlarm": (
        "cloudwatch",
        ("PutCompositeAlarm", "DeleteAlarms", "DescribeAlarms", *_TAGS),
        ("arn:aws:cloudwatch:{region}:{account}:alarm:{project}-*",),
    ),
    "AWS::CloudWatch::Dashboard": (
        "cloudwatch",
        ("PutDashboard", "GetDashboard", "DeleteDashboards", *_TAGS),
        ("arn:aws:cloudwatch::{account}:dashboard/{project}-*",),
    ),
    "AWS::SNS::Topic": (
        "sns",
        ("CreateTopic", "DeleteTopic", "GetTopicAttributes", "SetTopicAttributes", *_TAGS),
        ("arn:aws:sns:{region}:{account}:{project}-*",),
    ),
    "AWS::SNS::TopicPolicy": (
        "sns",
        ("GetTopicAttributes", "SetTopicAttributes"),
        ("arn:aws:sns:{region}:{account}:{project}-*",),
    ),
    "AWS::SNS::Subscription": (
        "sns",
        (
            *("Subscribe", "Unsubscribe", "GetSubscriptionAttributes", "SetSubscriptionAttributes"),
            *("ListSubscriptionsByTopic",),
        ),
        ("arn:aws:sns:{region}:{account}:{project}-*",),
    ),
    "AWS::SQS::Queue": (
        "sqs",
        (
            *("CreateQueue", "DeleteQueue", "GetQueueAttributes", "SetQueueAttributes", "GetQueueUrl"),
            *("TagQueue", "UntagQueue", "ListQueueTags"),
        ),
        ("arn:aws:sqs:{region}:{account}:{project}-*",),
    ),
    "AWS::SQS::QueuePolicy": (
        "sqs",
        ("GetQueueAttributes", "SetQueueAttributes"),
        ("arn:aws:sqs:{region}:{account}:{project}-*",),
    ),
    # No DeleteLogGroup: a log group outlives its stack, and not even a mistake in a template can delete it.
    "AWS::Logs::LogGroup": (
        "logs",
        (
            *("CreateLogGroup", "DescribeLogGroups", "PutRetentionPolicy", "DeleteRetentionPolicy", "AssociateKmsKey"),
            *("DisassociateKmsKey", "PutDataProtectionPolicy", "GetDataProtectionPolicy", "DeleteDataProtectionPolicy"),
            *("PutIndexPolicy", "DescribeIndexPolicies", *_TAGS),
        ),
        ("arn:aws:logs:{region}:{account}:log-group:*",),
    ),
    "AWS::Logs::MetricFilter": (
        "logs",
        ("PutMetricFilter", "DeleteMetricFilter", "DescribeMetricFilters"),
        ("arn:aws:logs:{region}:{account}:log-group:*",),
    ),
    "AWS::Logs::QueryDefinition": (
        "logs",
        ("PutQueryDefinition", "DeleteQueryDefinition", "DescribeQueryDefinitions"),
        ("*",),
    ),
    "AWS::Lambda::Function": (
        "lambda",
        (
            *("CreateFunction", "DeleteFunction", "GetFunction", "UpdateFunctionCode"),
            *("UpdateFunctionConfiguration", "TagResource", "UntagResource", "ListTags"),
        ),
        ("arn:aws:lambda:{region}:{account}:function:{project}-*",),
    ),
    "AWS::Lambda::Permission": (
        "lambda",
        ("AddPermission", "RemovePermission", "GetPolicy"),
        ("arn:aws:lambda:{region}:{account}:function:{project}-*",),
    ),
    "AWS::Lambda::EventInvokeConfig": (
        "lambda",
        (
            *("PutFunctionEventInvokeConfig", "UpdateFunctionEventInvokeConfig"),
            *("DeleteFunctionEventInvokeConfig", "GetFunctionEventInvokeConfig"),
        ),
        ("arn:aws:lambda:{region}:{account}:function:{project}-*",),
    ),
    "AWS::Events::Rule": (
        "events",
        (
            *("PutRule", "DeleteRule", "DescribeRule", "EnableRule", "DisableRule", "PutTargets"),
            *("RemoveTargets", "ListTargetsByRule"),
            *_TAGS,
        ),
        ("arn:aws:events:{region}:{account}:rule/{project}-*",),
    ),
    "AWS::Scheduler::Schedule": (
        "scheduler",
        ("CreateSchedule", "UpdateSchedule", "DeleteSchedule", "GetSchedule"),
        ("arn:aws:scheduler:{region}:{account}:schedule/*/{project}-*",),
    ),
    "AWS::IAM::Role": (
        "iam",
        (
            *("CreateRole", "DeleteRole", "GetRole", "UpdateAssumeRolePolicy", "PutRolePolicy"),
            *("DeleteRolePolicy", "GetRolePolicy", "AttachRolePolicy", "DetachRolePolicy", "TagRole"),
            *("UntagRole", "PassRole"),
        ),
        ("arn:aws:iam::{account}:role/{project}-*",),
    ),
}  # fmt: skip
"""Resource type -> service, what CloudFormation calls for it, on what. IAM's service authorization reference."""

_UNBOUND = ("DescribeAlarms", "DescribeLogGroups", "ListSubscriptionsByTopic", "Unsubscribe")
"""Calls that know no resource, or one whose name nobody chooses."""

_STACK = (
    *("CreateChangeSet", "DescribeChangeSet", "ExecuteChangeSet", "DeleteChangeSet", "DescribeStacks"),
    *("DescribeStackEvents", "GetTemplate", "DeleteStack"),
)
_SECRET = re.compile(r"\{\{resolve:secretsmanager:([^:}]+)")


def policy(project: str, account: str, stacks: Iterable[Wanted], bucket: str = "") -> Json:
    """
    Return the IAM policy of a deploy job: the calls that *stacks* need, on what bears *project*'s prefix.

    Types without a row in the table get no right; `unknown` names them.
    """
    found: dict[tuple[str, str], set[str]] = {}
    secrets: set[str] = set()
    found["cloudwatch", "*"] = {"ListDashboards", "DescribeAlarms"}  # what is there already is shown before
    for stack in stacks:
        place = {"region": stack.region, "account": account, "project": project}
        arn = "arn:aws:cloudformation:{region}:{account}:stack/".format(**place) + f"{stack.name}/*"
        found.setdefault(("cloudformation", arn), set()).update(_STACK)
        for kind in {one["Type"] for one in stack.document["Resources"].values()} & _ACTIONS.keys():
            service, actions, arns = _ACTIONS[kind]
            for action in actions:
                for one in ("*",) if action in _UNBOUND else arns:
                    found.setdefault((service, one.format(**place)), set()).add(action)
        for name in _SECRET.findall(stack.template):
            secrets.add("arn:aws:secretsmanager:{region}:{account}:secret:".format(**place) + f"{name}-??????")
    for arn in secrets:
        found[("secretsmanager", arn)] = {"GetSecretValue"}
    if bucket:
        found[("s3", f"arn:aws:s3:::{bucket}/obskit/*")] = {"PutObject", "GetObject"}
    return {"Version": "2012-10-17", "Statement": list(_statements(found))}


def unknown(stacks: Iterable[Wanted]) -> list[str]:
    """Return the types of resources that `policy` has no rights for."""
    return sorted({one["Type"] for stack in stacks for one in stack.document["Resources"].values()} - _ACTIONS.keys())


def _statements(found: dict[tuple[str, str], set[str]]) -> Iterable[Json]:
    """One statement for each set of calls, with all that they are made on."""
    by_calls: dict[tuple[str, ...], list[str]] = {}
    for (service, arn), actions in sorted(found.items()):
        by_calls.setdefault(tuple(f"{service}:{action}" for action in sorted(actions)), []).append(arn)
    for calls, arns in by_calls.items():
        yield {"Effect": "Allow", "Action": list(calls), "Resource": arns}
