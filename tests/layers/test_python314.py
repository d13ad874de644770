"""
The lean layer on CPython 3.14, which needs not be on this machine: it is compiled and loaded by one in WebAssembly.

Compiled files are the same on every platform. What only a native 3.14 can show, docs/unverified.md lists.
"""

import json
import os
import shutil
import struct
import subprocess
import sys
import zipfile

import pytest
from dirty_equals import IsInt

from obskit.layers import archive, build, pythons
from tests.helpers import IS_SPAN_ID, IS_TIME, XRAY_HEADER, XRAY_ROOT, XRAY_TRACE_ID
from tests.layers.conftest import unpacked
from tests.layers.test_build import BUDGET
from tests.parts import PYTHON314, require
from tests.test_imports import ALLOWED

MAGIC = b"+\x0e\r\n"
"""What every released CPython 3.14 begins its compiled files with."""
EMAIL = "ann@example.com"

BUILD = """
import os, sys
from pathlib import Path
os.umask(0o77)
from obskit.layers import build, pythons
out = Path(sys.argv[1])
build.write(build.lean(pythons.chosen(["3.14"]), out / "cache", "3.14"), out)
"""

APP = """
import obskit
from obskit import kpis

@obskit.instrument
def handler(event, context):
    obskit.logger.info("checkout", email=event["email"], ip=event["ip"])
    obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation="checkout")
    return obskit.mask({"note": "from " + event["ip"]})
"""
INVOKE = """
import json, sys
from app import handler
print(json.dumps(handler({"email": "ann@example.com", "ip": "2001:db8::7"}, None)))
ours = [module for name, module in sys.modules.items() if name.partition(".")[0] == "obskit"]
print(json.dumps(sorted({module.__cached__.rpartition(".cpython-")[2] for module in ours})))
print(json.dumps(all(module.__file__.startswith(sys.argv[1]) for module in ours)))
"""
TOLD = {
    "AWS_LAMBDA_FUNCTION_NAME": "checkout",
    "OBSKIT_ENV": "test",
    "OBSKIT_METRICS_NAMESPACE": "Shop",
    "OBSKIT_SERVICE": "shop",
    "OBSKIT_SERVICE_METRICS": "off",
    "OBSKIT_TRACES": "off",  # there is no network
    "_X_AMZN_TRACE_ID": XRAY_HEADER,
}


@pytest.fixture(scope="session")
def python314():
    require("python314")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{PYTHON314 / 'bin'}{os.pathsep}{os.environ['PATH']}")
        patch.setattr(sys, "executable", "")  # should that be another 3.14
        (found,) = pythons.chosen(["3.14"])
    return found


@pytest.fixture(scope="session")
def layer(python314, cache, tmp_path_factory):
    return unpacked(build.lean([python314], cache, "3.14"), tmp_path_factory.mktemp("lean314"))


@pytest.fixture
def damaged(layer, tmp_path):
    """The layer with sources that nobody can compile: what runs was compiled before."""
    copy = layer._replace(root=tmp_path / "opt")
    shutil.copytree(layer.root, copy.root)
    for path in (copy.root / "python" / "obskit").rglob("*.py"):
        path.chmod(0o644)
        path.write_text("this was read")
    return copy


