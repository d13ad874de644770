"""Files that are whole or as they were."""

import os
import subprocess
import sys

import pytest

from obskit import whole


def test_a_link_stays_one_and_what_it_leads_to_is_replaced(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real" / "file")

    for content in (b"first", b"second"):
        whole.write(tmp_path / "link", content)

    assert (tmp_path / "link").is_symlink()
    assert [b"second"] == [path.read_bytes() for path in (tmp_path / "real").iterdir()]


def test_what_is_no_file_is_written_to(tmp_path):
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import pathlib; from obskit import whole; whole.write(pathlib.Path('/dev/stdout'), b'x')",
        ],
        capture_output=True,
        check=True,
    )

    assert b"x" == done.stdout


def test_a_folder_that_takes_no_more_keeps_what_it_has(tmp_path):
    """The system itself refuses the second kilobyte; its error does not say where."""
    (tmp_path / "file").write_bytes(b"old")
    code = "import pathlib, sys; from obskit import whole; whole.write(pathlib.Path(sys.argv[1]), bytes(5000))"
    limited = f'ulimit -f 1; exec {sys.executable} -c "{code}" {tmp_path}/file'

    done = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, check=False)

    assert done.stderr.endswith(f"OSError: [Errno 27] File too large: '{tmp_path}/file'\n")
    assert [tmp_path / "file"] == list(tmp_path.iterdir())
    assert b"old" == (tmp_path / "file").read_bytes()


@pytest.mark.parametrize("moment", ["write", "rename"])
def test_whatever_happens_nothing_is_left_beside_it(tmp_path, monkeypatch, moment):
    def stop(*_):
        raise KeyboardInterrupt

    (tmp_path / "file").write_bytes(b"old")
    monkeypatch.setattr(type(tmp_path), {"write": "write_bytes", "rename": "replace"}[moment], stop)

    with pytest.raises(KeyboardInterrupt):
        whole.write(tmp_path / "file", b"new")

    assert [tmp_path / "file"] == list(tmp_path.iterdir())
    assert b"old" == (tmp_path / "file").read_bytes()


@pytest.mark.parametrize("name", ["n" * 255, "\U0001f600" * 63, os.fsdecode(b"\xff")])
def test_a_name_may_have_the_most_that_the_system_takes(tmp_path, name):
    whole.write(tmp_path / name, b"x")

    assert [tmp_path / name] == list(tmp_path.iterdir())
