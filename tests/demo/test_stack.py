"""The whole chain on this machine: GraphQL in, logs, metrics, spans, alarm, page out."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import textwrap
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dirty_equals import IsPartialDict, IsStr

from obskit.demo import cloudformation
from obskit.demo.pagerduty import PagerDuty
from obskit.demo.processes import group_members
from obskit.demo.waiting import DidNotHappenError, wait_until
from tests.demo.test_processes import alive

if TYPE_CHECKING:
    from obskit.demo.stack import Stack

TRACE = "5759e988bd862e3fe1be46a994272793"
PARENT = "53995c3f42cd8ad8"
INPUT = {
    "cartId": "cart-1",
    "email": "buyer@example.com",
    "phone": "+49 30 901820",
    "cardNumber": "4111111111111111",
    "amount": 4200,
    "currency": "EUR",
}

HANDLER = """
    import json, os, time

    def handler(event, context):
        order = event["arguments"]["input"]
        failed = int("failWith" in order)
        headers = event["request"]["headers"]
        print(json.dumps({
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "level": "INFO", "message": "checkout",
            "x_ray": os.environ["_X_AMZN_TRACE_ID"], "traceparent": headers.get("traceparent"),
            "info": event["info"]["fieldName"], "request": context.aws_request_id, "pid": os.getpid(),
            "variables": sorted(k for k, v in os.environ.items() if "MINISTACK" in k or "emulator" in v or k == "HOME"),
        }))
        print(json.dumps({"timestamp": "2026-11-24T01:02:03Z", "level": "DEBUG", "message": "not for INFO"}))
        print(json.dumps({
            "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [{
                "Namespace": os.environ["NAMESPACE"], "Dimensions": [["service"]],
                "Metrics": [{"Name": "Failures", "Unit": "Count"}]}]},
            "service": "checkout", "Failures": failed}))
        if failed:
            raise RuntimeError("provider said " + order["failWith"])
        return {"orderId": "o-1", "status": "ACCEPTED"}
"""

DESCRIPTION = """Checkout fails.
severity: page
owner: team-checkout
impact: buyers cannot pay
dashboard: https://console.example/api
runbook: https://runbooks.example/checkout"""


def package(directory: Path, source: str = HANDLER) -> Path:
    (directory / "checkout").mkdir()
    (directory / "checkout/__init__.py").touch()
    (directory / "checkout/handler.py").write_text(textwrap.dedent(source))
    return directory


def make_shop(stack: Stack, tmp_path: Path, source: str = HANDLER):
    """A shop with names of its own: the emulator is shared, and its alarms look at names only."""
    unique = f"shop-{secrets.token_hex(4)}"
    env = {"NAMESPACE": unique, "AWS_LAMBDA_LOG_FORMAT": "JSON"}
    return stack.build_shop(package(tmp_path, source), env, name=unique), unique


def logged(stack: Stack, log_group: str) -> list[dict[str, object]]:
    events = stack.emulator.client("logs").filter_log_events(logGroupName=log_group)["events"]
    return [json.loads(event["message"]) for event in events if event["message"].startswith("{")]


def template(unique: str) -> dict[str, object]:
    alarm = {
        "AlarmName": f"{unique}-failures",
        "AlarmDescription": DESCRIPTION,
        "Namespace": unique,
        "MetricName": "Failures",
        "Dimensions": [{"Name": "service", "Value": "checkout"}],
        "Statistic": "Sum",
        "Period": 10,
        "EvaluationPeriods": 1,
        "Threshold": 2,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "AlarmActions": [{"Ref": "Pages"}],
        "OKActions": [{"Ref": "Pages"}],
    }
    burn = {"AlarmName": f"{unique}-burn", "Metrics": [{"Id": "e1", "Expression": "1"}]}
    return {
        "Parameters": {"Endpoint": {"Type": "String"}},
        "Resources": {
            "Pages": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": unique}},
            "PagerDuty": {
                "Type": "AWS::SNS::Subscription",
                "Properties": {"TopicArn": {"Ref": "Pages"}, "Protocol": "http", "Endpoint": {"Ref": "Endpoint"}},
            },
            "Failures": {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm},
            "Burn": {"Type": "AWS::CloudWatch::Alarm", "Properties": burn},
        },
        "Outputs": {"Topic": {"Value": {"Ref": "Pages"}}},
    }


