"""Declarations: kinds, bounded dimensions, and every way to declare wrongly."""

import re
import subprocess
import sys

import pytest

from obskit import catalog, kpis
from obskit.catalog import Dimension, Metric, Statistic, Unit, model
from obskit.errors import CatalogError
from obskit.semconv import METRIC_PROPERTIES, RESERVED_LOG_KEYS

RESERVED = sorted(RESERVED_LOG_KEYS | METRIC_PROPERTIES)


@pytest.fixture(autouse=True)
def own_catalog(monkeypatch):
    monkeypatch.setattr(model, "_DECLARED", {})


def test_a_kind_brings_its_unit_and_its_statistics():
    counter = Metric.counter("Sold", "Sold.", owner="shop")
    gauge = Metric.gauge("Waiting", Unit.COUNT, "Waiting.")
    duration = Metric.duration("Took", "Took.", ("index",))

    assert [(m.kind, m.unit, m.stats) for m in (counter, gauge, duration)] == [
        ("counter", "Count", ("Sum",)),
        ("gauge", "Count", ("Average", "Maximum")),
        ("duration", "Milliseconds", ("p50", "p95", "p99")),
    ]
    assert counter.statistics == (counter.sum,)
    assert duration.statistics == (duration.p50, duration.p95, duration.p99)
    assert (counter.owner, duration.dimensions) == ("shop", ("index",))


def test_statistics_can_be_chosen():
    metric = Metric.duration("Took", "Took.", unit=Unit.SECONDS, statistics=("p90", "p99.9", "SampleCount"))

    assert metric.statistics == (Statistic(metric, "p90"), metric.percentile(99.9), metric.samples)


def test_a_dimension_is_bounded_whether_said_or_not():
    metric = Metric.counter(
        "Sold", "Sold.", ("shelf", Dimension("size", one_of=("s", "m", "l")), Dimension("shop", limit=7))
    )

    assert [(bound.name, bound.one_of, bound.limit) for bound in metric.bounds] == [
        ("shelf", (), 100),
        ("size", ("s", "m", "l"), 3),
        ("shop", (), 7),
    ]
    assert metric.dimensions == ("shelf", "size", "shop")
    assert metric.series == 1 + 100 * 3 * 7


def test_without_dimensions_there_is_one_series():
    assert Metric.counter("Sold", "Sold.").series == 1


def test_a_declaration_knows_where_it_stands():
    line = sys._getframe().f_lineno
    here = [Metric("One", Unit.COUNT, "One."), Metric.counter("Two", "Two.")]

    assert [metric.declared_in for metric in here] == [(__file__, line + 1)] * 2


WRONG_DIMENSIONS = [
    ({"name": ""}, "dimension '' must have 1 to 250 printable ASCII characters"),
    ({"name": " "}, "1 to 250 printable ASCII"),
    ({"name": "x" * 251}, "1 to 250 printable ASCII"),
    ({"name": "größe"}, "printable ASCII"),
    ({"name": ":size"}, "not start with ':' (EMF specification"),
    ({"name": "env"}, "'env' is always there and is not declared"),
    ({"name": "service"}, "'service' is always there and is not declared"),
    ({"one_of": ("s",), "limit": 3}, "give one_of or limit"),
    ({"one_of": "small"}, "one_of is a tuple of values, e.g. ('small',)"),
    ({"one_of": ("s", "s")}, "a value is named twice"),
    ({"one_of": ("",)}, "value '' must have 1 to 1024 printable ASCII characters"),
    ({"one_of": ("x" * 1025,)}, "1 to 1024 printable ASCII characters"),
    ({"one_of": (" s",)}, "no space at its ends (CloudWatch API, Dimension.Value)"),
    ({"one_of": ("größe",)}, "printable ASCII"),
    ({"limit": -1}, "limit is -1; it is a number from 1 to 10000"),
    ({"limit": 10_001}, "limit is 10001"),
    ({"limit": True}, "limit is True"),
    *[
        ({"name": name}, f"'{name}' has the name of a member that obskit writes")
        for name in RESERVED
        if name not in {"env", "service"}
    ],
]


@pytest.mark.parametrize(("wrong", "message"), WRONG_DIMENSIONS)
def test_a_wrong_dimension_names_the_rule(wrong, message):
    with pytest.raises(CatalogError, match=re.escape(message)):
        Dimension(**{"name": "size", **wrong})


