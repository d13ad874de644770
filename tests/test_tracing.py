"""Trace headers by the letter, carriers of every event, spans as X-Ray subsegments."""

import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from dirty_equals import IsFloat
from hypothesis import given
from hypothesis import strategies as st

import obskit
from obskit import context, output
from obskit.testing import appsync_event, capture
from obskit.tracing import TraceContext, carriers, daemon, spans, w3c, xray
from tests.helpers import (
    IS_SPAN_ID,
    SPAN_ID,
    TRACE_ID,
    TRACEPARENT,
    XRAY_HEADER,
    XRAY_PARENT,
    XRAY_ROOT,
    XRAY_TRACE_ID,
)

CALLER = TraceContext(TRACE_ID, SPAN_ID, sampled=True)
UPSTREAM = TraceContext(XRAY_TRACE_ID, XRAY_PARENT, sampled=True)


@pytest.mark.parametrize(
    ("header", "trace"),
    [
        (TRACEPARENT, CALLER),
        (f"00-{TRACE_ID}-{SPAN_ID}-00", TraceContext(TRACE_ID, SPAN_ID, sampled=False)),
        (f" {TRACEPARENT} ", CALLER),
        # 3.2.2: a later version may go on after a dash
        (f"cc-{TRACE_ID}-{SPAN_ID}-01-what-the-future-will-be", CALLER),
        (f"cc-{TRACE_ID}-{SPAN_ID}-01", CALLER),
        (f"cc-{TRACE_ID}-{SPAN_ID}-01.what", None),
        (f"00-{TRACE_ID}-{SPAN_ID}-01-extra", None),
        # 3.2.2.1: ff is forbidden
        (f"ff-{TRACE_ID}-{SPAN_ID}-01", None),
        # 3.2.2.3 and .4: all zeros is invalid, and so is upper case
        (f"00-{'0' * 32}-{SPAN_ID}-01", None),
        (f"00-{TRACE_ID}-{'0' * 16}-01", None),
        (f"00-{TRACE_ID.upper()}-{SPAN_ID}-01", None),
        (f"00-{TRACE_ID}-{SPAN_ID}-0x", None),
        (f"0x-{TRACE_ID}-{SPAN_ID}-01", None),
        (f"00-{TRACE_ID}{SPAN_ID}-01", None),
        ("", None),
        ("nonsense", None),
    ],
)
def test_traceparent(header, trace):
    assert w3c.parse(header) == trace


@pytest.mark.parametrize(
    ("header", "trace"),
    [
        (XRAY_HEADER, UPSTREAM),
        (f"Sampled=1;Parent={XRAY_PARENT};Root={XRAY_ROOT}", UPSTREAM),
        (f"root={XRAY_ROOT} ; PARENT={XRAY_PARENT.upper()} ; sampled=1 ;", UPSTREAM),
        (f"Root={XRAY_ROOT}", TraceContext(XRAY_TRACE_ID)),
        (f"Self=1-67891234-12456789abcdef012345678;Root={XRAY_ROOT}", TraceContext(XRAY_TRACE_ID)),
        (f"Root={XRAY_ROOT};Parent={XRAY_PARENT};Sampled=?", TraceContext(XRAY_TRACE_ID, XRAY_PARENT)),
        (f"Root={XRAY_ROOT};Parent={XRAY_PARENT};Sampled=0", TraceContext(XRAY_TRACE_ID, XRAY_PARENT, sampled=False)),
        (f"Root={XRAY_ROOT};Lineage=a:1|b:2;x=y", TraceContext(XRAY_TRACE_ID, others="Lineage=a:1|b:2;x=y")),
        (f"Root={XRAY_ROOT};Parent=xyz", TraceContext(XRAY_TRACE_ID)),
        (f"Root={XRAY_ROOT};Parent={'0' * 16}", TraceContext(XRAY_TRACE_ID)),
        ("Root=2-5759e988-bd862e3fe1be46a994272793", None),
        ("Root=1-5759e98-8bd862e3fe1be46a994272793", None),
        (f"Root=1-{'0' * 8}-{'0' * 24}", None),
        ("Parent=53995c3f42cd8ad8", None),
        ("Root", None),
        ("", None),
        (f"Root={XRAY_ROOT};" + "x" * 1024, None),
    ],
)
def test_xray_header(header, trace):
    assert xray.parse(header) == trace


hex_ids = st.integers(min_value=1)
traces = st.builds(
    TraceContext,
    st.integers(1, 2**128 - 1).map(lambda number: f"{number:032x}"),
    st.integers(1, 2**64 - 1).map(lambda number: f"{number:016x}"),
    sampled=st.booleans(),
)


@given(traces)
def test_both_headers_carry_a_trace_there_and_back(trace):
    assert w3c.parse(w3c.render(trace)) == trace
    assert xray.parse(xray.render(trace)) == trace


