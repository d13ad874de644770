"""Whom an alarm tells: a topic for each severity, its policy, and the subscription that pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from obskit.deploy import names

if TYPE_CHECKING:
    from obskit.deploy.project import Environment, Project
    from obskit.deploy.specs import Severity

Json = dict[str, Any]

PAGING: Severity = "page"
"""The severity whose topic is subscribed: tickets and news must not wake anybody through the same key."""

RETRIES = {
    "healthyRetryPolicy": {
        "numNoDelayRetries": 3,
        "numMinDelayRetries": 2,
        "minDelayTarget": 1,
        "numRetries": 50,
        "numMaxDelayRetries": 35,
        "maxDelayTarget": 60,
        "backoffFunction": "exponential",
    }
}
"""About 45 minutes, below SNS's cap of an hour; its default gives a page up after 3 tries in one minute."""


def topic(project: Project, environment: Environment, region: str, severity: Severity) -> Json:
    """Return the resources of the topic that alarms of *severity* speak to."""
    logical = names.logical_id("Topic", severity)
    properties: Json = {
        "TopicName": names.topic(project, environment, severity),
        "SignatureVersion": "2",
        "Tags": names.tags(project, environment),
    }
    if environment.kms_key:
        properties["KmsMasterKeyId"] = environment.kms_key
    resources: Json = {
        logical: {"Type": "AWS::SNS::Topic", "Properties": properties},
        f"{logical}Policy": _topic_policy(environment, region, logical),
    }
    if environment.pages and severity == PAGING:
        resources[f"{logical}Subscription"] = _subscription(environment, logical)
    return resources


def _topic_policy(environment: Environment, region: str, topic: str) -> Json:
    """Let CloudWatch publish for alarms of this account and region, and nobody else."""
    statement = {
        "Sid": "AlarmsOfThisAccount",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": {"Ref": topic},
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{region}:{environment.account}:alarm:*"},
            "StringEquals": {"aws:SourceAccount": environment.account},
        },
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": [{"Ref": topic}], "PolicyDocument": document}}


def _subscription(environment: Environment, topic: str) -> Json:
    key = f"{{{{resolve:secretsmanager:{environment.paging_secret}:SecretString:integration_key}}}}"
    return {
        "Type": "AWS::SNS::Subscription",
        "Properties": {
            "TopicArn": {"Ref": topic},
            "Protocol": environment.paging_endpoint.partition(":")[0],
            "Endpoint": f"{environment.paging_endpoint}/integration/{key}/enqueue",
            # PagerDuty's CloudWatch integration reads SNS's envelope.
            "RawMessageDelivery": False,
            "DeliveryPolicy": RETRIES,
        },
    }
