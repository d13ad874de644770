"""
The parts of CloudWatch, SNS and SQS that the emulator leaves out on the way of a page, each as small as its rules are.

The emulator holds topics, subscriptions, queues, alarms and the function as they are rendered; it moves alarms on plain
metrics, follows with composites, filters at each subscription, and runs an event twice more before it gives it up. It
does not evaluate metric math, its notifications lack what tells a composite from other alarms, an endpoint gets one
attempt and a function that SNS calls gets one run. So:

* `Alarms` lets `obskit.backtest` decide on metric math, over data that it reads from the emulator, and writes the
  notifications that CloudWatch's guide shows.
* `Deliveries` stands between the emulator's topic and each endpoint: it tries as often as the rendered delivery policy
  says (without waiting), then puts the notification into the rendered dead-letter queue, and calls functions as SNS
  does, asynchronously.
"""

from __future__ import annotations

import http.client
import json
import threading
from array import array
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from obskit.backtest import alarms as read_alarms
from obskit.backtest.metric_alarms import replay
from obskit.backtest.series import Series
from obskit.demo.cloudformation import SUBSCRIPTION_ATTRIBUTES, subscribe
from obskit.demo.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from obskit.demo.emulator import Emulator

Json = dict[str, Any]
ALARM, COMPOSITE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"
KEPT = ("AWS::SNS::", "AWS::SQS::")
ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}


def part_of(template: Json, wanted: tuple[str, ...]) -> Json:
    """
    Return topics, queues, and the alarms with these logical ids.

    The alarms have no actions there: what the emulator would send is not what CloudWatch sends; `Alarms` does it.
    """
    kept = {name: one for name, one in template["Resources"].items() if one["Type"].startswith(KEPT) or name in wanted}
    for name in wanted:
        properties = kept[name]["Properties"]
        kept[name] = {**kept[name], "Properties": {k: v for k, v in properties.items() if k not in ACTIONS.values()}}
    return {**template, "Resources": kept, "Outputs": {}}


class Notification(NamedTuple):
    """One message of an alarm, and the topics that it goes to."""

    message: Json
    topics: tuple[str, ...]

    def changed(self, **members: object) -> Notification:
        return self._replace(message={**self.message, **members})


