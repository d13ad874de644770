"""Handlers and values that mean harm, or meet a machine without room: nothing leaks, lies, hangs or breaks."""

import json
import os
import signal
import socket
import threading
from typing import ClassVar

import pytest

import obskit
from obskit import context, exceptions, kpis, metrics, output, streams
from obskit.masking import canary, engine, text
from obskit.testing import LambdaContext, assert_valid_emf, capture
from obskit.testing.waiting import wait_until
from obskit.tracing import daemon, spans, subsegments
from tests.helpers import XRAY_PARENT, XRAY_ROOT


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("OBSKIT_SERVICE", "shop")
    monkeypatch.setenv("OBSKIT_ENV", "test")
    monkeypatch.setenv("OBSKIT_METRICS_NAMESPACE", "Shop")
    monkeypatch.delenv("_X_AMZN_TRACE_ID", raising=False)


# --- an invocation ends, whatever happens


class Stop(BaseException):
    pass


@pytest.mark.parametrize("where", ["carriers.read", "metrics.pending", "logs.failed"])
def test_an_interruption_within_obskit_leaves_no_invocation_open(monkeypatch, where):
    from obskit import handler

    module, _, name = where.partition(".")

    def interrupted(*_, **__):
        raise Stop("ann@example.com")

    @obskit.instrument
    def fails(event, context):
        raise KeyError("ann@example.com")

    with capture() as captured:
        with monkeypatch.context() as patch:
            patch.setattr(getattr(handler, module), name, interrupted)
            with pytest.raises((Stop, KeyError)):
                fails({}, LambdaContext(aws_request_id="r-1"))
        assert context.current() is None
        with pytest.raises(KeyError, match=r"\[EMAIL\]"):
            fails({}, LambdaContext(aws_request_id="r-2"))

    assert captured.logs[-1]["function_request_id"] == "r-2"
    assert captured.logs[-1]["message"] == "invocation failed"


class OutOfTimeError(Exception):
    """What a function raises from its own alarm."""


class Slow:
    """A value whose reading takes longer than the function's own time limit."""

    def __str__(self):
        signal.raise_signal(signal.SIGUSR1)
        return "slow"

    __repr__ = __str__

    def __hash__(self):
        return 1

    def __float__(self):
        return float(str(self) == "slow")


@pytest.fixture
def alarm():
    def ring(number, frame):
        raise OutOfTimeError("of ann@example.com")

    before = signal.signal(signal.SIGUSR1, ring)
    yield
    signal.signal(signal.SIGUSR1, before)


def printed():
    streams.guarded("streams", lambda: obskit.logger.info("x", slow=Slow()))


WITHIN = {
    "log": lambda: obskit.logger.info("x", slow=Slow()),
    "format": lambda: obskit.logger.info("x %s", Slow()),
    "mask": lambda: obskit.mask({"slow": Slow()}),
    "record": lambda: obskit.record(kpis.SEARCH_LATENCY, Slow(), index="a"),  # type: ignore[arg-type]  # what is called wrongly
    "dimension": lambda: obskit.record(kpis.SEARCH_LATENCY, 1, index=Slow()),  # type: ignore[arg-type]  # what is called wrongly
    "stream": printed,
}


@pytest.mark.usefixtures("alarm")
@pytest.mark.parametrize("call", WITHIN.values(), ids=WITHIN)
def test_a_time_limit_of_the_functions_own_is_no_fault_of_obskits(call):
    with capture() as captured:
        obskit.mask("ann@example.com")  # the detectors are loaded
        with pytest.raises(OutOfTimeError):
            call()
        obskit.logger.info("goes on")

    assert [line["message"] for line in captured.logs] == ["goes on"]
    assert output.faults() == {}


@pytest.mark.usefixtures("alarm")
@pytest.mark.parametrize("where", ["carriers.read", "logs.end", "logs.begin"])
def test_a_time_limit_that_runs_out_at_an_end_of_the_invocation_leaves_it_masked(monkeypatch, where):
    from obskit import handler

    @obskit.instrument
    def works(event, context):
        obskit.record(kpis.SEARCH_LATENCY, 5, index="a")

    module, _, name = where.partition(".")
    with capture() as captured:
        monkeypatch.setattr(getattr(handler, module), name, lambda *_, **__: str(Slow()))
        with pytest.raises(OutOfTimeError, match=r"of \[EMAIL\]"):
            works({}, LambdaContext())

    assert context.current() is None
    assert captured.metrics.values("SearchLatency") == ([5.0] if where == "logs.end" else [])
    assert captured.logs[-1]["message"] == "invocation failed"


