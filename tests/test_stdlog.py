"""Records of standard `logging` that reach the Lambda client's handler are lines of obskit's, whatever they hold."""

import logging
import sys

import pytest
from dirty_equals import IsPartialDict, IsStr

from obskit import output, stdlog
from obskit.testing import capture

EMAIL = "ann@example.com"
# Not one of the known loggers: pytest's handlers, which raise what they cannot format, are on all of those.
logger = logging.Logger("shop")  # noqa: LOG001


class Sink:
    """Where the client's handler writes: on Lambda a descriptor of its own."""

    fd = 7

    def __init__(self):
        self.taken = []

    def log(self, message, frame_type=None):
        self.taken.append((message, frame_type))


class Handler(logging.Handler):
    """As the client's: it formats, and lets what fails go on."""

    def __init__(self):
        super().__init__()
        self.log_sink = Sink()

    def emit(self, record):
        self.log_sink.log(self.format(record), frame_type=b"frame")


@pytest.fixture
def handler():
    handler = Handler()
    logging.getLogger().addHandler(handler)
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def captured(handler):
    with capture() as captured:
        stdlog.install()
        try:
            yield captured
        finally:
            stdlog.uninstall()


class Unprintable:
    def __str__(self):
        raise KeyError(EMAIL)

    __repr__ = __str__


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (("count %d of %s", 3, EMAIL), {"message": "count 3 of [EMAIL]"}),
        (("in by %(password)s", {"password": "hunter2"}), {"message": "in by [SECRET]"}),
        (("%(total).2f of %(n)d", {"total": 1.5, "n": 2}), {"message": "1.50 of 2"}),
        (("100 %",), {"message": "100 %"}),
        (({"email": EMAIL, "n": 1},), {"message": {"email": "[EMAIL]", "n": 1}}),
        (([1, EMAIL],), {"message": [1, "[EMAIL]"]}),
        ((ValueError(EMAIL),), {"message": "[EMAIL]"}),
        ((5,), {"message": "5"}),
        (('{"email": "ann@example.com"}',), {"message": '{"email": "[EMAIL]"}'}),
        ((Unprintable(),), {"message": "[UNREADABLE]", "args": "[UNREADABLE]"}),
        (("user %s", Unprintable()), {"message": "user %s", "args": "[UNREADABLE]"}),
        (("two %s %s", EMAIL), {"message": "two %s %s", "args": "[UNREADABLE]"}),
    ],
)
def test_what_a_record_says(captured, said, line):
    logger.error(*said)

    *faults, written = captured.documents
    assert written == IsPartialDict(line)
    assert ("args" in written) == ("args" in line)
    assert [fault["obskit_fault"] for fault in faults] == (["logging"] if "args" in line else [])


def test_a_field_that_has_a_name_of_obskits_is_kept_under_another(captured):
    try:
        raise LookupError(EMAIL)
    except LookupError:
        logger.exception(
            "failed", extra={"level": "high", "service": "till", "exception": "mine", "card_last4": "1111"}
        )

    (line,) = captured.documents
    assert line == IsPartialDict(
        level="ERROR",
        field_level="high",
        field_service="till",
        field_exception="mine",
        exception_name="LookupError",
        exception=IsStr(regex=r"(?s)Traceback .*LookupError: \[EMAIL\]\n"),
    )


def test_a_record_that_came_through_a_queue_has_its_exception_as_text(captured):
    logger.handle(
        logging.makeLogRecord({"name": "shop", "levelno": 40, "msg": "failed", "exc_text": f"KeyError: {EMAIL}"})
    )

    (line,) = captured.documents
    assert line == IsPartialDict(message="failed", exception="KeyError: [EMAIL]")


@pytest.mark.parametrize(
    ("number", "name"),
    [(1, "TRACE"), (10, "DEBUG"), (25, "INFO"), (30, "WARN"), (49, "ERROR"), (50, "FATAL"), (99, "FATAL")],
)
def test_levels_have_lambdas_names(captured, number, name):
    logger.handle(logging.makeLogRecord({"name": "shop", "msg": "said", "levelno": number}))

    assert [line["level"] for line in captured.documents] == [name]


