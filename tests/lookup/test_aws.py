"""X-Ray and CloudWatch Logs, their answers by botocore's own stubber: in bounds, and what is told when they refuse."""

from __future__ import annotations

import json
import sys

import pytest
from botocore.stub import Stubber

from obskit.errors import MissingExtraError, ObskitError
from obskit.lookup import aws
from obskit.lookup.source import Window
from tests.lookup.captured import DOCUMENTS, LINES, root_of, trace_id

WINDOW = Window(1795536000.0, 1795539600.0)
GROUP = "/aws/lambda/checkout"


@pytest.fixture
def made(monkeypatch):
    """A function: log groups and seconds that are left -> source, stub of X-Ray, stub of Logs."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    stubs = []

    def make(groups=(GROUP,), left=lambda: 60.0, window=WINDOW):
        source = aws.Aws("us-east-1", groups, "/aws/lambda/", window, left)
        xray, logs = Stubber(source._xray), Stubber(source._logs)
        for stub in (xray, logs):
            stub.activate()
        stubs.extend((xray, logs))
        return source, xray, logs

    yield make
    for stub in stubs:
        stub.assert_no_pending_responses()


def searched(pattern, *, token=None, group=GROUP):
    more = {"nextToken": token} if token else {}
    start, end = (int(at * 1000) for at in WINDOW)
    return {"logGroupName": group, "startTime": start, "endTime": end, "filterPattern": pattern, **more}


def test_traces_are_asked_for_five_at_a_time_page_by_page(made):
    source, xray, _ = made()
    ids = [trace_id(number) for number in range(1, 7)]
    segments = [{"Id": "0" * 16, "Document": json.dumps(DOCUMENTS[0])}]
    xray.add_response(
        "batch_get_traces",
        {"Traces": [{"Id": root_of(1), "Segments": segments}], "NextToken": "more"},
        {"TraceIds": [root_of(number) for number in range(1, 6)]},
    )
    xray.add_response(
        "batch_get_traces",
        {"Traces": [{"Id": root_of(1), "Segments": segments}]},
        {"TraceIds": [root_of(number) for number in range(1, 6)], "NextToken": "more"},
    )
    xray.add_response("batch_get_traces", {"Traces": []}, {"TraceIds": [root_of(6)]})

    assert source.documents(ids) == {trace_id(1): [DOCUMENTS[0]] * 2}


def test_consumers_are_searched_for_six_hours_at_a_time(made):
    source, xray, _ = made(window=Window(1795536000.0, 1795536000.0 + 8 * 3600))
    for start, end, found in ((7200, 28800, [3]), (0, 7200, [4])):
        xray.add_response(
            "get_trace_summaries",
            {"TraceSummaries": [{"Id": root_of(number)} for number in found]},
            {
                "StartTime": 1795536000.0 + start,
                "EndTime": 1795536000.0 + end,
                "TimeRangeType": "TraceId",
                "FilterExpression": f'annotation.linked_trace_ids CONTAINS "{root_of(1)}"',
            },
        )

    assert source.consumers(trace_id(1)) == [trace_id(3), trace_id(4)]


def test_lines_are_searched_for_by_each_id_once(made):
    source, _, logs = made()
    first = f'{{ $.correlation_id = "cart-1" || $.xray_trace_id = "{root_of(1)}" || $.trace_id = "{trace_id(1)}" }}'
    logs.add_response(
        "filter_log_events",
        {"events": [{"message": json.dumps(line)} for line in LINES[:2]], "nextToken": "more"},
        searched(first),
    )
    logs.add_response("filter_log_events", {"events": [{"message": "START RequestId"}]}, searched(first, token="more"))
    second = f'{{ $.xray_trace_id = "{root_of(2)}" || $.trace_id = "{trace_id(2)}" }}'
    logs.add_response("filter_log_events", {"events": []}, searched(second))

    assert source.lines([trace_id(1)], ["cart-1"]) == LINES[:1]  # the emulator, for one, does not filter
    assert source.lines([trace_id(1)], ["cart-1"]) == LINES[:1]
    assert source.lines([trace_id(1), trace_id(2)], ["cart-1"]) == LINES[:2]
    assert source.places == [
        "X-Ray in us-east-1: traces by id, 30 days back at the most",
        f"CloudWatch Logs in us-east-1: {GROUP}",
    ]


def test_all_groups_of_a_prefix_are_searched_up_to_a_number(made):
    source, _, logs = made(groups=())
    names = [f"/aws/lambda/f{number:02}" for number in range(aws.MOST_GROUPS + 1)]
    logs.add_response(
        "describe_log_groups",
        {"logGroups": [{"logGroupName": name} for name in names]},
        {"logGroupNamePrefix": "/aws/lambda/"},
    )

    assert source._known() == names[:-1]
    assert source.notes == [
        "51 log groups begin with '/aws/lambda/'; 50 were searched: give --log-group NAME for those you mean"
    ]


def test_without_a_log_group_it_is_told(made):
    source, _, logs = made(groups=())
    logs.add_response("describe_log_groups", {"logGroups": []})

    with pytest.raises(
        ObskitError, match="no log group in us-east-1 begins with '/aws/lambda/': give --log-group NAME"
    ):
        source.lines([], ["cart-1"])


def test_pages_end_with_the_time_and_with_their_number(made):
    left = iter([1.0, -1.0, -1.0, -1.0])
    source, xray, _ = made(left=lambda: next(left))
    xray.add_response("batch_get_traces", {"Traces": [], "NextToken": "more"})

    assert source.documents([trace_id(1)]) == {}
    assert source.documents([trace_id(2)]) == {}
    assert source.notes == ["X-Ray: the time was up before the end", "X-Ray: the time was up; not asked"]

    source, xray, _ = made()
    for number in range(aws.MOST_PAGES):
        xray.add_response("batch_get_traces", {"Traces": [], "NextToken": f"more {number}"})
    source.documents([trace_id(1)])
    assert source.notes == ["X-Ray: 20 pages were read before the end"]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("AccessDeniedException", "`obskit trace` needs xray:BatchGetTraces"),
        ("ExpiredTokenException", "not valid any more: sign in again"),
        ("InvalidRequestException", "InvalidRequestException"),
    ],
)
def test_what_aws_refuses_is_told(made, code, says):
    source, xray, _ = made()
    xray.add_client_error("batch_get_traces", code, "no")

    with pytest.raises(ObskitError, match=says):
        source.documents([trace_id(1)])


def test_a_group_that_does_not_exist_is_a_note(made):
    source, _, logs = made()
    logs.add_client_error("filter_log_events", "ResourceNotFoundException", "no")

    assert source.lines([], ["cart-1"]) == []
    assert source.notes == [f"log group {GROUP}: it does not exist"]


def test_without_credentials_it_is_told(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    source = aws.Aws("us-east-1", [GROUP], "", WINDOW, lambda: 60.0)

    with pytest.raises(ObskitError, match=r"no AWS credentials: sign in \(aws sso login\), or set AWS_PROFILE"):
        source.documents([trace_id(1)])


def test_without_a_region_it_is_told(monkeypatch):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")

    with pytest.raises(ObskitError, match="no region: give --region, or --env"):
        aws.Aws(None, [GROUP], "", WINDOW, lambda: 60.0)


def test_without_boto3_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)

    with pytest.raises(MissingExtraError, match="needs the extra 'aws'"):
        aws.Aws("us-east-1", [GROUP], "", WINDOW, lambda: 60.0)
