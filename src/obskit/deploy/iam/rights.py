"""What a policy is made of: calls, what they may be made on, under which condition."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from obskit.deploy.iam.everything import EVERYTHING, resources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Json = dict[str, Any]

MOST = 6144
"""Characters of a managed policy, blanks not counted. IAM user guide, "IAM and AWS STS quotas", 2026-11-24."""


class Right(NamedTuple):
    """One *action* on *arns*; *condition* is of (operator, key, values)."""

    action: str
    arns: tuple[str, ...]
    condition: tuple[tuple[str, str, tuple[str, ...]], ...] = ()


def rights(service: str, calls: str, *arns: str) -> Iterator[Right]:
    """
    Yield the right to each of *calls*, names with blanks between them, on *arns* or on `*` where it must be.

    >>> [right.action for right in rights("sns", "CreateTopic Unsubscribe", "arn:aws:sns:us-east-1:333333333333:a")]
    ['sns:CreateTopic', 'sns:Unsubscribe']
    """
    for call in calls.split():
        action = f"{service}:{call}"
        yield Right(action, resources(action, *arns))


def document(found: Iterable[Right]) -> Json:
    """
    Return the policy of *found*: one statement for all calls of a service on the same things.

    Only what is allowed on `*` has an id: a policy may not be long, and that is what a reader looks for.
    """
    arns: dict[tuple[str, object], set[str]] = {}
    for right in found:
        arns.setdefault((right.action, right.condition), set()).update(right.arns)
    alike: dict[tuple[str, tuple[str, ...], Any], list[str]] = {}
    for (action, condition), named in sorted(arns.items(), key=lambda item: (item[0][0], str(item[0][1]))):
        alike.setdefault((action.partition(":")[0], tuple(sorted(named)), condition), []).append(action)
    statements = []
    for (service, on, condition), actions in alike.items():
        statement: Json = {"Effect": "Allow", "Action": actions, "Resource": list(on)}
        if on == ("*",):
            statement = {"Sid": "".join(part.capitalize() for part in (*service.split("-"), "everything")), **statement}
        if condition:
            statement["Condition"] = {operator: {key: list(values)} for operator, key, values in condition}
        statements.append(statement)
    return {"Version": "2012-10-17", "Statement": statements}


def too_long(policy: Json) -> list[str]:
    """Say so if *policy* is more than a managed policy may hold."""
    size = len(json.dumps(policy, separators=(",", ":")))
    if size <= MOST:
        return []
    return [f"{size} characters: a managed policy holds {MOST}, an inline one of a role 10,240; or attach it in parts"]


def explained(policy: Json) -> list[str]:
    """Return for each call that *policy* allows on `*` why it does."""
    allowed = (one for one in policy["Statement"] if one["Effect"] == "Allow" and "*" in one["Resource"])
    actions = sorted({action for statement in allowed for action in statement["Action"]})
    return [f"{action} on *: {EVERYTHING[action]}" for action in actions]
