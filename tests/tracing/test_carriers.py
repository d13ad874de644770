"""Reading: where each kind of event carries the trace, and what becomes of nonsense."""

import base64
import json
from collections.abc import Mapping
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import obskit
from obskit import output
from obskit.testing import LambdaContext, capture, events
from obskit.testing.lambda_context import ClientContext
from obskit.tracing import TraceContext, carriers, messages
from tests.helpers import SPAN_ID, TRACE_ID, TRACEPARENT, XRAY_HEADER, XRAY_PARENT, XRAY_ROOT, XRAY_TRACE_ID

CALLER = TraceContext(TRACE_ID, SPAN_ID, sampled=True)
UPSTREAM = TraceContext(XRAY_TRACE_ID, XRAY_PARENT, sampled=True)
W3C = {"traceparent": TRACEPARENT}
OTHER = f"00-{TRACE_ID}-{'1' * 16}-00"
OTHERS = TraceContext(TRACE_ID, "1" * 16, sampled=False)

REQUESTS = {
    "appsync": (events.appsync_event(headers=W3C), CALLER),
    "appsync, Root alone": (
        events.appsync_event(headers={"x-amzn-trace-id": f"Root={XRAY_ROOT}"}),
        TraceContext(XRAY_TRACE_ID),
    ),
    "appsync, both headers": (events.appsync_event(headers={"x-amzn-trace-id": XRAY_HEADER, **W3C}), CALLER),
    "appsync, both, the first is invalid": (
        events.appsync_event(headers={"x-amzn-trace-id": XRAY_HEADER, "traceparent": "00-x"}),
        UPSTREAM,
    ),
    "appsync, tracestate and baggage": (
        events.appsync_event(headers={**W3C, "tracestate": "rojo=1, congo=2", "baggage": "tier=gold,=x"}),
        TraceContext(TRACE_ID, SPAN_ID, sampled=True, tracestate="rojo=1,congo=2", baggage="tier=gold"),
    ),
    "appsync, tracestate without its traceparent": (
        events.appsync_event(headers={"x-amzn-trace-id": XRAY_HEADER, "tracestate": "rojo=1", "baggage": "tier=gold"}),
        TraceContext(XRAY_TRACE_ID, XRAY_PARENT, sampled=True, baggage="tier=gold"),
    ),
    "appsync batch": (events.appsync_batch_event(headers=W3C), CALLER),
    "appsync batch, some without request": (
        [{"source": {}}, {"request": None}, *events.appsync_batch_event(headers=W3C)],
        CALLER,
    ),
    "appsync pipeline, stash": (events.appsync_pipeline_event(stash={"traceparent": OTHER}, headers=W3C), OTHERS),
    "appsync pipeline, stash of others": (events.appsync_pipeline_event(stash={"a": "b"}, headers=W3C), CALLER),
    "appsync pipeline, prev": (events.appsync_pipeline_event(result=W3C), CALLER),
    "appsync pipeline, prev after headers": (
        events.appsync_pipeline_event(result={"traceparent": OTHER}, headers=W3C),
        CALLER,
    ),
    "appsync, payload of one's own": ({"field": "orders", "stash": W3C}, CALLER),
    "appsync authorizer": (events.appsync_authorizer_event(headers=W3C), CALLER),
    "appsync events": (events.appsync_channel_event({"id": 1}, headers=W3C), CALLER),
    "appsync events, subscribe": (events.appsync_channel_event(operation="SUBSCRIBE", headers=W3C), CALLER),
    "api gateway": (events.apigateway_event(headers=W3C), CALLER),
    "api gateway, x-ray": (events.apigateway_event(headers={"X-Amzn-Trace-Id": XRAY_HEADER}), UPSTREAM),
    "api gateway v2": (events.apigateway_v2_event(headers=W3C), CALLER),
    "alb": (
        events.alb_event(headers={"x-amzn-trace-id": f"Self=1-67891234-12456789abcdef012345678;{XRAY_HEADER}"}),
        UPSTREAM,
    ),
    "alb, multi-value": (events.alb_event(headers=W3C, multi_value_headers=True), CALLER),
    "function url": (events.function_url_event(headers=W3C), CALLER),
    "several tracestates are one": (
        {"multiValueHeaders": {"Traceparent": [TRACEPARENT], "Tracestate": ["rojo=1", "congo=2"]}},
        TraceContext(TRACE_ID, SPAN_ID, sampled=True, tracestate="rojo=1,congo=2"),
    ),
    "several traceparents are none": (
        {"headers": {"traceparent": TRACEPARENT}, "multiValueHeaders": {"traceparent": [OTHER, TRACEPARENT]}},
        None,
    ),
    "step functions input": ({"orderId": "1", **W3C}, CALLER),
    "step functions, input below a key": ({"input": {"orderId": "1", **W3C}, "executionName": "e"}, CALLER),
    "step functions, context object": ({"Execution": {"Id": "arn", "Input": W3C}, "State": {}}, CALLER),
    "headers": ({"TRACEPARENT": TRACEPARENT, "Host": "example.com"}, CALLER),
    "headers, as lists": ({"traceparent": [TRACEPARENT]}, CALLER),
    "lambda context, custom": (LambdaContext(client_context=ClientContext(custom=W3C)), CALLER),
    "lambda context, w3c": (SimpleNamespace(w3c=lambda: W3C, client_context=None), CALLER),
    "lambda context of nobody": (LambdaContext(), None),
}


