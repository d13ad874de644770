"""What belongs to one invocation: its ids, the fields bound to its lines, the span that is open, what it recorded."""

from __future__ import annotations

import os
from contextvars import ContextVar
from json.encoder import encode_basestring

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import ParamSpec, Protocol, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")

    class ActiveSpan(Protocol):
        """What a log line needs to know of the span it is written in."""

        span_id: str
        correlation_id: str

    Scope = tuple["Invocation | None", dict[str, object], "ActiveSpan | None"]


class Invocation:
    """
    The ids of one invocation, in the form that log lines show them, and what it has recorded.

    `ids` is what lines and metrics say of it (`ids_of`). `level`, `line_prefix` and `waiting` are the logger's: what is
    written, the part of a line that stays the same all through, and the lines that wait for an error. `recorded` and
    `closed` are the metrics'; `counted` says that its start is in them. `trace` is its place in a trace, `root` its
    span, `traced` says whether spans are kept. `replay`: a durable function runs again from its start. `thread` is the
    one that the handler runs in, `outer` what was running before; `ended` and `forked`: over, and a child's copy.
    """

    __slots__ = (
        "caller_trace_id",
        "closed",
        "cold_start",
        "correlation_id",
        "counted",
        "ended",
        "forked",
        "ids",
        "level",
        "line_prefix",
        "outer",
        "recorded",
        "replay",
        "request_id",
        "root",
        "service",
        "tenant_id",
        "thread",
        "trace",
        "trace_id",
        "traced",
        "waiting",
        "xray_trace_id",
    )

    def __init__(  # noqa: PLR0913  a record of ids
        self,
        request_id: str = "",
        service: str = "",
        root: ActiveSpan | None = None,
        *,
        cold_start: bool = False,
        xray_trace_id: str = "",
        correlation_id: str = "",
        caller_trace_id: str = "",
        tenant_id: str = "",
    ) -> None:
        self.request_id = request_id
        self.cold_start = cold_start
        self.xray_trace_id = xray_trace_id
        self.correlation_id = correlation_id
        self.caller_trace_id = caller_trace_id
        self.tenant_id = tenant_id
        self.service = service
        self.root = root
        self.replay = False
        self.counted = False
        self.trace_id = ""  # where lines show it in that form, not in X-Ray's
        self.trace: object = None  # a TraceContext, which is the tracing's
        self.traced = True
        self.thread = 0
        self.ids = ""
        self.level = 0
        self.line_prefix = ""
        self.waiting: object = None
        self.recorded: object = None
        self.closed = False
        self.ended = False
        self.forked = False
        self.outer: tuple[Invocation | None, Scope] = (None, _OUTSIDE)


def ids_of(invocation: Invocation) -> str:
    """
    Return what leads to *invocation*'s request, as members of a JSON document that go on after one.

    Kept, as it is a tenth of a line's cost: call this once all ids are known.
    """
    text = invocation.ids
    if not text:
        text = f',"function_request_id":{encode_basestring(invocation.request_id)}'
        if invocation.correlation_id:
            text += f',"correlation_id":{encode_basestring(invocation.correlation_id)}'
        invocation.ids = text
    return text


_NOTHING: dict[str, object] = {}
_OUTSIDE: Scope = (None, _NOTHING, None)

# Lambda serves one invocation at a time in a process, and threads that a handler starts belong to it: hence a plain
# global for whoever has no scope of their own. Where several run at once, it is the one that began last.
_current: Invocation | None = None

# Fields and span belong to a thread or task. The scope names its invocation, so that what an ended one left behind in
# a thread pool is recognised as stale.
_scope: ContextVar[Scope] = ContextVar("obskit_scope", default=_OUTSIDE)


def current() -> Invocation | None:
    """Return the invocation that this thread or task belongs to, if one is running."""
    invocation = _scope.get()[0]
    return invocation if invocation is not None and not invocation.ended else _current


def enter(invocation: Invocation) -> None:
    """Make *invocation* the one that is running, here and in threads that have no scope of their own."""
    global _current  # noqa: PLW0603  the one home of this state
    invocation.outer = (_current, _scope.get())
    _current = invocation
    _scope.set((invocation, _NOTHING, invocation.root))


def join(invocation: Invocation) -> None:
    """Have this thread belong to *invocation*, which runs in another."""
    _scope.set((invocation, _NOTHING, invocation.root))


def part() -> None:
    """Have this thread belong to no invocation."""
    _scope.set(_OUTSIDE)


