"""`obskit runbook`."""

import io
import re
from pathlib import Path

import pytest

from obskit.cli import run
from obskit.deploy import definitions, project
from tests.command import obskit

ROOT = Path(__file__).parents[2]
BOOKS = sorted((ROOT / "alarms/runbooks").glob("*.md"))


def runbook(*argv):
    return obskit("-C", ROOT, "runbook", *argv)


def test_a_pipe_gets_the_text_as_it_is():
    assert (0, (ROOT / "alarms/runbooks/outbox-backlog.md").read_text(), "") == runbook("outbox-age")


@pytest.mark.parametrize(
    "argv", [("shop-outbox-prod-us-west-2-outbox-age",), ("outbox-age", "--env", "prod")], ids=["whole name", "--env"]
)
def test_the_environment_stands_in_its_names(argv):
    _, stdout, _ = runbook(*argv)

    assert "`/aws/lambda/shop-prod-outbox`" in stdout
    assert "<env>" not in stdout


@pytest.mark.parametrize("name", ["checkout-burn-page", "checkout-rollback", "paging-lost", "database-saturated"])
def test_composites_and_the_alarms_of_paging_have_one(name):
    code, stdout, _ = runbook(name)

    assert (0, "# ") == (code, stdout[:2])


def test_a_terminal_gets_it_laid_out(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "100")
    stdout = Terminal()

    assert 0 == run(["-C", str(ROOT), "runbook", "outbox-age"], stdout, io.StringIO())
    assert "The outbox is not emptied" in stdout.getvalue()
    assert "## Symptom" not in stdout.getvalue()


def test_an_unknown_alarm_names_the_nearest():
    code, _, stderr = runbook("outbox-aeg")

    assert 2 == code
    assert "no alarm is called 'outbox-aeg'. Did you mean 'outbox-age'?" in stderr


def test_every_alarm_stands_in_its_runbook():
    """Whoever is paged looks for the name of the alarm; one of several functions or queues is written `<function>`."""
    loaded = project.load(ROOT)
    parts = {*loaded.logs.functions, "mail", "index", "stock", "checkout"}
    missing = []
    for one in definitions.load(loaded).guards:
        text = (ROOT / "alarms/runbooks" / one.runbook).read_text()
        first, _, rest = one.name.partition("-")
        general = {f"<{word}>-{rest}" for word in ("function", "rule", "service")} if first in parts else set()
        if one.acts and not any(name in text for name in {one.name, *general}):
            missing.append(f"{one.runbook}: {one.name}")

    assert [] == missing


@pytest.fixture(scope="module")
def boards():
    return {board.name for board in definitions.load(project.load(ROOT)).dashboards}


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.name)
def test_what_a_runbook_points_to_is_there(path, boards):
    """Addresses are https; other runbooks, papers and dashboards that it names exist."""
    text = path.read_text()

    assert not re.search(r"http://", text)
    for name in re.findall(r"`([a-z-]+\.md)`", text):
        assert (path.parent / name).is_file(), name
    for name in re.findall(r"docs/[a-z-]+\.md", text):
        assert (ROOT / name).is_file(), name
    for name in re.findall(r"[Dd]ashboard `([a-z-]+)`", text):
        assert name in boards, name
