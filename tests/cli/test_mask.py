"""`obskit mask` as a whole: bytes in on stdin or in files; bytes and an exit code out."""

import base64
import bz2
import fcntl
import gzip
import io
import json
import lzma
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obskit.cli import lines
from obskit.cli.findings import Findings, compare
from obskit.masking import mask_text
from obskit.testing.record import records
from obskit.testing.survival import survives
from tests.helpers import heeding_ctrl_c

ENV = {"PYTHONIOENCODING": "utf-8:strict", "PYTHONPATH": ":".join(sys.path), "TERM": "xterm", "COLUMNS": "80"}
"""A strict UTF-8 locale, as most containers have."""

COMMAND = (sys.executable, "-m", "obskit.cli", "mask")
DEADLINE = 60
"""Seconds after which a test gives up."""


def run(given: bytes, *argv: str | Path) -> tuple[int, bytes, bytes]:
    done = subprocess.run([*COMMAND, *argv], input=given, capture_output=True, check=False, env=ENV)
    return done.returncode, done.stdout, done.stderr


def mask(given: bytes, *argv: str | Path) -> tuple[int, bytes]:
    code, stdout, stderr = run(given, *argv)
    assert b"" == stderr
    return code, stdout


def started(*argv: str | Path) -> subprocess.Popen[bytes]:
    command = heeding_ctrl_c(*COMMAND, *argv)
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV, bufsize=0
    )


def test_each_line_is_masked_as_what_it_is():
    """One run, for a process costs; each pair is a line and what becomes of it."""
    pairs = [
        (b"mail ann@example.com now\n", b"mail [EMAIL] now\n"),
        (b'{"password": "hunter2", "n": 1}\r\n', b'{"password": "[SECRET]", "n": 1}\r\n'),
        (b'{"password":"hunter2","n":1}\n', b'{"password":"[SECRET]","n":1}\n'),
        (b'["ann@example.com"]\n', b'["[EMAIL]"]\n'),
        (b'{"n":4242424242424242}\n', b'{"n":"[CARD]"}\n'),
        (b'{"a":"\\u2028\\n","email":"x"}\n', b'{"a":"\\u2028\\n","email":"[EMAIL]"}\n'),
        (b'{"body":"{\\"email\\":\\"x\\"}"}\n', b'{"body":"{\\"email\\":\\"[EMAIL]\\"}"}\n'),
        (
            b'2026-11-24 stream {"password":"hunter2"}\n',
            b'2026-11-24 stream {"password":"[SECRET]"}\n',
        ),
        (
            b'[INFO] {x} ann@example.com {"password":"hunter2"} and {"a": 1}, bob@example.com\n',
            b'[INFO] {x} [EMAIL] {"password":"[SECRET]"} and {"a": 1}, [EMAIL]\n',
        ),
        (b'{"cut off": {"password":"hunter2"}, "a\n', b'{"cut off": {"password":"[SECRET]"}, "a\n'),
        ("caf\xe9 ann@example.com\n".encode("latin-1"), "caf\xe9 [EMAIL]\n".encode("latin-1")),
        (
            '{"password":"x","note":"caf\xe9"}\n'.encode("latin-1"),
            '{"password":"[SECRET]","note":"caf\xe9"}\n'.encode("latin-1"),
        ),
        (
            '{"password":"x","note":"\xe9 \\u20ac \\ud83d\\ude00"}\n'.encode("latin-1"),
            '{"password":"[SECRET]","note":"\xe9 \\u20ac \\ud83d\\ude00"}\n'.encode("latin-1"),
        ),
        ("gr\xfc\xdfe ann@example.com".encode(), "gr\xfc\xdfe [EMAIL]".encode()),
    ]

    code, stdout = mask(b"".join(given for given, _ in pairs))

    assert [expected for _, expected in pairs] == stdout.splitlines(keepends=True)
    assert 0 == code


def test_of_doubled_keys_every_value_is_masked():
    """Parsers keep the last of them: the others must not pass for it."""
    given = (
        b'{"note":"ann@example.com","note":"ok"}\n{"password":"hunter2","password":null,"password":"hunter2"}\n'
        b'x {"a":[{"note":"ok","note":"ann@example.com","note":"bob@example.com"}]}\n'
    )

    code, stdout = mask(given, "--check")

    assert 1 == code
    for secret in (b"ann", b"bob", b"hunter2"):
        assert secret not in stdout
    first, second, third = stdout.splitlines()
    assert ["[EMAIL]", "ok"] == list(json.loads(first).values())
    assert "[SECRET]" == json.loads(second)["password"]
    assert ["ok", "[EMAIL]", "[EMAIL]"] == list(json.loads(third[2:])["a"][0].values())


