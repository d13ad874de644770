"""What SES says of the mails that were sent: counts, and the rates that it suspends an account by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from obskit import kpis
from obskit.probes import aws
from obskit.probes.model import Check, ProbeError, measured, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from obskit.probes.model import Deadline, Measured
    from obskit.probes.settings import Settings

NAME = "ses"

BUCKET = timedelta(minutes=15)
"""SES counts in pieces of a quarter of an hour. API reference, `GetSendStatistics`, read 2026-11-24."""
LATE = timedelta(minutes=15)
"""How long after its end a piece is taken to be complete; SES gives no figure."""
DAY = timedelta(days=1)

_COUNTS = ("DeliveryAttempts", "Bounces", "Complaints", "Rejects")

_counted_until: dict[str, datetime] = {}
"""By region: up to when pieces were recorded by this process, so that none is recorded twice."""


def checks(settings: Settings) -> list[Check]:
    table = settings.table(NAME)
    region, counts = table.text("region", ""), table.text("counts", "yes") == "yes"
    since = timedelta(seconds=settings.every or BUCKET.total_seconds())

    def measure(_deadline: Deadline) -> Measured:
        client = aws.client("ses", region)
        try:
            points = client.get_send_statistics().get("SendDataPoints", [])
            quota = client.get_send_quota()
        except Exception as error:  # noqa: BLE001  botocore makes its types at run time
            raise aws.failure(error) from None
        now = datetime.now(UTC)
        found = of(points, quota, now, _counted_until.get(region, now - since), counts=counts)
        _counted_until[region] = now
        return found

    return [Check(NAME, "", table.timeout(), measure)]


def of(points: Sequence[Any], quota: Any, now: datetime, since: datetime, *, counts: bool) -> Measured:
    """
    Return what the *points* of SES's statistics say at *now*; those complete after *since* are counted.

    Rates are of the last 24 hours, in percent; without a mail there is no rate.

    Raises:
        ProbeError: the answer is not what SES documents.
    """
    try:
        pieces = [(point["Timestamp"], [float(point.get(key, 0)) for key in _COUNTS]) for point in points]
        attempts, bounces, complaints, _ = _sum(piece for when, piece in pieces if when > now - DAY)
        fresh = _sum(piece for when, piece in pieces if since < when + BUCKET + LATE <= now)
        limit, used = number(quota["Max24HourSend"]), number(quota["SentLast24Hours"])
    except (KeyError, TypeError, ValueError):
        raise ProbeError("no-answer", "the statistics are not as SES documents them") from None
    return measured(
        (kpis.EMAIL_BOUNCE_RATE, 100 * bounces / attempts if attempts else None),
        (kpis.EMAIL_COMPLAINT_RATE, 100 * complaints / attempts if attempts else None),
        (kpis.EMAIL_QUOTA_USED, None if used is None or limit is None or limit <= 0 else 100 * used / limit),
        *(((kpis.EMAIL_SENT, fresh[0]), (kpis.EMAIL_FAILED, fresh[3])) if counts else ()),
    )


def _sum(pieces: Any) -> list[float]:
    return [sum(column) for column in zip([0.0] * len(_COUNTS), *pieces, strict=True)]


def forget() -> None:
    """Forget what was counted."""
    _counted_until.clear()
