"""`@instrument`: one invocation from the trace it continues to the lines, metrics and spans it leaves."""

from __future__ import annotations

import os
import sys
import time
from _thread import get_ident

from obskit import clock, config, context, ids, logs, metrics, output, watchdog
from obskit.errors import CanaryError
from obskit.masking import audit, canary, mask_text, policy
from obskit.semconv import CLOUD_RESOURCE_ID, FAAS_COLDSTART, FAAS_INVOCATION_ID, FAAS_TRIGGER, HTTP_STATUS
from obskit.tracing import carriers, spans, trigger, xray
from obskit.tracing.model import TraceContext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar, overload

    Handler = TypeVar("Handler", bound=Callable[..., Any])
else:

    def overload(function):  # noqa: ANN001, ANN201  `typing` is left out of the cold start
        return function


_cold = True
_subsegments: Any = None


@overload
def instrument(handler: Handler) -> Handler: ...
@overload
def instrument(*, service: str = ..., buffer_debug: bool = ...) -> Callable[[Handler], Handler]: ...  # noqa: F811
def instrument(handler: Callable[..., Any] | None = None, *, service: str = "", buffer_debug: bool = False) -> Any:  # noqa: F811
    """
    Wrap a Lambda *handler*, plainly or as `@instrument(service="checkout", buffer_debug=True)`.

    Each invocation gets a context, one span and, when it returns, raises or is about to time out, its metrics and
    spans written. An error leaves as the same type with a masked message. With *buffer_debug* lines below the level
    wait in memory and are written if the invocation comes to an error. Generators and coroutines are left alone.

    Raises:
        TypeError: *handler* is not a function.
    """
    if handler is None:
        return lambda function: _wrap(function, service, buffer_debug)
    return _wrap(handler, service, buffer_debug)


