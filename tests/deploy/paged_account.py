"""An account that pages, as boto3 sees it: real clients, whose calls and answers botocore checks, over plain data."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.validate import validate_parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from obskit.deploy.render import Rendered

Json = dict[str, Any]

ACCOUNT = "333333333333"
REGION = "us-east-1"
INTEGRATION_KEY = "0123456789abcdef0123456789abcdef"
TOKEN = "u+" + "pagerdutytoken" + "00"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


OF_ALARM = (
    *("AlarmName", "AlarmRule", "Namespace", "MetricName", "Dimensions"),
    *("ActionsEnabled", "AlarmActions", "OKActions"),
)


class RefusedError(Exception):
    """What AWS answers instead: code and message."""

    def __init__(self, code: str, message: str = "no") -> None:
        super().__init__(code)
        self.code, self.message = code, message


@dataclass
class Account:
    """
    One region of an account. *denied* are IAM actions that the caller lacks; *refuses* is CloudWatch's word where it
    cannot publish; *delivers* is how many messages SNS counts for each that CloudWatch publishes.
    """

    alarms: dict[str, Json] = field(default_factory=dict)
    topics: dict[str, Json] = field(default_factory=dict)
    subscriptions: list[Json] = field(default_factory=list)
    keys: dict[str, Json] = field(default_factory=dict)
    queues: dict[str, Json] = field(default_factory=dict)
    functions: dict[str, Json] = field(default_factory=dict)
    secrets: dict[str, Json] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    history: list[tuple[str, str]] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)
    refuses: str = ""
    counts: dict[str, float] = field(default_factory=dict)
    published: int = 0
    called: list[str] = field(default_factory=list)
    on: dict[str, Callable[[Json], None]] = field(default_factory=dict)

    def answer(self, action: str, given: Json) -> Json:
        self.called.append(action)
        if action in self.on:
            self.on[action](given)
        if action in self.denied:
            raise RefusedError("AccessDenied", f"role/ci is not authorized to perform: {action}")
        found: Json = getattr(self, f"_{xform_name(action.partition(':')[2])}")(given)
        return found

    def _get_caller_identity(self, _: Json) -> Json:
        return {"Account": ACCOUNT}

    def _describe_alarms(self, given: Json) -> Json:
        named, prefix = given.get("AlarmNames"), given.get("AlarmNamePrefix", "")
        mine = [one for name, one in self.alarms.items() if (name in named if named else name.startswith(prefix))]
        kinds = given["AlarmTypes"]
        return {
            "MetricAlarms": [one for one in mine if "AlarmRule" not in one and "MetricAlarm" in kinds],
            "CompositeAlarms": [one for one in mine if "AlarmRule" in one and "CompositeAlarm" in kinds],
        }

    def _put_metric_alarm(self, given: Json) -> Json:
        self.alarms[given["AlarmName"]] = {"StateValue": "INSUFFICIENT_DATA", **_untagged(given)}
        return {}

    def _put_composite_alarm(self, given: Json) -> Json:
        self.alarms[given["AlarmName"]] = {"StateValue": "OK", **_untagged(given)}
        return {}

    def _set_alarm_state(self, given: Json) -> Json:
        name, state = given["AlarmName"], given["StateValue"]
        moved = [name, *(one for one, it in self.alarms.items() if name in it.get("AlarmRule", ""))]
        for one in moved:
            self.alarms[one]["StateValue"] = state
            (topic,) = self.alarms[one]["AlarmActions"]
            if self.refuses:
                said = f'Failed to execute action {topic}. Received error: "{self.refuses}"'
            else:
                said = f"Successfully executed action {topic}"
                self.published += 1
            self.history.append((one, said))
        return {}

    def _describe_alarm_history(self, given: Json) -> Json:
        mine = [text for name, text in self.history if name == given["AlarmName"]]
        mine = mine if given["ScanBy"] == "TimestampAscending" else mine[::-1]
        return {"AlarmHistoryItems": [{"HistorySummary": text, "HistoryItemType": "Action"} for text in mine]}

    def _delete_alarms(self, given: Json) -> Json:
        """A child goes after its composite."""
        for name in given["AlarmNames"]:
            if any(f'"{name}"' in one.get("AlarmRule", "") for one in self.alarms.values()):
                raise RefusedError("ValidationError", f"a composite alarm depends on {name}")
            self.alarms.pop(name, None)
        return {}

    def _get_metric_data(self, given: Json) -> Json:
        counts = {"delivered": self.published, **self.counts}
        wanted = [one["Id"] for one in given["MetricDataQueries"]]
        return {"MetricDataResults": [{"Id": one, "Values": [counts[one]] if one in counts else []} for one in wanted]}

    def _get_topic_attributes(self, given: Json) -> Json:
        return {"Attributes": _known(self.topics, given["TopicArn"], "NotFound")}

    def _list_subscriptions_by_topic(self, given: Json) -> Json:
        """One a page: the reader must follow."""
        mine = [one for one in self.subscriptions if one["TopicArn"] == given["TopicArn"]]
        place = int(given.get("NextToken", 0))
        keys = ("SubscriptionArn", "TopicArn", "Protocol", "Endpoint")
        page = [{key: one[key] for key in keys} for one in mine[place : place + 1]]
        return {"Subscriptions": page, **({"NextToken": str(place + 1)} if place + 1 < len(mine) else {})}

    def _get_subscription_attributes(self, given: Json) -> Json:
        (one,) = [one for one in self.subscriptions if one["SubscriptionArn"] == given["SubscriptionArn"]]
        return {"Attributes": {"PendingConfirmation": "false", **one["Attributes"], "Endpoint": one["Endpoint"]}}

    def _describe_key(self, given: Json) -> Json:
        return {"KeyMetadata": _known(self.keys, given["KeyId"], "NotFoundException")["metadata"]}

    def _get_key_policy(self, given: Json) -> Json:
        assert given["KeyId"].startswith("arn:")  # an alias is refused
        (found,) = [one for one in self.keys.values() if one["metadata"]["Arn"] == given["KeyId"]]
        return {"Policy": json.dumps(found["policy"])}

    def _get_queue_url(self, given: Json) -> Json:
        _known(self.queues, given["QueueName"], "AWS.SimpleQueueService.NonExistentQueue")
        return {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{given['QueueName']}"}

    def _get_queue_attributes(self, given: Json) -> Json:
        found = self.queues[given["QueueUrl"].rpartition("/")[2]]
        return {"Attributes": {key: value for key, value in found.items() if key in given["AttributeNames"]}}

    def _get_function_configuration(self, given: Json) -> Json:
        found = _known(self.functions, given["FunctionName"], "ResourceNotFoundException")
        return {key: found[key] for key in ("State", "LastUpdateStatus", "Environment")}

    def _get_policy(self, given: Json) -> Json:
        policy = _known(self.functions, given["FunctionName"], "ResourceNotFoundException").get("policy")
        if policy is None:
            raise RefusedError("ResourceNotFoundException")
        return {"Policy": json.dumps(policy)}

    def _get_function_event_invoke_config(self, given: Json) -> Json:
        found = _known(self.functions, given["FunctionName"], "ResourceNotFoundException").get("invoke")
        if found is None:
            raise RefusedError("ResourceNotFoundException")
        return {"DestinationConfig": found}

    def _describe_secret(self, given: Json) -> Json:
        return {**_known(self.secrets, given["SecretId"], "ResourceNotFoundException")}

    def _get_secret_value(self, given: Json) -> Json:
        return {"SecretString": _known(self.values, given["SecretId"], "ResourceNotFoundException")}


def _untagged(given: Json) -> Json:
    return {key: value for key, value in given.items() if key != "Tags"}


def _known(things: dict[str, Any], name: str, code: str) -> Any:
    if name not in things:
        raise RefusedError(code)
    return things[name]


class Session:
    """What `boto3.session.Session` is with credentials of the account; its clients answer from *account*."""

    def __init__(self) -> None:
        self.account = Account()
        self._clients: dict[str, Any] = {}
        self._session = boto3.session.Session("key", "secret", region_name=REGION)

    def client(self, service: str, region_name: str, **_: Any) -> Any:
        assert region_name == REGION
        if service not in self._clients:
            made = self._session.client(service, region_name=region_name)
            made.meta.events.register("before-parameter-build", _remember)
            made.meta.events.register("before-call", self._answer)
            self._clients[service] = made
        return self._clients[service]

    def _answer(self, model: Any, context: Json, **_: Any) -> tuple[AWSResponse, Json]:
        action = f"{model.service_model.service_name}:{model.name}"
        try:
            found = copy.deepcopy(self.account.answer(action, context["given"]))
        except RefusedError as error:
            return _answered(400), {"Error": {"Code": error.code, "Message": error.message}, "ResponseMetadata": {}}
        if model.output_shape is not None:
            validate_parameters(found, model.output_shape)
        return _answered(200), {**found, "ResponseMetadata": {}}


def _answered(status: int) -> AWSResponse:
    return AWSResponse("", status, {}, None)


def _remember(params: Json, context: Json, **_: Any) -> None:
    """Keep what is asked as it is before it is written down for the wire."""
    context["given"] = dict(params)


def deployed(rendered: Rendered) -> Account:
    """Return the account in which *rendered* is deployed as it stands, with all that is not obskit's in order."""
    account = Account()
    resources = dict(rendered.templates[REGION]["Resources"])
    resources |= rendered.forwarders.get(REGION, {}).get("Resources", {})
    known = {
        logical: f"arn:aws:sns:{REGION}:{ACCOUNT}:{one['Properties']['TopicName']}"
        for logical, one in resources.items()
        if one["Type"] == "AWS::SNS::Topic"
    }
    for logical, one in resources.items():
        kind, properties = one["Type"], one["Properties"]
        if kind == "AWS::SQS::Queue":
            known[logical] = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{properties['QueueName']}"
        if kind == "AWS::Lambda::Function":
            known[logical] = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{properties['FunctionName']}"
    known["ActionsEnabled"] = True  # type: ignore[assignment]  # a parameter
    for one in resources.values():
        _put(account, one["Type"], _filled(one["Properties"], known))
    policy = rendered.templates[REGION]["Metadata"]["obskit"]["KeyPolicy"]
    arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    account.keys["alias/shop-data"] = {
        "metadata": {"KeyId": arn.rpartition("/")[2], "Arn": arn, "KeyManager": "CUSTOMER", "KeyState": "Enabled"},
        "policy": {"Version": "2012-10-17", "Statement": policy},
    }
    account.secrets["obskit/pagerduty/prod"] = {"VersionIdsToStages": {"1" * 32: ["AWSCURRENT"]}}
    return account


