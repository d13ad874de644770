"""`@instrument`: one invocation from the trace it continues to the lines, metrics and spans it leaves."""

from __future__ import annotations

import os
import sys
import time

from obskit import config, context, logs, metrics, output
from obskit.masking import mask_text
from obskit.semconv import CLOUD_RESOURCE_ID, FAAS_COLDSTART, FAAS_INVOCATION_ID
from obskit.tracing import carriers, spans, xray
from obskit.tracing.model import TraceContext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping
    from typing import Any, TypeVar, overload

    Handler = TypeVar("Handler", bound=Callable[..., Any])
    Carrier = TypeVar("Carrier", bound=MutableMapping[str, Any])
else:

    def overload(function):  # noqa: ANN001, ANN201  `typing` is left out of the cold start
        return function


_cold = True
_trace: TraceContext | None = None


@overload
def instrument(handler: Handler) -> Handler: ...
@overload
def instrument(*, service: str = ...) -> Callable[[Handler], Handler]: ...  # noqa: F811
def instrument(handler: Callable[..., Any] | None = None, *, service: str = "") -> Any:  # noqa: F811
    """
    Wrap a Lambda *handler*, plainly or as `@instrument(service="checkout")`.

    Each invocation gets a context, one span and, when it returns or raises, its metrics and spans written. An error
    leaves as the same type with a masked message. Generators and coroutines are left alone.
    """
    if handler is None:
        return lambda function: _wrap(function, service)
    return _wrap(handler, service)


