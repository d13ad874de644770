"""The POST: what is tried again, for how long, and what never is."""

import itertools

import pytest

from obskit.forwarder import endpoint


class Api:
    """Answers in place of the network, one of *answers* after the other, and keeps the pauses."""

    def __init__(self, monkeypatch, *answers):
        self.answers = itertools.chain(answers, itertools.repeat(answers[-1]))
        self.pauses = []
        self.left = 45 * 60.0
        monkeypatch.setattr(endpoint, "_post", self.post)

    def post(self, url, body, timeout):
        self.left -= 1
        answer = next(self.answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def pause(self, seconds):
        self.pauses.append(seconds)
        self.left -= seconds

    def send(self):
        return endpoint.send("https://events.example", {}, lambda: self.left, self.pause)


@pytest.mark.parametrize("answer", [429, 408, 500, 503, TimeoutError(), ConnectionRefusedError(), OSError()])
def test_what_may_pass_is_tried_again(monkeypatch, answer):
    api = Api(monkeypatch, answer, answer, 202)

    assert 3 == api.send()
    assert [0.25, 0.5] == api.pauses


@pytest.mark.parametrize("answer", [400, 401, 403, 404, 413])
def test_what_the_api_will_never_take_is_not(monkeypatch, answer):
    api = Api(monkeypatch, answer)

    with pytest.raises(endpoint.RefusedError, match=f"the API answered {answer}"):
        api.send()
    assert [] == api.pauses


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
        endpoint.send(url, {"routing_key": "k"}, lambda: 5.0)
