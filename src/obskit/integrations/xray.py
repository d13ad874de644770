"""
The AWS X-Ray SDK, Powertools' Tracer above it: what leaves for the daemon is masked, or is part of obskit's trace.

`protect` leaves the SDK to send. Its seam is `Entity.serialize`, which makes the text of every segment and subsegment
that the SDK's emitter sends. `join` makes spans of obskit's of what the SDK opens; the seam is the SDK's own: the
context that its recorder is configured with.
"""

from __future__ import annotations

import json

from obskit import output
from obskit.errors import MissingExtraError
from obskit.integrations.seams import Seams
from obskit.masking import mask_document, mask_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_OURS = frozenset(
    "id trace_id parent_id type namespace origin start_time end_time in_progress fault error throttle".split()
)
"""Keys that the SDK or AWS fills; a number that looks like a card would be an id that X-Ray refuses."""

_NAME_CHARACTERS = frozenset("_.:/%&#=+\\-@ ")
_UNREADABLE = "[UNREADABLE]"

_seams: Seams | None = None


def protect() -> None:
    """
    Mask what the X-Ray SDK sends: names, annotations, metadata, exceptions, SQL, HTTP. A second call changes nothing.

    Raises:
        MissingExtraError: aws-xray-sdk is not installed.
        IntegrationError: this version of it lacks the seam.
    """
    global _seams  # noqa: PLW0603  its one home
    if _seams is not None:
        return
    try:
        from aws_xray_sdk.core.emitters.udp_emitter import UDPEmitter
        from aws_xray_sdk.core.models.entity import Entity
        from aws_xray_sdk.version import VERSION
    except ImportError:
        raise MissingExtraError("xray", "obskit.integrations.xray") from None
    seams = Seams(f"aws-xray-sdk {VERSION}")
    seams.require_call(UDPEmitter.send_entity, "serialize")
    seams.everywhere(Entity, "serialize", _serialize)
    _seams = seams


def unprotect() -> None:
    """Take back what `protect` did; for tests."""
    global _seams
    seams, _seams = _seams, None
    if seams is not None:
        seams.undo()


def join() -> None:
    """
    Have subsegments of the X-Ray SDK's recorder be spans of obskit's, below the span that is open, in every mode.

    They keep the ids that the SDK gave them, which calls carry. A second call changes nothing.

    Raises:
        MissingExtraError: aws-xray-sdk is not installed.
    """
    try:
        from aws_xray_sdk.core import xray_recorder

        from obskit.integrations import xray_context
    except ImportError:
        raise MissingExtraError("xray", "obskit.integrations.xray") from None
    if not isinstance(xray_recorder.context, xray_context.JoinedContext):
        nothing = xray_context.Nothing()
        xray_recorder.configure(context=xray_context.JoinedContext(), emitter=nothing, streaming=nothing)


def _serialize(original: Callable[..., str]) -> Callable[..., str]:
    def serialize(entity: Any) -> str:
        text = original(entity)
        try:
            return output.encode_json(_masked(json.loads(text)))
        except Exception as error:  # noqa: BLE001  what cannot be masked is replaced
            output.fault("xray document", error)
            return output.encode_json(_replaced(entity))

    return serialize


def _masked(entity: dict[str, Any]) -> dict[str, object]:
    """Return the document of a segment or subsegment masked, with all that is below it."""
    result: dict[str, object] = {}
    rest: dict[str, object] = {}
    for key, value in entity.items():
        if key in _OURS and not isinstance(value, (dict, list)):
            result[key] = value
        elif key == "name":
            result[key] = _name(value)
        elif key == "subsegments":
            result[key] = [_masked(child) for child in value]
        elif key == "cause":
            result[key] = _cause(value)
        else:
            rest[key] = value
    return {**result, **mask_document(rest)} if rest else result


def _name(name: str) -> str:
    """Return *name* masked; X-Ray refuses the brackets of a marker."""
    masked = mask_text(name)
    if masked == name:
        return name
    return "".join(char if char.isalnum() or char in _NAME_CHARACTERS else "_" for char in masked)


def _cause(cause: Any) -> object:
    """Return *cause* masked: the id of an exception that another segment tells of, or exceptions with theirs."""
    if not isinstance(cause, dict):
        return cause
    masked: dict[str, object] = dict(mask_document({key: cause[key] for key in cause if key != "exceptions"}))
    masked["exceptions"] = [{**mask_document(exception), "id": exception["id"]} for exception in cause["exceptions"]]
    return masked


def _replaced(entity: Any) -> dict[str, object]:
    """Return what is left of an *entity* that cannot be masked: its place in the trace."""
    kept = {key: value for key, value in vars(entity).items() if key in _OURS and isinstance(value, (str, int, float))}
    return {**kept, "name": "unreadable", "metadata": {"obskit": {"document": _UNREADABLE}}}
