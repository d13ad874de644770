"""Names of keys whose values are secret or personal, matched as whole words and never as parts of words."""

from __future__ import annotations

import re

SECRET = "[SECRET]"  # noqa: S105  a marker, not a secret

_SECRET_NAMES = """
password passwd pwd pw passphrase passcode secret client_secret token access_token refresh_token id_token session_token
auth_token api_key apikey x_api_key access_key secret_key private_key credential credentials authorization
proxy_authorization auth cookie set_cookie session session_id sessionid phpsessid connect_sid jwt csrf xsrf csrftoken
signature stripe_signature x_hub_signature otp totp mfa_code two_factor pin cvv cvc security_code connection_string dsn
database_url mysql_pwd code_verifier client_assertion
secrets passwords tokens api_keys cookies
"""  # noqa: S105  names, not secrets

_PERSONAL_NAMES = {
    "[EMAIL]": "email e_mail mail email_address receipt_email contact_email",
    "[PHONE]": "phone phone_number mobile tel telephone fax msisdn",
    "[NAME]": "first_name last_name given_name family_name full_name middle_name maiden_name surname display_name"
    " cardholder_name cardholder account_holder user_name username",
    "[BIRTH]": "dob date_of_birth birth_date birthdate birthday",
    "[ADDRESS]": "street line1 line2 address_line1 address_line2 postal_address street_address shipping_address"
    " billing_address",
    "[CARD]": "card_number pan",
    "[BANK]": "account_number iban bic",
    "[NATIONAL_ID]": "ssn social_security tax_id vat_id nino nhs_number passport_number driving_licence"
    " license_number national_id",
    "[IP]": "ip ip_address source_ip client_ip remote_addr x_forwarded_for x_real_ip client_address",
    "[GEO]": "geo lat lon latitude longitude",
}

_EXACT_NAMES = {"code": SECRET, "name": ""}
"""Words too common to match inside longer names; an empty marker means not sensitive by itself."""

_HARMLESS_NAMES = frozenset(
    """
    primary_key foreign_key public_key partition_key sort_key idempotency_key cache_key next_token continuation_token
    token_use token_type kms_key_id session_duration cookie_consent auth_time token_count pagination_token
    page_token expires_in
    """.split()
)

_HARMLESS_ENDINGS = frozenset(
    """
    count length size type policy verified enabled disabled required status url ttl expiry expires duration seconds ms
    index version hash template domain
    """.split()
)

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")

_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-.")
"""What a remembered key is made of: no digit and no `@`, so it can be neither a number nor an address."""

_REMEMBERED_KEYS = 4096
"""Keys kept in the memo: the keys of one platform's log lines are a few hundred."""

_LONGEST_KEY = 128
"""Characters of a key that is looked at by name; a longer one is data, not a name."""


def _joined(key: str) -> str:
    return "_".join(word.lower() for word in _WORDS.findall(key))


def _table() -> dict[str, str]:
    table = dict.fromkeys(map(_joined, _SECRET_NAMES.split()), SECRET)
    for marker, names in _PERSONAL_NAMES.items():
        table.update(dict.fromkeys(map(_joined, names.split()), marker))
    return table


_NAMES = _table()


def marker_for(key: str) -> str:
    """
    Return the marker that replaces the values of *key*, or an empty string.

    >>> marker_for("customerEmail"), marker_for("session_count"), marker_for("author")
    ('[EMAIL]', '', '')
    """
    if len(key) > _LONGEST_KEY:
        return ""
    words = [word.lower() for word in _WORDS.findall(key)]
    name = "_".join(words)
    if name in _EXACT_NAMES:
        return _EXACT_NAMES[name]
    if name in _NAMES:
        return _NAMES[name]
    if name in _HARMLESS_NAMES or (words and words[-1] in _HARMLESS_ENDINGS):
        return ""
    found = ""
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + 4) + 1):
            marker = _NAMES.get("_".join(words[start:end]), "")
            if marker == SECRET:
                return marker
            found = marker or found
    return found


class KeyMemo(dict[str, str]):
    """Markers by key. Bounded, and it keeps only what reads as a name, so that no personal data stays in memory."""

    def __missing__(self, key: str) -> str:
        marker = marker_for(key)
        if len(self) < _REMEMBERED_KEYS and _NAME_CHARACTERS.issuperset(key):
            self[key] = marker
        return marker
