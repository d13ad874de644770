"""
Spans as X-Ray's subsegment documents, sent to the daemon. Loaded when the first span is sent.

Source: X-Ray developer guide, "Segment documents", 2026-11-24.
"""

from __future__ import annotations

from obskit import ids, output
from obskit.masking import audit, mask, mask_document, mask_text
from obskit.quotas import DATAGRAM_BYTES, XRAY_ANNOTATIONS, XRAY_NAME, XRAY_STRING
from obskit.semconv import FAAS_INVOCATION_ID
from obskit.tracing import daemon, xray
from obskit.tracing.spans import INTERNAL, SERVER, Span, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.tracing.model import TraceContext

_NAME_CHARACTERS = frozenset("_.:/%&#=+\\-@ ")

_LINKS_INDEXED = 6
"""Trace ids of 35 characters that fit into an annotation of 250."""

_MOST_REMEMBERED = 256
"""Names and keys whose form for X-Ray is remembered; those of code are few, those of data without end."""

_INDEXED = {
    key: key.replace(".", "_")
    for key in ("faas.invocation_id", "faas.coldstart", "faas.trigger", "cloud.resource_id", "caller_trace_id")
}
"""What obskit knows of an invocation that somebody searches by; the rest is metadata. A trace has 50 annotations."""

_LONG_VALUE = 1000
"""Characters that are kept of each value where a span is larger than a datagram."""

_names: dict[str, str] = {}
_keys: dict[str, str] = {}


def send(span: Span, root: str, parent_id: str, address: str, *, unfinished: bool = False) -> None:
    """
    Send *span* with everything below it to the X-Ray daemon at *address*. Never raises, never waits.

    *root* is the trace's id as X-Ray writes it. One document while it fits into a datagram, else one for each child.
    *unfinished* sends what is there so far; a later document of the same id replaces it.
    """
    try:
        document = _rendered(span, root, address, unfinished, [XRAY_ANNOTATIONS])
        daemon.send(_start(root, parent_id) + document, address)
    except Exception as error:  # noqa: BLE001  telemetry never breaks the handler
        output.fault("spans", error)


def reset() -> None:
    """Forget the forms of names that were remembered."""
    _names.clear()
    _keys.clear()
    _shared.clear()


def _start(root: str, parent_id: str) -> str:
    return f'{{"type":"subsegment","trace_id":"{root}","parent_id":"{parent_id}",'


def _rendered(span: Span, root: str, address: str, unfinished: bool, room: list[int]) -> str:  # noqa: FBT001  handed on
    """
    Return *span* as an X-Ray subsegment, masked, without the brace that opens it.

    Children for which a datagram has no room are sent, each by itself; every span is rendered once. *room* holds how
    many annotations there may still be.
    """
    try:
        text = _own(span, unfinished, room)
    except Exception as error:  # noqa: BLE001  a name that is no text: only this span is lost
        output.fault("spans", error)
        text = (
            f'"id":"{span.span_id}","name":"unreadable","start_time":{span.start / 1e9!r},"end_time":{span.end / 1e9!r}'
        )
    if not span.children:
        return f"{text}}}"
    children = [_rendered(child, root, address, unfinished, room) for child in span.children]
    whole = text + ',"subsegments":[{' + ",{".join(children) + "]}"
    if daemon.fits(whole + _ROOM):
        return whole
    for child in children:
        daemon.send(_start(root, span.span_id) + child, address)
    return text + "}"


_ROOM = " " * 128
"""For what stands before a document when it is sent by itself."""


def _own(span: Span, unfinished: bool, room: list[int]) -> str:  # noqa: FBT001  as above
    """Return what *span* says of itself, without what is below it, in what a datagram holds."""
    head, attributes = _head(span, unfinished), span.attributes
    if span.events or span.dropped or unfinished:
        return _whole(span, head, unfinished, room)
    if span.kind is SERVER and not attributes:
        if plain := _of_invocation(span, room):
            return head + plain
    elif span.kind is INTERNAL and not (span.facts or span.links):
        if not attributes:
            return head
        masked = mask_document(attributes, audit.SPAN)
        if plain := _plain(masked):  # as most spans are: in half the time
            if len(masked) <= room[0]:
                room[0] -= len(masked)
                return f'{head},"annotations":{{{plain}}}'
            if room[0] <= 0:
                return f'{head},"metadata":{{"obskit":{{{plain}}}}}'
    return _whole(span, head, unfinished, room)


