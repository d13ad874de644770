"""What the demo starts ends with it, on every way out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from obskit.demo.processes import Processes, group_members
from obskit.demo.waiting import DidNotHappenError, wait_until
from tests.helpers import heeding_ctrl_c

# Both sleep for as long as a test may take; `Processes` ends them, which is what is tested.
SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
SLEEP = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
START = f"import signal, subprocess, sys; child = subprocess.Popen([sys.executable, '-c', {SLEEP!r}])"
# A leader that ignores SIGTERM, as its child does; and one that ends at once and leaves its child behind.
STUBBORN = [sys.executable, "-c", f"{START}; signal.signal(signal.SIGTERM, signal.SIG_IGN); child.wait()"]
ORPHANING = [sys.executable, "-c", START]


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def start(processes: Processes, command: list[str], name: str = "sleeper"):
    process = processes.start(name, command, os.environ)
    wait_until(lambda: "up" in process.log.read_text(), 10, "the child is up")
    return process


def test_a_child_leads_a_group_and_logs_into_the_directory(tmp_path):
    with Processes(tmp_path) as processes:
        process = start(processes, SLEEPER)
        assert os.getpgid(process.pid) == process.pid
        assert process.log == tmp_path / "sleeper.log"
    assert not alive(process.pid)
    assert process.exit_code == -signal.SIGTERM
    assert process.log.read_text() == "up\n"


def test_a_temporary_directory_goes_with_the_run():
    with Processes() as processes:
        assert processes.directory.is_dir()
    assert not processes.directory.exists()


@pytest.mark.parametrize("command", [STUBBORN, ORPHANING])
def test_the_whole_group_ends(monkeypatch, command):
    monkeypatch.setattr("obskit.demo.processes.TERMINATE_S", 0.3)
    with Processes() as processes:
        group = start(processes, command).pid
        wait_until(lambda: group_members(group), 5, "the group has members")
    assert group_members(group) == []


def test_an_exception_ends_them():
    with pytest.raises(ZeroDivisionError), Processes() as processes:  # noqa: PT012
        process = start(processes, SLEEPER)
        raise ZeroDivisionError
    assert not alive(process.pid)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, -signal.SIGINT), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_a_signal_to_the_demo_ends_them(tmp_path, number, code):
    program = textwrap.dedent(f"""
        import os, threading, time
        from pathlib import Path
        from obskit.demo.processes import Processes
        with Processes(Path({str(tmp_path)!r})) as processes:
            pids = []
            # Started from a thread that ends at once: "parent death" must not mean that thread's.
            start = lambda: pids.append(processes.start("sleeper", {SLEEPER!r}, os.environ).pid)
            thread = threading.Thread(target=start)
            thread.start()
            thread.join()
            print(pids[0], flush=True)
            time.sleep(600)  # until the test kills it
    """)
    demo = subprocess.Popen(
        heeding_ctrl_c(sys.executable, "-c", program), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert demo.stdout
    child = int(demo.stdout.readline())
    wait_until(lambda: (tmp_path / "sleeper.log").read_text() == "up\n", 10, "the child is up")
    assert alive(child)

    demo.send_signal(number)

    assert demo.wait(10) == code
    demo.stdout.close()
    wait_until(lambda: not alive(child), 5, "the child ends")


def test_waiting_shows_the_log(tmp_path):
    with Processes(tmp_path) as processes:
        process = start(processes, SLEEPER)
        with pytest.raises(
            DidNotHappenError, match=r"waited 0.05 s, but this did not happen: it sings\nsleeper, end of .*\n  up"
        ):
            process.wait_until(lambda: False, 0.05, "it sings")


def test_waiting_stops_when_the_process_does(tmp_path):
    with Processes(tmp_path) as processes:
        process = processes.start("failing", [sys.executable, "-c", "raise SystemExit('no such luck')"], os.environ)
        with pytest.raises(DidNotHappenError, match=r"failing ended with code 1 before: it sings\n.*\n  no such luck"):
            process.wait_until(lambda: False, 30, "it sings")
