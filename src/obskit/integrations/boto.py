"""
boto3: calls that make others work carry the trace, without a line in the code that makes them.

The seam is `BaseClient._make_api_call`, which every method of every client goes through, with the parameters as the
caller wrote them.
"""

from __future__ import annotations

from contextvars import ContextVar
from weakref import WeakSet

from obskit import output
from obskit.errors import MissingExtraError
from obskit.integrations.seams import Seams
from obskit.tracing import injection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_CALLS = {
    ("sqs", "SendMessage"): ("sqs", "", "MessageBody"),
    ("sqs", "SendMessageBatch"): ("sqs", "Entries", "MessageBody"),
    ("sns", "Publish"): ("sns", "", "Message"),
    ("sns", "PublishBatch"): ("sns", "PublishBatchRequestEntries", "Message"),
    ("events", "PutEvents"): ("eventbridge", "Entries", "DetailType"),
    ("stepfunctions", "StartExecution"): ("stepfunctions", "", "stateMachineArn"),
    ("stepfunctions", "StartSyncExecution"): ("stepfunctions", "", "stateMachineArn"),
    ("lambda", "Invoke"): ("lambda", "", "FunctionName"),
    ("lambda", "InvokeWithResponseStream"): ("lambda", "", "FunctionName"),
}
"""Service and operation -> kind of carrier, the parameter that holds a batch of them, a text that each has to have."""

_HEADER = "X-Amzn-Trace-Id"

_seams: Seams | None = None
_clients: WeakSet[Any] = WeakSet()
_header: ContextVar[str] = ContextVar("obskit_boto_header", default="")


def propagate() -> None:
    """
    Have calls of SQS, SNS, EventBridge, Step Functions and Lambda carry the trace and the correlation id.

    All clients do, those that exist as well. What the caller wrote is never replaced, and the caller's own parameters
    are not changed. Outside an invocation nothing is added. A second call changes nothing.

    Raises:
        MissingExtraError: botocore is not installed.
        IntegrationError: this version of it lacks the seam.
    """
    global _seams  # noqa: PLW0603  its one home
    if _seams is not None:
        return
    try:
        import botocore
        from botocore.client import BaseClient
    except ImportError:
        raise MissingExtraError("aws", "obskit.integrations.boto") from None
    seams = Seams(f"botocore {botocore.__version__}")
    seams.require(BaseClient, "_make_api_call")
    seams.method(BaseClient, "_make_api_call", _carrying)
    _seams = seams


def undo() -> None:
    """Take back what `propagate` did."""
    global _seams
    seams, _seams = _seams, None
    if seams is not None:
        seams.undo()
    while _clients:
        _clients.pop().meta.events.unregister("before-call", _add_header, unique_id=_HEADER)


def _carrying(original: Callable[..., Any]) -> Callable[..., Any]:
    def _make_api_call(client: Any, operation_name: str, api_params: Any) -> Any:
        params, header = api_params, ""
        try:
            call = _CALLS.get((client.meta.service_model.service_name, operation_name))
            if call is not None and isinstance(api_params, dict):
                params, header = _with_trace(api_params, *call)
            if header and client not in _clients:
                # Before botocore's own handler, which writes Lambda's segment where there is no header yet.
                client.meta.events.register_first("before-call", _add_header, unique_id=_HEADER)
                _clients.add(client)
        except Exception as error:  # noqa: BLE001  telemetry never breaks the call
            output.fault("propagate", error)
            params, header = api_params, ""
        token = _header.set(header)
        try:
            return original(client, operation_name, params)
        finally:
            _header.reset(token)

    return _make_api_call


def _with_trace(params: dict[str, Any], kind: str, batch: str, needs: str) -> tuple[dict[str, Any], str]:
    """Return a copy of *params* that carries the trace, and X-Ray's header for the call itself."""
    given = params.get(batch) if batch else [params]
    if not isinstance(given, (list, tuple)):  # botocore says what is wrong with it
        return params, ""
    size = sum(injection.size_of(carrier) for carrier in given if isinstance(carrier, dict))
    written = []
    header = ""
    for carrier in given:
        if not isinstance(carrier, dict) or not isinstance(carrier.get(needs), str):
            written.append(carrier)
            continue
        others = size - injection.size_of(carrier)
        passed = injection.passed(keep=True, size=others)
        if not (passed.headers or passed.xray):
            return params, ""
        copy = dict(carrier)
        injection.write(copy, kind, passed)
        written.append(copy)
        size += passed.size - others  # what was added
        # Step Functions prefers the header to the parameter: it has to say what the caller's says.
        header = copy.get("traceHeader") or passed.xray
    return {**params, batch: written} if batch else written[0], header


def _add_header(params: dict[str, Any], **_: object) -> None:
    header = _header.get()
    if header and _HEADER not in params["headers"]:
        params["headers"][_HEADER] = header
