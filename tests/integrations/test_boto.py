"""boto3 with `propagate()`: the parameters and headers that go over the wire, and what is left alone."""

import base64
import json
import sys
from functools import cache

import boto3
import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.stub import Stubber

import obskit
from obskit import context, output
from obskit.errors import MissingExtraError
from obskit.integrations import boto
from obskit.testing import capture
from obskit.tracing import TraceContext
from tests.helpers import SPAN_ID, TRACE_ID, TRACEPARENT

XRAY = f"Root=1-{TRACE_ID[:8]}-{TRACE_ID[8:]};Parent={SPAN_ID};Sampled=1"
HEADERS = {"x-correlation-id": "c-1", "traceparent": TRACEPARENT}
TEXT = json.dumps(HEADERS, separators=(",", ":"))
THEIRS = f"00-{'a' * 32}-{'b' * 16}-01"
THEIR_XRAY = f"Root=1-{'a' * 8}-{'a' * 24};Parent={'b' * 16};Sampled=0"


def attributes(**headers):
    return {name: {"DataType": "String", "StringValue": value} for name, value in headers.items()}


WRITTEN = attributes(**HEADERS)
SYSTEM = attributes(AWSTraceHeader=XRAY)
QUEUE = "https://sqs.us-east-1.amazonaws.com/111111111111/orders"
TOPIC = "arn:aws:sns:us-east-1:111111111111:orders"
MACHINE = "arn:aws:states:us-east-1:111111111111:stateMachine:order"


def client_context(custom, **more):
    return base64.b64encode(json.dumps({**more, "custom": custom}, separators=(",", ":")).encode()).decode()


CLIENT_CONTEXT = base64.b64encode(
    json.dumps({"custom": HEADERS, "w3c": {"traceparent": TRACEPARENT}}, separators=(",", ":")).encode()
).decode()

CALLS = {
    "sqs": (
        "sqs.send_message",
        {"QueueUrl": QUEUE, "MessageBody": "b"},
        {"QueueUrl": QUEUE, "MessageBody": "b", "MessageAttributes": WRITTEN, "MessageSystemAttributes": SYSTEM},
    ),
    "sqs batch": (
        "sqs.send_message_batch",
        {"QueueUrl": QUEUE, "Entries": [{"Id": "1", "MessageBody": "b"}, {"Id": "2", "MessageBody": "c"}]},
        {
            "QueueUrl": QUEUE,
            "Entries": [
                {"Id": "1", "MessageBody": "b", "MessageAttributes": WRITTEN, "MessageSystemAttributes": SYSTEM},
                {"Id": "2", "MessageBody": "c", "MessageAttributes": WRITTEN, "MessageSystemAttributes": SYSTEM},
            ],
        },
    ),
    "sns": (
        "sns.publish",
        {"TopicArn": TOPIC, "Message": "m"},
        {"TopicArn": TOPIC, "Message": "m", "MessageAttributes": WRITTEN},
    ),
    "sns to a phone": (
        "sns.publish",
        {"PhoneNumber": "+15550100", "Message": "m"},
        {"PhoneNumber": "+15550100", "Message": "m"},
    ),
    "sns batch": (
        "sns.publish_batch",
        {"TopicArn": TOPIC, "PublishBatchRequestEntries": [{"Id": "1", "Message": "m"}]},
        {
            "TopicArn": TOPIC,
            "PublishBatchRequestEntries": [{"Id": "1", "Message": "m", "MessageAttributes": WRITTEN}],
        },
    ),
    "eventbridge": (
        "events.put_events",
        {"Entries": [{"Source": "s", "DetailType": "t", "Detail": '{"orderId": 1.10}'}]},
        {
            "Entries": [
                {
                    "Source": "s",
                    "DetailType": "t",
                    "Detail": TEXT[:-1] + ',"orderId": 1.10}',
                    "TraceHeader": XRAY,
                }
            ]
        },
    ),
    "step functions": (
        "stepfunctions.start_execution",
        {"stateMachineArn": MACHINE, "input": "{}"},
        {"stateMachineArn": MACHINE, "input": TEXT, "traceHeader": XRAY},
    ),
    "step functions, named": (
        "stepfunctions.start_execution",
        {"stateMachineArn": MACHINE, "name": "order-1", "input": "{}"},
        {"stateMachineArn": MACHINE, "name": "order-1", "input": "{}", "traceHeader": XRAY},
    ),
    "lambda": ("lambda.invoke", {"FunctionName": "f"}, {"FunctionName": "f", "ClientContext": CLIENT_CONTEXT}),
    "lambda, not waited for": (
        "lambda.invoke",
        {"FunctionName": "f", "InvocationType": "Event"},
        {"FunctionName": "f", "InvocationType": "Event"},
    ),
    # what the caller wrote stays
    "sqs, their header": (
        "sqs.send_message",
        {"QueueUrl": QUEUE, "MessageBody": "b", "MessageSystemAttributes": attributes(AWSTraceHeader=THEIR_XRAY)},
        {
            "QueueUrl": QUEUE,
            "MessageBody": "b",
            "MessageAttributes": attributes(**{"x-correlation-id": "c-1"}),
            "MessageSystemAttributes": attributes(AWSTraceHeader=THEIR_XRAY),
        },
    ),
    "sqs, their attribute": (
        "sqs.send_message",
        {"QueueUrl": QUEUE, "MessageBody": "b", "MessageAttributes": attributes(Traceparent=THEIRS)},
        {
            "QueueUrl": QUEUE,
            "MessageBody": "b",
            "MessageAttributes": attributes(**{"Traceparent": THEIRS, "x-correlation-id": "c-1"}),
        },
    ),
    "sns, theirs": (
        "sns.publish",
        {"TopicArn": TOPIC, "Message": "m", "MessageAttributes": attributes(**{"X-Correlation-Id": "theirs"})},
        {
            "TopicArn": TOPIC,
            "Message": "m",
            "MessageAttributes": attributes(**{"X-Correlation-Id": "theirs", "traceparent": TRACEPARENT}),
        },
    ),
    "eventbridge, their detail": (
        "events.put_events",
        {"Entries": [{"Source": "s", "DetailType": "t", "Detail": json.dumps({"traceparent": THEIRS})}]},
        {
            "Entries": [
                {
                    "Source": "s",
                    "DetailType": "t",
                    "Detail": f'{{"x-correlation-id":"c-1","traceparent": "{THEIRS}"}}',
                }
            ]
        },
    ),
    "eventbridge, their header": (
        "events.put_events",
        {"Entries": [{"Source": "s", "DetailType": "t", "Detail": "{}", "TraceHeader": THEIR_XRAY}]},
        {
            "Entries": [
                {
                    "Source": "s",
                    "DetailType": "t",
                    "Detail": '{"x-correlation-id":"c-1"}',
                    "TraceHeader": THEIR_XRAY,
                }
            ]
        },
    ),
    "eventbridge, no JSON": (
        "events.put_events",
        {"Entries": [{"Source": "s", "DetailType": "t", "Detail": "x"}]},
        {"Entries": [{"Source": "s", "DetailType": "t", "Detail": "x", "TraceHeader": XRAY}]},
    ),
    "step functions, theirs": (
        "stepfunctions.start_execution",
        {"stateMachineArn": MACHINE, "input": "{}", "traceHeader": THEIR_XRAY},
        {"stateMachineArn": MACHINE, "input": '{"x-correlation-id":"c-1"}', "traceHeader": THEIR_XRAY},
    ),
    "lambda, theirs": (
        "lambda.invoke",
        {"FunctionName": "f", "ClientContext": client_context({"traceparent": THEIRS})},
        {
            "FunctionName": "f",
            "ClientContext": client_context({"traceparent": THEIRS, "x-correlation-id": "c-1"}),
        },
    ),
    "lambda, no JSON": (
        "lambda.invoke",
        {"FunctionName": "f", "ClientContext": "theirs"},
        {"FunctionName": "f", "ClientContext": "theirs"},
    ),
    # and calls that hand nothing on
    "sqs, another operation": ("sqs.receive_message", {"QueueUrl": QUEUE}, {"QueueUrl": QUEUE}),
    "another service": ("dynamodb.list_tables", {}, {}),
}