def test_from_graphql_to_a_page_and_back(stack, tmp_path):
    shop, unique = make_shop(stack, tmp_path)
    loaded = stack.load(template(unique), unique, {"Endpoint": stack.pagerduty.endpoint})
    assert loaded.left_out == {f"{unique}-burn": "metric math alarm"}
    assert loaded.confirmed == (stack.pagerduty.endpoint,)
    assert loaded.outputs["Topic"] == loaded.resources["Pages"]
    wait_until(lambda: loaded.outputs["Topic"] in stack.pagerduty.confirmed, 5, "PagerDuty has the answer to its GET")

    # In, with the caller's trace.
    headers = {"X-Amzn-Trace-Id": f"Root=1-{TRACE[:8]}-{TRACE[8:]};Parent={PARENT};Sampled=1"}
    traceparent = f"00-{TRACE}-{PARENT}-01"
    answer = shop.checkout(INPUT, {**headers, "traceparent": traceparent})
    assert answer == {"data": {"checkout": {"orderId": "o-1", "status": "ACCEPTED"}}}

    # Logs: all but what the platform filters, under the trace that Lambda continued.
    line, emf = logged(stack, shop.log_group)
    assert line == {
        "timestamp": IsStr,
        "level": "INFO",
        "message": "checkout",
        "x_ray": IsStr(regex=f"Root=1-{TRACE[:8]}-{TRACE[8:]};Parent=[0-9a-f]{{16}};Sampled=1"),
        "traceparent": traceparent,
        "info": "checkout",
        "request": IsStr(min_length=36),
        "pid": line["pid"],
        "variables": [],  # none of the emulator's own
    }
    assert PARENT not in line["x_ray"]
    assert emf == IsPartialDict(service="checkout", Failures=0)

    # X-Ray: Lambda's own segment, which is the function's parent.
    (segment,) = stack.xray.wait_for(TRACE, lambda documents: len(documents) == 1, 5)
    assert segment == IsPartialDict(name=unique, origin="AWS::Lambda::Function", parent_id=PARENT)
    assert f"Parent={segment['id']};" in line["x_ray"]

    # Metrics, each event once.
    for _ in range(2):
        answer = shop.checkout({**INPUT, "failWith": "no"})
        assert answer["errors"] == [IsPartialDict(message="provider said no", path=["checkout"])]
    assert stack.bridge.pump() == 3
    assert stack.bridge.pump() == 0
    assert failures(stack, unique) == (3, 2.0)
    failed = [one for one in logged(stack, shop.log_group) if "stackTrace" in one]
    assert [one["errorMessage"] for one in failed] == ["provider said no"] * 2

    # The page.
    incident = stack.pagerduty.wait_for(lambda one: one.alarm == f"{unique}-failures", 10, "the alarm pages")
    assert incident.as_json() == IsPartialDict(
        status="triggered",
        summary="Checkout fails.",
        severity="page",
        owner="team-checkout",
        impact="buyers cannot pay",
        dashboard="https://console.example/api",
        runbook="https://runbooks.example/checkout",
        resolved_at=None,
    )

    # Buyers succeed again, the failures leave the alarm's window: resolved by itself.
    def resolved() -> bool:
        shop.checkout(INPUT)
        stack.bridge.pump()
        return any(
            one.number == incident.number and one.status == "resolved" for one in stack.pagerduty.incidents.all()
        )

    wait_until(resolved, 40, "the incident is resolved", pause_s=0.5)
    assert stack.bridge.refused == []
    assert stack.xray.rejected == []


def failures(stack: Stack, namespace: str) -> tuple[float, float]:
    now = datetime.now(UTC)
    points = stack.emulator.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName="Failures",
        Dimensions=[{"Name": "service", "Value": "checkout"}],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=["SampleCount", "Sum"],
    )["Datapoints"]
    return sum(point["SampleCount"] for point in points), sum(point["Sum"] for point in points)


def test_the_example_checkout_runs_masked_and_traced(stack):
    """The real handler, with obskit, as a user would deploy it."""
    examples = Path(__file__).parents[2] / "examples"
    name = f"example-{secrets.token_hex(4)}"
    shop = stack.build_shop(examples, {"OBSKIT_ENV": "dev"}, name=name)
    trace = secrets.token_hex(16)
    header = {"X-Amzn-Trace-Id": f"Root=1-{trace[:8]}-{trace[8:]};Parent={PARENT};Sampled=1"}

    assert shop.checkout(INPUT, header)["data"] == {"checkout": IsPartialDict(status="ACCEPTED")}
    message = shop.checkout({**INPUT, "failWith": "declined"})["errors"][0]["message"]

    events = stack.emulator.client("logs").filter_log_events(logGroupName=shop.log_group)["events"]
    text = "\n".join([message, *(event["message"] for event in events)])
    assert [secret for secret in ("buyer@example.com", "901820", "4111111111111111") if secret in text] == []
    documents = stack.xray.wait_for(trace, lambda found: len(found) >= 2, 5)
    own = next(document for document in documents if document.get("origin") == "AWS::Lambda::Function")
    assert {document["parent_id"] for document in documents} == {PARENT, own["id"]}
    assert stack.bridge.pump() > 0
    assert stack.bridge.refused == []
    assert stack.xray.rejected == []


