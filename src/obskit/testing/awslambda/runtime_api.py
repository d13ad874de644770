"""Lambda's Runtime API on a loopback port: what the real `awslambdaric` talks to."""

from __future__ import annotations

import json
import queue
import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from obskit.testing.loopback import Answer, Loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.testing.loopback import Request

PREFIX = "/2018-06-01/runtime"
_RESULT = re.compile(rf"{PREFIX}/invocation/([^/]+)/(response|error)")
_SAID = {202: {"status": "OK"}, 400: {"errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"}}


@dataclass(frozen=True)
class Invocation:
    """One event on its way to the function, with the headers of `/invocation/next`."""

    request_id: str
    body: bytes
    deadline_epoch_ms: int
    function_arn: str
    trace_header: str | None = None
    client_context: str | None = None
    """JSON text."""
    identity: str | None = None
    """JSON text."""
    tenant_id: str | None = None

    def headers(self) -> dict[str, str]:
        optional = {
            "Lambda-Runtime-Trace-Id": self.trace_header,
            "Lambda-Runtime-Client-Context": self.client_context,
            "Lambda-Runtime-Cognito-Identity": self.identity,
            "Lambda-Runtime-Aws-Tenant-Id": self.tenant_id,
        }
        return {
            "Lambda-Runtime-Aws-Request-Id": self.request_id,
            "Lambda-Runtime-Deadline-Ms": str(self.deadline_epoch_ms),
            "Lambda-Runtime-Invoked-Function-Arn": self.function_arn,
            "Content-Type": "application/json",
            **{name: value for name, value in optional.items() if value},
        }


@dataclass(frozen=True)
class Message:
    """
    What the environment said; names of *headers* are in lower case.

    `ready` is its first `/next`; `exit` (sent by whoever watches the process) carries the exit code as its body.
    """

    kind: Literal["ready", "response", "error", "init_error", "exit"]
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class RuntimeApi:
    """
    The server for one execution environment; a replaced environment gets a server of its own.

    `messages` holds what the environment said, in order.
    """

    def __init__(self) -> None:
        self.messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._pending: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self._current: str | None = None
        self._polled = False
        self._lock = threading.Lock()
        self._server = Loopback(self._answer)
        self.address = self._server.address

    def offer(self, invocation: Invocation) -> None:
        """Hand *invocation* to the next poll. One at a time: the caller waits for its message first."""
        self._current = invocation.request_id
        self._pending.put(invocation)

    def close(self) -> None:
        self._pending.put(None)  # frees a thread that waits for the next invocation
        self._server.stop()

    def next(self) -> Invocation | None:
        """Block until there is an invocation; None when the server closes."""
        with self._lock:
            first, self._polled = not self._polled, True
        if first:
            self.messages.put(Message("ready"))
        return self._pending.get()

    def accept(self, path: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Take a POST; return the HTTP status."""
        if path == f"{PREFIX}/init/error":
            self.messages.put(Message("init_error", body, headers))
            return 202
        match = _RESULT.fullmatch(path)
        if not match:
            return 404
        with self._lock:
            if match[1] != self._current:  # late or doubled: must not answer another invocation
                return 400
            self._current = None
        self.messages.put(Message("error" if match[2] == "error" else "response", body, headers))
        return 202

    def _answer(self, request: Request) -> Answer | None:
        if request.method == "POST":
            status = self.accept(request.path, request.body, request.headers)
            said = json.dumps(_SAID.get(status, {})).encode()
            return Answer(status, said, {"Content-Type": "application/json"})
        if request.path == f"{PREFIX}/restore/next":  # SnapStart: the snapshot has been taken, and here it goes on
            return Answer()
        if request.path != f"{PREFIX}/invocation/next":
            return Answer(404, b"{}")
        invocation = self.next()
        return None if invocation is None else Answer(200, invocation.body, invocation.headers())
