"""What has changed, in words that a reviewer reads."""

from __future__ import annotations

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
    match value:
        case None:
            text = ""
        case bool():
            text = str(value).lower()
        case int() | float():
            text = f"{value:.12g}"
        case {"Ref": name}:
            text = str(name)
        case list():
            text = ", ".join(map(shown, value)) or "none"
        case dict():
            text = ", ".join(f"{name}={shown(one)}" for name, one in sorted(value.items())) or "nothing"
        case _:
            text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def facts(before: object, after: object, name: str = "") -> list[Detail]:
    """
    Return where two documents differ, by the path of what differs; lists are compared as a whole.

    >>> facts({"a": {"b": 1.0}, "c": 2}, {"a": {"b": 1.5}, "c": 2.0})
    [Detail(fact='a.b', before='1', after='1.5')]
    """
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        found = []
        for key in sorted({*before, *after}):
            found += facts(before.get(key), after.get(key), f"{name}.{key}" if name else key)
        return found
    return [Detail(name, shown(before), shown(after))]
