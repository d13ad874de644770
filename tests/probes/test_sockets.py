"""Connections by themselves: each of the two ways in which a wait ends is enough."""

from __future__ import annotations

import threading

import pytest

from obskit.probes import sockets
from obskit.probes.model import Deadline, ProbeError
from tests.probes.servers import Listener, dripping, silent


def read_all(port, deadline):
    """Read until the end, as a library does that knows of no deadline."""
    connection = sockets.connect("127.0.0.1", port, deadline)
    try:
        return connection.makefile("rb").read()
    finally:
        connection.end()


@pytest.mark.parametrize("speak", [silent, dripping], ids=["says nothing", "one byte at a time"])
def test_nothing_is_read_beyond_the_deadline(speak):
    """Though each wait is short, and nobody cuts the connection."""
    with Listener(speak) as server, pytest.raises((TimeoutError, ProbeError)):
        read_all(server.port, Deadline(0.3))


def test_a_wait_ends_when_the_connection_is_cut():
    """Though its own time is not over: whoever runs the check has given up."""
    deadline = Deadline(600)
    answers = []

    def read():
        try:
            answers.append(read_all(server.port, deadline))
        except ProbeError:  # it had not begun
            answers.append(b"")

    with Listener(silent) as server:
        thread = threading.Thread(target=read)
        thread.start()
        server.accepted.wait(10)
        while thread.is_alive():
            deadline.expire()
            thread.join(0.05)

    assert [b""] == answers


def sending(count):
    return lambda connection, _over: connection.sendall(b"x" * count)


def test_as_many_bytes_are_read_as_may_be_and_not_one_more(monkeypatch):
    monkeypatch.setattr(sockets, "MOST_BYTES", 1000)

    with Listener(sending(1000)) as server:
        assert b"x" * 1000 == read_all(server.port, Deadline(10))
    with Listener(sending(1001)) as server, pytest.raises(ProbeError, match="too-large: more than 1000 bytes"):
        read_all(server.port, Deadline(10))


def test_a_name_that_nobody_has_is_unreachable():
    with pytest.raises(ProbeError, match="unreachable: gaierror"):
        sockets.connect("nobody.invalid", 5432, Deadline(10))
