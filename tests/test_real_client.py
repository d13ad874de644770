"""The checkout example under the real Lambda client: what is on stdout, what the caller gets, what X-Ray gets."""

import json

import pytest
from dirty_equals import IsFloat, IsInt, IsPartialDict, IsStr

from obskit.testing import appsync_event
from obskit.testing.awslambda.environment import Function
from obskit.testing.awslambda.runtime import LambdaRuntime
from tests.helpers import (
    IS_SPAN_ID,
    IS_TIME,
    TRACE_ID,
    TRACEPARENT,
    XRAY_HEADER,
    XRAY_PARENT,
    XRAY_ROOT,
    is_location,
    with_masking,
)
from tests.parts import ROOT, require

ORDER = {
    "cartId": "c-1",
    "email": "ann@example.com",
    "phone": "+44 20 7946 0958",
    "cardNumber": "4242 4242 4242 4242",
    "amount": 4200,
    "currency": "EUR",
}
PERSONAL = ("ann@example.com", "7946 0958", "4242 4242")


@pytest.fixture
def checkout(xray_daemon):
    require("awslambdaric")
    function = Function(
        "checkout.handler.handler",
        ROOT / "examples",
        name="checkout",
        env={
            "OBSKIT_ENV": "test",
            "OBSKIT_METRICS_NAMESPACE": "Shop",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:{1}".format(*xray_daemon.getsockname()),
        },
    )
    with LambdaRuntime(function) as runtime:
        yield lambda **more: runtime.invoke(
            appsync_event({"input": {**ORDER, **more}}, headers={"traceparent": TRACEPARENT}),
            trace_header=XRAY_HEADER,
        )


def documents(outcome):
    return [json.loads(line) for line in outcome.lines]


def test_a_checkout_that_goes_well(checkout, xray_daemon):
    outcome = checkout()

    started, done, emf, service_metrics = documents(outcome)
    ids = {
        "service": "checkout",
        "env": "test",
        "function_name": "checkout",
        "function_version": "$LATEST",
        "function_request_id": outcome.request_id,
        "cold_start": True,
        "xray_trace_id": XRAY_ROOT,
        "correlation_id": TRACE_ID,
        "span_id": IS_SPAN_ID,
        "cart_id": "c-1",
    }
    assert outcome.payload == {"orderId": IsStr(regex="ord_[0-9a-f]{16}"), "status": "ACCEPTED"}
    assert started == {
        "timestamp": IS_TIME,
        "level": "INFO",
        "message": "checkout started",
        "location": is_location("handler"),
        **ids,
        "email": "[EMAIL]",
        "phone": "[PHONE]",
        "amount": 4200,
    }
    assert done == {
        "timestamp": IS_TIME,
        "level": "INFO",
        "message": "checkout done",
        "location": is_location("handler"),
        **ids,
        "order_id": outcome.payload["orderId"],
        "receipt": "mailed to [EMAIL]",
    }
    recorded = {
        "_aws": {
            "Timestamp": IsInt(),
            "CloudWatchMetrics": [
                {
                    "Namespace": "Shop",
                    "Dimensions": [["service", "env"], ["service", "env", "operation"]],
                    "Metrics": [
                        {"Name": "CheckoutFailure", "Unit": "Count"},
                        {"Name": "CheckoutSuccess", "Unit": "Count"},
                        {"Name": "CheckoutLatency", "Unit": "Milliseconds"},
                    ],
                }
            ],
        },
        "service": "checkout",
        "env": "test",
        "operation": "checkout",
        "function_request_id": outcome.request_id,
        "correlation_id": TRACE_ID,
        "CheckoutFailure": 0,
        "CheckoutSuccess": 1,
        "CheckoutLatency": IsFloat(gt=0, lt=10_000),
    }
    assert emf == with_masking(recorded, {"EMAIL": {"redact": {"log": 2}}, "PHONE": {"redact": {"log": 1}}}, 3)
    assert service_metrics == IsPartialDict(
        service="checkout", env="test", ColdStarts=1, InitDuration=IsFloat(gt=0, lt=60_000)
    )
    span = json.loads(xray_daemon.recv(70_000).split(b"\n")[1])
    assert span == IsPartialDict(
        trace_id=XRAY_ROOT, parent_id=XRAY_PARENT, id=started["span_id"], name="Mutation.checkout"
    )


def test_a_checkout_that_fails_leaks_by_no_exit(checkout, xray_daemon):
    outcome = checkout(failWith="card_declined")

    masked = "card_declined: card [CARD] of [EMAIL] was not charged"
    assert outcome.error == IsPartialDict(errorType="PaymentDeclined", errorMessage=masked)
    assert [document.get("level") for document in documents(outcome)] == ["INFO", "ERROR", None, None, "ERROR"]
    span = xray_daemon.recv(70_000).decode()
    assert json.loads(span.split("\n")[1])["fault"] is True
    everything = "\n".join([*outcome.lines, json.dumps(outcome.error), json.dumps(dict(outcome.headers)), span])
    assert "lambda-runtime-function-xray-error-cause" in everything
    assert [value for value in PERSONAL if value in everything] == []


@pytest.mark.parametrize(
    ("reason", "counted", "kind"),
    [("card_declined", 0, "PaymentDeclined"), ("provider_unavailable", 1, "ProviderError")],
)
def test_a_declined_card_is_no_failure_and_an_absent_provider_is(checkout, reason, counted, kind):
    outcome = checkout(failWith=reason)

    (emf,) = [document for document in documents(outcome) if "CheckoutFailure" in document]
    assert (emf["CheckoutFailure"], outcome.error["errorType"]) == (counted, kind)


def test_the_second_invocation_is_warm_and_has_ids_of_its_own(checkout):
    first, second = checkout(), checkout(cartId="c-2")

    lines = [documents(outcome)[0] for outcome in (first, second)]
    assert [line["cold_start"] for line in lines] == [True, False]
    assert [line["cart_id"] for line in lines] == ["c-1", "c-2"]
    assert [line["function_request_id"] for line in lines] == [first.request_id, second.request_id]


def test_what_was_logged_before_the_process_is_killed_is_out_as_whole_lines(tmp_path):
    require("awslambdaric")
    (tmp_path / "app.py").write_text(
        "import os, signal, obskit\n"
        "@obskit.instrument\n"
        "def handler(event, context):\n"
        "    for number in range(100):\n"
        "        obskit.logger.info('line', number=number)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    told = {"OBSKIT_ENV": "test", "OBSKIT_METRICS_NAMESPACE": "Shop"}
    with LambdaRuntime(Function("app.handler", tmp_path, env=told)) as runtime:
        outcome = runtime.invoke({})

    assert outcome.error == IsPartialDict(errorType="Runtime.ExitError")
    assert [document["number"] for document in documents(outcome)] == list(range(100))
