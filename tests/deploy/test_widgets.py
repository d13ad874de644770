"""Widgets: what each is written as, whole; and what a definition that cannot be meant is told."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from obskit import kpis
from obskit.catalog import own
from obskit.deploy import aws, definitions, project, render
from obskit.deploy.check import rendered_problems
from obskit.deploy.definitions import Definitions
from obskit.deploy.specs import (
    Accounts,
    Alarm,
    AlarmList,
    Anomaly,
    Band,
    Bar,
    Choice,
    Dashboard,
    Each,
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
    Variable,
    Widget,
)
from obskit.errors import DefinitionError
from tests.deploy.conftest import FACTS
from tests.parts import ROOT

DIMS = ["service", "queues", "env", "prod"]


def body(root: Path, *widgets: Widget, alarms: tuple[Alarm, ...] = (), variables: tuple[Variable, ...] = (), **changes):
    loaded = project.load(root)
    loaded = project.with_environment(loaded, replace(loaded.environments["prod"], **changes))
    boards = (
        Dashboard("d", "D", (Section("S", tuple((widget,) for widget in widgets)),), variables),
        Dashboard("other", "Other", ()),
    )
    result = render.render(loaded, Definitions(boards, alarms, {}, {}), loaded.environments["prod"])
    assert [] == [problem for problem in rendered_problems(result) if problem.severity == "error"]
    return result.bodies["d"]


def only(root: Path, widget: Widget, **more) -> dict[str, Any]:
    found: dict[str, Any] = body(root, widget, **more)["widgets"][1]
    return found


def test_a_series_has_a_name_a_colour_an_axis_and_a_unit_of_its_own(shop: Path):
    shown = (
        Series(kpis.DSAR_OLDEST.maximum, "oldest: ${LAST} days", divided_by=86_400, unit="Days", color="#d13212"),
        Series(kpis.DSAR_QUEUE.maximum, axis="right"),
    )
    alarm = Alarm("old", kpis.DSAR_OLDEST.maximum, above=20 * 86_400, **FACTS)

    properties = only(shop, Graph("G", shown), alarms=(alarm,))["properties"]

    dims = ["service", "dsar", "env", "prod"]
    assert [
        [
            *("Shop", "DsarOldest", *dims),
            {"id": "shown1", "label": "DsarOldest Maximum", "stat": "Maximum", "visible": False},
        ],
        [{"expression": "shown1 / 86400", "label": "oldest: ${LAST} days", "color": "#d13212"}],
        ["Shop", "DsarQueue", *dims, {"label": "DsarQueue Maximum", "stat": "Maximum", "yAxis": "right"}],
    ] == properties["metrics"]
    assert {
        "left": {"min": 0, "showUnits": False, "label": "Days"},
        "right": {"min": 0, "showUnits": False, "label": "Count"},
    } == properties["yAxis"]
    assert [{"value": 20, "label": "old > 20 (ticket)", "color": "#ff9900", "fill": "above"}] == (
        properties["annotations"]["horizontal"]
    )


def test_each_is_a_search_that_names_its_lines(shop: Path):
    properties = only(shop, Graph("G", (Each(kpis.QUEUE_AGE.maximum, "queue"),), period=60))["properties"]

    query = '{Shop,service,env,queue} MetricName="QueueAge" service="queues" env="prod"'
    assert [[{"expression": f"SEARCH('{query}', 'Maximum', 60)", "label": "${PROP('Dim.queue')}"}]] == (
        properties["metrics"]
    )
    assert "Seconds" == properties["yAxis"]["left"]["label"]


def test_metrics_of_the_edge_are_looked_for_where_they_are(shop: Path):
    """CloudFront's in us-east-1, whatever the primary region is."""
    rules = Each(aws.waf("{graphql_api}").blocked_requests.sum, "Rule")
    regions = {"regions": ("eu-west-1",), "ids_in": {}}

    alone = only(shop, Graph("G", (aws.cloudfront("d").requests,)), **regions)["properties"]
    beside = only(shop, Graph("G", (rules, kpis.CHECKOUT_SUCCESS.sum)), **regions)["properties"]

    assert ("us-east-1", "us-east-1") == (alone["region"], alone["metrics"][0][-1]["region"])
    assert ("eu-west-1", "us-east-1") == (beside["region"], beside["metrics"][0][0]["region"])
    assert (
        "SEARCH('{AWS/WAFV2,WebACL,Rule} MetricName=\"BlockedRequests\" WebACL=\"abc\"', 'Sum', 300)"
        == (beside["metrics"][0][0]["expression"])
    )


