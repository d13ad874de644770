"""Harmless values that look like personal data or secrets: identifiers, times, versions, names with a trigger word."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from obskit.testing import numbers
from obskit.testing.characters import ALPHANUMERIC, BASE64, BASE64_URL, HEX, UPPER, digits, text_of
from obskit.testing.people import full_name, last_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

NOVEMBER = 1_763_942_400  # 2025-11-24T00:00:00Z; records are of that year


@dataclass(frozen=True)
class Trap:
    """How texts of one kind are made and where they stand; a *number* stands without quotes under half of its keys."""

    make: Callable[[Random], str]
    keys: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    number: bool = False


def epoch_s(random: Random) -> str:
    return str(NOVEMBER + random.randrange(30_000_000))


def epoch_ms(random: Random) -> str:
    return epoch_s(random) + digits(random, 3)


def moment(random: Random) -> str:
    month, day = random.randrange(1, 13), random.randrange(1, 29)
    return f"2025-{month:02}-{day:02}T{clock(random)}.{digits(random, 3)}Z"


def clock(random: Random) -> str:
    return f"{random.randrange(24):02}:{random.randrange(60):02}:{random.randrange(60):02}"


def day(random: Random) -> str:
    year, month, day_ = random.choice([2024, 2025, 2026]), random.randrange(1, 13), random.randrange(1, 29)
    return random.choice([f"{year}-{month:02}-{day_:02}", f"{day_:02}.{month:02}.{year}", f"{year}{month:02}{day_:02}"])


def log_time(random: Random) -> str:
    return f"24/Nov/2025:{clock(random)} +0000"


def uuid(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))


def hexadecimal(count: int) -> Callable[[Random], str]:
    """Return a maker of *count* hex digits, one of them a letter: with none it would be a number."""
    return lambda random: text_of(random, HEX, count - 1) + random.choice("abcdef")


def request_id(random: Random) -> str:
    return random.choice(
        [uuid(random), text_of(random, UPPER + "0123456789", 16), f"{text_of(random, BASE64_URL, 15)}="]
    )


def arn(random: Random) -> str:
    account, region = aws_account(random), random.choice(["us-east-1", "us-west-2"])
    return random.choice(
        [
            f"arn:aws:lambda:{region}:{account}:function:checkout",
            f"arn:aws:sqs:{region}:{account}:orders-dlq",
            f"arn:aws:kms:{region}:{account}:key/{uuid(random)}",
            f"arn:aws:states:{region}:{account}:execution:dsar:{uuid(random)}",
        ]
    )


def aws_account(random: Random) -> str:
    """Twelve digits with a beginning that no card has."""
    return random.choice("179") + digits(random, 11)


def ean13(random: Random) -> str:
    """GTIN-13 with its check digit. 40-44 is Germany, and looks like an old Visa number."""
    body = random.choice(["40", "41", "42", "43", "978", "87", "00", "76"])
    body += digits(random, 12 - len(body))
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(body))
    return body + str(-total % 10)


def long_id(count: int) -> Callable[[Random], str]:
    """Return a maker of ids of *count* digits that no issuer of cards begins with."""
    return lambda random: random.choice("178") + digits(random, count - 1)


def card_that_fails(random: Random) -> str:
    """Sixteen digits in an issuer's range whose check digit is wrong: an id of a shop."""
    number = numbers.card(random, random.choice(["mastercard", "jcb", "mir"]))
    return number[:-1] + str((int(number[-1]) + random.randrange(1, 10)) % 10)


def iban_that_fails(random: Random) -> str:
    """A reference of two letters and many digits, one digit short."""
    return random.choice(["DE", "GB", "FR", "AT"]) + digits(random, random.choice([12, 13, 15]))


def part_number(random: Random) -> str:
    """3-2-4 digits that are neither a social security number (900-999) nor an ITIN (group 01-49)."""
    return f"9{digits(random, 2)}-{random.randrange(10, 50)}-{digits(random, 4)}"


def order_id(random: Random) -> str:
    return f"{random.choice(['302', '113', '028'])}-{digits(random, 7)}-{digits(random, 7)}"


def tracking_number(random: Random) -> str:
    return random.choice(
        [
            f"1Z{text_of(random, UPPER + '0123456789', 6)}{digits(random, 10)}",
            f"JJD0{digits(random, 17)}",
            f"9400{digits(random, 18)}",
            f"00340{digits(random, 15)}",
            f"RR{digits(random, 9)}DE",
        ]
    )


