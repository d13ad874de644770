"""What belongs to one invocation: its ids, the fields bound to its lines, the span that is open."""

from __future__ import annotations

from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Protocol

    class ActiveSpan(Protocol):
        """What a log line needs to know of the span it is written in."""

        span_id: str

    Scope = tuple["Invocation | None", dict[str, object], "ActiveSpan | None"]


class Invocation:
    """
    The ids of one invocation, in the form that log lines show them.

    `line_prefix` is a place for the logger to keep the part of a line that stays the same all through.
    """

    __slots__ = (
        "caller_trace_id",
        "cold_start",
        "correlation_id",
        "ended",
        "line_prefix",
        "request_id",
        "root",
        "service",
        "tenant_id",
        "xray_trace_id",
    )

    def __init__(  # noqa: PLR0913  a record of ids
        self,
        *,
        request_id: str = "",
        cold_start: bool = False,
        xray_trace_id: str = "",
        correlation_id: str = "",
        caller_trace_id: str = "",
        tenant_id: str = "",
        service: str = "",
        root: ActiveSpan | None = None,
    ) -> None:
        self.request_id = request_id
        self.cold_start = cold_start
        self.xray_trace_id = xray_trace_id
        self.correlation_id = correlation_id
        self.caller_trace_id = caller_trace_id
        self.tenant_id = tenant_id
        self.service = service
        self.root = root
        self.line_prefix = ""
        self.ended = False


_NOTHING: dict[str, object] = {}

# A process serves one invocation at a time, and threads that a handler starts belong to it: hence a plain global.
_current: Invocation | None = None

# Fields and span belong to a thread or task. The scope names its invocation, so that what an ended one left behind in
# a thread pool is recognised as stale.
_scope: ContextVar[Scope] = ContextVar("obskit_scope", default=(None, _NOTHING, None))


def current() -> Invocation | None:
    """Return the invocation that is running, if one is."""
    return _current


def enter(invocation: Invocation) -> None:
    """Make *invocation* the one that is running."""
    global _current  # noqa: PLW0603  the one home of this state
    _current = invocation


def leave(invocation: Invocation | None = None) -> None:
    """End *invocation*, by default the one that is running: what is bound to it is stale from now on."""
    global _current  # noqa: PLW0603
    ended = invocation or _current
    if ended is not None:
        ended.ended = True
    if ended is _current:
        _current = None


def inside() -> bool:
    """Say whether this thread or task is already part of an invocation that is running."""
    invocation = _scope.get()[0]
    return invocation is not None and not invocation.ended


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


def open_span(span: ActiveSpan) -> Held:
    """Make *span* the one that lines written from here belong to."""
    invocation, bound, before = scope()
    _scope.set((invocation, bound, span))

    def take_back() -> None:
        invocation, bound, current = scope()
        if current is span:
            _scope.set((invocation, bound, before))

    return Held(take_back)
