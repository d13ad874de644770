"""What the functions that obskit deploys itself have in common: code, role, log group, who invokes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from obskit.deploy import names
    from obskit.deploy.model import Environment, Project

Json = dict[str, Any]

RUNTIME = "python3.13"
MEMORY_MB = 256
PSEUDONYMS = "OBSKIT_PSEUDONYM_SECRET_ARN"
"""The variable that has a function read keys: its role must let it."""


class OwnFunction:
    """
    One function: *called* is its name in the account, *service* what it says in its lines.

    Its resources are called after *service*: `ForwarderFunction`, `ForwarderRole`, `ForwarderLogs`.
    """

    def __init__(self, project: Project, environment: Environment, service: str, called: str, tags: names.Tags) -> None:
        self.called = called
        self._project, self._environment = project, environment
        self._service, self._tags = service, tags

    def resource(self, kind: str) -> str:
        return f"{self._service.capitalize()}{kind}"

    def arn(self, kind: str) -> Json:
        return {"Fn::GetAtt": [self.resource(kind), "Arn"]}

    def function(
        self, handler: str, description: str, timeout_s: int, variables: Mapping[str, object], **more: object
    ) -> Json:
        """Return the function; *variables* are those beside what every one of them has."""
        own = {key: value for key, value in self._environment.variables.items() if key.startswith("OBSKIT_")}
        properties = {
            "FunctionName": self.called,
            "Description": description,
            "Runtime": RUNTIME,
            "Architectures": ["arm64"],
            "Handler": handler,
            "Code": {"S3Bucket": {"Ref": "CodeBucket"}, "S3Key": {"Ref": "CodeKey"}},
            "Role": self.arn("Role"),
            "MemorySize": MEMORY_MB,
            "Timeout": timeout_s,
            # A log level of Lambda's own above INFO would drop the metrics.
            "LoggingConfig": {
                "LogFormat": "JSON",
                "ApplicationLogLevel": "INFO",
                "LogGroup": {"Ref": self.resource("Logs")},
            },
            "Environment": {
                "Variables": {
                    **own,
                    "OBSKIT_ENV": self._environment.name,
                    "OBSKIT_SERVICE": self._service,
                    "OBSKIT_METRICS_NAMESPACE": self._project.namespace,
                    **variables,
                }
            },
            "Tags": self._tags,
            **more,
        }
        return {"Type": "AWS::Lambda::Function", "Properties": properties}

    def role(self, statements: Iterable[Json]) -> Json:
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        properties = {
            "Description": f"What {self.called} may do",
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [{"PolicyName": self._service, "PolicyDocument": policy}],
            "Tags": self._tags,
        }
        return {"Type": "AWS::IAM::Role", "Properties": properties}

    def invocation(self, retries: int, age_s: int, **more: object) -> Json:
        """Return what becomes of a run that failed: *retries*, as long as the event is not older than *age_s*."""
        properties = {
            "FunctionName": {"Ref": self.resource("Function")},
            "Qualifier": "$LATEST",
            "MaximumRetryAttempts": retries,
            "MaximumEventAgeInSeconds": age_s,
            **more,
        }
        return {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": properties}

    def permission(self, principal: str, source: object) -> Json:
        """Let the service *principal* invoke it, for *source* only."""
        properties = {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": self.resource("Function")},
            "Principal": principal,
            "SourceArn": source,
        }
        return {"Type": "AWS::Lambda::Permission", "Properties": properties}

    def writes_logs(self, region: str) -> Json:
        group = f"arn:aws:logs:{region}:{self._environment.account}:log-group:/aws/lambda/{self.called}:*"
        return allow("Logs", ["logs:CreateLogStream", "logs:PutLogEvents"], [group])

    def reads_keys(self) -> Iterator[Json]:
        """Let it read the keys of pseudonyms, where it is told to."""
        if keys := self._environment.variables.get(PSEUDONYMS):
            yield allow("PseudonymKeys", ["secretsmanager:GetSecretValue"], [keys])


def allow(sid: str, actions: Sequence[str], resources: Sequence[object]) -> Json:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def template(description: str, holds: str, resources: Json, *, bucket: str = "", **more: Json) -> Json:
    """Return the template of *resources*; its parameters name the zip, which *holds* what the function needs."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"{description}; rendered by obskit",
        **more,
        "Parameters": {
            "CodeBucket": {"Type": "String", "Description": f"S3 bucket of the function's zip{bucket}"},
            "CodeKey": {"Type": "String", "Description": f"Its key: {holds}"},
        },
        "Resources": resources,
    }
