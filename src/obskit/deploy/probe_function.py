"""The scheduled function of the probes as CloudFormation: itself, its schedule, its log group, the least of roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from obskit.deploy import logs, names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from obskit.deploy.probes import Probes
    from obskit.deploy.project import Environment, Project

Json = dict[str, Any]

HANDLER = "obskit.probes.handler.handler"
RUNTIME = "python3.13"
MEMORY_MB = 256
PSEUDONYMS = "OBSKIT_PSEUDONYM_SECRET_ARN"
"""The variable that has a function read keys: its role must let it."""
SPARE_S = 10
"""Seconds on top of the longest timeout: for the cold start, and for writing."""

_VPC = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
"""What Lambda does with the function's role to put it into a VPC: those of AWSLambdaVPCAccessExecutionRole."""


def name(project: Project, environment: Environment) -> str:
    return f"{project.name}-{environment.name}-probes"


def render(project: Project, environment: Environment, probes: Probes) -> Json:
    """Return the template for the primary region: two functions would measure everything twice."""
    region, called = environment.primary, name(project, environment)
    rate = f"rate({probes.schedule.every} minute{'s' * (probes.schedule.every > 1)})"
    tags = names.tags(project, environment, service="probes")
    resources: Json = {
        "ProbesLogs": logs.group(project, environment, region, f"/aws/lambda/{called}", tags),
        "ProbesRole": {"Type": "AWS::IAM::Role", "Properties": _role(environment, called, probes, tags)},
        "ProbesFunction": {
            "Type": "AWS::Lambda::Function",
            "Properties": _function(project, environment, called, probes, tags),
        },
        # A run that failed is not made up for: the next one measures, and two would count twice.
        "ProbesInvocation": {
            "Type": "AWS::Lambda::EventInvokeConfig",
            "Properties": {
                "FunctionName": {"Ref": "ProbesFunction"},
                "Qualifier": "$LATEST",
                "MaximumRetryAttempts": 0,
                "MaximumEventAgeInSeconds": 60,
            },
        },
        "ProbesSchedule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Name": called,
                "Description": f"Runs the probes of {project.name}, {environment.name}",
                "ScheduleExpression": rate,
                "State": "ENABLED",
                "Targets": [{"Id": "probes", "Arn": {"Fn::GetAtt": ["ProbesFunction", "Arn"]}}],
                "Tags": tags,
            },
        },
        "ProbesPermission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": {"Ref": "ProbesFunction"},
                "Principal": "events.amazonaws.com",
                "SourceArn": {"Fn::GetAtt": ["ProbesSchedule", "Arn"]},
            },
        },
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"Probes of {project.name}, {environment.name}, {region}; rendered by obskit",
        "Metadata": {"obskit": {"VpcEndpoints": endpoints(region, probes)}},
        "Parameters": {
            "CodeBucket": {"Type": "String", "Description": "S3 bucket of the function's zip"},
            "CodeKey": {"Type": "String", "Description": "Its key: obskit[probes] and obskit_settings.py"},
        },
        "Resources": resources,
    }


def endpoints(region: str, probes: Probes) -> list[str]:
    """Return the VPC endpoints that the function needs where its subnets have no way out."""
    plain = probes.plain
    services = {
        "secretsmanager": "typesense" in plain or _database(plain).get("via") == "driver",
        "rds-data": _database(plain).get("via") == "data-api",
        "sqs": "sqs" in plain,
        "monitoring": "sqs" in plain,
        "email": "ses" in plain,
    }
    return [f"com.amazonaws.{region}.{service}" for service, needed in services.items() if needed]


