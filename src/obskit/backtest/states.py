"""
What one evaluation of a metric alarm decides: M of N, missing data, and the premature transition.

CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data" and "Avoiding premature transitions to
alarm state", read 2026-11-24. docs/backtest.md has what these pages leave open, and what is assumed here.
"""

from __future__ import annotations

from typing import NamedTuple

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"
STATES = (OK, ALARM, INSUFFICIENT)

MISSING, IGNORE, BREACHING, NOT_BREACHING = POLICIES = "missing", "ignore", "breaching", "notBreaching"

EXTRA = 2
"""
Data points that are fetched beside the N that are evaluated. The guide fetches 5 for N = 3 and does not say how many in
general; AWS's agent toolkit says that a 1-day, N = 1 alarm looks back about three days, which is the same number.
"""


class Rules(NamedTuple):
    """M of N, and what a missing data point counts as."""

    needed: int
    periods: int
    missing: str = MISSING

    @property
    def fetched(self) -> int:
        """Data points of the evaluation range."""
        return self.periods + EXTRA


def decide(rules: Rules, present: int, breaching: int) -> str | None:
    """
    Return the state that these data points mean, or None where the alarm stays as it is.

    Args:
        rules: of the alarm.
        present: a bit for each data point of the evaluation range that is there, the newest one lowest.
        breaching: a bit for each that is beyond the threshold, a part of *present*.

    >>> decide(Rules(3, 3, BREACHING), 0b10000, 0b00000)
    'OK'
    """
    if present.bit_count() >= rules.periods:
        return _threshold(rules, (breaching & _newest(present, rules.periods)).bit_count())
    bad = breaching.bit_count()
    filled = rules.periods - present.bit_count()
    if rules.missing == BREACHING:
        return _threshold(rules, bad + filled)
    if rules.missing == NOT_BREACHING or bad >= rules.needed:
        return _threshold(rules, bad)
    return _unfilled(rules, present, breaching)


def _unfilled(rules: Rules, present: int, breaching: int) -> str | None:
    """Return the state of fewer than N points where missing ones stand for nothing."""
    if not present:
        return INSUFFICIENT if rules.missing == MISSING else None
    if present != breaching:
        return OK
    # All that is there breaches. The oldest is `present.bit_length()` periods old, this one counted.
    if present.bit_length() >= rules.needed and rules.missing == MISSING:
        return ALARM
    return None


def _threshold(rules: Rules, breaching: int) -> str:
    return ALARM if breaching >= rules.needed else OK


def _newest(present: int, count: int) -> int:
    """Return the bits of the *count* newest points of *present*."""
    found = 0
    for _ in range(count):
        lowest = present & -present
        found |= lowest
        present ^= lowest
    return found
