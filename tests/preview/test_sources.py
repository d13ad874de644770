"""Where a picture's numbers come from: invented, from logs, from CloudWatch."""

import json
from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import Stubber

from obskit import kpis
from obskit.catalog.model import declared
from obskit.deploy.entries import Entry
from obskit.errors import ObskitError
from obskit.preview import emf_logs, metric_data, synthetic
from obskit.preview.series import Limit

TIMES = range(synthetic.END - 3600, synthetic.END, 300)
LATENCY = Entry("Shop", "SearchLatency", (("service", "search"), ("env", "prod")), stat="p95")
AT = 1_767_600_000


def invented(entry, *near, seed=0):
    return synthetic.Synthetic(declared(), seed).read(entry, TIMES, near)


def entry(metric, stat):
    return Entry("Shop", metric.name, (("service", metric.service),), stat=stat)


def test_invented_series_are_the_same_for_the_same_seed():
    assert invented(LATENCY) == invented(LATENCY)
    assert invented(LATENCY) != invented(LATENCY, seed=1)


def test_they_stay_on_the_good_side_of_limit_and_objective():
    assert max(invented(LATENCY)) < 300
    assert max(invented(LATENCY, Limit(200.0))) < 200
    assert min(invented(entry(kpis.SEARCH_HIT, "Average"), Limit(0.9, above=False))) > 0.9
    assert max(invented(entry(kpis.SEARCH_HIT, "Average"))) <= 1
    assert min(invented(entry(kpis.SEARCH_REQUESTS, "Sum"))) >= 1
    assert 5 * 86_400 < max(invented(entry(kpis.DSAR_OLDEST, "Maximum"))) < 20 * 86_400, "at most 20 days"


def test_percentiles_lie_in_their_order_and_counts_are_whole():
    p50, p99 = (
        invented(Entry(LATENCY.namespace, LATENCY.name, LATENCY.dimensions, stat=stat)) for stat in ("p50", "p99")
    )

    assert all(low < high for low, high in zip(p50, p99, strict=True))
    assert all(value.is_integer() for value in invented(entry(kpis.CHECKOUT_FAILURE, "Sum")))


def test_nothing_happens_where_anything_is_too_much_and_a_cluster_has_just_its_nodes():
    dead = Entry("AWS/SQS", "NumberOfMessagesSent", stat="Maximum")
    nodes = entry(kpis.TYPESENSE_CPU, "SampleCount")

    assert {0.0} == set(invented(dead, Limit(0.0))) == set(invented(dead, Limit(1.0)))
    assert {0.0} != set(invented(dead, Limit(50.0)))
    assert {3.0} == set(invented(nodes, Limit(3.0, above=False)))
    assert all(value.is_integer() for value in invented(entry(kpis.DSAR_QUEUE, "Maximum")))


def test_units_are_the_catalogs():
    assert "Milliseconds" == synthetic.Synthetic(declared()).unit(LATENCY)
    assert "Count" == synthetic.Synthetic().unit(Entry("AWS/Lambda", "Errors", stat="Sum"))


def line(values, at=AT, **dimensions):
    directive = {
        "Namespace": "Shop",
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": "SearchLatency", "Unit": "Milliseconds"}],
    }
    aws = {"Timestamp": at * 1000, "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": aws, **dimensions, "SearchLatency": values})


def test_emf_logs_are_read_whatever_their_age(tmp_path):
    log = tmp_path / "logs.txt"
    wrapped = json.dumps({"timestamp": AT * 1000, "message": line(40, at=AT + 301, service="search", env="prod")})
    log.write_text("\n".join(["START", line([10, 20, 30], service="search", env="prod"), wrapped, '{"_aws": 1}']))

    points = emf_logs.read(log)

    times = range(AT, AT + 900, 300)
    read = {
        stat: points.read(Entry("Shop", "SearchLatency", LATENCY.dimensions, stat=stat), times, ())
        for stat in ("p95", "Sum", "SampleCount", "Average", "tm90")
    }
    assert {
        "p95": [30.0, 40.0, None],
        "Sum": [60.0, 40.0, None],
        "SampleCount": [3.0, 1.0, None],
        "Average": [20.0, 40.0, None],
        "tm90": [None, None, None],
    } == read
    assert "Milliseconds" == points.unit(LATENCY)
    assert AT + 600 == points.end()
    assert [(("env", "prod"), ("service", "search"))] == [
        one.dimensions for one in points.search('{Shop,service,env} MetricName="SearchLatency" env="prod"', "p95", 300)
    ]
    assert [] == points.search('{Shop,service} MetricName="SearchLatency"', "p95", 300)


def test_logs_without_emf_are_refused(tmp_path):
    log = tmp_path / "logs.txt"
    log.write_text("START\n")

    with pytest.raises(ObskitError, match="no line is an EMF document"):
        emf_logs.read(log)


def test_get_metric_data_is_asked_once_for_each_metric_and_can_be_kept(tmp_path):
    client = boto3.client("cloudwatch", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    query = {
        "Id": "q0",
        "MetricStat": {
            "Metric": {
                "Namespace": "Shop",
                "MetricName": "SearchLatency",
                "Dimensions": [{"Name": "service", "Value": "search"}, {"Name": "env", "Value": "prod"}],
            },
            "Period": 300,
            "Stat": "p95",
        },
    }
    body = {
        "start": "-PT1H",
        "widgets": [
            {
                "properties": {
                    "metrics": [["Shop", "SearchLatency", "service", "search", "env", "prod", {"stat": "p95"}]]
                }
            }
        ]
        * 2,
    }
    with Stubber(client) as aws:
        answer = {"Id": "q0", "Timestamps": [datetime.fromtimestamp(AT - 600, UTC)], "Values": [120.0]}
        window = {name: datetime.fromtimestamp(AT - back, UTC) for name, back in (("StartTime", 3600), ("EndTime", 0))}
        asked = {"MetricDataQueries": [query], "ScanBy": "TimestampAscending", **window}
        aws.add_response("get_metric_data", {"MetricDataResults": [answer]}, asked)
        document = metric_data.fetch_bodies([body], client, now=AT)
        aws.assert_no_pending_responses()
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps(document))

    recorded = metric_data.read(kept)

    assert AT == recorded.end()
    assert [None, 120.0, None] == recorded.read(LATENCY, range(AT - 900, AT, 300), ())
    assert [None] == recorded.read(Entry("Shop", "Other"), range(AT - 300, AT, 300), ())


def test_a_file_that_is_no_recording_says_how_to_make_one(tmp_path):
    wrong = tmp_path / "wrong.json"
    wrong.write_text("[]")

    with pytest.raises(ObskitError, match="obskit preview --live --record FILE"):
        metric_data.read(wrong)
