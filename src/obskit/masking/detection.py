"""Which detectors look at a text: each costs, and most texts can hold few of the things they find."""

from __future__ import annotations

from obskit.masking import emails, network, numbers, pairs, tokens
from obskit.masking.text import SHADOW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from obskit.masking.text import Found

_LETTERS_AND_DIGITS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

_PREFIXES = (
    "arn:aws", "ch_", "cus_", "evt_", "in_", "price_", "prod_", "sub_", "pm_", "si_", "txn_", "po_", "acct_", "i-",
    "ami-", "vol-", "subnet-", "vpc-", "sg-", "eni-", "snap-", "sha256:", "sha512:", "sha1:",
)  # fmt: skip
"""What ids begin with; a whole leaf of one is cleared when nothing but id characters follows."""
_ID_CHARACTERS = frozenset(_LETTERS_AND_DIGITS + "_-:/.*")

_MOST_CANDIDATES = 40_000
"""Places in one text that each detector looks at closely; behind them the rest of the text is masked."""

_TOKEN = bytes(ord("w") if chr(code) in _LETTERS_AND_DIGITS + "_-" else code for code in range(256))
_TOKEN_RUN = b"w" * 16
"""The shortest secret that is known by its form has more characters in a row."""
_SCHEMES = ("earer ", "EARER ", "asic ", "ASIC ", "oken ", "OKEN ", "igest ", "-----BEGIN", "PuTTY")
"""Words before a credential that may be shorter."""


def detect(text: str, data: bytes, signs: str, digits: int, found: Found) -> None:
    """
    Append what is secret or personal in folded *text*.

    *data* is its bytes, *signs* what is left of it without letters and common punctuation, each digit as `0`.
    """
    if text.startswith(_PREFIXES) and _ID_CHARACTERS.issuperset(text) and "secret" not in text:
        return
    if "@" in signs:
        emails.find_emails(text, found, _MOST_CANDIDATES)
    if ":" in signs or "=" in signs:
        pairs.find_pairs(text, found, _MOST_CANDIDATES)
    if _may_hold_token(text, data, signs):
        tokens.find_tokens(text, found)
    if digits >= 3:
        _detect_numbers(text, data.translate(SHADOW).decode(), signs, digits, found)


def _may_hold_token(text: str, data: bytes, signs: str) -> bool:
    if len(text) >= 16 and data.translate(_TOKEN).find(_TOKEN_RUN) >= 0:
        return True
    if "@" in signs and "/" in text:
        return True
    for scheme in _SCHEMES:
        if scheme in text:
            return True
    return False


def _detect_numbers(text: str, shadow: str, signs: str, digits: int, found: Found) -> None:
    if digits >= 7:
        numbers.find_numbers(text, shadow, found, _MOST_CANDIDATES)
    if digits >= 6 and ("a00" in shadow or "00a" in shadow or "a 00 00 00 a" in shadow):
        numbers.find_identifiers(text, shadow, found, _MOST_CANDIDATES)
    dots, colons = text.count("."), signs.count(":")
    if dots > 2:
        network.find_ipv4(text, shadow, found, _MOST_CANDIDATES)
    if colons > 1:
        network.find_ipv6(text, found, _MOST_CANDIDATES)
    if colons > 4 or dots > 1 or text.count("-") > 4:
        network.find_macs(text, found, _MOST_CANDIDATES)
    lower = text.lower()
    if numbers.may_name_code(lower):
        numbers.find_codes(text, found, _MOST_CANDIDATES)
    if numbers.may_name_birth(lower):
        numbers.find_births(text, found, _MOST_CANDIDATES)
