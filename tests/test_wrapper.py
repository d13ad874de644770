"""Zero code: `AWS_LAMBDA_EXEC_WRAPPER=/opt/obskit` under the real Lambda client."""

import json
import os
import subprocess
import sys

import pytest
from dirty_equals import IsPartialDict, IsStr

from obskit.testing.awslambda.environment import Function
from obskit.testing.awslambda.runtime import LambdaRuntime
from tests.helpers import IS_SPAN_ID, IS_TIME, XRAY_HEADER, XRAY_ROOT
from tests.parts import ROOT, require

SCRIPT = ROOT / "layer" / "obskit"
EMAIL, CARD = "ann@example.com", "4111 1111 1111 1111"
TOLD = {"OBSKIT_ENV": "test", "OBSKIT_METRICS_NAMESPACE": "Shop", "OBSKIT_SERVICE_METRICS": "off"}


@pytest.fixture
def run(tmp_path):
    """Run *code*, files by name, once: `run(handler, code, wrapper=…)`."""
    require("awslambdaric")

    def run(handler, code, *, wrapper=SCRIPT, event=None, **variables):
        for name, text in code.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        function = Function(handler, tmp_path, env={**TOLD, **variables}, wrapper=wrapper)
        with LambdaRuntime(function) as runtime:
            return runtime.invoke(event or {}, trace_header=XRAY_HEADER)

    return run


def everything(outcome):
    posted = [json.dumps(part, ensure_ascii=False) for part in (outcome.payload, outcome.error, dict(outcome.headers))]
    return "\n".join([*outcome.lines, *posted])


def leaked(outcome):
    return [value for value in (EMAIL, CARD) if value in everything(outcome)]


PLAIN = """
import logging
def handler(event, context):
    logging.getLogger("shop").warning("order of %s", event["email"])
    return {"order": 1}
"""


def test_a_function_that_has_never_heard_of_obskit_is_instrumented(run):
    outcome = run("app.handler", {"app.py": PLAIN}, event={"email": EMAIL})

    (line,) = map(json.loads, outcome.lines)
    assert outcome.payload == {"order": 1}
    assert line == {
        "timestamp": IS_TIME,
        "level": "WARN",
        "message": "order of [EMAIL]",
        "location": "handler:4",
        "service": "function",
        "env": "test",
        "function_name": "function",
        "function_version": "$LATEST",
        "function_request_id": outcome.request_id,
        "cold_start": True,
        "xray_trace_id": XRAY_ROOT,
        "correlation_id": IsStr(regex="[0-9a-f]{32}"),
        "span_id": IS_SPAN_ID,
        "logger": "shop",
    }


@pytest.mark.parametrize("handler", ["shop/orders.handler", "shop.orders.handler"])
def test_a_handler_in_a_package_is_found_as_the_client_finds_it(run, handler):
    assert run(handler, {"shop/orders.py": "def handler(event, context): return 'found'"}).payload == "found"


