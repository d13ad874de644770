"""Code that traces by OpenTelemetry's API or by the X-Ray SDK is part of the invocation's trace, in both modes."""

import asyncio

import boto3
import psycopg
import pytest
from aws_xray_sdk import global_sdk_config
from aws_xray_sdk.core import xray_recorder
from opentelemetry import baggage, propagate, trace
from opentelemetry import context as otel_context
from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor

import obskit
from obskit import context
from obskit.errors import IntegrationError
from obskit.integrations import otel, otlp, xray
from obskit.testing import LambdaContext, OtlpSink, events
from obskit.testing.plugin import TRACE_HEADER
from tests.helpers import TRACE_ID, TRACEPARENT, XRAY_TRACE_ID
from tests.outbox_db import outbox_server  # noqa: F401  a fixture

EVENT = events.appsync_event()


class Sent:
    """What an invocation sent, in either mode: name -> (parent's name, attributes, error, kind or namespace)."""

    def __init__(self, spans):
        self._spans = spans

    def __getitem__(self, name):
        return next(span for span in self._spans if span["name"] == name)

    def names(self):
        return sorted(span["name"] for span in self._spans)


@pytest.fixture(params=["xray", "otlp"])
def mode(request):
    return request.param


@pytest.fixture
def sent(mode, obskit_spans, obskit_env):
    """Return what the invocations so far have sent."""
    obskit_env(OBSKIT_TRACES=mode)
    if mode == "xray":
        yield lambda: Sent(
            [
                {
                    "name": span.name,
                    "parent": parent,
                    "attributes": dict(span.attributes),
                    "error": span.error and dict(span.error),
                    "id": span.span_id,
                    "trace_id": span.trace_id.replace("-", "")[1:],
                }
                for root in obskit_spans
                for parent, span in walk(root, "")
            ]
        )
        return
    with OtlpSink() as sink:
        obskit_env(OBSKIT_OTLP_WAIT_MS="10000", OTEL_EXPORTER_OTLP_ENDPOINT=sink.endpoint)
        otlp.reset()

        def read():
            names = {span.span_id: span.name for span in sink.spans}
            return Sent(
                [
                    {
                        "name": span.name.replace("[", "_").replace("]", "_"),
                        "parent": names.get(span.parent_id, ""),
                        "attributes": {key.replace(".", "_"): value for key, value in span.attributes.items()},
                        "error": {"type": span.attributes["error.type"], "message": span.status[1]}
                        if span.status[0] == "error"
                        else None,
                        "id": span.span_id,
                        "trace_id": span.trace_id,
                    }
                    for span in sink.spans
                ]
            )

        yield read


def walk(span, parent):
    yield parent, span
    for child in span.children:
        yield from walk(child, span.name)


@pytest.fixture(autouse=True)
def joined():
    otel.part()
    otel.join()
    yield
    otel.part()


@pytest.fixture
def tracer():
    return trace.get_tracer("their.library")


def test_spans_of_both_apis_nest_in_each_other(sent, tracer):
    @obskit.instrument
    def handler(event, context):
        with obskit.span("ours"), tracer.start_as_current_span("theirs", attributes={"email": "ann@example.com"}):
            with obskit.span("ours again"):
                obskit.logger.info("line")
            assert context_span() == trace.get_current_span().span.span_id

    handler(EVENT, LambdaContext())

    found = sent()
    assert found.names() == ["Mutation.checkout", "ours", "ours again", "theirs"]
    assert [found[name]["parent"] for name in ("ours", "theirs", "ours again")] == [
        "Mutation.checkout",
        "ours",
        "theirs",
    ]
    assert found["theirs"]["attributes"]["email"] == "[EMAIL]"
    assert found["theirs"]["trace_id"] == XRAY_TRACE_ID


def context_span():
    return context.scope()[2].span_id


def test_what_escapes_is_the_spans_error_and_what_is_noted_is_an_event(sent, tracer):
    @obskit.instrument
    def handler(event, context):
        with pytest.raises(LookupError), tracer.start_as_current_span("fails"):
            raise LookupError("no buyer ann@example.com")
        with tracer.start_as_current_span("goes on") as span:
            span.record_exception(LookupError("ann@example.com"))
            span.set_status(trace.StatusCode.ERROR, "ann@example.com")
            span.set_status(trace.StatusCode.OK)

    handler(EVENT, LambdaContext())

    assert sent()["fails"]["error"] == {"type": "LookupError", "message": "no buyer [EMAIL]"}
    assert sent()["goes on"]["error"] is None


