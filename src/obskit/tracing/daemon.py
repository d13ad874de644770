"""The X-Ray daemon that Lambda runs beside the function: one UDP datagram per document."""

from __future__ import annotations

from obskit import output
from obskit.quotas import DATAGRAM_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket

DEFAULT_ADDRESS = "127.0.0.1:2000"

_HEADER = '{"format":"json","version":1}\n'


class _RefusedError(ValueError):
    """Words of our own, which may be told."""


_socket: socket.socket | None = None
_connected_to = ""


def fits(document: str) -> bool:
    """Say whether *document* goes into one datagram."""
    room = DATAGRAM_BYTES - len(_HEADER)
    most = len(document) * 4  # a character is 4 bytes at most
    return most <= room or len(document.encode("utf-8", "replace")) <= room


def send(document: str, address: str) -> None:
    """
    Send *document*, which is JSON and masked, to the daemon at *address* (`host:port`).

    Does not wait: what the network does not take at once is dropped and counted. Without an address it is the usual
    one of this machine, and nothing is counted where nobody listens.
    """
    try:
        opened = _socket if _connected_to == address and _socket is not None else _open(address)
        opened.send((_HEADER + document).encode("utf-8", "replace"))
    except ConnectionRefusedError:
        if address:  # else nobody said that there is a daemon: a test, or a script
            output.count_fault("spans")  # a line for each would be in the way
    except _RefusedError as error:
        output.fault("spans", str(error))
    except OSError as error:
        output.fault("spans", error)


def reset() -> None:
    """Close the socket; the next document opens another."""
    global _socket
    opened, _socket = _socket, None
    if opened is not None:
        opened.close()


def _udp(address: str) -> tuple[str, int]:
    """
    Return host and port of *address*: `host:port`, or the daemon's other form `tcp:host:port udp:host:port`.

    Raises:
        _RefusedError: it is neither, with an IPv4 address.

    >>> _udp("tcp:127.0.0.1:2000 udp:127.0.0.1:2001")
    ('127.0.0.1', 2001)
    """
    for part in address.split():
        if part.startswith("udp:"):
            address = part[len("udp:") :]
    host, _, port = address.rpartition(":")
    # A name would be looked up, and a silent name server would hold up the response.
    numbers = [int(part) if part.isdecimal() else -1 for part in (*host.split("."), port)]
    if len(numbers) != 5 or not all(0 <= number < 256 for number in numbers[:4]) or not 0 < numbers[4] < 65_536:
        raise _RefusedError("AWS_XRAY_DAEMON_ADDRESS is not an IPv4 address with a port, host:port: no span is sent")
    return host, numbers[4]


def _open(address: str) -> socket.socket:
    """Return a socket connected to *address*: it takes nothing from anybody else."""
    global _socket, _connected_to
    where = _udp(address or DEFAULT_ADDRESS)
    import socket  # 4 ms: paid at the end of the first invocation, and only where spans are sent

    reset()
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if opened.fileno() <= 2:
        opened.close()
        raise _RefusedError(
            "a standard descriptor is closed: the socket would take its place, and what is printed would go there"
        )
    opened.setblocking(False)
    try:
        opened.connect(where)
    except OSError:
        opened.close()
        raise
    _socket, _connected_to = opened, address
    return opened
