"""
The rules of X-Ray segment documents as the daemon and service apply them.

Source: X-Ray developer guide, "Segment documents"; reference/runtime-specs.md, section 3 (2026-11-24).
"""

from __future__ import annotations

import json
import re
import time
from typing import Any, NoReturn

from obskit import quotas
from obskit.errors import ObskitError

DOCUMENT_BYTES = 64 * 1024
"""One document. X-Ray developer guide, 2026-11-24."""

ANNOTATIONS = 50
ANNOTATION_CHARACTERS = 1000
PLAUSIBLE_S = 30 * 86_400
"""X-Ray keeps traces 30 days; a start further from now is a wrong unit."""

_TRACE_ID = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
_ID = re.compile(r"[0-9a-f]{16}")
_NAME = re.compile(r"[\w\s.:/%&#=+\\\-@]+")
_ANNOTATION_KEY = re.compile(r"[A-Za-z0-9_]+")


class XrayError(ObskitError):
    """X-Ray would drop this document, or part of it; the message names the rule."""


def _refuse(rule: str) -> NoReturn:
    raise XrayError(rule)


def parse_datagram(datagram: bytes) -> dict[str, Any]:
    """
    Return the checked segment document of *datagram*.

    Raises:
        XrayError: names the first rule that is broken.
    """
    header, newline, body = datagram.partition(b"\n")
    if not newline:
        _refuse("the datagram has no header line")
    try:
        daemon_header = json.loads(header)
    except ValueError:
        _refuse(f"the header line is not JSON: {header[:80]!r}")
    if daemon_header != {"format": "json", "version": 1}:
        _refuse(f'the header line is not {{"format":"json","version":1}}: {daemon_header}')
    if body[:2] in {b"T1", b"M1"}:
        _refuse("OTLP over UDP is understood by Lambda's own daemon only, not by this sink")
    if len(body) > DOCUMENT_BYTES:
        _refuse(f"the document has {len(body)} bytes; {DOCUMENT_BYTES} are allowed")
    try:
        document = json.loads(body)
    except ValueError as error:
        _refuse(f"the document is not one JSON value: {error}")
    if not isinstance(document, dict):
        _refuse("the document is not an object")
    _check_top(document)
    return document


def _check_top(document: dict[str, Any]) -> None:
    if not _matches(_TRACE_ID, document.get("trace_id")):
        _refuse(f"trace_id {document.get('trace_id')!r} is not 1-<8 hex>-<24 hex>")
    kind = document.get("type")
    if kind not in (None, "subsegment"):
        _refuse(f"type {kind!r} is not 'subsegment'")
    if kind == "subsegment" and not _matches(_ID, document.get("parent_id")):
        _refuse(f"a subsegment sent alone needs parent_id of 16 hex digits: {document.get('parent_id')!r}")
    if "parent_id" in document and not _matches(_ID, document["parent_id"]):
        _refuse(f"parent_id {document['parent_id']!r} is not 16 hex digits")
    annotations = _check(document, subsegment=kind == "subsegment")
    if annotations > ANNOTATIONS:
        _refuse(f"{annotations} annotations; X-Ray indexes {ANNOTATIONS} per trace")


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and bool(pattern.fullmatch(value))


def _check(document: dict[str, Any], *, subsegment: bool) -> int:
    """Check one (sub)segment and those within; return the number of annotations."""
    name = document.get("name")
    if not _matches(_NAME, name) or len(str(name)) > quotas.XRAY_NAME:
        _refuse(f"name {name!r} is not 1 to {quotas.XRAY_NAME} letters, digits, spaces or _ . : / % & # = + \\ - @")
    if not _matches(_ID, document.get("id")):
        _refuse(f"{name}: id {document.get('id')!r} is not 16 hex digits")
    _check_times(document)
    namespace = document.get("namespace")
    if namespace is not None and (not subsegment or namespace not in {"aws", "remote", "local"}):
        # 'local' is not in the specification; AWS's own SDK writes it into every subsegment of the function's own.
        _refuse(f"{name}: namespace {namespace!r}; only subsegments have one, 'aws', 'remote' or 'local'")
    for flag in ("error", "fault", "throttle"):
        if not isinstance(document.get(flag, False), bool):
            _refuse(f"{name}: {flag} is not a boolean")
    for key in ("metadata", "http", "aws", "sql"):
        if not isinstance(document.get(key, {}), dict):
            _refuse(f"{name}: {key} is not an object")
    _check_cause(document)
    count = _check_annotations(document)
    children = document.get("subsegments", [])
    if not isinstance(children, list) or not all(isinstance(child, dict) for child in children):
        _refuse(f"{name}: subsegments is not an array of objects")
    return count + sum(_check(child, subsegment=True) for child in children)


def _check_times(document: dict[str, Any]) -> None:
    name, start, end = document["name"], document.get("start_time"), document.get("end_time")
    if not isinstance(start, (int, float)) or isinstance(start, bool):
        _refuse(f"{name}: start_time {start!r} is not a number of seconds")
    if abs(start - time.time()) > PLAUSIBLE_S:
        _refuse(f"{name}: start_time {start} is more than 30 days from now; seconds are meant")
    if end is None:
        if document.get("in_progress") is not True:
            _refuse(f"{name}: neither end_time nor in_progress")
    elif not isinstance(end, (int, float)) or isinstance(end, bool) or end < start:
        _refuse(f"{name}: end_time {end!r} is not a number of seconds at or after start_time")
    elif document.get("in_progress"):
        _refuse(f"{name}: in_progress with an end_time")


def _check_annotations(document: dict[str, Any]) -> int:
    name, annotations = document["name"], document.get("annotations", {})
    if not isinstance(annotations, dict):
        _refuse(f"{name}: annotations is not an object")
    for key, value in annotations.items():
        if not _ANNOTATION_KEY.fullmatch(key):
            _refuse(f"{name}: annotation key {key!r} has other characters than A-Z a-z 0-9 _")
        if not isinstance(value, (str, int, float, bool)):
            _refuse(f"{name}: annotation {key!r} is not a string, number or boolean")
        if isinstance(value, str) and len(value) > ANNOTATION_CHARACTERS:
            _refuse(f"{name}: annotation {key!r} has more than {ANNOTATION_CHARACTERS} characters")
    return len(annotations)


def _check_cause(document: dict[str, Any]) -> None:
    name, cause = document["name"], document.get("cause")
    if cause is None or _matches(_ID, cause):
        return
    if not isinstance(cause, dict):
        _refuse(f"{name}: cause is neither an object nor the id of an exception")
    exceptions = cause.get("exceptions", [])
    if not isinstance(exceptions, list):
        _refuse(f"{name}: cause.exceptions is not an array")
    for exception in exceptions:
        if not isinstance(exception, dict) or not _matches(_ID, exception.get("id")):
            _refuse(f"{name}: an exception has no id of 16 hex digits")