def test_a_dimension_at_its_limits():
    Dimension("x" * 250, one_of=("y" * 1024, "other"))
    Dimension("size", limit=10_000)


WRONG_METRICS = [
    *[({"name": name}, f"'{name}' has the name of a member that obskit writes itself") for name in RESERVED],
    ({"kind": "histogram"}, "kind 'histogram' is none of counter, gauge, duration"),
    ({"kind": "duration"}, "a duration has a unit of time (Seconds, Milliseconds, Microseconds)"),
    ({"direction": "up"}, "direction 'up' is neither 'more' nor 'less'"),
    ({"resolution": True}, "resolution is True; EMF knows 1 and 60 seconds"),
    ({"statistics": ("p101",)}, "'p101' is no statistic"),
    ({"statistics": ("p9x",)}, "'p9x' is no statistic"),
    ({"statistics": ("Median",)}, "'Median' is no statistic"),
    ({"statistics": ("maximum",)}, "SampleCount, or a percentile such as p99.9. Did you mean 'Maximum'?"),
    ({"dimensions": Dimension("size")}, "dimensions is a tuple of names, e.g. (Dimension('size'),)"),
    ({"dimensions": ("level",)}, "metric 'Fine': dimension 'level' has the name of a member"),
    ({"dimensions": ("Fine",)}, "dimension 'Fine' has the name of a metric; one member of a document cannot be both"),
    ({"dimensions": ("First",)}, "dimension 'First' has the name of a metric"),
    ({"name": "shelf"}, "metric 'shelf' has the name of a dimension of 'First'"),
    ({"dimensions": tuple(f"d{number}" for number in range(29))}, "EMF allows 30 in a set (EMF specification"),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG_METRICS)
def test_a_wrong_metric_names_the_rule(wrong, message):
    Metric("First", Unit.COUNT, "The first.", ("shelf",))

    with pytest.raises(CatalogError, match=re.escape(message)):
        Metric(**{"name": "Fine", "unit": "Count", "help": "Help.", **wrong})


@pytest.mark.parametrize(
    "changed", [{"help": "Else."}, {"dimensions": (Dimension("shelf", limit=3),)}, {"kind": "counter"}]
)
def test_another_declaration_of_a_name_says_where_the_first_is(changed):
    facts = {"name": "First", "unit": "Count", "help": "The first.", "dimensions": ("shelf",)}
    first = Metric(**facts)
    Metric(**facts)  # the same again is the same

    with pytest.raises(CatalogError, match=f"'First' is declared twice.*first in {re.escape(__file__)}:"):
        Metric(**{**facts, **changed})
    assert catalog.declared() == {"First": first}


def test_a_wrong_declaration_fails_when_its_module_is_imported(tmp_path):
    (tmp_path / "signals.py").write_text('from obskit import Metric\nX = Metric.counter("level", "Level.")\n')
    done = subprocess.run(
        [sys.executable, "-c", "import signals"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 1
    assert done.stderr.endswith(
        "obskit.errors.CatalogError: metric 'level' has the name of a member that obskit writes itself"
        " (obskit.semconv)\n"
    )


KPIS = {name: value for name, value in vars(kpis).items() if isinstance(value, Metric)}


def test_the_kpis_are_these():
    assert set(KPIS) >= {
        *("SEARCH_LATENCY", "SEARCH_REQUESTS", "SEARCH_HIT"),
        *("CHECKOUT_SUCCESS", "CHECKOUT_FAILURE", "CHECKOUT_LATENCY"),
        *("OUTBOX_BACKLOG", "OUTBOX_AGE", "INDEX_STALENESS", "INDEXER_LAG"),
        *("DSAR_QUEUE", "DSAR_OLDEST", "EMAIL_SENT", "EMAIL_FAILED"),
        *("TYPESENSE_CPU", "TYPESENSE_HEAP", "TYPESENSE_REQUESTS"),
    }


@pytest.mark.parametrize("name", sorted(KPIS))
def test_every_kpi_is_declared_in_full(name):
    metric = KPIS[name]

    assert all((metric.owner, metric.service, metric.objective, metric.direction, metric.runbook)), metric
    assert metric.unit in model.UNITS
