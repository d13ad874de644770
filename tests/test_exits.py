"""A function that leaks by every exit of its process leaks by none once obskit is there; under the real client."""

import json
import re
import socket

import pytest
from dirty_equals import IsPartialDict, IsStr

from obskit.testing.awslambda.environment import Function
from obskit.testing.awslambda.runtime import LambdaRuntime
from tests.helpers import IS_SPAN_ID, IS_TIME, XRAY_HEADER, XRAY_ROOT
from tests.parts import ROOT, require

LEAKING = ROOT / "tests" / "exits"
WAYS = re.findall(r"^def (by_\w+)", (LEAKING / "leaking.py").read_text(), re.MULTILINE)
EMAIL, CARD = "ann@example.com", "4111 1111 1111 1111"
PERSONAL = (EMAIL, CARD)
TOLD = {"OBSKIT_ENV": "test", "OBSKIT_METRICS_NAMESPACE": "Shop", "OBSKIT_SERVICE_METRICS": "off"}

DECORATED = """
import leaking  # before obskit: it takes hold of the streams
import obskit

handler = obskit.instrument(leaking.handler)
"""


class Running:
    """A function that runs, and a daemon for its spans."""

    def __init__(self, runtime, daemon):
        self.runtime = runtime
        self.daemon = daemon

    def invoke(self, way):
        return self.runtime.invoke({"way": way, "email": EMAIL, "card": CARD}, trace_header=XRAY_HEADER)

    def sent(self):
        datagrams = []
        while True:
            try:
                datagrams.append(self.daemon.recv(70_000).decode())
            except BlockingIOError:
                return datagrams


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """Start a function once for each form (alone, decorated, or wrapped by the layer's script) and its variables."""
    require("awslambdaric")
    decorated = tmp_path_factory.mktemp("code")
    (decorated / "app.py").write_text(DECORATED)
    started = {}

    def start(form, **variables):
        key = (form, *variables.items())
        if key not in started:
            daemon = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            daemon.bind(("127.0.0.1", 0))
            daemon.setblocking(False)
            address = "127.0.0.1:{1}".format(*daemon.getsockname())
            told = {**TOLD, "AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_XRAY_DAEMON_ADDRESS": address, **variables}
            function = {
                "alone": Function("leaking.handler", LEAKING, env=told),
                "decorated": Function("app.handler", decorated, env={**told, "PYTHONPATH": str(LEAKING)}),
                "wrapped": Function("leaking.handler", LEAKING, env=told, wrapper=ROOT / "layer" / "obskit"),
            }[form]
            started[key] = Running(LambdaRuntime(function), daemon)
        return started[key]

    yield start
    for each in started.values():
        each.runtime.stop()
        each.daemon.close()


def everything(outcome, datagrams=()):
    """Return all that left the process: streams, what was posted to the Runtime API with its headers, UDP."""
    posted = [json.dumps(part, ensure_ascii=False) for part in (outcome.payload, outcome.error, dict(outcome.headers))]
    return "\n".join([*outcome.lines, *posted, *datagrams])


def leaked(text):
    return [value for value in PERSONAL if value in text]


def documents(outcome):
    return [json.loads(line) for line in outcome.lines]


@pytest.mark.parametrize("way", WAYS)
def test_without_obskit_it_leaks(running, way):
    assert leaked(everything(running("alone").invoke(way))) != []


@pytest.mark.parametrize("log_format", ["JSON", "Text"])
@pytest.mark.parametrize("form", ["decorated", "wrapped"])
@pytest.mark.parametrize("way", WAYS)
def test_with_obskit_it_leaks_nothing(running, form, log_format, way):
    function = running(form, AWS_LAMBDA_LOG_FORMAT=log_format)

    outcome = function.invoke(way)
    text = everything(outcome, function.sent())

    assert leaked(text) == []
    assert "[EMAIL]" in text  # it was said, masked
    assert "[CARD]" in text


def test_the_error_of_an_instrumented_handler_is_masked_in_each_place_it_goes_to(running):
    function = running("wrapped")
    function.sent()

    outcome = function.invoke("by_source_line")

    (span,) = function.sent()
    assert outcome.error == IsPartialDict(errorType="ValueError", errorMessage="call [EMAIL], card [CARD]")
    assert outcome.error["stackTrace"][-1] == (
        f'  File "{LEAKING}/leaking.py", line {line_of("by_source_line")}, in by_source_line\n'
        '    raise ValueError("call [EMAIL], card [CARD]")\n'
    )
    assert outcome.xray_cause["exceptions"] == [IsPartialDict(message="call [EMAIL], card [CARD]", type="ValueError")]
    assert json.loads(span.split("\n")[1])["fault"] is True


def line_of(function):
    """Return the line of the one statement of *function* in the code that leaks."""
    lines = (LEAKING / "leaking.py").read_text().split("\n")
    return lines.index(f"def {function}(email, card):") + 2


SAME = [
    way for way in WAYS if not re.search("logger|logged|argument|message|stack|queue|task|error|line|captured", way)
]


