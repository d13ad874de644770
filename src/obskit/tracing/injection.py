"""
Writing the trace into what a function sends: one writer for each kind of carrier.

A carrier is the part that holds headers (a mapping of headers, message attributes, an event's `detail`), or the
parameters of the call that sends it (`send_message(**carrier)`), known by their own keys.
"""

from __future__ import annotations

from json import dumps, loads

from obskit import context, output
from obskit.quotas import (
    CLIENT_CONTEXT_BYTES,
    EVENTBRIDGE_TRACE_HEADER,
    MESSAGE_ATTRIBUTES,
    MESSAGE_BYTES,
    STEP_FUNCTIONS_TRACE_HEADER,
)
from obskit.tracing import w3c, xray
from obskit.tracing.carriers import CORRELATION, HEADERS
from obskit.tracing.spans import Span, place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping
    from typing import Any, TypeVar

    from obskit.tracing.model import TraceContext

    Carrier = TypeVar("Carrier", bound=MutableMapping[str, Any])

_TRACE = frozenset(("traceparent", "tracestate", "x-amzn-trace-id"))
"""Headers of which a caller writes all or none."""


class Passed:
    """
    What is written: *headers*, the most wanted first, and the trace in X-Ray's form for where AWS has a place for it.

    Args:
        trace: where the caller is.
        correlation: the id of the business request.
        keep: leave what somebody else has written, instead of replacing it.
        size: bytes that are already in the request this message goes with.
    """

    __slots__ = ("headers", "keep", "size", "xray")

    def __init__(  # by position it is made in half the time
        self,
        trace: TraceContext | None,
        correlation: str,
        keep: bool = False,  # noqa: FBT001, FBT002  as above
        size: int = 0,
    ) -> None:
        self.headers = headers = {CORRELATION: correlation} if correlation else {}
        self.xray = ""
        self.keep = keep
        self.size = size
        if trace is None:
            return
        self.xray = xray.render(trace)
        if trace.span_id:
            headers["traceparent"] = w3c.render(trace)
            if trace.tracestate:
                headers["tracestate"] = trace.tracestate
        if trace.baggage:
            from obskit.tracing import baggage

            headers["baggage"] = baggage.masked(trace.baggage)


def inject(carrier: Carrier, kind: str = "http") -> Carrier:
    """
    Put the current trace and the correlation id into *carrier*, and return it. What is there in any case is replaced.

    *kind* is one of
    `http`: headers;
    `sqs`, `sns`: message attributes, or the parameters of the call or one entry of its batch;
    `eventbridge`: the event's `detail`, or one entry of `PutEvents`;
    `stepfunctions`: the input, or the parameters of `StartExecution`;
    `lambda`: the parameters of `Invoke`, whose `ClientContext` is written;
    `appsync`: the stash, or response headers;
    `outbox`: the columns of a row (`obskit.tracing.outbox`).

    Raises:
        ValueError: obskit does not know *kind*.
    """
    write = _WRITERS.get(kind) if type(kind) is str else None  # anything may be given, of which not all has a hash
    if write is None:
        from obskit.errors import did_you_mean

        raise ValueError(
            f"inject() knows the kinds {', '.join(_WRITERS)}; not '{kind}'.{did_you_mean(str(kind), _WRITERS)}"
        )
    try:
        told = passed()
        if told.headers or told.xray or kind == "outbox":  # a row has all its columns, empty ones too
            write(carrier, told)
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler: parameters of any shape
        output.fault(f"inject {kind}", error)
    return carrier


def passed(*, keep: bool = False, size: int = 0) -> Passed:
    """Return what the caller, in its invocation and its span, passes on."""
    invocation, _, span = context.scope()
    correlation = span.correlation_id if isinstance(span, Span) else ""
    if not correlation and invocation is not None:
        correlation = invocation.correlation_id
    return Passed(place(invocation, span), correlation, keep, size)


# --- the writers ------------------------------------------------------------------------------------------------------


def _http(carrier: MutableMapping[str, Any], passed: Passed) -> None:
    if carrier:
        _remove(carrier, HEADERS)
    carrier.update(passed.headers)
    if passed.xray:
        carrier["x-amzn-trace-id"] = passed.xray


def _appsync(carrier: MutableMapping[str, Any], passed: Passed) -> None:
    # AppSync refuses response headers that begin with `x-amzn-`.
    _remove(carrier, HEADERS | {"x-trace-id"})
    carrier.update(passed.headers)
    if "traceparent" in passed.headers:
        carrier["x-trace-id"] = passed.headers["traceparent"][3:35]


