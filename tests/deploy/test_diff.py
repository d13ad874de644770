"""A diff by meaning: what a reviewer wants to know, and no noise."""

import copy
import json
import re
import subprocess

import boto3
import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from obskit.deploy import definitions, project, revisions
from obskit.deploy.diff import bodies, deployed, report, state, templates
from obskit.deploy.diff.change import Detail, facts
from obskit.deploy.render import render
from obskit.errors import ConfigError, ObskitError
from tests.parts import ROOT


def widget(title, x=0, y=0, width=6, height=6, **properties):
    place = {"x": x, "y": y, "width": width, "height": height}
    shown = {"title": title, "region": "us-east-1", "metrics": [["Shop", title]], **properties}
    return {"type": "metric", **place, "properties": shown}


def body(*widgets, **more):
    return {"start": "-PT8H", "widgets": list(widgets), **more}


def told(before, after):
    return [str(change) for change in bodies.compare("api", before, after)]


def alarm(**properties):
    facts = {
        "AlarmName": "shop-search-latency",
        "MetricName": "SearchLatency",
        "Namespace": "Shop",
        "AlarmDescription": "Slow.\nseverity: ticket\nowner: search",
        "AlarmActions": [{"Ref": "TopicTicket"}],
        "Threshold": 1.0,
        "Period": 60,
        "EvaluationPeriods": 5,
        **properties,
    }
    return {"Resources": {"AlarmLatency": {"Type": "AWS::CloudWatch::Alarm", "Properties": facts}}}


HIGHER = {"value": 450, "label": "search-latency > 450 (ticket)", "color": "#ff9900", "fill": "above"}
LIMIT = {"value": 300, "label": "search-latency > 300 (ticket)", "color": "#ff9900", "fill": "above"}


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ([widget("A")], [widget("A"), widget("B", 6)], ["api: widget 'B' added"]),
        ([widget("A"), widget("B", 6)], [widget("B")], ["api: widget 'A' removed"]),
        ([widget("A"), widget("B", 6)], [widget("B"), widget("A", 6)], ["api: widget 'A' moved"]),
        (
            [widget("A", metrics=[["S", "x"]])],
            [widget("B", metrics=[["S", "x"]])],
            ["api: widget 'B' changed: title: A → B"],
        ),
        (
            [widget("A", metrics=[["S", "x", "f", "1"], ["...", "2"]])],
            [widget("A", metrics=[["S", "x", "f", "1"], ["S", "x", "f", "3", {"stat": "p95"}]])],
            ["api: widget 'A' changed: metric removed: S x {f=2} Average; metric added: S x {f=3} p95"],
        ),
        (
            [widget("A", annotations={"horizontal": [LIMIT]})],
            [widget("A", annotations={"horizontal": [HIGHER]})],
            ["api: widget 'A' changed: threshold search-latency (ticket): 300 → 450"],
        ),
        ([widget("A")], [widget("A", width=12)], ["api: widget 'A' changed: size: 6 by 6 → 12 by 6"]),
        ([widget("A")], [widget("A", period=60)], ["api: widget 'A' changed: period: 300 → 60"]),
        ([widget("A")], [widget("A", y=3)], ["api: dashboard 'api' moved: widgets stand elsewhere, in the same order"]),
        ([widget("A")], [widget("A", stacked=True)], ["api: widget 'A' changed: stacked: false → true"]),
    ],
    ids=["added", "removed", "moved", "retitled", "metrics", "threshold", "size", "period", "layout", "other"],
)  # fmt: skip
def test_what_changed_is_told(before, after, says):
    assert says == told(body(*before), body(*after))


def test_what_a_body_says_besides_widgets_counts():
    assert ["api: dashboard 'api' changed: start: -PT8H → -PT3H"] == told(body(), body(start="-PT3H"))


def test_what_is_pushed_down_by_something_new_has_not_moved():
    before = body(widget("A"), widget("B", 6), widget("C", 0, 6))
    after = body(widget("New"), widget("A", 0, 6, 12), widget("B", 12, 6, 12), widget("C", 0, 12))

    assert ["api: widget 'New' added"] == [one for one in told(before, after) if "size" not in one]


