"""Whatever is recorded, CloudWatch takes every document and gets exactly what was recorded."""

import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import obskit
from obskit import context, metrics
from obskit.catalog import Dimension, Metric, model
from obskit.quotas import LOG_EVENT_BYTES, METRIC_VALUE
from obskit.testing import assert_valid_emf, capture
from obskit.testing.emf import Reading
from obskit.units import UNITS

ENVIRONMENT = {"OBSKIT_SERVICE": "web", "OBSKIT_ENV": "test", "OBSKIT_METRICS_NAMESPACE": "Shop"}
PRINTABLE = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
NAMES = st.text(PRINTABLE, min_size=1, max_size=255).filter(
    lambda name: name.strip() and name[0] != ":" and name not in model._WRITTEN_BY_OBSKIT
)
DIMENSION_NAMES = NAMES.filter(lambda name: len(name) <= 250 and obskit.mask({name: "Q"}) == {name: "Q"})
# Whole words in upper case are nothing that masking looks for: the law is about metrics.
VALUES = st.text("QWXYZ", min_size=1, max_size=9)


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(model, "_DECLARED", {})


@st.composite
def catalogs(draw):
    """Return a few metrics, which share dimensions, in a catalog of their own."""
    model._DECLARED.clear()
    dimension_names = draw(st.lists(DIMENSION_NAMES, max_size=4, unique=True))
    dimensions = [
        draw(st.sampled_from([Dimension(name), Dimension(name, limit=2), Dimension(name, one_of=("Q", "W"))]))
        for name in dimension_names
    ]
    names = draw(st.lists(NAMES.filter(lambda name: name not in dimension_names), min_size=1, max_size=5, unique=True))
    return [
        Metric(
            name,
            draw(st.sampled_from(sorted(UNITS))),
            "Any.",
            tuple(draw(st.lists(st.sampled_from(dimensions), unique_by=lambda one: one.name)) if dimensions else ()),
            service=draw(st.sampled_from(["", "checkout"])),
            resolution=draw(st.sampled_from([1, 60])),
        )
        for name in names
    ]


NUMBERS = st.one_of(
    st.integers(-(2**360), 2**360),
    st.floats(-METRIC_VALUE, METRIC_VALUE, allow_nan=False),
    st.integers(-3, 3),
)


@st.composite
def recordings(draw):
    declared = draw(catalogs())
    one = st.sampled_from(declared).flatmap(
        lambda metric: st.tuples(
            st.just(metric),
            NUMBERS,
            st.lists(st.sampled_from(metric.bounds), unique=True).flatmap(
                lambda bounds: st.fixed_dictionaries(dict.fromkeys([bound.name for bound in bounds], VALUES))
            )
            if metric.bounds
            else st.just({}),
            st.integers(1, 250),
        )
    )
    return draw(st.lists(one, max_size=12))


class Expected:
    """The same in plain words: values by metric and dimensions, after what is not declared became `other`."""

    def __init__(self):
        self.seen = {}

    def bounded(self, metric, dimensions):
        pairs = []
        for bound in metric.bounds:
            if bound.name in dimensions:
                value = dimensions[bound.name]
                known = self.seen.setdefault((metric.name, bound.name), list(bound.one_of))
                if value not in known and not bound.one_of and len(known) < bound.limit:
                    known.append(value)
                pairs.append((bound.name, value if value in known else "other"))
        return tuple(pairs)


@given(recordings(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_documents_are_sound_and_expand_to_what_was_recorded(recorded, inside):
    expected: Counter[tuple[object, ...]] = Counter()
    plain = Expected()
    with capture() as captured:
        if inside:
            context.enter(context.Invocation(request_id="r-1", correlation_id="c"))
        for metric, value, dimensions, times in recorded:
            pairs = plain.bounded(metric, dimensions)
            always = (("service", metric.service or "web"), ("env", "test"))
            for _ in range(times):
                obskit.record(metric, value, **dimensions)
            facts = (metric.name, metric.unit, metric.resolution)
            for place in {always, (*always, *pairs)}:
                expected[*facts, place, float(value)] += times
        metrics.flush()
        context.leave()

    found: Counter[tuple[object, ...]] = Counter()
    for document in captured.metrics:
        assert_valid_emf(document)
        for namespace, datum in Reading(document).data:
            assert namespace == "Shop"
            facts = (datum["MetricName"], datum["Unit"], datum["StorageResolution"])
            place = tuple((one["Name"], one["Value"]) for one in datum["Dimensions"])
            values = datum.get("Values", [datum.get("Value")])
            for value, count in zip(values, datum.get("Counts", [1] * len(values)), strict=True):
                found[*facts, place, value] += int(count)
    assert found == expected


def test_the_largest_document_is_far_below_a_megabyte():
    """All limits at once: 100 metrics, 100 values, 30 dimensions, the longest names and values, all to be escaped."""
    dimensions = tuple(Dimension(f"{number:02}{chr(34) * 248}") for number in range(28))
    many = [
        Metric(f"{number:02}{chr(92) * 253}", "Kilobytes/Second", "Any.", dimensions, resolution=1)
        for number in range(100)
    ]
    given = {dimension.name: chr(92) * 1024 for dimension in dimensions}
    with capture() as captured:
        context.enter(context.Invocation(request_id="r" * 250, correlation_id="c" * 250))
        try:
            for metric in many:
                for number in range(100):
                    obskit.record(metric, -1.2345678901234567e-300 - number * 1e-310, **given)
            metrics.flush()
        finally:
            context.leave()

    lines = captured.text.splitlines()
    assert len(lines) == 1
    assert len(json.loads(lines[0])) == 1 + 30 + 100 + 2
    assert len(lines[0].encode()) < LOG_EVENT_BYTES / 2
    assert_valid_emf(lines[0])
