"""The POST: what is tried again, for how long, and what never is."""

import itertools
import socket
import ssl
import threading
from contextlib import contextmanager

import pytest

from obskit.forwarder import endpoint
from obskit.forwarder.endpoint import Answer
from tests.parts import require

KEY = "r" * 32


class Api:
    """Answers in place of the network, one of *answers* after the other, and keeps the pauses."""

    def __init__(self, monkeypatch, *answers):
        self.answers = itertools.chain(answers, itertools.repeat(answers[-1]))
        self.pauses = []
        self.left = 45 * 60.0
        monkeypatch.setattr(endpoint, "_post", self.post)
        monkeypatch.setattr(endpoint.random, "uniform", max)

    def post(self, url, body, timeout):
        self.left -= 1
        answer = next(self.answers)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Answer) else Answer(answer)

    def pause(self, seconds):
        self.pauses.append(seconds)
        self.left -= seconds

    def send(self, document=lambda: {"routing_key": KEY}):
        return endpoint.send("https://events.example", document, lambda: self.left, self.pause)


@pytest.mark.parametrize("answer", [429, 408, 500, 503, 302, TimeoutError(), ConnectionRefusedError(), OSError()])
def test_what_may_pass_is_tried_again(monkeypatch, answer):
    api = Api(monkeypatch, answer, answer, 202)

    assert 3 == api.send().attempts
    assert [0.25, 0.5] == api.pauses


@pytest.mark.parametrize(
    ("said", "waited"), [(30.0, 30.25), (0.0, 0.25), (7200.0, 120.25), (None, 0.25)], ids=["30", "0", "2 h", "nothing"]
)
@pytest.mark.parametrize("status", [429, 503])
def test_it_waits_as_long_as_the_api_asks_for_but_not_for_ever(monkeypatch, status, said, waited):
    """A page does not lie for hours because of one header."""
    api = Api(monkeypatch, Answer(status, said), 202)

    assert 2 == api.send().attempts
    assert [waited] == api.pauses


def test_a_wait_that_is_longer_than_the_time_ends_with_it(monkeypatch):
    """Not asked again before the API wants it; Lambda runs the event again."""
    api = Api(monkeypatch, Answer(429, 60.0))
    api.left = 20

    with pytest.raises(endpoint.UnreachableError, match="after 1 attempts: the API answered 429"):
        api.send()
    assert [19] == api.pauses


def test_pauses_of_many_are_spread(monkeypatch):
    api = Api(monkeypatch, 503, 202)
    monkeypatch.setattr(endpoint.random, "uniform", min)

    api.send()

    assert [0.125] == api.pauses


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
def test_what_the_api_refuses_is_not(monkeypatch, status):
    api = Api(monkeypatch, status)

    with pytest.raises(endpoint.RefusedError, match=f"the API answered {status}") as caught:
        api.send()
    assert [] == api.pauses
    assert (status in (400, 413)) == caught.value.final


def test_a_refusal_says_why_in_the_apis_masked_words_without_the_key(monkeypatch):
    said = f'{{"errors": ["no service for {KEY}", "source ann@example.com"]}}'
    api = Api(monkeypatch, Answer(400, None, said))

    with pytest.raises(endpoint.RefusedError) as caught:
        api.send()
    assert 'the API answered 400: {"errors": ["no service for [KEY]", "source [EMAIL]"]}' == str(caught.value)


def test_each_attempt_sends_what_is_so_then(monkeypatch):
    api = Api(monkeypatch, 503, 503, 202)
    documents = iter([{"n": 1}, {"n": 2}, {"n": 3}])

    assert ({"n": 3}, 3) == api.send(lambda: next(documents))


def test_it_ends_with_the_time_and_says_why(monkeypatch):
    api = Api(monkeypatch, 503)

    with pytest.raises(endpoint.UnreachableError, match=r"after \d+ attempts: the API answered 503"):
        api.send()
    assert 60 == max(api.pauses)
    assert 0 >= api.left > -2


def test_without_time_nothing_is_sent(monkeypatch):
    api = Api(monkeypatch, 202)
    api.left = 0

    with pytest.raises(endpoint.UnreachableError, match="no time was left"):
        api.send()


@pytest.mark.parametrize("url", ["http://events.example/v2", "ftp://127.0.0.1/", "file:///etc/passwd", "x"])
def test_the_key_crosses_the_network_encrypted_only(url):
    with pytest.raises(endpoint.RefusedError, match="not https"):
        endpoint.send(url, lambda: {"routing_key": "k"}, lambda: 5.0)


@contextmanager
def listening(serve):
    """A server on loopback; *serve* has each connection."""
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def run():
        while not over.is_set():
            try:
                serve(server.accept()[0], over)
            except OSError:
                continue

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        over.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def trickle(connection, over):
    with connection:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 202 Acc")
        while not over.wait(0.02):
            connection.sendall(b"e")


def silence(connection, over):
    with connection:
        while connection.recv(65536):
            pass


def talk(connection, over):
    with connection:
        connection.recv(65536)
        connection.sendall(b"nothing that is HTTP\r\n\r\n")


@pytest.mark.parametrize(
    ("serve", "scheme", "why"),
    [
        (trickle, "http", "TimeoutError"),
        (silence, "http", "TimeoutError"),
        (talk, "http", "BadStatusLine"),
        (talk, "https", "SSLError|ConnectionResetError"),
    ],
    ids=["an answer that trickles", "none", "no HTTP", "no TLS"],
)
def test_whatever_the_other_side_does_it_ends_in_time(monkeypatch, serve, scheme, why):
    """One attempt, from the connection to the last byte, has an end; the socket's timeout alone is for each byte."""
    monkeypatch.setattr(endpoint, "ATTEMPT_S", 0.2)
    left = iter([1.0, 1.0, 0.0, 0.0])
    with listening(serve) as port, pytest.raises(endpoint.UnreachableError, match=why):
        endpoint.send(f"{scheme}://127.0.0.1:{port}/", dict, lambda: next(left), lambda _: None)


def test_nobody_there_is_tried_again_until_the_time_is_over():
    with listening(silence) as port:
        pass
    left = iter([1.0, 1.0, 0.5, 1.0, 1.0, 0.0, 0.0])

    with pytest.raises(endpoint.UnreachableError, match="after 2 attempts: ConnectionRefusedError"):
        endpoint.send(f"http://127.0.0.1:{port}/", dict, lambda: next(left), lambda _: None)


def test_a_certificate_of_somebody_else_is_not_believed(monkeypatch, tmp_path):
    require("openssl")
    import subprocess

    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=events.example"]
    subprocess.run([*made, "-keyout", "key", "-out", "cert"], cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    taken = []

    def serve(connection, over):
        with context.wrap_socket(connection, server_side=True) as secured:
            taken.append(secured.recv(65536))

    left = iter([1.0, 1.0, 0.0, 0.0])
    with listening(serve) as port, pytest.raises(endpoint.UnreachableError, match="SSLCertVerificationError"):
        endpoint.send(f"https://127.0.0.1:{port}/", lambda: {"routing_key": KEY}, lambda: next(left), lambda _: None)
    assert [] == [one for one in taken if one]
