"""What a replay comes to: how often each alarm fires, how soon, how restless it is, and whether it ever could."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from obskit.backtest.alarms import CompositeAlarm, about
from obskit.backtest.metric_alarms import BAD, GOOD
from obskit.backtest.states import ALARM
from obskit.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obskit.backtest.alarms import Alarm, MetricAlarm
    from obskit.backtest.metric_alarms import Timeline

WEEK = 7 * 86_400
FLAP_S = 1800
"""An alarm that comes back within half an hour has flapped: whoever looked at it has seen it go away."""

ALWAYS = 0.95
"""The part of the time in ALARM from which on it says nothing any more."""


class Figures(NamedTuple):
    """
    One alarm in numbers.

    *fired* is how often it acted in ALARM, *flaps* how often it came back soon, *in_alarm* the part of the time that it
    was in ALARM. *detected_s* is the time to detect; None if there was nothing to detect, or it was not. *verdict* is
    `never`, `always` or empty, *why* says more of it, *faults* are those of the trial on invented series.
    """

    name: str
    severity: str
    fired: int
    per_week: float
    detected_s: float | None
    flaps: int
    in_alarm: float
    verdict: str
    why: str
    faults: tuple[str, ...]
    notes: tuple[str, ...]


class Span(NamedTuple):
    """A time from *start* to *end*, in seconds since 1970."""

    start: int
    end: int


def figures(alarm: Alarm, line: Timeline, incident: Span | None = None, faults: tuple[str, ...] = ()) -> Figures:
    """Return the numbers of *alarm*; *incident* is when something went wrong, if that is known."""
    fired = [time for time, state in line.actions if state == ALARM and time > line.start] if alarm.acts else []
    spans = in_alarm(line)
    length = max(1, line.end - line.start)
    share = sum(end - start for start, end in spans) / length
    verdict = "always" if share >= ALWAYS else "never" if not spans else ""
    return Figures(
        alarm.name,
        alarm.severity,
        len(fired),
        round(len(fired) * WEEK / length, 2),
        _detected(alarm, line, incident),
        sum(later[0] - earlier[1] < FLAP_S for earlier, later in pairwise(spans)),
        round(share, 4),
        verdict,
        _why(alarm, line, verdict),
        faults,
        line.notes,
    )


def in_alarm(line: Timeline) -> list[Span]:
    """Return the times in which *line* is in ALARM."""
    ends = [change.time for change in line.transitions[1:]] + [line.end]
    return [
        Span(change.time, end)
        for change, end in zip(line.transitions, ends, strict=False)
        if change.state == ALARM and end > change.time
    ]


def _detected(alarm: Alarm, line: Timeline, incident: Span | None) -> float | None:
    """Return the seconds until it fired: from the incident's start, or from the first bad period that it then saw."""
    if incident is not None:
        after = incident.end + FLAP_S
        times = [time for time, state in line.actions if state == ALARM and incident.start < time <= after]
        return float(times[0] - incident.start) if times else None
    if isinstance(alarm, CompositeAlarm):
        return None
    waits = [
        change.time - _first_bad(alarm, line, change.time)
        for change in line.transitions
        if change.state == ALARM and change.time > line.start
    ]
    return float(median(waits)) if waits else None


def _first_bad(alarm: MetricAlarm, line: Timeline, time: int) -> int:
    """Return when the oldest period began that was bad, or without data, in the range at *time*."""
    phases = alarm.period // line.tick
    at = (time - line.first) // line.tick - 1
    oldest = at
    for place in range(at, max(-1, at - alarm.rules.fetched * phases), -phases):
        if line.flags[place] == BAD:
            oldest = place
        elif line.flags[place] == GOOD:
            break
    return line.first + (oldest + 1) * line.tick - alarm.period


def _why(alarm: Alarm, line: Timeline, verdict: str) -> str:
    if verdict == "always":
        return f"in ALARM almost all the time, since {stamp(in_alarm(line)[0].start)}"
    if verdict != "never" or isinstance(alarm, CompositeAlarm):
        return ""
    points = [value for value in line.points or () if value == value]
    if not points:
        return "there is no data for it"
    bad = sum(flag == BAD for flag in line.flags)
    if bad:
        return f"{bad} data points were {alarm.limit}, never {alarm.rules.needed} of {alarm.rules.periods}"
    if alarm.is_band:
        return "no data point left the band"
    above = alarm.comparison.startswith("Greater")
    best = max(points) if above else min(points)
    return f"the {'highest' if above else 'lowest'} data point was {best:.6g}; it fires at {alarm.limit}"


