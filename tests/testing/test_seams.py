"""The two seams below everything: where times and ids come from."""

import time

import pytest

from obskit import clock, ids


@pytest.fixture(autouse=True)
def put_back():
    yield
    clock.reset()
    ids.reset()


def test_the_clock_is_the_machines_until_a_test_sets_its_own():
    assert (clock.time_ns, clock.monotonic_ns) == (time.time_ns, time.monotonic_ns)

    clock.set(time_ns=lambda: 1, monotonic_ns=lambda: 2)
    assert (clock.time_ns(), clock.monotonic_ns()) == (1, 2)

    clock.reset()
    assert (clock.time_ns, clock.monotonic_ns) == (time.time_ns, time.monotonic_ns)


def test_one_of_the_clocks_can_be_set_alone():
    clock.set(time_ns=lambda: 1)
    clock.set(monotonic_ns=lambda: 2)

    assert (clock.time_ns(), clock.monotonic_ns()) == (1, 2)


def test_ids_are_random_until_a_test_says_what_they_are():
    assert [32, 16] == [len(ids.trace_id()), len(ids.span_id())]
    assert ids.span_id() != ids.span_id()

    ids.set(lambda count: bytes(count - 1) + b"\x07")
    assert (ids.trace_id(), ids.span_id()) == ("00000000000000000000000000000007", "0000000000000007")

    ids.reset()
    assert ids.span_id() != ids.span_id()
