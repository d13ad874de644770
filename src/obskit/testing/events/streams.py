"""
Events of stores and streams: S3, DynamoDB streams, Kinesis.

Sources, 2026-11-24: S3 user guide, "Event message structure"; Lambda developer guide, "Using AWS Lambda with Amazon
DynamoDB", "… Kinesis Data Streams"; DynamoDB API reference, `AttributeValue`, `StreamRecord`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal
from urllib.parse import quote_plus

from obskit.testing.events.common import ACCOUNT, EPOCH_S, REGION, SOURCE_IP, TIME_MS, Event, an_id, as_base64


def s3_event(
    *keys: str, bucket: str = "example-bucket", event_name: str = "ObjectCreated:Put", size: int = 1024
) -> Event:
    """
    Return what S3 sends a function, one record for each of *keys*.

    Args:
        keys: names of objects; they arrive URL-encoded, as S3 sends them. Default: one.
        bucket: its name.
        event_name: without `s3:`, such as `ObjectRemoved:Delete`, whose objects have neither size nor tag.
        size: of each object, in bytes.
    """
    removed = event_name.startswith("ObjectRemoved")
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": REGION,
                "eventTime": TIME_MS,
                "eventName": event_name,
                "userIdentity": {"principalId": "AWS:AIDAINPONIXQXHT3IKHL2"},
                "requestParameters": {"sourceIPAddress": SOURCE_IP},
                "responseElements": {
                    "x-amz-request-id": "C3D13FE58DE4C810",
                    "x-amz-id-2": "FMyUVURIY8IgxAJBEXAMPLEEXAMPLEEXAMPLE",
                },
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": "example",
                    "bucket": {
                        "name": bucket,
                        "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                        "arn": f"arn:aws:s3:::{bucket}",
                    },
                    "object": {
                        "key": quote_plus(key, safe="/"),
                        **({} if removed else {"size": size, "eTag": "d41d8cd98f00b204e9800998ecf8427e"}),
                        "sequencer": f"0055AED6DCD90281{number:02X}",
                    },
                },
            }
            for number, key in enumerate(keys or ("orders/1.json",), 1)
        ]
    }


def dynamodb_event(
    *items: Mapping[str, object],
    event_name: Literal["INSERT", "MODIFY", "REMOVE"] = "INSERT",
    old_items: tuple[Mapping[str, object], ...] = (),
    key: str = "id",
    table: str = "orders",
) -> Event:
    """
    Return what a DynamoDB stream sends a function (view type `NEW_AND_OLD_IMAGES`), one record for each of *items*.

    Args:
        items: as Python has them (`{"id": "1", "paid": True}`); they arrive in DynamoDB's typed form. Default: one.
        event_name: of each record; items of REMOVE are the old images.
        old_items: what the items of MODIFY were before; default: the same.
        key: the attribute that is the table's key.
        table: its name.

    Raises:
        KeyError: an item lacks the *key*.
        TypeError: DynamoDB has no type for a value.
    """
    records = []
    for number, item in enumerate(items or ({"id": "ord_1", "status": "PLACED"},), 1):
        old = old_items[number - 1] if number <= len(old_items) else item
        image: Event = {
            "ApproximateCreationDateTime": EPOCH_S,
            "Keys": {key: _typed(item[key])},
            "SequenceNumber": str(111 * number),
            "SizeBytes": 26,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        }
        if event_name != "REMOVE":
            image["NewImage"] = _attributes(item)
        if event_name != "INSERT":
            image["OldImage"] = _attributes(old)
        records.append(
            {
                "eventID": an_id("change", number).replace("-", ""),
                "eventName": event_name,
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": REGION,
                "dynamodb": image,
                "eventSourceARN": (f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}/stream/2026-01-02T00:00:00.000"),
            }
        )
    return {"Records": records}


def kinesis_event(*data: object, stream: str = "orders", partition_key: str = "1") -> Event:
    """Return what a Kinesis stream sends a function, one record for each of *data*: bytes, text, or JSON types."""
    return {
        "Records": [
            {
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": partition_key,
                    "sequenceNumber": str(49590338271490256608559692538361571095921575989136588898 + number),
                    "data": as_base64(one),
                    "approximateArrivalTimestamp": float(EPOCH_S),
                },
                "eventSource": "aws:kinesis",
                "eventVersion": "1.0",
                "eventID": f"shardId-000000000006:{49590338271490256608559692538361571095921575989136588898 + number}",
                "eventName": "aws:kinesis:record",
                "invokeIdentityArn": f"arn:aws:iam::{ACCOUNT}:role/lambda-role",
                "awsRegion": REGION,
                "eventSourceARN": f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{stream}",
            }
            for number, one in enumerate(data or ({"orderId": "ord_1"},), 1)
        ]
    }


def _attributes(item: Mapping[str, object]) -> dict[str, object]:
    return {name: _typed(value) for name, value in item.items()}


def _typed(value: object) -> dict[str, object]:  # noqa: PLR0911  one for each type
    """
    Return *value* as DynamoDB writes it.

    >>> _typed({"tags": ["a"], "n": 1})
    {'M': {'tags': {'L': [{'S': 'a'}]}, 'n': {'N': '1'}}}
    """
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, (int, float, Decimal)):
        return {"N": str(value)}
    if isinstance(value, bytes):
        return {"B": as_base64(value)}
    if isinstance(value, Mapping):
        return {"M": _attributes(value)}
    if isinstance(value, (list, tuple)):
        return {"L": [_typed(inner) for inner in value]}
    if isinstance(value, (set, frozenset)) and all(isinstance(inner, str) for inner in value):
        return {"SS": sorted(map(str, value))}
    raise TypeError(f"DynamoDB has no type for {type(value).__name__}: write it as text, a number or a map of those")
