"""From code to alarm: what is missing in between is a problem with file and line."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from obskit.catalog import model
from obskit.deploy import coverage, definitions, project
from obskit.deploy.check import check

ROOT = Path(__file__).parents[2]
Spoil = Callable[[str, str, str], Path]

SIGNALS = """\
from obskit.catalog import Dimension, Metric

SOLD = Metric.counter("Sold", "Sold.", (Dimension("size", one_of=("s", "l")),), owner="a", service="shop",
    objective="at least 1 an hour", direction="more")
VISITS = Metric.counter("Visits", "Visits.", owner="a", service="shop")
"""
HANDLER = """\
import obskit
from shop import signals

@obskit.instrument
def handler(event, context):
    obskit.record(signals.SOLD, 1, size="s")
    obskit.record(signals.VISITS, 1)

raise RuntimeError("a handler is read, and never imported")
"""
BOARD = """\
from obskit.deploy.specs import Dashboard, Graph, Section
from shop import signals

BOARD = Dashboard("shop", "Shop", (Section("Shop", ((
    Graph("Sold", (signals.SOLD.sum,)),
    Graph("Visits", (signals.VISITS.sum,)),
),)),))
"""
ALARM = """\
from obskit.deploy.specs import Alarm
from shop import signals

SILENCE = Alarm("silence", signals.SOLD.sum, below=1, period=3600, missing="breaching", severity="ticket", owner="a",
    summary="Nothing is sold.", impact="No money.", runbook="checkout-failures.md", dashboard="shop")
"""
COVERAGE = """
[coverage]
handlers = ["functions/*/handler.py"]
allow = []
"""


@pytest.fixture
def covered(shop: Path, spoil: Spoil, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project with a catalog of its own, one handler, one dashboard and one alarm, all of it sound."""
    monkeypatch.setattr(model, "_DECLARED", {})
    spoil("obskit.toml", 'catalogs = ["obskit.kpis"]', 'catalogs = ["shop.signals"]')
    spoil("obskit.toml", "[tags]", COVERAGE + "\n[tags]")
    files = {
        "shop/__init__.py": "",
        "shop/signals.py": SIGNALS,
        "functions/sell/handler.py": HANDLER,
        "dashboards/checkout.py": BOARD,
        "alarms/checkout.py": ALARM,
    }
    for name, text in files.items():
        (shop / name).parent.mkdir(parents=True, exist_ok=True)
        (shop / name).write_text(text)
    shutil.copytree(ROOT / "alarms/runbooks", shop / "alarms/runbooks")
    yield shop
    assert not (shop / "functions/sell/__pycache__").exists()


def told(root: Path) -> list[str]:
    model._DECLARED.clear()  # the project's catalog may have changed since
    return [str(problem) for problem in check(root)]


def allow(*exceptions: str) -> str:
    return "allow = [{ " + " }, { ".join(exceptions) + " }]"


def test_a_covered_project_has_no_problem(covered: Path):
    assert told(covered) == []


def test_every_signal_says_where_it_is(covered: Path):
    loaded = project.load(covered)
    found = coverage.signals(loaded, definitions.load(loaded)).by_name

    assert {
        name: (one.declared, one.emitted, one.charted, one.guarded, one.dashboards, one.alarms)
        for name, one in found.items()
    } == {
        "Sold": (
            "shop/signals.py:3",
            ("functions/sell/handler.py:6",),
            ("dashboards/checkout.py:5",),
            ("alarms/checkout.py:4",),
            ("shop",),
            ("silence",),
        ),
        "Visits": (
            "shop/signals.py:5",
            ("functions/sell/handler.py:7",),
            ("dashboards/checkout.py:6",),
            (),
            ("shop",),
            (),
        ),
    }


CHARTED = "functions/sell/handler.py:7: error: 'Visits' is recorded here, and no dashboard shows it [charted]"
EMITTED = "dashboards/checkout.py:6: error: 'Visits' is shown here, and no handler of obskit.toml records it [emitted]"
ALARMED = "shop/signals.py:3: error: 'Sold' has an objective (at least 1 an hour), and no alarm guards it [alarmed]"
SOLD_SHOWN = "dashboards/checkout.py:5: error: 'Sold' is shown here, and no handler of obskit.toml records it [emitted]"
SOLD_GUARDED = (
    "alarms/checkout.py:4: error: 'Sold' is guarded here, and no handler of obskit.toml records it: the alarm knows"
    " nothing [emitted]"
)
UNCHARTED = ("dashboards/checkout.py", '    Graph("Visits", (signals.VISITS.sum,)),\n', "")
UNEMITTED = ("functions/sell/handler.py", "    obskit.record(signals.VISITS, 1)\n", "")
UNALARMED = ("alarms/checkout.py", "signals.SOLD", "signals.VISITS")


