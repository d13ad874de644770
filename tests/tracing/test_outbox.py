"""The outbox: written with the order, read by the relay, published with a link; on a real PostgreSQL."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pg8000.exceptions import DatabaseError

import obskit
from obskit.testing import LambdaContext, events
from obskit.tracing import TraceContext, outbox
from tests.helpers import SPAN_ID, TRACE_ID, TRACEPARENT, XRAY_HEADER, XRAY_ROOT, XRAY_TRACE_ID

WRITER = TraceContext(TRACE_ID, SPAN_ID, sampled=True)
ROOT = f"1-{TRACE_ID[:8]}-{TRACE_ID[8:]}"


def insert(database, table, row):
    columns = ", ".join(row)
    database.run(f"INSERT INTO {table} ({columns}) VALUES ({', '.join(':' + name for name in row)})", **row)


def rows(database, table):
    found = database.run(f"SELECT * FROM {table} ORDER BY id")
    return [dict(zip([column["name"] for column in database.columns], row, strict=True)) for row in found]


def new_row(table, **detail):
    row = {"detail": json.dumps(detail)}
    return {**row, "trace_context": None} if table == "outbox_json" else row


def checkout(database, table, total=10):
    """Return a handler that writes an order and its outbox row in one transaction."""

    @obskit.instrument
    def checkout(event, context):
        order = event["arguments"]["id"]
        database.run("BEGIN")
        try:
            insert(database, table, obskit.inject(new_row(table, orderId=order), kind="outbox"))
            database.run("INSERT INTO orders VALUES (:id, :total)", id=order, total=total)
            database.run("COMMIT")
        except DatabaseError:
            database.run("ROLLBACK")

    return checkout


def place(handler, order, correlation):
    headers = {"traceparent": TRACEPARENT, "tracestate": "rojo=1", "x-correlation-id": correlation}
    handler(events.appsync_event({"id": order}, headers=headers), LambdaContext())


@pytest.fixture
def _outside_lambda(obskit_spans, monkeypatch):
    """After the fixture of spans, which says that Lambda records."""
    monkeypatch.delenv("_X_AMZN_TRACE_ID")


@pytest.mark.usefixtures("_outside_lambda")
@pytest.mark.parametrize("table", ["outbox", "outbox_json"])
def test_from_the_order_through_the_relay_to_the_consumer(  # noqa: PLR0913, PLR0917  fixtures
    database, relay_database, obskit_spans, obskit_logs, monkeypatch, table
):
    handler = checkout(database, table)
    place(handler, "ord_1", "cart-1")
    place(handler, "ord_2", "cart-2")
    published = []

    @obskit.instrument
    def relay(event, context):
        for row in rows(relay_database, table):
            with outbox.relay(row):
                entry = {"Source": "shop", "DetailType": "OrderPlaced", "Detail": json.dumps(row["detail"])}
                published.append(obskit.inject(entry, kind="eventbridge"))

    monkeypatch.setenv("_X_AMZN_TRACE_ID", XRAY_HEADER)
    relay({}, LambdaContext())

    spans = obskit_spans.where("outbox publish")
    for span, row in zip(spans, rows(relay_database, table), strict=True):
        trace, _ = outbox.read(row)
        assert trace == TraceContext(TRACE_ID, trace.span_id, sampled=True, tracestate="rojo=1")
        assert span.document["annotations"] == {"linked_trace_ids": ROOT}
        assert span.document["metadata"] == {"obskit": {"links": [{"trace_id": ROOT, "span_id": trace.span_id}]}}
    details = [json.loads(entry["Detail"]) for entry in published]
    assert details == [
        {
            "orderId": f"ord_{number}",
            "traceparent": f"00-{XRAY_TRACE_ID}-{span.span_id}-01",
            "x-correlation-id": f"cart-{number}",
        }
        for number, span in enumerate(spans, 1)
    ]

    @obskit.instrument
    def index(event, context):
        obskit.logger.info("indexed")

    monkeypatch.delenv("_X_AMZN_TRACE_ID")
    index(events.eventbridge_in_sqs_event(details[1]), LambdaContext())

    line = obskit_logs.only(message="indexed")
    assert (line["correlation_id"], line["caller_trace_id"]) == ("cart-2", XRAY_TRACE_ID)
    assert line["xray_trace_id"] not in (XRAY_ROOT, ROOT)


@pytest.mark.usefixtures("_outside_lambda")
@pytest.mark.parametrize("table", ["outbox", "outbox_json"])
def test_an_order_that_is_rolled_back_leaves_no_row(database, relay_database, table):
    place(checkout(database, table, total=0), "ord_1", "cart-1")

    assert rows(relay_database, table) == []


@pytest.mark.parametrize("table", ["outbox", "outbox_json"])
def test_a_row_written_outside_an_invocation_has_nulls_and_no_link(database, obskit_spans, table):
    insert(database, table, obskit.inject(new_row(table, orderId="ord_1"), kind="outbox"))

    (row,) = rows(database, table)
    assert [row[name] for name in row if name not in ("id", "detail")] == [None] * (3 if table == "outbox" else 1)
    assert outbox.read(row) == (None, "")

    @obskit.instrument
    def relay(event, context):
        with outbox.relay(row, "publish", attempt=1):
            return obskit.inject({})

    injected = relay({}, LambdaContext())

    span = obskit_spans.only("publish")
    assert span.attributes == {"attempt": 1}
    assert injected["x-correlation-id"] == obskit_spans[0].document["trace_id"].replace("-", "")[1:]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"traceparent": TRACEPARENT, "correlation_id": "c-1"}, (WRITER, "c-1")),
        ({"TRACEPARENT": TRACEPARENT, "CORRELATION_ID": None}, (WRITER, TRACE_ID)),
        ({"traceparent": None, "tracestate": None, "correlation_id": "c-1"}, (None, "c-1")),
        ({"trace_context": {"traceparent": TRACEPARENT, "x-correlation-id": "c-1"}}, (WRITER, "c-1")),
        ({"trace_context": json.dumps({"traceparent": TRACEPARENT})}, (WRITER, TRACE_ID)),
        ({"trace_context": json.dumps({"traceparent": TRACEPARENT}).encode()}, (WRITER, TRACE_ID)),
        ({"traceparent": TRACEPARENT, "correlation_id": "ann@example.com"}, (WRITER, TRACE_ID)),
        ({"trace_context": "no json"}, (None, "")),
        ({"trace_context": [1]}, (None, "")),
        ({}, (None, "")),
        (None, (None, "")),
        ([TRACEPARENT], (None, "")),
    ],
)
def test_a_row_is_read_in_every_form_that_drivers_give_it(row, found):
    assert outbox.read(row) == found


@pytest.mark.parametrize(("row", "correlation"), [({}, ""), ({"traceparent": TRACEPARENT}, TRACE_ID)])
def test_a_correlation_id_that_is_personal_data_does_not_go_on(row, correlation):
    with outbox.relay({**row, "correlation_id": "4242424242424242"}) as span:
        assert span.correlation_id == correlation


@given(
    st.dictionaries(
        st.sampled_from(["traceparent", "trace_context", "correlation_id"]) | st.integers(),
        st.none() | st.text() | st.binary() | st.lists(st.integers()),
    )
)
def test_a_row_of_nonsense_names_no_trace(row):
    assert outbox.read(row)[0] is None


def test_lines_of_the_relay_have_the_correlation_id_of_the_row_they_are_about(obskit_logs):
    rows = [{"correlation_id": "cart-1"}, {"traceparent": TRACEPARENT}, {}]

    @obskit.instrument
    def relay(event, context):
        obskit.logger.info("begun")
        for row in rows:
            with outbox.relay(row):
                obskit.logger.info("publishing")
                with obskit.span("put"):
                    obskit.logger.info("put")
        obskit.logger.info("done")

    relay({}, LambdaContext())

    own = obskit_logs.only(message="begun")["correlation_id"]
    assert [(line["message"], line["correlation_id"]) for line in obskit_logs] == [
        ("begun", own),
        ("publishing", "cart-1"),
        ("put", "cart-1"),
        ("publishing", TRACE_ID),
        ("put", TRACE_ID),
        ("publishing", own),
        ("put", own),
        ("done", own),
    ]
    first, second = obskit_logs[0], obskit_logs[1]
    assert second.keys() == first.keys()


def test_outside_an_invocation_too(obskit_logs):
    with outbox.relay({"correlation_id": "cart-1"}):
        obskit.logger.info("publishing")

    assert obskit_logs.only(message="publishing")["correlation_id"] == "cart-1"