def _wrap(handler: Callable[..., Any], service: str, keep_debug: bool) -> Callable[..., Any]:  # noqa: FBT001
    if not callable(handler):
        raise TypeError(f"instrument() wraps a function, not {type(handler).__name__}; write @instrument(service=…)")
    _install_exits()
    if context.works_later(handler):
        if config.settings().in_lambda:
            output.fault("instrument", f"{handler.__name__} is a coroutine or a generator: it runs without obskit")
        return handler
    name = getattr(handler, "__name__", "handler")
    service = _own(service)
    canary.check_names()
    _note_loaded()

    def instrumented(*args: object, **kwargs: object) -> object:
        event = args[0] if args else kwargs.get("event")
        lambda_context = args[1] if len(args) > 1 else kwargs.get("context")
        request_id = _request_id(lambda_context)
        if context.inside(request_id):  # a handler that calls another: part of the same invocation
            with spans.span(name):
                return handler(*args, **kwargs)
        root = spans.Span(name)
        invocation = context.Invocation(request_id, service, root)
        leaving = result = None
        try:  # a signal handler may raise anywhere: the invocation ends all the same
            try:
                _begin(invocation, root, event, lambda_context, keep_debug)
                result = handler(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001  it goes on, masked
                root.record_error(error)
                leaving = _leaving(error)
            leaving = _ended(invocation, root, event, result, leaving)
        finally:
            context.leave(invocation)
        if leaving is None:
            return result
        try:
            # Outside the handling of the first, which would hang on it as its context. Stacks show the next line.
            raise leaving
        finally:
            del leaving, root, invocation  # a cycle through this frame would keep the handler's objects alive

    vars(instrumented).update(getattr(handler, "__dict__", {}))
    for attribute in ("__name__", "__qualname__", "__doc__", "__module__"):
        if hasattr(handler, attribute):
            setattr(instrumented, attribute, getattr(handler, attribute))
    vars(instrumented)["__wrapped__"] = handler  # as functools.wraps does
    return instrumented


def _own(service: str) -> str:
    """Return the *service* of this handler's own; one that CloudWatch would not take is told and left out."""
    problems: list[str] = []
    own = config.own_service(service, problems)
    for problem in problems:
        output.fault("settings service", problem)
    return own


def _load_exporter() -> None:
    """Load OpenTelemetry's SDK while the function starts: the first response would wait for it. Never raises."""
    try:
        from obskit.integrations import otlp

        otlp.prepare()
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("otlp", error)


def _note_loaded() -> None:
    """Load what the traces leave by, and keep when the function was loaded: handlers are wrapped at the end of it."""
    if config.settings().traces == "otlp":
        _load_exporter()
    global _loaded_at  # noqa: PLW0603  its one home
    if not _loaded_at:
        _loaded_at = _since_boot()


_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", None)
"""The clock that the kernel notes the start of processes by; only Linux has it."""


def _since_boot() -> float:
    """Return seconds since the machine started; 0 where nobody can tell, for no function fails by it."""
    try:
        return time.clock_gettime(_SINCE_BOOT) if _SINCE_BOOT is not None else 0.0
    except OSError:  # a kernel that another program plays may know the clock by its name alone
        return 0.0


_loaded_at = 0.0
"""Seconds since the machine started when the first handler was wrapped."""
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


def _leaving(error: BaseException) -> BaseException:
    """Log *error* and return what leaves the handler in its place. Never raises."""
    try:
        from obskit.exceptions import masked_error  # an invocation that goes well never pays

        trace = sys.exc_info()[2]
        trace = trace.tb_next if trace is not None else None  # the stack begins at the handler
        logs.failed(error, trace)
        if config.settings().in_lambda:
            from obskit import stack  # the client shows the source line of each frame

            stack.mask_sources(trace)
        return BaseException.with_traceback(masked_error(error), trace)
    except Exception as fault:  # noqa: BLE001  fails closed: no text of the error leaves
        output.fault("error", type(fault).__name__)
        name: str = _NAME_OF_TYPE(type(error))
        named: type[Exception] = type(name if name.isidentifier() else "Exception", (Exception,), {})
        return named("[UNREADABLE]")


_NAME_OF_TYPE = type.__dict__["__name__"].__get__
"""Past a metaclass, which may have failed to tell."""


def _request_id(lambda_context: object) -> str:
    try:
        text = str(getattr(lambda_context, "aws_request_id", "") or "")
        return text if len(text) <= _LONGEST_ID else text[:_LONGEST_ID]
    except Exception as error:  # noqa: BLE001  a property may do anything
        output.fault("begin", error)
        return ""


def _begin(
    invocation: context.Invocation,
    root: spans.Span,
    event: object,
    lambda_context: object,
    keep_debug: bool,  # noqa: FBT001
) -> None:
    """Start the invocation."""
    global _cold
    first, _cold = _cold, False
    settings = config.settings()
    cold = invocation.cold_start = first and settings.initialization in _COLD
    context.enter(invocation)
    audit.take()  # what was masked before belongs to no invocation
    try:
        name, kind, facts = trigger.describe(event)
        root.name = name or settings.function_name or root.name
        root.kind = spans.SERVER
        _find_trace(invocation, root, event, lambda_context, settings.traces)
        if tenant := getattr(lambda_context, "tenant_id", None):
            invocation.tenant_id = mask_text(str(tenant), audit.LOG)[:_LONGEST_ID]
        # The ids first and last: what is between them is the same in most invocations (`tracing.subsegments`).
        root.facts = facts = {
            FAAS_INVOCATION_ID: invocation.request_id,
            **facts,
            FAAS_COLDSTART: cold,
            FAAS_TRIGGER: kind,
        }
        if arn := getattr(lambda_context, "invoked_function_arn", ""):
            facts[CLOUD_RESOURCE_ID] = _resources.get(arn) or _resource(str(arn))
        if invocation.caller_trace_id:
            facts["caller_trace_id"] = invocation.caller_trace_id
        if type(event) is dict and "DurableExecutionArn" in event:
            invocation.replay = _is_replay(event)
        logs.begin(invocation, keep_debug=keep_debug or settings.buffer_debug)
        _watch(invocation, root, lambda_context, settings.timeout_margin)
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("begin", error)
    if first:
        from obskit import exceptions as exceptions  # noqa: PLC0414  an error may come when no file can be opened
        from obskit import stack as stack  # noqa: PLC0414

        _tell(settings, keep_debug)


_COLD = ("on-demand", "snap-start")
"""Ways in which Lambda starts an environment that somebody waits for; provisioned concurrency starts it before."""

_resources: dict[object, str] = {}


def _resource(arn: str) -> str:
    """Return *arn* of a function without version or alias, and keep the last one: nearly all calls come by the same."""
    found = ":".join(arn[:_LONGEST_ID].split(":", 7)[:7])
    _resources.clear()
    _resources[arn] = found
    return found


_LONGEST_ID = 250
"""Characters that are kept of an id that Lambda gives; its own have 36 to 170. An annotation of X-Ray has 250."""


def _find_trace(
    invocation: context.Invocation, root: spans.Span, event: object, lambda_context: object, mode: str
) -> None:
    """Say which trace *invocation* belongs to, which traces led to it, and which business request it is part of."""
    lambdas = xray.parse(os.environ.get("_X_AMZN_TRACE_ID", ""))
    caller, correlation, producers = carriers.read(event, lambda_context)
    if mode == "otlp":
        trace = _trace_for_otlp(lambdas, caller, producers)
        invocation.trace_id = trace.trace_id
        invocation.traced = trace.sampled is True
    else:
        # Lambda's own segment owns the trace: anything under another root would be an orphan beside it.
        trace = lambdas or caller or _new_trace(producers)
        invocation.xray_trace_id = xray.root(trace.trace_id)
        invocation.traced = mode == "xray" and trace.sampled is True and trace.span_id != ""
    invocation.trace = trace
    if producers:
        _find_others(invocation, root, trace.trace_id, producers)
    elif caller is not None and caller.trace_id != trace.trace_id:
        root.links = (caller,)
        invocation.caller_trace_id = caller.trace_id
    known = caller or (producers[0] if len(producers) == 1 else None)
    if known is not None and known is not trace:
        trace.baggage = known.baggage  # of the business request, whichever trace it is in
        if known.trace_id == trace.trace_id:
            trace.tracestate = known.tracestate
    if correlation and mask_text(correlation, audit.LOG) != correlation:
        correlation = ""  # personal data: a marker in its place would join requests that have nothing in common
    invocation.correlation_id = correlation or (known or trace).trace_id


def _find_others(
    invocation: context.Invocation, root: spans.Span, trace_id: str, given: tuple[TraceContext, ...]
) -> None:
    """Link *root* to those of the messages' traces *given* that are others than *trace_id*."""
    elsewhere = [other for other in given if other.trace_id != trace_id]
    for other in elsewhere:
        root.add_link(other)
    if len({other.trace_id for other in elsewhere}) == 1:
        invocation.caller_trace_id = elsewhere[0].trace_id


def _trace_for_otlp(
    lambdas: TraceContext | None, caller: TraceContext | None, producers: tuple[TraceContext, ...]
) -> TraceContext:
    """
    Return the trace of an invocation whose spans go where Lambda's own segment may be unknown: the caller's goes first.

    It is recorded unless the caller says that it is not; so is one that begins here, unless all that led to it are not.
    Lambda says `Sampled=0` wherever X-Ray is switched off, which says nothing of other systems.
    """
    if caller is not None:
        trace = caller
    elif lambdas is not None and lambdas.sampled:
        trace = lambdas
    else:
        trace = _new_trace(producers)
        trace.sampled = not producers or any(producer.sampled is not False for producer in producers)
    if trace.sampled is None:
        trace.sampled = True
    return trace


def _new_trace(producers: tuple[TraceContext, ...]) -> TraceContext:
    """Return a trace that begins here, recorded if one of those that led to it is."""
    trace_id = f"{clock.time_ns() // 10**9:08x}{ids.trace_id()[8:]}"
    return TraceContext(trace_id, sampled=any(producer.sampled for producer in producers))


def _is_replay(event: dict[str, Any]) -> bool:
    """Say whether a durable function runs again from its start: what it did before is listed in the event."""
    state = event.get("InitialExecutionState")
    done = state.get("Operations") if isinstance(state, dict) else None
    return isinstance(done, list) and len(done) > 1


def _watch(invocation: context.Invocation, root: spans.Span, lambda_context: object, margin: int) -> None:
    """Have the watchdog tell *margin* milliseconds, or a tenth of the time there is, before it runs out."""
    remaining = getattr(lambda_context, "get_remaining_time_in_millis", None)
    if not margin or remaining is None:
        return
    left = remaining()
    if isinstance(left, (int, float)) and left > _LEAST_WATCHED:
        invocation.thread = get_ident()
        until = left - margin if margin * 10 < left else left - left / 10
        watchdog.watch(int(until * 1_000_000), _running_out, invocation, root, lambda_context)


_LEAST_WATCHED = 50
"""Milliseconds; with less there is no time for a margin."""


def _running_out(invocation: context.Invocation, root: spans.Span, lambda_context: Any) -> None:
    """Write what the invocation holds, from the watchdog's thread: Lambda is about to kill the process."""
    if invocation.ended:
        return
    context.join(invocation)
    try:
        frame = sys._current_frames().get(invocation.thread)  # noqa: SLF001  the documented name
        if _flush_streams is not None:
            _flush_streams()
        logs.running_out(int(lambda_context.get_remaining_time_in_millis()), frame)
        if config.settings().service_metrics:
            _record_service(invocation, None, None, timeouts=1)
            output.write(metrics.pending(invocation, audited=True))
        else:
            metrics.flush()
        _send(invocation, root, unfinished=True)
    finally:
        context.part()


def _tell(settings: config.Settings, keep_debug: bool) -> None:  # noqa: FBT001
    """Say once in the log what is wrong with the settings."""
    problems = settings.problems
    if keep_debug and not settings.buffer_debug:
        problems += tuple(config.dropped_by_lambda(os.environ, debug=True))
    for problem in dict.fromkeys(problems):
        output.fault(f"settings {problem.partition(' ')[0]}", problem)
    _tell_of_policy("policy")
    _tell_of_engine()


def _tell_of_policy(what: str) -> None:
    """Say what is wrong with the policy or the *keys* of pseudonyms, once."""
    try:
        if problems := policy.new_problems():
            output.fault(f"masking {what}", "; ".join(problems))
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("masking", error)


def _tell_of_engine() -> None:
    """Say what is wrong with the masking engine itself, each once."""
    for problem in audit.new_problems():
        output.fault(f"masking canary: {problem}", CanaryError())  # words beside the place would not be let through


def _tenant() -> str:
    invocation = context.current()
    return invocation.tenant_id if invocation is not None else ""


policy.tenant = _tenant


def _ended(
    invocation: context.Invocation, root: spans.Span, event: object, result: object, leaving: BaseException | None
) -> BaseException | None:
    """End the invocation. Returns *leaving*, or, masked too, what a time limit of the user's has raised meanwhile."""
    try:
        _end(invocation, root, event, result)
    except BaseException as error:  # noqa: BLE001  it goes on, masked
        return _leaving(error)
    return leaving


def _end(invocation: context.Invocation, root: spans.Span, event: object, result: object) -> None:
    """Write what the invocation recorded and forget it."""
    watchdog.rest(invocation)
    try:
        if _flush_streams is not None:
            _flush_streams()
        root.finish()
        if invocation.traced:
            _note_result(root, event, result)
            _send(invocation, root)
        root.error = None  # its stack would keep the handler's objects alive
        if "obskit.masking.pseudonyms" in sys.modules:  # else there are no keys
            _tell_of_policy("keys")
            policy.forget()
        _tell_of_engine()
        if config.settings().service_metrics:
            _record_service(invocation, event, result)
        logs.end(invocation)
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("end", error)
    finally:  # the user's own must not depend on what came before
        output.write(metrics.last(invocation, audited=config.settings().service_metrics))


def _note_result(root: spans.Span, event: object, result: object) -> None:
    """Note in *root* what the answer says of how it went."""
    if type(result) is dict and "statusCode" in result and root.facts.get(FAAS_TRIGGER) == trigger.HTTP:
        if status := trigger.status_of(result):
            root.facts = {**root.facts, HTTP_STATUS: status}
    elif type(event) is list and type(result) is list:
        from obskit.tracing import elements

        elements.note(root, event, result)


def _send(invocation: context.Invocation, root: spans.Span, *, unfinished: bool = False) -> None:
    trace: Any = invocation.trace
    if not invocation.traced or trace is None:  # its beginning was interrupted
        return
    settings = config.settings()
    if settings.traces == "xray":
        global _subsegments  # noqa: PLW0603  its one home
        if _subsegments is None:  # only where a trace is recorded; the statement costs as much as a metric each time
            from obskit.tracing import subsegments as _subsegments

        _subsegments.send(root, invocation.xray_trace_id, trace.span_id, settings.daemon_address, unfinished=unfinished)
    else:
        from obskit.integrations import otlp

        otlp.send(root, trace, unfinished=unfinished)
        invocation.traced = not unfinished  # OTLP knows no unfinished spans: what was sent stands


def _record_service(invocation: context.Invocation, event: object, result: object, timeouts: int = 0) -> None:
    """Record what Lambda does not count: its first invocation, errors within a result, obskit's own faults."""
    errors = carriers.errors_within(event, result)
    # In a test a cold start would mean nothing; one that runs out of time counts it before the end.
    cold = invocation.cold_start and not invocation.counted and config.settings().in_lambda
    if cold or errors or timeouts or output.has_new_faults():
        from obskit import service_metrics  # most invocations have none of it

        invocation.counted = True
        service_metrics.record(cold_start=cold, loaded_at=_loaded_at, errors=errors, timeouts=timeouts)
