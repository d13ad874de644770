"""Where each kind of Lambda event carries the trace, and whose trace the function continues."""

from __future__ import annotations

from collections.abc import Mapping

from obskit import output
from obskit.tracing import w3c, xray

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.tracing.model import TraceContext

    Carried = dict[str, str]

CORRELATION = "x-correlation-id"
"""The header that carries the one id of a business request."""

HEADERS = frozenset(("traceparent", "tracestate", "baggage", "x-amzn-trace-id", CORRELATION))
"""The headers that are read, in lower case."""

_LONGEST_CORRELATION_ID = 128
_CORRELATION_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:")

_MOST_ELEMENTS = 10
"""Elements of an AppSync batch that are looked at: all are of one request, and some lack its headers."""


def extract(event: object) -> TraceContext | None:
    """
    Return where *event* says it comes from, or None.

    *event* is any Lambda event, a mapping of headers, or Lambda's context object, whose caller may have passed a
    trace in `ClientContext`. `traceparent` goes before `X-Amzn-Trace-Id`: the first is the caller's own, the second
    may have been put there by a load balancer on the way. Of a batch of messages it is the first one's. Never raises.
    """
    try:
        first = event[0] if type(event) is list and event else event  # a batch of AppSync's is of one request
        if type(first) is dict and (found := _usual(first)) is not None:
            return found[0]
        for carried in _everything(event):
            trace = context_of(carried)
            if trace is not None:
                return trace
    except Exception as error:  # noqa: BLE001  an object that only looks like a mapping may do anything
        output.fault("extract", error)
    return None


def read(event: object, lambda_context: object = None) -> tuple[TraceContext | None, str, tuple[TraceContext, ...]]:
    """
    Return the trace to continue, the correlation id, and the traces that only led to *event*.

    A queue, topic, bus or stream hands over what others did before: its consumer continues nobody's trace, and links to
    each producer. The correlation id of a batch is the one that all its messages share, if they do.
    """
    try:
        first = event[0] if type(event) is list and event else event
        if type(first) is dict and getattr(lambda_context, "client_context", None) is None:
            found = _usual(first)
            if found is not None and (found[1] or _is_alone(first)):
                return found
        if is_consumed(event):
            from obskit.tracing import messages

            producers, correlation = messages.producers(event)
            return None, correlation, producers
        places = [*_invoker(lambda_context), *_requested(event)]
        trace = next((trace for place in places if (trace := context_of(place)) is not None), None)
        return trace, _correlation(places), ()
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("extract", error)
        return read(event) if lambda_context is not None else (None, "", ())


def correlation_id(event: object) -> str:
    """Return the correlation id that *event* carries, or an empty string. Odd characters void it. Never raises."""
    try:
        return _correlation(_everything(event))
    except Exception as error:  # noqa: BLE001  as in `extract`
        output.fault("extract", error)
        return ""


def is_consumed(event: object) -> bool:
    """Say whether *event* comes from a queue, a topic, a bus or a stream."""
    if type(event) is dict:
        return type(event.get("Records")) is list or (
            isinstance(event.get("detail"), Mapping) and "request" not in event and "headers" not in event
        )
    # EventBridge Pipes hand over the bare records.
    return type(event) is list and bool(event) and type(event[0]) is dict and "eventSource" in event[0]


def context_of(carried: Carried) -> TraceContext | None:
    """Return the trace that the headers *carried* name."""
    traceparent = carried.get("traceparent")
    trace = w3c.parse(traceparent) if traceparent else None
    if trace is None:
        header = carried.get("x-amzn-trace-id")
        trace = xray.parse(header) if header else None
    elif state := carried.get("tracestate"):  # without its traceparent it says nothing
        from obskit.tracing import tracestate

        trace.tracestate = tracestate.parse(state)
    if trace is not None and (header := carried.get("baggage")):
        from obskit.tracing import baggage

        trace.baggage = baggage.parse(header)
    return trace


def texts(headers: object) -> Carried:
    """Return those of `HEADERS` that *headers* has, in any case, a value as one text."""
    if type(headers) is not dict and not isinstance(headers, Mapping):
        return {}
    carried: Carried = {}
    for name, value in headers.items():
        if type(name) is str and (lower := name.lower()) in HEADERS:
            text = value if type(value) is str else _joined(value)
            if text is not None:
                carried[lower] = text
    return carried


def is_correlation_id(text: str) -> bool:
    """Say whether *text* is short and of harmless characters."""
    return 0 < len(text) <= _LONGEST_CORRELATION_ID and _CORRELATION_CHARACTERS.issuperset(text)


def operation(event: object) -> str:
    """Return what an AppSync *event* asks for, such as `Mutation.checkout`; empty for other events."""
    if isinstance(event, list):
        event = event[0] if event else None
    # A dict's own type is told in a tenth of what a look at `Mapping` takes.
    info = event.get("info") if type(event) is dict or isinstance(event, Mapping) else None
    if info is None or not (type(info) is dict or isinstance(info, Mapping)):
        return ""
    kind, name = info.get("parentTypeName"), info.get("fieldName")
    return f"{kind}.{name}" if isinstance(kind, str) and isinstance(name, str) else ""