@pytest.fixture(autouse=True)
def _propagating():
    boto.propagate()
    yield
    boto.undo()


@pytest.fixture
def invocation(monkeypatch):
    """An invocation that is running, outside a span."""
    monkeypatch.delenv("_X_AMZN_TRACE_ID", raising=False)
    running = context.Invocation(correlation_id="c-1")
    running.trace = TraceContext(TRACE_ID, SPAN_ID, sampled=True)
    context.enter(running)
    yield running
    context.leave()


@cache
def client(service):
    return boto3.session.Session(
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name="us-east-1",
        botocore_session=botocore.session.Session({"profile": (None, None, None, None)}),
    ).client(service)


def call(method, given, made=None):
    """Make the call; return the parameters that botocore takes, and the headers of the request it would send."""
    service, _, name = method.partition(".")
    made = made or client(service)
    seen = []

    def parameters(params, **_):
        seen.append(json.loads(json.dumps(params)))

    def answer(params, **_):
        seen.append(dict(params["headers"]))
        return AWSResponse("https://example.com", 200, {}, None), {}  # in place of the network

    made.meta.events.register("before-parameter-build", parameters)
    made.meta.events.register_last("before-call", answer)
    try:
        getattr(made, name)(**given)
    finally:
        made.meta.events.unregister("before-parameter-build", parameters)
        made.meta.events.unregister("before-call", answer)
    params, headers = seen
    return params, headers


@pytest.mark.parametrize(("method", "given", "sent"), CALLS.values(), ids=CALLS)
def test_what_goes_over_the_wire(invocation, method, given, sent):
    before = json.dumps(given)
    with capture():
        params, headers = call(method, given)

    assert params == sent
    assert json.dumps(given) == before
    if method not in ("sqs.receive_message", "dynamodb.list_tables"):
        assert headers["X-Amzn-Trace-Id"] == sent.get("traceHeader", XRAY)
    else:
        assert "X-Amzn-Trace-Id" not in headers


