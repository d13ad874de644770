"""
An anomaly band, approximated.

CloudWatch's own model knows hours, days and trends, and is not public. This one is the mean of the last two weeks and
its standard deviation: enough to see whether an alarm on it can fire, not when it would have.
"""

from __future__ import annotations

import math
from array import array
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Points = array[float]

LEARNS_S = 14 * 86_400
"""CloudWatch trains on up to two weeks. User guide, "Using CloudWatch anomaly detection", read 2026-11-24."""

LEAST = 10
"""Data points before there is a band. Ours."""

NOTE = (
    "the anomaly band is approximated by mean and standard deviation of the two weeks before; CloudWatch's knows hours"
    " and weekdays"
)


def around(points: Points, phases: int, step: int, width: float) -> tuple[Points, Points]:
    """Return the lower and the upper limit at each of *points*; NaN while too little is known."""
    there = list(accumulate((value == value for value in points), initial=0))
    sums = list(accumulate((0.0 if value != value else value for value in points), initial=0.0))
    squares = list(accumulate((0.0 if value != value else value * value for value in points), initial=0.0))
    lower, upper = array("d"), array("d")
    for at in range(len(points)):
        known = max(0, at - phases + 1)  # what this point covers is no past
        since = max(0, known - LEARNS_S // step)
        count = there[known] - there[since]
        if count < LEAST:
            lower.append(math.nan)
            upper.append(math.nan)
            continue
        mean = (sums[known] - sums[since]) / count
        spread = width * math.sqrt(max(0.0, (squares[known] - squares[since]) / count - mean * mean))
        lower.append(mean - spread)
        upper.append(mean + spread)
    return lower, upper
