"""What stands in for X-Ray's API, which the emulator lacks: BatchGetTraces and GetTraceSummaries over a sink."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self

    from obskit.testing.xray_sink import XraySink

_CONTAINS = re.compile(r'annotation\.linked_trace_ids CONTAINS "([^"]+)"')


class XrayApi:
    """Listens on loopback. A context manager; `url` is for `AWS_ENDPOINT_URL_XRAY`."""

    def __init__(self, sink: XraySink) -> None:
        self._sink = sink
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def traces(self, ids: list[str]) -> list[dict[str, Any]]:
        found = []
        for trace_id in ids:
            documents = self._sink.documents(trace_id)
            segments = [{"Id": one["id"], "Document": json.dumps(one)} for one in documents]
            if segments:
                found.append({"Id": trace_id, "Segments": segments})
        return found

    def summaries(self, expression: str) -> list[dict[str, Any]]:
        wanted = _CONTAINS.fullmatch(expression)
        assert wanted, expression
        return [
            {"Id": trace_id}
            for trace_id in self._sink.trace_ids()
            if any(wanted[1] in text for one in self._sink.documents(trace_id) for text in _linked(one))
        ]

    def _handler(api: XrayApi) -> type[BaseHTTPRequestHandler]:  # noqa: N805  the handler has a self of its own
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path == "/Traces":
                    answer = {"Traces": api.traces(asked["TraceIds"]), "UnprocessedTraceIds": []}
                else:
                    answer = {"TraceSummaries": api.summaries(asked["FilterExpression"])}
                body = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        return Handler


def _linked(document: dict[str, Any]) -> list[str]:
    """Return what *document* and those inside it have as `linked_trace_ids`."""
    own = document.get("annotations", {}).get("linked_trace_ids")
    return [own] * bool(own) + [text for child in document.get("subsegments", []) for text in _linked(child)]