@pytest.mark.parametrize(("event", "trace"), REQUESTS.values(), ids=REQUESTS)
def test_a_request_is_continued(event, trace):
    with capture():
        assert obskit.extract(event) == trace
        if not isinstance(event, (LambdaContext, SimpleNamespace)):
            assert carriers.read(event) == (trace, "", ())
        assert output.faults() == {}


SNS_BODY = {"Type": "Notification", "Message": "{}", "MessageAttributes": {"traceparent": {"Value": TRACEPARENT}}}
DETAIL = {"orderId": "1", **W3C}

CONSUMED = {
    "sqs": (events.sqs_event(message_attributes=W3C), CALLER),
    "sqs, AWSTraceHeader": (events.sqs_event(trace_header=XRAY_HEADER), UPSTREAM),
    "sqs, AWSTraceHeader with Lineage": (
        events.sqs_event(trace_header=f"{XRAY_HEADER};Lineage=1:a87bd80c:0"),
        TraceContext(XRAY_TRACE_ID, XRAY_PARENT, sampled=True, others="Lineage=1:a87bd80c:0"),
    ),
    "sqs, both": (events.sqs_event(trace_header=XRAY_HEADER, message_attributes=W3C), CALLER),
    "sqs, attributes with tracestate": (
        events.sqs_event(message_attributes={**W3C, "tracestate": "rojo=1"}),
        TraceContext(TRACE_ID, SPAN_ID, sampled=True, tracestate="rojo=1"),
    ),
    "sqs, in the body": (events.sqs_event({"orderId": "1", **W3C}), CALLER),
    "sqs from pipes": (events.sqs_event(message_attributes=W3C)["Records"], CALLER),
    "sns": (events.sns_event(message_attributes=W3C), CALLER),
    "eventbridge in sns": (events.sns_event(events.eventbridge_event(DETAIL)), CALLER),
    "sns in sqs": (events.sns_in_sqs_event(message_attributes=W3C), CALLER),
    "sns in sqs, raw": (events.sns_in_sqs_event(message_attributes=W3C, raw=True), CALLER),
    "sns in sqs, beside AWSTraceHeader": (
        events.sns_in_sqs_event(message_attributes=W3C, trace_header=XRAY_HEADER),
        CALLER,
    ),
    "sns in sns in sqs": (events.sqs_event({"Type": "Notification", "Message": json.dumps(SNS_BODY)}), CALLER),
    "eventbridge": (events.eventbridge_event(DETAIL), CALLER),
    "eventbridge, replayed": ({**events.eventbridge_event(DETAIL), "replay-name": "r"}, CALLER),
    "eventbridge in sqs": (events.eventbridge_in_sqs_event(DETAIL, trace_header=XRAY_HEADER), CALLER),
    "eventbridge in sns in sqs": (events.sns_in_sqs_event(events.eventbridge_event(DETAIL)), CALLER),
    "kinesis": (events.kinesis_event(DETAIL), CALLER),
    "kinesis from pipes": (
        [{"eventSource": "aws:kinesis", "data": base64.b64encode(json.dumps(DETAIL).encode()).decode()}],
        CALLER,
    ),
    "eventbridge in kinesis": (events.kinesis_event(events.eventbridge_event(DETAIL)), CALLER),
    "dynamodb": (events.dynamodb_event({"id": "1", **W3C}), CALLER),
    "dynamodb, one map": (events.dynamodb_event({"id": "1", "trace_context": W3C}), CALLER),
    "dynamodb, one text": (events.dynamodb_event({"id": "1", "trace_context": json.dumps(W3C)}), CALLER),
    "dynamodb, written anew": (
        events.dynamodb_event({"id": "1", **W3C}, event_name="MODIFY", old_items=({"id": "1", "traceparent": OTHER},)),
        CALLER,
    ),
}