def test_what_others_wrote_into_the_xray_header_is_passed_on():
    header = f"{XRAY_HEADER};Lineage=a:1|b:2"

    assert xray.render(xray.parse(header)) == header


ATTRIBUTE = {"traceparent": {"stringValue": TRACEPARENT, "dataType": "String"}}


@pytest.mark.parametrize(
    ("event", "trace"),
    [
        (appsync_event(headers={"traceparent": TRACEPARENT}), CALLER),
        (appsync_event(headers={"X-Amzn-Trace-Id": XRAY_HEADER}), UPSTREAM),
        (appsync_event(headers={"X-Amzn-Trace-Id": XRAY_HEADER, "Traceparent": TRACEPARENT}), CALLER),
        ([appsync_event(headers={"traceparent": TRACEPARENT}), appsync_event()], CALLER),
        ({"headers": {"traceparent": TRACEPARENT}, "body": ""}, CALLER),
        ({"Records": [{"messageAttributes": ATTRIBUTE, "attributes": {}}]}, CALLER),
        ({"Records": [{"attributes": {"AWSTraceHeader": XRAY_HEADER}}]}, UPSTREAM),
        (
            {"Records": [{"Sns": {"MessageAttributes": {"traceparent": {"Type": "String", "Value": TRACEPARENT}}}}]},
            CALLER,
        ),
        ({"detail-type": "x", "detail": {"traceparent": TRACEPARENT}}, CALLER),
        ({"TRACEPARENT": TRACEPARENT}, CALLER),
        (appsync_event(), None),
        ({"headers": None, "Records": [], "detail": 1, "request": {"headers": []}}, None),
        ({"Records": [None]}, None),
        ({"Records": [{"messageAttributes": {"traceparent": "x"}, "Sns": 1}]}, None),
        ([], None),
        (None, None),
        ("text", None),
    ],
)
def test_extract_finds_the_trace_of_any_event(event, trace):
    assert obskit.extract(event) == trace


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["headers", "request", "Records", "detail", "traceparent", "Sns", "attributes"])
                | st.integers(),
                inner,
                max_size=4,
            )
        ),
        max_leaves=10,
    )
)
def test_nonsense_is_none_and_never_an_exception(event):
    assert obskit.extract(event) is None
    assert carriers.correlation_id(event) == ""


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


@pytest.mark.parametrize("kind", ["http", "eventbridge"])
def test_inject_there_and_back_in_mappings(kind):
    carrier = carriers.write({"kept": 1}, kind, CALLER, "c-1")

    assert carrier == {
        "kept": 1,
        "traceparent": TRACEPARENT,
        "x-amzn-trace-id": f"Root={xray.root(TRACE_ID)};Parent={SPAN_ID};Sampled=1",
        "x-correlation-id": "c-1",
    }
    event = {"headers": carrier} if kind == "http" else {"detail": carrier}
    assert obskit.extract(event) == CALLER
    assert carriers.correlation_id(event) == "c-1"


@pytest.mark.parametrize("kind", ["sqs", "sns"])
def test_inject_into_message_attributes(kind):
    assert carriers.write({}, kind, CALLER, "c-1") == {
        "traceparent": {"DataType": "String", "StringValue": TRACEPARENT},
        "x-correlation-id": {"DataType": "String", "StringValue": "c-1"},
    }


def test_inject_names_the_kinds_it_knows():
    with pytest.raises(ValueError, match="knows the kinds http, sqs, sns, eventbridge; not 'smoke'"):
        obskit.inject({}, "smoke")


def test_outside_an_invocation_there_is_no_trace_to_inject():
    assert obskit.inject({"a": "b"}) == {"a": "b"}
    assert obskit.current_trace() is None


@pytest.fixture
def xray_daemon():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(5)
        yield listener


def address(listener):
    host, port = listener.getsockname()
    return f"{host}:{port}"


def received(listener):
    header, _, body = listener.recv(70_000).partition(b"\n")
    assert json.loads(header) == {"format": "json", "version": 1}
    return json.loads(body)


