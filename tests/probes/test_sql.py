"""SQL on a real PostgreSQL, by the driver: what is measured, and what becomes of everything that goes wrong."""

from __future__ import annotations

import struct

import pytest

from obskit import kpis
from obskit.demo.emulator import free_port
from obskit.probes import run, sql
from obskit.probes.model import Check, Deadline, ProbeError
from obskit.probes.settings import Database, Settings
from tests.probes.servers import PASSWORD, Listener
from tests.probes.test_typesense import assert_no_thread_is_left

OUTBOX = "SELECT count(*), extract(epoch FROM now() - min(created_at)) FROM outbox WHERE published_at IS NULL"


@pytest.fixture
def outbox(postgresql):
    postgresql.run(
        "DROP TABLE IF EXISTS outbox",
        "CREATE TABLE outbox (created_at timestamptz NOT NULL DEFAULT now(), published_at timestamptz)",
    )
    yield postgresql.run
    postgresql.run("DROP TABLE outbox")


def outcome(database, query=OUTBOX, seconds=10.0):
    (found,) = run.run([Check("outbox", "", seconds, lambda deadline: ask(database, query, deadline))])
    return found


def ask(database, query, deadline):
    from obskit.probes.model import measured

    count, age = sql.backlog(database, query, deadline)
    return measured((kpis.OUTBOX_BACKLOG, count), (kpis.OUTBOX_AGE, age))


def failure(database, query=OUTBOX, seconds=10.0):
    found = outcome(database, query, seconds)
    assert () == found.measured.measurements
    assert found.failure is not None
    return found.failure.reason, found.failure.detail


def test_rows_that_wait_are_counted_and_the_oldest_is_aged(database, outbox):
    outbox(
        "INSERT INTO outbox VALUES (now() - interval '90 seconds', NULL), (now(), NULL)",
        "INSERT INTO outbox VALUES (now() - interval '1 day', now())",
    )

    count, age = sql.backlog(database, OUTBOX, Deadline(10))

    assert 2 == count
    assert age is not None
    assert 90 <= age < 120


@pytest.mark.parametrize("row", ["", "INSERT INTO outbox VALUES (now() - interval '1 day', now())"])
def test_an_empty_outbox_has_a_backlog_and_an_age_of_zero(database, outbox, row):
    """Nobody waits, so nobody has waited: that is known, and not the same as no answer."""
    if row:
        outbox(row)

    assert (0.0, 0.0) == sql.backlog(database, OUTBOX, Deadline(10))


def test_a_row_from_the_future_is_no_younger_than_now(database, outbox):
    """The clock of the machine that wrote it is ahead of the database's."""
    outbox("INSERT INTO outbox VALUES (now() + interval '5 minutes', NULL)")

    assert (1.0, 0.0) == sql.backlog(database, OUTBOX, Deadline(10))


def test_a_time_without_a_zone_is_utc(database, postgresql):
    """Whatever zone the server or the role has."""
    postgresql.run(
        "DROP TABLE IF EXISTS plain",
        "CREATE TABLE plain (created_at timestamp)",
        "INSERT INTO plain VALUES (now() AT TIME ZONE 'UTC' - interval '90 seconds')",
        "ALTER ROLE postgres SET timezone = 'Asia/Tokyo'",
    )
    try:
        query = "SELECT count(*), extract(epoch FROM now() - min(created_at)) FROM plain"
        count, age = sql.backlog(database, query, Deadline(10))
    finally:
        postgresql.run("ALTER ROLE postgres RESET timezone", "DROP TABLE plain")

    assert 1 == count
    assert age is not None
    assert 90 <= age < 120