def test_a_queue_hop_links_to_the_producers_trace(stack, tmp_path):
    source = """
    import os
    def handler(event, context):
        print("trace", os.environ["_X_AMZN_TRACE_ID"])
    """
    shop, unique = make_shop(stack, tmp_path, source)
    sqs = stack.emulator.client("sqs")
    queue = sqs.create_queue(QueueName=unique)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    stack.emulator.client("lambda").create_event_source_mapping(FunctionName=unique, EventSourceArn=arn)
    producer = f"1-{TRACE[:8]}-{secrets.token_hex(12)}"
    header = {"DataType": "String", "StringValue": f"Root={producer};Parent={PARENT};Sampled=1"}
    sqs.send_message(QueueUrl=queue, MessageBody="{}", MessageSystemAttributes={"AWSTraceHeader": header})

    def trace_line() -> str | None:
        events = stack.emulator.client("logs").filter_log_events(logGroupName=shop.log_group)["events"]
        return next((event["message"] for event in events if event["message"].startswith("trace ")), None)

    line = wait_until(trace_line, 20, "the function has the message")
    root = line.partition("Root=")[2].partition(";")[0]
    assert root != producer
    (segment,) = stack.xray.wait_for(root, lambda documents: len(documents) == 1, 5)
    assert segment["links"] == [IsPartialDict(trace_id=producer, id=PARENT)]


def test_a_handler_that_does_not_import_is_named_to_the_caller(stack, tmp_path):
    shop, _ = make_shop(stack, tmp_path, "import no_such_module")
    message = "Unable to import module 'checkout.handler': No module named 'no_such_module'"
    for _ in range(2):  # each event tries the init again
        assert shop.checkout(INPUT)["errors"] == [IsPartialDict(message=message)]
    assert any(message in str(line) for line in logged(stack, shop.log_group))


def test_a_process_that_ends_is_an_error_and_the_next_call_works(stack, tmp_path):
    source = """
    import os
    def handler(event, context):
        if "failWith" in event["arguments"]["input"]:
            print("leaving", flush=True)
            os._exit(3)
        return {"orderId": "o-2", "status": "ACCEPTED"}
    """
    shop, _ = make_shop(stack, tmp_path, source)
    (error,) = shop.checkout({**INPUT, "failWith": "exit"})["errors"]
    assert error["message"].endswith("Error: Runtime exited with error: exit status 3")
    assert shop.checkout(INPUT) == {"data": {"checkout": {"orderId": "o-2", "status": "ACCEPTED"}}}
    events = stack.emulator.client("logs").filter_log_events(logGroupName=shop.log_group)["events"]
    assert "leaving" in [event["message"] for event in events]


def test_a_timeout_reaches_the_caller_with_what_was_written(stack, tmp_path):
    source = """
    import time
    def handler(event, context):
        print("hanging", flush=True)
        time.sleep(600)  # the function times out before
    """
    name = f"slow-{secrets.token_hex(4)}"
    shop = stack.build_shop(package(tmp_path, source), name=name, timeout_s=1)
    (error,) = shop.checkout(INPUT)["errors"]
    assert "timed out" in error["message"]
    events = stack.emulator.client("logs").filter_log_events(logGroupName=shop.log_group)["events"]
    assert "hanging" in [event["message"] for event in events]


def test_an_order_is_unknown_and_a_checkout_without_card_refused(stack, tmp_path):
    shop, _ = make_shop(stack, tmp_path)
    assert shop.post_graphql("query($id: ID!) { order(id: $id) { status } }", {"id": "1"}) == {"data": {"order": None}}
    assert shop.checkout({key: value for key, value in INPUT.items() if key != "cardNumber"})["errors"]


def test_a_wrong_key_is_refused(stack, tmp_path):
    shop, _ = make_shop(stack, tmp_path)
    answer = shop.post_graphql("{ order(id: 1) { id } }", headers={"x-api-key": "wrong"})
    assert "data" not in answer or answer["data"] is None
    assert answer["errors"]


def test_many_lines_stay_with_their_invocation(stack, tmp_path):
    source = """
    def handler(event, context):
        for n in range(300):
            print(event["arguments"]["input"]["cartId"], n, "x" * 100, flush=True)
        return {"orderId": "o", "status": "s"}
    """
    shop, _ = make_shop(stack, tmp_path, source)
    for cart in range(5):
        shop.checkout({**INPUT, "cartId": str(cart)})
    logs = stack.emulator.client("logs")
    streams = [
        stream["logStreamName"] for stream in logs.describe_log_streams(logGroupName=shop.log_group)["logStreams"]
    ]
    lines = [
        [
            event["message"]
            for event in logs.get_log_events(logGroupName=shop.log_group, logStreamName=stream)["events"][1:-2]
        ]
        for stream in streams
    ]
    expected = [[f"{cart} {n} {'x' * 100}" for n in range(300)] for cart in range(5)]
    assert sorted(lines) == expected


