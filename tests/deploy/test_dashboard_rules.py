"""Dashboard bodies: a sound one passes, and each fault is found where it is."""

from typing import Any

import pytest

from obskit.deploy.rules import Problem, dashboard_body
from obskit.deploy.rules.placeholders import CLOSE, OPEN
from tests.deploy.mutants import GONE, mutant, spoilt_everywhere

ARN = "arn:aws:cloudwatch:us-east-1:111111111111:alarm:a"
ENTRY: list[object] = ["Shop", "CheckoutFailure", "service", "checkout", {"stat": "Sum", "label": "failed", "id": "m1"}]


def metric(x: int = 0, y: int = 0, **properties: object) -> dict[str, Any]:
    return {
        "type": "metric",
        "x": x,
        "y": y,
        "width": 12,
        "height": 6,
        "properties": {"region": "us-east-1", "metrics": [ENTRY], **properties},
    }


SOUND: dict[str, Any] = {
    "start": "-PT8H",
    "periodOverride": "inherit",
    "variables": [
        {"type": "property", "property": "region", "inputType": "select", "id": "region", "values": [{"value": "x"}]}
    ],
    "widgets": [
        metric(
            period=60,
            title="Failed",
            yAxis={"left": {"min": 0, "max": 1}},
            annotations={"horizontal": [{"value": 3, "color": "#d13212"}, [{"value": 1}, {"value": 2}]]},
        ),
        metric(12, view="gauge", yAxis={"left": {"min": 0, "max": 100}}),
        {"type": "text", "x": 0, "y": 6, "width": 24, "height": 2, "properties": {"markdown": "# hi"}},
        {"type": "log", "x": 0, "y": 8, "properties": {"query": "SOURCE 'g' | limit 1", "region": "us-east-1"}},
        {"type": "alarm", "x": 6, "y": 8, "properties": {"alarms": [ARN]}},
        {"type": "metric", "x": 12, "y": 8, "properties": {"region": "us-east-1", "annotations": {"alarms": [ARN]}}},
        metric(18, 8)
        | {"width": 6}
        | {"properties": {"region": "r", "metrics": [[{"expression": "TIME_SERIES(2)", "id": "e1"}]]}},
    ],
}


def found(body: object) -> list[tuple[str, str, str]]:
    return [(problem.path, problem.rule, problem.severity) for problem in dashboard_body.check("b", body)]


def test_a_sound_body_has_no_problem():
    assert [] == dashboard_body.check("b", SOUND)


def test_a_problem_reads_like_awss():
    """The words and the path are those of PutDashboard's DashboardValidationMessages."""
    body = mutant(SOUND, "/widgets/4/properties/alarms", [])

    assert [
        Problem(
            "b",
            "/widgets/4/properties/alarms",
            "count",
            "error",
            "Should NOT have less than 1 items",
            source="AWS, Dashboard Body Structure and Syntax",
            fix="Take items away, or split.",
        )
    ] == dashboard_body.check("b", body)


W = "/widgets/0"
P = "/widgets/0/properties"
M = "/widgets/0/properties/metrics/0"


