"""`OBSKIT_TRACES=otlp`: what reaches a collector, by OpenTelemetry's real SDK and exporter over HTTP."""

import importlib
import os
import threading
import time

import pytest
from dirty_equals import IsInt

import obskit
from obskit import output
from obskit.integrations import otlp
from obskit.quotas import OTLP_REQUEST_BYTES, OTLP_SPAN_BYTES
from obskit.testing import LambdaContext, OtlpSink, capture, events
from obskit.testing.waiting import wait_until
from tests.helpers import IS_SPAN_ID, IS_TRACE_ID, SPAN_ID, TRACE_ID, TRACEPARENT, XRAY_HEADER, XRAY_TRACE_ID

EVENT = events.appsync_event(headers={"traceparent": TRACEPARENT, "tracestate": "rojo=1"})


@pytest.fixture
def sink():
    with OtlpSink() as sink:
        yield sink


@pytest.fixture
def use(obskit_env, obskit_captured):
    """Send to that collector."""

    def use(sink, **variables):
        obskit_env(
            OBSKIT_TRACES="otlp",
            OBSKIT_OTLP_WAIT_MS="10000",
            OTEL_EXPORTER_OTLP_ENDPOINT=sink if isinstance(sink, str) else sink.endpoint,
            **variables,
        )
        otlp.reset()

    return use


@obskit.instrument
def checkout(event, context):
    with obskit.span("authorise", provider="stripe", email="ann@example.com", basket={"a": [1]}) as span:
        span.add_event("retried", attempt=2, buyer="ann@example.com")
        obskit.logger.info("authorised")
    with obskit.span("charge ann@example.com") as span:
        span.record_error(LookupError("no buyer ann@example.com"))
    return obskit.inject({})


def by_name(sink):
    return {span.name: span for span in sink.spans}


def test_the_spans_of_an_invocation_arrive_masked_before_it_returns(sink, use, obskit_env, obskit_logs):
    use(sink, OBSKIT_SERVICE="shop", AWS_REGION="us-east-1")
    headers = checkout(EVENT, LambdaContext(aws_request_id="r-1"))

    spans = by_name(sink)
    root, authorise, charge = spans["Mutation.checkout"], spans["authorise"], spans["charge [EMAIL]"]
    assert {(span.trace_id, span.trace_state, span.scope) for span in spans.values()} == {
        (TRACE_ID, "rojo=1", "obskit")
    }
    assert (root.kind, root.parent_id, root.status) == ("server", SPAN_ID, ("unset", ""))
    assert root.attributes == {
        "faas.invocation_id": "r-1",
        "faas.coldstart": True,
        "faas.trigger": "http",
        "cloud.resource_id": "arn:aws:lambda:us-east-1:111111111111:function:checkout",
        "graphql.operation.type": "mutation",
    }
    assert (authorise.kind, authorise.parent_id) == ("internal", root.span_id)
    assert authorise.attributes == {"provider": "stripe", "email": "[EMAIL]", "basket": '{"a":[1]}'}
    assert authorise.events == (("retried", {"attempt": 2, "buyer": "[EMAIL]"}),)
    assert charge.status == ("error", "no buyer [EMAIL]")
    assert charge.attributes == {"error.type": "LookupError"}
    assert charge.events == (("exception", {"exception.type": "LookupError", "exception.message": "no buyer [EMAIL]"}),)
    assert root.start_ns <= authorise.start_ns <= authorise.end_ns <= root.end_ns
    assert root.resource["service.name"] == "shop"
    assert root.resource["cloud.region"] == "us-east-1"
    assert headers["traceparent"] == f"00-{TRACE_ID}-{root.span_id}-01"
    (line,) = obskit_logs
    assert (line["trace_id"], line["span_id"]) == (TRACE_ID, authorise.span_id)
    assert "xray_trace_id" not in line


CALLERS = {
    "the caller's goes before Lambda's": (EVENT, XRAY_HEADER, (TRACE_ID, SPAN_ID)),
    "Lambda's, where no caller says": ({}, XRAY_HEADER, (XRAY_TRACE_ID, "53995c3f42cd8ad8")),
    "X-Ray is off": ({}, XRAY_HEADER.replace("Sampled=1", "Sampled=0"), (IS_TRACE_ID, "")),
    "a root alone, which leaves the choice": (
        events.appsync_event(headers={"x-amzn-trace-id": f"Root=1-{TRACE_ID[:8]}-{TRACE_ID[8:]}"}),
        "",
        (TRACE_ID, ""),
    ),
}


