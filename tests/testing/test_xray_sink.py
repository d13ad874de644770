"""The sink keeps what X-Ray would take and says why it would drop the rest."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import boto3
import pytest

from obskit.testing.loopback import Answer, Loopback
from obskit.testing.waiting import DidNotHappenError, wait_until
from obskit.testing.xray_document import DOCUMENT_BYTES, XrayError, parse_datagram
from obskit.testing.xray_sink import XraySink

HEADER = b'{"format":"json","version":1}\n'
TRACE = "1-5759e988-bd862e3fe1be46a994272793"
NOW = time.time()


def document(**changes: Any) -> dict[str, Any]:
    base = {
        "type": "subsegment",
        "trace_id": TRACE,
        "parent_id": "b" * 16,
        "id": "a" * 16,
        "name": "authorise",
        "start_time": NOW,
        "end_time": NOW + 0.5,
    }
    return {key: value for key, value in {**base, **changes}.items() if value is not ...}


def child(**changes: Any) -> dict[str, Any]:
    return document(type=..., trace_id=..., parent_id=..., **{"id": "c" * 16, **changes})


def datagram(content: object) -> bytes:
    return HEADER + json.dumps(content).encode()


@pytest.mark.parametrize(
    "good",
    [
        document(),
        document(end_time=..., in_progress=True),
        document(type=..., parent_id=..., origin="AWS::Lambda::Function"),
        document(name="Größe _.:/%&#=+\\-@ 7", namespace="remote", http={"request": {"method": "GET"}}),
        document(annotations={f"k{i}": i for i in range(50)}, metadata={"any": [{"thing": None}]}),
        document(fault=True, cause={"working_directory": "/", "exceptions": [{"id": "d" * 16, "message": "m"}]}),
        document(cause="d" * 16),
        document(subsegments=[child(namespace="local")]),
        document(subsegments=[child(namespace="aws", subsegments=[child(id="e" * 16)])]),
    ],
)
def test_good_documents_are_kept_whole(good):
    assert parse_datagram(datagram(good)) == good


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (document(trace_id="5759e988bd862e3fe1be46a994272793"), "trace_id"),
        (document(trace_id=...), "trace_id"),
        (document(type="segment"), "type 'segment'"),
        (document(parent_id=...), "needs parent_id"),
        (document(parent_id="B" * 16), "parent_id"),
        (document(id="A" * 16), "id 'AAAA"),
        (document(id=...), "id None"),
        (document(name=""), "name ''"),
        (document(name="what?"), "name 'what"),
        (document(name="x" * 201), "1 to 200"),
        (document(start_time=str(NOW)), "start_time"),
        (document(start_time=NOW * 1000), "30 days"),
        (document(end_time=...), "neither end_time nor in_progress"),
        (document(end_time=NOW - 1), "end_time"),
        (document(in_progress=True), "in_progress with an end_time"),
        (document(namespace="here"), "namespace 'here'"),
        (document(fault=1), "fault is not a boolean"),
        (document(http=[]), "http is not an object"),
        (document(cause="boom"), "cause is neither"),
        (document(cause={"exceptions": [{"message": "no id"}]}), "an exception has no id"),
        (document(annotations={"a.b": 1}), "annotation key 'a.b'"),
        (document(annotations={"a": [1]}), "annotation 'a' is not"),
        (document(annotations={f"k{i}": i for i in range(51)}), "51 annotations"),
        (
            document(annotations={f"k{i}": i for i in range(50)}, subsegments=[child(annotations={"one": 1})]),
            "51 annotations",
        ),
        (document(subsegments={}), "subsegments is not an array"),
        (document(subsegments=[child(end_time=...)]), "neither end_time"),
        ([], "not an object"),
        (document(metadata={"pad": "x" * DOCUMENT_BYTES}), "65536 are allowed"),
    ],
)
def test_a_broken_rule_is_named(content, rule):
    with pytest.raises(XrayError, match=rule):
        parse_datagram(datagram(content))


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"", "no header line"),
        (json.dumps(document()).encode(), "no header line"),
        (b"{}\n{}", "header line is not {"),
        (b"hello\n{}", "header line is not JSON"),
        (HEADER + b"{} {}", "not one JSON value"),
        (HEADER + b"T1SCgQK", "OTLP"),
    ],
)
def test_a_malformed_datagram_is_named(raw, rule):
    with pytest.raises(XrayError, match=rule):
        parse_datagram(raw)


def test_over_udp_by_trace_in_order_of_arrival():
    with XraySink() as sink, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        host, _, port = sink.address.partition(":")
        half, whole = document(end_time=..., in_progress=True), document()
        for raw in (datagram(half), datagram(whole), datagram(whole), b"junk"):
            sender.sendto(raw, (host, int(port)))

        assert sink.wait_for("5759e988bd862e3fe1be46a994272793", lambda found: len(found) == 2, 5) == [half, whole]
        wait_until(lambda: len(sink.rejected) == 2, 5, "both others are rejected")
        with pytest.raises(DidNotHappenError, match=r"no header line"):
            sink.wait_for(TRACE, lambda found: len(found) == 3, 0.05)
        assert sink.trace_ids() == [TRACE]
        assert [rejected.reason for rejected in sink.rejected] == [
            "id aaaaaaaaaaaaaaaa was complete already: one in-progress and one complete document per id",
            "the datagram has no header line",
        ]


def test_what_x_ray_would_take_is_handed_on_to_its_api():
    """By boto3's real client, to a server that says what came."""
    took = []

    def answer(request):
        took.append((request.path, json.loads(request.body)))
        refused = [{"Id": "a" * 16, "ErrorCode": "Invalid", "Message": "no"}] if len(took) > 1 else []
        return Answer(200, json.dumps({"UnprocessedTraceSegments": refused}).encode())

    with Loopback(answer) as server:
        client = boto3.client(
            "xray",
            endpoint_url=server.url,
            region_name="us-east-1",
            aws_access_key_id="a",
            aws_secret_access_key="b",
        )
        with XraySink(relay=client) as sink, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            host, _, port = sink.address.partition(":")
            for content in (document(), document(name="!"), document(id="d" * 16)):
                sender.sendto(datagram(content), (host, int(port)))
            assert len(sink.documents(TRACE)) == 2

    assert took[0] == ("/TraceSegments", {"TraceSegmentDocuments": [json.dumps(document())]})
    assert len(took) == 2
    assert [rejected.reason for rejected in sink.rejected][1] == "the X-Ray API refused it: Invalid no"
