"""
One request from the client to the index: AppSync, a function, the outbox, the relay, EventBridge, SQS, the indexer.

Real: the APPSYNC_JS that obskit writes, in the emulator's AppSync, as a pipeline; the Lambda client; PostgreSQL; the
emulator's EventBridge, SQS and poller; CloudWatch Logs. What stands in: `util.http.addResponseHeader`, which the
emulator refuses; AppSync's own segment; the X-Ray header that Lambda hands over (`obskit.demo.lambda_host`); X-Ray's
API (`tests.demo.xray_api`); EventBridge as a data source of AppSync.
"""

from __future__ import annotations

import io
import json
import re
import secrets
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import obskit
from obskit.cli import run
from obskit.demo.shop import Shop, function_zip
from obskit.demo.waiting import wait_until
from obskit.deploy import appsync
from obskit.testing.loopback import Answer, Loopback
from obskit.tracing import TraceContext, carriers
from tests.demo.test_propagation import queue_of, received
from tests.demo.test_stack import INPUT, logged
from tests.demo.xray_api import XrayApi
from tests.helpers import SPAN_ID, TRACE_ID, TRACEPARENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from obskit.demo.stack import Stack
    from obskit.testing.loopback import Request

WAIT_S = 30
RUNTIME = {"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"}
PIPELINE = "export function request(ctx) { return {}; }\nexport function response(ctx) { return ctx.prev.result; }"
STAND_IN = "util.http.addResponseHeader = () => {};\n"
"""The emulator's own throws; tests/appsync sees what is passed to it."""

APPSYNC_SPAN = "53995c3f42cd8ad8"


@dataclass(frozen=True)
class Platform:
    """The running chain."""

    stack: Stack
    shop: Shop
    groups: dict[str, str]
    xray: XrayApi


def for_emulator(code: str) -> str:
    first, _, rest = code.partition("\n")
    return f"{first}\n{STAND_IN}{rest}"


def make_function(stack: Stack, name: str, handler: str, code: Path, port: int) -> str:
    env = {
        "AWS_XRAY_DAEMON_ADDRESS": stack.xray.address,
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "DATABASE_PORT": str(port),
        "OBSKIT_ENV": "test",
        "OBSKIT_METRICS_NAMESPACE": "Joined",
    }
    stack.emulator.client("logs").create_log_group(logGroupName=f"/aws/lambda/{name}")
    made = stack.emulator.client("lambda").create_function(
        FunctionName=name,
        Runtime="provided.al2023",
        Handler=f"functions.{handler}",
        Role=f"arn:aws:iam::000000000000:role/{name}",
        Code={"ZipFile": function_zip(code, sys.executable)},
        Timeout=20,
        Environment={"Variables": env},
    )
    return str(made["FunctionArn"])


def make_api(stack: Stack, function_arn: str) -> tuple[str, str]:
    """Make the API: `Mutation.checkout` is a pipeline of the two files that obskit writes."""
    client = stack.emulator.client("appsync")
    api_id = client.create_graphql_api(name="joined", authenticationType="API_KEY")["graphqlApi"]["apiId"]
    schema = resources.files("obskit.demo") / "resolvers" / "schema.graphql"
    client.start_schema_creation(apiId=api_id, definition=schema.read_bytes())
    client.create_data_source(apiId=api_id, name="none", type="NONE")
    client.create_data_source(
        apiId=api_id, name="checkout", type="AWS_LAMBDA", lambdaConfig={"lambdaFunctionArn": function_arn}
    )
    written = appsync.modules()
    functions = [
        client.create_function(
            apiId=api_id, name=name, dataSourceName=source, runtime=RUNTIME, code=for_emulator(written[file])
        )["functionConfiguration"]["functionId"]
        for name, source, file in (
            ("trace", "none", appsync.FUNCTION),
            ("checkout", "checkout", appsync.RESOLVER),
        )
    ]
    client.create_resolver(
        apiId=api_id,
        typeName="Mutation",
        fieldName="checkout",
        kind="PIPELINE",
        pipelineConfig={"functions": functions},
        runtime=RUNTIME,
        code=PIPELINE,
    )
    return api_id, client.create_api_key(apiId=api_id)["apiKey"]["id"]


