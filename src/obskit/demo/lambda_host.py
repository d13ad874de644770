"""
`python -m obskit.demo.lambda_host`: Lambda's own part, between the emulator's Runtime API and the real `awslambdaric`.

The `bootstrap` of a `provided.al2023` function executes it. It puts right what the emulator gets wrong: the caller's
trace goes on (`lambda_tracing`), log lines are filtered by level (`log_filter`), the environment has Lambda's
variables, and Lambda's own X-Ray segment is sent.
"""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import select
import signal
import socket
import struct
import sys
import termios
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from obskit.testing.awslambda import log_filter
from obskit.testing.awslambda.environment import Function
from obskit.testing.awslambda.runtime import ExecutionEnvironment
from obskit.testing.awslambda.runtime_api import PREFIX, Invocation, Message
from obskit.testing.awslambda.tracing import FunctionTrace, function_trace, segment

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORWARDED = {"lambda-runtime-function-error-type", "lambda-runtime-function-xray-error-cause", "content-type"}

TAKEN_S = 1.0
"""How long the emulator gets to take the log lines out of the pipe before the response is sent all the same."""

LATE_S = 1.0
"""The emulator ends what is late (SIGTERM, by which lines still come out); this is for the case that it does not."""


def function_of(env: Mapping[str, str]) -> Function:
    """Return the function that the emulator described in *env*, its own directories left out."""
    # The emulator hands down its whole process environment: HOME, TMPDIR and PATH are of its virtual environment.
    own = {
        "HOME",
        "TMPDIR",
        "PATH",
        "VIRTUAL_ENV",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "_",
        "HOSTNAME",
        "LANG",
        "PYTHONUNBUFFERED",
    }
    prefixes = ("MINISTACK_", "GATEWAY_", "BIND_", "STATE_", "S3_", "DOCKER_", "LAMBDA_")
    kept = {k: v for k, v in env.items() if k not in own and (k == "LAMBDA_TASK_ROOT" or not k.startswith(prefixes))}
    name = env["AWS_LAMBDA_FUNCTION_NAME"]
    region = env["AWS_REGION"]
    return Function(
        handler=env["_HANDLER"],
        code=Path(env["LAMBDA_TASK_ROOT"]),
        name=name,
        version=env.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        region=region,
        env=kept,
    )


class UpstreamRuntimeApi:
    """The emulator's Runtime API, from the side of the runtime."""

    def __init__(self, address: str) -> None:
        self._address = address

    def _call(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self._address)
        try:
            connection.request(method, PREFIX + path, body, dict(headers))
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        if response.status >= 300:
            raise ConnectionError(f"{method} {path}: status {response.status}")  # this environment is no longer wanted
        return {name.lower(): value for name, value in response.getheaders()}, content

    def next(self) -> Invocation:
        headers, body = self._call("GET", "/invocation/next", None, {})
        return Invocation(
            request_id=headers["lambda-runtime-aws-request-id"],
            body=body,
            deadline_epoch_ms=int(headers["lambda-runtime-deadline-ms"]),
            function_arn=headers["lambda-runtime-invoked-function-arn"],
            trace_header=headers.get("lambda-runtime-trace-id"),
            client_context=headers.get("lambda-runtime-client-context"),
        )

    def post(self, request_id: str, message: Message) -> None:
        headers = {name: value for name, value in message.headers.items() if name.lower() in _FORWARDED}
        self._call("POST", f"/invocation/{request_id}/{message.kind}", message.body, headers)


class Host:
    """Serves one function until the emulator goes away."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.function = function_of(env)
        self._minimum = log_filter.threshold(env)
        self._upstream = UpstreamRuntimeApi(env["AWS_LAMBDA_RUNTIME_API"])
        self._environment = ExecutionEnvironment(self.function)

    def serve(self) -> None:
        while True:
            self._environment.init()
            invocation = self._upstream.next()
            if not self._environment.running:  # a failed init, or a crash: Lambda tries again with the next event
                self.forward_lines()
                self._environment.stop()
                self._environment = ExecutionEnvironment(self.function)
            trace = function_trace(json.loads(invocation.body), invocation.trace_header)
            started = time.time()
            message = self._environment.invoke(
                Invocation(
                    invocation.request_id,
                    invocation.body,
                    invocation.deadline_epoch_ms,
                    invocation.function_arn,
                    trace.header,
                    invocation.client_context,
                ),
                LATE_S,
            )
            self.forward_lines()
            self._send_segment(trace, (started, time.time()), message)
            self._upstream.post(invocation.request_id, message)

    def forward_lines(self) -> None:
        """Write what passes the level filter, and see that the emulator has taken it: it collects at the response."""
        passed = [line for line in self._environment.take_lines() if log_filter.passes(line, self._minimum)]
        if not passed:
            return
        rest = memoryview("".join(f"{line}\n" for line in passed).encode())
        while rest:
            rest = rest[os.write(1, rest) :]
        deadline = time.monotonic() + TAKEN_S
        while _unread(1) and time.monotonic() < deadline:
            time.sleep(0.0005)  # a pipe tells nobody that it was read; looked at until TAKEN_S

    def _send_segment(self, trace: FunctionTrace, times: tuple[float, float], message: Message) -> None:
        if trace.sampled != "1":
            return
        document = segment(trace, self.function.name, times, "fault" if message.kind == "error" else None)
        # "127.0.0.1:2000", or "tcp:127.0.0.1:2000 udp:127.0.0.2:2001"
        address = self.function.environment("")["AWS_XRAY_DAEMON_ADDRESS"].split()[-1].removeprefix("udp:")
        host, _, port = address.rpartition(":")
        datagram = b'{"format":"json","version":1}\n' + json.dumps(document).encode()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(datagram, (host, int(port)))

    def stop(self) -> None:
        self._environment.stop()
        self.forward_lines()


def _unread(fd: int) -> int:
    """Return the bytes in pipe *fd* that its reader has not read yet; 0 where the system can't tell."""
    try:
        return int(struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, b"\0\0\0\0"))[0])
    except OSError:  # a file or a terminal
        return 0


def _die_with_parent() -> None:
    """End with the emulator, even one that was killed. Not by PR_SET_PDEATHSIG: it starts us from a passing thread."""
    parent = os.pidfd_open(os.getppid())

    def watch() -> None:
        select.select([parent], [], [])
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _exit(_number: int, _frame: object) -> NoReturn:
    raise SystemExit(0)


def main() -> None:
    signal.signal(signal.SIGTERM, _exit)
    _die_with_parent()
    host = Host(os.environ)
    try:
        host.serve()
    except (OSError, http.client.HTTPException) as gone:
        print(f"lambda_host: the emulator's Runtime API is gone: {gone}", file=sys.stderr)  # noqa: T201
    finally:
        host.stop()


if __name__ == "__main__":
    main()
