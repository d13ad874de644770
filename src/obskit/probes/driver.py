"""A connection to PostgreSQL of one's own, by pg8000."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from obskit.errors import MissingExtraError
from obskit.probes import secrets, sockets
from obskit.probes.model import ProbeError

if TYPE_CHECKING:
    from obskit.probes.model import Deadline
    from obskit.probes.settings import Database

_SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
"""PostgreSQL's frontend/backend protocol, "SSL Session Encryption": length and code; the answer is `S` or `N`."""

_UNAUTHORISED = ("28000", "28P01", "42501")
_MISSING = ("3D000", "3F000", "42P01", "42703")
_CANCELED, _LOCKED = "57014", "55P03"
"""SQLSTATEs. PostgreSQL manual, appendix A "Error codes"."""


def rows(database: Database, sql: str, deadline: Deadline) -> list[list[Any]]:
    """
    Return the rows of *sql*, run in a transaction that cannot write and that the server itself ends in time.

    Raises:
        ProbeError: there are none to be had; never with a text of the server's.
        MissingExtraError: pg8000 is not installed.
    """
    try:
        from pg8000.exceptions import DatabaseError, InterfaceError
    except ModuleNotFoundError:
        raise MissingExtraError("probes", "asking PostgreSQL") from None
    user, password = secrets.fields(database.secret, "username", "password")
    try:
        return _rows(database, user, password, sql, deadline)
    except DatabaseError as error:
        failure = _failure(error.args[0] if error.args else None)
        if failure.reason == "unauthorised":
            secrets.refused(database.secret)
        raise failure from None
    except (InterfaceError, OSError, ValueError, EOFError) as error:
        # A wait that ends says so in a ProbeError; what pg8000 makes of it has that as its cause.
        if deadline.is_past() or isinstance(error, TimeoutError):
            raise ProbeError("timeout", f"{deadline.seconds:g} s") from None
        raise ProbeError("unreachable", "the connection ended, or is no PostgreSQL's") from None


def _rows(database: Database, user: str, password: str, sql: str, deadline: Deadline) -> list[list[Any]]:
    from pg8000.native import Connection

    from obskit.probes.sql import milliseconds

    sock: Any = sockets.connect(database.host, database.port, deadline)
    try:
        if database.tls:
            sock.sendall(_SSL_REQUEST)
            if sock.recv(1) != b"S":
                raise ProbeError("unreachable", "the server speaks no TLS")
            sock = sockets.secure(sock, database.host, database.ca)
        connection = Connection(
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


def _failure(fields: object) -> ProbeError:
    code = fields.get("C") if isinstance(fields, dict) else None
    if not isinstance(code, str) or not (len(code) == 5 and code.isalnum() and code.isascii()):
        return ProbeError("failed")
    if code in (_CANCELED, _LOCKED):
        what = "the statement" if code == _CANCELED else "the wait for a lock"
        return ProbeError("timeout", f"SQLSTATE {code}: the server ended {what}")
    reason = "unauthorised" if code in _UNAUTHORISED else "missing" if code in _MISSING else "failed"
    return ProbeError(reason, f"SQLSTATE {code}")
