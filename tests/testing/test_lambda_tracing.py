"""The caller's trace goes on as under real Lambda."""

from __future__ import annotations

import pytest
from dirty_equals import IsStr

from obskit.testing.awslambda.tracing import FunctionTrace, function_trace, segment

ROOT = "1-5759e988-bd862e3fe1be46a994272793"
PARENT = "53995c3f42cd8ad8"
OTHER = "1-00000001-000000000000000000000001"
ID = IsStr(regex="[0-9a-f]{16}")
NEW_ROOT = IsStr(regex="1-[0-9a-f]{8}-[0-9a-f]{24}")


@pytest.mark.parametrize(
    "event",
    [
        {"request": {"headers": {"x-amzn-trace-id": f"Root={ROOT};Parent={PARENT};Sampled=0"}}},
        {"request": {"headers": {"X-Amzn-Trace-Id": f"Sampled=0;Parent={PARENT};Root={ROOT};"}}},
        {"headers": {"X-AMZN-TRACE-ID": f"Self=1-2-3;Root={ROOT};Parent={PARENT};Sampled=0"}},
    ],
    ids=["appsync", "any case and order", "api gateway"],
)
def test_an_event_with_a_header_is_continued(event):
    trace = function_trace(event, f"Root={OTHER};Parent={PARENT};Sampled=1")
    assert trace == FunctionTrace(ROOT, ID, "0", caller=PARENT)
    assert trace.segment_id != PARENT
    assert trace.header == f"Root={ROOT};Parent={trace.segment_id};Sampled=0"


def test_the_services_header_is_next():
    trace = function_trace({"headers": {"x-amzn-trace-id": "Root=nonsense"}}, f"Root={OTHER};Parent={PARENT};Sampled=1")
    assert trace == FunctionTrace(OTHER, ID, "1", caller=PARENT)


@pytest.mark.parametrize("event", [{}, [], None, "text", {"headers": None}, {"request": []}, {"Records": [1]}])
def test_else_a_new_trace_begins(event):
    trace = function_trace(event)
    assert trace == FunctionTrace(NEW_ROOT, ID, "1")
    assert function_trace(event).root != trace.root


def test_without_parent_and_with_an_open_sampling_decision():
    trace = function_trace({"headers": {"x-amzn-trace-id": f"Root={ROOT};Sampled=?"}})
    assert trace == FunctionTrace(ROOT, ID, "1", caller=None)


def test_lineage_survives():
    trace = function_trace({"headers": {"x-amzn-trace-id": f"Root={ROOT};Parent={PARENT};Sampled=1;Lineage=1:a:0"}})
    assert trace.header == f"Root={ROOT};Parent={trace.segment_id};Sampled=1;Lineage=1:a:0"


def test_a_queue_links_and_does_not_continue():
    event = {
        "Records": [
            {"attributes": {"AWSTraceHeader": f"Root={ROOT};Parent={PARENT};Sampled=1"}},
            {"attributes": {"AWSTraceHeader": f"Root={OTHER}"}},
            {"attributes": {}},
        ]
    }
    trace = function_trace(event)
    assert trace == FunctionTrace(NEW_ROOT, ID, "1", links=((ROOT, PARENT), (OTHER, None)))
    assert trace.root != ROOT


def test_lambdas_own_segment():
    trace = FunctionTrace(ROOT, "a" * 16, "1", caller=PARENT, links=((OTHER, "b" * 16),))
    assert segment(trace, "checkout", (10.0, 11.5), "fault") == {
        "trace_id": ROOT,
        "id": "a" * 16,
        "parent_id": PARENT,
        "name": "checkout",
        "origin": "AWS::Lambda::Function",
        "start_time": 10.0,
        "end_time": 11.5,
        "fault": True,
        "links": [
            {"trace_id": OTHER, "id": "b" * 16, "attributes": {"aws.xray.reserved.reference_type": "parent"}},
        ],
    }
