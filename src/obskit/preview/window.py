"""The stretch of time that a dashboard shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

DEFAULT_S = 3 * 3600
"""What CloudWatch shows of a body without `start`."""

LONGEST_S = 455 * 86_400
"""How long CloudWatch keeps what it measured: user guide, "Metrics retention", 2026-11-24. More is not drawn."""

_RELATIVE = re.compile(r"-P(?:T(\d+)([MH])|(\d+)([DWM]))")
_SECONDS = {"TM": 60, "TH": 3600, "D": 86_400, "W": 7 * 86_400, "M": 30 * 86_400}


@dataclass(frozen=True, slots=True)
class Window:
    """From *start* to before *end*, in seconds since 1970."""

    start: int
    end: int

    def times(self, period: int) -> range:
        """Return the starts of the periods of *period* seconds."""
        return range(self.start - self.start % period, self.end, period)


def of(properties: dict[str, Any], end: int) -> Window:
    """
    Return the window of a body, or of a widget with times of its own; a relative one ends at *end*.

    >>> of({"start": "-PT8H"}, 36_000)
    Window(start=7200, end=36000)
    >>> of({"start": "-P99999999W"}, 40_000_000) == of({"start": "0001-01-01T00:00:00Z"}, 40_000_000)
    True
    """
    start, stop = properties.get("start"), properties.get("end")
    relative = _RELATIVE.fullmatch(start) if isinstance(start, str) else None
    if relative:
        minutes, short, days, long = relative.groups()
        seconds = int(minutes) * _SECONDS["T" + short] if minutes else int(days) * _SECONDS[long]
        return Window(end - min(max(seconds, 60), LONGEST_S), end)
    first, last = moment(start), moment(stop)
    if first is None:
        return Window(end - DEFAULT_S, end)
    stop_at = last if last is not None and last > first else max(end, first + 60)
    return Window(max(first, stop_at - LONGEST_S), stop_at)


def moment(text: object) -> int | None:
    """Return an ISO 8601 time as seconds since 1970; None if *text* is none."""
    try:
        when = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
