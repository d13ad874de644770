"""
The functions of the end-to-end test: the checkout that writes an outbox, the relay that publishes it, the indexer.

The package root that is zipped has this file alone, as `functions.py`.
"""

from __future__ import annotations

import json
import os
from typing import Any

import obskit
from obskit.integrations import boto
from obskit.tracing import outbox

boto.propagate()


def _database() -> Any:
    from pg8000.native import Connection

    return Connection("postgres", host="127.0.0.1", port=int(os.environ["DATABASE_PORT"]), database="postgres")


@obskit.instrument(service="checkout")
def checkout(event: dict[str, Any], context: object) -> dict[str, Any]:
    order = event["arguments"]["input"]["cartId"]
    obskit.logger.info("order placed", order_id=order)
    row = {"detail": json.dumps({"orderId": order})}
    with obskit.span("place order"):
        obskit.inject(row, kind="outbox")
        database = _database()
        database.run("BEGIN")
        database.run(
            "INSERT INTO outbox (detail, traceparent, tracestate, correlation_id)"
            " VALUES (:detail, :traceparent, :tracestate, :correlation_id)",
            **row,
        )
        database.run("COMMIT")
        database.close()
    return {"orderId": order, "status": "ACCEPTED"}


@obskit.instrument(service="relay")
def relay(event: object, context: object) -> int:
    import boto3

    database = _database()
    found = database.run("DELETE FROM outbox RETURNING *")
    rows = [dict(zip([column["name"] for column in database.columns], row, strict=True)) for row in found]
    database.close()
    events = boto3.client("events")
    obskit.logger.info("relay begins", rows=len(rows))
    for row in rows:
        with outbox.relay(row):
            obskit.logger.info("publishing", order_id=row["detail"]["orderId"])
            entry = {"Source": "shop.joined", "DetailType": "OrderPlaced", "Detail": json.dumps(row["detail"])}
            events.put_events(Entries=[entry])
    return len(rows)


@obskit.instrument(service="indexer")
def index(event: dict[str, Any], context: object) -> None:
    for record in event["Records"]:
        with obskit.span("index document"):
            obskit.logger.info("indexed", order_id=json.loads(record["body"])["detail"]["orderId"])
