"""Invented personal data and secrets: one kind for each form and each key name that must not be written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from obskit.masking.classes import (
    ADDRESS,
    BANK,
    BIRTH,
    CARD,
    EMAIL,
    GEO,
    IP,
    MAC,
    NAME,
    NATIONAL_ID,
    PHONE,
    SECRET,
)
from obskit.testing import credentials, networks, numbers, papers, people
from obskit.testing.characters import ALPHANUMERIC, BASE64_URL, HEX, digits, text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random


@dataclass(frozen=True)
class Kind:
    """
    How texts of one kind are made and where they may stand.

    *phrases* and *keys* are the context that the form needs; a kind with neither is known by its form alone.
    """

    class_name: str
    make: Callable[[Random], str]
    phrases: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def alone(self) -> bool:
        return not self.phrases and not self.keys


_AWS_SECRET_KEYS = ("aws_secret_access_key", "secretAccessKey", "SecretAccessKey")

FORMS: dict[str, Kind] = {
    "e-mail": Kind(EMAIL, people.email),
    "e-mail, percent-encoded": Kind(
        EMAIL, people.email_percent_encoded, ("GET /unsubscribe?email={} HTTP/1.1", "to={}&list=news")
    ),
    "e-mail, international": Kind(EMAIL, people.email_international),
    "phone, international": Kind(PHONE, people.phone_international),
    "phone, percent-encoded": Kind(
        PHONE, people.phone_percent_encoded, ("GET /verify?to={} HTTP/1.1", "to={}&body=hi")
    ),
    "phone, north american": Kind(PHONE, people.phone_north_american),
    "phone, ten digits": Kind(
        PHONE, people.phone_ten_digits, ("call me at {}", "phone: {}", "tel {}"), ("phone", "mobile")
    ),
    "phone, national": Kind(
        PHONE,
        people.phone_national,
        ("Tel.: {}", "Telefon {}", "my mobile is {}", "téléphone : {}", "phone {}"),
        ("phoneNumber", "tel", "fax"),
    ),
    **{f"card, {brand}": Kind(CARD, papers.card(brand)) for brand in numbers.BRANDS},
    "card, grouped": Kind(CARD, papers.card_grouped),
    "card, amex grouped": Kind(CARD, papers.card_amex_grouped),
    "card expiry": Kind(CARD, credentials.card_expiry, keys=("card_expiry", "cardExpiry", "card_expiry_date")),
    "card verification value": Kind(SECRET, credentials.cvv, keys=("cvv", "cvc", "cardCvv")),
    "pin": Kind(SECRET, credentials.pin, keys=("pin", "cardPin")),
    "one-time code": Kind(SECRET, credentials.code, keys=("otp", "otpCode", "mfa_code")),
    "US SSN": Kind(NATIONAL_ID, papers.us_ssn),
    "US SSN, nine digits": Kind(NATIONAL_ID, numbers.ssn, ("SSN {}", "social security number: {}"), ("ssn",)),
    "US ITIN": Kind(NATIONAL_ID, papers.us_itin),
    "IBAN": Kind(BANK, papers.iban),
    "IBAN, grouped": Kind(BANK, lambda random: papers.grouped(papers.iban(random), 4)),
    "IBAN, lower case": Kind(BANK, lambda random: papers.iban(random).lower()),
    "IPv4": Kind(IP, networks.ipv4),
    "IPv6": Kind(IP, networks.ipv6),
    "IPv6, IPv4 inside": Kind(IP, networks.ipv6_mapped),
    "IPv6, with a zone": Kind(IP, networks.ipv6_zone),
    "MAC": Kind(MAC, networks.mac),
    "MAC, Cisco": Kind(MAC, networks.mac_cisco),
    "UK NINO": Kind(NATIONAL_ID, numbers.nino),
    "UK NINO, spaced": Kind(NATIONAL_ID, papers.uk_nino_spaced),
    "UK NHS": Kind(NATIONAL_ID, papers.uk_nhs, ("NHS number {}", "NHS no. {}", "NHS: {}"), ("nhsNumber", "nhs_number")),
    "UK driving licence": Kind(NATIONAL_ID, numbers.uk_licence),
    "UK passport": Kind(
        NATIONAL_ID, papers.uk_passport, ("passport number {}", "passport no: {}"), ("passportNumber",)
    ),
    "US passport": Kind(NATIONAL_ID, papers.us_passport, ("passport number {}", "passport: {}"), ("passport_number",)),
    "DE tax id": Kind(
        NATIONAL_ID, numbers.idnr, ("Steuer-ID {}", "Steueridentifikationsnummer: {}", "tax id {}"), ("tax_id",)
    ),
    "DE identity card": Kind(
        NATIONAL_ID, numbers.de_card, ("Personalausweis {}", "Ausweisnummer: {}"), ("national_id",)
    ),
    "DE pension number": Kind(
        NATIONAL_ID, numbers.rvnr, ("Rentenversicherungsnummer {}", "Sozialversicherungsnummer: {}")
    ),
    "FR NIR": Kind(NATIONAL_ID, papers.fr_nir, ("numéro de sécurité sociale : {}", "NIR {}"), ("social_security",)),
    "FR tax id": Kind(NATIONAL_ID, numbers.spi, ("numéro fiscal : {}", "tax id {}"), ("taxId",)),
    "ES DNI or NIE": Kind(NATIONAL_ID, papers.es_dni, ("DNI {}", "con NIE {}", "NIF: {}"), ("national_id",)),
    "IT tax code": Kind(NATIONAL_ID, numbers.codice_fiscale),
    "NL BSN": Kind(NATIONAL_ID, numbers.bsn, ("BSN {}", "burgerservicenummer: {}")),
    "BE national number": Kind(NATIONAL_ID, numbers.be_nn, ("rijksregisternummer {}", "numéro national : {}")),
    "PT NIF": Kind(NATIONAL_ID, numbers.pt_nif, ("NIF {}", "contribuinte: {}"), ("tax_id",)),
    "PL PESEL": Kind(NATIONAL_ID, numbers.pesel, ("PESEL {}", "nr PESEL: {}")),
    "SE personal number": Kind(NATIONAL_ID, papers.se_personal_number, ("personnummer {}", "personnr: {}")),
    "FI HETU": Kind(NATIONAL_ID, numbers.hetu),
    "date of birth": Kind(
        BIRTH,
        people.birth_iso,
        ("date of birth {}", "born on {}", "dob={}", "DOB: {}"),
        ("dateOfBirth", "birth_date", "dob"),
    ),
    "date of birth, written": Kind(
        BIRTH,
        people.birth_written,
        ("geboren am {}", "née le {}", "fecha de nacimiento: {}", "data di nascita {}", "birthday: {}"),
        ("birthday",),
    ),
    "JWT": Kind(SECRET, credentials.jwt),
    "JWT, unsigned": Kind(SECRET, credentials.jwt_unsigned),
    "JWE": Kind(SECRET, credentials.jwe),
    "AWS access key id": Kind(SECRET, credentials.aws_access_key),
    "AWS access key id, letters only": Kind(SECRET, credentials.aws_access_key_of_letters),
    "AWS secret key": Kind(
        SECRET, credentials.aws_secret_key, ("aws_secret_access_key = {}", "AWS_SECRET_ACCESS_KEY={}"), _AWS_SECRET_KEYS
    ),
    "AWS session token": Kind(
        SECRET, credentials.aws_session_token, ("AWS_SESSION_TOKEN={}",), ("sessionToken", "aws_session_token")
    ),
    "presigned URL, signature": Kind(
        SECRET,
        credentials.presigned_signature,
        ("GET https://media.s3.amazonaws.com/p/1.jpg?X-Amz-Expires=900&X-Amz-Signature={}",),
    ),
    "presigned URL, credential": Kind(
        SECRET,
        credentials.presigned_credential,
        ("https://media.s3.amazonaws.com/p/1.jpg?X-Amz-Credential={}&X-Amz-Date=20261124T091500Z",),
    ),
    "presigned URL, security token": Kind(
        SECRET,
        lambda random: text_of(random, ALPHANUMERIC, 120) + "%3D%3D",
        ("https://media.s3.amazonaws.com/p/1.jpg?X-Amz-Security-Token={}&X-Amz-Expires=900",),
    ),
    "Stripe key": Kind(SECRET, credentials.prefixed("sk_live_ sk_test_ rk_live_ rk_test_", ALPHANUMERIC, 24)),
    "Stripe webhook secret": Kind(SECRET, credentials.prefixed("whsec_", ALPHANUMERIC, 32)),
    "Stripe client secret": Kind(SECRET, credentials.stripe_client_secret),
    "GitHub token": Kind(SECRET, credentials.prefixed("ghp_ gho_ ghu_ ghs_ ghr_", ALPHANUMERIC, 36)),
    "GitHub token, fine-grained": Kind(
        SECRET, lambda random: f"github_pat_{text_of(random, ALPHANUMERIC, 22)}_{text_of(random, ALPHANUMERIC, 59)}"
    ),
    "GitLab token": Kind(SECRET, credentials.prefixed("glpat-", BASE64_URL, 20)),
    "Slack token": Kind(SECRET, credentials.slack_token),
    "Slack app token": Kind(SECRET, credentials.slack_app_token),
    "Slack refresh token": Kind(SECRET, lambda random: f"xoxe.xoxp-1-{text_of(random, ALPHANUMERIC, 60)}"),
    "Slack webhook": Kind(SECRET, credentials.slack_webhook_path, ("POST https://hooks.slack.com/services/{}",)),
    "Google key": Kind(SECRET, credentials.prefixed("AIza", BASE64_URL, 35)),
    "SendGrid key": Kind(SECRET, credentials.sendgrid_key),
    "npm token": Kind(SECRET, credentials.prefixed("npm_", ALPHANUMERIC, 36)),
    "PyPI token": Kind(SECRET, credentials.prefixed("pypi-AgEIcHlwaS5vcmc", BASE64_URL, 60)),
    "model provider's key": Kind(SECRET, credentials.prefixed("sk- sk-ant-api03- sk-proj-", ALPHANUMERIC, 48)),
    "Shopify token": Kind(SECRET, credentials.prefixed("shpat_ shpss_", HEX, 32)),
    "DigitalOcean token": Kind(SECRET, credentials.prefixed("dop_v1_", HEX, 64)),
    "Hugging Face token": Kind(SECRET, credentials.prefixed("hf_", ALPHANUMERIC, 34)),
    "AppSync key": Kind(SECRET, credentials.prefixed("da2-", ALPHANUMERIC.lower(), 26)),
    "private key": Kind(SECRET, credentials.private_key),
    "private key, truncated": Kind(SECRET, credentials.private_key_truncated, ("key file: {}",)),
    "password in a URL": Kind(
        SECRET,
        credentials.password_in_url,
        ("connecting to postgresql://app:{}@db.internal.example/shop", "redis://:{}@cache.example:6379/0 refused"),
    ),
    "bearer token": Kind(SECRET, credentials.token, ("Authorization: Bearer {}", "curl -H 'authorization: bearer {}'")),
    "basic credentials": Kind(SECRET, credentials.basic_credentials, ("Authorization: Basic {}",)),
    "token credentials": Kind(SECRET, credentials.hex_token, ("Authorization: Token {}",)),
}
"""Every form of personal data and secret, by the name that reports use."""


def _keys(class_name: str, make: Callable[[Random], str], names: str) -> dict[str, Kind]:
    return {f"key {name}": Kind(class_name, make, keys=(name,)) for name in names.split()}


KEYS: dict[str, Kind] = {
    **_keys(SECRET, credentials.password, "password passwd pwd pw passcode mysql_pwd"),
    **_keys(SECRET, credentials.passphrase, "passphrase secret"),
    **_keys(
        SECRET,
        credentials.token,
        "client_secret token access_token refresh_token id_token session_token auth_token api_key apikey x_api_key"
        " secret_key private_key credential credentials auth jwt csrf xsrf csrftoken code_verifier client_assertion",
    ),
    **_keys(SECRET, credentials.aws_access_key, "access_key"),
    **_keys(SECRET, lambda random: f"Bearer {credentials.token(random)}", "authorization proxy_authorization"),
    **_keys(SECRET, lambda random: f"sid={credentials.session_id(random)}; lang=de", "cookie set_cookie"),
    **_keys(SECRET, credentials.session_id, "session session_id sessionid phpsessid connect_sid"),
    **_keys(SECRET, lambda random: f"t=1763942400,v1={credentials.presigned_signature(random)}", "stripe_signature"),
    **_keys(SECRET, lambda random: f"sha256={credentials.presigned_signature(random)}", "x_hub_signature"),
    **_keys(SECRET, credentials.presigned_signature, "signature"),
    **_keys(SECRET, credentials.code, "otp totp mfa_code two_factor security_code"),
    **_keys(SECRET, credentials.pin, "pin"),
    **_keys(SECRET, credentials.cvv, "cvv cvc"),
    **_keys(SECRET, credentials.connection_string, "connection_string dsn database_url"),
    **_keys(EMAIL, people.email, "email e_mail email_address receipt_email contact_email user.email"),
    **_keys(PHONE, people.phone_national, "phone phone_number mobile tel fax msisdn"),
    **_keys(NAME, people.first_name, "first_name given_name middle_name"),
    **_keys(NAME, people.last_name, "last_name family_name maiden_name surname"),
    **_keys(NAME, people.full_name, "full_name display_name cardholder_name account_holder user.name"),
    **_keys(BIRTH, people.birth_iso, "dob date_of_birth birth_date birthdate birthday"),
    **_keys(ADDRESS, people.street, "street line1 line2 address_line1 postal_address"),
    **_keys(CARD, papers.card_grouped, "card_number pan"),
    **_keys(BANK, lambda random: digits(random, 8), "account_number"),
    **_keys(BANK, papers.iban, "iban"),
    **_keys(BANK, papers.bic, "bic"),
    **_keys(NATIONAL_ID, numbers.ssn, "ssn social_security"),
    **_keys(NATIONAL_ID, numbers.idnr, "tax_id"),
    **_keys(NATIONAL_ID, lambda random: f"DE{digits(random, 9)}", "vat_id"),
    **_keys(NATIONAL_ID, numbers.nino, "nino"),
    **_keys(NATIONAL_ID, numbers.nhs, "nhs_number"),
    **_keys(NATIONAL_ID, papers.us_passport, "passport_number"),
    **_keys(NATIONAL_ID, numbers.uk_licence, "driving_licence"),
    **_keys(NATIONAL_ID, lambda random: f"D{digits(random, 7)}", "license_number"),
    **_keys(NATIONAL_ID, numbers.de_card, "national_id"),
    **_keys(IP, networks.ipv4, "ip ip_address source_ip client_ip remote_addr x_real_ip client.address"),
    **_keys(IP, lambda random: f"{networks.ipv4(random)}, {networks.ipv4(random)}", "x_forwarded_for"),
    **_keys(GEO, people.coordinates, "geo"),
    **_keys(GEO, people.latitude, "lat lon"),
    **_keys(NAME, lambda random: f"u-{digits(random, 7)}", "enduser.id"),
}
"""Every key name whose value must not be written. `name` and `code`, which need a place too, stand in their shapes."""

PLACED: dict[str, Kind] = {
    "key code": Kind(SECRET, lambda random: text_of(random, ALPHANUMERIC, 32), keys=("code",)),
    **{
        f"key {place}.name": Kind(NAME, people.full_name, keys=("name",))
        for place in ("customer", "billing_details", "requester", "identity")
    },
}
"""Key names that mean something personal in one place only: `code` in an OAuth exchange, `name` under a person."""

KINDS = FORMS | KEYS | PLACED
