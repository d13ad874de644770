"""`obskit mask` as a whole: bytes in on stdin or in files; bytes and an exit code out."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def mask(given: bytes, *argv: str | Path) -> tuple[int, bytes]:
    """Run the command in a strict UTF-8 locale, as most containers have."""
    env = {"PYTHONIOENCODING": "utf-8:strict", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-m", "obskit.cli", "mask", *argv], input=given, capture_output=True, check=False, env=env
    )
    assert b"" == done.stderr
    return done.returncode, done.stdout


def test_each_line_is_masked_as_what_it_is():
    """One run, for a process costs; each pair is a line and what becomes of it."""
    pairs = [
        (b"mail ann@example.com now\n", b"mail [EMAIL] now\n"),
        (b'{"password": "hunter2", "n": 1}\r\n', b'{"password": "[SECRET]", "n": 1}\r\n'),
        (b'["ann@example.com"]\n', b'["[EMAIL]"]\n'),
        (
            b'2026-11-24 stream {"password":"hunter2"}\n',
            b'2026-11-24 stream {"password": "[SECRET]"}\n',
        ),
        (
            b'[INFO] {x} ann@example.com {"password":"hunter2"} and {"a":1}, bob@example.com\n',
            b'[INFO] {x} [EMAIL] {"password": "[SECRET]"} and {"a":1}, [EMAIL]\n',
        ),
        (b'{"cut off": {"password":"hunter2"}, "a\n', b'{"cut off": {"password": "[SECRET]"}, "a\n'),
        ("caf\xe9 ann@example.com\n".encode("latin-1"), "caf\xe9 [EMAIL]\n".encode("latin-1")),
        (
            '{"password":"x","note":"caf\xe9"}\n'.encode("latin-1"),
            '{"password": "[SECRET]", "note": "caf\xe9"}\n'.encode("latin-1"),
        ),
        (
            '{"password":"x","note":"\xe9 \\u20ac"}\n'.encode("latin-1"),
            b'{"password": "[SECRET]", "note": "\\u00e9 \\u20ac"}\n',
        ),
        ("gr\xfc\xdfe ann@example.com".encode(), "gr\xfc\xdfe [EMAIL]".encode()),
    ]

    code, stdout = mask(b"".join(given for given, _ in pairs))

    assert [expected for _, expected in pairs] == stdout.splitlines(keepends=True)
    assert 0 == code


def test_of_doubled_keys_every_value_is_masked():
    """Parsers keep the last of them: the others must not pass for it."""
    lines = (
        b'{"note":"ann@example.com","note":"ok"}\n{"password":"hunter2","password":null,"password":"hunter2"}\n'
        b'x {"a":[{"note":"ok","note":"ann@example.com","note":"bob@example.com"}]}\n'
    )

    code, stdout = mask(lines, "--check")

    assert 1 == code
    for secret in (b"ann", b"bob", b"hunter2"):
        assert secret not in stdout
    first, second, third = stdout.splitlines()
    assert ["[EMAIL]", "ok"] == list(json.loads(first).values())
    assert "[SECRET]" == json.loads(second)["password"]
    assert ["ok", "[EMAIL]", "[EMAIL]"] == list(json.loads(third[2:])["a"][0].values())


def test_what_has_nothing_to_mask_stays_byte_for_byte():
    lines = (
        b'plain\r\n{ "a" : 1.00,"b":[ ] }\n[1,  2]\n2026 {"a":1}  {}\n\n  \n\tcaf\xe9 \xff\x00\n'
        b'{"a": "caf\xe9"}\n{"a":\n'
        + "\u20ac \u2028 x\n".encode()
        + b"[" * 5_000
        + b"\n"
        + b"{" * 5_000
        + b"\nno newline"
    )

    assert (0, lines) == mask(lines)
    assert (0, lines) == mask(lines, "--check")


@pytest.mark.parametrize(("text", "code"), [(b"ann@example.com\n", 1), (b"nobody\n", 0)])
def test_check_tells_whether_anything_was_masked(tmp_path: Path, text: bytes, code: int):
    first, second = tmp_path / "first.log", tmp_path / "second.log"
    first.write_bytes(text)
    second.write_bytes(b"caf\xe9\n")

    assert (code, text.replace(b"ann@example.com", b"[EMAIL]") + b"caf\xe9\n") == mask(b"", "--check", first, second)
    assert 0 == mask(b"", first, second)[0]
