"""Lines below the level: written when there is an error, for requests that are sampled, and else never."""

import json

import pytest

import obskit
from obskit import config, context, logs
from obskit.testing import LambdaContext, appsync_event, capture
from obskit.testing.awslambda import log_filter
from tests.helpers import TRACEPARENT


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("OBSKIT_SERVICE", "checkout")
    monkeypatch.setenv("OBSKIT_ENV", "test")
    monkeypatch.delenv("_X_AMZN_TRACE_ID", raising=False)


def pay(event, context):
    obskit.logger.debug("asked", buyer="ann@example.com")
    obskit.logger.info("paying")
    obskit.logger.debug("answered")
    if event.get("log_error"):
        obskit.logger.error("declined")
        obskit.logger.debug("afterwards")
    if event.get("raise"):
        raise LookupError("no such card")
    return "paid"


keeping = obskit.instrument(buffer_debug=True)(pay)
plain = obskit.instrument(pay)


def messages(captured):
    return [(line["level"], line["message"]) for line in captured.logs]


def test_without_an_error_they_are_forgotten():
    with capture() as captured:
        keeping({}, LambdaContext())
        keeping({}, LambdaContext())

    assert messages(captured) == [("INFO", "paying")] * 2


def test_an_error_line_brings_those_before_and_lets_those_after_wait_again():
    with capture() as captured:
        keeping({"log_error": True}, LambdaContext())

    assert messages(captured) == [
        ("INFO", "paying"),
        ("DEBUG", "asked"),
        ("DEBUG", "answered"),
        ("ERROR", "declined"),
    ]
    assert captured.logs[1]["buyer"] == "[EMAIL]"
    times = [line["timestamp"] for line in captured.logs]
    assert times[1] <= times[0]  # each has the time at which it was said


def test_an_exception_brings_them():
    with capture() as captured, pytest.raises(LookupError):
        keeping({"raise": True}, LambdaContext())

    assert [message for _, message in messages(captured)] == ["paying", "asked", "answered", "invocation failed"]


def test_the_variable_does_the_same(monkeypatch):
    monkeypatch.setenv("OBSKIT_BUFFER_DEBUG", "on")
    with capture() as captured, pytest.raises(LookupError):
        plain({"raise": True}, LambdaContext())

    assert ("DEBUG", "asked") in messages(captured)


def test_tracing_is_not_needed(monkeypatch):
    monkeypatch.setenv("OBSKIT_TRACES", "off")
    with capture() as captured, pytest.raises(LookupError):
        keeping({"raise": True}, LambdaContext())

    assert ("DEBUG", "asked") in messages(captured)


def test_without_either_they_are_not_even_made():
    with capture() as captured, pytest.raises(LookupError):
        plain({"raise": True}, LambdaContext())

    assert messages(captured) == [("INFO", "paying"), ("ERROR", "invocation failed")]


def test_one_invocation_that_keeps_them_does_not_make_the_next_do_so():
    with capture() as captured:
        keeping({}, LambdaContext())
        with pytest.raises(LookupError):
            plain({"raise": True}, LambdaContext())
        obskit.logger.debug("outside")

    assert [level for level, _ in messages(captured)] == ["INFO", "INFO", "ERROR"]


def test_the_oldest_make_room_and_are_counted(monkeypatch):
    monkeypatch.setattr(logs, "_MOST_WAITING", 2000)

    @obskit.instrument(buffer_debug=True)
    def chatty(event, context):
        for number in range(100):
            obskit.logger.debug("line", number=number)
        obskit.logger.error("now")

    with capture() as captured:
        chatty({}, LambdaContext())

    lost, *kept, error = captured.logs
    numbers = [line["number"] for line in kept]
    assert numbers == list(range(100 - len(numbers), 100))
    assert 2 <= len(numbers) < 10
    assert (lost["level"], lost["message"]) == (
        "WARN",
        f"obskit: {100 - len(numbers)} lines below the level were lost; 2000 characters wait at the most",
    )
    assert error["message"] == "now"


def test_a_line_that_is_longer_than_all_that_may_wait_is_there_all_the_same(monkeypatch):
    monkeypatch.setattr(logs, "_MOST_WAITING", 2000)

    @obskit.instrument(buffer_debug=True)
    def verbose(event, context):
        obskit.logger.debug("before")
        obskit.logger.debug("x" * 3000)
        obskit.logger.error("now")

    with capture() as captured:
        verbose({}, LambdaContext())

    lost, long, error = [line["message"] for line in captured.logs]
    assert lost.startswith("obskit: 1 lines below the level were lost")
    assert (long, error) == ("x" * 3000, "now")


def test_what_is_below_debug_does_not_wait():
    @obskit.instrument(buffer_debug=True)
    def handler(event, context):
        obskit.logger.log("TRACE", "each byte")
        obskit.logger.debug("asked")
        obskit.logger.error("declined")

    with capture() as captured:
        handler({}, LambdaContext())

    assert messages(captured) == [("DEBUG", "asked"), ("ERROR", "declined")]


