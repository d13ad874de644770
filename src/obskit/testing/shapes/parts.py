"""What several records have in them: people, addresses, carts, the fields of a line, headers of HTTP."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from obskit.testing import planted, prose
from obskit.testing.draft import as_number

if TYPE_CHECKING:
    from obskit.testing.placements import Filler, Node

REGION = "us-east-1"


def said(filler: Filler) -> str:
    """Return a customer's message with its values in place."""
    templates = prose.PERSONAL if filler.personal else prose.PLAIN

    def value(found: re.Match[str]) -> str:
        kind = found.group(1)
        return filler.plant(kind) if kind in planted.KINDS else filler.harmless(kind)

    return re.sub(r"\{([^}]+)\}", value, filler.choose(templates))


def person(filler: Filler) -> dict[str, Node]:
    return {
        "firstName": filler.plant("key first_name"),
        "lastName": filler.plant("key last_name"),
        "email": filler.plant("key email"),
        "phone": filler.plant("phone, international"),
    }


def address(filler: Filler) -> dict[str, Node]:
    """Return a person's address: a masker may take all of it, or leave the town and the country."""
    return {
        "line1": filler.plant("key line1"),
        "line2": None,
        "city": "Bremen",
        "postal_code": "28195",
        "country_code": "DE",
    }


def cart(filler: Filler) -> dict[str, Node]:
    items = [
        {
            "sku": filler.harmless("SKU"),
            "ean": filler.harmless("EAN-13"),
            "quantity": filler.random.randrange(1, 5),
            "price": as_number(filler.harmless("number with a point")),
        }
        for _ in range(filler.random.randrange(1, 3))
    ]
    return {"cartId": filler.harmless("UUID"), "currency": "EUR", "items": items, "gift": False, "coupon": None}


def log_fields(filler: Filler) -> dict[str, Node]:
    return {
        "timestamp": filler.harmless("timestamp"),
        "level": filler.choose(["INFO", "INFO", "WARN", "DEBUG"]),
        "service": filler.harmless("key service_name"),
        "function_request_id": filler.harmless("UUID"),
        "xray_trace_id": filler.harmless("X-Ray trace"),
        "cold_start": False,
    }


def http_headers(filler: Filler) -> dict[str, Node]:
    headers: dict[str, Node] = {
        "host": "api.shop.example",
        "user-agent": filler.harmless("user agent"),
        "accept": "*/*",
        "accept-encoding": "gzip, br",
        "x-amzn-trace-id": f"Root={filler.harmless('X-Ray trace')}",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
        "if-none-match": filler.harmless("ETag"),
    }
    if filler.personal:
        headers["x-forwarded-for"] = filler.plant("key x_forwarded_for")
        if filler.chance(0.6):
            headers["authorization"] = f"Bearer {filler.plant('bearer token')}"
        if filler.chance(0.3):
            headers["cookie"] = f"theme=dark; sid={filler.plant('key session_id')}; lang=de"
    return headers
