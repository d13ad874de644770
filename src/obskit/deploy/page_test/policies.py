"""Whether a resource's policy lets a service of AWS do something: as much of IAM's language as topics and keys use."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from obskit.deploy.page_test.way import document

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    Says = Literal["yes", "no", "unsure"]

Json = dict[str, Any]

_LIKE = ("StringLike", "ArnLike", "ArnEquals")
_EQUAL = ("StringEquals", "StringEqualsIgnoreCase", "Bool")
_CALL = {"aws:SecureTransport": "true", "aws:PrincipalIsAWSService": "true"}
"""What every call of a service of AWS carries."""


def permits(policy: str, service: str, actions: tuple[str, ...], context: Mapping[str, str]) -> Says:
    """
    Return whether *policy* lets *service* do all of *actions* when the request carries *context*.

    `unsure` where a condition decides that this does not know.

    >>> allow = '{"Statement": {"Effect": "Allow", "Principal": {"Service": "s"}, "Action": "sns:*", "Resource": "*"}}'
    >>> permits(allow, "s", ("sns:Publish",), {}), permits(allow, "other", ("sns:Publish",), {})
    ('yes', 'no')
    """
    said: list[Says] = []
    for action in actions:
        allowed = [_matches(one, context) for one in _about(policy, "Allow", service, action)]
        denied = [_matches(one, context) for one in _about(policy, "Deny", service, action)]
        if "yes" in denied or not {"yes", "unsure"} & {*allowed}:
            return "no"
        said.append("yes" if "yes" in allowed and "unsure" not in denied else "unsure")
    return "unsure" if "unsure" in said else "yes"


def others(policy: str, service: str, action: str) -> list[str]:
    """Return who but *service* may do *action* by *policy*, as its statements name them."""
    found = []
    for one in statements(policy):
        if one.get("Effect") != "Allow" or not _has(one, action):
            continue
        principal = one.get("Principal")
        if principal not in ({"Service": service}, {"Service": [service]}):
            found.append(str(one.get("Sid") or principal))
    return found


def statements(policy: str) -> list[Json]:
    found = document(policy).get("Statement", [])
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]


def _about(policy: str, effect: str, service: str, action: str) -> list[Json]:
    return [
        one
        for one in statements(policy)
        if one.get("Effect") == effect and _has(one, action) and _names(one.get("Principal"), service)
    ]


def _has(statement: Json, action: str) -> bool:
    if "NotAction" in statement:
        return not any(fnmatchcase(action.lower(), one.lower()) for one in _listed(statement["NotAction"]))
    return any(fnmatchcase(action.lower(), one.lower()) for one in _listed(statement.get("Action")))


def _names(principal: object, service: str) -> bool:
    if principal == "*":
        return True
    found = _listed(principal.get("Service")) if isinstance(principal, dict) else []
    # `{"AWS": "*"}` is everybody, services too.
    everybody = isinstance(principal, dict) and "*" in _listed(principal.get("AWS"))
    return service in found or "*" in found or everybody


def _matches(statement: Json, context: Mapping[str, str]) -> Says:
    said: Says = "yes"
    known = {**_CALL, **context}
    for operator, wanted in (statement.get("Condition") or {}).items():
        plain = operator.removesuffix("IfExists")
        for key, values in wanted.items():
            given = next((value for name, value in known.items() if name.lower() == key.lower()), None)
            if given is None or plain not in (*_LIKE, *_EQUAL):
                said = "unsure"
            elif not any(_equal(plain, given, one) for one in _listed(values)):
                return "no"
    return said


def _equal(operator: str, given: str, wanted: str) -> bool:
    if operator in _LIKE:
        return fnmatchcase(given, wanted)
    return given == wanted or (operator != "StringEquals" and given.lower() == wanted.lower())


def _listed(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [] if value is None else [str(value)]
