"""Metrics: whole EMF documents, the rules of the catalog, and what is refused."""

import decimal
import json

import pytest
from dirty_equals import IsFloat, IsInt

import obskit
from obskit import catalog, context, kpis, metrics, output
from obskit.catalog import model
from obskit.errors import CatalogError
from obskit.masking import audit, mask
from obskit.testing import capture


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("OBSKIT_SERVICE", "web")
    monkeypatch.setenv("OBSKIT_ENV", "test")
    monkeypatch.setenv("OBSKIT_METRICS_NAMESPACE", "Shop")


@pytest.fixture(autouse=True)
def own_catalog(monkeypatch):
    monkeypatch.setattr(model, "_DECLARED", dict(model._DECLARED))


@pytest.fixture
def invocation():
    running = context.Invocation(request_id="r-1", xray_trace_id="1-2-3", correlation_id="c")
    context.enter(running)
    yield running
    context.leave()


def test_recordings_outside_an_invocation_are_written_together():
    with capture() as captured:
        obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation="checkout")
        obskit.record(kpis.CHECKOUT_SUCCESS, 0, operation="checkout")

    assert captured.documents == [
        {
            "_aws": {
                "Timestamp": IsInt(gt=1_700_000_000_000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": "Shop",
                        "Dimensions": [["service", "env"], ["service", "env", "operation"]],
                        "Metrics": [{"Name": "CheckoutSuccess", "Unit": "Count"}],
                    }
                ],
            },
            "service": "checkout",
            "env": "test",
            "operation": "checkout",
            "CheckoutSuccess": [1, 0],
        }
    ]


@pytest.mark.usefixtures("invocation")
def test_recordings_of_an_invocation_are_folded_by_their_dimensions():
    ids = {"function_request_id": "r-1", "correlation_id": "c"}
    with capture() as captured:
        obskit.record(kpis.SEARCH_LATENCY, 12.5, index="listings")
        obskit.record(kpis.SEARCH_LATENCY, 7, index="listings")
        obskit.record(kpis.SEARCH_REQUESTS, 2, index="listings")
        obskit.record(kpis.OUTBOX_AGE, 3)
        assert captured.documents == []
        metrics.flush()

    assert captured.documents == [
        {
            "_aws": {
                "Timestamp": IsInt(),
                "CloudWatchMetrics": [
                    {
                        "Namespace": "Shop",
                        "Dimensions": [["service", "env"], ["service", "env", "index"]],
                        "Metrics": [
                            {"Name": "SearchLatency", "Unit": "Milliseconds"},
                            {"Name": "SearchRequests", "Unit": "Count"},
                        ],
                    }
                ],
            },
            "service": "search",
            "env": "test",
            "index": "listings",
            "SearchLatency": [12.5, 7],
            "SearchRequests": 2,
            **ids,
        },
        {
            "_aws": {
                "Timestamp": IsInt(),
                "CloudWatchMetrics": [
                    {
                        "Namespace": "Shop",
                        "Dimensions": [["service", "env"]],
                        "Metrics": [{"Name": "OutboxAge", "Unit": "Seconds"}],
                    }
                ],
            },
            "service": "outbox",
            "env": "test",
            "OutboxAge": 3,
            **ids,
        },
    ]


@pytest.mark.parametrize(("value", "written"), [(True, 1.0), (decimal.Decimal("2.5"), 2.5), (0, 0)])
def test_any_number_is_a_value(value, written):
    with capture() as captured:
        obskit.record(kpis.OUTBOX_AGE, value)

    assert repr(captured.metrics[0]["OutboxAge"]) == repr(written)


def test_a_flush_takes_what_it_writes():
    with capture() as captured:
        obskit.record(kpis.OUTBOX_AGE, 3)
        metrics.flush()

    assert len(captured.documents) == 1


def test_an_undeclared_dimension_is_a_type_error_at_the_call():
    with pytest.raises(
        TypeError, match=r"metric 'SearchLatency' declares index; it has no 'indx'. Did you mean 'index'"
    ):
        obskit.record(kpis.SEARCH_LATENCY, 1, indx="listings")


