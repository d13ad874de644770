"""
What is done with a value that was found: by its class, by its key's path, by environment.

The words come from `obskit.toml` by way of `obskit settings`, which checks them. What is wrong all the same never
stops a function and never shows more: the value is redacted, and `Policy.problems` says why.
"""

from __future__ import annotations

import sys

from obskit import config
from obskit.errors import did_you_mean
from obskit.masking.classes import CARD, CLASSES, REDACTED, SECRET, marker
from obskit.semconv import MASKING_ACTIONS, MASKING_CLASSES

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    Tree = dict[str, "Tree | str"]

MODULE = "obskit_settings"
"""The module that `obskit settings` writes; it lies beside the function's code or in the layer."""

DEEPEST_PATH = 12
_OF_NO_CLASS = ("redact", "drop", "keep")


def _nobody() -> str:
    return ""


tenant: Callable[[], str] = _nobody
"""Says whose invocation this is, so that no two tenants share a pseudonym. `handler` puts it here: `context`, which
knows, stands beside masking and not below it."""


class Policy:
    """
    The actions of one environment.

    Args:
        plain: `MASKING` of the settings module: environment -> its settings; "" is for every other one.
        env: the environment that this is.
        shadow: names of the patterns on trial, as OBSKIT_PII_SHADOW has them; `*` for all.

    Attributes:
        actions: class -> `redact`, `partial`, `pseudonym`, `drop` or `keep`, for every class.
        plain: every class is redacted and there is nothing else to heed: a marker is all that is ever needed.
        tree: path rules: key -> subtree, `*` for any other key, and under "" the action for what lies here and below.
            A key that has a branch of its own need not be looked up under `*` as well. None without rules.
        keys: key -> action wherever that key stands (`**.key`). A rule of `tree` that ends at the key comes first; one
            that ends above it comes last.
        keep_values: texts that always stay.
        patterns: (name, class, compiled) in their order.
        shadow: names of the patterns on trial: what they find is counted and not masked.
        problems: what was wrong with the settings.
    """

    __slots__ = ("actions", "keep_values", "keys", "patterns", "plain", "problems", "shadow", "tree")

    def __init__(self, plain: Mapping[str, object], env: str, shadow: tuple[str, ...] = ()) -> None:
        problems: list[str] = []
        chosen = plain.get(env, plain.get("", {})) if isinstance(plain, dict) else None
        if not isinstance(chosen, dict):
            problems.append(f"{MODULE}.MASKING is not what `obskit settings` writes; everything is redacted")
            chosen = {}
        self.actions = dict.fromkeys(CLASSES, MASKING_ACTIONS[0]) | _classes(chosen.get("classes", {}), problems)
        paths = _paths(chosen.get("paths", ()), problems)
        self.keys = {path[1]: action for path, action in paths if path[0] == "**"}
        self.tree = _tree([rule for rule in paths if rule[0][0] != "**"])
        self.keep_values = _values(chosen.get("keep_values", ()), problems)
        self.patterns = _patterns(chosen.get("patterns", ()), problems)
        self.shadow = _shadow(shadow, [name for name, _, _ in self.patterns], problems)
        self.problems = tuple(problems)
        listed = self.keys or self.tree or self.keep_values or self.patterns
        self.plain = not listed and set(self.actions.values()) == {"redact"}

    def action(self, name: str, by_path: str = "") -> str:
        """
        Return what is done with a value of class *name* ("" for none) where a path rule says *by_path*.

        A path makes nothing readable that its class forbids. It shows no card in another way than the class does: the
        last four digits and a pseudonym of the same number would together help to guess it (PCI DSS 4.0.1, 3.5.1.1).
        """
        own = self.actions.get(name, "redact")
        if not by_path or by_path == own:
            return own
        if by_path == "keep":
            return "redact" if name == SECRET else "keep"
        allowed = MASKING_CLASSES.get(name, _OF_NO_CLASS)
        if by_path in ("redact", "drop") or (name != CARD and by_path in allowed):
            return by_path
        return "drop" if own == "drop" else "redact"

    def replace(self, name: str, text: str, by_path: str = "") -> str | None:
        """
        Return what stands for *text*, a value of class *name* ("" for none); None: it goes, with its key.

        What comes back is left alone by a second pass. Never raises.
        """
        try:
            if text in self.keep_values:
                return text
            action = self.action(name, by_path)
            if action == "keep":
                return text
            if action == "drop":
                return None
            return _shortened(action, name, text) if action != "redact" else _marker(name)
        except Exception:  # noqa: BLE001  fails closed
            return _marker(name)


def _marker(name: str) -> str:
    return marker(name) if name else REDACTED


def _shortened(action: str, name: str, text: str) -> str:
    """Return the partial form or the pseudonym of *text*; its marker where it has none (yet)."""
    if text.startswith("["):
        from obskit.masking.forms import is_token

        if is_token(text):
            return text
    if action == "partial":
        from obskit.masking.forms import partial

        return partial(name, text) or _marker(name)
    global _token  # noqa: PLW0603  an import inside a function costs 2 µs at each call
    if _token is None:
        from obskit.masking.pseudonyms import token

        _token = token
    return _token(name, text, tenant()) or _marker(name)


_token: Callable[[str, str, str], str] | None = None


