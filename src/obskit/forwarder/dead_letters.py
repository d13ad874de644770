"""The forwarder's dead-letter queue: what will never be taken goes there at once, and what lies there is told again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from obskit.errors import ObskitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BATCH = 10
"""Messages that SQS gives at once."""
WAIT_S = 1
"""Seconds to wait for messages: without any, SQS asks some of its servers only and may say that there are none."""

_clients: list[Any] = []


class QueueError(ObskitError):
    """The queue cannot be written or read; the message names the error alone."""


class Letter(NamedTuple):
    """One message: the *event* that the function was called with, and what takes it off the queue."""

    event: Mapping[str, Any]
    receipt: str


def put(url: str, event: Mapping[str, Any], error: Exception) -> None:
    """
    Put *event* into the queue, in the form in which Lambda puts one that it gives up.

    Raises:
        QueueError: it is not there; the run must fail, so that Lambda puts it there.
    """
    document = {
        "version": "1.0",
        "requestContext": {"condition": "Refused", "approximateInvokeCount": 1},
        "requestPayload": event,
        "responsePayload": {"errorType": type(error).__name__, "errorMessage": str(error)},
    }
    _call("send_message", QueueUrl=url, MessageBody=json.dumps(document))


def waiting(url: str, hidden_s: int) -> Iterator[Letter]:
    """
    Yield each message once, until there is none; others do not see it for *hidden_s* seconds.

    Raises:
        QueueError: the queue cannot be read.
    """
    seen: set[str] = set()
    while True:
        answer = _call(
            "receive_message",
            QueueUrl=url,
            MaxNumberOfMessages=BATCH,
            VisibilityTimeout=hidden_s,
            WaitTimeSeconds=WAIT_S,
        )
        fresh = [one for one in answer.get("Messages", []) if one["MessageId"] not in seen]
        if not fresh:
            return
        seen.update(one["MessageId"] for one in fresh)
        for one in fresh:
            yield Letter(_event(one["Body"]), one["ReceiptHandle"])


def remove(url: str, letter: Letter) -> None:
    """
    Take *letter* off the queue.

    Raises:
        QueueError: it is still there.
    """
    _call("delete_message", QueueUrl=url, ReceiptHandle=letter.receipt)


def forget() -> None:
    """Forget the connection."""
    _clients.clear()


def _event(body: str) -> Mapping[str, Any]:
    """Return what the function was called with: Lambda wraps it, a subscription puts the bare notification."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return {"Records": [{"Sns": {"Message": body}}]}
    called_with = found.get("requestPayload")
    if isinstance(called_with, dict):
        return called_with
    if isinstance(found.get("Message"), str):
        return {"Records": [{"Sns": found}]}
    return found


def _call(name: str, **arguments: Any) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = getattr(_client(), name)(**arguments)
    except Exception as error:  # noqa: BLE001  botocore's errors are made at run time
        raise QueueError(f"{name}: {type(error).__name__}") from None
    return answer


def _client() -> Any:
    if not _clients:
        import boto3
        from botocore.config import Config

        _clients.append(boto3.client("sqs", config=Config(connect_timeout=2, read_timeout=5)))
    return _clients[0]
