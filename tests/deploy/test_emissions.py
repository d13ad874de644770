"""Where code records metrics, read from its syntax in every form people write it."""

import pytest

from obskit import kpis
from obskit.catalog import Dimension, Metric
from obskit.deploy import emissions
from obskit.deploy.emissions import Emissions
from obskit.logs import Logger

# Not a declaration of this process: a double that no other test sees.
SOLD = Metric.__new__(Metric)
SOLD.name, SOLD.bounds = "Sold", (Dimension("size", one_of=("small", "large")), Dimension("shop"))
NAMES = {
    "obskit.kpis.OUTBOX_AGE": kpis.OUTBOX_AGE,
    "obskit.kpis.SEARCH_LATENCY": kpis.SEARCH_LATENCY,
    "shop.signals.SOLD": SOLD,
}


def read(code: str, package: str = "") -> Emissions:
    return emissions.read(code.encode(), package, NAMES)


@pytest.mark.parametrize(
    "code",
    [
        "import obskit\nfrom obskit import kpis\n\nobskit.record(kpis.OUTBOX_AGE, 1)",
        "import obskit as o\nimport obskit.kpis as k\n\no.record(k.OUTBOX_AGE, 1)",
        "import obskit\nimport obskit.kpis\n\nobskit.record(obskit.kpis.OUTBOX_AGE, 1)",
        "import obskit\n\n\nobskit.record(obskit.kpis.OUTBOX_AGE, 1)",
        "from obskit import kpis, record\n\n\nrecord(kpis.OUTBOX_AGE, 1)",
        "from obskit import record as r\nfrom obskit.kpis import OUTBOX_AGE as AGE\n\nr(AGE, 1)",
        "from obskit import record\nfrom obskit.kpis import *\n\nrecord(OUTBOX_AGE, 1)",
        "from obskit import metrics\nfrom obskit import kpis\n\nmetrics.record(kpis.OUTBOX_AGE, 1)",
        "import obskit.metrics\nfrom obskit import kpis\n\nobskit.metrics.timer(kpis.OUTBOX_AGE)",
        "import obskit\ndef f():\n  from obskit import kpis\n  with obskit.timer(kpis.OUTBOX_AGE): pass",
        "import obskit\nfrom obskit import kpis\n\n@obskit.timer(kpis.OUTBOX_AGE)\ndef f(): pass",
        "import obskit\nfrom obskit import kpis\nAGE = kpis.OUTBOX_AGE\nobskit.record(AGE, 1)",
        "import obskit\nfrom obskit import kpis\nAGE: object = kpis.OUTBOX_AGE; B = AGE\nobskit.record(B, 1)",
        "from obskit import kpis, record\nr = record\n\nr(kpis.OUTBOX_AGE, 1)",
        "from obskit import kpis, record\nby = {'age': kpis.OUTBOX_AGE}\n\nrecord(by[name], 1)",
        "from obskit import kpis, record\nfor one in (kpis.OUTBOX_AGE,):\n  pass\n  record(one, 1)",
        "metrics = object()\n\n\nmetrics.add_metric(name='OutboxAge', unit='Seconds', value=1)",
        "metrics = object()\n\n\nmetrics.add_metric('OutboxAge', 'Seconds', 1)",
    ],
)
def test_every_way_to_record(code: str):
    found = read(code)

    assert list(found.emitted) == ["OutboxAge"]
    assert found.emitted["OutboxAge"][-1] in (3, 4)
    assert found.problems == []


def test_names_are_followed_in_whatever_order_they_are_given():
    code = "from obskit import kpis, record\ndef f(): record(C, 1)\nC = B\nB = AGE\nAGE = kpis.OUTBOX_AGE\n"

    assert read(code).emitted == {"OutboxAge": [2]}


def test_each_place_is_told():
    code = "import obskit\nfrom obskit import kpis\n" + "if x:\n  obskit.record(kpis.OUTBOX_AGE, 1)\n" * 2
    code += "obskit.record(kpis.OUTBOX_AGE if x else kpis.SEARCH_LATENCY, 1)\n"

    assert read(code).emitted == {"OutboxAge": [4, 6, 7], "SearchLatency": [7]}


@pytest.mark.parametrize(
    ("code", "package"),
    [
        ("from obskit import record\nfrom . import signals\nrecord(signals.SOLD, 1)", "shop"),
        ("from obskit import record\nfrom .signals import SOLD\nrecord(SOLD, 1)", "src.shop"),
        ("from obskit import record\nfrom .. import signals\nrecord(signals.SOLD, 1)", "shop.till"),
        ("from obskit import record\nfrom shop import signals as s\nrecord(s.SOLD, 1)", "functions"),
        ("from obskit import record\nimport signals\nrecord(signals.SOLD, 1)", "shop"),
        ("from obskit import record\nfrom signals import SOLD\nrecord(SOLD, 1)", "shop"),
    ],
)
def test_a_teams_own_catalog_is_found_from_where_the_file_is(code: str, package: str):
    assert read(code, package).emitted == {"Sold": [3]}


