"""`obskit demo` as a person runs it: one full run that is kept and ended by Ctrl-C, and each way it can fail."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from dirty_equals import IsPartialDict

from obskit.demo.tour import CALLER_TRACE, PERSONAL, STEPS, leaks
from obskit.demo.waiting import wait_until
from obskit.lookup.request import find
from obskit.lookup.source import Files
from obskit.lookup.wanted import parse
from tests.demo.test_processes import alive
from tests.helpers import heeding_ctrl_c

ROOT = Path(__file__).parents[2]
DEMO = [sys.executable, "-m", "obskit.cli", "demo"]


def environment(ministack):
    return {**os.environ, "OBSKIT_EMULATOR_PYTHON": str(ministack), "NO_COLOR": "1"}


def children(pid):
    """The pids of all processes below *pid*."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *children(int(child))]
    return found


def end(demo):
    """End *demo* also where the test failed half-way: it must not outlive its test."""
    if demo.poll() is None:
        demo.terminate()
        demo.wait(30)


@pytest.fixture
def project(tmp_path):
    """A copy of the project, to be broken."""
    for name in ("obskit.toml", "dashboards", "alarms", "examples/checkout"):
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / name)
    return tmp_path


def run(project, ministack, *arguments, expect):
    done = subprocess.run(
        [*DEMO, "-C", project, "--out", project / "out", *arguments],
        env=environment(ministack),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done


@pytest.mark.usefixtures("awslambdaric")
def test_the_whole_way_kept_until_ctrl_c(ministack, tmp_path):
    out = tmp_path / "out"
    with (tmp_path / "stdout").open("w+") as stdout, (tmp_path / "stderr").open("w+") as stderr:
        demo = subprocess.Popen(
            heeding_ctrl_c(*DEMO, "-C", ROOT, "--keep", "--format", "json", "--out", out),
            env=environment(ministack),
            stdout=stdout,
            stderr=stderr,
        )
        try:
            wait_until(
                lambda: "Ctrl-C ends it" in Path(stderr.name).read_text() or demo.poll() is not None, 120, "it is kept"
            )
            told = Path(stderr.name).read_text()
            assert demo.poll() is None, told
            started = children(demo.pid)
            pagerduty = re.search(r"PagerDuty +(http://127\.0\.0\.1:\d+/)", told)[1]
            with urllib.request.urlopen(f"{pagerduty}incidents", timeout=10) as answer:
                incidents = json.load(answer)
            demo.send_signal(signal.SIGINT)
            assert demo.wait(30) == 0
        finally:
            end(demo)

    assert len(started) >= 3  # the emulator, Lambda's host, the Lambda client; node where it runs
    wait_until(lambda: not any(alive(pid) for pid in started), 10, "everything that was started has ended")

    # What it told.
    summary = json.loads(Path(stdout.name).read_text())
    assert summary["failed"] is None
    assert [step["step"] for step in summary["steps"]] == [step.title for step in STEPS]
    assert incidents == [
        IsPartialDict(
            alarm="shop-checkout-demo-us-east-1-checkout-failures",
            status="resolved",
            severity="page",
            owner="payments",
            summary="Checkouts are failing.",
            dashboard="https://us-east-1.console.aws.amazon.com/cloudwatch/home"
            "?region=us-east-1#dashboards/dashboard/shop-demo-api",
            runbook="https://runbooks.shop.example/checkout-failures.md",
        )
    ]

    # What it wrote.
    written = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert {str(out / name) for name in written} == set(summary["files"])
    assert summary["page"] == incidents[0]
    shown = (ROOT / "README.md").read_text()
    assert [name for name in written if f"\n   {name}\n" not in shown] == []
    assert {"logs.jsonl", "trace.json", "metrics.json", "incident.json", "answers.json"} <= written
    lines = [json.loads(line) for line in (out / "logs.jsonl").read_text().splitlines() if line.startswith("{")]
    first = next(line for line in lines if line.get("message") == "checkout started")
    assert first == IsPartialDict(
        level="INFO",
        service="checkout",
        env="demo",
        function_name="checkout",
        cold_start=True,
        correlation_id=CALLER_TRACE,
        email="[EMAIL]",
        phone="[PHONE]",
        amount=4200,
    )
    found = find(parse(CALLER_TRACE), Files([out / "logs.jsonl"], [out / "trace.json"]))
    assert [line["message"] for line in found.lines] == ["checkout started", "checkout done"]
    (function,) = [root for trace in found.traces for root in trace.roots]
    assert [span.name for span in function] == ["checkout", "Mutation.checkout", "authorise"]
    emf = [line for line in lines if "_aws" in line]
    assert emf[0] == IsPartialDict(service="checkout", env="demo", operation="checkout", CheckoutSuccess=1)

    # What it must not have let out.
    texts = {path.name: path.read_text() for path in [*out.rglob("*.json*"), tmp_path / "stdout", tmp_path / "stderr"]}
    assert leaks(texts) == []
    assert "was not charged" in texts["answers.json"]


@pytest.mark.parametrize("kind", PERSONAL)
def test_the_search_for_leaks_finds_each_value_in_each_form(kind):
    value = PERSONAL[kind]

    for form in (value, value.replace(" ", "")):
        assert leaks({"clean": "[EMAIL]", "file": f"x {form} y"}) == [f"file: the buyer's {kind} came out"]


@pytest.mark.usefixtures("awslambdaric")
def test_ctrl_c_in_the_middle_ends_all_processes(ministack, tmp_path):
    log = tmp_path / "stderr"
    with log.open("w") as stderr:
        demo = subprocess.Popen(
            heeding_ctrl_c(*DEMO, "-C", ROOT, "--out", tmp_path / "out"), env=environment(ministack), stderr=stderr
        )
        try:
            wait_until(lambda: "GraphQL mutation" in log.read_text() or demo.poll() is not None, 60, "a step is done")
            started = children(demo.pid)
            demo.send_signal(signal.SIGINT)
            assert demo.wait(30) == 130
        finally:
            end(demo)

    assert log.read_text().endswith("stopped; everything that was started has ended\n")
    assert started
    wait_until(lambda: not any(alive(pid) for pid in started), 10, "everything that was started has ended")


@pytest.mark.usefixtures("awslambdaric")
def test_a_handler_that_does_not_import_fails_the_step_that_called_it(ministack, project):
    handler = project / "examples" / "checkout" / "handler.py"
    handler.write_text("import no_such_module\n")

    done = run(project, ministack, "--format", "json", expect=1)

    summary = json.loads(done.stdout)
    assert [step["step"] for step in summary["steps"]] == ["Start the platform"]
    assert summary["failed"]["step"] == "GraphQL mutation"
    assert "No module named 'no_such_module'" in summary["failed"]["problems"][0]
    assert "error: step 'GraphQL mutation': " in done.stderr


def test_a_handler_that_is_not_there_is_named(ministack, project):
    done = run(project, ministack, "--handler", "checkout.handle.handler", expect=1)

    assert done.stderr.startswith("error: step 'Start the platform': there is no ")
    assert (
        "checkout/handle.py; --code is the folder that --handler, 'checkout.handle.handler', is imported from"
        in done.stderr
    )


def test_a_missing_project_file_says_how_to_start_one(ministack, tmp_path):
    done = run(tmp_path, ministack, expect=2)

    assert f"no obskit.toml in {tmp_path}" in done.stderr
    assert "[environments.dev]" in done.stderr


def test_a_wrong_project_file_names_key_and_rule(ministack, project):
    file = project / "obskit.toml"
    file.write_text(file.read_text().replace('account = "111111111111"', 'acount = "111111111111"'))

    done = run(project, ministack, expect=1)

    assert "step 'Start the platform': obskit.toml: environments.dev.acount" in done.stderr
    assert "Did you mean 'account'?" in done.stderr


def test_an_interpreter_without_the_emulator_says_how_to_make_one(project):
    done = run(project, sys.executable, expect=1)

    assert f"{sys.executable} cannot import ministack" in done.stderr
    assert "make emulator" in done.stderr


def test_a_port_in_use_is_named(ministack, project):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(project, ministack, "--port", str(port), expect=1)

    assert f"step 'Start the platform': port {port} on 127.0.0.1 is in use" in done.stderr


@pytest.mark.usefixtures("awslambdaric")
def test_a_handler_that_leaks_is_found_and_named_without_the_value(ministack, project):
    handler = project / "examples" / "checkout" / "handler.py"
    source = handler.read_text()
    handler.write_text(
        source.replace(
            "        try:\n", "        __import__('os').write(1, order['email'].encode() + b'\\n')\n        try:\n", 1
        )
    )

    done = run(project, ministack, expect=1)

    assert "error: step 'Search for leaks': logs.jsonl: the buyer's email came out" in done.stderr
    assert PERSONAL["email"] not in done.stdout + done.stderr
