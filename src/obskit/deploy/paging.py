"""Whom an alarm tells: a topic for each severity, what is subscribed to it, and who hears when a page is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from obskit.deploy import alarm_resources, names
from obskit.deploy.model import FORWARDER
from obskit.deploy.specs import Alarm, AwsMetric, Composite, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from obskit.deploy.model import Environment, Project

Json = dict[str, Any]

PAGING: Severity = "page"
"""The severity whose topic is subscribed: tickets and news must not wake anybody through the same key."""
SECOND = "fallback"
"""The topic that alarms on the way of a page speak to: not the one they watch."""
RUNBOOK = "paging.md"
DEAD_LETTERS = "PagingDeadLetters"
DAYS_14 = 14 * 86_400
"""Seconds that SQS keeps a message at most: a lost page is looked for after a holiday, too."""

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

METRIC_ALARMS = {"AlarmRule": [{"exists": False}]}
COMPOSITES = {"AlarmRule": [{"exists": True}]}
"""Filters on what CloudWatch sends: only a composite's message has a rule. Together all of it, and nothing twice."""

VISIBLE = "ApproximateNumberOfMessagesVisible"
LOST = (
    ("failed", "NumberOfNotificationsFailed", "An endpoint that pages go to refuses them or does not answer."),
    ("redriven", "NumberOfNotificationsRedrivenToDlq", "A page was given up and lies in the dead-letter queue."),
    ("lost", "NumberOfNotificationsFailedToRedriveToDlq", "A page is lost: not even the dead-letter queue took it."),
)


def topic(project: Project, environment: Environment, region: str, severity: str) -> Json:
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
    if environment.pages and severity == PAGING and environment.route != FORWARDER:
        resources |= _dead_letters(project, environment, logical)
        resources[f"{logical}Subscription"] = _subscription(environment, logical)
    return resources


def forwards(environment: Environment, alarms: Iterable[Alarm | Composite]) -> bool:
    """Say whether the forwarder is needed: for all pages, or because a composite is among them."""
    paging = [one for one in alarms if one.severity == PAGING and one.acts]
    if not environment.pages or not paging:
        return False
    return environment.route == FORWARDER or any(isinstance(one, Composite) for one in paging)


def second(project: Project, environment: Environment, region: str, dashboard: str, *, forwarded: bool) -> Json:
    """Return the second channel, and the alarms on the way of a page that speak to it; nothing where none is named."""
    if not environment.pages or not environment.fallback:
        return {}
    resources: Json = {}
    action: object = {"Ref": names.logical_id("Topic", SECOND)}
    if environment.fallback.startswith("arn:"):
        action = names.fill(environment.fallback, project, environment, region)
    else:
        resources |= topic(project, environment, region, SECOND)
        resources["TopicFallbackSubscription"] = {
            "Type": "AWS::SNS::Subscription",
            "Properties": {
                "TopicArn": {"Ref": "TopicFallback"},
                "Protocol": "email" if "@" in environment.fallback else "https",
                "Endpoint": environment.fallback,
                **({} if "@" in environment.fallback else {"DeliveryPolicy": RETRIES}),
            },
        }
    for alarm in path_alarms(project, environment, dashboard, forwarded=forwarded):
        resource = alarm_resources.alarm(project, environment, region, alarm, action)
        resources[names.alarm_id(alarm)] = resource
    return resources