def _put(account: Account, kind: str, found: Json) -> None:
    if kind in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
        account.alarms[found["AlarmName"]] = {key: found[key] for key in OF_ALARM if key in found}
    elif kind == "AWS::SNS::Topic":
        arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{found['TopicName']}"
        account.topics.setdefault(arn, {})["KmsMasterKeyId"] = found["KmsMasterKeyId"]
    elif kind == "AWS::SNS::TopicPolicy":
        (topic,) = found["Topics"]
        account.topics.setdefault(topic, {})["Policy"] = json.dumps(found["PolicyDocument"])
    elif kind == "AWS::SNS::Subscription":
        attributes: Json = {
            key: json.dumps(found[key]) for key in ("FilterPolicy", "DeliveryPolicy", "RedrivePolicy") if key in found
        }
        attributes |= {"FilterPolicyScope": found["FilterPolicyScope"]} if "FilterPolicyScope" in found else {}
        endpoint = found["Endpoint"].split("{{")[0]
        number = len(account.subscriptions) + 1
        account.subscriptions.append(
            {
                "SubscriptionArn": f"{found['TopicArn']}:0000000{number}",
                "TopicArn": found["TopicArn"],
                "Protocol": found["Protocol"],
                "Endpoint": f"{endpoint}{INTEGRATION_KEY}/enqueue" if "https" in endpoint else endpoint,
                "Attributes": attributes,
            }
        )
    elif kind == "AWS::SQS::Queue":
        account.queues.setdefault(found["QueueName"], {}).update(
            KmsMasterKeyId=found["KmsMasterKeyId"],
            ApproximateNumberOfMessages="0",
            ApproximateNumberOfMessagesNotVisible="0",
        )
    elif kind == "AWS::SQS::QueuePolicy":
        name = found["Queues"][0].rpartition(":")[2]
        account.queues.setdefault(name, {})["Policy"] = json.dumps(found["PolicyDocument"])
    else:
        _put_function(account, kind, found)


