"""The helper behind every test that runs against a real part; pytest is run inside pytest."""

from pathlib import Path

import pytest

from tests import parts

NEEDS_ONE = """
    import pytest
    from tests.parts import require

    @pytest.fixture(scope="session")
    def database():
        require("postgresql")

    def test_asks_itself():
        require("postgresql")

    def test_asks_by_fixture(database):
        pass

    def test_asks_by_the_same_fixture(database):
        pass

    def test_asks_for_nothing():
        pass
"""


@pytest.fixture
def inner(pytester, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    pytester.makeini("[pytest]\naddopts = -p no:hypothesispytest")  # nothing here needs it, and it takes a second
    pytester.makeconftest('pytest_plugins = ["tests.parts"]')
    return pytester


@pytest.fixture
def without_postgresql(monkeypatch):
    gone = parts.PARTS["postgresql"]._replace(present=lambda: False)
    monkeypatch.setitem(parts.PARTS, "postgresql", gone)


def test_a_part_that_is_there_lets_the_test_run(inner, monkeypatch):
    monkeypatch.setitem(parts.PARTS, "postgresql", parts.Part(lambda: True, ""))
    inner.makepyfile(NEEDS_ONE)

    inner.runpytest_inprocess().assert_outcomes(passed=4)


@pytest.mark.usefixtures("without_postgresql")
def test_a_missing_part_skips_by_name_and_the_report_closes_with_how_to_get_it(inner):
    inner.makepyfile(NEEDS_ONE)

    result = inner.runpytest_inprocess("-rs")

    assert pytest.ExitCode.OK == result.ret
    result.assert_outcomes(passed=1, skipped=3)
    result.stdout.fnmatch_lines(["*real parts missing*", "postgresql - apt install postgresql (3 tests)"])


@pytest.mark.usefixtures("without_postgresql")
def test_in_ci_a_missing_part_fails_the_test(inner, monkeypatch):
    monkeypatch.setenv("CI", "true")
    inner.makepyfile("from tests.parts import require\ndef test_it():\n    require('postgresql')")

    result = inner.runpytest_inprocess()

    assert pytest.ExitCode.TESTS_FAILED == result.ret
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*real part missing: postgresql - apt install postgresql*"])


@pytest.mark.parametrize(
    "source",
    [
        "import pytest\ndef test_it():\n    pytest.skip('not today')",
        "import pytest\npytest.importorskip('no_such_module')",
        "import pytest\n@pytest.mark.skipif(True, reason='not here')\ndef test_it(): pass",
    ],
    ids=["in the test", "the whole file", "by a mark"],
)
def test_in_ci_any_skipped_test_fails_the_run(inner, monkeypatch, source):
    inner.makepyfile(test_inner=source, test_other="def test_other(): pass")
    before = inner.runpytest_inprocess()
    monkeypatch.setenv("CI", "true")
    after = inner.runpytest_inprocess()
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))  # tests.parts, in the workers
    shared = inner.runpytest_subprocess("-n", "2")

    assert (pytest.ExitCode.OK, False, False) == (before.ret, after.ret == 0, shared.ret == 0)
    after.stdout.fnmatch_lines(["*CI=true: a skipped * fails the run*"])
    shared.stdout.fnmatch_lines(["*CI=true: a skipped * fails the run*"])


def test_in_ci_an_expected_failure_is_not_a_skipped_test(inner, monkeypatch):
    monkeypatch.setenv("CI", "true")
    inner.makepyfile("import pytest\n@pytest.mark.xfail(reason='known')\ndef test_it():\n    assert 0")

    assert pytest.ExitCode.OK == inner.runpytest_inprocess().ret


def test_a_part_nobody_knows_is_a_mistake_in_the_test():
    with pytest.raises(KeyError, match="emulatr"):
        parts.require("emulatr")


@pytest.mark.parametrize("name", parts.PARTS)
def test_every_part_says_whether_it_is_here_and_how_to_get_it(name):
    part = parts.PARTS[name]

    assert isinstance(part.present(), bool)
    assert part.get
