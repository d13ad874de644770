"""`obskit backtest` as a function: argv in; exit code, stdout, stderr and files out."""

import base64
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.backtest.conftest import START, properties
from tests.command import obskit

NAME = "shop-checkout-prod-us-east-1-checkout-latency"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """Two alarms and a composite of them, hand-written."""
    latency = properties(AlarmName="latency", MetricName="Latency", Statistic="Average", Threshold=100)
    latency["Dimensions"] = [{"Name": "service", "Value": "shop"}]
    errors = properties(AlarmDescription="Errors.\nseverity: ticket", AlarmActions=[])
    both = {"AlarmName": "both", "AlarmRule": {"Fn::Sub": "ALARM(${A}) AND ALARM(${B})"}, "AlarmActions": ["x"]}
    resources = {
        "A": {"Type": "AWS::CloudWatch::Alarm", "Properties": errors},
        "B": {"Type": "AWS::CloudWatch::Alarm", "Properties": latency},
        "C": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": both},
        "T": {"Type": "AWS::SNS::Topic"},
    }
    path = tmp_path / "template.json"
    path.write_text(json.dumps({"Resources": resources}))
    return path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """An hour of values: from minute 30 on ten minutes are bad."""
    path = tmp_path / "data.csv"
    rows = ["timestamp,metric,value"]
    for minute in range(60):
        bad = 30 <= minute < 40
        rows += [
            f"{START + 60 * minute},Errors,{20 if bad else 1}",
            f"{START + 60 * minute},Latency,{200 if bad else 50}",
        ]
    path.write_text("\n".join(rows))
    return path


REPORT = """\
1 h from 2025-12-01 00:00 to 2025-12-01 01:00 UTC: 0 tickets, 366.54 without severity a week

ALARM    SEVERITY  FIRED  A WEEK  DETECTED  FLAPS  IN ALARM
errors   ticket        0       0     3 min      0    14.5 %
latency  -             1  183.27     3 min      0    14.5 %
both     -             1  183.27         -      0    14.5 %
"""


def test_a_table_of_values_and_a_template_of_ones_own(template: Path, table: Path):
    assert (0, REPORT, "") == obskit("backtest", "--template", template, "--data", table)


def test_a_table_of_a_spreadsheet_begins_with_a_mark_and_ends_lines_in_two(template: Path, table: Path):
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes().replace(b"\n", b"\r\n"))

    assert (0, REPORT, "") == obskit("backtest", "--template", template, "--data", table)


def test_one_alarm_and_what_it_depends_on_as_json(template: Path, table: Path):
    code, stdout, stderr = obskit("backtest", "both", "--template", template, "--data", table, "--format", "json")

    found = json.loads(stdout)
    assert (0, "") == (code, stderr)
    assert ("2025-12-01T00:00:00Z", "2025-12-01T01:00:00Z", None, []) == tuple(
        found[key] for key in ("from", "to", "incident", "problems")
    )
    assert ["both", "errors", "latency"] == [row["name"] for row in found["alarms"]]
    assert {
        "name": "both",
        "severity": "",
        "fired": 1,
        "per_week": 183.27,
        "detected_s": None,
        "flaps": 0,
        "in_alarm": 0.1455,
        "verdict": "",
        "why": "",
        "faults": [],
        "notes": [],
        "transitions": [
            {"time": "2025-12-01T00:05:00Z", "state": "OK", "reason": "first evaluation"},
            {"time": "2025-12-01T00:33:00Z", "state": "ALARM", "reason": "latency is ALARM"},
            {"time": "2025-12-01T00:41:00Z", "state": "OK", "reason": "errors is OK"},
        ],
    } == found["alarms"][0]


