"""Log lines: whole documents, however odd the input."""

import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

import obskit
from obskit import config, context, logs, output
from obskit.quotas import LOG_EVENT_BYTES
from obskit.semconv import RESERVED_LOG_KEYS
from obskit.testing import capture
from obskit.tracing.spans import Span
from tests.helpers import IS_TIME, is_location


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in [*config.VARIABLES, "AWS_LAMBDA_LOG_LEVEL", "POWERTOOLS_LOG_LEVEL", "AWS_LAMBDA_FUNCTION_NAME"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OBSKIT_SERVICE", "checkout")
    monkeypatch.setenv("OBSKIT_ENV", "test")


def test_a_line_outside_an_invocation():
    with capture() as captured:
        obskit.logger.info("hello", amount=12, email="ann@example.com")

    assert captured.documents == [
        {
            "timestamp": IS_TIME,
            "level": "INFO",
            "message": "hello",
            "location": is_location("test_a_line_outside_an_invocation"),
            "service": "checkout",
            "env": "test",
            "amount": 12,
            "email": "[EMAIL]",
        }
    ]


def test_a_line_inside_an_invocation(monkeypatch):
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "checkout-fn")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "7")
    with capture() as captured:
        context.enter(
            context.Invocation(
                request_id="r-1",
                cold_start=True,
                xray_trace_id="1-2-3",
                correlation_id="c",
                caller_trace_id="d",
                tenant_id="t",
                service="other",
            )
        )
        try:
            obskit.get_logger("shop.cart").warning("hello")
        finally:
            context.leave()

    assert captured.documents == [
        {
            "timestamp": IS_TIME,
            "level": "WARN",
            "message": "hello",
            "location": is_location("test_a_line_inside_an_invocation"),
            "logger": "shop.cart",
            "service": "other",
            "env": "test",
            "function_name": "checkout-fn",
            "function_version": "7",
            "function_request_id": "r-1",
            "cold_start": True,
            "xray_trace_id": "1-2-3",
            "correlation_id": "c",
            "caller_trace_id": "d",
            "tenant_id": "t",
        }
    ]


@pytest.mark.parametrize(
    ("caller", "of_request", "ids"),
    [
        ("c", "", {"correlation_id": "c"}),
        ("c", "order", {"correlation_id": "order", "caller_trace_id": "c"}),
        ("d", "", {"correlation_id": "c", "caller_trace_id": "d"}),
        ("d", "order", {"correlation_id": "order", "caller_trace_id": "d"}),
        ("", "order", {"correlation_id": "order"}),
    ],
)
def test_the_trace_of_the_caller_is_said_where_no_other_id_says_it(caller, of_request, ids):
    with capture() as captured:
        context.enter(
            context.Invocation(request_id="r-1", correlation_id="c", caller_trace_id=caller, root=Span("root"))
        )
        try:
            with obskit.span("publish") as span:
                span.correlation_id = of_request
                obskit.logger.info("published")
        finally:
            context.leave()

    assert captured.documents == [
        {
            "timestamp": IS_TIME,
            "level": "INFO",
            "message": "published",
            "location": is_location("test_the_trace_of_the_caller_is_said_where_no_other_id_says_it"),
            "service": "checkout",
            "env": "test",
            "function_request_id": "r-1",
            "cold_start": False,
            "span_id": span.span_id,
            **ids,
        }
    ]


def test_levels_have_lambdas_names(monkeypatch):
    monkeypatch.setenv("OBSKIT_LOG_LEVEL", "DEBUG")
    with capture() as captured:
        obskit.logger.debug("a")
        obskit.logger.info("b")
        obskit.logger.warning("c")
        obskit.logger.error("d")
        obskit.logger.critical("e")
        obskit.logger.log("warning", "f")
        obskit.logger.log("Fatal", "g")

    assert [(line["level"], line["message"]) for line in captured.logs] == [
        ("DEBUG", "a"),
        ("INFO", "b"),
        ("WARN", "c"),
        ("ERROR", "d"),
        ("FATAL", "e"),
        ("WARN", "f"),
        ("FATAL", "g"),
    ]