def _of_invocation(span: Span, room: list[int]) -> str:
    """
    Return what obskit knows of an invocation, as JSON members: of each it sends this, so it goes past the mappings.

    A tenth of what `_whole` takes: all but the ids, which come first and last, is the same in most invocations. Nothing
    where that is not so, and for what also has blocks of its own, as calls by HTTP have.
    """
    facts = tuple(span.facts.items())
    if not facts or facts[0][0] != FAAS_INVOCATION_ID:
        return ""
    request, caller = output.encode_text(facts[0][1]), None  # type: ignore[arg-type]  # an id
    if facts[-1][0] == _CALLER:
        caller, facts = facts[-1][1], facts[1:-1]
    else:
        facts = facts[1:]
    count, annotations, metadata = _shared.get(facts) or _share(facts)
    if not count:
        return ""
    if caller is not None:
        count += 1
        annotations = f'{annotations},"caller_trace_id":"{caller}"'  # digits: there is nothing to escape
    if span.links:
        count += 1
        linked, links = _link_texts(span, caller)
        annotations = f'{annotations},"linked_trace_ids":{linked}'
        metadata = f'{metadata},"links":[{links}]' if metadata else f'"links":[{links}]'
    room[0] -= count
    about = f',"metadata":{{"obskit":{{{metadata}}}}}' if metadata else ""
    return f',"annotations":{{"faas_invocation_id":{request}{annotations}}}{about}'


_CALLER = "caller_trace_id"

_shared: dict[tuple[tuple[str, object], ...], tuple[int, str, str]] = {}
"""What `_share` returned."""


def _share(facts: tuple[tuple[str, object], ...]) -> tuple[int, str, str]:
    """Return how many annotations an invocation's id and *facts* are, and these as JSON members; 0: it has blocks."""
    count, annotations, metadata = 1, "", []
    for key, value in facts:
        if key.startswith(("http.", "url.")):
            return 0, "", ""
        name = _INDEXED.get(key)
        text = f"{output.encode_text(name or key)}:{output.encode_json(value)}"
        if name is None:
            metadata.append(text)
        else:
            annotations += f",{text}"
            count += 1
    shared = (count, annotations, ",".join(metadata))
    few = all(key != _CALLER and type(value) in _FEW_VALUES for key, value in facts)
    if few and len(_shared) < _MOST_REMEMBERED:
        _shared[facts] = shared
    return shared


_FEW_VALUES = (str, bool)
"""Types of facts that are remembered: a number has many values, as has the id of the caller's trace."""


def _plain(attributes: dict[str, object]) -> str:
    """
    Return *attributes* as members of a JSON object, where they are few and as X-Ray indexes them, keys and all.

    Half a datagram holds them. Nothing where they are not so.
    """
    if len(attributes) > _FEW:
        return ""
    texts = []
    for key, value in attributes.items():
        if (_keys.get(key) or _annotation_key(key)) != key:
            return ""
        kind = type(value)
        if kind is str:
            if len(value) > XRAY_STRING:  # type: ignore[arg-type]  # the check is exact
                return ""
            texts.append(f'"{key}":{output.encode_text(value)}')  # type: ignore[arg-type]  # as above
        elif kind is int or kind is float:
            texts.append(f'"{key}":{value!r}')
        elif kind is bool:
            texts.append(f'"{key}":true' if value else f'"{key}":false')
        else:
            return ""
    return ",".join(texts)


_FEW = 20


def _whole(span: Span, head: str, unfinished: bool, room: list[int]) -> str:  # noqa: FBT001  as above
    """Return what a *span* says of itself that has more than a few plain attributes."""
    annotations: dict[str, object] = {}
    metadata: dict[str, object] = {}
    if span.facts:
        _sort_facts(span.facts, annotations, metadata)
    if unfinished and span.took < 0:
        annotations["timed_out"] = True
    if span.links:
        annotations["linked_trace_ids"] = _linked(span)
    room[0] -= len(annotations)
    masked: dict[str, object] = {}
    if span.attributes:
        masked = mask_document(span.attributes, audit.SPAN)
        _sort(masked, annotations, metadata, room)
    if span.kind is not INTERNAL:
        head += _blocks(span, masked)
    if span.links or span.events or span.dropped:
        _add_parts(span, metadata)
    text = _with(head, annotations, metadata)
    return text if daemon.fits(text + _ROOM) else _trimmed(head, annotations, metadata)