@pytest.mark.parametrize(
    ("file", "old", "new", "problems"),
    [
        (*UNCHARTED, [CHARTED]),
        (*UNEMITTED, [EMITTED]),
        (*UNALARMED, [ALARMED]),
        (
            "functions/sell/handler.py",
            '    obskit.record(signals.SOLD, 1, size="s")\n',
            "",
            [
                SOLD_SHOWN,
                SOLD_GUARDED,
            ],
        ),
        (
            "functions/sell/handler.py",
            "signals.SOLD, 1",
            "signals.SOLDE, 1",
            [
                (
                    "functions/sell/handler.py:6: error: 'shop.signals' declares no 'SOLDE'. Did you mean 'SOLD'?"
                    " [handler]"
                ),
                SOLD_SHOWN,
                SOLD_GUARDED,
            ],
        ),
        (
            "functions/sell/handler.py",
            'size="s"',
            'size="medium"',
            [
                (
                    "functions/sell/handler.py:6: error: dimension 'size' of 'Sold' has no value 'medium'; it would be"
                    " written as 'other'. [handler]"
                ),
            ],
        ),
        (
            "functions/sell/handler.py",
            "raise RuntimeError(",
            "raise RuntimeError((",
            ["functions/sell/handler.py:9: error: not Python: '(' was never closed [handler]"],
        ),
        (
            "obskit.toml",
            "functions/*/handler.py",
            "function/*.py",
            ["obskit.toml: error: coverage.handlers: 'function/*.py' matches no Python file [handler]"],
        ),
        (
            "alarms/checkout.py",
            "below=1",
            "above=1",
            [
                ("alarms/checkout.py: error: Alarm 'silence': fires at > 1, but of 'Sold' more is better [direction]"),
            ],
        ),
    ],
)
def test_what_is_missing_is_told(  # noqa: PLR0913, PLR0917  a table of four columns
    covered: Path, spoil: Spoil, file: str, old: str, new: str, problems: list[str]
):
    spoil(file, old, new)

    assert told(covered) == problems


@pytest.mark.parametrize(
    ("missing", "signal", "rule"),
    [(UNCHARTED, "Visits", "charted"), (UNEMITTED, "Visits", "emitted"), (UNALARMED, "Sold", "alarmed")],
)
@pytest.mark.parametrize("narrow", ["narrow", ""])
def test_an_exception_has_a_reason(  # noqa: PLR0913, PLR0917  a table
    covered: Path, spoil: Spoil, missing: tuple[str, str, str], signal: str, rule: str, narrow: str
):
    spoil(*missing)
    excuse = f'signal = "{signal}", reason = "made by hand"' + (f', rule = "{rule}"' if narrow else "")
    spoil("obskit.toml", "allow = []", allow(excuse))

    assert told(covered) == []


def test_an_exception_excuses_its_own_rule_only(covered: Path, spoil: Spoil):
    spoil(*UNCHARTED)
    spoil("obskit.toml", "allow = []", allow('signal = "Visits", reason = "r", rule = "emitted"'))

    idle = "'Visits' has no problem with rule 'emitted'; take the exception out"
    assert told(covered) == [CHARTED, f"obskit.toml: error: coverage.allow[0]: {idle} [allow]"]


@pytest.mark.parametrize(
    ("exception", "problem"),
    [
        (
            'signal = "Sold", reason = "r"',
            (
                "obskit.toml: error: coverage.allow[0]: 'Sold' has no problem with this check; take the exception out"
                " [allow]"
            ),
        ),
        (
            'signal = "Sold", reason = "r", rule = "charted"',
            (
                "obskit.toml: error: coverage.allow[0]: 'Sold' has no problem with rule 'charted'; take the exception"
                " out [allow]"
            ),
        ),
        (
            'signal = "Solt", reason = "r"',
            "obskit.toml: error: coverage.allow[0]: no metric is called 'Solt'. Did you mean 'Sold'? [allow]",
        ),
        (
            'signal = "Sold"',
            "obskit.toml: error: coverage.allow[0].reason: missing; it is text in quotes [project]",
        ),
        (
            'signal = "Sold", reason = " "',
            (
                "obskit.toml: error: coverage.allow[0].reason: is empty; say who does it, or why nobody needs to"
                " [project]"
            ),
        ),
        (
            'signal = "Sold", reason = "r", rule = "chart"',
            (
                "obskit.toml: error: coverage.allow[0].rule: 'chart' is none of emitted, charted, alarmed. Did you mean"
                " 'charted'? [project]"
            ),
        ),
        (
            'signal = "Sold", reason = "r", until = "2027"',
            "obskit.toml: error: coverage.allow[0].until: unknown key. [project]",
        ),
    ],
)
def test_an_exception_that_excuses_nothing_is_a_problem(covered: Path, spoil: Spoil, exception: str, problem: str):
    spoil("obskit.toml", "allow = []", allow(exception))

    assert told(covered) == [problem]