def test_an_invocation_that_ends_takes_no_debug_lines_from_one_that_still_runs():
    with capture() as captured:
        first, second = context.Invocation("r-1"), context.Invocation("r-2")
        for invocation in (first, second):
            logs.begin(invocation, keep_debug=True)
        logs.end(second)
        context.enter(first)
        obskit.logger.debug("asked")
        obskit.logger.error("declined")
        context.leave(first)
        logs.end(first)

    assert messages(captured) == [("DEBUG", "asked"), ("ERROR", "declined")]


@pytest.mark.parametrize(("rate", "keep_debug"), [("1", False), ("0", True)])
def test_after_the_last_one_that_wants_them_lines_below_the_level_are_not_looked_at(monkeypatch, rate, keep_debug):
    monkeypatch.setenv("OBSKIT_DEBUG_SAMPLE_RATE", rate)
    with capture():
        invocation = context.Invocation("r-1")
        logs.begin(invocation, keep_debug=keep_debug)
        assert logs._threshold == config.LEVELS["DEBUG"]
        logs.end(invocation)

        assert logs._threshold == config.LEVELS["INFO"]


@pytest.mark.parametrize(("rate", "sampled"), [("0", 0), ("0.25", 250), ("1", 1000)])
def test_a_share_of_requests_is_sampled(monkeypatch, rate, sampled):
    monkeypatch.setenv("OBSKIT_DEBUG_SAMPLE_RATE", rate)
    config.reset()
    seen = 0
    for number in range(1000):
        invocation = context.Invocation(correlation_id=f"{number:032x}")
        logs.begin(invocation, keep_debug=False)
        seen += invocation.level == config.LEVELS["DEBUG"]
        logs.end(invocation)
    config.reset()
    logs.reset()

    assert seen == pytest.approx(sampled, abs=50)


def test_all_functions_of_a_request_decide_alike(monkeypatch):
    monkeypatch.setenv("OBSKIT_DEBUG_SAMPLE_RATE", "0.5")

    @obskit.instrument(service="search")
    def other(event, context):
        obskit.logger.debug("asked")

    decisions = set()
    for number in range(40):
        event = appsync_event(headers={"traceparent": TRACEPARENT, "x-correlation-id": f"c-{number}"})
        with capture() as captured:
            other(event, LambdaContext())
            one = len(captured.logs)
            plain(event, LambdaContext())
            decisions.add((one, len(captured.logs) - one))

    assert decisions == {(0, 1), (1, 3)}


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"AWS_LAMBDA_LOG_LEVEL": "WARN"}, ["AWS_LAMBDA_LOG_LEVEL is WARN. Lambda drops metrics then"]),
        (
            {"AWS_LAMBDA_LOG_LEVEL": "INFO", "OBSKIT_DEBUG_SAMPLE_RATE": "0.1"},
            ["AWS_LAMBDA_LOG_LEVEL is INFO. Lambda drops debug lines then. Set it to DEBUG."],
        ),
        ({"OBSKIT_BUFFER_DEBUG": "on"}, ["AWS_LAMBDA_LOG_LEVEL is INFO. Lambda drops debug lines then."]),
        ({"AWS_LAMBDA_LOG_LEVEL": "DEBUG", "OBSKIT_BUFFER_DEBUG": "on"}, []),
        ({"AWS_LAMBDA_LOG_LEVEL": "WARN", "AWS_LAMBDA_LOG_FORMAT": "Text"}, []),
        ({"OBSKIT_DEBUG_SAMPLE_RATE": "2"}, ["OBSKIT_DEBUG_SAMPLE_RATE is '2'; it is a share between 0 and 1"]),
        ({"OBSKIT_BUFFER_DEBUG": "maybe"}, ["OBSKIT_BUFFER_DEBUG is 'maybe'; it is 'on' or 'off'. Using 'off'."]),
        ({"OBSKIT_TIMEOUT_MARGIN_MS": "1s"}, ["OBSKIT_TIMEOUT_MARGIN_MS is '1s'; it is a number of milliseconds"]),
    ],
)
def test_what_lambda_would_drop_is_told(variables, told):
    problems = config.Settings({"AWS_LAMBDA_LOG_FORMAT": "JSON", **variables}).problems

    assert len(problems) == len(told)
    for problem, words in zip(problems, told, strict=True):
        assert problem.startswith(words)


def test_the_decorators_own_wish_is_looked_at_too(monkeypatch):
    monkeypatch.setenv("AWS_LAMBDA_LOG_FORMAT", "JSON")
    monkeypatch.setenv("AWS_LAMBDA_LOG_LEVEL", "INFO")
    monkeypatch.setenv("OBSKIT_LOG_LEVEL", "INFO")
    with capture() as captured, pytest.raises(LookupError):
        keeping({"raise": True}, LambdaContext())

    (told,) = [line for line in captured.logs if "obskit_fault" in line]
    assert told["reason"] == "AWS_LAMBDA_LOG_LEVEL is INFO. Lambda drops debug lines then. Set it to DEBUG."
    lines = captured.text.splitlines()
    passed = [json.loads(line).get("message") for line in lines if log_filter.passes(line, "INFO")]
    assert "asked" not in passed  # the loss that it tells of
