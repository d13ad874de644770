"""The RDS Data API: botocore's real calls, answered by a real PostgreSQL."""

from __future__ import annotations

import pytest

from obskit.probes import run, sql
from obskit.probes.model import Deadline, ProbeError
from obskit.probes.settings import Database, Settings
from tests.probes.servers import DataApi, Listener, answering, silent

CLUSTER = "arn:aws:rds:us-east-1:111111111111:cluster:shop"
SECRET = "arn:aws:secretsmanager:us-east-1:111111111111:secret:shop/probes-AbCdEf"
OUTBOX = "SELECT count(*), extract(epoch FROM now() - min(created_at)) FROM outbox_api WHERE published_at IS NULL"
DATABASE = Database("data-api", SECRET, "shop", cluster=CLUSTER)


@pytest.fixture
def api(cloud, postgresql, monkeypatch):
    with DataApi(postgresql) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_RDS_DATA", server.url)
        yield server


@pytest.fixture
def outbox(postgresql):
    postgresql.run("CREATE TABLE outbox_api (created_at timestamptz, published_at timestamptz)")
    yield postgresql.run
    postgresql.run("DROP TABLE outbox_api")


def failure(query, database=DATABASE, seconds=10.0):
    plain = {"timeout_s": seconds, "database": database._asdict(), "outbox": {"sql": query}}
    (found,) = run.run(run.checks(Settings(plain)))
    assert found.failure is not None
    return found.failure.reason, found.failure.detail


def test_rows_are_counted_and_aged_in_a_transaction_that_cannot_write(api, outbox):
    outbox("INSERT INTO outbox_api VALUES (now() - interval '90 seconds', NULL), (now(), NULL), (now(), now())")

    count, age = sql.backlog(DATABASE, OUTBOX, Deadline(10))

    assert 2 == count
    assert age is not None
    assert 90 <= age < 120
    assert {} == api.open_ones
    assert ["SET TRANSACTION READ ONLY", "SET LOCAL statement_timeout = "] == [
        asked["sql"].rstrip("0123456789") for _, asked in api.calls[1:3]
    ]
    assert {(CLUSTER, SECRET)} == {(asked["resourceArn"], asked["secretArn"]) for _, asked in api.calls}


def test_an_empty_outbox(api, outbox):
    assert (0.0, 0.0) == sql.backlog(DATABASE, OUTBOX, Deadline(10))


def test_a_table_that_is_missing_is_an_error_without_its_text(api):
    assert ("missing", "SQLSTATE 42P01") == failure("SELECT count(*), 1 FROM nowhere")
    assert ("failed", "SQLSTATE 22P02") == failure("SELECT 'ann@example.com'::int, 1")
    assert {} == api.open_ones


def test_nothing_can_be_written(api, outbox):
    """Not even by a function that the SQL calls."""
    outbox(
        "CREATE OR REPLACE FUNCTION add_api_row() RETURNS int LANGUAGE sql AS"
        " 'INSERT INTO outbox_api VALUES (now(), NULL) RETURNING 1'"
    )

    assert ("failed", "SQLSTATE 25006") == failure("SELECT add_api_row(), 1")
    assert [[0]] == outbox("SELECT count(*) FROM outbox_api")


def test_the_server_itself_ends_a_statement_that_takes_too_long(api, monkeypatch):
    monkeypatch.setattr(sql, "milliseconds", lambda _deadline: 200)

    reason = failure("SELECT 1, count(pg_sleep(600))", seconds=20.0)

    assert ("timeout", "SQLSTATE 57014: the server ended the statement") == reason


def test_the_api_refuses(cloud, monkeypatch):
    refusal = {"__type": "AccessDeniedException", "message": "User: arn:aws:iam::111111111111:user/ann is not"}
    with Listener(answering(403, refusal)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_RDS_DATA", f"http://127.0.0.1:{server.port}")

        assert ("unauthorised", "AccessDeniedException") == failure("SELECT 1, 1")


def test_the_api_hangs(cloud, monkeypatch):
    with Listener(silent) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_RDS_DATA", f"http://127.0.0.1:{server.port}")

        assert ("timeout", "0.4 s") == failure("SELECT 1, 1", seconds=0.4)


def test_a_password_in_the_place_of_an_arn_is_refused(api):
    with pytest.raises(ProbeError, match="credentials") as refused:
        sql.backlog(DATABASE._replace(secret="hunter2"), OUTBOX, Deadline(10))
    assert "hunter2" not in str(refused.value)
    assert [] == api.calls
