"""Two bodies of one dashboard: which widgets came, went, moved, and what they show otherwise."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from obskit.deploy import entries
from obskit.deploy.diff.change import ADDED, CHANGED, MOVED, REMOVED, Change, Detail, facts, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from obskit.deploy.entries import Entry

Json = dict[str, Any]
_DEFAULTS = {"view": "timeSeries", "stacked": False, "stat": "Average", "period": 300}
_PLACE = ("x", "y", "width", "height")


def compare(name: str, before: Json, after: Json) -> list[Change]:
    """
    Return what has changed from *before* to *after* in the dashboard *name*.

    The order in the array, and places that shift because something above came or went, are no change.
    """
    old, new = _widgets(before), _widgets(after)
    pairs = _matched(old, new)
    moved = _moved(old, new, pairs)
    changes = []
    for a, b in sorted(pairs.items(), key=lambda pair: _reading(new[pair[1]])):
        details = [*_details(old[a], new[b]), *_resized(a, b, old, new, pairs)]
        if details or a in moved:
            what = CHANGED if details else MOVED
            also = (Detail("moved"),) if details and a in moved else ()
            changes.append(Change(what, "widget", _title(new[b]), name, (*details, *also), a, b))
    left = [a for a in range(len(old)) if a not in pairs]
    came = [b for b in range(len(new)) if b not in pairs.values()]
    changes += [
        Change(ADDED, "widget", _title(new[b]), name, after=b) for b in sorted(came, key=lambda one: _reading(new[one]))
    ]
    changes += [
        Change(REMOVED, "widget", _title(old[a]), name, before=a)
        for a in sorted(left, key=lambda one: _reading(old[one]))
    ]
    rest = facts({**before, "widgets": None}, {**after, "widgets": None})
    if rest:
        changes.insert(0, Change(CHANGED, "dashboard", name, name, tuple(rest)))
    if not changes and [_spot(one) for one in sorted(old, key=_reading)] != [
        _spot(one) for one in sorted(new, key=_reading)
    ]:
        changes.append(Change(MOVED, "dashboard", name, name, (Detail("widgets stand elsewhere, in the same order"),)))
    return changes


def _widgets(body: Json) -> list[Json]:
    return [one for one in body.get("widgets") or [] if isinstance(one, dict)]


def _spot(widget: Json) -> tuple[object, ...]:
    return tuple(widget.get(name) for name in _PLACE)


def _reading(widget: Json) -> tuple[float, float, str]:
    """Order as people read: by rows, then from the left."""
    return widget.get("y", 0), widget.get("x", 0), _content(widget)


def _properties(widget: Json) -> Json:
    found = widget.get("properties")
    return found if isinstance(found, dict) else {}


def _content(widget: Json) -> str:
    return json.dumps([widget.get("type"), _properties(widget)], sort_keys=True)


def _title(widget: Json) -> str:
    properties = _properties(widget)
    if widget.get("type") == "text":
        first = next((line for line in str(properties.get("markdown", "")).splitlines() if line.strip()), "")
        return first.lstrip("# ").strip()[:80] or "text"
    return str(properties.get("title") or widget.get("type", "widget"))


def _read(widget: Json) -> list[Entry]:
    return entries.read(_properties(widget))


def _shows(widget: Json) -> str:
    """Return what a widget is about whatever it is called: its metrics, its query, its alarms."""
    properties = _properties(widget)
    about: list[object] = [one.source for one in _read(widget)]
    about = about or [properties.get(key) for key in ("query", "alarms", "endpoint")]
    return json.dumps([widget.get("type"), about]) if any(about) else ""


def _matched(old: list[Json], new: list[Json]) -> dict[int, int]:
    """Return places in *new* by places in *old*: what is the same first, then what has the same title, then metrics."""
    pairs: dict[int, int] = {}
    keys: tuple[Callable[[Json], str], ...] = (
        lambda one: _content(one) + json.dumps(_spot(one)),
        _content,
        lambda one: json.dumps([one.get("type"), _title(one), _properties(one).get("view")]),
        lambda one: json.dumps([one.get("type"), _title(one)]),
        _shows,
    )
    for key in keys:
        free: defaultdict[str, list[int]] = defaultdict(list)
        for b in sorted(set(range(len(new))) - set(pairs.values()), key=lambda one: _reading(new[one])):
            free[key(new[b])].append(b)
        for a in sorted(set(range(len(old))) - set(pairs), key=lambda one: _reading(old[one])):
            found = key(old[a])
            if found and free[found]:
                pairs[a] = free[found].pop(0)
    return pairs


def _moved(old: list[Json], new: list[Json], pairs: dict[int, int]) -> set[int]:
    """Return what changed its place among the others: all that is not in the longest run that kept its order."""
    order = sorted(pairs, key=lambda a: _reading(old[a]))
    rank = {b: place for place, b in enumerate(sorted(pairs.values(), key=lambda b: _reading(new[b])))}
    ends: list[int] = []
    kept: list[list[int]] = []
    for a in order:
        place = rank[pairs[a]]
        at = bisect_left(ends, place)
        run = [*(kept[at - 1] if at else []), a]
        if at == len(ends):
            ends.append(place)
            kept.append(run)
        else:
            ends[at], kept[at] = place, run
    return set(order) - set(kept[-1] if kept else [])


def _resized(a: int, b: int, old: list[Json], new: list[Json], pairs: dict[int, int]) -> Iterator[Detail]:
    """Tell another size where the row has the same widgets as before; else the row has been shared out anew."""
    before, after = ((one[place].get("width", 6), one[place].get("height", 6)) for one, place in ((old, a), (new, b)))
    row = {pairs.get(one) for one, widget in enumerate(old) if widget.get("y") == old[a].get("y")}
    if before != after and row == {one for one, widget in enumerate(new) if widget.get("y") == new[b].get("y")}:
        yield Detail("size", f"{before[0]} by {before[1]}", f"{after[0]} by {after[1]}")


def _details(before: Json, after: Json) -> Iterator[Detail]:
    old, new = (
        {**_DEFAULTS, **_properties(one)} if one.get("type") == "metric" else _properties(one)
        for one in (before, after)
    )
    if old.get("title") != new.get("title"):
        yield Detail("title", shown(old.get("title")), shown(new.get("title")))
    for one in _metrics(_read(before), _read(after)):
        # A period of the whole widget is told once.
        if not (
            one.fact.startswith("period of ")
            and [one.before, one.after] == [shown(x.get("period")) for x in (old, new)]
        ):
            yield one
    yield from _limits(old, new)
    yield from facts(_rest(old), _rest(new))
    yield from facts(_other_annotations(old), _other_annotations(new), "annotations")


def _rest(properties: Json) -> Json:
    return {name: one for name, one in properties.items() if name not in ("title", "metrics", "annotations", "stat")}


def _other_annotations(properties: Json) -> Json:
    return {name: one for name, one in (properties.get("annotations") or {}).items() if name != "horizontal"}


def _metrics(old: list[Entry], new: list[Entry]) -> Iterator[Detail]:
    before, after = _by_source(old), _by_source(new)
    for source in sorted(before.keys() - after.keys()):
        yield Detail("metric", before=source)
    for source in sorted(after.keys() - before.keys()):
        yield Detail("metric", after=source)
    for source in sorted(before.keys() & after.keys()):
        for fact in ("label", "period", "region", "account", "id", "color", "axis", "visible"):
            was, now = getattr(before[source], fact), getattr(after[source], fact)
            if was != now:
                yield Detail(f"{fact} of {after[source].label or source}", shown(was) or "none", shown(now) or "none")
    kept = [one for one in before if one in after]
    if kept != [one for one in after if one in before]:
        yield Detail("order of metrics")


def _by_source(found: list[Entry]) -> dict[str, Entry]:
    """Index by what is shown; a second one of the same source gets a number."""
    by: dict[str, Entry] = {}
    for one in found:
        source, number = one.source, 2
        while source in by:
            source, number = f"{one.source} ({number})", number + 1
        by[source] = one
    return by


def _limits(old: Json, new: Json) -> Iterator[Detail]:
    before, after = (_annotations(one) for one in (old, new))
    for name in [*before, *(one for one in after if one not in before)]:
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        values = [shown(one.get("value")) if one else "" for one in (was, now)]
        if was and now and values[0] == values[1]:
            yield from facts(was, now, f"threshold {name}")
        else:
            yield Detail(f"threshold {name}", *values)
            if was and now:  # its label has the value in it
                yield from facts(_but(was, "value", "label"), _but(now, "value", "label"), f"threshold {name}")


def _but(properties: Json, *names: str) -> Json:
    return {name: one for name, one in properties.items() if name not in names}


def _annotations(properties: Json) -> dict[str, Json]:
    """Return horizontal annotations by their label without its numbers: these are what changes."""
    by: dict[str, Json] = {}
    for raw in (properties.get("annotations") or {}).get("horizontal") or []:
        first = raw[0] if isinstance(raw, list) and raw else raw
        if not isinstance(first, dict):
            continue
        label = re.sub(r"\s*[<>≥≤=]*\s*-?\d[\d.,e+]*", "", str(first.get("label", ""))).strip()
        name, number = label or "line", 2
        while name in by:
            name, number = f"{label or 'line'} ({number})", number + 1
        by[name] = {**first, "until": raw[1]} if isinstance(raw, list) and len(raw) > 1 else first
    return by