def test_the_header_of_the_call_names_the_span_and_not_lambdas_segment(invocation, monkeypatch):
    """botocore itself writes Lambda's variable where there is no header yet."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root=1-{TRACE_ID[:8]}-{TRACE_ID[8:]};Parent={'c' * 16};Sampled=1")
    with obskit.span("send") as span:
        _, headers = call("lambda.invoke", {"FunctionName": "f"})

    assert headers["X-Amzn-Trace-Id"].split(";")[1] == f"Parent={span.span_id}"


def test_a_header_that_the_caller_wrote_stays(invocation):
    made = client("lambda")

    def theirs(params, **_):
        params["headers"]["X-Amzn-Trace-Id"] = "theirs"

    made.meta.events.register_first("before-call", theirs)
    try:
        _, headers = call("lambda.invoke", {"FunctionName": "f"}, made)
    finally:
        made.meta.events.unregister("before-call", theirs)

    assert headers["X-Amzn-Trace-Id"] == "theirs"


def test_outside_an_invocation_nothing_is_added():
    given = {"QueueUrl": QUEUE, "MessageBody": "b"}

    params, headers = call("sqs.send_message", given)

    assert params == given
    assert "X-Amzn-Trace-Id" not in headers


def test_a_stubbed_client_sees_what_is_sent(invocation):
    sqs = client("sqs")
    with Stubber(sqs) as stub:
        stub.add_response("send_message", {"MessageId": "1"}, CALLS["sqs"][2])

        assert sqs.send_message(**CALLS["sqs"][1])["MessageId"] == "1"


def test_a_batch_is_never_made_too_large(invocation):
    entries = [{"Id": str(number), "MessageBody": "x" * 104_800} for number in range(10)]
    with capture():
        params, _ = call("sqs.send_message_batch", {"QueueUrl": QUEUE, "Entries": entries})

        assert output.faults().keys() == {"inject sqs"}
    size = sum(
        len(entry["MessageBody"])
        + sum(len(n) + len("String") + len(v["StringValue"]) for n, v in entry.get("MessageAttributes", {}).items())
        for entry in params["Entries"]
    )
    assert 0 < size <= 1_048_576
    assert all("MessageSystemAttributes" in entry for entry in params["Entries"])  # not counted in the size


def test_a_batch_of_events_is_never_made_too_large(invocation):
    """Two events that leave room for the headers of one."""
    detail = json.dumps({"a": "x" * 100})
    room = 262_144 - 150 - 2 * len("s") - 2 * len("t") - len(detail)
    entries = [
        {"Source": "s", "DetailType": "t", "Detail": text}
        for text in (json.dumps({"a": "x" * (room - len('{"a": ""}'))}), detail)
    ]
    with capture():
        params, _ = call("events.put_events", {"Entries": entries})

        assert output.faults() == {"inject eventbridge": 1}
    first, second = (entry["Detail"] for entry in params["Entries"])
    assert (TRACE_ID in first, second) == (True, detail)


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("sqs.send_message", {"QueueUrl": QUEUE}),
        ("sqs.send_message", {"QueueUrl": QUEUE, "MessageBody": 7}),
        ("sqs.send_message_batch", {"QueueUrl": QUEUE, "Entries": "x"}),
        ("sqs.send_message_batch", {"QueueUrl": QUEUE, "Entries": [None]}),
        ("events.put_events", {"Entries": [{"Detail": 7}]}),
        ("events.put_events", {"Entries": [{"DetailType": "t", "Detail": 7}]}),
        ("events.put_events", {"Entries": [{"DetailType": 7, "Detail": "{}"}]}),
        ("stepfunctions.start_execution", {"stateMachineArn": MACHINE, "input": 7}),
    ],
)
def test_a_wrong_call_is_botocores_to_refuse(invocation, method, given):
    with capture(), pytest.raises(botocore.exceptions.ParamValidationError) as raised:
        call(method, given)

    assert "traceparent" not in str(raised.value)


def test_a_fault_of_ours_leaves_the_call_as_it_was(invocation, monkeypatch):
    monkeypatch.setattr("obskit.tracing.injection.passed", lambda **_: 1 / 0)
    with capture():
        params, _ = call("sqs.send_message", CALLS["sqs"][1])

        assert output.faults() == {"propagate": 1}
    assert params == CALLS["sqs"][1]


def test_it_is_done_once_and_undone_for_clients_that_exist(invocation):
    made = client("sqs")  # used by others before
    replaced = BaseClient._make_api_call
    boto.propagate()
    assert BaseClient._make_api_call is replaced
    assert call("sqs.send_message", CALLS["sqs"][1], made)[0] == CALLS["sqs"][2]

    boto.undo()
    boto.undo()

    params, headers = call("sqs.send_message", CALLS["sqs"][1], made)
    assert params == CALLS["sqs"][1]
    assert "X-Amzn-Trace-Id" not in headers


def test_without_botocore_the_extra_is_named(monkeypatch):
    boto.undo()
    monkeypatch.setitem(sys.modules, "botocore.client", None)
    with pytest.raises(MissingExtraError, match=r"obskit\.integrations\.boto needs the extra 'aws'"):
        boto.propagate()