@pytest.mark.parametrize(("event", "trace"), CONSUMED.values(), ids=CONSUMED)
def test_a_message_is_linked_to_and_not_continued(event, trace):
    with capture():
        assert obskit.extract(event) == trace
        assert carriers.read(event) == (None, trace.trace_id, (trace,))
        assert output.faults() == {}


@pytest.mark.parametrize(
    "event",
    [
        events.sqs_event(),
        events.sqs_event("a traceparent is a header"),
        events.sqs_event('{"traceparent": '),
        events.sqs_event("[" * 100_000 + '"traceparent"'),
        events.sqs_event({"nested": W3C}),
        events.sns_event(),
        events.sns_in_sqs_event(),
        events.eventbridge_event(),
        events.schedule_event(),
        events.s3_event(),
        events.kinesis_event(b"\xff\x00traceparent"),
        {"Records": [{"kinesis": {"data": "no base64, traceparent"}}]},
        events.dynamodb_event(),
        # written by an earlier request, and untouched by this one
        events.dynamodb_event({"id": "1", "n": 2, **W3C}, event_name="MODIFY", old_items=({"id": "1", "n": 1, **W3C},)),
        events.dynamodb_event({"id": "1", **W3C}, event_name="REMOVE"),
        events.appsync_event(),
        events.apigateway_event(),
        {"headers": None, "Records": [], "detail": 1, "request": {"headers": []}},
        {"Records": [None]},
        {"Records": [{"messageAttributes": {"traceparent": "x"}, "Sns": 1}]},
        {"Records": 7},
        [],
        [None],
        None,
        "text",
        b"bytes",
        7,
        object(),
    ],
)
def test_an_event_without_a_trace_has_none(event):
    with capture():
        assert obskit.extract(event) is None
        assert carriers.read(event) == (None, "", ())
        assert output.faults() == {}


# --- batches ----------------------------------------------------------------------------------------------------------


def batch(*parents, correlation=()):
    """Return a batch of SQS, one message from each of *parents*."""
    records = []
    for number, parent in enumerate(parents):
        attributes = {"traceparent": parent} if parent else {}
        if number < len(correlation):
            attributes["x-correlation-id"] = correlation[number]
        records += events.sqs_event(message_attributes=attributes)["Records"]
    return {"Records": records}