def test_an_oldest_row_without_a_time_has_no_age(database):
    found = outcome(database, "SELECT 3, NULL::numeric")

    assert [(kpis.OUTBOX_BACKLOG, 3.0, {})] == list(found.measured.measurements)
    assert ("OutboxAge",) == found.measured.without
    assert found.failure is None


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT count(*), 1 FROM nowhere", ("missing", "SQLSTATE 42P01")),
        ("SELECT nothing, 1 FROM outbox", ("missing", "SQLSTATE 42703")),
        ("SELECT 1", ("no-answer", "the SQL must give one row of 2, not 1 rows of 1")),
        ("SELECT 1, 2 WHERE false", ("no-answer", "the SQL must give one row of 2, not 0 rows of 0")),
        (
            "SELECT 1, generate_series(1, 100000000)",
            ("no-answer", "the SQL must give one row of 2, not 2 rows of 2"),
        ),
        ("SELECT NULL::int, 1", ("no-answer", "the SQL gives no count")),
        ("SELECT -1, 1", ("no-answer", "the SQL gives no count")),
        (
            "SELECT 1, now()",
            ("no-answer", "the SQL must give numbers: ages in seconds, moments as extract(epoch FROM ...)"),
        ),
        (
            "SELECT 1, 'NaN'::float8",
            ("no-answer", "the SQL must give numbers: ages in seconds, moments as extract(epoch FROM ...)"),
        ),
        ("SELECT 1 / 0, 1", ("failed", "SQLSTATE 22012")),
        ("SELECT 1, repeat('9', 4000000)", ("too-large", "more than 1048576 bytes")),
        ("SELECT 'ann@example.com'::int, 1", ("failed", "SQLSTATE 22P02")),
    ],
)
def test_sql_that_gives_no_answer_gives_a_reason(database, outbox, query, reason):
    """A code, never PostgreSQL's text, which quotes the value."""
    assert reason == failure(database, query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1, 1) AS asked; COMMIT; DELETE FROM outbox; SELECT * FROM (SELECT 1, 1",
        "SELECT 1, set_config('transaction_read_only', 'off', true)::int FROM add_row()",
        "SELECT add_row(), 1",
    ],
)
def test_nothing_can_be_written(database, outbox, query):
    outbox(
        "INSERT INTO outbox DEFAULT VALUES",
        "CREATE OR REPLACE FUNCTION add_row() RETURNS int LANGUAGE sql AS"
        " 'INSERT INTO outbox DEFAULT VALUES RETURNING 1'",
    )

    reason, _ = failure(database, query)

    assert "failed" == reason
    assert [[1]] == outbox("SELECT count(*) FROM outbox")


def test_the_server_itself_ends_a_statement_that_takes_too_long(database, postgresql, monkeypatch):
    """A client that goes away would leave it running."""
    monkeypatch.setattr(sql, "milliseconds", lambda _deadline: 200)

    reason = failure(database, "SELECT 1, count(pg_sleep(600))")

    assert ("timeout", "SQLSTATE 57014: the server ended the statement") == reason
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'obskit-probe' AND state = 'active'"
    assert [[0]] == postgresql.run(query)


def test_the_server_gives_up_before_the_probe_does():
    assert 8000 == sql.milliseconds(Deadline(10.0, lambda: 0.0))
    assert 1 == sql.milliseconds(Deadline(0.0001, lambda: 0.0))


def test_a_lock_is_not_waited_for_longer_than_a_statement(database, postgresql, outbox, monkeypatch):
    import pg8000.native

    monkeypatch.setattr(sql, "milliseconds", lambda _deadline: 200)
    with pg8000.native.Connection(
        "postgres", host="127.0.0.1", port=postgresql.port, database="shop", password=PASSWORD
    ) as other:
        other.run("BEGIN")
        other.run("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE")
        reason, detail = failure(database)

    assert (reason, detail) in (
        ("timeout", "SQLSTATE 57014: the server ended the statement"),
        ("timeout", "SQLSTATE 55P03: the server ended the wait for a lock"),
    )


def test_a_server_that_is_down_is_unreachable(database):
    assert ("unreachable", "ConnectionRefusedError") == failure(database._replace(port=free_port()))


@pytest.mark.parametrize("tls", [False, True])
def test_a_server_that_accepts_and_says_nothing_is_given_up(database, silent_port, tls):
    assert ("timeout", "0.3 s") == failure(database._replace(port=silent_port, tls=tls), seconds=0.3)
    assert_no_thread_is_left()


def test_a_server_that_is_no_postgresql(database):
    def speak(connection, over):
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with Listener(speak) as server:
        reason, _ = failure(database._replace(port=server.port))

    assert "unreachable" == reason


@pytest.mark.parametrize(
    "answer",
    [
        b"?" + struct.pack("!I", 4),
        b"R" + struct.pack("!i", -5),
        b"R" + struct.pack("!II", 8, 99),
        b"R" + struct.pack("!II", 23, 10) + b"SCRAM-SHA-256\0\0",
        b"E" + struct.pack("!I", 30) + b"M" + PASSWORD.encode()[:24] + b"\0",
    ],
    ids=["unknown", "negative", "another way to log in", "half of one", "an error without a code"],
)
def test_bytes_that_are_none_of_postgresql_s_have_a_reason(database, answer):
    def speak(connection, over):
        connection.recv(1024)
        connection.sendall(answer)

    with Listener(speak) as server:
        found = failure(database._replace(port=server.port), seconds=2)

    assert found[0] in ("unreachable", "failed")
    assert found[1] in ("the connection ended, or is no PostgreSQL's", "")
    assert PASSWORD not in str(found)


