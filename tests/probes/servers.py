"""Real servers on free loopback ports, and servers that misbehave. All of them end with the test session."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import urllib.request
from contextlib import closing, suppress
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obskit.demo.emulator import free_port
from obskit.testing.loopback import Answer, Loopback
from tests.parts import TYPESENSE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from obskit.demo.processes import Processes
    from obskit.testing.loopback import Request

START_S = 60.0
PASSWORD = "correct-horse-" + "battery-staple"
TYPESENSE_KEY = "search-key-" + "0123456789"

_NOBODY = 65534


def _driver() -> Any:
    """Return the driver, which the base install leaves out."""
    import pg8000.native

    return pg8000.native


def _program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs; Debian keeps them out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    return shutil.which(name) or str(found[-1])


class PostgreSQL:
    """A cluster with a database `shop` and, given *certificate* and *key*, with TLS. It refuses to run as root."""

    def __init__(self, processes: Processes, name: str, *, certificate: Path | None = None, key: Path | None = None):
        self.port = free_port()
        self.directory = Path(tempfile.mkdtemp(prefix="obskit-postgresql-"))  # nobody cannot enter pytest's folders
        self._drop = []
        if os.geteuid() == 0:
            ids = [f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", "--pdeathsig=KILL"]
            self._drop = [shutil.which("setpriv") or "setpriv", *ids]
        data, secret = self.directory / "data", self.directory / "password"
        secret.write_text(PASSWORD)
        options = ["-c", "ssl=off"]
        if certificate is not None and key is not None:
            for path, copied in ((certificate, "server.crt"), (key, "server.key")):
                shutil.copy(path, self.directory / copied)
                (self.directory / copied).chmod(0o600)
            files = [f"ssl_cert_file={self.directory}/server.crt", f"ssl_key_file={self.directory}/server.key"]
            options = [word for setting in ("ssl=on", *files) for word in ("-c", setting)]
        if self._drop:
            for path in (self.directory, *self.directory.iterdir()):
                os.chown(path, _NOBODY, _NOBODY)
        how = ["-U", "postgres", "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C", "--no-sync"]
        made = [*self._drop, _program("initdb"), "-D", str(data), *how]
        subprocess.run(made, check=True, capture_output=True, env=_ENV, cwd=self.directory)
        where = ["-p", str(self.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        command = [*self._drop, _program("postgres"), "-D", str(data), *where, "-c", "fsync=off", *options]
        self.process = processes.start(name, command, _ENV)
        self.process.wait_until(self._answers, START_S, "PostgreSQL answers")
        self.run("CREATE DATABASE shop", database="postgres")

    def _answers(self) -> bool:
        with suppress(_driver().InterfaceError, _driver().DatabaseError):
            self.run("SELECT 1", database="postgres")
            return True
        return False

    def run(self, *statements: str, database: str = "shop") -> Any:
        with closing(
            _driver().Connection(
                "postgres", host="127.0.0.1", port=self.port, database=database, password=PASSWORD, timeout=10
            )
        ) as connection:
            return [connection.run(statement) for statement in statements][-1]

    def stop(self) -> None:
        self.process.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


_ENV = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "TZ": "UTC"}


class Typesense:
    """One node, with its data in *directory*."""

    def __init__(self, processes: Processes, directory: Path) -> None:
        self.port = free_port()
        directory.mkdir()
        addresses = ["--api-address", "127.0.0.1", "--api-port", str(self.port)]
        peers = ["--peering-address", "127.0.0.1", "--peering-port", str(free_port())]
        command = [str(TYPESENSE), "--data-dir", str(directory), f"--api-key={TYPESENSE_KEY}", *addresses, *peers]
        self.process = processes.start("typesense", command, _ENV)
        self.process.wait_until(self._healthy, START_S, "Typesense is healthy")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _healthy(self) -> bool:
        with suppress(OSError):
            return bool(self.call("/health") == {"ok": True})
        return False

    def call(self, path: str, document: object = None, method: str | None = None) -> Any:
        request = urllib.request.Request(
            self.url + path,
            data=None if document is None else json.dumps(document).encode(),
            headers={"X-TYPESENSE-API-KEY": TYPESENSE_KEY},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)


class Listener:
    """
    A TCP server: *speak* gets each connection and an event that is set when all is over.

    `Listener(silent)` accepts and says nothing.
    """

    def __init__(self, speak: Callable[[socket.socket, threading.Event], None]) -> None:
        self._speak = speak
        self._over = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._threads = [threading.Thread(target=self._serve)]
        self._connections: list[socket.socket] = []
        self.accepted = threading.Event()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self._connections.append(connection)
                self.accepted.set()
                thread = threading.Thread(target=self._one, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _one(self, connection: socket.socket) -> None:
        with suppress(OSError):
            self._speak(connection, self._over)
            connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Listener:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._threads[0].join(10)
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        for thread in self._threads[1:]:
            thread.join(10)


def silent(_connection: socket.socket, over: threading.Event) -> None:
    """Say nothing."""
    over.wait()


def dripping(connection: socket.socket, over: threading.Event) -> None:
    """Answer with a header that never ends, a byte at a time: no single wait is long."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
    while not over.wait(0.02):
        connection.sendall(b"x")