class Nameless(type):
    """Tells the names of its types to nobody."""

    def __getattribute__(cls, name):
        if name in ("__name__", "__qualname__", "__module__"):
            raise RuntimeError("of ann@example.com")
        return type.__getattribute__(cls, name)


def test_an_error_whose_type_tells_no_name_leaves_masked_and_is_logged():
    class DeclinedError(Exception, metaclass=Nameless):
        pass

    @obskit.instrument
    def fails(event, context):
        raise DeclinedError("ann@example.com")

    with capture() as captured:
        with pytest.raises(Exception, match=r"^\[UNREADABLE\]$") as raised:
            fails({}, LambdaContext())
        assert output.faults() == {"error": 1}

    assert (raised.typename, raised.value.__context__) == ("DeclinedError", None)
    (line,) = [line for line in captured.logs if line["message"] == "invocation failed"]
    assert (line["exception_name"], line["exception"]) == ("[UNREADABLE]", "[UNREADABLE]")


def test_another_request_is_another_invocation_even_within_one():
    @obskit.instrument
    def inner(event, context):
        obskit.logger.info("inner")

    @obskit.instrument
    def outer(event, context):
        inner(event, LambdaContext(aws_request_id="r-2"))
        obskit.logger.info("outer")

    with capture() as captured:
        outer({}, LambdaContext(aws_request_id="r-1"))

    assert [(line["message"], line["function_request_id"]) for line in captured.logs] == [
        ("inner", "r-2"),
        ("outer", "r-1"),
    ]
    assert context.scope() == (None, {}, None)


def test_a_handler_that_called_another_has_its_deadline_all_the_same():
    @obskit.instrument
    def inner(event, context):
        pass

    @obskit.instrument
    def outer(event, context):
        inner(event, LambdaContext(aws_request_id="r-2", timeout_s=60))
        wait_until(lambda: captured.metrics.values("Timeouts"), 10, "all is written that the timeout would take")

    with capture() as captured:
        outer({}, LambdaContext(aws_request_id="r-1", timeout_s=0.2))

    (line,) = (line for line in captured.logs if line["message"] == "invocation is about to time out")
    assert line["function_request_id"] == "r-1"


DEEP = {
    "log": (lambda: obskit.logger.info("to ann@example.com", a={"b": 1}), 4),
    "record": (lambda: obskit.record(kpis.SEARCH_LATENCY, 1, index="a"), 4),
    "mask": (lambda: obskit.mask({"to": "ann@example.com", "a": [1, {"b": 2}]}), 10),
}


@pytest.mark.parametrize(("call", "frames"), DEEP.values(), ids=DEEP)
def test_a_call_of_obskits_needs_hardly_any_room_on_the_stack(call, frames):
    """A recursion that would have ended so many calls before the limit ends before it with obskit, too."""

    def deepest(call):
        reached = 0

        def deep():
            nonlocal reached
            call()
            reached += 1
            deep()

        with pytest.raises(RecursionError):
            deep()
        return reached

    def inner():
        return None

    def plain():
        return inner()

    with capture():
        obskit.mask("ann@example.com")
        assert deepest(call) >= deepest(plain) - frames


# --- masking


def test_a_failure_that_passes_by_does_not_close_the_engine(monkeypatch):
    monkeypatch.setattr(text, "_detection", [])

    def no_room():
        raise MemoryError

    with capture() as captured:
        with monkeypatch.context() as patch:
            patch.setattr(canary, "_holds_under_policy", no_room)
            obskit.logger.info("order of ann@example.com")
        obskit.logger.info("order of ann@example.com")

    assert [line["message"] for line in captured.logs] == ["[UNREADABLE]", "order of [EMAIL]"]
    assert engine.mask("ann@example.com") == "[EMAIL]"


# --- the error that leaves


class RegisteredError(ValueError):
    made: ClassVar[list[str]] = []

    def __init_subclass__(cls, *, code):
        cls.code = code
        cls.made.append(cls.__name__)


class DeclinedError(RegisteredError, code=402):
    pass


