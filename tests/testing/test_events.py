"""Each event in the eyes of an independent judge: the data classes and parsers of Powertools for AWS Lambda."""

import base64
import hashlib
import json
from decimal import Decimal

import pytest
from aws_lambda_powertools.utilities import data_classes as powertools
from aws_lambda_powertools.utilities.data_classes.appsync_authorizer_event import AppSyncAuthorizerEvent
from aws_lambda_powertools.utilities.data_classes.appsync_resolver_events_event import AppSyncResolverEventsEvent
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecordEventName

import obskit
from obskit import testing
from obskit.testing import events
from tests.helpers import TRACE_ID, TRACEPARENT, XRAY_HEADER, XRAY_TRACE_ID

ORDER = {"orderId": "ord_1"}

EVERY = {
    "appsync": events.appsync_event,
    "appsync batch": events.appsync_batch_event,
    "appsync pipeline": events.appsync_pipeline_event,
    "appsync authorizer": events.appsync_authorizer_event,
    "appsync channel": events.appsync_channel_event,
    "sqs": events.sqs_event,
    "sns": events.sns_event,
    "sns in sqs": events.sns_in_sqs_event,
    "eventbridge": events.eventbridge_event,
    "eventbridge in sqs": events.eventbridge_in_sqs_event,
    "schedule": events.schedule_event,
    "api gateway": events.apigateway_event,
    "api gateway v2": events.apigateway_v2_event,
    "alb": events.alb_event,
    "function url": events.function_url_event,
    "s3": events.s3_event,
    "dynamodb": events.dynamodb_event,
    "kinesis": events.kinesis_event,
}


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_every_call_gives_the_same_fresh_json(make):
    first, second = make(), make()

    assert first == second == json.loads(json.dumps(first))
    assert shared(first, second) == []


def shared(first, second):
    """Return the containers that *first* and *second* have in common."""
    if isinstance(first, dict):
        inner = [one for key in first for one in shared(first[key], second[key])]
    elif isinstance(first, list):
        inner = [one for pair in zip(first, second, strict=True) for one in shared(*pair)]
    else:
        return []
    return [first, *inner] if first is second else inner


def test_what_is_handed_in_is_copied():
    arguments = {"input": {"id": "1"}}
    event = events.appsync_event(arguments)
    event["arguments"]["input"]["id"] = "2"

    assert arguments == {"input": {"id": "1"}}


def test_every_event_is_of_the_package():
    assert set(events.__all__) <= set(testing.__all__)
    assert {make.__name__ for make in EVERY.values()} | {"cognito_identity"} == set(events.__all__)


# --- AppSync ----------------------------------------------------------------------------------------------------------


def test_powertools_reads_a_resolver_event():
    event = powertools.AppSyncResolverEvent(
        events.appsync_event(
            {"id": "1"},
            field_name="order",
            parent_type="Query",
            headers={"X-Correlation-Id": "c-1"},
            identity=events.cognito_identity("ann", groups=["buyers"], email="ann@example.com"),
            source={"id": "shop-1"},
            stash={"step": 1},
            variables={"id": "1"},
            selection=["id", "seller", "seller/name"],
            domain_name="api.example.com",
        )
    )

    assert (event.type_name, event.field_name, event.arguments) == ("Query", "order", {"id": "1"})
    assert event.request_headers["x-correlation-id"] == "c-1"
    assert (event.source, event.stash, event.prev_result) == ({"id": "shop-1"}, {"step": 1}, None)
    assert (event.domain_name, event.info.variables) == ("api.example.com", {"id": "1"})
    assert event.info.selection_set_list == ["id", "seller", "seller/name"]
    assert event.info.selection_set_graphql == "{ id seller { name } }"
    assert (event.identity.username, event.identity.groups) == ("ann", ["buyers"])
    assert event.identity.claims["email"] == "ann@example.com"
    assert (event.identity.source_ip, event.identity.default_auth_strategy) == (["192.0.2.1"], "ALLOW")
    assert event.identity.sub == event.identity.claims["sub"]
    assert event.identity.issuer == event.identity.claims["iss"]