def test_what_has_nothing_to_mask_stays_byte_for_byte():
    given = (
        b'plain\r\n{ "a" : 1.00,"b":[ ] }\n[1,  2]\n2026 {"a":1}  {}\n\n  \n\tcaf\xe9 \xff\x00\n'
        b'{"a": "caf\xe9"}\n{"a":\n{"a": NaN, "b": "\\ud83d", "a": -Infinity}\n{"email": "[EMAIL]"}\n'
        + "\u20ac \u2028 x\n".encode()
        + b"[" * 5_000
        + b"\n"
        + b"{" * 5_000
        + b"\nno newline"
    )

    assert (0, given) == mask(given)
    assert (0, given) == mask(given, "--check")
    assert (0, b"0 of 15 lines had something to mask: 0 in all\n") == mask(given, "--check", "--report")


@pytest.mark.parametrize(("text", "code"), [(b"ann@example.com\n", 1), (b"nobody\n", 0)])
def test_check_tells_whether_anything_was_masked(tmp_path: Path, text: bytes, code: int):
    first, second = tmp_path / "first.log", tmp_path / "second.log"
    first.write_bytes(text)
    second.write_bytes(b"caf\xe9\n")

    assert (code, text.replace(b"ann@example.com", b"[EMAIL]") + b"caf\xe9\n") == mask(b"", "--check", first, second)
    assert 0 == mask(b"", first, second)[0]


def test_files_may_be_compressed_and_a_dash_is_standard_input(tmp_path: Path):
    """What tells is how they begin, not their name."""
    packed, plain = tmp_path / "packed.log", tmp_path / "plain.gz"
    packed.write_bytes(gzip.compress(b"one ann@example.com\n" * 2))
    plain.write_bytes(b"three\n")

    assert (0, b"one [EMAIL]\none [EMAIL]\nin [EMAIL]\nthree\n") == mask(b"in bob@example.com\n", packed, "-", plain)
    assert (0, b"in [EMAIL]\n") == mask(gzip.compress(b"in bob@example.com\n"))


def test_a_file_that_cannot_be_read_is_told_and_the_next_one_follows(tmp_path: Path):
    packed = gzip.compress(os.urandom(1000).hex().encode())
    for name, data in [
        ("cut.gz", packed[:-20]),
        ("spoilt.gz", packed[:-8] + b"\0" * 8),
        ("windows.txt", "ann@example.com\n".encode("utf-16")),
        ("good.log", b"ann@example.com\n"),
    ]:
        (tmp_path / name).write_bytes(data)

    code, stdout, stderr = run(b"", *(tmp_path / name for name in ("cut.gz", "windows.txt", "good.log")))

    assert (1, b"[EMAIL]\n") == (code, stdout)
    assert [
        f"error: {tmp_path}/cut.gz: ends within its compressed data",
        f"error: {tmp_path}/windows.txt: is UTF-16; iconv -f utf-16 -t utf-8 makes it readable",
    ] == stderr.decode().splitlines()
    code, stdout, stderr = run(b"", "--report", tmp_path / "spoilt.gz", tmp_path / "good.log")
    assert 1 == code
    assert stderr.decode().startswith(f"error: {tmp_path}/spoilt.gz: CRC check failed")
    assert b"1 in all\n" in stdout


@pytest.mark.parametrize(("pack", "tool"), [(bz2.compress, "bzip2 -dc"), (lzma.compress, "xz -dc")])
def test_what_is_packed_in_another_way_does_not_pass_as_clean(pack: Callable[[bytes], bytes], tool: str):
    code, stdout, stderr = run(pack(b"ann@example.com\n"), "--check")

    assert (1, b"") == (code, stdout)
    assert f"error: -: is compressed, and not with gzip; {tool} makes it readable\n" == stderr.decode()


@pytest.mark.parametrize(
    ("argv", "words"),
    [(["no-such-file"], b"'no-such-file' does not exist"), (["--format", "json"], b"--format is for --report")],
)
def test_wrong_usage_is_told_before_anything_is_read(argv: list[str], words: bytes):
    code, stdout, stderr = run(b"ann@example.com\n", "-", *argv)

    assert (2, b"") == (code, stdout)
    assert words in stderr


