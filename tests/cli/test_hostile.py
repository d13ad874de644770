"""The command line where something is hostile or broken: streams, folders, definitions, text of others."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys

import pytest

from tests.command import obskit
from tests.helpers import heeding_ctrl_c

HERE = "{}.{}".format(*sys.version_info)


def in_shell(words, cwd, **variables):
    """Run `obskit` as a shell does: *words* may redirect."""
    program = f"{sys.executable} -m obskit.cli"
    return subprocess.run(
        ["sh", "-c", words.replace("obskit ", f"{program} ")],
        cwd=cwd,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("obskit settings >&-", 0, ""),
        ("obskit settings 2>&-", 0, ""),
        ("obskit settings > /dev/full", 1, "error: No space left on device\n"),
    ],
    ids=["closed", "no stderr", "full"],
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_stream_that_takes_nothing_is_no_traceback(shop, words, code, said, unbuffered):
    done = in_shell(words, shop, PYTHONUNBUFFERED=unbuffered)

    assert (code, said) == (done.returncode, done.stderr)


def test_a_stream_that_is_not_utf_8_gets_what_it_can_hold(shop, spoil):
    spoil("alarms/checkout.py", "checkout-failures", "checkout-fails")

    done = in_shell("obskit diff --env dev", shop, PYTHONIOENCODING="latin-1")

    assert (0, "") == (done.returncode, done.stderr)
    assert " \\u2192 " in done.stdout


def test_a_folder_that_is_gone_is_told(tmp_path):
    done = in_shell("mkdir gone && cd gone && rmdir ../gone && obskit metrics", tmp_path)

    assert (1, "error: the current folder is not there any more; cd to one that is\n") == (done.returncode, done.stderr)


@pytest.mark.parametrize(
    "words",
    [
        ["render", "--env", "dev", "--out"],
        ["metrics", "--format", "markdown", "--out"],
        ["appsync-function", "--out"],
        ["layer", "build", "--only", "lean", "--python", HERE, "--out"],
    ],
    ids=lambda words: words[0],
)
def test_a_place_that_cannot_be_written_is_told(shop, words):
    (shop / "file").write_text("")
    root = [] if words[0] in ("layer", "appsync-function") else ["-C", shop]
    cache = ["--cache", shop / "cache"] if words[0] == "layer" else []

    code, _, said = obskit(*root, *words, shop / "file" / "below", *cache)

    assert (1, True) == (code, said.splitlines()[-1].startswith(f"error: {shop}/file")), said


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("class Odd(BaseException): ...\nraise Odd('odd')", "Odd: odd"),
        ("class Mute(Exception):\n    def __str__(self): raise ValueError\nraise Mute", "Mute"),
        ("raise SystemExit(0)", "SystemExit: 0"),
        (r"raise ValueError('\x1b[2J\x1b]0;mine\x07')", r"ValueError: \x1b[2J\x1b]0;mine\x07"),
    ],
    ids=["base", "mute", "exit", "controls"],
)
def test_whatever_a_definition_raises_is_told_in_a_line(shop, code, words):
    (shop / "alarms" / "odd.py").write_text(code)

    found, _, said = obskit("-C", shop, "check")

    line = code.count("\n") + 1
    assert (1, f"alarms/odd.py:{line}: error: {words} [definition]\n") == (found, said)


@pytest.mark.parametrize(
    "words", [["diff"], ["metrics"], ["backtest", "--env", "dev", "--simulate", "outage"]], ids=lambda words: words[0]
)
def test_json_is_a_document_also_where_it_fails(shop, words):
    (shop / "alarms" / "odd.py").write_text("raise ValueError('odd')")

    code, out, _ = obskit("-C", shop, *words, "--format", "json")

    problem = {"severity": "error", "message": "alarms/odd.py:1: ValueError: odd"}
    assert (1, {"problems": [problem]}) == (code, json.loads(out))


def test_a_name_in_a_template_forges_no_line(tmp_path):
    """CI takes a line that begins with `::` for an order."""
    forged = "A\n::set-output name=a::b\x1b[2K"
    template = {"Resources": {forged: {"Type": "AWS::CloudWatch::Alarm", "Properties": {}}}}
    (tmp_path / "t.json").write_text(json.dumps(template))

    _, _, said = obskit("validate", tmp_path / "t.json")

    assert r"A\n::set-output name=a::b\x1b[2K" in said
    assert not [line for line in said.splitlines() if line.startswith("::")]
    assert "\x1b" not in said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("obskit check <&-", 0, ""),
        ("obskit check <&- >&- 2>&-", 0, ""),
        ("obskit mask <&-", 1, "error: -: Bad file descriptor\n"),
        ("obskit trace - <&-", 2, "Error: Give an ID, or - to read it from standard input. It is one of\n"),
        ("obskit deploy --env dev <&-", 2, "Error: "),
    ],
)
def test_a_standard_input_that_is_closed_is_no_traceback(shop, words, code, said):
    done = in_shell(words, shop, AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null")

    assert code == done.returncode, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])


@SIGNALS
def test_a_definition_without_an_end_is_named_when_it_is_stopped(shop, number):
    (shop / "alarms" / "loop.py").write_text(
        f"import os\nwhile True:\n    os.kill(os.getpid(), {number})  # as a person or a job does after a while\n"
    )

    command = heeding_ctrl_c(sys.executable, "-m", "obskit.cli", "-C", shop, "check")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    said = f"\nstopped while {shop}/alarms/loop.py:3 was running\n"
    assert (128 + number, "", said) == (done.returncode, done.stdout, done.stderr)


STOPPED = {signal.SIGINT: "\nstopped by Ctrl-C\n", signal.SIGTERM: "\nstopped by SIGTERM\n"}

WHILE_IMPORTING = """
import signal, sys
module = sys.argv.pop(1)
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Finder())
from obskit.cli import main
main()
"""
"""The console script, with Ctrl-C at the moment at which it imports the module that its first word names."""


@pytest.mark.parametrize("module", ["click", "obskit.cli.commands", "obskit.cli.check", "obskit.deploy.check"])
def test_ctrl_c_while_modules_are_loaded_is_a_line_and_no_traceback(shop, module):
    command = heeding_ctrl_c(sys.executable, "-c", WHILE_IMPORTING, module, "check")
    done = subprocess.run(command, cwd=shop, capture_output=True, text=True, timeout=60, check=False)

    assert (130, "", STOPPED[signal.SIGINT]) == (done.returncode, done.stdout, done.stderr)


PICTURED = """
import os, sys
from obskit.cli import main
os.environ["GROUP"] = str(os.getpgid(0))
sys.executable = "./picture"
main()
"""


@SIGNALS
def test_a_preview_that_is_stopped_says_so_in_a_line_and_its_processes_say_nothing(shop, number):
    """A terminal sends Ctrl-C to a whole group: what makes PNGs is not in it."""
    (shop / "picture").write_text(f"#!/bin/sh\ntrap 'echo hit >&2' {number}\nkill -{number} -$GROUP\nexec cat\n")
    (shop / "picture").chmod(0o755)

    words = ("preview", "overview", "--env", "dev", "--format", "png", "--out", "out")
    command = heeding_ctrl_c(sys.executable, "-c", PICTURED, *words)
    done = subprocess.run(
        command, cwd=shop, capture_output=True, text=True, timeout=60, check=False, start_new_session=True
    )

    assert (128 + number, "", STOPPED[number]) == (done.returncode, done.stdout, done.stderr)
    assert not (shop / "out").exists()


ENDED = """
import pathlib, signal, sys
from obskit.cli import main
number, moment, write = int(sys.argv.pop(1)), int(sys.argv.pop(1)), pathlib.Path.write_bytes

