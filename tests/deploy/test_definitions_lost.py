"""What a definition file must not do in silence: end the program, or lose what it makes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from obskit.deploy import check, definitions, project
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


@pytest.mark.parametrize(
    ("ending", "name"),
    [("os._exit(0)", "_exit"), ("os.execlp('true', 'true')", "execv"), ("os.execvpe('true', ['true'], {})", "execve")],
)
def test_a_definition_that_ends_the_process_is_told(copied, ending, name):
    """No `finally` comes after these: a deploy job would see exit code 0 and go on."""
    (copied / "alarms" / "quit.py").write_text(f"import os\n{ending}\n")

    done = subprocess.run(
        [sys.executable, "-m", "obskit.cli", "-C", copied, "check"], capture_output=True, text=True, check=False
    )

    words = f"SystemExit: os.{name} would end obskit here, with nothing checked and nothing said [definition]"
    assert (1, "1 error, 0 warnings\n", f"alarms/quit.py:2: error: {words}\n") == (
        done.returncode,
        done.stdout,
        done.stderr,
    )


def test_a_catalog_that_ends_the_process_is_told(copied):
    (copied / "quitting.py").write_text("import os\nos._exit(0)\n")
    toml = copied / "obskit.toml"
    toml.write_text(toml.read_text().replace('catalogs = ["obskit.kpis"]', 'catalogs = ["obskit.kpis", "quitting"]'))

    (problem,) = check.check(copied)

    assert problem.message.startswith(
        "project.catalogs: 'quitting' cannot be imported: SystemExit: os._exit would end obskit here"
    )


def test_a_child_that_a_definition_forks_ends_as_it_likes(copied):
    (copied / "alarms" / "fork.py").write_text(
        "import os\nchild = os.fork()\nif not child:\n    os._exit(7)\nENDED = os.waitpid(child, 0)[1] >> 8\n"
        "assert ENDED == 7, ENDED\n"
    )

    assert definitions.load(project.load(copied)).alarms


def test_a_definition_leaves_the_folder_and_the_system_s_functions_as_they_were(copied):
    """`--out build` would be written somewhere else."""
    (copied / "alarms" / "moves.py").write_text("import os\nos.chdir('/')\n")
    before = Path.cwd(), os._exit, os.execv

    definitions.load(project.load(copied))

    assert before == (Path.cwd(), os._exit, os.execv)
