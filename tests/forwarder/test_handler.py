"""The function under the real Lambda client, with Secrets Manager and an Events API on loopback."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from obskit.deploy.forwarder_function import HANDLER
from obskit.testing.awslambda.environment import Function
from obskit.testing.awslambda.runtime import LambdaRuntime
from tests.forwarder.test_events import ARN, COMPOSITE
from tests.parts import require

SECRET = "obskit/pagerduty/prod"
OLD, NEW = "r" * 32, "n" * 32


class Loopback:
    """Both services: POST / is Secrets Manager, POST /v2/enqueue the Events API, which answers *statuses* in turn."""

    def __init__(self):
        self.key = OLD
        self.accepts = {OLD, NEW}
        self.statuses: list[int] = []
        self.taken: list[dict[str, object]] = []
        self.asked = 0
        self.released = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, body = outer.answer(self.path, document)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def answer(self, path, document):
        if path != "/v2/enqueue":
            self.asked += 1
            text = json.dumps({"routing_key": self.key, "integration_key": "i"})
            return 200, json.dumps({"Name": document["SecretId"], "SecretString": text}).encode()
        status = self.statuses.pop(0) if self.statuses else 202
        if status == 0:  # hangs, until the test is over
            self.released.wait()
            status = 500
        if document["routing_key"] not in self.accepts:
            status = 400
        if status == 202:
            self.taken.append(document)
        return status, b"{}"

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def api():
    loopback = Loopback()
    yield loopback
    loopback.close()


@pytest.fixture
def function(api, tmp_path):
    require("awslambdaric")
    env = {
        "OBSKIT_ENV": "prod",
        "OBSKIT_SERVICE": "forwarder",
        "PAGING_SECRET": SECRET,
        "PAGING_URL": f"{api.url}/v2/enqueue",
        "AWS_ENDPOINT_URL": api.url,
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
    }
    with LambdaRuntime(Function(HANDLER, tmp_path, name="shop-prod-forwarder", env=env)) as runtime:
        yield runtime


def notification(**changes):
    """What SNS invokes a function with; `Message` is JSON in a text."""
    message = json.dumps({**COMPOSITE, **changes})
    return {"Records": [{"EventSource": "aws:sns", "Sns": {"TopicArn": "arn:aws:sns:x", "Message": message}}]}


def test_an_incident_opens_once_and_resolves(function, api):
    """The same `dedup_key` for what is sent twice; the key is fetched once and stands in no line."""
    outcomes = [function.invoke(notification()) for _ in range(2)]
    outcomes.append(function.invoke(notification(NewStateValue="OK")))

    assert [{"sent": 1, "skipped": 0}] * 3 == [one.payload for one in outcomes]
    assert [(OLD, "trigger", ARN), (OLD, "trigger", ARN), (OLD, "resolve", ARN)] == [
        (one["routing_key"], one["event_action"], one["dedup_key"]) for one in api.taken
    ]
    assert 1 == api.asked
    written = "\n".join(line for one in outcomes for line in one.lines)
    assert "handed over" in written
    assert OLD not in written
    assert "ann@example.com" not in written + json.dumps(api.taken)


def test_a_busy_or_broken_api_is_asked_again(function, api):
    api.statuses = [429, 503, 202]

    assert {"sent": 1, "skipped": 0} == function.invoke(notification()).payload
    assert 1 == len(api.taken)


def test_an_api_that_never_answers_is_left_to_the_dead_letter_queue(function, api):
    """The invocation fails in time to say so, and Lambda gives it on: nothing is lost in silence."""
    function.invoke(notification(NewStateValue="INSUFFICIENT_DATA"))
    api.statuses = [0] * 9

    outcome = function.invoke(notification(), deadline_ms=1800)

    assert outcome.error is not None
    assert "UnreachableError" == outcome.error["errorType"]
    assert [] == api.taken


def test_what_the_api_refuses_fails_at_once(function, api):
    api.accepts = set()

    outcome = function.invoke(notification())

    assert outcome.error is not None
    assert ("RefusedError", "the API answered 400") == (outcome.error["errorType"], outcome.error["errorMessage"])


def test_a_rotated_key_is_read_anew(function, api):
    function.invoke(notification())
    api.key, api.accepts = NEW, {NEW}

    assert {"sent": 1, "skipped": 0} == function.invoke(notification(NewStateValue="OK")).payload
    assert [OLD, NEW] == [one["routing_key"] for one in api.taken]


def test_what_is_no_alarm_is_told_and_passed_over(function, api):
    event = {"Records": [{"Sns": {"Message": "hello"}}, *notification()["Records"]]}

    outcome = function.invoke(event)

    assert {"sent": 1, "skipped": 1} == outcome.payload
    assert any("not a notification of an alarm" in line for line in outcome.lines)
