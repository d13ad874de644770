"""What an invocation that runs out of time leaves behind: the real Lambda client is killed at the deadline."""

import json

import pytest
from dirty_equals import IsInt, IsPartialDict, IsStr

from obskit.testing.awslambda.environment import Function
from obskit.testing.awslambda.runtime import LambdaRuntime
from tests.helpers import IS_SPAN_ID, IS_TIME, XRAY_HEADER, XRAY_PARENT, XRAY_ROOT
from tests.parts import require

HANDLER = """
import threading, obskit
from obskit import kpis

@obskit.instrument(buffer_debug=True)
def handler(event, context):
    obskit.logger.debug("asked", buyer="ann@example.com")
    obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation="checkout")
    with obskit.span("provider", card="4242 4242 4242 4242"):
        wait_for_provider(event["seconds"])
    obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation="checkout")
    return "late"

def wait_for_provider(seconds):
    threading.Event().wait(seconds)
"""


@pytest.fixture
def invoke(xray_daemon, tmp_path):
    require("awslambdaric")
    (tmp_path / "slow.py").write_text(HANDLER)
    env = {
        "OBSKIT_SERVICE": "shop",
        "OBSKIT_ENV": "test",
        "OBSKIT_METRICS_NAMESPACE": "Shop",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_LEVEL": "DEBUG",
        "OBSKIT_LOG_LEVEL": "INFO",
        "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:{1}".format(*xray_daemon.getsockname()),
    }
    with LambdaRuntime(Function("slow.handler", tmp_path, name="shop", env=env)) as runtime:
        yield lambda seconds, deadline_ms: runtime.invoke(
            {"seconds": seconds}, trace_header=XRAY_HEADER, deadline_ms=deadline_ms
        )


def test_an_invocation_that_is_killed_at_its_deadline_has_told_all(invoke, xray_daemon):
    outcome = invoke(60, 3000)

    assert outcome.error == IsPartialDict(errorType="Sandbox.Timedout")
    assert outcome.logged == outcome.lines
    asked, told, *metrics = [json.loads(line) for line in outcome.lines]
    assert asked == IsPartialDict(
        level="DEBUG", message="asked", buyer="[EMAIL]", function_request_id=outcome.request_id
    )
    assert told == IsPartialDict(
        timestamp=IS_TIME,
        level="ERROR",
        message="invocation is about to time out",
        location=IsStr(regex=r"wait:\d+"),
        remaining_ms=IsInt(gt=0, le=300),
        function_request_id=outcome.request_id,
    )
    assert "in wait_for_provider\n    threading.Event().wait(seconds)\n" in told["stack"]
    assert [document.get("CheckoutSuccess") for document in metrics] == [1, None]
    assert metrics[1] == IsPartialDict(Timeouts=1, ColdStarts=1, pii_masked=1, service="shop", env="test")
    document = json.loads(xray_daemon.recv(70_000).split(b"\n")[1])
    assert document == IsPartialDict(
        trace_id=XRAY_ROOT,
        parent_id=XRAY_PARENT,
        id=IS_SPAN_ID,
        in_progress=True,
        annotations=IsPartialDict(timed_out=True, faas_coldstart=True),
    )
    assert document["subsegments"] == [
        IsPartialDict(name="provider", in_progress=True, annotations={"card": "[CARD]", "timed_out": True})
    ]


def test_an_invocation_that_makes_it_after_all_is_whole(invoke, xray_daemon):
    outcome = invoke(2.8, 3000)  # the margin is a tenth: told at 2,700 ms

    assert outcome.payload == "late"
    documents = [json.loads(line) for line in outcome.lines]
    recorded = [document for document in documents if "_aws" in document]
    assert [document.get("CheckoutSuccess") for document in recorded] == [1, None, 1, None]
    assert [document["ColdStarts"] for document in recorded if "ColdStarts" in document] == [1]
    first, last = (json.loads(xray_daemon.recv(70_000).split(b"\n")[1]) for _ in range(2))
    assert (first["id"], first["in_progress"]) == (last["id"], True)
    assert "in_progress" not in last
    assert "timed_out" not in last["annotations"]


def test_invocations_in_time_are_not_disturbed(invoke):
    for _ in range(3):
        outcome = invoke(0, 3000)

        assert outcome.payload == "late"
        assert [line for line in outcome.lines if "time out" in line] == []
