"""The scheduled function: under the real Lambda client, beside the real servers, with what `obskit settings` makes."""

from __future__ import annotations

import json

import pytest
from dirty_equals import IsFloat, IsInt, IsPartialDict, IsStr

from obskit.deploy import project, settings
from obskit.deploy.probe_function import HANDLER
from obskit.testing.awslambda.environment import Function
from obskit.testing.awslambda.runtime import LambdaRuntime
from tests.parts import require
from tests.probes.servers import PASSWORD, TYPESENSE_KEY, Listener, silent

TOML = """
[project]
name = "shop"
namespace = "Shop"
catalogs = ["obskit.kpis"]
runbooks = "https://runbooks.shop.example/"
[tags]
owner = "platform"
cost_center = "1234"
data_class = "internal"
[environments.test]
account = "000000000000"
regions = ["us-east-1"]
log_retention_days = 30
[environments.test.probes]
every = "1 minute"
[environments.test.ids]
login = "{login}"
hanging = "http://127.0.0.1:{hanging}"
[probes]
timeout_s = 8
[probes.database]
host = "127.0.0.1"
port = {port}
tls = false
database = "shop"
secret = "{{login}}"
[probes.outbox]
table = "outbox_of_handler"
[probes.dsar]
table = "no_such_table"
[probes.typesense]
tls = false
timeout_s = 3
secret = "{search_key}"
nodes = {{ n1 = "{url}", n2 = "{{hanging}}" }}
[probes.sqs.queues]
orders = {{ arn = "arn:aws:sqs:{{region}}:{{account}}:handler-orders" }}
"""


@pytest.fixture
def queue(cloud):
    url = cloud.client("sqs").create_queue(QueueName="handler-orders")["QueueUrl"]
    yield
    cloud.client("sqs").delete_queue(QueueUrl=url)


@pytest.fixture
def outbox(postgresql):
    postgresql.run(
        "CREATE TABLE outbox_of_handler (created_at timestamptz, published_at timestamptz)",
        "INSERT INTO outbox_of_handler VALUES (now() - interval '90 seconds', NULL)",
    )
    yield
    postgresql.run("DROP TABLE outbox_of_handler")


@pytest.fixture
def function(  # noqa: PLR0913, PLR0917  a fixture asks for what it stands on
    cloud, queue, outbox, postgresql, typesense, login, search_key, tmp_path
):
    """The runtime of the function, with its settings module beside it."""
    require("awslambdaric")
    with Listener(silent) as hanging:
        text = TOML.format(
            login=login, search_key=search_key, port=postgresql.port, url=typesense.url, hanging=hanging.port
        )
        (tmp_path / "obskit.toml").write_text(text)
        (tmp_path / settings.FILE).write_text(settings.module(project.load(tmp_path), "test"))
        env = {
            "OBSKIT_ENV": "test",
            "OBSKIT_SERVICE": "probes",
            "OBSKIT_METRICS_NAMESPACE": "Shop",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_ENDPOINT_URL": cloud.url,
            "AWS_ACCESS_KEY_ID": cloud.account,
        }
        with LambdaRuntime(Function(HANDLER, tmp_path, name="shop-test-probes", env=env)) as runtime:
            yield runtime


def test_one_run_measures_what_answers_and_says_what_does_not(function):
    """Two of the six do not answer: they say so, and the others have their values."""
    outcome = function.invoke({"source": "aws.events"}, deadline_ms=30_000)

    failed = {"dsar": "missing", "typesense:n2": "timeout"}
    assert {"values": 7, "failed": failed} == outcome.payload
    documents = [json.loads(line) for line in outcome.lines]
    assert [("dsar", "missing", "SQLSTATE 42P01"), ("typesense:n2", "timeout", "3 s")] == [
        (line["probe"], line["reason"], line["detail"]) for line in documents if "reason" in line
    ]
    assert {
        "Namespace": "Shop",
        "Dimensions": [["service", "env"]],
        "Metrics": [{"Name": "OutboxBacklog", "Unit": "Count"}, {"Name": "OutboxAge", "Unit": "Seconds"}],
    } == next(document["_aws"]["CloudWatchMetrics"][0] for document in documents if "OutboxAge" in document)
    values = [
        IsPartialDict(service="outbox", env="test", OutboxBacklog=1.0, OutboxAge=IsFloat(ge=90, lt=300)),
        IsPartialDict(service="probes", probe="outbox", ProbeFailure=0, ProbeSuccess=1),
        IsPartialDict(service="probes", probe="dsar", ProbeFailure=1),
        IsPartialDict(
            service="typesense",
            node="n1",
            TypesenseCpu=IsFloat(ge=0),
            TypesenseHeap=IsFloat(ge=1e6),
            TypesenseRequests=IsFloat(ge=0),
        ),
        IsPartialDict(service="probes", probe="typesense", ProbeFailure=[0, 1], ProbeSuccess=1),
        IsPartialDict(service="queues", queue="orders", QueueDepth=0.0, QueueAge=0.0),
        IsPartialDict(service="probes", probe="sqs", ProbeFailure=0, ProbeSuccess=1),
    ]
    assert values == [one for one in documents if "_aws" in one and "ColdStarts" not in one]
    assert [] == [text for text in (PASSWORD, TYPESENSE_KEY) if text in "\n".join(outcome.lines)]


def test_a_second_run_is_warm_and_fetches_no_secret(function, cloud):
    function.invoke({}, deadline_ms=30_000)
    before = cloud.process.log.read_text().count("secretsmanager")

    outcome = function.invoke({}, deadline_ms=30_000)

    assert 7 == outcome.payload["values"]
    assert before == cloud.process.log.read_text().count("secretsmanager")


def test_a_function_that_nearly_runs_out_of_time_still_writes(function):
    """The limit of a run is what is left, less a second for writing."""
    function.invoke({}, deadline_ms=30_000)

    outcome = function.invoke({}, deadline_ms=1_700)

    assert {"values": IsInt(), "failed": IsPartialDict({"typesense:n2": "timeout"})} == outcome.payload
    (line,) = [one for one in map(json.loads, outcome.lines) if one.get("probe") == "typesense:n2"]
    assert IsStr(regex=r"0\.\d+ s") == line["detail"]


def test_an_environment_without_probes_is_an_error_of_the_function(function, tmp_path):
    (tmp_path / settings.FILE).write_text("MASKING = {}\nPROBES = {}\n")

    outcome = function.invoke({}, deadline_ms=30_000)

    assert (
        IsPartialDict(errorType="ConfigError", errorMessage=IsStr(regex="no probes are set for environment 'test' .*"))
        == outcome.error
    )