def test_a_name_instead_of_a_metric_is_a_type_error():
    with pytest.raises(TypeError, match=r"takes a declared Metric, such as obskit.kpis.CHECKOUT_SUCCESS, not str"):
        obskit.record("CheckoutSuccess", 1)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 2.0**361, "1", None, 10**400])
def test_what_cloudwatch_refuses_is_counted_and_told_and_the_rest_survives(value):
    with capture() as captured:
        obskit.record(kpis.OUTBOX_AGE, value)
        obskit.record(kpis.OUTBOX_AGE, 2)

        assert output.faults() == {"metric OutboxAge": 1}

    assert [line["obskit_fault"] for line in captured.logs] == ["metric OutboxAge"]
    assert [document["OutboxAge"] for document in captured.metrics] == [2]


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("ann@example.com", "[EMAIL]"),
        ("", "none"),
        ("  ", "none"),
        ("grün", "gr?n"),
        ("a\nb", "a?b"),
        (7, "7"),
        ("x" * 1025, "x" * 1024),
        ("x" * 1023 + " y", "x" * 1023),
        (":: a", "a"),
    ],
)
def test_a_dimension_value_is_one_that_cloudwatch_takes(given, written):
    with capture() as captured:
        obskit.record(kpis.SEARCH_REQUESTS, 1, index=given)

    assert captured.metrics[0]["index"] == written


@pytest.mark.usefixtures("invocation")
@pytest.mark.parametrize(("count", "sizes"), [(100, [100]), (101, [100, 1]), (250, [100, 100, 50])])
def test_values_are_split_at_a_hundred(count, sizes):
    with capture() as captured:
        for number in range(count):
            obskit.record(kpis.OUTBOX_AGE, number)
        metrics.flush()

    written = [document["OutboxAge"] for document in captured.metrics]
    assert [len(values) if isinstance(values, list) else 1 for values in written] == sizes


@pytest.mark.usefixtures("invocation")
@pytest.mark.parametrize(("count", "sizes"), [(100, [100]), (101, [100, 1])])
def test_metrics_are_split_at_a_hundred(count, sizes):
    many = [catalog.Metric(f"Many{number}", catalog.Unit.COUNT, "One of many.") for number in range(count)]
    with capture() as captured:
        for metric in many:
            obskit.record(metric, 1)
        metrics.flush()

    directives = [document["_aws"]["CloudWatchMetrics"][0] for document in captured.metrics]
    assert [len(directive["Metrics"]) for directive in directives] == sizes


def test_a_metric_without_a_service_is_the_recording_functions():
    metric = catalog.Metric("Anything", catalog.Unit.COUNT, "Anything.", resolution=1)
    with capture() as captured:
        obskit.record(metric, 1)

    assert captured.metrics[0]["service"] == "web"
    assert captured.metrics[0]["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [
        {"Name": "Anything", "Unit": "Count", "StorageResolution": 1}
    ]


def test_a_timer_records_in_the_metrics_unit_errors_included():
    @obskit.timer(kpis.SEARCH_LATENCY, index="listings")
    def search():
        raise LookupError

    with capture() as captured:
        with obskit.timer(kpis.OUTBOX_AGE):
            pass
        with pytest.raises(LookupError):
            search()

    age, latency = captured.metrics
    assert age["OutboxAge"] == IsFloat(gt=0, lt=1)
    assert latency["SearchLatency"] == IsFloat(gt=0, lt=1000)
    assert latency["index"] == "listings"


def test_a_timer_needs_a_unit_of_time():
    with pytest.raises(TypeError, match=r"takes a metric in Seconds, Milliseconds, Microseconds"):
        obskit.timer(kpis.CHECKOUT_SUCCESS)


def test_a_timer_knows_the_dimensions():
    with pytest.raises(TypeError, match="has no 'indx'"):
        obskit.timer(kpis.SEARCH_LATENCY, indx="x")


