"""`OBSKIT_TRACES=otlp` under the real Lambda client: what a function sends before its response is out."""

import pytest

from obskit.testing import OtlpSink
from obskit.testing.awslambda.environment import Function
from obskit.testing.awslambda.runtime import LambdaRuntime
from tests.helpers import XRAY_HEADER, XRAY_PARENT, XRAY_TRACE_ID
from tests.parts import require

HANDLER = """
import sys
import obskit
from opentelemetry import trace

@obskit.instrument
def handler(event, context):
    obskit.logger.info("line")
    with trace.get_tracer("theirs").start_as_current_span("theirs", attributes={"email": "ann@example.com"}):
        with obskit.span("ours"):
            pass
    return "opentelemetry.sdk.trace" in sys.modules
"""


@pytest.fixture
def sink():
    with OtlpSink() as sink:
        yield sink


def function(folder, sink, **env):
    require("awslambdaric")
    (folder / "app.py").write_text(HANDLER)
    variables = {"OBSKIT_ENV": "test", "OBSKIT_METRICS_NAMESPACE": "Shop", "OBSKIT_OTLP_WAIT_MS": "10000", **env}
    variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = sink.endpoint
    return LambdaRuntime(Function("app.handler", folder, name="checkout", env=variables))


def test_all_spans_are_out_before_the_response(tmp_path, sink):
    with function(tmp_path, sink, OBSKIT_TRACES="otlp") as runtime:
        outcome = runtime.invoke({}, trace_header=XRAY_HEADER)
        spans = {span.name: span for span in sink.spans}

    assert outcome.payload is True
    assert {span.trace_id for span in spans.values()} == {XRAY_TRACE_ID}
    assert (spans["checkout"].parent_id, spans["checkout"].resource["faas.name"]) == (XRAY_PARENT, "checkout")
    assert (spans["theirs"].parent_id, spans["theirs"].scope) == (spans["checkout"].span_id, "theirs")
    assert spans["theirs"].attributes == {"email": "[EMAIL]"}
    assert spans["ours"].parent_id == spans["theirs"].span_id


def test_in_xray_mode_nothing_of_the_sdk_is_loaded(tmp_path, sink):
    with function(tmp_path, sink) as runtime:
        outcome = runtime.invoke({}, trace_header=XRAY_HEADER)

    assert outcome.payload is False
    assert sink.requests == []