def errors_within(event: object, result: object) -> int:
    """
    Return the number of errors in what an AppSync resolver returned: Lambda calls it a success.

    A resolver reports an error by `errorMessage`, in the result or, where *event* is a batch, in an element of it.
    """
    if type(result) is dict:
        return 1 if result.get("errorMessage") and operation(event) else 0
    if type(event) is list and type(result) is list:
        return sum(type(element) is dict and bool(element.get("errorMessage")) for element in result)
    return 0


def _usual(event: dict[str, object]) -> tuple[TraceContext, str, tuple[TraceContext, ...]] | None:
    """Return what `read` does, for a third of the time, where somebody waits and sent what most clients send."""
    request = event.get("request")
    if type(request) is dict:
        headers = request.get("headers")
    else:
        headers = event if _PLACES.isdisjoint(event) else event.get("headers")
    if type(headers) is not dict or event.get("stash") or event.get("multiValueHeaders"):
        return None
    header = headers.get("traceparent")
    if type(header) is str:
        trace = w3c.parse(header)
    else:
        header = headers.get("x-amzn-trace-id")
        # Without a `traceparent` in lower case there may be one in another, but not in what AppSync writes.
        trace = xray.parse(header) if type(header) is str and type(request) is dict else None
    if trace is None or "tracestate" in headers or "baggage" in headers:
        return None
    correlation = headers.get(CORRELATION)
    return (trace, correlation, ()) if type(correlation) is str and is_correlation_id(correlation) else (trace, "", ())


_PLACES = frozenset(
    "headers multiValueHeaders request requestHeaders stash prev detail Records input Execution".split()
)
"""Where headers stand in an event; what has none of these is perhaps a mapping of headers itself."""


def _is_alone(event: dict[str, object]) -> bool:
    """Say whether *event* is AppSync's and has no other place for a correlation id than the client's headers."""
    return "request" in event and event.get("prev") is None and _OTHERS.isdisjoint(event)


_OTHERS = frozenset(("headers", "requestHeaders", "input", "Execution", CORRELATION))
"""Where a correlation id may stand beside AppSync's request; a name in other letters is nobody's."""


def _correlation(places: Iterator[Carried] | list[Carried]) -> str:
    for carried in places:
        value = carried.get(CORRELATION)
        if value is not None and is_correlation_id(value):
            return value
    return ""


def _everything(event: object) -> Iterator[Carried]:
    """Yield what *event* carries, place by place, the most telling first."""
    if is_consumed(event):
        from obskit.tracing import messages

        yield from messages.carried(event)
    elif type(event) is dict or type(event) is list or isinstance(event, Mapping):
        yield from _requested(event)
    else:
        yield from _invoker(event)


def _invoker(lambda_context: object) -> Iterator[Carried]:
    """Yield what the caller of `Invoke` passed beside the payload."""
    if lambda_context is None or isinstance(lambda_context, (str, bytes, int, float)):
        return
    w3c_fields = getattr(lambda_context, "w3c", None)  # awslambdaric 4.2 and later take it out of the other
    if callable(w3c_fields):
        yield texts(w3c_fields())
    yield texts(getattr(getattr(lambda_context, "client_context", None), "custom", None))


def _requested(event: object) -> Iterator[Carried]:
    """Yield what an *event* carries that somebody waits for."""
    if type(event) is list:
        for element in event[:_MOST_ELEMENTS]:
            if type(element) is dict:
                yield from _requested(element)
    elif isinstance(event, Mapping):
        yield from _of_appsync(event)
        single, several = event.get("headers"), event.get("multiValueHeaders")
        if single or several:  # API Gateway, function URLs, load balancers
            yield {**texts(single), **texts(several)}
        yield texts(event.get("requestHeaders"))  # AppSync's authorizer
        yield texts(event.get("detail"))
        yield texts(event)  # Step Functions, payloads of one's own, plain headers
        yield from _of_step_functions(event)


def _of_appsync(event: Mapping[str, object]) -> Iterator[Carried]:
    """
    Yield what a resolver's context carries.

    The stash is what functions of one resolver hand on: nearer than the client's headers. A result may be anybody's
    data, such as a row of an outbox, so it comes after them.
    """
    if stash := event.get("stash"):
        yield texts(stash)
    if isinstance(request := event.get("request"), Mapping):
        yield texts(request.get("headers"))
    if isinstance(prev := event.get("prev"), Mapping):
        yield texts(prev.get("result"))


def _of_step_functions(event: Mapping[str, object]) -> Iterator[Carried]:
    """Yield what a task is given below a key: its input, or the context object of the execution."""
    if given := event.get("input"):
        yield texts(given)
    if isinstance(execution := event.get("Execution"), Mapping):
        yield texts(execution.get("Input"))


def _joined(values: object) -> str | None:
    """Return the *values* of a header that came more than once, as HTTP joins them: a second `traceparent` voids it."""
    return ",".join(values) if type(values) is list and all(type(value) is str for value in values) else None