def _classes(given: object, problems: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    items: Iterable[tuple[str, str]] = given.items() if isinstance(given, dict) else [("classes", "")]
    for name, action in items:
        if action in MASKING_CLASSES.get(name, ()):
            found[name] = action
        else:
            problems.append(f"{MODULE}: class {name!r}: {action!r} is not possible; redacted")
    return found


def _paths(given: object, problems: list[str]) -> list[tuple[tuple[str, ...], str]]:
    found: list[tuple[tuple[str, ...], str]] = []
    rules: Iterable[Any] = given if isinstance(given, (list, tuple)) else [given]
    for rule in rules:
        if _is_path_rule(rule):
            parts, action = rule
            found.append((tuple(parts), action))
        else:
            problems.append(f"{MODULE}: path rule {rule!r} is not possible; left out")
    return found


def _is_path_rule(rule: object) -> bool:
    if not isinstance(rule, (list, tuple)) or len(rule) != 2 or rule[1] not in MASKING_ACTIONS:
        return False
    parts = rule[0]
    return (
        isinstance(parts, (list, tuple))
        and 0 < len(parts) <= DEEPEST_PATH
        and all(type(part) is str and part for part in parts)
        and ("**" not in parts or (len(parts) == 2 and parts[0] == "**" and "*" not in parts[1]))
        and parts.count("*") <= 2  # `_tree` copies what is below a star
    )


def _tree(rules: Iterable[tuple[tuple[str, ...], str]]) -> Tree | None:
    top: Tree = {}
    for parts, action in rules:
        node = top
        for part in parts:
            node = _branch(node, part)
        node[""] = action
    _spread(top)
    return top or None


def _branch(node: Tree, key: str) -> Tree:
    child = node.setdefault(key, {})
    assert isinstance(child, dict)  # noqa: S101  only "" holds an action, and no part is empty
    return child


def _spread(node: Tree) -> None:
    """Give each branch beside a `*` what is below the star, where it says nothing itself: one look-up is enough."""
    star = node.get("*")
    for key, child in node.items():
        if isinstance(child, dict):
            if isinstance(star, dict) and child is not star:
                _add(child, star)
            _spread(child)
        elif key:
            raise TypeError(key)


def _add(node: Tree, other: Tree) -> None:
    for key, value in other.items():
        if isinstance(value, dict):
            _add(_branch(node, key), value)
        else:
            node.setdefault(key, value)


def _values(given: object, problems: list[str]) -> frozenset[str]:
    if isinstance(given, (list, tuple)) and all(type(value) is str for value in given):
        return frozenset(given)
    problems.append(f"{MODULE}: keep_values is no list of texts; left out")
    return frozenset()


def _patterns(given: object, problems: list[str]) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    if not given:
        return ()
    import re

    found: list[tuple[str, str, re.Pattern[str]]] = []
    rows: Iterable[Any] = given if isinstance(given, (list, tuple)) else [given]
    for row in rows:
        try:
            name, of_class, pattern = row
            found.append((str(name), CLASSES[CLASSES.index(of_class)], re.compile(pattern)))
        except Exception as error:  # noqa: BLE001  whatever is in that module
            what = row[0] if isinstance(row, (list, tuple)) and row else row
            problems.append(f"{MODULE}: pattern {what!r} does not compile ({type(error).__name__}); left out")
    return tuple(found)


def _shadow(given: tuple[str, ...], known: list[str], problems: list[str]) -> frozenset[str]:
    for name in given:
        if name != "*" and name not in known:
            hint = did_you_mean(name, known)
            problems.append(f"OBSKIT_PII_SHADOW: there is no pattern {name!r} in this environment.{hint}")
    return frozenset(known if "*" in given else [name for name in known if name in given])


_policy: Policy | None = None
_told = False


def policy() -> Policy:
    """Return the policy of this environment; it is read at the first call."""
    global _policy  # noqa: PLW0603  the one home of this state
    if _policy is None:
        _policy = _read()
    return _policy


def _read() -> Policy:
    try:
        import obskit_settings  # type: ignore[import-not-found]  # the user's, made by `obskit settings`
    except ModuleNotFoundError as error:
        return _of({}) if error.name == MODULE else _default(error)  # most functions have none
    except Exception as error:  # noqa: BLE001  a module can raise anything
        return _default(error)
    try:
        return _of(obskit_settings.MASKING)
    except Exception as error:  # noqa: BLE001  no MASKING, or one that nobody thought of
        return _default(error)


def _of(plain: Mapping[str, object]) -> Policy:
    settings = config.settings()
    return Policy(plain, settings.env, settings.pii_shadow)


def _default(error: Exception) -> Policy:
    found = Policy({}, config.settings().env)
    found.problems = (f"{MODULE} cannot be used ({type(error).__name__}); everything is redacted",)
    return found


def new_problems() -> tuple[str, ...]:
    """Return what is wrong with the policy or the keys and was not returned before."""
    global _told
    told, _told = _told, True
    found = () if told else policy().problems
    pseudonyms = sys.modules.get("obskit.masking.pseudonyms")
    return found if pseudonyms is None else (*found, *pseudonyms.new_problems())


def forget() -> None:
    """Forget the personal data that pseudonyms were made of; the end of each invocation calls it."""
    pseudonyms = sys.modules.get("obskit.masking.pseudonyms")
    if pseudonyms is not None:
        pseudonyms.forget()


def reset() -> None:
    """Forget the policy, so that the next call of `policy` reads it again."""
    global _policy, _told
    _policy, _told = None, False