def leave(invocation: Invocation | None = None) -> None:
    """End *invocation*, by default the one that is running: what is bound to it is stale from now on."""
    global _current  # noqa: PLW0603
    ended = invocation or current()
    if ended is None:
        return
    ended.ended = True
    before, outer = ended.outer
    ended.outer = (None, _OUTSIDE)
    if ended is _current:
        _current = before if before is not None and not before.ended else None
    if _scope.get()[0] is ended:
        _scope.set(outer if outer[0] is not None and not outer[0].ended else _OUTSIDE)


def reset() -> None:
    """End whatever is running, and forget what is bound to this thread or task."""
    global _current  # noqa: PLW0603
    for invocation in (_current, _scope.get()[0]):
        if invocation is not None:
            invocation.ended = True
    _current = None
    _scope.set(_OUTSIDE)


def inside(request_id: str = "") -> bool:
    """Say whether this thread or task is already part of an invocation that is running, of that *request_id* if any."""
    invocation = _scope.get()[0]
    if invocation is None or invocation.ended:
        return False
    return not request_id or not invocation.request_id or request_id == invocation.request_id


def _after_fork() -> None:
    """Leave to the parent of a forked child what the parent will write itself."""
    for invocation in (_current, _scope.get()[0]):
        if invocation is not None:
            invocation.recorded = None
            invocation.waiting = None
            invocation.forked = True


os.register_at_fork(after_in_child=_after_fork)


def scope() -> Scope:
    """Return the running invocation with the fields and the span of this thread or task."""
    found = _scope.get()
    invocation = found[0]
    if invocation is _current or (invocation is not None and not invocation.ended):
        return found
    return (_current, _NOTHING, _current.root if _current is not None else None)


class Held:
    """A change of the scope; `undo`, or leaving the `with` block, takes back this change and no other."""

    __slots__ = ("_take_back",)

    def __init__(self, take_back: Callable[[], None]) -> None:
        self._take_back: Callable[[], None] | None = take_back

    def undo(self) -> None:
        take_back, self._take_back = self._take_back, None
        if take_back is not None:
            take_back()

    def __enter__(self) -> Held:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.undo()


def bind(**fields: object) -> Held:
    """
    Put *fields* on every line that this thread or task writes.

    As a context manager for the lines inside it; as a plain call until the invocation ends.
    """
    invocation, before, span = scope()
    _scope.set((invocation, {**before, **fields}, span))

    def take_back() -> None:
        invocation, bound, span = scope()
        kept = dict(bound)
        for key, value in fields.items():
            if key in kept and kept[key] is value:  # else another binding has replaced it, and owns it now
                if key in before:
                    kept[key] = before[key]
                else:
                    del kept[key]
        _scope.set((invocation, kept, span))

    return Held(take_back)


def keep_context(function: Callable[P, R]) -> Callable[P, R]:
    """
    Return *function* so that it runs with the fields and the span of whoever calls `keep_context`, in any thread.

    A thread of a pool has none of its own: `pool.map(obskit.keep_context(fetch), urls)`. Tasks of `asyncio` and
    `asyncio.to_thread` have them already.
    """
    from functools import wraps

    held = scope()

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        token = _scope.set(held)
        try:
            return function(*args, **kwargs)
        finally:
            _scope.reset(token)

    return run


def works_later(function: object) -> bool:
    """Say whether a call of *function* returns before its work has begun: a coroutine's or a generator's."""
    return bool(getattr(getattr(function, "__code__", None), "co_flags", 0) & _GENERATOR_OR_COROUTINE)


_GENERATOR_OR_COROUTINE = 0x20 | 0x80 | 0x200
"""`inspect.CO_GENERATOR`, `CO_COROUTINE` and `CO_ASYNC_GENERATOR`; importing `inspect` costs 6 ms."""


def open_span(span: ActiveSpan) -> Scope:
    """Make *span* the one that lines written from here belong to; returns the scope before, for `close_span`."""
    found = _scope.get()
    invocation = found[0]
    if invocation is not _current and (invocation is None or invocation.ended):
        found = scope()
    _scope.set((found[0], found[1], span))
    return found


def swap(scope: Scope) -> Scope:
    """Have this thread or task go on in *scope*; returns the one it was in."""
    before = _scope.get()
    _scope.set(scope)
    return before


def close_span(span: ActiveSpan, before: Scope) -> None:
    """Make the span of *before* the open one again, unless another has taken the place of *span*."""
    invocation, bound, current = scope()
    if current is span:
        _scope.set((invocation, bound, before[2]))
