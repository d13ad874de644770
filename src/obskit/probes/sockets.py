"""TCP connections that keep a deadline and a limit of bytes, however the server behaves."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from obskit.probes.model import ProbeError

if TYPE_CHECKING:
    from obskit.probes.model import Deadline

MOST_BYTES = 1 << 20
"""Bytes that are read from one connection: answers have a few kB."""


class BoundedSocket(socket.socket):
    """
    A socket each of whose waits ends with the deadline, and that takes no more than `MOST_BYTES`.

    A timeout per wait alone never ends on a slow drip. *files* are those that were made of it.
    """

    deadline: Deadline
    received: int
    files: list[Any]

    def hold(self, deadline: Deadline, received: int) -> None:
        self.deadline, self.received, self.files = deadline, received, []
        deadline.closing(lambda: _cut(self))

    def makefile(self, *args: Any, **options: Any) -> Any:
        self.files.append(super().makefile(*args, **options))
        return self.files[-1]

    def end(self) -> None:
        """Close it for good. `close` waits for files, which an error leaves open."""
        for file in self.files:
            with suppress(OSError, ValueError, ProbeError):  # what was not sent yet cannot be
                file.close()
        self.close()

    def _took(self, count: int) -> None:
        self.received += count
        if self.received > MOST_BYTES:
            raise ProbeError("too-large", f"more than {MOST_BYTES} bytes")

    def recv(self, *args: Any) -> bytes:
        self.settimeout(self.deadline.left())
        data = super().recv(*args)
        self._took(len(data))
        return data

    def recv_into(self, *args: Any) -> int:
        self.settimeout(self.deadline.left())
        count = super().recv_into(*args)
        self._took(count)
        return count

    def send(self, *args: Any) -> int:
        self.settimeout(self.deadline.left())
        return super().send(*args)

    def sendall(self, *args: Any) -> None:
        self.settimeout(self.deadline.left())  # of the whole, not of each piece
        super().sendall(*args)


class BoundedTlsSocket(BoundedSocket, ssl.SSLSocket):
    """As `BoundedSocket`, inside TLS."""


def connect(host: str, port: int, deadline: Deadline) -> BoundedSocket:
    """
    Return a connection to *host*.

    Raises:
        ProbeError: `unreachable`, or `timeout`.
    """
    try:
        plain = socket.create_connection((host, port), deadline.left())
    except TimeoutError:
        raise ProbeError("timeout", "while connecting") from None
    except OSError as error:
        raise ProbeError("unreachable", type(error).__name__) from None
    bounded = BoundedSocket(fileno=plain.detach())
    bounded.hold(deadline, 0)
    return bounded


def secure(plain: BoundedSocket, host: str, ca: str) -> BoundedTlsSocket:
    """
    Return *plain* inside TLS, with a certificate for *host* that *ca* (a file; by default the system's) vouches for.

    Raises:
        ProbeError: `unreachable`: no TLS, or another's certificate; `settings`: *ca* is no file of certificates.
    """
    try:
        context = ssl.create_default_context(cafile=ca or None)
    except OSError as error:  # a wrong file is an SSLError, which is one, too
        plain.end()
        raise ProbeError("settings", f"the file of ca cannot be used: {type(error).__name__}") from None
    context.sslsocket_class = BoundedTlsSocket
    deadline = plain.deadline
    try:
        plain.settimeout(deadline.left())
        secured = context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
        assert isinstance(secured, BoundedTlsSocket)  # noqa: S101  for the type checker
        secured.hold(deadline, plain.received)
    finally:
        plain.end()  # its connection is the other's now, or nobody's
    try:
        secured.do_handshake()
    except (OSError, ProbeError) as error:
        secured.end()
        if isinstance(error, ssl.SSLCertVerificationError):
            raise ProbeError("unreachable", "the server's certificate is not trusted") from None
        if isinstance(error, ssl.SSLError):
            raise ProbeError("unreachable", "TLS failed") from None
        raise
    return secured


def _cut(connection: socket.socket) -> None:
    """End a wait of another thread. `SSLSocket.shutdown` would take its TLS state away under its hands."""
    try:
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:  # closed already
        return