def kinesis_sequence(random: Random) -> str:
    return "495" + digits(random, 53)


def user_agent(random: Random) -> str:
    major = random.randrange(100, 143)
    return random.choice(
        [
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Safari/537.36",
            f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.12.98 Safari/537.36",
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_{random.randrange(9)} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 Mobile/15E{random.randrange(100, 999)}",
            f"Boto3/1.40.{random.randrange(99)} md/Botocore#1.40.2 ua/2.1 os/linux#5.10.{random.randrange(99, 240)}-227.928.amzn2.x86_64 lang/python#3.13.1",
            f"okhttp/4.12.{random.randrange(20)}",
        ]
    )


def version_of_four_parts(random: Random) -> str:
    return f"{random.randrange(1, 20)}.{random.randrange(30)}.{random.randrange(250)}.{random.randrange(1, 250)}"


def semantic_version(random: Random) -> str:
    return f"{random.randrange(30)}.{random.randrange(60)}.{random.randrange(300)}{random.choice(['', '-rc.1', '+build.7'])}"


def price(random: Random) -> str:
    whole, cents = random.randrange(1, 3000), random.randrange(1, 100)
    return random.choice(
        [f"{whole}.{cents:02}", f"1,{whole % 900 + 100}.{cents:02}", f"1.{whole % 900 + 100},{cents:02}"]
    )


def number_with_point(random: Random) -> str:
    return f"{random.uniform(1, 5000):.7f}{random.choice('123456789')}"


def position(random: Random) -> str:
    return f"{random.uniform(36, 60):.5f}, {random.uniform(1, 24):.5f}"


def sku(random: Random) -> str:
    """Two letters and digits, but not the six digits and A-D of a British insurance number."""
    return f"{text_of(random, 'KLMPX', 2)}{digits(random, random.choice([4, 5, 8]))}{random.choice(['-XL', '-BLK', '', 'T'])}"


def invoice(random: Random) -> str:
    return random.choice([f"RE-2025-{digits(random, 6)}", f"INV{digits(random, 8)}", f"RE{digits(random, 7)}/25"])


def blob(random: Random) -> str:
    return base64.b64encode(b"\x89PNG" + random.randbytes(random.randrange(40, 120))).decode()


def digest_base64(random: Random) -> str:
    return base64.b64encode(random.randbytes(random.choice([16, 30, 32]))).decode()


def cursor(random: Random) -> str:
    return base64.b64encode(json.dumps({"offset": random.randrange(10**6), "sort": "price"}).encode()).decode()


def stripe_id(random: Random) -> str:
    return random.choice(["pi_3", "ch_3", "cus_", "evt_1", "in_1", "price_1", "pk_live_51"]) + text_of(
        random, ALPHANUMERIC, 23
    )


def aws_identifier(random: Random) -> str:
    return random.choice(["AIDA", "AROA", "AGPA"]) + text_of(random, UPPER + "234567", 17)


def npm_package(random: Random) -> str:
    return f"@{random.choice(['types/node', 'aws-sdk/client-sqs', 'babel/core'])}@{random.randrange(5, 24)}.{random.randrange(20)}.1"


def image_digest(random: Random) -> str:
    return f"shop/indexer@sha256:{text_of(random, HEX, 64)}"


