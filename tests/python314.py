"""
The suite on CPython 3.14 as WebAssembly, which has no processes, threads or network: a pytest plugin (make test-314).

A test that reaches for what is not there ends at once, by `Lacks`. Those that do stand in `python314.toml`, by what
they lack: they are tried all the same, and reported as failing by expectation. One that is not listed fails the run; so
does one that is listed and could run. Nothing is skipped.

Two things stand in: datagrams on loopback, which stay within this process; and the threads of the runtime (`watchdog`,
`periodic`), which are started and never get their turn.
"""

from __future__ import annotations

import _thread
import asyncio
import socket
import subprocess
import threading
import time
import tomllib
from collections import deque
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

ROOT = Path(__file__).parent.parent
LIST = Path(__file__).with_suffix(".toml")
EXAMPLES = 10
"""Of each law: WebAssembly takes four times as long, and every other Python tries more."""
ABSENT = ("awslambdaric", "cloudformation_validate", "grpc", "psycopg", "vl_convert", "yaml")
"""Packages with native modules that nobody has made for WebAssembly."""


class Lacks(pytest.fail.Exception):  # type: ignore[name-defined,misc]  # documented, but hidden from mypy
    """A test reached for *what* is not here; no handler of errors takes it for one."""

    def __init__(self, what: str) -> None:
        super().__init__(f"needs {what}: tests/python314.toml", pytrace=True)
        self.what = what


_lacked: list[str] = []
"""What the test that runs has reached for."""


def _lacks(what: str, *_: object, **__: object) -> NoReturn:
    _lacked.append(what)
    raise Lacks(what)


class Datagrams(socket.socket):
    """A socket of loopback whose datagrams stay within the process."""

    _bound: ClassVar[dict[int, deque[bytes]]] = {}
    _next: ClassVar[int] = 40_000

    def __init__(self, family: Any = socket.AF_INET, type: Any = socket.SOCK_STREAM, *_: Any, **__: Any) -> None:  # noqa: A002  as it is called
        if (family, type) != (socket.AF_INET, socket.SOCK_DGRAM):
            _lacks("network")
        self._port = self._peer = 0
        self._empty: type[OSError] = TimeoutError
        self._refused = False

    def bind(self, address: Any) -> None:
        Datagrams._next += 1
        self._port = address[1] or Datagrams._next
        self._bound[self._port] = deque()

    def connect(self, address: Any) -> None:
        self._peer = address[1]

    def getsockname(self) -> tuple[str, int]:
        return "127.0.0.1", self._port

    def fileno(self) -> int:
        return 1_000

    def settimeout(self, value: float | None) -> None:
        self._empty = TimeoutError if value else BlockingIOError

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001  as it is called
        self.settimeout(1 if flag else 0)

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, data: Any, *_: int) -> int:
        return self.sendto(data, ("127.0.0.1", self._peer))

    def sendto(self, data: Any, address: Any) -> int:  # type: ignore[override]
        if address[1] not in self._bound:
            self._refused, told = True, self._refused
            if told:  # as on Linux: the first is taken, and the answer comes with the second
                raise ConnectionRefusedError(111, "nobody listens")
            return len(data)
        if len(data) > 65_507:
            raise OSError(90, "Message too long")
        self._bound[address[1]].append(bytes(data))
        return len(data)

    def recv(self, *_: int) -> bytes:
        waiting = self._bound[self._port]
        if not waiting:  # nobody else could send while this one waits
            raise self._empty
        return waiting.popleft()

    def close(self) -> None:
        self._bound.pop(self._port, None)


def _no_loop(coroutine: Any, **_: object) -> NoReturn:
    """Node 20 cannot wait within WebAssembly."""
    coroutine.close()
    _lacks("asyncio")


def _no_turn(*_: object) -> int:
    return 0


# --- the pytest plugin ------------------------------------------------------------------------------------------------


def listed() -> dict[str, str]:
    """Return what each entry of the list needs: `tests/file.py`, or one test of it, `tests/file.py::name`."""
    return {test: what for what, section in tomllib.loads(LIST.read_text()).items() for test in section["tests"]}


_listed = listed()
_ended_so: set[str] = set()
"""Entries of the list by which a test has ended."""
_could: set[str] = set()
"""Files in which a test has passed."""


def _entry(item: pytest.Item) -> str:
    file, _, name = item.nodeid.partition("::")
    test = f"{file}::{name.partition('[')[0]}"
    return test if test in _listed else file


def pytest_configure() -> None:
    from hypothesis import settings  # plugins of the suite, which pytest must load itself

    from obskit import periodic, watchdog
    from tests import parts

    settings.register_profile("few", parent=settings.get_profile("untimed"), max_examples=EXAMPLES)
    settings.load_profile("few")
    threads: Callable[..., NoReturn] = partial(_lacks, "threads")
    for where, name, instead in (
        (subprocess.Popen, "__init__", partial(_lacks, "processes")),
        (_thread, "start_new_thread", threads),
        (threading.Thread, "start", threads),
        (threading.Condition, "wait", threads),
        (time, "sleep", threads),  # for whom, where there is nobody else
        (asyncio, "run", _no_loop),
        (socket, "socket", Datagrams),
        (parts, "require", partial(_lacks, "parts")),
        (watchdog, "start_new_thread", _no_turn),
        (periodic, "start_new_thread", _no_turn),
    ):
        setattr(where, name, instead)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out a file that cannot be imported."""
    return _listed.get(collection_path.relative_to(ROOT).as_posix()) in ABSENT or None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol() -> None:
    _lacked.clear()


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    error = call.excinfo.value if call.excinfo else None
    lacked = {error.what} if isinstance(error, Lacks) else set(_lacked)
    if isinstance(error, ModuleNotFoundError) and error.name in ABSENT:
        lacked.add(error.name)
    entry = _entry(item)
    if report.failed and (_listed.get(entry) in lacked or _listed.get(entry) == "system"):
        report.outcome, report.wasxfail = "skipped", f"needs {_listed[entry]}"  # how pytest says: failed as expected
        _ended_so.add(entry)
    elif report.passed and call.when == "call":
        _could.add(entry)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run for what is listed and could run."""
    if session.config.option.keyword or session.config.option.collectonly:
        return
    tried = {_entry(item) for item in session.items}
    stale = sorted((tried & _listed.keys() - _ended_so) | {entry for entry in _could & _ended_so if "::" not in entry})
    if stale:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        print("\nlisted in tests/python314.toml, and could run:", *stale, sep="\n  ")  # noqa: T201  as a report