@st.composite
def boards(draw):
    """Bodies as people make them: titles that come twice, widgets anywhere."""
    titles = draw(st.lists(st.sampled_from("ABCD"), max_size=7))
    return body(
        *(
            widget(title, (n % 4) * 6, n // 4 * 6, period=draw(st.sampled_from([60, 300])))
            for n, title in enumerate(titles)
        )
    )


@given(boards())
def test_nothing_differs_from_itself(board):
    assert [] == told(board, copy.deepcopy(board))


@given(boards(), st.randoms())
def test_the_order_of_widgets_and_keys_is_noise(board, dice):
    shuffled = copy.deepcopy(board)
    dice.shuffle(shuffled["widgets"])
    shuffled["widgets"] = [dict(sorted(one.items(), reverse=True)) for one in shuffled["widgets"]]

    assert [] == told(board, shuffled)


@given(boards(), boards())
def test_whatever_differs_is_told_both_ways(one, other):
    """If no widget is the same, there is a change; what came one way goes the other way."""
    there, back = (bodies.compare("api", *pair) for pair in ((one, other), (other, one)))
    count = lambda changes, what: sum(change.what == what for change in changes)  # noqa: E731

    assert count(there, "added") - count(there, "removed") == len(other["widgets"]) - len(one["widgets"])
    assert (count(there, "added"), count(there, "removed")) == (count(back, "removed"), count(back, "added"))


@pytest.mark.parametrize(
    ("properties", "says"),
    [
        ({"Threshold": 1.5}, "threshold: 1 → 1.5 ms"),
        (
            {"AlarmDescription": "Slow.\nseverity: page\nowner: search", "AlarmActions": [{"Ref": "TopicPage"}]},
            "severity: ticket → page",
        ),
        ({"Period": 300}, "period (s): 60 → 300"),
        ({"TreatMissingData": "breaching"}, "missing data added: breaching"),
        ({"AlarmDescription": "Slow!\nseverity: ticket\nowner: search"}, "description: Slow. → Slow!"),
        ({"AlarmDescription": "Slow.\nseverity: ticket"}, "description removed: owner: search"),
        (
            {"AlarmDescription": "Slow.\nSee the board.\nseverity: ticket\nowner: search"},
            "description added: See the board.",
        ),
        ({"AlarmDescription": "owner: search\nseverity: ticket\nSlow."}, "description in another order"),
    ],
)
def test_an_alarm_that_changed_says_how(properties, says):
    (change,) = templates.compare("us-east-1", alarm(), alarm(**properties), {"SearchLatency": "Milliseconds"})

    assert f"us-east-1: alarm 'shop-search-latency' changed: {says}" == str(change)


def test_of_a_long_text_what_stands_around_the_first_difference_is_told():
    before, after = "a" * 500 + "x" + "b" * 500, "a" * 500 + "y" + "b" * 500

    assert [Detail("q", f"…{'a' * 100}x{'b' * 199}…", f"…{'a' * 100}y{'b' * 199}…")] == facts(
        {"q": before}, {"q": after}
    )
    assert [Detail("q", before[:400], "x")] == facts({"q": before[:400]}, {"q": "x"})


def test_the_order_of_tags_and_dimensions_is_noise():
    lists = {
        "Tags": [{"Key": "a", "Value": 1}, {"Key": "b", "Value": 2}],
        "Dimensions": [{"Name": "x", "Value": "1"}, {"Name": "y", "Value": "2"}],
    }
    turned = {name: found[::-1] for name, found in lists.items()}

    assert [] == templates.compare("us-east-1", alarm(**lists), alarm(**turned))


def test_a_dashboard_inside_of_a_template_is_compared_as_one():
    def template(board):
        properties = {"DashboardName": "api", "DashboardBody": {"Fn::Sub": json.dumps(board)}}
        return {"Resources": {"D": {"Type": "AWS::CloudWatch::Dashboard", "Properties": properties}}}

    (change,) = templates.compare("us-east-1", template(body(widget("A"))), template(body()))

    assert "api: widget 'A' removed" == str(change)


def reported(*changes):
    return report.Report("prod", "main", changes, 10.0, 10.1)


def test_a_comment_is_short_and_stays_a_table():
    changes = templates.compare("us-east-1", {"Resources": {}}, alarm(AlarmName="a|b <x> @you"))

    text = report.as_markdown([reported(*changes)])

    assert text == (
        "### Dashboards and alarms\n\n**prod against main: 1 alarm added** · 10.00 → 10.10 USD a month (+0.10)\n\n"
        "<details><summary>what changes</summary>\n\n| | where | what | details |\n|---|---|---|---|\n"
        "| 🟢 added | us-east-1 | alarm **a&#124;b &#60;x&#62; @&#8203;you** |  |\n\n</details>\n"
    )
    assert "and 2 more" in report.as_markdown([reported(*changes * 42)])


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (r"a\|b", "a&#92;&#124;b"),
        ("![x](https://a.example/x.png)", "&#33;&#91;x&#93;(https:&#8203;//a.example/x.png)"),
        ("<details>&lt;", "&#60;details&#62;&#38;lt;"),
        ("@team www.a.example", "@&#8203;team www&#8203;.a.example"),
        ("`a` _b_ ~~c~~", "&#96;a&#96; &#95;b&#95; &#126;&#126;c&#126;&#126;"),
        ("a\x9b2J\u202eb", r"a&#92;x9b2J&#92;u202eb"),
    ],
)
def test_a_comment_holds_names_and_revisions_of_anybody(name, shown):
    """A branch is called by whoever opens the pull request, an alarm by whoever writes the template."""
    changes = templates.compare("us-east-1", {"Resources": {}}, alarm(AlarmName=name))

    text = report.as_markdown([report.Report("prod", name, changes)])

    assert f"**prod against {shown}: 1 alarm added**" in text
    assert f"| 🟢 added | us-east-1 | alarm **{shown}** |  |" in text


