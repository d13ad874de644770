"""One of each real server for all tests here; the cloud's credentials for those that ask for them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from obskit import config
from obskit.demo.emulator import Emulator
from obskit.demo.processes import Processes
from obskit.probes import aws, secrets, ses
from obskit.probes.settings import Database
from tests.parts import EMULATOR, require
from tests.probes.servers import PASSWORD, TYPESENSE_KEY, Listener, PostgreSQL, Typesense, certificates, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    with Processes(tmp_path_factory.mktemp("probes")) as running:
        yield running


@pytest.fixture(scope="session")
def postgresql(processes: Processes) -> Iterator[PostgreSQL]:
    require("postgresql")
    server = PostgreSQL(processes, "postgresql")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    require("openssl")
    certificate, key = certificates(tmp_path_factory.mktemp("tls"))
    return certificate, key


@pytest.fixture(scope="session")
def postgresql_tls(processes: Processes, certificate: tuple[Path, Path]) -> Iterator[PostgreSQL]:
    require("postgresql")
    server = PostgreSQL(processes, "postgresql-tls", certificate=certificate[0], key=certificate[1])
    yield server
    server.stop()


@pytest.fixture(scope="session")
def typesense(processes: Processes) -> Typesense:
    require("typesense")
    return Typesense(processes, processes.directory / "typesense")


@pytest.fixture(scope="session")
def emulator(processes: Processes) -> Emulator:
    require("emulator")
    require("node")
    return Emulator(processes, python=EMULATOR / "bin" / "python")


@pytest.fixture
def cloud(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """The emulator, with the environment of a function that may call it."""
    for name in secrets.REFUSED:
        monkeypatch.delenv(name, raising=False)
    for name, value in (
        ("AWS_ENDPOINT_URL", emulator.url),
        ("AWS_ACCESS_KEY_ID", emulator.account),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", emulator.region),
    ):
        monkeypatch.setenv(name, value)
    forget()
    yield emulator
    forget()


def forget() -> None:
    aws.forget()
    secrets.forget()
    ses.forget()
    config.reset()


@pytest.fixture
def secret(cloud: Emulator) -> Iterator[Callable[[object], str]]:
    """Store a text or a document as a secret; returns its ARN."""
    client = cloud.client("secretsmanager")
    made: list[str] = []

    def store(value: object) -> str:
        text = value if isinstance(value, str) else json.dumps(value)
        made.append(client.create_secret(Name=f"probes/{len(made)}", SecretString=text)["ARN"])
        return made[-1]

    yield store
    for arn in made:
        client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


@pytest.fixture
def login(secret: Callable[[object], str]) -> str:
    """The ARN of the database's credentials, as RDS writes them."""
    return secret({"username": "postgres", "password": PASSWORD})


@pytest.fixture
def search_key(secret: Callable[[object], str]) -> str:
    return secret(TYPESENSE_KEY)


@pytest.fixture
def database(postgresql: PostgreSQL, login: str) -> Database:
    return Database("driver", login, "shop", host="127.0.0.1", port=postgresql.port, tls=False)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """The port of a server that accepts and says nothing."""
    with Listener(silent) as server:
        yield server.port
