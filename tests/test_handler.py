"""`@instrument`: one invocation, whole: what it writes, what it sends, what leaves it."""

import contextlib
import dataclasses
import json
import socket
import sys
import types
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest
from dirty_equals import IsFloat, IsInt

import obskit
from obskit import config, context, exceptions, handler, kpis, metrics, watchdog
from obskit.masking import policy, pseudonyms
from obskit.testing import LambdaContext, appsync_event, capture
from tests.helpers import (
    IS_SPAN_ID,
    IS_TIME,
    IS_TRACE_ID,
    SPAN_ID,
    TRACE_ID,
    TRACEPARENT,
    XRAY_HEADER,
    XRAY_PARENT,
    XRAY_ROOT,
    XRAY_TRACE_ID,
    is_location,
    masking_document,
    with_masking,
)


class PaymentDeclinedError(Exception):
    """What a provider says."""


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("OBSKIT_SERVICE", "checkout")
    monkeypatch.setenv("OBSKIT_ENV", "test")
    monkeypatch.setenv("OBSKIT_METRICS_NAMESPACE", "Shop")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", XRAY_HEADER)
    monkeypatch.setattr(handler, "_cold", True)


@pytest.fixture
def xray_daemon(monkeypatch):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(5)
        monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:{1}".format(*listener.getsockname()))
        yield listener


@obskit.instrument
def checkout(event, context):
    obskit.logger.info("started", email=event["email"])
    with obskit.span("authorise"):
        obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation="checkout")
    if event.get("fail"):
        raise PaymentDeclinedError(f"card 4242424242424242 of {event['email']}")
    return {"ok": True}


def ids(cold):
    return {
        "service": "checkout",
        "env": "test",
        "function_request_id": "r-1",
        "cold_start": cold,
        "xray_trace_id": XRAY_ROOT,
        "correlation_id": TRACE_ID,
        "span_id": IS_SPAN_ID,
    }


EMF_IDS = {"function_request_id": "r-1", "correlation_id": TRACE_ID}
EVENT = {**appsync_event(headers={"traceparent": TRACEPARENT}), "email": "ann@example.com"}


def test_an_invocation_that_returns(xray_daemon):
    with capture() as captured:
        assert checkout(EVENT, LambdaContext(aws_request_id="r-1")) == {"ok": True}

    assert captured.logs == [
        {
            "timestamp": IS_TIME,
            "level": "INFO",
            "message": "started",
            "location": is_location("checkout"),
            **ids(cold=True),
            "email": "[EMAIL]",
        }
    ]
    recorded = {
        "_aws": {
            "Timestamp": IsInt(),
            "CloudWatchMetrics": [
                {
                    "Namespace": "Shop",
                    "Dimensions": [["service", "env"], ["service", "env", "operation"]],
                    "Metrics": [{"Name": "CheckoutSuccess", "Unit": "Count"}],
                }
            ],
        },
        "service": "checkout",
        "env": "test",
        "operation": "checkout",
        "CheckoutSuccess": 1,
        **EMF_IDS,
    }
    assert captured.metrics == [with_masking(recorded, {"EMAIL": {"redact": {"log": 1}}}, 1)]
    times = {"start_time": IsFloat(), "end_time": IsFloat()}
    assert json.loads(xray_daemon.recv(70_000).split(b"\n")[1]) == {
        "type": "subsegment",
        "trace_id": XRAY_ROOT,
        "parent_id": XRAY_PARENT,
        "id": captured.logs[0]["span_id"],
        "name": "Mutation.checkout",
        **times,
        "annotations": {
            "faas_invocation_id": "r-1",
            "faas_coldstart": True,
            "faas_trigger": "http",
            "cloud_resource_id": "arn:aws:lambda:us-east-1:111111111111:function:checkout",
            "caller_trace_id": TRACE_ID,
            "linked_trace_ids": f"1-{TRACE_ID[:8]}-{TRACE_ID[8:]}",
        },
        "metadata": {
            "obskit": {
                "graphql.operation.type": "mutation",
                "links": [{"trace_id": f"1-{TRACE_ID[:8]}-{TRACE_ID[8:]}", "span_id": SPAN_ID}],
            }
        },
        "subsegments": [{"id": IS_SPAN_ID, "name": "authorise", **times}],
    }