def test_a_search_in_ones_own_words_and_a_band_around_what_is_expected(shop: Path):
    shown = (
        Search('{AWS/Lambda,FunctionName} MetricName="Errors" {project}-{env}', "Sum", "${PROP('Dim.FunctionName')}"),
        Anomaly(kpis.SEARCH_REQUESTS.sum, 3),
    )
    dims = ["service", "search", "env", "prod"]

    assert [
        [
            {
                "expression": "SEARCH('{AWS/Lambda,FunctionName} MetricName=\"Errors\" shop-prod', 'Sum', 300)",
                "label": "${PROP('Dim.FunctionName')}",
            }
        ],
        ["Shop", "SearchRequests", *dims, {"id": "shown1", "label": "SearchRequests Sum", "stat": "Sum"}],
        [{"expression": "ANOMALY_DETECTION_BAND(shown1, 3)", "label": "expected"}],
    ] == only(shop, Graph("G", shown))["properties"]["metrics"]


@pytest.mark.parametrize(
    ("widget", "properties"),
    [
        (Number("N", (kpis.QUEUE_AGE.maximum,)), {"view": "singleValue", "sparkline": True}),
        (
            Number("N", (kpis.QUEUE_AGE.maximum,), whole_range=True),
            {"view": "singleValue", "setPeriodToTimeRange": True},
        ),
        (
            Gauge("N", (kpis.QUEUE_AGE.maximum,), most=600, levels=(Band(0, 300, "fine"),)),
            {
                "view": "gauge",
                "yAxis": {"left": {"min": 0, "max": 600}},
                "annotations": {"horizontal": [[{"value": 300, "label": "fine", "color": "#2ca02c"}, {"value": 0}]]},
            },
        ),
        (Bar("N", (kpis.QUEUE_AGE.maximum,)), {"view": "bar", "setPeriodToTimeRange": True}),
        (
            Table("N", (kpis.QUEUE_AGE.maximum,), summary=("MAX",)),
            {
                "view": "table",
                "table": {
                    "layout": "horizontal",
                    "summaryColumns": ["MAX"],
                    "stickySummary": True,
                    "showTimeSeriesData": False,
                },
            },
        ),
        (
            Graph("N", (kpis.QUEUE_AGE.maximum,), stacked=True, least=None, most=9, levels=(Level(5, "five"),)),
            {
                "view": "timeSeries",
                "stacked": True,
                "legend": {"position": "bottom"},
                "yAxis": {"left": {"showUnits": False, "max": 9, "label": "Seconds"}},
                "annotations": {"horizontal": [{"value": 5, "label": "five", "color": "#2ca02c", "fill": "none"}]},
            },
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_way_to_see_a_number(shop: Path, widget: Widget, properties: dict[str, Any]):
    label = {"label": "QueueAge Maximum", "stat": "Maximum"}
    common = {
        "title": "N",
        "region": "us-east-1",
        "period": 300,
        "metrics": [["Shop", "QueueAge", *DIMS, label]],
    }

    assert {**common, **properties} == only(shop, widget)["properties"]


def test_each_line_has_the_unit_that_it_is_given(shop: Path):
    given = only(shop, Graph("G", (Each(kpis.SEARCH_HIT.ratio, "index", unit="Ratio"),)))
    own_ = only(shop, Graph("G", (Each(kpis.SEARCH_HIT.ratio, "index"),)))

    assert ["Ratio", "Count"] == [body["properties"]["yAxis"]["left"]["label"] for body in (given, own_)]


def test_a_number_says_what_its_objective_is(shop: Path):
    metrics = only(shop, Number("N", (kpis.SEARCH_LATENCY.p95,), objective=True))["properties"]["metrics"]

    assert "p95 at most 300 ms" == metrics[0][-1]["label"]


@pytest.mark.parametrize(
    ("shown", "given", "period"),
    [
        (kpis.CHECKOUT_SUCCESS.sum, {}, 3600),  # at least 1 an hour
        (kpis.SEARCH_REQUESTS.sum, {}, 900),  # at least 1 in 15 minutes
        (kpis.EMAIL_SENT.samples, {}, 21_600),  # at least 1 in 6 hours
        (kpis.EMAIL_SENT.sum, {"period": 21_600}, 21_600),
        (Series(kpis.CHECKOUT_SUCCESS.sum, "orders"), {}, 3600),
        (kpis.PROBE_FAILURE.sum, {}, 300),  # at most 0, whatever the time
        (kpis.TYPESENSE_REQUESTS.maximum, {}, 300),  # at most 400 a second: a level
        (kpis.CHECKOUT_SUCCESS.sum, {"objective": False}, 300),
        (kpis.CHECKOUT_SUCCESS.sum, {"objective": False, "period": 60}, 60),
    ],
)
def test_a_sum_covers_the_time_that_its_objective_speaks_of(shop: Path, shown: Any, given: Any, period: int):
    number = Number("N", (shown,), **{"objective": True, **given})

    assert period == only(shop, number)["properties"]["period"]


@pytest.mark.parametrize("given", [{"period": 300}, {"whole_range": True}])
def test_a_sum_over_another_time_than_its_objectives_is_refused(given: Any):
    with pytest.raises(DefinitionError, match="'at least 1 an hour, day and night', says something of 3600 s; a sum"):
        Number("N", (kpis.CHECKOUT_SUCCESS.sum,), objective=True, **given)


def test_one_number_has_objectives_of_one_time():
    with pytest.raises(DefinitionError, match="different times"):
        Number("N", (kpis.CHECKOUT_SUCCESS.sum, kpis.SEARCH_REQUESTS.sum), objective=True)


def test_obskits_own_metrics_are_shown_for_a_service(shop: Path):
    """And guarded by the alarm of that service, not by another's."""
    alarms = tuple(
        Alarm(f"{name}-errors", own.RESOLVER_ERRORS.sum, above=1, service=name, **FACTS) for name in ("pay", "find")
    )

    properties = only(shop, Graph("G", (Series(own.RESOLVER_ERRORS.sum, "pay", service="pay"),)), alarms=alarms)[
        "properties"
    ]

    assert ["service", "pay", "env", "prod"] == properties["metrics"][0][2:6]
    assert ["pay-errors > 1 (ticket)"] == [line["label"] for line in properties["annotations"]["horizontal"]]


def test_one_line_for_all_alarms_that_have_the_same(shop: Path):
    """Their names would lie on each other."""
    functions = {name: aws.lambda_(name).throttles for name in ("a", "b")}
    alarms = tuple(Alarm(f"{name}-t", shown, above=0, service=name, **FACTS) for name, shown in functions.items())

    properties = only(shop, Graph("G", tuple(functions.values())), alarms=alarms)["properties"]

    assert ["2 alarms > 0 (ticket)"] == [line["label"] for line in properties["annotations"]["horizontal"]]


def test_a_raw_widget_is_filled_in_and_checked(shop: Path):
    metric = {"metricName": "CPUUtilization", "resourceType": "AWS::EC2::Instance", "stat": "Average"}
    properties = {"metrics": [metric], "labels": [{"key": "env", "value": "{env}"}]}

    found = only(shop, Raw("explorer", properties, height=5))

    assert ("explorer", 5, "prod") == (found["type"], found["height"], found["properties"]["labels"][0]["value"])
    with pytest.raises(AssertionError, match="region"):
        only(shop, Raw("log", {"query": "SOURCE 'x' | limit 1"}))


def test_links_lead_to_the_other_dashboards_and_the_runbooks(shop: Path):
    alarm = Alarm("old", kpis.DSAR_OLDEST.maximum, above=1, **FACTS)
    console = "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#"

    assert (
        f"**Dashboards** [Other]({console}dashboards/dashboard/shop-prod-other)\n\n"
        "**Runbooks** [r](https://runbooks.shop.example/r.md)\n\n"
        f"**CloudWatch** [all alarms of prod]({console}alarmsV2:)"
    ) == only(shop, Links(), alarms=(alarm,))["properties"]["markdown"]


def test_a_list_of_alarms_can_be_a_part_of_them(shop: Path):
    alarms = (
        Alarm("a", kpis.DSAR_OLDEST.maximum, above=1, **FACTS),
        Alarm("b", kpis.DSAR_OLDEST.maximum, above=1, **{**FACTS, "severity": "page", "dashboard": "other"}),
    )

    every = only(shop, AlarmList("L", every=True, severities=("page",), states=("ALARM",)), alarms=alarms)

    assert (["b", "b"], ["ALARM"]) == (
        [arn.rpartition("-")[2] for arn in every["properties"]["alarms"]],
        every["properties"]["states"],
    )


def test_a_headline_names_the_owners_and_runbooks_of_what_is_guarded(shop: Path):
    """AWS's own metrics have neither; their alarms have."""
    alarm = Alarm("t", aws.sqs("q").number_of_messages_sent, above=0, service="queues", **FACTS)

    text = body(shop, Graph("G", (aws.sqs("q").number_of_messages_sent,)), alarms=(alarm,))["widgets"][0]

    assert "## S\nowner: o · runbooks: [r](https://runbooks.shop.example/r.md)" == text["properties"]["markdown"]


def test_a_viewer_chooses_region_account_function_and_more(shop: Path):
    variables = (
        Accounts(),
        Functions(("{project}-a", "{project}-b")),
        Choice("q", "Queue", (("x", "X"),), pattern="y"),
    )
    shown = Graph("G", (aws.appsync("{graphql_api}").latency,))

    found = body(shop, shown, variables=variables, ids_in={"us-west-2": {"graphql_api": "west"}})["variables"]

    assert [
        ("region", {"property": "region"}, ["us-east-1", "us-west-2"]),
        ("graphql_api", {"pattern": "abc"}, ["abc", "west"]),
        ("account", {"property": "accountId"}, ["333333333333", "111111111111"]),
        ("function", {"property": "FunctionName"}, ["shop-a", "shop-b"]),
        ("q", {"pattern": "y"}, ["x"]),
    ] == [(one["id"], {one["type"]: one[one["type"]]}, [value["value"] for value in one["values"]]) for one in found]
    assert all(one["defaultValue"] == one["values"][0]["value"] for one in found)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: Each(kpis.QUEUE_AGE.maximum, "queu"),
            "has no dimension 'queu' (it has: queue). Did you mean 'queue'?",
        ),
        (lambda: Each(kpis.QUEUE_AGE.maximum), "name the dimensions"),
        (lambda: Search("Errors", "Sum"), "it begins with namespace and dimensions in braces"),
        (
            lambda: Search('{AWS/Lambda,FunctionName} MetricName="Eror"', "Sum"),
            "publishes no metric 'Eror'. Did you mean 'Errors'?",
        ),
        (lambda: Search("{A,b} " + "x" * 1020, "Sum"), "at most 1024 characters"),
        (lambda: Search("{A,b} x", "sum"), "'sum' is no statistic"),
        (lambda: Anomaly(kpis.QUEUE_AGE.maximum, 0), "a band is wider than nothing"),
        (lambda: Series(kpis.QUEUE_AGE.maximum, color="red"), "color 'red' is not six hex digits"),
        (lambda: Series(Math("a", {"a": kpis.QUEUE_AGE.maximum}, "m"), divided_by=2), "math divides by itself"),
        (lambda: Gauge("G", (kpis.QUEUE_AGE.maximum,), least=5, most=5), "a dial has two ends"),
        (lambda: Logs("L", ("g",), "fields a\nfiltr b"), "not 'filtr'. Did you mean 'filter'?"),
        (lambda: Logs("L", ("g",), " "), "the query is empty"),
        (lambda: Logs("L", ("g",), "limit 1", view="line"), "view 'line' is none of"),  # type: ignore[arg-type]
        (lambda: Raw("metrics", {}), "there is no widget of type 'metrics'"),
        (lambda: Choice("a", "A", ()), "give property or pattern"),
        (lambda: Functions(()), "at least one"),
        (lambda: AlarmList("L", severities=("pag",)), "severities: 'pag' is none of"),  # type: ignore[arg-type]
        (lambda: Section("S", ((),)), "none empty; one is"),
        (lambda: Section("S", ((kpis.QUEUE_AGE,),)), "rows is a tuple of tuples of widgets"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(make: Any, words: str):
    with pytest.raises(DefinitionError, match=re.escape(words)):
        make()


def test_a_section_without_a_title_takes_no_room(shop: Path):
    loaded = project.load(shop)
    board = Dashboard("d", "D", (Section("", ((Text("x"),),)),))
    result = render.render(loaded, Definitions((board,), (), {}, {}), loaded.environments["dev"])

    assert [(0, 0)] == [(widget["x"], widget["y"]) for widget in result.bodies["d"]["widgets"]]


def test_the_example_of_the_guide_renders(shop: Path):
    """Code and TOML of docs/dashboards.md, as they stand there."""
    text = (ROOT / "docs/dashboards.md").read_text()
    (code,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (toml,) = re.findall(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    start = (shop / "obskit.toml").read_text().partition("[environments.dev]")
    dev = start[1] + start[2].partition("[environments.prod]")[0]
    (shop / "obskit.toml").write_text(start[0] + dev + toml.replace("checkout-failures", "failures"))
    (shop / "dashboards/checkout.py").unlink()
    (shop / "dashboards/shop.py").write_text(code)
    (shop / "alarms/checkout.py").write_text(
        (shop / "alarms/checkout.py").read_text().replace('dashboard="checkout"', 'dashboard="shop"')
    )
    loaded = project.load(shop)
    defined = definitions.load(loaded)

    result = render.render(loaded, defined, loaded.environments["prod"])

    assert [] == rendered_problems(result)
    assert "${!LAST}" in str(result.templates["us-east-1"]["Resources"]["DashboardShop"])
