"""Over the emulator's real services: what one function sends by boto3, the next one reads."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

import obskit
from obskit.demo.waiting import wait_until
from obskit.integrations import boto
from obskit.testing import LambdaContext, appsync_event
from obskit.tracing import TraceContext, carriers
from tests.helpers import TRACE_ID, TRACEPARENT

if TYPE_CHECKING:
    from obskit.demo.stack import Stack

WAIT_S = 30
ROLE = "arn:aws:iam::000000000000:role/any"


@pytest.fixture(autouse=True)
def _propagating(monkeypatch):
    monkeypatch.delenv("_X_AMZN_TRACE_ID", raising=False)
    boto.propagate()
    yield
    boto.undo()


@obskit.instrument
def sender(event, context):
    """Call what the event names, in a span; return the span's id."""
    with obskit.span("send") as span:
        event["send"]()
    return span.span_id


def send(call) -> TraceContext:
    """Run *call* in an invocation; return where it was in the trace."""
    headers = {"traceparent": TRACEPARENT, "x-correlation-id": "cart-1"}
    span_id = sender({**appsync_event(headers=headers), "send": call}, LambdaContext())
    return TraceContext(TRACE_ID, span_id, sampled=True)


def received(sqs: Any, queue: str) -> dict[str, Any]:
    """Return the queue's message as Lambda hands it over."""

    def receive():
        return sqs.receive_message(
            QueueUrl=queue, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"], WaitTimeSeconds=1
        ).get("Messages")

    (message,) = wait_until(receive, WAIT_S, "a message arrives")
    own = {
        name: {"stringValue": value["StringValue"], "dataType": value["DataType"]}
        for name, value in message.get("MessageAttributes", {}).items()
    }
    record = {"body": message["Body"], "attributes": message.get("Attributes", {}), "messageAttributes": own}
    return {"Records": [record]}


def queue_of(stack: Stack, name: str) -> tuple[str, str]:
    sqs = stack.emulator.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return url, arn


def assert_linked(event: object, trace: TraceContext) -> None:
    assert obskit.extract(event) == trace
    assert carriers.read(event) == (None, "cart-1", (trace,))


def test_a_message_carries_the_trace(stack: Stack):
    sqs = stack.emulator.client("sqs")
    url, _ = queue_of(stack, "carried")

    trace = send(lambda: sqs.send_message(QueueUrl=url, MessageBody="ordered"))

    event = received(sqs, url)
    assert_linked(event, trace)
    (record,) = event["Records"]
    assert (
        record["attributes"]["AWSTraceHeader"]
        == f"Root=1-{TRACE_ID[:8]}-{TRACE_ID[8:]};Parent={trace.span_id};Sampled=1"
    )
    del record["messageAttributes"]
    assert obskit.extract(event) == trace  # by AWS's own header alone


def test_each_message_of_a_batch_carries_the_trace(stack: Stack):
    sqs = stack.emulator.client("sqs")
    url, _ = queue_of(stack, "carried-batch")

    trace = send(lambda: sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "ordered"}]))

    assert_linked(received(sqs, url), trace)


@pytest.mark.parametrize("raw", ["true", "false"])
def test_a_topic_hands_the_trace_on_to_a_queue(stack: Stack, raw: str):
    sns, sqs = stack.emulator.client("sns"), stack.emulator.client("sqs")
    url, arn = queue_of(stack, f"carried-sns-{raw}")
    topic = sns.create_topic(Name=f"carried-{raw}")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": raw})

    trace = send(lambda: sns.publish(TopicArn=topic, Message="ordered"))

    event = received(sqs, url)
    assert (event["Records"][0]["body"] == "ordered") is (raw == "true")
    assert_linked(event, trace)


def test_eventbridge_to_sqs(stack: Stack):
    events, sqs = stack.emulator.client("events"), stack.emulator.client("sqs")
    url, arn = queue_of(stack, "carried-bus")
    events.put_rule(Name="carried", EventPattern=json.dumps({"source": ["shop.carried"]}))
    events.put_targets(Rule="carried", Targets=[{"Id": "1", "Arn": arn}])
    entry = {"Source": "shop.carried", "DetailType": "OrderPlaced", "Detail": '{"orderId": "ord_1"}'}

    trace = send(lambda: events.put_events(Entries=[entry]))

    event = received(sqs, url)
    assert json.loads(event["Records"][0]["body"])["detail"]["orderId"] == "ord_1"
    assert_linked(event, trace)


def test_an_execution_gets_the_trace(stack: Stack):
    machines = stack.emulator.client("stepfunctions")
    definition = json.dumps({"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}})
    machine = machines.create_state_machine(name="carried", definition=definition, roleArn=ROLE)["stateMachineArn"]
    started = []

    trace = send(
        lambda: started.append(machines.start_execution(stateMachineArn=machine, input='{"orderId": "ord_1"}'))
    )

    arn = started[0]["executionArn"]
    task = json.loads(
        wait_until(lambda: machines.describe_execution(executionArn=arn).get("output"), WAIT_S, "it ends")
    )
    assert task["orderId"] == "ord_1"
    assert carriers.read(task) == (trace, "cart-1", ())  # a step is waited for: it is continued


FUNCTION = """
import json

def handler(event, context):
    print(json.dumps({"seen": event}))
"""


def test_what_lambda_hands_over_of_a_queue(stack: Stack):
    """The event that the emulator's own poller makes of the message."""
    sqs, functions, logs = (stack.emulator.client(service) for service in ("sqs", "lambda", "logs"))
    url, arn = queue_of(stack, "carried-function")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", FUNCTION)
    functions.create_function(
        FunctionName="carried",
        Runtime="python3.13",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    functions.create_event_source_mapping(FunctionName="carried", EventSourceArn=arn)

    trace = send(lambda: sqs.send_message(QueueUrl=url, MessageBody="ordered"))

    def seen():
        try:
            found = logs.filter_log_events(logGroupName="/aws/lambda/carried")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return None
        return [json.loads(event["message"])["seen"] for event in found if event["message"].startswith('{"seen"')]

    (event,) = wait_until(seen, WAIT_S, "the function is invoked")
    assert event["Records"][0]["body"] == "ordered"
    assert_linked(event, trace)