def test_lines_below_the_level_are_not_written(monkeypatch):
    monkeypatch.setenv("AWS_LAMBDA_LOG_LEVEL", "WARN")
    with capture() as captured:
        obskit.logger.info("no")
        obskit.logger.error("yes")

    assert [line["message"] for line in captured.logs] == ["yes"]


def test_an_unknown_level_names_the_known_ones():
    with pytest.raises(ValueError, match="'LOUD' is not a level; it is one of TRACE, DEBUG, INFO, WARN, ERROR, FATAL"):
        obskit.logger.log("LOUD", "x")


def test_any_keyword_is_a_field():
    with capture() as captured:
        obskit.logger.info("m", name="n", args=(1,), self="s", exc_info=True, extra={"a": 1})

    assert (
        captured.logs[0] | {"name": "n", "args": [1], "self": "s", "exc_info": True, "extra": {"a": 1}}
        == (captured.logs[0])
    )


@pytest.mark.parametrize("key", sorted(RESERVED_LOG_KEYS))
def test_a_reserved_key_is_kept_beside_obskits_own(key):
    with capture() as captured:
        obskit.logger.info("m", **{key: "mine"})

    line = captured.logs[0]
    assert line[f"field_{key}"] == "mine"
    assert line["message"] == "m"
    assert line["level"] == "INFO"


def test_threads_write_whole_lines(tmp_path, monkeypatch):
    reader, writer = os.pipe()
    monkeypatch.setattr(output, "STDOUT", writer)
    config.reset()
    pieces = []
    drain = threading.Thread(target=lambda: pieces.extend(iter(lambda: os.read(reader, 4096), b"")))
    drain.start()
    with ThreadPoolExecutor(4) as pool:
        for _ in range(100):
            pool.submit(obskit.logger.info, "m", pad="x" * 20_000)
    os.close(writer)
    drain.join()
    os.close(reader)

    assert [json.loads(line)["message"] for line in b"".join(pieces).decode().splitlines()] == ["m"] * 100


def test_a_plain_bind_outlives_the_block_it_was_made_in():
    context.enter(context.Invocation())
    try:
        with capture() as captured:
            with obskit.span("a"):
                obskit.bind(order="o")
            obskit.logger.info("m")
    finally:
        context.leave()

    assert captured.logs[0]["order"] == "o"


def test_a_users_exception_field_is_kept_beside_obskits():
    with capture() as captured:
        try:
            raise LookupError("x")
        except LookupError:
            obskit.logger.exception("failed", exception="mine")

    assert captured.logs[0]["field_exception"] == "mine"
    assert captured.logs[0]["exception_name"] == "LookupError"


def test_a_renamed_key_never_replaces_another():
    with capture() as captured:
        obskit.logger.info("m", level="a", field_level="b")

    assert captured.logs[0]["field_level"] == "b"
    assert captured.logs[0]["field_field_level"] == "a"


def test_the_type_of_a_message_is_kept():
    with capture() as captured:
        for message in ("12345", 12345, {"a": 1}, None, "two\nlines"):
            obskit.logger.info(message)

    assert [line["message"] for line in captured.logs] == ["12345", 12345, {"a": 1}, None, "two\nlines"]


