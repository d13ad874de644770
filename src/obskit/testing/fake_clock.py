"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from obskit import clock

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class FakeClock:
    """
    The time of lines, metrics and spans, as long as it is installed.

    >>> clock = FakeClock()
    >>> clock.advance(0.25)
    >>> clock.now.isoformat()
    '2026-01-02T03:04:05.250000+00:00'
    """

    def __init__(self, start: datetime = START) -> None:
        self._time_ns = _nanoseconds(start)
        self._monotonic_ns = 0

    def advance(self, seconds: float | timedelta) -> None:
        """
        Let time pass, for what is measured too.

        Raises:
            ValueError: *seconds* is negative; `set` puts the wall clock back.
        """
        passed = seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds)
        nanoseconds = passed // timedelta(microseconds=1) * 1000
        if nanoseconds < 0:
            raise ValueError(f"time does not go back by advance({seconds}); clock.set(…) puts the wall clock back")
        self._time_ns += nanoseconds
        self._monotonic_ns += nanoseconds

    def set(self, moment: datetime | str) -> None:
        """
        Put the wall clock to *moment*, backwards too; no time passes for what is measured.

        Raises:
            ValueError: *moment* has no time zone, or is not ISO 8601.
        """
        parsed = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        if parsed.tzinfo is None:
            raise ValueError(f"{moment} has no time zone; write 2026-01-02T03:04:05Z or datetime(…, tzinfo=UTC)")
        self._time_ns = _nanoseconds(parsed)

    @property
    def now(self) -> datetime:
        """The wall clock."""
        return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=self._time_ns // 1000)

    @property
    def timestamp(self) -> str:
        """The wall clock as log lines show it."""
        return self.now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{self.now.microsecond // 1000:03d}Z"

    def install(self) -> None:
        """Make it the clock of obskit, until `obskit.clock.reset`."""
        clock.set(time_ns=lambda: self._time_ns, monotonic_ns=lambda: self._monotonic_ns)


def _nanoseconds(moment: datetime) -> int:
    return (moment - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1) * 1000
