"""
The walk under a policy that says more than "redact": rules for paths, actions for classes, patterns of the user's own.

Imported when there is such a policy. What is found, and by what, is as in `engine`; here is what is done with it.
"""

from __future__ import annotations

from obskit.masking import audit, keys
from obskit.masking.classes import CARD, CLASSES, REDACTED, TOKEN, marker
from obskit.masking.engine import (
    BASE64_FLAG,
    BODY,
    CLASSES_BELOW,
    SHORTEST_DOCUMENT,
    TOO_MUCH,
    Walk,
    class_of_data,
    free,
    key_text,
    readable,
)
from obskit.masking.keys import OF_TEXT, OTHER, is_option
from obskit.masking.text import clean, is_harmless, merged, scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from obskit.masking.policy import Policy, Tree
    from obskit.masking.text import Found

MOST_MATCHES = 1000
"""Matches of one pattern in one text; behind them the rest of the text is masked."""

DROPPED = object()
"""Stands for a value that goes, and its key with it."""

_CLASSES = frozenset(CLASSES)
_ACTIONS_OF_PARTS = ("partial", "pseudonym")
"""What needs each value, not the container around it."""


class Place:
    """
    Where the walk is, as far as the policy is concerned.

    Args:
        tree: the path rules from here on.
        action: what a path rule says of this place, or of one above it; "" for none.
        named: the class of a container around it, which holds for each value within.
    """

    __slots__ = ("action", "named", "tree")

    def __init__(self, tree: Tree | None, action: str = "", named: str = "") -> None:
        self.tree = tree
        self.action = action
        self.named = named