@pytest.mark.parametrize("way", [way for way in SAME if way not in ("by_exit", "by_finalizer", "by_pretty_json")])
def test_what_is_harmless_comes_out_as_it_was(running, way):
    """Streams only: what goes through `logging` becomes lines of obskit's."""
    event = {"way": way, "email": "c-1", "card": "o-2"}

    outcomes = [running(form).runtime.invoke(event) for form in ("alone", "wrapped")]

    alone, wrapped = (list(outcome.lines) for outcome in outcomes)
    assert alone
    assert alone == wrapped


def test_a_record_of_logging_is_a_line_with_the_keys_of_obskits_logger(running):
    outcome = running("wrapped").invoke("by_named_logger")

    (line,) = documents(outcome)
    assert line == {
        "timestamp": IS_TIME,
        "level": "ERROR",
        "message": "paid",
        "location": f"by_named_logger:{line_of('by_named_logger')}",
        "service": "function",
        "env": "test",
        "function_name": "function",
        "function_version": "$LATEST",
        "function_request_id": outcome.request_id,
        "cold_start": line["cold_start"],
        "xray_trace_id": XRAY_ROOT,
        "correlation_id": IsStr(regex="[0-9a-f]{32}"),
        "span_id": IS_SPAN_ID,
        "logger": "shop.checkout",
        "email": "[EMAIL]",
        "paid_with": "[CARD]",
    }


def test_an_exception_in_a_record_has_its_chain_and_notes(running):
    (line,) = documents(running("wrapped").invoke("by_logged_exception"))

    assert line["exception_name"] == "ValueError"
    assert "KeyError: '[EMAIL]'\ncard [CARD]\n\nThe above exception was the direct cause" in line["exception"]
    assert line["exception"].endswith("ValueError: no customer [EMAIL]\n")


def test_a_stack_in_a_record_is_a_field(running):
    (line,) = documents(running("wrapped").invoke("by_stack_info"))

    assert line["stack_info"].startswith("Stack (most recent call last):\n")


def test_emf_of_another_library_stays_emf(running):
    (line,) = running("wrapped").invoke("by_emf_of_another_library").lines

    assert line == (
        '{"_aws": {"Timestamp": 1, "CloudWatchMetrics": [{"Namespace": "Other", "Dimensions": [["user"]],'
        ' "Metrics": [{"Name": "Sold", "Unit": "Count"}]}]}, "user": "[EMAIL]", "note": "[CARD]", "Sold": 1}'
    )


def test_a_format_that_the_user_has_set_on_the_clients_handler_is_kept(running):
    assert list(running("wrapped").invoke("by_a_format_of_its_own").lines) == ["WARNING:paid by [EMAIL] with [CARD]"]


def test_half_a_line_before_the_exit_comes_out(running):
    assert running("wrapped").invoke("by_exit_in_mid_line").lines[-1] == "[EMAIL] [CARD]"


def test_the_exits_can_be_switched_off_and_the_error_is_still_masked(running):
    function = running("wrapped", OBSKIT_EXITS="off")

    assert leaked(everything(function.invoke("by_print"))) == list(PERSONAL)
    assert leaked(everything(function.invoke("by_root_logger"))) == list(PERSONAL)
    assert leaked(everything(function.invoke("by_error"))) == []


@pytest.mark.parametrize("way", ["by_root_logger", "by_error", "by_source_line", "by_a_format_of_its_own"])
def test_lambdas_own_channel_for_logs_leaks_nothing(running, way):
    """Lambda gives the client a descriptor for framed log events beside the streams; here it is that of stderr."""
    alone, wrapped = (running(form, _LAMBDA_TELEMETRY_LOG_FD="2") for form in ("alone", "wrapped"))

    assert leaked(everything(alone.invoke(way))) == list(PERSONAL)
    assert leaked(everything(wrapped.invoke(way))) == []


EARLY = """
import leaking
for way in {ways}:
    getattr(leaking, way)({email!r}, {card!r})
def handler(event, context): pass
"""


def test_what_leaks_while_the_function_is_loaded_leaks_nothing(tmp_path):
    require("awslambdaric")
    ways = [way for way in WAYS if not re.search("exit|error|source", way)]
    (tmp_path / "app.py").write_text(EARLY.format(ways=ways, email=EMAIL, card=CARD))
    told = {**TOLD, "PYTHONPATH": str(LEAKING)}
    texts = []
    for wrapper in (None, ROOT / "layer" / "obskit"):
        with LambdaRuntime(Function("app.handler", tmp_path, env=told, wrapper=wrapper)) as runtime:
            texts.append(everything(runtime.invoke({})))

    alone, wrapped = texts
    assert alone.count(EMAIL) >= len(ways)
    assert leaked(wrapped) == []
    assert wrapped.count("[EMAIL]") >= len(ways)


LEVELS = """
import logging
import obskit
@obskit.instrument
def handler(event, context):
    logging.getLogger().setLevel(event["level"])
    logging.debug("debug")
    logging.info("info")
    logging.warning("warning")
    logging.log(35, "thirty-five")
    logging.critical("critical")
"""


