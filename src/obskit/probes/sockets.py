"""TCP connections that keep a deadline and a limit of bytes, however the server behaves."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Any

from obskit.probes.model import ProbeError

if TYPE_CHECKING:
    from obskit.probes.model import Deadline

MOST_BYTES = 1 << 20
"""Bytes that are read from one connection: answers have a few kB."""


class _Bounds:
    """What a connection may still take."""

    deadline: Deadline
    received: int

    def _before(self) -> float:
        return self.deadline.left()

    def _after(self, count: int) -> None:
        self.received += count
        if self.received > MOST_BYTES:
            raise ProbeError("too-large", f"more than {MOST_BYTES} bytes")


class BoundedSocket(_Bounds, socket.socket):
    """A socket each of whose waits ends with the deadline. A timeout per wait alone never ends on a slow drip."""

    def recv(self, *args: Any) -> bytes:
        self.settimeout(self._before())
        data = super().recv(*args)
        self._after(len(data))
        return data

    def recv_into(self, *args: Any) -> int:
        self.settimeout(self._before())
        count = super().recv_into(*args)
        self._after(count)
        return count

    def send(self, *args: Any) -> int:
        self.settimeout(self._before())
        return super().send(*args)

    def sendall(self, *args: Any) -> None:
        self.settimeout(self._before())  # of the whole, not of each piece
        super().sendall(*args)


class BoundedTlsSocket(_Bounds, ssl.SSLSocket):
    """As `BoundedSocket`, inside TLS."""

    def recv(self, *args: Any) -> bytes:
        self.settimeout(self._before())
        data = super().recv(*args)
        self._after(len(data))
        return data

    def recv_into(self, *args: Any) -> int:
        self.settimeout(self._before())
        count: int = super().recv_into(*args)
        self._after(count)
        return count

    def send(self, *args: Any) -> int:
        self.settimeout(self._before())
        return super().send(*args)

    def sendall(self, *args: Any) -> None:
        self.settimeout(self._before())
        super().sendall(*args)


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
    bounded.deadline, bounded.received = deadline, 0
    deadline.closing(lambda: _cut(bounded))
    return bounded


def secure(plain: BoundedSocket, host: str, ca: str) -> BoundedTlsSocket:
    """
    Return *plain* inside TLS, with a certificate for *host* that *ca* (a file; by default the system's) vouches for.

    Raises:
        ProbeError: `unreachable`: no TLS, or another's certificate.
        OSError: the file *ca* cannot be read.
    """
    context = ssl.create_default_context(cafile=ca or None)
    context.sslsocket_class = BoundedTlsSocket
    deadline = plain.deadline
    try:
        plain.settimeout(deadline.left())
        secured = context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
        assert isinstance(secured, BoundedTlsSocket)  # noqa: S101  for the type checker
        secured.deadline, secured.received = deadline, plain.received
        deadline.closing(lambda: _cut(secured))
        secured.do_handshake()
    except ssl.SSLCertVerificationError:
        raise ProbeError("unreachable", "the server's certificate is not trusted") from None
    except ssl.SSLError:
        raise ProbeError("unreachable", "TLS failed") from None
    return secured


def _cut(connection: socket.socket) -> None:
    """End a wait of another thread. `SSLSocket.shutdown` would take its TLS state away under its hands."""
    try:
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:  # closed already
        return
