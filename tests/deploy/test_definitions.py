"""Definitions: collected in a stable order, told with file and line when they cannot be, and without a trace."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from obskit.catalog import model
from obskit.deploy import definitions, project
from obskit.deploy.definitions import Definitions
from obskit.errors import DefinitionError

Spoil = Callable[[str, str, str], Path]


def load(root: Path) -> Definitions:
    return definitions.load(project.load(root))


def problems(root: Path) -> tuple[str, ...]:
    with pytest.raises(DefinitionError) as caught:
        load(root)
    return caught.value.problems


def test_things_come_by_file_name_and_in_file_order(shop: Path):
    text = "from obskit.deploy.specs import Dashboard\n"
    (shop / "dashboards/b.py").write_text(text + 'Z = Dashboard("z", "Z", ())\nA = Dashboard("a", "A", ())\n')
    (shop / "dashboards/a.py").write_text(text + 'MANY = [Dashboard(f"m{i}", "M", ()) for i in "ba"]\n')

    found = load(shop)

    assert ["mb", "ma", "z", "a", "checkout"] == [dashboard.name for dashboard in found.dashboards]
    assert ["failures"] == [alarm.name for alarm in found.alarms]


def test_loading_leaves_no_trace(shop: Path, monkeypatch: pytest.MonkeyPatch):
    """Helpers beside the definitions can be imported, and are forgotten; nothing is written beside them."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)  # as it is for a user
    (shop / "dashboards/_common.py").write_text("TITLE = 'Checkout'\n")
    (shop / "catalog_of_shop.py").write_text("")
    text = (shop / "dashboards/checkout.py").read_text()
    (shop / "dashboards/checkout.py").write_text("import catalog_of_shop, _common\n" + text)
    path, modules, files = sys.path[:], set(sys.modules), sorted(shop.rglob("*"))

    load(shop)

    assert path == sys.path
    assert set() == {name for name in set(sys.modules) - modules if not name.startswith("obskit.")}
    assert files == sorted(shop.rglob("*"))
    assert sys.dont_write_bytecode is False


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "kpis.CHECKOUT_FAILURE.sum",
            "kpis.CHECKOUT_FAILUR.sum",
            "module 'obskit.kpis' has no attribute 'CHECKOUT_FAILUR'. Did you mean 'CHECKOUT_FAILURE'?",
        ),
        (
            "kpis.CHECKOUT_FAILURE.sum",
            "kpis.CHECKOUT_FAILURE.summ",
            "'Metric' object has no attribute 'summ'. Did you mean 'sum'?",
        ),
        ("kpis.CHECKOUT_FAILURE.sum", "kpi.CHECKOUT_FAILURE.sum", "name 'kpi' is not defined. Did you mean 'kpis'?"),
        (
            "kpis.CHECKOUT_FAILURE.sum",
            "kpis.CHECKOUT_FAILURE",
            (
                "Graph 'Failed' has Metric('CheckoutFailure', 'Count'); name a statistic of a metric, e.g."
                " kpis.SEARCH_LATENCY.p95"
            ),
        ),
        ("kpis.CHECKOUT_FAILURE.sum", "1 / 0", "ZeroDivisionError: division by zero"),
        (
            "(kpis.CHECKOUT_FAILURE.sum,)",
            '(kpis.CHECKOUT_FAILURE.sum,), by={"operatoin": "x"}',
            (
                "Graph 'Failed': metric 'CheckoutFailure' declares no dimension 'operatoin' (declared: operation)."
                " Did you mean 'operation'?"
            ),
        ),
        ("Section(", "Section((", "not Python: '(' was never closed"),
    ],
)
def test_a_fault_has_file_and_line(spoil: Spoil, old: str, new: str, problem: str):
    found = problems(spoil("dashboards/checkout.py", old, new))

    assert (f"dashboards/checkout.py:{4 if 'closed' in problem else 7}: {problem}",) == found


def test_a_name_that_cannot_be_imported_has_a_nearest(spoil: Spoil):
    found = problems(spoil("dashboards/checkout.py", "import AlarmList", "import AlarmLst"))

    assert 1 == len(found)
    assert found[0].startswith("dashboards/checkout.py:2: cannot import name 'AlarmLst'")
    assert found[0].endswith("Did you mean 'AlarmList'?")


def test_all_modules_are_tried(shop: Path):
    (shop / "dashboards/a.py").write_text("a\n")
    (shop / "alarms/b.py").write_text("\nb\n")

    assert ["dashboards/a.py:1", "alarms/b.py:2"] == [":".join(text.split(":")[:2]) for text in problems(shop)]


