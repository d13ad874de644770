"""Clients of AWS services, shared between probes, and their errors as codes."""

from __future__ import annotations

import re
from threading import Lock
from typing import Any

from obskit.errors import MissingExtraError
from obskit.probes.model import ProbeError

CONNECT_S = 2.0
READ_S = 5.0
"""Seconds; the probe's own deadline comes first where it is shorter."""

_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,80}")
_UNAUTHORISED = ("AccessDenied", "UnrecognizedClient", "InvalidClientTokenId", "ExpiredToken", "SignatureDoesNotMatch")
_MISSING = ("NonExistentQueue", "QueueDoesNotExist", "ResourceNotFound", "DBClusterNotFound", "NotFoundException")

_clients: dict[tuple[str, str], Any] = {}
_lock = Lock()


def client(service: str, region: str) -> Any:
    """
    Return the boto3 client of *service* in *region*; one for all, for making one costs 50 ms and is not for threads.

    Raises:
        MissingExtraError: boto3 is not installed.
    """
    with _lock:
        if (service, region) not in _clients:
            try:
                import boto3
                from botocore.config import Config
            except ModuleNotFoundError:
                raise MissingExtraError("probes", "asking AWS") from None
            quick = Config(connect_timeout=CONNECT_S, read_timeout=READ_S, retries={"total_max_attempts": 1})
            session = boto3.session.Session()
            _clients[service, region] = session.client(service, region_name=region or None, config=quick)
        return _clients[service, region]


def forget() -> None:
    """Close all clients."""
    with _lock:
        while _clients:
            _clients.popitem()[1].close()


def failure(error: BaseException) -> ProbeError:
    """
    Return what botocore's *error* is to a probe: its code, never its text.

    >>> from types import SimpleNamespace
    >>> error = ValueError("User ann may not")
    >>> error.response = {"Error": {"Code": "AccessDeniedException"}}
    >>> str(failure(error))
    'unauthorised: AccessDeniedException'
    """
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    name = type(error).__name__
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        if "Timeout" in name:
            return ProbeError("timeout", name)
        return ProbeError("credentials" if "Credential" in name else "unreachable", name)
    if any(word in code for word in _UNAUTHORISED):
        return ProbeError("unauthorised", code)
    return ProbeError("missing" if any(word in code for word in _MISSING) else "failed", code)
