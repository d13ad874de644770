"""Captured files: read in bounded memory, or told."""

import bz2
import gzip
import os

import pytest

from obskit import captured
from obskit.captured import Captured
from obskit.errors import ObskitError


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(captured, "LONGEST", 8)
    monkeypatch.setattr(captured, "WHOLE", 40)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_lines_are_read_and_those_without_an_end_are_counted_and_passed_over(tmp_path, small, pack):
    file = tmp_path / "app.log"
    file.write_bytes(pack(b"\xef\xbb\xbfone\r\n1234567\n12345678\n" + b"0" * 100 + b"\ncaf\xe9\nend"))
    log = Captured(file)

    for _ in range(2):  # each reading begins anew
        assert ["one\n", "1234567\n", "caf\ufffd\n", "end"] == list(log.lines())
        assert 2 == log.long


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_text_is_read_up_to_a_limit(tmp_path, small, pack):
    file = tmp_path / "data.json"
    file.write_bytes(pack(b"0" * 40))

    assert "0" * 40 == Captured(file).text()
    assert "000" == Captured(file).head(3)

    file.write_bytes(pack(b"0" * 41))
    with pytest.raises(ObskitError, match=r"data\.json: has more than 40 characters; give several smaller files$"):
        Captured(file).text()


def pipe(file):
    os.mkfifo(file)  # nobody ever writes to it


def device(file):
    file.symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (pipe, "is not a regular file; write what it gives to one, and name that"),
        (device, "is not a regular file; write what it gives to one, and name that"),
        (lambda file: file.mkdir(), "cannot be read: Is a directory"),
        (lambda file: file.unlink(missing_ok=True), "cannot be read: No such file or directory"),
        (lambda file: file.write_bytes("é".encode("utf-16")), "is UTF-16; iconv -f utf-16 -t utf-8 makes it readable"),
        (
            lambda file: file.write_bytes(bz2.compress(b"x")),
            "is compressed, and not with gzip; bzip2 -dc makes it readable",
        ),
        (
            lambda file: file.write_bytes(gzip.compress(os.urandom(99))[:-20]),
            "cannot be read: Compressed file ended before the end-of-stream marker was reached",
        ),
        (
            lambda file: file.write_bytes(gzip.compress(b"")[:10] + b"\xff" * 99),
            "cannot be read: Error -3 while decompressing data: invalid block type",
        ),
    ],
    ids=["pipe", "device", "folder", "gone", "utf-16", "bzip2", "cut", "damaged"],
)
def test_what_cannot_be_read_is_told(tmp_path, make, words):
    file = tmp_path / "app.log"
    make(file)

    for read in (lambda: list(Captured(file).lines()), Captured(file).text):
        with pytest.raises(ObskitError) as refused:
            read()
        assert (f"{file}: {words}",) == refused.value.problems