def stamp(time: int) -> str:
    """
    Return *time* to the minute.

    >>> stamp(1764547260)
    '2025-12-01 00:01'
    """
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M")


class Report(NamedTuple):
    """All that a backtest found. *incident* is what was simulated, and when."""

    span: Span
    rows: tuple[Figures, ...]
    problems: tuple[str, ...]
    incident: str = ""
    incident_span: Span | None = None


def per_week(report: Report) -> dict[str, float]:
    """Return how often alarms fire in a week, by severity."""
    found: dict[str, float] = {}
    for row in report.rows:
        found[row.severity or "without severity"] = round(
            found.get(row.severity or "without severity", 0.0) + row.per_week, 2
        )
    order = {"page": 0, "ticket": 1, "info": 2}
    return dict(sorted(found.items(), key=lambda item: (order.get(item[0], 3), item[0])))


_MANY = {"page": "pages", "ticket": "tickets", "info": "news"}


def often(report: Report) -> str:
    """Return in words how often alarms fire."""
    told = [f"{number:g} {_MANY.get(severity, visible(severity))}" for severity, number in per_week(report).items()]
    return f"{', '.join(told)} a week" if told else "no alarm"


_COLUMNS = ("ALARM", "SEVERITY", "FIRED", "A WEEK", "DETECTED", "FLAPS", "IN ALARM", "")


def text(report: Report) -> str:
    """Return the report to be read: a table, and what there is to say of single alarms."""
    rows = [_COLUMNS, *(_cells(row) for row in report.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    lines = [_headline(report), ""]
    for row in rows:
        cells = [
            cell.ljust(width) if column in (0, 1, 7) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    told = [visible(f"{row.name}: {words}") for row in report.rows for words in _words(row)]
    return "\n".join([*lines, *([""] if told else []), *told]) + "\n"


def _headline(report: Report) -> str:
    length = report.span.end - report.span.start
    long = about(length) if length < 2 * 86_400 else f"{length / 86_400:.3g} days"
    told = f"{long} from {stamp(report.span.start)} to {stamp(report.span.end)} UTC: {often(report)}"
    if report.incident and report.incident_span:
        told += f"\n{report.incident}, from {stamp(report.incident_span.start)}"
    return told


def _cells(row: Figures) -> tuple[str, ...]:
    detected = "-" if row.detected_s is None else about(row.detected_s)
    share = f"{100 * row.in_alarm:.1f} %"
    return (
        visible(row.name),
        visible(row.severity or "-"),
        str(row.fired),
        f"{row.per_week:g}",
        detected,
        str(row.flaps),
        share,
        row.verdict,
    )


def _words(row: Figures) -> list[str]:
    why = [f"{row.verdict} fired: {row.why}" if row.verdict == "never" else row.why] if row.why else []
    return [*why, *row.faults, *(f"note: {note}" for note in row.notes)]


def as_json(report: Report, lines: Mapping[str, Timeline]) -> dict[str, Any]:
    """Return the report for programs: what `text` has, and each transition."""
    return {
        "from": iso(report.span.start),
        "to": iso(report.span.end),
        "incident": {
            "says": report.incident,
            "from": iso(report.incident_span.start),
            "to": iso(report.incident_span.end),
        }
        if report.incident_span
        else None,
        "per_week": per_week(report),
        "alarms": [
            {
                **row._asdict(),
                "faults": list(row.faults),
                "notes": list(row.notes),
                "transitions": [
                    {"time": iso(change.time), "state": change.state, "reason": change.reason}
                    for change in lines[row.name].transitions
                ],
            }
            for row in report.rows
        ],
        "problems": list(report.problems),
    }


def iso(time: int) -> str:
    """
    Return *time* as RFC 3339.

    >>> iso(1764547260)
    '2025-12-01T00:01:00Z'
    """
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
