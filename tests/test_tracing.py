"""Spans as X-Ray subsegments, and the fields of threads."""

import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from dirty_equals import IsFloat

import obskit
from obskit import context, output
from obskit.testing import capture
from obskit.tracing import TraceContext, daemon, spans, subsegments
from tests.helpers import IS_SPAN_ID, SPAN_ID, TRACE_ID, XRAY_PARENT, XRAY_ROOT


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

    subsegments.send(root, XRAY_ROOT, XRAY_PARENT, address(xray_daemon))

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


def test_the_attributes_of_a_plain_span_are_masked_too(xray_daemon):
    """Most spans have a few short attributes, and are rendered by a shorter way."""
    root = spans.Span("pay", {"email": "ann@example.com", "attempt": 2, "card": "4242 4242 4242 4242"})

    subsegments.send(root, XRAY_ROOT, XRAY_PARENT, address(xray_daemon))

    document = received(xray_daemon)
    assert document["annotations"] == {"email": "[EMAIL]", "attempt": 2, "card": "[CARD]"}
    assert "metadata" not in document


def test_links_are_metadata_and_their_traces_an_annotation_to_search_by(xray_daemon):
    root = spans.Span("process", {"linked_trace_ids": "theirs", "links": "theirs"})
    traces = [TraceContext(f"{number:032x}", SPAN_ID) for number in range(1, 8)]
    for trace in [*traces, TraceContext(TRACE_ID), *traces]:
        root.add_link(trace)

    subsegments.send(root, XRAY_ROOT, XRAY_PARENT, address(xray_daemon))

    document = received(xray_daemon)
    ids = [f"1-00000000-{number:024x}" for number in range(1, 8)]
    assert document["annotations"] == {"linked_trace_ids": ",".join(ids[:6]), "links": "theirs"}
    assert document["metadata"] == {
        "obskit": {
            "linked_trace_ids": "theirs",
            "links": [
                *({"trace_id": one, "span_id": SPAN_ID} for one in ids),
                {"trace_id": f"1-{TRACE_ID[:8]}-{TRACE_ID[8:]}"},
            ],
        }
    }
    assert len(document["annotations"]["linked_trace_ids"]) <= 250


def test_links_beyond_128_are_counted(xray_daemon):
    root = spans.Span("process")
    for number in range(1, 131):
        root.add_link(TraceContext(f"{number:032x}"))

    subsegments.send(root, XRAY_ROOT, XRAY_PARENT, address(xray_daemon))

    metadata = received(xray_daemon)["metadata"]["obskit"]
    assert (len(metadata["links"]), metadata["links_dropped"]) == (128, 2)


def test_a_document_over_one_datagram_is_sent_in_parts(xray_daemon):
    root = spans.Span("big")
    for number in range(90):
        root.adopt(spans.Span(f"child {number}", {"text": ["x" * 1000]}))

    with capture():
        subsegments.send(root, XRAY_ROOT, XRAY_PARENT, address(xray_daemon))

        assert output.faults() == {}
    parts = [received(xray_daemon) for _ in range(91)]
    assert [part["name"] for part in parts] == [*(f"child {number}" for number in range(90)), "big"]
    assert {part["parent_id"] for part in parts[:-1]} == {root.span_id}
    assert parts[-1]["parent_id"] == XRAY_PARENT
    assert {len(part["metadata"]["obskit"]["text"][0]) for part in parts[:-1]} == {1000}


def test_what_is_over_one_datagram_is_trimmed_by_rule_and_that_is_told(xray_daemon):
    """Values are cut to a thousand characters, and then the largest are left out; names of both are there."""
    root = spans.Span("big", {"tags": ["x" * 1000] * 90, "kind": "short", "text": "é" * 70_000})

    with capture() as captured:
        subsegments.send(root, XRAY_ROOT, XRAY_PARENT, address(xray_daemon))

    assert received(xray_daemon) == {
        "type": "subsegment",
        "trace_id": XRAY_ROOT,
        "parent_id": XRAY_PARENT,
        "id": root.span_id,
        "name": "big",
        "start_time": IsFloat(),
        "end_time": IsFloat(),
        "annotations": {"kind": "short"},
        "metadata": {"obskit": {"tags": '["' + "x" * 998, "text": "é" * 1000, "trimmed": ["tags", "text"]}},
    }
    assert [line["obskit_fault"] for line in captured.logs] == ["spans"]


