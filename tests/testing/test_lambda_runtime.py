"""The real awslambdaric, served by our Runtime API."""

from __future__ import annotations

import sys
import textwrap

import pytest
from dirty_equals import IsPartialDict, IsStr

from obskit.testing.awslambda.environment import Function
from obskit.testing.awslambda.runtime import LambdaRuntime
from obskit.testing.awslambda.runtime_api import Invocation, RuntimeApi
from tests.demo.test_processes import alive

pytestmark = pytest.mark.usefixtures("awslambdaric")

HANDLER = """
import json, os, sys, threading, time
print("imported")
calls = 0
def handler(event, context):
    global calls
    calls += 1
    kind = event.get("do")
    if kind == "raise":
        print("before")
        raise ValueError("card 4111")
    if kind == "exit":
        print("leaving")
        os._exit(3)
    if kind == "hang":
        print("hanging")
        time.sleep(600)  # longer than the time limit that ends it
    if kind == "lines":
        for n in range(event["count"]):
            os.write(1, b"%d %s\\n" % (n, b"x" * 200))
        os.write(2, b"unfinished")
        return None
    if kind == "levels":
        for level in ("DEBUG", "ERROR"):
            print(json.dumps({"level": level, "timestamp": "2026-11-24T01:02:03.456Z"}))
        return None
    return {
        "calls": calls, "pid": os.getpid(), "id": context.aws_request_id, "arn": context.invoked_function_arn,
        "left": context.get_remaining_time_in_millis(), "custom": getattr(context.client_context, "custom", None),
        "env": {k: v for k, v in os.environ.items() if k.startswith(("AWS_", "_", "LAMBDA_"))},
    }
"""


def function(tmp_path, source: str = HANDLER, **more):
    (tmp_path / "app.py").write_text(textwrap.dedent(source))
    return Function("app.handler", tmp_path, **more)


@pytest.fixture
def runtime(tmp_path):
    with LambdaRuntime(function(tmp_path)) as running:
        yield running


def test_a_response_with_what_lambda_sets(runtime, tmp_path):
    outcome = runtime.invoke({}, client_context={"custom": {"k": "v"}}, deadline_ms=5000)

    assert outcome.error is None
    assert outcome.cold_start
    assert outcome.lines == ["imported"]
    assert outcome.payload == {
        "calls": 1,
        "pid": outcome.payload["pid"],
        "id": outcome.request_id,
        "arn": "arn:aws:lambda:us-east-1:000000000000:function:function",
        "left": outcome.payload["left"],
        "custom": {"k": "v"},
        "env": {
            "_HANDLER": "app.handler",
            "_X_AMZN_TRACE_ID": outcome.trace_header,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python3.{sys.version_info.minor}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_FUNCTION_NAME": "function",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/function",
            "AWS_LAMBDA_LOG_STREAM_NAME": IsStr(regex=r"2026/01/01/\[\$LATEST\][0-9a-f]{32}"),
            "AWS_LAMBDA_RUNTIME_API": IsStr(regex=r"127\.0\.0\.1:\d+"),
            "AWS_REGION": "us-east-1",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
            "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
            "LAMBDA_TASK_ROOT": str(tmp_path),
        },
    }
    assert 0 < outcome.payload["left"] <= 5000


def test_the_environment_stays_warm(runtime):
    first, second = runtime.invoke({}), runtime.invoke({})
    assert (second.payload["calls"], second.payload["pid"]) == (2, first.payload["pid"])
    assert not second.cold_start
    assert second.lines == []


def test_the_trace_header_is_continued_given_or_absent(runtime):
    root = "1-5759e988-bd862e3fe1be46a994272793"
    event = {"request": {"headers": {"x-amzn-trace-id": f"Root={root}"}}}

    assert runtime.invoke(event).payload["env"]["_X_AMZN_TRACE_ID"].startswith(f"Root={root};Parent=")
    assert runtime.invoke({}, trace_header="Root=1;x=y").payload["env"]["_X_AMZN_TRACE_ID"] == "Root=1;x=y"
    assert "_X_AMZN_TRACE_ID" not in runtime.invoke({}, trace_header="").payload["env"]