def test_an_invocation_that_raises_writes_all_and_leaves_masked(xray_daemon):
    with capture() as captured, pytest.raises(PaymentDeclinedError) as raised:
        checkout({**EVENT, "fail": True}, LambdaContext(aws_request_id="r-1"))

    assert type(raised.value).__name__ == "PaymentDeclinedError"
    assert str(raised.value) == "card [CARD] of [EMAIL]"
    assert raised.value.args == ("card [CARD] of [EMAIL]",)
    assert raised.value.__context__ is None  # the raw error does not hang on it
    line = captured.logs[1]
    stack = line.pop("exception")
    assert line == {
        "timestamp": IS_TIME,
        "level": "ERROR",
        "message": "invocation failed",
        "location": is_location("checkout"),
        **ids(cold=True),
        "exception_name": "PaymentDeclinedError",
    }
    assert stack.endswith("PaymentDeclinedError: card [CARD] of [EMAIL]\n")
    assert "in instrumented" not in stack
    (metric,) = captured.metrics
    assert metric["CheckoutSuccess"] == 1
    assert metric["pii_masked"] == 8
    assert metric["pii"] == {
        "EMAIL": {"redact": {"log": 2, "error": 1, "span": 1}},
        "CARD": {"redact": {"log": 2, "error": 1, "span": 1}},  # the stack shows the line that raises
    }
    assert json.loads(xray_daemon.recv(70_000).split(b"\n")[1])["cause"] == {
        "exceptions": [{"id": IS_SPAN_ID, "type": "PaymentDeclinedError", "message": "card [CARD] of [EMAIL]"}]
    }
    assert "4242" not in captured.text
    assert "ann@" not in captured.text


@pytest.mark.parametrize(
    ("event", "function", "name"),
    [
        (appsync_event(parent_type="Query", field_name="orders"), "fn", "Query.orders"),
        ([appsync_event(parent_type="Query", field_name="orders")], "fn", "Query.orders"),
        ({"info": {"fieldName": 1}}, "fn", "fn"),
        ({}, "", "work"),
    ],
)
def test_the_span_is_named_by_what_is_asked_for(monkeypatch, xray_daemon, event, function, name):
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", function)

    @obskit.instrument
    def work(event, context):
        return None

    with capture():
        work(event, LambdaContext())

    assert json.loads(xray_daemon.recv(70_000).split(b"\n")[1])["name"] == name


def test_event_and_context_may_come_by_name():
    with capture() as captured:
        checkout(event={"email": "ann@example.com"}, context=LambdaContext(aws_request_id="r-7"))

    assert captured.logs[0]["function_request_id"] == "r-7"


def test_of_a_functions_arns_the_last_is_remembered():
    with capture():
        for alias in ("1", "2", "live"):
            arn = f"arn:aws:lambda:us-east-1:111111111111:function:checkout:{alias}"
            checkout({"email": ""}, LambdaContext(invoked_function_arn=arn))

    assert handler._resources == {arn: "arn:aws:lambda:us-east-1:111111111111:function:checkout"}


@pytest.mark.parametrize(("milliseconds", "watched"), [(50, 0), (51, 1)])
def test_an_invocation_with_next_to_no_time_is_not_watched(milliseconds, watched):
    seen = []

    @obskit.instrument
    def look(event, context):
        seen.append(len(watchdog._watched))

    with capture():
        look({}, types.SimpleNamespace(aws_request_id="r-1", get_remaining_time_in_millis=lambda: milliseconds))

    assert (seen, watchdog._watched) == ([watched], {})


def test_only_the_first_invocation_is_cold():
    with capture() as captured:
        for _ in range(2):
            checkout(EVENT, LambdaContext())

    assert [line["cold_start"] for line in captured.logs] == [True, False]


