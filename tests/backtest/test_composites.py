"""Rules of composite alarms: how they are read, when they hold, and what they are once alarms change."""

import pytest

from obskit.backtest.alarms import COMPOSITE_TYPE, AlarmError, CompositeAlarm, read
from obskit.backtest.composites import holds, named, parse
from obskit.backtest.expressions import ExpressionError
from obskit.backtest.metric_alarms import Timeline, Transition
from obskit.backtest.replay import composite, in_order
from tests.backtest.conftest import alarm

STATES = {"a": "ALARM", "b": "OK", "c": "INSUFFICIENT_DATA", "d": "ALARM", "with space": "ALARM", 'q"': "ALARM"}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("ALARM(a)", True),
        ('ALARM("b")', False),
        ("OK(b) AND INSUFFICIENT_DATA(c)", True),
        ("NOT ALARM(a)", False),
        ("NOT (ALARM(a) AND ALARM(b))", True),
        ("ALARM(b) OR ALARM(a) AND ALARM(b)", False),
        ("ALARM(a) OR ALARM(b) AND FALSE", True),
        ("(ALARM(a) OR ALARM(b)) AND FALSE", False),
        ("TRUE", True),
        ('ALARM("with space")', True),
        ('ALARM("q\\"")', True),
        ('ALARM("arn:aws:cloudwatch:us-east-1:111122223333:alarm:a")', True),
        ("ALARM(arn:aws:cloudwatch:us-east-1:111122223333:alarm:b)", False),
        # CloudWatch user guide, "Composite alarms", read 2026-11-24.
        ("AT_LEAST(2, ALARM, (a, b, c, d))", True),
        ("AT_LEAST(3, ALARM, (a, b, c, d))", False),
        ("AT_LEAST(50%, ALARM, (a, b, c, d))", True),
        ("AT_LEAST(51%, ALARM, (a, b, c, d))", False),
        ('AT_LEAST("50%", NOT OK, (a, b))', True),
        ("AT_LEAST(2, ALARM, (a, b, d)) AND NOT ALARM(c)", True),
    ],
)
def test_a_rule_holds(rule, expected):
    assert expected == holds(parse(rule), STATES)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("", "AlarmRule '': expected OK, ALARM, INSUFFICIENT_DATA, AT_LEAST, NOT, TRUE, FALSE or '(', found the end"),
        ("ALARM(a) b", "AlarmRule 'ALARM(a) b': expected an operator or the end, found 'b'"),
        ("ALARM(a", "AlarmRule 'ALARM(a': expected ')', found the end"),
        ("ALARM()", "AlarmRule 'ALARM()': expected the name of an alarm, found ')'"),
        ('ALARM("a', "AlarmRule 'ALARM(\"a': a quoted name does not end"),
        ("AT_LEAST(x, ALARM, (a))", "a number or a percentage after AT_LEAST("),
        ("AT_LEAST(1, FIRING, (a))", "expected one of OK, ALARM, INSUFFICIENT_DATA, found 'FIRING'"),
    ],
)
def test_what_is_no_rule_is_said(rule, words):
    with pytest.raises(ExpressionError) as raised:
        parse(rule)

    assert words in str(raised.value)


def test_which_alarms_speak_for_a_rule():
    rule = "ALARM(a) AND NOT (OK(b) OR ALARM(c)) OR AT_LEAST(1, NOT OK, (d))"

    assert [("a", True), ("b", True), ("c", False), ("d", True)] == list(named(parse(rule)))


def composed(rule: str, **more: object) -> CompositeAlarm:
    found = read("both", COMPOSITE_TYPE, {"AlarmRule": rule, "AlarmActions": ["x"], **more})
    assert isinstance(found, CompositeAlarm)
    return found


def line(name: str, *changes: tuple[int, str], start: int = 0, end: int = 100) -> Timeline:
    return Timeline(name, start, end, tuple(Transition(time, state, "") for time, state in changes))


def test_it_changes_when_an_alarm_of_its_rule_does():
    found = {"a": line("a", (1, "OK"), (10, "ALARM"), (30, "OK")), "b": line("b", (1, "OK"), (20, "ALARM"))}

    changes = composite(composed("ALARM(a) AND ALARM(b)"), found).transitions

    assert [(0, "OK", "first evaluation"), (20, "ALARM", "b is ALARM"), (30, "OK", "a is OK")] == list(changes)


def test_two_that_change_places_at_once_do_not_make_it_blink():
    found = {"a": line("a", (0, "ALARM"), (10, "OK")), "b": line("b", (0, "OK"), (10, "ALARM"))}

    assert [(0, "ALARM")] == [(time, state) for time, state, _ in composite(composed("ALARM(a) OR ALARM(b)"), found)[3]]


def test_it_waits_for_its_suppressor():
    found = {"a": line("a", (10, "ALARM"), (50, "OK")), "stop": line("stop", (12, "ALARM"), (20, "OK"))}
    suppressed = composed(
        "ALARM(a)", ActionsSuppressor="stop", ActionsSuppressorWaitPeriod=5, ActionsSuppressorExtensionPeriod=7
    )

    assert ((5, "OK"), (27, "ALARM"), (55, "OK")) == composite(suppressed, found).actions
    assert ("its suppressor 'stop' is not here: it was taken to be OK",) == composite(
        suppressed, {"a": found["a"]}
    ).notes


def test_rules_are_followed_in_order_and_circles_refused():
    alarms = {"top": composed("ALARM(both)"), "both": composed("ALARM(errors)"), "errors": alarm()}

    assert (["errors", "both", "top"], []) == in_order(alarms)
    assert (["errors"], ["top: its rule depends on itself, through top, both"]) == in_order(
        {**alarms, "both": composed("ALARM(top)")}
    )
    assert (["errors"], ["both: its rule names 'error', which is not here. Did you mean 'errors'?"]) == in_order(
        {**alarms, "both": composed("ALARM(error)")}
    )


def test_references_of_cloudformation_are_names():
    rule = {"Fn::Join": ["", ["ALARM(", {"Ref": "A"}, ") OR ALARM(", {"Fn::GetAtt": ["B", "Arn"]}, ")"]]}
    names = {"A": "a", "B": "b"}

    joined = read("both", COMPOSITE_TYPE, {"AlarmRule": rule}, names)
    written = read("both", COMPOSITE_TYPE, {"AlarmRule": {"Fn::Sub": "ALARM(${A}) OR ALARM(${B.Arn})"}}, names)

    assert isinstance(joined, CompositeAlarm)
    assert isinstance(written, CompositeAlarm)
    assert parse("ALARM(a) OR ALARM(b)") == joined.rule == written.rule
    with pytest.raises(AlarmError, match="only CloudFormation knows what"):
        read("both", COMPOSITE_TYPE, {"AlarmRule": {"Fn::ImportValue": "x"}}, names)
