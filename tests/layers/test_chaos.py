"""Accounts as they are: full disks, no network, little memory, other layers, settings of Lambda's."""

import importlib
import json
from pathlib import Path

import pytest
from dirty_equals import IsInt, IsPartialDict

from tests.helpers import XRAY_ROOT

EMAIL = "ann@example.com"
CODE = """
import logging, os, tempfile

def write():
    try:
        with open(os.path.join(tempfile.mkdtemp(), "file"), "w") as file:
            file.write("full?")
        return "written"
    except OSError:
        return "refused"

def peak():
    with open("/proc/self/status") as status:
        (found,) = [line for line in status if line.startswith("VmHWM:")]
    return int(found.split()[1])

def handler(event, context):
    logging.getLogger("shop").error("order of %s", event["email"])
    return {"peak_kb": peak(), "wrote": write()}
"""
LINE = IsPartialDict(level="ERROR", message="order of [EMAIL]", xray_trace_id=XRAY_ROOT)


@pytest.fixture
def survives(run, lean, tmp_path):
    """Run the function behind *shell*, which is run before the layer's script; return its answer. *faults* are told."""

    def survives(shell="", faults=(), **variables):
        script = tmp_path / "before"
        script.write_text(f'#!/bin/sh\n{shell}\nexec {lean.wrapper} "$@"\n')
        script.chmod(0o755)
        outcome = run("app.handler", {"app.py": CODE}, lean, wrapper=script, event={"email": EMAIL}, **variables)
        assert outcome.error is None, outcome.error
        lines = [json.loads(line) for line in outcome.lines]
        assert [LINE] == [line for line in lines if line.get("logger") == "shop"]
        assert list(faults) == [line["obskit_fault"] for line in lines if line.get("logger") != "shop"]
        return outcome.payload

    return survives


def tree(root):
    return sorted((str(path), path.stat().st_mtime_ns) for path in root.rglob("*"))


def test_nothing_is_written_into_the_layer(survives, lean):
    before = tree(lean.root)

    assert survives()["wrote"] == "written"
    assert tree(lean.root) == before


def test_a_file_system_that_takes_nothing_is_no_matter(survives):
    """As /tmp when it is full and /opt always: the first byte of a file is refused by the kernel."""
    assert survives("ulimit -f 0")["wrote"] == "refused"


def test_it_runs_in_the_smallest_memory_there_is(survives):
    """The kernel gives no page beyond 128 MB of data."""
    assert survives("ulimit -d 131072")["peak_kb"] == IsInt(lt=64 * 1024)


@pytest.mark.parametrize(
    ("daemon", "faults"), [("127.0.0.1:9", ()), ("[::ffff:0.0.0.1]:2000", ["spans"]), ("nonsense", ["spans"])]
)
def test_no_network_is_no_matter(survives, daemon, faults):
    """Nobody listens; no way leads there; no address."""
    proxy = "http://127.0.0.1:9"
    survives(faults=faults, AWS_XRAY_DAEMON_ADDRESS=daemon, HTTPS_PROXY=proxy, HTTP_PROXY=proxy)