def test_nothing_leaks_into_the_next_invocation():
    @obskit.instrument
    def bind(event, context):
        obskit.logger.info("m")
        obskit.bind(leftover=event["n"])
        obskit.logger.info("m")

    with capture() as captured:
        for number in (1, 2):
            bind({"n": number}, LambdaContext())
        obskit.logger.info("outside")

    assert [line.get("leftover") for line in captured.logs] == [None, 1, None, 2, None]
    assert "function_request_id" not in captured.logs[-1]
    assert obskit.current_trace() is None


def test_without_lambdas_variable_the_carrier_owns_the_trace(monkeypatch):
    monkeypatch.delenv("_X_AMZN_TRACE_ID")
    with capture() as captured:
        checkout(EVENT, LambdaContext())

    line = captured.logs[0]
    assert line["xray_trace_id"] == f"1-{TRACE_ID[:8]}-{TRACE_ID[8:]}"
    assert line["correlation_id"] == TRACE_ID
    assert "caller_trace_id" not in line


def test_without_any_trace_a_new_one_begins(monkeypatch):
    monkeypatch.delenv("_X_AMZN_TRACE_ID")
    with capture() as captured:
        checkout({"email": ""}, LambdaContext())

    line = captured.logs[0]
    assert line["correlation_id"] == IS_TRACE_ID
    assert line["xray_trace_id"] == f"1-{line['correlation_id'][:8]}-{line['correlation_id'][8:]}"


def test_the_correlation_id_of_the_carrier_is_kept():
    with capture() as captured:
        checkout({**EVENT, "headers": {"x-correlation-id": "cart-9"}}, LambdaContext())

    assert captured.logs[0]["correlation_id"] == "cart-9"


def test_a_correlation_id_that_is_personal_data_is_none():
    with capture() as captured:
        checkout({**EVENT, "headers": {"x-correlation-id": "4242424242424242"}}, LambdaContext())

    assert captured.logs[0]["correlation_id"] == TRACE_ID  # a marker would join requests that have nothing in common


def test_inject_carries_the_span_that_is_open():
    sent = {}

    @obskit.instrument
    def call(event, context):
        with obskit.span("http") as span:
            sent.update(obskit.inject({}), span_id=span.span_id)

    with capture():
        call(EVENT, LambdaContext())

    assert sent == {
        "traceparent": f"00-{XRAY_TRACE_ID}-{sent['span_id']}-01",
        "x-amzn-trace-id": f"Root={XRAY_ROOT};Parent={sent['span_id']};Sampled=1",
        "x-correlation-id": TRACE_ID,
        "span_id": IS_SPAN_ID,
    }


def test_a_handler_that_calls_another_is_one_invocation(xray_daemon):
    @obskit.instrument(service="outer")
    def outer(event, context):
        return checkout(event, context)

    with capture() as captured:
        outer(EVENT, LambdaContext(aws_request_id="r-1"))

    assert captured.logs[0]["service"] == "outer"
    document = json.loads(xray_daemon.recv(70_000).split(b"\n")[1])
    assert document["name"] == "Mutation.checkout"
    assert [child["name"] for child in document["subsegments"]] == ["checkout"]
    assert context.current() is None


@pytest.mark.parametrize("header", [f"Root={XRAY_ROOT};Parent={XRAY_PARENT};Sampled=0", f"Root={XRAY_ROOT}"])
def test_an_unsampled_trace_sends_nothing(monkeypatch, xray_daemon, header):
    monkeypatch.setenv("_X_AMZN_TRACE_ID", header)
    xray_daemon.setblocking(False)
    with capture():
        checkout(EVENT, LambdaContext())

    with pytest.raises(BlockingIOError):
        xray_daemon.recv(1)


def test_traces_off_sends_nothing(monkeypatch, xray_daemon):
    monkeypatch.setenv("OBSKIT_TRACES", "off")
    xray_daemon.setblocking(False)
    with capture():
        checkout(EVENT, LambdaContext())

    with pytest.raises(BlockingIOError):
        xray_daemon.recv(1)


class NeedsTwoError(Exception):
    def __init__(self, code, text):
        super().__init__(code, text)
        self.code = code


class SealedError(Exception):
    def __init_subclass__(cls, **kwargs):
        raise TypeError("sealed")


class HostileError(Exception):
    def __str__(self):
        raise RuntimeError("ann@example.com")


