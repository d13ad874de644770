"""Events and contexts as Lambda hands them to a function."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class LambdaContext:
    """The context object of the Lambda runtime, with what obskit reads of it."""

    function_name: str = "checkout"
    aws_request_id: str = field(default_factory=lambda: str(uuid4()))
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:111111111111:function:checkout"
    memory_limit_in_mb: str = "128"
    tenant_id: str | None = None
    deadline: float = field(default_factory=lambda: time() + 30)

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - time()) * 1000))


def appsync_event(
    arguments: Mapping[str, object] | None = None,
    *,
    field_name: str = "checkout",
    parent_type: str = "Mutation",
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return what AppSync sends a direct Lambda resolver."""
    return {
        "arguments": dict(arguments or {}),
        "identity": None,
        "source": None,
        "request": {"headers": {"host": "api.shop.example", **(headers or {})}, "domainName": None},
        "prev": None,
        "info": {
            "fieldName": field_name,
            "parentTypeName": parent_type,
            "variables": {},
            "selectionSetList": [],
            "selectionSetGraphQL": "",
        },
        "stash": {},
    }
