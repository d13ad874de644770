"""HTTP on loopback: the port of whatever stands in for a service."""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Self


@dataclass(frozen=True)
class Request:
    """One request, as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What is said to a request; its length is said by itself."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Loopback:
    """
    Listens on 127.0.0.1 from construction to `stop`, with a thread for each connection. A context manager.

    Args:
        answer: called for each GET and POST, which it may keep waiting; None ends the connection without a word.
        port: 0 is a free one.
        body_bytes: what a longer body gets is a 413; it is not read.
        silence_s: how long a client may say nothing; without it, for ever.
    """

    def __init__(
        self,
        answer: Callable[[Request], Answer | None],
        *,
        port: int = 0,
        body_bytes: int = sys.maxsize,
        silence_s: float | None = None,
    ) -> None:
        self._server = _Server(port, answer, body_bytes, silence_s)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.address}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="loopback", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(
        self, port: int, answer: Callable[[Request], Answer | None], body_bytes: int, silence_s: float | None
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answer, self.body_bytes, self.silence_s = answer, body_bytes, silence_s

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that did not wait, or was killed: its end is told by whoever started it."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    # Unbuffered answers with Nagle's algorithm on cost 88 ms a call (delayed acknowledgements).
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(self.server.silence_s)

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            self._answer(b"".join(self._chunks()))
        elif not length.isdecimal():
            self._refuse(411, "Content-Length is needed\n")
        elif int(length) > self.server.body_bytes:
            self._refuse(413, f"at most {self.server.body_bytes} bytes\n")
        else:
            self._answer(self.rfile.read(int(length)))

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _answer(self, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        said = self.server.answer(Request(self.command, self.path, headers, body))
        if said is None:
            self.close_connection = True
        else:
            self._say(said)

    def _refuse(self, status: int, words: str) -> None:
        # The connection ends: the body, unread, would be taken for the next request.
        self._say(Answer(status, words.encode(), {"Content-Type": "text/plain", "Connection": "close"}))

    def _say(self, said: Answer) -> None:
        self.send_response(said.status)
        for name, value in {**said.headers, "Content-Length": str(len(said.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(said.body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the terminal belongs to the test or the demo, stderr to the function."""
