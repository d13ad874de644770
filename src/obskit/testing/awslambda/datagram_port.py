"""A UDP port on loopback that hands on every datagram, and knows when it has handed on all that was sent."""

from __future__ import annotations

import os
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

_DATAGRAM_BYTES = 65_536
_SETTLE_S = 0.2
"""After that a mark was lost in a full buffer, and is sent again."""


class DatagramPort:
    """Listens from construction to `close`. A context manager."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)  # a burst must not be lost
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        """For `AWS_XRAY_DAEMON_ADDRESS`."""
        self._mark = b"\0mark" + os.urandom(16)
        self._settled = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="datagram-port", daemon=True)
        self._thread.start()

    def settle(self) -> None:
        """Return when everything that was sent before this call has been handed on: datagrams keep their order."""
        if self._ending:
            return  # `close` has waited for all of it
        self._settled.clear()
        self._send_mark()
        while not self._settled.wait(_SETTLE_S):
            self._send_mark()

    def close(self) -> None:
        """Stop listening; what was sent before is handed on still. May be called twice."""
        if self._ending:
            return
        self._ending = True
        self._send_mark()
        while self._thread.is_alive():
            self._thread.join(_SETTLE_S)
            self._send_mark()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send_mark(self) -> None:
        self._socket.sendto(self._mark, self._socket.getsockname())

    def _run(self) -> None:
        while True:
            datagram = self._socket.recv(_DATAGRAM_BYTES)
            if datagram != self._mark:
                self._take(datagram)
            elif self._ending:
                return
            else:
                self._settled.set()
