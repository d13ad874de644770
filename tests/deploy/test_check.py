"""The check of a whole project, and of the one in this repository."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from obskit.deploy import definitions, files, project, render
from obskit.deploy.check import HEADINGS, check

ROOT = Path(__file__).parents[2]
Spoil = Callable[[str, str, str], Path]


@pytest.fixture
def whole(shop: Path) -> Path:
    """The small project with this repository's runbooks: the catalog names all of them."""
    shutil.copytree(ROOT / "alarms/runbooks", shop / "alarms/runbooks")
    return shop


def told(root: Path) -> list[str]:
    return [str(problem) for problem in check(root)]


def test_a_runbook_that_is_missing_is_told_with_what_belongs_in_it(whole: Path):
    for path in (whole / "alarms/runbooks").iterdir():
        path.unlink()

    first = next(problem for problem in told(whole) if "checkout-failures.md" in problem)
    assert first == (
        "alarms/runbooks/checkout-failures.md: error: no such runbook; alarm 'failures' names it. Its headings:"
        " '## Symptom', '## Impact', '## First five minutes', '## Mitigation', '## Escalation' [runbook]"
    )
    assert (
        "alarms/runbooks/paging.md: error: no such runbook; what guards the way of a page (fallback) names it. obskit's"
        " repository has one [runbook]"
    ) in told(whole)


def test_a_list_without_alarms_is_told_once(whole: Path):
    """A newcomer's dashboard is there before the alarms are."""
    (whole / "alarms/checkout.py").unlink()

    assert ["dashboards/checkout.py: error: Dashboard 'checkout': AlarmList 'Alarms' is empty: no alarm has"] == [
        problem.partition(" dashboard=")[0] for problem in told(whole) if "error" in problem
    ]


def test_a_sound_project_has_no_problem(whole: Path):
    assert [] == told(whole)


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            "obskit.toml",
            "account = ",
            "acount = ",
            "obskit.toml: error: environments.dev.account: missing; it is text in quotes [project]",
        ),
        (
            "alarms/checkout.py",
            "kpis.CHECKOUT_FAILURE",
            "kpis.CHECKOUT_FAILUR",
            (
                "alarms/checkout.py:6: error: module 'obskit.kpis' has no attribute 'CHECKOUT_FAILUR'. Did you mean"
                " 'CHECKOUT_FAILURE'? [definition]"
            ),
        ),
        (
            "alarms/checkout.py",
            'dashboard="checkout"',
            'dashboard="chekout"',
            (
                "alarms/checkout.py: error: Alarm 'failures': no dashboard is called 'chekout' (known: checkout)."
                " Did you mean 'checkout'? [dashboard]"
            ),
        ),
        (
            "alarms/checkout.py",
            "checkout-failures.md",
            "checkout-failure.md",
            (
                "alarms/runbooks/checkout-failure.md: error: no such runbook; alarm 'failures' names it. Did you mean"
                " 'checkout-failures.md'? [runbook]"
            ),
        ),
        (
            "alarms/checkout.py",
            "CHECKOUT_FAILURE",
            "CHECKOUT_SUCCESS",
            (
                "alarms/checkout.py: warning: Alarm 'failures': no dashboard shows 'CheckoutSuccess', which this alarm"
                " guards [shown]"
            ),
        ),
        (
            "dashboards/checkout.py",
            'AlarmList("Alarms")',
            'AlarmList("Alarms", ("failure",))',
            (
                "dashboards/checkout.py: error: Dashboard 'checkout': AlarmList 'Alarms': no alarm is called 'failure'."
                " Did you mean 'failures'? [alarm-list]"
            ),
        ),
        (
            "dashboards/checkout.py",
            '"checkout",',
            '"till",',
            (
                "dashboards/checkout.py: error: Dashboard 'till': AlarmList 'Alarms' is empty: no alarm has"
                " dashboard='till' [alarm-list]"
            ),
        ),
        (
            "dashboards/checkout.py",
            'AlarmList("Alarms")',
            'AlarmList("Alarms", width=25)',
            (
                "dashboards/rendered/dev/checkout.json/widgets/2/width: error: Should be <= 24 (dashboard 'checkout',"
                " widget 'Alarms') [range]"
            ),
        ),
        (
            "alarms/checkout.py",
            "at_least=3",
            "at_least=3, for_=(2, 1)",
            (
                "alarms/rendered/dev/us-east-1/shop.template.json: AlarmFailures/Properties/DatapointsToAlarm:"
                " error: 2 of 1: M is at most N (EvaluationPeriods) [m-of-n]"
            ),
        ),
        (
            "alarms/checkout.py",
            "at_least=3",
            'at_least=3, thresholds={"prd": 5}',
            (
                "alarms/checkout.py: error: Alarm 'failures': has a threshold for 'prd', which is no environment."
                " Did you mean 'prod'? [threshold]"
            ),
        ),
        (
            "alarms/checkout.py",
            "at_least=3",
            'at_least=3, only_in="us-west-2"',
            (
                "alarms/checkout.py: error: Alarm 'failures': is only in us-west-2, which is no region of environment"
                " 'dev' [region]"
            ),
        ),
        (
            "alarms/checkout.py",
            "FAILURES = Alarm(",
            (
                "from obskit.deploy.specs import Composite\nFACTS = dict(severity='info', owner='o', summary='s',"
                " impact='i', runbook='no.md', dashboard='bord')\n"
                "X = Alarm('x', kpis.CHECKOUT_FAILURE.sum, above=1, **FACTS)\n"
                "C = Composite('failures', X, **FACTS)\n"
                "FAILURES = Alarm("
            ),
            (
                "alarms/checkout.py: error: 'failures' is the name of an alarm and of a composite; one would"
                " replace the other [definition]"
            ),
        ),
        (
            "obskit.toml",
            'fallback = "oncall@shop.example"',
            "",
            (
                "alarms/rendered/prod/us-east-1/shop.template.json: TopicPage: warning: no second channel:"
                " nobody hears that a page is lost. Name one, e.g. [environments.prod] fallback ="
                ' "oncall@shop.example" [page-missed]'
            ),
        ),
        (
            "alarms/runbooks/indexer-lag.md",
            "## Mitigation",
            "## Mitigations",
            "alarms/runbooks/indexer-lag.md: error: has no heading '## Mitigation' [runbook]",
        ),
    ],
)
def test_a_fault_is_told(  # noqa: PLR0913, PLR0917  a table of four columns
    whole: Path, spoil: Spoil, file: str, old: str, new: str, problem: str
):
    assert [] == told(whole)
    assert problem in told(spoil(file, old, new))