@pytest.mark.parametrize("wanted", ["1000001", "10000000", "2147483647", "9" * 5000, "4096,i=2147483647"])
def test_a_server_that_wants_endless_hashing_for_a_login_gets_none(database, wanted):
    """The driver would be at it for seconds, or for half an hour, whatever the probe's limit."""

    def speak(connection, over):
        connection.recv(1024)
        connection.sendall(b"R" + struct.pack("!II", 23, 10) + b"SCRAM-SHA-256\0\0")
        nonce = connection.recv(1024).partition(b"r=")[2]
        first = b"r=" + nonce + b"more,s=c2FsdHNhbHRzYWx0c2FsdA==,i=" + wanted.encode()
        connection.sendall(b"R" + struct.pack("!II", 8 + len(first), 11) + first)
        over.wait()

    with Listener(speak) as server:
        found = failure(database._replace(port=server.port), seconds=20)

    assert ("unreachable", "the server wants more than 1000000 rounds of hashing for a login") == found
    assert_no_thread_is_left()


def test_a_wrong_password_is_refused_and_shown_nowhere(database, secret, capfd):
    wrong = "hunter2-" + "not-the-one"
    found = outcome(database._replace(secret=secret({"username": "postgres", "password": wrong})))

    assert found.failure is not None
    assert ("unauthorised", "SQLSTATE 28P01") == (found.failure.reason, found.failure.detail)
    assert found.failure.__cause__ is None
    out, err = capfd.readouterr()
    assert wrong not in repr(found) + out + err


def test_a_secret_that_was_rotated_is_read_again_at_the_next_run(database, cloud, secret):
    arn = secret({"username": "postgres", "password": "before the rotation"})
    rotated = database._replace(secret=arn)
    query = "SELECT 1, 2"
    assert "unauthorised" == failure(rotated, query)[0]
    text = '{"username": "postgres", "password": "' + PASSWORD + '"}'
    cloud.client("secretsmanager").put_secret_value(SecretId=arn, SecretString=text)

    assert outcome(rotated, query).failure is None


def test_a_role_without_rights_is_unauthorised(database, postgresql, secret, outbox):
    postgresql.run("CREATE ROLE probe LOGIN PASSWORD 'probe-password'")
    try:
        arn = secret({"username": "probe", "password": "probe-password"})
        assert ("unauthorised", "SQLSTATE 42501") == failure(database._replace(secret=arn))
    finally:
        postgresql.run("DROP ROLE probe")


def test_tls_needs_a_certificate_of_the_name_that_somebody_vouches_for(postgresql_tls, certificate, login):
    database = Database("driver", login, "shop", host="localhost", port=postgresql_tls.port, ca=str(certificate[0]))
    untrusted = ("unreachable", "the server's certificate is not trusted")

    assert outcome(database, "SELECT 1, count(*) FROM pg_stat_ssl WHERE ssl AND pid = pg_backend_pid()").measured == (
        ((kpis.OUTBOX_BACKLOG, 1.0, {}), (kpis.OUTBOX_AGE, 1.0, {})),
        (),
    )
    assert untrusted == failure(database._replace(ca=""), "SELECT 1, 1")
    assert untrusted == failure(database._replace(host="127.0.0.1"), "SELECT 1, 1")


def test_a_server_without_tls_is_refused(database):
    assert ("unreachable", "the server speaks no TLS") == failure(database._replace(tls=True), "SELECT 1, 1")


def test_both_probes_of_a_backlog(database, postgresql, outbox):
    """From plain settings to metrics, by the SQL that `obskit settings` writes."""
    outbox("INSERT INTO outbox VALUES (now(), NULL)")
    plain = {"database": database._asdict(), "outbox": {"sql": OUTBOX}, "dsar": {"sql": "SELECT 4, 86400"}}

    found = run.run(run.checks(Settings(plain)))

    assert [("outbox", "OutboxBacklog", 1.0), ("dsar", "DsarQueue", 4.0), ("dsar", "DsarOldest", 86400.0)] == [
        (one.check.name, metric.name, value)
        for one in found
        for metric, value, _ in one.measured.measurements
        if metric is not kpis.OUTBOX_AGE
    ]


@pytest.mark.parametrize("missing", ["secret", "host", "database"])
def test_settings_that_lack_something_fail_their_probe_by_name(missing):
    database = {"secret": "arn", "host": "localhost", "database": "shop"}
    del database[missing]

    (check,) = run.checks(Settings({"database": database, "outbox": {"sql": OUTBOX}}))
    (found,) = run.run([check])

    assert found.failure is not None
    assert ("settings", f"probes.database.{missing} is missing, or no text") == (
        found.failure.reason,
        found.failure.detail,
    )


def test_a_deadline_that_is_over_asks_nobody(database):
    with pytest.raises(ProbeError, match="timeout"):
        sql.backlog(database, OUTBOX, Deadline(-1))
