"""What CloudWatch says that it did: the actions in an alarm's history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from obskit.deploy.page_test.way import document

if TYPE_CHECKING:
    from obskit.deploy.page_test.alarms import TestAlarm
    from obskit.deploy.page_test.calls import Calls, Unseen

Json = dict[str, Any]

DONE, FAILED = "Successfully executed action ", "Failed to execute action "
_ERROR = "Received error: "


@dataclass(frozen=True, slots=True)
class Action:
    """One action, of the ALARM first and of the OK after it; *error* is CloudWatch's word where it failed."""

    topic: str
    done: bool
    error: str = ""


def actions(calls: Calls, alarm: TestAlarm) -> list[Action] | Unseen:
    """Return what the history of *alarm* says of actions, the oldest first; what is not known as one is left out."""
    found = calls.pages(
        *("cloudwatch:DescribeAlarmHistory", f"history of {alarm.name}", "AlarmHistoryItems"),
        AlarmName=alarm.name,
        AlarmTypes=["MetricAlarm", "CompositeAlarm"],
        HistoryItemType="Action",
        ScanBy="TimestampAscending",
    )
    if not isinstance(found, list):
        return found
    return [one for one in map(action, found) if one is not None]


def action(item: Json) -> Action | None:
    """
    Return what one item of the history says.

    >>> action({"HistorySummary": "Successfully executed action arn:aws:sns:us-east-1:333333333333:t"})
    Action(topic='arn:aws:sns:us-east-1:333333333333:t', done=True, error='')
    >>> text = 'Failed to execute action arn:aws:sns:us-east-1:333333333333:t. Received error: "No."'
    >>> action({"HistorySummary": text})
    Action(topic='arn:aws:sns:us-east-1:333333333333:t', done=False, error='No.')
    """
    summary = str(item.get("HistorySummary", ""))
    if summary.startswith(DONE):
        return Action(summary.removeprefix(DONE).strip().rstrip("."), done=True)
    if not summary.startswith(FAILED):
        return None
    topic, _, words = summary.removeprefix(FAILED).partition(". ")
    error = words.partition(_ERROR)[2] or str(document(item.get("HistoryData")).get("error") or "") or words
    return Action(topic.strip().rstrip("."), done=False, error=error.strip().strip('"'))