class BothError(ValueError, OSError):
    pass


class SlottedError(Exception):
    __slots__ = ("code",)


def slotted():
    error = SlottedError("ann@example.com", "4242 4242 4242 4242")
    error.code = 402
    return error


@pytest.mark.parametrize(
    ("error", "text", "args"),
    [
        (DeclinedError("for ann@example.com"), "for [EMAIL]", ("for [EMAIL]",)),
        (BothError("for ann@example.com"), "for [EMAIL]", ("for [EMAIL]",)),
        (slotted(), "('[EMAIL]', '[CARD]')", ("('[EMAIL]', '[CARD]')", "[CARD]")),
    ],
    ids=["a base that wants arguments", "two layouts", "slots"],
)
def test_the_type_of_the_error_is_kept(error, text, args):
    made = list(RegisteredError.made)

    masked = exceptions.masked_error(error)

    assert isinstance(masked, type(error))
    assert type(masked).__name__ == type(error).__name__
    assert (str(masked), masked.args) == (text, args)
    assert getattr(masked, "code", None) == getattr(error, "code", None)
    assert RegisteredError.made == made


def test_a_group_of_errors_is_one_of_masked_errors():
    masked = exceptions.masked_error(
        ExceptionGroup("for ann@example.com", [KeyError("ann@example.com"), BothError("x")])
    )

    assert isinstance(masked, ExceptionGroup)
    assert [type(part).__name__ for part in masked.exceptions] == ["KeyError", "BothError"]
    assert "ann" not in repr(masked) + repr(masked.exceptions)


def test_a_group_of_very_many_errors_leaves_with_the_first_of_them():
    inner = [ExceptionGroup("inner", [ValueError("ann@example.com")] * 150) for _ in range(3)]

    masked = exceptions.masked_error(ExceptionGroup("outer", inner))

    assert isinstance(masked, ExceptionGroup)
    assert [len(part.exceptions) for part in masked.exceptions if isinstance(part, ExceptionGroup)] == [150, 48]
    assert "ann" not in repr(masked.exceptions)


def test_an_error_of_the_system_keeps_its_number():
    masked = exceptions.masked_error(FileNotFoundError(2, "no such file", "/home/ann@example.com"))

    assert (type(masked).__name__, masked.errno, masked.filename) == ("FileNotFoundError", 2, None)
    assert "ann" not in str(masked)


class UnreadableError(Exception):
    @property
    def args(self):
        raise RuntimeError("ann@example.com")


def test_an_error_whose_arguments_cannot_be_read_keeps_its_name():
    masked = exceptions.masked_error(UnreadableError("for ann@example.com"))

    assert isinstance(masked, UnreadableError)
    assert (type(masked).__name__, str(masked)) == ("UnreadableError", "for [EMAIL]")


def test_the_name_of_a_type_that_was_made_of_data_is_masked():
    made = type("No ann@example.com", (Exception,), {})

    masked = exceptions.masked_error(made("x"))

    assert isinstance(masked, made)
    assert (type(masked).__name__, type(masked).__qualname__, repr(masked)) == (
        "No [EMAIL]",
        "No [EMAIL]",
        "No [EMAIL]('x')",
    )
    assert spans.told(made("x")) == ("No [EMAIL]", "x")


# --- metrics