def broadcast_mac(random: Random) -> str:
    return random.choice(["ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "FF-FF-FF-FF-FF-FF"])


def placeholder(random: Random) -> str:
    return random.choice(["${DB_PASSWORD}", "{{db_password}}", "<redacted>", "None", "true", "[hidden]", "xxxx"])


def count(random: Random) -> str:
    return str(random.randrange(1, 90_000))


def one_of(words: str) -> Callable[[Random], str]:
    return lambda random: random.choice(words.split())


def sentence(random: Random) -> str:
    return random.choice(
        [
            "password policy check passed",
            "the bearer of good news",
            "session started for the indexer",
            "token bucket refilled, secret santa campaign enabled",
            "cookie banner accepted, no auth required for this route",
            "key not found in cache, falling back to the table",
            "author list rebuilt; name of the index unchanged",
            "signature verification skipped for internal events",
            "the phone model and the card design were updated",
        ]
    )


def uppercase_code(random: Random) -> str:
    return random.choice(["STANDARD_INFREQUENT_ACCESS", "PAYMENT_METHOD_UNACTIVATED", "ProvisionedThroughputExceeded"])


FORMS: dict[str, Trap] = {
    "epoch ms": Trap(epoch_ms, ("timestamp_ms", "createdAt", "ingested"), ("at {} ms",), number=True),
    "epoch s": Trap(epoch_s, ("updated", "not_before", "created"), ("expires at {}",), number=True),
    "byte offset": Trap(long_id(10), ("offset", "bytes_read"), ("read up to offset {}",), number=True),
    "order id, ten digits": Trap(long_id(10), ("order_id", "orderNumber"), ("order {} was packed",), number=True),
    "order id, sixteen digits": Trap(long_id(16), ("order_id", "batch"), ("batch {} closed",)),
    "order id, 3-7-7": Trap(order_id, ("amazon_order", "reference"), ("order {} shipped",)),
    "id in a card range, wrong check digit": Trap(card_that_fails, ("voucher", "reference"), ("voucher {} used",)),
    "reference, two letters and digits": Trap(iban_that_fails, ("reference", "remittance"), ("reference {} booked",)),
    "part number, 3-2-4": Trap(part_number, ("part", "mpn"), ("part {} is out of stock",)),
    "EAN-13": Trap(ean13, ("ean", "gtin", "isbn13"), ("EAN {} not in the catalogue",), number=True),
    "tracking number": Trap(tracking_number, ("tracking_number", "shipment"), ("parcel {} handed over",)),
    "Kinesis sequence number": Trap(kinesis_sequence, ("sequenceNumber", "checkpoint"), ("resuming after {}",)),
    "UUID": Trap(uuid, ("cart_id", "eventId", "listing"), ("listing {} reindexed",)),
    "trace id": Trap(hexadecimal(32), ("trace_id", "traceId"), ("trace {} sampled",)),
    "span id": Trap(hexadecimal(16), ("span_id",), ("span {} ended",)),
    "request id": Trap(request_id, ("requestId", "x-amzn-requestid"), ("RequestId: {} done",)),
    "SHA-256": Trap(hexadecimal(64), ("sha256", "content_hash"), ("digest {} matches",)),
    "SHA-1": Trap(hexadecimal(40), ("commit", "revision"), ("deployed commit {}",)),
    "short commit": Trap(hexadecimal(7), ("build_commit",), ("built from {}",)),
    "ETag": Trap(lambda random: f'"{text_of(random, HEX, 31)}f"', ("etag", "if-none-match"), ("ETag {} unchanged",)),
    "X-Ray trace": Trap(
        lambda random: f"1-{text_of(random, HEX, 7)}a-{text_of(random, HEX, 23)}b",
        ("xray_trace_id",),
        ("Root={};Sampled=1",),
    ),
    "traceparent": Trap(
        lambda random: f"00-{text_of(random, HEX, 31)}c-{text_of(random, HEX, 15)}d-01",
        ("traceparent",),
        ("traceparent: {}",),
    ),
    "ARN": Trap(
        arn, ("resource", "functionArn", "eventSourceARN"), ("not authorized to perform sqs:SendMessage on {}",)
    ),
    "AWS account": Trap(aws_account, ("accountId", "owner_account"), ("in account {}",)),
    "user agent": Trap(user_agent, ("user_agent", "User-Agent", "browser"), ("agent {}",)),
    "version of four parts": Trap(
        version_of_four_parts,
        ("engine_version", "client_version"),
        ("version {} started", "kernel release {}", "build v{}"),
    ),
    "semantic version": Trap(semantic_version, ("sdk", "release"), ("upgraded to {}",)),
    "price": Trap(price, ("price", "total", "amount"), ("total {} EUR",)),
    "number with a point": Trap(number_with_point, ("duration_ms", "score", "p95"), ("took {} ms",), number=True),
    "position of a warehouse": Trap(position, ("warehouse_position", "viewport"), ("shelf at {}",)),
    "timestamp": Trap(moment, ("occurred", "time", "startedAt"), ("started {}",)),
    "time of day": Trap(clock, ("opens", "cutoff"), ("cut-off {}",)),
    "log time": Trap(log_time, ("requestTime",), ("[{}]",)),
    "date": Trap(day, ("delivery_date", "shipped", "day"), ("delivery on {}",)),
    "SKU": Trap(sku, ("sku", "variant"), ("SKU {} sold out",)),
    "invoice number": Trap(invoice, ("invoice", "document"), ("invoice {} created",)),
    "base64 of an image": Trap(blob, ("thumbnail", "payload"), ("thumbnail {}",)),
    "base64 digest": Trap(digest_base64, ("CodeSha256", "content_md5"), ("md5 {} matches",)),
    "receipt handle": Trap(lambda random: f"AQEB{text_of(random, BASE64, 200)}==", ("receiptHandle",)),
    "CloudFront id": Trap(lambda random: f"{text_of(random, BASE64_URL, 54)}==", ("x-amz-cf-id",)),
    "CloudFront distribution": Trap(
        lambda random: f"E{text_of(random, UPPER + '0123456789', 13)}", ("distribution",), ("invalidated {}",)
    ),
    "Stripe id": Trap(stripe_id, ("charge", "object_id", "payment_intent"), ("Stripe answered for {}",)),
    "IAM id": Trap(aws_identifier, ("principalId",), ("principal {} denied",)),
    "npm package": Trap(npm_package, ("dependency",), ("installed {}",)),
    "image digest": Trap(image_digest, ("image",), ("pulled {}",)),
    "decorator": Trap(
        one_of("@app.get @obskit.instrument @functools.cache @logger.catch"),
        ("source",),
        ("def handler below {} failed",),
    ),
    "MAC that is nobody's": Trap(broadcast_mac, ("destination",), ("sent to {}",)),
    "constant": Trap(uppercase_code, ("storage_class", "reason"), ("reason {}",)),
    "placeholder": Trap(placeholder, (), ("password={}", "token: {}", "using api_key={} from the template")),
    "prose with a trigger word": Trap(sentence, ("message_text", "status_line"), ("{}",)),
}
"""What stands in logs all day and looks like one of the forms of personal data."""


def _names(make: Callable[[Random], str], names: str, *, number: bool = False) -> dict[str, Trap]:
    return {f"key {name}": Trap(make, (name,), number=number) for name in names.split()}


NAMES: dict[str, Trap] = {
    **_names(count, "session_count token_count password_length phone_length cookie_size secret_size", number=True),
    **_names(one_of("postpaid prepaid debit"), "card_type phone_type token_family_type"),
    **_names(one_of("strict relaxed minimum-12"), "password_policy cookie_policy"),
    **_names(
        one_of("true false"),
        "email_verified phone_verified email_enabled mfa_enabled pass passed authenticated",
        number=True,
    ),
    **_names(one_of("verified pending bounced"), "email_status phone_status auth_status"),
    **_names(one_of("https://shop.example/reset https://shop.example/login"), "password_url auth_url"),
    **_names(one_of("900 3600 86400"), "session_ttl token_ttl expires_in session_duration", number=True),
    **_names(lambda random: f"{full_name(random)[0]}. {last_name(random)} Verlag", "author authors"),
    **_names(one_of("login.shop.example auth.shop.example"), "authority"),
    **_names(lambda random: f"listing#{digits(random, 7)}", "primary_key foreign_key partition_key sort_key"),
    **_names(lambda random: f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA{text_of(random, BASE64, 43)}", "public_key"),
    **_names(uuid, "idempotency_key"),
    **_names(lambda random: f"search:v2:{text_of(random, HEX, 8)}", "cache_key bucket_key"),
    **_names(one_of("listings_prod orders_prod"), "keyspace"),
    **_names(one_of("kettle lamp turntable"), "keyword"),
    **_names(cursor, "next_token continuation_token"),
    **_names(one_of("access id"), "token_use"),
    **_names(one_of("Bearer JWT"), "token_type"),
    **_names(uuid, "kms_key_id credentialsId access_id"),
    **_names(one_of("vault-eu-west vault-us-east"), "key_vault"),
    **_names(one_of("checkout search indexer mailer"), "function_name service_name event_name queue_name table_name"),
    **_names(one_of("SearchLatency CheckoutSuccess"), "metric_name"),
    **_names(one_of("export-0042.csv listing-77.jpg"), "file_name"),
    **_names(one_of("web-07.internal worker-3.internal"), "host_name"),
    **_names(one_of("200 404 503"), "status_code", number=True),
    **_names(one_of("E1042 ERR_TIMEOUT"), "error_code"),
    **_names(one_of("0 1 137"), "exit_code", number=True),
    **_names(one_of("DE GB FR ES"), "country_code"),
    **_names(one_of("10115 75011 28013"), "postal_code"),
    **_names(one_of("EUR USD GBP"), "currency_code"),
    **_names(epoch_s, "auth_time", number=True),
    **_names(one_of("true"), "access-control-allow-credentials"),
    **_names(one_of("all necessary none-given"), "cookie_consent"),
    **_names(one_of("Kettle-1.7l Turntable-II Lamp-XS"), "name"),
}
"""Names of keys that contain a trigger word and say nothing personal."""

KINDS = FORMS | NAMES
