"""How far the newest document of a search index lies behind the newest row of the table that it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from obskit import kpis
from obskit.probes import sql, typesense_http
from obskit.probes.model import Check, ProbeError, measured, number

if TYPE_CHECKING:
    from obskit.probes.model import Deadline, Measured
    from obskit.probes.settings import Settings, Table

NAME = "staleness"


def checks(settings: Settings) -> list[Check]:
    table = settings.table(NAME)
    return [_check(settings, index, one, table.timeout()) for index, one in table.tables("indexes")]


def _check(settings: Settings, index: str, table: Table, timeout: float) -> Check:
    database, server = settings.database(), settings.table("typesense")
    url, secret, ca = server.first_node(), server.text("secret"), server.text("ca", "")
    query, collection, field = table.text("sql"), table.text("collection"), table.text("field")
    per_second = 1000.0 if table.text("unit", "s") == "ms" else 1.0

    def measure(deadline: Deadline) -> Measured:
        (row,) = sql.ask(database, query, 1, deadline)
        if row is None:  # no rows: there is nothing to be behind
            return measured((kpis.INDEX_STALENESS, 0.0), index=index)
        words = {"q": "*", "sort_by": f"{field}:desc", "include_fields": field, "per_page": 1}
        path = f"/collections/{quote(collection, safe='')}/documents/search?{urlencode(words)}"
        document = newest(typesense_http.get(url, path, secret, ca, deadline), field)
        # The row was read first: one that is indexed in between makes the index look fresh, never stale.
        return measured((kpis.INDEX_STALENESS, max(0.0, row - document / per_second)), index=index)

    return Check(NAME, index, timeout, measure)


def newest(answer: dict[str, object], field: str) -> float:
    """
    Return *field* of the only hit in the *answer* of a search.

    >>> newest({"hits": [{"document": {"updated_at": 1700000000}}]}, "updated_at")
    1700000000.0

    Raises:
        ProbeError: there is no hit, which has no age, or the field is no number.
    """
    hits = answer.get("hits")
    if hits == []:
        raise ProbeError("no-answer", "the collection is empty and the table is not")
    document = hits[0].get("document") if isinstance(hits, list) and isinstance(hits[0], dict) else None
    found = number(document.get(field)) if isinstance(document, dict) else None
    if found is None:
        raise ProbeError("no-answer", "the newest document has no such field, or no number in it")
    return found
