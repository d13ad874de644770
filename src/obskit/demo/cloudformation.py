"""Load a rendered CloudFormation template into the emulator, and say what of it the emulator cannot hold."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from obskit.demo.left_out import without_unsupported
from obskit.demo.waiting import wait_until
from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.demo.emulator import Emulator

STACK_S = 30.0
CONFIRM_S = 10.0
INLINE_BYTES = 51_200
"""Bytes of a template in the call itself. CloudFormation quotas, 2026-11-24; the emulator keeps to them."""
BUCKET = "templates"
SUBSCRIPTION_ATTRIBUTES = ("DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy")


class StackFailedError(ObskitError):
    """The stack was not created; the message has its events."""


@dataclass(frozen=True)
class LoadedStack:
    """What was created, and what had to be left out."""

    name: str
    outputs: Mapping[str, str]
    resources: Mapping[str, str]
    """Physical ids by logical id."""
    left_out: Mapping[str, str]
    """Why, by the alarm's name: composite and metric-math alarms, which the emulator refuses."""
    confirmed: tuple[str, ...]
    """Endpoints whose http subscription was confirmed."""


def load(
    emulator: Emulator, template: Mapping[str, Any], name: str, parameters: Mapping[str, str] | None = None
) -> LoadedStack:
    """
    Create stack *name* from *template* and wait until it is complete and its http subscriptions are confirmed.

    Raises:
        StackFailedError: with the stack's events.
        DidNotHappenError: a subscription was not confirmed in time.
    """
    body, left_out = without_unsupported(copy.deepcopy(dict(template)), emulator.region, emulator.account)
    cloudformation = emulator.client("cloudformation")
    try:
        cloudformation.create_stack(
            StackName=name,
            **_sent(emulator, name, json.dumps(body, separators=(",", ":"))),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in (parameters or {}).items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        )
    except cloudformation.exceptions.ClientError as error:
        raise StackFailedError(f"stack {name} was refused: {error}") from error
    stack = _wait_until_complete(cloudformation, name)
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    found = [resource for page in pages for resource in page["StackResourceSummaries"]]
    topics = [resource["PhysicalResourceId"] for resource in found if resource["ResourceType"] == "AWS::SNS::Topic"]
    return LoadedStack(
        name=name,
        outputs={output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        resources={resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in found},
        left_out=left_out,
        confirmed=tuple(endpoint for topic in topics for endpoint in subscribe_again(emulator, topic)),
    )


def _sent(emulator: Emulator, name: str, text: str) -> dict[str, str]:
    """Say where the template is: in the call, or as every larger one in a bucket."""
    if len(text.encode()) <= INLINE_BYTES:
        return {"TemplateBody": text}
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=f"{name}.json", Body=text.encode())
    return {"TemplateURL": f"{emulator.url.rstrip('/')}/{BUCKET}/{name}.json"}


def _wait_until_complete(cloudformation: Any, name: str) -> dict[str, Any]:
    def settled() -> dict[str, Any] | None:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        return None if stack["StackStatus"].endswith("_IN_PROGRESS") else stack

    def events() -> str:
        return "\n".join(
            f"  {event['LogicalResourceId']} {event['ResourceStatus']} {event.get('ResourceStatusReason', '')}".rstrip()
            for event in reversed(cloudformation.describe_stack_events(StackName=name)["StackEvents"])
        )

    stack = wait_until(settled, STACK_S, f"stack {name} settles", evidence=events)
    if stack["StackStatus"] != "CREATE_COMPLETE":
        raise StackFailedError(
            f"stack {name} is {stack['StackStatus']}: {stack.get('StackStatusReason', '')}\n{events()}"
        )
    return stack


def subscribe_again(emulator: Emulator, topic: str) -> list[str]:
    """
    Renew the http subscriptions of *topic* and wait until each is confirmed; return their endpoints.

    The emulator never sends the confirmation of a subscription that CloudFormation made, and delivers nothing to it.
    """
    sns = emulator.client("sns")
    endpoints = []
    for subscription in _subscriptions(sns, topic):
        endpoint = subscription["Endpoint"]
        if not endpoint.startswith(("http://", "https://")):
            continue
        given = sns.get_subscription_attributes(SubscriptionArn=subscription["SubscriptionArn"])["Attributes"]
        sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
        kept = {name: given[name] for name in SUBSCRIPTION_ATTRIBUTES if given.get(name)}
        subscribe(emulator, topic, endpoint, attributes=kept)
        endpoints.append(endpoint)
    return endpoints


def subscribe(
    emulator: Emulator,
    topic: str,
    endpoint: str,
    deadline_s: float = CONFIRM_S,
    *,
    attributes: Mapping[str, str] | None = None,
) -> None:
    """
    Subscribe the http(s) *endpoint* to *topic* (an ARN), with *attributes*, and wait until it has confirmed.

    Raises:
        DidNotHappenError: it has not in time; nothing would be delivered to it.
    """
    emulator.client("sns").subscribe(
        TopicArn=topic, Protocol=endpoint.partition(":")[0], Endpoint=endpoint, Attributes=dict(attributes or {})
    )
    _wait_until_confirmed(emulator, topic, endpoint, deadline_s)


def _wait_until_confirmed(emulator: Emulator, topic: str, endpoint: str, deadline_s: float) -> None:
    sns = emulator.client("sns")

    def confirmed() -> bool:
        # AWS lists a pending one with the word "PendingConfirmation" for its ARN, the emulator with an ARN.
        arns = [one["SubscriptionArn"] for one in _subscriptions(sns, topic) if one["Endpoint"] == endpoint]
        return any(
            sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "false"
            for arn in arns
            if arn.startswith("arn:")
        )

    wait_until(confirmed, deadline_s, f"the subscription of {endpoint} to {topic} is confirmed")


def _subscriptions(sns: Any, topic: str) -> list[dict[str, Any]]:
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    return [subscription for page in pages for subscription in page["Subscriptions"]]
