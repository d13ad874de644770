"""What stands in for X-Ray's API, which the emulator lacks: BatchGetTraces and GetTraceSummaries over a sink."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from obskit.testing.loopback import Answer, Loopback

if TYPE_CHECKING:
    from obskit.testing.loopback import Request
    from obskit.testing.xray_sink import XraySink

_CONTAINS = re.compile(r'annotation\.linked_trace_ids CONTAINS "([^"]+)"')


class XrayApi(Loopback):
    """`url` is for `AWS_ENDPOINT_URL_XRAY`."""

    def __init__(self, sink: XraySink) -> None:
        self._sink = sink
        super().__init__(self._take)

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

    def _take(self, request: Request) -> Answer:
        asked = json.loads(request.body)
        if request.path == "/Traces":
            said: dict[str, Any] = {"Traces": self.traces(asked["TraceIds"]), "UnprocessedTraceIds": []}
        else:
            said = {"TraceSummaries": self.summaries(asked["FilterExpression"])}
        return Answer(200, json.dumps(said).encode(), {"Content-Type": "application/json"})


def _linked(document: dict[str, Any]) -> list[str]:
    """Return what *document* and those inside it have as `linked_trace_ids`."""
    own = document.get("annotations", {}).get("linked_trace_ids")
    return [own] * bool(own) + [text for child in document.get("subsegments", []) for text in _linked(child)]
