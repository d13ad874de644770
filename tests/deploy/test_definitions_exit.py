"""A definition that ends the program is a problem, not a success."""

from obskit.deploy import check
from tests.parts import ROOT


def test_a_definition_that_exits_is_told(tmp_path):
    import shutil

    for name in ("dashboards", "alarms"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "obskit.toml", tmp_path)
    (tmp_path / "alarms" / "quit.py").write_text("raise SystemExit(0)\n")

    problems = check.check(tmp_path)

    assert [problem.resource.partition(":")[0] for problem in problems] == ["alarms/quit.py"]
