"""The classes of what is masked: the words of policies, markers, counts and reports."""

from __future__ import annotations

from obskit.semconv import MASKING_CLASSES

EMAIL = "EMAIL"
PHONE = "PHONE"
CARD = "CARD"
BANK = "BANK"
"""IBAN, account number, BIC."""
NATIONAL_ID = "NATIONAL_ID"
"""What a state gives one person: social security, tax, health, identity card, passport, driving licence."""
IP = "IP"
MAC = "MAC"
NAME = "NAME"
BIRTH = "BIRTH"
ADDRESS = "ADDRESS"
GEO = "GEO"
SECRET = "SECRET"  # noqa: S105  a class, not a secret
"""What lets its holder in: passwords, tokens, keys, cookies, one-time codes, card verification values."""

CLASSES = tuple(MASKING_CLASSES)
"""Every class, personal ones first; the deploy side knows them by `semconv`."""


def marker(name: str) -> str:
    """
    Return what stands in the place of a value of class *name*.

    >>> marker(EMAIL)
    '[EMAIL]'
    """
    return f"[{name}]"


REDACTED = "[REDACTED]"
"""What stands in the place of a value of no class that a path rule wants hidden."""

TOKEN = r"\[(?:" + "|".join(CLASSES) + r"|REDACTED)(?::[a-z][a-z0-9]{0,11}:[a-p]{16}| [a-z0-9.:*-]{1,255})?\]"
"""A pattern of what may be a marker, pseudonym or partial form within text; `forms.is_token` says whether it is one."""
