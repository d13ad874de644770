"""
A real PostgreSQL for the tests of the outbox, in a folder of its own, on a free loopback port, ended with the tests.

`tests/tracing/conftest.py` takes the fixtures from here.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.parts import require

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534
"""PostgreSQL refuses to run as root."""

START_S = 60


def programs() -> Path:
    """Return the folder of `initdb` and `pg_ctl`: on PATH, else the newest of Debian's."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


@contextmanager
def postgresql() -> Iterator[int]:
    """Run a server; yields its port. The user is `postgres`, with no password."""
    with tempfile.TemporaryDirectory(prefix="obskit-pg-") as folder:
        user: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        if user:
            os.chown(folder, NOBODY, NOBODY)

        def run(program: str, *arguments: str) -> None:
            done = subprocess.run(
                [str(programs() / program), *arguments],
                cwd=folder,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                timeout=START_S,
                check=False,
                **user,
            )
            assert done.returncode == 0, Path(folder, "log").read_text()

        data, port = f"{folder}/data", free_port()
        with Path(folder, "log").open("w") as log:
            run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync")
            options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
            run("pg_ctl", "-D", data, "-w", "-t", str(START_S), "-l", f"{folder}/server.log", "-o", options, "start")
            try:
                yield port
            finally:
                run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def outbox_server() -> Iterator[int]:
    require("postgresql")
    with postgresql() as port:
        yield port


TABLES = {
    "orders": "id text PRIMARY KEY, total integer CHECK (total > 0)",
    "outbox": "id serial PRIMARY KEY, detail jsonb NOT NULL, traceparent text, tracestate text, correlation_id text",
    "outbox_json": "id serial PRIMARY KEY, detail jsonb NOT NULL, trace_context jsonb",
}
"""A shop's orders, and an outbox in both forms."""


@contextmanager
def connected(port: int) -> Iterator[Any]:
    from pg8000.native import Connection

    connection = Connection("postgres", host="127.0.0.1", port=port, database="postgres")
    try:
        yield connection
    finally:
        connection.close()


@pytest.fixture
def database(outbox_server: int) -> Iterator[Any]:
    """A connection for the business; its tables are empty, and are gone afterwards."""
    with connected(outbox_server) as connection:
        for name, columns in TABLES.items():
            connection.run(f"CREATE TABLE {name} ({columns})")
        yield connection
        connection.run(f"DROP TABLE {', '.join(TABLES)}")


@pytest.fixture
def relay_database(outbox_server: int, database: Any) -> Iterator[Any]:
    """A connection of the relay's own: it sees what was committed."""
    with connected(outbox_server) as connection:
        yield connection