def test_a_budget_that_is_not_kept_is_told(whole: Path, spoil: Spoil):
    (problem,) = told(spoil("obskit.toml", "pages = true", "pages = true\nbudget_usd_month = 5"))

    assert problem.startswith("obskit.toml: error: environments.prod.budget_usd_month: ")
    assert " USD a month is more than 5: alarm 1.00, dashboard 3.00, metric " in problem


def test_a_metric_needs_a_service(whole: Path, spoil: Spoil):
    """Without one, its series is that of whichever function records it, and no widget can name it."""
    from obskit.catalog import model

    known = dict(model._DECLARED)
    try:
        spoil(
            "dashboards/checkout.py",
            "BOARD =",
            'from obskit.catalog import Metric\nM = Metric("M1", "Count", "m")\nBOARD =',
        )
        spoil("dashboards/checkout.py", "kpis.CHECKOUT_FAILURE.sum", "M.sum")

        found = told(whole)
        assert (
            "dashboards/checkout.py: error: Dashboard 'checkout': metric 'M1' is in no catalog of obskit.toml."
            " [catalog]"
        ) in found
        assert (
            "dashboards/checkout.py: error: Dashboard 'checkout': metric 'M1' declares no service, so its series is"
            " unknown; add service= to its declaration [service]"
        ) in found
    finally:
        model._DECLARED.clear()
        model._DECLARED.update(known)


def test_problems_of_all_kinds_come_together(whole: Path, spoil: Spoil):
    spoil("alarms/checkout.py", 'dashboard="checkout"', 'dashboard="x"')
    spoil("alarms/checkout.py", "at_least=3", "at_least=3, for_=(2, 1)")
    spoil("dashboards/checkout.py", 'AlarmList("Alarms")', 'AlarmList("Alarms", ("failures",), width=25)')
    (whole / "alarms/runbooks/indexer-lag.md").unlink()

    assert {"dashboard", "m-of-n", "runbook", "range", "grid"} <= {problem.rule for problem in check(whole)}


def test_this_repository_has_no_problem():
    assert [] == told(ROOT)


