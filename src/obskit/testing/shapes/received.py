"""Records of what functions receive: events as AWS's services hand them over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit.testing.draft import as_base64, as_compact_json, as_form, as_json, as_number
from obskit.testing.shapes.parts import REGION, address, cart, http_headers, person

if TYPE_CHECKING:
    from obskit.testing.placements import Filler, Node


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
