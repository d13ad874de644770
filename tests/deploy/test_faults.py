"""Faults in, clear words out: all of them at once, each once, with file, line and the nearest right name."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from obskit.deploy.check import check
from tests.command import obskit, tree
from tests.parts import ROOT

Spoil = Callable[[str, str, str], Path]

SPOILT = """\
from obskit import kpis
from obskit.deploy import aws
from obskit.deploy.specs import Dashboard, Graph, Logs, Section, Series

COLOR = kpis.SEARCH_LATENC
API = aws.appsync("{graphql_api}")

BOARD = Dashboard("checkout", "Checkout", (Section("S", ((
    Graph("A", (kpis.CHECKOUT_FAILURE,)),
    Graph("B", (Series(API.latency.p95, color="red"),)),
    Logs("C", ("/aws/lambda/x",), "filds a"),
),)),))
NEXT = Dashboard("Next", "Next", ())
USES = COLOR
LAST = API.latncy
"""


def test_a_file_goes_on_after_a_mistake(shop: Path):
    """Each statement and each widget is tried; what only follows from a mistake before is no second one."""
    (shop / "dashboards/checkout.py").write_text(SPOILT)

    code, stdout, stderr = obskit("-C", shop, "render", "--all")

    assert (1, "nothing rendered; 6 errors, 0 warnings\n") == (code, stdout)
    assert [
        (
            "dashboards/checkout.py:5: error: module 'obskit.kpis' has no attribute 'SEARCH_LATENC'. Did you mean"
            " 'SEARCH_LATENCY'? [definition]"
        ),
        (
            "dashboards/checkout.py:9: error: Graph 'A' has Metric('CheckoutFailure', 'Count'); name a statistic of a"
            " metric, e.g. kpis.SEARCH_LATENCY.p95 [definition]"
        ),
        (
            "dashboards/checkout.py:10: error: Series 'Latency': color 'red' is not six hex digits such as #d13212"
            " [definition]"
        ),
        (
            "dashboards/checkout.py:11: error: Logs 'C': a step of a query begins with a command, not 'filds'. Did you"
            " mean 'fields'? [definition]"
        ),
        (
            "dashboards/checkout.py:13: error: Dashboard 'Next': a name is lower-case words joined by '-', each"
            " beginning with a letter [definition]"
        ),
        (
            "dashboards/checkout.py:15: error: AWS/AppSync publishes no metric 'latncy'. Did you mean 'latency'?"
            " [definition]"
        ),
    ] == stderr.splitlines()


def test_one_fault_is_told_once_and_not_for_each_environment(shop: Path, spoil: Spoil):
    """A missing id with the environments that lack it; a broken rule with the first file it was seen in."""
    spoil("dashboards/checkout.py", "from obskit import kpis", "from obskit import kpis\nfrom obskit.deploy import aws")
    spoil("dashboards/checkout.py", "kpis.CHECKOUT_FAILURE.sum,", 'aws.sqs("{queue}").number_of_messages_sent,')

    told = [str(problem) for problem in check(shop) if problem.rule == "placeholder"]

    words = "known: env, project, region; ids are set in [environments.NAME.ids]."
    file = "dashboards/checkout.py"
    assert [
        f"{file}: error: dashboard 'checkout': '{{queue}}' stands for nothing; {words} (dev) [placeholder]",
        (
            f"{file}: error: dashboard 'checkout': '{{queue}}' stands for nothing;"
            f" {words.replace('env,', 'env, graphql_api,')} (prod) [placeholder]"
        ),
    ] == told

    spoil("dashboards/checkout.py", '"{queue}"', '"{qeue}"')
    spoil("obskit.toml", 'ids = { graphql_api = "abc" }', "")
    told = [str(problem) for problem in check(shop) if problem.rule == "placeholder"]
    assert [
        f"{file}: error: dashboard 'checkout': '{{qeue}}' stands for nothing; {words} (dev, prod) [placeholder]"
    ] == told


def test_a_name_that_stands_for_nothing_is_told_with_the_alarms_file(shop: Path, spoil: Spoil):
    spoil("alarms/checkout.py", "import Alarm", "import Alarm, AwsMetric")
    watched = 'AwsMetric("AWS/SQS", "NumberOfMessagesSent", {"QueueName": "{qeue}"}, "Sum")'
    spoil("alarms/checkout.py", "kpis.CHECKOUT_FAILURE.sum,", f'{watched}, service="orders",')

    assert {("alarms/checkout.py", "alarm 'failures': '{qeue}' stands for nothing")} == {
        (problem.place, problem.message.partition(";")[0]) for problem in check(shop) if problem.rule == "placeholder"
    }


def test_a_broken_rule_is_told_once(shop: Path, spoil: Spoil):
    spoil("dashboards/checkout.py", 'AlarmList("Alarms")', 'AlarmList("Alarms", width=25)')

    told = [str(problem) for problem in check(shop) if problem.rule == "range"]

    place = "dashboards/rendered/dev/checkout.json/widgets/2/width"
    assert [f"{place}: error: Should be <= 24 (dashboard 'checkout', widget 'Alarms') [range]"] == told


def test_a_disk_that_fails_half_way_leaves_every_good_file(shop: Path, spoil: Spoil, monkeypatch: pytest.MonkeyPatch):
    """All is written beside and then renamed; what was beside is gone again."""
    shutil.copytree(ROOT / "alarms/runbooks", shop / "alarms/runbooks")
    assert 0 == obskit("-C", shop, "render", "--all")[0]
    before = tree(shop)
    spoil("alarms/checkout.py", "at_least=3", "at_least=4")
    written: list[Path] = []
    real = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if len(written) == 2:
            real(path, content[:10])
            raise OSError(28, "No space left on device")
        written.append(path)
        return real(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)

    code, _, said = obskit("-C", shop, "render", "--all")

    assert (1, True) == (code, said.endswith(": No space left on device\n"))
    assert 2 == len(written)
    assert before == tree(shop)
    assert [] == list(shop.rglob("*.tmp"))


def test_the_project_that_a_newcomer_starts_with_is_sound(tmp_path: Path):
    """What is printed where there is no obskit.toml, before there is any folder."""
    from obskit.cli.options import START

    (tmp_path / "obskit.toml").write_text(START)

    assert (0, "0 errors, 0 warnings\n", "") == obskit("-C", tmp_path, "check")
    assert 0 == obskit("-C", tmp_path, "render", "--all")[0]