@pytest.mark.parametrize(
    ("path", "value", "where", "rule"),
    [
        ("/widgets", GONE, "", "required"),
        ("/widgets", {}, "/widgets", "type"),
        ("/start", "-P8H", "/start", "form"),
        ("/start", "-PT7D", "/start", "form"),
        ("/end", 5, "/end", "type"),
        ("/periodOverride", "none", "/periodOverride", "enum"),
        ("/variables/0/id", "a" * 33, "/variables/0/id", "length"),
        ("/variables/0/values", [], "/variables/0/values", "count"),
        (f"{W}", "text", f"{W}", "type"),
        (f"{W}/type", "metrics", f"{W}/type", "enum"),
        (f"{W}/type", GONE, f"{W}", "required"),
        (f"{W}/properties", GONE, f"{W}", "required"),
        (f"{W}/x", -1, f"{W}/x", "range"),
        ("/widgets/6/y", 8.5, "/widgets/6/y", "type"),
        (f"{W}/x", GONE, f"{W}", "position"),
        (f"{W}/y", -1, f"{W}/y", "range"),
        (f"{W}/width", 0, f"{W}/width", "range"),
        ("/widgets/6/height", 1001, "/widgets/6/height", "range"),
        (f"{W}/height", True, f"{W}/height", "type"),
        ("/widgets/1/width", 13, "/widgets/1", "grid"),
        ("/widgets/1/x", 11, "/widgets/1", "overlap"),
        (f"{P}/region", GONE, f"{P}", "required"),
        (f"{P}/metrics", GONE, f"{P}", "data-source"),
        (f"{P}/metrics", {}, f"{P}/metrics", "type"),
        (f"{P}/view", "line", f"{P}/view", "enum"),
        (f"{P}/stacked", "no", f"{P}/stacked", "type"),
        (f"{P}/period", 90, f"{P}/period", "period"),
        (f"{P}/period", 0, f"{P}/period", "range"),
        (f"{P}/stat", "p101", f"{P}/stat", "form"),
        (f"{P}/timezone", "CET", f"{P}/timezone", "form"),
        (f"{P}/legend", {"position": "top"}, f"{P}/legend/position", "enum"),
        (f"{P}/end", "2026-01-01T00:00:00Z", f"{P}", "time-range"),
        (f"{P}/yAxis/left/min", "0", f"{P}/yAxis/left/min", "type"),
        (f"{P}/annotations/alarms", [ARN], f"{P}/annotations/alarms", "annotation-alarm"),
        (f"{P}/annotations/horizontal/0/color", "red", f"{P}/annotations/horizontal/0/color", "form"),
        (f"{P}/annotations/horizontal/0/color", "#aaa", f"{P}/annotations/horizontal/0/color", "form"),
        (f"{P}/annotations/horizontal/0/value", GONE, f"{P}/annotations/horizontal/0", "required"),
        (f"{P}/annotations/horizontal/1", [{"value": 1}], f"{P}/annotations/horizontal/1", "count"),
        (f"{P}/annotations/horizontal/0/fill", "before", f"{P}/annotations/horizontal/0/fill", "enum"),
        ("/widgets/1/properties/yAxis/left/max", GONE, "/widgets/1/properties/yAxis/left", "gauge"),
        ("/widgets/5/properties/annotations/alarms", [ARN, ARN], "/widgets/5/properties/annotations/alarms", "count"),
        ("/widgets/5/properties/annotations/alarms", ["a"], "/widgets/5/properties/annotations/alarms/0", "form"),
        (M, [], M, "metric-array"),
        (M, ["Shop"], M, "metric-array"),
        (M, ["Shop", "M", "service"], M, "metric-array"),
        (M, ["Shop", "M", {"service": "x"}, {"stat": "Sum"}], M, "metric-array"),
        (M, ["Shop", "M", "service", 5], f"{M}/3", "type"),
        (M, ["Shop", "M", {"color": "red"}], f"{M}/2/color", "form"),
        (M, ["Shop", "M", {"id": "M1"}], f"{M}/2/id", "form"),
        (M, ["Shop", "M", {"yAxis": "top"}], f"{M}/2/yAxis", "enum"),
        (M, [{"label": "no expression"}], f"{M}/0", "required"),
        (M, [{"expression": "m1"}, {"stat": "Sum"}], M, "metric-array"),
        (f"{P}/metrics", [ENTRY, ENTRY], f"{P}/metrics/1", "metric-id"),
        (f"{P}/metrics", [[{"expression": "SELECT a"}], [{"expression": "select b"}]], f"{P}/metrics/1", "insights"),
        ("/widgets/2/properties/markdown", GONE, "/widgets/2/properties", "required"),
        ("/widgets/2/properties/background", "none", "/widgets/2/properties/background", "enum"),
        ("/widgets/3/properties/query", GONE, "/widgets/3/properties", "required"),
        ("/widgets/3/properties/view", "line", "/widgets/3/properties/view", "enum"),
        ("/widgets/4/properties/states", ["BAD"], "/widgets/4/properties/states/0", "enum"),
    ],
)
def test_one_fault_is_found_where_it_is(path: str, value: object, where: str, rule: str):
    assert [(where, rule, "error")] == found(mutant(SOUND, path, value))


def test_end_needs_start():
    """CloudWatch stores `end` alone and ignores it."""
    body = mutant(mutant(SOUND, "/end", "2026-01-01T00:00:00Z"), "/start", GONE)

    assert [("", "time-range", "error")] == found(body)


def test_a_sparkline_has_more_than_one_value():
    body = {"widgets": [metric(view="singleValue", sparkline=True, setPeriodToTimeRange=True)]}

    assert [("/widgets/0/properties/sparkline", "sparkline", "error")] == found(body)