FAILING = {
    "no module": ("gone.handler", ""),
    "a module that lacks a module": ("app.handler", "import gone_too"),
    "a module that lacks a name": ("app.handler", "from json import gone"),
    "an import error of its own": ("app.handler", f"raise ImportError('{EMAIL} {CARD}')"),
    "a syntax error": ("app.handler", f"a = 1\nb = '{EMAIL} {CARD}' oops\n"),
    "no function": ("app.gone", ""),
    "no dot": ("app", ""),
    "a built-in module": ("sys.exit", ""),
    "a module below a built-in one": ("sys.path.exit", ""),
    "an error of its own": (
        "app.handler",
        f"class Declined(Exception): pass\n\ndef start():\n    raise Declined('{EMAIL} {CARD}')\n\nstart()",
    ),
    "an error with a cause": (
        "app.handler",
        f"try:\n    int('{CARD}')\nexcept ValueError as error:\n    raise LookupError('{EMAIL}') from error\n",
    ),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_function_that_cannot_be_loaded_fails_as_under_the_client_alone_and_leaks_nothing(run, name):
    handler, code = FAILING[name]

    alone = run(handler, {"app.py": code}, wrapper=None)
    wrapped = run(handler, {"app.py": code})

    def masked(text):
        return text.replace(EMAIL, "[EMAIL]").replace(CARD, "[CARD]")

    stack = list(map(masked, alone.error["stackTrace"]))
    of_the_function = [line for line in stack if "/app.py" in line]
    assert leaked(wrapped) == []
    assert wrapped.error == {
        **{key: masked(value) for key, value in alone.error.items() if key != "stackTrace"},
        "stackTrace": wrapped.error["stackTrace"],
    }
    assert [line for line in wrapped.error["stackTrace"] if "/app.py" in line] == of_the_function
    assert wrapped.headers["lambda-runtime-function-error-type"] == alone.headers["lambda-runtime-function-error-type"]


@pytest.mark.parametrize("name", ["an import error of its own", "a syntax error", "an error of its own"])
def test_without_obskit_these_leak(run, name):
    handler, code = FAILING[name]

    assert leaked(run(handler, {"app.py": code}, wrapper=None)) == [EMAIL, CARD]


def test_what_the_client_does_not_show_of_a_failed_load_is_in_a_line(run):
    handler, code = FAILING["an error with a cause"]

    first = json.loads(run(handler, {"app.py": code}).lines[0])

    assert first == IsPartialDict(
        level="ERROR", message="the function could not be loaded", location="<module>:4", exception_name="LookupError"
    )
    assert "[CARD]" in first["exception"]
    assert first["exception"].endswith("LookupError: [EMAIL]\n")


def test_an_exit_while_it_is_loaded_leaks_nothing(run):
    outcome = run("app.handler", {"app.py": f"import sys\nsys.exit('{EMAIL} {CARD}')"})

    assert outcome.error == IsPartialDict(errorType="Runtime.ExitError")
    assert leaked(outcome) == []
    assert list(outcome.lines) == ["[EMAIL] [CARD]"]


def test_half_a_line_before_an_exit_while_it_is_loaded_comes_out(run):
    outcome = run("app.handler", {"app.py": f"import sys\nprint('{EMAIL}', end='')\nsys.exit(3)"})

    assert list(outcome.lines) == ["[EMAIL]"]


DECORATED = """
import functools
import obskit

def outer(function):
    @functools.wraps(function)
    def inner(*args):
        return function(*args)
    return inner

@outer
@obskit.instrument(service="orders")
def handler(event, context):
    obskit.logger.info("said")
"""


@pytest.mark.parametrize("code", [DECORATED, DECORATED.replace("@outer\n", "")])
def test_a_handler_that_is_decorated_already_is_not_instrumented_twice(run, code):
    (line,) = map(json.loads, run("app.handler", {"app.py": code}).lines)

    assert line == IsPartialDict(message="said", service="orders")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("handler = 5", "TypeError"),
        ("async def handler(event, context): return 1", "Runtime.MarshalError"),
        ("def handler(event, context): yield 1", "Runtime.MarshalError"),
    ],
)
def test_what_cannot_be_instrumented_fails_or_runs_as_it_does_alone(run, code, error):
    alone = run("app.handler", {"app.py": f"print('{EMAIL}')\n{code}"}, wrapper=None)
    wrapped = run("app.handler", {"app.py": f"print('{EMAIL}')\n{code}"})

    assert alone.error["errorType"] == wrapped.error["errorType"] == error
    assert wrapped.error["errorMessage"].split(" at 0x")[0] == alone.error["errorMessage"].split(" at 0x")[0]
    assert leaked(wrapped) == []


POWERTOOLS = {
    "aws_lambda_powertools.py": "",
    "app.py": "import aws_lambda_powertools\ndef handler(event, context): return 'ran'",
}


def test_what_only_has_the_name_of_powertools_is_told_and_the_function_runs(run):
    outcome = run("app.handler", POWERTOOLS)

    assert outcome.payload == "ran"
    assert [json.loads(line) for line in outcome.lines] == [
        {
            "timestamp": IS_TIME,
            "level": "WARN",
            "message": "obskit: telemetry fault",
            "obskit_fault": "powertools",
            "reason": "MissingExtraError",
        }
    ]


REAL_POWERTOOLS = """
from aws_lambda_powertools import Logger, Metrics
logger, metrics = Logger(service="shop"), Metrics(namespace="Shop", service="shop")

@logger.inject_lambda_context(log_event=True)
@metrics.log_metrics
def handler(event, context):
    logger.info("order", customer=event["email"])
    metrics.add_metadata("card", event["card"])
    metrics.add_metric(name="Orders", unit="Count", value=1)
    raise ValueError(event["email"])
"""


def test_a_function_with_the_real_powertools_leaks_nothing(run):
    event = {"email": EMAIL, "card": CARD}
    told = {"event": event, "AWS_LAMBDA_LOG_FORMAT": "JSON"}

    alone = run("app.handler", {"app.py": REAL_POWERTOOLS}, wrapper=None, **told)
    wrapped = run("app.handler", {"app.py": REAL_POWERTOOLS}, **told)

    (order,) = [line for line in map(json.loads, wrapped.lines) if line.get("message") == "order"]
    (metric,) = [line for line in map(json.loads, wrapped.lines) if "_aws" in line]
    assert leaked(alone) == [EMAIL, CARD]
    assert leaked(wrapped) == []
    assert order == IsPartialDict(level="INFO", service="shop", customer="[EMAIL]")
    assert metric == IsPartialDict(Orders=[1.0], card="[CARD]")