def _sort_facts(facts: Mapping[str, object], annotations: dict[str, object], metadata: dict[str, object]) -> None:
    for key, value in facts.items():
        if key in _INDEXED:
            annotations[_INDEXED[key]] = value
        else:
            metadata[key] = value


def _add_parts(span: Span, metadata: dict[str, object]) -> None:
    """Add to *metadata* what X-Ray's subsegments have no place for: links, events, and what there was no room for."""
    if span.links:
        metadata["links"] = [_link(trace) for trace in span.links]
    if span.events:
        metadata["events"] = [_event(*event) for event in span.events]
    counts = {
        "links_dropped": span.links_dropped,
        "events_dropped": span.events_dropped,
        "spans_dropped": span.dropped,
    }
    metadata.update({name: number for name, number in counts.items() if number})


def _with(head: str, annotations: dict[str, object], metadata: dict[str, object]) -> str:
    if annotations:
        head += ',"annotations":' + output.encode_json(annotations)
    if metadata:
        head += ',"metadata":{"obskit":' + output.encode_json(metadata) + "}"
    return head


def _trimmed(head: str, annotations: dict[str, object], metadata: dict[str, object]) -> str:
    """
    Return what a datagram holds of a span that is too large for one, and tell of it once.

    Values are cut to a thousand characters, lists and mappings as their JSON; then the largest are left out until it
    fits. Their names are in `trimmed`. Annotations are short by themselves, and too many are metadata.
    """
    output.fault("spans", "a span is larger than one datagram: its long values were cut or left out")
    sizes: dict[str, int] = {}
    whole: dict[str, int] = {}
    cut: list[str] = []
    for key, value in metadata.items():
        text = value if isinstance(value, str) else output.encode_json(value)
        if len(text) > _LONG_VALUE:
            metadata[key] = text[:_LONG_VALUE]
            cut.append(key[:XRAY_STRING])
        sizes[key] = min(len(text), _LONG_VALUE) + len(key)
        whole[key] = len(output.encode_json({key: metadata[key]}).encode("utf-8", "replace")) - len("{}")
    left = len(_with(head, annotations, {}).encode("utf-8", "replace")) + sum(whole.values())
    known = set(cut)
    for key in sorted(sizes, key=sizes.__getitem__, reverse=True):
        if left <= DATAGRAM_BYTES:  # else it does not fit: to write it out each time would take minutes
            metadata["trimmed"] = cut[:_MOST_TOLD]
            text = _with(head, annotations, metadata)
            if daemon.fits(text + _ROOM):
                return text
        left -= whole[key]
        del metadata[key]
        if (name := key[:XRAY_STRING]) not in known:
            known.add(name)
            cut.append(name)
    return _with(head, annotations, {"trimmed": cut[:_MOST_TOLD]})


_MOST_TOLD = 20
"""Names of values that were cut or left out."""


def _linked(span: Span) -> str:
    """Return the first traces that *span* links to, to search by: X-Ray's subsegments have no links of their own."""
    if len(span.links) == 1:  # as nearly always
        return xray.root(span.links[0].trace_id)
    return ",".join(list(dict.fromkeys(xray.root(trace.trace_id) for trace in span.links))[:_LINKS_INDEXED])


def _link(trace: TraceContext) -> dict[str, str]:
    place = {"trace_id": xray.root(trace.trace_id)}
    return {**place, "span_id": trace.span_id} if trace.span_id else place


def _link_texts(span: Span, caller: object) -> tuple[str, str]:
    """Return `_linked`, and each `_link` with commas between, as JSON: in a fifth of the time that mappings take."""
    first = span.links[0]
    if first.trace_id is caller and len(span.links) == 1 and first.span_id:  # read from a header: digits
        root = xray.root(first.trace_id)
        return f'"{root}"', f'{{"trace_id":"{root}","span_id":"{first.span_id}"}}'
    links = output.encode_json([_link(trace) for trace in span.links])
    return output.encode_text(_linked(span)), links[1:-1]


