"""The keys of pseudonyms come from the emulator's Secrets Manager, by the calls that run in Lambda."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest

from obskit import config
from obskit.demo.emulator import Emulator
from obskit.demo.processes import Processes
from obskit.errors import ConfigError
from obskit.masking import pseudonyms
from tests.command import obskit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

K1, K2 = bytes(range(16)), bytes(range(32))


@pytest.fixture(scope="module")
def emulator(ministack: Path) -> Iterator[Emulator]:
    with Processes() as processes:
        running = Emulator(processes, python=ministack)
        yield running
        running.stop()


@pytest.fixture
def arn(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A secret with two keys; and the environment of a function that may read it."""
    secrets = emulator.client("secretsmanager")
    text = json.dumps({"current": "k2", "keys": {"k1": K1.hex(), "k2": K2.hex()}})
    made: str = secrets.create_secret(Name="obskit/pseudonyms", SecretString=text)["ARN"]
    for name, value in (
        ("AWS_ENDPOINT_URL", emulator.url),
        ("AWS_ACCESS_KEY_ID", emulator.account),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("OBSKIT_PSEUDONYM_SECRET_ARN", made),
    ):
        monkeypatch.setenv(name, value)
    config.reset()
    yield made
    secrets.delete_secret(SecretId=made, ForceDeleteWithoutRecovery=True)
    config.reset()


def test_the_secret_is_read(arn: str):
    assert (("k2", K2), ("k1", K1)) == pseudonyms.fetch(arn)


def test_the_keys_arrive_behind_the_lines(arn: str):
    """The first line is redacted, and a later one has the pseudonym; nobody waited."""
    threads: list[threading.Thread] = []

    def start(attempt: Callable[[], None]) -> None:
        threads.append(threading.Thread(target=attempt))
        threads[-1].start()

    ring = pseudonyms.Keyring(start=start)

    assert "" == ring.token("EMAIL", "ann@example.com", "")
    (thread,) = threads
    thread.join(30)
    assert pseudonyms.make("EMAIL", "ann@example.com", "", "k2", K2) == ring.token("EMAIL", "ann@example.com", "")
    assert () == ring.new_problems()


def test_a_secret_that_is_not_there_is_told_by_the_code_of_the_service(arn: str):
    with pytest.raises(ConfigError, match="cannot be read: ResourceNotFoundException"):
        pseudonyms.fetch(f"{arn}x")


def test_the_command_reads_it_too(arn: str):
    tokens = [
        pseudonyms.make("EMAIL", "ann@example.com", "t-1", key_id, key) for key_id, key in (("k2", K2), ("k1", K1))
    ]

    assert (0, "\n".join((*tokens, "")), "") == obskit("pseudonym", "Ann@Example.com", "--tenant", "t-1")