def flooding(connection: socket.socket, over: threading.Event) -> None:
    """Answer with a document of 100 MB, as fast as it is taken."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n")
    for _ in range(1600):
        if over.is_set():
            return
        connection.sendall(b" " * 65536)


def answering(status: int, body: object) -> Callable[[socket.socket, threading.Event], None]:
    """Return a server that has one answer to everything."""
    text = body if isinstance(body, str) else json.dumps(body)

    def speak(connection: socket.socket, _over: threading.Event) -> None:
        connection.recv(65536)
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(text.encode())}\r\nConnection: close\r\n\r\n"
        connection.sendall((head + text).encode())

    return speak


class DataApi(Loopback):
    """
    The calls of the RDS Data API that the probes make, answered by a real PostgreSQL.

    Requests and answers are those of botocore's own description of the service; the emulator's knows no database.
    """

    def __init__(self, database: PostgreSQL) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.open_ones: dict[str, Any] = {}
        self._database = database
        super().__init__(self._take)

    def stop(self) -> None:
        super().stop()
        while self.open_ones:
            self.open_ones.popitem()[1].close()

    def _take(self, request: Request) -> Answer:
        asked = json.loads(request.body)
        self.calls.append((request.path, asked))
        status, said = self._said(request.path, asked)
        headers = {} if status == 200 else {"x-amzn-ErrorType": "DatabaseErrorException"}
        return Answer(status, json.dumps(said).encode(), headers)

    def _said(self, path: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if path == "/BeginTransaction":
            connection = _driver().Connection(
                "postgres", host="127.0.0.1", port=self._database.port, database=asked["database"], password=PASSWORD
            )
            connection.run("BEGIN")
            self.open_ones[str(len(self.calls))] = connection
            return 200, {"transactionId": str(len(self.calls))}
        if path == "/RollbackTransaction":
            self.open_ones.pop(asked["transactionId"]).close()
            return 200, {"transactionStatus": "Rollback Complete"}
        try:
            rows = self.open_ones[asked["transactionId"]].run(asked["sql"]) or []
        except _driver().DatabaseError as error:
            fields = error.args[0]
            return 400, {"message": f"ERROR: {fields['M']}; SQLState: {fields['C']}"}
        return 200, {"records": [[_field(value) for value in row] for row in rows]}


def _field(value: object) -> dict[str, object]:
    if value is None:
        return {"isNull": True}
    if isinstance(value, Decimal):  # as the Data API has numeric
        return {"stringValue": str(value)}
    kind = "longValue" if isinstance(value, int) else "doubleValue" if isinstance(value, float) else "stringValue"
    return {kind: value}


def certificates(directory: Path) -> Iterator[Path]:
    """Yield the certificate and the key of a server called `localhost`, signed by itself."""
    certificate, key = directory / "server.crt", directory / "server.key"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *files, *subject]
    subprocess.run(command, check=True, capture_output=True)
    yield from (certificate, key)
