"""Spans of an invocation: what they are called, what is below them, and functions whose work comes after the call."""

import asyncio
import contextlib
import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

import obskit
from obskit import context
from obskit.testing import LambdaContext, events
from obskit.testing.plugin import TRACE_HEADER
from obskit.tracing import calls, model, spans, subsegments, trigger

QUEUE = {
    "messaging.system": "aws_sqs",
    "messaging.operation.type": "process",
    "messaging.destination.name": "indexer",
    "messaging.batch.message_count": 1,
}


def from_queue(name):
    event = events.sqs_event()
    event["Records"][0]["eventSourceARN"] = f"arn:aws:sqs:us-east-1:111111111111:{name}"
    return event


EVENTS = {
    "resolver": (
        events.appsync_event(field_name="listOrders", parent_type="Query"),
        ("Query.listOrders", "http", {"graphql.operation.type": "query"}),
    ),
    "field of a type": (
        events.appsync_batch_event(),
        ("Listing.seller", "http", {}),
    ),
    "queue": (from_queue("indexer"), ("indexer process", "pubsub", QUEUE)),
    "topic": (
        events.sns_event(),
        (
            "orders process",
            "pubsub",
            {**QUEUE, "messaging.system": "aws.sns", "messaging.destination.name": "orders"},
        ),
    ),
    "bus": (
        events.eventbridge_event({"id": 1}, detail_type="OrderPlaced"),
        (
            "OrderPlaced process",
            "pubsub",
            {"messaging.operation.type": "process", "messaging.destination.name": "eventbridge"},
        ),
    ),
    "payload of one's own": ({"a": 1}, ("", "other", {})),
    "nothing": (None, ("", "other", {})),
}


@pytest.mark.parametrize(("event", "expected"), EVENTS.values(), ids=EVENTS)
def test_an_invocation_is_named_by_what_it_does(event, expected):
    assert trigger.describe(event) == expected


def test_routes_and_rules_are_templates():
    rest = events.apigateway_event()
    http = events.apigateway_v2_event()

    assert trigger.describe({**rest, "httpMethod": "GET", "resource": "/orders/{id}"}) == (
        "GET /orders/{id}",
        "http",
        {"http.request.method": "GET", "http.route": "/orders/{id}"},
    )
    assert trigger.describe({**rest, "httpMethod": "ann@example.com", "resource": ""}) == (
        "_OTHER",
        "http",
        {"http.request.method": "_OTHER"},
    )
    assert trigger.describe({**http, "routeKey": f"{http['requestContext']['http']['method']} /orders/{{id}}"})[
        0
    ].endswith(" /orders/{id}")
    assert trigger.describe(events.function_url_event())[2].keys() == {"http.request.method"}
    name, kind, _ = trigger.describe(events.schedule_event())
    assert (kind, name != "") == ("timer", True)
    assert trigger.describe(events.dynamodb_event({"id": "1"}))[1:] == ("datasource", {})
    assert trigger.describe(events.s3_event())[0].endswith(" process")


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    "Records eventSource eventSourceARN requestContext http method routeKey resource detail-type source"
                    " resources info parentTypeName fieldName".split()
                )
                | st.text(),
                inner,
            )
        ),
    )
)
def test_no_event_makes_it_raise(event):
    name, kind, facts = trigger.describe(event)

    assert (type(name), type(kind), type(facts)) == (str, str, dict)


def test_a_batch_of_appsyncs_has_a_span_for_each_element_and_says_which_failed(obskit_spans):
    @obskit.instrument
    def handler(event, context):
        return [{"name": "Ann"}, {"errorType": "NotFound", "errorMessage": "no seller ann@example.com"}, None]

    handler(events.appsync_batch_event([{"id": "1"}, {"id": "2"}, {"id": "3"}]), LambdaContext())

    (root,) = obskit_spans
    assert [(child.name, child.attributes, child.error) for child in root.children] == [
        ("Listing.seller", {"appsync.batch.index": 0}, None),
        ("Listing.seller", {"appsync.batch.index": 1}, {"type": "NotFound", "message": "no seller [EMAIL]"}),
        ("Listing.seller", {"appsync.batch.index": 2}, None),
    ]
    assert {(child.start, child.end) for child in root.children} == {(root.start, root.end)}


@pytest.mark.parametrize(
    ("status", "flags"),
    [(200, {}), (404, {"error": True}), (429, {"error": True, "throttle": True}), (502, {"fault": True})],
)
def test_the_status_of_an_answer_is_the_spans(obskit_spans, status, flags):
    @obskit.instrument
    def handler(event, context):
        return {"statusCode": status, "body": "{}"}

    handler(events.apigateway_event(), LambdaContext())

    (root,) = obskit_spans
    assert root.document["http"]["response"] == {"status": status}
    assert {key: root.document[key] for key in ("error", "throttle", "fault") if key in root.document} == flags


