"""The routing key, from Secrets Manager by Powertools' cached `parameters`; never from the environment."""

from __future__ import annotations

from typing import Any

from obskit.errors import MissingExtraError, ObskitError

MAX_AGE_S = 300
"""Seconds that a key is kept; a rotated one is used at the latest after these, or at once when it is refused."""
MEMBER = "routing_key"

_provider: Any = None
_last: dict[str, str] = {}


class KeyUnreadableError(ObskitError):
    """There is no routing key: the secret cannot be read or has another form."""


def routing_key(secret: str, *, again: bool = False) -> str:
    """
    Return the member `routing_key` of *secret* (name or ARN), read anew with *again*.

    Where Secrets Manager does not answer, the last one that it gave is returned: most probably it is still the key.

    Raises:
        KeyUnreadableError: it cannot be read, or is not JSON with that member.
        MissingExtraError: Powertools is not installed.
    """
    try:
        found = _client().get(secret, max_age=MAX_AGE_S, transform="json", force_fetch=again)
    except MissingExtraError:
        raise
    except Exception as error:  # noqa: BLE001  Powertools wraps botocore's errors, which are made at run time
        if secret in _last:
            return _last[secret]
        raise KeyUnreadableError(f"the secret cannot be read: {type(error.__cause__ or error).__name__}") from None
    key = found.get(MEMBER) if isinstance(found, dict) else None
    if not isinstance(key, str) or not key:
        raise KeyUnreadableError(f"the secret is not JSON with '{MEMBER}'")
    _last[secret] = key
    return key


def forget() -> None:
    """Forget the key."""
    global _provider  # noqa: PLW0603  the one home of this state
    _provider = None
    _last.clear()


def _client() -> Any:
    global _provider  # noqa: PLW0603  same
    if _provider is None:
        try:
            from aws_lambda_powertools.utilities.parameters import SecretsProvider
            from botocore.config import Config
        except ModuleNotFoundError:
            raise MissingExtraError("powertools", "reading the routing key") from None
        _provider = SecretsProvider(boto_config=Config(connect_timeout=2, read_timeout=5))
    return _provider
