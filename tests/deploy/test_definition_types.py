"""A value of another type than a definition declares is told in words, at its line; it never ends in a traceback."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from obskit import kpis
from obskit.deploy import check
from obskit.deploy.specs import (
    Accounts,
    Alarm,
    AlarmList,
    AwsMetric,
    Band,
    Bar,
    Choice,
    Composite,
    Dashboard,
    Functions,
    Gauge,
    Graph,
    Level,
    Links,
    Logs,
    Math,
    Number,
    Raw,
    Search,
    Section,
    Series,
    Table,
    Text,
)
from obskit.deploy.specs.types import FORMS
from obskit.errors import DefinitionError

Spoil = Callable[[str, str, str], Path]

SHOWS = (kpis.CHECKOUT_FAILURE.sum,)
FACTS: Any = {
    "severity": "ticket",
    "owner": "payments",
    "summary": "Checkouts fail.",
    "impact": "No orders.",
    "runbook": "checkout-failures.md",
    "dashboard": "checkout",
}
SLOW = Alarm("slow", kpis.CHECKOUT_LATENCY.p95, above=1500, **FACTS)
SOUND: list[tuple[Any, dict[str, Any]]] = [
    (Alarm, {"name": "failing", "watches": SHOWS[0], "above": 3, **FACTS}),
    (Composite, {"name": "both", "rule": SLOW, **FACTS}),
    (AwsMetric, {"namespace": "AWS/Lambda", "name": "Errors", "dimensions": {"FunctionName": "a"}, "stat": "Sum"}),
    (Math, {"expression": "a", "uses": {"a": SHOWS[0]}, "label": "a"}),
    (Search, {"query": '{AWS/Lambda,FunctionName} MetricName="Errors"', "stat": "Sum"}),
    (Series, {"shown": SHOWS[0]}),
    (Level, {"value": 1, "label": "objective"}),
    (Band, {"least": 1, "most": 2, "label": "usual"}),
    (Graph, {"title": "Failed", "shows": SHOWS}),
    (Number, {"title": "Failed", "shows": SHOWS}),
    (Gauge, {"title": "Failed", "shows": SHOWS}),
    (Bar, {"title": "Failed", "shows": SHOWS}),
    (Table, {"title": "Failed", "shows": SHOWS}),
    (Text, {"markdown": "# Failed"}),
    (Links, {}),
    (Logs, {"title": "Errors", "groups": ("/aws/lambda/a",), "query": "fields message"}),
    (AlarmList, {"title": "Alarms"}),
    (Raw, {"type": "text", "properties": {"markdown": "a"}}),
    (Section, {"title": "Failed", "rows": ((Links(),),)}),
    (Choice, {"id": "a", "label": "A", "values": (("a", "A"),), "property": "FunctionName"}),
    (Functions, {"names": ("a",)}),
    (Dashboard, {"name": "checkout", "title": "Checkout", "sections": (), "variables": (Accounts(),)}),
]
WRONG: dict[str, tuple[object, ...]] = {
    "str": (None, 3, ("a",)),
    "int": (None, "60", 1.5, True, 10**400),
    "float": (None, "3", True, float("nan"), float("inf"), 10**400),
    "float | None": ("3", (1,), True, float("nan"), 10**400),
    "bool": (None, "yes", 1),
    "Mapping[str, str]": (None, "a", ("a",), {"a": 1}, {1: "a"}),
    "Mapping[str, float]": (None, 50, ("dev", 50), {"dev": "50"}),
    "Mapping[str, Any]": (None, "a", {1: "a"}),
    "tuple[int, int]": (3, (3,), (1, 2, 3), ("2", "3"), [2, 3]),
    "tuple[str, ...]": (None, 3, (1,), ["a"]),
    "tuple[tuple[str, str], ...]": (None, ("a", "A"), (("a",),), (("a", 1),)),
}


@pytest.mark.parametrize(("kind", "sound"), SOUND, ids=[kind.__name__ for kind, _ in SOUND])
def test_every_wrong_type_is_refused_by_name(kind, sound):
    kind(**sound)
    for one in fields(kind):
        for value in WRONG.get(one.type, ()):
            with pytest.raises(DefinitionError, match=rf"\b{one.name}\b|\bgives? exactly one of|names is a tuple"):
                kind(**{**sound, one.name: value})


def test_every_form_is_spoiled():
    assert FORMS.keys() == WRONG.keys()


@pytest.mark.parametrize(
    ("kind", "sound", "name"),
    [(Graph, SOUND[8][1], "levels"), (Gauge, SOUND[10][1], "levels"), (Dashboard, SOUND[-1][1], "sections")],
)
def test_parts_are_a_tuple_of_parts(kind, sound, name):
    for value in (None, 3, "a", ("a",), Level(1, "a"), Section("a", ()), [Level(1, "a")]):
        with pytest.raises(
            DefinitionError, match=rf"{name} is .*; it must be a tuple of (Level or Band|Section); of one"
        ):
            kind(**{**sound, name: value})


def test_what_is_wrong_is_told_at_its_line(spoil: Spoil):
    """The mistake that everybody makes once: `for_` is a pair."""
    root = spoil("alarms/checkout.py", "at_least=3,", "at_least=3, for_=3,")

    words = "for_ is 3; it must be a pair of whole numbers; (2, 3) is 2 of the newest 3"
    told = [(one.place, one.message) for one in check.check(root)]
    assert told == [("alarms/checkout.py:4", f"Alarm 'failures': {words}")]