class GovernedWalk(Walk):
    """
    One call of the engine that heeds *rules*.

    In `found` a class stands with what was done, in `pending` a text with the place where it stands.
    """

    __slots__ = ("exempt", "markers_only", "place", "rules")

    def __init__(self, surface: str, rules: Policy) -> None:
        super().__init__(surface)
        self.rules = rules
        self.markers_only = False
        self.place = Place(rules.tree)
        self.exempt = 0  # rules that ended at a place which the walk has been to

    # What is done with a value

    def show_markers(self) -> None:
        self.markers_only = True

    def put(self, name: str, text: str, by_path: str) -> str | None:
        """Return what stands for *text*, of class *name*; None: it goes."""
        if self.markers_only:
            kept = text in self.rules.keep_values
            shown: str | None = text if kept else marker(name) if name else REDACTED
        else:
            shown = self.rules.replace(name, text, by_path)
        self.found.append((name or "REDACTED", self._done(name, text, shown, by_path)))
        return shown

    def _done(self, name: str, text: str, shown: str | None, by_path: str) -> str:
        """Return what was done with *text*, of which *shown* is left: a pseudonym without a key is a marker."""
        if shown is None:
            return "drop"
        if shown == text and text in self.rules.keep_values:
            return "keep"
        if shown in (REDACTED, f"[{name}]"):
            return "redact"
        return self.rules.action(name, by_path)

    def action(self, name: str) -> str:
        return "redact" if self.markers_only else self.rules.action(name, self.place.action)

    def replaced(self, text: str, found: Found) -> str:
        parts: list[str] = []
        done = 0
        for start, end, name in found:
            parts += (text[done:start], self.put(name, text[start:end], self.place.action) or "")
            done = end
        parts.append(text[done:])
        return "".join(parts)

    def card(self, number: int) -> object:
        shown = self.put(CARD, str(number), self.place.action)
        return DROPPED if shown is None else number if shown == str(number) else shown

    def named(self, name: str, value: object, depth: int) -> object:
        """Return what stands for *value*, whose key says that it is of class *name*."""
        if value is None or type(value) is bool or value == "":
            return value
        action = self.action(name)
        if action == "keep":
            return self.shown(value, depth)  # not by its key, but by what it says
        if isinstance(value, (str, int, float)):
            shown = self.put(name, str(value), self.place.action)
            return DROPPED if shown is None else value if shown == str(value) else shown
        return self.container(name, action, value, depth)

    def container(self, name: str, action: str, value: object, depth: int) -> object:
        """Return what stands for a *value* with parts; the whole goes unless an action or a rule needs each part."""
        place, whole = self.place, action not in _ACTIONS_OF_PARTS
        if whole and not place.tree and not self.rules.keys:
            return self.whole(name)
        before, exempt = len(self.found), self.exempt
        self.place = Place(place.tree, place.action, name)
        try:
            result = self.value(value, depth + 1)
        finally:
            self.place = place
        if whole and (self.exempt == exempt or result in ({}, [])):  # nothing is left that a rule has kept
            del self.found[before:]
            return self.whole(name)
        return result

    def whole(self, name: str) -> object:
        """Return what stands for a container: there is no text of which a part could be shown."""
        drops = not self.markers_only and self.rules.action(name, self.place.action) == "drop"
        self.found.append((name or "REDACTED", "drop" if drops else "redact"))
        return DROPPED if drops else marker(name) if name else REDACTED

    def shown(self, value: object, depth: int, subject: str = "") -> object:
        """Return *value* masked by what it says and what is below it."""
        return self.value(value, depth + 1, subject)

    # Places

    def below(self, key: str, above: Place) -> Place:
        """Return the place at *key* below the one *above*; of its own rule, `**.key` and that above, the first one."""
        child: Any = None
        if above.tree and key:
            child = above.tree.get(key) or above.tree.get("*")
        action = (child.get("", "") if child else "") or self.rules.keys.get(key, "")
        if not action:
            return Place(child, above.action, above.named) if child or above.action or above.named else _NOWHERE
        self.exempt += 1
        return Place(child, action)

    def member(self, name: str, value: object, mapping: Mapping[str, object], depth: int) -> object:
        """Return *value* masked, whose key is of class or mark *name*; `place` is the one that it stands at."""
        place = self.place
        if place.action == "keep" and not self.markers_only:
            return self.shown(value, depth)
        if place.named and (name not in _CLASSES or place.named == keys.SECRET):
            name = place.named
        if place.action in ("redact", "drop"):
            return self.hidden(OF_TEXT.get(name, name), value, depth)
        if name in _CLASSES:
            return self.named(name, value, depth)
        if not name:
            return self.shown(value, depth)
        return self.structural(name, value, mapping, depth)

    def hidden(self, name: str, value: object, depth: int) -> object:
        """Return what stands for *value* where a path says that it is hidden, whatever it is."""
        name = name if name in _CLASSES else ""
        if self.action(name) == "drop" and isinstance(value, (str, int, float, type(None))):
            self.found.append((name or "REDACTED", "drop"))
            return DROPPED
        if value is None or value == "":
            return value
        if isinstance(value, (str, int, float)):
            shown = self.put(name, str(value), self.place.action)
            return DROPPED if shown is None else value if shown == str(value) else shown
        return self.container(name, self.place.action, value, depth)

    # The walk

    def value(self, value: object, depth: int, subject: str = "") -> object:
        place = self.place
        if (place.named or place.action) and type(value) in _SCALARS:
            masked = self.scalar(value, place)
        else:
            masked = super().value(value, depth, subject)
        return None if masked is DROPPED and depth == 0 else masked

    def scalar(self, value: Any, place: Place) -> object:
        """Return a number or text masked at a *place* of which a rule or a class says something."""
        if self.is_decided(place):
            return self.decided(value, place)
        before = len(self.found)
        masked = super().value(value, 1)
        if type(value) in (int, float) and place.action in _ACTIONS_OF_PARTS and len(self.found) == before:
            shown = self.put("", str(value), place.action)  # of no class: it has no such form
            return DROPPED if shown is None else shown
        return masked

    def is_decided(self, place: Place) -> bool:
        """Say whether it is decided at *place* what a value is, or that it goes, whatever it says."""
        if place.action in ("redact", "drop"):
            return True
        return place.named != "" and place.action != "keep" and self.action(place.named) != "keep"

    def decided(self, value: object, place: Place) -> object:
        hide = place.action in ("redact", "drop")
        return self.hidden(place.named, value, 1) if hide else self.named(place.named, value, 1)

    def mapping(self, mapping: Mapping[str, object], depth: int, subject: str) -> dict[str, object]:
        self.left -= len(mapping)
        known = CLASSES_BELOW.get(subject, CLASSES_BELOW[""])
        here, result = self.place, dict[str, object]()
        same: dict[str, int] = {}
        left = len(mapping) + min(self.left, 0)
        try:
            for number, (key, value) in enumerate(mapping.items()):
                if number >= left:
                    result[TOO_MUCH] = TOO_MUCH
                    self.found.append(audit.TOO_MUCH)
                    break
                name = known[key]
                said = text = key if type(key) is str else key_text(key)
                if name is OTHER:
                    name = class_of_data(text)
                    text = self.key(text)
                self.place = self.below(said, here)
                if text in result:
                    same[text] = same.get(text, 1) + 1
                    text = free(text, same[text], result)
                self.keep(result, text, name, value, mapping, depth)
        finally:
            self.place = here
        return result

    def keep(  # noqa: PLR0913, PLR0917  what a member of a mapping is
        self, result: dict[str, object], text: str, name: str, value: object, mapping: Mapping[str, object], depth: int
    ) -> None:
        """Put *value* masked into *result*, or let a text wait for the others."""
        if type(value) is str and not name and not self.place.named and self.place.action in _LOOKED_THROUGH:
            body = self.body_text(value) if text == BODY and mapping.get(BASE64_FLAG) is True else None
            result[text] = value if body is None else body
            if body is None:
                self.pending.append((result, text, value, self.place))
            return
        masked = self.member(name, value, mapping, depth)
        if masked is not DROPPED:
            result[text] = masked

    def key(self, text: str) -> str:
        """Return *text*, a key that is data itself, masked; no path speaks of keys."""
        place, self.place = self.place, _NOWHERE
        try:
            return self.text(text)
        finally:
            self.place = place

    def elements(self, result: list[object], depth: int, subject: str) -> None:
        items = result.copy()
        result.clear()
        decided = self.is_decided(self.place)
        before: object = None
        for value in items:
            if type(value) is str and not decided and is_option(before, value):
                before = self.named(keys.SECRET, value, depth)
            elif type(value) is str and not self.place.named and not decided:
                self.pending.append((result, len(result), value, self.place))
                before = value
            else:
                before = self.value(value, depth + 1, subject)
            if before is not DROPPED:
                result.append(before)

    def pairs(self, result: list[Any], depth: int) -> None:
        result[:] = [pair for pair in [self.pair(pair, depth) for pair in result] if pair is not DROPPED]

    def pair(self, pair: Any, depth: int) -> Any:
        key, value = pair
        name = CLASSES_BELOW[""][key]
        name = class_of_data(key) if name is OTHER else name
        name = OF_TEXT.get(name, name)
        if name not in _CLASSES or value is None or type(value) is bool or value == "":
            name = ""
            self.left -= len(pair)
            if self.left < 0:  # as for any list
                result: list[object] = [self.key(key)] if self.left == -1 else []
                self.left = 0
                self.found.append(audit.TOO_MUCH)
                return [*result, TOO_MUCH]
        here = self.place
        self.place = self.below(key, here)
        try:
            masked = self.beside(key, name, value, depth)
        finally:
            self.place = here
        return DROPPED if masked is DROPPED else [self.key(key), masked]

    def beside(self, key: str, name: str, value: object, depth: int) -> object:
        """Return *value* masked, which stands in a pair with *key* of class *name*."""
        if type(value) is str and is_option(key, value) and not self.is_decided(self.place):
            return self.named(keys.SECRET, value, depth)
        return self.member(name, value, {}, depth + 1)

    def structural(self, name: str, value: object, mapping: Mapping[str, object], depth: int) -> object:
        result = super().structural(name, value, mapping, depth)
        if type(result) is list and any(item is DROPPED for item in result):
            return [item for item in result if item is not DROPPED]  # no text waits in such a list
        return DROPPED if result == {"S": DROPPED} else result

    # Texts

    def text(self, text: str) -> str:
        if self.is_decided(self.place):
            masked = self.decided(text, self.place)
            return masked if isinstance(masked, str) else ""
        return self.looked_through([(text, self.place)])[0]

    def settle(self) -> None:
        pending = self.pending
        if pending:
            self.pending = []
            masked = self.looked_through([(text, place) for _, _, text, place in pending])
            for (target, key, _, _), text in zip(pending, masked, strict=True):
                target[key] = text

    def parsed(self, value: object, key: str) -> object:
        outer, self.pending = self.pending, []
        try:
            masked = super().parsed(value, key)
            self.settle()  # where the key says what it is, but a rule speaks of something in it
        finally:
            self.pending = outer
        return "" if masked is DROPPED else masked

    def around(self, text: str) -> str:
        if not text:
            return text
        return self.marked(readable(text), scan([text], remember=False).get(0, []))

    def looked_through(self, rows: list[tuple[str, Place]]) -> list[str]:
        """Return the texts of *rows* masked, each as its place says; those that are plain are scanned together."""
        result = [text for text, _ in rows]
        plain: list[tuple[int, str, Place]] = []
        here = self.place
        try:
            for number, (text, self.place) in enumerate(rows):
                if not text or text in self.rules.keep_values or self._is_known(text):
                    continue
                # Of a document nothing but its values goes, however short it is.
                short = len(text) < SHORTEST_DOCUMENT and not (self.place.action and text[0] in "{[")
                masked = None if short else self.document(text, len(text))
                if masked is None:
                    result[number] = readable(text)
                    plain.append((number, result[number], self.place))
                else:
                    result[number] = masked
            spans = scan([text for _, text, _ in plain]) if plain else {}
            for position, (number, text, self.place) in enumerate(plain):
                result[number] = self.marked(text, spans.get(position, []))
        finally:
            self.place = here
        return result

    def _is_known(self, text: str) -> bool:
        """Say whether *text* is known to hold nothing, by the detectors and for this policy."""
        if self.rules.patterns or self.place.action in _ACTIONS_OF_PARTS:
            return False
        return text in clean or is_harmless(text)

    def marked(self, text: str, found: Found) -> str:
        """Return *text* with what was *found* in it, and what the user's patterns find, replaced."""
        if self.rules.patterns:
            matches = self.matches(text)
            found = merged(found + matches) if matches else found
        if found:
            return self.replaced(text, found)
        if self.place.action in _ACTIONS_OF_PARTS and not self.markers_only and not has_token(text):
            return self.put("", text, self.place.action) or ""  # nothing of it has a class: it has no such form
        return text

    def matches(self, text: str) -> Found:
        """Return what the user's patterns find in *text*; those on trial are counted."""
        found: Found = []
        gaps = list(_gaps(text))
        for name, of_class, pattern in self.rules.patterns:
            spans = [span for begin, end in gaps for span in _spans(pattern, text, begin, end)]
            if name not in self.rules.shadow:
                found += [(start, end, of_class) for start, end in spans]
            elif spans:
                audit.add_shadow(self.surface, name, len(spans))
        return found

    def report(self) -> None:
        for entry in self.found:
            if type(entry) is str:
                audit.add(self.surface, (entry,))
            else:
                audit.add_action(self.surface, *entry)