def test_a_masked_error_keeps_its_attributes():
    masked = exceptions.masked_error(NeedsTwoError(7, "ann@example.com"))

    assert isinstance(masked, NeedsTwoError)
    assert masked.code == 7
    assert str(masked) == "(7, '[EMAIL]')"
    assert repr(masked) == "NeedsTwoError(\"(7, '[EMAIL]')\")"


def test_a_masked_error_of_a_sealed_type_keeps_its_name():
    masked = exceptions.masked_error(SealedError("ann@example.com"))

    assert type(masked).__name__ == "SealedError"
    assert str(masked) == "[EMAIL]"


def test_an_error_that_cannot_be_read_leaves_unreadable():
    masked = exceptions.masked_error(HostileError())

    assert isinstance(masked, HostileError)
    assert str(masked) == "[UNREADABLE]"


@dataclasses.dataclass(frozen=True)
class FrozenError(Exception):
    email: str


class NoAttributesError(Exception):
    def __setattr__(self, name, value):
        raise RuntimeError(f"no {self.args[0]}")


@pytest.mark.parametrize("kind", [FrozenError, NoAttributesError, KeyboardInterrupt, SystemExit])
def test_no_kind_of_error_leaves_raw(kind):
    @obskit.instrument
    def fail(event, context):
        raise kind("ann@example.com")

    with capture() as captured, pytest.raises(kind) as raised:
        fail({}, LambdaContext())

    assert str(raised.value) == "[EMAIL]"
    assert raised.value.__context__ is None
    assert captured.logs[-1]["message"] == "invocation failed"
    assert "ann@" not in captured.text


def test_a_handler_is_called_as_it_was_written():
    @obskit.instrument
    def named(event, context):
        return event

    @obskit.instrument
    def one(event):
        return event

    with capture():
        assert named(event=1, context=None) == 1
        assert one(2) == 2


def test_an_error_that_left_keeps_none_of_the_handlers_objects_alive():
    """A pool's thread keeps the scope in which it did its last work."""

    class Order:
        """Something that a handler holds."""

    @obskit.instrument
    def failing(event, context):
        order = Order()
        orders.append(weakref.ref(order))
        pool.submit(obskit.bind, cart=1).result()
        raise LookupError("no such card")

    orders: list[weakref.ref[Order]] = []
    with capture(), ThreadPoolExecutor(1) as pool:
        with contextlib.suppress(LookupError):
            failing({}, LambdaContext())

        assert [order() for order in orders] == [None]  # without a look for cycles


def test_notes_do_not_leave():
    error = ValueError("x")
    error.add_note("ann@example.com")

    assert not hasattr(exceptions.masked_error(error), "__notes__")


@pytest.mark.parametrize("odd", [None, 3, "x", object()])
def test_an_odd_event_and_context_are_no_reason_to_fail(odd):
    @obskit.instrument
    def echo(event, context):
        obskit.logger.info("m", event=event)
        return event

    with capture() as captured:
        assert echo(odd, odd) is odd

    assert captured.logs[0]["message"] == "m"


def test_a_system_exit_still_flushes():
    @obskit.instrument
    def leave(event, context):
        obskit.record(kpis.OUTBOX_AGE, 1)
        raise SystemExit(3)

    with capture() as captured, pytest.raises(SystemExit):
        leave({}, LambdaContext())

    assert [document["OutboxAge"] for document in captured.metrics] == [1]
    assert context.current() is None


def use(monkeypatch, **rules):
    """Let a settings module say *rules*."""
    module = types.ModuleType("obskit_settings")
    vars(module)["MASKING"] = {"": rules}
    monkeypatch.setitem(sys.modules, "obskit_settings", module)


def test_what_was_masked_outside_an_invocation_is_written_nowhere():
    @obskit.instrument
    def work(event, context):
        obskit.logger.info("m")

    with capture() as captured:
        obskit.logger.info("for ann@example.com")
        work({}, LambdaContext())
        obskit.logger.info("for ann@example.com")
        metrics.flush()

    assert captured.metrics == []


