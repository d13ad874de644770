"""Log lines: one masked JSON document each, with the ids of the invocation they belong to."""

from __future__ import annotations

import sys

from obskit import config, context, output
from obskit.errors import is_interruption
from obskit.masking import Masked, audit, mask_document, mask_text
from obskit.quotas import LOG_EVENT_BYTES
from obskit.semconv import RESERVED_LOG_KEYS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType, TracebackType
    from typing import Any

_DEBUG, _INFO, _WARN, _ERROR, _FATAL = (config.LEVELS[name] for name in ("DEBUG", "INFO", "WARN", "ERROR", "FATAL"))

_LONGEST_STACK = 8192
"""Characters of a stack that are kept, the end of it: where the error was raised."""

_KEPT_OF_A_CUT_MESSAGE = 10_000
"""Characters of the message that stay on a line whose fields had to be left out."""

_LONGEST_NAME = 256
"""Characters of a logger's name."""

_MOST_WAITING = 256 * 1024
"""Characters of lines that wait for an error in one invocation; the oldest make room for the newest."""

# What is below this is not looked at: the level, unless an invocation is running that wants to know more.
_threshold = 0
_curious = 0
"""Invocations that are running and want lines below the level."""


class Logger:
    """
    Writes log lines.

    Every method takes a message and any keyword fields; all of it is masked. A field named like a key that obskit
    writes itself is kept as `field_<name>`. Further arguments are put into the message by `%`, as standard loggers do;
    those that do not fit stay beside it as the field `args`. `exc_info` is theirs, too.
    """

    __slots__ = ("_name",)

    def __init__(self, name: str = "") -> None:
        self._name = str(name)[:_LONGEST_NAME]

    # The message is positional only, so that a field may have any name, `message` and `self` too.
    def debug(self, message: object, /, *args: object, **fields: object) -> None:
        if _threshold <= _DEBUG:
            self._write(_DEBUG, "DEBUG", message, fields, "", args)

    def info(self, message: object, /, *args: object, **fields: object) -> None:
        if _threshold <= _INFO:
            self._write(_INFO, "INFO", message, fields, "", args)

    def warning(self, message: object, /, *args: object, **fields: object) -> None:
        self._write(_WARN, "WARN", message, fields, "", args)

    def error(self, message: object, /, *args: object, **fields: object) -> None:
        self._write(_ERROR, "ERROR", message, fields, "", args)

    def critical(self, message: object, /, *args: object, **fields: object) -> None:
        self._write(_FATAL, "FATAL", message, fields, "", args)

    def exception(self, message: object, /, *args: object, **fields: object) -> None:
        """Write an ERROR line with the exception that is being handled: its type, its text and stack, masked."""
        _, error, trace = sys.exc_info()
        self._write(_ERROR, "ERROR", message, fields if error is None else _with_error(fields, error, trace), "", args)

    def log(self, level: str, message: object, /, *args: object, **fields: object) -> None:
        """Write a line at *level*, one of Lambda's names (WARNING and CRITICAL are understood too)."""
        name = config.level_name(str(level))
        if name is None:
            raise ValueError(f"'{level}' is not a level; it is one of {', '.join(config.LEVELS)}")
        self._write(config.LEVELS[name], name, message, fields, "", args)

    def _write(  # noqa: PLR0913, PLR0917  what a line is made of
        self,
        number: int,
        level: str,
        message: object,
        fields: dict[str, object],
        where: str = "",
        args: tuple[object, ...] = (),
    ) -> None:
        try:
            invocation, bound, span = context.scope()
            lowest = invocation.level if invocation is not None else 0
            waits = number < (lowest or _level())
            if waits and (invocation is None or invocation.waiting is None or number < _DEBUG):
                return
            place = output.encode_text(where) if where else _place(sys._getframe(2))  # noqa: SLF001  the only way there
            ids = _prefix() if invocation is None else invocation.line_prefix or _start(invocation)
            own = ""
            if span is not None:
                if span.correlation_id:
                    ids = _of_request(ids, span.correlation_id, invocation)
                own = f',"span_id":"{span.span_id}"'
            if args or "exc_info" in fields:
                message, fields = _formatted(message, args, _explained(fields))
            if self._name:
                own += f',"logger":{output.encode_text(mask_text(self._name, audit.LOG))}'
            line = _line(level, message, {**bound, **fields} if bound else fields, place, ids, own)
            if waits:
                invocation.waiting.add(line)  # type: ignore[union-attr]  # just looked at
            elif number >= _ERROR and invocation is not None and invocation.waiting:
                output.write(invocation.waiting.take() + line)  # type: ignore[attr-defined]  # this module's own
            else:
                output.write(line)
        except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
            output.fault("log", error)