def path_alarms(project: Project, environment: Environment, dashboard: str, *, forwarded: bool) -> tuple[Alarm, ...]:
    """Return the alarms on the way of a page; *dashboard* is the one to look at instead."""
    of = {"TopicName": names.topic(project, environment, PAGING)}
    watched = [(word, AwsMetric("AWS/SNS", metric, of, "Sum"), summary) for word, metric, summary in LOST]
    queues = []
    if environment.route != FORWARDER:
        queues.append(("dead-letters", dead_letters(project, environment)))
    if forwarded:
        queues.append(("forwarder-dead-letters", forwarder_dead_letters(project, environment)))
        errors = AwsMetric("AWS/Lambda", "Errors", {"FunctionName": forwarder(project, environment)}, "Sum")
        watched.append(("forwarder-errors", errors, "The forwarder fails to hand pages over."))
    for word, name in queues:
        series = AwsMetric("AWS/SQS", VISIBLE, {"QueueName": name}, "Maximum")
        watched.append((word, series, "Pages that reached nobody lie in a dead-letter queue."))
    return tuple(
        Alarm(
            f"paging-{word}",
            series,
            above=0,
            severity=PAGING,
            owner=project.tags["owner"],
            summary=summary,
            impact="Somebody who should have been woken sleeps; look at what is in ALARM.",
            runbook=RUNBOOK,
            dashboard=dashboard,
            missing="notBreaching",
            service="paging",
        )
        for word, series, summary in watched
    )


def dead_letters(project: Project, environment: Environment) -> str:
    return f"{project.name}-{environment.name}-paging-dead-letters"


def forwarder(project: Project, environment: Environment) -> str:
    return f"{project.name}-{environment.name}-forwarder"


def forwarder_dead_letters(project: Project, environment: Environment) -> str:
    return f"{project.name}-{environment.name}-forwarder-dead-letters"


def key_policy(environment: Environment, region: str) -> list[Json]:
    """
    Return the statements that the customer key of topics and queues needs; the key is the platform's own.

    Without the first, CloudWatch publishes nothing, and only the alarm's history says so.
    """
    account = {"StringEquals": {"aws:SourceAccount": environment.account}}
    alarms = {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{region}:{environment.account}:alarm:*"}}
    topics = {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:{region}:{environment.account}:*"}}
    return [
        {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": {**account, **sources},
        }
        for sid, service, sources in (
            ("CloudWatchPublishes", "cloudwatch.amazonaws.com", alarms),
            ("TopicsRedrive", "sns.amazonaws.com", topics),
        )
    ]


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


def queue(environment: Environment, called: str, tags: names.Tags) -> Json:
    """Return a dead-letter queue under the customer key."""
    return {
        "Type": "AWS::SQS::Queue",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "QueueName": called,
            "MessageRetentionPeriod": DAYS_14,
            "KmsMasterKeyId": environment.kms_key,
            "Tags": tags,
        },
    }


def queue_policy(logical: str, source: object) -> Json:
    """Let SNS put in what *source*, a topic's ARN, could not deliver, and nobody else."""
    statement = {
        "Sid": "WhatTheTopicCouldNotDeliver",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": {"Fn::GetAtt": [logical, "Arn"]},
        "Condition": {"ArnEquals": {"aws:SourceArn": source}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": logical}], "PolicyDocument": document}}


def _dead_letters(project: Project, environment: Environment, topic: str) -> Json:
    called = dead_letters(project, environment)
    return {
        DEAD_LETTERS: queue(environment, called, names.tags(project, environment)),
        f"{DEAD_LETTERS}Policy": queue_policy(DEAD_LETTERS, {"Ref": topic}),
    }


def _subscription(environment: Environment, topic: str) -> Json:
    # Rotating a secret changes no resource: only another version in this text makes CloudFormation subscribe anew.
    version = f"::{environment.paging_secret_version}" if environment.paging_secret_version else ""
    key = f"{{{{resolve:secretsmanager:{environment.paging_secret}:SecretString:integration_key{version}}}}}"
    return {
        "Type": "AWS::SNS::Subscription",
        "DependsOn": f"{DEAD_LETTERS}Policy",
        "Properties": {
            "TopicArn": {"Ref": topic},
            "Protocol": environment.paging_endpoint.partition(":")[0],
            "Endpoint": f"{environment.paging_endpoint}/integration/{key}/enqueue",
            # PagerDuty's CloudWatch integration reads SNS's envelope.
            "RawMessageDelivery": False,
            "DeliveryPolicy": RETRIES,
            "FilterPolicy": METRIC_ALARMS,
            "FilterPolicyScope": "MessageBody",
            "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": [DEAD_LETTERS, "Arn"]}},
        },
    }
