"""The elements of an AppSync batch as spans: which of them failed. Loaded where a handler answers a batch."""

from __future__ import annotations

from obskit.tracing import carriers
from obskit.tracing.spans import Span, StatedError


def note(root: Span, event: list[object], result: list[object]) -> None:
    """
    Put a span for each element of *event* below *root*, failed where the element of *result* reports an error.

    A handler works on all of them together, so each takes as long as the invocation. A resolver reports an error of an
    element by `errorMessage` and `errorType`.
    """
    for index, element in enumerate(event):
        operation = carriers.operation(element)
        if not operation:
            continue
        span = Span(operation)
        span.start, span.took = root.start, root.took
        span.facts = {"appsync.batch.index": index}
        answer = result[index] if index < len(result) else None
        if type(answer) is dict and answer.get("errorMessage"):
            span.record_error(StatedError(str(answer.get("errorType") or "Error"), str(answer["errorMessage"])))
        root.adopt(span)
