"""What a topic's subscription says of its endpoint, and how often SNS tries."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from obskit.deploy.rules.placeholders import has_unknown, is_unknown
from obskit.deploy.rules.problem import Fault, short
from obskit.deploy.rules.shape import is_number, number

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = "SNS API, Subscribe; developer guide, Message delivery retries"

_ENDPOINTS = {
    "http": (r"http://.+", "begins with http://"),
    "https": (r"https://.+", "begins with https://"),
    "email": (r"[^@\s]+@[^@\s]+", "is an address"),
    "email-json": (r"[^@\s]+@[^@\s]+", "is an address"),
    "sms": (r"\+?[0-9 ().-]+", "is a telephone number"),
    **dict.fromkeys(("sqs", "lambda", "application", "firehose"), (r"arn:.+", "is an ARN")),
}
"""By protocol: what its endpoint looks like. SNS refuses another one while the stack is made (aws/aws-cdk#15482)."""
_RETRIES = {"numRetries": (0, 100), "minDelayTarget": (1, 3600), "maxDelayTarget": (1, 3600)}
"""Of `healthyRetryPolicy`: least and most. Developer guide, "Amazon SNS message delivery retries", 2026-11-24."""
RETRYING = 3600
"""Seconds from the first to the last try of HTTP and HTTPS. "This is a hard limit"; same page, same day."""
_USUAL: dict[str, float] = {
    "numRetries": 3.0,
    "numNoDelayRetries": 0.0,
    "numMinDelayRetries": 0.0,
    "numMaxDelayRetries": 0.0,
    "minDelayTarget": 20.0,
    "maxDelayTarget": 20.0,
}
"""What holds for what a policy does not say."""


def check(properties: dict[str, object]) -> Iterator[Fault]:
    protocol, endpoint = properties.get("Protocol"), properties.get("Endpoint")
    if isinstance(protocol, str) and not has_unknown(protocol) and "${" not in protocol:
        yield from _endpoint(protocol, endpoint)
    yield from _delivery(properties.get("DeliveryPolicy"))


def _endpoint(protocol: str, endpoint: object) -> Iterator[Fault]:
    if protocol not in _ENDPOINTS:
        words = f"Should be equal to one of the allowed values: {', '.join(_ENDPOINTS)}"
        yield Fault("/Protocol", "enum", words)
        return
    form, words = _ENDPOINTS[protocol]
    known = isinstance(endpoint, str) and not has_unknown(endpoint) and "${" not in endpoint
    if known and not str(endpoint).startswith("{{resolve:") and not re.fullmatch(form, str(endpoint), re.DOTALL):
        told = f'Should match the protocol {protocol}, whose endpoint {words}: "{short(endpoint)}" does not'
        yield Fault("/Endpoint", "form", told)


def _delivery(policy: object) -> Iterator[Fault]:
    if isinstance(policy, str) and not is_unknown(policy):
        try:
            policy = json.loads(policy)
        except (ValueError, RecursionError):
            return
    found = policy.get("healthyRetryPolicy") if isinstance(policy, dict) else None
    if not isinstance(found, dict):
        return
    path = "/DeliveryPolicy/healthyRetryPolicy"
    for key, (least, most) in _RETRIES.items():
        if key in found:
            yield from number(least, most, whole=True)(found[key], f"{path}/{key}")
    least_wait, most_wait = found.get("minDelayTarget"), found.get("maxDelayTarget")
    if is_number(least_wait) and is_number(most_wait) and least_wait > most_wait:
        yield Fault(f"{path}/minDelayTarget", "range", f"Should be <= maxDelayTarget ({most_wait:g})")
    if not any(is_unknown(one) for one in found.values()) and (seconds := _least_seconds(found)) > RETRYING:
        words = f"the retries take at least {seconds:g} seconds; SNS takes {RETRYING} in all"
        yield Fault(path, "retry-time", words)


def _least_seconds(policy: dict[str, object]) -> float:
    """Return how long all retries of *policy* take at least; those of the backoff count with the shortest wait."""
    given = {key: value if is_number(value := policy.get(key)) else default for key, default in _USUAL.items()}
    before, after = given["numMinDelayRetries"], given["numMaxDelayRetries"]
    between = max(0.0, given["numRetries"] - given["numNoDelayRetries"] - before - after)
    return (before + between) * given["minDelayTarget"] + after * given["maxDelayTarget"]
