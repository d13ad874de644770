"""Run a handler under the real `awslambdaric`, as Lambda does, with no emulator."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from obskit.testing.awslambda import log_filter
from obskit.testing.awslambda.child import popen
from obskit.testing.awslambda.output_pipe import OutputPipe
from obskit.testing.awslambda.runtime_api import Invocation, Message, RuntimeApi
from obskit.testing.awslambda.tracing import function_trace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from obskit.testing.awslambda.environment import Function

INIT_S = 10.0
"""What Lambda allows for the init phase."""


def _failure(error_type: str, message: str) -> Message:
    return Message("error", json.dumps({"errorMessage": message, "errorType": error_type}).encode())


class ExecutionEnvironment:
    """One process of `awslambdaric` with the Runtime API that serves it. It starts at once: the init phase."""

    def __init__(self, function: Function) -> None:
        self._api = RuntimeApi()
        self._output = OutputPipe()
        self._process = popen(
            function.command(),
            stdin=subprocess.DEVNULL,
            stdout=self._output.write_end,
            stderr=self._output.write_end,  # Lambda has one log for both
            env=function.environment(self._api.address),
            cwd=function.code,
        )
        self._output.start()
        self._init: Message | None = None
        self._ended = threading.Event()  # not poll(): while another thread is in wait(), that says "running"
        threading.Thread(target=self._watch, name="lambda-exit", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return not self._ended.is_set()

    def _watch(self) -> None:
        code = self._process.wait()
        self._ended.set()
        self._api.messages.put(Message("exit", str(code).encode()))

    def init(self, timeout_s: float = INIT_S) -> Message:
        """Wait for the end of the init phase; the message is `ready` or an `error`. Later calls repeat it."""
        if self._init is None:
            self._init = self._next_message(timeout_s, "init")
        return self._init

    def invoke(self, invocation: Invocation, grace_s: float = 0.0) -> Message:
        """
        Run one invocation; a timeout and the end of the process are an `error` message too.

        *grace_s* is waited beyond the deadline, for a host whose own host ends what is late.
        """
        init = self.init()
        if init.kind != "ready":
            return init
        self._api.offer(invocation)
        return self._next_message(invocation.deadline_epoch_ms / 1000 - time.time() + grace_s, invocation.request_id)

    def _next_message(self, timeout_s: float, request_id: str) -> Message:
        try:
            message = self._api.messages.get(timeout=max(timeout_s, 0.001))
        except queue.Empty:
            self._process.kill()  # as Lambda does: no signal that the handler could see
            self._ended.wait()
            return _failure(
                "Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {timeout_s:.2f} seconds"
            )
        if message.kind == "exit":
            how = f"exit status {message.body.decode()}"
            return _failure("Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited with error: {how}")
        if message.kind == "init_error":
            return Message("error", message.body, message.headers)
        return message

    def take_lines(self) -> list[str]:
        """Return what the process wrote since the last call, complete up to its last message."""
        return self._output.take()

    def stop(self) -> None:
        """Kill the process. What it wrote can still be taken."""
        self._process.kill()
        self._ended.wait()
        self._api.close()
        self._output.close()


@dataclass(frozen=True)
class Outcome:
    """What came of one invocation."""

    request_id: str
    payload: object
    """The decoded response; None after an error."""
    error: Mapping[str, object] | None
    """The decoded error document: `errorMessage`, `errorType`, `stackTrace`."""
    body: bytes
    """What the function posted: its response or its error, as it is."""
    headers: Mapping[str, str]
    """Headers of that POST, names in lower case, such as `lambda-runtime-function-xray-error-cause`."""
    lines: Sequence[str]
    """What the function wrote, each line."""
    logged: Sequence[str]
    """What of it passes Lambda's level filter."""
    trace_header: str
    """The `_X_AMZN_TRACE_ID` the function had; empty for none."""
    cold_start: bool
    duration_ms: float
    xray_cause: Mapping[str, object] | None = field(default=None)
    """The decoded `Lambda-Runtime-Function-XRay-Error-Cause`."""


class LambdaRuntime:
    """
    A function on "Lambda": keeps one warm environment, replaces it when it ended. A context manager.

        with LambdaRuntime(Function("app.handler", tmp_path)) as runtime:
            outcome = runtime.invoke({"n": 1})
    """

    def __init__(self, function: Function, *, timeout_ms: int = 10_000) -> None:
        self.function = function
        self.timeout_ms = timeout_ms
        self._environment: ExecutionEnvironment | None = None

    def invoke(  # noqa: PLR0913  what a caller can say
        self,
        event: object,
        *,
        trace_header: str | None = None,
        deadline_ms: int | None = None,
        client_context: Mapping[str, object] | None = None,
        identity: Mapping[str, object] | None = None,
        tenant_id: str | None = None,
        request_id: str | None = None,
        function_arn: str | None = None,
    ) -> Outcome:
        """
        Run the handler once with *event*.

        Args:
            event: anything JSON can hold.
            trace_header: passed as is; None: as the Lambda service would make it from the event; empty: no header.
            deadline_ms: milliseconds from now; the environment is killed then. Default: the function's timeout.
            client_context: as the caller of `Invoke` passes it.
            identity: `cognitoIdentityId` and `cognitoIdentityPoolId`, as the mobile SDK passes them.
            tenant_id: of the caller, where the function isolates tenants.
            request_id: default: a random one.
            function_arn: as it was called, with an alias or a version at its end; default: the function's own.
        """
        header = function_trace(event).header if trace_header is None else trace_header
        environment = self._environment
        cold = environment is None or not environment.running
        if environment is None or not environment.running:
            self.stop()
            environment = self._environment = ExecutionEnvironment(self.function)
        environment.init()  # before the clock of the invocation starts
        started = time.monotonic()
        invocation = Invocation(
            request_id=request_id or str(uuid.uuid4()),
            body=json.dumps(event).encode(),
            deadline_epoch_ms=int(time.time() * 1000) + (self.timeout_ms if deadline_ms is None else deadline_ms),
            function_arn=function_arn or self.function.arn,
            trace_header=header or None,
            client_context=json.dumps(client_context) if client_context else None,
            identity=json.dumps(identity) if identity else None,
            tenant_id=tenant_id,
        )
        message = environment.invoke(invocation)
        duration_ms = (time.monotonic() - started) * 1000
        lines = environment.take_lines()
        minimum = log_filter.threshold(self.function.env)
        headers = {name.lower(): value for name, value in message.headers.items()}
        cause = headers.get("lambda-runtime-function-xray-error-cause")
        document = json.loads(message.body or b"null")
        return Outcome(
            request_id=invocation.request_id,
            payload=document if message.kind == "response" else None,
            error=document if message.kind == "error" else None,
            body=message.body,
            headers=headers,
            lines=lines,
            logged=[line for line in lines if log_filter.passes(line, minimum)],
            trace_header=header,
            cold_start=cold,
            duration_ms=duration_ms,
            xray_cause=json.loads(cause) if cause else None,
        )

    def stop(self) -> None:
        """End the environment, if there is one."""
        if self._environment is not None:
            self._environment.stop()
            self._environment = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