@pytest.mark.parametrize(("event", "lambdas", "expected"), CALLERS.values(), ids=CALLERS)
def test_whose_trace(sink, use, event, lambdas, expected):
    use(sink, _X_AMZN_TRACE_ID=lambdas or None)
    checkout(event, LambdaContext())

    (root,) = (span for span in sink.spans if span.kind == "server")
    assert (root.trace_id, root.parent_id) == expected


def test_a_caller_that_does_not_record_is_heeded(sink, use):
    use(sink)
    headers = checkout(events.appsync_event(headers={"traceparent": TRACEPARENT[:-1] + "0"}), LambdaContext())

    assert sink.requests == []
    assert headers["traceparent"].endswith("-00")


def test_a_consumer_begins_a_trace_and_links_to_its_producers(sink, use):
    use(sink)
    checkout(events.sqs_event(message_attributes={"traceparent": TRACEPARENT}), LambdaContext())

    (root,) = (span for span in sink.spans if span.kind == "server")
    assert root.trace_id != TRACE_ID
    assert root.links == ((TRACE_ID, SPAN_ID),)


def test_a_span_that_is_larger_than_a_request_goes_alone_and_nothing_empty_before_it():
    sizes = [OTLP_REQUEST_BYTES, 1, OTLP_REQUEST_BYTES, 1, 1]

    assert list(otlp._batches(iter(enumerate(sizes)))) == [[0], [1], [2], [3, 4]]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (2**63 - 1, 2**63 - 1),
        (2**63, str(2**63)),
        (-(2**63), -(2**63)),
        (-(2**63) - 1, str(-(2**63) - 1)),
        (["a", "b"], ["a", "b"]),
        (["a", 1.5], '["a",1.5]'),
        ([1.5, True], "[1.5,true]"),
        ({"a": 1}, '{"a":1}'),
    ],
)
def test_an_attribute_is_of_a_type_that_opentelemetry_has(given, sent):
    readable = importlib.import_module("obskit.integrations.readable")

    assert readable.attributes_of({"value": given}) == {"value": sent}


def test_batches_are_split_by_bytes(sink, use):
    @obskit.instrument
    def handler(event, context):
        for number in range(30):
            with obskit.span(f"n{number}", text="é" * 50_000, tags=["x" * 1000] * 20):
                pass

    use(sink)
    handler({}, LambdaContext(function_name="big"))

    assert len(sink.spans) == 31
    assert len(sink.requests) > 3
    assert all(len(request.body) <= OTLP_REQUEST_BYTES for request in sink.requests)


def test_a_span_over_the_limit_is_trimmed_and_that_is_told(sink, use, obskit_logs):
    @obskit.instrument
    def handler(event, context):
        with obskit.span("big", text="x" * 300_000, **{f"n{number}": "y" * 1000 for number in range(200)}):
            pass

    use(sink)
    handler({}, LambdaContext())

    big = by_name(sink)["big"]
    assert big.attributes["text"] == "x" * 1000
    assert len(sink.requests[0].body) < OTLP_SPAN_BYTES
    assert obskit_logs.only().get("obskit_fault") == "spans"


def test_a_collector_that_answers_late_holds_up_one_response_and_no_more(use, obskit_env):
    asked, go_on = threading.Event(), threading.Event()

    def answer():
        asked.set()
        go_on.wait(10)
        return 200

    with OtlpSink(answer) as sink:
        use(sink)
        obskit_env(OBSKIT_OTLP_WAIT_MS="20")
        checkout(EVENT, LambdaContext())  # waits 20 ms in vain
        exporter = otlp.prepare()
        assert asked.wait(10)
        assert exporter.is_late

        obskit_env(OBSKIT_OTLP_WAIT_MS="999999")  # a wait now would be seen
        checkout(EVENT, LambdaContext())
        assert (len(sink.requests), exporter._waiting) == (1, 6)
        go_on.set()
        assert len(sink.wait_for(lambda spans: len(spans) == 6)) == 6
        checkout(EVENT, LambdaContext())  # it answers again: this one is waited for
        assert len(sink.spans) == 9
        assert not exporter.is_late


