"""Checks beside each other: one that hangs, fails or lies does not touch the rest."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

from obskit import kpis
from obskit.errors import ConfigError, MissingExtraError
from obskit.probes import report, run, settings
from obskit.probes.model import REASONS, Check, Deadline, ProbeError, measured
from obskit.testing import capture
from tests.parts import ROOT

ONE = measured((kpis.OUTBOX_BACKLOG, 1.0))


def check(name, act, timeout=10.0):
    return Check(name, "", timeout, act)


def fine(_deadline):
    return ONE


def reasons(outcomes):
    return {one.check.name: one.failure.reason if one.failure else None for one in outcomes}


@contextmanager
def hanging():
    """A check that heeds no deadline."""
    over = threading.Event()
    try:
        yield lambda _deadline: over.wait() and ONE
    finally:
        over.set()
        for thread in run._hanging.values():
            thread.join(10)


def test_what_fails_in_any_way_fails_alone():
    def raising(error):
        def act(_deadline):
            raise error

        return act

    found = run.run(
        [
            check("a", fine),
            check("b", raising(ProbeError("missing", "x"))),
            check("c", raising(ValueError("ann@example.com"))),
            check("d", raising(SystemExit(3))),
            check("e", raising(MissingExtraError("probes", "asking AWS"))),
            check("f", raising(MemoryError())),
            check("h", fine),
        ]
    )

    assert {
        "a": None,
        "b": "missing",
        "c": "failed",
        "d": "failed",
        "e": "settings",
        "f": "failed",
        "h": None,
    } == reasons(found)
    assert "ann@example.com" not in repr(found)
    assert set(REASONS) >= {one.failure.reason for one in found if one.failure}


def test_a_check_that_heeds_no_deadline_is_left_behind_and_not_started_twice():
    with hanging() as act:
        first = run.run([check("hangs", act, 0.1), check("a", fine)])
        second = run.run([check("hangs", act), check("a", fine)])

    assert {"hangs": "timeout", "a": None} == reasons(first) == reasons(second)
    assert second[0].failure is not None
    assert "the run before still hangs" == second[0].failure.detail
    assert {"hangs": None} == reasons(run.run([check("hangs", fine)]))


def test_the_run_ends_with_its_limit():
    """What is left of the function's own time."""
    with hanging() as act:
        (found,) = run.run([check("hangs", act, 20.0)], limit=0.1)

    assert found.failure is not None
    assert ("timeout", "0.1 s") == (found.failure.reason, found.failure.detail)


def test_an_answer_that_comes_late_is_none():
    """It was complete before anybody looked, and after its time."""

    def late(deadline):
        while not deadline.is_past():
            pass
        return ONE

    running = run._Running(check("late", late), 0.05)
    running._thread.join(10)
    running.wait()

    assert {"late": "timeout"} == reasons([running.outcome])


def test_nobody_may_wait_when_the_time_is_over():
    moments = iter([0.0, 3.0, 6.0])
    deadline = Deadline(5.0, lambda: next(moments))

    assert 2.0 == deadline.left()
    with pytest.raises(ProbeError, match="timeout: 5 s"):
        deadline.left()


def test_what_waits_is_closed_when_the_time_is_over():
    closed = []
    deadline = Deadline(5.0)
    deadline.closing(lambda: closed.append("before"))
    deadline.expire()
    deadline.closing(lambda: closed.append("after"))

    assert ["before", "after"] == closed
    assert deadline.is_past()


def test_only_some_are_asked():
    plain = {"sqs": {"queues": {"a": {"arn": "arn:aws:sqs:r:1:a"}, "b": {"arn": "arn:aws:sqs:r:1:b"}}}, "ses": {}}
    found = settings.Settings(plain)

    def names(*only):
        return [one.name for one in run.checks(found, only)]

    assert ["sqs:a", "sqs:b", "ses"] == names()
    assert ["sqs:a", "sqs:b"] == names("sqs")
    assert ["sqs:b", "ses"] == names("ses", "sqs:b")
    with pytest.raises(ConfigError, match="no probe 'sqs:c' is configured; there are: sqs, ses, sqs:a, sqs:b"):
        names("sqs:c")
    with pytest.raises(ConfigError, match="no probe 'sess' is known"):
        names("sess")


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        (None, r"no probes are set for environment 'prod' \(no environment has \[environments.NAME.probes\]\)"),
        ({"dev": {}}, r"no probes are set for environment 'prod' \(probes are set for: dev\)"),
    ],
)
def test_an_environment_without_probes_says_which_have_some(plain, words):
    with pytest.raises(ConfigError, match=words):
        settings.of(plain, "prod")


def test_without_the_settings_module_it_says_how_to_make_it():
    with pytest.raises(ConfigError, match="`obskit settings` makes it"):
        settings.load("prod")


@pytest.mark.base
def test_without_the_extra_every_module_is_there_and_says_what_it_lacks():
    """In a fresh interpreter that sees nothing but the standard library and obskit."""
    names = sorted(path.stem for path in (ROOT / "src/obskit/probes").glob("*.py"))
    code = f"""
import importlib, sys
sys.path.append({str(ROOT / "src")!r})
for name in {names!r}:
    importlib.import_module("obskit.probes." + name)
from obskit.probes import run, settings
database = {{"secret": "arn:aws:secretsmanager:r:111111111111:secret:x", "database": "d", "host": "h"}}
plain = {{"database": database, "outbox": {{"sql": "SELECT 1, 1"}}, "ses": {{}}}}
print([str(one.failure) for one in run.run(run.checks(settings.Settings(plain)))])
"""

    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)

    shown = str([f"settings: {MissingExtraError('probes', what)}" for what in ("asking PostgreSQL", "asking AWS")])
    assert shown == done.stdout.splitlines()[-1]  # the handler says that it cannot warm up


def test_a_probe_that_failed_records_that_and_no_value():
    def failing(_deadline):
        raise ProbeError("timeout", "5 s")

    outcomes = run.run([check("outbox", fine), check("dsar", failing)])
    with capture() as captured:
        answer = report.report(outcomes)

    assert {"values": 1, "failed": {"dsar": "timeout"}} == answer
    shown = [
        {
            name: document[name]
            for name in document
            if name in ("OutboxBacklog", "ProbeSuccess", "ProbeFailure", "probe")
        }
        for document in captured.metrics
    ]
    assert [
        {"OutboxBacklog": 1.0},
        {"probe": "outbox", "ProbeFailure": 0, "ProbeSuccess": 1},
        {"probe": "dsar", "ProbeFailure": 1},
    ] == shown
    (line,) = captured.logs
    assert ("WARN", "probe has no answer", "dsar", "timeout", "5 s") == tuple(
        line[key] for key in ("level", "message", "probe", "reason", "detail")
    )