@pytest.mark.parametrize(
    "code",
    [
        "from obskit import kpis\nkpis.OUTBOX_AGE",
        "from obskit import kpis\nprint(kpis.OUTBOX_AGE)",
        "from other import record, kpis\nrecord(kpis.OUTBOX_AGE, 1)",
        "import obskit\nobskit.logger.info('obskit.record(kpis.OUTBOX_AGE)')",
        "from other import *\nfrom obskit import record\nrecord(OUTBOX_AGE, 1)",
        "metrics.add_metric(name='Else', value=1)",
        "metrics.add_metric(name=name, value=1)",
        "",
    ],
)
def test_what_is_only_named_is_not_recorded(code: str):
    assert read(code).emitted == {}


@pytest.mark.parametrize(
    "call",
    [
        "def count(metric):\n  obskit.record(metric, 1)\ncount(kpis.OUTBOX_AGE)",
        "class A:\n  def f(self):\n    obskit.record(self.metric, 1)\nA(kpis.OUTBOX_AGE)",
        "obskit.record(*args)\nargs = [kpis.OUTBOX_AGE]",
        "functools.partial(obskit.record, kpis.OUTBOX_AGE)",
        "later(obskit.record, kpis.OUTBOX_AGE)",
    ],
)
def test_where_the_metric_is_not_written_out_each_that_is_named_counts(call: str):
    found = read("import obskit\nfrom obskit import kpis\n" + call)
    emissions.together([found])

    assert list(found.emitted) == ["OutboxAge"]


def test_files_of_a_folder_pass_metrics_on_to_each_other():
    """One asks, another records what it is given: what the first names is recorded."""
    asks = read("from obskit import kpis\nfound = [(kpis.OUTBOX_AGE, 1)]")
    records = read("from obskit import record\ndef report(found):\n  for metric, value in found: record(metric, value)")
    emissions.together([asks])
    assert asks.emitted == {}

    emissions.together([asks, records])
    assert (asks.emitted, records.emitted) == ({"OutboxAge": [2]}, {})


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("obskit.record(kpis.OUTBOX_AG, 1)", "'obskit.kpis' declares no 'OUTBOX_AG'. Did you mean 'OUTBOX_AGE'?"),
        (
            "obskit.record(kpis.SEARCH_LATENCY, 1, indx='a')",
            "metric 'SearchLatency' declares index; it has no 'indx'. Did you mean 'index'?",
        ),
        (
            "obskit.timer(kpis.OUTBOX_AGE, index='a')",
            "metric 'OutboxAge' declares no dimension beside service and env; it has no 'index'.",
        ),
        (
            "obskit.record(signals.SOLD, 1, size='larg', shop='any')",
            "dimension 'size' of 'Sold' has no value 'larg'; it would be written as 'other'. Did you mean 'large'?",
        ),
    ],
)
def test_what_the_catalog_does_not_have_is_told_before_it_runs(call: str, problem: str):
    assert read(f"import obskit\nfrom obskit import kpis\nfrom shop import signals\n\n{call}").problems == [
        (5, problem)
    ]


@pytest.mark.parametrize(
    "call",
    [
        "obskit.record(kpis.SEARCH_LATENCY, 1, **dimensions)",
        "obskit.record(signals.SOLD, 1, size=size, shop='any')",
        "obskit.record(signals.SOLD, 1, size='small')",
    ],
)
def test_what_cannot_be_known_is_no_problem(call: str):
    assert read(f"import obskit\nfrom obskit import kpis\nfrom shop import signals\n{call}").problems == []


HERE = "by position; here it raises TypeError"


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("import obskit\nobskit.logger.info(to=1)", f"logger.info needs a message {HERE}"),
        ("from obskit import logger\nlogger.exception()", f"logger.exception needs a message {HERE}"),
        ("import obskit as o\nL = o.get_logger('a'); L.error(msg=1)", f"logger.error needs a message {HERE}"),
        ("from obskit import logger as L\nL.log('no level')", f"logger.log needs a level and a message {HERE}"),
        ("from obskit import logger\nlogger.warn('a')", "a logger has no 'warn'. Did you mean 'warning'?"),
    ],
)
def test_a_line_that_would_raise_is_told_before_it_runs(code: str, problem: str):
    assert read(code).problems == [(2, problem)]


@pytest.mark.parametrize(
    "code",
    [
        "logger.info('paid', order=1)\nlogger.log('INFO', 'paid')\nlogger.info('to %s', 1)",
        "logger.info(*words)",
        "def f(logger): logger.info('to %s', 1)",
        "import logging\nlogger = logging.getLogger()\nlogger.info('to %s', 1)",
        "import logging\nwith logging.getLogger() as logger: logger.info('to %s', 1)",
    ],
)
def test_what_is_right_or_may_be_another_logger_is_no_problem(code: str):
    assert read(f"from obskit import logger\n{code}").problems == []


def test_the_methods_of_a_logger_are_known():
    assert set(emissions.METHODS) == {name for name in vars(Logger) if not name.startswith("_")}


@pytest.mark.parametrize("source", [b"def", b"\xff", b"a\0b", b"(" * 5000, b"-" * 100_000 + b"1"])
def test_what_is_not_python_is_a_problem_with_a_line(source: bytes):
    ((line, words),) = emissions.read(source, "", NAMES).problems

    assert line == 1
    assert words.startswith("not Python")
