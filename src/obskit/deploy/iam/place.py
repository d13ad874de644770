"""Whose policy it is: the environment that is rendered, and how its things are called in ARNs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from obskit.deploy.iam.rights import Right

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from obskit.deploy.render import Rendered

Json = dict[str, Any]

_FILLED = re.compile(r"\$\{\w+\}")
LAMBDA, ECS = "/aws/lambda/", "/ecs/"


@dataclass(frozen=True, slots=True)
class Place:
    """
    What is *rendered*, and what the command in question is given.

    *bucket* is the one that templates or zips go through, *parameters* those of the templates; *dry_run* and
    *token_secret* are as `obskit page-test` has them.
    """

    rendered: Rendered
    bucket: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False
    token_secret: str = ""

    @property
    def regions(self) -> tuple[str, ...]:
        """Return where something is deployed, the primary region first."""
        return tuple(dict.fromkeys((self.rendered.environment.primary, *self.rendered.templates)))

    @property
    def prefix(self) -> str:
        """Return how names of this environment begin."""
        return f"{self.rendered.project.name}-{self.rendered.environment.name}-"

    def arn(self, service: str, region: str, rest: str) -> str:
        return f"arn:aws:{service}:{region}:{self.rendered.environment.account}:{rest}"

    def alarms(self, region: str) -> str:
        name = self.rendered.project.name
        return self.arn("cloudwatch", region, f"alarm:{name}-*-{self.rendered.environment.name}-{region}-*")

    def dashboards(self) -> str:
        return self.arn("cloudwatch", "", f"dashboard/{self.prefix}*")

    def log_groups(self, region: str) -> tuple[str, ...]:
        """Return log groups as calls on them need it: those of functions and services by prefix, others by name."""
        resources = self.rendered.logs.get(region, {}).get("Resources", {}).values()
        found = [_text(one["Properties"]["LogGroupName"]) for one in resources if one["Type"] == "AWS::Logs::LogGroup"]
        patterns = [f"{LAMBDA}{self.prefix}*", *(f"{ECS}{self.prefix}*" for one in found if one.startswith(ECS))]
        for name in found:
            if not name.startswith((LAMBDA + self.prefix, ECS + self.prefix)):
                patterns += [name, f"{name}:*"]
        return tuple(self.arn("logs", region, f"log-group:{one}") for one in dict.fromkeys(patterns))

    def secret(self, region: str, name: str) -> str:
        """Return the ARN of a secret: Secrets Manager ends it with six characters of its own."""
        return name if name.startswith("arn:") else self.arn("secretsmanager", region, f"secret:{name}-??????")

    def key(self, region: str, action: str, service: str = "") -> Iterator[Right]:
        """Yield the right to *action* on the environment's key; with a *service* through that one only."""
        key = self.rendered.environment.kms_key
        if not key:
            return
        conditions = []
        if service:
            conditions.append(("StringEquals", "kms:ViaService", (f"{service}.{region}.amazonaws.com",)))
        if not key.startswith("arn:"):
            # IAM allows keys, not aliases: the key that has this alias, whichever it is.
            conditions.append(("ForAnyValue:StringEquals", "kms:ResourceAliases", (key,)))
            key = self.arn("kms", region, "key/*")
        yield Right(action, (key,), tuple(conditions))


def _text(name: object) -> str:
    """Return a name; what CloudFormation fills in is `*`."""
    text = name["Fn::Sub"] if isinstance(name, dict) else name
    return _FILLED.sub("*", str(text))