@pytest.mark.parametrize(
    "variables",
    [
        {"AWS_LAMBDA_LOG_FORMAT": "JSON"},
        {"AWS_LAMBDA_LOG_FORMAT": "Text"},
        {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"},
        {"AWS_LAMBDA_INITIALIZATION_TYPE": "provisioned-concurrency"},
        {"LANG": "C", "TZ": ":Asia/Tokyo", "PYTHONHASHSEED": "1"},
        {"PYTHONOPTIMIZE": "1"},
        {"PYTHONDEVMODE": "1"},
    ],
    ids=lambda variables: " ".join(f"{key}={value}" for key, value in variables.items()),
)
def test_settings_of_lambda_and_python_are_no_matter(survives, variables):
    survives(**variables)


def test_a_level_of_lambda_that_drops_metrics_is_told(survives):
    told = {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "ERROR"}

    survives(faults=["settings AWS_LAMBDA_LOG_LEVEL"], **told)


def test_settings_of_obskit_that_cannot_be_read_redact_and_are_told(run, lean):
    files = {"app.py": CODE, "obskit_settings.py": "this is no Python"}

    outcome = run("app.handler", files, lean, event={"email": EMAIL})

    lines = [json.loads(line) for line in outcome.lines]
    assert outcome.error is None
    assert EMAIL not in "\n".join(outcome.lines)
    assert LINE in lines


ADOT_SCRIPT = """#!/bin/sh
export ORIG_HANDLER="$_HANDLER"
export _HANDLER=otel_wrapper.lambda_handler
exec "$@"
"""
ADOT_MODULE = """
import importlib, os
module, _, name = os.environ["ORIG_HANDLER"].rpartition(".")
inner = getattr(importlib.import_module(module), name)

def lambda_handler(event, context):
    return {"otel": inner(event, context)}
"""


@pytest.fixture
def adot(lean, tmp_path):
    """A layer as OpenTelemetry's are: a script that puts a handler of its own before the function's."""
    (tmp_path / "adot" / "python").mkdir(parents=True)
    script = tmp_path / "adot" / "otel-instrument"
    script.write_text(ADOT_SCRIPT)
    script.chmod(0o755)
    (tmp_path / "adot" / "python" / "otel_wrapper.py").write_text(ADOT_MODULE)
    return lean._replace(root=script.parent), script


def test_another_layers_script_runs_behind_ours(run, lean, adot):
    layer, script = adot

    outcome = run("app.handler", {"app.py": CODE}, lean, layer, event={"email": EMAIL}, OBSKIT_EXEC_WRAPPER=str(script))

    assert outcome.payload == {"otel": IsPartialDict(wrote="written")}
    assert [LINE] == [json.loads(line) for line in outcome.lines]


def test_another_layers_script_runs_before_ours(run, lean, adot, tmp_path):
    layer, script = adot
    chain = tmp_path / "chain"
    chain.write_text(f'#!/bin/sh\nexec {script} {lean.wrapper} "$@"\n')
    chain.chmod(0o755)

    outcome = run("app.handler", {"app.py": CODE}, lean, layer, wrapper=chain, event={"email": EMAIL})

    assert outcome.payload == {"otel": IsPartialDict(wrote="written")}
    assert [LINE] == [json.loads(line) for line in outcome.lines]


def test_a_script_that_is_not_there_is_left_out_and_told(run, lean):
    outcome = run("app.handler", {"app.py": CODE}, lean, event={"email": EMAIL}, OBSKIT_EXEC_WRAPPER="/opt/gone")

    said, line = outcome.lines
    assert said == "obskit: OBSKIT_EXEC_WRAPPER names /opt/gone, which cannot be run; it is left out"
    assert json.loads(line) == LINE


POWERTOOLS = """
from aws_lambda_powertools import Logger
logger = Logger(service="shop")
def handler(event, context):
    logger.info("order", customer=event["email"])
"""


@pytest.mark.parametrize("first", [True, False])
def test_powertools_own_layer_stands_beside_ours_in_either_order(run, lean, first, tmp_path):
    """Two layers in one folder: Lambda unpacks one over the other."""
    beside = tmp_path / "powertools" / "python"
    beside.mkdir(parents=True)
    for name in ("aws_lambda_powertools", "jmespath"):
        (beside / name).symlink_to(Path(str(importlib.import_module(name).__file__)).parent)
    (beside / "typing_extensions.py").symlink_to(str(importlib.import_module("typing_extensions").__file__))
    other = lean._replace(root=tmp_path / "powertools")
    layers = (lean, other) if first else (other, lean)

    outcome = run("app.handler", {"app.py": POWERTOOLS}, *layers, wrapper=lean.wrapper, event={"email": EMAIL})

    (line,) = map(json.loads, outcome.lines)
    assert line == IsPartialDict(message="order", customer="[EMAIL]")
