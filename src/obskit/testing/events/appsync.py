"""
Events of AppSync: GraphQL resolvers, the Lambda authorizer, channels of AppSync Events.

Sources, 2026-11-24: AppSync developer guide, "Resolver context object reference", "Configuring authorization"; AppSync
Event API guide, "Context reference", "Direct data source integrations using Lambda".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from obskit.testing.events.common import ACCOUNT, EPOCH_S, REGION, SOURCE_IP, Event, an_id, fresh

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_HOST = "api.shop.example"


def cognito_identity(username: str = "ann", *, groups: Sequence[str] = (), **claims: object) -> Event:
    """
    Return the `identity` of a caller who signed in with a Cognito user pool.

    *claims* are added to those that every token has: `cognito_identity("ann", email="ann@example.com")`.
    """
    sub = an_id("user")
    issuer = f"https://cognito-idp.{REGION}.amazonaws.com/{REGION}_EXAMPLE"
    token: dict[str, object] = {
        "sub": sub,
        "iss": issuer,
        "cognito:username": username,
        "aud": "example-client",
        "token_use": "id",
        "auth_time": EPOCH_S,
        "iat": EPOCH_S,
        "exp": EPOCH_S + 3600,
    }
    if groups:
        token["cognito:groups"] = list(groups)
    identity: Event = fresh(
        {
            "sub": sub,
            "issuer": issuer,
            "username": username,
            "claims": {**token, **claims},
            "sourceIp": [SOURCE_IP],
            "defaultAuthStrategy": "ALLOW",
            "groups": list(groups) or None,
        }
    )
    return identity


def appsync_event(  # noqa: PLR0913  what a resolver's context has
    arguments: Mapping[str, object] | None = None,
    *,
    field_name: str = "checkout",
    parent_type: str = "Mutation",
    headers: Mapping[str, str] | None = None,
    identity: Mapping[str, object] | None = None,
    source: Mapping[str, object] | None = None,
    prev: Mapping[str, object] | None = None,
    stash: Mapping[str, object] | None = None,
    variables: Mapping[str, object] | None = None,
    selection: Sequence[str] = (),
    domain_name: str | None = None,
) -> Event:
    """
    Return what AppSync sends a direct Lambda resolver: the whole context of one field.

    Args:
        arguments: of the field.
        field_name: with *parent_type* (`Query`, `Mutation`, or the type of *source*) what is asked for.
        parent_type: see *field_name*.
        headers: of the client, beside `host`; AppSync hands them on in lower case.
        identity: `cognito_identity()` or another; None: the caller has an API key.
        source: the parent object of a nested field.
        prev: `{"result": …}` of the function before, in a pipeline.
        stash: what functions of one resolver share.
        variables: of the GraphQL request.
        selection: fields that the client asked for, such as `["id", "seller/name"]`.
        domain_name: the custom domain that was called.
    """
    event: Event = fresh(
        {
            "arguments": dict(arguments or {}),
            "identity": identity,
            "source": source,
            "request": {
                "headers": {"host": _HOST, **{name.lower(): value for name, value in (headers or {}).items()}},
                "domainName": domain_name,
            },
            "prev": prev,
            "info": {
                "fieldName": field_name,
                "parentTypeName": parent_type,
                "variables": dict(variables or {}),
                "selectionSetList": list(selection),
                "selectionSetGraphQL": _graphql(selection),
            },
            "stash": dict(stash or {}),
        }
    )
    return event


def appsync_batch_event(
    sources: Iterable[Mapping[str, object]] = ({"id": "listing-1"}, {"id": "listing-2"}),
    *,
    field_name: str = "seller",
    parent_type: str = "Listing",
    **context: Any,
) -> list[Event]:
    """
    Return what AppSync sends a resolver with batching: one context for each of *sources*, of one GraphQL request.

    *context* is what `appsync_event` takes, the same for each.
    """
    return [
        appsync_event(field_name=field_name, parent_type=parent_type, source=source, **context) for source in sources
    ]


def appsync_pipeline_event(
    arguments: Mapping[str, object] | None = None,
    *,
    result: object = None,
    stash: Mapping[str, object] | None = None,
    **context: Any,
) -> Event:
    """
    Return what AppSync sends a function of a pipeline: *result* is what the function before it returned.

    *context* is what `appsync_event` takes.
    """
    return appsync_event(arguments, prev={"result": result}, stash=stash, **context)


def appsync_authorizer_event(
    token: str = "ExampleAUTHtoken123123123",  # noqa: S107  AWS's example
    *,
    query: str = "query Search { search { id } }",
    operation_name: str | None = "Search",
    variables: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Event:
    """Return what AppSync sends a Lambda authorizer; *headers* are the client's."""
    event: Event = fresh(
        {
            "authorizationToken": token,
            "requestContext": {
                "apiId": "aaaaaa123123123example123",
                "accountId": ACCOUNT,
                "requestId": an_id("request"),
                "queryString": query,
                "operationName": operation_name,
                "variables": dict(variables or {}),
            },
            "requestHeaders": {
                "host": _HOST,
                "authorization": token,
                **{name.lower(): value for name, value in (headers or {}).items()},
            },
        }
    )
    return event


def appsync_channel_event(
    *payloads: object,
    operation: Literal["PUBLISH", "SUBSCRIBE"] = "PUBLISH",
    channel: str = "/default/orders",
    headers: Mapping[str, str] | None = None,
    identity: Mapping[str, object] | None = None,
) -> Event:
    """
    Return what AppSync Events sends an `onPublish` or `onSubscribe` handler.

    Args:
        payloads: one event each; a subscription has none.
        operation: what the client does.
        channel: its path; the first segment is the namespace.
        headers: of the client.
        identity: of the client; None: an API key.
    """
    segments = channel.strip("/").split("/")
    published = [{"id": an_id("event", n), "payload": payload} for n, payload in enumerate(payloads, 1)]
    event: Event = fresh(
        {
            "identity": identity,
            "result": None,
            "request": {
                "headers": {"host": _HOST, **{name.lower(): value for name, value in (headers or {}).items()}},
                "domainName": None,
            },
            "info": {
                "channel": {"path": channel, "segments": segments},
                "channelNamespace": {"name": segments[0]},
                "operation": operation,
            },
            "error": None,
            "prev": None,
            "stash": {},
            "outErrors": [],
            "events": published if operation == "PUBLISH" else None,
        }
    )
    return event


def _graphql(selection: Iterable[str]) -> str:
    """
    Return the selection set that *selection* lists.

    >>> _graphql(["id", "seller", "seller/name"])
    '{ id seller { name } }'
    """
    tree: dict[str, Any] = {}
    for path in selection:
        node = tree
        for part in path.split("/"):
            node = node.setdefault(part, {})
    return _braced(tree) if tree else ""


def _braced(tree: Mapping[str, Any]) -> str:
    return "{ " + " ".join(f"{name} {_braced(inner)}" if inner else name for name, inner in tree.items()) + " }"
