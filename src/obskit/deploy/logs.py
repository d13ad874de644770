"""
Log groups: how long lines stay, under which key, what is masked a second time, and what only their text can say.

Groups stay when their stack goes: logs outlive what wrote them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from obskit.deploy import names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.deploy.model import Environment, Project

Json = dict[str, Any]

IDENTIFIER = "arn:aws:dataprotection::aws:data-identifier/"

FILTERS = {
    "RuntimeTimeouts": (
        '"Task timed out after"',
        '{ $.type = "platform.report" && $.record.status = "timeout" }',
    ),
    "RuntimeOutOfMemory": (
        '"Runtime.OutOfMemory"',
        '{ $.type = "platform.report" && $.record.errorType = "Runtime.OutOfMemory" }',
    ),
}
"""Metric -> patterns for Lambda's text and for its JSON. Lambda counts both as errors, and says which only in words."""

QUERIES = {
    "errors by type": """
        filter level in ["ERROR", "FATAL"]
        | stats count(*) as lines, latest(timestamp) as newest, latest(function_request_id) as request,
          latest(xray_trace_id) as trace by service, exception_name, message
        | sort lines desc
        | limit 50
        """,
    "slowest requests": """
        filter @type = "REPORT" or type = "platform.report"
        | fields coalesce(@duration, record.metrics.durationMs) as ms,
          coalesce(@requestId, record.requestId) as request, @log
        | sort ms desc
        | limit 50
        """,
    "one trace": """
        filter xray_trace_id = "1-00000000-000000000000000000000000" or correlation_id = "put one of them here"
        | fields timestamp, service, level, message, exception_name, function_request_id
        | sort timestamp asc
        | limit 1000
        """,
    "masked counts": """
        filter ispresent(pii_masked)
        | stats sum(pii_masked) as masked by service, bin(1h)
        | sort masked desc
        """,
}
"""What is asked first, saved in the console under the project and the environment."""


def resources(project: Project, environment: Environment, region: str) -> Json:
    """
    Return the log groups of `[logs]`, their metric filters and the saved queries.

    Raises:
        DefinitionError: a `{name}` in a group's name stands for nothing in this environment.
    """
    found: Json = {}
    for logical, name, service in groups(project, environment, region):
        found[logical] = group(project, environment, region, name, names.tags(project, environment, service=service))
    for function in project.logs.functions:
        found |= dict(_filters(project, function))
    if every := [{"Ref": logical} for logical, _, _ in groups(project, environment, region)]:
        for title, query in QUERIES.items():
            found[names.logical_id("Query", title.replace(" ", "-"))] = {
                "Type": "AWS::Logs::QueryDefinition",
                "Properties": {
                    "Name": f"{project.name}-{environment.name}/{title}",
                    "LogGroupNames": every,
                    "QueryString": "\n".join(line.strip() for line in query.strip().splitlines()),
                },
            }
    return found


def template(project: Project, environment: Environment, region: str) -> Json | None:
    """Return the template of *region*'s log groups, None where `[logs]` names none."""
    found = resources(project, environment, region)
    if not found:
        return None
    document = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"Log groups of {project.name}, {environment.name}, {region}; rendered by obskit",
        "Resources": found,
    }
    if environment.logs_key:
        document["Metadata"] = {"obskit": {"KeyPolicy": [key_policy(environment, region)]}}
    return document


def groups(project: Project, environment: Environment, region: str) -> Iterator[tuple[str, str, str]]:
    """Yield logical id, name and service of each group of `[logs]`."""
    prefix = f"{project.name}-{environment.name}"
    for function in project.logs.functions:
        yield names.logical_id("Logs", function), f"/aws/lambda/{prefix}-{function}", function
    for service in project.logs.services:
        yield names.logical_id("Logs", service), f"/ecs/{prefix}-{service}", service
    for number, name in enumerate(project.logs.groups, 1):
        yield f"LogsOther{number}", names.fill(name, project, environment, region), project.name


def group(project: Project, environment: Environment, region: str, name: str, tags: names.Tags) -> Json:
    """Return the log group *name*."""
    properties: Json = {
        "LogGroupName": name,
        "RetentionInDays": environment.log_retention_days,
        "DataProtectionPolicy": protection(project.logs.identifiers),
        "Tags": tags,
    }
    if environment.logs_key:
        properties["KmsKeyId"] = key_arn(environment, region)
    return {
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }


def protection(identifiers: tuple[str, ...]) -> Json:
    """
    Return the policy that masks what masking in the process let through, and counts it.

    The audit comes first, both name the same identifiers, and an empty destination is enough for the metric
    `LogEventsWithFindings`. CloudWatch Logs user guide, "Data protection policies", 2026-11-24.
    """
    arns = [f"{IDENTIFIER}{name}" for name in identifiers]
    return {
        "Name": "second-line",
        "Description": "Masks and counts what was not masked before it was written",
        "Version": "2021-06-01",
        "Statement": [
            {"Sid": "audit", "DataIdentifier": arns, "Operation": {"Audit": {"FindingsDestination": {}}}},
            {"Sid": "mask", "DataIdentifier": arns, "Operation": {"Deidentify": {"MaskConfig": {}}}},
        ],
    }


def key_arn(environment: Environment, region: str) -> str:
    """Return the ARN of the key: CloudWatch Logs takes nothing shorter."""
    key = environment.logs_key
    return key if key.startswith("arn:") else f"arn:aws:kms:{region}:{environment.account}:{key}"


def key_policy(environment: Environment, region: str) -> Json:
    """Return the statement that the key of log groups needs; the key is the platform's own."""
    return {
        "Sid": "LogGroupsOfThisAccount",
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{region}.amazonaws.com"},
        "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Resource": "*",
        "Condition": {
            "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{region}:{environment.account}:*"}
        },
    }


def namespace(project: Project) -> str:
    """Return where the metrics of text are: not among the catalog's, for nobody records them."""
    return f"{project.namespace}/Logs"


def _filters(project: Project, function: str) -> Iterator[tuple[str, Json]]:
    """Yield the metric filters of *function*: all functions count into one metric, and the log says which it was."""
    for metric, patterns in FILTERS.items():
        for form, pattern in zip(("Text", "Json"), patterns, strict=True):
            properties = {
                "LogGroupName": {"Ref": names.logical_id("Logs", function)},
                "FilterPattern": pattern,
                "MetricTransformations": [
                    {
                        "MetricNamespace": namespace(project),
                        "MetricName": metric,
                        "MetricValue": "1",
                        "DefaultValue": 0,
                        "Unit": "Count",
                    }
                ],
            }
            logical = names.logical_id(f"{metric}{form}", function)
            yield logical, {"Type": "AWS::Logs::MetricFilter", "Properties": properties}