_NOWHERE = Place(None)
_SCALARS = frozenset((str, int, float, bool))
_LOOKED_THROUGH = frozenset(("", "keep", *_ACTIONS_OF_PARTS))


def _spans(pattern: Any, text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    number = 0
    for match in pattern.finditer(text, begin, end):
        if number == MOST_MATCHES:
            yield match.start(), end
            return
        if match.end() > match.start():
            number += 1
            yield match.span()


_token: Any = None


def _tokens(text: str) -> Iterator[tuple[int, int]]:
    """Yield where obskit wrote something in the place of a value."""
    global _token  # noqa: PLW0603  compiled when a text first has a bracket
    if "[" not in text:
        return
    if _token is None:
        import re

        _token = re.compile(TOKEN)
    from obskit.masking.forms import is_token

    for match in _token.finditer(text):
        if is_token(match[0]):
            yield match.span()


def has_token(text: str) -> bool:
    """Say whether *text* has something that obskit wrote in the place of a value."""
    return next(_tokens(text), None) is not None


def _gaps(text: str) -> Iterator[tuple[int, int]]:
    """Yield the parts of *text* between what obskit wrote in the place of values: no pattern may read that."""
    done = 0
    for start, end in _tokens(text):
        if start > done:
            yield done, start
        done = end
    if done < len(text):
        yield done, len(text)