def test_a_span_that_a_callback_ends_counts_to_then(sent, tracer):
    @obskit.instrument
    def handler(event, context):
        span = tracer.start_span("by hand", kind=trace.SpanKind.CLIENT)
        span.set_attribute("a", 1)
        span.update_name("renamed")
        span.end()
        span.set_attribute("late", 1)
        assert not span.is_recording()

    handler(EVENT, LambdaContext())

    assert sent()["renamed"]["parent"] == "Mutation.checkout"
    assert sent()["renamed"]["attributes"].get("late") is None


def test_a_foreign_parent_becomes_a_link(sent, tracer, mode, obskit_spans):
    @obskit.instrument
    def handler(event, context):
        carried = propagate.extract({"traceparent": TRACEPARENT})
        with tracer.start_as_current_span("message", context=carried):
            pass

    handler(EVENT, LambdaContext())

    assert sent()["message"]["parent"] == "Mutation.checkout"
    if mode == "xray":
        (link,) = obskit_spans.only("message").attributes["links"]
        assert link["trace_id"].replace("-", "")[1:] == TRACE_ID


def test_their_propagators_write_the_place_of_our_span(sent, tracer):
    @obskit.instrument
    def handler(event, context):
        with obskit.span("call") as span:
            headers = {}
            propagate.inject(headers)
            return headers, span.span_id

    headers, span_id = handler(EVENT, LambdaContext())

    assert headers == {"traceparent": f"00-{XRAY_TRACE_ID}-{span_id}-01"}


def test_their_baggage_and_other_values_stay_theirs(tracer):
    token = otel_context.attach(baggage.set_baggage("tier", "gold"))
    try:

        @obskit.instrument
        def handler(event, context):
            with obskit.span("x"):
                return baggage.get_baggage("tier")

        assert handler(EVENT, LambdaContext()) == "gold"
    finally:
        otel_context.detach(token)


def test_an_unrecorded_trace_is_passed_on_as_such(obskit_env, tracer, obskit_captured):
    obskit_env(_X_AMZN_TRACE_ID=TRACE_HEADER[:-1] + "0")

    @obskit.instrument
    def handler(event, context):
        with tracer.start_as_current_span("theirs") as span:
            headers = {}
            propagate.inject(headers)
            return span.is_recording(), headers["traceparent"]

    recording, header = handler(EVENT, LambdaContext())
    assert not recording
    assert header.startswith(f"00-{XRAY_TRACE_ID}-")
    assert header.endswith("-00")


def test_outside_an_invocation_nothing_is_recorded(tracer):
    with tracer.start_as_current_span("theirs") as span:
        assert not span.is_recording()
        assert not span.get_span_context().is_valid


def test_tasks_keep_their_own_span(sent, tracer):
    @obskit.instrument
    def handler(event, context):
        async def work(name):
            with tracer.start_as_current_span(name):
                await asyncio.sleep(0)
                with obskit.span(f"{name} inner"):
                    await asyncio.sleep(0)

        async def both():
            await asyncio.gather(work("a"), work("b"))

        asyncio.run(both())

    handler(EVENT, LambdaContext())

    assert [sent()[name]["parent"] for name in ("a", "b", "a inner", "b inner")] == ["Mutation.checkout"] * 2 + [
        "a",
        "b",
    ]


def test_another_provider_is_refused_by_name(monkeypatch):
    otel.part()
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", trace.NoOpTracerProvider())
    monkeypatch.setattr(trace, "set_tracer_provider", lambda _: None)

    with pytest.raises(IntegrationError, match="another TracerProvider"):
        otel.join()


@pytest.fixture
def botocore_traced():
    BotocoreInstrumentor().instrument()
    yield
    BotocoreInstrumentor().uninstrument()


