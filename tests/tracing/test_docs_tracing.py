"""docs/tracing.md: its code runs, and its table has every kind of carrier."""

import json
import re

from botocore.client import BaseClient

from obskit.integrations import boto
from obskit.quotas import CLIENT_CONTEXT_BYTES, MESSAGE_ATTRIBUTES
from obskit.testing import LambdaContext, events
from obskit.tracing import injection, messages, spans
from tests.helpers import TRACEPARENT
from tests.parts import ROOT

PAGE = (ROOT / "docs" / "tracing.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def run(block):
    names: dict[str, object] = {}
    exec(compile(BLOCKS[block], "docs/tracing.md", "exec"), names)
    return names


def test_the_handler_carries_the_trace_into_the_detail():
    entry = run(0)["handler"](events.appsync_event(headers={"traceparent": TRACEPARENT}), LambdaContext())

    assert list(json.loads(entry["Detail"])) == ["x-correlation-id", "traceparent", "orderId"]


def test_both_forms_of_a_carrier_run():
    assert run(1)["attributes"] == {}  # outside an invocation


def test_the_outbox_runs():
    written = {}
    names = run(2)
    names["place"]({"orderId": "ord_1"}, written.__setitem__)

    (entry,) = names["relay"]([{**written["outbox"], "detail": {"orderId": "ord_1"}, "correlation_id": "c-1"}])

    assert json.loads(entry["Detail"]) == {"x-correlation-id": "c-1", "orderId": "ord_1"}


def test_boto3_is_told_and_can_be_undone():
    before = BaseClient._make_api_call
    run(3)
    told = BaseClient._make_api_call
    boto.undo()

    assert (told is before, BaseClient._make_api_call is before) == (False, True)


def test_spans_and_batches_run(obskit_spans):
    import obskit

    authorise, indexer = run(4)["authorise"], run(5)["indexer"]
    obskit.instrument(lambda *_: authorise(7))({}, LambdaContext())

    assert obskit_spans.only("charge").attributes["amount"] == 7
    failed = events.sqs_event("no JSON")["Records"][0]["messageId"]
    assert indexer(events.sqs_event("no JSON"), LambdaContext()) == {"batchItemFailures": [{"itemIdentifier": failed}]}


def test_guests_are_joined_and_can_be_parted(monkeypatch):
    from aws_xray_sdk.core import xray_recorder
    from opentelemetry import trace

    from obskit.integrations import otel

    for name in ("context", "_emitter", "streaming"):
        monkeypatch.setattr(xray_recorder, name, getattr(xray_recorder, name))
    run(6)
    joined = (type(trace.get_tracer_provider()).__module__, type(xray_recorder.context).__module__)
    otel.part()

    assert joined == ("obskit.integrations.otel_api", "obskit.integrations.xray_context")


def test_every_kind_has_a_row():
    rows = re.findall(r"^\| [^|]+ \| `(\w+)` \|", PAGE, re.MULTILINE)

    assert set(rows) - {"kind"} == set(injection.KINDS)


def test_the_figures_are_the_codes():
    assert (MESSAGE_ATTRIBUTES, CLIENT_CONTEXT_BYTES) == (10, 3583)
    assert messages.MOST_LINKS == spans._MOST_LINKS == 128
    assert (messages._MOST_MESSAGES, messages._MOST_READ) == (1000, 1_000_000)
