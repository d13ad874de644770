"""Writing: what each kind of carrier gets, within its limits, and that what is written is read again."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import obskit
from obskit import context, output
from obskit.testing import LambdaContext, capture, events
from obskit.tracing import TraceContext, carriers, injection, spans
from tests.helpers import SPAN_ID, TRACE_ID, TRACEPARENT

CALLER = TraceContext(TRACE_ID, SPAN_ID, sampled=True)
XRAY = f"Root=1-{TRACE_ID[:8]}-{TRACE_ID[8:]};Parent={SPAN_ID};Sampled=1"
HEADERS = {"x-correlation-id": "c-1", "traceparent": TRACEPARENT}
RICH = TraceContext(
    TRACE_ID, SPAN_ID, sampled=True, others="Lineage=1:a87bd80c:0", tracestate="rojo=1", baggage="tier=gold"
)
ORDER = '{"orderId": "1", "price": 1.10}'


def write(carrier, kind, trace=CALLER, **options):
    injection.write(carrier, kind, injection.Passed(trace, "c-1", **options))
    return carrier


def attributes(**headers):
    return {name: {"DataType": "String", "StringValue": value} for name, value in headers.items()}


def filled(count):
    return attributes(**{f"own{number}": "x" for number in range(count)})


SYSTEM = {"AWSTraceHeader": {"DataType": "String", "StringValue": XRAY}}
CLIENT = {"custom": HEADERS, "w3c": {"traceparent": TRACEPARENT}}


def client_context(document):
    return base64.b64encode(json.dumps(document, separators=(",", ":")).encode()).decode()


@pytest.mark.parametrize(
    ("kind", "carrier", "written"),
    [
        ("http", {"accept": "*"}, {"accept": "*", **HEADERS, "x-amzn-trace-id": XRAY}),
        ("sqs", {}, attributes(**HEADERS)),
        (
            "sqs",
            {"MessageBody": "b"},
            {"MessageBody": "b", "MessageAttributes": attributes(**HEADERS), "MessageSystemAttributes": SYSTEM},
        ),
        ("sns", {}, attributes(**HEADERS)),
        (
            "sns",
            {"TopicArn": "t", "Message": "m"},
            {"TopicArn": "t", "Message": "m", "MessageAttributes": attributes(**HEADERS)},
        ),
        ("sns", {"PhoneNumber": "+15550100", "Message": "m"}, {"PhoneNumber": "+15550100", "Message": "m"}),
        ("eventbridge", {"orderId": "1"}, {"orderId": "1", **HEADERS, "x-amzn-trace-id": XRAY}),
        (
            "eventbridge",
            {"Source": "s", "DetailType": "t", "Detail": ORDER},
            {
                "Source": "s",
                "DetailType": "t",
                "Detail": f'{{"x-correlation-id":"c-1","traceparent":"{TRACEPARENT}","orderId": "1", "price": 1.10}}',
                "TraceHeader": XRAY,
            },
        ),
        ("stepfunctions", {"orderId": "1"}, {"orderId": "1", **HEADERS, "x-amzn-trace-id": XRAY}),
        (
            "stepfunctions",
            {"stateMachineArn": "arn"},
            {"stateMachineArn": "arn", "input": json.dumps(HEADERS, separators=(",", ":")), "traceHeader": XRAY},
        ),
        ("lambda", {"FunctionName": "f"}, {"FunctionName": "f", "ClientContext": client_context(CLIENT)}),
        ("appsync", {"tenant": "t"}, {"tenant": "t", **HEADERS, "x-trace-id": TRACE_ID}),
        ("outbox", {"id": 7}, {"id": 7, "traceparent": TRACEPARENT, "tracestate": None, "correlation_id": "c-1"}),
        (
            "outbox",
            {"id": 7, "trace_context": None},
            {"id": 7, "trace_context": json.dumps(HEADERS, separators=(",", ":"))},
        ),
    ],
)
def test_what_is_written(kind, carrier, written):
    with capture():
        assert write(carrier, kind) == written
        assert output.faults() == {}


def sqs_record(message):
    return {
        "body": message["MessageBody"],
        "messageAttributes": {
            name: {"stringValue": value["StringValue"], "dataType": "String"}
            for name, value in message["MessageAttributes"].items()
        },
        "attributes": {name: value["StringValue"] for name, value in message["MessageSystemAttributes"].items()},
    }


def sns_record(message):
    return {
        "Sns": {
            "Message": message["Message"],
            "MessageAttributes": {
                name: {"Type": "String", "Value": value["StringValue"]}
                for name, value in message["MessageAttributes"].items()
            },
        }
    }


THERE = {
    "http": ({}, lambda carrier: {"headers": carrier}),
    "sqs": ({"MessageBody": "b"}, lambda carrier: {"Records": [sqs_record(carrier)]}),
    "sns": ({"Message": "m"}, lambda carrier: {"Records": [sns_record(carrier)]}),
    "eventbridge": (
        {"DetailType": "t", "Detail": ORDER},
        lambda carrier: events.eventbridge_event(json.loads(carrier["Detail"])),
    ),
    "stepfunctions": ({"stateMachineArn": "arn"}, lambda carrier: json.loads(carrier["input"])),
    "lambda": ({}, lambda carrier: lambda_context(carrier["ClientContext"])),
    "appsync": ({}, lambda carrier: events.appsync_event(stash=carrier)),
    "outbox": ({"trace_context": None}, lambda carrier: json.loads(carrier["trace_context"])),
}


def lambda_context(text):
    from awslambdaric.lambda_context import LambdaContext as Real

    return Real("r-1", json.loads(base64.b64decode(text)), None, 0)


def test_every_kind_is_read_back():
    assert set(injection.KINDS) == set(THERE)


ids = st.integers(min_value=1, max_value=2**64 - 1).map(lambda number: f"{number:016x}")


@pytest.mark.parametrize("kind", THERE)
@given(
    trace_id=st.tuples(ids, ids).map("".join), span_id=ids, sampled=st.booleans(), state=st.sampled_from(["", "rojo=1"])
)
def test_there_and_back(kind, trace_id, span_id, sampled, state):
    trace = TraceContext(trace_id, span_id, sampled=sampled, tracestate=state, baggage="tier=gold")
    carrier, received = THERE[kind]
    event = received(write(dict(carrier), kind, trace))

    assert obskit.extract(event) == trace
    assert carriers.correlation_id(event) == "c-1"


@pytest.mark.parametrize("kind", ["http", "eventbridge", "stepfunctions", "appsync"])
def test_headers_in_another_case_are_replaced(kind):
    carrier = {
        "TraceParent": "old",
        "X-AMZN-TRACE-ID": "old",
        "X-Correlation-Id": "old",
        "Tracestate": "old",
        "A": "kept",
        7: 7,
    }

    write(carrier, kind)

    assert {name for name in carrier if isinstance(name, str)} - {"x-trace-id", "x-amzn-trace-id"} == {"A", *HEADERS}
    assert "old" not in carrier.values()


@pytest.mark.parametrize(
    ("kind", "carrier"),
    [
        ("sqs", {"MessageBody": "b", "MessageAttributes": attributes(TraceParent="old", own="kept")}),
        ("sns", {"Message": "b", "MessageAttributes": attributes(TraceParent="old", own="kept")}),
    ],
)
def test_attributes_in_another_case_are_replaced_and_the_callers_map_is_not_touched(kind, carrier):
    given = dict(carrier)

    write(carrier, kind)

    assert carrier["MessageAttributes"] == attributes(own="kept", **HEADERS)
    assert given["MessageAttributes"] == attributes(TraceParent="old", own="kept")


def test_a_key_that_is_replaced_in_a_detail_leaves_the_rest():
    carrier = {"DetailType": "t", "Detail": '{"a": "ü", "Traceparent": "old", "price": 1.5}'}

    assert json.loads(write(carrier, "eventbridge")["Detail"]) == {"a": "ü", "price": 1.5, **HEADERS}


@pytest.mark.parametrize("kind", ["sqs", "sns"])
@pytest.mark.parametrize(
    ("own", "written", "left_out"),
    [
        (6, ["x-correlation-id", "traceparent", "tracestate", "baggage"], 0),
        (7, ["x-correlation-id", "traceparent", "tracestate"], 1),
        (8, ["x-correlation-id", "traceparent"], 2),
        (9, ["x-correlation-id"], 3),
        (10, [], 4),
    ],
)
def test_a_message_has_ten_attributes_and_what_does_not_fit_is_told_once(kind, own, written, left_out):
    message = {"MessageBody" if kind == "sqs" else "Message": "b", "MessageAttributes": filled(own)}
    with capture() as captured:
        write(message, kind, RICH)
        write(dict(message, MessageAttributes=filled(own)), kind, RICH)

        assert output.faults() == ({f"inject {kind}": 2 * left_out} if left_out else {})
    assert [name for name in message["MessageAttributes"] if not name.startswith("own")] == written
    assert len(captured.logs) == min(left_out, 1)


@pytest.mark.parametrize("limit", [262_144, 1_048_576])
@pytest.mark.parametrize("kind", ["sqs", "sns", "eventbridge", "stepfunctions"])
def test_a_message_is_never_made_too_large(kind, limit):
    key = {"sqs": "MessageBody", "sns": "Message", "eventbridge": "Detail", "stepfunctions": "input"}[kind]
    for room, fits in ((400, True), (60, False)):
        text = json.dumps({"a": "x" * (limit - room - len('{"a": ""}'))})
        carrier = {
            key: text,
            **{"stepfunctions": {"stateMachineArn": ""}, "eventbridge": {"DetailType": ""}}.get(kind, {}),
        }
        with capture():
            write(carrier, kind)

            assert (f"inject {kind}" in output.faults()) is not fits
        assert (
            TRACE_ID
            in json.dumps(
                {k: v for k, v in carrier.items() if k not in ("TraceHeader", "traceHeader", "MessageSystemAttributes")}
            )
        ) is fits


def test_the_client_context_has_3583_bytes():
    large = TraceContext(TRACE_ID, SPAN_ID, sampled=True, tracestate="a=" + "x" * 250, baggage="b=" + "y" * 2000)
    with capture():
        carrier = write({}, "lambda", large)

        assert output.faults() == {"inject lambda": 1}
    assert len(carrier["ClientContext"]) <= 3583
    custom = {**HEADERS, "tracestate": large.tracestate}
    assert json.loads(base64.b64decode(carrier["ClientContext"])) == {
        "custom": custom,
        "w3c": {name: value for name, value in custom.items() if name != "x-correlation-id"},
    }


def test_a_client_context_of_the_caller_is_kept_and_added_to():
    given = {"custom": {"app": "shop", "TraceParent": "old"}, "env": {"locale": "en"}, "w3c": {"traceparent": "old"}}

    carrier = write({"ClientContext": client_context(given)}, "lambda")

    assert json.loads(base64.b64decode(carrier["ClientContext"])) == {
        "custom": {"app": "shop", **HEADERS},
        "env": {"locale": "en"},
        "w3c": {"traceparent": TRACEPARENT},
    }


@pytest.mark.parametrize(
    "given",
    [
        "no base64!",
        base64.b64encode(b"[1]").decode(),
        client_context({"custom": 7}),
        client_context({"custom": {"a": "x" * 2650}}),
    ],
)
def test_a_client_context_that_cannot_be_added_to_stays(given):
    with capture():
        assert write({"ClientContext": given}, "lambda") == {"ClientContext": given}
        assert "inject lambda" in output.faults()


@pytest.mark.parametrize("text", ["[1]", "no json", "7", "", "[" * 100_000])
def test_a_detail_that_is_no_object_stays(text):
    with capture():
        entry = {"DetailType": "t", "Detail": text}
        assert write(dict(entry), "eventbridge") == {**entry, "TraceHeader": XRAY}
        assert output.faults() == {"inject eventbridge": 1}


def test_what_others_wrote_into_the_header_goes_on_where_it_fits():
    lineage = f"{XRAY};Lineage={'1:a87bd80c:0|' * 15}"
    trace = TraceContext(TRACE_ID, SPAN_ID, sampled=True, others=lineage.partition("Sampled=1;")[2])

    assert write({"DetailType": "t", "Detail": "{}"}, "eventbridge", trace)["TraceHeader"] == lineage
    assert write({"stateMachineArn": ""}, "stepfunctions", trace)["traceHeader"] == XRAY  # 256 characters
    message = write({"MessageBody": "b"}, "sqs", trace)
    assert message["MessageSystemAttributes"]["AWSTraceHeader"]["StringValue"] == lineage


def test_baggage_is_masked():
    trace = TraceContext(TRACE_ID, SPAN_ID, baggage="user=ann%40example.com,tier=gold")

    assert write({}, "http", trace)["baggage"] == "user=[EMAIL],tier=gold"


# --- obskit.inject ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("smoke", ""),
        ("sqss", " Did you mean 'sqs'?"),
        ("EventBridge", " Did you mean 'eventbridge'?"),
        (None, ""),
        ([], ""),
    ],
)
def test_inject_names_the_kinds_it_knows(kind, hint):
    with pytest.raises(ValueError) as raised:  # noqa: PT011  the whole text is asserted
        obskit.inject({}, kind)

    kinds = "http, sqs, sns, eventbridge, stepfunctions, lambda, appsync, outbox"
    assert str(raised.value) == f"inject() knows the kinds {kinds}; not '{kind}'.{hint}"


@pytest.mark.parametrize("kind", [kind for kind in injection.KINDS if kind != "outbox"])
@pytest.mark.parametrize("carrier", [{"a": "b"}, {"traceparent": "theirs"}, {"stateMachineArn": "arn"}])
def test_outside_an_invocation_there_is_nothing_to_inject(kind, carrier):
    assert obskit.inject(dict(carrier), kind) == carrier
    assert obskit.current_trace() is None


@pytest.mark.parametrize("entry", [{"DetailType": "t"}, {"DetailType": "t", "Detail": {"a": 1}}])
def test_an_entry_without_the_text_of_a_detail_stays(entry):
    assert write(dict(entry), "eventbridge") == entry


@pytest.mark.parametrize("kind", injection.KINDS)
def test_inject_returns_the_carrier_with_the_open_span_as_parent(monkeypatch, kind):
    monkeypatch.delenv("_X_AMZN_TRACE_ID", raising=False)
    carrier, received = THERE[kind]
    given = dict(carrier)
    seen = []

    @obskit.instrument
    def handler(event, context):
        with obskit.span("send") as span:
            seen.append((obskit.inject(given, kind), span.span_id))

    with capture():
        handler(events.appsync_event(headers={"traceparent": TRACEPARENT, "x-correlation-id": "c-9"}), LambdaContext())

    ((returned, span_id),) = seen
    event = received(given)
    assert returned is given
    assert obskit.extract(event) == TraceContext(TRACE_ID, span_id, sampled=True)
    assert carriers.correlation_id(event) == "c-9"


def test_a_span_that_works_for_another_request_passes_that_ones_correlation_id_on():
    root = spans.Span("root")
    context.enter(context.Invocation(root=root, correlation_id="relay"))
    try:
        with obskit.span("publish") as span:
            span.correlation_id = "order"
            with obskit.span("call"):
                inner = obskit.inject({})
        after = obskit.inject({})
    finally:
        context.leave()

    assert (inner, after) == ({"x-correlation-id": "order"}, {"x-correlation-id": "relay"})


PARAMETERS = """MessageAttributes MessageBody MessageSystemAttributes Message Detail DetailType input stateMachineArn
ClientContext TraceHeader traceparent trace_context custom w3c""".split()

documents = st.recursive(
    st.none() | st.text(max_size=5) | st.integers() | st.sampled_from(["{}", "[]", "AAAA"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(PARAMETERS), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(PARAMETERS), documents, max_size=4), st.sampled_from(injection.KINDS))
def test_inject_into_whatever_a_handler_made_never_raises(carrier, kind):
    with capture():
        injected = dict(carrier)
        invocation = context.Invocation(correlation_id="c-1")
        invocation.trace = RICH
        context.enter(invocation)
        try:
            assert obskit.inject(injected, kind) is injected
        finally:
            context.leave()