def test_powertools_reads_a_batch_of_a_resolver():
    batch = events.appsync_batch_event([{"id": "1"}, {"id": "2"}], field_name="seller", parent_type="Listing")

    read = [powertools.AppSyncResolverEvent(one) for one in batch]
    assert [(one.type_name, one.field_name, one.source) for one in read] == [
        ("Listing", "seller", {"id": "1"}),
        ("Listing", "seller", {"id": "2"}),
    ]


def test_appsync_pipeline():
    event = powertools.AppSyncResolverEvent(events.appsync_pipeline_event(result={"ok": True}, stash={"step": 2}))

    assert (event.prev_result, event.stash) == ({"ok": True}, {"step": 2})


def test_appsync_authorizer():
    event = AppSyncAuthorizerEvent(
        events.appsync_authorizer_event("token-1", query="{ me { id } }", operation_name=None, variables={"a": 1})
    )

    assert (event.authorization_token, event.request_context.account_id) == ("token-1", "111111111111")
    assert (event.request_context.query_string, event.request_context.operation_name) == ("{ me { id } }", None)
    assert (event.request_context.variables, len(event.request_context.request_id)) == ({"a": 1}, 36)
    assert event.request_context.api_id
    assert event["requestHeaders"]["authorization"] == "token-1"


def test_appsync_channel():
    event = AppSyncResolverEventsEvent(events.appsync_channel_event({"n": 1}, {"n": 2}, channel="/shop/orders"))

    assert [one["payload"] for one in event.events] == [{"n": 1}, {"n": 2}]
    assert len({one["id"] for one in event.events}) == 2
    assert (event.info.channel_path, event.info.channel_segments) == ("/shop/orders", ["shop", "orders"])
    assert (event.info.channel_namespace, event.info.operation) == ({"name": "shop"}, "PUBLISH")
    assert event.out_errors == []

    subscription = AppSyncResolverEventsEvent(events.appsync_channel_event(operation="SUBSCRIBE"))
    assert (subscription.info.operation, subscription["events"]) == ("SUBSCRIBE", None)


# --- queues, topics, buses --------------------------------------------------------------------------------------------


def test_powertools_reads_messages_of_a_queue():
    event = powertools.SQSEvent(
        events.sqs_event(
            ORDER,
            "plain",
            message_attributes={"traceparent": TRACEPARENT, "n": 7, "raw": b"\xff"},
            trace_header=XRAY_HEADER,
            receive_count=3,
        )
    )

    first, second = event.records
    assert (first.json_body, second.body) == (ORDER, "plain")
    assert first.message_id != second.message_id
    assert (first.attributes.aws_trace_header, first.attributes.approximate_receive_count) == (XRAY_HEADER, "3")
    assert (first.queue_url, first.aws_region) == (
        "https://sqs.us-east-1.amazonaws.com/111111111111/orders",
        "us-east-1",
    )
    attributes = first.message_attributes
    assert (attributes["traceparent"].string_value, attributes["traceparent"].data_type) == (TRACEPARENT, "String")
    assert (attributes["n"].string_value, attributes["n"].data_type) == ("7", "Number")
    assert (attributes["raw"].binary_value, attributes["raw"].data_type) == ("/w==", "Binary")
    assert second.md5_of_body == hashlib.md5(b"plain").hexdigest()
    assert first.attributes.sent_timestamp == "1767323045000"
    assert (first.attributes.message_group_id, first.attributes.sequence_number) == (None, None)


def test_a_fifo_queue_has_groups_and_numbers():
    (record,) = powertools.SQSEvent(events.sqs_event(queue="orders.fifo", group_id="buyer-1")).records

    assert record.attributes.message_group_id == "buyer-1"
    assert record.attributes.sequence_number
    assert record.attributes.message_deduplication_id


