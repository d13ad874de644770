"""`obskit probe` as a function, and `--watch` as a process that a signal ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from obskit.probes import aws, secrets
from tests.command import modules_of, obskit
from tests.helpers import heeding_ctrl_c
from tests.probes.servers import TYPESENSE_KEY, Listener, answering, silent

PROBES = """
[probes.typesense]
tls = false
timeout_s = 5
secret = "arn:aws:secretsmanager:us-east-1:111111111111:secret:shop/typesense-AbCdEf"

[probes.typesense.nodes]
n1 = "http://127.0.0.1:{up}"
n2 = "http://127.0.0.1:{down}"

[environments.dev.probes]

[environments.prod.probes]
every = "5 minutes"

[tags]"""
VALUES = {
    "system_cpu_active_percentage": "12.50",
    "typesense_memory_allocated_bytes": "1048576",
    "total_requests_per_second": 2.5,
}


@pytest.fixture(autouse=True)
def secret(monkeypatch):
    """What Secrets Manager would answer; tests/probes asks a real one."""
    secret = {"Name": "x", "SecretString": TYPESENSE_KEY}
    with Listener(answering(200, secret)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        monkeypatch.delenv("OBSKIT_ENV", raising=False)
        aws.forget()
        secrets.forget()
        yield
        aws.forget()
        secrets.forget()


@pytest.fixture
def probed(shop, spoil):
    """The project with two nodes, one of which refuses the key."""
    with Listener(answering(200, VALUES)) as up, Listener(answering(401, "")) as down:
        spoil("obskit.toml", "[tags]", PROBES.format(up=up.port, down=down.port))
        yield shop


def test_once_shows_what_was_measured_and_what_has_no_answer(probed):
    code, stdout, stderr = obskit("-C", probed, "probe", "--env", "dev")

    rows = [line.split() for line in stdout.splitlines()]
    assert [
        ["PROBE", "METRIC", "DIMENSIONS", "VALUE", "UNIT"],
        ["typesense:n1", "TypesenseCpu", "node=n1", "12.5", "Percent"],
        ["typesense:n1", "TypesenseHeap", "node=n1", "1048576", "Bytes"],
        ["typesense:n1", "TypesenseRequests", "node=n1", "2.5", "Count/Second"],
        ["typesense:n2", "-", "-", "no", "answer"],
    ] == [row[:5] for row in rows]
    assert (1, "typesense:n2: unauthorised: the credentials are refused (HTTP 401)\n") == (code, stderr)


def test_only_some_as_json(probed):
    code, stdout, stderr = obskit("-C", probed, "probe", "--env", "dev", "--only", "typesense:n1", "--format", "json")

    (document,) = json.loads(stdout)
    del document["milliseconds"]
    assert (0, "") == (code, stderr)
    assert {
        "probe": "typesense:n1",
        "answered": True,
        "values": [
            {"metric": "TypesenseCpu", "value": 12.5, "unit": "Percent", "dimensions": {"node": "n1"}},
            {"metric": "TypesenseHeap", "value": 1048576.0, "unit": "Bytes", "dimensions": {"node": "n1"}},
            {"metric": "TypesenseRequests", "value": 2.5, "unit": "Count/Second", "dimensions": {"node": "n1"}},
        ],
        "without_value": [],
        "failure": None,
    } == document


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        ([], 2, "Give --env NAME, or set OBSKIT_ENV."),
        (["--once", "--watch", "--env", "dev"], 2, "Give --once or --watch, not both."),
        (["--every", "5", "--env", "dev"], 2, "--every goes with --watch."),
        (["--watch", "--env", "dev"], 2, "dev has no schedule (every is 'off'); give --every SECONDS."),
        (["--env", "stage"], 1, "no probes are set for environment 'stage' (probes are set for: dev, prod)"),
        (["--env", "prdo"], 1, "no environment 'prdo' (known: dev, prod, stage). Did you mean 'prod'?"),
        (["--env", "dev", "--only", "typesens"], 1, "no probe 'typesens' is known; there are: typesense, "),
        (["--env", "dev", "--only", "sqs"], 1, "no probe 'sqs' is configured; there are: typesense, "),
    ],
)
def test_what_cannot_be_asked(probed, argv, code, words):
    found, stdout, stderr = obskit("-C", probed, "probe", *argv)

    assert (code, "") == (found, stdout)
    assert words in stderr


def test_help_is_a_page():
    code, stdout, _ = obskit("probe", "--help")

    assert 0 == code
    for word in ("outbox", "staleness", "--only sqs:orders", "./obskit[probes]", "Exit codes"):
        assert word.split()[0] in stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_watch_writes_emf_until_a_signal_ends_it(probed, tmp_path_factory, number):
    """In a container, with the compiled settings only."""
    folder = tmp_path_factory.mktemp("container")
    assert 0 == obskit("-C", probed, "settings", "--out", folder)[0]
    command = heeding_ctrl_c(sys.executable, "-m", "obskit.cli", "probe", "--watch", "--only", "typesense:n1")
    environment = {**os.environ, "PYTHONPATH": str(folder), "OBSKIT_ENV": "prod", "OBSKIT_METRICS_NAMESPACE": "Shop"}

    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            lines = []
            while not lines or "ProbeSuccess" not in lines[-1]:
                lines.append(json.loads(process.stdout.readline()))
            process.send_signal(number)  # it is asleep now, or about to be
            rest, errors = process.communicate(timeout=60)
        finally:
            process.kill()

    assert (0, b"", b"") == (process.returncode, rest, errors)
    assert [
        (["TypesenseCpu", "TypesenseHeap", "TypesenseRequests"], "typesense"),
        (["ProbeFailure", "ProbeSuccess"], "probes"),
    ] == [
        ([one["Name"] for one in document["_aws"]["CloudWatchMetrics"][0]["Metrics"]], document["service"])
        for document in lines
    ]
    assert {("Shop", "prod")} == {
        (document["_aws"]["CloudWatchMetrics"][0]["Namespace"], document["env"]) for document in lines
    }


def test_a_run_that_has_begun_is_finished_before_it_ends(shop, spoil, tmp_path_factory):
    """The signal comes while a node is silent: what the others said is written, and that this one did not."""
    folder = tmp_path_factory.mktemp("container")
    with Listener(answering(200, VALUES)) as up, Listener(silent) as hanging:
        spoil(
            "obskit.toml",
            "[tags]",
            PROBES.format(up=up.port, down=hanging.port).replace("timeout_s = 5", "timeout_s = 4"),
        )
        assert 0 == obskit("-C", shop, "settings", "--out", folder)[0]
        command = heeding_ctrl_c(sys.executable, "-m", "obskit.cli", "probe", "--watch", "--env", "prod")
        environment = {**os.environ, "PYTHONPATH": str(folder), "OBSKIT_ENV": "prod"}
        with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE) as process:
            try:
                assert hanging.accepted.wait(60)
                process.send_signal(signal.SIGTERM)
                written, _ = process.communicate(timeout=60)
            finally:
                process.kill()

    documents = [json.loads(line) for line in written.splitlines()]
    assert 0 == process.returncode
    assert [[0, 1]] == [document["ProbeFailure"] for document in documents if "ProbeFailure" in document]
    assert [("typesense:n2", "timeout")] == [
        (document["probe"], document["reason"]) for document in documents if "reason" in document
    ]


def test_other_commands_do_not_load_it(shop):
    assert set() == modules_of("-C", shop, "check") & {"obskit.probes", "obskit.probes.run", "boto3", "pg8000"}