@pytest.mark.parametrize(
    ("variables", "level", "said"),
    [
        ({}, "WARNING", ["WARN warning", "WARN thirty-five", "FATAL critical"]),
        ({}, "DEBUG", ["DEBUG debug", "INFO info", "WARN warning", "WARN thirty-five", "FATAL critical"]),
        ({"OBSKIT_LOG_LEVEL": "ERROR"}, "DEBUG", ["FATAL critical"]),
    ],
)
def test_the_loggers_level_decides_unless_obskit_has_one_of_its_own(tmp_path, variables, level, said):
    require("awslambdaric")
    (tmp_path / "app.py").write_text(LEVELS)
    with LambdaRuntime(Function("app.handler", tmp_path, env={**TOLD, **variables})) as runtime:
        outcome = runtime.invoke({"level": level})

    assert [f"{line['level']} {line['message']}" for line in documents(outcome)] == said


WAITING = """
import logging
import obskit
logging.getLogger().setLevel(logging.DEBUG)
@obskit.instrument(buffer_debug=True)
def handler(event, context):
    logging.debug("cart of %s", event["email"])
    if event["fails"]:
        logging.error("failed")
"""


@pytest.mark.parametrize(("fails", "said"), [(False, []), (True, ["cart of [EMAIL]", "failed"])])
def test_records_below_the_level_wait_for_an_error_where_lines_do(tmp_path, fails, said):
    require("awslambdaric")
    (tmp_path / "app.py").write_text(WAITING)
    with LambdaRuntime(Function("app.handler", tmp_path, env=TOLD)) as runtime:
        outcome = runtime.invoke({"email": EMAIL, "fails": fails})

    assert [line["message"] for line in documents(outcome)] == said


SLOW = """
import threading
import obskit
@obskit.instrument
def handler(event, context):
    print("asking for", event["email"], end=" ... ")
    threading.Event().wait(60)
"""


def test_half_a_line_is_out_before_a_timeout(tmp_path):
    require("awslambdaric")
    (tmp_path / "app.py").write_text(SLOW)
    with LambdaRuntime(Function("app.handler", tmp_path, env=TOLD)) as runtime:
        outcome = runtime.invoke({"email": EMAIL}, deadline_ms=3000)

    assert outcome.error == IsPartialDict(errorType="Sandbox.Timedout")
    assert "asking for [EMAIL] ... " in outcome.lines


def test_lambdas_level_reaches_the_records_of_logging(tmp_path):
    require("awslambdaric")
    (tmp_path / "app.py").write_text(LEVELS.replace('    logging.getLogger().setLevel(event["level"])\n', ""))
    told = {**TOLD, "AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO"}
    with LambdaRuntime(Function("app.handler", tmp_path, env=told)) as runtime:
        outcome = runtime.invoke({})

    assert [line["message"] for line in documents(outcome)] == ["info", "warning", "thirty-five", "critical"]


def test_arguments_that_do_not_fit_are_told_and_break_nothing(tmp_path):
    require("awslambdaric")
    code = "import logging, obskit\n@obskit.instrument\ndef handler(event, context):\n    logging.error('n %d', 'x')\n"
    (tmp_path / "app.py").write_text(code)
    with LambdaRuntime(Function("app.handler", tmp_path, env=TOLD)) as runtime:
        outcome = runtime.invoke({})

    fault, line = documents(outcome)
    assert outcome.error is None
    assert fault == IsPartialDict(level="WARN", obskit_fault="logging", reason="TypeError")
    assert line == IsPartialDict(level="ERROR", message="n %d", args="[UNREADABLE]")


@pytest.mark.parametrize("kind", ["async def", "def"])
def test_a_handler_that_is_left_alone_has_its_exits_masked(tmp_path, kind):
    require("awslambdaric")
    (tmp_path / "app.py").write_text(
        f"import obskit\n@obskit.instrument\n{kind} other(event, context):\n    yield\n"
        "def handler(event, context):\n    print(event)\n"
    )
    with LambdaRuntime(Function("app.handler", tmp_path, env=TOLD)) as runtime:
        outcome = runtime.invoke({"email": EMAIL})

    told, printed = outcome.lines
    assert "other is a coroutine or a generator: it runs without obskit" in told
    assert printed == "{'email': '[EMAIL]'}"


def test_a_forked_child_masks_too_and_repeats_nothing(tmp_path):
    require("awslambdaric")
    (tmp_path / "app.py").write_text(
        "import os, logging, obskit\n"
        "@obskit.instrument\n"
        "def handler(event, context):\n"
        "    print('parent', event['email'], end=' ')\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        print('child', event['email'])\n"
        "        logging.warning(event['email'])\n"
        "        os._exit(0)\n"
        "    os.waitpid(child, 0)\n"
        "    print('again')\n"
    )
    with LambdaRuntime(Function("app.handler", tmp_path, env=TOLD)) as runtime:
        outcome = runtime.invoke({"email": EMAIL})

    child, record, parent = outcome.lines
    assert (child, json.loads(record)["message"], parent) == ("child [EMAIL]", "[EMAIL]", "parent [EMAIL] again")