def test_a_batch_has_one_link_for_each_distinct_producer_in_order():
    caller, correlation, links = carriers.read(batch(OTHER, TRACEPARENT, "", OTHER, "nonsense"))

    assert (caller, correlation, links) == (None, "", (OTHERS, CALLER))


@pytest.mark.parametrize(
    ("event", "correlation"),
    [
        (batch(OTHER, TRACEPARENT, correlation=("c-1", "c-1")), "c-1"),
        (batch(OTHER, TRACEPARENT, correlation=("c-1", "c-2")), ""),
        (batch(OTHER, TRACEPARENT, correlation=("c-1",)), ""),
        (batch(OTHER, TRACEPARENT), TRACE_ID),  # two spans of one trace
        (batch("", "", correlation=("c-1", "c-1")), "c-1"),
        (batch("", ""), ""),
    ],
)
def test_the_correlation_id_of_a_batch_is_the_one_that_all_share(event, correlation):
    assert carriers.read(event)[1] == correlation


def test_a_batch_is_read_in_bounds():
    parents = [f"00-{TRACE_ID}-{number:016x}-01" for number in range(1, 300)]
    assert len(carriers.read(batch(*parents))[2]) == messages.MOST_LINKS == 128

    late = {"Records": events.sqs_event(*range(1000))["Records"] + batch(TRACEPARENT)["Records"]}
    assert carriers.read(late) == (None, "", ())

    large = json.dumps({"traceparent": OTHER, "filling": "x" * 400_000})  # two are read of SQS's, one of Kinesis's
    messages_of_one = events.sqs_event(large, large, large)
    assert list(messages.carried(messages_of_one)) == [{"traceparent": OTHER}, {"traceparent": OTHER}, {}]
    assert list(messages.carried(events.kinesis_event(large, large))) == [{"traceparent": OTHER}, {}]


def test_ten_elements_of_a_batch_of_appsyncs_are_looked_at():
    bare, told = events.appsync_event(headers={}), events.appsync_event(headers=W3C)

    assert obskit.extract([*[bare] * 9, told]) == CALLER
    assert obskit.extract([*[bare] * 10, told]) is None


# --- the correlation id -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("order-17:a_b.c", "order-17:a_b.c"),
        ("x" * 128, "x" * 128),
        ("x" * 129, ""),
        ("", ""),
        ("a b", ""),
        ("a\nb", ""),
        ("ann@example.com", ""),
    ],
)
def test_a_correlation_id_has_harmless_characters(value, found):
    assert carriers.correlation_id({"headers": {"X-Correlation-Id": value}}) == found


@pytest.mark.parametrize(
    "event",
    [
        events.appsync_event(headers={**W3C, "x-correlation-id": "c-1"}),
        events.appsync_event(headers={"x-amzn-trace-id": XRAY_HEADER, "x-correlation-id": "c-1"}),
        events.appsync_event(headers=W3C, stash={"x-correlation-id": "c-1"}),
        events.appsync_pipeline_event(headers=W3C, result={"x-correlation-id": "c-1"}),
        {**events.appsync_event(headers=W3C), "x-correlation-id": "c-1"},
        {**events.appsync_event(headers=W3C), "headers": {"X-Correlation-ID": "c-1"}},
        {"headers": {**W3C, "X-CORRELATION-ID": "c-1"}},
        events.apigateway_event(headers={**W3C, "x-correlation-id": "c-1"}),
        {**W3C, "X-Correlation-Id": "c-1"},
    ],
)
def test_the_correlation_id_is_found_beside_the_trace(event):
    trace, correlation, links = carriers.read(event)

    assert (trace is not None, correlation, links) == (True, "c-1", ())
    assert carriers.correlation_id(event) == "c-1"


def test_the_caller_of_invoke_goes_before_the_payload_it_hands_on():
    context = LambdaContext(client_context=ClientContext(custom={"traceparent": OTHER, "x-correlation-id": "c-2"}))

    assert carriers.read(events.appsync_event(headers={**W3C, "x-correlation-id": "c-1"}), context) == (
        OTHERS,
        "c-2",
        (),
    )


