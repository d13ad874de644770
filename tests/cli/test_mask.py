"""`obskit mask`: what a team scans yesterday's logs with."""

import subprocess
import sys

import pytest


def mask(text, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "obskit.cli", "mask", *arguments],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("call ann@example.com\n", "call [EMAIL]\n"),
        ('{"password": "hunter2", "n": 1}\n', '{"password": "[SECRET]", "n": 1}\n'),
        ('{"note":"ann@example.com","note":"ok"}\n', '{"note":"[EMAIL]","note":"ok"}\n'),
        ('{"n":1.10}\n', '{"n":1.10}\n'),
        ("{not json\n", "{not json\n"),
        ("no end of line", "no end of line"),
    ],
)
def test_each_line_is_masked_by_what_it_is(line, masked):
    done = mask(line, "--check")

    assert done.stdout == masked
    assert done.returncode == (1 if masked != line else 0)
    assert done.stderr == ""


def test_without_check_masking_is_no_problem():
    assert mask("ann@example.com\n").returncode == 0
