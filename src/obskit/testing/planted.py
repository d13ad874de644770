"""Invented personal data and secrets: one kind for each form and each key name that must not be written."""

from __future__ import annotations

import base64
import json
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
from obskit.testing import numbers

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALPHANUMERIC = UPPER + UPPER.lower() + "0123456789"
BASE64 = ALPHANUMERIC + "+/"
BASE64_URL = ALPHANUMERIC + "-_"
HEX = "0123456789abcdef"
IBAN_COUNTRIES = "AT BE CH DE ES FI GB IE IT LU NL NO PL PT SE".split()

FIRST_NAMES = (
    "Amelie Jürgen Oliver Chloé Lucía Matteo Sanne Søren Katarzyna Joaquín Niamh Zoë Friederike Benjamin Aoife".split()
)
LAST_NAMES = (
    "Lindqvist Müller-Thurau Okonkwo Delacroix Fernández Rossetti O'Sullivan Nowakowska Ashworth Grünwald".split()
)
DOMAINS = ("example.com", "example.org", "example.net", "mail.example.com", "shop.example", "kunde.example")


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


def text_of(random: Random, characters: str, count: int) -> str:
    return "".join(random.choices(characters, k=count))


def digits(random: Random, count: int) -> str:
    return text_of(random, "0123456789", count)


# --- persons ---------------------------------------------------------------------------------------------------------


def first_name(random: Random) -> str:
    return random.choice(FIRST_NAMES)


def last_name(random: Random) -> str:
    return random.choice(LAST_NAMES)


def full_name(random: Random) -> str:
    return f"{first_name(random)} {last_name(random)}"


def _plain(name: str) -> str:
    """Return *name* as it stands in a mailbox."""
    folded = name.lower().translate(str.maketrans("üöäéíøëñ", "uoaeioen"))
    return "".join(character for character in folded if character.isascii() and character.isalpha())


def email(random: Random) -> str:
    first, last = _plain(first_name(random)), _plain(last_name(random))
    number = random.randrange(10, 100)
    local = random.choice(
        [
            f"{first}.{last}",
            f"{first[0]}{last}{number}",
            f"{last}+orders",
            f"{first}_{last}",
            f"{first.title()}.{last.title()}",
        ]
    )
    return f"{local}@{random.choice(DOMAINS)}"


def email_percent_encoded(random: Random) -> str:
    return email(random).replace("@", "%40")


def email_international(random: Random) -> str:
    return f"{first_name(random).lower()}.{random.choice(['grün', 'müller', 'peña', 'łukasz'])}@{random.choice(['bücher', 'café', 'xn--bcher-kva'])}.example"


def phone_international(random: Random) -> str:
    """Numbers that regulators keep free for fiction: Ofcom, the Bundesnetzagentur, ARCEP, 555-01xx."""
    three, two = f"{random.randrange(1000):03}", f"{random.randrange(100):02}"
    return random.choice(
        [
            f"+44 20 7946 0{three}",
            f"+447700900{three}",
            f"+44 (0)20 7946 0{three}",
            f"+49 30 23125 {three}",
            f"+49-171-39200-{two}",
            f"+49/69/90009{three}",
            f"+33 6 39 98 {two} 07",
            f"+33199006{three}"[:12],
            f"+1 212 555 01{two}",
            f"+1-415-555-01{two}",
            f"+1 (303) 555-01{two}",
            f"+1.650.555.01{two}",
        ]
    )


def phone_percent_encoded(random: Random) -> str:
    return f"%2B447700900{random.randrange(1000):03}"


def phone_north_american(random: Random) -> str:
    area, two = random.choice(["212", "415", "303", "650", "808"]), f"{random.randrange(100):02}"
    return random.choice([f"({area}) 555-01{two}", f"{area}-555-01{two}", f"{area}.555.01{two}"])


def phone_ten_digits(random: Random) -> str:
    return f"{random.choice(['212', '415', '303'])}55501{random.randrange(100):02}"


