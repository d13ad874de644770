"""
`obskit.batch`: the messages of a queue or stream one by one, each in a span of its own, and which of them failed.

Sources: Lambda developer guide, "Handling errors for an SQS event source", "Kinesis", "DynamoDB", on partial batch
responses, 2026-11-24. The event source mapping needs `FunctionResponseTypes: [ReportBatchItemFailures]`: without it
Lambda takes the answer for success, and deletes what failed.
"""

from __future__ import annotations

from obskit import context, logs, output
from obskit.masking import audit, mask_text
from obskit.tracing import carriers, spans, trigger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Failures = dict[str, list[dict[str, str]]]

_ATTEMPTS = "ApproximateReceiveCount"
_SOURCES = ("aws:sqs", "aws:kinesis", "aws:dynamodb")


def batch(event: object, each: Callable[[Any], object]) -> Failures:
    """
    Call *each* with every record of *event*, and return what Lambda wants to know of those for which it raised.

    Each call has a span that links to the message's producer; lines, and what is sent inside it, have the message's
    own correlation id. An error is logged, and ends its message alone; of a FIFO queue or a stream, what follows is not
    tried, as its order would be lost. What is no `Exception` ends the invocation.

    Raises:
        TypeError: *event* is none of SQS, Kinesis or DynamoDB; of others Lambda takes no partial answer.

    >>> event = {"Records": [{"eventSource": "aws:sqs", "messageId": "m-1", "eventSourceARN": "arn:aws:sqs:::orders"}]}
    >>> batch(event, lambda record: None)
    {'batchItemFailures': []}
    """
    records = event.get("Records") if isinstance(event, dict) else None
    if type(records) is not list or not all(type(record) is dict and _identifier(record) for record in records):
        raise TypeError(
            f"batch() takes an event of SQS, Kinesis or a DynamoDB stream, with its Records; {_other(event)}"
        )
    failed: list[str] = []
    for index, record in enumerate(records):
        if _handled(record, each):
            continue
        if not _is_ordered(record):
            failed.append(_identifier(record))
        elif record["eventSource"] == "aws:sqs":
            failed += map(_identifier, records[index:])
            break
        else:
            failed.append(_identifier(record))  # Lambda begins again from here
            break
    _note(len(failed))
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in failed]}


def _other(event: object) -> str:
    """Say what *event* is instead."""
    records = event.get("Records") if isinstance(event, dict) else None
    if type(records) is not list:
        return f"this {type(event).__name__} has none: hand over the event as Lambda gave it"
    number, wrong = next(
        (number, one) for number, one in enumerate(records) if type(one) is not dict or not _identifier(one)
    )
    if type(wrong) is not dict:
        return f"record {number} is a {type(wrong).__name__}"
    source = wrong.get("eventSource") or wrong.get("EventSource") or "no source"
    if source in _SOURCES:
        return f"record {number} has no id by which {source} could be told of it"
    return f"record {number} is from {source}, for which Lambda takes no partial answer: handle each in a loop"


def _identifier(record: dict[str, Any]) -> str:
    """Return how Lambda wants *record* to be named; nothing where it takes no partial answer."""
    source = record.get("eventSource")
    if source == "aws:sqs":
        return str(record.get("messageId", ""))
    stream = record.get("kinesis" if source == "aws:kinesis" else "dynamodb" if source == "aws:dynamodb" else "")
    if type(stream) is not dict:
        return ""
    return str(stream.get("sequenceNumber") or stream.get("SequenceNumber") or "")


def _is_ordered(record: dict[str, Any]) -> bool:
    return record["eventSource"] != "aws:sqs" or str(record.get("eventSourceARN", "")).endswith(".fifo")


def _handled(record: dict[str, Any], each: Callable[[Any], object]) -> bool:
    """Call *each* with *record* in a span; says whether it came to an end."""
    with _span(record) as span:
        try:
            each(record)
        except Exception as error:  # noqa: BLE001  it ends this message alone
            span.record_error(error)
            logs.logger.exception("message failed", message_id=_identifier(record), attempt=_attempt(record))
            return False
    return True


def _attempt(record: dict[str, Any]) -> object:
    attributes = record.get("attributes")
    return attributes.get(_ATTEMPTS) if type(attributes) is dict else None


def _span(record: dict[str, Any]) -> spans.Span:
    """Return a span for *record*, which links to its producer and has its correlation id."""
    from obskit.tracing import messages  # loaded where there are any

    try:
        service, name = trigger.source_of(record)
        facts: dict[str, object] = {"messaging.operation.type": "process", "messaging.destination.name": name}
        if service == "aws:sqs":
            facts |= {"messaging.system": "aws_sqs", "messaging.message.id": _identifier(record)}
        carried = messages.of_record(record)
        producer = carriers.context_of(carried)
        correlation = carried.get(carriers.CORRELATION, "")
        if not carriers.is_correlation_id(correlation) or mask_text(correlation, audit.SPAN) != correlation:
            correlation = producer.trace_id if producer is not None else ""
    except Exception as error:  # noqa: BLE001  a record of any shape is handled all the same
        output.fault("batch", error)
        return spans.open_below("process", {}, kind=spans.CONSUMER)
    span = spans.open_below(f"{name} process", {}, kind=spans.CONSUMER)
    span.facts = facts
    if producer is not None:
        span.add_link(producer)
    span.correlation_id = correlation
    return span


def _note(failures: int) -> None:
    """Note in the invocation's span how many messages failed: Lambda counts such an invocation as a success."""
    invocation = context.current()
    root: Any = invocation.root if invocation is not None else None
    if failures and root is not None:
        root.facts = {**root.facts, "messaging.batch.failures": failures}
