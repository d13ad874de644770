"""What is printed is masked and leaves as whole lines, whatever pieces it was written in."""

import contextlib
import io
import linecache
import re
import sys
import threading

import pytest
from dirty_equals import IsPartialDict
from hypothesis import given
from hypothesis import strategies as st

from obskit import output, streams
from obskit.masking import mask_text
from obskit.quotas import LOG_EVENT_BYTES
from obskit.testing import capture

EMAIL, CARD = "ann@example.com", "4111 1111 1111 1111"


class Unbuffered:
    """As the Lambda client wraps a stream."""

    def __init__(self, stream):
        self.stream = stream

    def __getattr__(self, name):
        return getattr(self.stream, name)

    def write(self, text):
        self.stream.write(text)
        self.stream.flush()


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Give the process standard streams that end in a file, wrapped as on Lambda."""
    path = tmp_path / "stdout"
    with path.open("w", encoding="utf-8") as out, path.open("a", encoding="utf-8") as err:
        for name, stream in (("stdout", out), ("stderr", err)):
            monkeypatch.setattr(sys, name, Unbuffered(stream))
            monkeypatch.setattr(sys, f"__{name}__", stream)
        yield path
        monkeypatch.undo()


class Installed:
    """Streams that are masked, and what came out."""

    def __init__(self, captured):
        self.captured = captured
        self.out, self.err = sys.stdout, sys.stderr  # now: pytest puts its own there while a test runs

    def print(self, *values, **how):
        print(*values, **{"file": self.out, **how})

    @property
    def text(self):
        return self.captured.text


@pytest.fixture
def installed(file):
    with capture() as captured:
        streams.install()
        try:
            yield Installed(captured)
        finally:
            streams.uninstall()
    assert file.read_text() == ""  # all of it went through obskit


def test_lines_come_out_masked(installed):
    installed.print("a", EMAIL)
    installed.err.write(f"b {CARD}\nc\n")

    assert installed.text == "a [EMAIL]\nb [CARD]\nc\n"


def test_what_has_no_end_waits_for_it(installed):
    installed.out.write("ann@exam")
    assert installed.text == ""
    installed.out.write("ple.com\n")

    assert installed.text == "[EMAIL]\n"


def test_what_has_no_end_comes_out_at_the_end_of_the_invocation(installed):
    installed.print("half", EMAIL, end="")
    installed.print("other half", file=installed.err, end="")

    streams.flush()
    streams.flush()

    assert installed.text == "half [EMAIL]\nother half\n"


def test_threads_and_streams_do_not_mix_their_lines(installed):
    turns = [threading.Event() for _ in range(3)]

    def work():
        installed.out.write("thread ")
        turns[0].set()
        turns[1].wait(10)
        installed.out.write("done\n")

    thread = threading.Thread(target=work)
    thread.start()
    turns[0].wait(10)
    installed.out.write("main ")
    installed.err.write("error ")
    turns[1].set()
    thread.join()
    installed.err.write("said\n")
    installed.out.write("goes on\n")

    assert installed.text == "thread done\nerror said\nmain goes on\n"


def test_a_letter_of_several_bytes_may_come_in_two_writes(installed):
    for byte in "Zoë 100 €\n".encode():
        installed.out.buffer.write(bytes([byte]))

    assert installed.text == "Zoë 100 €\n"


def test_bytes_that_are_no_text_are_replaced(installed):
    installed.out.buffer.write(b"\xff\xfe\n")
    installed.out.write("\ud800\n")

    assert installed.text == "\ufffd\ufffd\n?\n"


@pytest.mark.parametrize("data", [bytearray(b"a\n"), memoryview(b"a\n"), memoryview(b"axx")[:1]])
def test_any_kind_of_bytes_is_written(installed, data):
    assert installed.out.buffer.write(data) == len(data)
    streams.flush()

    assert installed.text == "a\n"


def test_write_returns_what_it_always_did(installed):
    assert installed.out.stream.write("€uro") == 4
    assert installed.out.stream.buffer.write("€\n".encode()) == 4


def test_what_is_wrong_raises_what_it_always_did(installed):
    with pytest.raises(TypeError, match="must be str, not int"):
        installed.out.stream.write(5)
    with pytest.raises(TypeError, match="bytes-like object"):
        installed.out.stream.buffer.write("text")
    installed.out.stream.close()
    with pytest.raises(ValueError, match="closed"):
        installed.out.stream.write("text")


def test_a_document_that_is_printed_over_several_lines_is_masked_as_one(installed):
    installed.print('{\n  "address": {\n    "first": "Ann"\n  }\n}')

    assert installed.text == '{"address": {"first": "[NAME]"}}\n'


def test_a_private_key_is_masked_whole(installed):
    body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n" * 3
    installed.print("key:", "-----BEGIN PRIVATE " + "KEY-----\n" + body + "-----END PRIVATE " + "KEY-----")

    assert installed.text == "key: [SECRET]\n"


def test_whole_lines_before_an_open_one_wait_for_one_write_only(installed):
    installed.out.write("one\ntwo\nthr")
    assert installed.text == ""
    installed.out.write("e")
    assert installed.text == "one\ntwo\n"
    installed.out.write("e\n")

    assert installed.text == "one\ntwo\nthree\n"


def test_a_number_that_is_glued_to_the_next_print_is_masked(installed):
    installed.print(CARD, end="")
    installed.print("paid by", end="")
    installed.print(CARD)

    assert installed.text == "[CARD]paid by[CARD]\n"


def test_a_line_that_cloudwatch_would_not_take_is_masked_then_cut(installed):
    installed.print(EMAIL + " " + "x" * LOG_EVENT_BYTES + " " + EMAIL)
    installed.print("next")

    first, second, _ = installed.text.split("\n")
    assert first.startswith("[EMAIL] xxx")
    assert first.endswith("xxx [CUT]")
    assert LOG_EVENT_BYTES * 0.98 < len(first) < LOG_EVENT_BYTES
    assert second == "next"


@pytest.mark.parametrize("letter", ["x", "é", "😀"])
def test_a_line_is_cut_where_it_is_a_byte_too_long_with_its_end(installed, letter):
    fits = letter * ((LOG_EVENT_BYTES - 1) // len(letter.encode()))
    installed.print(fits)
    installed.print(fits + letter)

    whole, cut = installed.text.splitlines()
    assert whole == fits
    assert cut.removesuffix(" [CUT]") == letter * ((LOG_EVENT_BYTES - streams._MARGIN) // len(letter.encode()))


def test_of_more_than_masking_takes_nothing_is_kept(installed):
    installed.print(EMAIL + " " + "x" * 4_100_000)
    installed.out.write(f"{EMAIL}\n" * 300_000)

    assert installed.text == "[TOO MUCH] [CUT]\n[TOO MUCH]\n"


def test_a_line_without_an_end_is_bounded(installed):
    for _ in range(400):
        installed.out.write(f"{EMAIL} " + "x" * 10_000)
    (line,) = streams._lines.values()
    held = sum(map(len, line.pieces))
    installed.out.write("the rest\nnext\n")

    first, second, _ = installed.text.split("\n")
    assert held <= LOG_EVENT_BYTES
    assert set(re.split("x+", first)) == {"[EMAIL] ", " [CUT]"}
    assert second == "next"


@pytest.mark.parametrize("start", ["", f"{EMAIL} " * 10_000])
def test_half_a_value_at_the_end_of_a_line_that_is_cut_is_not_kept(installed, start):
    installed.out.write(start + "x" * (LOG_EVENT_BYTES - len(start)))
    installed.out.write(f" {CARD[:12]}")
    installed.out.write(f"{CARD[12:]}\n")

    assert re.fullmatch(r"(\[EMAIL\] )*x+ \[CUT\]\n", installed.text)


def test_lines_without_an_end_of_many_threads_are_bounded(installed):
    all_wrote = threading.Barrier(101)

    def work(number):
        installed.out.write(f"thread {number:03}")
        all_wrote.wait(60)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    all_wrote.wait(60)
    waiting = len(streams._lines)
    for thread in threads:
        thread.join()
    streams.flush()

    assert waiting == 64
    assert sorted(installed.text.split()) == sorted(f"thread {number:03}".split()[1] for number in range(100)) + (
        ["thread"] * 100
    )


def test_what_prints_while_it_is_masked_does_not_loop(installed, monkeypatch):
    def talkative(text, *_):
        installed.print("masking", text)
        return mask_text(text)

    monkeypatch.setattr(streams, "mask_text", talkative)
    installed.print(EMAIL)

    *lines, last = installed.text.splitlines()
    assert (len(lines), last) == (2, "[EMAIL]")
    assert '"obskit_fault":"streams","reason":"RecursionError"' in lines[0]
    assert lines[1] == "masking [EMAIL]"
    assert output.faults() == {"streams": 1}


def interrupting(number, what):
    """Return a trace function that does *what*, as a signal handler would, before line *number* that `streams` runs."""
    left = iter([False] * number + [True])

    def trace(frame, event, _):
        if frame.f_code.co_filename != streams.__file__:
            return None
        # Signals are handled at calls: never at a `try` or where `with` ends; a trace function is called there, though.
        line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
        if event == "line" and line not in ("with _lock:", "try:", "finally:") and next(left, False):
            what()
        return trace

    return trace


def run_traced(trace, work):
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)


LINES_OF_A_PRINT = 60


def test_an_exception_of_a_signal_handler_anywhere_in_a_print_silences_nothing(installed):
    def stop():
        raise TimeoutError

    for number in range(LINES_OF_A_PRINT):
        for _ in range(3):
            with contextlib.suppress(TimeoutError):
                run_traced(interrupting(number, stop), lambda: installed.print("interrupted"))
            assert "locked" not in repr(streams._lock).replace("unlocked", ""), number
        streams.flush()
        installed.print("after", number)

    after = [line for line in installed.text.split("\n") if line.startswith("after")]
    assert after == [f"after {number}" for number in range(LINES_OF_A_PRINT)]


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_signal_handler_may_print_anywhere_in_a_print(installed, end):
    def say():
        trace = sys.gettrace()
        sys.settrace(None)
        installed.print("of the handler", EMAIL, "", end=end)
        sys.settrace(trace)

    for number in range(LINES_OF_A_PRINT):
        run_traced(interrupting(number, say), lambda: (installed.out.write("one "), installed.out.write("two\n")))
    streams.flush()

    assert output.faults() == {}
    text = installed.text
    assert text.count("one") == text.count("two") == LINES_OF_A_PRINT
    assert 10 < text.count("of the handler [EMAIL]") <= LINES_OF_A_PRINT
    assert EMAIL not in text


def test_a_fault_while_lines_are_put_together_is_told_and_the_text_replaced(installed, monkeypatch):
    def failing(*_):
        raise KeyError(EMAIL)

    monkeypatch.setattr(streams._Line, "end", failing)
    assert installed.out.stream.write(f"{EMAIL}\n") == len(EMAIL) + 1

    fault, said = installed.text.splitlines()
    assert '"obskit_fault":"streams","reason":"KeyError"' in fault
    assert said == "[UNREADABLE]"


@pytest.mark.parametrize(
    ("first", "rest", "written"),
    [
        ("password: ", "hunter2hunter2", "password: \n[SECRET]\n"),
        ("password: hunter2hu", "nter2", "password: [SECRET]\n\n"),
        ("user ann@exam", "ple.com said", "user ann@exam\n[EMAIL] said\n"),
        ("total", CARD, "total\n[CARD]\n"),
        (CARD, "paid", "[CARD]\npaid\n"),
        (f"{EMAIL} [", "x]", "[EMAIL] [\nx]\n"),
        ("x" * 100 + " password: ", "hunter2hunter2", "x" * 100 + " password: \n[SECRET]\n"),
        ("step 1 ... ", "done", "step 1 ... \ndone\n"),
    ],
)
def test_what_had_to_leave_half_says_what_the_rest_is(installed, first, rest, written):
    installed.print(first, end="")
    streams.flush()
    installed.print(rest)
    installed.print("next")

    assert installed.text == written + "next\n"


def test_a_line_that_makes_room_for_another_threads_says_what_its_rest_is(installed):
    installed.print("password: ", end="")
    for number in range(64):
        thread = threading.Thread(target=installed.print, args=(f"thread {number}",), kwargs={"end": ""})
        thread.start()
        thread.join()
    left = installed.text
    installed.print("hunter2hunter2")

    assert left == "password: \n"
    assert installed.text.endswith("\n[SECRET]\n")


def test_of_half_a_line_that_had_to_leave_its_own_end_is_kept_and_nothing_of_the_line_before(installed):
    installed.out.write("password: \nhalf a line")
    streams.flush()

    assert list(streams._contexts.values()) == ["half a line"]


def test_the_ends_that_are_kept_are_bounded(installed):
    for number in range(1000):
        streams._lines[number, 1] = line = streams._Line()
        line.add("x" * 100)
        streams.flush()

    assert (len(streams._contexts), set(map(len, streams._contexts.values()))) == (256, {64})


@pytest.mark.parametrize("write", [lambda out: out.write("x\n"), lambda out: out.buffer.write(b"x\n")])
def test_a_print_needs_no_more_room_on_the_stack_than_without_obskit(installed, write):
    def deepest(out):
        reached = 0

        def deep():
            nonlocal reached
            write(out)
            reached += 1
            deep()

        with pytest.raises(RecursionError):
            deep()
        return reached

    plain = deepest(io.TextIOWrapper(io.BytesIO()))

    assert deepest(installed.out.stream) >= plain - 2  # the call of the write that takes the place of the stream's
    streams.flush()
    assert output.faults()["streams"] == 1


def test_threads_that_come_one_after_the_other_do_not_share_a_line(installed):
    for word in ("one", "two"):  # the system gives both the same number
        thread = threading.Thread(target=installed.print, args=(word,), kwargs={"end": ""})
        thread.start()
        thread.join()
    streams.flush()

    assert installed.text == "one\ntwo\n"


def test_what_masking_cannot_do_is_told_and_not_written(installed, monkeypatch):
    def failing(text, *_):
        raise KeyError(text)

    monkeypatch.setattr(streams, "mask_text", failing)
    installed.print(EMAIL)

    assert installed.captured.documents == [IsPartialDict(obskit_fault="streams", reason="KeyError")]


def test_installing_twice_is_installing_once(installed):
    before = len(streams._patched)
    streams.install()
    installed.print("once")

    assert (installed.text, len(streams._patched)) == ("once\n", before)


def test_uninstalling_leaves_the_streams_as_they_were(installed, file):
    installed.print("a", end="")
    streams.uninstall()
    installed.print("b")

    assert (installed.text, file.read_text()) == ("a\n", "b\n")
    assert "write" not in vars(installed.out.stream)
    assert "write" not in vars(installed.out.stream.buffer)
    file.write_text("")


def test_another_librarys_write_comes_back(installed):
    streams.uninstall()
    stream = io.TextIOWrapper(io.BytesIO())
    vars(stream)["write"] = theirs = stream.write
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        streams.install()
        streams.uninstall()

    assert vars(stream)["write"] is theirs


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_streams_that_are_none_are_left_alone(monkeypatch, stream):
    for name in ("stdout", "stderr", "__stdout__", "__stderr__"):
        monkeypatch.setattr(sys, name, stream)

    streams.install()
    patched = list(streams._patched)
    streams.uninstall()

    assert patched == []


def test_a_stream_without_a_buffer_is_masked(tmp_path, monkeypatch):
    """As `python -u` has it."""
    raw = io.FileIO(tmp_path / "raw", "w")
    with capture() as captured, io.TextIOWrapper(raw, encoding="utf-8", write_through=True) as stream:
        for name in ("stdout", "stderr", "__stdout__", "__stderr__"):
            monkeypatch.setattr(sys, name, stream)
        streams.install()
        monkeypatch.undo()
        print(EMAIL, file=stream)
        stream.buffer.write(f"{EMAIL}\n".encode())
        streams.uninstall()

    assert captured.text == "[EMAIL]\n[EMAIL]\n"
    assert (tmp_path / "raw").read_text() == ""


WORDS = st.sampled_from([EMAIL, CARD, "order", "é", "x" * 30])
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([" ", "\n", "\n\n", ": ", ", "])), max_size=12).map(
    lambda pairs: "".join(word + end for word, end in pairs)
)


@given(TEXTS, st.data())
def test_however_it_is_cut_into_writes_nothing_leaks_and_lines_stay(text, data):
    """Lines that are harmless come out as they are, the others masked; in their order."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    with capture() as captured:
        for piece in pieces:
            streams._take(1, piece)
        streams.flush()

    lines = text.split("\n") if text.endswith("\n") or not text else [*text.split("\n"), ""]
    written = captured.text.split("\n")
    assert EMAIL not in captured.text
    assert CARD not in captured.text
    assert len(written) == len(lines)
    assert [theirs for ours, theirs in zip(lines, written, strict=True) if mask_text(ours) == ours] == [
        ours for ours in lines if mask_text(ours) == ours
    ]