def test_what_is_still_too_large_loses_its_largest_values_first(xray_daemon):
    root = spans.Span("big", {f"n{number:02}": ["x" * 990] for number in range(80)} | {"small": ["y"]})

    with capture():
        subsegments.send(root, XRAY_ROOT, XRAY_PARENT, address(xray_daemon))

    metadata = received(xray_daemon)["metadata"]["obskit"]
    left_out = [f"n{number:02}" for number in range(80) if f"n{number:02}" not in metadata]
    assert metadata["trimmed"] == left_out[:20]
    assert metadata["small"] == ["y"]
    assert len(left_out) == 15  # 65 of 1,005 bytes are left


def test_a_document_has_fifty_annotations_and_the_rest_is_metadata(xray_daemon):
    root = spans.Span("root", {f"key{number}": number for number in range(40)})
    root.adopt(spans.Span("child", {f"key{number}": number for number in range(40)}))

    subsegments.send(root, XRAY_ROOT, XRAY_PARENT, address(xray_daemon))

    document = received(xray_daemon)
    (child,) = document["subsegments"]
    assert (len(document["annotations"]), len(child["annotations"])) == (40, 10)
    assert child["metadata"]["obskit"] == {f"key{number}": number for number in range(10, 40)}


def test_events_are_metadata_and_are_bounded(xray_daemon, obskit_clock):
    root = spans.Span("root")
    root.add_event("retried", attempt=2, email="ann@example.com")
    for _ in range(130):
        root.add_event("ann@example.com")

    subsegments.send(root, XRAY_ROOT, XRAY_PARENT, address(xray_daemon))

    metadata = received(xray_daemon)["metadata"]["obskit"]
    now = obskit_clock.now.timestamp()
    assert metadata["events"][:2] == [
        {"name": "retried", "time": now, "attributes": {"attempt": 2, "email": "[EMAIL]"}},
        {"name": "[EMAIL]", "time": now},
    ]
    assert (len(metadata["events"]), metadata["events_dropped"]) == (128, 3)


def test_children_beyond_a_hundred_are_counted():
    root = spans.Span("root")
    for number in range(103):
        root.adopt(spans.Span(f"child {number}"))

    assert len(root.children) == 100
    assert root.dropped == 3


def test_below_a_span_without_a_place_there_is_none_either():
    root = spans.Span("root")
    for number in range(101):
        root.adopt(last := spans.Span(f"child {number}"))
    last.adopt(below := spans.Span("below"))
    below.adopt(spans.Span("deeper"))

    assert (last.children, last.dropped, below.children, below.dropped) == ([], 1, [], 1)


def test_of_an_invocation_that_runs_out_of_time_the_spans_that_ended_are_not_marked(xray_daemon):
    root, ended, running = spans.Span("root"), spans.Span("ended"), spans.Span("running")
    for child in (ended, running):
        root.adopt(child)
    ended.finish()

    subsegments.send(root, XRAY_ROOT, XRAY_PARENT, address(xray_daemon), unfinished=True)

    document = received(xray_daemon)
    marks = [(one["name"], one.get("in_progress"), one.get("annotations")) for one in document["subsegments"]]
    assert (document["in_progress"], document["annotations"]) == (True, {"timed_out": True})
    assert marks == [("ended", None, None), ("running", True, {"timed_out": True})]


@pytest.mark.parametrize(
    "given",
    ["nonsense", "localhost:2000", "127.0.0.1", "127.0.0.1:", "127.0.0.256:2000", "127.0.0.1:65536", "::1:2000"],
)
def test_an_address_that_is_none_is_told_with_what_it_should_be(given):
    with capture() as captured:
        daemon.send("{}", given)
        daemon.send("{}", given)

        assert output.faults() == {"spans": 2}
    assert [line["reason"] for line in captured.logs] == [
        "AWS_XRAY_DAEMON_ADDRESS is not an IPv4 address with a port, host:port: no span is sent"
    ]


@pytest.mark.parametrize(("named", "counted"), [(True, {"spans": 1}), (False, {})])
def test_where_nobody_listens_it_is_counted_if_somebody_named_a_daemon(monkeypatch, named, counted):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    monkeypatch.setattr(daemon, "DEFAULT_ADDRESS", address)
    with capture():
        for _ in range(2):  # the system tells of the first datagram when the second is sent
            daemon.send("{}", address if named else "")

        assert output.faults() == counted


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