def test_an_error_keeps_its_lines_and_headers(runtime):
    outcome = runtime.invoke({"do": "raise"})

    assert outcome.payload is None
    assert outcome.error == IsPartialDict(
        errorMessage="card 4111", errorType="ValueError", requestId=outcome.request_id
    )
    assert outcome.lines[:2] == ["imported", "before"]
    assert "card 4111" in "".join(outcome.lines[2:])
    assert outcome.xray_cause == IsPartialDict(exceptions=[IsPartialDict(type="ValueError", message="card 4111")])
    assert runtime.invoke({}).payload["calls"] == 2


def test_all_lines_up_to_the_response_are_there(runtime):
    for _ in range(20):
        lines = [line for line in runtime.invoke({"do": "lines", "count": 1000}).lines if line != "imported"]
        assert lines == [*(f"{n} {'x' * 200}" for n in range(1000)), "unfinished"]


def test_only_a_newline_ends_a_line(tmp_path):
    source = 'def handler(event, context): print(\'{"text": "a\\u2028b\\x0bc"}\')'
    with LambdaRuntime(function(tmp_path, source)) as runtime:
        assert runtime.invoke({}).lines == ['{"text": "a\u2028b\x0bc"}']


def test_an_answer_counts_once_and_for_its_own_invocation():
    api = RuntimeApi()
    api.offer(Invocation("one", b"{}", 0, "arn"))
    answers = [
        api.accept(f"/2018-06-01/runtime/invocation/{name}/response", b"", {}) for name in ("zero", "one", "one")
    ]
    assert answers == [400, 202, 400]
    assert api.accept("/2018-06-01/runtime/invocation/one/other", b"", {}) == 404
    assert api.messages.get(timeout=1).kind == "response"
    assert api.messages.empty()
    api.close()


def test_the_platforms_level_filter(tmp_path):
    env = {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "WARN"}
    with LambdaRuntime(function(tmp_path, env=env)) as runtime:
        outcome = runtime.invoke({"do": "levels"})
    line = '{"level": "%s", "timestamp": "2026-11-24T01:02:03.456Z"}'
    assert outcome.lines == ["imported", line % "DEBUG", line % "ERROR"]
    assert outcome.logged == ["imported", line % "ERROR"]


def test_a_process_that_ends_is_an_error_and_is_replaced(runtime):
    outcome = runtime.invoke({"do": "exit"})
    assert outcome.error == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {outcome.request_id} Error: Runtime exited with error: exit status 3",
    }
    assert outcome.lines == ["imported", "leaving"]
    assert runtime.invoke({}).cold_start


def test_a_timeout_kills_and_keeps_what_was_written(runtime):
    pid = runtime.invoke({}).payload["pid"]
    outcome = runtime.invoke({"do": "hang"}, deadline_ms=300)
    assert outcome.error == IsPartialDict(errorType="Sandbox.Timedout")
    assert outcome.lines == ["hanging"]
    assert not alive(pid)
    assert runtime.invoke({}).payload["calls"] == 1


def test_a_handler_that_does_not_import_is_named(tmp_path):
    with LambdaRuntime(function(tmp_path, "import no_such_module")) as runtime:
        outcome = runtime.invoke({})
    assert outcome.error == IsPartialDict(
        errorType="Runtime.ImportModuleError",
        errorMessage="Unable to import module 'app': No module named 'no_such_module'",
    )


def test_layers_and_the_exec_wrapper(tmp_path):
    layer, wrapper = tmp_path / "layer", tmp_path / "wrapper"
    (layer / "python").mkdir(parents=True)
    (layer / "python" / "layered.py").write_text("value = 'from the layer'")
    wrapper.write_text('#!/bin/sh\nexport WRAPPED=yes\nexec "$@"\n')
    wrapper.chmod(0o755)
    source = "import layered, os\ndef handler(event, context): return [layered.value, os.environ['WRAPPED']]"
    env = {"AWS_LAMBDA_EXEC_WRAPPER": str(wrapper)}
    with LambdaRuntime(function(tmp_path, source, layers=[layer], env=env)) as runtime:
        assert runtime.invoke({}).payload == ["from the layer", "yes"]


def test_nothing_is_left_running(tmp_path):
    with LambdaRuntime(function(tmp_path)) as runtime:
        pid = runtime.invoke({}).payload["pid"]
        assert alive(pid)
    assert not alive(pid)