class Array:
    """As numpy's arrays do."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other):
        raise ValueError("the truth of an array is ambiguous")


def test_a_hostile_dimension_does_not_reach_the_handler():
    with capture() as captured:
        obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation=Array())

    assert [("record", "ValueError")] == [(one["obskit_fault"], one["reason"]) for one in captured.documents]


def test_what_a_thread_records_while_the_invocation_ends_is_written():
    stop = threading.Event()
    recorded = []

    def go_on():
        while not stop.is_set():
            obskit.record(kpis.OUTBOX_AGE, 1)
            recorded.append(1)

    @obskit.instrument
    def handler(event, lambda_context):
        thread = threading.Thread(target=go_on)
        thread.start()
        while not recorded:
            pass
        return thread

    with capture() as captured:
        thread = handler({}, LambdaContext())
        stop.set()
        thread.join()

    found = [document["OutboxAge"] for document in captured.metrics if "OutboxAge" in document]
    assert sum(len(values) if isinstance(values, list) else 1 for values in found) == len(recorded)


def test_a_forked_child_leaves_to_its_parent_what_is_the_parents():
    reader, writer = os.pipe()

    @obskit.instrument(buffer_debug=True)
    def handler(event, lambda_context):
        obskit.logger.debug("waits")
        obskit.record(kpis.OUTBOX_AGE, 1)
        child = os.fork()
        if not child:
            output.redirect(lambda data: os.write(writer, data))
            obskit.record(kpis.OUTBOX_AGE, 7)
            obskit.logger.error("in the child")
            metrics.flush()
            os._exit(0)
        os.waitpid(child, 0)

    with capture() as captured:
        handler({}, LambdaContext())
    os.close(writer)
    with os.fdopen(reader) as lines:
        child = [json.loads(line) for line in lines]

    assert [document.get("OutboxAge", document.get("message")) for document in child] == [7, "in the child"]
    assert [document["OutboxAge"] for document in captured.metrics] == [1]


@pytest.mark.parametrize("service", ["caf\u00e9", "x" * 1025, ":shop", " "])
def test_a_service_that_cloudwatch_would_not_take_is_left_out_and_told(service):
    """Its metrics would be refused, each of them."""
    with capture() as captured:

        @obskit.instrument(service=service)
        def handler(event, context):
            obskit.record(kpis.SEARCH_REQUESTS, 1)
            obskit.logger.info("here")

        handler({}, LambdaContext())

    assert {line["service"] for line in captured.logs.where(message="here")} == {"shop"}
    assert [line["obskit_fault"] for line in captured.logs if "obskit_fault" in line] == ["settings service"]
    for document in captured.metrics:
        assert_valid_emf(document)


# --- spans


def test_spans_without_end_are_counted_and_cost_what_they_are():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        listener.settimeout(10)
        root = above = spans.Span("root")
        for _ in range(5000):
            below = spans.Span("step", {"note": ["x" * 2000]})
            above.adopt(below)
            above = below
        with capture():
            subsegments.send(root, XRAY_ROOT, XRAY_PARENT, "127.0.0.1:{1}".format(*listener.getsockname()))
            assert output.faults() == {}
        names = set()
        parts = 0
        while "root" not in names:
            part = json.loads(listener.recv(70_000).split(b"\n")[1])
            names.add(part["name"])
            parts += 1

    assert 1 < parts <= 51


def test_a_span_of_many_large_attributes_is_not_written_out_for_each_of_them(monkeypatch):
    written = []
    with_parts = subsegments._with
    monkeypatch.setattr(subsegments, "_with", lambda *parts: written.append(1) or with_parts(*parts))
    root = spans.Span("big", {f"key{number}": "x" * 190 for number in range(20_000)})

    with capture():
        rendered = json.loads("{" + subsegments._own(root, unfinished=False, room=[50]) + "}")

    assert (rendered["name"], len(rendered["annotations"]), len(written)) == ("big", 50, 6)
    assert 200 < len(rendered["metadata"]["obskit"]) < 400


def test_a_span_with_an_odd_name_is_the_only_one_that_is_lost():
    root = spans.Span("root")
    root.adopt(spans.Span([1]))
    root.adopt(spans.Span("fine"))

    with capture():
        rendered = json.loads("{" + subsegments._rendered(root, XRAY_ROOT, "127.0.0.1:9", unfinished=False, room=[50]))

    assert [child["name"] for child in rendered["subsegments"]] == ["unreadable", "fine"]


@pytest.mark.parametrize("descriptor", [0, 1, 2])
def test_the_socket_never_takes_the_place_of_a_standard_descriptor(monkeypatch, descriptor):
    class Low:
        def fileno(self):
            return descriptor

        def close(self):
            closed.append(1)

    closed = []
    monkeypatch.setattr(socket, "socket", lambda *_: Low())
    with capture() as captured:
        daemon.send("{}", "127.0.0.1:2000")

        assert output.faults() == {"spans": 1}
    assert captured.logs[0]["reason"].startswith("a standard descriptor is closed")
    assert closed == [1]


def test_what_would_measure_nothing_is_refused():
    async def slow():
        """Take its time."""

    with pytest.raises(TypeError, match=r"would end before slow\(\) has begun; use `with"):
        obskit.timer(kpis.SEARCH_LATENCY)(slow)