@pytest.fixture
def run(python314, tmp_path):
    """Run *code* with a layer and nothing else: return exit code, stdout, stderr."""

    def run(code, layer, *argv, **variables):
        (tmp_path / "task").mkdir()
        (tmp_path / "task" / "app.py").write_text(variables.pop("app", APP))
        path = f"{tmp_path / 'task'}{os.pathsep}{layer.root / 'python'}"
        done = subprocess.run(
            [python314.path, "-S", "-c", code, *argv],
            env={**TOLD, **variables, "PYTHONPATH": path},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    return run


def test_it_is_found_by_its_name_as_any_other(python314):
    assert (PYTHON314 / "bin" / "python3.14", "3.14", "cpython-314") == (
        python314.path,
        python314.version,
        python314.tag,
    )


def test_every_module_is_compiled_for_it(layer):
    modules = {path.relative_to(layer.root) for path in layer.root.rglob("*.py")}
    compiled = {path.relative_to(layer.root): path.read_bytes()[:8] for path in layer.root.rglob("*.pyc")}

    assert {path.parent / "__pycache__" / f"{path.stem}.cpython-314.pyc" for path in modules} == compiled.keys()
    assert {MAGIC + struct.pack("<I", 1)} == set(compiled.values())  # PEP 552: unchecked


def test_another_build_in_another_place_is_the_same_bytes(layer, python314, tmp_path):
    environment = {
        "PATH": f"{PYTHON314 / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "TZ": "Pacific/Kiritimati",
        "LANG": "C",
        "PYTHONHASHSEED": "77",
    }
    subprocess.run([sys.executable, "-c", BUILD, tmp_path / "out"], env=environment, cwd="/", check=True)

    assert layer.layer.sha256 == archive.sha256((tmp_path / "out" / layer.layer.name).read_bytes())


def test_it_is_about_as_large_as_those_for_other_pythons(layer):
    assert len(layer.layer.content) <= BUDGET


def test_an_instrumented_handler_runs_from_what_was_compiled(run, damaged):
    code, stdout, stderr = run(INVOKE, damaged, str(damaged.root / "python" / "obskit"))

    assert (0, "") == (code, stderr)
    line, checkout, *rest = [json.loads(line) for line in stdout.splitlines()]
    assert line == {
        "level": "INFO",
        "message": "checkout",
        "timestamp": IS_TIME,
        "location": "handler:7",
        "service": "shop",
        "env": "test",
        "function_name": "checkout",
        "function_version": "",
        "function_request_id": "",
        "cold_start": True,
        "xray_trace_id": XRAY_ROOT,
        "span_id": IS_SPAN_ID,
        "correlation_id": XRAY_TRACE_ID,
        "email": "[EMAIL]",
        "ip": "[IP]",
    }
    assert checkout == {
        "_aws": {
            "Timestamp": IsInt,
            "CloudWatchMetrics": [
                {
                    "Namespace": "Shop",
                    "Dimensions": [["service", "env"], ["service", "env", "operation"]],
                    "Metrics": [{"Name": "CheckoutSuccess", "Unit": "Count"}],
                }
            ],
        },
        "service": "checkout",  # whose metric it is
        "env": "test",
        "operation": "checkout",
        "CheckoutSuccess": 1,
        "correlation_id": XRAY_TRACE_ID,
        "function_request_id": "",
    }
    assert rest == [{"note": "from [IP]"}, ["314.pyc"], True]


def test_a_function_that_has_never_heard_of_obskit_runs_from_what_was_compiled(run, damaged):
    app = f"def handler(event, context):\n    print('printed', {EMAIL!r})\n    return 1\n"
    invoke = "from obskit.wrapper import handler\nprint(handler({}, None))"

    code, stdout, stderr = run(invoke, damaged, app=app, OBSKIT_HANDLER="app.handler", LAMBDA_TASK_ROOT="task")

    assert (0, "printed [EMAIL]\n1\n", "") == (code, stdout, stderr)


def test_without_what_was_compiled_the_damage_is_seen(run, damaged):
    """Which shows what the tests above have proven."""
    for path in damaged.root.rglob("*.pyc"):
        path.chmod(0o644)
        path.parent.chmod(0o755)
        path.unlink()

    code, _, stderr = run(INVOKE, damaged)

    assert (1, "SyntaxError: invalid syntax") == (code, stderr.splitlines()[-1])


LOADED = """
import json, sys
for name in list(sys.modules):  # what WebAssembly needs besides
    if name.partition(".")[0] not in {"encodings", "codecs", "io", "abc", "site", "builtins", "zipimport", *ALLOWED}:
        if name not in sys.builtin_module_names:
            del sys.modules[name]
before = set(sys.modules)
import obskit
from obskit import kpis
obskit.instrument, obskit.logger, obskit.bind, obskit.record, obskit.timer, obskit.span, obskit.traced
obskit.batch, obskit.extract, obskit.inject, obskit.current_trace, obskit.mask, obskit.Metric, obskit.Unit
obskit.get_logger, obskit.keep_context
print(json.dumps(sorted({name.partition(".")[0] for name in set(sys.modules) - before})))
"""


def test_the_cold_start_loads_nothing_that_is_not_on_the_list(run, layer):
    code, stdout, stderr = run(f"ALLOWED = {sorted(ALLOWED)}\n{LOADED}", layer)

    assert (0, "") == (code, stderr)
    assert set(json.loads(stdout)) - ALLOWED == {"obskit"}


def test_it_goes_into_the_zip_of_all_pythons_unchanged(layer, python314, all_pythons, cache):
    """One zip for all: what another Python compiled does not change what this one did."""
    with zipfile.ZipFile(layer.root.parent / "zip" / layer.layer.name) as alone:
        mine = {name: alone.read(name) for name in alone.namelist() if name.endswith(".pyc")}
    others = [python for python in all_pythons if python.version != "3.14"]
    whole = unpacked(build.lean([*others, python314], cache), layer.root.parent / "whole")

    assert mine == {
        str(path.relative_to(whole.root)): path.read_bytes() for path in whole.root.rglob("*.cpython-314.pyc")
    }
