"""A small project that is sound, and ways to spoil it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TOML = """\
[project]
name = "shop"
namespace = "Shop"
catalogs = ["obskit.kpis"]
runbooks = "https://runbooks.shop.example/"

[tags]
owner = "platform"
cost_center = "1234"
data_class = "internal"

[environments.dev]
account = "111111111111"
regions = ["us-east-1"]
log_retention_days = 30

[environments.prod]
account = "333333333333"
regions = ["us-east-1", "us-west-2"]
log_retention_days = 90
pages = true
paging_secret = "obskit/pagerduty/prod"
kms_key = "alias/shop-data"
fallback = "oncall@shop.example"
ids = { graphql_api = "abc" }
"""

DASHBOARD = """\
from obskit import kpis
from obskit.deploy.specs import AlarmList, Dashboard, Graph, Section

BOARD = Dashboard(
    "checkout",
    "Checkout",
    (Section("Checkout", ((Graph("Failed", (kpis.CHECKOUT_FAILURE.sum,)), AlarmList("Alarms")),)),),
)
"""

ALARM = """\
from obskit import kpis
from obskit.deploy.specs import Alarm

FAILURES = Alarm(
    "failures",
    kpis.CHECKOUT_FAILURE.sum,
    at_least=3,
    severity="page",
    owner="payments",
    summary="Checkouts are failing.",
    impact="Buyers see an error.",
    runbook="checkout-failures.md",
    dashboard="checkout",
)
"""

FACTS: Any = {
    "severity": "ticket",
    "owner": "o",
    "summary": "s",
    "impact": "i",
    "runbook": "r.md",
    "dashboard": "d",
}
"""What every alarm has to say."""

Spoil = Callable[[str, str, str], Path]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The root of a project with one dashboard and one alarm."""
    for name, text in (("obskit.toml", TOML), ("dashboards/checkout.py", DASHBOARD), ("alarms/checkout.py", ALARM)):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.fixture
def spoil(shop: Path) -> Spoil:
    """Replace one piece of text in one file of the project."""

    def replace(file: str, old: str, new: str) -> Path:
        path = shop / file
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))
        return shop

    return replace
