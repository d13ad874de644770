"""Ids that CloudFormation is told at deployment, and the thresholds, tags and regions of an environment."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obskit.deploy import check, definitions, parameters, project, render
from obskit.deploy.render import Rendered
from obskit.errors import ConfigError

Spoil = Callable[[str, str, str], Path]
BOARD = """\
from obskit import kpis
from obskit.deploy import aws
from obskit.deploy.specs import Dashboard, Graph, Section, Series

BOARD = Dashboard("checkout", "Checkout", (Section("API", ((
    Graph("Errors", (Series(aws.appsync("{graphql_api}").error_5xx.sum, "now ${LAST}, worst ${MAX}"),)),
    Graph("Failed", (kpis.CHECKOUT_FAILURE.sum,)),
),)),))
"""
ALARM = """
from obskit.deploy import aws
EDGE = Alarm("edge", aws.cloudfront("{distribution}").error_rate_5xx, above=2, service="edge", severity="page",
    owner="o", summary="s", impact="i", runbook="r.md", dashboard="checkout")
"""


def rendered(root: Path, environment: str = "prod") -> Rendered:
    loaded = project.load(root)
    return render.render(loaded, definitions.load(loaded), loaded.environments[environment])


def substituted(text: str, values: dict[str, str]) -> str:
    """What `Fn::Sub` makes of *text*, by its documentation: `${Name}` is put in, `${!x}` is `${x}`."""
    return re.sub(r"\$\{(!?)([^}]*)\}", lambda found: f"${{{found[2]}}}" if found[1] else values[found[2]], text)


@pytest.fixture
def given_later(shop: Path, spoil: Spoil) -> Path:
    spoil("obskit.toml", '"abc"', '{ parameter = "GraphqlApiId" }')
    (shop / "dashboards/checkout.py").write_text(BOARD)
    return shop


def test_an_id_can_be_a_parameter_and_dynamic_labels_survive(given_later: Path):
    """The body is a text that Fn::Sub reads: `${LAST}` would be taken for a parameter that is not there."""
    template = rendered(given_later).templates["us-east-1"]
    text = template["Resources"]["DashboardCheckout"]["Properties"]["DashboardBody"]["Fn::Sub"]

    body = json.loads(substituted(text, {"GraphqlApiId": "the-real-one"}))

    metrics = body["widgets"][1]["properties"]["metrics"]
    assert [["AWS/AppSync", "5XXError", "GraphQLAPIId", "the-real-one"]] == [entry[:-1] for entry in metrics]
    assert "now ${LAST}, worst ${MAX}" == metrics[0][-1]["label"]
    assert {"Type": "String", "Description": "graphql_api of prod", "MinLength": 1} == (
        template["Parameters"]["GraphqlApiId"]
    )
    assert "GraphqlApiId" not in rendered(given_later).templates["us-west-2"]["Parameters"]  # nothing there needs it


def test_where_no_parameter_is_used_the_body_is_plain_text(shop: Path):
    (shop / "dashboards/checkout.py").write_text(BOARD)
    text = rendered(shop).templates["us-east-1"]["Resources"]["DashboardCheckout"]["Properties"]["DashboardBody"]

    assert "now ${LAST}" in json.loads(text)["widgets"][1]["properties"]["metrics"][0][-1]["label"]


NAMES = st.from_regex(r"[A-Z][A-Za-z]{0,5}", fullmatch=True)


@given(st.lists(st.one_of(NAMES.map("${{{}}}".format), st.text("${}!aA '.(", max_size=8))).map("".join), st.sets(NAMES))
def test_only_parameters_are_put_in(text: str, known: set[str]):
    """Whatever else the text holds comes out as it went in."""
    values = {name: f"<{name}>" for name in known}
    plain = re.sub(r"\$\{(\w+)\}", lambda found: values.get(found[1], found[0]), text)

    escaped = parameters.escape(text, values)

    # An unfinished `${` is no placeholder to CloudFormation, either; it is escaped, and comes out with its mark.
    if not re.search(r"\$\{[^}]*$", text) and "${!" not in text and not re.search(r"\$\{[^}]*\$\{", text):
        assert substituted(escaped, values) == plain


@pytest.mark.parametrize("name", ["LAST", "graphql", "A-b", ""])
def test_a_parameter_has_a_name_that_cloudformation_takes_and_cloudwatch_does_not(shop: Path, spoil: Spoil, name: str):
    spoil("obskit.toml", '"abc"', f'{{ parameter = "{name}" }}')

    with pytest.raises(ConfigError, match=r"environments\.prod\.ids\.graphql_api\.parameter"):
        project.load(shop)


def test_a_table_that_is_no_parameter_is_told(shop: Path, spoil: Spoil):
    spoil("obskit.toml", '"abc"', '{ paramter = "X" }')

    with pytest.raises(ConfigError, match=r"unknown key\. Did you mean 'parameter'") as caught:
        project.load(shop)

    assert 2 == len(caught.value.problems)


def test_an_environment_has_thresholds_and_tags_of_its_own(shop: Path, spoil: Spoil):
    """The line on the dashboard is that of the alarm."""
    spoil("obskit.toml", "[environments.dev]", "[environments.dev.thresholds]\nfailures = 50\n\n[environments.dev]")
    spoil("obskit.toml", "[environments.dev]", '[environments.dev.tags]\ncost_center = "9"\n\n[environments.dev]')
    dev, prod = rendered(shop, "dev"), rendered(shop)

    for one, line, center in ((dev, 50, "9"), (prod, 3, "1234")):
        alarm: dict[str, Any] = one.templates["us-east-1"]["Resources"]["AlarmFailures"]["Properties"]
        annotation = one.bodies["checkout"]["widgets"][1]["properties"]["annotations"]["horizontal"][0]
        assert (line, line, center) == (alarm["Threshold"], annotation["value"], alarm["Tags"][0]["Value"])


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("[environments.dev.thresholds]\nfailure = 5", "no alarm is called 'failure'. Did you mean 'failures'?"),
        ('[environments.dev.thresholds]\nfailures = "5"', "environments.dev.thresholds.failures: must be a number"),
        ('[environments.dev.tags]\nowne = "x"', "environments.dev.tags.owne: unknown key"),
        ('[environments.dev.tags]\nowner = ""', "environments.dev.tags.owner: a tag value has 1 to 256 characters"),
    ],
)
def test_what_an_environment_cannot_mean_is_told(shop: Path, spoil: Spoil, table: str, words: str):
    spoil("obskit.toml", "[environments.dev]", f"{table}\n\n[environments.dev]")

    assert [True] == [words in str(one) for one in check.check(shop) if one.rule in ("threshold", "project")]


def test_alarms_on_the_edge_are_in_us_east_1_wherever_the_shop_is(shop: Path, spoil: Spoil):
    """CloudFront's metrics are nowhere else: a stack of their own, with the topic that they speak to."""
    spoil("obskit.toml", 'regions = ["us-east-1", "us-west-2"]', 'regions = ["eu-west-1", "eu-central-1"]')
    spoil("obskit.toml", '"abc"', '"abc", distribution = "E1"')
    with (shop / "alarms/checkout.py").open("a") as file:
        file.write(ALARM)

    templates = rendered(shop).templates

    kinds = {
        region: [name for name in template["Resources"] if name.startswith(("Alarm", "Dashboard"))]
        for region, template in templates.items()
    }
    assert {"AlarmFailures", "DashboardCheckout"} <= set(kinds["eu-west-1"])
    assert [True, False] == ["AlarmEdge" in kinds["us-east-1"], "AlarmEdge" in kinds["eu-west-1"]]
    assert not any(name.startswith("Dashboard") for name in (*kinds["us-east-1"], *kinds["eu-central-1"]))
    assert "AlarmFailures" not in kinds["us-east-1"]
    assert "TopicPage" in templates["us-east-1"]["Resources"]