def _sqs(carrier: MutableMapping[str, Any], passed: Passed) -> None:
    if not ("MessageBody" in carrier or "MessageAttributes" in carrier or "MessageSystemAttributes" in carrier):
        _add_attributes(carrier, passed, "sqs")
        return
    system = carrier.get("MessageSystemAttributes") or {}
    theirs = passed.keep and ("AWSTraceHeader" in system or _has_trace(carrier.get("MessageAttributes") or {}))
    _add_message_attributes(carrier, passed, "sqs", but=_TRACE if theirs else frozenset())
    if passed.xray and not theirs:
        header = {"DataType": "String", "StringValue": passed.xray}
        carrier["MessageSystemAttributes"] = {**system, "AWSTraceHeader": header}


def _sns(carrier: MutableMapping[str, Any], passed: Passed) -> None:
    if "PhoneNumber" in carrier:  # a text message: nobody reads attributes
        return
    if isinstance(carrier.get("Message"), str) or "MessageAttributes" in carrier or "TopicArn" in carrier:
        _add_message_attributes(carrier, passed, "sns")
    else:
        _add_attributes(carrier, passed, "sns")


def _eventbridge(carrier: MutableMapping[str, Any], passed: Passed) -> None:
    if "DetailType" not in carrier:
        _http(carrier, passed)
        return
    if not isinstance(carrier.get("Detail"), str):  # EventBridge says what is wrong with it
        return
    theirs = passed.keep and "TraceHeader" in carrier
    kept = _add_to_json(carrier, "Detail", passed, "eventbridge", but=_TRACE if theirs else frozenset())
    if not (theirs or kept):
        _add_header(carrier, "TraceHeader", passed, EVENTBRIDGE_TRACE_HEADER)


def _stepfunctions(carrier: MutableMapping[str, Any], passed: Passed) -> None:
    if "stateMachineArn" not in carrier:
        _http(carrier, passed)
        return
    theirs = passed.keep and "traceHeader" in carrier
    kept = False
    # A named execution is started once: a second start with another input would be refused instead of ignored.
    if not (passed.keep and "name" in carrier):
        carrier.setdefault("input", "{}")
        kept = _add_to_json(carrier, "input", passed, "stepfunctions", but=_TRACE if theirs else frozenset())
    if not (theirs or kept):
        _add_header(carrier, "traceHeader", passed, STEP_FUNCTIONS_TRACE_HEADER)


def _lambda(carrier: MutableMapping[str, Any], passed: Passed) -> None:
    given = carrier.get("ClientContext")
    if passed.keep and carrier.get("InvocationType") == "Event":  # Lambda hands it over to whoever is waited for
        return
    from base64 import b64decode, b64encode

    try:
        client = loads(b64decode(given)) if given else {}
        custom = dict(client.get("custom") or {})
    except (ValueError, TypeError, AttributeError, RecursionError):
        output.fault("inject lambda", "a ClientContext that is no JSON object in base64 was left as it was")
        return
    headers = _wanted(custom, passed)
    if passed.keep and isinstance(client.get("w3c"), dict):
        headers = {name: value for name, value in headers.items() if name not in _TRACE}
    else:
        client.pop("w3c", None)
    while headers:
        fields = {name: value for name, value in headers.items() if name != CORRELATION}
        whole = {**client, "custom": {**custom, **headers}}
        if fields:
            whole.setdefault("w3c", fields)  # where Lambda's own client looks (`context.w3c()`)
        text = b64encode(dumps(whole, separators=(",", ":")).encode()).decode()
        if len(text) <= CLIENT_CONTEXT_BYTES:
            carrier["ClientContext"] = text
            return
        output.fault("inject lambda", f"{headers.popitem()[0]} was left out: ClientContext has 3,583 bytes")


def _outbox(carrier: MutableMapping[str, Any], passed: Passed) -> None:
    from obskit.tracing import outbox

    outbox.write(carrier, passed.headers)


_WRITERS = {
    "http": _http,
    "sqs": _sqs,
    "sns": _sns,
    "eventbridge": _eventbridge,
    "stepfunctions": _stepfunctions,
    "lambda": _lambda,
    "appsync": _appsync,
    "outbox": _outbox,
}

KINDS = tuple(_WRITERS)
"""What `inject` can write into."""


def write(carrier: MutableMapping[str, Any], kind: str, passed: Passed) -> None:
    """Write what is *passed* into *carrier*, as *kind* demands."""
    _WRITERS[kind](carrier, passed)


# --- their parts ------------------------------------------------------------------------------------------------------


def _names(carrier: Iterable[object]) -> dict[str, Any]:
    """Return the headers of ours that *carrier* has: lower case -> as it is written there."""
    return {name.lower(): name for name in carrier if isinstance(name, str) and name.lower() in HEADERS}


