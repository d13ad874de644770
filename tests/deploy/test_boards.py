"""This repository's own dashboards: what an on-call engineer may rely on."""

import json
import re
from typing import Any

import pytest

from obskit import kpis
from obskit.catalog import Metric
from obskit.deploy import definitions, project, render
from obskit.deploy.specs import Drawn, Graph, statistics, widgets
from tests.parts import ROOT

PROJECT = project.load(ROOT)
DEFINED = definitions.load(PROJECT)
BOARDS = {board.name: board for board in DEFINED.dashboards}
PROD = render.render(PROJECT, DEFINED, PROJECT.environments["prod"])
KPIS = [metric for metric in vars(kpis).values() if isinstance(metric, Metric)]


def titles(name: str) -> str:
    return " · ".join(getattr(widget, "title", "") for widget in widgets(BOARDS[name]))


def metrics(name: str) -> str:
    return json.dumps(PROD.bodies[name])


def test_there_are_four():
    assert ["api", "jobs", "overview", "search"] == list(BOARDS)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (
            "api",
            (
                "Latency p50 p95 4XXError 5XXError Duration Errors Throttles ConcurrentExecutions AsyncEventAge"
                " AsyncEventsDropped ResolverErrors BlockedRequests ColdStarts CheckoutSuccess CheckoutFailure"
                " CheckoutLatency"
            ),
        ),
        (
            "jobs",
            (
                "IndexerLag DsarQueue DsarOldest EmailFailed EmailBounceRate EmailComplaintRate OutboxBacklog OutboxAge"
                " QueueDepth QueueAge ApproximateNumberOfMessagesVisible ProbeSuccess ProbeFailure EmailQuotaUsed"
            ),
        ),
        ("search", "SearchLatency SearchHit TypesenseCpu TypesenseHeap TypesenseRequests IndexStaleness"),
    ],
)
def test_each_shows_what_is_asked_at_night(name: str, wanted: str):
    assert [] == [word for word in wanted.split() if word not in metrics(name)]


def test_the_overview_is_one_screen_with_every_kpi_against_its_objective():
    """20 rows fit on a screen of 1,080 lines, and 20 characters below a number: the objective, with its own number."""
    body = PROD.bodies["overview"]
    shown = {statistic.metric.name for statistic in statistics(BOARDS["overview"])}
    labels = [
        entry[-1].get("label", "")
        for widget in body["widgets"]
        if widget["properties"].get("view") == "singleValue"
        for entry in widget["properties"]["metrics"]
        if entry[-1].get("visible", True)
    ]

    assert 20 >= max(widget["y"] + widget["height"] for widget in body["widgets"])
    assert {metric.name for metric in KPIS if metric.objective} == shown
    objectives = {metric.objective for metric in KPIS if metric.objective}
    assert [] == [one for one in objectives if not any(one.startswith(label) for label in labels)]
    assert [] == [label for label in labels if not any(one.startswith(label) for one in objectives)]
    assert [] == [label for label in labels if not re.search(r"\d( ms| s| %| GB| days)?$", label) or len(label) > 20]
    assert {"alarm", "text"} <= {widget["type"] for widget in body["widgets"]}


@pytest.mark.parametrize("name", BOARDS)
def test_a_panel_has_a_title_and_a_unit(name: str):
    """No title twice on a board; an axis says what it counts, unless a search over one metric does not know."""
    found = [widget.title for widget in widgets(BOARDS[name]) if isinstance(widget, Drawn)]
    axes: list[dict[str, Any]] = [
        widget["properties"]["yAxis"]["left"]
        for widget in PROD.bodies[name]["widgets"]
        if widget["properties"].get("view") == "timeSeries"
    ]

    assert len(found) == len(set(found))
    assert all(title[0].isupper() and len(title) > 3 for title in found)
    assert all(axis.get("label") for axis in axes)


def test_every_alarm_that_tells_somebody_can_be_seen_on_the_board_that_it_names():
    """The page links to it: a line across a graph, or the list of alarms there."""
    for alarm in DEFINED.alarms:
        if alarm.acts:
            graphs = [widget for widget in widgets(BOARDS[alarm.dashboard]) if isinstance(widget, Graph)]
            assert graphs
            assert alarm.name in metrics(alarm.dashboard), alarm.name


def test_the_oldest_privacy_request_is_shown_in_days_with_the_line_of_its_alarm():
    (widget,) = [
        one
        for one in PROD.bodies["jobs"]["widgets"]
        if one["properties"].get("title", "").startswith("Age of the oldest; ")
    ]

    assert "Days" == widget["properties"]["yAxis"]["left"]["label"]
    assert [20, 27, 30] == [line["value"] for line in widget["properties"]["annotations"]["horizontal"]]


def test_the_hit_ratio_has_its_objective_as_a_line():
    (widget,) = [
        one for one in PROD.bodies["search"]["widgets"] if "find something" in one["properties"].get("title", "")
    ]

    assert {0.9} == {line["value"] for line in widget["properties"]["annotations"]["horizontal"]}
