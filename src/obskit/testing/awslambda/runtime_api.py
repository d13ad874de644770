"""Lambda's Runtime API on a loopback port: what the real `awslambdaric` talks to."""

from __future__ import annotations

import json
import queue
import re
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "/2018-06-01/runtime"
_RESULT = re.compile(rf"{PREFIX}/invocation/([^/]+)/(response|error)")


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
    What the environment said.

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
        self._server = _Server(self)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="runtime-api", daemon=True
        )
        self._thread.start()

    def offer(self, invocation: Invocation) -> None:
        """Hand *invocation* to the next poll. One at a time: the caller waits for its message first."""
        self._current = invocation.request_id
        self._pending.put(invocation)

    def close(self) -> None:
        self._pending.put(None)  # frees a thread that waits for the next invocation
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

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


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a poll of a killed client would hold it for ever

    def __init__(self, api: RuntimeApi) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.api = api

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that was killed while it was connected: its end is a message of its own."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    # Unbuffered replies with Nagle's algorithm on cost 88 ms a call (delayed acknowledgements).
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        if self.path == f"{PREFIX}/restore/next":  # SnapStart: the snapshot has been taken, and here it goes on
            self._reply(200, b"", {})
            return
        if self.path != f"{PREFIX}/invocation/next":
            self._reply(404, b"{}", {})
            return
        invocation = self.server.api.next()
        if invocation is None:
            self.close_connection = True
            return
        try:
            self._reply(200, invocation.body, invocation.headers())
        except (BrokenPipeError, ConnectionResetError):  # killed while it polled; its end is a message of its own
            self.close_connection = True

    def do_POST(self) -> None:
        status = self.server.api.accept(self.path, self._body(), dict(self.headers.items()))
        body = {202: {"status": "OK"}, 400: {"errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"}}
        self._reply(status, json.dumps(body.get(status, {})).encode(), {"Content-Type": "application/json"})

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _reply(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: stderr belongs to the function."""
