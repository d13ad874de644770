"""Where each kind of Lambda event, and each kind of message, carries the trace."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

from obskit.tracing import w3c, xray

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.tracing.model import TraceContext

CORRELATION = "x-correlation-id"
"""The header that carries the one id of a business request."""

KINDS = ("http", "sqs", "sns", "eventbridge")
"""What `inject` can write into."""

_LONGEST_CORRELATION_ID = 128
_CORRELATION_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:")


def extract(event: object) -> TraceContext | None:
    """
    Return where *event* says it comes from, or None.

    *event* is any Lambda event or a mapping of headers. `traceparent` goes before `X-Amzn-Trace-Id`: the first is
    the caller's own, the second may have been put there by a load balancer on the way. Never raises.
    """
    for headers in _headers(event):
        found = _from_headers(headers)
        if found is not None:
            return found
    return None


def read(event: object) -> tuple[TraceContext | None, str]:
    """Return what `extract` and `correlation_id` find in *event*; where it is AppSync's, for a fraction of the time."""
    if type(event) is dict and type(event.get("request")) is dict:
        headers = event["request"].get("headers")
        traceparent = headers.get("traceparent") if type(headers) is dict else None  # AppSync writes lower case
        found = w3c.parse(traceparent) if type(traceparent) is str else None
        if found is not None:
            correlation = headers.get(CORRELATION, "")
            if type(correlation) is str and _is_correlation_id(correlation):
                return found, correlation
            if _OTHER_CARRIERS.isdisjoint(event):
                return found, ""
            return found, correlation_id(event)
    return extract(event), correlation_id(event)


_OTHER_CARRIERS = frozenset(("headers", "detail", "Records", CORRELATION))
"""Where `_headers` looks beside AppSync's request; a name in other letters is nobody's."""


def correlation_id(event: object) -> str:
    """Return the correlation id that *event* carries, or an empty string. Odd characters void it."""
    for headers in _headers(event):
        value = headers.get(CORRELATION, "")
        if _is_correlation_id(value):
            return value
    return ""


def _is_correlation_id(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_CORRELATION_ID and _CORRELATION_CHARACTERS.issuperset(text)


def operation(event: object) -> str:
    """Return what an AppSync *event* asks for, such as `Mutation.checkout`; empty for other events."""
    if isinstance(event, list):
        event = event[0] if event else None
    info = event.get("info") if isinstance(event, Mapping) else None
    if not isinstance(info, Mapping):
        return ""
    kind, name = info.get("parentTypeName"), info.get("fieldName")
    return f"{kind}.{name}" if isinstance(kind, str) and isinstance(name, str) else ""


def errors_within(event: object, result: object) -> int:
    """
    Return the number of errors in what an AppSync resolver returned: Lambda calls it a success.

    A resolver reports an error by `errorMessage`, in the result or, where *event* is a batch, in an element of it.
    """
    if type(event) is list and type(result) is list:
        return sum(type(element) is dict and bool(element.get("errorMessage")) for element in result)
    return int(type(result) is dict and bool(result.get("errorMessage")) and operation(event) != "")


def write(
    carrier: MutableMapping[str, object], kind: str, trace: TraceContext | None, correlation: str
) -> MutableMapping[str, object]:
    """Put *trace* and *correlation* into *carrier* as *kind* demands; returns *carrier*."""
    values: dict[str, str] = {}
    if trace is not None and trace.span_id:
        values["traceparent"] = w3c.render(trace)
    if trace is not None and kind in ("http", "eventbridge"):
        values["x-amzn-trace-id"] = xray.render(trace)
    if correlation:
        values[CORRELATION] = correlation
    if kind in ("http", "eventbridge"):
        # EventBridge has no headers that survive an archive: the carrier is the event's `detail`.
        carrier.update(values)
    else:
        value_key = {"sqs": "StringValue", "sns": "StringValue"}[kind]
        carrier.update({name: {"DataType": "String", value_key: value} for name, value in values.items()})
    return carrier


def _from_headers(headers: Mapping[str, str]) -> TraceContext | None:
    found = w3c.parse(headers.get("traceparent", ""))
    return found if found is not None else xray.parse(headers.get("x-amzn-trace-id", ""))


def _headers(event: object) -> Iterator[Mapping[str, str]]:
    """Yield the header mappings of *event*, names in lower case, the most telling first."""
    if isinstance(event, list):
        event = event[0] if event else None  # an AppSync batch: all its elements are of one request
    if not isinstance(event, Mapping):
        return
    request = event.get("request")
    if isinstance(request, Mapping):  # AppSync, direct or through a resolver that passes the context on
        yield _texts(request.get("headers"))
    if isinstance(event.get("headers"), Mapping):  # API Gateway, function URLs, load balancers
        yield _texts(event.get("headers"))
    if isinstance(event.get("detail"), Mapping):  # EventBridge
        yield _texts(event.get("detail"))
    records = event.get("Records")
    if isinstance(records, list) and records and isinstance(records[0], Mapping):
        yield from _record_headers(records[0])
    yield _texts(event)


def _record_headers(record: Mapping[str, object]) -> Iterator[Mapping[str, str]]:
    yield _attributes(record.get("messageAttributes"), "stringValue")  # SQS
    attributes = record.get("attributes")
    if isinstance(attributes, Mapping) and isinstance(attributes.get("AWSTraceHeader"), str):
        yield {"x-amzn-trace-id": attributes["AWSTraceHeader"]}
    sns = record.get("Sns")
    if isinstance(sns, Mapping):
        yield _attributes(sns.get("MessageAttributes"), "Value")


def _texts(headers: object) -> Mapping[str, str]:
    if not isinstance(headers, Mapping):
        return {}
    return {name.lower(): value for name, value in headers.items() if isinstance(name, str) and isinstance(value, str)}


def _attributes(attributes: object, value_key: str) -> Mapping[str, str]:
    if not isinstance(attributes, Mapping):
        return {}
    return _texts({name: item.get(value_key) for name, item in attributes.items() if isinstance(item, Mapping)})
