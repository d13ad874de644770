"""The function under the real Lambda client, with Secrets Manager, CloudWatch, SQS and an Events API on loopback."""

import json
import threading

import pytest

from obskit.deploy.forwarder_function import HANDLER
from obskit.forwarder import handler
from obskit.forwarder.alarms import NotAnAlarmError
from obskit.testing import LambdaContext, capture
from obskit.testing.awslambda.environment import Function
from obskit.testing.awslambda.runtime import LambdaRuntime
from obskit.testing.loopback import Answer, Loopback
from tests.forwarder.test_events import ARN, COMPOSITE
from tests.parts import require

SECRET = "obskit/pagerduty/prod"
OLD, NEW = "r" * 32, "n" * 32
NAME = COMPOSITE["AlarmName"]
REASON = '{"status": "invalid event", "errors": ["no service has the key %s", "of ann@example.com"]}'
DAY = 86_400
AT = 1_795_536_000
"""Seconds since 1970 of the notification's StateChangeTime."""


class Services(Loopback):
    """
    All four. POST /v2/enqueue is the Events API, which answers *statuses* in turn; the rest is AWS.

    *states* are what CloudWatch says: a state and since when, one after the other, the last for ever; an int is a
    status of CloudWatch itself. *letters* lie in the dead-letter queue.
    """

    def __init__(self):
        self.released = threading.Event()
        self.asked = 0
        self.begin()
        super().__init__(self.take)

    def begin(self):
        """As new; what hung is let go."""
        self.released.set()
        self.released = threading.Event()
        self.key = OLD
        self.accepts = {OLD, NEW}
        self.statuses: list[int] = []
        self.headers: dict[str, str] = {}
        self.states: list[tuple[str, int] | int] = []
        self.secrets = True
        self.letters: dict[str, str] = {}
        self.broken_queue = False
        self.taken: list[dict[str, object]] = []

    def take(self, request):
        action = request.headers.get("x-amz-target", "").rpartition(".")[2]
        status, body = self.answer(request.path, action, json.loads(request.body))
        return Answer(status, body, {"Content-Type": "application/x-amz-json-1.0", **self.headers})

    def answer(self, path, action, document):
        if path != "/v2/enqueue":
            calls = {
                "GetSecretValue": self.give_secret,
                "DescribeAlarms": self.describe,
                "SendMessage": self.keep,
                "ReceiveMessage": self.give_letters,
                "DeleteMessage": self.remove,
            }
            status, found = calls[action](document)
            return status, json.dumps(found).encode()
        status = self.statuses.pop(0) if self.statuses else 202
        if status == 0:  # hangs, until the test is over
            self.released.wait()
            status = 500
        if document["routing_key"] not in self.accepts:
            status = 400
        if status == 202:
            self.taken.append(document)
        return status, (REASON % document["routing_key"]).encode() if status == 400 else b"{}"

    def give_secret(self, document):
        self.asked += 1
        if not self.secrets:
            return 400, {"__type": "InternalServiceError", "message": "not today"}
        text = json.dumps({"routing_key": self.key, "integration_key": "i"})
        return 200, {"Name": document["SecretId"], "SecretString": text}

    def describe(self, document):
        assert {"AlarmNames": [NAME], "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]} == document
        if not self.states:
            return 200, {"MetricAlarms": [], "CompositeAlarms": []}
        now = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(now, int):
            return now, {"__type": "AccessDenied", "message": "arn of somebody"}
        alarm = {"AlarmName": NAME, "AlarmArn": ARN, "StateValue": now[0], "StateReason": "as it is now"}
        return 200, {"CompositeAlarms": [{**alarm, "StateTransitionedTimestamp": now[1], "ActionsEnabled": True}]}

    def keep(self, document):
        if self.broken_queue:
            return 400, {"__type": "AccessDenied", "message": "no"}
        self.letters[f"sent-{len(self.letters)}"] = document["MessageBody"]
        return 200, {"MessageId": "m"}

    def give_letters(self, document):
        found = [{"MessageId": name, "ReceiptHandle": name, "Body": body} for name, body in self.letters.items()]
        return 200, {"Messages": found[: document["MaxNumberOfMessages"]]}

    def remove(self, document):
        del self.letters[document["ReceiptHandle"]]
        return 200, {}

    def stop(self):
        self.released.set()
        super().stop()


@pytest.fixture(scope="module")
def loopback():
    with Services() as running:
        yield running


@pytest.fixture(scope="module")
def runtime(loopback, tmp_path_factory):
    """One for all tests: an import of boto3 and Powertools takes two seconds."""
    require("awslambdaric")
    env = {
        "OBSKIT_ENV": "prod",
        "OBSKIT_SERVICE": "forwarder",
        "PAGING_SECRET": SECRET,
        "PAGING_URL": f"{loopback.url}/v2/enqueue",
        "PAGING_DEAD_LETTERS": f"{loopback.url}/333333333333/dead-letters",
        "AWS_ENDPOINT_URL": loopback.url,
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
    }
    function = Function(HANDLER, tmp_path_factory.mktemp("forwarder"), name="shop-prod-forwarder", env=env)
    with LambdaRuntime(function) as running:
        yield running


@pytest.fixture
def api(loopback):
    loopback.begin()
    yield loopback
    loopback.released.set()


@pytest.fixture
def function(runtime, api):
    """Warm: a key that was read, connections that are open."""
    runtime.invoke(notification(NewStateValue="OK"))
    api.taken.clear()
    return runtime


def notification(**changes):
    """What SNS invokes a function with; `Message` is JSON in a text."""
    message = json.dumps({**COMPOSITE, **changes})
    return {"Records": [{"EventSource": "aws:sns", "Sns": {"TopicArn": "arn:aws:sns:x", "Message": message}}]}


def counts(sent=0, skipped=0, refused=0):
    return {"sent": sent, "skipped": skipped, "refused": refused}


def told(api):
    return [(one["event_action"], one["dedup_key"]) for one in api.taken]


def test_of_several_that_were_not_taken_the_first_is_told(monkeypatch):
    monkeypatch.delenv(handler.QUEUE, raising=False)
    records = [{}, {"Sns": {"Message": "no JSON"}}]
    with capture(), pytest.raises(NotAnAlarmError, match=r"^the record is no notification of a topic$"):
        handler.handler({"Records": records}, LambdaContext())


def test_an_incident_opens_once_and_resolves(function, api):
    """The same `dedup_key` for what is sent twice; the key is not fetched each time and stands in no line."""
    asked = api.asked
    outcomes = [function.invoke(notification()) for _ in range(2)]
    outcomes.append(function.invoke(notification(NewStateValue="OK")))

    assert [counts(sent=1)] * 3 == [one.payload for one in outcomes]
    assert [("trigger", ARN), ("trigger", ARN), ("resolve", ARN)] == told(api)
    assert asked == api.asked
    written = "\n".join(line for one in outcomes for line in one.lines)
    assert "handed over" in written
    assert [] == [key for key in (OLD, NEW) if key in written]
    assert "ann@example.com" not in written + json.dumps(api.taken)


def test_a_late_alarm_does_not_open_what_is_over_and_a_late_ok_not_close_what_is_on(function, api):
    """CloudWatch says what is so; what is told says so, too, in whatever order notifications come."""
    api.states = [("OK", AT + DAY)]
    late_alarm = function.invoke(notification())
    api.states = [("ALARM", AT + DAY)]
    late_ok = function.invoke(notification(NewStateValue="OK"))

    assert [counts(sent=1)] * 2 == [late_alarm.payload, late_ok.payload]
    assert [("resolve", ARN), ("trigger", ARN)] == told(api)
    assert "as it is now" == api.taken[1]["payload"]["custom_details"]["reason"]
    assert "handed over as it is now, not as it was notified" in "\n".join(late_alarm.lines)


def test_an_alarm_that_ends_while_it_is_told_is_resolved_at_once(function, api):
    """Its OK may have been told before it, by another run: nobody else would close the incident."""
    api.states = [("ALARM", AT), ("OK", AT + 60)]

    assert counts(sent=1) == function.invoke(notification()).payload
    assert [("trigger", ARN), ("resolve", ARN)] == told(api)


def test_an_alarm_that_ends_while_the_api_is_down_is_not_opened_when_it_is_back(function, api):
    api.statuses = [503, 202]
    api.states = [("ALARM", AT), ("OK", AT + 60)]

    assert counts(sent=1) == function.invoke(notification()).payload
    assert [("resolve", ARN)] == told(api)


def test_an_alarm_that_never_rests_does_not_keep_the_function(function, api):
    """Told three times, then left to the next run: what was told last may be over by then."""
    changes = [("ALARM", AT), ("OK", AT + 1), ("OK", AT + 1), ("ALARM", AT + 2), ("ALARM", AT + 2), ("OK", AT + 3)]
    api.states = list(changes)

    outcome = function.invoke(notification())

    assert outcome.error is not None
    assert "UnsettledError" == outcome.error["errorType"]
    assert ["trigger", "resolve", "trigger"] == [action for action, _ in told(api)]


def test_what_was_once_known_is_not_forgotten_when_cloudwatch_falls_silent(function, api):
    """It said that the alarm is over; the notification does not become true again because it says nothing now."""
    api.states = [("OK", AT + DAY), 500]

    assert counts(sent=1) == function.invoke(notification()).payload
    assert [("resolve", ARN)] == told(api)


@pytest.mark.parametrize("status", [400, 403, 500])
def test_asking_never_stops_a_page(function, api, status):
    api.states = [status]

    outcome = function.invoke(notification())

    assert counts(sent=1) == outcome.payload
    assert [("trigger", ARN)] == told(api)
    assert "CloudWatch does not say how the alarm is now: told as it is known" in "\n".join(outcome.lines)
    assert "arn of somebody" not in "\n".join(outcome.lines)


def test_a_busy_or_broken_api_is_asked_again(function, api):
    api.statuses = [429, 503, 202]

    assert counts(sent=1) == function.invoke(notification()).payload
    assert 1 == len(api.taken)


def test_an_api_that_wants_to_be_left_alone_for_longer_than_the_run_gets_the_next_run(function, api):
    """Asked once, not again against its word; the invocation fails in time, and Lambda runs the event anew."""
    api.statuses, api.headers = [429] * 9, {"Retry-After": "60"}

    outcome = function.invoke(notification(), deadline_ms=1800)

    assert outcome.error is not None
    assert ("UnreachableError", "not handed over after 1 attempts: the API answered 429") == (
        outcome.error["errorType"],
        outcome.error["errorMessage"],
    )
    assert 8 == len(api.statuses)


def test_an_api_that_never_answers_is_left_to_the_dead_letter_queue(function, api):
    """The invocation fails in time to say so, and Lambda gives it on: nothing is lost in silence."""
    api.statuses = [0] * 9

    outcome = function.invoke(notification(), deadline_ms=1800)

    assert outcome.error is not None
    assert "UnreachableError" == outcome.error["errorType"]
    assert [] == api.taken


def test_what_the_api_will_never_take_is_in_the_dead_letter_queue_at_once_and_told(function, api):
    """Its reason is there, masked, without the key that the API repeats; Lambda has no reason to try again."""
    api.accepts = set()
    reason = (
        'the API answered 400: {"status": "invalid event", "errors": ["no service has the key [KEY]", "of [EMAIL]"]}'
    )

    outcome = function.invoke(notification())

    assert counts(refused=1) == outcome.payload
    ((letter,),) = (api.letters.values(),)
    assert {
        "version": "1.0",
        "requestContext": {"condition": "Refused", "approximateInvokeCount": 1},
        "requestPayload": notification(),
        "responsePayload": {"errorType": "RefusedError", "errorMessage": reason},
    } == json.loads(letter)
    (line,) = [json.loads(one) for one in outcome.lines if "refused: it is" in one]
    assert ("ERROR", reason) == (line["level"], line["detail"])
    assert [] == [key for key in (OLD, NEW) if key in letter + "\n".join(outcome.lines)]


def test_where_even_the_queue_does_not_take_it_lambda_does(function, api):
    api.accepts, api.broken_queue = set(), True

    outcome = function.invoke(notification())

    assert outcome.error is not None
    assert "QueueError" == outcome.error["errorType"]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_something_between_refuses_fails_at_once_and_is_tried_by_lambda(function, api, status):
    api.statuses = [status]

    outcome = function.invoke(notification())

    assert outcome.error is not None
    assert "RefusedError" == outcome.error["errorType"]
    assert outcome.error["errorMessage"].startswith(f"the API answered {status}")
    assert {} == api.letters


def test_a_rotated_key_is_read_anew(function, api):
    api.accepts = {OLD}
    function.invoke(notification())
    api.key, api.accepts = NEW, {NEW}

    assert counts(sent=1) == function.invoke(notification(NewStateValue="OK")).payload
    assert [OLD, NEW] == [one["routing_key"] for one in api.taken]


def test_one_bad_record_does_not_take_the_others_with_it(function, api):
    bad = [{"Sns": {"Message": "hello"}}, {"Sns": None}, "text", {}]
    event = {"Records": [*bad, *notification()["Records"]]}

    outcome = function.invoke(event)

    assert counts(sent=1, refused=4) == outcome.payload
    assert [("trigger", ARN)] == told(api)
    assert bad == [json.loads(letter)["requestPayload"]["Records"][0] for letter in api.letters.values()]


def test_one_record_that_cannot_be_told_fails_the_run_after_the_others(function, api):
    """The share of time of each is its own: what hangs leaves the others theirs."""
    api.statuses = [0]
    other = notification(NewStateValue="OK")["Records"]

    outcome = function.invoke({"Records": notification()["Records"] + other}, deadline_ms=2500)

    assert outcome.error is not None
    assert "UnreachableError" == outcome.error["errorType"]
    assert [("resolve", ARN)] == told(api)


@pytest.mark.parametrize("event", [{}, {"Records": []}, {"detail-type": "CloudWatch Alarm State Change"}, [], None])
def test_an_event_of_another_kind_is_kept_not_passed_over(function, api, event):
    assert counts(refused=1) == function.invoke(event).payload
    assert [{"Records": [event]}] == [json.loads(letter)["requestPayload"] for letter in api.letters.values()]


def test_insufficient_data_is_passed_over(function, api):
    assert counts(skipped=1) == function.invoke(notification(NewStateValue="INSUFFICIENT_DATA")).payload
    assert [] == api.taken


def test_what_lies_in_the_queue_is_told_again_as_it_is_now(function, api):
    """After an outage. What Lambda put there, what the topic put there; what is still refused stays."""
    (record,) = notification()["Records"]
    api.states = [("ALARM", AT)]
    api.letters = {
        "of lambda": json.dumps({"requestPayload": {"Records": [record]}, "requestContext": {}}),
        "of the topic": json.dumps(record["Sns"]),
        "no json": "hello",
    }

    outcome = function.invoke({"redrive": True})

    assert {"sent": 2, "skipped": 0, "left": 1} == outcome.payload
    assert [("trigger", ARN)] * 2 == told(api)
    assert ["no json"] == list(api.letters)


def test_what_is_over_by_then_opens_nothing(function, api):
    api.states = [("OK", AT + DAY)]
    api.letters = {"of lambda": json.dumps({"requestPayload": notification()})}

    function.invoke({"redrive": True})

    assert [("resolve", ARN)] == told(api)
    assert {} == api.letters
