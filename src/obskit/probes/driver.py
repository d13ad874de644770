"""A connection to PostgreSQL of one's own, by pg8000."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from obskit.errors import MissingExtraError
from obskit.probes import secrets, sockets, sqlstate
from obskit.probes.model import ProbeError

if TYPE_CHECKING:
    from obskit.probes.model import Deadline
    from obskit.probes.settings import Database

_SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
"""PostgreSQL's frontend/backend protocol, "SSL Session Encryption": length and code; the answer is `S` or `N`."""

MOST_ROUNDS = 1_000_000
"""
Of hashing for a login, SCRAM's iterations: half a second of CPU. PostgreSQL asks for 4,096 unless it is told otherwise;
the driver (scramp 1.5.0) takes 10,000,000, and no deadline ends it there.
"""
_ROUNDS = re.compile(rb",i=(\d+)")
_SASL_CONTINUE = 11


def rows(database: Database, sql: str, deadline: Deadline) -> list[list[Any]]:
    """
    Return the rows of *sql*, run in a transaction that cannot write and that the server itself ends in time.

    Raises:
        ProbeError: there are none to be had; never with a text of the server's.
        MissingExtraError: pg8000 is not installed.
    """
    try:
        from pg8000.exceptions import DatabaseError
    except ModuleNotFoundError:
        raise MissingExtraError("probes", "asking PostgreSQL") from None
    user, password = secrets.fields(database.secret, "username", "password")
    try:
        return _rows(database, user, password, sql, deadline)
    except DatabaseError as error:
        fields = error.args[0] if error.args else None
        failure = sqlstate.failure(fields.get("C") if isinstance(fields, dict) else None)
        if failure.reason == "unauthorised":
            secrets.refused(database.secret)
        raise failure from None
    except ProbeError:
        raise
    except Exception as error:  # noqa: BLE001  what pg8000 makes of bytes that are none of PostgreSQL's: KeyError, too
        # A wait that ends says so in a ProbeError; what pg8000 makes of it has that as its cause.
        if deadline.is_past() or isinstance(error, TimeoutError):
            raise ProbeError("timeout", f"{deadline.seconds:g} s") from None
        raise ProbeError("unreachable", "the connection ended, or is no PostgreSQL's") from None


def _rows(database: Database, user: str, password: str, sql: str, deadline: Deadline) -> list[list[Any]]:
    from obskit.probes.sql import milliseconds

    sock: Any = sockets.connect(database.host, database.port, deadline)
    try:
        if database.tls:
            sock.sendall(_SSL_REQUEST)
            if sock.recv(1) != b"S":
                if deadline.is_past():  # nothing was said until the end
                    raise TimeoutError
                raise ProbeError("unreachable", "the server speaks no TLS")
            sock = sockets.secure(sock, database.host, database.ca)
        connection = _connection()(
            user,
            password=password,
            database=database.database,
            sock=sock,
            ssl_context=False,  # done above
            application_name="obskit-probe",
        )
        limit = milliseconds(deadline)
        connection.run("BEGIN READ ONLY")
        connection.run(f"SET LOCAL statement_timeout = {limit}")
        connection.run(f"SET LOCAL lock_timeout = {limit}")
        connection.run("SET LOCAL TIME ZONE 'UTC'")  # what a timestamp without a zone means
        found: list[list[Any]] = connection.prepare(sql).run()  # prepared: no second statement can follow the first
        return found
    finally:
        sock.end()


def _connection() -> Any:
    """Return the driver's connection, that refuses what a login may not cost."""
    from pg8000.native import Connection

    class Bounded(Connection):  # type: ignore[misc]  # pg8000 has no types
        def handle_AUTHENTICATION_REQUEST(self, data: bytes, context: object) -> None:  # noqa: N802  the driver's name
            wanted = _ROUNDS.findall(data) if int.from_bytes(data[:4], "big") == _SASL_CONTINUE else ()
            if any(int(one[:12]) > MOST_ROUNDS for one in wanted):
                words = f"the server wants more than {MOST_ROUNDS} rounds of hashing for a login"
                raise ProbeError("unreachable", words)
            super().handle_AUTHENTICATION_REQUEST(data, context)

    return Bounded
