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
import secrets
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from obskit.cli import run
from obskit.demo.shop import Shop, function_zip
from obskit.demo.waiting import wait_until
from obskit.deploy import appsync
from tests.demo.test_stack import INPUT, logged
from tests.demo.xray_api import XrayApi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.demo.stack import Stack

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
    import sys

    env = {
        "AWS_XRAY_DAEMON_ADDRESS": stack.xray.address,
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "DATABASE_PORT": str(port),
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
    stack.emulator.client("lambda").create_event_source_mapping(FunctionName=names["index"], EventSourceArn=arn)
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


def shown(tree: list[dict[str, Any]]) -> list[Any]:
    return [[span["name"], *shown(span["spans"])] for span in tree]


def test_one_request_from_the_client_to_the_index(platform: Platform, monkeypatch):
    carts = [f"cart-{secrets.token_hex(4)}" for _ in range(2)]
    first, second = [order(platform, cart) for cart in carts]
    client = platform.stack.emulator.client("lambda")

    client.invoke(FunctionName=platform.groups["relay"].removeprefix("/aws/lambda/"), Payload=b"{}")

    def indexed() -> list[dict[str, Any]] | None:
        found = [line for line in lines(platform, "index") if line["message"] == "indexed"]
        return found if len(found) == 2 else None

    of_index = wait_until(indexed, WAIT_S, "both orders are indexed")

    # AppSync and its function are in one trace, and every line of the request has the client's correlation id.
    of_checkout = lines(platform, "checkout")
    assert [(one["xray_trace_id"], one["correlation_id"]) for one in of_checkout] == [
        (first, carts[0]),
        (second, carts[1]),
    ]
    of_relay = [one for one in lines(platform, "relay") if one["message"] == "publishing"]
    assert {one["order_id"]: one["correlation_id"] for one in of_relay} == {cart: cart for cart in carts}
    (relay_trace,) = {one["xray_trace_id"] for one in of_relay}
    of_first = [one for one in of_index if one["order_id"] == carts[0]]
    if len({one["xray_trace_id"] for one in of_index}) == 2:  # the poller has taken each message by itself
        assert [one["correlation_id"] for one in of_first] == [carts[0]]
    traces = {first, second, relay_trace, *(one["xray_trace_id"] for one in of_index)}
    assert relay_trace not in (first, second)
    assert traces.isdisjoint({first, second, relay_trace} ^ {first, second, relay_trace})

    # What `obskit trace` makes of it, by the correlation id alone.
    for name, value in {
        "AWS_ENDPOINT_URL_LOGS": platform.stack.emulator.url,
        "AWS_ENDPOINT_URL_XRAY": platform.xray.url,
        "AWS_ACCESS_KEY_ID": platform.stack.emulator.account,
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    print(json.dumps(trace(platform, carts[0]), indent=1))
    out = io.StringIO()
    run(["trace", carts[0], "--region", "us-east-1", *options(platform)], out, out)
    print(out.getvalue())
    assert 0


def options(platform: Platform) -> list[str]:
    return [word for group in platform.groups.values() for word in ("--log-group", group)]


def trace(platform: Platform, text: str) -> dict[str, Any]:
    out, err = io.StringIO(), io.StringIO()
    code = run(["trace", text, "--region", "us-east-1", "--format", "json", *options(platform)], out, err)
    assert (code, err.getvalue()) == (0, "")
    found: dict[str, Any] = json.loads(out.getvalue())
    return found
