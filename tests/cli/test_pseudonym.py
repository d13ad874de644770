"""`obskit pseudonym` as a function: a value in, its tokens out, and never the value."""

import io
import json
from pathlib import Path

import pytest

from obskit.masking import pseudonyms
from obskit.masking.pseudonyms import make
from tests.command import obskit

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:obskit/pseudonyms-AbCdEf"
K1, K2 = bytes(range(16)), bytes(range(32))
VALUE = "ann.lee@example.com"


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OBSKIT_PSEUDONYM_SECRET_ARN", raising=False)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"current": "k2", "keys": {"k1": K1.hex(), "k2": K2.hex()}}))
    return path


def test_there_is_a_token_for_each_key_the_current_one_first(keys: Path):
    expected = f"{make('EMAIL', VALUE, '', 'k2', K2)}\n{make('EMAIL', VALUE, '', 'k1', K1)}\n"

    assert (0, expected, "") == obskit("pseudonym", VALUE, "--key-file", keys)
    assert (0, expected, "") == obskit("pseudonym", VALUE.upper(), "--class", "email", "--key-file", keys)


def test_the_value_can_come_from_stdin(keys: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{VALUE}\n"))

    assert f"{make('EMAIL', VALUE, '', 'k2', K2)}\n" in obskit("pseudonym", "-", "--key-file", keys)[1]


def test_class_and_tenant_are_said(keys: Path):
    argv = ("--class", "PHONE", "--tenant", "t-1", "--key-file", keys, "--format", "json")

    code, stdout, stderr = obskit("pseudonym", "+44 20 7946 0958", *argv)

    assert (0, "") == (code, stderr)
    assert {
        "class": "PHONE",
        "tenant": "t-1",
        "tokens": [
            {"key": "k2", "current": True, "token": make("PHONE", "442079460958", "t-1", "k2", K2)},
            {"key": "k1", "current": False, "token": make("PHONE", "442079460958", "t-1", "k1", K1)},
        ],
    } == json.loads(stdout)


@pytest.mark.parametrize("by", ["option", "variable"])
def test_the_keys_are_fetched_from_the_secret(monkeypatch: pytest.MonkeyPatch, by: str):
    monkeypatch.setattr(pseudonyms, "fetch", {ARN: (("k2", K2),)}.__getitem__)
    if by == "variable":
        monkeypatch.setenv("OBSKIT_PSEUDONYM_SECRET_ARN", ARN)
    argv = ("--secret-arn", ARN) if by == "option" else ()

    assert (0, f"{make('EMAIL', VALUE, '', 'k2', K2)}\n", "") == obskit("pseudonym", VALUE, *argv)


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        ([VALUE, VALUE], 2, "Give one VALUE, or - to read it from standard input."),
        ([], 2, "Give one VALUE, or - to read it from standard input."),
        ([VALUE, "--class", "SECRET"], 2, "'SECRET' is not one of"),
        ([VALUE, "--class", "PHONE"], 1, "VALUE is no single value of class PHONE (it is not shown here)"),
        ([f"Ann Lee <{VALUE}>"], 1, "VALUE is no single value of class EMAIL (it is not shown here)"),
    ],
)
def test_the_value_is_in_no_message(keys: Path, argv: list[str], code: int, words: str):
    done = obskit("pseudonym", *argv, "--key-file", keys)

    assert (code, "") == done[:2]
    assert words in done[2]
    assert "ann" not in done[2].lower()


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        ([], 2, "Give --secret-arn ARN or --key-file FILE; OBSKIT_PSEUDONYM_SECRET_ARN is not set."),
        (["--secret-arn", "obskit/pseudonyms"], 2, "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME"),
        (["--key-file", "/no/such/file"], 2, "does not exist"),
    ],
)
def test_without_keys_it_says_where_they_come_from(argv: list[str], code: int, words: str):
    done = obskit("pseudonym", VALUE, *argv)

    assert (code, "") == done[:2]
    assert words in done[2]


@pytest.mark.parametrize("content", [b"{}", b"\xff", b'{"current": "k1", "keys": {"k1": "00"}}'])
def test_a_key_file_that_is_wrong(tmp_path: Path, content: bytes):
    path = tmp_path / "keys.json"
    path.write_bytes(content)

    code, stdout, stderr = obskit("pseudonym", VALUE, "--key-file", path)

    assert (1, "") == (code, stdout)
    assert stderr.startswith("error: ")
    assert "Traceback" not in stderr
