"""The forwarder as CloudFormation: function, subscription, dead-letter queue, the least of roles; one a region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from obskit.deploy import logs, names, paging
from obskit.deploy.model import FORWARDER
from obskit.deploy.own_function import OwnFunction, allow, template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.deploy.model import Environment, Project

Json = dict[str, Any]

HANDLER = "obskit.forwarder.handler.handler"
TIMEOUT_S = 900
RETRIES = 2
"""Together with the first run three quarters of an hour, as the topic's own retries."""
EVENT_AGE_S = 21_600


def render(project: Project, environment: Environment, region: str) -> Json:
    """Return the template of *region*; the topic is in the template of the alarms, which is deployed first."""
    topic = f"arn:aws:sns:{region}:{environment.account}:{names.topic(project, environment, paging.PAGING)}"
    tags = names.tags(project, environment, service="forwarder")
    own = OwnFunction(project, environment, "forwarder", paging.forwarder(project, environment), tags)
    dead_letters = paging.forwarder_dead_letters(project, environment)
    queue_arn = own.arn("DeadLetters")
    failed = {"DestinationConfig": {"OnFailure": {"Destination": queue_arn}}}
    resources: Json = {
        "ForwarderLogs": logs.group(project, environment, region, f"/aws/lambda/{own.called}", tags),
        "ForwarderDeadLetters": paging.queue(environment, dead_letters, tags),
        "ForwarderDeadLettersPolicy": paging.queue_policy("ForwarderDeadLetters", topic),
        "ForwarderRole": own.role(_statements(own, environment, region)),
        "ForwarderFunction": own.function(
            HANDLER, "Hands alarms over to PagerDuty's Events API v2", TIMEOUT_S, _variables(environment)
        ),
        "ForwarderInvocation": own.invocation(RETRIES, EVENT_AGE_S, **failed),
        "ForwarderPermission": own.permission("sns.amazonaws.com", topic),
        "ForwarderSubscription": {
            "Type": "AWS::SNS::Subscription",
            "DependsOn": ["ForwarderDeadLettersPolicy", "ForwarderPermission"],
            "Properties": {
                "TopicArn": topic,
                "Protocol": "lambda",
                "Endpoint": own.arn("Function"),
                "RedrivePolicy": {"deadLetterTargetArn": queue_arn},
                **_filter(environment),
            },
        },
    }
    of = f"Forwarder of pages of {project.name}, {environment.name}, {region}"
    return template(of, "obskit[powertools] and obskit_settings.py", resources, bucket=", in this region")


def _filter(environment: Environment) -> Json:
    """Take what the other subscription does not; without one, everything."""
    if environment.route == FORWARDER:
        return {}
    return {"FilterPolicy": paging.COMPOSITES, "FilterPolicyScope": "MessageBody"}


def _variables(environment: Environment) -> Json:
    return {
        "PAGING_DEAD_LETTERS": {"Ref": "ForwarderDeadLetters"},
        "PAGING_SECRET": environment.paging_secret,
        "PAGING_URL": f"{environment.paging_endpoint}/v2/enqueue",
    }


def _statements(own: OwnFunction, environment: Environment, region: str) -> Iterator[Json]:
    account, secret = environment.account, environment.paging_secret
    # Secrets Manager ends an ARN with six characters of its own.
    arn = secret if secret.startswith("arn:") else f"arn:aws:secretsmanager:{region}:{account}:secret:{secret}-??????"
    yield own.writes_logs(region)
    yield allow("RoutingKey", ["secretsmanager:GetSecretValue"], [arn])
    yield from own.reads_keys()
    queue = ["sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:SendMessage"]
    yield allow("DeadLetters", queue, [own.arn("DeadLetters")])
    # CloudWatch tells of composite alarms only to whom may ask of every alarm (DescribeAlarms, 2026-11-24); it reads.
    yield allow("AlarmStates", ["cloudwatch:DescribeAlarms"], ["*"])
    services = [f"{service}.{region}.amazonaws.com" for service in ("secretsmanager", "sqs")]
    condition: Json = {"StringEquals": {"kms:ViaService": services}}
    key = environment.kms_key
    if not key.startswith("arn:"):
        # IAM allows keys, not aliases: the key that has this alias, whichever it is.
        condition["ForAnyValue:StringEquals"] = {"kms:ResourceAliases": key}
        key = f"arn:aws:kms:{region}:{account}:key/*"
    yield {**allow("Key", ["kms:Decrypt", "kms:GenerateDataKey"], [key]), "Condition": condition}