@pytest.mark.parametrize(
    ("path", "value", "where", "rule"),
    [
        ("/widgets/0/properties/titel", "x", "/widgets/0/properties", "unknown-key"),
        ("/widgets/0/properties/period", 10, "/widgets/0/properties/period", "period"),
    ],
)
def test_what_cloudwatch_may_take_is_a_warning(path: str, value: object, where: str, rule: str):
    problems = dashboard_body.check("b", mutant(SOUND, path, value))

    assert [(where, "warning")] == [(p.path.removesuffix("/titel"), p.severity) for p in problems]
    assert rule == problems[0].rule


def test_an_unknown_key_has_a_nearest():
    body = mutant(SOUND, "/widgets/0/properties/titel", "x")

    said = "Should NOT have additional properties: 'titel'. Did you mean 'title'? (widget 'Failed')"
    assert said == dashboard_body.check("b", body)[0].message


@pytest.mark.parametrize(
    ("kind", "properties", "said"),
    [
        ("log", {"title": "Newest errors", "query": "x"}, "(dashboard 'api', widget 'Newest errors')"),
        ("text", {"markdown": "\n## Can buyers buy?\nowner"}, "(dashboard 'api', widget 'Can buyers buy?')"),
        ("text", {"markdown": "a\x1b[2J" + "b" * 99}, f"(dashboard 'api', widget 'a�[2J{'b' * 54}…')"),
        ("metric", {"title": f"{OPEN}Stage{CLOSE} errors"}, "(dashboard 'api')"),
        ("metric", {"title": 7}, "(dashboard 'api')"),
        ("text", "none", "(dashboard 'api')"),
    ],
)
def test_a_problem_names_the_widget_as_its_reader_knows_it(kind, properties, said):
    body = {"widgets": [{"type": kind, "height": 0, "properties": properties}, "no widget"]}

    messages = [one.message for one in dashboard_body.check("api.json", body, dashboard="api")]

    assert f"Should be >= 1 {said}" in messages
    assert "Should be object (dashboard 'api')" in messages


def test_an_overlap_names_both():
    first = {"type": "text", "x": 0, "y": 0, "width": 6, "height": 6, "properties": {"markdown": "# One"}}
    second = {**first, "properties": {"markdown": "Two"}}

    found = dashboard_body.check("b", {"widgets": [first, second]})

    assert ["overlaps /widgets/0 'One' (widget 'Two')"] == [problem.message for problem in found]


def widgets(count: int, metrics: int = 1) -> dict[str, Any]:
    text = {"type": "metric", "properties": {"region": "r", "metrics": [["N", "M"]] * metrics}}
    return {"widgets": [text] * count}


@pytest.mark.parametrize(
    ("at", "beyond", "where"),
    [
        (widgets(500), widgets(501), "/widgets"),
        (widgets(1, 500), widgets(1, 501), "/widgets/0/properties/metrics"),
        (widgets(5, 500), {"widgets": [*widgets(5, 500)["widgets"], *widgets(1, 1)["widgets"]]}, "/widgets"),
        ({"widgets": [metric(12)]}, {"widgets": [metric(13)]}, "/widgets/0"),
        (
            {"widgets": [{"type": "alarm", "properties": {"alarms": [ARN] * 100}}]},
            {"widgets": [{"type": "alarm", "properties": {"alarms": [ARN] * 101}}]},
            "/widgets/0/properties/alarms",
        ),
        (
            mutant(SOUND, M, ["N", "M", *["d", "v"] * 30]),
            mutant(SOUND, M, ["N", "M", *["d", "v"] * 31]),
            M,
        ),
        (
            mutant(SOUND, "/variables", [{**SOUND["variables"][0], "id": f"v{i}"} for i in range(25)]),
            mutant(SOUND, "/variables", [{**SOUND["variables"][0], "id": f"v{i}"} for i in range(26)]),
            "/variables",
        ),
    ],
    ids=["widgets", "metrics-in-widget", "metrics-in-all", "columns", "alarms", "dimensions", "variables"],
)
def test_a_limit_holds_at_it_and_not_one_past_it(at: object, beyond: object, where: str):
    assert [] == found(at)
    assert [where] == [path for path, _, _ in found(beyond)]


@pytest.mark.parametrize(
    "body", [None, [], "text", 5, {"widgets": [None]}, {"widgets": [{"type": [], "properties": []}]}]
)
def test_anything_at_all_can_be_checked(body: object):
    """A hand-written file may hold any JSON; it gets problems, not a traceback."""
    assert found(body)


def test_anything_anywhere_can_be_checked():
    for body in spoilt_everywhere(SOUND):
        assert isinstance(found(body), list)
