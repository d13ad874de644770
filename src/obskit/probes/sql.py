"""One question to Aurora PostgreSQL, by the driver or by the RDS Data API: one row of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit.probes import data_api, driver
from obskit.probes.model import ProbeError, number

if TYPE_CHECKING:
    from obskit.probes.model import Deadline
    from obskit.probes.settings import Database


def ask(database: Database, sql: str, columns: int, deadline: Deadline) -> tuple[float | None, ...]:
    """
    Return the only row of *sql*, *columns* numbers or None for NULL.

    Raises:
        ProbeError: there is no such row.
        MissingExtraError: the driver or boto3 is not installed.
    """
    way = data_api if database.via == "data-api" else driver
    # As a subquery it is one statement, and two rows are enough to see that there is more than one.
    rows = way.rows(database, f"SELECT * FROM ({sql.strip().rstrip(';')}\n) AS asked LIMIT 2", deadline)  # noqa: S608
    if len(rows) != 1 or len(rows[0]) != columns:
        shape = f"{len(rows)} rows of {len(rows[0]) if rows else 0}"
        raise ProbeError("no-answer", f"the SQL must give one row of {columns}, not {shape}")
    found = tuple(number(value) for value in rows[0])
    if any(value is not None and one is None for value, one in zip(rows[0], found, strict=True)):
        raise ProbeError("no-answer", "the SQL must give numbers: ages in seconds, moments as extract(epoch FROM ...)")
    return found


def backlog(database: Database, sql: str, deadline: Deadline) -> tuple[float, float | None]:
    """
    Return how many wait and the seconds the oldest has waited: 0 when nobody waits, None when it has no time.

    A clock ahead of the database's gives rows from the future; nobody waits less than not at all.
    """
    count, age = ask(database, sql, 2, deadline)
    if count is None or count < 0:
        raise ProbeError("no-answer", "the SQL gives no count")
    if count == 0:
        return 0.0, 0.0
    return count, None if age is None else max(0.0, age)


def milliseconds(deadline: Deadline) -> int:
    """
    Return how long the server may work on a statement: less than we wait, so that it is the one that gives up.

    A client that goes away does not stop a query.
    """
    return max(1, int(deadline.left() * 800))
