"""Whose trace an invocation is part of: Lambda's, the caller's, or one of its own that links to the producers'."""

import pytest
from dirty_equals import IsStr

import obskit
from obskit import handler as handlers
from obskit.testing import LambdaContext, events
from obskit.testing.lambda_context import ClientContext
from obskit.tracing import TraceContext
from tests.helpers import (
    IS_TRACE_ID,
    SPAN_ID,
    TRACE_ID,
    TRACEPARENT,
    XRAY_HEADER,
    XRAY_PARENT,
    XRAY_ROOT,
    XRAY_TRACE_ID,
)

ROOT = f"1-{TRACE_ID[:8]}-{TRACE_ID[8:]}"
LINK = {"trace_id": ROOT, "span_id": SPAN_ID}
OTHER_TRACE = "0af7651916cd43dd8448eb211c80319c"
OTHER = f"00-{OTHER_TRACE}-b7ad6b7169203331-00"
OTHER_LINK = {"trace_id": f"1-{OTHER_TRACE[:8]}-{OTHER_TRACE[8:]}", "span_id": "b7ad6b7169203331"}

QUEUES = {
    "sqs": events.sqs_event(message_attributes={"traceparent": TRACEPARENT}),
    "sns": events.sns_event(message_attributes={"traceparent": TRACEPARENT}),
    "sns in sqs": events.sns_in_sqs_event(message_attributes={"traceparent": TRACEPARENT}),
    "eventbridge": events.eventbridge_event({"traceparent": TRACEPARENT}),
    "eventbridge in sqs": events.eventbridge_in_sqs_event({"traceparent": TRACEPARENT}),
    "kinesis": events.kinesis_event({"traceparent": TRACEPARENT}),
    "dynamodb": events.dynamodb_event({"id": "1", "traceparent": TRACEPARENT}),
}


@obskit.instrument
def handler(event, context):
    obskit.logger.info("line")
    return obskit.current_trace(), obskit.inject({})


@pytest.fixture
def invoke(monkeypatch, obskit_logs, obskit_spans):
    def invoke(event, context=None, lambdas=None):
        """
        Return the invocation's line, its trace, what it injects, and the spans it sends.

        *lambdas* is what Lambda says of its own segment.
        """
        monkeypatch.delenv("_X_AMZN_TRACE_ID", raising=False)
        if lambdas:
            monkeypatch.setenv("_X_AMZN_TRACE_ID", lambdas)
        trace, injected = handler(event, context or LambdaContext())
        return obskit_logs.only(), trace, injected, obskit_spans

    return invoke


@pytest.mark.parametrize("event", QUEUES.values(), ids=QUEUES)
def test_a_consumer_begins_a_trace_of_its_own(invoke, event):
    line, trace, injected, _ = invoke(event)

    assert trace.trace_id not in (TRACE_ID, XRAY_TRACE_ID)
    assert trace == TraceContext(IS_TRACE_ID, trace.span_id, sampled=True)  # recorded, as its producer is
    assert line["xray_trace_id"] == f"1-{trace.trace_id[:8]}-{trace.trace_id[8:]}"
    assert line["correlation_id"] == TRACE_ID
    assert "caller_trace_id" not in line  # it would say the same
    assert injected["traceparent"] == f"00-{trace.trace_id}-{trace.span_id}-01"
    assert injected["x-correlation-id"] == TRACE_ID


@pytest.mark.parametrize("event", QUEUES.values(), ids=QUEUES)
def test_a_consumer_in_lambda_is_part_of_lambdas_trace_and_links(invoke, event):
    line, trace, _, spans = invoke(event, lambdas=XRAY_HEADER)

    assert trace.trace_id == XRAY_TRACE_ID
    assert (line["xray_trace_id"], line["correlation_id"]) == (XRAY_ROOT, TRACE_ID)
    (document,) = spans.documents
    assert (document["trace_id"], document["parent_id"]) == (XRAY_ROOT, XRAY_PARENT)
    assert document["annotations"]["linked_trace_ids"] == ROOT
    assert document["metadata"]["obskit"]["links"] == [LINK]