def _put_function(account: Account, kind: str, found: Json) -> None:
    if kind not in ("AWS::Lambda::Function", "AWS::Lambda::Permission", "AWS::Lambda::EventInvokeConfig"):
        return
    name = found["FunctionName"].rpartition(":")[2]
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    function = account.functions.setdefault(arn, {"State": "Active", "LastUpdateStatus": "Successful"})
    if kind == "AWS::Lambda::Function":
        function["Environment"] = found["Environment"]
    elif kind == "AWS::Lambda::Permission":
        source = {"ArnLike": {"AWS:SourceArn": found["SourceArn"]}}
        function["policy"] = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": found["Principal"]},
                    "Action": found["Action"],
                    "Resource": arn,
                    "Condition": source,
                }
            ],
        }
    else:
        function["invoke"] = found["DestinationConfig"]


def _filled(value: Any, known: dict[str, Any]) -> Any:
    """Return *value* with what refers to a resource replaced by its ARN."""
    if isinstance(value, list):
        return [_filled(one, known) for one in value]
    if not isinstance(value, dict):
        return value
    if list(value) == ["Ref"]:
        return known.get(value["Ref"], value["Ref"])
    if list(value) == ["Fn::GetAtt"]:
        return known.get(value["Fn::GetAtt"][0], "arn:unknown")
    return {key: _filled(one, known) for key, one in value.items()}


class Time:
    """A clock that goes on only when somebody waits; *at* says what happens when so many seconds are over."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.at: dict[float, Callable[[], None]] = {}

    def pause(self, seconds: float) -> None:
        before, self.seconds = self.seconds, self.seconds + seconds
        for when, what in self.at.items():
            if before < when <= self.seconds:
                what()