def test_a_line_leaves_before_the_next_one_comes():
    """`tail -f app.log | obskit mask` is live."""
    with started() as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(b"%d ann@example.com\n" % number)
            assert select.select([process.stdout], [], [], DEADLINE)[0]
            assert b"%d [EMAIL]\n" % number == process.stdout.read(100)
        process.stdin.close()
        assert b"" == process.stdout.read(100)
        assert 0 == process.wait(DEADLINE)


def test_who_has_seen_enough_may_leave(tmp_path: Path):
    """`obskit mask app.log | head -1` ends without a word."""
    (tmp_path / "app.log").write_bytes(b"ann@example.com\n" * 20_000)
    with started(tmp_path / "app.log") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert b"" == process.stderr.read()
        assert 1 == process.wait(DEADLINE)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_it_waits_ends_it(number: int):
    with started() as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"ann@example.com\n")
        assert b"[EMAIL]\n" == process.stdout.read(100)
        process.send_signal(number)
        assert (b"", b"") == (process.stdout.read(), process.stderr.read())
        assert 128 + number == process.wait(DEADLINE)


INTERRUPTED = """
import signal, sys
from obskit.cli import main, mask
within, number = sys.argv.pop(1), int(sys.argv.pop(1))
changed_lines, writer = mask.changed_lines, mask._writer

def interrupted_read(*given):
    parts = changed_lines(*given)
    yield next(parts)
    signal.raise_signal(number)
    yield from parts

def interrupted_writer(out):
    def write(part):
        out.write(part[:3])
        signal.raise_signal(number)
        out.write(part[3:])
    return write

if within == "read":
    mask.changed_lines = interrupted_read
else:
    mask._writer = interrupted_writer
main()
"""
"""The command, with a signal at one moment of its work."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("within", "argv", "stdout"),
    [
        ("read", [], b"[EMAIL] 1\n"),
        ("write", [], b"[EMAIL] 1\n"),
        (
            "read",
            ["--report", "--check"],
            b"CLASS  PATH    COUNT\nEMAIL  (text)      1\n1 of 1 lines had something to mask: 1 in all\n",
        ),
    ],
)
def test_after_a_signal_whole_lines_are_written_and_what_was_read_is_told(
    within: str, argv: list[str], stdout: bytes, number: int
):
    command = heeding_ctrl_c(sys.executable, "-c", INTERRUPTED, within, number, "mask", *argv)
    given = b"ann@example.com 1\nann@example.com 2\n"

    done = subprocess.run(command, input=given, capture_output=True, check=False, env=ENV)

    assert (128 + number, stdout, b"") == (done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_line_without_an_end_can_be_stopped_and_gets_one(number: int):
    with subprocess.Popen(
        heeding_ctrl_c(sys.executable, "-m", "obskit.cli", "mask", "/dev/zero"), stdout=subprocess.PIPE, env=ENV
    ) as process:
        assert process.stdout is not None
        assert b"[TOO MUCH]" == process.stdout.read(10)
        process.send_signal(number)
        assert b"\n" == process.stdout.read()
        assert 128 + number == process.wait(DEADLINE)


ENCODED = base64.b64encode(b'{"email":"ann@example.com","note":"' + b"long " * 20 + b'"}')
LOG = (
    b'{"customer":{"email":"ann@example.com","phone":"+44 20 7946 0958"},"items":[{"note":"ok"}]}\n'
    b'{"customer":{"email":"bob@example.com"},"items":[{"note":"a@example.com, b@example.com"},'
    b'{"note":"+1 202 555 0123"}]}\n'
    b'2026-11-24T07:07:50Z ann@example.com from 192.0.2.1 {"body":"{\\"login\\":{\\"password\\":\\"hunter2\\"}}"}\n'
    b'{"ann@example.com":{"n":1},"a.b c":{"pin":"1234"},"ann":"x","email":"a@example.com","email":"b@example.com"}\n'
    b'{"\\u001b[2J":["ann@example.com"],"data":"' + ENCODED + b'"}\n'
    b'["ann@example.com"]\n' + b'{"deep":' + b"[" * 40 + b"]" * 40 + b"}\n"
    b"nothing, [EMAIL] was here before\n"
    b"ann@example.com"
)
REPORT = """\
CLASS   PATH                                                                COUNT
EMAIL   (text)                                                                  2
EMAIL   customer.email                                                          2
EMAIL   email                                                                   2
EMAIL   items[].note                                                            2
EMAIL   "\\u001b[2J"[]                                                           1
EMAIL   [EMAIL]                                                                 1
EMAIL   []                                                                      1
EMAIL   data (base64) → email                                                   1
PHONE   customer.phone                                                          1
PHONE   items[].note                                                            1
IP      (text)                                                                  1
SECRET  "a.b c".pin                                                             1
SECRET  body → login.password                                                   1
OTHER   deep[][][][][][][][][][][][][][][][][][][][][][][][][][][][][][][]      1
8 of 9 lines had something to mask: 18 in all
"""


def test_a_report_counts_by_class_and_place():
    code, stdout = mask(LOG, "--report", "--check")

    assert (1, REPORT) == (code, stdout.decode())


def test_a_report_for_machines():
    code, stdout = mask(LOG, "--report", "--format", "json")

    rows = [(line[:8].strip(), line[8:-5].strip(), int(line[-5:])) for line in REPORT.splitlines()[1:-1]]
    assert 0 == code
    assert {
        "lines": 9,
        "lines_found": 8,
        "classes": {"EMAIL": 12, "PHONE": 2, "IP": 1, "SECRET": 2, "OTHER": 1},
        "found": [{"class": name, "path": path, "count": count} for name, path, count in rows],
    } == json.loads(stdout)


def test_a_report_never_shows_a_value_and_misses_no_change():
    """What is masked is counted, and what is counted is masked, over records of every kind."""
    findings = Findings(detailed=True)
    leaks = []
    for record in records(300, seed=3):
        given = json.dumps(record.value, ensure_ascii=False)
        masked = findings.mask(given)
        findings.end_line()
        rows = compare(given, masked)
        assert bool(rows) == (masked != given)
        paths = " ".join(path for _, path in rows)
        leaks += [planted.text for planted in record.planted if survives(planted.text, paths)]
    assert [] == leaks
    assert 300 == findings.lines
    assert sum(findings.totals().values()) == sum(count for _, _, count in findings.rows())


def test_ids_as_keys_do_not_fill_the_report():
    findings = Findings(detailed=True)
    for number in range(1500):
        findings.mask(json.dumps({f"order {number}": {"email": "x"}}))

    rows = findings.rows()
    assert [("EMAIL", '"order 0".email', 1), ("EMAIL", "(more paths)", 500)] == [rows[0], rows[-1]]
    assert 1001 == len(rows)


def on_terminal(streams: str, given: bytes, *argv: str | Path) -> tuple[bytes, bytes]:
    """Return what the command writes to a terminal of 80 columns, as which it gets *streams*, and to a pipe."""
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
    stdout, stderr = (inner if name in streams else subprocess.PIPE for name in ("stdout", "stderr"))
    command = [*COMMAND, *argv]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=stdout, stderr=stderr, env=ENV) as process:
        os.close(inner)
        assert process.stdin is not None
        process.stdin.write(given)
        process.stdin.close()
        seen = b""
        try:
            while part := os.read(outer, 65536):
                seen += part
        except OSError:  # Linux: the other end is closed
            pass
        finally:
            os.close(outer)
        pipe = process.stdout or process.stderr
        return seen, pipe.read() if pipe else b""


def test_progress_is_shown_on_a_terminal_and_for_files_only(tmp_path: Path):
    path = tmp_path / "app.log"
    path.write_bytes(b"ann@example.com\n" * 5_000)

    terminal, stdout = on_terminal("stderr", b"", path)
    assert b"[EMAIL]\n" * 5_000 == stdout
    assert b"80.0 kB" in terminal
    assert (b"", b"[EMAIL]\n") == on_terminal("stderr", b"ann@example.com\n")
    assert (b"", b"") == (run(b"", path)[2], run(b"", path, "--report")[2])


def test_on_a_terminal_the_report_is_drawn_into_80_columns():
    terminal, stderr = on_terminal("stdout", LOG, "--report")

    drawn = re.sub(r"\x1b\[[0-9;]*m", "", terminal.decode()).split("\r\n")[:-1]
    assert b"" == stderr
    assert ["SECRET", '"a.b', 'c".pin', "1"] in [line.split() for line in drawn]
    assert ["EMAIL", "[EMAIL]", "1"] in [line.split() for line in drawn]
    assert "8 of 9 lines had something to mask: 18 in all" == drawn[-1]
    assert all(len(line) <= 80 for line in drawn)


def test_a_terminal_gets_text_without_progress_in_it(tmp_path: Path):
    path = tmp_path / "app.log"
    path.write_bytes(b"ann@example.com\n")

    assert (b"[EMAIL]\r\n", b"") == on_terminal("stdout and stderr", b"", path)


def test_only_a_terminal_loads_the_library_that_draws(tmp_path: Path):
    code = "import sys; from obskit.cli import run; run(sys.argv[1:], sys.stdout, sys.stderr)"
    code += "; print('rich' in sys.modules)"
    given = b"ann@example.com\n"
    (tmp_path / "app.log").write_bytes(given)

    for argv in ([], ["--report"], [str(tmp_path / "app.log")]):
        command = [sys.executable, "-c", code, "mask", *argv]
        stdout = subprocess.run(command, input=given, capture_output=True, check=True, env=ENV).stdout
        assert stdout.endswith(b"False\n")


def pieces(line: bytes) -> tuple[bytes, dict[str, int]]:
    findings = Findings(detailed=True)
    return b"".join(lines.changed_lines(io.BytesIO(line), findings.mask, findings.refuse)), findings.totals()


def test_a_long_line_is_cut_between_its_documents():
    """Each is masked by its keys, as if it stood alone."""
    written = [json.dumps({"customer": {"name": "Ann Lee"}, "note": "x " * 500, "id": n}) for n in range(1500)]

    masked, totals = pieces(f'{{"items": [{", ".join(written)}]}}\r\n'.encode())

    assert f'{{"items": [{", ".join(map(mask_text, written))}]}}\r\n' == masked.decode()
    assert {"NAME": 1500} == totals


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_what_can_neither_be_held_nor_cut_is_replaced_to_the_end_of_the_line(end: bytes):
    blob = b"a" * (lines.LONGEST * 2 - 1)

    assert (b"[TOO MUCH]" + end, {"OTHER": 1}) == pieces(blob + end)
    assert (b"[TOO MUCH]" + end, {"OTHER": 1}) == pieces(blob + b"aa ann@example.com" + end)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["plain", "words", "caf\xe9", "\U0001f600", "1,", "{}", '{"id":7},']), min_size=20),
    st.integers(0, 60),
    st.sampled_from(["4242 4242 4242 4242", "ann@example.com", 'password="one two"', "+44 20 7946 0958"]),
)
def test_no_cut_tears_a_value_apart(words: list[str], before: int, value: str):
    """With small pieces, a value is at every place near a cut."""
    filler = " ".join(words)
    line = ("x " * before + f"{filler} {value} {filler} " * 60).encode()
    with pytest.MonkeyPatch.context() as patch:
        for name, size in (("LONGEST", 1024), ("_PIECE", 512), ("_NEAR", 128)):
            patch.setattr(lines, name, size)
        masked, _ = pieces(line)

    whole = mask_text(line.decode())
    said = masked.decode()
    assert said == whole or (said.endswith("[TOO MUCH]") and whole.startswith(said.removesuffix("[TOO MUCH]")))


BOUNDED = """
import resource, sys
from obskit.cli import main
resource.setrlimit(resource.RLIMIT_DATA, (int(sys.argv.pop(1)),) * 2)
main()
"""
"""The command, with a limit to its memory."""


def test_a_line_of_any_length_takes_little_memory(tmp_path: Path):
    """64 MB in one line, with less than half of that allowed."""
    path, words = tmp_path / "long.log", b"plain words of a line, and more of them "
    with path.open("wb") as file:
        for _ in range(64):
            file.write(words * (1_000_000 // len(words)))
        file.write(b"ann@example.com\n")

    command = [sys.executable, "-c", BOUNDED, str(24 << 20), "mask", str(path)]
    with (tmp_path / "masked.log").open("wb") as out:
        done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, check=False, env=ENV)

    assert (0, b"") == (done.returncode, done.stderr)
    assert path.stat().st_size - len("ann@example.com") + len("[EMAIL]") == (tmp_path / "masked.log").stat().st_size
    with path.open("rb") as given, (tmp_path / "masked.log").open("rb") as masked:
        while part := given.read(1 << 20):
            assert part.replace(b"ann@example.com", b"[EMAIL]") == masked.read(1 << 20)