def test_powertools_reads_a_notification():
    event = powertools.SNSEvent(events.sns_event(ORDER, subject="placed", message_attributes={"n": 7, "t": "x"}))

    assert (json.loads(event.sns_message), event.record.sns.subject) == (ORDER, "placed")
    assert event.record.event_subscription_arn.startswith("arn:aws:sns:us-east-1:111111111111:orders:")
    assert event.record.sns.get_type == "Notification"
    attributes = event.record.sns.message_attributes
    assert [(attributes[name].get_type, attributes[name].value) for name in ("n", "t")] == [
        ("Number", "7"),
        ("String", "x"),
    ]
    assert event.record.sns.timestamp == "2026-01-02T03:04:05.000Z"


def test_powertools_reads_a_notification_in_a_message():
    (record,) = powertools.SQSEvent(events.sns_in_sqs_event(ORDER, message_attributes={"t": "x"}, subject="s")).records

    message = record.decoded_nested_sns_event
    assert (json.loads(message.message), message.subject) == (ORDER, "s")
    assert message.message_attributes["t"].value == "x"
    assert message.topic_arn == "arn:aws:sns:us-east-1:111111111111:orders"


def test_raw_delivery_has_the_message_bare():
    (record,) = powertools.SQSEvent(events.sns_in_sqs_event(ORDER, message_attributes={"t": "x"}, raw=True)).records

    assert (record.json_body, record.message_attributes["t"].string_value) == (ORDER, "x")


def test_powertools_reads_an_event_of_a_bus():
    event = powertools.EventBridgeEvent(
        events.eventbridge_event(ORDER, detail_type="OrderPaid", source="shop.payments", resources=["arn:aws:x"])
    )

    assert (event.detail, event.detail_type, event.source) == (ORDER, "OrderPaid", "shop.payments")
    assert (event.account, event.region, event.time) == ("111111111111", "us-east-1", "2026-01-02T03:04:05Z")
    assert (event.version, event.resources, event.replay_name) == ("0", ["arn:aws:x"], None)


def test_eventbridge_in_sqs():
    event = powertools.SQSEvent(events.eventbridge_in_sqs_event(ORDER, {"orderId": "2"}, trace_header=XRAY_HEADER))

    nested = [powertools.EventBridgeEvent(record.json_body) for record in event.records]
    assert [one.detail["orderId"] for one in nested] == ["ord_1", "2"]
    assert len({one.get_id for one in nested}) == 2
    assert next(event.records).attributes.aws_trace_header == XRAY_HEADER


def test_powertools_reads_a_schedules_event():
    event = powertools.EventBridgeEvent(events.schedule_event("hourly"))

    assert (event.detail_type, event.source, event.detail) == ("Scheduled Event", "aws.events", {})
    assert event.resources == ["arn:aws:events:us-east-1:111111111111:rule/hourly"]


# --- HTTP -------------------------------------------------------------------------------------------------------------

QUERY = {"page": "2", "tag": ["a", "b c"]}


def test_powertools_reads_a_request_of_a_rest_api():
    event = powertools.APIGatewayProxyEvent(
        events.apigateway_event(
            ORDER,
            method="PUT",
            path="/orders/7",
            headers={"traceparent": TRACEPARENT, "content-type": "text/plain"},
            query=QUERY,
            path_parameters={"id": "7"},
            resource="/orders/{id}",
            authorizer={"claims": {"email": "ann@example.com"}},
        )
    )

    assert (event.http_method, event.path, event.resource) == ("PUT", "/orders/7", "/orders/{id}")
    assert (event.json_body, event.is_base64_encoded) == (ORDER, False)
    assert (event.headers["traceparent"], event.headers["Content-Type"]) == (TRACEPARENT, "text/plain")
    assert event.multi_value_headers["Content-Type"] == ["text/plain"]
    assert (event.query_string_parameters, event.multi_value_query_string_parameters) == (
        {"page": "2", "tag": "b c"},
        {"page": ["2"], "tag": ["a", "b c"]},
    )
    assert event.resolved_query_string_parameters == {"page": ["2"], "tag": ["a", "b c"]}
    assert event.path_parameters == {"id": "7"}
    context = event.request_context
    assert context.authorizer.claims == {"email": "ann@example.com"}
    assert (context.account_id, context.stage, context.path) == ("111111111111", "prod", "/prod/orders/7")
    assert (context.identity.source_ip, context.protocol, context.resource_path) == (
        "192.0.2.1",
        "HTTP/1.1",
        "/orders/{id}",
    )
    assert context.request_time_epoch == 1767323045000