def test_text_and_json_hold_nothing_that_a_terminal_obeys():
    changes = templates.compare("us-east-1", {"Resources": {}}, alarm(AlarmName="a\x1b[2J\x9b2J\u202eb"))
    found = [report.Report("prod", "x\x9b", changes)]

    text, document = report.as_text(found), report.as_json(found)

    assert text == ("prod against x\\x9b: 1 alarm added\n  us-east-1: alarm 'a\\x1b[2J\\x9b2J\\u202eb' added\n")
    assert not {"\x1b", "\x9b", "\u202e"} & set(document)
    assert "a\x1b[2J\x9b2J\u202eb" == json.loads(document)[0]["changes"][0]["name"]


def test_json_has_what_a_program_needs():
    (change,) = bodies.compare("api", body(), body(widget("A")))
    (found,) = json.loads(report.as_json([reported(change)]))

    assert [{"what": "added", "kind": "widget", "name": "A", "where": "api", "details": []}] == found["changes"]
    assert {"before": 10.0, "after": 10.1, "currency": "USD", "each": "month"} == found["cost"]


# --- states -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def prod():
    loaded = project.load(ROOT)
    return render(loaded, definitions.load(loaded), loaded.environment("prod"))


def test_what_is_rendered_is_what_is_committed(prod):
    before = state.on_disk(ROOT, prod.dashboards_folder, prod.alarms_folder)

    assert (
        "prod against rendered: no change" == state.compare("prod", "rendered", before, state.of_rendered(prod)).summary
    )


def test_a_dashboard_that_is_new_is_told_with_its_cost(prod):
    now = state.of_rendered(prod)
    name = min(now.bodies)
    before = state.State({one: board for one, board in now.bodies.items() if one != name}, now.templates)

    found = state.compare("prod", "main", before, now)

    assert [f"dashboards: dashboard '{name}' added"] == [str(change) for change in found.changes]
    assert found.cost.endswith("(+3.00)")


