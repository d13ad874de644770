"""A dashboard's picture: every widget in its place, the same bytes every time."""

import copy
import itertools
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree as ET

import pytest

from obskit.preview import board, svg, synthetic, vega, widgets, window
from obskit.preview.svg import Box
from tests.preview.pixels import decode, rgb

KINDS = [
    *("text", "timeSeries", "timeSeries", "timeSeries", "timeSeries", "timeSeries", "singleValue", "gauge", "bar"),
    *("pie", "table", "alarm", "log", "log", "log", "alarm graph", "explorer", "custom", "unknown type"),
]


def metric(**properties):
    return {"type": "metric", "properties": {"region": "us-east-1", **properties}}


def one(widget, size=(480, 300)):
    """Draw *widget* alone; returns its picture with charts."""
    where = widgets.Where(window.Window(synthetic.END - 3600, synthetic.END), synthetic.Synthetic())
    drawn = widgets.draw(widget, Box(0, 0, *size), where)
    return drawn, "".join(drawn.marks) + "".join(vega.drawn(drawn.groups))


def test_every_type_of_widget_is_drawn(drawn):
    assert KINDS == [tile.drawn.kind for tile in drawn.tiles]
    assert all(len(tile.svg) > 300 for tile in drawn.tiles)


def test_what_is_drawn_is_well_formed_and_needs_nothing_from_elsewhere(drawn):
    picture = board.picture(drawn, "Every <widget> & more", "invented")

    ET.fromstring(picture)
    assert "var(--" not in picture
    assert "nan" not in picture.lower().replace("ancestor", "")
    assert not re.search(r"\s(?:href|src)=\"(?!https://example\.com/)", picture)


def test_the_same_body_gives_the_same_bytes(body, drawn):
    again = board.draw("every", copy.deepcopy(body), synthetic.Synthetic())

    assert board.picture(drawn, "t", "n") == board.picture(again, "t", "n")
    assert board.picture(drawn, "t", "n") != board.picture(
        board.draw("every", body, synthetic.Synthetic(seed=1)), "t", "n"
    )


