"""
Powertools under the real Lambda client: a handler that leaks by every way in leaks by none once it is protected.

Each way has an address of its own, so that the unprotected function shows that the test can see every one of them.
"""

import json
import textwrap

import pytest
from dirty_equals import IsPartialDict

from obskit.testing import appsync_event
from obskit.testing.awslambda.environment import Function
from obskit.testing.awslambda.runtime import LambdaRuntime
from obskit.testing.xray_sink import XraySink
from tests.helpers import TRACE_ID, TRACEPARENT, XRAY_HEADER, XRAY_ROOT
from tests.parts import require

CARD = "4242 4242 4242 4242"
TOKEN = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"

HEAD = f"""
import json, logging, os, sys
import obskit
from obskit.integrations import powertools

if os.environ["PROTECT"] == "first":
    powertools.protect()

from aws_lambda_powertools import Logger, Metrics, Tracer, single_metric
from aws_lambda_powertools.logging.buffer import LoggerBufferConfig
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import EphemeralMetrics

def leak(way):
    return way + "@example.com {CARD} {TOKEN}"

logger = Logger(service="shop")
metrics = Metrics(namespace="Shop", service="shop")
tracer = Tracer(service="shop", auto_patch=False)
"""

LEAKING = """
class Own(LambdaPowertoolsFormatter):
    def serialize(self, log):
        return json.dumps({"own": log, "formatter": leak("formatter")}, default=str)

child = Logger(service="shop", child=True)
own = Logger(service="own", logger_formatter=Own())
buffered = Logger(service="buffered", level="DEBUG", buffer_config=LoggerBufferConfig())
second = Logger(service="second", stream=open(os.devnull, "w"))
second.addHandler(logging.StreamHandler(sys.stdout))

@tracer.capture_method
def charge(order):
    tracer.put_annotation("note", leak("annotation"))
    tracer.put_metadata("order", {"note": leak("trace_metadata")})
    return {"note": leak("method_response")}

@tracer.capture_method
def refuse():
    raise ValueError(leak("method_error"))

async def soon():
    raise KeyError(leak("async_error"))

def leaks(event, context):
    logger.info(leak("message"))
    logger.info("to %s", leak("argument"))
    logger.info("x", extra={"note": leak("extra")}, more=leak("keyword"))
    logger.info({"note": leak("document")})
    logger.info(json.dumps({"note": leak("json_text")}))
    logger.append_keys(note=leak("appended"))
    logger.info("y")
    logger.remove_keys(["note"])
    with logger.append_context_keys(note=leak("context_key")):
        child.info(leak("child"))
    logger.info("%d", leak("wrong_placeholder"))
    own.info(leak("own_formatter"))
    second.error(leak("second_handler"))
    buffered.debug(leak("buffered"))
    buffered.error("now")
    try:
        raise ValueError(leak("exception")) from KeyError(leak("exception_cause"))
    except ValueError as error:
        error.add_note(leak("exception_note"))
        logger.exception("z")
    metrics.add_dimension("note", leak("dimension"))
    metrics.add_metadata("order", {"note": leak("metric_metadata")})
    metrics.add_metric("Orders", "Count", 1)
    metrics.add_metric("Broken", "Count", float("nan"))
    with single_metric(name="One", unit="Count", value=1, namespace="Shop") as single:
        single.add_dimension("note", leak("single_metric"))
    apart = EphemeralMetrics(namespace="Shop", service="shop")
    apart.set_default_dimensions(note=leak("default_dimension"))
    apart.add_metric("Apart", "Count", 1)
    apart.flush_metrics()
    charge(event)
    try:
        refuse()
    except ValueError:
        pass
    import asyncio
    try:
        asyncio.run(tracer.capture_method(soon)())
    except KeyError:
        pass
    if event.get("fail"):
        raise RuntimeError(leak("leaving"))
    return {"ok": True}

def decorated(function):
    function = metrics.log_metrics(function, capture_cold_start_metric=True)
    function = tracer.capture_lambda_handler(function)
    return logger.inject_lambda_context(
        function, log_event=True, correlation_id_path="arguments.correlation", clear_state=True
    )

if os.environ["ORDER"] == "outside":
    handler = decorated(obskit.instrument(leaks))
elif os.environ["ORDER"] == "inside":
    handler = obskit.instrument(decorated(leaks))
else:
    handler = decorated(leaks)

if os.environ["PROTECT"] == "last":
    powertools.protect()
    powertools.protect()
"""

EVENT = appsync_event(
    {"note": f"event@example.com {CARD} {TOKEN}", "correlation": f"correlation@example.com {CARD} {TOKEN}"},
    headers={"traceparent": TRACEPARENT},
)
IN_LINES = {
    *("message argument extra keyword document json_text appended context_key child wrong_placeholder").split(),
    *("own_formatter formatter second_handler buffered exception exception_cause").split(),
    *("exception_note dimension metric_metadata single_metric default_dimension event correlation").split(),
}
IN_TRACES = {"annotation", "trace_metadata", "method_response", "method_error", "async_error"}


