"""Log lines: one masked JSON document each, with the ids of the invocation they belong to."""

from __future__ import annotations

import sys
import time

from obskit import config, context, output
from obskit.masking import audit, mask, mask_document, mask_text
from obskit.quotas import LOG_EVENT_BYTES
from obskit.semconv import RESERVED_LOG_KEYS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

_DEBUG, _INFO, _WARN, _ERROR, _FATAL = (config.LEVELS[name] for name in ("DEBUG", "INFO", "WARN", "ERROR", "FATAL"))

_LONGEST_STACK = 8192
"""Characters of a stack that are kept, the end of it: where the error was raised."""

_KEPT_OF_A_CUT_MESSAGE = 10_000
"""Characters of the message that stay on a line whose fields had to be left out."""


class Logger:
    """
    Writes log lines.

    Every method takes a message and any keyword fields; all of it is masked. A field named like a key that obskit
    writes itself is kept as `field_<name>`.
    """

    __slots__ = ("_name",)

    def __init__(self, name: str = "") -> None:
        self._name = name

    # The message is positional only, so that a field may have any name, `message` and `self` too.
    def debug(self, message: object, /, **fields: object) -> None:
        self._write(_DEBUG, "DEBUG", message, fields)

    def info(self, message: object, /, **fields: object) -> None:
        self._write(_INFO, "INFO", message, fields)

    def warning(self, message: object, /, **fields: object) -> None:
        self._write(_WARN, "WARN", message, fields)

    def error(self, message: object, /, **fields: object) -> None:
        self._write(_ERROR, "ERROR", message, fields)

    def critical(self, message: object, /, **fields: object) -> None:
        self._write(_FATAL, "FATAL", message, fields)

    def exception(self, message: object, /, **fields: object) -> None:
        """Write an ERROR line with the exception that is being handled: its type, its text and stack, masked."""
        _, error, trace = sys.exc_info()
        self._write(_ERROR, "ERROR", message, fields if error is None else _with_error(fields, error, trace))

    def log(self, level: str, message: object, /, **fields: object) -> None:
        """Write a line at *level*, one of Lambda's names (WARNING and CRITICAL are understood too)."""
        name = config.level_name(str(level))
        if name is None:
            raise ValueError(f"'{level}' is not a level; it is one of {', '.join(config.LEVELS)}")
        self._write(config.LEVELS[name], name, message, fields)

    def _write(self, number: int, level: str, message: object, fields: dict[str, object], where: str = "") -> None:
        if number < config.settings().level:
            return
        try:
            if not where:
                caller = sys._getframe(2)  # noqa: SLF001  the only way to the caller's line
                where = f"{caller.f_code.co_name}:{caller.f_lineno}"
            output.write(self._line(level, message, fields, where))
        except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
            output.fault("log", error)

    def _line(self, level: str, message: object, fields: dict[str, object], where: str) -> str:
        invocation, bound, span = context.scope()
        if invocation is None:
            prefix = _prefix(None)
        else:
            prefix = invocation.line_prefix
            if not prefix:
                prefix = invocation.line_prefix = _prefix(invocation)
        encode_text = output.encode_text
        said = mask(message, surface=audit.LOG)
        head = f'{{"timestamp":"{timestamp()}","level":"{level}","message":'
        ids = f',"location":{encode_text(where)}{prefix}'
        if span is not None:
            ids += f',"span_id":"{span.span_id}"'
        if self._name:
            ids += f',"logger":{encode_text(mask_text(self._name, audit.LOG))}'
        user = {**bound, **fields} if bound else fields
        rest = "," + output.encode(mask_document(_unreserved(user), audit.LOG))[1:-1] if user else ""
        line = f"{head}{encode_text(said) if type(said) is str else output.encode_json(said)}{ids}{rest}}}\n"
        if len(line) < LOG_EVENT_BYTES // 4:  # a character is four bytes at most
            return line
        size = len(line.encode("utf-8", "replace"))
        return line if size <= LOG_EVENT_BYTES else f"{head}{_cut(said, size)}{ids}}}\n"


def failed(error: BaseException, trace: TracebackType | None) -> None:
    """Write the ERROR line of an invocation that *error* ends; *trace* begins at the handler. Never raises."""
    where, last = "", trace
    while last is not None:
        where, last = f"{last.tb_frame.f_code.co_name}:{last.tb_lineno}", last.tb_next
    logger._write(_ERROR, "ERROR", "invocation failed", describe(error, trace), where)  # noqa: SLF001  same module


def get_logger(name: str) -> Logger:
    """Return a logger whose lines carry *name* under `logger`."""
    return Logger(name)


logger = Logger()


def describe(error: BaseException, trace: TracebackType | None) -> dict[str, object]:
    """Return the fields that tell of *error* and its stack *trace*; masking takes place when they are written."""
    try:
        import traceback  # the runtime client has loaded it; a plain process pays only when something failed

        stack = "".join(traceback.format_exception(type(error), error, trace))
    except Exception:  # noqa: BLE001  an exception's own attributes and methods may do anything
        stack = "[UNREADABLE]"
    if len(stack) > _LONGEST_STACK:
        stack = mask_text(stack, audit.LOG)[
            -_LONGEST_STACK:
        ]  # masked first: a cut could halve a number beyond recognition
    return {"exception_name": type(error).__name__, "exception": stack}


def _with_error(fields: dict[str, object], error: BaseException, trace: TracebackType | None) -> dict[str, object]:
    """Return *fields* and those of *error*; a user's field of the same name is kept as `field_<name>`."""
    described = describe(error, trace)
    kept = {f"field_{key}" if key in described else key: value for key, value in fields.items()}
    return {**kept, **described}


def _unreserved(fields: dict[str, object]) -> dict[str, object]:
    if RESERVED_LOG_KEYS.isdisjoint(fields):
        return fields
    result: dict[str, object] = {}
    for key, value in fields.items():
        name = key
        while name in RESERVED_LOG_KEYS or (name != key and name in fields):
            name = f"field_{name}"
        result[name] = value
    return result


def _prefix(invocation: context.Invocation | None) -> str:
    """Return the part of a line that stays the same all through an invocation."""
    settings = config.settings()
    known: dict[str, object] = {"service": settings.service, "env": settings.env}
    if settings.function_name:
        known["function_name"] = settings.function_name
        known["function_version"] = settings.function_version
    if invocation is not None:
        if invocation.service:
            known["service"] = invocation.service
        known["function_request_id"] = invocation.request_id
        known["cold_start"] = invocation.cold_start
        for key in ("xray_trace_id", "correlation_id", "caller_trace_id", "tenant_id"):
            value = getattr(invocation, key)
            if value:
                known[key] = value
    return "," + output.encode_json(known)[1:-1]


_second = -1
_second_text = ""


def timestamp() -> str:
    """Return the time as RFC 3339 in UTC with milliseconds: what Lambda's level filter needs to trust a line."""
    global _second, _second_text
    milliseconds = time.time_ns() // 1_000_000
    second, rest = divmod(milliseconds, 1000)
    if second != _second:
        text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        _second_text, _second = text, second
    else:
        text = _second_text
    return f"{text}.{rest:03d}Z"


def _cut(message: object, size: int) -> str:
    """Return what stands in for a message and fields that CloudWatch would refuse for their size."""
    text = message if isinstance(message, str) else output.encode_json(message)
    note = f"the line had {size} bytes, CloudWatch takes {LOG_EVENT_BYTES}: its fields are left out"
    return f'{output.encode_json(text[:_KEPT_OF_A_CUT_MESSAGE])},"obskit_cut":"{note}"'