def test_what_an_invocation_masked_is_not_told_by_the_next():
    with capture() as captured:
        checkout(EVENT, LambdaContext(aws_request_id="r-1"))
        checkout({**EVENT, "email": ""}, LambdaContext(aws_request_id="r-2"))

    assert [document["function_request_id"] for document in captured.metrics if "pii" in document] == ["r-1"]


def test_every_exit_of_an_invocation_is_counted(xray_daemon):
    @obskit.instrument
    def work(event, context):
        with obskit.span("for bob@example.com", email="ann@example.com"):
            obskit.record(kpis.SEARCH_HIT, 1, index="of ann@example.com")
        return obskit.mask({"ip": "192.0.2.7"})

    with capture() as captured:
        assert work(EVENT, LambdaContext(aws_request_id="r-1")) == {"ip": "[IP]"}

    assert captured.metrics[-1] == masking_document(
        {"EMAIL": {"redact": {"metric": 1, "span": 2}}, "IP": {"redact": {"call": 1}}},
        4,
        service="checkout",
        env="test",
        **EMF_IDS,
    )


def test_patterns_on_trial_are_in_the_document(monkeypatch):
    use(monkeypatch, patterns=[("loyalty", "BANK", r"\bLOY-[0-9]{8}\b")])
    monkeypatch.setenv("OBSKIT_PII_SHADOW", "loyalty")

    @obskit.instrument
    def work(event, context):
        obskit.logger.info("of LOY-12345678")

    with capture() as captured:
        work(EVENT, LambdaContext(aws_request_id="r-1"))

    assert [line["message"] for line in captured.logs] == ["of LOY-12345678"]
    assert captured.metrics == [
        masking_document({}, 0, pii_shadow={"loyalty": {"log": 1}}, service="checkout", env="test", **EMF_IDS)
    ]


def test_what_is_wrong_with_the_policy_is_told_once(monkeypatch):
    use(monkeypatch, classes={"EMIAL": "drop"})
    monkeypatch.setenv("OBSKIT_PII_SHADOW", "loyalty")

    with capture() as captured:
        for _ in range(2):
            checkout(EVENT, LambdaContext())

    faults = [line for line in captured.logs if "obskit_fault" in line]
    problems = (
        "obskit_settings: class 'EMIAL': 'drop' is not possible; redacted",
        "OBSKIT_PII_SHADOW: there is no pattern 'loyalty' in this environment.",
    )
    assert [(line["obskit_fault"], line["reason"]) for line in faults] == [("masking policy", "; ".join(problems))]


def test_two_tenants_share_no_pseudonym_and_nothing_is_remembered(monkeypatch):
    use(monkeypatch, classes={"EMAIL": "pseudonym"})
    pseudonyms.set_keys((("k1", bytes(16)),))
    forgotten = []
    monkeypatch.setattr(policy, "forget", lambda: forgotten.append(context.current().tenant_id))
    tenants = ["", "acme", "shop"]

    try:
        with capture() as captured:
            for tenant in tenants:
                checkout(EVENT, LambdaContext(tenant_id=tenant))
    finally:
        pseudonyms.set_keys(())

    assert [line["email"] for line in captured.logs] == [
        pseudonyms.make("EMAIL", "ann@example.com", tenant, "k1", bytes(16)) for tenant in tenants
    ]
    assert forgotten == tenants


def test_keys_that_are_wanted_and_absent_are_told(monkeypatch):
    use(monkeypatch, classes={"EMAIL": "pseudonym"})
    monkeypatch.delenv("OBSKIT_PSEUDONYM_SECRET_ARN", raising=False)
    pseudonyms.set_keys(())

    with capture() as captured:
        checkout(EVENT, LambdaContext())

    assert [captured.logs[0]["email"], captured.logs[1]["obskit_fault"], captured.logs[1]["reason"]] == [
        "[EMAIL]",
        "masking keys",
        "OBSKIT_PSEUDONYM_SECRET_ARN is not set: values are redacted, not pseudonymised",
    ]


def test_generators_and_coroutines_are_left_alone():
    def generate(event, context):
        yield 1

    async def wait(event, context):
        return 1

    assert obskit.instrument(generate) is generate
    assert obskit.instrument(wait) is wait


