"""
What an event asks for, and of what kind it is: the name of the invocation's span and what OpenTelemetry says of it.

Names: OpenTelemetry semantic conventions for FaaS, messaging, GraphQL and HTTP, 2026-11-24. A route is a template, such
as `/orders/{id}`; paths and what clients choose never are in a name.
"""

from __future__ import annotations

from obskit.tracing import carriers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Facts = dict[str, object]

HTTP, PUBSUB, DATASOURCE, TIMER, OTHER = "http", "pubsub", "datasource", "timer", "other"

_SOURCES = {
    "aws:sqs": (PUBSUB, "aws_sqs"),
    "aws:sns": (PUBSUB, "aws.sns"),
    "aws:kinesis": (PUBSUB, "aws.kinesis"),
    "aws:dynamodb": (DATASOURCE, ""),
    "aws:s3": (DATASOURCE, ""),
}
"""Where records come from -> the trigger and the messaging system."""

_OPERATIONS = {"Query": "query", "Mutation": "mutation", "Subscription": "subscription"}

_LONGEST = 200
"""Characters of a name that an event gives."""


def describe(event: object) -> tuple[str, str, Facts]:
    """
    Return the name of what *event* has a function do, empty where the function's own says it, the trigger, and facts.

    Never raises: an event that only looks like one of AWS's is of no kind.

    >>> describe({"detail-type": "OrderPlaced", "source": "shop", "detail": {}})[:2]
    ('OrderPlaced process', 'pubsub')
    """
    try:
        return _described(event)
    except Exception:  # noqa: BLE001  an event of any shape
        return "", OTHER, {}


def _described(event: object) -> tuple[str, str, Facts]:
    operation = carriers.operation(event)
    if operation:
        kind = _OPERATIONS.get(operation.partition(".")[0])  # else it resolves a field of somebody's type
        return operation, HTTP, {"graphql.operation.type": kind} if kind else {}
    if type(event) is dict:
        if type(records := event.get("Records")) is list and records:
            return _of_records(records)
        if type(detail_type := event.get("detail-type")) is str:
            return _of_bus(event, detail_type)
        if type(request := event.get("requestContext")) is dict:
            return _of_request(event, request)
    elif carriers.is_consumed(event):
        return _of_records(event)  # type: ignore[arg-type]  # EventBridge Pipes hand over the bare records
    return "", OTHER, {}


def source_of(record: Any) -> tuple[str, str]:
    """Return what *record* came through, such as `aws:sqs`, and the name of the queue, topic or stream."""
    service = record.get("eventSource") or record.get("EventSource") or ""
    known = _SOURCES.get(service)
    if known is None:
        return "", ""
    if service == "aws:s3":
        name = record["s3"]["bucket"]["name"]
    elif service == "aws:sns":
        name = record["Sns"]["TopicArn"].rpartition(":")[2]
    elif service == "aws:sqs":
        name = record["eventSourceARN"].rpartition(":")[2]
    else:  # arn:aws:kinesis:…:stream/NAME, arn:aws:dynamodb:…:table/NAME/stream/2026-…
        name = record["eventSourceARN"].partition("/")[2].partition("/")[0]
    return service, str(name)[:_LONGEST]


def _of_records(records: list[Any]) -> tuple[str, str, Facts]:
    service, name = source_of(records[0])
    if not service:
        return "", OTHER, {}
    if service != "aws:sqs" and any(source_of(record)[1] != name for record in records[1:]):  # a queue's are its own
        name = "multiple_sources"
    trigger, system = _SOURCES[service]
    facts: Facts = {}
    if system:
        facts["messaging.system"] = system
        facts["messaging.operation.type"] = "process"
        facts["messaging.destination.name"] = name
        facts["messaging.batch.message_count"] = len(records)
    return f"{name} process", trigger, facts


def _of_bus(event: dict[str, Any], detail_type: str) -> tuple[str, str, Facts]:
    """Return it for an event of EventBridge; a rule with a schedule is named by itself."""
    if event.get("source") in ("aws.events", "aws.scheduler"):
        resources = event.get("resources")
        rule = str(resources[0]).rpartition("/")[2] if type(resources) is list and resources else ""
        return rule[:_LONGEST] or detail_type[:_LONGEST], TIMER, {}
    facts: Facts = {"messaging.operation.type": "process", "messaging.destination.name": "eventbridge"}
    return f"{detail_type[:_LONGEST]} process", PUBSUB, facts


def _of_request(event: dict[str, Any], request: dict[str, Any]) -> tuple[str, str, Facts]:
    """Return it for an event of API Gateway, a function URL or a load balancer."""
    http = request.get("http")
    method = http.get("method") if type(http) is dict else event.get("httpMethod")
    if type(method) is not str:
        return "", OTHER, {}
    method = method if method in _METHODS else "_OTHER"
    route = event.get("resource") or str(event.get("routeKey") or "").partition(" ")[2]  # a `$default` has no route
    facts: Facts = {"http.request.method": method}
    if type(route) is not str or not route:
        return method, HTTP, facts
    facts["http.route"] = route[:_LONGEST]
    return f"{method} {route}"[:_LONGEST], HTTP, facts


_METHODS = frozenset("CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT QUERY TRACE".split())
"""What there is. Any other a client has made up: OpenTelemetry's convention says `_OTHER` of it."""


def status_of(result: object) -> int:
    """Return the HTTP status of what a handler answers with, 0 where that is no answer to HTTP."""
    status = result.get("statusCode") if type(result) is dict else 0
    return status if type(status) is int else 0
