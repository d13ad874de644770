"""
Child processes that surely end.

Each child leads a process group of its own, so that what it starts itself (node, Lambda bootstraps) ends with it.
The kernel kills the child when this process dies without a word (`testing.awslambda.child`); its own children then
notice by themselves.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from obskit.demo.waiting import DidNotHappenError, wait_until
from obskit.testing.awslambda.child import popen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType
    from typing import Self

TERMINATE_S = 3.0
"""What a child gets to end by itself. Ministack takes 0.1 to 0.3 s."""


def group_members(group: int) -> list[int]:
    """Return the pids that run in process group *group*; the dead that nobody collected yet don't count."""
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:  # ended while we looked
            continue
        if int(fields[2]) == group and fields[0] not in "ZX":
            members.append(int(stat.parent.name))
    return members


class Process:
    """A running child: its *name*, *pid* (also its group's id) and *log* file."""

    def __init__(self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str], cwd: Path) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as output:
            self._popen = popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(env),
                cwd=cwd,
                start_new_session=True,
            )
        self.pid = self._popen.pid
        self._stopping = threading.Lock()

    def __repr__(self) -> str:
        return f"<Process {self.name} pid {self.pid}, log {self.log}>"

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._popen.poll()

    def tail(self, lines: int = 20) -> str:
        """Return the last *lines* of the log file, headed by its path."""
        text = self.log.read_text(errors="replace").splitlines()[-lines:] if self.log.exists() else []
        return "\n".join([f"{self.name}, end of {self.log}:", *(f"  {line}" for line in text)])

    def wait_until(self, probe: Callable[[], object], deadline_s: float, what: str) -> None:
        """
        Wait for *probe*; give up at once when the process ends.

        Raises:
            DidNotHappenError: with the exit code or the time waited, and the tail of the log.
        """

        def look() -> bool:
            if self.exit_code is not None:
                raise DidNotHappenError(f"{self.name} ended with code {self.exit_code} before: {what}\n{self.tail()}")
            return bool(probe())

        wait_until(look, deadline_s, what, evidence=self.tail)

    def stop(self) -> None:
        """End the process and everything in its group. Returns when they are gone; may be called twice."""
        with self._stopping:
            self._signal_group(signal.SIGTERM)
            try:
                self._popen.wait(TERMINATE_S)
            except subprocess.TimeoutExpired:
                self._signal_group(signal.SIGKILL)
                self._popen.wait()
            # What the leader left behind. The group's id can't be taken by others while a member lives.
            if group_members(self.pid):
                self._signal_group(signal.SIGKILL)
                wait_until(lambda: not group_members(self.pid), TERMINATE_S, f"all processes of {self.name} end")

    def _signal_group(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:  # all gone already
            return


class Processes:
    """
    The processes of one run, and the directory that holds all they write.

    As a context manager it ends them in reverse order of their start on every way out: the end of the block, an
    exception, SIGINT, and SIGTERM or SIGHUP (a terminal that is closed), which become `SystemExit(143)` and `(129)` in
    the main thread. The directory is removed then, unless it was given. After SIGKILL it stays.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._keep = directory is not None
        self.directory = (directory or Path(tempfile.mkdtemp(prefix="obskit-"))).resolve()
        self.directory.mkdir(parents=True, exist_ok=True)
        self._running: list[Process] = []
        self._previous: list[tuple[signal.Signals, Any]] = []

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> Process:
        """Start *command* with exactly the environment *env*; its output goes to `<directory>/<name>.log`."""
        process = Process(name, command, self.directory / f"{name}.log", env, self.directory)
        self._running.append(process)
        return process

    def stop(self) -> None:
        """End all processes, the youngest first."""
        problems = []
        while self._running:
            try:
                self._running.pop().stop()
            except (OSError, DidNotHappenError) as problem:  # the others must still be ended
                problems.append(problem)
        if not self._keep:
            shutil.rmtree(self.directory, ignore_errors=True)
        if problems:
            raise problems[0]

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            ends = [one for one in _ENDS if signal.getsignal(one) is not signal.SIG_IGN]  # nohup ignores SIGHUP
            self._previous = [(one, signal.signal(one, _exit)) for one in ends]
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.stop()
        finally:
            for number, handler in self._previous:
                signal.signal(number, handler)
            self._previous = []


_ENDS = (signal.SIGTERM, signal.SIGHUP)


def _exit(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
