"""The scheduled function of the probes as CloudFormation: itself, its schedule, its log group, the least of roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from obskit.deploy import logs, names
from obskit.deploy.own_function import OwnFunction, allow, template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from obskit.deploy.model import Environment, Project
    from obskit.deploy.probes import Probes

Json = dict[str, Any]

HANDLER = "obskit.probes.handler.handler"
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
    tags = names.tags(project, environment, service="probes")
    own = OwnFunction(project, environment, "probes", called, tags)
    measures, timeout_s = f"Measures {', '.join(probes.names)}", _longest(probes.plain) + SPARE_S
    resources: Json = {
        "ProbesLogs": logs.group(project, environment, region, f"/aws/lambda/{called}", tags),
        "ProbesRole": own.role(_statements(own, environment, probes)),
        "ProbesFunction": own.function(HANDLER, measures, timeout_s, {}, **_network(probes)),
        # A run that failed is not made up for: the next one measures, and two would count twice.
        "ProbesInvocation": own.invocation(0, 60),
        "ProbesSchedule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Name": called,
                "Description": f"Runs the probes of {project.name}, {environment.name}",
                "ScheduleExpression": f"rate({probes.schedule.every} minute{'s' * (probes.schedule.every > 1)})",
                "State": "ENABLED",
                "Targets": [{"Id": "probes", "Arn": own.arn("Function")}],
                "Tags": tags,
            },
        },
        "ProbesPermission": own.permission("events.amazonaws.com", own.arn("Schedule")),
    }
    of = f"Probes of {project.name}, {environment.name}, {region}"
    metadata: Json = {"obskit": {"VpcEndpoints": endpoints(region, probes)}}
    return template(of, "obskit[probes] and obskit_settings.py", resources, Metadata=metadata)


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


def _network(probes: Probes) -> Json:
    schedule = probes.schedule
    if not schedule.subnets:
        return {}
    return {"VpcConfig": {"SubnetIds": list(schedule.subnets), "SecurityGroupIds": list(schedule.security_groups)}}


def _statements(own: OwnFunction, environment: Environment, probes: Probes) -> Iterator[Json]:
    region, account, plain = environment.primary, environment.account, probes.plain
    yield own.writes_logs(region)
    if secrets := _secrets(plain):
        yield allow("Secrets", ["secretsmanager:GetSecretValue"], secrets)
    yield from own.reads_keys()
    if probes.kms_key:
        yield {
            **allow("SecretsKey", ["kms:Decrypt"], [probes.kms_key]),
            "Condition": {"StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"}},
        }
    database = _database(plain)
    if database.get("via") == "data-api":
        actions = ["rds-data:BeginTransaction", "rds-data:ExecuteStatement", "rds-data:RollbackTransaction"]
        yield allow("DataApi", actions, [str(database["cluster"])])
    if queues := _queues(plain):
        yield allow("Queues", ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"], queues)
        yield allow("QueueAges", ["cloudwatch:GetMetricData"], ["*"])
    if "ses" in plain:
        yield allow("SendingStatistics", ["ses:GetSendQuota", "ses:GetSendStatistics"], ["*"])
    if probes.schedule.subnets:
        yield allow("Network", _VPC, ["*"])
        # The role is the function's, too: its code has no business with network interfaces.
        arn = f"arn:aws:lambda:{region}:{account}:function:{own.called}"
        yield {
            "Sid": "NetworkNotForTheCode",
            "Effect": "Deny",
            "Action": list(_VPC),
            "Resource": "*",
            "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": arn}},
        }


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