def _function(project: Project, environment: Environment, called: str, probes: Probes, tags: names.Tags) -> Json:
    own = {key: value for key, value in environment.variables.items() if key.startswith("OBSKIT_")}
    found: Json = {
        "FunctionName": called,
        "Description": f"Measures {', '.join(probes.names)}",
        "Runtime": RUNTIME,
        "Architectures": ["arm64"],
        "Handler": HANDLER,
        "Code": {"S3Bucket": {"Ref": "CodeBucket"}, "S3Key": {"Ref": "CodeKey"}},
        "Role": {"Fn::GetAtt": ["ProbesRole", "Arn"]},
        "MemorySize": MEMORY_MB,
        "Timeout": _longest(probes.plain) + SPARE_S,
        # A log level of Lambda's own above INFO would drop the metrics.
        "LoggingConfig": {
            "LogFormat": "JSON",
            "ApplicationLogLevel": "INFO",
            "LogGroup": {"Ref": "ProbesLogs"},
        },
        "Environment": {
            "Variables": {
                **own,
                "OBSKIT_ENV": environment.name,
                "OBSKIT_SERVICE": "probes",
                "OBSKIT_METRICS_NAMESPACE": project.namespace,
            }
        },
        "Tags": tags,
    }
    if probes.schedule.subnets:
        found["VpcConfig"] = {
            "SubnetIds": list(probes.schedule.subnets),
            "SecurityGroupIds": list(probes.schedule.security_groups),
        }
    return found


def _role(environment: Environment, called: str, probes: Probes, tags: names.Tags) -> Json:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "Description": f"What {called} may do",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [
            {
                "PolicyName": "probes",
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": list(_statements(environment, called, probes)),
                },
            }
        ],
        "Tags": tags,
    }


def _statements(environment: Environment, called: str, probes: Probes) -> Iterator[Json]:
    region, account, plain = environment.primary, environment.account, probes.plain
    logs = f"arn:aws:logs:{region}:{account}:log-group:/aws/lambda/{called}:*"
    yield _allow("Logs", ["logs:CreateLogStream", "logs:PutLogEvents"], [logs])
    if secrets := _secrets(plain):
        yield _allow("Secrets", ["secretsmanager:GetSecretValue"], secrets)
    if keys := environment.variables.get(PSEUDONYMS):
        yield _allow("PseudonymKeys", ["secretsmanager:GetSecretValue"], [keys])
    if probes.kms_key:
        yield {
            **_allow("SecretsKey", ["kms:Decrypt"], [probes.kms_key]),
            "Condition": {"StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"}},
        }
    database = _database(plain)
    if database.get("via") == "data-api":
        actions = ["rds-data:BeginTransaction", "rds-data:ExecuteStatement", "rds-data:RollbackTransaction"]
        yield _allow("DataApi", actions, [str(database["cluster"])])
    if queues := _queues(plain):
        yield _allow("Queues", ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"], queues)
        yield _allow("QueueAges", ["cloudwatch:GetMetricData"], ["*"])
    if "ses" in plain:
        yield _allow("SendingStatistics", ["ses:GetSendQuota", "ses:GetSendStatistics"], ["*"])
    if probes.schedule.subnets:
        yield _allow("Network", list(_VPC), ["*"])
        # The role is the function's, too: its code has no business with network interfaces.
        arn = f"arn:aws:lambda:{region}:{account}:function:{called}"
        yield {
            "Sid": "NetworkNotForTheCode",
            "Effect": "Deny",
            "Action": list(_VPC),
            "Resource": "*",
            "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": arn}},
        }


def _allow(sid: str, actions: list[str], resources: list[str]) -> Json:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}


def _database(plain: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = plain.get("database", {})
    return found


def _secrets(plain: Mapping[str, Any]) -> list[str]:
    tables = (_database(plain), plain.get("typesense", {}))
    return sorted({table["secret"] for table in tables if table.get("secret")})


def _queues(plain: Mapping[str, Any]) -> list[str]:
    return sorted(queue["arn"] for queue in plain.get("sqs", {}).get("queues", {}).values())


def _longest(plain: Mapping[str, Any]) -> int:
    own: list[int] = [table.get("timeout_s", 0) for table in plain.values() if isinstance(table, dict)]
    return max(int(plain["timeout_s"]), *own)
