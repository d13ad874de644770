"""What ships: the zip, unpacked into an empty folder, under the real Lambda client and with nothing else to import."""

import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from dirty_equals import IsPartialDict

from obskit.demo.emulator import free_port
from obskit.testing.awslambda.child import popen
from tests.parts import RIE, require

EMAIL = "ann@example.com"
PLAIN = """
import json, logging, sys
def handler(event, context):
    logging.getLogger("shop").warning("order of %s", event["email"])
    print("printed", event["email"])
    import obskit.logs
    return {"from": obskit.logs.__file__, "python": sys.version.split()[0], "path": sys.path}
"""
KNOWS = """
import obskit
from obskit import kpis

@obskit.instrument
def handler(event, context):
    obskit.logger.info("checkout", email=event["email"])
    obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation="checkout")
    return obskit.__file__
"""
FAILS = f"raise ValueError('{EMAIL}')"


def test_a_function_that_has_never_heard_of_obskit_is_instrumented_by_the_layer(run, lean, this):
    outcome = run("app.handler", {"app.py": PLAIN}, lean, event={"email": EMAIL})

    logged, printed = outcome.lines[0], outcome.lines[1]
    assert outcome.payload["from"] == str(lean.root / "python/obskit/logs.py")
    assert outcome.payload["python"].startswith(this.version)
    assert not any("site-packages/obskit" in entry or "/src" in entry for entry in outcome.payload["path"])
    assert json.loads(logged) == IsPartialDict(level="WARN", message="order of [EMAIL]", env="test", logger="shop")
    assert printed == "printed [EMAIL]"


def test_a_function_that_imports_obskit_needs_no_wrapper(run, lean):
    outcome = run("app.handler", {"app.py": KNOWS}, lean, wrapper=False, event={"email": EMAIL})

    line, metric = json.loads(outcome.lines[0]), json.loads(outcome.lines[1])
    assert outcome.payload == str(lean.root / "python/obskit/__init__.py")
    assert line == IsPartialDict(message="checkout", email="[EMAIL]")
    assert metric == IsPartialDict(CheckoutSuccess=1, operation="checkout")


def test_without_the_layer_there_is_no_obskit(run):
    """The runtime of these tests has nothing that they do not give it."""
    outcome = run("app.handler", {"app.py": KNOWS}, wrapper=False)

    assert outcome.error == IsPartialDict(errorType="Runtime.ImportModuleError")


def test_one_that_fails_at_import_fails_in_the_same_words_masked(run, lean):
    alone = run("app.handler", {"app.py": FAILS}, wrapper=False)
    wrapped = run("app.handler", {"app.py": FAILS}, lean)

    assert alone.error == IsPartialDict(errorType="ValueError", errorMessage=EMAIL)
    assert wrapped.error == IsPartialDict(errorType="ValueError", errorMessage="[EMAIL]")
    assert EMAIL not in "\n".join(wrapped.lines)


def test_no_source_is_compiled_at_a_cold_start(run, lean, tmp_path):
    """Even a source that cannot be compiled is none that anybody reads."""
    copy = lean._replace(root=tmp_path / "opt")
    shutil.copytree(lean.root, copy.root)
    for path in (copy.root / "python" / "obskit").rglob("*.py"):
        path.chmod(0o644)
        path.write_text("this was read")

    outcome = run("app.handler", {"app.py": KNOWS}, copy, event={"email": EMAIL})

    assert outcome.error is None
    assert json.loads(outcome.lines[0]) == IsPartialDict(message="checkout", email="[EMAIL]")


POWERTOOLS = """
import aws_lambda_powertools
from aws_lambda_powertools import Logger, Metrics
logger, metrics = Logger(service="shop"), Metrics(namespace="Shop", service="shop")

@metrics.log_metrics
def handler(event, context):
    logger.info("order", customer=event["email"])
    metrics.add_metric(name="Orders", unit="Count", value=1)
    return aws_lambda_powertools.__file__
"""


def test_powertools_of_the_full_layer_is_masked(run, full):
    outcome = run("app.handler", {"app.py": POWERTOOLS}, full, event={"email": EMAIL})

    lines = [json.loads(line) for line in outcome.lines]
    assert outcome.payload == str(full.root / "python/aws_lambda_powertools/__init__.py")
    assert lines[0] == IsPartialDict(level="INFO", message="order", customer="[EMAIL]")
    assert lines[1] == IsPartialDict(Orders=[1.0])


GUESTS = """
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from google.protobuf.internal import api_implementation
import aws_xray_sdk.core, wrapt._wrappers

def handler(event, context):
    with TracerProvider().get_tracer("shop").start_as_current_span("authorise") as span:
        sampled = span.get_span_context().trace_flags.sampled
    native = wrapt._wrappers.__file__.rpartition(".")[2]
    return [bool(sampled), api_implementation.Type(), native, OTLPSpanExporter.__name__]
"""


@pytest.fixture(scope="module")
def boto(tmp_path_factory):
    """The AWS SDK, which Lambda's runtime has and the full layer relies on."""
    folder = tmp_path_factory.mktemp("var-runtime")
    for name in ("boto3", "botocore", "s3transfer", "dateutil", "six"):
        spec = __import__(name)
        path = Path(spec.__file__)
        path = path.parent if path.name == "__init__.py" else path
        (folder / "python").mkdir(exist_ok=True)
        (folder / "python" / path.name).symlink_to(path)
    return folder


def test_the_guests_of_the_full_layer_load_with_their_native_modules(run, full, boto):
    beside = full._replace(root=boto)

    outcome = run("app.handler", {"app.py": GUESTS}, full, beside)

    assert outcome.error is None, outcome.lines
    assert outcome.payload == [True, "upb", "so", "OTLPSpanExporter"]


def test_under_the_runtime_interface_emulator_of_aws_the_layer_does_the_same(lean, client, this, tmp_path):
    """A second witness: AWS's own program plays the Lambda service. It reads no wrapper, so that stands before it."""
    require("rie")
    (tmp_path / "app.py").write_text(PLAIN)
    port, api = free_port(), free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(lean.root / "python"), str(client)]),
        "_HANDLER": "app.handler",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{this.version}",
        "AWS_LAMBDA_FUNCTION_NAME": "function",
        "OBSKIT_ENV": "test",
    }
    addresses = [
        "--runtime-interface-emulator-address",
        f"127.0.0.1:{port}",
        "--runtime-api-address",
        f"127.0.0.1:{api}",
    ]
    command = [str(lean.wrapper), "/bin/sh", "-c", 'exec "$0" -m awslambdaric "$_HANDLER"', str(this.path)]
    with (tmp_path / "log").open("wb") as log:
        process = popen([str(RIE), *addresses, *command], env=environment, cwd=tmp_path, stdout=log, stderr=log)
    try:
        wait_for(port)
        event = json.dumps({"email": EMAIL}).encode()
        url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, event, timeout=30) as answer:
            payload = json.load(answer)
    finally:
        process.terminate()
        process.wait()

    said = (tmp_path / "log").read_text()
    assert payload["from"] == str(lean.root / "python/obskit/logs.py")
    assert "order of [EMAIL]" in said
    assert "printed [EMAIL]" in said
    assert EMAIL not in said


def wait_for(port):
    for _ in range(3000):
        with socket.socket() as probe:
            probe.settimeout(0.01)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        subprocess.run([sys.executable, "-S", "-c", ""], check=True)
    pytest.fail(f"nobody listens on port {port}")
