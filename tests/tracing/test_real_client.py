"""Under the real Lambda client: what the caller of `Invoke` passes, and a queue's message without Lambda's variable."""

import base64
import json

import pytest

import obskit
from obskit.testing import events
from obskit.testing.awslambda.environment import Function
from obskit.testing.awslambda.runtime import LambdaRuntime
from obskit.tracing import TraceContext, injection
from tests.helpers import IS_SPAN_ID, SPAN_ID, TRACE_ID, TRACEPARENT, XRAY_HEADER, XRAY_TRACE_ID
from tests.parts import require

HANDLER = """
import obskit

@obskit.instrument
def handler(event, context):
    trace = obskit.current_trace()
    return {"trace_id": trace.trace_id, "read": repr(obskit.extract(context)), **obskit.inject({})}
"""
CALLER = TraceContext(TRACE_ID, SPAN_ID, sampled=True, tracestate="rojo=1")


@pytest.fixture
def function(tmp_path):
    require("awslambdaric")
    (tmp_path / "app.py").write_text(HANDLER)
    with LambdaRuntime(Function("app.handler", tmp_path, name="called", env={"OBSKIT_ENV": "test"})) as runtime:
        yield runtime


@pytest.mark.parametrize(
    ("part", "correlation"), [("custom", "c-1"), ("w3c", TRACE_ID)], ids=["to all clients", "to the newest client"]
)
def test_the_caller_of_invoke_is_continued(function, part, correlation):
    carrier: dict[str, object] = {}
    injection.write(carrier, "lambda", injection.Passed(CALLER, "c-1"))
    client_context = json.loads(base64.b64decode(str(carrier["ClientContext"])))

    told = function.invoke({}, client_context={part: client_context[part]}, trace_header="").payload

    assert told == {
        "trace_id": TRACE_ID,
        "read": repr(CALLER),
        "traceparent": f"00-{TRACE_ID}-{told['traceparent'][36:52]}-01",
        "tracestate": "rojo=1",
        "x-amzn-trace-id": f"Root=1-{TRACE_ID[:8]}-{TRACE_ID[8:]};Parent={told['traceparent'][36:52]};Sampled=1",
        "x-correlation-id": correlation,
    }
    assert told["traceparent"][36:52] == IS_SPAN_ID


def test_a_message_begins_a_trace_of_its_own_and_lambdas_where_lambda_has_one(function):
    message = events.sqs_event(message_attributes={"traceparent": TRACEPARENT})

    own = function.invoke(message, trace_header="").payload
    lambdas = function.invoke(message, trace_header=XRAY_HEADER).payload

    assert own["trace_id"] not in (TRACE_ID, XRAY_TRACE_ID)
    assert own["x-correlation-id"] == lambdas["x-correlation-id"] == TRACE_ID
    assert lambdas["trace_id"] == XRAY_TRACE_ID
    assert obskit.extract(own) == TraceContext(own["trace_id"], own["traceparent"][36:52], sampled=True)
