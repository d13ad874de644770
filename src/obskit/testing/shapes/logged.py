"""Records of what functions log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit.testing.draft import as_form, as_number, as_repr, joined
from obskit.testing.shapes.parts import address, cart, http_headers, log_fields, person, said

if TYPE_CHECKING:
    from obskit.testing.placements import Filler, Node


def order_line(filler: Filler) -> Node:
    own = {**log_fields(filler), "message": "order placed", "order_id": filler.harmless("order id, ten digits")}
    if filler.personal:
        own["customer"] = {
            "name": filler.plant("key customer.name"),
            "email": filler.plant("key email"),
            "tier": "gold",
        }
        own["shipping"] = address(filler)
    return filler.with_fields(
        {**own, "cart": cart(filler), "duration_ms": as_number(filler.harmless("number with a point"))}
    )


def checkout_line(filler: Filler) -> Node:
    own = {**log_fields(filler), "message": "checkout started", "cart": cart(filler)}
    if filler.personal:
        own["payment"] = {
            "card_number": filler.plant("card, visa"),
            "cvv": filler.plant("key cvv"),
            "expiry": "11/29",
            "cardholder_name": filler.plant("key cardholder_name"),
        }
    return filler.with_fields(own)


def search_line(filler: Filler) -> Node:
    query = filler.plant("e-mail") if filler.personal else "turntable 33 rpm"
    own = {**log_fields(filler), "message": f"search for '{query}' took 12.4 ms", "hits": 0}
    return filler.with_fields(
        {**own, "typesense": {"q": query, "per_page": 20, "next_token": filler.harmless("key next_token")}}
    )


def support_line(filler: Filler) -> Node:
    ticket = {
        "ticket": 4711,
        "channel": "mail",
        "text": said(filler),
        "session_count": as_number(filler.harmless("key session_count")),
    }
    return filler.with_fields({**log_fields(filler), "message": "ticket opened", **ticket, "reply": said(filler)})


def access_line(filler: Filler) -> Node:
    client = filler.plant("IPv4") if filler.personal else "-"
    query = (
        as_form({"email": filler.plant("key email"), "p": "1"}) if filler.personal else as_form({"q": "lamp", "p": "1"})
    )
    line = joined(
        f'{client} - - [{filler.harmless("log time")}] "GET /search?',
        query,
        f' HTTP/1.1" 200 5316 "https://shop.example/" "{filler.harmless("user agent")}" rt=0.012',
    )
    upstream = f"{filler.harmless('timestamp')} upstream answered 200 in 11 ms, request {filler.harmless('request id')}"
    return filler.with_fields({**log_fields(filler), "message": "access", "line": line, "next": upstream})


def failure_line(filler: Filler) -> Node:
    return filler.with_fields(
        {**log_fields(filler), "message": "unhandled error", "exception": filler.choose(_FAILURES)(filler)}
    )


def _frames(filler: Filler) -> str:
    return (
        'Traceback (most recent call last):\n  File "/var/task/orders/app.py", line 88, in handler\n'
        f"    store.save(order)  # request {filler.harmless('UUID')}\n"
    )


def _sql_failure(filler: Filler) -> Node:
    who = (
        f"(email)=({filler.plant('e-mail')})"
        if filler.personal
        else f"(order_id)=({filler.harmless('order id, ten digits')})"
    )
    return f"{_frames(filler)}psycopg.errors.UniqueViolation: duplicate key value violates unique constraint\nDETAIL:  Key {who} already exists."


def _sqlalchemy_failure(filler: Filler) -> Node:
    given = person(filler) if filler.personal else {"sku": filler.harmless("SKU"), "ean": filler.harmless("EAN-13")}
    return joined(
        f"{_frames(filler)}sqlalchemy.exc.DataError: value too long\n[SQL: INSERT INTO t]\n[parameters: ",
        as_repr(given),
        "]",
    )


def _pydantic_failure(filler: Filler) -> Node:
    value = filler.plant("e-mail, international") if filler.personal else filler.harmless("SKU")
    return f"{_frames(filler)}pydantic_core.ValidationError: 1 validation error for Order\ncontact\n  value is not valid [type=value_error, input_value='{value}', input_type=str]"


def _boto_failure(filler: Filler) -> Node:
    item = {"email": {"S": filler.plant("key email")}} if filler.personal else {"sku": {"S": filler.harmless("SKU")}}
    return joined(
        f"{_frames(filler)}botocore.exceptions.ParamValidationError: Parameter validation failed:\n"
        "Invalid type for parameter Item.count, value: 3, type: <class 'int'>; given ",
        as_repr(item),
        f"; resource {filler.harmless('ARN')}",
    )


def _connection_failure(filler: Filler) -> Node:
    if not filler.personal:
        return f"{_frames(filler)}TimeoutError: db.internal.example:5432 after 3.002 s, engine version {filler.harmless('version of four parts')}"
    return f"{_frames(filler)}OperationalError: postgresql://app:{filler.plant('password in a URL')}@db.internal.example:5432/shop refused"


_FAILURES = (_sql_failure, _sqlalchemy_failure, _pydantic_failure, _boto_failure, _connection_failure)


def headers_line(filler: Filler) -> Node:
    """Headers as the libraries of several languages hand them over."""
    headers = http_headers(filler)
    written: Node = filler.choose(
        [
            headers,
            [[name.title(), value] for name, value in headers.items()],
            [{"name": name, "value": value} for name, value in headers.items()],
            [{"Key": name.title(), "Value": value} for name, value in headers.items()],
            {name: [value] for name, value in headers.items()},
        ]
    )
    return filler.with_fields({**log_fields(filler), "message": "request", "headers": written})


def release_line(filler: Filler) -> Node:
    """A line of a deploy job; personal only by what with_fields adds."""
    return filler.with_fields(
        {
            **log_fields(filler),
            "message": "release finished",
            "commit": filler.harmless("SHA-1"),
            "image": filler.harmless("image digest"),
            "packages": [filler.harmless("npm package"), f"orders=={filler.harmless('semantic version')}"],
            "CodeSha256": filler.harmless("base64 digest"),
            "alias": filler.harmless("ARN"),
            "engine_version": filler.harmless("version of four parts"),
        }
    )


def privacy_job(filler: Filler) -> Node:
    """A job that answers a privacy request."""
    own: dict[str, Node] = {**log_fields(filler), "message": "dsar export", "execution": filler.harmless("ARN")}
    if filler.personal:
        own["requester"] = {
            "name": filler.plant("key requester.name"),
            "date_of_birth": filler.plant("key date_of_birth"),
        }
        own["found"] = {"tables": 4, "emails": [filler.plant("e-mail"), filler.plant("e-mail")]}
    return filler.with_fields(own)
