"""The UDP port: nothing that was sent before a look is missed."""

import socket

import pytest

from obskit.testing.awslambda.datagram_port import DatagramPort


@pytest.fixture
def sender():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        yield opened


def send(sender, port, *datagrams):
    host, number = port.address.split(":")
    for datagram in datagrams:
        sender.sendto(datagram, (host, int(number)))


def test_all_that_was_sent_is_there_after_settle(sender):
    taken = []
    with DatagramPort(taken.append) as port:
        for number in range(200):
            send(sender, port, b"%d" % number, b"x" * 60_000)
            port.settle()
            assert taken == [b"%d" % number, b"x" * 60_000]
            taken.clear()


def test_what_was_sent_before_it_closed_is_handed_on(sender):
    taken = []
    port = DatagramPort(taken.append)
    send(sender, port, b"", b"last")
    port.close()
    port.close()

    assert taken == [b"", b"last"]