def test_a_batch_links_to_each_producer_and_belongs_to_none(invoke):
    records = [
        record
        for parent in (TRACEPARENT, OTHER, TRACEPARENT)
        for record in events.sqs_event(message_attributes={"traceparent": parent})["Records"]
    ]
    line, _, injected, spans = invoke({"Records": records}, lambdas=XRAY_HEADER)

    (document,) = spans.documents
    assert document["annotations"]["linked_trace_ids"] == f"{ROOT},{OTHER_LINK['trace_id']}"
    assert document["metadata"]["obskit"]["links"] == [LINK, OTHER_LINK]
    assert "caller_trace_id" not in line
    assert line["correlation_id"] == injected["x-correlation-id"] == XRAY_TRACE_ID


def test_a_consumer_whose_trace_lambda_continues_needs_no_link(invoke):
    """EventBridge hands the header of PutEvents on to its targets."""
    line, _, _, spans = invoke(
        events.eventbridge_event({"traceparent": TRACEPARENT, "tracestate": "rojo=1"}),
        lambdas=f"Root={ROOT};Parent={XRAY_PARENT};Sampled=1",
    )

    (document,) = spans.documents
    assert "links" not in document["metadata"]["obskit"]
    assert "linked_trace_ids" not in document["annotations"]
    assert "caller_trace_id" not in line


def test_an_unrecorded_producer_has_an_unrecorded_consumer(invoke):
    assert invoke(events.sqs_event(message_attributes={"traceparent": OTHER}))[1].sampled is False


@pytest.mark.parametrize(
    ("producers", "recorded"),
    [([], True), ([True], True), ([None], True), ([False], False), ([False, True], True), ([False, None], True)],
)
def test_for_a_collector_a_trace_is_recorded_unless_no_producers_is(producers, recorded):
    given = tuple(TraceContext(TRACE_ID, SPAN_ID, sampled) for sampled in producers)

    assert handlers._trace_for_otlp(None, None, given).sampled is recorded


def test_a_request_is_continued_where_lambda_says_nothing(invoke):
    event = events.appsync_event(headers={"traceparent": TRACEPARENT, "tracestate": "rojo=1", "baggage": "tier=gold"})
    line, trace, injected, _ = invoke(event)

    assert trace == TraceContext(TRACE_ID, IsStr(), sampled=True, tracestate="rojo=1", baggage="tier=gold")
    assert injected == {
        "traceparent": f"00-{TRACE_ID}-{trace.span_id}-01",
        "tracestate": "rojo=1",
        "baggage": "tier=gold",
        "x-amzn-trace-id": f"Root={ROOT};Parent={trace.span_id};Sampled=1",
        "x-correlation-id": TRACE_ID,
    }
    assert "caller_trace_id" not in line


def test_in_lambda_another_trace_is_linked_to_and_its_baggage_goes_on(invoke):
    """W3C Trace Context 3.4: what begins a trace anew leaves out the tracestate of the old one."""
    headers = {"traceparent": TRACEPARENT, "tracestate": "rojo=1", "baggage": "tier=gold", "x-correlation-id": "cart-1"}
    event = events.appsync_event(headers=headers)
    line, trace, injected, spans = invoke(event, lambdas=f"{XRAY_HEADER};Lineage=1:a87bd80c:0")

    assert injected == {
        "traceparent": f"00-{XRAY_TRACE_ID}-{trace.span_id}-01",
        "baggage": "tier=gold",
        "x-amzn-trace-id": f"Root={XRAY_ROOT};Parent={trace.span_id};Sampled=1;Lineage=1:a87bd80c:0",
        "x-correlation-id": "cart-1",
    }
    assert (line["correlation_id"], line["caller_trace_id"]) == ("cart-1", TRACE_ID)
    assert spans.documents[0]["metadata"]["obskit"]["links"] == [LINK]


def test_in_lambda_the_same_trace_keeps_its_tracestate(invoke):
    event = events.appsync_event(headers={"traceparent": TRACEPARENT, "tracestate": "rojo=1"})
    _, trace, injected, spans = invoke(event, lambdas=f"Root={ROOT};Parent={XRAY_PARENT};Sampled=1")

    assert (trace.tracestate, injected["tracestate"]) == ("rojo=1", "rojo=1")
    assert "links" not in spans.documents[0]["metadata"]["obskit"]


def test_the_caller_of_invoke_is_continued(invoke):
    context = LambdaContext(
        client_context=ClientContext(custom={"traceparent": TRACEPARENT, "x-correlation-id": "c-1"})
    )
    line, trace, _, _ = invoke({}, context)

    assert (trace.trace_id, line["correlation_id"]) == (TRACE_ID, "c-1")