# --- laws -------------------------------------------------------------------------------------------------------------


def any_case(name):
    return st.tuples(*(st.sampled_from([letter.lower(), letter.upper()]) for letter in name)).map("".join)


@given(any_case("traceparent"), any_case("x-correlation-id"), st.sampled_from(["plain", "headers", "multi"]))
def test_headers_are_found_in_any_case(traceparent, correlation, place):
    headers = {"Host": "example.com", traceparent: TRACEPARENT, correlation: "c-1"}
    event = {
        "plain": headers,
        "headers": {"headers": headers},
        "multi": {"multiValueHeaders": {name: [value] for name, value in headers.items()}},
    }[place]

    assert carriers.read(event) == (CALLER, "c-1", ())
    assert obskit.extract(event) == CALLER


class Hostile(Mapping[str, object]):
    """A mapping whose every method raises."""

    def __getitem__(self, key):
        raise OSError

    def __iter__(self):
        raise OSError

    def __len__(self):
        raise OSError


class Odd(dict[str, object]):
    def items(self):
        raise OSError

    def get(self, key, default=None):
        raise OSError


class OddContext:
    def __getattr__(self, name):
        raise OSError if name in ("w3c", "client_context") else AttributeError(name)


WORDS = """
headers multiValueHeaders request requestHeaders stash prev result Records detail traceparent
tracestate baggage x-amzn-trace-id x-correlation-id Sns MessageAttributes messageAttributes
attributes AWSTraceHeader body Message Type dynamodb NewImage OldImage trace_context kinesis data
eventSource Execution Input input S M stringValue Value
""".split()


def json_text(document):
    return json.dumps(document, default=str, skipkeys=True)


leaves = (
    st.none()
    | st.text()
    | st.binary(max_size=20)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.builds(object)
    | st.builds(Hostile)
    | st.builds(Odd)
    | st.builds(OddContext)
    | st.sampled_from(["Notification", "aws:kinesis", "", "00-" + "0" * 52, '{"traceparent": 1}', "race-id" * 9])
)
documents = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS) | st.integers() | st.text(max_size=5), inner, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4).map(json_text)
    ),
    max_leaves=12,
)


@given(documents, documents)
def test_nonsense_of_any_shape_is_none_and_never_an_exception(event, context):
    with capture():
        assert obskit.extract(event) is None
        assert carriers.read(event, context) == (None, carriers.read(event, context)[1], ())
        assert carriers.correlation_id(event).isascii()


@pytest.mark.parametrize("event", [Hostile(), {"headers": Hostile()}, {"Records": [Odd()]}, OddContext()])
def test_an_object_that_raises_is_a_fault_and_no_trace(event):
    with capture():
        assert obskit.extract(event) is None
        assert carriers.read(event, event) == (None, "", ())
        assert carriers.correlation_id(event) == ""
        assert set(output.faults()) <= {"extract"}


def test_a_context_that_raises_takes_nothing_from_the_event():
    with capture():
        assert carriers.read(events.appsync_event(headers=W3C), OddContext()) == (CALLER, "", ())
        assert output.faults() == {"extract": 1}


@given(st.sampled_from(sorted(REQUESTS | CONSUMED)), documents)
def test_what_stands_beside_the_carrier_changes_nothing(name, beside):
    event, trace = (REQUESTS | CONSUMED)[name]
    if type(event) is dict:
        event = {"arguments": beside, **event}

    assert obskit.extract(event) == trace


@given(st.sampled_from(sorted(REQUESTS | CONSUMED)))
def test_reading_leaves_the_event_as_it_is(name):
    event, _ = (REQUESTS | CONSUMED)[name]
    if isinstance(event, (dict, list)):
        before = json.dumps(event)
        obskit.extract(event)
        carriers.read(event)

        assert json.dumps(event) == before