@pytest.fixture
def platform(stack: Stack, database: Any, outbox_server: int, tmp_path: Path) -> Iterator[Platform]:
    (tmp_path / "functions.py").write_text(Path(__file__).with_name("joined_functions.py").read_text())
    names = {name: f"joined-{name}-{secrets.token_hex(2)}" for name in ("checkout", "relay", "index")}
    arns = {name: make_function(stack, names[name], name, tmp_path, outbox_server) for name in names}
    sqs, events = stack.emulator.client("sqs"), stack.emulator.client("events")
    url = sqs.create_queue(QueueName=names["index"])["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name=names["index"], EventPattern=json.dumps({"source": ["shop.joined"]}))
    events.put_targets(Rule=names["index"], Targets=[{"Id": "1", "Arn": arn}])
    stack.emulator.client("lambda").create_event_source_mapping(
        FunctionName=names["index"], EventSourceArn=arn, BatchSize=1
    )
    api_id, key = make_api(stack, arns["checkout"])
    url = f"{stack.emulator.url}/v1/apis/{api_id}/graphql"
    groups = {name: f"/aws/lambda/{function}" for name, function in names.items()}
    with XrayApi(stack.xray) as xray:
        yield Platform(
            stack, Shop(api_id, url, key, names["checkout"], arns["checkout"], groups["checkout"]), groups, xray
        )
    for mapping in stack.emulator.client("lambda").list_event_source_mappings()["EventSourceMappings"]:
        if names["index"] in mapping["FunctionArn"]:
            stack.emulator.client("lambda").delete_event_source_mapping(UUID=mapping["UUID"])


def order(platform: Platform, cart: str) -> str:
    """Place an order as a client whose request AppSync records; return AppSync's trace."""
    root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    headers = {"x-amzn-trace-id": f"Root={root};Parent={APPSYNC_SPAN};Sampled=1", "x-correlation-id": cart}
    started = time.time()
    answer = platform.shop.checkout({**INPUT, "cartId": cart}, headers)
    assert answer == {"data": {"checkout": {"orderId": cart, "status": "ACCEPTED"}}}
    segment = {
        "trace_id": root,
        "id": APPSYNC_SPAN,
        "name": "shop API",
        "origin": "AWS::AppSync::GraphQLAPI",
        "start_time": started,
        "end_time": time.time(),
    }
    platform.stack.xray.take(b'{"format":"json","version":1}\n' + json.dumps(segment).encode())
    return root


def lines(platform: Platform, name: str) -> list[dict[str, Any]]:
    found = logged(platform.stack, platform.groups[name])
    return [line for line in found if "_aws" not in line]


@pytest.fixture
def aws(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `obskit trace` finds in the environment: the emulator's CloudWatch Logs, and X-Ray's stand-in."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", platform.stack.emulator.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_XRAY", platform.xray.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", platform.stack.emulator.account)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


def obskit_trace(platform: Platform, text: str, *more: str) -> str:
    out, err = io.StringIO(), io.StringIO()
    groups = [word for group in platform.groups.values() for word in ("--log-group", group)]
    code = run(["trace", text, "--region", "us-east-1", *groups, *more], out, err)
    assert (code, err.getvalue()) == (0, "")
    return out.getvalue()


def names(spans: list[dict[str, Any]]) -> list[Any]:
    """Return the names of *spans*, each followed by the list of those below it."""
    found: list[Any] = []
    for span in spans:
        found += [re.sub(r"-[0-9a-f]{4}\b", "", span["name"]), *([names(span["spans"])] if span["spans"] else [])]
    return found


@pytest.mark.usefixtures("aws")
def test_one_request_from_the_client_to_the_index(platform: Platform):
    carts = [f"cart-{secrets.token_hex(4)}" for _ in range(2)]
    first, second = [order(platform, cart) for cart in carts]
    relay = platform.groups["relay"].removeprefix("/aws/lambda/")
    platform.stack.emulator.client("lambda").invoke(FunctionName=relay, Payload=b"{}")

    def indexed() -> list[dict[str, Any]] | None:
        found = lines(platform, "index")
        return found if len(found) == 2 else None

    by_order = {line["order_id"]: line for line in wait_until(indexed, WAIT_S, "both orders are indexed")}

    for line in by_order.values():  # Lambda's segment and the function's
        platform.stack.xray.wait_for(line["xray_trace_id"], lambda documents: len(documents) == 2, WAIT_S)

    # AppSync and its function are in one trace; each consumer is in one of its own.
    index = by_order[carts[0]]
    begins, *published = lines(platform, "relay")
    assert [line["xray_trace_id"] for line in lines(platform, "checkout")] == [first, second]
    traces = [first, begins["xray_trace_id"], index["xray_trace_id"]]
    assert len({*traces, second, by_order[carts[1]]["xray_trace_id"]}) == 5

    # One correlation id on every line of the request, and of no other.
    written = [line for name in platform.groups for line in lines(platform, name)]
    about = {cart: [line["correlation_id"] for line in written if line.get("order_id") == cart] for cart in carts}
    assert about == {cart: [cart] * 3 for cart in carts}
    assert len(published) == 2

    # `obskit trace` walks the links both ways, and leaves out the order that was relayed beside this one.
    found = json.loads(obskit_trace(platform, carts[0], "--format", "json"))
    assert [trace["xray_trace_id"] for trace in found["traces"]] == traces
    assert [names(trace["spans"]) for trace in found["traces"]] == [
        ["shop API", ["joined-checkout", ["Mutation.checkout", ["place order"]]]],
        ["joined-relay", ["joined-relay", ["outbox publish"]]],
        ["joined-index", ["joined-index process", ["index document"]]],
    ]
    assert [trace["spans_of_other_requests"] for trace in found["traces"]] == [0, 1, 0]
    linked = [trace["linked_to"] and trace["linked_to"]["trace_id"] for trace in found["traces"]]
    assert linked == [None, *(trace["trace_id"] for trace in found["traces"][:2])]
    assert [line["message"] for line in found["lines"]] == ["order placed", "relay begins", "publishing", "indexed"]
    assert (found["notes"], found["correlation_ids"]) == ([], [carts[0]])

    # From wherever one begins.
    for text in (f"X-Amzn-Trace-Id: Root={first};Sampled=1", index["xray_trace_id"], json.dumps(index)):
        assert json.loads(obskit_trace(platform, text, "--format", "json"))["traces"] == found["traces"]

    tree = obskit_trace(platform, carts[0]).split("\n\n")[1]
    assert re.sub(r"-[0-9a-f]{4} ", " ", re.sub(r"\+?[\d.]+ m?s\b", "~", tree)) == TREE.format(*traces)


TREE = """\
[1] trace {0}
└─ shop API (AWS::AppSync::GraphQLAPI) ~ ~
   └─ joined-checkout (AWS::Lambda::Function) ~ ~
      └─ Mutation.checkout ~ ~
         └─ place order ~ ~
            └─ [2] trace {1}, linked to [1]; 1 span of other requests left out
               └─ joined-relay (AWS::Lambda::Function) ~ ~
                  └─ joined-relay ~ ~
                     └─ outbox publish ~ ~
                        └─ [3] trace {2}, linked to [2]
                           └─ joined-index (AWS::Lambda::Function) ~ ~
                              └─ joined-index process ~ ~
                                 └─ index document ~ ~"""


HTTP_RESOLVER = """\
import { withTrace } from './obskit.js';
export function request(ctx) {
  return { method: 'GET', resourcePath: '/orders', params: { headers: withTrace(ctx, { accept: '*/*' }) } };
}
export function response(ctx) {
  return JSON.parse(ctx.result.body);
}
"""

EVENT_RESOLVER = """\
import { withTrace } from './obskit.js';
export function request(ctx) {
  const detail = withTrace(ctx, { orderId: ctx.arguments.id });
  return { operation: 'PutEvents', events: [{ source: 'shop.resolver', detailType: 'OrderSeen', detail }] };
}
"""


@contextmanager
def http_server() -> Iterator[tuple[str, list[Mapping[str, str]]]]:
    """Run a server that answers with an order; yields its address and the headers that came."""
    came: list[Mapping[str, str]] = []

    def answer(request: Request) -> Answer:
        came.append(request.headers)
        return Answer(200, b'{"id": "ord_1", "status": "PAID"}')

    with Loopback(answer) as server:
        yield server.url, came


def test_an_http_data_source_gets_the_headers(stack: Stack):
    client = stack.emulator.client("appsync")
    api_id = client.create_graphql_api(name="joined-http", authenticationType="API_KEY")["graphqlApi"]["apiId"]
    schema = resources.files("obskit.demo") / "resolvers" / "schema.graphql"
    client.start_schema_creation(apiId=api_id, definition=schema.read_bytes())
    key = client.create_api_key(apiId=api_id)["apiKey"]["id"]
    with http_server() as (url, came):
        client.create_data_source(apiId=api_id, name="orders", type="HTTP", httpConfig={"endpoint": url})
        client.create_resolver(
            apiId=api_id,
            typeName="Query",
            fieldName="order",
            dataSourceName="orders",
            runtime=RUNTIME,
            code=for_emulator(appsync.bundle(HTTP_RESOLVER)),
        )
        shop = Shop(api_id, f"{stack.emulator.url}/v1/apis/{api_id}/graphql", key, "", "", "")
        headers = {"traceparent": TRACEPARENT, "x-correlation-id": "cart-1"}

        answer = shop.post_graphql('{ order(id: "ord_1") { id status } }', None, headers)

    assert answer == {"data": {"order": {"id": "ord_1", "status": "PAID"}}}
    (one,) = came
    assert {name: one.get(name) for name in ("accept", "x-correlation-id")} == {
        "accept": "*/*",
        "x-correlation-id": "cart-1",
    }
    assert obskit.extract(one) == TraceContext(TRACE_ID, SPAN_ID, sampled=True)


def test_an_event_that_appsync_puts_carries_it_in_its_detail(stack: Stack):
    """The emulator evaluates the resolver; what it asks for is put by hand, and read as SQS delivers it."""
    context = {
        "arguments": {"id": "ord_1"},
        "request": {"headers": {"traceparent": TRACEPARENT, "x-correlation-id": "cart-1"}},
        "stash": {},
        "info": {"parentTypeName": "Mutation"},
    }
    evaluated = stack.emulator.client("appsync").evaluate_code(
        runtime=RUNTIME,
        code=for_emulator(appsync.bundle(EVENT_RESOLVER)),
        context=json.dumps(context),
        function="request",
    )
    (entry,) = json.loads(evaluated["evaluationResult"])["events"]
    url, arn = queue_of(stack, "joined-resolver")
    events = stack.emulator.client("events")
    events.put_rule(Name="joined-resolver", EventPattern=json.dumps({"source": ["shop.resolver"]}))
    events.put_targets(Rule="joined-resolver", Targets=[{"Id": "1", "Arn": arn}])

    events.put_events(
        Entries=[{"Source": entry["source"], "DetailType": entry["detailType"], "Detail": json.dumps(entry["detail"])}]
    )

    event = received(stack.emulator.client("sqs"), url)
    assert json.loads(event["Records"][0]["body"])["detail"]["orderId"] == "ord_1"
    assert carriers.read(event) == (None, "cart-1", (TraceContext(TRACE_ID, SPAN_ID, sampled=True),))