def test_what_the_queries_ask_for_can_be_read(template: Path, tmp_path: Path):
    """What `aws cloudwatch get-metric-data` makes of them: results in any order, newest first, in pages."""
    code, stdout, _ = obskit("backtest", "errors", "--template", template, "--queries")
    (query,) = json.loads(stdout)
    stamps = [f"2025-12-01T00:{minute:02}:00+00:00" for minute in range(60)]
    values = [20.0 if 30 <= minute < 40 else 1.0 for minute in range(60)]
    for page, part in enumerate((slice(30, 60), slice(30))):
        result = {"Id": query["Id"], "Label": "x", "Timestamps": stamps[part][::-1], "Values": values[part][::-1]}
        (tmp_path / f"{page}.json").write_text(json.dumps({"MetricDataResults": [result]}, indent=4))

    found = obskit(
        "backtest", "errors", "--template", template, "--data", tmp_path / "0.json", "--data", tmp_path / "1.json"
    )

    assert 0 == code == found[0]
    assert "errors  ticket        0       0     3 min      0    14.5 %" in found[1]


def test_emf_documents_among_log_lines(template: Path, tmp_path: Path):
    path = tmp_path / "lambda.log"
    lines = ["START RequestId: x", '{"level": "INFO", "message": "hello"}', '{"_aws": "broken"}']
    for minute in range(60):
        stamp = (START + 60 * minute) * 1000
        directive = {"Namespace": "Shop", "Dimensions": [[]], "Metrics": [{"Name": "Errors", "Unit": "Count"}]}
        document = {
            "_aws": {"Timestamp": stamp, "CloudWatchMetrics": [directive]},
            "Errors": 20 if 30 <= minute < 40 else 1,
        }
        lines.append(f"2025-12-01T00:00:00 2025/12/01/[$LATEST]abc {json.dumps(document)}")
    path.write_text("\n".join(lines))

    code, stdout, stderr = obskit("backtest", "errors", "--template", template, "--data", path)

    assert (0, "") == (code, stderr)
    assert "errors  ticket        0       0     3 min      0    14.5 %" in stdout


OUTAGE = """\
2 days from 2025-12-01 00:00 to 2025-12-03 00:00 UTC: 3.51 tickets a week
simulated: everything goes wrong for an hour, from 2025-12-02 04:00

ALARM                                          SEVERITY  FIRED  A WEEK  DETECTED  FLAPS  IN ALARM
shop-checkout-prod-us-east-1-checkout-latency  ticket        1    3.51     3 min      0     2.1 %
"""


def test_an_invented_incident_by_the_catalog(shop: Path):
    argv = ("-C", shop, "backtest", "checkout-latency", "--env", "prod", "--simulate", "outage", "--days", "2")

    assert (0, OUTAGE, "") == obskit(*argv)
    assert (0, OUTAGE, "") == obskit(*argv)  # the same every time


def test_an_hour_of_silence_is_not_an_hour_to_an_alarm(shop: Path):
    """Four periods of 15 minutes: two more are fetched, and as long as one of them has an order all is well."""
    _, stdout, _ = obskit(
        "-C", shop, "backtest", "checkout-silence", "--env", "prod", "--simulate", "outage", "--days", "2"
    )
    _, longer, _ = obskit(
        "-C", shop, "backtest", "checkout-silence", "--env", "prod", "--simulate", "silence", "--days", "2"
    )

    assert "checkout-silence  page          0       0         -      0     0.0 %  never\n" in stdout
    assert "checkout-silence  page          1    3.61    83 min      0" in longer


def test_an_alarm_of_no_use_fails(shop: Path, spoil):
    spoil("alarms/checkout.py", "above=1500", "above=9000")

    code, stdout, _ = obskit(
        "-C", shop, "backtest", "checkout-latency", "--env", "prod", "--simulate", "outage", "--days", "2"
    )

    assert 1 == code
    assert f"{NAME}: never fired: the highest data point was 3000; it fires at > 9000\n" in stdout
    assert f"{NAME}: sleeps through an incident: CheckoutLatency (p95 of 1 min) is 3000 for 12 min" in stdout


