"""`run_under_runtime`: the real Lambda client, and everything that comes out of it."""

import functools
import json
import re

import pytest
from dirty_equals import IsPartialDict, IsPositiveInt, IsStr

from obskit import kpis
from obskit.errors import MissingExtraError
from obskit.testing import (
    Client,
    ClientContext,
    CognitoIdentity,
    LambdaContext,
    NotImportableError,
    assert_no_pii,
    run_under_runtime,
)
from tests.helpers import IS_SPAN_ID, IS_TIME, XRAY_HEADER, XRAY_PARENT, XRAY_ROOT
from tests.testing import handlers

pytestmark = pytest.mark.usefixtures("awslambdaric")

TOLD = {"OBSKIT_SERVICE": "checkout", "OBSKIT_ENV": "test", "OBSKIT_METRICS_NAMESPACE": "Shop"}
CARD = "4242 4242 4242 4242"
EVENT = {"email": "ann@example.com"}
FAILING = {"email": "ann@example.com", "card": CARD, "fail": True}
IS_LOCATION = IsStr(regex=r"checkout:\d+")


def test_a_handler_that_returns():
    outcome = run_under_runtime(handlers.checkout, EVENT, env=TOLD, trace_header=XRAY_HEADER)

    assert (outcome.payload, outcome.error) == (EVENT, None)
    assert [json.loads(posted.body) for posted in outcome.posted] == [EVENT]
    assert outcome.logs == [
        {
            "timestamp": IS_TIME,
            "level": "INFO",
            "message": "checkout started",
            "location": IS_LOCATION,
            "service": "checkout",
            "env": "test",
            "function_name": "function",
            "function_version": "$LATEST",
            "function_request_id": outcome.request_id,
            "cold_start": True,
            "xray_trace_id": XRAY_ROOT,
            "correlation_id": XRAY_ROOT.replace("-", "")[1:],
            "span_id": IS_SPAN_ID,
            "email": "[EMAIL]",
        }
    ]
    assert outcome.metrics.values(kpis.CHECKOUT_SUCCESS, operation="checkout") == [1.0]
    assert outcome.lines[0] == "loaded"
    assert outcome.stdout == "\n".join([*outcome.lines, ""])
    (root,) = outcome.spans
    assert (root.trace_id, root.parent_id, root.error) == (XRAY_ROOT, XRAY_PARENT, None)
    assert [child.name for child in root.children] == ["authorise"]
    assert outcome.lost == []
    assert outcome.cold_start
    assert outcome.duration_ms > 0
    assert_no_pii(outcome, "ann@example.com")
    assert re.fullmatch(r"<Outcome payload=\{'email': 'ann@example.com'\}, \d lines>", repr(outcome))


def test_a_handler_that_raises():
    outcome = run_under_runtime(handlers.checkout, FAILING, env=TOLD)

    assert outcome.payload is None
    assert outcome.error == IsPartialDict(errorType="CardDeclinedError", errorMessage="card [CARD] of [EMAIL]")
    (posted,) = outcome.posted
    assert json.loads(posted.body) == outcome.error
    cause = json.loads(posted.headers["lambda-runtime-function-xray-error-cause"])
    assert cause["exceptions"] == [IsPartialDict(type="CardDeclinedError", message="card [CARD] of [EMAIL]")]
    assert outcome.spans.only("authorise").error == {"type": "CardDeclinedError", "message": "card [CARD] of [EMAIL]"}
    assert_no_pii(outcome, "ann@example.com", CARD)


def test_what_a_handler_without_obskit_leaks_is_named_exit_by_exit():
    outcome = run_under_runtime(handlers.leaking, EVENT, env={"OBSKIT_EXITS": "off"})

    with pytest.raises(AssertionError) as raised:
        assert_no_pii(outcome, "ann@example.com")
    said = str(raised.value)
    assert "line 2: EMAIL 'an…' (15 characters)" in said
    assert "span 1: attributes.to: EMAIL 'an…' (15 characters)" in said
    assert "error: errorMessage: EMAIL 'an…' (15 characters)" in said
    assert "error: errorMessage: planted 'an…' (15 characters) as it is" in said
    assert "header lambda-runtime-function-xray-error-cause: exceptions.0.message: EMAIL" in said
    assert "ann@example.com" not in said


def test_the_payload_is_the_callers_own_data():
    outcome = run_under_runtime(
        handlers.facts, EVENT, context=LambdaContext(client_context=ClientContext(client=Client()))
    )

    assert_no_pii(outcome)
    with pytest.raises(AssertionError, match=r"event\.email: EMAIL"):
        assert_no_pii(outcome.payload)


def test_several_invocations_of_one_environment():
    outcome = run_under_runtime(handlers.checkout, EVENT, FAILING, invocations=2, env=TOLD)

    assert [one.payload for one in outcome.invocations] == [EVENT, None, EVENT, None]
    assert [one.cold_start for one in outcome.invocations] == [True, False, False, False]
    assert [len(one.spans) for one in outcome.invocations] == [1, 1, 1, 1]
    assert [one.metrics.values("CheckoutSuccess") for one in outcome.invocations] == [[1.0], [], [1.0], []]
    assert [one.lines[0] == "loaded" for one in outcome.invocations] == [True, False, False, False]
    assert outcome.error == outcome.invocations[-1].error != None  # noqa: E711  both sides in one
    assert len(outcome.logs.where(message="checkout started")) == 4
    assert len(outcome.spans) == len(outcome.posted) == 4
    assert outcome.logs == [line for one in outcome.invocations for line in one.logs]
    assert outcome.request_id == outcome.invocations[3].request_id != outcome.invocations[2].request_id


