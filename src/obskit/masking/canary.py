"""
Planted values, masked before real ones are: an engine that lets one through is switched off.

Key names are tried when a handler is wrapped, detectors when they are loaded. Loading them at init would be 11 ms of
CPU (Python 3.11 and 3.13, 2026-11-24) that a function whose lines are a few plain words never pays.
"""

from __future__ import annotations

from obskit.errors import CanaryError, is_interruption
from obskit.masking import audit, engine, policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

# Invented: RFC 2606, a card brand's published test number, and nobody's token.
_EMAIL, _CARD, _PASSWORD, _TOKEN = (
    "canary@example.com",
    "4111 1111 1111 1111",
    "hunter2-canary",
    "gh" + "p_" + "a1B2c3D4e5F6" * 3,
)
_NAMES = {"password": _PASSWORD}
_TEXTS = {"note": f"mail {_EMAIL} card {_CARD}", "said": f"sent {_TOKEN}"}
_MASKED = {"password": "[SECRET]", "note": "mail [EMAIL] card [CARD]", "said": "sent [SECRET]"}

_checked = False


def check_names() -> None:
    """Mask a value by its key's name, once in a process; the engine is closed if it survives. Never raises."""
    global _checked  # noqa: PLW0603  the one home of this state
    if not _checked:
        _checked = True
        try:
            holds = _holds(_NAMES)
        except Exception:  # noqa: BLE001  fails closed: there is no load here that could pass by
            holds = False
        if not holds:
            _close("a value under 'password' was not masked")


def load() -> ModuleType:
    """
    Return `detection`, with all the detectors.

    Raises:
        CanaryError: they cannot be loaded now; `audit` has the problem. It is tried again with the next text.
    """
    try:
        from obskit.masking import detection
    except Exception as error:
        if is_interruption(error):
            raise
        audit.problem(f"the detectors cannot be loaded ({type(error).__name__}); texts are {engine.UNREADABLE}")
        raise CanaryError from error
    return detection


def check_texts() -> None:
    """
    Mask texts by what they say.

    Raises:
        CanaryError: something survived. The engine is closed, and `audit` has the problem.
        Exception: it could not be tried, as when memory or the stack has no room; nothing is closed.
    """
    if not (_holds(_TEXTS) and _holds_under_policy()):
        _close("a planted address, card number or token was not masked")
        raise CanaryError


def _holds(planted: dict[str, str]) -> bool:
    """Say whether all that is *planted* is masked. Without the policy, which may keep an address on purpose."""
    walk = engine.Walk(audit.CALL)
    masked: dict[str, object] = walk.mapping(dict(planted), 0, "")
    walk.settle()
    return masked == {key: _MASKED[key] for key in planted}


def _holds_under_policy() -> bool:
    """Say whether a secret that is known by its form is masked under the policy: none can show it."""
    rules = policy.policy()
    if rules.plain:
        return True
    from obskit.masking.governed import GovernedWalk

    return _TOKEN not in GovernedWalk(audit.CALL, rules).text(_TEXTS["said"])


def _close(what: str) -> None:
    audit.problem(f"{what}; from now on every text is {engine.UNREADABLE}")
    engine.close()
