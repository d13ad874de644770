"""The `X-Amzn-Trace-Id` header, as AppSync, load balancers and Lambda write it."""

from __future__ import annotations

from obskit.masking import audit, mask_text
from obskit.tracing.model import NO_SPAN, NO_TRACE, TraceContext, form, is_span_id, is_trace_id

_LONGEST = 1024
"""Characters of a header that is looked at; AWS's own have about 100."""

_USUAL = form("Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=1")
_USUAL_LENGTH = len(_USUAL)
"""As Lambda writes it when it adds nothing."""

_ROOT_LENGTH = 40
"""Characters of `Root=1-<8>-<24>`, as a service writes it that begins a trace without recording it."""

_SAMPLED = {"1": True, "0": False}

_OURS = frozenset(("root", "parent", "sampled", "self"))
_OF_LINEAGE = frozenset("0123456789abcdefABCDEF:| ")


def parse(header: str) -> TraceContext | None:
    """
    Return what *header* says, or None if it names no valid `Root`.

    Keys come in any order and any case; `Parent` may be missing; `Sampled=?` leaves the choice to the callee
    (`sampled` is None). Keys of others, such as `Lineage`, are kept for the next hop; `Self` is the load balancer's.
    """
    if (
        len(header) == _USUAL_LENGTH
        and form(header) == _USUAL
        and header.startswith("Root=1-")  # in the words and the version there are letters and digits, too
        and header.startswith(";Parent=", 40)
        and header.startswith(";Sampled=", 64)
    ):
        trace_id, span_id = header[7:15] + header[16:40], header[48:64]
        if trace_id != NO_TRACE and span_id != NO_SPAN:
            return TraceContext(trace_id, span_id, _SAMPLED.get(header[73]))
    elif len(header) == _ROOT_LENGTH and header[:7] == "Root=1-" and header[15] == "-":  # AppSync's and API Gateway's
        trace_id = header[7:15] + header[16:]
        if is_trace_id(trace_id):
            return TraceContext(trace_id)
    if len(header) > _LONGEST:
        return None
    pairs: dict[str, str] = {}
    others: list[str] = []
    for item in header.split(";"):
        key, equals, value = item.strip().partition("=")
        if not equals:
            continue
        name = key.strip().lower()
        pairs.setdefault(name, value.strip())
        if name not in _OURS and _goes_on(item, name, value):
            others.append(f"{key.strip()}={value.strip()}")
    root_id = _trace_id(pairs.get("root", ""))
    if root_id is None:
        return None
    parent = pairs.get("parent", "").lower()
    span_id = parent if is_span_id(parent) else ""
    sampled = _SAMPLED.get(pairs.get("sampled", ""))
    return TraceContext(root_id, span_id, sampled=sampled, others=";".join(others))


def _goes_on(item: str, name: str, value: str) -> bool:
    """
    Say whether *item*, a key of others, may go into headers again: no line ends, and nothing personal.

    Queues, archives and other companies keep it. Lambda's own, by which it finds loops, are hashes and counts.
    """
    if not (item.isascii() and item.isprintable()):
        return False
    return (name == "lineage" and _OF_LINEAGE.issuperset(value)) or mask_text(item, audit.SPAN) == item


def _trace_id(root: str) -> str | None:
    """Return the 32 hex digits of `1-<8 hex>-<24 hex>`."""
    version, _, rest = root.partition("-")
    epoch, _, unique = rest.partition("-")
    trace_id = (epoch + unique).lower()
    return trace_id if version == "1" and len(epoch) == 8 and is_trace_id(trace_id) else None


def root(trace_id: str) -> str:
    """
    Return the 32 hex digits of *trace_id* as X-Ray writes them.

    >>> root("5759e988bd862e3fe1be46a994272793")
    '1-5759e988-bd862e3fe1be46a994272793'
    """
    return f"1-{trace_id[:8]}-{trace_id[8:]}"


def render(trace: TraceContext) -> str:
    """Return the header that carries *trace*."""
    text = f"Root=1-{trace.trace_id[:8]}-{trace.trace_id[8:]}"
    if trace.span_id:
        text += f";Parent={trace.span_id}"
    if trace.sampled is not None:
        text += ";Sampled=1" if trace.sampled else ";Sampled=0"
    return f"{text};{trace.others}" if trace.others else text
