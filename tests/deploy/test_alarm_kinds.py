"""Each kind of alarm as CloudFormation gets it, and what cannot be meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from obskit import kpis
from obskit.catalog import own
from obskit.deploy import aws, names, project, render
from obskit.deploy.check import rendered_problems
from obskit.deploy.definitions import Definitions
from obskit.deploy.specs import (
    Alarm,
    AwsMetric,
    Composite,
    Dashboard,
    Math,
    Section,
    Text,
    all_of,
    any_of,
    burn_rate,
    none_of,
    rollback,
)
from obskit.errors import DefinitionError
from tests.deploy.conftest import FACTS
from tests.parts import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    Json = dict[str, Any]

ERRORS = AwsMetric("AWS/Lambda", "Errors", {"FunctionName": "{project}-{env}-x"}, "Sum")
FAILED, DONE = kpis.CHECKOUT_FAILURE.sum, kpis.CHECKOUT_SUCCESS.sum


def template(root: Path, *alarms: Alarm | Composite, environment: str = "dev", region: str = "us-east-1") -> Json:
    """Render *alarms*; what is rendered has no problem."""
    loaded = project.load(root)
    plain = tuple(one for one in alarms if isinstance(one, Alarm))
    composites = tuple(one for one in alarms if isinstance(one, Composite))
    board = Dashboard("d", "D", (Section("S", ((Text("x"),),)),))
    found = render.render(
        loaded, Definitions((board,), plain, {}, {}, composites=composites), loaded.environments[environment]
    )
    assert [] == [str(one) for one in rendered_problems(found)]
    document: Json = found.templates[region]
    return document


def properties(root: Path, *alarms: Alarm | Composite, **where: str) -> Json:
    found: Json = template(root, *alarms, **where)["Resources"][names.alarm_id(alarms[-1])]["Properties"]
    return found


def kept(found: Json, *keys: str) -> Json:
    return {key: found[key] for key in keys if key in found}


def metric(name: str, service: str = "checkout", env: str = "dev", namespace: str = "Shop") -> Json:
    dimensions = [{"Name": "service", "Value": service}, {"Name": "env", "Value": env}]
    return {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions}


def test_a_metric_of_aws(shop: Path):
    found = properties(shop, Alarm("a", ERRORS, above=0, service="x", **FACTS))

    assert {
        "AlarmName": "shop-x-dev-us-east-1-a",
        "Namespace": "AWS/Lambda",
        "MetricName": "Errors",
        "Dimensions": [{"Name": "FunctionName", "Value": "shop-dev-x"}],
        "Statistic": "Sum",
        "TreatMissingData": "notBreaching",
    } == kept(found, "AlarmName", "Namespace", "MetricName", "Dimensions", "Statistic", "TreatMissingData")


def test_a_ratio_needs_a_minimum_and_fills_what_is_sparse(shop: Path):
    """One input without data would make the whole expression one without data."""
    found = properties(
        shop, Alarm.ratio("a", FAILED, DONE, above=5, minimum=20, label="failed, %", period=300, **FACTS)
    )

    assert {
        "Metrics": [
            {
                "Id": "result",
                "Expression": "IF(FILL(total, 0) >= 20, 100 * FILL(bad, 0)"
                " / IF(FILL(total, 0) > 0, FILL(total, 0), 1), 0)",
                "Label": "failed, %",
                "ReturnData": True,
            },
            {
                "Id": "bad",
                "MetricStat": {"Metric": metric("CheckoutFailure"), "Period": 300, "Stat": "Sum"},
                "ReturnData": False,
            },
            {
                "Id": "total",
                "MetricStat": {"Metric": metric("CheckoutSuccess"), "Period": 300, "Stat": "Sum"},
                "ReturnData": False,
            },
        ],
        "Threshold": 5,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    } == kept(found, "Metrics", "Threshold", "ComparisonOperator", "TreatMissingData", "Period", "MetricName")


@pytest.mark.parametrize(
    ("side", "operator"),
    [
        ("above", "GreaterThanUpperThreshold"),
        ("below", "LessThanLowerThreshold"),
        ("both", "LessThanLowerOrGreaterThanUpperThreshold"),
    ],
)
def test_an_anomaly_band(shop: Path, side: Any, operator: str):
    found = properties(shop, Alarm.anomaly("a", kpis.SEARCH_LATENCY.p95, band=2.5, side=side, **FACTS))

    assert {
        "Metrics": [
            {
                "Id": "watched",
                "MetricStat": {"Metric": metric("SearchLatency", "search"), "Period": 60, "Stat": "p95"},
                "ReturnData": True,
            },
            {
                "Id": "band",
                "Expression": "ANOMALY_DETECTION_BAND(watched, 2.5)",
                "Label": "expected",
                "ReturnData": True,
            },
        ],
        "ThresholdMetricId": "band",
        "ComparisonOperator": operator,
    } == kept(found, "Metrics", "ThresholdMetricId", "Threshold", "ComparisonOperator", "Period")


@pytest.mark.parametrize(
    ("watches", "expression"),
    [(kpis.QUEUE_DEPTH.maximum, "DIFF(value)"), (kpis.CHECKOUT_FAILURE.sum, "DIFF(FILL(value, 0))")],
)
def test_a_rate_of_change(shop: Path, watches: Any, expression: str):
    """From nothing at all to many is a jump, too."""
    found = properties(shop, Alarm.rate_of_change("a", watches, above=500, **FACTS))

    assert (expression, True) == (found["Metrics"][0]["Expression"], found["Metrics"][0]["ReturnData"])
    assert 500 == found["Threshold"]


def test_a_heartbeat_takes_silence_as_bad(shop: Path):
    found = properties(shop, Alarm.heartbeat("a", DONE, period=900, for_=(4, 4), **FACTS))

    assert {
        "Threshold": 1,
        "ComparisonOperator": "LessThanThreshold",
        "TreatMissingData": "breaching",
        "Period": 900,
    } == kept(found, "Threshold", "ComparisonOperator", "TreatMissingData", "Period")


def test_a_dead_letter_queue_is_empty(shop: Path):
    found = properties(shop, Alarm.dead_letters("a", "{project}-{env}-dead", service="x", **FACTS))

    assert {
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": "shop-dev-dead"}],
        "Statistic": "Maximum",
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
    } == kept(found, "MetricName", "Dimensions", "Statistic", "Threshold", "ComparisonOperator")


def test_a_composite_writes_all_parentheses_and_waits_for_what_it_names(shop: Path):
    one, two, three = (Alarm(name, FAILED, above=1, acts=False, **FACTS) for name in ("one", "two", "three"))
    deploying = Alarm("deploying", DONE, above=1, **FACTS)
    both = Composite("both", all_of(one, any_of(two, three), none_of(deploying)), suppressor=deploying, **FACTS)
    named = {name: f'ALARM("shop-checkout-dev-us-east-1-{name}")' for name in ("one", "two", "three", "deploying")}

    resource = template(shop, one, two, three, deploying, both)["Resources"]["CompositeBoth"]

    assert ["AlarmDeploying", "AlarmOne", "AlarmThree", "AlarmTwo"] == resource["DependsOn"]
    assert {
        "AlarmRule": "({one} AND ({two} OR {three}) AND NOT ({deploying}))".format(**named),
        "ActionsSuppressor": "arn:aws:cloudwatch:us-east-1:111111111111:alarm:shop-checkout-dev-us-east-1-deploying",
        "ActionsSuppressorWaitPeriod": 60,
        "ActionsSuppressorExtensionPeriod": 60,
        "AlarmActions": [{"Ref": "TopicTicket"}],
        "OKActions": [{"Ref": "TopicTicket"}],
    } == kept(
        resource["Properties"],
        "AlarmRule",
        "ActionsSuppressor",
        "ActionsSuppressorWaitPeriod",
        "ActionsSuppressorExtensionPeriod",
        "AlarmActions",
        "OKActions",
    )


def test_an_alarm_that_only_a_composite_reads_tells_nobody(shop: Path):
    silent = Alarm("a", FAILED, above=1, acts=False, **FACTS)
    found = template(shop, silent, Composite("both", silent, **FACTS))["Resources"]["AlarmA"]["Properties"]

    assert {} == kept(found, "ActionsEnabled", "AlarmActions", "OKActions")


def test_an_error_budget_has_the_windows_of_the_workbook(shop: Path):
    """
    The SRE workbook, chapter 5: 14.4 and 6 times the budget page, 3 and 1 make tickets; each over two windows.

    The budget is what the metric's objective says, "fewer than 1 % of checkouts". Three days are three single ones:
    nothing is documented for a period above a day.
    """
    facts: Any = {key: value for key, value in FACTS.items() if key != "severity"}
    parts = burn_rate("checkout", FAILED, kpis.CHECKOUT_FAILURE.samples, minimum=20, **facts)

    resources = template(shop, *parts)["Resources"]

    alarms = {
        name.removeprefix("AlarmCheckoutBurn"): one["Properties"]
        for name, one in resources.items()
        if one["Type"] == "AWS::CloudWatch::Alarm"
    }
    assert {
        "FastH1": (14.4, 3600, 1),
        "FastM5": (14.4, 300, 1),
        "SteadyH6": (6.0, 21_600, 1),
        "SteadyM30": (6.0, 1800, 1),
        "SlowD1": (3.0, 86_400, 1),
        "SlowH2": (3.0, 7200, 1),
        "LeakD3": (1.0, 86_400, 3),
        "LeakH6": (1.0, 21_600, 1),
    } == {
        name: (one["Threshold"], one["Metrics"][1]["MetricStat"]["Period"], one["EvaluationPeriods"])
        for name, one in alarms.items()
    }
    assert not any("AlarmActions" in one for one in alarms.values())
    start = 'ALARM("shop-checkout-dev-us-east-1-checkout-burn-'
    assert {
        "CompositeCheckoutBurnPage": f'(({start}fast-h1") AND {start}fast-m5")) OR ({start}steady-h6") AND'
        f' {start}steady-m30")))',
        "CompositeCheckoutBurnTicket": f'(({start}slow-d1") AND {start}slow-h2")) OR ({start}leak-d3") AND'
        f' {start}leak-h6")))',
    } == {
        name: one["Properties"]["AlarmRule"]
        for name, one in resources.items()
        if one["Type"] == "AWS::CloudWatch::CompositeAlarm"
    }


def test_a_rollback_reads_the_new_version_and_is_an_output(shop: Path):
    """At a tenth of the traffic, the rate of the whole service would hide it."""
    parts = rollback(
        "checkout", "{project}-{env}-checkout", slower_than_ms=900, owner="o", runbook="r.md", dashboard="d"
    )

    document = template(shop, *parts)

    of = [
        {"Name": "FunctionName", "Value": "shop-dev-checkout"},
        {"Name": "Resource", "Value": "shop-dev-checkout:live"},
        {"Name": "ExecutedVersion", "Value": {"Ref": "ExecutedVersionCheckout"}},
    ]
    resources = document["Resources"]
    errors = resources["AlarmCheckoutVersionErrors"]["Properties"]
    assert [of, of] == [one["MetricStat"]["Metric"]["Dimensions"] for one in errors["Metrics"][1:]]
    assert of == resources["AlarmCheckoutVersionSlow"]["Properties"]["Dimensions"]
    whole = resources["CompositeCheckoutRollback"]["Properties"]
    assert "shop-checkout-dev-us-east-1-rollback" == whole["AlarmName"]
    assert {} == kept(whole, "AlarmActions", "OKActions")
    assert {
        "CheckoutRollbackName": {"Value": {"Ref": "CompositeCheckoutRollback"}},
        "CheckoutRollbackArn": {"Value": {"Fn::GetAtt": ["CompositeCheckoutRollback", "Arn"]}},
    } == document["Outputs"]
    assert {
        "ExecutedVersionCheckout": {
            "Type": "String",
            "Default": "none",
            "AllowedPattern": "none|[0-9]+",
            "Description": "The version of checkout that is being rolled out",
        }
    } == document["Parameters"]


@pytest.mark.parametrize(
    ("watches", "more", "missing"),
    [
        (kpis.CHECKOUT_FAILURE.sum, {}, "notBreaching"),  # nothing is written while nothing fails
        (kpis.CHECKOUT_LATENCY.p95, {}, "notBreaching"),
        (kpis.OUTBOX_AGE.maximum, {}, "ignore"),  # a value every minute: without it, nobody knows
        (kpis.OUTBOX_AGE.maximum, {"missing": "breaching"}, "breaching"),
        (ERRORS, {"service": "x"}, "notBreaching"),
        (AwsMetric("AWS/RDS", "CPUUtilization", {"DBClusterIdentifier": "c"}, "Maximum"), {"service": "x"}, "ignore"),
        (Math("a / b", {"a": kpis.OUTBOX_AGE.maximum, "b": FAILED}, "m"), {}, "notBreaching"),
    ],
)
def test_missing_data_follows_the_nature_of_the_metric(shop: Path, watches: Any, more: Any, missing: str):
    assert missing == properties(shop, Alarm("a", watches, above=1, **more, **FACTS))["TreatMissingData"]


def test_an_environment_may_have_a_line_of_its_own(shop: Path):
    alarm = Alarm("a", FAILED, above=3, thresholds={"dev": 30}, **FACTS)

    assert 30 == properties(shop, alarm)["Threshold"]
    assert 3 == properties(shop, alarm, environment="prod")["Threshold"]


def test_low_samples_and_warm_up(shop: Path):
    found = properties(shop, Alarm("a", kpis.SEARCH_LATENCY.p99, above=3, low_samples="ignore", warm_up=30, **FACTS))

    assert {
        "ExtendedStatistic": "p99",
        "EvaluateLowSampleCountPercentile": "ignore",
        "WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 30},
    } == kept(found, "ExtendedStatistic", "EvaluateLowSampleCountPercentile", "WarmUpConfiguration")


def test_what_is_in_one_region_is_rendered_there_alone(shop: Path):
    alarm = Alarm(
        "a",
        AwsMetric("AWS/CloudFront", "5xxErrorRate", {"DistributionId": "x", "Region": "Global"}, "Average"),
        above=1,
        service="edge",
        only_in="us-east-1",
        **FACTS,
    )
    both = Composite("both", alarm, **FACTS)

    assert {"AlarmA", "CompositeBoth"} <= set(template(shop, alarm, both, environment="prod")["Resources"])
    assert {} == template(shop, alarm, both, environment="prod", region="us-west-2")["Resources"]


def test_ids_may_differ_by_region(shop: Path, spoil: Any):
    """An AppSync API of the standby region is another API."""
    spoil(
        "obskit.toml",
        'ids = { graphql_api = "abc" }',
        'ids = { graphql_api = "abc" }\nids_in = { us-west-2 = { graphql_api = "west" } }',
    )
    alarm = Alarm(
        "a",
        AwsMetric("AWS/AppSync", "5XXError", {"GraphQLAPIId": "{graphql_api}"}, "Sum"),
        above=1,
        service="api",
        **FACTS,
    )

    assert ["abc", "west"] == [
        properties(shop, alarm, environment="prod", region=region)["Dimensions"][0]["Value"]
        for region in ("us-east-1", "us-west-2")
    ]


def test_a_metric_of_every_function_takes_the_alarms_service(shop: Path):
    found = properties(shop, Alarm("a", own.RESOLVER_ERRORS.sum, above=1, service="search", **FACTS))

    assert metric("ResolverErrors", "search") == kept(found, "Namespace", "MetricName", "Dimensions")


def test_a_demonstration_shortens_its_own_metrics_only(shop: Path):
    """AWS has no points below a minute."""
    from dataclasses import replace

    loaded = project.load(shop)
    quick = replace(loaded.environments["dev"], alarm_period=10)
    alarms = (Alarm("a", FAILED, above=1, **FACTS), Alarm("b", ERRORS, above=1, service="x", period=300, **FACTS))
    board = Dashboard("d", "D", (Section("S", ((Text("x"),),)),))

    found = render.render(loaded, Definitions((board,), alarms, {}, {}), quick).templates["us-east-1"]["Resources"]

    assert [10, 300] == [found[name]["Properties"]["Period"] for name in ("AlarmA", "AlarmB")]


def test_an_unknown_id_is_told_with_the_alarm(shop: Path):
    alarm = Alarm("a", aws.aurora("{cluster}").cpu_utilization, above=1, service="x", **FACTS)

    with pytest.raises(DefinitionError, match=re.escape("alarm 'a': '{cluster}' stands for nothing; known: ")):
        template(shop, alarm)


A = Alarm("child", FAILED, above=1, **FACTS)
TEN = {f"m{number}": FAILED for number in range(10)}


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Alarm("a", ERRORS, above=1, **FACTS), "a metric of AWS says no service; add service="),
        (lambda: Alarm("a", FAILED, **FACTS), "give exactly one of above, at_least, below, at_most, band"),
        (lambda: Alarm("a", FAILED, above=1, band=2, **FACTS), "give exactly one of"),
        (lambda: Alarm("a", FAILED, band=0, **FACTS), "a band is above 0, around one metric"),
        (lambda: Alarm("a", FAILED, band=2, side="over", **FACTS), "side 'over'. It is one of above, below, both"),  # type: ignore[arg-type]  # the mistake
        (lambda: Alarm("a", Math("1 + 1", {}, "m"), above=1, service="x", **FACTS), "math over 0 metrics"),
        (
            lambda: Alarm("a", Math(" + ".join([*TEN, "m10"]), {**TEN, "m10": FAILED}, "m"), above=1, **FACTS),
            "math over 11 metrics; an alarm takes 1 to 10",
        ),
        (lambda: Alarm("a", FAILED, above=1, low_samples="x", **FACTS), "low_samples 'x'. It is evaluate or ignore"),  # type: ignore[arg-type]  # the mistake
        (lambda: Alarm("a", FAILED, above=1, warm_up=2881, **FACTS), "warm_up is 2881; it is 0 to 2880 minutes"),
        (lambda: Alarm("a", "x", above=1, **FACTS), "an alarm watches a statistic"),  # type: ignore[arg-type]  # the mistake
        (lambda: Composite("c", any_of(), **FACTS), "a rule joins alarms"),
        (lambda: Composite("c", "ALARM(x)", **FACTS), "rule is an alarm, or any_of, all_of, none_of"),  # type: ignore[arg-type]  # the mistake
        (
            lambda: Composite("c", any_of(*(Alarm(f"a{n}", FAILED, above=1, **FACTS) for n in range(101))), **FACTS),
            "names 101 alarms; a composite takes 100",
        ),
        (lambda: Composite("c", A, suppressor=A, wait=-1, **FACTS), "wait and extension are seconds"),
        (lambda: Composite("c", A, **{**FACTS, "runbook": ""}), "runbook must be one line of text"),
        (
            lambda: Composite("c", A, **{**FACTS, "severity": "loud"}),
            "severity 'loud'. It is one of page, ticket, info",
        ),
        (
            lambda: burn_rate("b", kpis.SEARCH_LATENCY.p95, DONE, minimum=1, owner="o"),
            "does not begin with 'fewer than N %'",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(make: Any, words: str):
    with pytest.raises(DefinitionError, match=re.escape(words)):
        make()


def test_ten_metrics_are_not_too_many(shop: Path):
    alarm = Alarm("a", Math(" + ".join(TEN), TEN, "m"), above=1, **FACTS)

    assert 11 == len(properties(shop, alarm)["Metrics"])


def test_the_definitions_in_the_papers_render(shop: Path):
    code = (ROOT / "docs/alarms.md").read_text().partition("```python\n")[2].partition("```")[0]
    found: dict[str, Any] = {}
    exec(compile(code, "docs/alarms.md", "exec"), found)
    alarms = [one for value in found.values() for one in (value if isinstance(value, tuple) else [value])]

    resources = template(shop, *(one for one in alarms if isinstance(one, (Alarm, Composite))))["Resources"]

    assert {"AlarmDatabaseCapacity", "CompositeCheckoutStarves", "CompositeOrdersBurnPage"} < set(resources)
    assert {"CompositeCheckoutRollback"} < set(resources)


def test_the_settings_in_the_papers_are_sound(shop: Path, spoil: Any):
    text = (ROOT / "docs/paging.md").read_text().partition("```toml\n")[2].partition("```")[0]
    head = (
        '[environments.prod]\naccount = "333333333333"\nregions = ["us-east-1", "us-west-2"]\nlog_retention_days = 90\n'
    )
    old = (shop / "obskit.toml").read_text().partition("[environments.prod]")[2]

    spoil("obskit.toml", f"[environments.prod]{old}", head + text.removeprefix("[environments.prod]\n"))

    assert project.load(shop).environments["prod"].fallback == "oncall@shop.example"
