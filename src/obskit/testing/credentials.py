"""Secrets that were never valid: passwords, codes, tokens as their vendors mark them, keys."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from obskit.testing.characters import ALPHANUMERIC, BASE64, BASE64_URL, HEX, UPPER, text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random


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


def prefixed(prefixes: str, characters: str, count: int) -> Callable[[Random], str]:
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
