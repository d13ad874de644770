"""The server on loopback: what a request is, what is said to it, and clients that misbehave."""

import http.client
import socket
import threading
from contextlib import closing

import pytest

from obskit.testing.loopback import Answer, Loopback, Request


def connected(server):
    return closing(http.client.HTTPConnection(server.address, timeout=10))


def raw(server, text):
    """Send *text* and return all that comes until the server ends the connection."""
    with socket.create_connection(server.address.split(":"), timeout=10) as connection:
        connection.sendall(text)
        return b"".join(iter(lambda: connection.recv(4096), b""))


def test_a_request_comes_whole_and_a_connection_takes_several():
    came = []

    def answer(request):
        came.append(request)
        return Answer(207, b"said", {"X-Said": "yes"})

    with Loopback(answer) as server, connected(server) as client:
        for method, body in (("GET", None), ("POST", b"sent")):
            client.request(method, "/path?a=b", body, {"X-Sent": "Yes"})
            response = client.getresponse()
            said = {name: value for name, value in response.getheaders() if name not in ("Server", "Date")}
            assert (207, b"said", {"X-Said": "yes", "Content-Length": "4"}) == (response.status, response.read(), said)

    always = {"host": server.address, "accept-encoding": "identity", "x-sent": "Yes"}
    assert [
        Request("GET", "/path?a=b", always, b""),
        Request("POST", "/path?a=b", {**always, "content-length": "4"}, b"sent"),
    ] == came


def test_a_body_in_chunks_is_one_body():
    with Loopback(lambda request: Answer(200, request.body)) as server, connected(server) as client:
        client.request("POST", "/", iter((b"one ", b"two")), {"Transfer-Encoding": "chunked"}, encode_chunked=True)

        assert b"one two" == client.getresponse().read()


@pytest.mark.parametrize(
    ("headers", "status", "words"),
    [
        (b"", b"411", b"Content-Length is needed\n"),
        (b"Content-Length: -1\r\n", b"411", b"Content-Length is needed\n"),
        (b"Content-Length: 5\r\n", b"413", b"at most 4 bytes\n"),
    ],
)
def test_what_is_not_read_is_refused_and_ends_the_connection(headers, status, words):
    with Loopback(lambda _: Answer(), body_bytes=4) as server:
        said = raw(server, b"POST / HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n")

    assert (b"HTTP/1.1 " + status, words) == (said[:12], said.partition(b"\r\n\r\n")[2])


def test_no_answer_ends_the_connection():
    with Loopback(lambda _: None) as server:
        assert b"" == raw(server, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")


def test_a_silent_client_is_let_go():
    with Loopback(lambda _: Answer(), silence_s=0.05) as server:
        assert b"" == raw(server, b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nhal")


def test_a_client_that_does_not_wait_is_no_word_worth(capfd):
    came, gone, serving = threading.Event(), threading.Event(), []

    def answer(_):
        serving.append(threading.current_thread())
        came.set()
        assert gone.wait(10)
        return Answer(200, b"x" * (1 << 24))

    with Loopback(answer) as server:
        with socket.create_connection(server.address.split(":"), timeout=10) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # ends with a reset
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert came.wait(10)
        gone.set()
        serving[0].join(10)

    assert ("", "") == capfd.readouterr()


def test_whoever_stops_frees_the_port():
    with Loopback(lambda _: Answer()) as first:
        port = int(first.address.rpartition(":")[2])

    with Loopback(lambda _: Answer(), port=port) as again:
        assert first.url == again.url
