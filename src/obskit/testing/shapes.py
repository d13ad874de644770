"""Records of a marketplace on AWS: what its functions receive, call and log, each as one function of a draft."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from obskit.testing import planted, prose
from obskit.testing.draft import as_base64, as_compact_json, as_form, as_json, as_number, as_repr, joined

if TYPE_CHECKING:
    from collections.abc import Callable

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


# --- what functions receive ------------------------------------------------------------------------------------------


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


def appsync_event(filler: Filler) -> Node:
    name = filler.choose(["checkout", "updateProfile"] if filler.personal else ["search", "listing"])
    arguments: dict[str, Node] = {"input": filler.with_fields(person(filler) if filler.personal else cart(filler))}
    identity = None
    if filler.personal:
        identity = {
            "sub": filler.harmless("UUID"),
            "issuer": f"https://cognito-idp.{REGION}.amazonaws.com/{REGION}_AbCdEf123",
            "sourceIp": [filler.plant("IPv4")],
            "claims": {"token_use": "access", "auth_time": as_number(filler.harmless("key auth_time"))},
            "defaultAuthStrategy": "ALLOW",
        }
    return {
        "arguments": arguments,
        "identity": identity,
        "source": None,
        "request": {"headers": http_headers(filler), "domainName": None},
        "prev": None,
        "info": {
            "fieldName": name,
            "parentTypeName": "Mutation",
            "variables": {},
            "selectionSetList": ["id", "status"],
        },
        "stash": {},
    }


def api_gateway_v1(filler: Filler) -> Node:
    body = filler.with_fields(
        {"email": filler.plant("key email"), **address(filler)} if filler.personal else {"sort": "price"}
    )
    source = filler.plant("IPv4") if filler.personal else None
    return {
        "resource": "/orders/{id}",
        "path": f"/orders/{filler.harmless('order id, ten digits')}",
        "httpMethod": "PUT",
        "headers": http_headers(filler),
        "queryStringParameters": {"page": "2", "token_type": filler.harmless("key token_type")},
        "multiValueQueryStringParameters": None,
        "requestContext": {
            "accountId": filler.harmless("AWS account"),
            "apiId": "a1b2c3d4e5",
            "requestId": filler.harmless("UUID"),
            "requestTime": filler.harmless("log time"),
            "requestTimeEpoch": as_number(filler.harmless("epoch ms")),
            "identity": {"sourceIp": source, "userAgent": filler.harmless("user agent"), "accessKey": None},
            "stage": "prod",
        },
        "body": as_json(body),
        "isBase64Encoded": False,
    }


def api_gateway_v2(filler: Filler) -> Node:
    body: Node
    if filler.personal:
        form = {
            "email": filler.plant("key email"),
            "password": filler.plant("key password"),
            "phone": filler.plant("key phone"),
            "remember": "on",
        }
        body = as_form(form) if filler.chance(0.5) else as_json({**form, "last_name": filler.plant("key last_name")})
    else:
        body = as_json(cart(filler))
    encoded = filler.chance(0.5)
    return filler.with_fields(
        {
            "version": "2.0",
            "routeKey": "POST /login",
            "rawPath": "/login",
            "rawQueryString": as_form(
                {"utm": "mail", **({"email": filler.plant("key email")} if filler.personal else {})}
            ),
            "headers": http_headers(filler),
            "requestContext": {
                "accountId": filler.harmless("AWS account"),
                "requestId": filler.harmless("request id"),
                "timeEpoch": as_number(filler.harmless("epoch ms")),
                "http": {
                    "method": "POST",
                    "path": "/login",
                    "sourceIp": filler.plant("IPv6") if filler.personal else "-",
                },
            },
            "body": as_base64(body) if encoded else body,
            "isBase64Encoded": encoded,
        }
    )


def eventbridge_event(filler: Filler) -> Node:
    detail = {"order": filler.harmless("order id, ten digits"), **(person(filler) if filler.personal else cart(filler))}
    return {
        "version": "0",
        "id": filler.harmless("UUID"),
        "detail-type": "OrderPlaced",
        "source": "shop.orders",
        "account": filler.harmless("AWS account"),
        "time": filler.harmless("timestamp"),
        "region": REGION,
        "resources": [filler.harmless("ARN")],
        "detail": filler.with_fields(detail),
    }


def sns_message(filler: Filler) -> dict[str, Node]:
    return {
        "Type": "Notification",
        "MessageId": filler.harmless("UUID"),
        "TopicArn": f"arn:aws:sns:{REGION}:{filler.harmless('AWS account')}:orders",
        "Message": filler.choose([as_json, as_compact_json])(eventbridge_event(filler)),
        "Timestamp": filler.harmless("timestamp"),
        "SignatureVersion": "1",
    }


def sqs_event(filler: Filler) -> Node:
    attributes = {
        "ApproximateReceiveCount": "1",
        "SentTimestamp": filler.harmless("epoch ms"),
        "SenderId": filler.harmless("IAM id"),
    }
    return {
        "Records": [
            {
                "messageId": filler.harmless("UUID"),
                "receiptHandle": filler.harmless("receipt handle"),
                "body": as_json(sns_message(filler) if filler.chance(0.5) else eventbridge_event(filler)),
                "attributes": attributes,
                "messageAttributes": {},
                "md5OfBody": filler.harmless("trace id"),
                "eventSource": "aws:sqs",
                "eventSourceARN": filler.harmless("ARN"),
            }
        ]
    }


def dynamodb_stream(filler: Filler) -> Node:
    image: dict[str, Node] = {
        "pk": {"S": f"order#{filler.harmless('order id, 3-7-7')}"},
        "created": {"N": filler.harmless("epoch s")},
        "total": {"N": filler.harmless("number with a point")},
        "tags": {"SS": ["new", "fragile"]},
        "paid": {"BOOL": True},
    }
    if filler.personal:
        typed = {key: {"S": value} for key, value in person(filler).items()}
        image |= {**typed, "address": {"M": {"line1": {"S": filler.plant("key line1")}, "city": {"S": "Lyon"}}}}
        image["contacts"] = {"L": [{"S": filler.plant("e-mail")}, {"S": filler.plant("phone, international")}]}
    else:
        image["listing"] = {"M": {"sku": {"S": filler.harmless("SKU")}, "ean": {"S": filler.harmless("EAN-13")}}}
    return filler.with_fields(
        {
            "eventID": filler.harmless("trace id"),
            "eventName": "MODIFY",
            "awsRegion": REGION,
            "dynamodb": {
                "ApproximateCreationDateTime": as_number(filler.harmless("epoch s")),
                "Keys": {"pk": image["pk"]},
                "NewImage": image,
                "SequenceNumber": filler.harmless("Kinesis sequence number"),
                "SizeBytes": 312,
                "StreamViewType": "NEW_IMAGE",
            },
            "eventSourceARN": filler.harmless("ARN"),
        }
    )


def kinesis_record(filler: Filler) -> Node:
    data = filler.with_fields(person(filler) if filler.personal else cart(filler))
    return {
        "kinesis": {
            "partitionKey": filler.harmless("key partition_key"),
            "sequenceNumber": filler.harmless("Kinesis sequence number"),
            "data": as_base64(as_json(data)),
            "approximateArrivalTimestamp": as_number(filler.harmless("number with a point")),
        },
        "eventSource": "aws:kinesis",
        "eventID": f"shardId-000000000006:{filler.harmless('Kinesis sequence number')}",
        "invokeIdentityArn": filler.harmless("ARN"),
    }


def edge_request(filler: Filler) -> Node:
    plain = {
        "host": "shop.example",
        "user-agent": filler.harmless("user agent"),
        "x-amz-cf-id": filler.harmless("CloudFront id"),
    }
    secret = {}
    if filler.personal:
        secret = {
            "authorization": f"Bearer {filler.plant('bearer token')}",
            "x-forwarded-for": filler.plant("key x_forwarded_for"),
        }
    headers = {name: [{"key": name.title(), "value": value}] for name, value in (plain | secret).items()}
    request = {"uri": "/p/77", "method": "GET", "querystring": as_form({"ref": "mail"}), "headers": headers}
    if filler.personal:
        request["clientIp"] = filler.plant("key client_ip")
    config = {"distributionId": filler.harmless("CloudFront distribution"), "eventType": "viewer-request"}
    return filler.with_fields({"cf": {"config": config, "request": request}})


# --- what functions call ---------------------------------------------------------------------------------------------


def stripe_charge(filler: Filler) -> Node:
    card = {"brand": "visa", "exp_month": 11, "exp_year": 2029, "fingerprint": "Xt5EWLLDS7FJjR1c", "funding": "credit"}
    charge: dict[str, Node] = {
        "id": filler.harmless("Stripe id"),
        "object": "charge",
        "amount": as_number(filler.harmless("key session_count")),
        "created": as_number(filler.harmless("epoch s")),
        "currency": "eur",
        "payment_intent": filler.harmless("Stripe id"),
        "payment_method_details": {"card": card, "type": "card"},
        "status": "succeeded",
    }
    if filler.personal:
        charge["billing_details"] = {
            "name": filler.plant("key billing_details.name"),
            "email": filler.plant("key email"),
            "phone": filler.plant("phone, international"),
            "address": address(filler),
        }
        charge["receipt_email"] = filler.plant("key receipt_email")
        if filler.chance(0.4):
            charge["client_secret"] = filler.plant("Stripe client secret")
    return filler.with_fields(
        {"id": filler.harmless("Stripe id"), "type": "charge.succeeded", "data": {"object": charge}}
    )


def mail_request(filler: Filler) -> Node:
    """What goes to SES."""
    to = [filler.plant("e-mail")] if filler.personal else ["ops"]
    greeting = f"Hello, your order {filler.harmless('order id, 3-7-7')} left our warehouse."
    return filler.with_fields(
        {
            **log_fields(filler),
            "message": "mail sent",
            "request": {
                "Source": "no-reply",
                "Destination": {"ToAddresses": to, "BccAddresses": []},
                "Message": {"Subject": {"Data": "Your order"}, "Body": {"Text": {"Data": greeting}}},
            },
        }
    )


# --- what functions log ----------------------------------------------------------------------------------------------


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


SHAPES: tuple[Callable[[Filler], Node], ...] = (
    appsync_event,
    api_gateway_v1,
    api_gateway_v2,
    eventbridge_event,
    sns_message,
    sqs_event,
    dynamodb_stream,
    kinesis_record,
    edge_request,
    stripe_charge,
    mail_request,
    order_line,
    order_line,
    checkout_line,
    search_line,
    support_line,
    access_line,
    failure_line,
    failure_line,
    headers_line,
    release_line,
    privacy_job,
)
"""One function a shape; each returns a document in which texts are stand-ins."""
