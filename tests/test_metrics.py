"""Metrics: whole EMF documents, the rules of the catalog, and what is refused."""

import decimal

import pytest
from dirty_equals import IsFloat, IsInt

import obskit
from obskit import catalog, context, kpis, metrics, output
from obskit.catalog import model
from obskit.errors import CatalogError
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


def test_a_recording_outside_an_invocation_is_written_at_once():
    with capture() as captured:
        obskit.record(kpis.CHECKOUT_SUCCESS, 1, operation="checkout")

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
            "CheckoutSuccess": 1,
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


def test_every_kpi_has_owner_service_and_runbook():
    for metric in vars(kpis).values():
        if isinstance(metric, catalog.Metric):
            assert metric.owner, metric
            assert metric.service, metric
            assert metric.runbook.endswith(".md"), metric
