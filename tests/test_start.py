"""docs/start.md: a newcomer's project, file by file and command by command."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import obskit
from tests.parts import ROOT

PAGE = (ROOT / "docs" / "start.md").read_text()
COMMANDS = re.findall(r"^(python -m pytest|obskit .*?)(?:  +#.*)?$", PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def parcels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("parcels")
    for text in re.findall(r"^```(?:python|toml|markdown)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        name, _, rest = text.partition("\n")
        path = root / name.strip("#<!-> ")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(rest)
    shutil.copy(ROOT / "alarms/runbooks/paging.md", root / "alarms/runbooks")
    return root


def test_the_test_of_the_handler_passes(parcels):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"], check=False, cwd=parcels, capture_output=True, text=True
    )

    assert (0, "1 passed") == (done.returncode, done.stdout.splitlines()[-1].partition(" in ")[0])


def test_the_project_is_sound_also_to_guard(parcels, tmp_path):
    assert (0, "0 errors, 0 warnings\n", "") == obskit("-C", parcels, "check")
    assert 0 == obskit("-C", parcels, "render", "--all", "--out", str(tmp_path))[0]
    told = (0, "0 errors, 0 warnings", "")
    code, out, err = obskit("-C", parcels, "validate", str(tmp_path), "--guard")
    assert told == (code, out.strip().rpartition("; ")[2], err)


def test_every_command_of_the_page_does_what_it_says(parcels, monkeypatch, tmp_path):
    """The last one asks AWS; what it would deploy is rendered by the others."""
    monkeypatch.chdir(tmp_path)
    assert ["python -m pytest", "obskit deploy --env prod --dry-run"] == [COMMANDS[0], COMMANDS[-1]]
    for command in COMMANDS[1:-1]:
        code, out, err = obskit("-C", parcels, *command.split()[1:])
        assert (0, "") == (code, err), command
        assert "never" not in out, "an alarm that never fires in an outage"
    assert (parcels / "alarms/rendered/prod/eu-central-1/parcels.template.json").is_file()
    assert (tmp_path / "build/prod.html").is_file()