def test_each_statement_that_fails_is_told_once_and_none_is_run_twice(shop: Path):
    """A file is run as a whole; behind a statement that fails it goes on, wherever that one stands."""
    (shop / "dashboards/a.py").write_text(
        """\
RUN = []
RUN.append(1); 1 / 0; RUN.append(2); int("x")
RUN.append(
    3,
).lost
@RUN.append
@RUN.missing
class Decorated: pass
def function(): raise KeyError("inside")
@RUN.append
class Kept:
    RUN.append(4)
    [][0]
for number in (5, 6):
    RUN.append(number)
    function()
CALLED = function
uses = Decorated
RUN.append(lambda: CALLED()); CALLED(); later = Kept
if RUN[:5] != [1, 2, 3, 4, 5] or len(RUN) != 6: RUN.wrong
"""
    )

    assert problems(shop) == (
        "dashboards/a.py:2: ValueError: invalid literal for int() with base 10: 'x'",
        "dashboards/a.py:2: ZeroDivisionError: division by zero",
        "dashboards/a.py:5: 'NoneType' object has no attribute 'lost'.",
        "dashboards/a.py:7: 'list' object has no attribute 'missing'.",
        "dashboards/a.py:9: KeyError: 'inside'",
        "dashboards/a.py:9: KeyError: 'inside'",
        "dashboards/a.py:13: IndexError: list index out of range",
    )


@pytest.mark.parametrize("line", ["return", "break", "x = 1; global x", "f(a=1, a=2)"])
def test_what_is_parsed_and_is_still_no_python_is_told(shop: Path, line: str):
    (shop / "dashboards/a.py").write_text(f"\n{line}\n")

    (problem,) = problems(shop)

    assert problem.startswith("dashboards/a.py:2: not Python: ")


def test_a_name_is_used_once(shop: Path):
    (shop / "alarms/other.py").write_text((shop / "alarms/checkout.py").read_text())

    assert ("alarms/other.py: Alarm 'failures' is already defined in alarms/checkout.py",) == problems(shop)


def test_one_object_may_have_two_names(shop: Path):
    with (shop / "alarms/checkout.py").open("a") as file:
        file.write("ALL = [FAILURES]\n")

    assert 1 == len(load(shop).alarms)


def test_a_folder_that_is_missing_is_told(spoil: Spoil):
    """Otherwise a typo would render nothing, and remove what is there."""
    found = problems(spoil("obskit.toml", "[tags]", 'dashboards = "dashbords"\n[tags]'))

    assert ("obskit.toml: project.dashboards: there is no folder 'dashbords' beside the file",) == found


def test_a_project_has_catalogs_of_its_own(spoil: Spoil, shop: Path):
    """The metrics are those of the catalogs that obskit.toml names, however they stand there."""
    text = 'from obskit.catalog import Metric\nA = Metric("A1", "Count", "a")\nMORE = [Metric("B1", "Count", "b")]\n'
    (shop / "our_metrics.py").write_text(text)
    known = dict(model._DECLARED)
    try:
        found = load(spoil("obskit.toml", '"obskit.kpis"', '"our_metrics"'))
    finally:
        model._DECLARED.clear()
        model._DECLARED.update(known)

    assert ["A1", "B1"] == list(found.metrics)


def test_a_catalog_that_is_missing_is_told(spoil: Spoil):
    root = spoil("obskit.toml", "obskit.kpis", "obskit.kpi")

    where = f"(looked in {root} and on PYTHONPATH)"
    told = f"obskit.toml: project.catalogs: 'obskit.kpi' cannot be imported: No module named 'obskit.kpi' {where}"
    assert problems(root) == (told,)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("at_least=3,", "", "give exactly one of above, at_least, below, at_most, band; it has none"),
        ("at_least=3,", "at_least=3, above=2,", "it has ['above', 'at_least']"),
        ('"page"', '"pag"', "severity 'pag'. It is one of page, ticket, info. Did you mean 'page'?"),
        ('"payments"', '""', "owner must be one line of text"),
        ("Buyers see", "Buyers\\nsee", "impact must be one line of text"),
        ('"failures"', '"Failures"', "a name is lower-case words"),
        ("at_least=3,", 'at_least=3, missing="notbreaching",', "Did you mean 'notBreaching'?"),
        ('owner="payments",', "", "missing 1 required keyword-only argument: 'owner'"),
        ('runbook="checkout-failures.md",', "", "missing 1 required keyword-only argument: 'runbook'"),
    ],
)
def test_an_alarm_is_complete(spoil: Spoil, old: str, new: str, problem: str):
    """Whoever is woken by it learns what, whose, how bad, and what to do."""
    found = problems(spoil("alarms/checkout.py", old, new))

    assert 1 == len(found)
    assert found[0].startswith("alarms/checkout.py:4: ")
    assert problem in found[0]


@pytest.mark.parametrize("leave", ["raise SystemExit(0)", "import sys; sys.exit()"])
def test_a_definition_that_exits_is_a_problem(shop: Path, leave: str):
    """Exit code 0 in silence would look like a sound project."""
    (shop / "alarms/leaves.py").write_text(f"\n{leave}\n")

    (problem,) = problems(shop)

    assert problem.startswith("alarms/leaves.py:2: SystemExit: ")


def test_a_catalog_that_exits_is_a_problem(shop: Path):
    (shop / "leaving.py").write_text("raise SystemExit(0)\n")
    toml = shop / "obskit.toml"
    toml.write_text(toml.read_text().replace('["obskit.kpis"]', '["obskit.kpis", "leaving"]'))

    assert ("obskit.toml: project.catalogs: 'leaving' cannot be imported: SystemExit: 0",) == problems(shop)


def test_a_pipe_among_the_definitions_is_not_waited_for(shop: Path):
    os.mkfifo(shop / "dashboards/pipe.py")

    assert ("dashboards/pipe.py: is not a regular file",) == problems(shop)