def declare(name="Fine", unit="Count", text="Help.", dimensions=(), **more):
    return catalog.Metric(name, unit, text, dimensions, **more)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": ""}, "1 to 255 printable ASCII"),
        ({"name": "x" * 256}, "1 to 255 printable ASCII"),
        ({"name": "Grün"}, "1 to 255 printable ASCII"),
        ({"name": ":x"}, "does not start with ':'"),
        (
            {"unit": "Milisecond"},
            r"'Milisecond' is not a CloudWatch unit \(CloudWatch API, MetricDatum.Unit\). Did you mean 'Milliseconds'?",
        ),
        ({"text": ""}, "help is empty"),
        ({"resolution": 10}, "EMF knows 1 and 60"),
        ({"dimensions": "index"}, "a tuple of names, e.g. \\('index',\\)"),
        ({"dimensions": ("a", "a")}, "named twice"),
        ({"dimensions": ("env",)}, "always there"),
        ({"dimensions": ("",)}, "1 to 250 printable ASCII"),
        ({"dimensions": (":a",)}, "not start with ':'"),
        ({"dimensions": tuple(f"d{number}" for number in range(29))}, "EMF allows 30"),
    ],
)
def test_a_wrong_declaration_names_the_rule(wrong, message):
    with pytest.raises(CatalogError, match=message):
        declare(**wrong)


def test_the_most_that_may_be_declared():
    metric = declare("x" * 255, dimensions=tuple(f"d{number}" for number in range(28)))

    assert catalog.declared()["x" * 255] is metric


def test_equal_declarations_are_one_metric():
    with capture() as captured:
        context.enter(context.Invocation())
        try:
            obskit.record(declare("Twice"), 1)
            obskit.record(declare("Twice"), 5)
            metrics.flush()
        finally:
            context.leave()

    assert [document["Twice"] for document in captured.metrics] == [[1, 5]]


def test_a_metric_is_declared_once():
    first = declare("Once")
    declare("Once")

    assert catalog.declared()["Once"] is first
    with pytest.raises(CatalogError, match="'Once' is declared twice with different facts"):
        declare("Once", unit="Bytes")


def test_statistics_name_what_cloudwatch_folds():
    stats = [kpis.SEARCH_LATENCY.p95, kpis.SEARCH_LATENCY.percentile(99.9), kpis.SEARCH_LATENCY.sum]

    assert [repr(stat) for stat in stats] == ["SearchLatency.p95", "SearchLatency.p99.9", "SearchLatency.Sum"]
    with pytest.raises(CatalogError, match="percentile 101"):
        kpis.SEARCH_LATENCY.percentile(101)


def test_what_waits_outside_an_invocation_is_written_at_a_flush():
    written = []
    with capture():
        output.redirect(written.append)
        obskit.record(kpis.OUTBOX_AGE, 3)
        assert written == []
        metrics.flush()

    (line,) = written
    assert json.loads(line)["OutboxAge"] == 3


def test_a_thousand_values_do_not_wait():
    written = []
    with capture():
        output.redirect(written.append)
        for number in range(metrics.MOST_WAITING + 1):
            assert len(written) == (number == metrics.MOST_WAITING)
            obskit.record(kpis.OUTBOX_AGE, number)
        metrics.flush()

    assert [sum(sizes(lines)) for lines in written] == [1000, 1]


def sizes(lines):
    values = [json.loads(line)["OutboxAge"] for line in lines.decode().splitlines()]
    return [len(value) if isinstance(value, list) else 1 for value in values]


def test_in_lambda_what_is_recorded_between_invocations_is_written_at_once(monkeypatch):
    """The process may be frozen for hours, or end without notice."""
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")
    written = []
    with capture():
        output.redirect(written.append)
        metrics.write_by_timer(on=True)
        obskit.record(kpis.OUTBOX_AGE, 3)
        obskit.record(kpis.OUTBOX_AGE, 4)

    assert [sizes(lines) for lines in written] == [[1], [1]]