def test_botocores_instrumentation(sent, botocore_traced, mode, obskit_spans):
    """Its spans are calls to AWS, for X-Ray's map too; what they say of a message is masked."""
    from botocore.stub import Stubber

    client = boto3.client("sqs", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")

    @obskit.instrument
    def handler(event, context):
        with Stubber(client) as stub:
            stub.add_response("get_queue_url", {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/333333333333/orders"})
            with obskit.span("look"):
                client.get_queue_url(QueueName="orders")

    handler(EVENT, LambdaContext())

    call = sent()["SQS.GetQueueUrl"]
    assert call["parent"] == "look"
    assert call["attributes"]["rpc_method"] == "GetQueueUrl"
    if mode == "xray":
        document = obskit_spans.only("SQS.GetQueueUrl").document
        assert document["namespace"] == "aws"
        assert document["aws"]["operation"] == "GetQueueUrl"


@pytest.fixture
def psycopg_traced():
    PsycopgInstrumentor().instrument(enable_commenter=False)
    yield
    PsycopgInstrumentor().uninstrument()


def test_psycopgs_instrumentation_on_a_real_server(sent, psycopg_traced, outbox_server, mode, obskit_spans):  # noqa: F811
    @obskit.instrument
    def handler(event, context):
        with psycopg.connect(f"host=127.0.0.1 port={outbox_server} user=postgres dbname=postgres") as connection:
            connection.execute("SELECT 'ann@example.com'")

    handler(EVENT, LambdaContext())

    query = sent()["SELECT"]
    assert query["parent"] == "Mutation.checkout"
    assert query["attributes"]["db_statement"] == "SELECT '[EMAIL]'"
    if mode == "xray":
        document = obskit_spans.only("SELECT").document
        assert (document["namespace"], document["sql"]["sanitized_query"]) == ("remote", "SELECT '[EMAIL]'")


@pytest.fixture
def xray_joined(monkeypatch):
    for name in ("context", "_emitter", "streaming"):
        monkeypatch.setattr(xray_recorder, name, getattr(xray_recorder, name))
    enabled = global_sdk_config.sdk_enabled()  # Powertools' Tracer switches it off for the whole process
    global_sdk_config.set_sdk_enabled(True)
    xray.join()
    yield
    global_sdk_config.set_sdk_enabled(enabled)


def test_the_x_ray_sdks_subsegments(sent, xray_joined, mode, obskit_spans):
    seen = {}

    @obskit.instrument
    def handler(event, context):
        with obskit.span("ours"), xray_recorder.in_subsegment("stripe", namespace="remote") as subsegment:
            seen["id"] = subsegment.id
            subsegment.put_annotation("email", "ann@example.com")
            subsegment.put_metadata("basket", {"name_of_buyer": "ann@example.com"})
            subsegment.put_http_meta("status", 402)
            with obskit.span("inside"):
                obskit.logger.info("line")
        with pytest.raises(LookupError), xray_recorder.in_subsegment("fails"):
            raise LookupError("no buyer ann@example.com")

    handler(EVENT, LambdaContext())

    stripe = sent()["stripe"]
    assert (stripe["parent"], stripe["id"], stripe["trace_id"]) == ("ours", seen["id"], XRAY_TRACE_ID)
    assert stripe["attributes"]["email"] == "[EMAIL]"
    assert stripe["attributes"]["http_response_status_code"] == 402
    assert "ann@" not in str(stripe)
    assert sent()["inside"]["parent"] == "stripe"
    assert sent()["fails"]["error"] == {"type": "LookupError", "message": "no buyer [EMAIL]"}
    if mode == "xray":
        document = obskit_spans.only("stripe").document
        assert document["namespace"] == "remote"
        assert document["error"] is True
        assert document["http"] == {"response": {"status": 402}}


def test_the_x_ray_sdk_gets_dummies_where_nothing_is_recorded(xray_joined, obskit_env, obskit_captured):
    obskit_env(_X_AMZN_TRACE_ID=TRACE_HEADER[:-1] + "0")

    @obskit.instrument
    def handler(event, context):
        with xray_recorder.in_subsegment("x") as subsegment:
            return subsegment.sampled

    assert handler(EVENT, LambdaContext()) is False
    with xray_recorder.in_subsegment("outside") as subsegment:
        assert subsegment.sampled is False
