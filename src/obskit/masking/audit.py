"""
What masking did in this invocation, in numbers: by class, action and surface. Never a value.

A surface is where the value would have left the process. Counts are of findings, not of persons: an address in a
message that is also a field is two. Threads may lose one to each other; a lock would cost more than it tells.
"""

from __future__ import annotations

from collections import _count_elements  # type: ignore[attr-defined]  # what Counter uses: 3 times faster than a loop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LOG, METRIC, SPAN, ERROR, CALL = "log", "metric", "span", "error", "call"
"""Lines; dimensions of metrics; spans; the exception that leaves the handler; `obskit.mask`, called by the user."""

TOO_MUCH, UNREADABLE = "too much", "unreadable"
"""No classes: what was replaced unseen, because a budget was spent or because it cannot be looked into."""

_redacted: dict[str, dict[str, int]] = {name: {} for name in (LOG, METRIC, SPAN, ERROR, CALL)}
_other: dict[tuple[str, str, str], int] = {}
_shadow: dict[tuple[str, str], int] = {}


def add(surface: str, names: Iterable[str]) -> None:
    """Count that a value of each class of *names* was redacted on its way to *surface*."""
    _count_elements(_redacted.setdefault(surface, {}), names)


def add_action(surface: str, name: str, action: str) -> None:
    """Count that *action* was done with a value of class *name*."""
    key = (name, action, surface)
    _other[key] = _other.get(key, 0) + 1


def add_shadow(surface: str, pattern: str, number: int) -> None:
    """Count what *pattern*, which only looks, would have masked."""
    key = (pattern, surface)
    _shadow[key] = _shadow.get(key, 0) + number


def take() -> dict[str, object]:
    """
    Return what was counted since the last call, empty if that is nothing, as properties of a metric's document.

    `pii` is class -> action -> surface -> number, and `pii_masked` the sum of it without what was kept. `pii_unseen`
    has what was replaced unseen, `pii_shadow` what patterns on trial found, each by surface.
    """
    if not (_other or _shadow or any(_redacted.values())):
        return {}
    pii: dict[str, dict[str, dict[str, int]]] = {}
    unseen: dict[str, dict[str, int]] = {}
    masked = 0
    for (name, action, surface), number in _taken():
        if name in (TOO_MUCH, UNREADABLE):
            unseen.setdefault(name, {})[surface] = number
            continue
        masked += number if action != "keep" else 0
        by_surface = pii.setdefault(name, {}).setdefault(action, {})
        by_surface[surface] = by_surface.get(surface, 0) + number
    shadow: dict[str, dict[str, int]] = {}
    for (pattern, surface), number in list(_shadow.items()):
        shadow.setdefault(pattern, {})[surface] = number
    _shadow.clear()
    more = {"pii_unseen": unseen, "pii_shadow": shadow}
    return {"pii_masked": masked, "pii": pii, **{name: found for name, found in more.items() if found}}


def take_plain() -> tuple[str, dict[str, int]] | None:
    """
    Return the surface, and numbers by class, where all that was done since the last call is redaction for one surface.

    As nearly always; the numbers are empty where nothing was done. None where there is more: `take` has it.
    """
    if _other or _shadow:
        return None
    where = ""
    for surface, counts in _redacted.items():
        if counts:
            if where:
                return None
            where = surface
    if not where:
        return where, {}
    counts = _redacted[where]
    if TOO_MUCH in counts or UNREADABLE in counts:
        return None
    taken = counts.copy()
    counts.clear()
    return where, taken


def _taken() -> list[tuple[tuple[str, str, str], int]]:
    """Return ((class, action, surface), number) for what was counted, and forget it."""
    found = list(_other.items())
    _other.clear()
    for surface, counts in _redacted.items():
        if not counts:
            continue
        found += [((name, "redact", surface), number) for name, number in list(counts.items())]
        counts.clear()
    return found


_problems: list[str] = []


def problem(text: str) -> None:
    """Keep *text*, which says what is wrong with masking itself, until somebody can tell it."""
    _problems.append(text)


def new_problems() -> list[str]:
    """Return what is wrong with masking and was not returned before."""
    found = _problems.copy()
    _problems.clear()
    return found