def test_an_invocation_keeps_ten_thousand_values_at_most(invocation):
    written = []
    with capture():
        output.redirect(written.append)
        for number in range(25_000):
            obskit.record(kpis.OUTBOX_AGE, number)
            assert invocation.recorded is None or metrics.MOST_KEPT - invocation.recorded.left <= metrics.MOST_KEPT
        metrics.flush()

    assert [sizes(lines) for lines in written] == [[100] * 100, [100] * 100, [100] * 50]
    documents = [json.loads(line) for lines in written for line in lines.decode().splitlines()]
    assert [value for document in documents for value in document["OutboxAge"]] == list(range(25_000))
    assert {document["function_request_id"] for document in documents} == {"r-1"}


def test_ten_thousand_series_are_as_many_values(invocation):
    """Many dimensions instead of many values: the same bound."""
    metric = catalog.Metric("Wide", "Count", "Wide.", (catalog.Dimension("x", limit=10_000),))
    with capture() as captured:
        for number in range(10_001):
            obskit.record(metric, 1, x=f"v{number}")
        assert len(captured.metrics) == 10_000
        assert len(metrics._series) <= metrics._MOST_SERIES
        metrics.flush()

    assert len(captured.metrics) == 10_000 + 1
    assert captured.metrics[-1]["x"] == "other"


@pytest.mark.parametrize("name", ["Counted", "Timed"])
def test_a_counter_and_a_duration_are_never_below_zero(name):
    make = {"Counted": catalog.Metric.counter, "Timed": catalog.Metric.duration}[name]
    metric = make(name, "Something.")
    with capture() as captured:
        obskit.record(metric, -0.001)
        obskit.record(metric, 0)

    assert [document[name] for document in captured.metrics] == [0]
    assert [line["reason"] for line in captured.logs] == [f"a value below 0, which a {metric.kind} never has"]


def test_a_gauge_may_be_below_zero():
    metric = catalog.Metric.gauge("Balance", "None", "Balance.")
    with capture() as captured:
        obskit.record(metric, -(2.0**360))

    assert captured.metrics[0]["Balance"] == -(2.0**360)


SIZES = catalog.Dimension("size", one_of=("s", "m", "ann@example.com"))


def test_a_value_that_is_not_declared_is_other_and_told_once():
    metric = catalog.Metric.counter("Sold", "Sold.", (SIZES,))
    with capture() as captured:
        for size in ("s", "xl", "xxl", "m", "xl"):
            obskit.record(metric, 1, size=size)

        assert output.faults() == {"metric Sold, dimension size": 3}

    assert [(document["size"], document["Sold"]) for document in captured.metrics] == [
        ("s", 1),
        ("other", [1, 1, 1]),
        ("m", 1),
    ]
    assert [line["reason"] for line in captured.logs] == ["a value that is not declared is 'other'"]


def test_a_declared_value_is_no_personal_data():
    """It stands in the code; masking would make `other` of it."""
    metric = catalog.Metric.counter("Sold", "Sold.", (SIZES,))
    with capture() as captured:
        obskit.record(metric, 1, size="ann@example.com")

    assert captured.metrics[0]["size"] == "ann@example.com"


def test_values_beyond_the_limit_are_other_and_those_before_stay():
    metric = catalog.Metric.counter("Sold", "Sold.", (catalog.Dimension("shop", limit=2), "shelf"))
    with capture() as captured:
        for shop in ("a", "b", "c", "d", "a", "b"):
            obskit.record(metric, 1, shop=shop, shelf="top")

        assert output.faults() == {"metric Sold, dimension shop": 2}

    assert [(document["shop"], document["Sold"]) for document in captured.metrics] == [
        ("a", [1, 1]),
        ("b", [1, 1]),
        ("other", [1, 1]),
    ]
    assert [line["reason"] for line in captured.logs] == ["more values than its limit; new ones are 'other'"]