def _remove(carrier: MutableMapping[Any, Any], names: frozenset[str]) -> None:
    """Take *names* out of *carrier*, in whatever case they are written there."""
    for name in [name for name in carrier if isinstance(name, str) and name.lower() in names]:
        del carrier[name]


def _has_trace(carrier: Iterable[object]) -> bool:
    """Say whether *carrier* names a trace."""
    return not _names(carrier).keys().isdisjoint(("traceparent", "x-amzn-trace-id"))


def _wanted(carrier: MutableMapping[str, Any], passed: Passed, but: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return the headers to write into *carrier*, all but *but*; those that they replace are taken out of it."""
    if not passed.keep:
        _remove(carrier, HEADERS)
        return dict(passed.headers)
    without = _names(carrier).keys() | but | (_TRACE if _has_trace(carrier) else frozenset())
    return {name: value for name, value in passed.headers.items() if name not in without}


def _add_message_attributes(
    carrier: MutableMapping[str, Any], passed: Passed, kind: str, but: frozenset[str] = frozenset()
) -> None:
    """Write into the attributes of the message whose parameters *carrier* holds."""
    attributes = dict(carrier.get("MessageAttributes") or {})
    _add_attributes(attributes, passed, kind, but, size=size_of(carrier))
    if attributes:
        carrier["MessageAttributes"] = attributes


def _add_attributes(
    carrier: MutableMapping[str, Any], passed: Passed, kind: str, but: frozenset[str] = frozenset(), size: int = 0
) -> None:
    for name, value in _wanted(carrier, passed, but).items():
        added = len(name) + len("String") + len(value)
        if len(carrier) >= MESSAGE_ATTRIBUTES:
            output.fault(f"inject {kind}", f"{name} was left out: a message has ten attributes")
        elif _crosses(size + passed.size, added):
            output.fault(f"inject {kind}", f"{name} was left out: the message would be too large")
        else:
            carrier[name] = {"DataType": "String", "StringValue": value}
            passed.size += added


def _add_to_json(
    carrier: MutableMapping[str, Any], key: str, passed: Passed, kind: str, but: frozenset[str] = frozenset()
) -> bool:
    """
    Write into the JSON object that `carrier[key]` is the text of; what else stands there stays letter by letter.

    Returns whether it names a trace that was kept.
    """
    text: str = carrier[key]
    try:
        document = loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        output.fault(f"inject {kind}", f"a {key} that is no JSON object was left as it was")
        return False
    kept = passed.keep and _has_trace(document)
    before = len(document)
    headers = _wanted(document, passed, but)
    if len(document) != before:  # something is replaced: the text has to be written anew
        text = dumps(document, separators=(",", ":"), ensure_ascii=False)
    added = dumps(headers, separators=(",", ":"))
    if _crosses(size_of(carrier) + passed.size, len(added)):
        output.fault(f"inject {kind}", "the trace was left out: the message would be too large")
        return kept
    passed.size += len(added)
    if headers:
        rest = text.lstrip()[1:]
        carrier[key] = added[:-1] + ("," if document else "") + rest
    return kept


def _add_header(carrier: MutableMapping[str, Any], key: str, passed: Passed, longest: int) -> None:
    """Put X-Ray's header where the service has a place for it, without the keys of others if it is too long."""
    header = passed.xray
    if len(header) > longest:
        header = ";".join(part for part in header.split(";") if part.startswith(("Root=", "Parent=", "Sampled=")))
    if header:
        carrier[key] = header


def _crosses(size: int, added: int) -> bool:
    """Say whether *added* bytes make a message of *size* too large for a service that takes it as it is."""
    return any(limit - added < size <= limit + _UNSURE for limit in MESSAGE_BYTES)


_UNSURE = 1024
"""Bytes that a service may count less than `size_of` does, or a batch of ten."""


def size_of(message: Mapping[str, Any]) -> int:
    """Return how many bytes of *message*, the parameters of a call or an entry, count for the limit of its service."""
    size = sum(_bytes(message.get(key)) for key in _COUNTED)
    attributes = message.get("MessageAttributes")
    if isinstance(attributes, dict):
        for name, value in attributes.items():
            size += _bytes(name) + (sum(map(_bytes, value.values())) if isinstance(value, dict) else 0)
    return size


_COUNTED = ("MessageBody", "Message", "Subject", "Detail", "DetailType", "Source", "Resources", "input")


def _bytes(value: object) -> int:
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode("utf-8", "replace"))
    if isinstance(value, (list, tuple)):
        return sum(map(_bytes, value))
    return len(value) if isinstance(value, (bytes, bytearray)) else 0
