"""The standard `logging` module: records that reach the Lambda client's handler become obskit's lines."""

from __future__ import annotations

import logging

from obskit import config, context, logs, output, streams
from obskit.masking import audit, mask_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_OF_EVERY_RECORD = frozenset(
    "args asctime created exc_info exc_text filename funcName levelname levelno lineno message module msecs msg name"
    " pathname process processName relativeCreated stack_info taskName thread threadName"
    " aws_request_id tenant_id _frame_type".split()
)
"""Attributes that every record has, and those that the client puts on it; the others are a user's `extra`."""

_MOST_SOURCE_LINES = 10_000_000
"""A number of a line is below; one above may be any number."""

_UNREADABLE = "[UNREADABLE]"
_TEXT_FORMAT = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
"""What the client writes in the text format."""

_LEVELS = sorted(((number, name) for name, number in config.LEVELS.items()), reverse=True)

_patched: list[tuple[dict[str, Any], str]] = []
"""Attributes of objects of the client, and the name that was put there."""


def install() -> None:
    """
    Take the place of the handler that the Lambda client has put on the root logger.

    The handler stays where it is, with its level and filters; only what it does with a record changes.
    """
    for handler in () if _patched else logging.getLogger().handlers:
        sink: Any = getattr(handler, "log_sink", None)
        if sink is None:
            continue
        _patch(handler, "emit", _emitter(handler))
        if hasattr(sink, "fd"):  # Lambda's own channel beside the streams: the client writes errors there
            _patch(sink, "log", _masking(sink.log))


def uninstall() -> None:
    """Leave the client's handler as it was."""
    while _patched:
        attributes, name = _patched.pop()
        del attributes[name]


def _patch(thing: object, name: str, value: object) -> None:
    attributes = vars(thing)
    attributes[name] = value
    _patched.append((attributes, name))


def _masking(log: Callable[..., None]) -> Callable[..., None]:
    def masked(msg: str, frame_type: bytes | None = None) -> None:
        log(mask_text(msg, audit.LOG), frame_type)

    return masked


def _emitter(handler: logging.Handler) -> Callable[[logging.LogRecord], None]:
    def emit(record: logging.LogRecord) -> None:
        streams.guarded("logging", _handle, handler, record)  # masking itself may log

    return emit


def _handle(handler: logging.Handler, record: logging.LogRecord) -> None:
    if _is_clients(handler.formatter):
        write(record)
    else:  # a format that the user has set
        _write_formatted(handler, record)


def _is_clients(formatter: logging.Formatter | None) -> bool:
    return (
        formatter is None
        or type(formatter).__module__.startswith("awslambdaric")
        or (type(formatter) is logging.Formatter and formatter._fmt == _TEXT_FORMAT)  # noqa: SLF001  it has no getter
    )


def _write_formatted(handler: logging.Handler, record: logging.LogRecord) -> None:
    try:
        type(handler).emit(handler, record)  # ends in the stream or the sink, which mask
    except Exception as error:  # noqa: BLE001  the client would let it go on into the handler
        output.fault("logging", error)
        write(record)


def write(record: logging.LogRecord) -> None:
    """Write *record* as a line with the keys of `obskit.logger`; its `extra` becomes fields."""
    fields: dict[str, object] = {key: value for key, value in vars(record).items() if key not in _OF_EVERY_RECORD}
    message = _message(record, fields)
    told = _exception(record)
    if told:
        fields = {f"field_{key}" if key in told else key: value for key, value in fields.items()}
        fields.update(told)
    number = record.levelno
    settings, invocation = config.settings(), context.current()
    if not settings.own_level and (invocation is None or invocation.waiting is None):
        # The loggers' levels have decided; obskit's is a default here, which nobody has set for them, unless lines
        # below it wait for an error.
        number = max(number, settings.level)
    logs.Logger(str(record.name))._write(number, _level(record.levelno), message, fields, _place(record))  # noqa: SLF001  its own kind


def _message(record: logging.LogRecord, fields: dict[str, object]) -> object:
    """Return what *record* says; where its arguments do not fit, what it was to say, and a field that tells so."""
    said: object = record.msg
    if isinstance(said, (dict, list)) and not record.args:
        return said  # a document keeps its keys, by which it is masked
    try:
        if isinstance(record.args, dict):
            return str(said) % logs.unnamed(record.args)
        return record.getMessage()
    except Exception as error:  # noqa: BLE001  arguments that do not fit, or whose own methods fail
        output.fault("logging", error)
    fields["args"] = _UNREADABLE
    return said if isinstance(said, str) else _UNREADABLE


def _exception(record: logging.LogRecord) -> dict[str, object]:
    """Return the fields that tell of the exception and the stack of *record*."""
    told: dict[str, object] = {}
    info: Any = record.exc_info
    if isinstance(info, tuple) and isinstance(info[1], BaseException):
        told = logs.describe(info[1], info[2])
    elif record.exc_text and not info:  # a record that came through a queue
        told = {"exception": record.exc_text}
    if record.stack_info:
        told["stack_info"] = record.stack_info
    return told


def _place(record: logging.LogRecord) -> str:
    """Return function and line; records are made by hand, too, and hold anything there."""
    name, line = record.funcName, record.lineno
    where = f"{name}:{line}"
    if type(name) is str and name.isidentifier() and type(line) is int and 0 <= line < _MOST_SOURCE_LINES:
        return where
    return mask_text(where, audit.LOG)


def _level(number: int) -> str:
    for lowest, name in _LEVELS:
        if number >= lowest:
            return name
    return "TRACE"