def phone_national(random: Random) -> str:
    three, two = f"{random.randrange(1000):03}", f"{random.randrange(100):02}"
    return random.choice(
        [f"030 23125{three}", f"0171 39200{two}", f"020 7946 0{three}", f"07700 900{three}", f"06 39 98 {two} 21"]
    )


def birth_iso(random: Random) -> str:
    return f"19{random.randrange(40, 99)}-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}"


def birth_written(random: Random) -> str:
    year, month, day = birth_iso(random).split("-")
    return random.choice([f"{day}.{month}.{year}", f"{day}/{month}/{year}", f"{month}/{day}/{year}"])


def street(random: Random) -> str:
    number = random.randrange(1, 180)
    return random.choice(
        [
            f"Lindenstraße {number}b",
            f"{number} Primrose Hill Road",
            f"{number} rue des Acacias",
            f"Calle Mayor {number}, 2º",
            f"Flat 3, {number} Wharf Lane",
        ]
    )


def coordinates(random: Random) -> str:
    return f"{random.uniform(36, 60):.6f},{random.uniform(-9, 24):.6f}"


def latitude(random: Random) -> str:
    return f"{random.uniform(36, 60):.4f}{random.choice('123456789')}"


# --- numbers ---------------------------------------------------------------------------------------------------------


def _grouped(text: str, size: int, separator: str = " ") -> str:
    return separator.join(text[start : start + size] for start in range(0, len(text), size))


def _card(brand: str) -> Callable[[Random], str]:
    return lambda random: numbers.card(random, brand)


def card_grouped(random: Random) -> str:
    number, separator = numbers.card(random, random.choice(["visa", "mastercard", "jcb"])), random.choice(" -")
    return _grouped(number, 4, separator)


def card_amex_grouped(random: Random) -> str:
    number = numbers.card(random, "amex")
    return random.choice(" -").join([number[:4], number[4:10], number[10:]])


def iban(random: Random) -> str:
    return numbers.iban(random, random.choice(IBAN_COUNTRIES))


def bic(random: Random) -> str:
    return random.choice(["DEUTDEFF", "COBADEFFXXX", "BNPAFRPP", "CAIXESBBXXX", "NWBKGB2L"])


def us_ssn(random: Random) -> str:
    number, separator = numbers.ssn(random), random.choice("-- .")
    return separator.join([number[:3], number[3:5], number[5:]])


def us_itin(random: Random) -> str:
    number = numbers.itin(random)
    return "-".join([number[:3], number[3:5], number[5:]])


def uk_nino_spaced(random: Random) -> str:
    number = numbers.nino(random)
    return " ".join([number[:2], number[2:4], number[4:6], number[6:8], number[8:]])


def uk_nhs(random: Random) -> str:
    number = numbers.nhs(random)
    return random.choice(
        [number, f"{number[:3]} {number[3:6]} {number[6:]}", f"{number[:3]}-{number[3:6]}-{number[6:]}"]
    )


def fr_nir(random: Random) -> str:
    number = numbers.nir(random)
    parts = [number[0], number[1:3], number[3:5], number[5:7], number[7:10], number[10:13], number[13:]]
    return random.choice([number, " ".join(parts)])


def es_dni(random: Random) -> str:
    return random.choice([numbers.dni, numbers.nie])(random)


def se_personal_number(random: Random) -> str:
    number = numbers.personnummer(random)
    return random.choice([number, f"{number[:-4]}-{number[-4:]}"])


def uk_passport(random: Random) -> str:
    return random.choice("123456789") + digits(random, 8)


def us_passport(random: Random) -> str:
    return random.choice("ABCXYZ") + digits(random, 8)


# --- networks --------------------------------------------------------------------------------------------------------


def ipv4(random: Random) -> str:
    """RFC 5737: addresses for documentation."""
    return f"{random.choice(['192.0.2', '198.51.100', '203.0.113'])}.{random.randrange(1, 255)}"


def ipv6(random: Random) -> str:
    """RFC 3849: addresses for documentation."""
    groups = [f"{random.randrange(1, 65536):x}" for _ in range(6)]
    return random.choice(
        [f"2001:db8:{':'.join(groups)}", f"2001:db8::{groups[0]}:{groups[1]}", f"2001:DB8::{groups[2]}".upper()]
    )


