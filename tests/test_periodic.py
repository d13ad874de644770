"""Outside an invocation: containers and scripts write what they recorded together, and lose nothing at their end."""

import json
import os
import signal
import subprocess
import sys

HEAD = """
import os, signal, sys, threading
import obskit
from obskit import metrics, output, periodic

metric = obskit.Metric.counter("Done", "Done.", service="job")
"""


def environment():
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("OBSKIT_", "AWS_", "POWERTOOLS_"))
    }
    return {**kept, "OBSKIT_ENV": "test", "OBSKIT_METRICS_NAMESPACE": "Shop"}


def run(program, code=0):
    done = subprocess.run(
        [sys.executable, "-c", HEAD + program],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return values(done.stdout)


def values(text):
    return [json.loads(line)["Done"] for line in text.splitlines() if '"_aws"' in line]


def test_a_script_writes_all_at_its_end():
    assert run("for number in range(3): obskit.record(metric, number)") == [[0, 1, 2]]


def test_a_script_that_fails_writes_too():
    assert run("obskit.record(metric, 1); raise SystemExit('wrong')", code=1) == [1]


def test_a_thread_writes_after_a_while():
    """The process is still running: what is there by then does not wait for the end."""
    program = """
written = threading.Event()
periodic.EVERY_S = 0.001
output.redirect(lambda data: (os.write(1, data), written.set()))
obskit.record(metric, 1)
assert written.wait(30)
os._exit(0)
"""
    assert run(program) == [1]


def test_what_is_recorded_after_the_end_is_written_at_once():
    """Functions that were registered before obskit's run after it."""
    program = """
import atexit
def last():
    obskit.record(metric, 2)
    obskit.record(metric, 3)
    os._exit(0)
atexit.register(last)
obskit.record(metric, 1)
"""
    assert run(program) == [1, 2, 3]


def test_without_a_thread_each_value_is_written_at_once():
    program = """
def no_thread(*_):
    raise RuntimeError("can't start new thread")
periodic.start_new_thread = no_thread
obskit.record(metric, 1)
obskit.record(metric, 2)
os._exit(0)
"""
    assert run(program) == [1, 2]


def test_a_forked_child_writes_its_own_and_not_its_parents():
    program = """
obskit.record(metric, 1)
child = os.fork()
obskit.record(metric, 2 if child else 3)
if child:
    os.waitpid(child, 0)
"""
    assert run("import warnings; warnings.simplefilter('ignore')\n" + program) == [3, [1, 2]]


def terminated(program, *signals):
    """Return exit code and values of *program*, which is sent *signals* once it has said that it is ready."""
    end = "print('ready', flush=True)\nsys.stdin.read()\n"
    with subprocess.Popen(
        [sys.executable, "-c", HEAD + program + end],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            before = []
            while (line := process.stdout.readline()) != "ready\n":
                assert line, "it ended before it was ready"
                before.append(line)
            for number in signals:
                process.send_signal(number)
            process.stdin.close()  # one that came just before it began to read would wait as long as the read
            after = process.stdout.read()
            return process.wait(60), values("".join(before) + after)
        finally:
            process.kill()


def test_sigterm_ends_a_task_and_loses_nothing():
    """ECS stops a task with it; Python would end without `atexit`."""
    assert terminated("obskit.record(metric, 1)\n", signal.SIGTERM) == (-signal.SIGTERM, [1])


def test_sigterm_is_left_to_whoever_has_it():
    own = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n"

    assert terminated(own + "obskit.record(metric, 1)\n", signal.SIGTERM) == (7, [1])
    assert terminated("obskit.record(metric, 1)\n" + own, signal.SIGTERM) == (7, [1])


def test_sigterm_is_taken_when_the_main_thread_records():
    """Only that thread can; the first value may come from another."""
    program = """
thread = threading.Thread(target=obskit.record, args=(metric, 1))
thread.start()
thread.join()
assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
metrics.flush()
obskit.record(metric, 2)
"""
    assert terminated(program, signal.SIGTERM) == (-signal.SIGTERM, [1, 2])


def test_capture_starts_no_thread():
    program = """
from obskit.testing import capture
with capture() as captured:
    obskit.record(metric, 1)
assert [document["Done"] for document in captured.metrics] == [1]
assert periodic._call is None
"""
    assert run(program) == []
