"""What has changed, in words that a reviewer reads."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

LONGEST = 400
"""Characters of a value that is told."""

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"


@dataclass(frozen=True, slots=True)
class Detail:
    """One fact that is not what it was; an empty side means that there was, or is, none."""

    fact: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        if self.before and self.after:
            return f"{self.fact}: {self.before} → {self.after}"
        if self.after:
            return f"{self.fact} added: {self.after}"
        return f"{self.fact} removed: {self.before}" if self.before else self.fact


@dataclass(frozen=True, slots=True)
class Change:
    """
    One thing that was added, removed, changed or moved.

    *where* is a dashboard or a region, *kind* what it is (`widget`, `alarm`, `dashboard`, a resource type), *name* what
    people call it. *before* and *after* are a widget's places in the two bodies, None where it is not.
    """

    what: str
    kind: str
    name: str
    where: str
    details: tuple[Detail, ...] = ()
    before: int | None = None
    after: int | None = None

    def __str__(self) -> str:
        told = f"{self.where}: {self.kind} '{self.name}' {self.what}"
        return f"{told}: {'; '.join(map(str, self.details))}" if self.details else told

    def as_json(self) -> dict[str, Any]:
        """Return what a program reads: without places, which are layout."""
        found = asdict(self)
        del found["before"], found["after"]
        return found


def shown(value: object) -> str:
    """
    Return a value of a document in few words.

    >>> shown(1.0), shown("ignore"), shown({"Ref": "TopicPage"}), shown(None)
    ('1', 'ignore', 'TopicPage', '')
    """
    text = _text(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _text(value: object) -> str:
    match value:
        case None:
            text = ""
        case bool():
            text = str(value).lower()
        case int() | float():
            text = f"{value:.12g}"
        case {"Ref": name, **rest} if not rest:
            text = _text(name)
        case list():
            text = ", ".join(map(_text, value)) or "none"
        case dict():
            text = ", ".join(f"{name}={_text(one)}" for name, one in sorted(value.items())) or "nothing"
        case _:
            text = str(value)
    return text


def facts(before: object, after: object, name: str = "") -> list[Detail]:
    """
    Return where two documents differ, by the path of what differs.

    Lists are told as a whole while they are short, then by what differs in them; of long texts, what stands around the
    first difference. No two sides of a detail are the same: what reads the same is told as JSON.

    >>> facts({"a": {"b": 1.0}, "c": 2}, {"a": {"b": 1.5}, "c": 2.0})
    [Detail(fact='a.b', before='1', after='1.5')]
    >>> facts({"a": "1"}, {"a": 1})
    [Detail(fact='a', before='"1"', after='1')]
    """
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        found = []
        for key in sorted({*before, *after}):
            found += facts(before.get(key), after.get(key), f"{name}.{key}" if name else key)
        return found
    texts = _text(before), _text(after)
    if isinstance(before, list) and isinstance(after, list) and max(len(one) for one in texts) > LONGEST:
        return _in_lists(before, after, name)
    if texts[0] == texts[1]:
        texts = json.dumps(before), json.dumps(after)
    return [Detail(name, *_around(*texts))]


def _in_lists(before: list[object], after: list[object], name: str) -> list[Detail]:
    if len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return [one for place, (was, now) in pairs for one in facts(was, now, f"{name}.{place}")]
    gone, came = [one for one in before if one not in after], [one for one in after if one not in before]
    found = [Detail(name, shown(one)) for one in gone] + [Detail(name, "", shown(one)) for one in came]
    return found or [Detail(f"{name}: one more or less of the same")]


def _around(before: str, after: str) -> tuple[str, str]:
    """Cut both texts to what stands around their first difference, if one is too long to be told whole."""
    if max(len(before), len(after)) <= LONGEST:
        return before, after
    pairs = zip(before, after, strict=False)
    first = next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(before), len(after)))
    start, end = max(0, first - LONGEST // 4), first + LONGEST // 2
    return _cut(before, start, end), _cut(after, start, end)


def _cut(text: str, start: int, end: int) -> str:
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"
