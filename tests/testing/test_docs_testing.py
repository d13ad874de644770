"""docs/testing.md: its files, written to a fresh folder, are a project whose tests pass; its messages are real ones."""

import re
import subprocess
import sys

import pytest

from obskit import testing
from obskit.testing import plugin
from tests.parts import ROOT

PAGE = (ROOT / "docs" / "testing.md").read_text()
FILES = dict(re.findall(r"^```python\n# (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
MESSAGES = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def project(pytester):
    for name, source in FILES.items():
        pytester.path.joinpath(name).write_text(source)
    return pytester


@pytest.mark.usefixtures("awslambdaric")
def test_the_examples_are_a_project_whose_tests_pass(project):
    result = project.runpytest_subprocess("-p", "no:hypothesispytest", "-W", "error")

    result.assert_outcomes(passed=8)


def test_the_example_without_pytest_runs(project):
    subprocess.run([sys.executable, "without_pytest.py"], cwd=project.path, check=True)


def test_every_example_is_a_file_that_runs():
    assert len(FILES) == PAGE.count("```python")
    assert all(name in ("shop.py", "without_pytest.py") or name.startswith("test_") for name in FILES)


@pytest.mark.parametrize(
    ("right", "wrong", "shown"),
    [
        ('only(message="checkout started")', 'only(message="checkout startd", cart_id="c-1")', MESSAGES[0]),
        ('operation="checkout") == [1.0]', 'operation="chekout") == [1.0]', MESSAGES[1]),
    ],
)
def test_the_messages_shown_are_those_of_a_failing_test(project, right, wrong, shown):
    file = project.path / "test_checkout.py"
    assert right in file.read_text()
    file.write_text(file.read_text().replace(right, wrong))

    result = project.runpytest_subprocess("-p", "no:hypothesispytest", "test_checkout.py")

    result.assert_outcomes(passed=1, failed=1)
    assert shown in result.stdout.str()


def test_every_fixture_and_every_event_is_on_the_page():
    fixtures = [name for name in vars(plugin) if name.startswith("obskit_")] + ["lambda_context"]
    events = [name for name in testing.__all__ if name.endswith("_event")]

    assert [name for name in fixtures + events if f"`{name}`" not in PAGE] == []