@pytest.fixture
def daemon():
    with XraySink() as sink:
        yield sink


@pytest.fixture
def run(tmp_path, daemon):
    """Return a function that runs a source under the real client, once, with an event."""
    require("awslambdaric")

    def run(source, event, trace_header=XRAY_HEADER, protect="last", order="inside"):
        (tmp_path / "app.py").write_text(textwrap.dedent(HEAD + source))
        env = {
            "PROTECT": protect,
            "ORDER": order,
            "OBSKIT_ENV": "test",
            "OBSKIT_EXITS": "off",  # the streams would mask what Powertools prints, protected or not
            "OBSKIT_METRICS_NAMESPACE": "Shop",
            "AWS_XRAY_DAEMON_ADDRESS": daemon.address,
            "PYTHONWARNINGS": "ignore",  # Powertools speaks of metrics that are not there
        }
        with LambdaRuntime(Function("app.handler", tmp_path, name="shop", env=env)) as runtime:
            return runtime.invoke(event, trace_header=trace_header)

    return run


def documents(outcome):
    found = []
    for line in outcome.lines:
        try:
            found.append(json.loads(line))
        except ValueError:
            found.append({"text": line})
    return found


def traces(daemon, names):
    """Return the text of the documents of the trace, once all *names* are there."""
    found = daemon.wait_for(XRAY_ROOT, lambda seen: set(names) <= {each["name"] for each in seen}, deadline_s=10)
    assert [] == daemon.rejected
    return json.dumps(found)


def exits(outcome):
    """Return all that left the process towards Lambda, but for what the caller asked for."""
    return "\n".join([*outcome.lines, json.dumps(outcome.error), json.dumps(dict(outcome.headers))])


def leaked(ways, text):
    return {way for way in ways if f"{way}@example.com" in text}


SENT_BY_TRACER = ["## app.charge", "## app.refuse", "## app.soon", "## leaks"]


def test_unprotected_every_way_leaks(run, daemon):
    outcome = run(LEAKING, EVENT | {"fail": True}, protect="never", order="without")

    assert IN_LINES - leaked(IN_LINES, exits(outcome)) == set()
    assert "leaving@example.com" in json.dumps(outcome.error)
    assert IN_TRACES == leaked(IN_TRACES, traces(daemon, SENT_BY_TRACER))
    assert (CARD in exits(outcome), TOKEN in exits(outcome), "NaN" in exits(outcome)) == (True, True, True)


@pytest.mark.parametrize("order", ["inside", "outside"])
@pytest.mark.parametrize("protect", ["first", "last"])
@pytest.mark.parametrize("fail", [False, True], ids=["returns", "raises"])
def test_protected_no_way_leaks(protect, order, fail, run, daemon):
    outcome = run(LEAKING, EVENT | {"fail": fail}, protect=protect, order=order)
    sent = traces(daemon, SENT_BY_TRACER)

    assert outcome.payload == (None if fail else {"ok": True})
    for text in (exits(outcome), sent):
        assert leaked(IN_LINES | IN_TRACES | {"leaving"}, text) == set()
        assert (CARD in text, TOKEN in text, "@example.com" in text) == (False, False, False)
    if fail:
        assert outcome.error == IsPartialDict(errorType="RuntimeError", errorMessage="[EMAIL] [CARD] [SECRET]")
    written = documents(outcome)
    assert ["metric Broken"] == [
        line["obskit_fault"] for line in written if line.get("reason", "").startswith("a value")
    ]
    assert {"Orders", "One", "Apart"} <= {name for document in written if "_aws" in document for name in document}
    said = [line for line in written if line.get("message") == "[EMAIL] [CARD] [SECRET]" and "cold_start" in line]
    assert said[0] == IsPartialDict(
        level="INFO",
        service="shop",
        cold_start=True,
        function_name="shop",
        function_arn="arn:aws:lambda:us-east-1:000000000000:function:shop",
        function_request_id=outcome.request_id,
        correlation_id="[EMAIL] [CARD] [SECRET]",
        xray_trace_id=XRAY_ROOT,
    )


IDS = """
def says(event, context):
    logger.info("powertools")
    obskit.logger.info("obskit")

handler = obskit.instrument(logger.inject_lambda_context(says))
powertools.protect()
"""


