"""What belongs to one invocation: its ids, the fields bound to its lines, the span that is open."""

from __future__ import annotations

from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextvars import Token
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


_NOTHING: dict[str, object] = {}

# A process serves one invocation at a time, and threads that a handler starts belong to it: hence a plain global.
_current: Invocation | None = None

# Fields and span belong to a thread or task. The scope names its invocation, so that what an earlier one left
# behind in a thread pool is recognised as stale.
_scope: ContextVar[Scope] = ContextVar("obskit_scope", default=(None, _NOTHING, None))


def current() -> Invocation | None:
    """Return the invocation that is running, if one is."""
    return _current


def enter(invocation: Invocation | None) -> None:
    """Make *invocation* the one that is running; None when it has ended."""
    global _current  # noqa: PLW0603  the one home of this state
    _current = invocation


def scope() -> Scope:
    """Return the running invocation with the fields and the span of this thread or task."""
    found = _scope.get()
    if found[0] is _current:
        return found
    return (_current, _NOTHING, _current.root if _current is not None else None)


class Held:
    """A change of the scope; `undo`, or leaving the `with` block, takes it back."""

    __slots__ = ("_before", "_token")

    def __init__(self, changed: Scope) -> None:
        self._before = scope()
        self._token: Token[Scope] | None = _scope.set(changed)

    def undo(self) -> None:
        token, self._token = self._token, None
        if token is None:
            return
        try:
            _scope.reset(token)
        except ValueError:
            # Entered in one context and left in another, as a generator can do: what held before holds again.
            _scope.set(self._before)

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
    invocation, bound, span = scope()
    return Held((invocation, {**bound, **fields}, span))


def open_span(span: ActiveSpan) -> Held:
    """Make *span* the one that lines written from here belong to."""
    invocation, bound, _ = scope()
    return Held((invocation, bound, span))
