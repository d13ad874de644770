"""The handler that the layer's script names to Lambda: the function's own, loaded as Lambda would, instrumented."""

from __future__ import annotations

import importlib
import os
import sys

from obskit import config, exceptions, exits, logs, output, stack
from obskit import handler as handlers  # here `handler` is the name that Lambda looks up
from obskit.masking import mask_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

_CLIENTS_ERRORS = "awslambdaric.lambda_runtime_exception"
_MOST_DECORATORS = 32


def load(name: str) -> Any:
    """
    Return the handler *name*, `module.function`, instrumented.

    Raises:
        Exception: what the Lambda client would report of a handler that cannot be loaded, by the same type and words,
            masked. Nothing hangs on it as its cause.
    """
    exits.install()
    try:
        found = _find(name)
    except Exception as error:  # noqa: BLE001  it goes on, masked
        leaving = _leaving(error)
    else:
        _protect_powertools()
        return _instrumented(found)
    # Outside the handling of the first, which would hang on it as its context. Stacks show the next line.
    raise leaving


class _RefusedError(Exception):
    """The client's own kind of error: a type of its names, a text, and lines of a stack or None."""

    def __init__(self, kind: str, text: str, trace: list[str] | None = None) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.trace = trace


def _find(name: str) -> Any:
    """Import what *name* says, with the checks of the client, in its order."""
    module_name, dot, function = name.rpartition(".")
    if not dot:
        # The words are those of the unpacking that fails in the client.
        reason = "not enough values to unpack (expected 2, got 1)"
        raise _RefusedError("Runtime.MalformedHandlerName", f"Bad handler '{name}': {reason}")
    if module_name.split(".")[0] in sys.builtin_module_names:
        text = f"Cannot use built-in module {module_name} as a handler module"
        raise _RefusedError("Runtime.BuiltInModuleConflict", text)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        _tell(error)
        raise _RefusedError("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from None
    except SyntaxError as error:
        where = f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'
        raise _RefusedError(
            "Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}", [where]
        ) from None
    try:
        return getattr(module, function)
    except AttributeError:
        text = f"Handler '{function}' missing on module '{module_name}'"
        raise _RefusedError("Runtime.HandlerNotFound", text) from None


def _leaving(error: Exception) -> BaseException:
    """Return what leaves in the place of *error*. Never raises."""
    try:
        if isinstance(error, _RefusedError):
            lines = None if error.trace is None else [mask_text(line) for line in error.trace]
            return _clients_error(error.kind, mask_text(error.text), lines)
        _tell(error)
        trace = _from_the_function(error.__traceback__)
        stack.mask_sources(trace)
        return BaseException.with_traceback(exceptions.masked_error(error), trace)
    except Exception as fault:  # noqa: BLE001  fails closed: no text of the error leaves
        output.fault("load", fault)
        return RuntimeError("[UNREADABLE]")


def _clients_error(kind: str, text: str, trace: list[str] | None) -> BaseException:
    client: Any = sys.modules.get(_CLIENTS_ERRORS)  # it is loaded, or it is not the client that runs this
    if client is not None:
        error: BaseException = client.FaultException(kind, text, trace)
        return error
    named: type[Exception] = type(kind, (Exception,), {})
    return named(text)


def _tell(error: Exception) -> None:
    """Write a line with what the client does not show: the whole stack, causes and notes, masked."""
    trace, where = _from_the_function(error.__traceback__), "?"
    last = trace
    while last is not None:
        where, last = f"{last.tb_frame.f_code.co_name}:{last.tb_lineno}", last.tb_next
    logs.logger._write(  # noqa: SLF001  a line of obskit's own
        config.LEVELS["ERROR"], "ERROR", "the function could not be loaded", logs.describe(error, trace), where
    )


def _from_the_function(trace: TracebackType | None) -> TracebackType | None:
    """Return *trace* without its first frames, those of this module and of the import."""
    while trace is not None and str(trace.tb_frame.f_globals.get("__name__")).startswith((__name__, "importlib")):
        trace = trace.tb_next
    return trace


def _protect_powertools() -> None:
    """Put masking under Powertools if the function has loaded it. Never raises."""
    if "aws_lambda_powertools" not in sys.modules:
        return
    try:
        from obskit.integrations import powertools

        powertools.protect()
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("powertools", error)


def _instrumented(found: Any) -> Any:
    if not callable(found):
        return found  # the client says so at the first event
    inner = found
    for _ in range(_MOST_DECORATORS):
        if getattr(inner, "__globals__", None) is vars(handlers):  # decorated already, maybe below other decorators
            return found
        inner = getattr(inner, "__wrapped__", None)
        if inner is None:
            break
    return handlers.instrument(found)


if "OBSKIT_HANDLER" in os.environ:  # else the client says that the handler is missing, which it is
    handler = load(os.environ["OBSKIT_HANDLER"])