class Waiting:
    """Lines below the level, which are written if the invocation comes to an error and forgotten if it does not."""

    __slots__ = ("_characters", "_lines", "_lost")

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._characters = 0
        self._lost = 0

    def __bool__(self) -> bool:
        return bool(self._lines)

    def add(self, line: str) -> None:
        """Keep *line*; the oldest lines are lost where there is no room, and are counted."""
        lines = self._lines
        lines.append(line)
        self._characters += len(line)
        if self._characters > _MOST_WAITING:
            first = 0
            while self._characters > _MOST_WAITING // 2 and first < len(lines) - 1:  # by halves, not one by one
                self._characters -= len(lines[first])
                first += 1
            del lines[:first]
            self._lost += first

    def take(self) -> str:
        """Return the lines, and forget them; the first says how many were lost."""
        taken, lost = self._lines, self._lost
        self._lines, self._characters, self._lost = [], 0, 0
        text = "".join(taken)
        if not lost:
            return text
        said = f"obskit: {lost} lines below the level were lost; {_MOST_WAITING} characters wait at the most"
        return f'{{"timestamp":"{output.timestamp()}","level":"WARN","message":"{said}"{_prefix()}}}\n{text}'


def begin(invocation: context.Invocation, *, keep_debug: bool) -> None:
    """
    Decide what *invocation* writes.

    All of it where its request is one of those sampled for debugging, and else what reaches the level;
    *keep_debug* has the rest wait for an error.
    """
    global _threshold, _curious  # noqa: PLW0603  their one home
    settings = config.settings()
    invocation.level = settings.level
    if settings.level <= _DEBUG:
        return
    if settings.debug_rate and _is_sampled(invocation.correlation_id, settings.debug_rate):
        invocation.level = _DEBUG
    elif keep_debug:
        invocation.waiting = Waiting()
    else:
        return
    _curious += 1
    _threshold = _DEBUG


def end(invocation: context.Invocation) -> None:
    """Forget the lines that waited for an error that did not come."""
    global _threshold, _curious  # noqa: PLW0603
    if invocation.waiting is not None or 0 < invocation.level < config.settings().level:
        invocation.waiting = None
        _curious -= 1
        if not _curious:
            _threshold = config.settings().level


def reset() -> None:
    """Forget the level that was read."""
    global _threshold, _curious  # noqa: PLW0603
    _threshold = _curious = 0


def _level() -> int:
    """Return the level outside an invocation, and have the methods heed it from now on."""
    global _threshold  # noqa: PLW0603
    level = config.settings().level
    if not _curious:
        _threshold = level
    return level


def _is_sampled(correlation_id: str, rate: float) -> bool:
    """Say whether this request is one of those whose debug lines are written: the same answer in every function."""
    from zlib import crc32  # only where sampling is on

    return crc32(correlation_id.encode()) < rate * 2**32


def _line(level: str, message: object, fields: dict[str, object], place: str, ids: str, own: str) -> str:  # noqa: PLR0913, PLR0917  parts of one text, put together once
    """Return one line: what was said comes first, then where, in which request, and what is the line's *own*."""
    if not RESERVED_LOG_KEYS.isdisjoint(fields):
        fields = _unreserved(fields)
    masked = mask_document({"message": message, **fields}, audit.LOG)
    if "message" not in masked:  # the engine has failed, and nothing readable is left
        masked = Masked({"message": "[UNREADABLE]"})
    said = output.encode(masked)[1:-1]
    line = f'{{"timestamp":"{output.timestamp()}","level":"{level}",{said},"location":{place}{ids}{own}}}\n'
    if len(line) > _SURELY_FITS:
        size = len(line.encode("utf-8", "replace"))
        if size > LOG_EVENT_BYTES:
            said = _cut(message, size)
            return f'{{"timestamp":"{output.timestamp()}","level":"{level}",{said},"location":{place}{ids}{own}}}\n'
    return line


