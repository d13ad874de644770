"""
One planted line, masked when the detectors are loaded: an engine that lets it through is switched off.

Not at init: the detectors are 40 ms of CPU there, which a function whose lines are plain words never pays.
"""

from __future__ import annotations

from obskit.masking import audit, engine, policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Invented: RFC 2606, a card brand's published test number, and nobody's token.
_PLANTED = ("canary@example.com", "4111 1111 1111 1111", "hunter2-canary", "gh" + "p_" + "a1B2c3D4e5F6" * 3)
_LINE = {
    "note": f"mail {_PLANTED[0]} card {_PLANTED[1]}",
    "password": _PLANTED[2],
    "said": f"sent {_PLANTED[3]}",
}
_MASKED = {"note": "mail [EMAIL] card [CARD]", "password": "[SECRET]", "said": "sent [SECRET]"}  # noqa: S105  a marker


def load() -> Callable[..., None]:
    """
    Return the detectors once they have masked the planted line.

    Raises:
        Exception: they cannot be loaded.
        RuntimeError: something survived. The engine is closed in both cases, and `audit` has the problem.
    """
    try:
        from obskit.masking.detection import detect
    except Exception as error:
        _close(f"the detectors cannot be loaded ({type(error).__name__})")
        raise
    return detect


def check() -> None:
    """
    Mask the planted line; close the engine if anything of it survives.

    Raises:
        RuntimeError: something did.
    """
    survived = _survivors()
    if survived:
        _close(f"masking let {survived} of {len(_PLANTED)} planted values through")
        raise RuntimeError("masking canary")


def _survivors() -> int:
    """Return how many of the planted values are still there, all of them where the engine fails on them."""
    try:
        walk = engine.Walk(audit.CALL)  # the markers only: a policy may keep an address on purpose
        masked: dict[str, object] = walk.mapping(dict(_LINE), 0, "")
        walk.settle()
        if masked == _MASKED and _governed():
            return 0
    except Exception:  # noqa: BLE001  fails closed
        return len(_PLANTED)
    said = str(masked)
    return sum(value in said for value in _PLANTED) or len(_PLANTED)


def _governed() -> bool:
    """Say whether a secret that is known by its form is masked under the policy: no rule can show it."""
    rules = policy.policy()
    if rules.plain:
        return True
    from obskit.masking.governed import GovernedWalk

    return _PLANTED[3] not in GovernedWalk(audit.CALL, rules).text(_LINE["said"])


def _close(what: str) -> None:
    audit.problem(f"{what}; from now on every text is replaced by {engine.UNREADABLE}")
    engine.close()