@pytest.mark.parametrize("status", [400, 503])
def test_a_collector_that_refuses_is_told_once_and_not_waited_for(use, obskit_logs, status):
    with OtlpSink(lambda: status) as sink:
        use(sink, OTEL_EXPORTER_OTLP_TIMEOUT="0.5")
        checkout(EVENT, LambdaContext())
        checkout(EVENT, LambdaContext())

    assert [line["obskit_fault"] for line in obskit_logs if "obskit_fault" in line] == ["otlp"]
    assert otlp.prepare().is_late


def test_nobody_at_the_address_raises_nothing(use, obskit_logs):
    use("http://127.0.0.1:9", OTEL_EXPORTER_OTLP_TIMEOUT="0.5")
    checkout(EVENT, LambdaContext())

    assert [line["obskit_fault"] for line in obskit_logs if "obskit_fault" in line] == ["otlp"]


def test_what_becomes_of_the_spans_of_one_test_is_not_told_in_the_next(use, obskit_logs):
    go_on = threading.Event()
    with OtlpSink(lambda: 400 if go_on.wait(10) else 500) as sink:
        use(sink)
        os.environ["OBSKIT_OTLP_WAIT_MS"] = "0"
        checkout(EVENT, LambdaContext())
        exporter = otlp.prepare()
        otlp.reset()
        go_on.set()
        wait_until(lambda: exporter._waiting == 0, 10, "the collector has answered")

    assert [line for line in obskit_logs if "obskit_fault" in line] == []


def test_what_waits_is_bounded(use):
    go_on = threading.Event()
    with OtlpSink(lambda: 200 if go_on.wait(10) else 500) as sink:
        use(sink)
        os.environ["OBSKIT_OTLP_WAIT_MS"] = "0"
        with capture():  # reads the settings anew

            @obskit.instrument
            def handler(event, context):
                for _ in range(99):
                    with obskit.span("one"):
                        pass

            for _ in range(25):
                handler({}, LambdaContext())
            assert output.faults()["spans"] > 0
            go_on.set()
            sink.wait_for(lambda spans: len(spans) == otlp._MOST_WAITING)


def test_the_names_of_opentelemetrys_variables_are_heeded(sink, use):
    use(
        sink,
        OTEL_EXPORTER_OTLP_HEADERS="x-team=search",
        OTEL_EXPORTER_OTLP_COMPRESSION="gzip",
        OTEL_RESOURCE_ATTRIBUTES="team=search",
    )
    checkout(EVENT, LambdaContext())

    (request,) = sink.requests
    assert (request.path, request.headers["x-team"], request.headers["content-encoding"]) == (
        "/v1/traces",
        "search",
        "gzip",
    )
    assert {span.resource["team"] for span in sink.spans} == {"search"}


def test_what_runs_out_of_time_is_sent_once_and_says_so(sink, use):
    from obskit import handler

    @obskit.instrument
    def slow(event, context):
        with obskit.span("step"):
            handler._running_out(obskit.context.current(), obskit.context.current().root, context)

    use(sink)
    slow({}, LambdaContext())

    assert sorted(span.name for span in sink.spans) == ["slow", "step"]
    assert by_name(sink)["slow"].attributes["obskit.timed_out"] is True


def test_a_forked_child_sends_by_a_connection_of_its_own(sink, use):
    use(sink)
    checkout(EVENT, LambdaContext())
    child = os.fork()
    if not child:
        try:
            checkout(EVENT, LambdaContext())
        finally:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0

    assert len(sink.wait_for(lambda spans: len(spans) == 6)) == 6


def test_threads_send_their_spans_with_the_invocation(sink, use):
    @obskit.instrument
    def handler(event, context):
        def work(number):
            with obskit.span(f"work {number}"):
                time.monotonic_ns()

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    use(sink)
    handler({}, LambdaContext())

    assert sorted(span.name for span in sink.spans) == ["handler", *(f"work {number}" for number in range(8))]


def test_the_ids_are_those_of_the_lines(sink, use, obskit_logs):
    use(sink)
    checkout({}, LambdaContext())

    spans = by_name(sink)
    assert {line["span_id"] for line in obskit_logs} == {spans["authorise"].span_id}
    assert spans["authorise"].span_id == IS_SPAN_ID
    assert spans["authorise"].start_ns == IsInt(gt=10**18)