def test_the_context_that_the_test_hands_in_is_the_functions():
    context = LambdaContext(
        function_name="search",
        function_version="7",
        memory_limit_in_mb="512",
        invoked_function_arn="arn:aws:lambda:eu-west-1:222222222222:function:search:live",
        tenant_id="tenant-1",
        identity=CognitoIdentity("eu-west-1:1", "eu-west-1:2"),
        client_context=ClientContext(custom={"a": 1}, client=Client(app_title="shop")),
        timeout_s=20,
    )

    outcome = run_under_runtime(handlers.facts, EVENT, context=context, trace_header="", env={"OWN": "x"})

    assert outcome.payload == {
        "name": "search",
        "version": "7",
        "memory": "512",
        "arn": "arn:aws:lambda:eu-west-1:222222222222:function:search:live",
        "request_id": context.aws_request_id,
        "tenant": "tenant-1",
        "identity": "eu-west-1:1",
        "custom": {"a": 1},
        "app": "shop",
        "group": "/aws/lambda/search",
        "left": IsPositiveInt(),
        "trace": None,
        "format": None,
        "own": "x",
        "event": EVENT,
    }
    assert 10_000 < outcome.payload["left"] <= 20_000
    assert outcome.request_id == context.aws_request_id


def test_lambdas_level_filter_takes_what_it_would_take():
    """obskit writes at DEBUG, and the metrics have no level: at WARN the platform drops them all."""
    outcome = run_under_runtime(
        handlers.checkout, EVENT, env={**TOLD, "OBSKIT_LOG_LEVEL": "DEBUG"}, log_format="JSON", log_level="WARN"
    )

    assert outcome.logs.only(level="WARN")["reason"].startswith("AWS_LAMBDA_LOG_LEVEL is WARN. Lambda drops metrics")
    assert (len(outcome.logs), outcome.metrics) == (1, [])
    assert [line["message"] for line in outcome.lost if "message" in line] == ["looking closely", "checkout started"]
    assert outcome.lost.only(CheckoutSuccess=1)["operation"] == "checkout"
    assert [line for line in outcome.lines if "checkout started" in line]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"log_level": "INFO"}, "log_level filters lines with log_format='JSON' only, as on Lambda"),
        (
            {"log_format": "JSON", "log_level": "WARNING"},
            "log_level is 'WARNING'; Lambda knows TRACE, DEBUG, INFO, WARN, ERROR, FATAL",
        ),
    ],
)
def test_a_level_that_lambda_does_not_heed_is_refused(more, said):
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        run_under_runtime(handlers.checkout, EVENT, **more)


def test_a_timeout_keeps_what_was_written():
    outcome = run_under_runtime(handlers.hang, EVENT, timeout_s=1.0)

    assert outcome.error == IsPartialDict(errorType="Sandbox.Timedout")
    assert outcome.lines == ["loaded", "hanging"]


def test_what_the_test_can_import_the_handler_can(tmp_path, monkeypatch):
    (tmp_path / "only_in_the_test.py").write_text("VALUE = 7")
    monkeypatch.syspath_prepend(tmp_path)

    assert run_under_runtime(handlers.imports_what_the_test_can, EVENT).payload == 7


def test_a_handler_named_by_text(tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "app.py").write_text("def handler(event, context):\n    return event")

    for text in ("shop.app.handler", "shop/app.handler"):
        assert run_under_runtime(text, EVENT, folder=tmp_path).payload == EVENT


def test_a_module_that_fails_while_it_is_loaded(tmp_path):
    (tmp_path / "app.py").write_text("raise ValueError('no settings')")

    outcome = run_under_runtime("app.handler", EVENT, folder=str(tmp_path))

    assert outcome.error == IsPartialDict(errorType="ValueError", errorMessage="no settings")


MODULE = "tests.testing.handlers"
HOW = (
    ": Lambda imports a handler by module and name."
    " Define it with `def` at the top of a module, or pass 'module.function' and folder=."
)
RENAMED = " The handler was renamed after its `def`: pass 'module.function' with the name it has there, and folder="
NAMELESS = IsStr(
    regex=r"functools\.partial\(.*\) has no module and name, so Lambda cannot import it; pass a function of a module"
)
REFUSED = {
    "a nested function": (
        handlers.decorated_inside(),
        f"{MODULE}.decorated_inside.<locals>.inner is a nested function{HOW}",
    ),
    "a lambda": (lambda *_: None, f"tests.testing.test_run.<lambda> is a lambda{HOW}"),
    "a method": (handlers.Handlers.method, f"{MODULE}.Handlers.method is a method{HOW}"),
    "a partial": (functools.partial(handlers.facts), NAMELESS),
    "a renamed one": (handlers.other_name, f"{MODULE} has no gone.{RENAMED}"),
    "text without folder": ("app.handler", "'app.handler' is text: say with folder= where its module is"),
    "text without a dot": ("handler", "'handler' is not module.function"),
}


@pytest.mark.parametrize(("handler", "said"), REFUSED.values(), ids=REFUSED)
def test_a_handler_that_lambda_could_not_import_is_refused(handler, said):
    with pytest.raises(NotImportableError) as raised:
        run_under_runtime(handler, EVENT)
    assert said == str(raised.value)


def test_a_module_that_is_not_there_is_named_with_the_nearest(tmp_path):
    (tmp_path / "handler.py").touch()

    with pytest.raises(NotImportableError) as raised:
        run_under_runtime("handlr.main", EVENT, folder=tmp_path)
    assert str(raised.value) == f"{tmp_path} has no module handlr. Did you mean 'handler'?"


def test_without_the_client_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    with pytest.raises(MissingExtraError) as raised:
        run_under_runtime(handlers.checkout, EVENT)
    assert (
        str(raised.value)
        == "run_under_runtime needs the extra 'test': pip install './obskit[test]', from where obskit is cloned"
    )