def test_a_root_with_its_children_is_one_subsegment_document(xray_daemon):
    root = spans.Span("checkout", {"faas.coldstart": True})
    held = context.Invocation(root=root)
    context.enter(held)
    try:
        with root:
            with obskit.span("authorise", provider="stripe", email="ann@example.com") as inner:
                inner.set_attribute("tags", ["a", "b"])
            with pytest.raises(LookupError), obskit.span("ann@example.com?"):
                raise LookupError("no buyer ann@example.com")
    finally:
        context.leave()

    spans.send(root, XRAY_TRACE_ID, XRAY_PARENT, address(xray_daemon))

    times = {"start_time": IsFloat(), "end_time": IsFloat()}
    assert received(xray_daemon) == {
        "type": "subsegment",
        "trace_id": XRAY_ROOT,
        "parent_id": XRAY_PARENT,
        "id": root.span_id,
        "name": "checkout",
        **times,
        "annotations": {"faas_coldstart": True},
        "subsegments": [
            {
                "id": IS_SPAN_ID,
                "name": "authorise",
                **times,
                "annotations": {"provider": "stripe", "email": "[EMAIL]"},
                "metadata": {"obskit": {"tags": ["a", "b"]}},
            },
            {
                "id": IS_SPAN_ID,
                "name": "_EMAIL__",
                **times,
                "fault": True,
                "cause": {"exceptions": [{"id": IS_SPAN_ID, "type": "LookupError", "message": "no buyer [EMAIL]"}]},
            },
        ],
    }


def test_a_document_over_one_datagram_is_sent_in_parts(xray_daemon):
    root = spans.Span("big")
    for number in range(90):
        root.adopt(spans.Span(f"child {number}", {"text": ["x" * 1000]}))

    with capture():
        spans.send(root, XRAY_TRACE_ID, XRAY_PARENT, address(xray_daemon))

        assert output.faults() == {}
    parts = [received(xray_daemon) for _ in range(91)]
    assert [part["name"] for part in parts] == [*(f"child {number}" for number in range(90)), "big"]
    assert {part["parent_id"] for part in parts[:-1]} == {root.span_id}
    assert parts[-1]["parent_id"] == XRAY_PARENT
    assert {len(part["metadata"]["obskit"]["text"][0]) for part in parts[:-1]} == {1000}


def test_attributes_over_one_datagram_are_left_out_and_that_is_told(xray_daemon):
    root = spans.Span("big", {"text": ["x" * 1000] * 90})

    with capture() as captured:
        spans.send(root, XRAY_TRACE_ID, XRAY_PARENT, address(xray_daemon))

    assert received(xray_daemon) == {
        "type": "subsegment",
        "trace_id": XRAY_ROOT,
        "parent_id": XRAY_PARENT,
        "id": root.span_id,
        "name": "big",
        "start_time": IsFloat(),
        "end_time": IsFloat(),
    }
    assert [line["obskit_fault"] for line in captured.logs] == ["spans"]


def test_children_beyond_a_hundred_are_counted():
    root = spans.Span("root")
    for number in range(103):
        root.adopt(spans.Span(f"child {number}"))

    assert len(root.children) == 100
    assert root.dropped == 3


def test_a_daemon_that_is_not_there_costs_nothing_and_raises_nothing():
    with capture():
        spans.send(spans.Span("x"), XRAY_TRACE_ID, XRAY_PARENT, "127.0.0.1:9")
        spans.send(spans.Span("x"), XRAY_TRACE_ID, XRAY_PARENT, "nonsense")

        assert output.faults()["spans"] >= 1


@pytest.mark.parametrize(
    ("written", "meant"),
    [("127.0.0.1:2000", ("127.0.0.1", 2000)), ("tcp:127.0.0.1:2000 udp:127.0.0.2:2001", ("127.0.0.2", 2001))],
)
def test_both_forms_of_the_daemons_address(written, meant):
    assert daemon._udp(written) == meant


def test_traced_opens_a_span_of_the_functions_name():
    root = spans.Span("root")
    context.enter(context.Invocation(root=root))
    try:

        @obskit.traced
        def work(number):
            return number + 1

        with root:
            assert work(1) == 2
    finally:
        context.leave()

    assert [child.name for child in root.children] == ["test_traced_opens_a_span_of_the_functions_name.<locals>.work"]


def test_each_thread_sees_its_own_fields():
    barrier = threading.Barrier(2, timeout=5)

    def work(name):
        with obskit.bind(worker=name):
            barrier.wait()
            return context.scope()[1]["worker"]

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, ["a", "b"])) == ["a", "b"]


def test_what_an_earlier_invocation_left_in_a_thread_is_stale():
    with ThreadPoolExecutor(1) as pool:
        context.enter(context.Invocation(request_id="1"))
        pool.submit(obskit.bind, leftover="x").result()
        assert pool.submit(lambda: dict(context.scope()[1])).result() == {"leftover": "x"}
        context.leave()
        context.enter(context.Invocation(request_id="2"))
        try:
            assert pool.submit(lambda: dict(context.scope()[1])).result() == {}
        finally:
            context.leave()


def test_a_binding_left_in_another_context_takes_back_what_it_did():
    def lines():
        with obskit.bind(inside=True):
            yield dict(context.scope()[1])

    generator = lines()
    with ThreadPoolExecutor(1) as pool:
        assert next(generator) == {"inside": True}
        pool.submit(generator.close).result()

    # The generator was closed elsewhere: this thread's own binding is undone by the test's end.
    context._scope.set((None, {}, None))