class Unprintable:
    def __str__(self):
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (("paid %s of %d", "o-1", 3), {"message": "paid o-1 of 3"}),
        (("to %(who)s", {"who": "ann@example.com"}), {"message": "to [EMAIL]"}),
        (("in by %(password)s", {"password": "hunter2"}), {"message": "in by [SECRET]"}),
        (("%(total).2f of %(n)d", {"total": 1.5, "n": 2, "phone": 1}), {"message": "1.50 of 2"}),
        (("by %(otp)d", {"otp": 4821}), {"message": "by %(otp)d", "args": [{"otp": "[SECRET]"}]}),
        (("password=%s", "hunter2"), {"message": "password=[SECRET]"}),
        (("got %s, %s", 1, {"password": "hunter2"}), {"message": "got 1, {'password': '[SECRET]'}"}),
        (("paid", "o-1"), {"message": "paid", "args": ["o-1"]}),
        (("50 % of %s and %s", "ann@example.com"), {"message": "50 % of %s and %s", "args": ["[EMAIL]"]}),
        (("see %s", Unprintable()), {"message": "see %s", "args": ["[UNREADABLE]"]}),
        ((12, 13), {"message": 12, "args": [13]}),
    ],
)
def test_arguments_are_put_in_as_standard_loggers_do(given, line):
    with capture() as captured:
        obskit.logger.info(*given)

    (found,) = captured.logs
    assert {key: found[key] for key in ("message", "args") if key in found} == line


def test_of_an_error_told_by_exc_info_the_stack_is_written():
    error = ValueError("no ann@example.com")
    with capture() as captured:
        try:
            raise error
        except ValueError:
            obskit.logger.error("failed", exc_info=True, order="o-1")
            obskit.logger.warning("failed", exc_info=sys.exc_info())
        obskit.logger.error("failed", exc_info=error)

    assert [line["exception"].splitlines()[-1] for line in captured.logs] == ["ValueError: no [EMAIL]"] * 3
    assert all("exc_info" not in line for line in captured.logs)
    assert captured.logs[0]["order"] == "o-1"


@pytest.mark.parametrize("given", [None, False, True, "soon", (None, None, None)])
def test_without_an_error_exc_info_is_a_field(given):
    with capture() as captured:
        obskit.logger.info("well", exc_info=given)

    (line,) = captured.logs
    assert line["exc_info"] == (list(given) if isinstance(given, tuple) else given)
    assert "exception" not in line


@pytest.mark.parametrize("asked", [True, 1])
def test_the_error_that_is_being_handled_is_told_by_exc_info(asked):
    with capture() as captured:
        try:
            raise LookupError("no such cart")
        except LookupError:
            obskit.logger.warning("failed", exc_info=asked)

    (line,) = captured.logs
    assert (line["level"], line["exception_name"], line.get("exc_info")) == ("WARN", "LookupError", None)
    assert line["exception"].endswith("LookupError: no such cart\n")


def test_exception_tells_type_text_and_stack_masked():
    with capture() as captured:
        try:
            raise LookupError("no buyer ann@example.com")
        except LookupError:
            obskit.logger.exception("failed", cart="c")

    line = captured.logs[0]
    assert line["level"] == "ERROR"
    assert line["cart"] == "c"
    assert line["exception_name"] == "LookupError"
    assert line["exception"].startswith("Traceback (most recent call last):")
    assert line["exception"].endswith("LookupError: no buyer [EMAIL]\n")


def test_exception_without_one_is_an_error_line():
    with capture() as captured:
        obskit.logger.exception("nothing happened")

    assert captured.logs[0]["level"] == "ERROR"
    assert "exception" not in captured.logs[0]


def test_a_long_stack_keeps_its_end_and_is_masked_before_it_is_cut():
    def deep(level):
        if level:
            deep(level - 1)
        raise LookupError("x" * 9000 + " 4242 4242 4242 4242")

    with capture() as captured:
        try:
            deep(5)
        except LookupError as error:
            obskit.logger.error("failed", **logs.describe(error, error.__traceback__))

    assert captured.logs[0]["exception"].endswith("xxx [CARD]\n")
    assert len(captured.logs[0]["exception"]) == 8192


