"""The routing key: kept while Secrets Manager does not answer."""

import pytest

from obskit.forwarder import secret


class Provider:
    """Powertools' provider: *answers* in turn."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def get(self, name, **options):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def provided(monkeypatch):
    def make(*answers):
        secret.forget()
        provider = Provider(*answers)
        monkeypatch.setattr(secret, "_client", lambda: provider)

    yield make
    secret.forget()


def test_the_last_key_is_used_while_secrets_manager_does_not_answer(provided):
    """A page goes with the key that worked five minutes ago."""
    provided({"routing_key": "a"}, ConnectionError(), {"routing_key": "b"}, ConnectionError())

    assert ["a", "a", "b", "b"] == [secret.routing_key("s", again=True) for _ in range(4)]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (ConnectionError("arn of somebody"), "cannot be read: ConnectionError$"),
        ("text", "is not JSON with 'routing_key'"),
        ({"routing_key": ""}, "is not JSON with 'routing_key'"),
        ({"routing_key": 5}, "is not JSON with 'routing_key'"),
    ],
)
def test_without_any_it_says_why_and_quotes_nothing(provided, answer, why):
    provided(answer)

    with pytest.raises(secret.KeyUnreadableError, match=why):
        secret.routing_key("s")
