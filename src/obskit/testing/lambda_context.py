"""The context object that Lambda hands to a handler."""

from __future__ import annotations

import sys
import uuid
from dataclasses import dataclass, field
from typing import Any

from obskit import clock, ids


@dataclass
class CognitoIdentity:
    """Who called through the mobile SDK."""

    cognito_identity_id: str | None = None
    cognito_identity_pool_id: str | None = None


@dataclass
class Client:
    """The mobile app that called."""

    installation_id: str | None = None
    app_title: str | None = None
    app_version_name: str | None = None
    app_version_code: str | None = None
    app_package_name: str | None = None


@dataclass
class ClientContext:
    """What the caller of `Invoke` passed beside the payload."""

    custom: dict[str, Any] | None = None
    env: dict[str, Any] | None = None
    client: Client | None = None


@dataclass(kw_only=True)
class LambdaContext:
    """
    All that Lambda's own context has. What is left empty follows from the name.

    >>> LambdaContext(function_name="search").invoked_function_arn
    'arn:aws:lambda:us-east-1:111111111111:function:search'
    """

    function_name: str = "checkout"
    function_version: str = "$LATEST"
    memory_limit_in_mb: str = "128"
    """A text, as Lambda gives it."""
    aws_request_id: str = field(default_factory=lambda: str(uuid.UUID(ids.trace_id(), version=4)))
    invoked_function_arn: str = ""
    log_group_name: str = ""
    log_stream_name: str = "2026/01/02/[$LATEST]d5c3a1b2e4f60718293a4b5c6d7e8f90"
    tenant_id: str | None = None
    identity: CognitoIdentity = field(default_factory=CognitoIdentity)
    client_context: ClientContext | None = None
    timeout_s: float = 30.0
    """What the function may take, from now on."""

    def __post_init__(self) -> None:
        self.invoked_function_arn = self.invoked_function_arn or (
            f"arn:aws:lambda:us-east-1:111111111111:function:{self.function_name}"
        )
        self.log_group_name = self.log_group_name or f"/aws/lambda/{self.function_name}"
        self._deadline_ns = clock.monotonic_ns() + int(self.timeout_s * 1e9)

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left of the timeout; 0 when nothing is."""
        return max(0, (self._deadline_ns - clock.monotonic_ns()) // 1_000_000)

    def log(self, msg: object) -> None:
        """Write *msg* as Lambda does: to standard output, without a newline."""
        sys.stdout.write(str(msg))

    def w3c(self) -> dict[str, str]:
        """Return the W3C trace context that the caller of `Invoke` passed: none."""
        return {}