_SURELY_FITS = LOG_EVENT_BYTES // 4
"""Characters of a line; one is four bytes at most."""


_places: dict[tuple[int, int], tuple[CodeType, str]] = {}
"""What `_place` returned, with the code, which lives on by it: else its number could become another's."""

_MOST_PLACES = 1000


def _place(frame: FrameType) -> str:
    """Return function and line of *frame* as JSON text; remembered, as a line's number is searched for in its code."""
    code, at = frame.f_code, frame.f_lasti
    known = _places.get((id(code), at))
    if known is not None:
        return known[1]
    text: str = output.encode_text(f"{code.co_name}:{frame.f_lineno}")
    if len(_places) < _MOST_PLACES:
        _places[id(code), at] = (code, text)
    return text


def failed(error: BaseException, trace: TracebackType | None) -> None:
    """Write the ERROR line of an invocation that *error* ends; *trace* begins at the handler. Never raises."""
    where, last = "", trace
    while last is not None:
        where, last = f"{last.tb_frame.f_code.co_name}:{last.tb_lineno}", last.tb_next
    logger._write(_ERROR, "ERROR", "invocation failed", describe(error, trace), where)  # noqa: SLF001  same module


def running_out(milliseconds: int, frame: FrameType | None) -> None:
    """Write the ERROR line of an invocation that has *milliseconds* left, with the stack of what is running."""
    where = f"{frame.f_code.co_name}:{frame.f_lineno}" if frame is not None else "?"
    fields = {"remaining_ms": milliseconds, "stack": _stack(frame)}
    logger._write(_ERROR, "ERROR", "invocation is about to time out", fields, where)  # noqa: SLF001  same module


def get_logger(name: str) -> Logger:
    """Return a logger whose lines carry *name* under `logger`."""
    return Logger(name)


logger = Logger()


def describe(error: BaseException, trace: TracebackType | None) -> dict[str, object]:
    """Return the fields that tell of *error* and its stack *trace*; masking takes place when they are written."""
    name = "[UNREADABLE]"
    try:
        import traceback  # the runtime client has loaded it; a plain process pays only when something failed

        name = type(error).__name__
        stack = "".join(traceback.format_exception(type(error), error, trace))
    except Exception as fault:  # an exception's own attributes and methods may do anything
        if is_interruption(fault):
            raise
        stack = "[UNREADABLE]"
    return {"exception_name": name, "exception": _end_of(stack)}


def _stack(frame: FrameType | None) -> str:
    import traceback

    return _end_of("".join(traceback.format_stack(frame)))


def _end_of(stack: str) -> str:
    if len(stack) <= _LONGEST_STACK:
        return stack
    return mask_text(stack, audit.LOG)[-_LONGEST_STACK:]  # masked first: a cut could halve a number beyond recognition


def _formatted(
    message: object, args: tuple[object, ...], fields: dict[str, object]
) -> tuple[object, dict[str, object]]:
    """Return the message with *args* in it; where they do not fit, the message as it is and *args* as a field."""
    if not args:
        return message, fields
    first = args[0]
    try:
        return str(message) % (unnamed(first) if len(args) == 1 and isinstance(first, dict) and first else args), fields
    except Exception as error:  # too many, too few, of another kind, or their own methods fail
        if is_interruption(error):
            raise
        return message, {"args": args, **fields}


def unnamed(values: dict[Any, object]) -> dict[Any, object]:
    """
    Return *values* for a message that names them: `in with %(password)s` shows the value without its name.

    What its key says is personal is replaced here; all else stays as it is, for `%.2f` and the like.
    """
    from obskit.masking.forms import is_token

    masked = mask_document(values, audit.LOG)
    return {
        key: said if isinstance(said := masked.get(key), str) and is_token(said) else value
        for key, value in values.items()
    }


