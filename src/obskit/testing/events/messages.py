"""
Events of queues, topics and buses: SQS, SNS, EventBridge, and what passes from one to the other.

Sources, 2026-11-24: Lambda developer guide, "Using Lambda with Amazon SQS", "… SNS", "… EventBridge"; SNS developer
guide, "Fanout to Amazon SQS queues", "Raw message delivery"; SQS developer guide, "Message attributes".
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from obskit.testing.events.common import (
    ACCOUNT,
    EPOCH_MS,
    REGION,
    TIME,
    TIME_MS,
    Event,
    an_id,
    as_base64,
    as_text,
    fresh,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ORDER = {"orderId": "ord_0123456789abcdef"}


def sqs_event(
    *bodies: object,
    message_attributes: Mapping[str, str | float | bytes] | None = None,
    trace_header: str | None = None,
    queue: str = "orders",
    group_id: str | None = None,
    receive_count: int = 1,
) -> Event:
    """
    Return a batch of SQS, one message for each of *bodies*.

    Args:
        bodies: text, or anything JSON can hold; default: one order.
        message_attributes: the producer's own, the same on each message; values are text, numbers or bytes.
        trace_header: X-Ray's form, in the system attribute `AWSTraceHeader`.
        queue: its name; a FIFO queue's ends in `.fifo`.
        group_id: of a FIFO queue.
        receive_count: how often each message was received; more than 1 for a retry.
    """
    records = []
    for number, body in enumerate(bodies or (_ORDER,), 1):
        text = as_text(body)
        attributes = {
            "ApproximateReceiveCount": str(receive_count),
            "SentTimestamp": str(EPOCH_MS),
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": str(EPOCH_MS + 7),
        }
        if trace_header:
            attributes["AWSTraceHeader"] = trace_header
        if group_id or queue.endswith(".fifo"):
            attributes["SequenceNumber"] = str(18849496460467696128 + number)
            attributes["MessageGroupId"] = group_id or "1"
            attributes["MessageDeduplicationId"] = hashlib.sha256(text.encode()).hexdigest()
        records.append(
            {
                "messageId": an_id("message", number),
                "receiptHandle": f"AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a{number}",
                "body": text,
                "attributes": attributes,
                "messageAttributes": {
                    name: _sqs_attribute(value) for name, value in (message_attributes or {}).items()
                },
                "md5OfBody": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}",
                "awsRegion": REGION,
            }
        )
    return {"Records": records}


def sns_event(
    *messages: object,
    message_attributes: Mapping[str, str | float | bytes] | None = None,
    subject: str | None = None,
    topic: str = "orders",
) -> Event:
    """
    Return what SNS sends a function, one record for each of *messages*: text, or anything JSON can hold.

    SNS itself sends one message at a time.
    """
    arn = _topic_arn(topic)
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": f"{arn}:{an_id('subscription')}",
                "Sns": {
                    "Type": "Notification",
                    "MessageId": an_id("notification", number),
                    "TopicArn": arn,
                    "Subject": subject,
                    "Message": as_text(message),
                    "Timestamp": TIME_MS,
                    "SignatureVersion": "1",
                    "Signature": "EXAMPLE",
                    "SigningCertUrl": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-example.pem",
                    "UnsubscribeUrl": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
                    "MessageAttributes": {
                        name: _sns_attribute(value) for name, value in (message_attributes or {}).items()
                    },
                },
            }
            for number, message in enumerate(messages or (_ORDER,), 1)
        ]
    }


def sns_in_sqs_event(  # noqa: PLR0913  what the two services add
    *messages: object,
    message_attributes: Mapping[str, str | float | bytes] | None = None,
    subject: str | None = None,
    topic: str = "orders",
    queue: str = "orders",
    raw: bool = False,
    trace_header: str | None = None,
) -> Event:
    """
    Return a batch of a queue that is subscribed to a topic: each body is SNS's notification as JSON.

    With *raw* delivery the body is the message alone, and the attributes are SQS's.
    """
    if raw:
        return sqs_event(
            *(messages or (_ORDER,)), message_attributes=message_attributes, queue=queue, trace_header=trace_header
        )
    bodies = []
    for number, message in enumerate(messages or (_ORDER,), 1):
        notification: dict[str, object] = {
            "Type": "Notification",
            "MessageId": an_id("notification", number),
            "TopicArn": _topic_arn(topic),
            "Message": as_text(message),
            "Timestamp": TIME_MS,
            "SignatureVersion": "1",
            "Signature": "EXAMPLE",
            "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-example.pem",
            "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
        }
        if subject is not None:
            notification["Subject"] = subject
        if message_attributes:
            notification["MessageAttributes"] = {
                name: _sns_attribute(value) for name, value in message_attributes.items()
            }
        bodies.append(notification)
    return sqs_event(*bodies, queue=queue, trace_header=trace_header)


def eventbridge_event(
    detail: Mapping[str, object] | None = None,
    *,
    detail_type: str = "OrderPlaced",
    source: str = "shop.checkout",
    time: str = TIME,
    resources: Sequence[str] = (),
) -> Event:
    """Return what a rule of EventBridge sends a function."""
    event: Event = fresh(
        {
            "version": "0",
            "id": an_id("event"),
            "detail-type": detail_type,
            "source": source,
            "account": ACCOUNT,
            "time": time,
            "region": REGION,
            "resources": list(resources),
            "detail": dict(_ORDER if detail is None else detail),
        }
    )
    return event


def eventbridge_in_sqs_event(
    *details: Mapping[str, object],
    detail_type: str = "OrderPlaced",
    source: str = "shop.checkout",
    queue: str = "orders",
    trace_header: str | None = None,
) -> Event:
    """Return a batch of a queue that is a rule's target: each body is an event of EventBridge as JSON."""
    events = [eventbridge_event(detail, detail_type=detail_type, source=source) for detail in details or (_ORDER,)]
    for number, event in enumerate(events, 1):
        event["id"] = an_id("event", number)
    return sqs_event(*events, queue=queue, trace_header=trace_header)


def schedule_event(rule: str = "nightly", *, time: str = TIME) -> Event:
    """Return what a rule with a schedule sends a function."""
    return eventbridge_event(
        {},
        detail_type="Scheduled Event",
        source="aws.events",
        time=time,
        resources=[f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}"],
    )


def _topic_arn(topic: str) -> str:
    return f"arn:aws:sns:{REGION}:{ACCOUNT}:{topic}"


def _sqs_attribute(value: str | float | bytes) -> dict[str, object]:
    empty: dict[str, object] = {"stringListValues": [], "binaryListValues": []}
    if isinstance(value, bytes):
        return {"binaryValue": as_base64(value), **empty, "dataType": "Binary"}
    return {"stringValue": str(value), **empty, "dataType": "String" if isinstance(value, str) else "Number"}


def _sns_attribute(value: str | float | bytes) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"Type": "Binary", "Value": as_base64(value)}
    return {"Type": "String" if isinstance(value, str) else "Number", "Value": str(value)}