@pytest.mark.parametrize(
    ("handlers", "problem"),
    [
        ("[]", 'coverage.handlers: name at least one, e.g. ["functions/*/handler.py"]'),
        ('["../x.py"]', "coverage.handlers: '../x.py' must be below this file's folder, e.g. 'functions/*/*.py'"),
        ('["/x.py"]', "coverage.handlers: '/x.py' must be below this file's folder, e.g. 'functions/*/*.py'"),
        ("1", "coverage.handlers: must be a list of texts"),
    ],
)
def test_handlers_are_files_of_the_project(covered: Path, spoil: Spoil, handlers: str, problem: str):
    spoil("obskit.toml", '["functions/*/handler.py"]', handlers)

    assert told(covered) == [f"obskit.toml: error: {problem} [project]"]


def test_a_link_out_of_the_project_is_not_read(covered: Path, tmp_path_factory: pytest.TempPathFactory):
    outside = tmp_path_factory.mktemp("outside") / "handler.py"
    outside.write_text("x = 1")
    (covered / "functions/else").mkdir()
    (covered / "functions/else/handler.py").symlink_to(outside)

    assert told(covered) == ["functions/else/handler.py: error: is not a regular file of this project [handler]"]


def test_without_handlers_nothing_is_held_against_each_other(covered: Path, spoil: Spoil):
    spoil(*UNCHARTED)
    spoil("obskit.toml", COVERAGE, "")

    assert told(covered) == []


def test_a_metric_is_declared_once_in_all_catalogs(covered: Path, spoil: Spoil):
    spoil("obskit.toml", '["shop.signals"]', '["shop.signals", "shop.more"]')
    (covered / "shop/more.py").write_text(
        'from obskit import Metric\nSOLD = Metric.counter("Sold", "Sold otherwise.")\n'
    )

    assert told(covered) == [
        (
            "obskit.toml: error: project.catalogs: 'shop.more' cannot be imported: metric 'Sold' is declared twice with"
            f" different facts, first in {covered}/shop/signals.py:3; a metric is declared once [definition]"
        )
    ]


def test_the_probes_of_this_version_are_read_where_they_are(covered: Path, monkeypatch: pytest.MonkeyPatch):
    """They record KPIs for whoever names handlers; a file of the package is named from its folder on."""
    package = covered.parent / "site" / "obskit"
    (package / "probes").mkdir(parents=True)
    (package / "probes/outbox.py").write_text(
        "from obskit import record\nfrom shop.signals import VISITS\nrecord(VISITS, 1)"
    )
    monkeypatch.setattr(coverage, "_PACKAGE", package)
    loaded = project.load(covered)

    found = coverage.signals(loaded, definitions.load(loaded)).by_name
    assert found["Visits"].emitted == ("functions/sell/handler.py:7", "obskit/probes/outbox.py:3")


def test_the_command_tells_of_every_signal(covered: Path, capsys: pytest.CaptureFixture[str]):
    import io

    from obskit.cli import run

    plain, as_json = io.StringIO(), io.StringIO()
    assert run(["-C", str(covered), "check", "--signals"], plain, io.StringIO()) == 0
    assert run(["-C", str(covered), "check", "--signals", "--format", "json"], as_json, io.StringIO()) == 0

    assert plain.getvalue().splitlines() == [
        "Sold",
        "  emitted  functions/sell/handler.py:6",
        "  charted  dashboards/checkout.py:5",
        "  alarmed  alarms/checkout.py:4",
        "  runbook  -",
        "Visits",
        "  emitted  functions/sell/handler.py:7",
        "  charted  dashboards/checkout.py:6",
        "  alarmed  -",
        "  runbook  -",
        "0 errors, 0 warnings",
    ]
    sold = json.loads(as_json.getvalue())["signals"][0]
    assert (sold["name"], sold["values"], sold["series"], sold["usd_month"]) == ("Sold", {"size": ["s", "l"]}, 3, 0.9)