def test_api_gateway_without_a_body():
    event = powertools.APIGatewayProxyEvent(events.apigateway_event(method="GET"))

    assert (event.body, event.query_string_parameters, event.path_parameters) == (None, {}, {})


def test_powertools_reads_a_request_of_an_http_api():
    event = powertools.APIGatewayProxyEventV2(
        events.apigateway_v2_event(
            b"\x00\xff",
            method="POST",
            path="/images",
            headers={"TraceParent": TRACEPARENT},
            query=QUERY,
            path_parameters={"id": "7"},
            cookies=["session=1"],
            authorizer={"jwt": {"claims": {"sub": "1"}, "scopes": None}},
        )
    )

    assert (event.version, event.route_key, event.raw_path) == ("2.0", "POST /images", "/images")
    assert (event.is_base64_encoded, base64.b64decode(event.body)) == (True, b"\x00\xff")
    assert (event["headers"]["traceparent"], event.cookies) == (TRACEPARENT, ["session=1"])
    assert (event.raw_query_string, event.query_string_parameters) == (
        "page=2&tag=a&tag=b+c",
        {"page": "2", "tag": "a,b c"},
    )
    assert (event.http_method, event.request_context.http.source_ip) == ("POST", "192.0.2.1")
    assert event.request_context.authorizer.jwt_claim == {"sub": "1"}
    assert event.path_parameters == {"id": "7"}
    assert event.request_context.time_epoch == 1767323045000


def test_version_2_leaves_out_what_is_empty():
    assert {"body", "cookies", "queryStringParameters", "pathParameters"}.isdisjoint(
        events.apigateway_v2_event(method="GET")
    )


def test_powertools_reads_a_request_of_a_function_url():
    event = powertools.LambdaFunctionUrlEvent(
        events.function_url_event(ORDER, headers={"x": "y"}, authorizer={"iam": {"userArn": "arn:aws:iam::x"}})
    )

    assert (event.json_body, event.headers["x"], event.route_key) == (ORDER, "y", "$default")
    assert event.request_context.domain_name == event.headers["host"] == "example.lambda-url.us-east-1.on.aws"
    assert event.request_context.authorizer.iam.user_arn == "arn:aws:iam::x"
    assert (event.request_context.stage, event.http_method) == ("$default", "POST")


def test_powertools_reads_a_request_of_a_load_balancer():
    raw = events.alb_event("a=1", headers={"X-Amzn-Trace-Id": "Root=1"}, query=QUERY)
    event = powertools.ALBEvent(raw)

    assert (event.body, event.http_method, event.path) == ("a=1", "POST", "/orders")
    assert raw["headers"]["x-amzn-trace-id"] == event.headers["x-amzn-trace-id"] == "Root=1"
    assert raw["queryStringParameters"] == {"page": "2", "tag": "b%20c"}
    assert "targetgroup/orders/" in event.request_context.elb_target_group_arn
    assert {"multiValueHeaders", "multiValueQueryStringParameters"}.isdisjoint(raw)


def test_a_load_balancer_may_send_lists_and_only_these():
    raw = events.alb_event(query=QUERY, multi_value_headers=True)
    event = powertools.ALBEvent(raw)

    assert event.multi_value_headers["host"] == ["shop.example"]
    assert event.resolved_headers_field["host"] == ["shop.example"]
    assert event.multi_value_query_string_parameters == {"page": ["2"], "tag": ["a", "b%20c"]}
    assert {"headers", "queryStringParameters"}.isdisjoint(raw)


# --- stores and streams -----------------------------------------------------------------------------------------------