def test_malformed_emf_is_counted_and_the_rest_taken(stack):
    logs = stack.emulator.client("logs")
    group, namespace = f"/test/{secrets.token_hex(4)}", f"emf-{secrets.token_hex(4)}"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    now = int(time.time() * 1000)
    directive = {"Namespace": namespace, "Dimensions": [["service"]], "Metrics": [{"Name": "Failures"}]}
    good = {"_aws": {"Timestamp": now, "CloudWatchMetrics": [directive]}, "service": "checkout", "Failures": [1, 1, 0]}
    lines = [json.dumps(good), json.dumps(good), json.dumps({**good, "Failures": "x"}), '{"_aws": ']
    events = [{"timestamp": now, "message": line} for line in lines]
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)
    before = dict(stack.bridge.errors)

    stack.bridge.follow(group)
    assert stack.bridge.pump() == 2  # equal events are still two
    assert stack.bridge.pump() == 0
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events[:1])
    assert stack.bridge.pump() == 1  # and a third
    assert failures(stack, namespace) == (9, 6.0)
    assert stack.bridge.errors - type(stack.bridge.errors)(before) == {"EMFValidationErrors": 1, "EMFParsingErrors": 1}
    assert [one.rule[:30] for one in stack.bridge.refused[-2:]] == [
        "metric 'Failures' has no membe",
        "not JSON: Expecting value: lin",
    ]
    del stack.bridge.refused[-2:]


def test_a_stack_that_fails_shows_its_events(stack):
    broken = {"Resources": {"Odd": {"Type": "AWS::SNS::TopicPolicy", "Properties": {}}, "X": {"Type": "AWS::No::Such"}}}
    with pytest.raises(cloudformation.StackFailedError, match=r"AWS::No::Such"):
        cloudformation.load(stack.emulator, broken, f"broken-{secrets.token_hex(4)}")


def test_a_topic_that_nobody_confirms_is_named(stack):
    topic = stack.emulator.client("sns").create_topic(Name=f"t-{secrets.token_hex(4)}")["TopicArn"]
    endpoint = "http://127.0.0.1:9/integration"
    with pytest.raises(DidNotHappenError, match=f"the subscription of {endpoint} to {topic} is confirmed"):
        cloudformation.subscribe(stack.emulator, topic, endpoint, 0.1)


@pytest.mark.parametrize("how", ["stop", "kill", "kill while busy"])
def test_nothing_survives_the_demo(ministack, tmp_path, how):
    """Emulator, node, host and function end with the process that started them, even when that is killed."""
    source = """
    import os, time
    def handler(event, context):
        if event["arguments"]["input"]["cartId"] == "hang":
            os.write(os.open(os.environ["HANGING"], os.O_CREAT | os.O_WRONLY), b"yes")
            time.sleep(600)  # until the test kills the demo
        return {"orderId": "o", "status": "s"}
    """
    hanging = tmp_path / "hanging"
    program = textwrap.dedent(f"""
        import threading, time
        from pathlib import Path
        from obskit.demo.stack import Stack
        with Stack(Path({str(tmp_path / "run")!r}), python=Path({str(ministack)!r})) as stack:
            code = Path({str(package(tmp_path, source))!r})
            shop = stack.build_shop(code, {{"HANGING": {str(hanging)!r}}}, timeout_s=60)
            assert shop.checkout({INPUT!r})["data"], "no answer"
            print(stack.emulator.process.pid, stack.pagerduty.url, flush=True)
            if "busy" in {how!r}:
                threading.Thread(target=shop.checkout, args=({{**{INPUT!r}, "cartId": "hang"}},), daemon=True).start()
            time.sleep(600)  # until the test kills it
    """)
    demo = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert demo.stdout
    group, url = demo.stdout.readline().split()
    members = group_members(int(group))
    commands = [Path(f"/proc/{pid}/cmdline").read_text() for pid in members]
    for part in ("ministack", "node", "lambda_host", "awslambdaric"):
        assert any(part in command for command in commands), part
    with urllib.request.urlopen(url) as response:
        assert response.status == 200

    if "busy" in how:
        wait_until(hanging.exists, 10, "the function is busy")
    os.kill(demo.pid, signal.SIGTERM if how == "stop" else signal.SIGKILL)

    assert demo.wait(15) == (143 if how == "stop" else -signal.SIGKILL)
    demo.stdout.close()
    wait_until(lambda: not any(alive(pid) for pid in members), 5, "all of them end")


def test_pagerduty_on_a_given_port_can_be_started_again():
    with PagerDuty() as first:
        port = int(first.url.split(":")[2].strip("/"))
    with PagerDuty(port) as second:
        assert second.url == first.url