def ipv6_mapped(random: Random) -> str:
    return f"::ffff:{ipv4(random)}"


def ipv6_zone(random: Random) -> str:
    return f"fe80::{random.randrange(1, 65536):x}:{random.randrange(4096, 65536):x}%{random.choice(['eth0', 'en1'])}"


def mac(random: Random) -> str:
    """RFC 7042: 00-00-5E-00-53-xx is for documentation; 02-… is administered locally."""
    pairs = random.choice([["00", "00", "5e", "00", "53"], ["02", "42", "ac", "11", text_of(random, HEX, 2)]])
    pairs = [*pairs, text_of(random, HEX, 2)]
    return random.choice([":".join(pairs), "-".join(pairs).upper(), ":".join(pairs).upper()])


def mac_cisco(random: Random) -> str:
    return f"0000.5e00.53{text_of(random, HEX, 2)}"


# --- secrets ---------------------------------------------------------------------------------------------------------


def password(random: Random) -> str:
    word = random.choice(["Tulpe", "sunflower", "Quetzal", "Brisbane", "orchidée", "kickflip"])
    return word + random.choice(["!", "#", "_", "-", ""]) + text_of(random, "23456789", 4) + random.choice("xyzQRS$")


def passphrase(random: Random) -> str:
    return "-".join(random.sample(["correct", "velvet", "anchor", "tundra", "maple", "lantern", "cobalt"], 4))


def token(random: Random) -> str:
    return text_of(random, ALPHANUMERIC, random.choice([24, 32, 43])) + text_of(random, "0123456789", 2)


def hex_token(random: Random) -> str:
    return text_of(random, HEX, 40)


def session_id(random: Random) -> str:
    return text_of(random, ALPHANUMERIC.lower(), 26)


def code(random: Random) -> str:
    return text_of(random, "0123456789", 6)


def pin(random: Random) -> str:
    return text_of(random, "0123456789", 4)


def cvv(random: Random) -> str:
    return text_of(random, "0123456789", 3)


def card_expiry(random: Random) -> str:
    return f"{random.randrange(1, 13):02}/{random.randrange(27, 35)}"


