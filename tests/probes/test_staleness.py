"""The newest row of a real PostgreSQL beside the newest document of a real Typesense."""

from __future__ import annotations

import pytest

from obskit import kpis
from obskit.probes import run
from obskit.probes.settings import Settings
from tests.probes.servers import Listener

QUERY = "SELECT extract(epoch FROM max(updated_at)) FROM listings"
NEWEST = 1_700_000_000


@pytest.fixture
def listings(postgresql):
    postgresql.run(
        "DROP TABLE IF EXISTS listings",
        "CREATE TABLE listings (updated_at timestamptz)",
        f"INSERT INTO listings VALUES (to_timestamp({NEWEST})), (to_timestamp({NEWEST} - 100))",
    )
    yield
    postgresql.run("DROP TABLE listings")


@pytest.fixture
def collection(typesense):
    fields = [{"name": "title", "type": "string"}, {"name": "updated_at", "type": "int64"}]
    typesense.call("/collections", {"name": "listings", "fields": fields})
    yield lambda updated_at: typesense.call("/collections/listings/documents", {"title": "x", "updated_at": updated_at})
    typesense.call("/collections/listings", method="DELETE")


@pytest.fixture
def ask(database, typesense, search_key):
    def act(**more):
        index = {"sql": QUERY, "collection": "listings", "field": "updated_at", **more}
        server = {"secret": search_key, "nodes": {"n1": typesense.url}}
        plain = {"database": database._asdict(), "staleness": {"indexes": {"listings": index}}, "typesense": server}
        (found,) = run.run(run.checks(Settings(plain), ["staleness"]))
        failure = found.failure and (found.failure.reason, found.failure.detail)
        return list(found.measured.measurements), failure

    return act


def stale(seconds):
    return [(kpis.INDEX_STALENESS, seconds, {"index": "listings"})], None


def test_the_newest_document_lies_behind_the_newest_row(ask, listings, collection):
    collection(NEWEST - 500)
    collection(NEWEST - 42)

    assert stale(42.0) == ask()


def test_a_field_may_count_milliseconds(ask, listings, collection):
    collection((NEWEST - 42) * 1000 + 500)

    assert stale(41.5) == ask(unit="ms")


def test_a_document_newer_than_the_newest_row_is_not_stale(ask, listings, collection):
    """A row was deleted, or one clock is ahead of the other."""
    collection(NEWEST + 60)

    assert stale(0.0) == ask()


def test_an_empty_table_has_nothing_to_lie_behind(ask, listings, collection, postgresql):
    postgresql.run("DELETE FROM listings")

    assert stale(0.0) == ask()


def test_an_empty_collection_of_a_table_that_is_not_has_no_age(ask, listings, collection):
    assert ([], ("no-answer", "the collection is empty and the table is not")) == ask()


def test_a_collection_that_is_missing(ask, listings):
    assert ([], ("missing", "HTTP 404")) == ask()


def test_a_field_that_is_missing(ask, listings, collection):
    collection(NEWEST)

    assert ([], ("missing", "HTTP 404")) == ask(field="changed_at")


def test_a_name_is_never_a_path(database, search_key):
    """`../` would ask another resource, with the key."""
    asked = []

    def speak(connection, _over):
        asked.append(connection.recv(65536).split(b"\r\n")[0].decode())

    index = {"sql": "SELECT 1", "collection": "../keys?x=", "field": "updated_at"}
    with Listener(speak) as server:
        nodes = {"n1": f"http://127.0.0.1:{server.port}/base/"}
        plain = {
            "database": database._asdict(),
            "staleness": {"indexes": {"listings": index}},
            "typesense": {"secret": search_key, "nodes": nodes},
        }
        run.run(run.checks(Settings(plain), ["staleness"]))

    words = "q=%2A&sort_by=updated_at%3Adesc&include_fields=updated_at&per_page=1"
    assert [f"GET /base/collections/..%2Fkeys%3Fx%3D/documents/search?{words} HTTP/1.1"] == asked