def test_an_alarm_that_cannot_be_evaluated_is_named_and_the_others_are(template: Path, table: Path):
    document = json.loads(template.read_text())
    document["Resources"]["A"]["Properties"]["EvaluationWindow"] = {"WallClockWindow": {"Timezone": "Asia/Tokyo"}}
    template.write_text(json.dumps(document))

    code, stdout, stderr = obskit("backtest", "--template", template, "--data", table)

    assert 1 == code
    assert (
        "note: 60 values of no alarm passed over\n"
        "error: errors: a WallClockWindow of Timezone 'Asia/Tokyo' is not known here; UTC is\n"
        "error: both: its rule names 'errors', which is not here.\n"
    ) == stderr
    assert "latency  -             1" in stdout


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], "Give --env NAME or --template FILE."),
        (["--env", "prod"], "Give --data FILE or --simulate INCIDENT (or --queries)."),
        (["--env", "prod", "--region", "us-east-2", "--queries"], "'us-east-2' is no region of prod"),
        (["latency", "--env", "prod", "--queries"], "'latency' may be any of shop-"),
        (["checkout-latensy", "--env", "prod", "--queries"], "no alarm is called 'checkout-latensy'. Did you mean"),
    ],
)
def test_wrong_usage(shop: Path, argv: list[str], words: str):
    code, stdout, stderr = obskit("-C", shop, "backtest", *argv)

    assert (2, "") == (code, stdout)
    assert words in " ".join(stderr.split())


def test_an_unknown_environment(shop: Path):
    code, stdout, stderr = obskit("-C", shop, "backtest", "--env", "prdo", "--queries")

    assert (1, "") == (code, stdout)
    assert "no environment 'prdo' (known: dev, stage, prod). Did you mean 'prod'?" in " ".join(stderr.split())


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.json", '{"MetricDataResults": [', "cannot be read as what get-metric-data prints: Expecting value"),
        (
            "b.json",
            '{"MetricDataResults": [{"Id": "x", "Timestamps": ["today"], "Values": [1]}]}',
            "cannot be read as what get-metric-data prints: 'today' is no time: ISO 8601, or seconds",
        ),
        (
            "c.log",
            "nothing\n",
            "no value in the data belongs to an alarm; `obskit backtest --queries` says what is read",
        ),
    ],
)
def test_data_that_cannot_be_read_is_named(template: Path, tmp_path: Path, name: str, text: str, words: str):
    (tmp_path / name).write_text(text)

    code, stdout, stderr = obskit("backtest", "--template", template, "--data", tmp_path / name)

    assert (1, "") == (code, stdout)
    assert words in stderr