def _url_safe(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def jwt(random: Random) -> str:
    header = {"alg": random.choice(["RS256", "HS256", "ES256"]), "typ": "JWT"}
    claims = {"sub": text_of(random, HEX, 12), "iat": 1763942400 + random.randrange(10**6)}
    return f"{_url_safe(header)}.{_url_safe(claims)}.{text_of(random, BASE64_URL, 43)}"


def jwt_unsigned(random: Random) -> str:
    return f"{_url_safe({'alg': 'none'})}.{_url_safe({'sub': text_of(random, HEX, 12)})}."


def jwe(random: Random) -> str:
    header = _url_safe({"alg": "RSA-OAEP", "enc": "A256GCM"})
    return ".".join([header, *(text_of(random, BASE64_URL, length) for length in (86, 16, 64, 22))])


def aws_access_key(random: Random) -> str:
    return random.choice(["AKIA", "ASIA", "ABIA", "ACCA"]) + text_of(random, UPPER + "234567", 16)


def aws_access_key_of_letters(random: Random) -> str:
    return random.choice(["AKIA", "ASIA"]) + text_of(random, UPPER, 16)


def aws_secret_key(random: Random) -> str:
    return text_of(random, BASE64, 38) + random.choice(["/k", "+7"])


def aws_session_token(random: Random) -> str:
    return "IQoJb3JpZ2luX2Vj" + text_of(random, BASE64, 220) + "=="


def presigned_signature(random: Random) -> str:
    return text_of(random, HEX, 64)


def presigned_credential(random: Random) -> str:
    return f"{aws_access_key(random)}%2F20261124%2Fus-east-1%2Fs3%2Faws4_request"


def private_key(random: Random) -> str:
    name = random.choice(["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY"])
    lines = "\n".join(text_of(random, BASE64, 64) for _ in range(3))
    return f"-----BEGIN {name}-----\n{lines}\n-----END {name}-----"


def private_key_truncated(random: Random) -> str:
    lines = "\n".join(text_of(random, BASE64, 64) for _ in range(2))
    return f"-----BEGIN RSA PRIVATE KEY-----\n{lines}\n{text_of(random, BASE64, 20)}"


def slack_webhook_path(random: Random) -> str:
    return f"T{text_of(random, UPPER, 8)}/B{text_of(random, UPPER, 8)}/{text_of(random, ALPHANUMERIC, 24)}"


def connection_string(random: Random) -> str:
    return f"postgresql://app:{password_in_url(random)}@db.internal.example:5432/shop"


def password_in_url(random: Random) -> str:
    return f"{random.choice(['tulpe', 'velvet', 'Anchor'])}{text_of(random, '23456789', 5)}"


def basic_credentials(random: Random) -> str:
    return base64.b64encode(f"api:{password_in_url(random)}".encode()).decode()


def _prefixed(prefixes: str, characters: str, count: int) -> Callable[[Random], str]:
    """Return a maker of tokens that a vendor marks with one of *prefixes*."""
    return lambda random: random.choice(prefixes.split()) + text_of(random, characters, count)


def stripe_client_secret(random: Random) -> str:
    return f"pi_3{text_of(random, ALPHANUMERIC, 23)}_secret_{text_of(random, ALPHANUMERIC, 25)}"


def slack_token(random: Random) -> str:
    return f"{random.choice(['xoxb', 'xoxp'])}-{text_of(random, '123456789', 12)}-{text_of(random, '123456789', 12)}-{text_of(random, ALPHANUMERIC, 24)}"


def slack_app_token(random: Random) -> str:
    return f"xapp-1-A{text_of(random, UPPER, 10)}-{text_of(random, '123456789', 13)}-{text_of(random, HEX, 64)}"


def sendgrid_key(random: Random) -> str:
    return f"SG.{text_of(random, BASE64_URL, 22)}.{text_of(random, BASE64_URL, 43)}"


_AWS_SECRET_KEYS = ("aws_secret_access_key", "secretAccessKey", "SecretAccessKey")

FORMS: dict[str, Kind] = {
    "e-mail": Kind(EMAIL, email),
    "e-mail, percent-encoded": Kind(
        EMAIL, email_percent_encoded, ("GET /unsubscribe?email={} HTTP/1.1", "to={}&list=news")
    ),
    "e-mail, international": Kind(EMAIL, email_international),
    "phone, international": Kind(PHONE, phone_international),
    "phone, percent-encoded": Kind(PHONE, phone_percent_encoded, ("GET /verify?to={} HTTP/1.1", "to={}&body=hi")),
    "phone, north american": Kind(PHONE, phone_north_american),
    "phone, ten digits": Kind(PHONE, phone_ten_digits, ("call me at {}", "phone: {}", "tel {}"), ("phone", "mobile")),
    "phone, national": Kind(
        PHONE,
        phone_national,
        ("Tel.: {}", "Telefon {}", "my mobile is {}", "téléphone : {}", "phone {}"),
        ("phoneNumber", "tel", "fax"),
    ),
    **{f"card, {brand}": Kind(CARD, _card(brand)) for brand in numbers.BRANDS},
    "card, grouped": Kind(CARD, card_grouped),
    "card, amex grouped": Kind(CARD, card_amex_grouped),
    "card expiry": Kind(CARD, card_expiry, keys=("card_expiry", "cardExpiry", "card_expiry_date")),
    "card verification value": Kind(SECRET, cvv, keys=("cvv", "cvc", "cardCvv")),
    "pin": Kind(SECRET, pin, keys=("pin", "cardPin")),
    "one-time code": Kind(SECRET, code, keys=("otp", "otpCode", "mfa_code")),
    "US SSN": Kind(NATIONAL_ID, us_ssn),
    "US SSN, nine digits": Kind(NATIONAL_ID, numbers.ssn, ("SSN {}", "social security number: {}"), ("ssn",)),
    "US ITIN": Kind(NATIONAL_ID, us_itin),
    "IBAN": Kind(BANK, iban),
    "IBAN, grouped": Kind(BANK, lambda random: _grouped(iban(random), 4)),
    "IBAN, lower case": Kind(BANK, lambda random: iban(random).lower()),
    "IPv4": Kind(IP, ipv4),
    "IPv6": Kind(IP, ipv6),
    "IPv6, IPv4 inside": Kind(IP, ipv6_mapped),
    "IPv6, with a zone": Kind(IP, ipv6_zone),
    "MAC": Kind(MAC, mac),
    "MAC, Cisco": Kind(MAC, mac_cisco),
    "UK NINO": Kind(NATIONAL_ID, numbers.nino),
    "UK NINO, spaced": Kind(NATIONAL_ID, uk_nino_spaced),
    "UK NHS": Kind(NATIONAL_ID, uk_nhs, ("NHS number {}", "NHS no. {}", "NHS: {}"), ("nhsNumber", "nhs_number")),
    "UK driving licence": Kind(NATIONAL_ID, numbers.uk_licence),
    "UK passport": Kind(NATIONAL_ID, uk_passport, ("passport number {}", "passport no: {}"), ("passportNumber",)),
    "US passport": Kind(NATIONAL_ID, us_passport, ("passport number {}", "passport: {}"), ("passport_number",)),
    "DE tax id": Kind(
        NATIONAL_ID, numbers.idnr, ("Steuer-ID {}", "Steueridentifikationsnummer: {}", "tax id {}"), ("tax_id",)
    ),
    "DE identity card": Kind(
        NATIONAL_ID, numbers.de_card, ("Personalausweis {}", "Ausweisnummer: {}"), ("national_id",)
    ),
    "DE pension number": Kind(
        NATIONAL_ID, numbers.rvnr, ("Rentenversicherungsnummer {}", "Sozialversicherungsnummer: {}")
    ),
    "FR NIR": Kind(NATIONAL_ID, fr_nir, ("numéro de sécurité sociale : {}", "NIR {}"), ("social_security",)),
    "FR tax id": Kind(NATIONAL_ID, numbers.spi, ("numéro fiscal : {}", "tax id {}"), ("taxId",)),
    "ES DNI or NIE": Kind(NATIONAL_ID, es_dni, ("DNI {}", "con NIE {}", "NIF: {}"), ("national_id",)),
    "IT tax code": Kind(NATIONAL_ID, numbers.codice_fiscale),
    "NL BSN": Kind(NATIONAL_ID, numbers.bsn, ("BSN {}", "burgerservicenummer: {}")),
    "BE national number": Kind(NATIONAL_ID, numbers.be_nn, ("rijksregisternummer {}", "numéro national : {}")),
    "PT NIF": Kind(NATIONAL_ID, numbers.pt_nif, ("NIF {}", "contribuinte: {}"), ("tax_id",)),
    "PL PESEL": Kind(NATIONAL_ID, numbers.pesel, ("PESEL {}", "nr PESEL: {}")),
    "SE personal number": Kind(NATIONAL_ID, se_personal_number, ("personnummer {}", "personnr: {}")),
    "FI HETU": Kind(NATIONAL_ID, numbers.hetu),
    "date of birth": Kind(
        BIRTH,
        birth_iso,
        ("date of birth {}", "born on {}", "dob={}", "DOB: {}"),
        ("dateOfBirth", "birth_date", "dob"),
    ),
    "date of birth, written": Kind(
        BIRTH,
        birth_written,
        ("geboren am {}", "née le {}", "fecha de nacimiento: {}", "data di nascita {}", "birthday: {}"),
        ("birthday",),
    ),
    "JWT": Kind(SECRET, jwt),
    "JWT, unsigned": Kind(SECRET, jwt_unsigned),
    "JWE": Kind(SECRET, jwe),
    "AWS access key id": Kind(SECRET, aws_access_key),
    "AWS access key id, letters only": Kind(SECRET, aws_access_key_of_letters),
    "AWS secret key": Kind(
        SECRET, aws_secret_key, ("aws_secret_access_key = {}", "AWS_SECRET_ACCESS_KEY={}"), _AWS_SECRET_KEYS
    ),
    "AWS session token": Kind(
        SECRET, aws_session_token, ("AWS_SESSION_TOKEN={}",), ("sessionToken", "aws_session_token")
    ),
    "presigned URL, signature": Kind(
        SECRET,
        presigned_signature,
        ("GET https://media.s3.amazonaws.com/p/1.jpg?X-Amz-Expires=900&X-Amz-Signature={}",),
    ),
    "presigned URL, credential": Kind(
        SECRET,
        presigned_credential,
        ("https://media.s3.amazonaws.com/p/1.jpg?X-Amz-Credential={}&X-Amz-Date=20261124T091500Z",),
    ),
    "presigned URL, security token": Kind(
        SECRET,
        lambda random: text_of(random, ALPHANUMERIC, 120) + "%3D%3D",
        ("https://media.s3.amazonaws.com/p/1.jpg?X-Amz-Security-Token={}&X-Amz-Expires=900",),
    ),
    "Stripe key": Kind(SECRET, _prefixed("sk_live_ sk_test_ rk_live_ rk_test_", ALPHANUMERIC, 24)),
    "Stripe webhook secret": Kind(SECRET, _prefixed("whsec_", ALPHANUMERIC, 32)),
    "Stripe client secret": Kind(SECRET, stripe_client_secret),
    "GitHub token": Kind(SECRET, _prefixed("ghp_ gho_ ghu_ ghs_ ghr_", ALPHANUMERIC, 36)),
    "GitHub token, fine-grained": Kind(
        SECRET, lambda random: f"github_pat_{text_of(random, ALPHANUMERIC, 22)}_{text_of(random, ALPHANUMERIC, 59)}"
    ),
    "GitLab token": Kind(SECRET, _prefixed("glpat-", BASE64_URL, 20)),
    "Slack token": Kind(SECRET, slack_token),
    "Slack app token": Kind(SECRET, slack_app_token),
    "Slack refresh token": Kind(SECRET, lambda random: f"xoxe.xoxp-1-{text_of(random, ALPHANUMERIC, 60)}"),
    "Slack webhook": Kind(SECRET, slack_webhook_path, ("POST https://hooks.slack.com/services/{}",)),
    "Google key": Kind(SECRET, _prefixed("AIza", BASE64_URL, 35)),
    "SendGrid key": Kind(SECRET, sendgrid_key),
    "npm token": Kind(SECRET, _prefixed("npm_", ALPHANUMERIC, 36)),
    "PyPI token": Kind(SECRET, _prefixed("pypi-AgEIcHlwaS5vcmc", BASE64_URL, 60)),
    "model provider's key": Kind(SECRET, _prefixed("sk- sk-ant-api03- sk-proj-", ALPHANUMERIC, 48)),
    "Shopify token": Kind(SECRET, _prefixed("shpat_ shpss_", HEX, 32)),
    "DigitalOcean token": Kind(SECRET, _prefixed("dop_v1_", HEX, 64)),
    "Hugging Face token": Kind(SECRET, _prefixed("hf_", ALPHANUMERIC, 34)),
    "AppSync key": Kind(SECRET, _prefixed("da2-", ALPHANUMERIC.lower(), 26)),
    "private key": Kind(SECRET, private_key),
    "private key, truncated": Kind(SECRET, private_key_truncated, ("key file: {}",)),
    "password in a URL": Kind(
        SECRET,
        password_in_url,
        ("connecting to postgresql://app:{}@db.internal.example/shop", "redis://:{}@cache.example:6379/0 refused"),
    ),
    "bearer token": Kind(SECRET, token, ("Authorization: Bearer {}", "curl -H 'authorization: bearer {}'")),
    "basic credentials": Kind(SECRET, basic_credentials, ("Authorization: Basic {}",)),
    "token credentials": Kind(SECRET, hex_token, ("Authorization: Token {}",)),
}
"""Every form of personal data and secret, by the name that reports use."""


def _keys(class_name: str, make: Callable[[Random], str], names: str) -> dict[str, Kind]:
    return {f"key {name}": Kind(class_name, make, keys=(name,)) for name in names.split()}


KEYS: dict[str, Kind] = {
    **_keys(SECRET, password, "password passwd pwd pw passcode mysql_pwd"),
    **_keys(SECRET, passphrase, "passphrase secret"),
    **_keys(
        SECRET,
        token,
        "client_secret token access_token refresh_token id_token session_token auth_token api_key apikey x_api_key"
        " secret_key private_key credential credentials auth jwt csrf xsrf csrftoken code_verifier client_assertion",
    ),
    **_keys(SECRET, aws_access_key, "access_key"),
    **_keys(SECRET, lambda random: f"Bearer {token(random)}", "authorization proxy_authorization"),
    **_keys(SECRET, lambda random: f"sid={session_id(random)}; lang=de", "cookie set_cookie"),
    **_keys(SECRET, session_id, "session session_id sessionid phpsessid connect_sid"),
    **_keys(SECRET, lambda random: f"t=1763942400,v1={presigned_signature(random)}", "stripe_signature"),
    **_keys(SECRET, lambda random: f"sha256={presigned_signature(random)}", "x_hub_signature"),
    **_keys(SECRET, presigned_signature, "signature"),
    **_keys(SECRET, code, "otp totp mfa_code two_factor security_code"),
    **_keys(SECRET, pin, "pin"),
    **_keys(SECRET, cvv, "cvv cvc"),
    **_keys(SECRET, connection_string, "connection_string dsn database_url"),
    **_keys(EMAIL, email, "email e_mail email_address receipt_email contact_email user.email"),
    **_keys(PHONE, phone_national, "phone phone_number mobile tel fax msisdn"),
    **_keys(NAME, first_name, "first_name given_name middle_name"),
    **_keys(NAME, last_name, "last_name family_name maiden_name surname"),
    **_keys(NAME, full_name, "full_name display_name cardholder_name account_holder user.name"),
    **_keys(BIRTH, birth_iso, "dob date_of_birth birth_date birthdate birthday"),
    **_keys(ADDRESS, street, "street line1 line2 address_line1 postal_address"),
    **_keys(CARD, card_grouped, "card_number pan"),
    **_keys(BANK, lambda random: digits(random, 8), "account_number"),
    **_keys(BANK, iban, "iban"),
    **_keys(BANK, bic, "bic"),
    **_keys(NATIONAL_ID, numbers.ssn, "ssn social_security"),
    **_keys(NATIONAL_ID, numbers.idnr, "tax_id"),
    **_keys(NATIONAL_ID, lambda random: f"DE{digits(random, 9)}", "vat_id"),
    **_keys(NATIONAL_ID, numbers.nino, "nino"),
    **_keys(NATIONAL_ID, numbers.nhs, "nhs_number"),
    **_keys(NATIONAL_ID, us_passport, "passport_number"),
    **_keys(NATIONAL_ID, numbers.uk_licence, "driving_licence"),
    **_keys(NATIONAL_ID, lambda random: f"D{digits(random, 7)}", "license_number"),
    **_keys(NATIONAL_ID, numbers.de_card, "national_id"),
    **_keys(IP, ipv4, "ip ip_address source_ip client_ip remote_addr x_real_ip client.address"),
    **_keys(IP, lambda random: f"{ipv4(random)}, {ipv4(random)}", "x_forwarded_for"),
    **_keys(GEO, coordinates, "geo"),
    **_keys(GEO, latitude, "lat lon"),
    **_keys(NAME, lambda random: f"u-{digits(random, 7)}", "enduser.id"),
}
"""Every key name whose value must not be written. `name` and `code`, which need a place too, stand in their shapes."""

PLACED: dict[str, Kind] = {
    "key code": Kind(SECRET, lambda random: text_of(random, ALPHANUMERIC, 32), keys=("code",)),
    **{
        f"key {place}.name": Kind(NAME, full_name, keys=("name",))
        for place in ("customer", "billing_details", "requester", "identity")
    },
}
"""Key names that mean something personal in one place only: `code` in an OAuth exchange, `name` under a person."""

KINDS = FORMS | KEYS | PLACED