CALLS = {
    "an AWS call": (
        {"rpc.system": "aws-api", "rpc.method": "PutItem", "aws.region": "us-east-1", "http.status_code": 200},
        ',"namespace":"aws","aws":{"operation":"PutItem","region":"us-east-1"},"http":{"response":{"status":200}}',
    ),
    "a query": (
        {"db.system.name": "postgresql", "db.query.text": "SELECT 1", "db.namespace": "shop"},
        ',"namespace":"remote","sql":{"sanitized_query":"SELECT 1","database_type":"postgresql","url":"shop"}',
    ),
    "a request": (
        {"http.request.method": "GET", "url.full": "http://a", "http.response.status_code": 503},
        ',"namespace":"remote","http":{"request":{"method":"GET","url":"http://a"},"response":{"status":503}},"fault":true',
    ),
}


@pytest.mark.parametrize(("attributes", "expected"), CALLS.values(), ids=CALLS)
def test_one_side_of_a_call_is_drawn_on_the_map(attributes, expected):
    assert calls.blocks("client", attributes, failed=False) == expected


# --- sampling


def test_in_a_trace_that_is_not_recorded_nothing_is_kept(obskit_spans, obskit_env):
    obskit_env(_X_AMZN_TRACE_ID=TRACE_HEADER[:-1] + "0")

    @obskit.instrument
    def handler(event, context):
        with obskit.span("a", note="x") as span:
            span.set_attribute("b", 1)
            span.add_event("c")
            span.add_link(obskit.current_trace())
            with pytest.raises(LookupError), obskit.span("inner"):
                raise LookupError
        span.record_error(LookupError())
        assert span is spans.UNRECORDED
        assert (span.attributes, span.events, span.links, span.error, span.children) == ({}, (), (), None, [])
        return obskit.inject({})["x-amzn-trace-id"]

    assert handler({}, LambdaContext()).endswith("Sampled=0")
    assert obskit_spans.documents == []


# --- threads and tasks


def test_threads_and_tasks_have_their_own_open_span(obskit_spans):
    barrier = threading.Barrier(2, timeout=10)

    def work(name):
        with obskit.span(name):
            barrier.wait()
            with obskit.span(f"{name} inner"):
                barrier.wait()

    async def task(name):
        with obskit.span(name):
            await asyncio.sleep(0)
            with obskit.span(f"{name} inner"):
                await asyncio.sleep(0)

    @obskit.instrument
    def handler(event, lambda_context):
        with obskit.span("outer"):
            threads = [threading.Thread(target=obskit.keep_context(work), args=(name,)) for name in ("a", "b")]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

            async def both():
                await asyncio.gather(task("c"), task("d"))

            asyncio.run(both())

    handler({}, LambdaContext())

    outer = obskit_spans.only("outer")
    assert sorted((child.name, [one.name for one in child.children]) for child in outer.children) == [
        (name, [f"{name} inner"]) for name in "abcd"
    ]


# --- work that comes after the call


@pytest.fixture
def root():
    opened = spans.Span("root")
    context.enter(context.Invocation(root=opened))
    yield opened
    context.leave()


def names(span):
    return [(child.name.rpartition(".")[2], child.error, names(child)) for child in span.children]


def test_traced_of_a_coroutine_covers_its_work(root):
    @obskit.traced
    async def work():
        await asyncio.sleep(0)
        with obskit.span("inner"):
            return 1

    async def both():
        return await asyncio.gather(work(), work())

    assert asyncio.run(both()) == [1, 1]
    assert names(root) == [("work", None, [("inner", None, [])])] * 2
    assert all(child.took >= 0 for child in root.children)


def test_traced_of_a_generator_covers_it_from_first_to_last_value_but_not_what_its_reader_does(root):
    @obskit.traced
    def rows():
        with obskit.span("cursor"):
            got = yield 1
            with obskit.span("fetch"):
                yield got
        return "end"

    def reader():
        generator = rows()
        assert root.children == []  # it has not begun
        assert next(generator) == 1
        with obskit.span("reader"):
            assert generator.send("sent") == "sent"
        with pytest.raises(StopIteration) as stopped:
            next(generator)
        return stopped.value.value

    with root:
        assert reader() == "end"
        assert context.scope()[2] is root

    assert names(root) == [("rows", None, [("cursor", None, [("fetch", None, [])])]), ("reader", None, [])]


def test_an_error_in_a_generator_is_its_spans_and_closing_it_is_none(root):
    @obskit.traced
    def rows():
        try:
            yield 1
        except KeyError:
            yield 2
        raise LookupError("x")

    generator = rows()
    next(generator)
    assert generator.throw(KeyError()) == 2
    with pytest.raises(LookupError):
        next(generator)
    unread = rows()
    next(unread)
    unread.close()

    assert [type(child.error) for child in root.children] == [LookupError, type(None)]
    assert all(child.took >= 0 for child in root.children)