def _event(name: str, time_ns: int, attributes: dict[str, object]) -> dict[str, object]:
    """Return an event, of which X-Ray has none, as it stands in metadata; its time is in seconds, as all there."""
    event: dict[str, object] = {"name": mask_text(name, audit.SPAN)[:XRAY_STRING], "time": time_ns // 1000 / 1e6}
    return {**event, "attributes": mask_document(attributes, audit.SPAN)} if attributes else event


def _head(span: Span, unfinished: bool) -> str:  # noqa: FBT001  as above
    """Return what every document says of *span*: who it is, when, and whether it failed."""
    name = _names.get(span.name) or _name(span.name)
    ends = span.end if span.took < 0 else span.start + span.took
    start, end = str(span.start), str(ends)
    if unfinished and span.took < 0:
        text = f'"id":"{span.span_id}","name":{name},"start_time":{_seconds(span.start)},"in_progress":true'
    elif len(start) == 19 == len(end):  # nanoseconds of our times: their digits are what a float would show
        text = (
            f'"id":"{span.span_id}","name":{name},'
            f'"start_time":{start[:10]}.{start[10:16]},"end_time":{end[:10]}.{end[10:16]}'
        )
    else:
        times = f'"start_time":{_seconds(span.start)},"end_time":{_seconds(ends)}'
        text = f'"id":"{span.span_id}","name":{name},{times}'
    if span.error is not None:
        text += ',"fault":true,"cause":' + output.encode_json({"exceptions": [_exception(span.error)]})
    return text


def _seconds(time_ns: int) -> str:
    """Return seconds with six decimals."""
    return f"{time_ns // 1000 / 1e6:.6f}"


def _sort(
    attributes: dict[str, object], annotations: dict[str, object], metadata: dict[str, object], room: list[int]
) -> None:
    """Put *attributes* under what X-Ray indexes, short scalars with keys of `A-Za-z0-9_`, and the rest elsewhere."""
    left = room[0]
    for key, value in attributes.items():
        indexed = _keys.get(key)
        if indexed is None:
            indexed = _annotation_key(key)
        if (
            indexed
            and left > 0
            and (len(value) <= XRAY_STRING if isinstance(value, str) else isinstance(value, (int, float)))
            and indexed not in annotations
        ):
            annotations[indexed] = value
            left -= 1
        else:
            metadata[key] = value
    room[0] = left


def _annotation_key(key: str) -> str:
    """Return *key* as X-Ray indexes it, or nothing if it cannot."""
    indexed = key.replace(".", "_").replace("-", "_")
    if len(key) > XRAY_STRING or not (indexed.isascii() and indexed.replace("_", "a").isalnum()):
        indexed = ""
    if len(_keys) < _MOST_REMEMBERED:
        _keys[key] = indexed
    return indexed


def _blocks(span: Span, attributes: dict[str, object]) -> str:
    """Return the parts of a document that X-Ray draws its map from, where *span* is one side of a call."""
    try:
        from obskit.tracing import calls

        return calls.blocks(span.kind, {**span.facts, **attributes}, failed=span.error is not None)
    except Exception as error:  # noqa: BLE001  attributes of any shape: the span goes without
        output.fault("spans", error)
        return ""


def _exception(error: BaseException) -> dict[str, object]:
    kind, message = told(error)
    return {"id": ids.span_id(), "type": kind[:XRAY_STRING], "message": message[:XRAY_STRING]}


def _name(name: str) -> str:
    """Return *name* masked, in the characters and length that X-Ray takes, as JSON."""
    masked = str(mask(name, surface=audit.SPAN))
    kept = "".join(char if char.isalnum() or char in _NAME_CHARACTERS else "_" for char in masked[:XRAY_NAME])
    text: str = output.encode_text(kept or "span")
    if masked == name and len(_names) < _MOST_REMEMBERED:  # a name with personal data in it is never kept
        _names[name] = text
    return text
