"""Powertools' own objects after `protect()`: the same keys and values, except what is masked."""

import io
import itertools
import json
import logging
import subprocess
import sys
import warnings
from decimal import Decimal

import pytest
from aws_lambda_powertools import Logger, Metrics, Tracer, single_metric
from aws_lambda_powertools.logging import logger as powertools_logger
from aws_lambda_powertools.logging.buffer import LoggerBufferConfig
from aws_lambda_powertools.logging.formatter import BasePowertoolsFormatter, LambdaPowertoolsFormatter
from aws_lambda_powertools.logging.formatters.datadog import DatadogLogFormatter
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.metrics import EphemeralMetrics
from aws_lambda_powertools.metrics.base import MetricManager
from aws_lambda_powertools.metrics.provider import base as provider_base
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider
from aws_lambda_powertools.metrics.provider.datadog import DatadogMetrics
from dirty_equals import IsInt, IsPartialDict, IsStr
from hypothesis import given
from hypothesis import strategies as st

import obskit
from obskit import context, kpis
from obskit.errors import IntegrationError, MissingExtraError
from obskit.integrations import powertools, xray
from obskit.testing import LambdaContext
from tests.helpers import IS_TIME, TRACEPARENT, XRAY_HEADER, XRAY_ROOT, is_location

MAIL = "ann@example.com"
CARD = "4242 4242 4242 4242"
KEY_ID = "AKIA" + "IOSFODNN7EXAMPLE"
PLANTED = (MAIL, "4242 4242", KEY_ID)
LEAK = f"{MAIL} {CARD} {KEY_ID}"
MASKED = "[EMAIL] [CARD] [SECRET]"

services = (f"service-{number}" for number in itertools.count())


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("_X_AMZN_TRACE_ID", XRAY_HEADER)
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Shop")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "checkout")


@pytest.fixture
def protected(obskit_captured):
    powertools.protect()
    yield obskit_captured
    powertools.unprotect()


class Written(io.StringIO):
    """What a Logger wrote."""

    @property
    def lines(self):
        return [json.loads(line) for line in self.getvalue().splitlines()]

    @property
    def line(self):
        (line,) = self.lines
        return line


@pytest.fixture
def written():
    return Written()


def make_logger(written, **options):
    return Logger(service=next(services), stream=written, **options)


# --- Logger -----------------------------------------------------------------------------------------------------------


class Account:
    def __str__(self):
        return f"account of {MAIL}"

    __repr__ = __str__


def say_all(logger):
    """Log by every way in that leaves a line of its own."""
    logger.append_keys(cold_start=True, function_arn="arn:aws:lambda:us-east-1:123456789012:function:checkout")
    logger.thread_safe_append_keys(shard=7)
    logger.info("paid by %s", LEAK)
    logger.info("paid", extra={"note": LEAK, "email": "Ann", "amount": 42.5}, order={"id": "o-1", "tags": [LEAK, None]})
    logger.warning({"customer": {"name": "Ann Lee"}, "when": 1764000000, "note": LEAK})
    logger.info(json.dumps({"note": LEAK}))
    logger.info(
        "kept", amount=Decimal("4.20"), account=Account(), tags={LEAK}, raw=f"to {LEAK}".encode(), error=KeyError(LEAK)
    )
    with logger.append_context_keys(note=LEAK):
        logger.info("inside")
    logger.thread_safe_append_keys(contact=MAIL)
    logger.set_correlation_id(LEAK)
    try:
        raise ValueError(LEAK) from KeyError(MAIL)
    except ValueError as error:
        error.add_note(LEAK)
        logger.exception("failed for %s", MAIL)
    logger.thread_safe_clear_keys()