@pytest.mark.parametrize("header", [XRAY_HEADER, ""], ids=["with Lambda's trace", "without"])
def test_lines_of_both_agree_on_the_ids(header, run):
    outcome = run(IDS, appsync_event(headers={"traceparent": TRACEPARENT}), trace_header=header)

    theirs, ours = (document for document in documents(outcome) if "message" in document)
    assert ("powertools", "obskit") == (theirs["message"], ours["message"])
    for key in ("xray_trace_id", "correlation_id", "function_request_id", "cold_start"):
        assert theirs[key] == ours[key]
    assert TRACE_ID == theirs["correlation_id"]


APPSYNC = """
from aws_lambda_powertools.event_handler import AppSyncResolver

app = AppSyncResolver()

@app.resolver(type_name="Query", field_name="order")
@tracer.capture_method
def order(note):
    logger.info("order", note=note)
    raise ValueError("no order for " + note)

@app.batch_resolver(type_name="Query", field_name="orders", raise_on_error=False, aggregate=False)
def orders(event, note):
    try:
        raise LookupError("no orders for " + note)
    except LookupError:
        logger.exception("orders", extra={"arguments": event.arguments})
        raise

@app.batch_resolver(type_name="Query", field_name="all", raise_on_error=True, aggregate=False)
def every(event, note):
    raise LookupError("nothing for " + note)

@obskit.instrument
@logger.inject_lambda_context(log_event=True)
@tracer.capture_lambda_handler
def handler(event, context):
    return app.resolve(event, context)

if os.environ["PROTECT"] != "never":
    powertools.protect()
"""


@pytest.mark.parametrize("field", ["order", "orders", "all"])
@pytest.mark.parametrize("protect", ["last", "never"])
def test_resolvers_of_appsync(field, protect, run, daemon):
    event = appsync_event({"note": f"asked@example.com {CARD}"}, parent_type="Query", field_name=field)

    outcome = run(APPSYNC, event if field == "order" else [event, event], protect=protect)

    sent = traces(daemon, ["## handler", *(["## app.order"] if field == "order" else [])])
    if protect == "never":
        assert "asked@example.com" in "\n".join(outcome.lines)
        assert field == "orders" or "asked@example.com" in sent
        return
    assert ([], []) == (
        [text for text in (exits(outcome), sent) if "@example.com" in text or CARD in text],
        daemon.rejected,
    )
    if field == "orders":
        assert [None, None] == outcome.payload
        assert [line["stack_trace"]["value"] for line in documents(outcome) if "stack_trace" in line] == [
            "no orders for [EMAIL] [CARD]"
        ] * 2
    else:
        assert outcome.error == IsPartialDict(
            errorType="ValueError" if field == "order" else "LookupError",
            errorMessage=("no order for " if field == "order" else "nothing for ") + "[EMAIL] [CARD]",
        )


BATCH = """
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

processor = BatchProcessor(event_type=EventType.SQS, logger=logger)

@tracer.capture_method
def record_handler(record):
    body = record.json_body
    logger.info("record", extra={"body": body, "raw": record.body})
    if body["bad"]:
        raise ValueError("refused " + body["note"])
    return body

@obskit.instrument
@logger.inject_lambda_context(log_event=True)
@tracer.capture_lambda_handler(capture_response=True)
def handler(event, context):
    return process_partial_response(event, record_handler, processor, context)

if os.environ["PROTECT"] != "never":
    powertools.protect()
"""


def sqs_record(number, bad):
    return {
        "messageId": f"message-{number}",
        "receiptHandle": "AQEB",
        "body": json.dumps({"note": f"queued@example.com {CARD}", "bad": bad}),
        "attributes": {},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:orders",
        "awsRegion": "us-east-1",
    }


@pytest.mark.parametrize("all_bad", [False, True], ids=["some fail", "all fail"])
@pytest.mark.parametrize("protect", ["last", "never"])
def test_a_batch_from_sqs(all_bad, protect, run, daemon):
    event = {"Records": [sqs_record(1, bad=True), sqs_record(2, bad=all_bad)]}

    outcome = run(BATCH, event, protect=protect)

    sent = traces(daemon, ["## app.record_handler", "## handler"])
    if protect == "never":
        assert ("queued@example.com" in "\n".join(outcome.lines), "queued@example.com" in sent) == (True, True)
        return
    assert [] == [text for text in (exits(outcome), sent) if "@example.com" in text or CARD in text]
    logged = [
        line
        for line in documents(outcome)
        if line.get("message") == "Record processing exception; skipping this record"
    ]
    assert ["refused [EMAIL] [CARD]"] * (1 + all_bad) == [line["stack_trace"]["value"] for line in logged]
    if all_bad:
        assert "BatchProcessingError" == outcome.error["errorType"]
        assert "All records failed processing. 2 individual errors" in outcome.error["errorMessage"]
    else:
        assert {"batchItemFailures": [{"itemIdentifier": "message-1"}]} == outcome.payload