def test_widgets_without_a_place_follow_one_another():
    found = board.draw("b", {"widgets": [{"type": "text", "properties": {"markdown": "a"}}] * 5}, synthetic.Synthetic())

    places = [(tile.box.x - 4, tile.box.y - 4, tile.box.w + 8, tile.box.h + 8) for tile in found.tiles]
    assert [(0, 0), (360, 0), (720, 0), (1080, 0), (0, 300)] == [place[:2] for place in places]
    assert {(360, 300)} == {place[2:] for place in places}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_png_shows_ground_cards_and_series(drawn, dark):
    wide, high, rows = decode(vega.png(board.picture(drawn, "every", "", dark=dark), 0.5))

    tile = next(one for one in drawn.tiles if one.drawn.title == "Stacked")
    row = rows[int(tile.box.y + 44 + tile.box.h * 0.5) // 2]
    inside = row[int(tile.box.x + 8) // 2 : int(tile.box.x + tile.box.w) // 2]
    assert ((drawn.width + 16) // 2, (drawn.height + 52) // 2) == (wide, high)
    assert rgb(svg.THEME["page"][dark]) == rows[2][2]
    assert rgb(svg.THEME["card"][dark]) in inside
    assert len(set(inside)) > 10


@pytest.mark.parametrize("families", [svg.FONT, svg.MONO])
def test_text_is_drawn_where_the_system_has_no_font(families):
    """vl-convert brings Liberation Sans and leaves out text whose families it finds nowhere: none may end elsewhere."""
    bare = ", ".join(name if name == "Liberation Sans" else "No Such Font" for name in families.split(", "))
    box = svg.rect(svg.Box(0, 0, 80, 30), fill="#ffffff")

    def inked(family):
        words = svg.text(4, 20, "why", 16, fill="#000000", font_family=family)
        picture = f'<svg xmlns="http://www.w3.org/2000/svg" width="80" height="30">{box}{words}</svg>'
        return sum(pixel != (255, 255, 255) for row in decode(vega.png(picture))[2] for pixel in row)

    assert 0 == inked("No Such Font") < inked(bare)


def test_a_png_made_beside_is_the_same_and_a_failure_is_told(drawn):
    picture = board.picture(drawn, "every µ", "")

    with ThreadPoolExecutor(1) as pool:
        assert vega.png(picture, 0.5) == vega.beside(pool, picture, 0.5).result()
        with pytest.raises(subprocess.CalledProcessError):
            vega.beside(pool, "no SVG", 1.0).result()


def test_lines_limits_and_labels_of_a_chart_are_there():
    annotations = {
        "horizontal": [{"value": 150, "label": "too slow", "color": "#d13212", "fill": "above"}],
        "vertical": [{"value": "2026-01-05T11:30:00Z", "label": "deployment", "color": "#0073bb"}],
    }
    entry = ["AWS/Lambda", "Duration", "FunctionName", "f", {"stat": "p95", "label": "p95, ${LAST}"}]

    drawn, picture = one(metric(title="Duration", metrics=[entry], annotations=annotations))

    assert "too slow" in picture
    assert "deployment" in picture
    assert picture.count("stroke-dasharray") == 2
    assert 'stroke="#1f77b4"' in picture
    assert re.search(r">p95, \d", picture)
    assert [["AWS/Lambda Duration {FunctionName=f} p95"]] == [[row[1]] for row in drawn.rows]


def test_labels_at_the_foot_of_a_chart_stand_above_one_another():
    marks = [{"value": 0, "label": f"{name} > 0", "fill": "above"} for name in "abc"]

    _, picture = one(metric(metrics=[["A", "Errors", {"stat": "Sum"}]], annotations={"horizontal": marks}))

    places = [float(found) for found in re.findall(r'y="([\d.]+)"[^>]*>[abc] &gt; 0<', picture)]
    assert len(places) == 3
    assert all(lower - upper >= 12 for lower, upper in itertools.pairwise(places))


def test_series_of_a_search_are_told_apart_by_what_the_label_names():
    search = "SEARCH('{Shop,service,queue} MetricName=\"QueueAge\" service=\"queues\"', 'Maximum', 60)"

    drawn, _ = one(metric(metrics=[[{"expression": search, "label": "${PROP('Dim.queue')}"}]]))
    plain, _ = one(metric(metrics=[[{"expression": search, "label": "age"}]]))

    assert ["queue-a", "queue-b", "queue-c"] == [row[0] for row in drawn.rows]
    assert ["age queues queue-a QueueAge"] == [row[0] for row in plain.rows][:1]


def test_a_limit_of_what_is_drawn_is_none_of_what_it_is_worked_out_from():
    entries = [["A", "HeapBytes", {"id": "m", "visible": False}], [{"expression": "m / 1000000000"}]]
    limit = {"horizontal": [{"value": 6, "fill": "above"}]}

    drawn, _ = one(metric(metrics=entries, annotations=limit))

    assert 0.1 < float(drawn.rows[0][4]) < 1  # of 310 MB, which is what the name suggests


def test_a_legend_that_is_hidden_is_not_drawn_and_a_hidden_metric_neither():
    entries = [["A", "Requests", {"id": "m"}], ["A", "Hidden", {"id": "h", "visible": False}], [{"expression": "m+h"}]]

    shown, picture = one(metric(metrics=entries))
    _, without = one(metric(metrics=entries, legend={"position": "hidden"}))

    assert ["Requests", "m+h"] == [row[0] for row in shown.rows]
    assert ">Requests<" in picture
    assert ">Requests<" not in without


def test_what_cannot_be_worked_out_is_said_not_invented():
    drawn, picture = one(metric(metrics=[[{"expression": "SELECT AVG(x) FROM y", "label": "insights"}]]))

    assert "insights (not drawn)" in picture
    assert "no data in this range" in picture
    assert "not drawn: a Metrics Insights query" == drawn.rows[0][1]


def test_text_of_a_body_stays_text():
    _, picture = one(metric(title="<script>alert(1)</script>", metrics=[["A", "B", {"label": '"><script>'}]]))
    _, link = one({"type": "text", "properties": {"markdown": "[x](javascript:alert(1)) <b>bold</b>"}})

    assert "<script" not in picture
    assert "javascript:" not in link
    assert "&lt;b&gt;" in link


@pytest.mark.parametrize(
    "widget",
    [
        {},
        {"type": "metric"},
        {"type": "metric", "properties": {"metrics": "x"}},
        {"type": "metric", "properties": {"metrics": [[{"expression": "m1 + "}]], "view": "gauge"}},
        {"type": "metric", "properties": {"metrics": [["A", "B"]], "annotations": {"horizontal": ["x", []]}}},
        {"type": "metric", "properties": {"metrics": [["A", "B"]], "yAxis": {"left": {"min": 5, "max": 5}}}},
        {"type": "metric", "properties": {"metrics": [["A", "B"]], "view": "pie", "period": 60, "start": "x"}},
        {"type": "metric", "properties": {"metrics": [["A", "B", {"stat": "Sum"}]], "annotations": []}},
        {"type": "alarm", "properties": {"alarms": [1]}},
        {"type": "log", "properties": {"query": "stats"}},
        {"type": "text", "properties": {"markdown": None}},
        {"type": "explorer", "properties": {"metrics": [1], "labels": 3}},
    ],
    ids=str,
)
def test_a_widget_that_is_wrong_is_drawn_as_far_as_it_goes(widget):
    found = board.draw("b", {"widgets": [{**widget, "width": 8}]}, synthetic.Synthetic())

    ET.fromstring(board.picture(found, "t", ""))


def test_a_list_of_alarms_in_alarm_is_empty_on_a_good_day():
    arns = [f"arn:aws:cloudwatch:us-east-1:111111111111:alarm:shop-prod-us-east-1-{name}" for name in ("slow", "full")]
    drawn, picture = one({"type": "alarm", "properties": {"title": "Open", "alarms": arns, "states": ["ALARM"]}})

    assert "none of 2 alarms is in ALARM" in picture
    assert ">OK<" not in picture
    assert [row[0] for row in drawn.rows] == ["slow", "full"]

    _, picture = one({"type": "alarm", "properties": {"title": "Open", "alarms": arns, "states": ["ALARM", "OK"]}})
    assert picture.count(">OK<") == 2
