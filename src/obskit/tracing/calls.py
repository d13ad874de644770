"""
The blocks of an X-Ray document that its map of services is drawn from, made of OpenTelemetry's attributes.

Loaded for spans that are one side of a call. Source: X-Ray developer guide, "Segment documents"; OpenTelemetry semantic
conventions for AWS SDK, database and HTTP clients, names of today and before, 2026-11-24.
"""

from __future__ import annotations

from obskit import output
from obskit.quotas import XRAY_STRING
from obskit.tracing.spans import CLIENT, PRODUCER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_AWS = {
    "operation": ("rpc.method", "aws.operation"),
    "region": ("cloud.region", "aws.region"),
    "request_id": ("aws.request_id",),
    "queue_url": ("messaging.url", "aws.queue_url"),
    "table_name": ("aws.table_name",),
}
_SQL = {
    "sanitized_query": ("db.query.text", "db.statement"),
    "database_type": ("db.system.name", "db.system"),
    "database_version": ("db.version",),
    "url": ("db.namespace", "db.name"),
}
_REQUEST = {"method": ("http.request.method", "http.method"), "url": ("url.full", "http.url")}
_STATUS = ("http.response.status_code", "http.status_code")

_LONGEST_QUERY = 4000
"""Characters of a query; X-Ray states no limit, and one datagram holds the whole document."""


def blocks(kind: str, attributes: Mapping[str, object], *, failed: bool) -> str:
    """
    Return `namespace`, `aws`, `sql`, `http` and flags of a span of *kind*, as JSON that goes on after a member.

    *attributes* are masked; *failed* says that the document has its fault already.

    >>> blocks("client", {"rpc.system": "aws-api", "rpc.method": "PutItem"}, failed=False)
    ',"namespace":"aws","aws":{"operation":"PutItem"}'
    """
    found: dict[str, object] = {}
    if kind in (CLIENT, PRODUCER):
        is_aws = attributes.get("rpc.system") == "aws-api" or attributes.get("rpc.system.name") == "aws-api"
        found["namespace"] = "aws" if is_aws else "remote"
        if is_aws and (aws := _taken(attributes, _AWS)):
            found["aws"] = aws
        if "db.system" in attributes or "db.system.name" in attributes:
            found["sql"] = _taken(attributes, _SQL)
    http: dict[str, object] = {}
    if request := _taken(attributes, _REQUEST):
        http["request"] = request
    status = next((attributes[name] for name in _STATUS if type(attributes.get(name)) is int), 0)
    if status:
        http["response"] = {"status": status}
    if http:
        found["http"] = http
    return _said(found) + _flags(status, failed)  # type: ignore[arg-type]  # the check above is exact


def _taken(attributes: Mapping[str, object], names: Mapping[str, tuple[str, ...]]) -> dict[str, object]:
    taken: dict[str, object] = {}
    for key, candidates in names.items():
        for name in candidates:
            if isinstance(value := attributes.get(name), str):
                taken[key] = value[: _LONGEST_QUERY if key == "sanitized_query" else XRAY_STRING]
                break
    return taken


def _flags(status: int, failed: bool) -> str:  # noqa: FBT001  handed on
    """Return what X-Ray makes of a *status*: the caller's error, too much, or the other side's fault."""
    if 400 <= status < 500:
        return ',"error":true,"throttle":true' if status == 429 else ',"error":true'
    return ',"fault":true' if status >= 500 and not failed else ""


def _said(found: dict[str, object]) -> str:
    return "," + output.encode_json(found)[1:-1] if found else ""