MODULE = """
import sys, types
module = types.ModuleType("obskit.integrations.powertools")
sys.modules[module.__name__] = module
exec({!r}, vars(module))
"""
FINDER = """
import sys
class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.startswith("obskit.integrations"):
            {}
sys.meta_path.insert(0, Finder)
"""


@pytest.mark.parametrize(
    ("integration", "said"),
    [
        ("def protect(): print('protected')", ["protected"]),
        ("def protect(): raise KeyError('ann@example.com')", [("powertools", "KeyError")]),
        ("import gone_too", [("powertools", "ModuleNotFoundError")]),
    ],
)
@pytest.mark.parametrize("imports", [True, False])
def test_powertools_is_protected_where_the_function_has_loaded_it(run, integration, said, imports):
    stand_in = (FINDER if integration.startswith("import") else MODULE).format(integration)
    code = {**POWERTOOLS, "app.py": stand_in + POWERTOOLS["app.py"]}
    if not imports:
        code["app.py"] = code["app.py"].replace("import aws_lambda_powertools", "")

    outcome = run("app.handler", code)

    lines = [json.loads(line) if line.startswith("{") else line for line in outcome.lines]
    assert outcome.payload == "ran"
    assert [(line["obskit_fault"], line["reason"]) if isinstance(line, dict) else line for line in lines] == (
        said if imports else []
    )


def sh(*command, **variables):
    done = subprocess.run(
        [SCRIPT, *command],
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout, done.stderr, done.returncode


SHOW = 'echo "$_HANDLER ${OBSKIT_HANDLER-none} $1"; exit 7'


def test_the_script_keeps_the_handler_and_runs_the_runtime_with_its_arguments():
    assert sh("sh", "-c", SHOW, "sh", "a b", _HANDLER="app.handler") == (
        "obskit.wrapper.handler app.handler a b\n",
        "",
        7,
    )


def test_the_script_run_twice_does_not_forget_the_handler():
    variables = {"_HANDLER": "obskit.wrapper.handler", "OBSKIT_HANDLER": "app.handler"}

    assert sh("sh", "-c", SHOW, **variables) == ("obskit.wrapper.handler app.handler \n", "", 7)


def test_the_script_leaves_a_runtime_of_another_language_alone():
    out, err, code = sh("sh", "-c", SHOW, _HANDLER="index.handler", AWS_EXECUTION_ENV="AWS_Lambda_nodejs22.x")

    assert (out, code) == ("index.handler none \n", 7)
    assert err == "obskit: this layer is for Python functions; AWS_Lambda_nodejs22.x runs as it is\n"


@pytest.mark.parametrize("version", ["2.7", "3.8", "3.9", "3.10"])
def test_the_script_leaves_a_python_that_is_too_old_alone(version):
    execution = f"AWS_Lambda_python{version}"

    out, err, code = sh("sh", "-c", SHOW, _HANDLER="app.handler", AWS_EXECUTION_ENV=execution)

    assert (out, code) == ("app.handler none \n", 7)
    assert err == f"obskit: needs Python 3.11 or newer; {execution} runs as it is\n"


@pytest.mark.parametrize("version", ["3.11", "3.14", "3.20"])
def test_the_script_instruments_every_python_from_3_11_on(version):
    out, err, _ = sh("sh", "-c", SHOW, _HANDLER="app.handler", AWS_EXECUTION_ENV=f"AWS_Lambda_python{version}")

    assert (out, err) == ("obskit.wrapper.handler app.handler \n", "")


def test_the_script_without_a_handler_changes_nothing():
    out, err, _ = sh("sh", "-c", 'echo "${_HANDLER-none} ${OBSKIT_HANDLER-none}"')

    assert (out, err) == ("none none\n", "obskit: _HANDLER is not set; the function runs as it is\n")


def test_the_script_runs_another_once_that_leads_back_to_it(tmp_path):
    other = tmp_path / "other"
    other.write_text(f'#!/bin/sh\necho other\nexec {SCRIPT} "$@"\n')
    other.chmod(0o755)

    out, _, _ = sh("sh", "-c", SHOW, _HANDLER="app.handler", OBSKIT_EXEC_WRAPPER=str(other))

    assert out == "other\nobskit.wrapper.handler app.handler \n"


def test_outside_lambda_the_wrapper_is_a_module_like_any_other():
    code = "import obskit.wrapper; print(hasattr(obskit.wrapper, 'handler'))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