def masked_as_text(value):
    """Mask *value* as a reader would who sees only the text of the line: what the test expects, by another way."""
    if isinstance(value, dict):
        return {
            key: "[NAME]" if inner == "Ann Lee" else "[EMAIL]" if key == "email" else masked_as_text(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [masked_as_text(inner) for inner in value]
    if isinstance(value, str):
        return value.replace(MAIL, "[EMAIL]").replace(CARD, "[CARD]").replace(KEY_ID, "[SECRET]")
    return value


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"use_rfc3339": True},
        {"utc": True, "datefmt": "%Y%m%d%H%M%S"},
        {"serialize_stacktrace": False, "log_record_order": ["message", "note"]},
        {"json_default": lambda value: f"<{value}>"},
        {"json_serializer": lambda log: json.dumps(log, default=repr, indent=None)},
        {"logger_formatter": DatadogLogFormatter()},
        {"location": "[%(funcName)s] %(module)s", "name": "%(name)s", "process": "%(process)d", "note": LEAK},
    ],
    ids=" ".join,
)
def test_lines_have_the_same_keys_and_values_except_what_is_masked(options, written, obskit_captured):
    logger = make_logger(written, **options)
    say_all(logger)
    before = written.lines
    written.seek(0)
    written.truncate()

    powertools.protect()
    try:
        logger.clear_state()
        for key in ("process", "location", "name", "note"):
            if key in options:
                logger.append_keys(**{key: options[key]})
        say_all(logger)
    finally:
        powertools.unprotect()
    after = written.lines

    assert [list(line) for line in before] == [list(line) for line in after]
    changes = {"timestamp": IsStr()}
    assert [{**masked_as_text(line), **changes} for line in before] == [{**line, **changes} for line in after]
    assert [len(line["timestamp"]) for line in before] == [len(line["timestamp"]) for line in after]
    assert not any(planted in written.getvalue() for planted in PLANTED)
    assert "" == obskit_captured.text


def test_unmasked_it_all_leaks(written):
    """So that the tests here can fail: nothing but `protect` takes it out."""
    say_all(make_logger(written))

    for line in written.lines:
        assert any(planted in json.dumps(line) for planted in PLANTED)


def test_what_powertools_writes_itself_stays(protected, written):
    logger = make_logger(written, sampling_rate=1)

    @logger.inject_lambda_context(log_event=True, correlation_id_path="headers.id")
    def handler(event, context):
        logger.debug("sampled")

    handler({"headers": {"id": "b1e2"}, "note": LEAK}, Context())

    powertools_own = {
        "timestamp": IsStr(),
        "service": logger.service,
        "sampling_rate": 1,
        "cold_start": IsPartialBool(),
        "function_name": "checkout",
        "function_memory_size": "128",
        "function_arn": "arn:aws:lambda:us-east-1:111111111111:function:checkout",
        "function_request_id": "4c59e7a4-c6ce-4f65-9819-74c7449ba4ed",
        "correlation_id": "b1e2",
        "xray_trace_id": XRAY_ROOT,
    }
    event = {"headers": {"id": "b1e2"}, "note": MASKED}
    assert [
        {"level": "INFO", "location": is_location("decorate"), "message": event, **powertools_own},
        {"level": "DEBUG", "location": is_location("handler"), "message": "sampled", **powertools_own},
    ] == written.lines


class Context(LambdaContext):
    def __init__(self):
        super().__init__(aws_request_id="4c59e7a4-c6ce-4f65-9819-74c7449ba4ed")


def IsPartialBool():  # noqa: N802  reads as the others do
    return IsInt() | True | False


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=st.characters()) | st.just(LEAK),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.just(MAIL), inner, max_size=3),
    max_leaves=12,
)


@given(message=VALUES, extra=st.dictionaries(st.from_regex("x[a-z]{0,5}", fullmatch=True), VALUES, max_size=3))
def test_whatever_is_logged_is_one_line_of_json_without_what_is_planted(message, extra):
    written = Written()
    formatter = LambdaPowertoolsFormatter()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter)
    record = logging.LogRecord("law", logging.INFO, "app.py", 7, message, (), None)
    vars(record).update(extra)
    powertools.protect()
    try:
        handler.handle(record)
    finally:
        powertools.unprotect()

    line = json.loads(written.getvalue(), parse_constant=pytest.fail)
    assert 1 == written.getvalue().count("\n")
    assert {"level", "location", "timestamp"} <= line.keys()
    assert not any(planted in written.getvalue() for planted in (MAIL, CARD, KEY_ID))


