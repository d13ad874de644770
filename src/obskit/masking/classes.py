"""The classes of what is masked: the words of policies, markers, counts and reports."""

from __future__ import annotations

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

REFUSED = "REFUSED"
"""A value that was refused and is quoted in an error: masked as a secret, if nothing knows better what it is."""

CLASSES = (EMAIL, PHONE, CARD, BANK, NATIONAL_ID, IP, MAC, NAME, BIRTH, ADDRESS, GEO, SECRET)
"""Every class, personal ones first."""


def marker(name: str) -> str:
    """
    Return what stands in the place of a value of class *name*.

    >>> marker(EMAIL)
    '[EMAIL]'
    """
    return f"[{name}]"