def interrupted(path, data):
    global moment
    moment -= 1
    if not moment:
        write(path, data[:len(data) // 2])
        signal.raise_signal(number)
    return write(path, data)

pathlib.Path.write_bytes = interrupted
main()
"""
"""The command, with a signal in the middle of a file."""


@SIGNALS
@pytest.mark.parametrize("moment", [1, 5])
def test_render_that_is_stopped_leaves_the_files_of_before(shop, number, moment):
    assert 0 == obskit("-C", shop, "render", "--env", "dev", "--out", shop / "build")[0]
    before = {path: path.read_bytes() for path in (shop / "build").rglob("*") if path.is_file()}
    for path in before:
        path.write_bytes(b"old")

    command = heeding_ctrl_c(sys.executable, "-c", ENDED, number, moment, "-C", shop, "render", "--env", "dev", "--out")
    done = subprocess.run([*command, shop / "build"], capture_output=True, text=True, timeout=60, check=False)

    after = {path: path.read_bytes() for path in (shop / "build").rglob("*") if path.is_file()}
    assert (128 + number, "", STOPPED[number]) == (done.returncode, done.stdout, done.stderr)
    assert dict.fromkeys(before, b"old") == after


READERS = {
    "trace --logs": (["trace", "cart-1"], "--logs"),
    "trace --spans": (["trace", "cart-1"], "--spans"),
    "backtest --data": (["backtest", "--env", "dev"], "--data"),
    "preview --emf": (["preview", "--env", "dev", "--out", "out"], "--emf"),
    "preview --recorded": (["preview", "--env", "dev", "--out", "out"], "--recorded"),
}
"""Every option that reads captured output."""


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")], ids=["pipe", "device"])
def test_captured_output_without_an_end_is_told(shop, reader, make):
    make(shop / "endless")
    words, option = READERS[reader]

    found = obskit("-C", shop, *words, option, shop / "endless")

    said = f"error: {shop}/endless: is not a regular file; write what it gives to one, and name that\n"
    assert (1, "", said) == found


def deep(words, reader, shop):
    (shop / "deep").write_text(words * 50_000)
    given, option = READERS[reader]
    return obskit("-C", shop, *given, option, shop / "deep")


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("words", ["[", '{"a":', '{"message":"_aws","_aws":', '{"MetricDataResults":['])
def test_captured_output_that_is_too_deep_is_no_traceback(shop, reader, words):
    code, out, said = deep(words, reader, shop)

    assert (1, "") == (code, out)
    assert said.startswith("error: ")


AT = "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("times", "values", "words"),
    [
        ([1e300], [1], "'1e+300' is no time: ISO 8601, or seconds or milliseconds since 1970"),
        (["0001-01-01T00:00:00+14:00"], [1], "'0001-01-01T00:00:00+14:00' is no time: "),
        ([AT], [], "a result has 1 Timestamps and 0 Values"),
        ([AT], [{}], "float() argument must be a string or a real number, not 'dict'"),
        (7, [1], "'int' object is not iterable"),
    ],
)
def test_an_export_that_says_no_time_is_told(shop, times, values, words):
    result = {"Id": "m1", "Label": "CheckoutFailure", "Timestamps": times, "Values": values}
    (shop / "data.json").write_text(json.dumps({"MetricDataResults": [result]}))

    code, _, said = obskit("-C", shop, "backtest", "--env", "dev", "--data", shop / "data.json")

    assert 1 == code
    assert said.startswith(f"error: {shop}/data.json: cannot be read as what get-metric-data prints: {words}")


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    [
        ("1e300,A,1", 2, "'1e300' is no time: ISO 8601, or seconds or milliseconds since 1970"),
        (f"{AT},A,1e999", 2, "inf is no value that CloudWatch takes"),
        (f"{AT},{'x' * 200_000},1", 2, "field larger than field limit (131072)"),
        (f'{AT},A,1\n{AT},"{"x" * 200_000}', 3, "field larger than field limit (131072)"),
    ],
)
def test_a_table_that_cannot_be_read_is_told_with_its_line(shop, rows, line, words):
    (shop / "data.csv").write_text(f"timestamp,metric,value\n{rows}\n")

    found = obskit("-C", shop, "backtest", "--env", "dev", "--data", shop / "data.csv")

    assert (1, "", f"error: {shop}/data.csv:{line}: {words}\n") == found


@pytest.mark.parametrize("option", [["backtest", "--data"], ["preview", "--out", "out", "--emf"]], ids=lambda it: it[0])
def test_a_measurement_of_no_time_is_passed_over(shop, option):
    (shop / "app.log").write_text('{"_aws": {"Timestamp": 1e300}}\n{"_aws": {"Timestamp": 1e999}}\n')

    code, _, said = obskit("-C", shop, option[0], "--env", "dev", *option[1:], shop / "app.log")

    assert (1, True) == (code, said.startswith("error: ")), said


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"MetricDataQueries": [1], "MetricDataResults": []},
        {"MetricDataQueries": [{"Id": "a", "MetricStat": {"Metric": "x", "Stat": "Sum"}}], "MetricDataResults": [{}]},
        {
            "MetricDataQueries": [{"Id": "a", "MetricStat": {"Metric": "x", "Stat": "Sum"}}],
            "MetricDataResults": [{"Id": "a"}],
        },
    ],
)
def test_a_recording_of_another_shape_is_told(shop, document):
    (shop / "data.json").write_text(json.dumps(document))

    code, _, said = obskit(
        "-C", shop, "preview", "--env", "dev", "--out", shop / "out", "--recorded", shop / "data.json"
    )

    assert (1, True) == (code, said.startswith(f"error: {shop}/data.json: not a recording of GetMetricData: ")), said


HOSTILE = "a\x1b[2J\x9b2J\u202e\n::error::forged"
SAID = r"a\x1b[2J\x9b2J\u202e\n::error::forged"


def is_harmless(text):
    """Say whether *text* moves no cursor, turns no line round and gives CI no order."""
    return not {"\x1b", "\x9b", "\u202e"} & set(text) and not text.startswith("::error::") and "\n::" not in text


def hostile_template():
    metric = {"Namespace": "N", "MetricName": HOSTILE, "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1}
    alarm = {**metric, "AlarmName": HOSTILE, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"}
    resources = {
        "A": {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm},
        "B": {
            "Type": "AWS::CloudWatch::CompositeAlarm",
            "Properties": {"AlarmName": f"b{HOSTILE}", "AlarmRule": f'ALARM("{HOSTILE}x")'},
        },
    }
    return {"Resources": resources}


def test_backtest_shows_and_draws_names_of_anybody(tmp_path):
    (tmp_path / "t.json").write_text(json.dumps(hostile_template()))

    given = ["backtest", "--template", tmp_path / "t.json", "--simulate", "outage", "--out", tmp_path / "out"]
    code, out, said = obskit(*given)

    assert 1 == code  # the composite reads an alarm that is not there
    assert is_harmless(out)
    assert is_harmless(said)
    assert SAID in out
    assert SAID in said
    assert 1 == len(list((tmp_path / "out").glob("*.png")))
    assert "\x1b" not in (tmp_path / "out" / "backtest.html").read_text()


def test_an_annotation_of_github_holds_names_of_anybody(tmp_path):
    template = {"Resources": {HOSTILE: {"Type": "AWS::CloudWatch::Alarm", "Properties": {}}}}
    (tmp_path / "t.json").write_text(json.dumps(template))

    _, out, _ = obskit("validate", tmp_path / "t.json", "--format", "github")

    assert all(re.match("::(error|warning|notice) file=", line) for line in out.splitlines())
    assert not {"\x1b", "\x9b", "\u202e"} & set(out)
    assert r"a\x1b[2J\x9b2J\u202e%0A::error::forged" in out


@pytest.mark.parametrize("format_", ["table", "json"])
def test_a_report_of_masking_holds_keys_of_anybody(tmp_path, format_):
    (tmp_path / "app.log").write_text(json.dumps({HOSTILE: {"email": "ann@example.com"}}, ensure_ascii=False) + "\n")

    code, out, _ = obskit("mask", "--report", "--format", format_, tmp_path / "app.log")

    assert (0, True) == (code, is_harmless(out)), out
    assert "EMAIL" in out


@pytest.mark.parametrize("format_", ["text", "json"])
def test_a_trace_holds_spans_lines_and_notes_of_anybody(tmp_path, format_):
    trace_id = "1-5759e988-bd862e3fe1be46a994272793"
    span = {"id": "53995c3f42cd8ad8", "trace_id": trace_id, "name": HOSTILE, "start_time": 1.0, "end_time": 2.0}
    line = {"timestamp": "2026-01-01T00:00:00.000Z", "xray_trace_id": trace_id, "message": HOSTILE, HOSTILE: HOSTILE}
    (tmp_path / "spans").write_text(json.dumps(span))
    (tmp_path / "logs").write_text(json.dumps(line, ensure_ascii=False) + "\n")
    odd = tmp_path / "odd\x1b[2J"
    odd.write_text("nothing")

    code, out, said = obskit(
        *("trace", trace_id, "--format", format_, "--logs", tmp_path / "logs"),
        *("--spans", tmp_path / "spans", "--spans", odd),
    )

    assert (0, True, True) == (code, is_harmless(out), is_harmless(said)), out
    assert said == f"note: no X-Ray document in {tmp_path}/odd\\x1b[2J\n"


def test_a_folder_that_is_a_link_is_named_and_left_alone(shop):
    (shop / "real").mkdir()
    (shop / "out").symlink_to(shop / "real")

    found = obskit("-C", shop, "render", "--env", "dev", "--out", shop / "out")

    words = "goes through a link; what is behind it is somebody else's, and is not compared, written or removed"
    assert (1, "", f"error: {shop}/out: {words}\n") == found
    assert [] == list((shop / "real").iterdir())


def test_a_disk_that_is_full_is_named_and_leaves_the_files_of_before(shop):
    assert 0 == obskit("-C", shop, "render", "--env", "dev", "--out", shop / "build")[0]
    before = {path: b"old" for path in (shop / "build").rglob("*") if path.is_file()}
    for path in before:
        path.write_bytes(b"old")

    done = in_shell(f"ulimit -f 8; obskit -C {shop} render --env dev --out {shop}/build", shop)

    assert (1, "") == (done.returncode, done.stdout)
    assert re.fullmatch(rf"error: {shop}/build/[\w./-]+\.json: File too large\n", done.stderr)
    assert before == {path: path.read_bytes() for path in (shop / "build").rglob("*") if path.is_file()}


def test_renders_at_once_into_one_folder_leave_whole_files(shop):
    program = f"{sys.executable} -m obskit.cli -C {shop} render --env dev --out"
    assert 0 == subprocess.run([*program.split(), shop / "one"], capture_output=True, check=False).returncode
    expected = {path.relative_to(shop / "one"): path.read_bytes() for path in (shop / "one").rglob("*.json")}

    running = [subprocess.Popen([*program.split(), shop / "all"], stdout=subprocess.DEVNULL) for _ in range(3)]

    assert [0, 0, 0] == [process.wait(60) for process in running]
    assert expected == {path.relative_to(shop / "all"): path.read_bytes() for path in (shop / "all").rglob("*.*")}


def large(path):
    with path.open("wb") as file:
        file.truncate(2 << 30)  # of which the disk holds nothing


@pytest.mark.parametrize(
    ("make", "words"),
    [(large, "has more than 5000000 bytes"), (os.mkfifo, "is not a regular file")],
    ids=["large", "pipe"],
)
def test_a_committed_file_that_is_none_is_told(shop, make, words):
    body = shop / "dashboards" / "rendered" / "dev" / "api.json"
    body.unlink()
    make(body)

    found = obskit("-C", shop, "diff", "--env", "dev")

    assert (1, "", f"error: dashboards/rendered/dev/api.json: {words}\n") == found


def test_settings_of_2_gb_are_told(shop):
    large(shop / "obskit.toml")

    found = obskit("-C", shop, "render", "--env", "dev")

    assert (1, "", "error: obskit.toml: has more than 5000000 bytes\n") == found


def test_settings_with_the_mark_of_an_editor_are_read(shop):
    """TOML 1.1 passes over it."""
    toml = shop / "obskit.toml"
    toml.write_bytes(b"\xef\xbb\xbf" + toml.read_bytes().replace(b"\n", b"\r\n"))

    assert 0 == obskit("-C", shop, "render", "--env", "dev", "--check")[0]


def test_a_runbook_of_other_bytes_is_told_and_shown(shop):
    book = shop / "alarms" / "runbooks" / "checkout-failures.md"
    book.write_bytes(b"\xff" + book.read_bytes())

    checked = obskit("-C", shop, "check")
    code, out, _ = obskit("-C", shop, "runbook", "checkout-failures")

    said = "alarms/runbooks/checkout-failures.md: error: is not UTF-8 (byte 0) [runbook]\n"
    assert (1, "1 error, 0 warnings\n", said) == checked
    assert (0, "\ufffd#") == (code, out[:2])


def test_a_runbook_beyond_its_folder_is_not_shown(shop, spoil):
    (shop / "secret.md").write_text("secret")
    spoil("alarms/checkout.py", '"checkout-failures.md"', '"../../secret.md"')

    code, out, said = obskit("-C", shop, "runbook", "checkout-failures")

    assert (1, "") == (code, out)
    assert "alarms/runbooks/../../secret.md: no such runbook" in said


def test_alarms_of_any_name_have_a_picture_each(tmp_path):
    names = ["a/b", "a_b", "a:b", "../../evil", ".", "n" * 255, "\U0001f600", "</svg><script>alert(1)</script>"]
    alarm = hostile_template()["Resources"]["A"]["Properties"]
    resources = {
        f"A{number}": {"Type": "AWS::CloudWatch::Alarm", "Properties": {**alarm, "AlarmName": name, "MetricName": "M"}}
        for number, name in enumerate(names)
    }
    (tmp_path / "t.json").write_text(json.dumps({"Resources": resources}))

    obskit("backtest", "--template", tmp_path / "t.json", "--simulate", "outage", "--out", tmp_path / "out")

    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert len(names) == len([name for name in written if name.endswith(".png")])
    assert {"a_b.png", "backtest.html", "backtest.json"} <= written
    assert {"out", "t.json"} == {path.name for path in tmp_path.iterdir()}
    assert "<script" not in (tmp_path / "out" / "backtest.html").read_text()