def test_powertools_reads_objects_that_came():
    event = powertools.S3Event(events.s3_event("orders/a b.json", "ü.json", bucket="shop-orders", size=7))

    assert (event.bucket_name, event.object_key) == ("shop-orders", "orders/a b.json")
    assert [record.s3.get_object.key for record in event.records] == ["orders/a+b.json", "%C3%BC.json"]
    record = event.record
    assert (record.event_name, record.s3.get_object.size, record.aws_region) == ("ObjectCreated:Put", 7, "us-east-1")
    assert record.s3.bucket.arn == "arn:aws:s3:::shop-orders"
    assert record.request_parameters.source_ip_address == "192.0.2.1"


def test_an_object_that_went_has_no_size():
    event = events.s3_event(event_name="ObjectRemoved:Delete")

    assert set(event["Records"][0]["s3"]["object"]) == {"key", "sequencer"}


def test_powertools_reads_changes_of_a_table():
    item = {
        "id": "1",
        "paid": True,
        "total": 4.5,
        "tags": ["a", None],
        "buyer": {"age": 7},
        "raw": b"\xff",
        "set": {"b"},
    }
    (record,) = powertools.DynamoDBStreamEvent(
        events.dynamodb_event(item, event_name="MODIFY", old_items=({"id": "1", "paid": False},))
    ).records

    image = record.dynamodb
    assert record.event_name == DynamoDBRecordEventName.MODIFY
    assert image.new_image == {**item, "total": Decimal("4.5"), "buyer": {"age": Decimal(7)}, "raw": "/w=="}
    assert (image.old_image, image.keys) == ({"id": "1", "paid": False}, {"id": "1"})
    assert record.event_source_arn.startswith("arn:aws:dynamodb:us-east-1:111111111111:table/orders/stream/")


@pytest.mark.parametrize(
    ("name", "images"), [("INSERT", {"NewImage"}), ("MODIFY", {"NewImage", "OldImage"}), ("REMOVE", {"OldImage"})]
)
def test_dynamodb_images(name, images):
    (record,) = events.dynamodb_event(event_name=name)["Records"]

    assert {key for key in record["dynamodb"] if key.endswith("Image")} == images


def test_dynamodb_refuses_what_it_has_no_type_for():
    with pytest.raises(
        TypeError, match=r"^DynamoDB has no type for object: write it as text, a number or a map of those$"
    ):
        events.dynamodb_event({"id": "1", "x": object()})


def test_powertools_reads_records_of_a_stream():
    event = powertools.KinesisStreamEvent(events.kinesis_event(ORDER, b"raw", stream="clicks", partition_key="p"))

    first, second = event.records
    assert (first.kinesis.data_as_json(), second.kinesis.data_as_bytes()) == (ORDER, b"raw")
    assert (first.kinesis.partition_key, first.event_source_arn) == (
        "p",
        "arn:aws:kinesis:us-east-1:111111111111:stream/clicks",
    )
    assert first.kinesis.sequence_number != second.kinesis.sequence_number
    assert first.kinesis.approximate_arrival_timestamp == 1767323045.0


# --- obskit itself reads them -----------------------------------------------------------------------------------------

CARRIERS = {
    "appsync": events.appsync_event(headers={"traceparent": TRACEPARENT}),
    "appsync batch": events.appsync_batch_event(headers={"traceparent": TRACEPARENT}),
    "api gateway": events.apigateway_event(headers={"traceparent": TRACEPARENT}),
    "api gateway v2": events.apigateway_v2_event(headers={"traceparent": TRACEPARENT}),
    "function url": events.function_url_event(headers={"traceparent": TRACEPARENT}),
    "alb": events.alb_event(headers={"traceparent": TRACEPARENT}),
    "sqs": events.sqs_event(message_attributes={"traceparent": TRACEPARENT}),
    "sns": events.sns_event(message_attributes={"traceparent": TRACEPARENT}),
    "eventbridge": events.eventbridge_event({"traceparent": TRACEPARENT}),
}


@pytest.mark.parametrize("event", CARRIERS.values(), ids=CARRIERS)
def test_a_trace_in_them_is_found(event):
    assert obskit.extract(event).trace_id == TRACE_ID


def test_the_systems_own_trace_header_is_found():
    assert obskit.extract(events.sqs_event(trace_header=XRAY_HEADER)).trace_id == XRAY_TRACE_ID