def test_a_dimension_without_a_bound_has_a_hundred_values():
    metric = catalog.Metric.counter("Sold", "Sold.", ("shop",))
    with capture() as captured:
        for number in range(102):
            obskit.record(metric, 1, shop=f"s{number}")

    assert [document["shop"] for document in captured.metrics] == [*(f"s{n}" for n in range(100)), "other"]


def test_the_word_for_all_others_takes_no_place_of_the_limit():
    metric = catalog.Metric.counter("Sold", "Sold.", (catalog.Dimension("shop", limit=1),))
    with capture() as captured:
        for shop in ("other", "a", "b"):
            obskit.record(metric, 1, shop=shop)

        assert output.faults() == {"metric Sold, dimension shop": 1}

    assert [(document["shop"], document["Sold"]) for document in captured.metrics] == [("other", [1, 1]), ("a", 1)]


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(metrics, "_MOST_REMEMBERED", 5)
    monkeypatch.setattr(metrics, "_MOST_SERIES", 20)
    metric = catalog.Metric.counter("Sold", "Sold.", (catalog.Dimension("shop", limit=1000),))
    with capture() as captured:
        for number in range(50):
            obskit.record(metric, number, shop=f"s{number}")
            mask(["ann@example.com"] * number, audit.LOG)
            metrics._counted()
            metrics.flush_waiting()
            assert len(metrics._series) <= 20
            assert max(map(len, (metrics._remembered, metrics._plans, metrics._counts))) <= 5

    assert [(document["shop"], document["Sold"]) for document in captured.metrics] == [(f"s{n}", n) for n in range(50)]


def test_masked_values_are_one_value():
    """Each customer's address is the same marker, so a limit of one is enough, and none is remembered."""
    metric = catalog.Metric.counter("Sold", "Sold.", (catalog.Dimension("buyer", limit=1),))
    with capture() as captured:
        for name in ("ann", "bob", "eve"):
            obskit.record(metric, 1, buyer=f"{name}@example.com")
        assert not any("example.com" in str(key) for key in metrics._remembered)

    assert [(document["buyer"], document["Sold"]) for document in captured.metrics] == [("[EMAIL]", [1, 1, 1])]


def test_a_name_gets_the_nearest_metric():
    with pytest.raises(TypeError, match=r"not str. Did you mean 'CheckoutSuccess'\?"):
        obskit.record("ChekoutSuccess", 1)


def test_counts_of_masking_stand_once_in_a_document_of_the_functions_own_service(invocation):
    other = catalog.Metric("Elsewhere", "Count", "Of another service.", service="other")
    here = catalog.Metric("Here", "Count", "Of the function's own.", dimensions=(catalog.Dimension("shop"),))
    audit.take()
    with capture() as captured:
        obskit.record(other, 1)
        for number in range(101):
            obskit.record(here, number, shop="a")
        mask("ann@example.com", audit.LOG)
        captured_lines = metrics.last(invocation, audited=True)
        obskit.record(here, 1, shop="a")  # late: by itself, and without counts
        output.write(captured_lines)

    late, elsewhere, *own = captured.metrics
    assert [one.get("pii_masked") for one in (late, elsewhere, *own)] == [None, None, 1, None]
    assert own[0]["pii"] == {"EMAIL": {"redact": {"log": 1}}}
    assert [directive["Metrics"][0]["Name"] for directive in own[0]["_aws"]["CloudWatchMetrics"]] == [
        "Here",
        "pii_masked",
    ]
    assert own[0]["_aws"]["CloudWatchMetrics"][1]["Dimensions"] == [["service", "env"]]
    assert audit.take() == {}


def test_values_of_unlike_lengths_are_split_together(invocation):
    with capture() as captured:
        for number in range(150):
            obskit.record(kpis.OUTBOX_AGE, number)
        obskit.record(kpis.OUTBOX_BACKLOG, 7)
        metrics.flush()

    assert [(document["OutboxAge"], document.get("OutboxBacklog")) for document in captured.metrics] == [
        (list(range(100)), 7),
        (list(range(100, 150)), None),
    ]
