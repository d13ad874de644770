"""The command line where something is hostile or broken: streams, folders, definitions, text of others."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest

from obskit.cli import run

HERE = "{}.{}".format(*sys.version_info)


def obskit(*argv):
    stdout, stderr = io.StringIO(), io.StringIO()
    code = run([str(arg) for arg in argv], stdout, stderr)
    return code, stdout.getvalue(), stderr.getvalue()


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
