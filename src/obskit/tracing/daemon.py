"""The X-Ray daemon that Lambda runs beside the function: one UDP datagram per document."""

from __future__ import annotations

from obskit import output
from obskit.quotas import DATAGRAM_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket

DEFAULT_ADDRESS = "127.0.0.1:2000"

_HEADER = '{"format":"json","version":1}\n'

_socket: socket.socket | None = None


def send(document: dict[str, object], address: str) -> None:
    """
    Send *document*, which is masked, to the daemon at *address* (`host:port`).

    Does not wait: what the network does not take at once is dropped and counted.
    """
    data = (_HEADER + output.encode_json(document)).encode("utf-8", "replace")
    if len(data) > DATAGRAM_BYTES:
        children = document.pop("subsegments", [])
        document["metadata"] = {"obskit": {"spans_dropped": len(children) if isinstance(children, list) else 0}}
        output.fault("spans", "a document larger than one datagram was sent without its children")
        data = (_HEADER + output.encode_json(document)).encode("utf-8", "replace")
    try:
        _open().sendto(data, _udp(address or DEFAULT_ADDRESS))
    except (OSError, ValueError) as error:
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

    >>> _udp("tcp:127.0.0.1:2000 udp:127.0.0.1:2001")
    ('127.0.0.1', 2001)
    """
    for part in address.split():
        if part.startswith("udp:"):
            address = part[len("udp:") :]
    host, _, port = address.rpartition(":")
    # A name would be looked up, and a silent name server would hold up the response.
    if not all(part.isdigit() for part in host.split(".")) or host.count(".") != 3:
        raise ValueError("the X-Ray daemon's address is not an IPv4 address")
    return host, int(port)


def _open() -> socket.socket:
    global _socket  # noqa: PLW0603  one socket for the life of the process
    if _socket is None:
        import socket  # 4 ms: paid at the end of the first invocation, and only where spans are sent

        _socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        _socket.setblocking(False)
    return _socket
