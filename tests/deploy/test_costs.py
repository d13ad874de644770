"""What is rendered costs, by AWS's list; a budget that is not kept is an error."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from obskit import kpis
from obskit.deploy import costs, definitions, project, render
from obskit.deploy.costs import Cost
from obskit.deploy.specs import Alarm
from tests.deploy.conftest import FACTS
from tests.deploy.test_alarm_kinds import DONE, FAILED, template

if TYPE_CHECKING:
    from pathlib import Path


def alarm_costs(root: Path, *alarms: Alarm) -> list[float]:
    resources = template(root, *alarms)["Resources"].values()
    return [cost.usd_month for one in resources for cost in costs._of_resource(one, "r") if cost.kind == "alarm"]


@pytest.mark.parametrize(
    ("alarm", "usd"),
    [
        (Alarm("a", FAILED, above=1, **FACTS), 0.10),
        (Alarm.ratio("a", FAILED, DONE, above=1, minimum=1, **FACTS), 0.20),
        (Alarm.anomaly("a", FAILED, band=2, **FACTS), 0.30),
        (Alarm("a", FAILED, above=1, period=10, **FACTS), 0.30),
        (Alarm.ratio("a", FAILED, DONE, above=1, minimum=1, period=30, **FACTS), 0.60),
    ],
)
def test_an_alarm_costs_by_the_metrics_that_it_reads(shop: Path, alarm: Alarm, usd: float):
    """https://aws.amazon.com/cloudwatch/pricing/, read 2026-11-24."""
    assert [usd] == alarm_costs(shop, alarm)


def of(root: Path, **changes: Any) -> tuple[render.Rendered, definitions.Definitions]:
    loaded = project.load(root)
    defined = definitions.load(loaded)
    changed = project.with_environment(loaded, replace(loaded.environments["prod"], **changes))
    return render.render(changed, defined, changed.environments["prod"]), defined


def test_whatever_costs_has_a_line(shop: Path):
    found = costs.of(of(shop)[0], {"CheckoutFailure": kpis.CHECKOUT_FAILURE})

    assert Cost("alarm", "shop-checkout-prod-us-west-2-failures", "us-west-2", 0.10) in found
    assert Cost("dashboard", "shop-prod-checkout", "us-east-1", 3.00) in found
    assert Cost("metric", "CheckoutFailure", "us-east-1", 6.30) in found  # itself, and 20 operations
    # the alarm and four on the way of its page, in two regions
    assert {"alarm": 1.0, "composite": 0, "dashboard": 3.0, "metric": 6.3, "logs": 0, "total": 10.3} == costs.totals(
        found
    )


def test_log_groups_share_what_is_written(shop: Path):
    file = shop / "obskit.toml"
    file.write_text(f'{file.read_text()}\n[logs]\nfunctions = ["a", "b"]\n')

    found = costs.of(of(shop, log_gb_month=20)[0], {})

    # 10 GB each: 0.50 to write one, 0.03 a month for each that lies there, three months long
    assert [
        Cost("metric", "Shop/Logs RuntimeOutOfMemory", "us-east-1", 0.30),
        Cost("metric", "Shop/Logs RuntimeTimeouts", "us-east-1", 0.30),
        Cost("logs", "/aws/lambda/shop-prod-a", "us-east-1", 5.90),
        Cost("logs", "/aws/lambda/shop-prod-b", "us-east-1", 5.90),
    ] == found[-4:]


def test_a_budget_holds_at_it_and_not_one_past_it(shop: Path):
    rendered, defined = of(shop)
    total = costs.totals(costs.of(rendered, defined.metrics))["total"]

    assert [] == list(costs.problems(of(shop, budget_usd_month=int(total) + 1)[0], defined.metrics))
    (problem,) = costs.problems(of(shop, budget_usd_month=int(total) - 1)[0], defined.metrics)
    assert ("budget", "error") == (problem.rule, problem.severity)
    assert f"{total:.2f} USD a month is more than {int(total) - 1}: alarm 1.00, dashboard 3.00" in problem.message


def test_without_a_budget_nothing_is_said(shop: Path):
    rendered, defined = of(shop)

    assert [] == list(costs.problems(rendered, defined.metrics))