def _explained(fields: dict[str, object]) -> dict[str, object]:
    """Return the fields of the error that `exc_info` stands for with standard loggers; without one, it is a field."""
    error = fields.get("exc_info")
    if isinstance(error, tuple) and len(error) == len(sys.exc_info()):
        error = error[1]
    elif error is True or (type(error) is int and error):
        error = sys.exc_info()[1]
    if not isinstance(error, BaseException):
        return fields
    rest = {key: value for key, value in fields.items() if key != "exc_info"}
    return _with_error(rest, error, error.__traceback__)


def _with_error(fields: dict[str, object], error: BaseException, trace: TracebackType | None) -> dict[str, object]:
    """Return *fields* and those of *error*; a user's field of the same name is kept as `field_<name>`."""
    described = describe(error, trace)
    kept = {f"field_{key}" if key in described else key: value for key, value in fields.items()}
    return {**kept, **described}


def _unreserved(fields: dict[str, object]) -> dict[str, object]:
    result: dict[str, object] = {}
    for key, value in fields.items():
        name = key
        while name in RESERVED_LOG_KEYS or (name != key and name in fields):
            name = f"field_{name}"
        result[name] = value
    return result


_known: tuple[config.Settings | None, dict[str, str]] = (None, {})
"""What `_prefix` returned, by service, as long as the settings are these."""


def _prefix(service: str = "") -> str:
    """Return the part of a line that is the same in all invocations of a handler with this *service* of its own."""
    global _known  # noqa: PLW0603
    settings = config.settings()
    if _known[0] is not settings:
        _known = (settings, {})
    text = _known[1].get(service)
    if text is None:
        known = {"service": service or settings.service, "env": settings.env}
        if settings.function_name:
            known["function_name"] = settings.function_name
            known["function_version"] = settings.function_version
        text = _known[1][service] = "," + output.encode_json(known)[1:-1]
    return text


def _start(invocation: context.Invocation) -> str:
    """Return the part of a line that stays the same all through *invocation*, and keep it there."""
    text = f"{_prefix(invocation.service)}{context.ids_of(invocation)}"
    text += ',"cold_start":true' if invocation.cold_start else ',"cold_start":false'
    if invocation.xray_trace_id:  # ids of traces are digits: there is nothing to escape
        text += f',"xray_trace_id":"{invocation.xray_trace_id}"'
    elif invocation.trace_id:
        text += f',"trace_id":"{invocation.trace_id}"'
    if invocation.caller_trace_id != invocation.correlation_id:
        text += _caller(invocation)
    if invocation.tenant_id:
        text += f',"tenant_id":{output.encode_text(invocation.tenant_id)}'
    if invocation.replay:
        text += ',"durable_replay":true'
    invocation.line_prefix = text
    return text


def _caller(invocation: context.Invocation) -> str:
    """Return the part of a line that names the trace which called; a line that shares its id as its own has none."""
    return f',"caller_trace_id":"{invocation.caller_trace_id}"' if invocation.caller_trace_id else ""


def _of_request(ids: str, correlation: str, invocation: context.Invocation | None) -> str:
    """Return *ids* with the *correlation* id of the request that the span works for: a relay serves many."""
    key = ',"correlation_id":'
    has = key + output.encode_text(correlation)
    if invocation is None or not invocation.correlation_id:
        return ids + has
    if invocation.caller_trace_id == invocation.correlation_id:
        has += _caller(invocation)
    return ids.replace(key + output.encode_text(invocation.correlation_id), has, 1)


def _cut(message: object, size: int) -> str:
    """Return what stands in for a message and fields that CloudWatch would refuse for their size."""
    said = mask_document({"message": message}, audit.LOG)["message"]
    text = said if isinstance(said, str) else output.encode_json(said)
    note = f"the line had {size} bytes, CloudWatch takes {LOG_EVENT_BYTES}: its fields are left out"
    return f'"message":{output.encode_json(text[:_KEPT_OF_A_CUT_MESSAGE])},"obskit_cut":"{note}"'