def test_what_is_not_a_function_is_refused():
    with pytest.raises(TypeError, match=r"wraps a function, not str; write @instrument\(service=…\)"):
        obskit.instrument("checkout")


def test_the_wrapper_keeps_the_functions_name_and_doc():
    def named(event, context):
        """Say it."""

    named.route = "/orders"
    wrapped = obskit.instrument(named)

    for attribute in ("__name__", "__qualname__", "__doc__", "__module__", "route"):
        assert getattr(wrapped, attribute) == getattr(named, attribute)
    assert wrapped.__wrapped__ is named


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("OBSKIT_LOG_LEVEL", "LOUD", "'LOUD'; it is one of TRACE, DEBUG, INFO, WARN, ERROR, FATAL. Using INFO."),
        ("OBSKIT_TRACES", "zipkin", "'zipkin'; it is one of xray, otlp, off. Using xray."),
        ("OBSKIT_METRICS_NAMESPACE", "AWS/Mine", "does not start with ':' or 'AWS/'. Using 'obskit'."),
        ("OBSKIT_TIMEOUT_MARGIN_MS", "²", "'²'; it is a number of milliseconds, such as 500. Using 500."),
        ("OBSKIT_ENV", "grün", "a dimension value is printable ASCII and does not start with ':'. Using 'unknown'."),
    ],
)
def test_a_wrong_setting_is_told_once_and_a_default_stands_in(monkeypatch, variable, value, told):
    monkeypatch.setenv(variable, value)
    with capture() as captured:
        for _ in range(2):
            checkout(EVENT, LambdaContext())

    faults = [line for line in captured.logs if "obskit_fault" in line]
    assert len(faults) == 1
    assert variable in faults[0]["reason"]
    assert faults[0]["reason"].endswith(told)


@pytest.mark.parametrize(("level", "own"), [("", False), (" ", False), ("INFO", True)])
def test_a_level_that_is_blank_is_not_set(level, own):
    assert config.Settings({"OBSKIT_LOG_LEVEL": level}).own_level is own


@pytest.mark.parametrize("variable", ["OBSKIT_ENV", "OBSKIT_METRICS_NAMESPACE"])
def test_a_function_that_is_not_told_where_it_is_says_so(monkeypatch, variable):
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "fn")
    monkeypatch.delenv(variable)
    monkeypatch.delenv("POWERTOOLS_METRICS_NAMESPACE", raising=False)
    with capture() as captured:
        checkout(EVENT, LambdaContext())

    assert [line["obskit_fault"] for line in captured.logs if "obskit_fault" in line] == [f"settings {variable}"]


def test_a_misspelt_variable_is_named_with_the_nearest():
    problems = config.Settings(
        {"AWS_LAMBDA_FUNCTION_NAME": "fn", "OBSKIT_LOGLEVEL": "INFO", "OBSKIT_HANDLER": "a.b"}
    ).problems

    assert "OBSKIT_LOGLEVEL is no variable of obskit. Did you mean 'OBSKIT_LOG_LEVEL'?" in problems
    assert not [problem for problem in problems if "OBSKIT_HANDLER" in problem]


def test_the_variable_that_is_wrong_is_the_one_that_is_named():
    (problem,) = config.Settings({"POWERTOOLS_LOG_LEVEL": "debg"}).problems

    assert problem.startswith("POWERTOOLS_LOG_LEVEL is 'debg'")


def test_the_service_falls_back_to_the_functions_name():
    assert config.Settings({"AWS_LAMBDA_FUNCTION_NAME": "fn"}).service == "fn"
    assert config.Settings({"AWS_LAMBDA_FUNCTION_NAME": "fn", "POWERTOOLS_SERVICE_NAME": "p"}).service == "p"
    assert config.Settings({}).service == "unknown"


def test_every_variable_that_is_read_is_documented():
    read = set()

    class Recording(dict):
        def get(self, name, default=None):
            read.add(name)
            return default

    config.Settings(Recording())

    documented = " ".join([*config.VARIABLES, *config.VARIABLES.values()])
    lambdas = {
        *("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_XRAY_DAEMON_ADDRESS"),
        *("AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_FORMAT"),
    }
    assert {name for name in read if name not in documented} == lambdas
