"""How many messages a queue holds, and how old the oldest is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from obskit import kpis
from obskit.probes import aws
from obskit.probes.model import Check, Measured, ProbeError, measured, number

if TYPE_CHECKING:
    from obskit.probes.model import Deadline
    from obskit.probes.settings import Settings

NAME = "sqs"

_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")
_AGE_WINDOW = timedelta(minutes=15)
"""SQS sends a point a minute, some minutes late, and none for a queue that nobody has used for hours."""


def checks(settings: Settings) -> list[Check]:
    table = settings.table(NAME)
    found = []
    for queue, one in table.tables("queues"):
        arn, index = one.text("arn"), one.text("index", "")
        found.append(_check(queue, arn, index, table.timeout()))
    return found


def _check(queue: str, arn: str, index: str, timeout: float) -> Check:
    _, _, _, region, account, name = arn.split(":")

    def measure(deadline: Deadline) -> Measured:
        try:
            depth = _depth(aws.client("sqs", region), name, account)
            deadline.left()
            # An empty queue has no age that CloudWatch would know of, and asking costs money.
            age = _age(aws.client("cloudwatch", region), name) if depth else 0.0
        except ProbeError:
            raise
        except Exception as error:  # noqa: BLE001  botocore makes its types at run time
            raise aws.failure(error) from None
        found = measured((kpis.QUEUE_DEPTH, depth), (kpis.QUEUE_AGE, age), queue=queue)
        if not index:
            return found
        lag = measured((kpis.INDEXER_LAG, age), index=index)
        return Measured(found.measurements + lag.measurements, found.without + lag.without)

    return Check(NAME, queue, timeout, measure)


def _depth(sqs: Any, name: str, account: str) -> float:
    """Return the messages that wait, are in work, or are delayed."""
    url = sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_COUNTS)).get("Attributes", {})
    counts = [number(attributes.get(key)) for key in _COUNTS]
    if counts[0] is None:
        raise ProbeError("no-answer", f"SQS does not say {_COUNTS[0]}")
    return sum(count for count in counts if count is not None)


def _age(cloudwatch: Any, name: str) -> float | None:
    """Return the seconds that the oldest message has waited, as CloudWatch heard last; None when it has not."""
    now = datetime.now(UTC)
    metric = {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateAgeOfOldestMessage",
        "Dimensions": [{"Name": "QueueName", "Value": name}],
    }
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[{"Id": "age", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}}],
        StartTime=now - _AGE_WINDOW,
        EndTime=now,
        ScanBy="TimestampDescending",
    )
    values = [value for result in answer.get("MetricDataResults", []) for value in result.get("Values", [])]
    return number(values[0]) if values else None
