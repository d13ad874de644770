"""What a definition file must not do in silence: end the program, or lose what it makes."""

import shutil

import pytest

from obskit.deploy import check
from tests.parts import ROOT


@pytest.fixture
def copied(tmp_path):
    for name in ("dashboards", "alarms"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "obskit.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["LATENCY = ", ""])
def test_an_alarm_that_no_name_keeps_is_told_and_not_dropped(copied, name):
    """A name that is used twice, or none at all: the first alarm would silently leave the deployment."""
    file = copied / "alarms" / "jobs.py"
    file.write_text(file.read_text().replace("OUTBOX_AGE = ", name.replace("LATENCY", "QUOTA"), 1))

    (problem,) = check.check(copied)

    assert str(problem.message) == "Alarm 'outbox-age' is made and lost; no top-level name of its own keeps it"
    assert problem.resource == "alarms/jobs.py"


def test_an_alarm_on_an_aws_metric_says_whose_it_is(copied):
    (copied / "alarms" / "more.py").write_text(
        "from obskit.deploy.specs import Alarm, AwsMetric\n"
        "X = Alarm('x', AwsMetric('AWS/Lambda', 'Errors', {}, 'Sum'), at_least=1, severity='page', owner='o',\n"
        "    summary='s', impact='i', runbook='checkout-failures.md', dashboard='checkout')\n"
    )

    (problem,) = check.check(copied)

    assert "a metric of AWS says no service; add service=" in problem.message


def test_a_definition_that_exits_is_told(copied):
    (copied / "alarms" / "quit.py").write_text("raise SystemExit(0)\n")

    problems = check.check(copied)

    assert [problem.resource.partition(":")[0] for problem in problems] == ["alarms/quit.py"]
