"""Credentials from Secrets Manager, by Powertools' cached `parameters`; never from the environment."""

from __future__ import annotations

import json
import os
import re
from threading import Lock
from typing import Any

from obskit.errors import MissingExtraError
from obskit.probes import aws
from obskit.probes.model import ProbeError

MAX_AGE_S = 300
"""Seconds that a secret is kept; one that a server refuses is read again at the next run."""

ARN = re.compile(r"arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+")

REFUSED = ("PGPASSWORD", "PGPASSFILE", "DATABASE_URL", "TYPESENSE_API_KEY")
"""Variables that other programs take credentials from. Everybody who can read a function's settings can read them."""

_providers: dict[str, Any] = {}
_stale: set[str] = set()
_lock = Lock()


def get(arn: str) -> str:
    """
    Return the text of the secret *arn*.

    Raises:
        ProbeError: `credentials`: it cannot be read, *arn* is none, or the environment holds credentials.
        MissingExtraError: Powertools is not installed.
    """
    if present := [name for name in REFUSED if os.environ.get(name)]:
        words = f"{', '.join(present)} is set: a credential in the environment is refused; name the ARN of a secret"
        raise ProbeError("credentials", words)
    if not (found := ARN.fullmatch(arn)):
        raise ProbeError("credentials", "`secret` is the ARN of a secret in Secrets Manager, and nothing else")
    with _lock:  # one request for all probes that want it
        again = arn in _stale
        try:
            text = _provider(found[1]).get(arn, max_age=MAX_AGE_S, force_fetch=again)
        except MissingExtraError:
            raise
        except Exception as error:  # noqa: BLE001  Powertools wraps botocore's, which are made at run time
            failure = aws.failure(error.__cause__ or error.__context__ or error)
            raise ProbeError("credentials", f"the secret cannot be read: {failure.detail}") from None
        _stale.discard(arn)
    if not isinstance(text, str):
        raise ProbeError("credentials", "the secret is binary")
    return text


def fields(arn: str, *names: str) -> tuple[str, ...]:
    """
    Return the members *names* of the JSON document in the secret *arn*.

    Raises:
        ProbeError: as `get`, or it is no such document.
    """
    try:
        document = json.loads(get(arn))
    except ValueError:
        document = None
    given = [document.get(name) for name in names] if isinstance(document, dict) else []
    found = tuple(value for value in given if isinstance(value, str) and value)
    if len(found) != len(names):
        raise ProbeError("credentials", f"the secret is not JSON with {' and '.join(names)}")
    return found


def refused(arn: str) -> None:
    """Remember that what *arn* holds was refused: it may have been rotated, and is read again next time."""
    _stale.add(arn)


def forget() -> None:
    """Forget all secrets."""
    with _lock:
        _providers.clear()
        _stale.clear()


def _provider(region: str) -> Any:
    if region not in _providers:
        try:
            from aws_lambda_powertools.utilities.parameters import SecretsProvider
        except ModuleNotFoundError:
            raise MissingExtraError("probes", "reading credentials") from None
        _providers[region] = SecretsProvider(boto3_client=aws.client("secretsmanager", region))
    return _providers[region]
