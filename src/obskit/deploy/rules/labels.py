"""
Dynamic labels: `${LAST}` and its like in the label of a metric.

Source: CloudWatch user guide, "Use dynamic labels", read 2026-11-24.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from obskit.deploy.rules.placeholders import has_unknown
from obskit.deploy.rules.problem import Fault, short
from obskit.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

LIVE = frozenset(
    """
    AVG DATAPOINT_COUNT FIRST FIRST_LAST_RANGE FIRST_LAST_TIME_RANGE FIRST_TIME FIRST_TIME_RELATIVE LABEL LAST
    LAST_TIME LAST_TIME_RELATIVE MAX MAX_TIME MAX_TIME_RELATIVE MIN MIN_MAX_RANGE MIN_MAX_TIME_RANGE MIN_TIME
    MIN_TIME_RELATIVE SUM
    """.split()
)
PROPERTY = re.compile(r"PROP\('(AccountId|AccountLabel|MetricName|Namespace|Period|Region|Stat|Dim\.[^']+)'\)")
MOST = 6
"""Dynamic values in one label; `${LABEL}` once. Same page."""
_VALUE = re.compile(r"\$\{([^{}]*)\}")


def check(label: object, path: str) -> Iterator[Fault]:
    if not isinstance(label, str) or "${" not in label or has_unknown(label):
        return
    found = [name.strip() for name in _VALUE.findall(label)]
    for name in found:
        if name not in LIVE and not PROPERTY.fullmatch(name):
            hint = did_you_mean(short(name), LIVE)
            words = f"'${{{short(name)}}}' is no dynamic label, it is shown as it stands.{hint}"
            yield Fault(path, "label", words, "warning")
    if len(found) > MOST:
        yield Fault(path, "label-count", f"{len(found)} dynamic values; a label has at most {MOST}")
    if found.count("LABEL") > 1:
        yield Fault(path, "label-count", "${LABEL} more than once in a label")