def _wrap(handler: Callable[..., Any], service: str) -> Callable[..., Any]:
    if not callable(handler):
        raise TypeError(f"instrument() wraps a function, not {type(handler).__name__}; write @instrument(service=…)")
    _install_exits()
    code = getattr(handler, "__code__", None)
    if code is not None and code.co_flags & _GENERATOR_OR_COROUTINE:
        return handler
    name = getattr(handler, "__name__", "handler")

    def instrumented(*args: object, **kwargs: object) -> object:
        if context.inside():  # a handler that calls another: part of the same invocation
            with spans.span(name):
                return handler(*args, **kwargs)
        event = args[0] if args else kwargs.get("event")
        lambda_context = args[1] if len(args) > 1 else kwargs.get("context")
        root, parent = _begin(name, event, lambda_context, service)
        try:
            with root:
                return handler(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001  it goes on, masked
            leaving = _leaving(error)
        finally:
            _end(root, parent)
        raise leaving  # outside the handling of the first, which would hang on it as its context

    for attribute in ("__name__", "__qualname__", "__doc__", "__module__"):
        if hasattr(handler, attribute):
            setattr(instrumented, attribute, getattr(handler, attribute))
    vars(instrumented)["__wrapped__"] = handler  # as functools.wraps does
    return instrumented


_GENERATOR_OR_COROUTINE = 0x20 | 0x80 | 0x200
"""`inspect.CO_GENERATOR`, `CO_COROUTINE` and `CO_ASYNC_GENERATOR`; importing `inspect` costs 6 ms."""


_flush_streams: Callable[[], None] | None = None
"""Writes what was printed without an end of line; where the exits are not masked there is none."""


def _install_exits() -> None:
    """Mask what is printed and what `logging` writes: on Lambda only, where no test runner captures them."""
    global _flush_streams  # noqa: PLW0603  its one home
    if _flush_streams is None and config.settings().in_lambda:
        from obskit import exits

        exits.install()
        _flush_streams = exits.flush


def reset() -> None:
    """Make the next invocation the first of its process again."""
    global _cold  # noqa: PLW0603  its one home
    _cold = True


def current_trace() -> TraceContext | None:
    """Return where in the trace the caller is, as the parent of what it calls; None outside an invocation."""
    if _trace is None or context.current() is None:
        return None
    span = context.scope()[2]
    span_id = span.span_id if span is not None and config.settings().traces != "off" else _trace.span_id
    return TraceContext(_trace.trace_id, span_id, sampled=_trace.sampled, others=_trace.others)


def inject(carrier: Carrier, kind: str = "http") -> Carrier:
    """
    Put the current trace and the correlation id into *carrier*, and return it.

    *kind* is `http` (headers), `sqs` or `sns` (message attributes), `eventbridge` (the event's `detail`).

    Raises:
        ValueError: obskit does not know *kind*.
    """
    if kind not in carriers.KINDS:
        raise ValueError(f"inject() knows the kinds {', '.join(carriers.KINDS)}; not '{kind}'")
    invocation = context.current()
    carriers.write(carrier, kind, current_trace(), invocation.correlation_id if invocation is not None else "")
    return carrier


def masked_error(error: BaseException) -> BaseException:
    """
    Return an error of the same name, still caught by `except` for the type of *error*, that shows masked text only.

    The Lambda runtime logs the error that leaves a handler, returns it to the caller and puts it into an X-Ray
    header: its text is one more exit.
    """
    kind = type(error)
    try:
        text = mask_text(str(error))
    except Exception:  # noqa: BLE001  an exception's own method may do anything
        text = "[UNREADABLE]"
    members: dict[str, object] = {
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__setattr__": object.__setattr__,
        "__str__": lambda _: text,
        "__repr__": lambda _: f"{kind.__name__}({text!r})",
    }
    try:
        masked_kind: type[BaseException] = type(kind.__name__, (kind,), members)
        builtin: Any = next(base for base in kind.__mro__ if base.__module__ == "builtins")
        masked: BaseException = builtin.__new__(masked_kind)
        vars(masked).update(vars(error))
        BaseException.args.__set__(masked, (text,))  # type: ignore[attr-defined]  # past a property or a frozen class
    except Exception:  # noqa: BLE001  a type that cannot be derived from: its name is kept
        masked_kind = type(kind.__name__, (Exception,), members)
        masked = masked_kind(text)
    vars(masked).pop("__notes__", None)  # notes hold text too; the log line has them, masked
    return masked


def _leaving(error: BaseException) -> BaseException:
    """Log *error* and return what leaves the handler in its place. Never raises."""
    try:
        trace = sys.exc_info()[2]
        trace = trace.tb_next if trace is not None else None  # the stack begins at the handler
        logs.failed(error, trace)
        if config.settings().in_lambda:
            from obskit import stack  # the client shows the source line of each frame

            stack.mask_sources(trace)
        if isinstance(error, SystemExit):
            return SystemExit(mask_text(error.code)) if isinstance(error.code, str) else error
        return BaseException.with_traceback(masked_error(error), trace)
    except Exception as fault:  # noqa: BLE001  fails closed: no text of the error leaves
        output.fault("error", fault)
        return RuntimeError("[UNREADABLE]")


def _begin(name: str, event: object, lambda_context: object, service: str) -> tuple[spans.Span, str]:
    """Start the invocation; returns its span and the id of the span that it hangs below."""
    global _cold, _trace  # noqa: PLW0603  one invocation at a time, one home
    cold, _cold = _cold, False
    settings = config.settings()
    root = spans.Span(name)
    invocation = context.Invocation(cold_start=cold, service=service, root=root)
    context.enter(invocation)
    try:
        root.name = carriers.operation(event) or settings.function_name or name
        lambdas = xray.parse(os.environ.get("_X_AMZN_TRACE_ID", ""))
        caller = carriers.extract(event)
        # Lambda's own segment owns the trace: anything under another root would be an orphan beside it.
        _trace = lambdas or caller or TraceContext(f"{int(time.time()):08x}{os.urandom(12).hex()}", sampled=False)
        invocation.request_id = str(getattr(lambda_context, "aws_request_id", "") or "")
        invocation.xray_trace_id = xray.root(_trace.trace_id)
        if caller is not None and caller.trace_id != _trace.trace_id:
            invocation.caller_trace_id = caller.trace_id
        first = caller.trace_id if caller is not None else _trace.trace_id
        invocation.correlation_id = mask_text(carriers.correlation_id(event)) or first
        invocation.tenant_id = mask_text(str(getattr(lambda_context, "tenant_id", None) or ""))
        root.attributes[FAAS_INVOCATION_ID] = invocation.request_id
        root.attributes[FAAS_COLDSTART] = cold
        if arn := getattr(lambda_context, "invoked_function_arn", ""):
            root.attributes[CLOUD_RESOURCE_ID] = arn
        if invocation.caller_trace_id:
            root.attributes["caller_trace_id"] = invocation.caller_trace_id
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("begin", error)
    for problem in settings.problems if cold else ():
        output.fault(f"settings {problem.partition(' ')[0]}", problem)
    return root, _trace.span_id if _trace is not None else ""


def _end(root: spans.Span, parent_id: str) -> None:
    """Write what the invocation recorded and forget it."""
    global _trace
    if _flush_streams is not None:
        _flush_streams()
    metrics.flush()
    trace, _trace = _trace, None
    settings = config.settings()
    if trace is not None and trace.sampled and parent_id and settings.traces == "xray":
        spans.send(root, trace.trace_id, parent_id, settings.daemon_address)
    context.leave()
