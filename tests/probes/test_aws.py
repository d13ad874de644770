"""Secrets Manager, SQS and SES, of the emulator; and what they answer when they do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from obskit import kpis
from obskit.probes import run, secrets, ses
from obskit.probes.model import ProbeError
from obskit.probes.settings import Settings
from tests.probes.servers import Listener, answering, silent

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:probes/nothing-AbCdEf"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
QUOTA = {"Max24HourSend": 1000.0, "SentLast24Hours": 250.0}


def outcomes(plain, only=()):
    return [
        (
            one.check.name,
            [(metric.name, value, dict(dimensions)) for metric, value, dimensions in one.measured.measurements],
            one.failure and (one.failure.reason, one.failure.detail),
        )
        for one in run.run(run.checks(Settings(plain), only))
    ]


# --- credentials


def test_a_secret_is_fetched_once_and_kept(cloud, secret):
    arn = secret("first")
    assert "first" == secrets.get(arn)
    cloud.client("secretsmanager").put_secret_value(SecretId=arn, SecretString="second")

    assert "first" == secrets.get(arn)
    secrets.refused(arn)
    assert "second" == secrets.get(arn)


@pytest.mark.parametrize("name", secrets.REFUSED)
def test_a_credential_in_the_environment_is_refused(cloud, secret, monkeypatch, name):
    arn = secret("first")
    monkeypatch.setenv(name, "hunter2")

    with pytest.raises(ProbeError) as refused:
        secrets.get(arn)

    words = f"{name} is set: a credential in the environment is refused; name the ARN of a secret"
    assert ("credentials", words) == (refused.value.reason, refused.value.detail)


@pytest.mark.parametrize("given", ["hunter2", "${PGPASSWORD}", "", "arn:aws:ssm:us-east-1:111111111111:parameter/x"])
def test_what_is_no_secrets_arn_is_refused_and_not_repeated(cloud, given):
    with pytest.raises(ProbeError) as refused:
        secrets.get(given)

    assert "`secret` is the ARN of a secret in Secrets Manager, and nothing else" == refused.value.detail


def test_a_secret_that_is_not_there_is_told_by_its_code(cloud):
    with pytest.raises(ProbeError) as refused:
        secrets.get(ARN)

    assert "the secret cannot be read: ResourceNotFoundException" == refused.value.detail


@pytest.mark.parametrize("text", ["plain", '{"username": "a"}', '{"username": "a", "password": 3}', "[]", "null"])
def test_a_secret_of_another_form_is_not_repeated(secret, text):
    with pytest.raises(ProbeError) as refused:
        secrets.fields(secret(text), "username", "password")

    assert "the secret is not JSON with username and password" == refused.value.detail


# --- SQS


@pytest.fixture
def queue(cloud):
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    yield lambda body: sqs.send_message(QueueUrl=url, MessageBody=body)
    sqs.delete_queue(QueueUrl=url)


def queues(**arns):
    found = {name: {"arn": f"arn:aws:sqs:us-east-1:000000000000:{arn}"} for name, arn in arns.items()}
    return {"sqs": {"queues": found}}


def test_an_empty_queue_has_no_depth_and_no_age(queue):
    values = [("QueueDepth", 0.0, {"queue": "orders"}), ("QueueAge", 0.0, {"queue": "orders"})]

    assert [("sqs:orders", values, None)] == outcomes(queues(orders="orders"))


def test_messages_are_counted_and_cloudwatch_tells_the_age(cloud, queue):
    queue("a")
    queue("b")
    point = {
        "MetricName": "ApproximateAgeOfOldestMessage",
        "Dimensions": [{"Name": "QueueName", "Value": "orders"}],
        "Value": 77.0,
    }
    cloud.client("cloudwatch").put_metric_data(Namespace="AWS/SQS", MetricData=[point])
    plain = queues(orders="orders")
    plain["sqs"]["queues"]["orders"]["index"] = "listings"

    values = [
        ("QueueDepth", 2.0, {"queue": "orders"}),
        ("QueueAge", 77.0, {"queue": "orders"}),
        ("IndexerLag", 77.0, {"index": "listings"}),
    ]
    assert [("sqs:orders", values, None)] == outcomes(plain)


def test_an_age_that_cloudwatch_does_not_know_has_no_value(cloud):
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName="unknown-age")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="a")

    (found,) = run.run(run.checks(Settings(queues(new="unknown-age"))))

    assert ([("QueueDepth", 1.0)], ("QueueAge",), None) == (
        [(metric.name, value) for metric, value, _ in found.measured.measurements],
        found.measured.without,
        found.failure,
    )


def test_a_queue_that_is_missing_does_not_hide_the_others(queue):
    missing, there = outcomes(queues(gone="no-such-queue", orders="orders"))

    assert ("sqs:gone", [], ("missing", "AWS.SimpleQueueService.NonExistentQueue")) == missing
    assert ("sqs:orders", None) == (there[0], there[2])


def test_an_answer_of_no_queue(cloud, monkeypatch):
    with Listener(answering(200, {"QueueUrl": "http://127.0.0.1/q"})) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", f"http://127.0.0.1:{server.port}")

        (found,) = outcomes(queues(orders="orders"))

    assert ("no-answer", "SQS does not say ApproximateNumberOfMessages") == found[2]


def test_a_service_that_hangs_is_given_up_and_does_not_hold_the_others(cloud, monkeypatch, queue):
    plain = {"timeout_s": 30, **queues(orders="orders"), "ses": {"region": "us-east-1", "timeout_s": 0.4}}
    with Listener(silent) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SES", f"http://127.0.0.1:{server.port}")

        sqs, mails = outcomes(plain)

    assert None is sqs[2]
    assert ("ses", [], ("timeout", "0.4 s")) == mails


# --- SES


def point(minutes_ago, attempts, bounces=0, complaints=0, rejects=0):
    when = NOW - timedelta(minutes=minutes_ago)
    counts = {"DeliveryAttempts": attempts, "Bounces": bounces, "Complaints": complaints, "Rejects": rejects}
    return {"Timestamp": when, **counts}


def values(points, since, quota=QUOTA, *, counts=True):
    found = ses.of(points, quota, NOW, NOW - timedelta(minutes=since), counts=counts)
    return {one.metric.name: one.value for one in found.measurements}


def test_the_emulators_ses_is_asked(cloud):
    mails = cloud.client("ses")
    mails.verify_email_identity(EmailAddress="shop@example.com")
    message = {"Subject": {"Data": "order"}, "Body": {"Text": {"Data": "thanks"}}}
    mails.send_email(Source="shop@example.com", Destination={"ToAddresses": ["ann@example.com"]}, Message=message)

    ((name, found, failed),) = outcomes({"ses": {"region": "us-east-1"}})

    assert ("ses", None) == (name, failed)
    assert {
        "EmailBounceRate": 0.0,
        "EmailComplaintRate": 0.0,
        "EmailQuotaUsed": 0.002,
        "EmailSent": 0.0,
        "EmailFailed": 0.0,
    } == {metric: value for metric, value, _ in found}


def test_rates_are_of_the_last_day():
    points = [point(60, 100, bounces=3, complaints=1), point(120, 100, bounces=1), point(60 * 25, 100, bounces=100)]

    assert {"EmailBounceRate": 2.0, "EmailComplaintRate": 0.5, "EmailQuotaUsed": 25.0} == values(
        points, 1, counts=False
    )


def test_without_a_mail_there_is_no_rate():
    found = ses.of([], QUOTA, NOW, NOW, counts=False)

    assert ([kpis.EMAIL_QUOTA_USED], ("EmailBounceRate", "EmailComplaintRate")) == (
        [one.metric for one in found.measurements],
        found.without,
    )


def test_every_piece_is_counted_once():
    """Runs a minute apart over two hours: each quarter of an hour is complete 15 minutes after its end."""
    points = [point(minutes, 10, rejects=1) for minutes in range(60, 180, 15)]
    totals = [0.0, 0.0]
    for minute in range(121):
        now = NOW - timedelta(minutes=120 - minute)
        found = ses.of(points, QUOTA, now, now - timedelta(minutes=1), counts=True)
        by_name = {one.metric.name: one.value for one in found.measurements}
        totals[0] += by_name["EmailSent"]
        totals[1] += by_name["EmailFailed"]

    # The first two were complete before the first run.
    assert [70.0, 7.0] == totals


def test_an_unlimited_account_has_no_quota_to_use():
    assert "EmailQuotaUsed" not in values([], 1, {"Max24HourSend": -1.0, "SentLast24Hours": 3.0})


@pytest.mark.parametrize("points", [[{}], [{"Timestamp": "yesterday"}], [None]])
def test_statistics_of_another_form_are_no_answer(points):
    with pytest.raises(ProbeError, match="no-answer"):
        values(points, 1)
