"""`obskit.batch`: the messages of a queue one by one."""

import re

import pytest

import obskit
from obskit.testing import LambdaContext, events
from tests.helpers import SPAN_ID, TRACE_ID, TRACEPARENT

OTHER_TRACE = "0af7651916cd43dd8448eb211c80319c"
PRODUCERS = (TRACEPARENT, f"00-{OTHER_TRACE}-b7ad6b7169203331-01")


def queue(*bodies, name="orders"):
    records = [
        {
            **events.sqs_event(message_attributes={"traceparent": parent})["Records"][0],
            "messageId": f"m-{index}",
            "eventSourceARN": f"arn:aws:sqs:us-east-1:111111111111:{name}",
            "body": body,
        }
        for index, (body, parent) in enumerate(zip(bodies, PRODUCERS * 5, strict=False))
    ]
    return {"Records": records}


def stream(*datas):
    first = events.kinesis_event({"a": 1})["Records"][0]
    return {
        "Records": [
            {**first, "kinesis": {**first["kinesis"], "sequenceNumber": f"s-{index}", "data": data}}
            for index, data in enumerate(datas)
        ]
    }


@obskit.instrument
def indexer(event, context):
    return obskit.batch(event, index)


def index(record):
    obskit.logger.info("indexing")
    seen.append((record.get("messageId"), obskit.inject({})["x-correlation-id"]))
    if "bad" in (record.get("body"), record.get("kinesis", {}).get("data")):
        raise LookupError("no listing of ann@example.com")


@pytest.fixture(autouse=True)
def forget():
    seen.clear()


seen: list[tuple[object, object]] = []


def failures(*names):
    return {"batchItemFailures": [{"itemIdentifier": name} for name in names]}


def test_one_span_a_message_linked_to_its_producer_and_what_failed_is_said(obskit_spans, obskit_logs):
    assert indexer(queue("good", "bad", "good"), LambdaContext()) == failures("m-1")

    root = obskit_spans.only("orders process", faas_trigger="pubsub")
    assert root.attributes["messaging.batch.failures"] == 1
    assert root.attributes["messaging.batch.message_count"] == 3
    assert [span.name for span in root.children] == ["orders process"] * 3
    first, second, _ = root.children
    assert first.attributes["links"] == [{"trace_id": f"1-{TRACE_ID[:8]}-{TRACE_ID[8:]}", "span_id": SPAN_ID}]
    assert first.attributes["messaging.message.id"] == "m-0"
    assert second.error == {"type": "LookupError", "message": "no listing of [EMAIL]"}
    assert root.error is None


def test_each_message_has_its_own_correlation_id_on_lines_and_on_what_it_sends(obskit_spans, obskit_logs):
    indexer(queue("good", "good"), LambdaContext())

    assert [line["correlation_id"] for line in obskit_logs] == [TRACE_ID, OTHER_TRACE]
    assert [correlation for _, correlation in seen] == [TRACE_ID, OTHER_TRACE]


def test_so_it_is_in_a_trace_that_nobody_records(obskit_logs, obskit_env):
    obskit_env(OBSKIT_TRACES="off")
    indexer(queue("good", "good"), LambdaContext())

    assert [line["correlation_id"] for line in obskit_logs] == [TRACE_ID, OTHER_TRACE]


def test_what_failed_is_logged_with_its_error_and_its_message(obskit_spans, obskit_logs):
    indexer(queue("bad"), LambdaContext())

    line = obskit_logs.only(level="ERROR")
    assert (line["message"], line["message_id"], line["exception_name"]) == ("message failed", "m-0", "LookupError")
    assert line["exception"].endswith("LookupError: no listing of [EMAIL]\n")


def test_of_a_fifo_queue_what_follows_a_failure_is_not_tried(obskit_captured):
    assert indexer(queue("good", "bad", "good", "good", name="orders.fifo"), LambdaContext()) == failures(
        "m-1", "m-2", "m-3"
    )
    assert [message for message, _ in seen] == ["m-0", "m-1"]


def test_a_stream_begins_again_from_what_failed(obskit_captured):
    assert indexer(stream("good", "bad", "good"), LambdaContext()) == failures("s-1")
    assert len(seen) == 2


def test_nothing_failed(obskit_captured):
    assert indexer(queue("good", "good"), LambdaContext()) == failures()


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({}, "this dict has none: hand over the event as Lambda gave it"),
        (None, "this NoneType has none: hand over the event as Lambda gave it"),
        ({"Records": [1]}, "record 0 is a int"),
        (
            events.sns_event(),
            "record 0 is from aws:sns, for which Lambda takes no partial answer: handle each in a loop",
        ),
        (
            {"Records": [{}]},
            "record 0 is from no source, for which Lambda takes no partial answer: handle each in a loop",
        ),
        (
            {"Records": [{"eventSource": "aws:sqs", "messageId": "m-1"}, {"eventSource": "aws:sqs"}]},
            "record 1 has no id by which aws:sqs could be told of it",
        ),
    ],
)
def test_an_event_of_others_is_refused(event, told):
    words = f"batch() takes an event of SQS, Kinesis or a DynamoDB stream, with its Records; {told}"
    with pytest.raises(TypeError, match=f"^{re.escape(words)}$"):
        obskit.batch(event, print)


def test_what_ends_the_process_ends_the_invocation(obskit_captured):
    @obskit.instrument
    def handler(event, context):
        def stop(record):
            raise SystemExit(3)

        return obskit.batch(event, stop)

    with pytest.raises(SystemExit):
        handler(queue("good"), LambdaContext())


def test_a_record_of_any_shape_is_handled_all_the_same(obskit_captured):
    event = queue("good")
    event["Records"][0]["eventSourceARN"] = 7

    assert indexer(event, LambdaContext()) == failures()