def test_the_functions_arn_is_looked_at_whenever_it_is_another(protected, written):
    logger = make_logger(written)
    arn = "arn:aws:lambda:us-east-1:123456789012:function:checkout"
    said = [arn, arn, LEAK, LEAK, [LEAK], arn, "", None, arn]
    for each in said:
        logger.info("x", function_arn=each)

    expected = [MASKED if each == LEAK else [MASKED] if each == [LEAK] else each for each in said]
    assert expected == [line.get("function_arn") for line in written.lines]


def test_what_is_buffered_is_masked_when_it_is_written(protected, written):
    logger = make_logger(written, level="DEBUG", buffer_config=LoggerBufferConfig(max_bytes=4096))
    logger.debug("waiting for %s", LEAK, extra={"note": LEAK})
    assert "" == written.getvalue()

    logger.error("now")

    assert [("DEBUG", f"waiting for {MASKED}", MASKED), ("ERROR", "now", None)] == [
        (line["level"], line["message"], line.get("note")) for line in written.lines
    ]


def test_children_and_loggers_of_others_write_through_the_same_seam(protected, written):
    logger = make_logger(written)
    other = logging.getLogger(f"other-{logger.service}")
    copy_config_to_registered_loggers(logger, include={other.name})

    Logger(service=logger.service, child=True).info(LEAK)
    other.warning(LEAK)

    assert [MASKED, MASKED] == [line["message"] for line in written.lines]


class Nested(LambdaPowertoolsFormatter):
    """As Powertools' guide shows it: another shape."""

    def serialize(self, log):
        return json.dumps({"event": log, "raw": LEAK}, default=str)


class Late(LambdaPowertoolsFormatter):
    """Adds to the line that its base has made."""

    def format(self, record):
        return super().format(record)[:-1] + f',"late":"{LEAK}"}}'


class Plain(BasePowertoolsFormatter):
    """Not JSON at all, and not even a `format` of its own."""

    def append_keys(self, **keys):
        pass

    def clear_state(self):
        pass


class Inner(Plain):
    def format(self, record):
        return f"{record.levelname} {record.getMessage()}"


