"""The only writer: whole lines on descriptor 1, whatever becomes of the other end."""

import ast
import json
import os
import sys
import threading
from contextlib import suppress

import pytest

import obskit
from obskit import clock, config, output
from obskit.testing import LambdaContext, capture
from obskit.testing.awslambda.environment import Function
from obskit.testing.awslambda.runtime import LambdaRuntime
from tests.parts import ROOT, require

ENVIRONMENT = {"OBSKIT_SERVICE": "shop", "OBSKIT_ENV": "test", "OBSKIT_METRICS_NAMESPACE": "Shop"}


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    config.reset()
    output.reset()
    yield
    output.reset()


@pytest.fixture
def pipe(monkeypatch):
    """A pipe in the place of standard output; its ends are closed where the test has not done so."""
    ends = os.pipe()
    monkeypatch.setattr(output, "STDOUT", ends[1])
    yield ends
    for end in ends:
        with suppress(OSError):  # the test has closed it
            os.close(end)


def read_all(reader):
    os.set_blocking(reader, False)
    pieces = []
    while True:
        try:
            piece = os.read(reader, 1 << 20)
        except BlockingIOError:
            break
        if not piece:
            break
        pieces.append(piece)
    return b"".join(pieces)


def test_lines_come_from_these_modules_alone():
    """`encode` takes what is masked and nothing else; lines are put together of that, in few places to look at."""
    writers = set()
    for path in sorted((ROOT / "src/obskit").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in ("output.write", "output.STDOUT"):
                writers.add(path.relative_to(ROOT / "src/obskit").as_posix())

    assert writers == {"handler.py", "logs.py", "metrics.py", "streams.py"}


@pytest.mark.parametrize("end", [0, 1])
def test_a_closed_output_is_counted_and_never_raises(pipe, end):
    os.close(pipe[end])

    obskit.logger.info("nobody reads this")
    obskit.logger.info("nor this")

    assert output.faults() == {"stdout": 2}


def test_a_full_pipe_is_waited_for(pipe):
    reader, writer = pipe
    os.set_blocking(writer, False)
    lines = [f'{{"n":{number},"pad":"{"x" * 30_000}"}}\n' for number in range(10)]
    pieces = []
    drain = threading.Thread(target=lambda: pieces.extend(iter(lambda: os.read(reader, 4096), b"")))
    drain.start()
    for line in lines:
        output.write(line)
    os.close(writer)
    drain.join()

    assert b"".join(pieces).decode() == "".join(lines)
    assert output.faults() == {}


def test_after_a_reader_that_hangs_the_next_line_is_whole(pipe, monkeypatch):
    reader, writer = pipe
    monkeypatch.setattr(output, "_WAITS_WHEN_FULL", 2)
    os.set_blocking(writer, False)

    output.write('{"n":1,"pad":"' + "x" * 200_000 + '"}\n')  # more than a pipe holds

    assert output.faults() == {"stdout": 1}
    torn = read_all(reader)
    assert 0 < len(torn) < 200_000
    output.write('{"n":2}\n')
    assert read_all(reader) == b'\n{"n":2}\n'
    output.write('{"n":3}\n')
    assert read_all(reader) == b'{"n":3}\n'


LARGEST_PIPE = 4096
"""Lines of 4 kB, as many as Linux lets anybody ask for sixteen times over."""


def filled(pipe):
    """Fill *pipe* with whole lines until it takes no byte more; returns them."""
    os.set_blocking(pipe[1], False)
    written = []
    with suppress(BlockingIOError):
        while len(written) < LARGEST_PIPE:
            written.append(os.write(pipe[1], b"x" * 4095 + b"\n"))
    assert len(written) < LARGEST_PIPE
    return b"".join(b"x" * (size - 1) + b"\n" for size in written)


def test_a_line_of_which_nothing_was_written_leaves_no_trace(pipe, monkeypatch):
    monkeypatch.setattr(output, "_WAITS_WHEN_FULL", 2)
    before = filled(pipe)
    output.write('{"n":1}\n')
    assert read_all(pipe[0]) == before

    output.write('{"n":2}\n')

    assert read_all(pipe[0]) == b'{"n":2}\n'
    assert output.faults() == {"stdout": 1}


def test_a_reader_that_hangs_is_waited_for_once_and_anew_when_it_has_read(pipe, monkeypatch):
    waits = []
    monkeypatch.setattr(output, "_wait_writable", lambda: waits.append(1))
    counts = []
    for reads in (False, False, True, False):
        if reads:
            read_all(pipe[0])
            output.write('{"n":0}\n')
        filled(pipe)
        waits.clear()
        output.write('{"n":1}\n')
        counts.append(len(waits))

    assert counts == [200, 0, 200, 0]


def test_a_fault_for_which_the_stack_had_no_room_is_told_the_next_time(monkeypatch):
    def full(data):
        raise RecursionError

    with capture() as captured:
        own = output.redirect(full)
        output.fault("spans", "the first")
        output.redirect(own)
        for text in ("the second", "the third"):
            output.fault("spans", text)

        assert output.faults() == {"spans": 3}
    assert [(line["obskit_fault"], line["reason"]) for line in captured.logs] == [("spans", "the second")]


def test_a_clock_that_goes_back_writes_what_it_says():
    times = iter([1_700_000_100_500_000_000, 1_700_000_040_001_000_000])
    clock.set(time_ns=lambda: next(times))
    try:
        stamps = [output.timestamp(), output.timestamp()]
    finally:
        clock.reset()

    assert stamps == ["2023-11-14T22:15:00.500Z", "2023-11-14T22:14:00.001Z"]


@pytest.mark.parametrize(
    ("before", "now", "text"),
    [
        (1_767_323_045_678, 1_767_323_045_678, "2026-01-02T03:04:05.678Z"),
        (1_767_323_045_678, 1_767_323_045_679, "2026-01-02T03:04:05.679Z"),
        (1_767_323_045_678, 1_767_323_099_999, "2026-01-02T03:04:59.999Z"),
        (1_767_323_045_678, 1_767_323_100_000, "2026-01-02T03:05:00.000Z"),
        (1_767_323_100_000, 1_767_323_099_999, "2026-01-02T03:04:59.999Z"),
        (1_767_323_045_678, 1_767_326_645_678, "2026-01-02T04:04:05.678Z"),
        (1_767_323_045_678, 0, "1970-01-01T00:00:00.000Z"),
    ],
)
def test_a_moment_is_told_right_whichever_was_told_before(before, now, text):
    clock.set(time_ns=lambda: before * 1_000_000 + 999_999)
    output.timestamp()
    clock.set(time_ns=lambda: now * 1_000_000)

    assert output.timestamp() == text


def test_a_forked_child_writes_even_if_another_thread_held_the_writer(pipe):
    reader, _ = pipe
    held, done = threading.Event(), threading.Event()

    def hold():
        with output._lock:
            held.set()
            done.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    child = os.fork()
    if not child:
        obskit.logger.info("from the child")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    done.set()
    holder.join()

    assert status == 0
    assert json.loads(read_all(reader))["message"] == "from the child"


def test_at_the_end_of_the_stack_a_line_is_lost_and_the_handler_is_not():
    @obskit.instrument
    def handler(event, context):
        def deeper(depth):
            obskit.logger.info("down", depth=depth)
            return deeper(depth + 1)

        with pytest.raises(RecursionError):
            deeper(0)
        return "out again"

    with capture() as captured:
        assert handler({}, LambdaContext()) == "out again"

    depths = [line["depth"] for line in captured.logs if "depth" in line]
    assert depths == list(range(len(depths)))
    assert len(depths) > sys.getrecursionlimit() // 4


HANDLER = """
import os, obskit
from obskit import kpis

@obskit.instrument
def handler(event, context):
    obskit.logger.info("before")
    obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation="checkout")
    if event == "exit":
        os._exit(3)
    if event == "fork":
        child = os.fork()
        if not child:
            obskit.logger.info("child")
            os._exit(0)
        os.waitpid(child, 0)
    if event == "many":
        for number in range(100_000):
            obskit.logger.info("line", number=number)
    if event == "closed":
        os.close(1)
        obskit.logger.info("lost")
    return "ok"
"""


@pytest.fixture
def invoke(tmp_path):
    require("awslambdaric")
    (tmp_path / "app.py").write_text(HANDLER)
    env = {**ENVIRONMENT, "OBSKIT_TRACES": "off", "OBSKIT_SERVICE_METRICS": "off"}
    with LambdaRuntime(Function("app.handler", tmp_path, env=env), timeout_ms=60_000) as runtime:
        yield runtime.invoke


def said(outcome):
    documents = [json.loads(line) for line in outcome.lines]
    return [document.get("message", "metric") for document in documents]


def test_what_was_said_before_a_hard_exit_is_out(invoke):
    outcome = invoke("exit")

    assert outcome.error["errorType"] == "Runtime.ExitError"
    assert said(outcome) == ["before"]


def test_a_child_says_its_own_and_not_the_parents_metrics_again(invoke):
    outcome = invoke("fork")

    assert outcome.payload == "ok"
    assert said(outcome) == ["before", "child", "metric"]


def test_a_hundred_thousand_lines_are_all_there(invoke):
    outcome = invoke("many")

    assert outcome.payload == "ok"
    numbers = [json.loads(line).get("number") for line in outcome.lines]
    assert numbers == [None, *range(100_000), None]


def test_a_handler_that_closes_its_output_still_answers(invoke):
    outcome = invoke("closed")

    assert outcome.payload == "ok"
    assert said(outcome) == ["before"]


def test_a_fault_is_told_once_even_if_another_is_told_while_it_is_counted(monkeypatch):
    class Interrupted(dict):
        """What a signal handler, or another thread, does between the look at a count and its change."""

        interrupts = 1

        def get(self, key, default=None):
            value = super().get(key, default)
            if self.interrupts:
                self.interrupts -= 1
                output.fault("place", "again")
            return value

    with capture() as captured:
        monkeypatch.setattr(output, "_faults", Interrupted())
        output.fault("place", "once")

        assert [line["obskit_fault"] for line in captured.logs] == ["place"]