def test_a_revision_is_read_as_it_was_committed(tmp_path):
    def git(*words):
        subprocess.run(
            ["git", "-C", tmp_path, "-c", "user.name=A", "-c", "user.email=a@example.com", *words],
            check=True,
            capture_output=True,
        )

    git("init", "-q")
    (tmp_path / "sub" / "d").mkdir(parents=True)
    (tmp_path / "sub" / "d" / "a.json").write_text("{}")
    git("add", ".")
    git("commit", "-qm", "one")
    (tmp_path / "sub" / "d" / "a.json").write_text("[]")

    assert {"d/a.json": "{}"} == revisions.files(tmp_path / "sub", "HEAD", "d")
    assert {} == revisions.files(tmp_path / "sub", "HEAD", "nowhere")
    with pytest.raises(ConfigError, match="git knows no revision '--help' here"):
        revisions.files(tmp_path, "--help", "sub")


def test_a_file_that_is_no_json_is_named():
    with pytest.raises(ConfigError, match=r"d/a\.json: not a JSON object"):
        state.of_files({"d/a.json": "x", "d/b.json": "{}"}, "d", "a")


def as_deployed(prod, region):
    """The answers of CloudWatch for what is rendered, as it gives them: defaults said, order its own."""
    alarms = deployed.of_rendered(prod).templates[region]["Resources"].values()
    metric = [
        {**one["Properties"], "AlarmArn": "arn:x", "StateValue": "OK"}
        for one in alarms
        if one["Type"] == templates.ALARM
    ]
    composite = [{**one["Properties"], "StateValue": "OK"} for one in alarms if one["Type"] == templates.COMPOSITE]
    return {
        "MetricAlarms": [{**one, "Dimensions": one["Dimensions"][::-1]} for one in metric][::-1],
        "CompositeAlarms": composite,
    }


def clients(prod, *, change=lambda answer: answer, lost=()):
    """CloudWatch in each region, answering what `as_deployed` says."""
    made = {}
    for region in prod.templates:
        made[region] = boto3.client("cloudwatch", region, aws_access_key_id="x", aws_secret_access_key="x")
        aws = Stubber(made[region])
        if region == prod.environment.primary:
            entries = [{"DashboardName": f"shop-prod-{name}"} for name in prod.bodies if name not in lost]
            aws.add_response("list_dashboards", {"DashboardEntries": entries})
            for entry in sorted(entries, key=lambda one: one["DashboardName"]):
                text = json.dumps(prod.bodies[entry["DashboardName"].removeprefix("shop-prod-")])
                aws.add_response("get_dashboard", {"DashboardBody": text}, entry)
        aws.add_response("describe_alarms", change(as_deployed(prod, region)))
        aws.activate()
    return made.__getitem__


def test_what_is_deployed_as_rendered_does_not_differ(prod):
    found = state.compare("prod", "deployed", deployed.read(prod, clients(prod)), deployed.of_rendered(prod))

    assert () == found.changes


def test_what_somebody_changed_by_hand_is_told(prod):
    def change(answer):
        by_name = sorted(answer["MetricAlarms"], key=lambda one: one["AlarmName"])
        first = {**by_name[0], "Threshold": 99.0, "ActionsEnabled": False}
        foreign = {
            "AlarmName": f"shop-x-prod-{by_name[0]['AlarmName'].split('-prod-')[1][:9]}-mine",
            "EvaluationPeriods": 1,
        }
        return {**answer, "MetricAlarms": [first, foreign, *by_name[1:]]}

    name = min(prod.bodies)
    before = deployed.read(prod, clients(prod, change=change, lost=(name,)))
    told = [str(one) for one in state.compare("prod", "deployed", before, deployed.of_rendered(prod)).changes]

    assert f"dashboards: dashboard '{name}' added" in told
    assert any("ActionsEnabled: false → true; threshold: 99 → " in one for one in told)
    assert any("alarm 'shop-x-prod-us-east-1-mine' removed" in one for one in told)


