"""The thread that calls back when time has nearly run out."""

import os
import threading
from pathlib import Path

import pytest

from obskit import clock, output, watchdog
from obskit.testing.waiting import wait_until

MILLISECOND = 1_000_000
LONG = 3600 * 1000 * MILLISECOND


@pytest.fixture(autouse=True)
def rested():
    yield
    watchdog.rest()
    output.reset()
    clock.reset()


def threads():
    return len(list(Path("/proc/self/task").iterdir()))


def test_it_calls_from_a_thread_of_its_own_with_what_it_was_given():
    called = threading.Event()
    seen = []
    watchdog.watch(
        MILLISECOND, lambda *subjects: (seen.append((subjects, threading.get_ident())), called.set()), 1, "b"
    )

    assert called.wait(10)
    ((subjects, thread),) = seen
    assert subjects == (1, "b")
    assert thread != threading.get_ident()


def test_it_is_in_time_after_a_clock_of_a_test():
    """A clock that began at 0 had it sleep until a moment that is long gone by the machine's."""
    watchdog.watch(LONG, print)
    clock.set(monotonic_ns=lambda: 0)
    watchdog.rest()
    watchdog.watch(30_000 * MILLISECOND, print)
    wait_until(lambda: watchdog._until == 30_000 * MILLISECOND, 10, "the thread sleeps by that clock")
    watchdog.rest()
    clock.reset()
    called = threading.Event()

    watchdog.watch(MILLISECOND, called.set)

    assert called.wait(10)


def test_it_does_not_call_what_has_ended():
    early, late = threading.Event(), threading.Event()
    watchdog.watch(20 * MILLISECOND, early.set)
    watchdog.rest()
    watchdog.watch(40 * MILLISECOND, late.set)

    assert late.wait(10)
    assert not early.is_set()


def test_each_has_a_deadline_of_its_own():
    """A handler that calls another, or several that run side by side."""
    first, second, third = threading.Event(), threading.Event(), threading.Event()
    watchdog.watch(60 * MILLISECOND, first.set)
    watchdog.watch(20 * MILLISECOND, second.set)
    watchdog.watch(40 * MILLISECOND, third.set)
    watchdog.rest(third.set)

    assert second.wait(10)
    assert first.wait(10)
    assert not third.is_set()


def test_a_nearer_deadline_wakes_it():
    watchdog.watch(LONG, pytest.fail, "an hour has not passed")
    called = threading.Event()
    watchdog.watch(MILLISECOND, called.set)

    assert called.wait(10)


def test_it_is_one_thread_however_many_invocations():
    called = threading.Event()
    watchdog.watch(MILLISECOND, called.set)
    assert called.wait(10)
    before = threads()
    for _ in range(1000):
        watchdog.watch(LONG, pytest.fail, "an hour has not passed")
        watchdog.rest()

    assert threads() == before


def test_an_error_of_what_it_calls_is_counted_and_it_lives_on():
    watchdog.watch(MILLISECOND, lambda: 1 / 0)
    called = threading.Event()
    while not output.faults().get("watchdog"):
        called.wait(0.001)
    watchdog.watch(MILLISECOND, called.set)

    assert called.wait(10)
    assert output.faults() == {"watchdog": 1}


def test_a_forked_child_has_one_of_its_own():
    watchdog.watch(LONG, pytest.fail, "an hour has not passed")
    child = os.fork()
    if not child:
        called = threading.Event()
        watchdog.watch(MILLISECOND, called.set)
        os._exit(0 if called.wait(10) else 1)
    _, status = os.waitpid(child, 0)

    assert status == 0
