"""All that `obskit page-test` asks of AWS, as data: what is not in this table cannot be called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ALARMS = "arn:aws:cloudwatch:{region}:{account}:alarm:{project}-paging-{env}-{region}-page-test-*"
TOPICS = "arn:aws:sns:{region}:{account}:{project}-{env}-*"
QUEUES = "arn:aws:sqs:{region}:{account}:{project}-{env}-*"
FUNCTION = "arn:aws:lambda:{region}:{account}:function:{project}-{env}-forwarder"
KEYS = "arn:aws:kms:{region}:{account}:key/*"
"""Which key an alias leads to is not known before; `kms:ResourceAliases` narrows it."""
SECRET = "arn:aws:secretsmanager:{region}:{account}:secret:{secret}-??????"  # noqa: S105  a pattern of names
ANY = "*"


@dataclass(frozen=True, slots=True)
class Right:
    """
    One action of IAM and the call that it is for.

    *part* is when: `look` changes nothing and is all that `--dry-run` does, `send` makes the test's alarms, `token` is
    for the option that names a secret with a token of PagerDuty. *resource* has `{region}`, `{account}`, `{project}`,
    `{env}`, `{secret}`; *why* says why one is `*`.
    """

    action: str
    service: str
    method: str
    part: Literal["look", "send", "token"]
    resource: str
    why: str = ""


_NONE = "knows no resource"
_COMPOSITES = "composite alarms are left out of the answer where it is narrower"

RIGHTS: tuple[Right, ...] = (
    Right("cloudwatch:DescribeAlarms", "cloudwatch", "describe_alarms", "look", ANY, _COMPOSITES),
    Right("sns:GetTopicAttributes", "sns", "get_topic_attributes", "look", TOPICS),
    Right("sns:ListSubscriptionsByTopic", "sns", "list_subscriptions_by_topic", "look", TOPICS),
    Right("sns:GetSubscriptionAttributes", "sns", "get_subscription_attributes", "look", ANY, _NONE),
    Right("kms:DescribeKey", "kms", "describe_key", "look", KEYS),
    Right("kms:GetKeyPolicy", "kms", "get_key_policy", "look", KEYS),
    Right("sqs:GetQueueUrl", "sqs", "get_queue_url", "look", QUEUES),
    Right("sqs:GetQueueAttributes", "sqs", "get_queue_attributes", "look", QUEUES),
    Right("lambda:GetFunctionConfiguration", "lambda", "get_function_configuration", "look", FUNCTION),
    Right("lambda:GetPolicy", "lambda", "get_policy", "look", FUNCTION),
    Right(
        "lambda:GetFunctionEventInvokeConfig", "lambda", "get_function_event_invoke_config", "look", FUNCTION
    ),
    Right("secretsmanager:DescribeSecret", "secretsmanager", "describe_secret", "look", SECRET),
    Right("cloudwatch:PutMetricAlarm", "cloudwatch", "put_metric_alarm", "send", ALARMS),
    Right(
        *("cloudwatch:PutCompositeAlarm", "cloudwatch", "put_composite_alarm", "send", ANY),
        "CloudWatch refuses it for anything narrower",
    ),
    Right("cloudwatch:SetAlarmState", "cloudwatch", "set_alarm_state", "send", ALARMS),
    Right("cloudwatch:DeleteAlarms", "cloudwatch", "delete_alarms", "send", ALARMS),
    Right("cloudwatch:DescribeAlarmHistory", "cloudwatch", "describe_alarm_history", "send", ANY, _COMPOSITES),
    Right("cloudwatch:GetMetricData", "cloudwatch", "get_metric_data", "send", ANY, _NONE),
    Right("secretsmanager:GetSecretValue", "secretsmanager", "get_secret_value", "token", SECRET),
)  # fmt: skip
"""Each action once. `cloudwatch:TagResource` is needed, too, and never called: `UNCALLED`."""

UNCALLED: tuple[Right, ...] = (Right("cloudwatch:TagResource", "cloudwatch", "", "send", ALARMS),)
"""What AWS asks for beside the call that is made: alarms are made with the tags that everything has."""

BY_ACTION = {right.action: right for right in RIGHTS}
