"""How many events wait in the outbox, and how long the oldest has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit import kpis
from obskit.probes import sql
from obskit.probes.model import Check, measured

if TYPE_CHECKING:
    from obskit.probes.model import Deadline, Measured
    from obskit.probes.settings import Settings

NAME = "outbox"


def checks(settings: Settings) -> list[Check]:
    table = settings.table(NAME)
    database, query = settings.database(), table.text("sql")

    def measure(deadline: Deadline) -> Measured:
        count, age = sql.backlog(database, query, deadline)
        return measured((kpis.OUTBOX_BACKLOG, count), (kpis.OUTBOX_AGE, age))

    return [Check(NAME, "", table.timeout(), measure)]