# --- pictures ---------------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """Elements that are open, texts, and everything that could be fetched."""

    VOID = ("meta", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sections = 0
        self.texts: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.sections += tag == "section"
        if tag in ("script", "link", "img", "iframe", "object", "embed", "image", "use", "foreignobject"):
            self.fetched.append(tag)
        self.fetched += [
            value for name, value in attrs if value and name in ("src", "href") and not value.startswith("#")
        ]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert tag == self.open.pop()

    def handle_data(self, data):
        self.texts.append(data)


def test_pictures_and_a_page_that_fetches_nothing(template: Path, table: Path, tmp_path: Path):
    out = tmp_path / "out"

    code, stdout, stderr = obskit("backtest", "--template", template, "--data", table, "--out", out)

    assert (0, REPORT) == (code, stdout)
    assert f"wrote {out / 'backtest.html'}, backtest.json and 3 pictures\n" == stderr
    assert ["backtest.html", "backtest.json", "both.png", "errors.png", "latency.png"] == sorted(
        p.name for p in out.iterdir()
    )
    text = (out / "backtest.html").read_text()
    page = Page(text)
    assert ([], 3, []) == (page.open, page.sections, page.fetched)
    assert {"Backtest of template.json", "errors", "> 10", "ALARM", "INSUFFICIENT_DATA"} <= set(page.texts)
    assert not re.search(r"https?:|url\((?!#)|@import", text)
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= set(ids)
    assert "prefers-color-scheme: dark" in text


def test_an_alarm_may_be_called_anything(template: Path, table: Path, tmp_path: Path):
    """Its picture stays in the folder, and its name is text in the page."""
    template.write_text(template.read_text().replace('"errors"', '"../<b>errors</b> & more"'))
    out = tmp_path / "deep" / "out"

    code, _, _ = obskit("backtest", "../<b>errors</b> & more", "--template", template, "--data", table, "--out", out)

    assert 0 == code
    assert ["_b_errors_b_more-7033a275.png", "backtest.html", "backtest.json"] == sorted(
        path.name for path in out.iterdir()
    )
    assert "../<b>errors</b> & more" in Page((out / "backtest.html").read_text()).texts


def decoded(png: bytes) -> tuple[int, int, list[bytes]]:
    """Return width, height and rows of an RGBA image, each filter of the format undone."""
    import zlib

    assert base64.b64decode("iVBORw0KGgo=") == png[:8]
    at, data, head = 8, b"", b""
    while at < len(png):
        size, kind = int.from_bytes(png[at : at + 4]), png[at + 4 : at + 8]
        body = png[at + 8 : at + 8 + size]
        assert zlib.crc32(kind + body).to_bytes(4) == png[at + 8 + size : at + 12 + size]
        head = body if kind == b"IHDR" else head
        data += body if kind == b"IDAT" else b""
        at += 12 + size
    width, height = int.from_bytes(head[:4]), int.from_bytes(head[4:8])
    assert (8, 6) == (head[8], head[9])
    raw = zlib.decompress(data)
    stride, rows, above = width * 4, [], bytes(width * 4)
    for number in range(height):
        how, line = raw[number * (stride + 1)], bytearray(raw[number * (stride + 1) + 1 : (number + 1) * (stride + 1)])
        for i in range(stride):
            left, up, corner = (line[i - 4] if i > 3 else 0), above[i], (above[i - 4] if i > 3 else 0)
            add = (0, left, up, (left + up) // 2)[how] if how < 4 else paeth(left, up, corner)
            line[i] = (line[i] + add) % 256
        above = bytes(line)
        rows.append(above)
    return width, height, rows


def paeth(left: int, up: int, corner: int) -> int:
    """Return the one of three that is nearest to left + up - corner: PNG specification, filter type 4."""
    near = [abs(left + up - corner - one) for one in (left, up, corner)]
    return (left, up, corner)[near.index(min(near))]


def test_a_picture_shows_the_states_where_they_are():
    """The strip below the line: grey, green, red from minute 33 to 41, green."""
    from obskit.backtest import picture, report
    from obskit.backtest.metric_alarms import replay
    from tests.backtest.conftest import ERRORS, alarm, series

    watched = alarm()
    line = replay(watched, {ERRORS: series("1 " * 30 + "20 " * 10 + "1 " * 20)})
    document = picture.spec(watched, {"errors": line}, report.figures(watched, line))
    width, _, rows = decoded(picture.png(picture.svg(document), scale=0.5))

    red, green = bytes.fromhex("d32f3aff"), bytes.fromhex("2f9e66ff")
    strip = max(rows, key=lambda row: count(row, green) + count(row, red))
    places = [at for at in range(width) if strip[4 * at : 4 * at + 4] == red]
    greens = count(strip, green)
    assert places == list(range(places[0], places[-1] + 1))
    assert 58 <= len(places) <= 61  # 8 of 60 minutes on 450 pixels
    assert 349 <= greens <= 353  # 47: all others but the first 5


def test_a_picture_leaves_out_periods_that_began_before_the_data_and_says_what_is_pale():
    from obskit.backtest import picture, report
    from obskit.backtest.metric_alarms import replay
    from tests.backtest.conftest import ERRORS, alarm, series

    watched = alarm(Period=300)
    line = replay(watched, {ERRORS: series("1 " * 500)})
    document = picture.spec(watched, {"errors": line}, report.figures(watched, line))

    rows = document["vconcat"][0]["layer"][0]["data"]["values"]
    assert [row["high"] for row in rows[:4]] == [None, None, 5, 5]  # two minutes a row, five minutes a period
    assert document["title"]["subtitle"][-1].endswith("; pale: from the least to the greatest value of 2 min")


def test_the_same_picture_is_the_same_text_whatever_was_drawn_before():
    from obskit.backtest import picture, report
    from obskit.backtest.metric_alarms import replay
    from tests.backtest.conftest import ERRORS, alarm, series

    watched = alarm()
    line = replay(watched, {ERRORS: series("1 " * 30)})
    document = picture.spec(watched, {"errors": line}, report.figures(watched, line))

    drawn = picture.svg(document)
    assert 'clip-path="url(#p0)"' in drawn
    assert drawn == picture.svg(document)


def test_a_picture_names_the_unit_where_it_is_known():
    from obskit.backtest import picture, report
    from obskit.backtest.metric_alarms import replay
    from tests.backtest.conftest import ERRORS, alarm, series

    watched = alarm()
    line = replay(watched, {ERRORS: series("1 " * 60)})
    figures = report.figures(watched, line)

    drawn = picture.svg(picture.spec(watched, {"errors": line}, figures, unit="Milliseconds"))
    plain = picture.svg(picture.spec(watched, {"errors": line}, figures))
    assert ("Milliseconds" in drawn, "Milliseconds" in plain) == (True, False)


@pytest.mark.parametrize(
    ("metric", "statistic", "unit"),
    [
        (("Shop", "CheckoutLatency"), "p95", "Milliseconds"),  # of the catalog
        (("Shop", "CheckoutLatency"), "SampleCount", "Count"),
        (("AWS/Lambda", "Duration"), "Maximum", "Milliseconds"),  # of AWS
        (("Elsewhere", "Duration"), "Maximum", ""),
    ],
)
def test_the_unit_is_the_catalogs_or_that_of_aws(metric: tuple[str, str], statistic: str, unit: str):
    from obskit import kpis
    from obskit.cli.backtest import _Chosen
    from tests.backtest.conftest import alarm

    watched = alarm(Namespace=metric[0], MetricName=metric[1], **_statistic(statistic))
    catalog = {("Shop", "CheckoutLatency"): kpis.CHECKOUT_LATENCY}

    assert _Chosen(("a",), {"a": watched}, catalog, [], "").unit("a") == unit


def _statistic(name: str) -> dict[str, Any]:
    return {"Statistic": None, "ExtendedStatistic": name} if name.startswith("p") else {"Statistic": name}


def count(row: bytes, color: bytes) -> int:
    return sum(row[at : at + 4] == color for at in range(0, len(row), 4))


def test_without_the_extra_the_command_says_what_to_install(
    template: Path, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "vl_convert", None)

    code, stdout, stderr = obskit("backtest", "--template", template, "--data", table, "--out", tmp_path / "out")

    assert (1, REPORT) == (code, stdout)
    assert "error: drawing pictures needs the extra 'preview': pip install './obskit[preview]'" in stderr


def test_on_a_terminal_a_bar_moves(template: Path, table: Path, monkeypatch: pytest.MonkeyPatch):
    import io

    from obskit.cli import run

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    stderr = Terminal()
    code = run(["backtest", "--template", str(template), "--data", str(table)], io.StringIO(), stderr)

    assert 0 == code
    assert "evaluating both" in stderr.getvalue()


def test_the_help_lists_the_incidents_in_a_column():
    lines = obskit("backtest", "--help")[1].splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("    outage"))

    assert [line[:14] for line in lines[first : first + 2]] == ["    outage    ", "    spike     "]
