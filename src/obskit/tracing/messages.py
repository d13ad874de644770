"""What messages of queues, topics, buses and streams carry: one producer each."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from json import loads

from obskit.tracing.carriers import CORRELATION, context_of, is_correlation_id, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.tracing.model import TraceContext

    Carried = dict[str, str]

MOST_LINKS = 128
"""Producers that one batch links to: OpenTelemetry's limit for the links of a span."""

_MOST_MESSAGES = 1000
"""Messages of a batch that are looked at; SQS hands over 10,000 at most."""

_MOST_READ = 1_000_000
"""Characters of bodies that are opened in one batch, those in base64 counted twice: a few milliseconds."""

_DEEPEST = 3
"""An event of EventBridge in a notification of SNS in a message of SQS."""


def producers(event: object) -> tuple[tuple[TraceContext, ...], str]:
    """Return the distinct traces that led to *event*, in its order, and the correlation id if it has but one."""
    found: dict[TraceContext, None] = {}
    correlations: dict[str, None] = {}
    for one in carried(event):
        trace = context_of(one)
        if trace is not None and len(found) < MOST_LINKS:
            found[trace] = None
        value = one.get(CORRELATION, "")
        if not is_correlation_id(value):
            value = trace.trace_id if trace is not None else ""  # as a consumer of this message alone would say
        correlations[value] = None
    only = next(iter(correlations)) if len(correlations) == 1 else ""
    return tuple(found), only


def carried(event: object) -> Iterator[Carried]:
    """Yield what each message of *event* carries."""
    if isinstance(event, Mapping) and type(event.get("Records")) is not list:
        yield of_document(event, [_MOST_READ], 0)
        return
    records = event.get("Records") if isinstance(event, Mapping) else event
    room = [_MOST_READ]
    for record in records[:_MOST_MESSAGES] if type(records) is list else ():
        yield of_record(record, room) if type(record) is dict else {}


def of_record(record: dict[str, object], room: list[int] | None = None) -> Carried:
    """
    Return what one *record* of SQS, SNS, Kinesis or DynamoDB carries.

    *room* holds how many characters of bodies may still be opened.
    """
    room = [_MOST_READ] if room is None else room
    if type(change := record.get("dynamodb")) is dict:
        return _of_change(change)
    if type(sns := record.get("Sns")) is dict:
        return {**_of_text(sns.get("Message"), room, 1), **_attributes(sns.get("MessageAttributes"), "Value")}
    if type(kinesis := record.get("kinesis")) is dict:
        return _of_text(_decoded(kinesis.get("data"), room), room, 0)
    if record.get("eventSource") == "aws:kinesis":  # from EventBridge Pipes
        return _of_text(_decoded(record.get("data"), room), room, 0)
    found = _attributes(record.get("messageAttributes"), "stringValue")
    if "traceparent" not in found:
        found = {**_of_text(record.get("body"), room, 0), **found}
    attributes = record.get("attributes")
    header = attributes.get("AWSTraceHeader") if type(attributes) is dict else None
    if type(header) is str:
        found["x-amzn-trace-id"] = header  # SQS's own word for who sent it; a traceparent goes before it
    return found


def of_document(document: object, room: list[int], depth: int) -> Carried:
    """Return what *document*, a message's body or an event of EventBridge, carries."""
    if not isinstance(document, Mapping):
        return {}
    if isinstance(detail := document.get("detail"), Mapping):
        return texts(detail)
    if document.get("Type") != "Notification":
        return texts(document)
    found = _of_text(document.get("Message"), room, depth + 1)
    found.update(_attributes(document.get("MessageAttributes"), "Value"))
    return found


def _of_text(text: object, room: list[int], depth: int) -> Carried:
    """Return what *text* carries where it is JSON that names a header."""
    if type(text) is not str or depth > _DEEPEST:
        return {}
    if "race" not in text and "orrelation" not in text:  # it names no header; looking costs a hundredth of opening it
        return {}
    room[0] -= len(text)
    if room[0] < 0:
        return {}
    try:
        document = loads(text)
    except (ValueError, RecursionError):  # somebody's prose about headers
        return {}
    return of_document(document, room, depth)


def _decoded(data: object, room: list[int]) -> str:
    if type(data) is not str or len(data) > room[0]:
        return ""
    room[0] -= len(data)
    try:
        return b64decode(data).decode()
    except ValueError:  # not text
        return ""


def _of_change(change: dict[str, object]) -> Carried:
    """
    Return what the item of a DynamoDB stream carries, as attributes or in one map named `trace_context`.

    What stands unchanged in the item before was written by an earlier request, and says nothing of this change.
    """
    new, old = _of_image(change.get("NewImage")), _of_image(change.get("OldImage"))
    return {} if new == old else new


def _of_image(image: object) -> Carried:
    if type(image) is not dict:
        return {}
    plain = {name: value.get("S") for name, value in image.items() if type(value) is dict}
    if "correlation_id" in plain:
        plain.setdefault(CORRELATION, plain["correlation_id"])  # the outbox's column
    column = image.get("trace_context")
    if type(column) is dict:
        if type(nested := column.get("M")) is dict:
            return {**texts(plain), **_of_image(nested)}
        if type(text := column.get("S")) is str:
            return {**texts(plain), **_of_text(text, [_MOST_READ], 0)}
    return texts(plain)


def _attributes(attributes: object, value_key: str) -> Carried:
    if type(attributes) is not dict:
        return {}
    return texts({name: item.get(value_key) for name, item in attributes.items() if type(item) is dict})
