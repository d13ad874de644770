"""What `obskit.toml` says of masking: read, checked, and put together for each environment."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from obskit.deploy import patterns
from obskit.errors import did_you_mean
from obskit.semconv import MASKING_ACTIONS, MASKING_CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from obskit.deploy.table import Table

DEEPEST_PATH = 12
"""Parts of a path, and `MOST_STARS` of them may be `*`: the runtime makes a tree in which one look-up is enough."""

MOST_STARS = 2
MOST_PATTERNS = 20
LONGEST_VALUE = 256

_PATTERN_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Pattern(NamedTuple):
    """One of the user's own: what matches is a value of *of_class*."""

    of_class: str
    match: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What one table says. *paths* has keys in order, `*` for any one, `**` first for any depth."""

    classes: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    keep_values: tuple[str, ...] = ()
    patterns: Mapping[str, Pattern] = field(default_factory=dict)

    def over(self, other: Rules) -> Rules:
        """Return *other* with these rules added; where both speak of one thing, these are meant."""
        return Rules(
            {**other.classes, **self.classes},
            {**other.paths, **self.paths},
            tuple(dict.fromkeys((*other.keep_values, *self.keep_values))),
            {**other.patterns, **self.patterns},
        )

    def plain(self) -> dict[str, object]:
        """Return the rules in the types of a settings module, each in a fixed order; empty ones are left out."""
        found: dict[str, object] = {
            "classes": {name: self.classes[name] for name in MASKING_CLASSES if name in self.classes},
            "paths": [(path, self.paths[path]) for path in sorted(self.paths)],
            "keep_values": sorted(self.keep_values),
            "patterns": [(name, *pattern) for name, pattern in sorted(self.patterns.items())],
        }
        return {key: value for key, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Masking:
    """The table `[masking]`, and what its environments change."""

    rules: Rules = field(default_factory=Rules)
    environments: Mapping[str, Rules] = field(default_factory=dict)

    def of(self, environment: str) -> Rules:
        """Return the rules of *environment*."""
        return self.environments.get(environment, Rules()).over(self.rules)


def read(table: Table, environments: Iterable[str]) -> Masking:
    """Read `[masking]`; what is wrong is noted in *table*."""
    changes = table.table("environments", optional=True)
    found: dict[str, Rules] = {}
    known = tuple(environments)
    for name in changes.names():
        if name in known:
            change = changes.table(name)
            found[name] = _read_rules(change)
            change.finish()
        else:
            words = f"no environment of that name (known: {', '.join(known)}).{did_you_mean(name, known)}"
            changes.report([(name, words)])
    rules = _read_rules(table)
    table.finish()
    return Masking(rules, found)


def _read_rules(table: Table) -> Rules:
    classes, paths = table.table("classes", optional=True), table.table("paths", optional=True)
    own = table.table("patterns", optional=True)
    rules = Rules(
        classes={name: action for name in classes.names() if (action := _checked(classes, name, _class_problem))},
        paths={
            tuple(path_parts(path)): action
            for path in paths.names()
            if (action := _checked(paths, path, _path_problem))
        },
        keep_values=table.texts("keep_values", ()),
        patterns={name: _read_pattern(own, name) for name in own.names()},
    )
    if not all(0 < len(value) <= LONGEST_VALUE for value in rules.keep_values):
        table.report([("keep_values", f"a value has 1 to {LONGEST_VALUE} characters")])
    if len(rules.patterns) > MOST_PATTERNS:
        table.report([("patterns", f"{len(rules.patterns)} are too many: each runs over every text; at most 20")])
    return rules


def _checked(table: Table, key: str, problem: Callable[[str, str], str]) -> str:
    """Return the action that *key* has, or "" when there is a problem, which is noted."""
    if table.holds(key, dict):
        table.report([(key, 'must be text in quotes; a whole path is one key, in quotes: "order.customer.email"')])
    action = table.text(key)
    words = problem(key, action) if table.holds(key, str) else ""
    if not words:
        return action
    table.report([(key, words)])
    return ""


def _class_problem(name: str, action: str) -> str:
    if name not in MASKING_CLASSES:
        return f"no such class (known: {', '.join(MASKING_CLASSES)}).{did_you_mean(name.upper(), MASKING_CLASSES)}"
    allowed = MASKING_CLASSES[name]
    if action in allowed:
        return ""
    if action not in MASKING_ACTIONS:
        return f"'{action}' is no action; one of {', '.join(allowed)}.{did_you_mean(action, allowed)}"
    return f"cannot be '{action}', {_reason(name, action)}; one of {', '.join(allowed)}"


def _reason(name: str, action: str) -> str:
    if name == "SECRET":
        return "for whatever is shown of a secret helps to find it"
    if action == "keep":
        return "for PCI DSS wants a card number unreadable wherever it is stored"
    return "for no part of it is both useful and harmless"


def _path_problem(path: str, action: str) -> str:
    parts = path_parts(path)
    if action not in MASKING_ACTIONS:
        words = f"'{action}' is no action; one of {', '.join(MASKING_ACTIONS)}"
        return f"{words}.{did_you_mean(action, MASKING_ACTIONS)}"
    return next(_shape_problems(parts, action), "")


def _shape_problems(parts: list[str], action: str) -> Iterator[str]:
    if not all(parts):
        yield "a path is keys joined by '.', none of them empty, e.g. 'order.customer.email'"
    if "**" in parts and (parts[0] != "**" or len(parts) != 2 or "*" in parts[1]):
        yield "'**' stands first and one key follows: '**.reference' is that key at any depth"
    if any("*" in part and part not in ("*", "**") for part in parts):
        yield "'*' stands for a whole key, not for a part of one"
    if any(part.isdigit() or part.startswith("[") for part in parts):
        yield "positions in a list are no part of a path: 'items.sku' is that key in every item; '*' is any key"
    if len(parts) > DEEPEST_PATH:
        yield f"has {len(parts)} parts; at most {DEEPEST_PATH}"
    if parts.count("*") > MOST_STARS:
        yield f"at most {MOST_STARS} parts may be '*'"
    if action == "keep" and set(parts) == {"*"}:
        yield "would keep everything, which switches masking off; name the keys that may stay"


def path_parts(path: str) -> list[str]:
    r"""
    Return the keys of *path*. A dot that belongs to a key is written with a backslash.

    >>> path_parts(r"order.user\.email")
    ['order', 'user.email']
    """
    parts, escaped = [""], False
    for character in path:
        if escaped or character not in "\\.":
            parts[-1] += character
            escaped = False
        elif character == ".":
            parts.append("")
        else:
            escaped = True
    return parts if not escaped else [*parts[:-1], parts[-1] + "\\"]


def _read_pattern(table: Table, name: str) -> Pattern:
    own = table.table(name)
    pattern = Pattern(own.text("class"), own.text("match"))
    if not _PATTERN_NAME.fullmatch(name):
        table.report([(name, "a name has lower-case letters, digits and '_', a letter first")])
    if own.holds("class", str) and pattern.of_class not in MASKING_CLASSES:
        own.report([("class", f"no such class.{did_you_mean(pattern.of_class.upper(), MASKING_CLASSES)}")])
    if own.holds("match", str) and (words := patterns.problem(pattern.match)):
        own.report([("match", words)])
    own.finish()
    return pattern