def test_a_logger_without_exception_to_tell_of_tells_none(captured):
    logger.error("said", exc_info=True)  # noqa: LOG014  there is none, and that is the test
    of_another_handler = {"exc_info": (None, None, None), "exc_text": "NoneType: None"}
    logger.handle(logging.makeLogRecord({"levelno": 40, "msg": "said", **of_another_handler}))

    assert ["exception" in line for line in captured.documents] == [False, False]


def test_the_handler_keeps_its_filters_and_its_level(captured, handler):
    handler.setLevel(logging.ERROR)
    handler.addFilter(lambda record: "secret" not in record.msg)
    logger.warning("below")
    logger.error("secret")
    logger.error("said")

    assert [line["message"] for line in captured.documents] == ["said"]


def test_a_format_of_the_users_goes_to_the_clients_sink_masked(captured, handler):
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    logger.error("from %s", EMAIL)

    assert captured.documents == []
    assert handler.log_sink.taken == [("shop: from [EMAIL]", b"frame")]


def test_a_format_of_the_users_that_fails_loses_no_line(captured, handler):
    handler.setFormatter(logging.Formatter("%(gone)s"))
    logger.error("from %s", EMAIL)

    fault, line = captured.documents
    assert fault == IsPartialDict(obskit_fault="logging", reason="ValueError")
    assert line == IsPartialDict(message="from [EMAIL]", logger="shop")


def test_what_the_client_writes_to_its_sink_by_itself_is_masked(captured, handler):
    handler.log_sink.log('{"errorMessage": "no ann@example.com"}', frame_type=b"error")

    assert handler.log_sink.taken == [('{"errorMessage": "no [EMAIL]"}', b"error")]


def test_what_logs_while_it_is_masked_does_not_loop(captured):
    class Talkative:
        def __str__(self):
            logger.error("said while it is formatted %s", self)
            return "talk"

    logger.error("%s", Talkative())

    fault, inner, outer = captured.documents
    assert fault == IsPartialDict(obskit_fault="logging", reason="RecursionError")
    assert inner["message"] == "said while it is formatted talk"
    assert outer["message"] == "talk"
    assert output.faults() == {"logging": 1}


def test_installing_twice_is_installing_once(captured):
    stdlog.install()
    logger.error("once")

    assert [line["message"] for line in captured.documents] == ["once"]


def test_uninstalling_leaves_the_client_as_it_was(handler):
    with capture() as captured:
        stdlog.install()
        stdlog.uninstall()
        logger.error("theirs")

    assert captured.documents == []
    assert handler.log_sink.taken == [("theirs", b"frame")]


def test_handlers_of_others_are_left_alone():
    stream = logging.StreamHandler(sys.stderr)
    logging.getLogger().addHandler(stream)
    try:
        stdlog.install()
        stdlog.uninstall()
    finally:
        logging.getLogger().removeHandler(stream)

    assert "emit" not in vars(stream)


@pytest.mark.parametrize(
    ("function", "line", "location"),
    [
        ("pay", 7, "pay:7"),
        ("<lambda>", 7, "<lambda>:7"),
        (EMAIL, 7, "[EMAIL]:7"),
        ("pay", EMAIL, "pay:[EMAIL]"),
        ("pay", 4111111111111111, "pay:[CARD]"),
        (None, None, "None:None"),
    ],
)
def test_the_place_of_a_record_that_was_made_by_hand_is_masked(captured, function, line, location):
    told = {"name": EMAIL, "levelno": 40, "msg": "said", "funcName": function, "lineno": line}
    logger.handle(logging.makeLogRecord(told))

    assert [(line["location"], line["logger"]) for line in captured.documents] == [(location, "[EMAIL]")]
