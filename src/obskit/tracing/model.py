"""A place in a trace, in the form that every header can be turned into."""

from __future__ import annotations

NO_TRACE = "0" * 32
NO_SPAN = "0" * 16

_DIGITS = bytes(ord("0") if chr(code) in "0123456789abcdef" else code for code in range(256))


def form(header: str) -> bytes:
    """
    Return *header* with `0` for every lower-case hex digit: a look at the whole tells what one at each id would.

    A third of the time; a constant of the same form has to go through this, too, for its letters.

    >>> form("00-4bf92f35") == form("00-00000000")
    True
    """
    return header.encode("utf-8", "replace").translate(_DIGITS)


def is_hex(text: str, length: int) -> bool:
    """Say whether *text* is *length* lower-case hex digits."""
    try:
        digits = bytes.fromhex(text)  # half the time of a look at each character
    except ValueError:
        return False
    # It skips spaces, and takes capitals.
    return len(text) == length == 2 * len(digits) and text == text.lower()


def is_trace_id(text: str) -> bool:
    """Say whether *text* is 32 lower-case hex digits that are not all zero."""
    return is_hex(text, 32) and text != NO_TRACE


def is_span_id(text: str) -> bool:
    """Say whether *text* is 16 lower-case hex digits that are not all zero."""
    return is_hex(text, 16) and text != NO_SPAN


class TraceContext:
    """
    A place in a trace.

    Args:
        trace_id: 32 lower-case hex digits.
        span_id: 16 lower-case hex digits, or empty where a header names no parent.
        sampled: whether the caller records this trace; None where it leaves the choice to the callee.
        others: keys of an X-Ray header that belong to others, as they were written.
        tracestate: the W3C header of that name, checked: what tracing systems note for themselves.
        baggage: the W3C header of that name, checked: what a caller hands to everybody behind it.
    """

    __slots__ = ("baggage", "others", "sampled", "span_id", "trace_id", "tracestate")

    def __init__(  # noqa: PLR0913, PLR0917  a record of what headers say; by position it is made in half the time
        self,
        trace_id: str,
        span_id: str = "",
        sampled: bool | None = None,  # noqa: FBT001  as above
        others: str = "",
        tracestate: str = "",
        baggage: str = "",
    ) -> None:
        self.trace_id = trace_id
        self.span_id = span_id
        self.sampled = sampled
        self.others = others
        self.tracestate = tracestate
        self.baggage = baggage

    def _facts(self) -> tuple[object, ...]:
        return (self.trace_id, self.span_id, self.sampled, self.others, self.tracestate, self.baggage)

    def __eq__(self, other: object) -> bool:
        return self._facts() == other._facts() if isinstance(other, TraceContext) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._facts())

    def __repr__(self) -> str:
        said = [repr(self.trace_id), repr(self.span_id), f"sampled={self.sampled!r}"]
        said += [f"{name}={value!r}" for name in ("others", "tracestate", "baggage") if (value := getattr(self, name))]
        return f"TraceContext({', '.join(said)})"