def test_committed_files_are_what_the_definitions_render_to():
    """Review happens on the artefact; run `obskit render --all` and commit."""
    loaded = project.load(ROOT)
    defined = definitions.load(loaded)
    stale = []
    for environment in loaded.environments.values():
        one = render.render(loaded, defined, environment)
        texts = {**one.dashboard_files(), **one.alarm_files()}
        stale += files.differences(ROOT, texts, (one.dashboards_folder, one.alarms_folder))

    assert [] == stale


@pytest.mark.parametrize("path", sorted((ROOT / "alarms/runbooks").glob("*.md")), ids=lambda path: path.name)
def test_a_runbook_answers_in_order_and_asks_the_logs(path: Path):
    """Whoever is woken reads from the top, and pastes a query that uses the keys obskit writes."""
    text = path.read_text()
    query = text.partition("```\n")[2].partition("```")[0]

    assert list(HEADINGS) == [line for line in text.splitlines() if line.startswith("## ")]
    assert any(key in query for key in ("function_request_id", "xray_trace_id", "correlation_id"))
    assert "service" in query


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "kpis.CHECKOUT_FAILURE.sum,\n    at_least=3",
            "kpis.CHECKOUT_LATENCY.p95,\n    above=500",
            (
                "pages while all is well: CheckoutLatency (p95 of 1 min) (objective: p95 at most 1500 ms), and 3 of 3"
                " data points are > 500: 712.769, 685.49, 685.377"
            ),
        ),
        (
            "kpis.CHECKOUT_FAILURE.sum,\n    at_least=3",
            "kpis.CHECKOUT_LATENCY.p95,\n    above=15_000",
            (
                "sleeps through an incident: CheckoutLatency (p95 of 1 min) is 3000 for 4 min (objective: p95 at most"
                " 1500 ms); it fires at > 15000 in 1 of 1 periods of 1 min, and missing data is 'notBreaching'"
            ),
        ),
        (
            "kpis.CHECKOUT_FAILURE.sum,\n    at_least=3",
            "kpis.CHECKOUT_SUCCESS.sum,\n    below=1,\n    period=3600",
            (
                "sleeps through an incident: CheckoutSuccess (Sum of 1 h) is without data for 4 h (objective: at least"
                " 1 an hour, day and night); it fires at < 1 in 1 of 1 periods of 1 h, and missing data is"
                " 'notBreaching'; with 'breaching' it would fire"
            ),
        ),
    ],
)
def test_each_alarm_is_run_over_a_normal_series_and_an_incident(
    whole: Path, spoil: Spoil, old: str, new: str, problem: str
):
    """Told once, though the alarm is rendered for two environments and three regions."""
    spoil("alarms/checkout.py", old, new)

    line = f"alarms/checkout.py: error: Alarm 'failures': {problem} (dev, us-east-1) [backtest]"
    assert [line] == [text for text in told(whole) if "[backtest]" in text]


def test_alarms_with_one_fault_are_told_together(whole: Path, spoil: Spoil):
    more = """
MORE = tuple(
    Alarm(
        f"search-{name}",
        kpis.SEARCH_LATENCY.p95,
        above=500,
        severity="ticket",
        owner="search",
        summary="Slow.",
        impact="Buyers leave.",
        runbook="search-latency.md",
        dashboard="search",
    )
    for name in "abc"
)

FAILURES = """
    spoil("alarms/checkout.py", "FAILURES = ", more)

    assert told(whole) == [
        (
            "alarms/checkout.py: error: Alarm 'search-a' and 2 more: no dashboard is called 'search' (known: checkout)."
            " [dashboard]"
        ),
        (
            "alarms/checkout.py: warning: Alarm 'search-a' and 2 more: no dashboard shows 'SearchLatency', which these"
            " alarms guard [shown]"
        ),
    ]


def test_alarms_with_the_period_of_a_demonstration_are_not_tried(whole: Path, spoil: Spoil):
    spoil(
        "alarms/checkout.py", "kpis.CHECKOUT_FAILURE.sum,\n    at_least=3", "kpis.CHECKOUT_LATENCY.p95,\n    above=500"
    )
    spoil("obskit.toml", "log_retention_days = 30", "log_retention_days = 30\nalarm_period = 10")
    spoil("obskit.toml", "log_retention_days = 90", "log_retention_days = 90\nalarm_period = 10")

    assert [] == [text for text in told(whole) if "[backtest]" in text]