def test_a_refusal_of_aws_is_told_in_its_words(prod):
    client = boto3.client("cloudwatch", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as aws:
        aws.add_client_error("list_dashboards", "AccessDenied", "no right to list")

        with pytest.raises(ObskitError, match=r"what is deployed cannot be read: .*no right to list"):
            deployed.read(prod, lambda _: client)


# --- nothing of meaning is left out -----------------------------------------------------------------------------------

NOISE = re.compile(
    r"metrics/\d+/\d+/stat removed|properties/(view|stacked|period) removed"
    r"|DashboardBody|Resources/Dashboard\w+ removed"
)
"""What is a default said or not said, and dashboards in templates, which are compared as files."""


def one_of_each(document, key, kind):
    """*document* with the first thing of each kind below *key* only."""
    things = document[key]
    first = {kind(one): (name, one) for name, one in reversed(list(things.items()))}
    return {**document, key: dict(first.values())}


def mutants(value, path=()):
    """Each (place, what was done, copy) in which one thing of *value* is another or gone."""
    places = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for place, inner in places:
        rest = {key: one for key, one in places if key != place}
        yield (*path, place), "removed", rest if isinstance(value, dict) else list(rest.values())
        if isinstance(inner, (dict, list)):
            changed = mutants(inner, (*path, place))
        else:
            other = {bool: lambda one: not one, int: lambda one: one + 1, float: lambda one: one + 1}
            changed = [((*path, place), "changed", other.get(type(inner), lambda one: f"{one}~")(inner))]
        for where, what, copied in changed:
            both = {**dict(places), place: copied}
            yield where, what, both if isinstance(value, dict) else list(both.values())


@pytest.fixture(scope="module")
def committed():
    return state.on_disk(ROOT, "dashboards/rendered/prod", "alarms/rendered/prod")


def untold(before, after):
    """What a diff of two states keeps for itself."""
    changes = state.compare("prod", "main", before, after).changes
    same = [one for change in changes for one in change.details if one.before and one.before == one.after]
    return not changes or bool(same)


@pytest.mark.parametrize("name", ["us-east-1/shop", "us-east-1/shop-logs", "us-west-2/shop-forwarder"])
def test_whatever_changes_in_a_template_is_told_with_two_sides_that_differ(committed, name):
    template = one_of_each(committed.templates[name], "Resources", lambda one: one["Type"])
    whole = state.State(templates={name: template})

    missed = [
        f"{'/'.join(map(str, path))} {what}"
        for path, what, copied in mutants(template)
        if path != ("Resources",) and untold(whole, state.State(templates={name: copied}))
    ]

    assert [] == [one for one in missed if not NOISE.search(one)]


@pytest.mark.parametrize("name", ["api", "overview"])
def test_whatever_changes_in_a_body_is_told_with_two_sides_that_differ(committed, name):
    board = committed.bodies[name]
    kinds = {(one["type"], one["properties"].get("view")): one for one in board["widgets"]}
    board = {**board, "widgets": list(kinds.values())}
    whole = state.State(bodies={name: board})

    missed = [
        f"{'/'.join(map(str, path))} {what}"
        for path, what, copied in mutants(board)
        if path != ("widgets",) and untold(whole, state.State(bodies={name: copied}))
    ]

    assert [] == [one for one in missed if not NOISE.search(one)]


def test_a_severity_says_nothing_of_topics_that_do_not_follow_it():
    after = alarm(AlarmDescription="Slow.\nseverity: page\nowner: search", AlarmActions=[])
    (change,) = templates.compare("us-east-1", alarm(), after)

    assert ["severity: ticket → page", "tells: TopicTicket → none"] == [str(one) for one in change.details]


def test_a_line_that_moved_and_changed_its_colour_tells_both():
    after = {**HIGHER, "color": "#d62728", "yAxis": "right"}
    (change,) = told(
        body(widget("A", annotations={"horizontal": [LIMIT]})), body(widget("A", annotations={"horizontal": [after]}))
    )

    assert change == (
        "api: widget 'A' changed: threshold search-latency (ticket): 300 → 450;"
        " threshold search-latency (ticket).color: #ff9900 → #d62728;"
        " threshold search-latency (ticket).yAxis added: right"
    )


def test_of_a_deployed_composite_the_suppressor_counts():
    suppressed = {"AlarmName": "both", "AlarmRule": "TRUE", "ActionsSuppressor": "deploying"}
    one, other = (
        {"Resources": {"Both": deployed._resource(templates.COMPOSITE, properties)}}
        for properties in (suppressed, {**suppressed, "ActionsSuppressor": "another"})
    )

    (change,) = templates.compare("us-east-1", one, other)
    assert "us-east-1: composite alarm 'both' changed: ActionsSuppressor: deploying → another" == str(change)
