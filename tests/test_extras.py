"""What each package is for (docs/packages.toml): the tests that fail without it, and the base that needs none."""

import importlib
import io
import json
import subprocess
import sys
import tomllib

import pytest

from tests.parts import ROOT, require

TABLE = tomllib.loads((ROOT / "docs" / "packages.toml").read_text())["package"]
NAMED = {
    "aws-lambda-powertools",
    "opentelemetry-sdk",
    "opentelemetry-exporter-otlp",
    "aws-xray-sdk",
    "boto3",
    "pytest",
}


def test_boto3_drives_the_emulator():
    """The demo's own client makes a queue on the real emulator and reads back what it sent."""
    require("emulator")
    require("node")
    emulator = importlib.import_module("obskit.demo.emulator")
    processes = importlib.import_module("obskit.demo.processes")

    with processes.Processes() as running:
        sqs = emulator.Emulator(running, python=ROOT / ".venv-emulator" / "bin" / "python").client("sqs")
        queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
        sqs.send_message(QueueUrl=queue, MessageBody="paid")
        (received,) = sqs.receive_message(QueueUrl=queue)["Messages"]

    assert "paid" == received["Body"]


def test_pytest_hands_out_what_was_written(pytester):
    """The plugin that an installed obskit brings: no import, no conftest."""
    pytester.makepyfile("""
        import obskit

        def test_it(obskit_captured):
            obskit.logger.info("paid", email="ann@example.com")
            (line,) = obskit_captured.logs
            assert "paid" == line["message"]
            assert "ann@example.com" not in obskit_captured.text
    """)

    pytester.runpytest_inprocess("-p", "no:hypothesispytest").assert_outcomes(passed=1)


def test_powertools_logs_masked():
    """Its own Logger, after one call."""
    logging = importlib.import_module("aws_lambda_powertools.logging")
    powertools = importlib.import_module("obskit.integrations.powertools")
    written = io.StringIO()
    powertools.protect()
    try:
        logging.Logger(service="extras", stream=written).info("paid", email="ann@example.com")
    finally:
        powertools.unprotect()

    assert "[EMAIL]" == json.loads(written.getvalue())["email"]


def test_the_x_ray_sdk_sends_masked():
    segment = importlib.import_module("aws_xray_sdk.core.models.segment").Segment("checkout")
    xray = importlib.import_module("obskit.integrations.xray")
    segment.put_annotation("email", "ann@example.com")
    xray.protect()
    try:
        sent = json.loads(segment.serialize())
    finally:
        xray.unprotect()

    assert {"email": "[EMAIL]"} == sent["annotations"]


def test_opentelemetrys_sdk_has_obskits_spans():
    """A finished span as the SDK's own type, masked."""
    resources = importlib.import_module("opentelemetry.sdk.resources")
    readable = importlib.import_module("obskit.integrations.readable")
    model = importlib.import_module("obskit.tracing.model")
    spans = importlib.import_module("obskit.tracing.spans")
    span = spans.Span("paid", {"email": "ann@example.com"})
    trace = model.TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", sampled=True)

    made, _, _ = readable.span_of(span, trace, None, resources.Resource({}), None)

    assert type(made) is importlib.import_module("opentelemetry.sdk.trace").ReadableSpan
    assert {"email": "[EMAIL]"} == dict(made.attributes)


def test_opentelemetrys_exporter_sends_them_masked(obskit_env, obskit_captured):
    otlp = importlib.import_module("obskit.integrations.otlp")
    obskit = importlib.import_module("obskit")
    testing = importlib.import_module("obskit.testing")

    @obskit.instrument
    def handler(event, context):
        with obskit.span("paid", email="ann@example.com"):
            pass

    with testing.OtlpSink() as sink:
        obskit_env(OBSKIT_TRACES="otlp", OBSKIT_OTLP_WAIT_MS="10000", OTEL_EXPORTER_OTLP_ENDPOINT=sink.endpoint)
        otlp.reset()
        handler({}, testing.LambdaContext())
        sent = {span.name: dict(span.attributes) for span in sink.spans}

    assert {"email": "[EMAIL]"} == sent["paid"]


def test_the_table_has_every_package_that_was_named():
    assert NAMED == {row["name"] for row in TABLE}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["name"])
def test_a_row_names_its_failing_tests(row):
    assert row["fails"]
    assert row["module"].startswith("obskit.")
    assert row["does"]


@pytest.mark.base
def test_the_package_imports_without_any_other():
    """In a fresh interpreter that sees nothing but the standard library and obskit."""
    code = (
        f"import sys; sys.path.append({str(ROOT / 'src')!r}); import obskit;"
        " [getattr(obskit, name) for name in getattr(obskit, '__all__', ())]; import obskit.kpis"
    )

    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)