class Alarms:
    """Alarms of a rendered *template* in the emulator; *topics* are ARNs by logical id."""

    def __init__(self, emulator: Emulator, template: Json, wanted: tuple[str, ...], topics: Mapping[str, str]) -> None:
        self._cloudwatch = emulator.client("cloudwatch")
        self._sns = emulator.client("sns")
        self._account = emulator.account
        self._region = emulator.region
        self._topics = topics
        rendered = {name: template["Resources"][name] for name in wanted}
        self._properties = {one["Properties"]["AlarmName"]: one["Properties"] for one in rendered.values()}
        self._evaluated: dict[str, read_alarms.MetricAlarm] = {}
        for name, properties in self._properties.items():
            if "AlarmRule" in properties:
                continue
            alarm = read_alarms.read(name, ALARM, properties)
            assert isinstance(alarm, read_alarms.MetricAlarm)
            self._evaluated[name] = alarm
            if "Metrics" in properties:  # the emulator keeps its name and state, and never evaluates it
                self._cloudwatch.put_metric_alarm(
                    AlarmName=name, EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold"
                )
        for one in rendered.values():
            if one["Type"] == COMPOSITE:
                properties = one["Properties"]
                self._cloudwatch.put_composite_alarm(
                    **{key: properties[key] for key in ("AlarmName", "AlarmDescription", "AlarmRule")}
                )
        self._known = {name: one["StateValue"] for name, one in self._described().items()}

    def name(self, end: str) -> str:
        (found,) = [str(name) for name in self._properties if name.endswith(end)]
        return found

    def state(self, name: str) -> str:
        return str(self._described()[name]["StateValue"])

    def force(self, name: str, state: str, why: str = "as the test says") -> None:
        self._cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=why)

    def evaluate(self, at: int) -> None:
        """Give each metric alarm the state that `obskit.backtest` finds *at* a time, on the emulator's data."""
        for name, alarm in self._evaluated.items():
            start = at - alarm.period * (alarm.rules.fetched + 1)
            data = {read.metric: self._series(read.metric, start, at) for read in alarm.reads.values()}
            timeline = replay(alarm, data)
            state = timeline.state_at(at)
            if state != self.state(name):
                self.force(name, state, next((one.reason for one in reversed(timeline.transitions)), "no data"))

    def changed(self, end: str) -> Notification:
        """Return what CloudWatch sends for the change of one alarm since this was asked last, and for no other."""
        name = self.name(end)
        (found,) = [one for one in self.changes() if one.message["AlarmName"] == name]
        return found

    def changes(self) -> list[Notification]:
        """Return what CloudWatch sends for every change since this was asked last."""
        found = []
        for name, one in self._described().items():
            before, self._known[name] = self._known[name], one["StateValue"]
            actions = self._properties[name].get(ACTIONS[one["StateValue"]], [])
            if before != one["StateValue"] and actions:
                topics = tuple(self._topics[action["Ref"]] for action in actions)
                found.append(Notification(self._message(name, before, one), topics))
        return found

    def publish(self, *notifications: Notification) -> None:
        for one in notifications:
            for topic in one.topics:
                self._sns.publish(
                    TopicArn=topic,
                    Message=json.dumps(one.message),
                    Subject=f'{one.message["NewStateValue"]}: "{one.message["AlarmName"]}" in {one.message["Region"]}'[
                        :100
                    ],
                )

    def _described(self) -> dict[str, Json]:
        pages = self._cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmNames=list(self._properties), AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        return {one["AlarmName"]: one for page in pages for one in page["MetricAlarms"] + page["CompositeAlarms"]}

    def _series(self, metric: read_alarms.Metric, start: int, end: int) -> Series:
        statistics = ["SampleCount", "Sum", "Maximum"]
        points = self._cloudwatch.get_metric_statistics(
            Namespace=metric.namespace,
            MetricName=metric.name,
            Dimensions=[{"Name": name, "Value": value} for name, value in metric.dimensions],
            StartTime=datetime.fromtimestamp(start, UTC),
            EndTime=datetime.fromtimestamp(end, UTC),
            Period=60,
            Statistics=statistics,
        )["Datapoints"]
        by_slot = {(int(point["Timestamp"].timestamp()) - start) // 60: point for point in points}
        columns = {
            name: array("d", [by_slot.get(slot, {}).get(name, float("nan")) for slot in range((end - start) // 60)])
            for name in statistics
        }
        return Series(start, 60, columns)

    def _message(self, name: str, before: str, now: Json) -> Json:
        """Amazon CloudWatch user guide, "Notify users on alarm changes", 2026-11-24: its samples of both kinds."""
        properties = self._properties[name]
        arns = {key: [self._topics[one["Ref"]] for one in properties.get(key, [])] for key in ACTIONS.values()}
        message: Json = {
            "AlarmName": name,
            "AlarmDescription": properties["AlarmDescription"],
            "AWSAccountId": self._account,
            "NewStateValue": now["StateValue"],
            "NewStateReason": now["StateReason"],
            "StateChangeTime": now["StateUpdatedTimestamp"].strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
            "Region": "US East (N. Virginia)",
            "AlarmArn": now["AlarmArn"],
            "OldStateValue": before,
            **arns,
        }
        if "AlarmRule" in now:
            children = json.loads(now.get("StateReasonData") or "{}").get("triggeringAlarms", [])
            triggering = [{"Arn": one["arn"], "State": {"Value": one["state"]["value"]}} for one in children]
            return {**message, "AlarmRule": now["AlarmRule"], "TriggeringChildren": triggering}
        keys = ("MetricName", "Namespace", "Statistic", "Period", "EvaluationPeriods", "Threshold", "Metrics")
        return {**message, "Trigger": {key: properties[key] for key in keys if key in properties}}


def waits(policy: Json) -> Iterator[float]:
    """
    Yield the seconds before each retry of a delivery policy, phase by phase.

    Amazon SNS guide, "Message delivery retries", 2026-11-24. How fast the third phase grows is not written there: here
    evenly, by the same factor.

    >>> [round(one) for one in waits({"numRetries": 5, "numNoDelayRetries": 1, "numMinDelayRetries": 1,
    ...     "minDelayTarget": 1, "numMaxDelayRetries": 1, "maxDelayTarget": 16, "backoffFunction": "exponential"})]
    [0, 1, 1, 16, 16]
    """
    low, high = float(policy["minDelayTarget"]), float(policy["maxDelayTarget"])
    between = policy["numRetries"] - sum(policy[f"num{one}DelayRetries"] for one in ("No", "Min", "Max"))
    yield from [0.0] * policy["numNoDelayRetries"]
    yield from [low] * policy["numMinDelayRetries"]
    for step in range(between):
        yield low * (high / low) ** (step / max(1, between - 1))
    yield from [high] * policy["numMaxDelayRetries"]


class Arrival(NamedTuple):
    """What SNS handed to one subscription: whose *protocol*, which alarm, its state."""

    protocol: str
    alarm: str
    state: str


class _Subscription(NamedTuple):
    protocol: str
    endpoint: str
    attributes: dict[str, str]


class Deliveries:
    """Stands before the endpoints of topics that it takes over. A context manager."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._subscriptions: list[_Subscription] = []
        self.arrivals: list[Arrival] = []
        self.attempts: list[int] = []
        """Statuses that endpoints answered, in order."""
        self.mails: list[Json] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                self.close_connection = True
                outer.take(int(self.path.rpartition("/")[2]), body)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Deliveries:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take_over(self, topic: str) -> None:
        """Stand before each subscription of *topic*, with its filter."""
        sns = self._emulator.client("sns")
        for given in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
            found = sns.get_subscription_attributes(SubscriptionArn=given["SubscriptionArn"])["Attributes"]
            attributes = {name: found[name] for name in SUBSCRIPTION_ATTRIBUTES if found.get(name)}
            sns.unsubscribe(SubscriptionArn=given["SubscriptionArn"])
            self._subscriptions.append(_Subscription(given["Protocol"], given["Endpoint"], attributes))
            here = f"http://127.0.0.1:{self._server.server_address[1]}/{len(self._subscriptions) - 1}"
            subscribe(self._emulator, topic, here, attributes=attributes)

    def take(self, number: int, body: bytes) -> None:
        envelope = json.loads(body)
        if envelope["Type"] == "SubscriptionConfirmation":
            _get(envelope["SubscribeURL"])
            return
        one = self._subscriptions[number]
        told = json.loads(envelope["Message"])
        self.arrivals.append(Arrival(one.protocol, told["AlarmName"], told["NewStateValue"]))
        if one.protocol == "email":
            self.mails.append(told)
        elif one.protocol == "lambda":
            record = {"EventVersion": "1.0", "EventSource": "aws:sns", "Sns": envelope}
            self._emulator.client("lambda").invoke(
                FunctionName=one.endpoint, InvocationType="Event", Payload=json.dumps({"Records": [record]})
            )
        elif not self._deliver(one, body):
            queue = json.loads(one.attributes["RedrivePolicy"])["deadLetterTargetArn"].rpartition(":")[2]
            sqs = self._emulator.client("sqs")
            sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"], MessageBody=body.decode())

    def _deliver(self, one: _Subscription, body: bytes) -> bool:
        """Say whether the endpoint took it. What it refuses (4xx) is not tried again, as the guide says."""
        policy = json.loads(one.attributes["DeliveryPolicy"])["healthyRetryPolicy"]
        for _ in (0.0, *waits(policy)):
            status = _post(one.endpoint, body)
            self.attempts.append(status)
            if 200 <= status < 500:
                return status < 300
        return False


def _post(url: str, body: bytes) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        connection.request("POST", parts.path, body)
        return connection.getresponse().status
    except OSError:
        return 599  # no answer
    finally:
        connection.close()


def _get(url: str) -> None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    connection.request("GET", f"{parts.path}?{parts.query}")
    connection.getresponse().read()
    connection.close()


def letters(emulator: Emulator, queue: str, wanted: int = 1, deadline_s: float = 30) -> list[Json]:
    """Return what lies in *queue*, as soon as there are *wanted*; it stays there."""
    sqs = emulator.client("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]

    def there() -> list[Json]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
        return [json.loads(one["Body"]) for one in found] if len(found) >= wanted else []

    return wait_until(there, deadline_s, f"{wanted} messages lie in {queue}")
