"""Which detectors look at a text: each costs, and most texts can hold few of the things they find."""

from __future__ import annotations

from obskit.masking import emails, national, network, numbers, pairs, stated, tokens
from obskit.masking.templates import is_template as is_template  # noqa: PLC0414  `text` takes it from here
from obskit.masking.text import BORDER, HEX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from obskit.masking.text import Found

_LETTERS_AND_DIGITS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

_MOST_CANDIDATES = 10_000
"""Places in one text that each detector looks at closely; behind them the rest of the text is masked."""

_SHORT = 8192
"""Characters of a text up to which it costs little to take it apart into words first."""

_TOKEN = bytes(ord("w") if chr(code) in _LETTERS_AND_DIGITS + "_-" else code for code in range(256))
_LOWER_TOKENS = (
    "pul-", "amzn", "da2-", "dapi", "key-", "-us", "glpat-", "sk-", "xox", "hooks.", "://", "reset", "magic", "email/",
)  # fmt: skip
"""Signs of the tokens that have neither a capital letter nor an underscore."""
_TOKEN_RUN = b"w" * 16
"""The shortest secret that is known by its form has more characters in a row."""
_ID_PREFIXES = (
    "ch_", "cus_", "evt_", "in_", "price_", "prod_", "sub_", "pm_", "si_", "txn_", "po_", "acct_", "req_",
)  # fmt: skip
"""What begins ids that are no secrets and long enough to be looked at as one."""
_SCHEMES = ("earer ", "asic ", "oken ", "EARER ", "igest ", "uth ", "Hawk ", "config ")
_BANK_SIGNS = ("BIC", "bic", "SWIFT", "Swift")
_COLONS_OF_MAPPED = 5
"""An IPv6 address without `::` has seven, or six where it ends with an IPv4 address."""
_OPTIONS = (" -", BORDER + "-", "\t-", "(-", "'-", '"-')
"""What stands before a credential that may be shorter: schemes, options of commands."""


_DIGITS = b"0123456789"
_DIGITS_ONLY = bytes(ord("0") if code in _DIGITS else ord(" ") for code in range(256))
_SIX, _SEVEN = b"0" * 6, b"0" * 7
"""The digits that numbers have at least, without what stands between them: searched for before anything else."""


_QUOTED = ("ASSWORD '", "assword '", "FIED BY '", "fied by '")
_LOGINS = ("machine ", "default login ")
"""What stands before a password that may be shorter: statements of SQL, lines of `.netrc`."""


def detect(text: str, data: bytes, shadow: str, digits: int, found: Found) -> None:
    """
    Append what is secret or personal in folded *text*.

    *data* is its bytes, *shadow* its shadow, *digits* how many it has.
    """
    if "@" in text:
        emails.find_emails(text, found, _MOST_CANDIDATES)
    if "=?" in text:
        emails.find_encoded_words(text, found, _MOST_CANDIDATES)
    if ("=" in text or ":" in text) and not (len(text) < _SHORT and pairs.names_nothing(data)):
        pairs.find_pairs(text, data, found, _MOST_CANDIDATES)
    if pairs.may_be_marked_up(text):
        pairs.find_marked_up(text, found, _MOST_CANDIDATES)
    if pairs.may_hold_row(text):
        pairs.find_rows(text, found)
    _find_tokens(text, data, found)
    if digits >= 3 or any([sign in text for sign in _BANK_SIGNS]):  # noqa: C419  a generator costs twice as much
        _detect_numbers(text, data, shadow, found)
    _detect_network(text, data, shadow, found)


def _find_tokens(text: str, data: bytes, found: Found) -> None:
    """Look for tokens in those of the joined texts in which one could begin, and that have a sign of one."""
    if data.translate(_TOKEN).find(_TOKEN_RUN) < 0 and not text.startswith("-") and not _has_sign(text):
        return
    heads = tokens.heads_of(text)
    place = tokens.PLACE.search(heads)
    looks = 0
    while place is not None:
        at = place.start()
        looks += 1
        if looks < _MOST_CANDIDATES and not tokens.is_place(heads, at):
            place = tokens.PLACE.search(heads, at + 1)
            continue
        start, end = text.rfind(BORDER, 0, at) + 1, _end(text, at)
        part = text[start:end]
        if (
            part.startswith("-")
            or (data[start:end].translate(_TOKEN).find(_TOKEN_RUN) >= 0 and _may_be_token(part))
            or _has_sign(part)
        ):
            inside: Found = []
            tokens.find_tokens(part, inside, _MOST_CANDIDATES, heads[start : end + 1])
            found += [(start + first, start + last, name) for first, last, name in inside]
        place = tokens.PLACE.search(heads, end + 1)


def _has_sign(text: str) -> bool:
    """Say whether *text* has a sign of a token; a look for what they have in common saves most searches."""
    if " " in text and any([sign in text for sign in _SCHEMES]):  # noqa: C419  a generator costs twice as much
        return True
    if "-" in text and any([sign in text for sign in _OPTIONS]):  # noqa: C419
        return True
    if "'" in text and any([sign in text for sign in _QUOTED]):  # noqa: C419
        return True
    if "password " in text and any([sign in text for sign in _LOGINS]):  # noqa: C419
        return True
    return ":" in text and ("jdbc:" in text or ("@" in text and "://" in text))


def _may_be_token(text: str) -> bool:
    """Say whether a *text* with a long run of characters may hold a token: ids of hexadecimal digits hold none."""
    if text.startswith(_ID_PREFIXES) and text.partition("_")[2].isalnum():
        return False
    if "_" in text or not text.islower():
        return True
    return any([sign in text for sign in _LOWER_TOKENS])  # noqa: C419  a generator or `map` costs twice as much


def _end(text: str, at: int) -> int:
    """Return where the one of the joined texts ends that has *at*."""
    end = text.find(BORDER, at)
    return len(text) if end < 0 else end


def _detect_numbers(text: str, data: bytes, shadow: str, found: Found) -> None:
    together = data.translate(_DIGITS_ONLY, numbers.BETWEEN)
    if _SIX in together:
        national.find_spaced(text, shadow, found)
        if _SEVEN in together:
            numbers.find_numbers(text, shadow, found, _MOST_CANDIDATES)
    national.find_identifiers(text, shadow, found, _MOST_CANDIDATES)
    lower = text.lower()
    if stated.may_name_code(lower):
        stated.find_codes(text, found, _MOST_CANDIDATES)
    if "bic" in lower or "swift" in lower:
        national.find_bics(text, found, _MOST_CANDIDATES)
    if stated.CHAT in lower:
        stated.find_chats(text, found, _MOST_CANDIDATES)
    if stated.may_name_birth(lower):
        stated.find_births(text, found, _MOST_CANDIDATES)


def _detect_network(text: str, data: bytes, shadow: str, found: Found) -> None:
    if ".0" in shadow and b"..." in data.translate(None, _DIGITS):
        network.find_ipv4(text, shadow, found, _MOST_CANDIDATES)
    colons = text.count(":")
    if colons and "  :" in text:
        network.find_escaped(text, found, _MOST_CANDIDATES)
    double = colons > 1 and "::" in text
    if double or colons > 4 or text.count("-") > 4 or text.count(".") > 1:
        hexed = data.translate(HEX).decode()
        if double or colons > _COLONS_OF_MAPPED:
            network.find_ipv6(text, hexed, found, _MOST_CANDIDATES)
        network.find_macs(text, hexed, found, _MOST_CANDIDATES)