def test_bound_fields_are_on_the_lines_inside():
    with capture() as captured:
        with obskit.bind(order="o", email="ann@example.com"):
            obskit.logger.info("in", step=1)
            with obskit.bind(order="p"):
                obskit.logger.info("deeper")
        obskit.logger.info("out")

    fields = [{key: line.get(key) for key in ("order", "email", "step")} for line in captured.logs]
    assert fields == [
        {"order": "o", "email": "[EMAIL]", "step": 1},
        {"order": "p", "email": "[EMAIL]", "step": None},
        {"order": None, "email": None, "step": None},
    ]


def test_a_line_over_the_limit_says_what_was_left_out():
    with capture() as captured:
        obskit.logger.error("big", rows=["é" * 1000] * 700)

    line = captured.logs[0]
    assert len(captured.text.encode()) < LOG_EVENT_BYTES
    assert line["message"] == "big"
    assert line["level"] == "ERROR"
    assert "rows" not in line
    assert line["obskit_cut"].startswith("the line had 1")


def test_a_line_at_the_limit_is_whole():
    with capture() as captured:
        obskit.logger.info("m", pad="")
        spare = LOG_EVENT_BYTES - len(captured.text.encode())
        obskit.logger.info("m", pad="x" * spare)
        obskit.logger.info("m", pad="x" * (spare + 1))

    at_limit, beyond = captured.logs[1:]
    assert at_limit["pad"] == "x" * spare
    assert "pad" not in beyond
    assert "obskit_cut" in beyond


def test_an_object_that_breaks_while_read_does_not_break_the_handler():
    class Broken:
        @property  # type: ignore[misc]  # the point of the test
        def __class__(self):
            raise RuntimeError

    with capture() as captured:
        obskit.logger.info("m", broken=Broken())

    assert captured.logs[0]["broken"] == "[UNREADABLE]"


@given(
    message=st.text() | st.binary() | st.floats(),
    fields=st.dictionaries(
        st.text(), st.none() | st.floats() | st.text() | st.binary() | st.lists(st.text()), max_size=5
    ),
)
def test_every_line_is_one_document(message, fields):
    with capture() as captured:
        obskit.logger.info(message, **fields)

    assert len(captured.documents) == 1
    assert captured.documents[0]["level"] == "INFO"


def test_a_fault_of_obskit_is_told_once_and_counted():
    with capture() as captured:
        output.fault("here", ValueError("ann@example.com"))
        output.fault("here", ValueError("ann@example.com"))

        assert output.faults() == {"here": 2}

    assert captured.documents == [
        {
            "timestamp": IS_TIME,
            "level": "WARN",
            "message": "obskit: telemetry fault",
            "obskit_fault": "here",
            "reason": "ValueError",
        }
    ]


def test_the_name_of_a_logger_is_bounded():
    with capture() as captured:
        obskit.get_logger("n" * 300).info("hello")

    assert captured.logs[0]["logger"] == "n" * 256


def test_lines_are_not_escaped_beyond_need():
    with capture() as captured:
        obskit.logger.info('é "quoted" \u2028')

    assert '"message":"é \\"quoted\\" \u2028"' in captured.text
    assert json.loads(captured.text)["message"] == 'é "quoted" \u2028'


def test_the_place_of_each_line_is_its_own_however_often_and_from_however_much_code(monkeypatch):
    """Places are remembered; code that is gone leaves its address to another."""
    monkeypatch.setattr(logs, "_places", {})
    monkeypatch.setattr(logs, "_MOST_PLACES", 100)
    with capture() as written:
        for number in range(200):  # more than are remembered
            names: dict[str, object] = {"log": logs.logger.info}
            exec(f"def at_{number}():{chr(10) * (number % 7 + 1)}  log('a'); log('b')\n  log('c')", names)
            function = names[f"at_{number}"]
            function()
            function()
            del function
            names.clear()  # and with it the code
    expected = [
        f"at_{number}:{line + number % 7}" for number in range(200) for _ in ("first", "second") for line in (2, 2, 3)
    ]

    assert [line["location"] for line in written.logs] == expected
    assert len(logs._places) == 100