@pytest.mark.parametrize(
    ("formatter", "expected"),
    [
        (Nested(), {"event": IsPartialDict(message=MASKED), "raw": MASKED}),
        (Late(), IsPartialDict(message=MASKED, late=MASKED)),
        (Plain("%(name)s: %(message)s"), IsStr(regex=rf"service-\d+: {MASKED}".replace("[", r"\["))),
        (Inner(), f"INFO {MASKED}"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_formatters_of_the_users_own_are_masked(formatter, expected, protected, written):
    make_logger(written, logger_formatter=formatter).info(LEAK)

    text = written.getvalue().rstrip("\n")
    assert expected == (json.loads(text) if text.startswith("{") else text)


def test_a_formatter_that_is_written_after_protect_is_masked(protected, written):
    class Own(LambdaPowertoolsFormatter):
        def format(self, record):
            return f"own {record.getMessage()}"

    make_logger(written, logger_formatter=Own()).info(LEAK)

    assert f"own {MASKED}\n" == written.getvalue()


def test_a_second_handler_with_a_formatter_of_logging_is_masked(protected, written):
    logger = make_logger(io.StringIO())
    logger.addHandler(logging.StreamHandler(written))

    logger.error("%s", LEAK)
    Logger(service=logger.service, child=True).error(LEAK)

    assert f"{MASKED}\n{MASKED}\n" == written.getvalue()


def test_other_loggers_are_not_touched(protected, written):
    plain = logging.getLogger("plain")
    plain.addHandler(logging.StreamHandler(written))

    plain.error(MAIL)

    assert f"{MAIL}\n" == written.getvalue()


def test_the_debug_log_of_the_package_itself_is_masked(protected, written):
    powertools_logger.set_package_logger(stream=written)
    package = logging.getLogger("aws_lambda_powertools")
    try:
        EphemeralMetrics().add_metadata("note", LEAK)
    finally:
        package.handlers.pop()
        package.setLevel(logging.NOTSET)

    assert f"Adding metadata: note:{MASKED}" in written.getvalue()


@pytest.mark.filterwarnings("ignore:POWERTOOLS_DEV")
def test_indented_lines_stay_indented(monkeypatch, protected, written):
    monkeypatch.setenv("POWERTOOLS_DEV", "true")

    make_logger(written).info(LEAK)

    assert '{\n    "level": "INFO",\n' in written.getvalue()
    assert MASKED == json.loads(written.getvalue())["message"]


@pytest.mark.parametrize("way", ["a wrong placeholder", "a circle", "a serializer that fails", "a wrong key"])
def test_a_line_that_cannot_be_formatted_is_written_masked(way, protected, written, capsys):
    """Else `logging` prints the record to stderr as it is."""

    def fails(log):
        raise RuntimeError(LEAK)

    logger = make_logger(written, json_serializer=fails if way == "a serializer that fails" else None)
    circle = {"note": LEAK}
    circle["self"] = circle
    if way == "a wrong placeholder":
        logger.info("%d", LEAK)
        expected = {"message": "%d", "args": [MASKED], "obskit_fault": "TypeError"}
    elif way == "a circle":
        logger.info(circle)
        expected = {"message": {"note": MASKED, "self": "[CYCLE]"}, "obskit_fault": "ValueError"}
    elif way == "a wrong key":
        logger.append_keys(process=7)
        logger.info(LEAK)
        expected = {"message": MASKED, "obskit_fault": "ValueError"}
    else:
        logger.info(LEAK)
        expected = {"message": MASKED, "obskit_fault": "RuntimeError"}

    place = {"level": "INFO", "timestamp": IS_TIME, "location": is_location(sys._getframe().f_code.co_name)}
    assert {**place, **expected} == written.line
    assert ("", "") == capsys.readouterr()
    assert ["powertools log"] == [line["obskit_fault"] for line in protected.logs]


def test_a_line_that_cannot_be_masked_is_replaced(monkeypatch, protected, written):
    def fails(document):
        monkeypatch.undo()
        raise RuntimeError(LEAK)

    monkeypatch.setattr(powertools, "mask_document", fails)

    make_logger(written).info(LEAK)

    assert ("INFO", MASKED, "RuntimeError") == tuple(written.line[key] for key in ("level", "message", "obskit_fault"))


def test_a_line_that_cannot_be_written_is_told_of_without_its_text(protected, capsys):
    class Closed(io.StringIO):
        def write(self, text):
            raise OSError(LEAK)

    make_logger(Closed()).info(LEAK)

    assert ("", "") == capsys.readouterr()
    assert [IsPartialDict(obskit_fault="powertools log", reason="OSError")] == protected.logs


def test_the_hook_for_uncaught_exceptions_is_masked(monkeypatch, protected, written):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    make_logger(written, log_uncaught_exceptions=True)

    sys.excepthook(ValueError, ValueError(LEAK), None)

    assert (MASKED, "ValueError") == (written.line["message"], written.line["exception_name"])


# --- ids of the invocation --------------------------------------------------------------------------------------------


def test_lines_inside_an_invocation_carry_the_ids_of_obskits_lines(monkeypatch, protected, written):
    monkeypatch.delenv("_X_AMZN_TRACE_ID")
    logger = make_logger(written)
    off = make_logger(written, xray_trace_id=None)

    @obskit.instrument
    def handler(event, context):
        logger.info("one")
        off.info("two")
        obskit.logger.info("three")
        logger.set_correlation_id("own")
        logger.info("four")

    handler({"headers": {"traceparent": TRACEPARENT}}, None)
    logger.info("five")

    ids = [(line.get("xray_trace_id"), line.get("correlation_id")) for line in [*written.lines, *protected.logs[-1:]]]
    trace, correlation = ids[-1]
    assert (trace, correlation) == (IsStr(min_length=35), IsStr(min_length=32))
    assert [(trace, correlation), (None, correlation), (trace, "own"), (None, "own"), (trace, correlation)] == ids


def test_outside_an_invocation_nothing_is_added(monkeypatch, protected, written):
    monkeypatch.delenv("_X_AMZN_TRACE_ID")
    assert context.current() is None

    make_logger(written).info("one")

    assert ["level", "location", "message", "timestamp", "service"] == list(written.line)


# --- Metrics ----------------------------------------------------------------------------------------------------------


def printed(capsys):
    return [json.loads(line, parse_constant=pytest.fail) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture
def metrics():
    metrics = Metrics()
    yield metrics
    metrics.clear_metrics()
    metrics.clear_default_dimensions()


@pytest.mark.parametrize("kind", [Metrics, EphemeralMetrics], ids=lambda kind: kind.__name__)
def test_an_emf_document_is_masked_and_its_metrics_are_not(kind, protected, capsys):
    metrics = kind()
    metrics.set_default_dimensions(customer_email="Ann")
    metrics.add_dimension("note", LEAK)
    metrics.add_dimensions(caller=MAIL)
    metrics.add_metadata("order", {"note": LEAK, "account": Account()})
    metrics.add_metadata("password", "hunter2")
    metrics.add_metric("Email", "Count", 1)  # a name that would be a key of personal data
    metrics.add_metric("Email", "Count", 2)
    metrics.add_metric("Latency", "Milliseconds", 3.5, resolution=1)
    metrics.flush_metrics()
    metrics.clear_metrics()
    if kind is Metrics:
        metrics.clear_default_dimensions()
        metrics.clear_metrics()

    assert [
        {
            "_aws": {
                "Timestamp": IsInt(),
                "CloudWatchMetrics": [
                    {
                        "Namespace": "Shop",
                        "Dimensions": [["customer_email", "note", "service"], ["customer_email", "caller"]],
                        "Metrics": [
                            {"Name": "Email", "Unit": "Count"},
                            {"Name": "Latency", "Unit": "Milliseconds", "StorageResolution": 1},
                        ],
                    }
                ],
            },
            "customer_email": "[EMAIL]",
            "note": MASKED,
            "caller": "[EMAIL]",
            "service": "checkout",
            "order": {"note": MASKED, "account": "account of [EMAIL]"},
            "password": "[SECRET]",
            "Email": [1.0, 2.0],
            "Latency": [3.5],
        }
    ] == printed(capsys)
    assert [] == protected.logs


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), 2.0**361, -(2.0**361)])
def test_a_value_that_cloudwatch_refuses_is_left_out_and_told(value, metrics, protected, capsys):
    metrics.add_metric("Bad", "Count", value)
    metrics.add_metric("Half", "Count", value)
    metrics.add_metric("Half", "Count", 2.0**360)
    metrics.add_metric("Good", "Count", -(2.0**360))
    metrics.add_metadata("order", "o-1")
    metrics.flush_metrics()

    (document,) = printed(capsys)
    (directive,) = document.pop("_aws")["CloudWatchMetrics"]
    assert ["Half", "Good"] == [metric["Name"] for metric in directive["Metrics"]]
    assert {"service": "checkout", "order": "o-1", "Half": [2.0**360], "Good": [-(2.0**360)]} == document
    assert ["metric Bad", "metric Half"] == [line["obskit_fault"] for line in protected.logs]


def test_names_made_of_data_are_masked_where_they_stand(metrics, protected, capsys):
    metrics.add_metric(f"Login {MAIL}", "Count", 1)
    metrics.add_dimension(f"of {MAIL}", "x")
    metrics.add_metadata(f"to {MAIL}", "y")
    metrics.provider.namespace = f"Shop {MAIL}"
    metrics.flush_metrics()

    (document,) = printed(capsys)
    assert [
        {
            "Namespace": "Shop [EMAIL]",
            "Dimensions": [["of [EMAIL]", "service"]],
            "Metrics": [{"Name": "Login [EMAIL]", "Unit": "Count"}],
        }
    ] == document.pop("_aws")["CloudWatchMetrics"]
    assert {"of [EMAIL]": "x", "service": "checkout", "to [EMAIL]": "y", "Login [EMAIL]": [1.0]} == document


def test_single_metrics_and_documents_that_are_full_pass_the_seam(metrics, protected, capsys):
    with single_metric(name="One", unit="Count", value=1, default_dimensions={"note": LEAK}) as single:
        single.add_metadata("more", LEAK)
    metrics.add_dimension("note", LEAK)
    for number in range(100):
        metrics.add_metric(f"M{number}", "Count", number)

    one, hundred = printed(capsys)
    assert (MASKED, MASKED, [1.0]) == (one["note"], one["more"], one["One"])
    assert (MASKED, [99.0]) == (hundred["note"], hundred["M99"])


def test_a_document_that_the_user_takes_is_masked(metrics, protected):
    """Powertools' guide shows this for tests and for containers."""
    metrics.add_dimension("note", LEAK)
    metrics.add_metric("One", "Count", 1)

    assert MASKED == metrics.serialize_metric_set()["note"]


def test_log_metrics_writes_masked_documents_when_the_handler_raises(metrics, protected, capsys):
    @metrics.log_metrics(capture_cold_start_metric=True, default_dimensions={"note": LEAK})
    def handler(event, context):
        metrics.add_metric("One", "Count", 1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        handler({}, LambdaContext())

    assert [MASKED] == [document["note"] for document in printed(capsys)]


def test_datadog_items_are_masked(protected, capsys):
    metrics = DatadogMetrics(namespace="shop", flush_to_log=True)
    metrics.set_default_tags(note=MAIL)
    metrics.add_metric("orders", 4242424242424242, timestamp=1764000000, password="hunter2")
    metrics.add_metric("bad", float("nan"), timestamp=1764000000)
    metrics.flush_metrics()

    tags = ["note:[EMAIL]", "password:[SECRET]"]
    assert [{"m": "shop.orders", "v": 4242424242424242, "e": 1764000000, "t": tags}] == printed(capsys)
    assert ["metric shop.bad"] == [line["obskit_fault"] for line in protected.logs]


def test_a_provider_of_the_users_own_is_masked_as_a_whole(protected):
    class Own(provider_base.BaseProvider):
        def add_metric(self, *args, **kwargs): ...

        def flush_metrics(self, *args, **kwargs): ...

        def clear_metrics(self, *args, **kwargs): ...

        def add_cold_start_metric(self, context): ...

        def serialize_metric_set(self, *args, **kwargs):
            return [("note", LEAK), {"email": "Ann", "value": 3}]

    assert [["note", MASKED], {"email": "[EMAIL]", "value": 3}] == Own().serialize_metric_set()


def test_a_document_of_an_unknown_shape_is_masked_as_a_whole(protected):
    class Own(AmazonCloudWatchEMFProvider):
        def serialize_metric_set(self, *args, **kwargs):
            return {"_aws": "gone", "note": LEAK, "email": "Ann"}

    assert {"_aws": "gone", "note": MASKED, "email": "[EMAIL]"} == Own().serialize_metric_set()
    assert ["powertools metrics"] == [line["obskit_fault"] for line in protected.logs]


def test_metrics_that_no_catalog_declares_are_told_when_asked(metrics, obskit_captured, capsys):
    def record():
        for name in (kpis.CHECKOUT_SUCCESS.name, "ColdStart", "Unheard", f"Of {MAIL}"):
            metrics.add_metric(name, "Count", 1)
        metrics.flush_metrics()

    powertools.protect()
    try:
        record()
        assert [] == obskit_captured.logs
        powertools.protect(catalog=True)
        powertools.protect()
        record()
        record()
    finally:
        powertools.unprotect()

    assert ["catalog Unheard", "catalog Of [EMAIL]"] == [line["obskit_fault"] for line in obskit_captured.logs]
    assert 3 == len([document for document in printed(capsys) if "Unheard" in document])


def test_faults_of_many_names_are_bounded(metrics, protected, capsys):
    for number in range(300):
        metrics.add_metric(f"Bad{number}", "Count", float("nan"))
        if number % 50 == 49:
            metrics.flush_metrics()

    assert 101 == len(protected.logs)
    assert "powertools metrics" == protected.logs[-1]["obskit_fault"]


def test_unmasked_metrics_leak(metrics, capsys):
    metrics.add_dimension("note", LEAK)
    metrics.add_metadata("more", LEAK)
    metrics.add_metric("Bad", "Count", float("nan"))
    metrics.flush_metrics()

    out = capsys.readouterr().out
    assert (2, True) == (out.count(LEAK), "NaN" in out)


# --- protect() itself -------------------------------------------------------------------------------------------------


def seam_methods():
    return [
        BasePowertoolsFormatter.format,
        LambdaPowertoolsFormatter.format,
        logging.Handler.format,
        logging.Handler.handleError,
        AmazonCloudWatchEMFProvider.serialize_metric_set,
        MetricManager.serialize_metric_set,
        Tracer.__init__,
        vars(BasePowertoolsFormatter).get("__init_subclass__"),
    ]


def test_twice_is_once_and_all_can_be_taken_back():
    before = seam_methods()
    powertools.protect()
    once = seam_methods()
    powertools.protect()

    assert once == seam_methods()
    assert not any(was is now for was, now in zip(before, once, strict=True))
    powertools.unprotect()
    powertools.unprotect()
    assert before == seam_methods()


def test_without_powertools_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "aws_lambda_powertools.shared.version", None)

    with pytest.raises(
        ImportError, match=r"needs the extra 'powertools': pip install './obskit\[powertools\]'"
    ) as caught:
        powertools.protect()
    assert MissingExtraError is caught.type


@pytest.mark.parametrize("version", ["2.43.1", "3.19.0", "4.0.0"])
def test_another_version_is_refused_by_name(version, monkeypatch):
    monkeypatch.setattr("aws_lambda_powertools.shared.version.VERSION", version)

    with pytest.raises(IntegrationError, match=f"this is aws-lambda-powertools {version}"):
        powertools.protect()


@pytest.mark.parametrize(
    ("owner", "name", "put"),
    [
        (LambdaPowertoolsFormatter, "format", None),
        (AmazonCloudWatchEMFProvider, "flush_metrics", lambda _: None),
        (MetricManager, "serialize_metric_set", None),
        (MetricManager, "flush_metrics", None),
    ],
    ids=["no format", "a flush that goes elsewhere", "no serialize_metric_set", "no flush"],
)
def test_a_missing_seam_is_refused_and_nothing_stays_replaced(owner, name, put, monkeypatch):
    before = seam_methods()
    with monkeypatch.context() as patch:
        if put is None:
            patch.delattr(owner, name)
        else:
            patch.setattr(owner, name, put)
        with pytest.raises(IntegrationError, match=r"aws-lambda-powertools 3\.\d+\.\d+ .*nothing is protected"):
            powertools.protect()

    assert before == seam_methods()


def test_a_module_that_has_moved_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "aws_lambda_powertools.logging.formatter", None)

    with pytest.raises(
        IntegrationError, match=r"is not as obskit knows it: .*aws_lambda_powertools\.logging\.formatter"
    ):
        powertools.protect()


def test_the_x_ray_sdk_is_not_loaded_for_a_logger():
    """It costs more than all of obskit; a Tracer loads it anyway, and is seen."""
    code = """
import sys
from obskit.integrations import powertools, xray
assert "aws_lambda_powertools" not in sys.modules
powertools.protect()
from aws_lambda_powertools import Logger, Tracer
Logger(service="a").info("ann@example.com")
assert "aws_xray_sdk" not in sys.modules
Tracer(service="a", auto_patch=False)
assert xray._seams is not None
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert ("[EMAIL]", "") == (json.loads(done.stdout)["message"], done.stderr)


def test_a_tracer_that_is_there_already_is_seen():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the SDK's own
        Tracer(service="checkout", auto_patch=False)
    powertools.protect()
    try:
        assert xray._seams is not None
    finally:
        powertools.unprotect()
    assert xray._seams is None
