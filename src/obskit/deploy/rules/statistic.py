"""Statistics between two bounds: `TM(10%:90%)`, `PR(100:2000)`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from obskit.deploy.rules.placeholders import has_unknown
from obskit.deploy.rules.problem import Fault, short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.deploy.rules.shape import Check

_RANGE = re.compile(r"(PR|TM|TC|TS|WM)\(([^():]*):([^():]*)\)", re.IGNORECASE)
_BOUND = re.compile(r"(-?\d{1,15}(?:\.\d{1,10})?)(%?)")


def bounded(form: Check) -> Check:
    """Accept what *form* does, as far as the bounds in it are some."""

    def check(value: object, path: str) -> Iterator[Fault]:
        wrong = False
        for fault in form(value, path):
            wrong = True
            yield fault
        if not wrong and isinstance(value, str) and not has_unknown(value) and "${" not in value:
            yield from (Fault(path, "statistic-range", f'"{short(value)}": {words}') for words in faults(value))

    return check


def faults(statistic: str) -> Iterator[str]:
    """
    Yield what is wrong with the bounds of *statistic*. CloudWatch user guide, "Statistics definitions", 2026-11-24.

    >>> list(faults("TM(90%:10%)")), list(faults("TM(:90%)"))
    (['the lower bound 90% is not below the upper one, 10%'], [])
    """
    found = _RANGE.fullmatch(statistic)
    if not found:
        return
    kind, given = found[1].upper(), [bound.strip() for bound in found.groups()[1:]]
    bounds = [match for one in given if (match := _BOUND.fullmatch(one))]
    if not any(given):
        yield "has no bound; give one or both, as in TM(10%:90%), TM(:95%)"
    elif len(bounds) < sum(map(bool, given)):
        yield "a bound is a number, or a number and %, as in TM(10%:90%), PR(100:2000)"
    elif kind == "PR" and any(one[2] for one in bounds):
        yield "the bounds of PR are values of the metric, as in PR(100:2000), no percentages"
    elif far := next((one[0] for one in bounds if one[2] and not 0 <= float(one[1]) <= 100), ""):
        yield f"{far} is no percentage from 0% to 100%"
    elif len(bounds) == 2 and bounds[0][2] == bounds[1][2] and float(bounds[0][1]) >= float(bounds[1][1]):
        yield f"the lower bound {bounds[0][0]} is not below the upper one, {bounds[1][0]}"