def test_traced_of_an_asynchronous_generator(root):
    @contextlib.asynccontextmanager
    @obskit.traced
    async def connection():
        with obskit.span("open"):
            await asyncio.sleep(0)
        try:
            yield "c"
        except KeyError:
            cleaned.append(1)
            raise

    @obskit.traced
    async def rows():
        for number in range(2):
            with obskit.span("fetch"):
                await asyncio.sleep(0)
            yield number

    async def main():
        async with connection() as made:
            with obskit.span("inside"):
                pass
            assert made == "c"
        with pytest.raises(KeyError):
            async with connection():
                raise KeyError
        return [row async for row in rows()]

    cleaned = []
    assert asyncio.run(main()) == [0, 1]
    assert cleaned == [1]
    assert [(name, inner) for name, _, inner in names(root)] == [
        ("connection", [("open", None, [])]),
        ("inside", []),
        ("connection", [("open", None, [])]),
        ("rows", [("fetch", None, [])] * 2),
    ]


def test_traced_keeps_what_a_function_is(root):
    import inspect

    @obskit.traced
    async def a(): ...

    @obskit.traced
    def b():
        yield

    @obskit.traced
    async def c():
        yield

    assert (inspect.iscoroutinefunction(a), inspect.isgeneratorfunction(b), inspect.isasyncgenfunction(c)) == (
        True,
        True,
        True,
    )


def test_facts_that_are_numbers_are_not_remembered():
    subsegments.reset()
    for count in range(3):
        span = spans.Span("x", kind=spans.SERVER)
        span.facts = {"faas.invocation_id": "r-1", "faas.coldstart": False, "messaging.batch.message_count": count}
        subsegments._own(span, False, [50])

    assert subsegments._shared == {}


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=8) | st.sampled_from(["a", "b.c", "key"]),
        st.text(max_size=300)
        | st.integers()
        | st.floats()
        | st.booleans()
        | st.none()
        | st.lists(st.integers(), max_size=2),
        max_size=25,
    ),
    st.sampled_from([50, 3, 0]),
)
def test_both_ways_of_rendering_are_json_and_say_the_same(attributes, room):
    """The short way, of plain attributes, and the long one, which a span with an event takes."""
    short, long = spans.Span("x", attributes), spans.Span("x", attributes)
    long.add_event("an event")
    one, other = (json.loads("{" + subsegments._own(span, False, [room]) + "}") for span in (short, long))
    del other["metadata"]["obskit"]["events"]

    assert one.get("annotations", {}) == other.get("annotations", {})
    assert one.get("metadata", {"obskit": {}}) == other["metadata"]


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"faas.invocation_id": 'r-1"\n', "faas.coldstart": True, "faas.trigger": "other"},
        {"graphql.operation.type": "query", "faas.coldstart": False, "caller_trace_id": "4bf92f3577b34da6" * 2},
        {**QUEUE, "faas.trigger": "pubsub", "cloud.resource_id": "arn:aws:lambda:us-east-1:111111111111:function:x"},
        {"http.request.method": "GET", "http.route": "/orders/{id}", "http.response.status_code": 503},
        {"faas.invocation_id": "r-1", "faas.coldstart": False, "caller_trace_id": "0" * 32},
        {"faas.invocation_id": "r-1", "caller_trace_id": "0" * 32, "messaging.batch.failures": 1},
    ],
)
@pytest.mark.parametrize("links", [0, 1, 9])
def test_both_ways_of_rendering_an_invocation_say_the_same(facts, links):
    """The short way, of nearly all, and the long one, which an event takes; room for annotations shrinks alike."""
    short, long = spans.Span("x", kind=spans.SERVER), spans.Span("x", kind=spans.SERVER)
    for span in (short, long):
        span.facts = facts
        for number in range(links):
            span.add_link(model.TraceContext(f"{number:032x}", f"{number:016x}" if number else ""))
    long.add_event("an event")
    rooms = ([50], [50])
    one, other = (
        json.loads("{" + subsegments._own(span, False, room) + "}")
        for span, room in zip((short, long), rooms, strict=True)
    )
    del other["metadata"]["obskit"]["events"]

    assert rooms[0] == rooms[1]
    for key in ("annotations", "http", "fault"):
        assert one.get(key) == other.get(key)
    assert one.get("metadata", {"obskit": {}}) == other["metadata"]


def test_ids_that_no_two_invocations_share_are_not_kept():
    subsegments.reset()
    span = spans.Span("x", kind=spans.SERVER)
    same = {"faas.coldstart": False, "faas.trigger": "pubsub"}
    for last in ({"caller_trace_id": "0" * 32}, {"caller_trace_id": "0" * 32, "messaging.batch.failures": 1}):
        span.facts = {"faas.invocation_id": "r-1", **same, **last}
        subsegments._own(span, False, [50])

    assert list(subsegments._shared) == [tuple(same.items())]


@pytest.mark.parametrize(
    ("start", "took", "times"),
    [
        (1_700_000_000_123_456_789, 1_000, (1700000000.123456, 1700000000.123457)),
        (1_500_000_999, 500_000, (1.5, 1.5005)),  # a test's clock may begin anywhere
        (0, 0, (0.0, 0.0)),
    ],
)
def test_times_are_seconds_to_the_microsecond(start, took, times):
    span = spans.Span("x")
    span.start, span.took = start, took
    document = json.loads("{" + subsegments._own(span, False, [50]) + "}")

    assert (document["start_time"], document["end_time"]) == times
