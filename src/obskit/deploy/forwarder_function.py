"""The forwarder as CloudFormation: function, subscription, dead-letter queue, the least of roles; one a region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from obskit.deploy import logs, names, paging
from obskit.deploy.project import FORWARDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.deploy.project import Environment, Project

Json = dict[str, Any]

HANDLER = "obskit.forwarder.handler.handler"
RUNTIME = "python3.13"
MEMORY_MB = 256
TIMEOUT_S = 900
RETRIES = 2
"""Together with the first run three quarters of an hour, as the topic's own retries."""
EVENT_AGE_S = 21_600
PSEUDONYMS = "OBSKIT_PSEUDONYM_SECRET_ARN"
"""The variable that has a function read keys: its role must let it."""


def render(project: Project, environment: Environment, region: str) -> Json:
    """Return the template of *region*; the topic is in the template of the alarms, which is deployed first."""
    called = paging.forwarder(project, environment)
    topic = f"arn:aws:sns:{region}:{environment.account}:{names.topic(project, environment, paging.PAGING)}"
    tags = names.tags(project, environment, service="forwarder")
    dead_letters = paging.forwarder_dead_letters(project, environment)
    arn = {"Fn::GetAtt": ["ForwarderFunction", "Arn"]}
    queue_arn = {"Fn::GetAtt": ["ForwarderDeadLetters", "Arn"]}
    resources: Json = {
        "ForwarderLogs": logs.group(project, environment, region, f"/aws/lambda/{called}", tags),
        "ForwarderDeadLetters": paging.queue(environment, dead_letters, tags),
        "ForwarderDeadLettersPolicy": paging.queue_policy("ForwarderDeadLetters", topic),
        "ForwarderRole": {"Type": "AWS::IAM::Role", "Properties": _role(environment, region, called, tags)},
        "ForwarderFunction": {
            "Type": "AWS::Lambda::Function",
            "Properties": _function(project, environment, called, tags),
        },
        "ForwarderInvocation": {
            "Type": "AWS::Lambda::EventInvokeConfig",
            "Properties": {
                "FunctionName": {"Ref": "ForwarderFunction"},
                "Qualifier": "$LATEST",
                "MaximumRetryAttempts": RETRIES,
                "MaximumEventAgeInSeconds": EVENT_AGE_S,
                "DestinationConfig": {"OnFailure": {"Destination": queue_arn}},
            },
        },
        "ForwarderPermission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": {"Ref": "ForwarderFunction"},
                "Principal": "sns.amazonaws.com",
                "SourceArn": topic,
            },
        },
        "ForwarderSubscription": {
            "Type": "AWS::SNS::Subscription",
            "DependsOn": ["ForwarderDeadLettersPolicy", "ForwarderPermission"],
            "Properties": {
                "TopicArn": topic,
                "Protocol": "lambda",
                "Endpoint": arn,
                "RedrivePolicy": {"deadLetterTargetArn": queue_arn},
                **_filter(environment),
            },
        },
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"Forwarder of pages of {project.name}, {environment.name}, {region}; rendered by obskit",
        "Parameters": {
            "CodeBucket": {"Type": "String", "Description": "S3 bucket of the function's zip, in this region"},
            "CodeKey": {"Type": "String", "Description": "Its key: obskit[powertools] and obskit_settings.py"},
        },
        "Resources": resources,
    }


def _filter(environment: Environment) -> Json:
    """Take what the other subscription does not; without one, everything."""
    if environment.route == FORWARDER:
        return {}
    return {"FilterPolicy": paging.COMPOSITES, "FilterPolicyScope": "MessageBody"}


def _function(project: Project, environment: Environment, called: str, tags: names.Tags) -> Json:
    own = {key: value for key, value in environment.variables.items() if key.startswith("OBSKIT_")}
    return {
        "FunctionName": called,
        "Description": "Hands alarms over to PagerDuty's Events API v2",
        "Runtime": RUNTIME,
        "Architectures": ["arm64"],
        "Handler": HANDLER,
        "Code": {"S3Bucket": {"Ref": "CodeBucket"}, "S3Key": {"Ref": "CodeKey"}},
        "Role": {"Fn::GetAtt": ["ForwarderRole", "Arn"]},
        "MemorySize": MEMORY_MB,
        "Timeout": TIMEOUT_S,
        "LoggingConfig": {
            "LogFormat": "JSON",
            "ApplicationLogLevel": "INFO",
            "LogGroup": {"Ref": "ForwarderLogs"},
        },
        "Environment": {
            "Variables": {
                **own,
                "OBSKIT_ENV": environment.name,
                "OBSKIT_SERVICE": "forwarder",
                "OBSKIT_METRICS_NAMESPACE": project.namespace,
                "PAGING_DEAD_LETTERS": {"Ref": "ForwarderDeadLetters"},
                "PAGING_SECRET": environment.paging_secret,
                "PAGING_URL": f"{environment.paging_endpoint}/v2/enqueue",
            }
        },
        "Tags": tags,
    }


def _role(environment: Environment, region: str, called: str, tags: names.Tags) -> Json:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    statements = list(_statements(environment, region, called))
    return {
        "Description": f"What {called} may do",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": "forwarder", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}],
        "Tags": tags,
    }


def _statements(environment: Environment, region: str, called: str) -> Iterator[Json]:
    account, secret = environment.account, environment.paging_secret
    # Secrets Manager ends an ARN with six characters of its own.
    arn = secret if secret.startswith("arn:") else f"arn:aws:secretsmanager:{region}:{account}:secret:{secret}-??????"
    log_group = f"arn:aws:logs:{region}:{account}:log-group:/aws/lambda/{called}:*"
    yield _allow("Logs", ["logs:CreateLogStream", "logs:PutLogEvents"], [log_group])
    yield _allow("RoutingKey", ["secretsmanager:GetSecretValue"], [arn])
    if keys := environment.variables.get(PSEUDONYMS):
        yield _allow("PseudonymKeys", ["secretsmanager:GetSecretValue"], [keys])
    queue = ["sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:SendMessage"]
    yield _allow("DeadLetters", queue, [{"Fn::GetAtt": ["ForwarderDeadLetters", "Arn"]}])
    # CloudWatch tells of composite alarms only to whom may ask of every alarm (DescribeAlarms, 2026-11-24); it reads.
    yield _allow("AlarmStates", ["cloudwatch:DescribeAlarms"], ["*"])
    services = [f"{service}.{region}.amazonaws.com" for service in ("secretsmanager", "sqs")]
    condition: Json = {"StringEquals": {"kms:ViaService": services}}
    key = environment.kms_key
    if not key.startswith("arn:"):
        # IAM allows keys, not aliases: the key that has this alias, whichever it is.
        condition["ForAnyValue:StringEquals"] = {"kms:ResourceAliases": key}
        key = f"arn:aws:kms:{region}:{account}:key/*"
    yield {**_allow("Key", ["kms:Decrypt", "kms:GenerateDataKey"], [key]), "Condition": condition}


def _allow(sid: str, actions: list[str], resources: list[object]) -> Json:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
