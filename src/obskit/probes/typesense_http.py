"""One GET from a Typesense node: its answer as JSON, in bounded time and memory."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from obskit.probes import secrets, sockets
from obskit.probes.model import ProbeError

if TYPE_CHECKING:
    from obskit.probes.model import Deadline


def get(url: str, path: str, secret: str, ca: str, deadline: Deadline) -> dict[str, object]:
    """
    Return the JSON document at *path* below *url*. Redirections are not followed: the key would go with them.

    Raises:
        ProbeError: there is none; never with a text of the server's.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    key = _key(secret)
    secure = parts.scheme == "https"
    sock: sockets.BoundedSocket | sockets.BoundedTlsSocket
    sock = sockets.connect(host, parts.port or (443 if secure else 80), deadline)
    connection = HTTPConnection(host, parts.port)
    try:
        if secure:
            sock = sockets.secure(sock, host, ca)
        connection.sock = sock
        connection.request("GET", parts.path.rstrip("/") + path, headers={"X-TYPESENSE-API-KEY": key})
        with connection.getresponse() as response:
            if response.status != 200:
                raise _refusal(response.status, secret)
            return _document(response.read(sockets.MOST_BYTES + 1))
    except (HTTPException, OSError) as error:
        if deadline.is_past() or isinstance(error, TimeoutError):
            raise ProbeError("timeout", f"{deadline.seconds:g} s") from None
        raise ProbeError("unreachable", "the connection ended, or does not speak HTTP") from None
    finally:
        connection.close()
        sock.end()


def _key(secret: str) -> str:
    """Return the key, which is the secret's whole text or its `api_key`."""
    text = secrets.get(secret).strip()
    if text.startswith("{"):
        (text,) = secrets.fields(secret, "api_key")
    if not (text.isascii() and text.isprintable() and text):
        raise ProbeError("credentials", "the secret is neither a key nor JSON with api_key")
    return text


def _refusal(status: int, secret: str) -> ProbeError:
    if status in (401, 403):
        secrets.refused(secret)
        return ProbeError("unauthorised", f"HTTP {status}")
    return ProbeError("missing" if status == 404 else "failed", f"HTTP {status}")


def _document(body: bytes) -> dict[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ProbeError("no-answer", "the answer is no JSON document")
    return found
