"""A composite alarm whose actions another one suppresses: the six examples of CloudWatch's guide, and two laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obskit.backtest.suppression import actions

# CloudWatch user guide, "Suppressing composite alarm actions", read 2026-11-24: WaitPeriod is 2, ExtensionPeriod 3.
# Changes of the composite alarm, of its suppressor, what the former does and when.
GUIDE = [
    ("1", [(2, "ALARM")], [], [(4, "ALARM")]),
    ("2", [(2, "ALARM")], [(3, "ALARM")], []),
    ("3", [(2, "ALARM"), (3, "OK")], [], [(5, "OK")]),
    ("4", [(2, "ALARM")], [(1, "ALARM")], []),
    ("5", [(2, "ALARM")], [(3, "ALARM"), (6, "OK")], [(9, "ALARM")]),
    ("6", [(2, "ALARM"), (7, "OK")], [(3, "ALARM"), (6, "OK")], [(9, "OK")]),
]


@pytest.mark.parametrize(("example", "changes", "suppressor", "expected"), GUIDE)
def test_the_examples_of_the_guide(example, changes, suppressor, expected):
    assert expected == actions(changes, suppressor, 2, 3, 20)


def test_an_extension_in_which_nothing_is_held_back_does_nothing():
    assert [(2, "ALARM")] == actions([(2, "ALARM")], [(5, "ALARM"), (8, "OK")], 0, 3, 20)


def test_what_is_due_after_the_end_is_not_known():
    assert [] == actions([(2, "ALARM")], [], 2, 3, 3)


changes_of = st.lists(st.integers(0, 50), unique=True, max_size=8).map(
    lambda times: [(time, ("ALARM", "OK")[number % 2]) for number, time in enumerate(sorted(times))]
)


@given(changes_of)
def test_without_waiting_and_suppressor_each_change_acts(changes):
    assert changes == actions(changes, [], 0, 0, 50)


@given(changes_of, changes_of, st.integers(0, 9), st.integers(0, 9))
def test_it_never_acts_more_often_than_it_changes_nor_while_suppressed(changes, suppressor, wait, extension):
    acted = actions(changes, suppressor, wait, extension, 100)

    assert len(acted) <= len(changes)
    for time, state in acted:  # at the second of a change it may be before or after it
        assert state in (at(changes, time), at(changes, time - 1))
        assert "ALARM" not in (at(suppressor, time), at(suppressor, time - 1)) or "OK" in (
            at(suppressor, time),
            at(suppressor, time - 1),
        )


def at(changes, time):
    return ["OK", *(state for when, state in changes if when <= time)][-1]
